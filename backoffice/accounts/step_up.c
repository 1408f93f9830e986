/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Showing a factor once more (HS-13): what is dangerous is open for five minutes afterwards, under
 * a new session token. Wrong codes spend tries of the account.
 */
#include "backoffice/accounts/entrance.h"
#include "backoffice/parts.h"

static err finish(struct backoffice *b, struct store_tx *tx, const struct call *call,
                  struct http_response *response)
{
    char csrf[SESSION_CSRF_TEXT + 1];
    const struct account *account = &call->caller->account;
    const struct entrance from = entrance_of_call(b, call, 0);
    const struct session_start start = {account,      SESSION_FULL, from.session, true,
                                        from.address, from.agent,   from.now_ms};
    TRY(session_begin(b, tx, &start, response, csrf));
    TRY(audit_append(tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                               BYTES("step_up"), bytes_text(call->caller->subject),
                                               BYTES("")}));
    TRY(store_commit(tx));
    entrance_write(account, SESSION_FULL, csrf, SESSION_STEP_UP_MS, BYTES(""), &response->body);
    return OK;
}

static err parse_code(struct bytes body, char code[TOTP_DIGITS + 1])
{
    static const char *const names[] = {"code", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    TRY(json_parse(body, BACKOFFICE_BODY_MAX, &d));
    TRY(json_only(d.root, names));
    return json_text_copy(d.root, "code", code, TOTP_DIGITS + 1);
}

static err spend(struct backoffice *b, const struct call *call, bool *ret_go)
{
    bool last = false;
    struct tries_key key = tries_of_inside(call->caller->account.id);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(tries_spend(&tx, &key, call->now_ms, ret_go, &last));
    return store_commit(&tx);
}

static err on_totp(struct backoffice *b, const struct call *call, struct http_response *response)
{
    char code[TOTP_DIGITS + 1];
    bool go = false;
    enum factor_verdict verdict = FACTOR_WRONG;
    int64_t account = call->caller->account.id;
    struct tries_key tries = tries_of_inside(account);
    err e = parse_code(call->request->body, code);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    TRY(spend(b, call, &go));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    if (go) TRY(factor_totp(b, &tx, account, bytes_text(code), call->now_ms, &verdict));
    if (verdict == FACTOR_AWAY) backoffice_unavailable(response, ERR(REFUSED));
    else if (verdict == FACTOR_WRONG)
        http_response_error(response, 422, "code", "the code is wrong, or was used already");
    if (verdict != FACTOR_RIGHT) return OK;
    TRY(tries_give_back(&tx, &tries));
    return finish(b, &tx, call, response);
}

static err on_passkey_begin(struct backoffice *b, const struct call *call,
                            struct http_response *response)
{
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES];
    const struct challenge what = {CHALLENGE_STEP_UP, call->realm, call->caller->session};
    challenge_make(b, &what, call->now_ms, challenge);
    passkey_write_request(b, challenge, &response->body);
    return OK;
}

static err on_passkey_finish(struct backoffice *b, const struct call *call,
                             struct http_response *response)
{
    struct factor_assertion assertion;
    const struct challenge what = {CHALLENGE_STEP_UP, call->realm, call->caller->session};
    enum factor_verdict verdict = FACTOR_WRONG;
    int64_t whose = 0;
    err e = factor_parse(call->request->body, &assertion);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(factor_passkey(b, &tx, &what, &assertion, call->caller->account.id, call->now_ms, &verdict,
                       &whose));
    if (verdict == FACTOR_RIGHT) return finish(b, &tx, call, response);
    http_response_error(response, 422, "passkey", "this is not a passkey of this account");
    return OK;
}

#define STEP_UP_ROUTES(X)                                                                \
    X(POST, "/step-up/totp", SESSION, ROLES_ALL, 64, on_totp)                            \
    X(POST, "/step-up/passkey/begin", SESSION, ROLES_ALL, ROUTE_EMPTY, on_passkey_begin) \
    X(POST, "/step-up/passkey/finish", SESSION, ROLES_ALL, BACKOFFICE_BODY_MAX, on_passkey_finish)

static const struct route rows[] = {STEP_UP_ROUTES(ROUTE_ROW)};

const struct backoffice_part step_up_part = {
    .name = "step-up", .routes = rows, .route_count = ARRAY_LEN(rows)};
