/* SPDX-License-Identifier: Apache-2.0 */
/* Members are written in the order that canonical JSON sorts them into; texts have nothing in them
 * that JSON would escape. */
#include "lib/tuf/author.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/hex.h"
#include "lib/crypto/document_key.h"

#define SPECIFICATION "1.0.33"

/* ---- small things ---- */

static bool plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\') return false;
    return true;
}

static void write_expires(struct json_out *j, int64_t expires_ms)
{
    char text[TUF_EXPIRES_TEXT];
    struct civil c = civil_from_ms(expires_ms);
    struct writer w = writer_over(text, sizeof text);
    write_format(&w, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                 c.second);
    ENSURE(w.fault == ERR_OK);
    json_member_text(j, "expires", writer_view(&w));
}

static void write_member_hex(struct json_out *j, const char *name, struct bytes raw)
{
    char text[2 * TUF_SHA512_BYTES];
    struct writer w = writer_over(text, sizeof text);
    write_hex(&w, raw);
    ENSURE(w.fault == ERR_OK);
    json_member_text(j, name, writer_view(&w));
}

/* ---- keys and roles ---- */

err tuf_author_key_read(struct bytes public_hex, struct tuf_author_key *ret_key)
{
    struct tuf_author_key made;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    CLEANUP(document_key_free) struct document_key key = {0};
    if (FAILED(document_key_read_public(DOCUMENT_ED25519, public_hex, &key))) return ERR(FORMAT);
    struct writer w = writer_over(made.public_hex, sizeof made.public_hex - 1);
    TRY(document_key_write_public(&key, &w)); /* one spelling */
    made.public_hex[w.len] = '\0';
    crypto_sha256(writer_view(&w), digest);
    w = writer_over(made.id, sizeof made.id - 1);
    write_hex(&w, BYTES_OF(digest));
    made.id[w.len] = '\0';
    *ret_key = made;
    return OK;
}

const struct tuf_author_key *tuf_author_role_find(const struct tuf_author_role *role,
                                                  const char *id)
{
    for (size_t i = 0; i < role->count; i++)
        if (strcmp(role->key[i].id, id) == 0) return &role->key[i];
    return NULL;
}

err tuf_author_role_add(struct tuf_author_role *role, const struct tuf_author_key *key)
{
    if (tuf_author_role_find(role, key->id) != NULL) return ERR(EXISTS);
    if (role->count == TUF_AUTHOR_KEYS) return ERR(FULL);
    role->key[role->count++] = *key;
    return OK;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct tuf_author_key *)a)->id, ((const struct tuf_author_key *)b)->id);
}

/* Every key of these roles once, sorted by name, as a member "keys". */
static void write_keys(struct json_out *j, const struct tuf_author_role *roles, size_t count)
{
    struct tuf_author_key all[TUF_TYPES * TUF_AUTHOR_KEYS];
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < roles[i].count; k++) all[len++] = roles[i].key[k];
    qsort(all, len, sizeof all[0], compare_keys);
    json_member_object(j, "keys");
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && compare_keys(&all[i], &all[i - 1]) == 0) continue;
        json_member_object(j, all[i].id);
        json_member_string(j, "keytype", "ed25519");
        json_member_object(j, "keyval");
        json_member_string(j, "public", all[i].public_hex);
        json_object_end(j);
        json_member_string(j, "scheme", "ed25519");
        json_object_end(j);
    }
    json_object_end(j);
}

static void write_keyids(struct json_out *j, const struct tuf_author_role *role)
{
    json_member_array(j, "keyids");
    for (size_t i = 0; i < role->count; i++) json_element_text(j, bytes_text(role->key[i].id));
    json_array_end(j);
}

static bool can_sign(const struct tuf_author_role *role)
{
    return role->threshold >= 1 && (size_t)role->threshold <= role->count;
}

/* ---- files ---- */

const struct tuf_author_file *tuf_author_targets_find(const struct tuf_author_targets *targets,
                                                      const char *path)
{
    for (size_t i = 0; i < targets->count; i++)
        if (strcmp(targets->file[i].path, path) == 0) return &targets->file[i];
    return NULL;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct tuf_author_file *)a)->path,
                  ((const struct tuf_author_file *)b)->path);
}

err tuf_author_targets_set(struct tuf_author_targets *targets, const struct tuf_author_file *file)
{
    size_t i = 0;
    while (i < targets->count && strcmp(targets->file[i].path, file->path) != 0) i++;
    if (i == TUF_AUTHOR_FILES) return ERR(FULL);
    targets->file[i] = *file;
    if (i == targets->count) targets->count++;
    qsort(targets->file, targets->count, sizeof targets->file[0], compare_files);
    return OK;
}

err tuf_author_targets_remove(struct tuf_author_targets *targets, const char *path)
{
    const struct tuf_author_file *file = tuf_author_targets_find(targets, path);
    if (file == NULL) return ERR(NOT_FOUND);
    size_t at = (size_t)(file - targets->file);
    targets->count--;
    memmove(&targets->file[at], &targets->file[at + 1],
            (targets->count - at) * sizeof targets->file[0]);
    return OK;
}

/* A file as a member of its path. */
static void write_file(struct json_out *j, const struct tuf_author_file *file)
{
    json_member_object(j, file->path);
    if (file->custom[0] != '\0') json_member_raw(j, "custom", bytes_text(file->custom));
    json_member_object(j, "hashes");
    write_member_hex(j, "sha256", BYTES_OF(file->sha256));
    json_object_end(j);
    json_member_int(j, "length", file->length);
    json_object_end(j);
}

/* ---- reading back ---- */

static err read_role(struct tuf_role from, struct tuf_author_role *ret_role)
{
    struct tuf_author_role role = {.threshold = from.threshold};
    for (size_t i = 0; i < from.keyid_count; i++) {
        struct bytes id, text;
        char name[TUF_KEYID_BYTES + 1];
        struct json_t *key = NULL, *value = NULL;
        struct tuf_author_key read;
        TRY(json_value_text(json_at(from.keyids, i), TUF_KEYID_BYTES, &id));
        TRY(bytes_to_text(id, name, sizeof name));
        TRY(json_member(from.keys, name, &key));
        TRY(json_member(key, "keyval", &value));
        TRY(json_text(value, "public", TUF_KEY_BYTES, &text));
        TRY(tuf_author_key_read(text, &read));
        if (strcmp(read.id, name) != 0) return ERR(FORMAT);
        TRY(tuf_author_role_add(&role, &read));
    }
    *ret_role = role;
    return OK;
}

err tuf_author_root_read(const struct tuf_metadata *root, struct tuf_author_root *ret)
{
    struct tuf_author_root read = {.version = root->version, .expires_ms = root->expires_ms};
    for (enum tuf_type type = 0; type < TUF_TYPES; type++)
        TRY(read_role(tuf_root_role(root, type), &read.role[type]));
    *ret = read;
    return OK;
}

static err read_file(const char *path, const struct json_t *entry, struct tuf_author_file *ret)
{
    struct tuf_author_file file = {.length = 0};
    struct json_t *hashes = NULL, *custom = NULL;
    struct bytes text;
    size_t len = 0;
    TRY(bytes_to_text(bytes_text(path), file.path, sizeof file.path));
    TRY(json_int(entry, "length", 0, INT64_MAX, &file.length));
    TRY(json_member(entry, "hashes", &hashes));
    TRY(json_text(hashes, "sha256", sizeof file.sha256 * 2, &text));
    TRY(hex_decode(text, file.sha256, sizeof file.sha256, &len));
    if (len != sizeof file.sha256) return ERR(FORMAT);
    if (!FAILED(json_member(entry, "custom", &custom))) {
        struct writer w = writer_over(file.custom, sizeof file.custom - 1);
        TRY(json_canonical_write(custom, &w));
        TRY((err){w.fault});
    }
    *ret = file;
    return OK;
}

/* The first delegation is the director's, or there is none. */
static err read_director(const struct tuf_metadata *targets, struct tuf_author_role *ret_role)
{
    struct json_t *owner = NULL, *list = NULL, *keys = NULL, *keyids = NULL;
    struct tuf_role role = {0};
    size_t count = 0;
    if (!json_has(targets->body, "delegations")) return OK;
    TRY(json_member(targets->body, "delegations", &owner));
    TRY(json_list(owner, "roles", 1, &list, &count));
    if (count != 1) return ERR(FORMAT);
    const struct json_t *first = json_at(list, 0);
    TRY(json_member(owner, "keys", &keys));
    TRY(json_list(first, "keyids", TUF_AUTHOR_KEYS, &keyids, &role.keyid_count));
    role.keys = keys;
    role.keyids = keyids;
    TRY(json_int(first, "threshold", 1, TUF_AUTHOR_KEYS, &role.threshold));
    return read_role(role, ret_role);
}

err tuf_author_targets_read(const struct tuf_metadata *targets, struct tuf_author_targets *ret)
{
    struct json_t *list = NULL, *entry = NULL;
    const char *path = NULL;
    void *cursor = NULL;
    ret->version = targets->version;
    ret->expires_ms = targets->expires_ms;
    ret->count = 0;
    ret->director = (struct tuf_author_role){.count = 0};
    TRY(json_member(targets->body, "targets", &list));
    while (json_next(list, &cursor, &path, &entry)) {
        struct tuf_author_file file;
        TRY(read_file(path, entry, &file));
        TRY(tuf_author_targets_set(ret, &file));
    }
    return read_director(targets, &ret->director);
}

/* ---- documents ---- */

err tuf_author_root_write(const struct tuf_author_root *root, struct writer *w)
{
    /* In the order of their names. */
    static const enum tuf_type order[] = {TUF_ROOT, TUF_SNAPSHOT, TUF_TARGETS, TUF_TIMESTAMP};
    if (root->version < 1) return ERR(RANGE);
    for (enum tuf_type type = 0; type < TUF_TYPES; type++)
        if (!can_sign(&root->role[type])) return ERR(RANGE);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "_type", "root");
    json_member_bool(&j, "consistent_snapshot", true);
    write_expires(&j, root->expires_ms);
    write_keys(&j, root->role, TUF_TYPES);
    json_member_object(&j, "roles");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        json_member_object(&j, tuf_type_name(order[i]));
        write_keyids(&j, &root->role[order[i]]);
        json_member_int(&j, "threshold", root->role[order[i]].threshold);
        json_object_end(&j);
    }
    json_object_end(&j);
    json_member_string(&j, "spec_version", SPECIFICATION);
    json_member_int(&j, "version", root->version);
    json_object_end(&j);
    return (err){w->fault};
}

/* A role that is named and hands on no path: its keys sign assignments (assignment.h). */
static void write_director(struct json_out *j, const struct tuf_author_role *director)
{
    json_member_object(j, "delegations");
    write_keys(j, director, 1);
    json_member_array(j, "roles");
    json_object_begin(j);
    write_keyids(j, director);
    json_member_string(j, "name", "director");
    json_member_array(j, "paths");
    json_array_end(j);
    json_member_bool(j, "terminating", false);
    json_member_int(j, "threshold", director->threshold);
    json_object_end(j);
    json_array_end(j);
    json_object_end(j);
}

err tuf_author_targets_write(const struct tuf_author_targets *targets, struct writer *w)
{
    const struct tuf_author_role *director = &targets->director;
    if (targets->version < 1 || (director->count > 0 && !can_sign(director))) return ERR(RANGE);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "_type", "targets");
    if (director->count > 0) write_director(&j, director);
    write_expires(&j, targets->expires_ms);
    json_member_string(&j, "spec_version", SPECIFICATION);
    json_member_object(&j, "targets");
    for (size_t i = 0; i < targets->count; i++) {
        if (!plain(targets->file[i].path)) return ERR(FORMAT);
        write_file(&j, &targets->file[i]);
    }
    json_object_end(&j);
    json_member_int(&j, "version", targets->version);
    json_object_end(&j);
    return (err){w->fault};
}

/* Snapshot and timestamp: one entry each. */
static err write_meta(const char *type, const char *about, int64_t version, int64_t expires_ms,
                      const struct tuf_author_entry *entry, struct writer *w)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    if (version < 1 || entry->version < 1) return ERR(RANGE);
    crypto_sha256(entry->text, digest);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "_type", type);
    write_expires(&j, expires_ms);
    json_member_object(&j, "meta");
    json_member_object(&j, about);
    json_member_object(&j, "hashes");
    write_member_hex(&j, "sha256", BYTES_OF(digest));
    json_object_end(&j);
    json_member_int(&j, "length", (int64_t)entry->text.len);
    json_member_int(&j, "version", entry->version);
    json_object_end(&j);
    json_object_end(&j);
    json_member_string(&j, "spec_version", SPECIFICATION);
    json_member_int(&j, "version", version);
    json_object_end(&j);
    return (err){w->fault};
}

err tuf_author_snapshot_write(int64_t version, int64_t expires_ms,
                              const struct tuf_author_entry *targets, struct writer *w)
{
    return write_meta("snapshot", "targets.json", version, expires_ms, targets, w);
}

err tuf_author_timestamp_write(int64_t version, int64_t expires_ms,
                               const struct tuf_author_entry *snapshot, struct writer *w)
{
    return write_meta("timestamp", "snapshot.json", version, expires_ms, snapshot, w);
}

err tuf_author_assignment_write(const struct tuf_author_assignment *assignment, struct writer *w)
{
    if (assignment->number < 1) return ERR(RANGE);
    if (!plain(assignment->serial) || !plain(assignment->file->path)) return ERR(FORMAT);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "_type", "targets");
    json_member_object(&j, "assignment");
    json_member_string(&j, "serial", assignment->serial);
    json_object_end(&j);
    write_expires(&j, assignment->expires_ms);
    json_member_string(&j, "spec_version", SPECIFICATION);
    json_member_object(&j, "targets");
    write_file(&j, assignment->file);
    json_object_end(&j);
    json_member_int(&j, "version", assignment->number);
    json_object_end(&j);
    return (err){w->fault};
}

/* ---- signatures ---- */

err tuf_author_envelope(struct bytes signed_text, const struct tuf_author_signature *signatures,
                        size_t count, struct writer *w)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_array(&j, "signatures");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&j);
        json_member_string(&j, "keyid", signatures[i].id);
        write_member_hex(&j, "sig", BYTES_OF(signatures[i].at));
        json_object_end(&j);
    }
    json_array_end(&j);
    json_member_raw(&j, "signed", signed_text);
    json_object_end(&j);
    return (err){w->fault};
}

static err read_signature(const struct json_t *row, struct tuf_author_signature *ret)
{
    struct bytes text;
    size_t len = 0;
    TRY(json_text_copy(row, "keyid", ret->id, sizeof ret->id));
    TRY(json_text(row, "sig", 2 * sizeof ret->at, &text));
    TRY(hex_decode(text, ret->at, sizeof ret->at, &len));
    return len == sizeof ret->at ? OK : ERR(FORMAT);
}

err tuf_author_open(struct bytes text, struct writer *ret_signed,
                    struct tuf_author_signature *signatures, size_t max, size_t *ret_count)
{
    struct json_t *list = NULL, *body = NULL;
    size_t count = 0;
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(text, TUF_AUTHOR_TEXT, &document));
    TRY(json_list(document.root, "signatures", TUF_SIGNATURES_MAX, &list, &count));
    TRY(json_member(document.root, "signed", &body));
    if (count > max) return ERR(FULL);
    for (size_t i = 0; i < count; i++) TRY(read_signature(json_at(list, i), &signatures[i]));
    TRY(json_canonical_write(body, ret_signed));
    *ret_count = count;
    return (err){ret_signed->fault};
}
