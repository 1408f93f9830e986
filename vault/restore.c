/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup is opened (S165): looked at, or taken. Every part is checked in its place, and what the
 * terminal gets of it is its own; the people stay here. Nothing changes before the signature of the
 * whole was right, and then all of them change at once. The device's keys are not in a bundle, so
 * a restored device signs in as any other does.
 */
#include "lib/crypto/identity.h"
#include "vault/backup.h"
#include "vault/state.h"

err vault_restore_drop(struct vault *v)
{
    int64_t staged = 0;
    backup_stream_wipe(&v->secrets->backup.reading);
    v->backup.reading = false;
    TRY(store_query_int(v->store, "SELECT count(*) FROM restored", &staged));
    return staged > 0 ? store_exec(v->store, "DELETE FROM restored") : OK;
}

/* Refused: it has ended, and what was staged is gone. */
static err refuse(struct vault *v, struct writer *answer, struct vault_restored said)
{
    TRY(vault_restore_drop(v));
    TRY(vault_audit_note(v, NULL, "restore_refused", v->device.tid,
                         vault_restore_text(said.verdict)));
    vault_write_restored(answer, &said);
    return OK;
}

static err refuse_as(struct vault *v, struct writer *answer, uint8_t verdict)
{
    return refuse(v, answer, (struct vault_restored){.verdict = verdict});
}

static bool supervisor_here(const struct vault *v)
{
    return v->session.logged_in && v->session.role == VAULT_ROLE_SUPERVISOR &&
           !v->session.must_change;
}

/* ---- the head ---- */

/* Of this terminal, and by a device that our acquirer has given that number. Its certificate is
 * looked at as of then: a backup outlives it. */
err vault_restore_judge(struct vault *v, const struct backup_head *head, uint8_t *ret_verdict)
{
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    struct store_statement *s;
    bool found = false;
    *ret_verdict = VAULT_RESTORE_OTHER_TERMINAL;
    if (!bytes_equal(head->tid, bytes_text(v->device.tid)) ||
        !bytes_equal(head->mid, bytes_text(v->device.mid)))
        return OK;
    TRY(store_statement(v->store, "SELECT authority FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return ERR(CORRUPT);
    struct bytes authority = store_read_text(s);
    bool ours =
        !FAILED(identity_describe(head->certificate, name, print)) &&
        bytes_equal(bytes_text(name), head->tid) &&
        !FAILED(identity_verify(authority, head->certificate, IDENTITY_CLIENT, head->made_ms));
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_verdict = ours ? VAULT_RESTORE_OK : VAULT_RESTORE_NOT_SIGNED;
    return OK;
}

/* This device's own, older than its last: what happened since would be forgotten. */
static err judge_age(struct vault *v, const struct backup_head *head, struct vault_restored *said)
{
    int64_t kept = 0;
    TRY(store_query_int(v->store, "SELECT backup_kept FROM device", &kept));
    bool own = bytes_equal(head->serial, bytes_text(v->device.serial));
    if (!own || head->number >= (uint64_t)kept) return OK;
    said->verdict = VAULT_RESTORE_OLDER;
    said->number = (uint64_t)kept;
    return OK;
}

static const struct backup_wrap *wrap_of(const struct backup_head *head, uint8_t kind)
{
    for (size_t i = 0; i < head->wraps; i++)
        if (head->wrap[i].kind == kind) return &head->wrap[i];
    return NULL;
}

/* With the pair whose public half the wrap names. */
static uint8_t unwrap(const struct backup_head *head, uint8_t kind,
                      const struct transport_pair *pair, struct bytes label,
                      struct backup_key *ret_key)
{
    const struct backup_wrap *wrap = wrap_of(head, kind);
    uint8_t name[BACKUP_RECIPIENT_BYTES];
    if (wrap == NULL) return VAULT_RESTORE_NO_KEY;
    backup_recipient_name(pair->public_key, name);
    if (!bytes_equal(wrap->name, BYTES_OF(name)))
        return kind == BACKUP_FOR_DEVICE ? VAULT_RESTORE_NO_KEY : VAULT_RESTORE_WRONG_KEY;
    return FAILED(backup_key_unwrap(pair, head->sender, label, wrap->sealed, ret_key))
               ? VAULT_RESTORE_ALTERED
               : VAULT_RESTORE_OK;
}

static uint8_t open_by_owner(struct vault *v, const struct backup_head *head, struct bytes label,
                             struct backup_key *ret_key)
{
    CLEANUP(transport_pair_wipe) struct transport_pair pair = {0};
    if (wrap_of(head, BACKUP_FOR_OWNER) == NULL) return VAULT_RESTORE_NO_KEY;
    uint8_t verdict = VAULT_RESTORE_WRONG_KEY;
    if (!FAILED(backup_code_pair(vault_entry_text(v, VAULT_ENTRY_OWNER), &pair)))
        verdict = unwrap(head, BACKUP_FOR_OWNER, &pair, label, ret_key);
    if (verdict != VAULT_RESTORE_OK) vault_entry_wipe(v, VAULT_ENTRY_OWNER);
    return verdict;
}

/* The hsm has opened it for this device, because the desk has said so: as this vault has asked, and
 * for this once. */
static err open_by_grant(struct vault *v, struct bytes grant, struct bytes label,
                         struct backup_key *ret_key, uint8_t *ret_verdict)
{
    char block[BACKUP_GRANT_LABEL_MAX];
    struct writer asked = writer_over(block, sizeof block);
    *ret_verdict = VAULT_RESTORE_NO_KEY;
    if (!v->device.has_hsm) return OK;
    *ret_verdict = VAULT_RESTORE_WRONG_KEY;
    err found = vault_restore_asked(v, label, &asked);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (!FAILED(backup_key_unwrap(&v->secrets->transport, BYTES_OF(v->device.hsm_public),
                                  writer_view(&asked), grant, ret_key)))
        *ret_verdict = VAULT_RESTORE_OK;
    return OK;
}

static err open_key(struct vault *v, const struct vault_restore_begin *m,
                    const struct backup_head *head, struct backup_key *ret_key,
                    uint8_t *ret_verdict)
{
    char block[BACKUP_LABEL_MAX];
    struct writer label = writer_over(block, sizeof block);
    backup_label(head->serial, head->number, &label);
    ENSURE(label.fault == ERR_OK);
    struct bytes named = writer_view(&label);
    switch (m->key) {
    case VAULT_RESTORE_BY_DEVICE:
        *ret_verdict = unwrap(head, BACKUP_FOR_DEVICE, &v->secrets->transport, named, ret_key);
        return OK;
    case VAULT_RESTORE_BY_OWNER:
        *ret_verdict = open_by_owner(v, head, named, ret_key);
        return OK;
    default:
        return open_by_grant(v, m->grant, named, ret_key, ret_verdict);
    }
}

static void begin_reading(struct vault *v, const struct vault_restore_begin *m,
                          const struct backup_head *head, const struct backup_key *key)
{
    struct vault_backup *b = &v->backup;
    backup_stream_begin(&v->secrets->backup.reading, key, head->stream.at, m->head);
    b->reading = true;
    b->take = m->take == 1;
    b->granted = m->key == VAULT_RESTORE_BY_GRANT;
    b->read_number = head->number;
    b->kind = BACKUP_END;
    b->pepper_read = false;
    b->last_person = -1;
    b->people = 0;
    b->sections = head->sections;
    memcpy(b->section, head->section, sizeof b->section);
    memcpy(b->certificate, head->certificate.at, head->certificate.len);
    b->certificate_len = head->certificate.len;
    ENSURE(!FAILED(bytes_to_text(head->serial, b->serial, sizeof b->serial)));
}

/* May this be asked for, by who is here, with what was entered? */
static enum vault_status admit(const struct vault *v, const struct vault_restore_begin *m)
{
    if (m->take > 1 || m->key < VAULT_RESTORE_BY_DEVICE || m->key > VAULT_RESTORE_BY_GRANT)
        return VAULT_BAD_REQUEST;
    if (m->take && !supervisor_here(v)) return VAULT_NOT_ALLOWED;
    bool entered = vault_entry_text(v, VAULT_ENTRY_OWNER).len > 0;
    return m->key == VAULT_RESTORE_BY_OWNER && !entered ? VAULT_NO_ENTRY : VAULT_OK;
}

err vault_run_restore_begin(struct vault *v, struct reader *request, struct writer *answer,
                            enum vault_status *status)
{
    struct vault_restore_begin m;
    struct backup_head head;
    struct vault_restored said = {.verdict = VAULT_RESTORE_OK};
    CLEANUP(backup_key_wipe) struct backup_key key = {{0}};
    if (FAILED(vault_read_restore_begin(request, &m)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    *status = admit(v, &m);
    if (*status != VAULT_OK) return OK;
    err read = backup_read_head(m.head, &head);
    if (FAILED(read))
        return refuse_as(v, answer,
                         read.code == ERR_NEWER ? VAULT_RESTORE_NEWER : VAULT_RESTORE_NO_BUNDLE);
    TRY(vault_restore_judge(v, &head, &said.verdict));
    if (said.verdict == VAULT_RESTORE_OK && m.take) TRY(judge_age(v, &head, &said));
    if (said.verdict == VAULT_RESTORE_OK) TRY(open_key(v, &m, &head, &key, &said.verdict));
    if (said.verdict != VAULT_RESTORE_OK) return refuse(v, answer, said);
    TRY(vault_restore_drop(v)); /* of an attempt before */
    begin_reading(v, &m, &head, &key);
    vault_write_restored(answer, &said);
    return OK;
}

/* ---- pieces ---- */

/* One of the sections that the head names, in their order. */
static bool section_known(const struct vault_backup *b, uint8_t kind)
{
    if (kind < b->kind) return false;
    for (size_t i = 0; i < b->sections; i++)
        if (b->section[i].kind == kind) return true;
    return false;
}

static uint8_t open_piece(struct vault *v, struct bytes whole, struct writer *plain)
{
    struct backup_stream *stream = &v->secrets->backup.reading;
    struct backup_part part;
    if (FAILED(backup_cut(whole, &part)) || part.kind != BACKUP_PIECE_PART ||
        part.whole.len != whole.len)
        return VAULT_RESTORE_ALTERED;
    if (part.index != stream->index) return VAULT_RESTORE_REORDERED;
    if (FAILED(backup_stream_open(stream, part.content, plain)) || plain->len == 0)
        return VAULT_RESTORE_ALTERED;
    backup_stream_hash(stream, whole);
    return VAULT_RESTORE_OK;
}

/* What of it is the terminal's is answered. False: it is nothing that a vault has sealed. */
static err hand_over(struct vault *v, struct bytes plain, struct vault_restored *said)
{
    struct vault_backup *b = &v->backup;
    said->kind = plain.at[0];
    struct bytes content = bytes_of(plain.at + 1, plain.len - 1);
    bool ended = v->secrets->backup.reading.ended;
    if (said->kind == BACKUP_END || ended) {
        if (said->kind == BACKUP_END && ended && content.len == 0) return OK;
        return ERR(FORMAT);
    }
    if (!section_known(b, said->kind)) return ERR(FORMAT);
    b->kind = said->kind;
    if (said->kind == BACKUP_PEOPLE) return vault_people_read(v, content);
    said->content = content;
    return OK;
}

/* An err of the store, and no other, is the world's. */
static bool malformed(err e)
{
    return e.code == ERR_FORMAT || e.code == ERR_RANGE || e.code == ERR_SHORT ||
           e.code == ERR_LENGTH || e.code == ERR_TRAILING;
}

struct opened {
    uint8_t at[BACKUP_PLAIN_MAX];
};

static void opened_wipe(struct opened *opened)
{
    secret_wipe_bytes(opened, sizeof *opened);
}

err vault_run_restore_piece(struct vault *v, struct reader *request, struct writer *answer,
                            enum vault_status *status)
{
    CLEANUP(opened_wipe) struct opened block;
    struct writer plain = writer_over(block.at, sizeof block.at);
    struct vault_restored said = {.verdict = VAULT_RESTORE_OK};
    struct bytes whole;
    if (FAILED(vault_read_bytes(request, &whole))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->backup.reading) return refuse_as(v, answer, VAULT_RESTORE_NOT_BEGUN);
    said.verdict = open_piece(v, whole, &plain);
    if (said.verdict != VAULT_RESTORE_OK) return refuse_as(v, answer, said.verdict);
    err handed = hand_over(v, writer_view(&plain), &said);
    if (malformed(handed)) return refuse_as(v, answer, VAULT_RESTORE_ALTERED);
    TRY(handed);
    vault_write_restored(answer, &said);
    return OK;
}

/* ---- the end ---- */

static uint8_t judge_end(struct vault *v, struct bytes whole)
{
    const struct vault_backup *b = &v->backup;
    const struct backup_stream *stream = &v->secrets->backup.reading;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct backup_part part;
    if (!stream->ended) return VAULT_RESTORE_TRUNCATED;
    if (FAILED(backup_cut(whole, &part)) || part.kind != BACKUP_TAIL_PART ||
        part.whole.len != whole.len)
        return VAULT_RESTORE_NOT_SIGNED;
    backup_stream_digest(stream, digest);
    if (FAILED(identity_check(bytes_of(b->certificate, b->certificate_len), digest, part.content)))
        return VAULT_RESTORE_NOT_SIGNED;
    bool people = b->pepper_read && b->sections > 0 && b->section[0].kind == BACKUP_PEOPLE &&
                  b->people == b->section[0].rows;
    return people ? VAULT_RESTORE_OK : VAULT_RESTORE_ALTERED;
}

/* Numbers go on from there, so that this device's next backup is later than the one it came from.
 */
static err put_numbers(struct vault *v)
{
    struct store_statement *s;
    TRY(store_statement(v->store,
                        "UPDATE device SET backup_begun = max(backup_begun, ?1),"
                        " backup_kept = max(backup_kept, ?1)",
                        &s));
    store_bind_int(s, (int64_t)v->backup.read_number);
    return store_run(s);
}

/* Whoever was logged in is not the one that he was. */
static err take(struct vault *v)
{
    struct vault_operator_name actor = vault_operator_name(v->session.operator_id);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_people_take(v));
    TRY(put_numbers(v));
    TRY(vault_restore_asked_ends(v));
    TRY(vault_audit(v, &tx, actor.text, "restored", v->backup.serial,
                    v->backup.granted ? "by the desk" : ""));
    TRY(store_commit(&tx));
    TRY(vault_load(v));
    vault_entry_wipe(v, 0);
    v->session = (struct vault_session){0};
    v->right = (struct vault_right){0};
    v->pending = (struct vault_pending){0};
    return OK;
}

err vault_run_restore_end(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct vault_restored said = {.verdict = VAULT_RESTORE_OK};
    struct bytes whole;
    if (FAILED(vault_read_bytes(request, &whole))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->backup.reading) return refuse_as(v, answer, VAULT_RESTORE_NOT_BEGUN);
    if (v->backup.take && !supervisor_here(v)) return vault_refuse(status, VAULT_NOT_ALLOWED);
    said.verdict = judge_end(v, whole);
    if (said.verdict != VAULT_RESTORE_OK) return refuse_as(v, answer, said.verdict);
    if (v->backup.take) TRY(take(v));
    TRY(vault_restore_drop(v));
    said.number = v->backup.read_number;
    vault_write_restored(answer, &said);
    return OK;
}
