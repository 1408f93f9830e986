/* SPDX-License-Identifier: Apache-2.0 */
/* A device hands over what it keeps of itself, or asks for it back. */
#include "backoffice/backups/backups.h"

#include "backoffice/backups/backup_keep.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/events/events.h"
#include "lib/auth/backup_signature.h"
#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/wire/backup_source.h"

#include <stdio.h>

/* Why one is not taken; words of the channel. NULL: it is. */
static err refuse(struct device_message *answer, const char *why)
{
    answer->status = DEVICE_REFUSED;
    answer->has = DEVICE_HAS_REASON;
    return bytes_to_text(bytes_text(why), answer->reason, sizeof answer->reason);
}

static void want(struct device_message *answer, int64_t part)
{
    answer->has = DEVICE_HAS_PART;
    answer->part = part;
}

/* ---- all of it is there ---- */

/* The key of the device that serves this terminal number now. */
static bool is_its_key(const struct registry_terminal *terminal,
                       const uint8_t print[BACKUP_SIGNER_PRINT])
{
    char hex[2 * BACKUP_SIGNER_PRINT];
    struct writer w = writer_over(hex, sizeof hex);
    write_hex(&w, bytes_of(print, BACKUP_SIGNER_PRINT));
    return bytes_equal(writer_view(&w), bytes_text(terminal->fingerprint));
}

static const char *judge_head(const struct desk *desk, const struct registry_terminal *terminal,
                              const struct backup_head *head)
{
    if (!bytes_equal(head->tid, bytes_text(terminal->tid)) ||
        !bytes_equal(head->mid, bytes_text(terminal->mid)))
        return "other_terminal";
    if (!bytes_equal(head->serial, bytes_text(terminal->serial))) return "other_device";
    bool soon = head->made_ms > desk_now_ms(desk) + DAY_MS;
    bool counted = head->number >= 1 && head->number <= INT64_MAX;
    return soon || !counted ? "format" : NULL;
}

/* What the store says stays an err; what the bundle is becomes a word. */
static err judge(struct desk *desk, const struct registry_terminal *terminal,
                 const struct backup_upload *upload, struct backup_outline *outline,
                 const char **ret_why)
{
    struct backup_pieces_source pieces = {desk->config.store, terminal->tid};
    const struct backup_source source = {backup_pieces_read, &pieces};
    uint8_t digest[BACKUP_DIGEST_BYTES], print[BACKUP_SIGNER_PRINT];
    uint64_t len = 0;
    TRY(backup_source_digest(&source, digest, &len));
    *ret_why = "digest";
    if ((int64_t)len != upload->bytes || memcmp(digest, upload->digest, sizeof digest) != 0)
        return OK;
    *ret_why = "format";
    err looked = backup_source_outline(&source, outline);
    if (looked.code == ERR_NEWER) *ret_why = "newer";
    if (FAILED(looked)) return OK;
    *ret_why = judge_head(desk, terminal, &outline->head);
    if (*ret_why != NULL) return OK;
    const struct backup_signed text = {backup_pieces_read, &pieces, outline->signed_len};
    err checked =
        backup_signature_check(outline->head.certificate,
                               bytes_of(outline->signature, outline->signature_len), &text, print);
    if (FAILED(checked) || !is_its_key(terminal, print)) *ret_why = "not_signed";
    return OK;
}

/* The first of this cause and device in a day: it is the device that decides how often one comes.
 */
static err is_news(struct desk *desk, const struct registry_terminal *terminal, const char *why,
                   bool *ret_news)
{
    struct store_statement *s;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO backup_bad(tid, serial, why, told_ms) VALUES(?1, ?2, ?3, ?4)"
                        " ON CONFLICT DO UPDATE SET told_ms = ?4 WHERE told_ms <= ?5",
                        &s));
    store_bind_text(s, bytes_text(terminal->tid));
    store_bind_text(s, bytes_text(terminal->serial));
    store_bind_text(s, bytes_text(why));
    store_bind_int(s, desk_now_ms(desk));
    store_bind_int(s, desk_now_ms(desk) - DAY_MS);
    TRY(store_run(s));
    *ret_news = store_changes(desk->config.store) > 0;
    return OK;
}

static err tell_refused(struct desk *desk, struct store_tx *tx,
                        const struct registry_terminal *terminal, const char *why)
{
    char object[24];
    snprintf(object, sizeof object, "devices/%s", terminal->tid);
    TRY(desk_audit(desk, tx, "terminal", "backup_refused", terminal->tid, why));
    return event_append(tx,
                        &(struct event){.mid = terminal->mid,
                                        .outlet = terminal->outlet,
                                        .kind = "backup.failed",
                                        .object = object,
                                        .at_ms = desk_now_ms(desk)},
                        NULL);
}

static err drop(struct desk *desk, const struct registry_terminal *terminal, const char *why)
{
    bool news = false;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(backup_upload_end(&tx, terminal->tid));
    TRY(is_news(desk, terminal, why, &news));
    if (news) TRY(tell_refused(desk, &tx, terminal, why));
    return store_commit(&tx);
}

static int64_t payments_in(const struct backup_head *head)
{
    for (size_t i = 0; i < head->sections; i++)
        if (head->section[i].kind == BACKUP_PAYMENT) return head->section[i].rows;
    return 0;
}

/* A disk that is full or gone is no fault of the device: the pieces stay, and it asks again. */
static err finish(struct desk *desk, const struct registry_terminal *terminal,
                  const struct backup_upload *upload, struct device_message *answer)
{
    struct backup_outline outline;
    struct backup_kept kept = {.outlet = terminal->outlet, .bytes = upload->bytes};
    const char *why = NULL;
    TRY(judge(desk, terminal, upload, &outline, &why));
    if (why != NULL) {
        TRY(drop(desk, terminal, why));
        return refuse(answer, why);
    }
    memcpy(kept.digest, upload->digest, sizeof kept.digest);
    memcpy(kept.tid, terminal->tid, sizeof kept.tid);
    memcpy(kept.mid, terminal->mid, sizeof kept.mid);
    TRY(bytes_to_text(outline.head.serial, kept.serial, sizeof kept.serial));
    kept.number = (int64_t)outline.head.number;
    kept.made_ms = outline.head.made_ms;
    kept.taken_ms = desk_now_ms(desk);
    kept.payments = payments_in(&outline.head);
    bool disk = true;
    TRY(backup_keep(desk, &kept, &disk));
    return disk ? OK : refuse(answer, "no_room");
}

/* ---- the questions ---- */

static err on_offer(struct desk *desk, const struct registry_terminal *terminal,
                    const struct device_message *q, struct device_message *answer)
{
    struct backup_kept kept;
    struct backup_upload upload = {.bytes = -1};
    err found = backups_find(desk->config.store, terminal->tid, q->digest, &kept);
    if (found.code != ERR_NOT_FOUND) return found;
    found = backup_upload_of(desk->config.store, terminal->tid, &upload);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    if (upload.bytes != q->size || memcmp(upload.digest, q->digest, sizeof upload.digest) != 0) {
        upload = (struct backup_upload){.bytes = q->size};
        memcpy(upload.digest, q->digest, sizeof upload.digest);
        TRY(backup_upload_begin(desk->config.store, terminal->tid, &upload, desk_now_ms(desk)));
    }
    if (upload.have == backup_pieces(upload.bytes)) return finish(desk, terminal, &upload, answer);
    want(answer, upload.have + 1);
    return OK;
}

/* As long as its place says. */
static bool piece_fits(const struct backup_upload *upload, int64_t part, size_t len)
{
    int64_t left = upload->bytes - (part - 1) * DEVICE_PART_MAX;
    return (int64_t)len == (left < DEVICE_PART_MAX ? left : DEVICE_PART_MAX);
}

/* A piece that has come before changes nothing, and one from further on is asked for later. */
static err on_piece(struct desk *desk, const struct registry_terminal *terminal,
                    const struct device_message *q, struct device_message *answer)
{
    struct backup_upload upload;
    uint8_t content[DEVICE_PART_MAX];
    size_t len = 0;
    err found = backup_upload_of(desk->config.store, terminal->tid, &upload);
    if (found.code == ERR_NOT_FOUND) return refuse(answer, "not_begun");
    TRY(found);
    if (memcmp(upload.digest, q->digest, sizeof upload.digest) != 0)
        return refuse(answer, "not_begun");
    if (q->part == upload.have + 1 && upload.have < backup_pieces(upload.bytes)) {
        if (FAILED(base64_decode(q->policy, content, sizeof content, &len)) ||
            !piece_fits(&upload, q->part, len))
            return refuse(answer, "format");
        TRY(backup_piece_put(desk->config.store, terminal->tid, q->part, bytes_of(content, len)));
        upload.have++;
    }
    if (upload.have == backup_pieces(upload.bytes)) return finish(desk, terminal, &upload, answer);
    want(answer, upload.have + 1);
    return OK;
}

struct finding {
    int64_t place; /* so many more */
    struct device_message *answer;
};

static err found(void *context, const struct backup_kept *kept)
{
    struct finding *f = context;
    if (--f->place != 0) return OK;
    struct device_message *answer = f->answer;
    answer->has = DEVICE_HAS_KEPT | DEVICE_HAS_NUMBER;
    memcpy(answer->digest, kept->digest, sizeof answer->digest);
    answer->size = kept->bytes;
    answer->number = kept->number;
    answer->at_ms = kept->made_ms;
    return bytes_to_text(bytes_text(kept->serial), answer->serial, sizeof answer->serial);
}

static err on_fetch(struct desk *desk, const struct registry_terminal *terminal,
                    const struct device_message *q, struct device_message *answer,
                    uint8_t room[BACKUPS_ROOM])
{
    struct backup_kept kept;
    struct writer w = writer_over(room, BACKUPS_ROOM);
    uint8_t block[DEVICE_PART_MAX];
    size_t len = 0;
    err is = backups_find(desk->config.store, terminal->tid, q->digest, &kept);
    if (is.code == ERR_NOT_FOUND) return refuse(answer, "not_found");
    TRY(is);
    uint64_t at = (uint64_t)(q->part - 1) * DEVICE_PART_MAX;
    if (FAILED(backups_read(desk, &kept, at, block, sizeof block, &len)))
        return refuse(answer, "not_found");
    base64_write(&w, bytes_of(block, len));
    ENSURE(w.fault == ERR_OK);
    answer->policy = writer_view(&w);
    answer->has = DEVICE_HAS_BYTES;
    return OK;
}

err backups_asked(struct desk *desk, const struct registry_terminal *terminal,
                  const struct device_message *q, struct device_message *answer,
                  uint8_t room[BACKUPS_ROOM])
{
    struct finding finding = {q->part, answer};
    if (desk->config.backups == NULL) return refuse(answer, "no_room");
    switch (q->ask) {
    case DEVICE_BACKUP:
        return on_offer(desk, terminal, q, answer);
    case DEVICE_BACKUP_PART:
        return on_piece(desk, terminal, q, answer);
    case DEVICE_BACKUP_FIND:
        return backups_of(desk->config.store, terminal->tid, found, &finding);
    default:
        ENSURE(q->ask == DEVICE_BACKUP_FETCH);
        return on_fetch(desk, terminal, q, answer, room);
    }
}
