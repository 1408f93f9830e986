/* SPDX-License-Identifier: Apache-2.0 */
/* Codes by SMS and links by mail: who gets them, how often, and that each is good once. */
#include "backoffice/desk/recovery.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "lib/auth/token.h"

#define LINK_LABEL "recovery link v1"

enum { OUTBOX_WAIT_S = 15 * 60 }; /* what is said when the outbox takes no more */

enum state { OPEN = 1, RECOVERED = 2, GIVEN_UP = 3, REPLACED = 4 };

static const struct {
    const char *name;
    int64_t length_ms;
} ways[RECOVERY_WAYS] = {
    [RECOVERY_SMS] = {"sms", RECOVERY_SMS_MS},
    [RECOVERY_MAIL] = {"mail", RECOVERY_MAIL_MS},
    [RECOVERY_SERVICE] = {"service", RECOVERY_SERVICE_MS},
    [RECOVERY_OFFLINE] = {"offline", RECOVERY_OFFLINE_MS},
    [RECOVERY_REISSUE] = {"reissue", RECOVERY_SERVICE_MS},
};

const char *recovery_way_name(enum recovery_way way)
{
    ENSURE(way >= RECOVERY_SMS && way < RECOVERY_WAYS);
    return ways[way].name;
}

enum recovery_way recovery_way_named(struct bytes name)
{
    for (enum recovery_way way = RECOVERY_SMS; way < RECOVERY_WAYS; way++)
        if (bytes_equal(name, bytes_text(ways[way].name))) return way;
    return (enum recovery_way)0;
}

void redeem_answer_wipe(struct redeem_answer *answer)
{
    explicit_bzero(answer, sizeof *answer);
}

/* ---- limits ---- */

/* A request, and the contact that it would go to. */
struct request {
    const struct registry_terminal *terminal;
    const struct desk_challenge *challenge;
    struct registry_contact contact;
    int64_t now_ms;
};

/*
 * At most so many in so long: the request that takes the last place is looked up, and its age says
 * how long to wait. A clock that was set back makes nothing free.
 */
static const char by_contact[] =
    "SELECT asked_ms FROM recovery WHERE mid = ? AND contact = ? AND way = ? AND asked_ms > ?"
    " ORDER BY asked_ms DESC LIMIT 1 OFFSET ?";
static const char by_device[] =
    "SELECT asked_ms FROM recovery WHERE tid = ? AND way < 3 AND asked_ms > ?"
    " ORDER BY asked_ms DESC LIMIT 1 OFFSET ?";

static const struct limit {
    const char *sql;
    enum recovery_way way; /* 0: any */
    int most;
    int64_t window_ms;
} limits[] = {
    {by_contact, RECOVERY_SMS, 5, HOUR_MS},
    {by_contact, RECOVERY_MAIL, 3, HOUR_MS},
    {by_device, 0, 10, DAY_MS},
};

/* The wait before the next request of one operator, by how many there were in a day. */
static const int waits_s[] = {0, 60, 120, 300, 900, 1800};

static err limit_wait(struct desk *desk, const struct limit *limit, const struct request *request,
                      int64_t *wait_ms)
{
    struct store_statement *query;
    bool row = false;
    if (limit->way != 0 && limit->way != request->challenge->way) return OK;
    TRY(store_statement(desk->config.store, limit->sql, &query));
    if (limit->way != 0) {
        store_bind_text(query, bytes_text(request->terminal->mid));
        store_bind_int(query, request->contact.number);
        store_bind_int(query, limit->way);
    } else {
        store_bind_text(query, bytes_text(request->terminal->tid));
    }
    store_bind_int(query, request->now_ms - limit->window_ms);
    store_bind_int(query, limit->most - 1);
    TRY(store_step(query, &row));
    if (!row) return OK;
    int64_t wait = store_read_int(query) + limit->window_ms - request->now_ms;
    err read = store_read_finish(query);
    store_reset(query);
    if (wait > *wait_ms) *wait_ms = wait;
    return read;
}

/* Since the last recovery that went well, at most a day back. */
static err growing_wait(struct desk *desk, const struct request *request, int64_t *wait_ms)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT count(*), ifnull(max(asked_ms), 0) FROM recovery WHERE tid = ?1"
                        " AND operator = ?2 AND way < 3 AND asked_ms > ?3 AND id > (SELECT"
                        " ifnull(max(id), 0) FROM recovery WHERE tid = ?1 AND operator = ?2"
                        " AND state = 2)",
                        &query));
    store_bind_text(query, bytes_text(request->terminal->tid));
    store_bind_text(query, bytes_text(request->challenge->operator_id));
    store_bind_int(query, request->now_ms - DAY_MS);
    TRY(store_step(query, &row));
    ENSURE(row);
    int64_t count = store_read_int(query), last_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    if (FAILED(read)) return read;
    int64_t most = ARRAY_LEN(waits_s) - 1;
    int64_t wait = last_ms + (int64_t)waits_s[count < most ? count : most] * 1000 - request->now_ms;
    if (count > 0 && wait > *wait_ms) *wait_ms = wait;
    return OK;
}

static err find_wait(struct desk *desk, const struct request *request, int64_t *ret_wait_ms)
{
    *ret_wait_ms = 0;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        TRY(limit_wait(desk, &limits[i], request, ret_wait_ms));
    return growing_wait(desk, request, ret_wait_ms);
}

/* ---- whom ---- */

/* The first contact with an address for this way. */
static err find_contact(struct desk *desk, struct request *request, bool *ret_found)
{
    struct registry_contact contacts[CONTACTS_MAX];
    size_t count = 0;
    bool by_mail = request->challenge->way == RECOVERY_MAIL;
    *ret_found = false;
    TRY(registry_contacts(desk->config.registry, bytes_text(request->terminal->mid), contacts,
                          &count));
    for (size_t i = 0; i < count && !*ret_found; i++) {
        const char *address = by_mail ? contacts[i].mail : contacts[i].phone;
        if (address[0] == '\0') continue;
        request->contact = contacts[i];
        *ret_found = true;
    }
    return OK;
}

static void mask(const struct request *request, char out[static CONTACT_MASK_MAX])
{
    if (request->challenge->way == RECOVERY_MAIL) contact_mask_mail(request->contact.mail, out);
    else contact_mask_phone(request->contact.phone, out);
}

/* ---- asking ---- */

/* The same challenge is open already: the terminal has not heard our answer. */
static err find_repeat(struct desk *desk, const struct request *request, int64_t *ret_expires_ms)
{
    struct store_statement *query;
    bool row = false;
    *ret_expires_ms = 0;
    TRY(store_statement(desk->config.store,
                        "SELECT expires_ms FROM recovery WHERE tid = ? AND operator = ? AND"
                        " way = ? AND challenge = ? AND state = 1",
                        &query));
    store_bind_text(query, bytes_text(request->terminal->tid));
    store_bind_text(query, bytes_text(request->challenge->operator_id));
    store_bind_int(query, request->challenge->way);
    store_bind_blob(query, bytes_of(request->challenge->at, request->challenge->len));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_expires_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err set_state(struct store *store, const char *tid, const char *operator_id,
                     enum state state)
{
    struct store_statement *update;
    TRY(store_statement(store,
                        "UPDATE recovery SET state = ? WHERE tid = ? AND operator = ?"
                        " AND state = 1",
                        &update));
    store_bind_int(update, state);
    store_bind_text(update, bytes_text(tid));
    store_bind_text(update, bytes_text(operator_id));
    return store_run(update);
}

static err insert(struct desk *desk, const char *mid, const struct desk_challenge *c,
                  uint32_t contact, int64_t expires_ms, const uint8_t *link)
{
    struct store_statement *insert;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO recovery(tid, mid, operator, way, challenge, asked_ms,"
                        " expires_ms, contact, state, link) VALUES(?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(c->tid));
    store_bind_text(insert, bytes_text(mid));
    store_bind_text(insert, bytes_text(c->operator_id));
    store_bind_int(insert, c->way);
    store_bind_blob(insert, bytes_of(c->at, c->len));
    store_bind_int(insert, desk_now_ms(desk));
    store_bind_int(insert, expires_ms);
    store_bind_int(insert, contact);
    if (link != NULL) store_bind_blob(insert, bytes_of(link, TOKEN_HASH_BYTES));
    else store_bind_null(insert);
    return store_run(insert);
}

err recovery_issue(struct desk *desk, const char *mid, const struct desk_challenge *challenge,
                   int64_t expires_ms)
{
    ENSURE(store_in_tx(desk->config.store));
    TRY(set_state(desk->config.store, challenge->tid, challenge->operator_id, REPLACED));
    return insert(desk, mid, challenge, 0, expires_ms, NULL);
}

/*
 * This operator has had no password of his own at this terminal: what is asked for is his first
 * one, whoever else has logged in there. The terminal tells of every password that is chosen.
 */
static err is_first(struct desk *desk, const struct desk_challenge *c, bool *ret_first)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store,
                        "SELECT 1 FROM terminal t WHERE tid = ?1 AND NOT EXISTS(SELECT 1 FROM"
                        " device_event e WHERE e.tid = ?1 AND e.operator = ?2 AND e.kind IN"
                        " ('first_login', 'password_set', 'recovered'))",
                        &query));
    store_bind_text(query, bytes_text(c->tid));
    store_bind_text(query, bytes_text(c->operator_id));
    err read = store_step(query, ret_first);
    store_reset(query);
    return read;
}

/* The request, its message and its record, together. `secret` is what the message carries. */
static err record(struct desk *desk, const struct request *request,
                  const uint8_t link[TOKEN_HASH_BYTES], const char *secret)
{
    const struct desk_challenge *c = request->challenge;
    char detail[64];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    bool first = false;
    TRY(is_first(desk, c, &first));
    TRY(set_state(desk->config.store, c->tid, c->operator_id, REPLACED));
    TRY(insert(desk, request->terminal->mid, c, request->contact.number,
               request->now_ms + ways[c->way].length_ms, link));
    const struct desk_message message = {
        .template = c->way == RECOVERY_MAIL ? DESK_LINK : DESK_CODE,
        .by_mail = c->way == RECOVERY_MAIL,
        .contact = &request->contact,
        .mid = request->terminal->mid,
        .tid = c->tid,
        .operator_id = c->operator_id,
        .first = first,
        .secret = secret,
        .minutes = (int)(ways[c->way].length_ms / MINUTE_MS),
        .at_ms = request->now_ms,
    };
    TRY(desk->house.send(desk->house.context, &tx, &message));
    snprintf(detail, sizeof detail, "operator %s by %s to contact %u", c->operator_id,
             ways[c->way].name, request->contact.number);
    TRY(desk_audit(desk, &tx, "terminal", "recovery_asked", c->tid, detail));
    return store_commit(&tx);
}

/* The code goes out as it is. The hsm is asked before anything is written: when it is away nothing
 * has happened. */
static err send_code(struct desk *desk, const struct request *request,
                     struct recovery_answer *answer)
{
    CLEANUP(desk_proof_wipe) struct desk_proof proof = {0};
    err proved = desk->ports.prove(desk->ports.context, request->challenge, &proof);
    if (FAILED(proved)) {
        log_event(desk->config.log, LOG_ERROR, "recovery_hsm", LOG_ERR(proved));
        *answer = (struct recovery_answer){.verdict = RECOVERY_REFUSED, .seconds = 60};
        return OK;
    }
    return record(desk, request, NULL, proof.code);
}

static err send_link(struct desk *desk, const struct request *request)
{
    CLEANUP(token_wipe) struct token token;
    char address[256];
    token_make(&desk->config.random, LINK_LABEL, &token);
    int len = snprintf(address, sizeof address, "%s/code#%s", desk->config.origin, token.text);
    ENSURE(len > 0 && (size_t)len < sizeof address);
    err done = record(desk, request, token.hash, address);
    explicit_bzero(address, sizeof address);
    return done;
}

/* An outbox that does not take it (BUSY) has told nobody: the same answer as any other limit. */
static err send(struct desk *desk, const struct request *request, struct recovery_answer *answer)
{
    bool by_mail = request->challenge->way == RECOVERY_MAIL;
    err sent = by_mail ? send_link(desk, request) : send_code(desk, request, answer);
    if (sent.code != ERR_BUSY) return sent;
    *answer = (struct recovery_answer){.verdict = RECOVERY_LIMIT, .seconds = OUTBOX_WAIT_S};
    return OK;
}

static err ask_service(struct desk *desk, const struct registry_terminal *terminal,
                       const struct desk_challenge *challenge, struct recovery_answer *answer)
{
    answer->verdict = RECOVERY_TICKET;
    answer->seconds = RECOVERY_SERVICE_MS / 1000;
    return ticket_request(desk, terminal, challenge, &answer->ticket);
}

err recovery_ask(struct desk *desk, const struct registry_terminal *terminal,
                 const struct desk_challenge *challenge, struct recovery_answer *ret_answer)
{
    struct request request = {
        .terminal = terminal, .challenge = challenge, .now_ms = desk_now_ms(desk)};
    struct recovery_answer answer = {.verdict = RECOVERY_SENT};
    bool found = false;
    int64_t wait_ms = 0, expires_ms = 0;
    ENSURE(strcmp(terminal->tid, challenge->tid) == 0 && challenge->len > 0);

    *ret_answer = (struct recovery_answer){.verdict = RECOVERY_REFUSED};
    if (challenge->way == RECOVERY_OFFLINE || challenge->way == RECOVERY_REISSUE)
        return OK; /* the desk is telephoned for that */
    if (challenge->way == RECOVERY_SERVICE)
        return ask_service(desk, terminal, challenge, ret_answer);
    if (strcmp(challenge->operator_id, "99") == 0) return OK; /* S46: never by a telephone alone */

    ret_answer->verdict = RECOVERY_NO_CONTACT;
    TRY(find_contact(desk, &request, &found));
    if (!found) return OK;
    mask(&request, answer.contact);
    TRY(find_repeat(desk, &request, &expires_ms));
    if (expires_ms == 0) {
        TRY(find_wait(desk, &request, &wait_ms));
        if (wait_ms > 0) {
            *ret_answer = (struct recovery_answer){.verdict = RECOVERY_LIMIT,
                                                   .seconds = (wait_ms + 999) / 1000};
            return OK;
        }
        expires_ms = request.now_ms + ways[challenge->way].length_ms;
        TRY(send(desk, &request, &answer));
    }
    if (answer.verdict == RECOVERY_SENT) {
        int64_t left_ms = expires_ms - request.now_ms;
        answer.seconds = left_ms > 0 ? left_ms / 1000 : 0;
    }
    *ret_answer = answer;
    return OK;
}

/* ---- how it ended ---- */

err recovery_end(struct desk *desk, const char *tid, const char *operator_id)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(set_state(desk->config.store, tid, operator_id, GIVEN_UP));
    TRY(ticket_settle(desk, &tx, tid, operator_id, false));
    return store_commit(&tx);
}

err recovery_settle(struct desk *desk, const char *tid, const char *operator_id, bool recovered,
                    enum recovery_way *ret_way)
{
    struct store_statement *query;
    bool row = false;
    *ret_way = (enum recovery_way)0;
    ENSURE(store_in_tx(desk->config.store));
    TRY(store_statement(desk->config.store,
                        "SELECT way FROM recovery WHERE tid = ? AND operator = ? AND state = 1"
                        " ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_text(query, bytes_text(operator_id));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_way = (enum recovery_way)store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    if (FAILED(read)) return read;
    return set_state(desk->config.store, tid, operator_id, recovered ? RECOVERED : GIVEN_UP);
}

err recovery_count(struct desk *desk, const char *mid, int64_t since_ms, int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT count(*) FROM recovery WHERE mid = ? AND asked_ms > ?"
                        " AND state = 2",
                        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_int(query, since_ms);
    TRY(store_step(query, &row));
    ENSURE(row);
    *ret_count = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* ---- links ---- */

static err find_link(struct desk *desk, const uint8_t hash[TOKEN_HASH_BYTES], int64_t now_ms,
                     struct desk_challenge *challenge, int64_t *ret_left_ms)
{
    struct store_statement *query;
    bool row = false;
    *ret_left_ms = 0;
    TRY(store_statement(desk->config.store,
                        "SELECT tid, operator, way, challenge, expires_ms FROM recovery"
                        " WHERE link = ? AND state = 1 AND link_used_ms IS NULL AND"
                        " expires_ms > ?",
                        &query));
    store_bind_blob(query, bytes_of(hash, TOKEN_HASH_BYTES));
    store_bind_int(query, now_ms);
    TRY(store_step(query, &row));
    if (!row) return OK;
    store_read_text_into(query, challenge->tid, sizeof challenge->tid);
    store_read_text_into(query, challenge->operator_id, sizeof challenge->operator_id);
    challenge->way = (enum recovery_way)store_read_int(query);
    struct bytes bytes = store_read_blob(query);
    if (bytes.len <= sizeof challenge->at) {
        challenge->len = (uint8_t)bytes.len;
        memcpy(challenge->at, bytes.at, bytes.len);
        *ret_left_ms = store_read_int(query) - now_ms;
    }
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* True for the one who used it: the condition is in the statement. */
static err use_link(struct desk *desk, const uint8_t hash[TOKEN_HASH_BYTES], int64_t now_ms,
                    const char *tid, bool *ret_used)
{
    struct store_statement *update;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "UPDATE recovery SET link_used_ms = ? WHERE link = ? AND state = 1 AND"
                        " link_used_ms IS NULL AND expires_ms > ?",
                        &update));
    store_bind_int(update, now_ms);
    store_bind_blob(update, bytes_of(hash, TOKEN_HASH_BYTES));
    store_bind_int(update, now_ms);
    TRY(store_run(update));
    *ret_used = store_changes(desk->config.store) == 1;
    if (*ret_used) TRY(desk_audit(desk, &tx, "link", "recovery_link_used", tid, ""));
    return store_commit(&tx);
}

err recovery_redeem(struct desk *desk, struct bytes token, struct redeem_answer *ret_answer)
{
    uint8_t hash[TOKEN_HASH_BYTES];
    struct desk_challenge challenge = {0};
    CLEANUP(desk_proof_wipe) struct desk_proof proof = {0};
    int64_t now_ms = desk_now_ms(desk), left_ms = 0;
    bool used = false;
    *ret_answer = (struct redeem_answer){.verdict = REDEEM_DEAD};
    if (FAILED(token_hash(LINK_LABEL, token, hash))) return OK;
    TRY(find_link(desk, hash, now_ms, &challenge, &left_ms));
    if (left_ms <= 0) return OK;
    err proved = desk->ports.prove(desk->ports.context, &challenge, &proof);
    if (FAILED(proved)) {
        log_event(desk->config.log, LOG_ERROR, "recovery_hsm", LOG_ERR(proved));
        ret_answer->verdict = REDEEM_AWAY;
        return OK;
    }
    TRY(use_link(desk, hash, now_ms, challenge.tid, &used));
    if (!used) return OK;
    struct redeem_answer answer = {.verdict = REDEEM_OK, .seconds = left_ms / 1000};
    static_assert(sizeof answer.code == sizeof proof.code, "copied whole");
    memcpy(answer.code, proof.code, sizeof answer.code);
    memcpy(answer.tid, challenge.tid, sizeof answer.tid);
    memcpy(answer.operator_id, challenge.operator_id, sizeof answer.operator_id);
    *ret_answer = answer;
    explicit_bzero(&answer, sizeof answer);
    return OK;
}
