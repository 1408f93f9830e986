/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect backup`: the head of a device's backup in words, whether all of it is there, and
 * with the acquirer's certificate whether a device of his has signed it. What is in the pieces
 * needs a key, which has no place here: a restore opens them, in a vault.
 */
#include "cli/inspect.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/crypto/backup_seal.h"
#include "lib/crypto/identity.h"
#include "lib/wire/backup_bundle.h"

struct found {
    struct backup_head head;
    unsigned pieces;
    struct bytes before_tail, signature;
};

/* Every part in its place up to the tail. The err of the first that is not; *ret_at: where. */
static err walk(struct bytes input, struct found *found, size_t *ret_at)
{
    struct bytes left = input;
    struct backup_part part = {.kind = BACKUP_PIECE_PART};
    *ret_at = 0;
    TRY(backup_cut(left, &part));
    if (part.kind != BACKUP_HEAD_PART) return ERR(FORMAT);
    TRY(backup_read_head(part.whole, &found->head));
    while (part.kind != BACKUP_TAIL_PART) {
        left = bytes_of(left.at + part.whole.len, left.len - part.whole.len);
        *ret_at = (size_t)(left.at - input.at);
        TRY(backup_cut(left, &part));
        if (part.kind == BACKUP_HEAD_PART) return ERR(FORMAT);
        if (part.kind == BACKUP_PIECE_PART && part.index != found->pieces++) return ERR(CONFLICT);
    }
    found->before_tail = bytes_of(input.at, *ret_at);
    found->signature = part.content;
    return part.whole.len == left.len ? OK : ERR(TRAILING);
}

static void write_time(struct json_out *j, const char *name, int64_t ms)
{
    char text[40];
    struct civil at = civil_from_ms(ms);
    struct writer w = writer_over(text, sizeof text);
    write_format(&w, "%04d-%02d-%02dT%02d:%02d:%02dZ", at.year, at.month, at.day, at.hour,
                 at.minute, at.second);
    json_member_text(j, name, writer_view(&w));
}

static void write_head(struct json_out *j, const struct backup_head *head)
{
    json_member_int(j, "version", BACKUP_VERSION);
    json_member_int(j, "number", (int64_t)head->number);
    write_time(j, "made", head->made_ms);
    json_member_text(j, "serial", head->serial);
    json_member_text(j, "model", head->model);
    json_member_text(j, "terminal", head->tid);
    json_member_text(j, "merchant_number", head->mid);
    json_member_text(j, "program", head->program);
    json_member_object(j, "contents");
    for (size_t i = 0; i < head->sections; i++) {
        const char *name = backup_section_name(head->section[i].kind);
        json_member_int(j, name == NULL ? "of_a_later_version" : name, head->section[i].rows);
    }
    json_object_end(j);
    json_member_array(j, "opened_by");
    for (size_t i = 0; i < head->wraps; i++) {
        const char *name = backup_wrap_name(head->wrap[i].kind);
        json_element_text(j, bytes_text(name == NULL ? "of_a_later_version" : name));
    }
    json_array_end(j);
}

/* OK, or IDENTITY: no device of this acquirer with that terminal number has signed it. */
static err verify(const struct found *found, struct bytes authority)
{
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES], digest[CRYPTO_SHA256_BYTES];
    const struct backup_head *head = &found->head;
    TRY(identity_describe(head->certificate, name, print));
    if (!bytes_equal(bytes_text(name), head->tid)) return ERR(IDENTITY);
    TRY(identity_verify(authority, head->certificate, IDENTITY_CLIENT, head->made_ms));
    backup_digest(found->before_tail, digest);
    return identity_check(head->certificate, digest, found->signature);
}

int inspect_backup(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    struct found found = {.pieces = 0};
    uint8_t authority[IDENTITY_PEM_MAX];
    size_t at = 0, len = 0;
    err e = walk(input, &found, &at);
    if (FAILED(e))
        return inspect_refuse(o, "this is no whole backup of a device: %s, at byte %zu%s",
                              err_text(e), at,
                              e.code == ERR_SHORT   ? "; copy it again from where it was written"
                              : e.code == ERR_NEWER ? "; take the tongbao of that version"
                                                    : "");
    json_object_begin(j);
    write_head(j, &found.head);
    json_member_int(j, "pieces", found.pieces);
    json_member_int(j, "bytes", (int64_t)input.len);
    if (o->authority == NULL) {
        json_member_string(j, "verified", "no: give the acquirer's certificate with --authority");
        json_object_end(j);
        return INSPECT_DONE;
    }
    e = file_read(o->authority, FILE_PUBLIC, authority, sizeof authority, &len);
    if (FAILED(e))
        return inspect_refuse(o, "the certificate '%s' cannot be read: %s", o->authority,
                              err_text(e));
    e = verify(&found, bytes_of(authority, len));
    if (FAILED(e))
        return inspect_refuse(o, "it is NOT genuine: %s; do not restore it", err_text(e));
    json_member_string(j, "verified", "yes");
    json_object_end(j);
    return INSPECT_DONE;
}
