/* SPDX-License-Identifier: Apache-2.0 */
/* Telephones as approvers: what the host keeps and carries between a phone and its terminal. */
#include "backoffice/desk/pairs.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "lib/auth/token.h"
#include "lib/base/hex.h"
#include "lib/wire/json.h"

#define PAIR_LABEL  "pair token v1"
#define PHONE_LABEL "paired phone v1"

/* The vault's token, of 128 bits, is kept by its hash like any other. */
static void hash_token(struct bytes token, uint8_t hash[TOKEN_HASH_BYTES])
{
    ENSURE(token.len == PAIR_TOKEN_LEN);
    token_digest(PAIR_LABEL, token, hash);
}

/* ---- beginning and ending at the terminal ---- */

err pair_begin(struct desk *desk, const struct registry_terminal *terminal, struct bytes token,
               char ret_url[PAIR_URL_MAX])
{
    uint8_t hash[TOKEN_HASH_BYTES];
    char url[PAIR_URL_MAX];
    struct writer w = writer_over(url, sizeof url - 1);
    struct store_statement *close, *insert;
    write_format(&w, "%s/pair#", desk->config.origin);
    write_hex(&w, token);
    if (w.fault != ERR_OK) return (err){w.fault};
    url[w.len] = '\0';
    hash_token(token, hash);

    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store, "UPDATE pair SET state = 4 WHERE tid = ? AND state < 3",
                        &close));
    store_bind_text(close, bytes_text(terminal->tid));
    TRY(store_run(close));
    TRY(store_statement(desk->config.store,
                        "INSERT OR IGNORE INTO pair(tid, mid, token, state, label, number,"
                        " begun_ms, expires_ms) VALUES(?, ?, ?, 1, '', 0, ?, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(terminal->tid));
    store_bind_text(insert, bytes_text(terminal->mid));
    store_bind_blob(insert, BYTES_OF(hash));
    store_bind_int(insert, desk_now_ms(desk));
    store_bind_int(insert, desk_now_ms(desk) + PAIR_MS);
    TRY(store_run(insert));
    TRY(desk_audit(desk, &tx, "terminal", "pair_begun", terminal->tid, ""));
    TRY(store_commit(&tx));
    memcpy(ret_url, url, sizeof url);
    return OK;
}

err pair_end(struct desk *desk, const char *tid, struct bytes token, int64_t number)
{
    uint8_t hash[TOKEN_HASH_BYTES];
    struct store_statement *update;
    hash_token(token, hash);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "UPDATE pair SET state = CASE WHEN ?1 > 0 AND state = 2 THEN 3 ELSE 4 END,"
                        " number = ?1 WHERE tid = ?2 AND token = ?3 AND state < 3",
                        &update));
    store_bind_int(update, number);
    store_bind_text(update, bytes_text(tid));
    store_bind_blob(update, BYTES_OF(hash));
    TRY(store_run(update));
    if (store_changes(desk->config.store) == 0) return OK; /* a repeat */
    TRY(desk_audit(desk, &tx, "terminal", number > 0 ? "paired" : "pair_ended", tid, ""));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_APPROVALS);
    return OK;
}

/* ---- the phone offers its key ---- */

static bool printable(struct bytes label)
{
    for (size_t i = 0; i < label.len; i++)
        if (label.at[i] < 0x20 || label.at[i] == 0x7f) return false;
    return label.len > 0 && label.len <= PAIR_LABEL_MAX;
}

static err take_offer(struct desk *desk, const uint8_t token[TOKEN_HASH_BYTES], struct bytes label,
                      const uint8_t phone[TOKEN_HASH_BYTES], char ret_tid[DESK_TID_LEN + 1])
{
    struct store_statement *update, *query;
    bool row = false;
    ret_tid[0] = '\0';
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "UPDATE pair SET state = 2, label = ?, phone = ? WHERE token = ? AND"
                        " state = 1 AND expires_ms > ?",
                        &update));
    store_bind_text(update, label);
    store_bind_blob(update, bytes_of(phone, TOKEN_HASH_BYTES));
    store_bind_blob(update, bytes_of(token, TOKEN_HASH_BYTES));
    store_bind_int(update, desk_now_ms(desk));
    TRY(store_run(update));
    if (store_changes(desk->config.store) == 0) return OK;
    TRY(store_statement(desk->config.store, "SELECT tid FROM pair WHERE token = ?", &query));
    store_bind_blob(query, bytes_of(token, TOKEN_HASH_BYTES));
    TRY(store_step(query, &row));
    ENSURE(row);
    char tid[DESK_TID_LEN + 1];
    store_read_text_into(query, tid, sizeof tid);
    err read = store_read_finish(query);
    store_reset(query);
    if (FAILED(read)) return read;
    TRY(desk_audit(desk, &tx, "phone", "pair_offered", tid, ""));
    TRY(store_commit(&tx));
    memcpy(ret_tid, tid, sizeof tid);
    return OK;
}

static err tell_key(struct desk *desk, const char *tid, struct bytes token, struct bytes key,
                    struct bytes label)
{
    struct device_message m = {.tell = DEVICE_PAIR_KEY_TOLD, .challenge_len = token.len};
    ENSURE(token.len == PAIR_TOKEN_LEN && key.len == sizeof m.phone_key);
    memcpy(m.challenge, token.at, token.len);
    memcpy(m.phone_key, key.at, key.len);
    TRY(bytes_to_text(label, m.label, sizeof m.label));
    desk_tell(desk, desk_session_of(desk, tid), &m);
    return OK;
}

err pair_offer(struct desk *desk, struct bytes token, struct bytes key, struct bytes label,
               enum pair_verdict *ret_verdict, char ret_bearer[PAIR_BEARER_MAX])
{
    uint8_t hash[TOKEN_HASH_BYTES];
    char tid[DESK_TID_LEN + 1];
    *ret_verdict = PAIR_MALFORMED;
    bool point = key.len == PAIR_KEY_LEN && key.at[0] == 4;
    if (token.len != PAIR_TOKEN_LEN || !point || !printable(label) || !json_utf8_valid(label))
        return OK;
    CLEANUP(token_wipe) struct token bearer;
    hash_token(token, hash);
    token_make(&desk->config.random, PHONE_LABEL, &bearer);
    TRY(take_offer(desk, hash, label, bearer.hash, tid));
    *ret_verdict = tid[0] == '\0' ? PAIR_UNKNOWN : PAIR_OK;
    if (*ret_verdict == PAIR_OK) {
        static_assert(PAIR_BEARER_MAX == sizeof bearer.text, "copied whole");
        memcpy(ret_bearer, bearer.text, sizeof bearer.text);
        TRY(tell_key(desk, tid, token, key, label));
    }
    return OK;
}

/* ---- who is it ---- */

static err read_pair(struct store_statement *row, struct pair *pair)
{
    *pair = (struct pair){.id = store_read_int(row)};
    store_read_text_into(row, pair->tid, sizeof pair->tid);
    store_read_text_into(row, pair->mid, sizeof pair->mid);
    store_read_text_into(row, pair->label, sizeof pair->label);
    pair->state = (enum pair_state)store_read_int(row);
    pair->number = store_read_int(row);
    pair->begun_ms = store_read_int(row);
    return store_read_finish(row);
}

err pair_of_phone(struct desk *desk, struct bytes bearer, enum pair_verdict *ret_verdict,
                  struct pair *ret_pair)
{
    uint8_t phone[TOKEN_HASH_BYTES];
    struct store_statement *query;
    bool row = false;
    *ret_verdict = PAIR_UNKNOWN;
    if (FAILED(token_hash(PHONE_LABEL, bearer, phone))) return OK;
    TRY(store_statement(desk->config.store,
                        "SELECT id, tid, mid, label, state, number, begun_ms FROM pair WHERE"
                        " phone = ? AND (state = 3 OR (state = 2 AND expires_ms > ?))",
                        &query));
    store_bind_blob(query, BYTES_OF(phone));
    store_bind_int(query, desk_now_ms(desk));
    TRY(store_step(query, &row));
    if (!row) return OK;
    err read = read_pair(query, ret_pair);
    store_reset(query);
    *ret_verdict = PAIR_OK;
    return read;
}

err pair_forget(struct desk *desk, int64_t pair, const char *actor, bool *ret_done)
{
    struct store_statement *update;
    char subject[24];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store, "UPDATE pair SET state = 4 WHERE id = ? AND state < 4",
                        &update));
    store_bind_int(update, pair);
    TRY(store_run(update));
    *ret_done = store_changes(desk->config.store) == 1;
    if (!*ret_done) return OK;
    snprintf(subject, sizeof subject, "pair %lld", (long long)pair);
    TRY(desk_audit(desk, &tx, actor, "pair_removed", subject, ""));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_APPROVALS);
    return OK;
}

err pair_removed_there(struct desk *desk, struct store_tx *tx, const char *tid, int64_t number)
{
    struct store_statement *update;
    char subject[32];
    ENSURE(store_in_tx(desk->config.store));
    TRY(store_statement(desk->config.store,
                        "UPDATE pair SET state = 4 WHERE tid = ? AND number = ? AND state = 3",
                        &update));
    store_bind_text(update, bytes_text(tid));
    store_bind_int(update, number);
    TRY(store_run(update));
    if (store_changes(desk->config.store) == 0) return OK; /* the desk was quicker */
    snprintf(subject, sizeof subject, "%s phone %lld", tid, (long long)number);
    TRY(desk_audit(desk, tx, "terminal", "pair_removed", subject, ""));
    desk_changed(desk, DESK_APPROVALS);
    return OK;
}

err pair_list(struct desk *desk, const char *tid, pair_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT id, tid, mid, label, state, number, begun_ms FROM pair WHERE"
                        " tid = ? AND state = 3 ORDER BY id LIMIT ?",
                        &rows));
    store_bind_text(rows, bytes_text(tid));
    store_bind_int(rows, PAIRS_LISTED_MAX);
    for (;;) {
        bool row = false;
        struct pair pair;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_pair(rows, &pair);
        if (!FAILED(done)) done = each(context, &pair);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

/* ---- approvals ---- */

static err count_phones(struct desk *desk, const char *tid, unsigned *ret_phones)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store, "SELECT count(*) FROM pair WHERE tid = ? AND state = 3",
                        &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    ENSURE(row);
    *ret_phones = (unsigned)store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err approval_ask(struct desk *desk, const char *tid, const char *operator_id,
                 struct bytes challenge, unsigned *ret_phones)
{
    struct store_statement *insert;
    TRY(count_phones(desk, tid, ret_phones));
    if (*ret_phones == 0) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "INSERT OR IGNORE INTO approval(tid, operator, challenge, asked_ms,"
                        " expires_ms) VALUES(?, ?, ?, ?, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(tid));
    store_bind_text(insert, bytes_text(operator_id));
    store_bind_blob(insert, challenge);
    store_bind_int(insert, desk_now_ms(desk));
    store_bind_int(insert, desk_now_ms(desk) + PAIR_APPROVAL_MS);
    TRY(store_run(insert));
    TRY(desk_audit(desk, &tx, "terminal", "approval_asked", tid, operator_id));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_APPROVALS);
    return OK;
}

static err read_approval(struct store_statement *row, struct approval *a)
{
    *a = (struct approval){.id = store_read_int(row)};
    a->asked_ms = store_read_int(row);
    a->expires_ms = store_read_int(row);
    store_read_text_into(row, a->operator_id, sizeof a->operator_id);
    struct bytes challenge = store_read_blob(row);
    TRY(store_read_finish(row));
    if (challenge.len > sizeof a->challenge) return ERR(CORRUPT);
    a->challenge_len = challenge.len;
    memcpy(a->challenge, challenge.at, challenge.len);
    return OK;
}

err approval_list(struct desk *desk, const struct pair *pair, approval_each each, void *context)
{
    struct store_statement *rows;
    if (pair->state != PAIR_PAIRED) return OK;
    TRY(store_statement(desk->config.store,
                        "SELECT id, asked_ms, expires_ms, operator, challenge FROM approval"
                        " WHERE tid = ? AND answered = 0 AND expires_ms > ? ORDER BY id LIMIT ?",
                        &rows));
    store_bind_text(rows, bytes_text(pair->tid));
    store_bind_int(rows, desk_now_ms(desk));
    store_bind_int(rows, PAIRS_LISTED_MAX);
    for (;;) {
        bool row = false;
        struct approval approval;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_approval(rows, &approval);
        if (!FAILED(done)) done = each(context, &approval);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

static err take_answer(struct desk *desk, const struct pair *pair, int64_t id,
                       struct approval *approval, bool *ret_found)
{
    struct store_statement *query, *update;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "SELECT id, asked_ms, expires_ms, operator, challenge FROM approval"
                        " WHERE id = ? AND tid = ? AND answered = 0 AND expires_ms > ?",
                        &query));
    store_bind_int(query, id);
    store_bind_text(query, bytes_text(pair->tid));
    store_bind_int(query, desk_now_ms(desk));
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    err read = read_approval(query, approval);
    store_reset(query);
    if (FAILED(read)) return read;
    TRY(store_statement(desk->config.store, "UPDATE approval SET answered = ? WHERE id = ?",
                        &update));
    store_bind_int(update, pair->id);
    store_bind_int(update, id);
    TRY(store_run(update));
    TRY(desk_audit(desk, &tx, pair->label, "approval_answered", pair->tid, approval->operator_id));
    return store_commit(&tx);
}

err approval_answer(struct desk *desk, const struct pair *pair, int64_t id, struct bytes signature,
                    enum pair_verdict *ret_verdict)
{
    struct approval approval;
    bool found = false;
    uint32_t session = desk_session_of(desk, pair->tid);
    *ret_verdict = signature.len != PAIR_SIGNATURE_LEN ? PAIR_MALFORMED
                   : pair->state != PAIR_PAIRED        ? PAIR_UNKNOWN
                   : session == 0                      ? PAIR_AWAY
                                                       : PAIR_OK;
    if (*ret_verdict != PAIR_OK) return OK;
    TRY(take_answer(desk, pair, id, &approval, &found));
    if (!found) {
        *ret_verdict = PAIR_UNKNOWN;
        return OK;
    }
    struct device_message m = {.tell = DEVICE_APPROVAL_TOLD,
                               .challenge_len = approval.challenge_len,
                               .pair = pair->number};
    memcpy(m.challenge, approval.challenge, approval.challenge_len);
    memcpy(m.signature, signature.at, sizeof m.signature);
    desk_tell(desk, session, &m);
    desk_changed(desk, DESK_APPROVALS);
    return OK;
}
