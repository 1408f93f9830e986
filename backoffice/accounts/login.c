/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in and out: name and password, then a second factor; or a passkey alone, which is both.
 *
 * Whether a name is somebody's must not be told (CR-21): a name of nobody's is hashed against a
 * record of nobody's, spends a try of its own, and is written as often; a budget that is spent is
 * answered like a wrong password after the same hash.
 */
#include <stdio.h>

#include "backoffice/accounts/entrance.h"
#include "backoffice/parts.h"

enum {
    NAME_MAX_BYTES = CONTACT_MAIL_MAX,
    BODY_MAX = 4096 /* 512 bytes of password as \u escapes */
};

/* ---- who is in ---- */

static err on_session(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct caller caller;
    char csrf[SESSION_CSRF_TEXT + 1];
    err found = session_find(b, call->request, call->realm, call->now_ms, &caller);
    if (found.code == ERR_NOT_FOUND) {
        const char *why = NULL;
        TRY(session_why(b, call->request, call->realm, &why));
        struct json_out j = json_out_over(&response->body);
        json_object_begin(&j);
        json_member_string(&j, "state", "out");
        if (why != NULL) json_member_string(&j, "why", why);
        json_object_end(&j);
        return OK;
    }
    TRY(found);
    session_csrf(session_cookie(b, call->request, call->realm), csrf);
    int64_t left_ms = caller.stepped_up ? caller.step_ms + SESSION_STEP_UP_MS - call->now_ms : 0;
    entrance_write(&caller.account, caller.stage, csrf, left_ms, BYTES(""), &response->body);
    return OK;
}

/* ---- the password ---- */

struct credentials {
    char name[NAME_MAX_BYTES + 1];
    struct password_text password;
};

static void credentials_wipe(struct credentials *c)
{
    explicit_bzero(c, sizeof *c);
}

/* Small letters, without spaces at the ends: what was typed as a name. */
static void tidy_name(char *name)
{
    size_t len = strlen(name), start = strspn(name, " ");
    while (len > start && name[len - 1] == ' ') len--;
    memmove(name, name + start, len - start);
    name[len - start] = '\0';
    for (char *c = name; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c | 0x20);
}

static err parse_credentials(struct bytes body, struct credentials *out)
{
    static const char *const names[] = {"name", "password", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    struct bytes password;
    TRY(json_parse(body, BODY_MAX, &d));
    TRY(json_only(d.root, names));
    TRY(json_text_copy(d.root, "name", out->name, sizeof out->name));
    TRY(json_text(d.root, "password", PASSWORD_TEXT_BYTES, &password));
    tidy_name(out->name);
    /* What cannot be a password is not one: an empty text is compared, and is wrong. */
    (void)password_normalise(password, &out->password);
    return OK;
}

/* A record of the usual cost that no password has. */
static void stand_in(struct backoffice *b, struct task *task)
{
    uint8_t chance[PASSWORD_SALT_BYTES + PASSWORD_HASH_BYTES], text[128];
    struct writer w = writer_over(text, sizeof text);
    random_fill(&b->config.random, chance, sizeof chance);
    password_write_record(b->config.cost, chance, chance + PASSWORD_SALT_BYTES, &w);
    err fits = bytes_to_text(writer_view(&w), task->record, sizeof task->record);
    ENSURE(!FAILED(fits));
    task->stand_in = true;
}

static err on_login(struct backoffice *b, const struct call *call, struct http_response *response)
{
    CLEANUP(credentials_wipe) struct credentials said = {0};
    CLEANUP(task_wipe) struct task task;
    struct account account = {0};
    err e = parse_credentials(call->request->body, &said);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    task_from(call, TASK_LOGIN, &task);
    err found =
        account_find_login(b->store, session_kind(call->realm), bytes_text(said.name), &account);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    bool may = !FAILED(found) && account.password[0] != '\0' &&
               (account.status == ACCOUNT_ACTIVE || account.status == ACCOUNT_INVITED);
    TRY(device_find(b, call->request, call->realm, account.id, &task.device));
    task.trusted = task.device != 0;
    task.account = account.id;
    task.tries = task.trusted      ? tries_of_device(task.device)
                 : account.id != 0 ? tries_of_account(account.id)
                                   : tries_of_name(call->realm, bytes_text(said.name));
    task.password = said.password;
    if (may) memcpy(task.record, account.password, sizeof task.record);
    else stand_in(b, &task);
    hashing_take(b, &task, response);
    return OK;
}

/* A try is spent, durably, before anything is compared. */
static err start_login(struct backoffice *b, struct task *task)
{
    bool last = false;
    int64_t now_ms = backoffice_now_ms(b);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(tries_spend(&tx, &task->tries, now_ms, &task->spent, &last));
    if (last) {
        TRY(audit_append(&tx, &(struct audit_entry){now_ms, BYTES("backoffice"),
                                                    BYTES("log_in_tries_used"),
                                                    bytes_text(task->address), BYTES("")}));
    }
    TRY(store_commit(&tx));
    if (!task->spent) stand_in(b, task);
    return OK;
}

static err done_login(struct backoffice *b, struct task *task,
                      const struct backoffice_hashed *result, struct http_response *response)
{
    struct account account;
    const struct entrance from = {task->realm, task->address, task->agent,
                                  0,           task->device,  backoffice_now_ms(b)};
    if (!result->right || task->stand_in || task->account == 0) {
        entrance_wrong(response);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(account_find(b->store, task->account, &account));
    /* It may have been suspended, or its password changed, while we were hashing. */
    bool may = account.status == ACCOUNT_ACTIVE || account.status == ACCOUNT_INVITED;
    if (!may || strcmp(account.password, task->record) != 0) {
        entrance_wrong(response);
        return OK;
    }
    if (result->record[0] != '\0')
        TRY(credential_rehash(&tx, account.id, bytes_text(result->record)));
    return entrance_half(b, &tx, &account, &from, response);
}

const struct task_rules login_task = {start_login, done_login};

/* ---- the second factor ---- */

typedef err (*factor_check)(struct backoffice *b, struct store_tx *tx, const struct call *call,
                            struct bytes code, enum factor_verdict *ret);

static err check_totp(struct backoffice *b, struct store_tx *tx, const struct call *call,
                      struct bytes code, enum factor_verdict *ret)
{
    return factor_totp(b, tx, call->caller->account.id, code, call->now_ms, ret);
}

static err check_recovery(struct backoffice *b, struct store_tx *tx, const struct call *call,
                          struct bytes code, enum factor_verdict *ret)
{
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    return factor_recovery(b, tx, &actor, call->caller->account.id, code, ret);
}

static err parse_code(struct bytes body, char *out, size_t size)
{
    static const char *const names[] = {"code", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    TRY(json_parse(body, BODY_MAX, &d));
    TRY(json_only(d.root, names));
    return json_text_copy(d.root, "code", out, size);
}

/* A try of the account, or of the device, in a transaction of its own: whatever comes, it is spent.
 */
static err spend_try(struct backoffice *b, const struct call *call, int64_t device, bool *ret_go)
{
    bool last = false;
    struct tries_key key =
        device != 0 ? tries_of_device(device) : tries_of_account(call->caller->account.id);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(tries_spend(&tx, &key, call->now_ms, ret_go, &last));
    return store_commit(&tx);
}

static err with_code(struct backoffice *b, const struct call *call, struct http_response *response,
                     factor_check check, const char *how)
{
    char code[32];
    int64_t device = 0;
    bool go = false;
    enum factor_verdict verdict = FACTOR_WRONG;
    err e = parse_code(call->request->body, code, sizeof code);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    if (!entrance_at(call, SESSION_FACTOR, response)) return OK;
    TRY(device_find(b, call->request, call->realm, call->caller->account.id, &device));
    TRY(spend_try(b, call, device, &go));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    if (go) TRY(check(b, &tx, call, bytes_text(code), &verdict));
    explicit_bzero(code, sizeof code);
    if (verdict == FACTOR_AWAY) backoffice_unavailable(response, ERR(REFUSED));
    else if (verdict == FACTOR_WRONG) entrance_wrong(response);
    if (verdict != FACTOR_RIGHT) return OK;
    struct account account;
    TRY(account_find(b->store, call->caller->account.id, &account));
    if (check == check_recovery)
        TRY(entrance_notify(b, &tx, &account, NOTICE_CHANGED, "", call->now_ms));
    const struct entrance from = entrance_of_call(b, call, device);
    return entrance_complete(b, &tx, &account, &from, how, BYTES(""), response);
}

static err on_totp(struct backoffice *b, const struct call *call, struct http_response *response)
{
    return with_code(b, call, response, check_totp, "password and code");
}

static err on_recovery(struct backoffice *b, const struct call *call,
                       struct http_response *response)
{
    return with_code(b, call, response, check_recovery, "password and recovery code");
}

/* ---- a passkey, alone or behind a password ---- */

static err on_passkey_begin(struct backoffice *b, const struct call *call,
                            struct http_response *response)
{
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES];
    const struct challenge what = {CHALLENGE_LOGIN, call->realm, 0};
    challenge_make(b, &what, call->now_ms, challenge);
    passkey_write_request(b, challenge, &response->body);
    return OK;
}

static err on_passkey_finish(struct backoffice *b, const struct call *call,
                             struct http_response *response)
{
    struct factor_assertion assertion;
    struct account account;
    const struct challenge what = {CHALLENGE_LOGIN, call->realm, 0};
    enum factor_verdict verdict = FACTOR_WRONG;
    int64_t id = 0, device = 0;
    err e = factor_parse(call->request->body, &assertion);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(factor_passkey(b, &tx, &what, &assertion, 0, call->now_ms, &verdict, &id));
    if (verdict == FACTOR_RIGHT) TRY(account_find(b->store, id, &account));
    if (verdict != FACTOR_RIGHT || account.status != ACCOUNT_ACTIVE ||
        account.kind != session_kind(call->realm)) {
        entrance_wrong(response);
        return OK;
    }
    TRY(device_find(b, call->request, call->realm, id, &device));
    struct entrance from = entrance_of_call(b, call, device);
    return entrance_complete(b, &tx, &account, &from, "passkey", BYTES(""), response);
}

/* ---- out ---- */

static err on_logout(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct caller caller;
    session_drop_cookie(b, call->realm, response);
    response->status = 204;
    err found = session_find(b, call->request, call->realm, call->now_ms, &caller);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(session_end(&tx, caller.account.id, caller.session));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(caller.subject),
                                                BYTES("log_out"), bytes_text(caller.subject),
                                                BYTES("")}));
    return store_commit(&tx);
}

/* ---- the part ---- */

#define LOGIN_ROUTES(X)                                                                         \
    X(GET, "/session", PUBLIC, ROLES_ALL, 0, on_session)                                        \
    X(POST, "/login", PUBLIC, ROLES_ALL, BODY_MAX, on_login)                                    \
    X(POST, "/login/passkey/begin", PUBLIC, ROLES_ALL, ROUTE_EMPTY, on_passkey_begin)           \
    X(POST, "/login/passkey/finish", PUBLIC, ROLES_ALL, BACKOFFICE_BODY_MAX, on_passkey_finish) \
    X(POST, "/login/totp", HALF, ROLES_ALL, 128, on_totp)                                       \
    X(POST, "/login/recovery", HALF, ROLES_ALL, 128, on_recovery)                               \
    X(POST, "/logout", PUBLIC, ROLES_ALL, ROUTE_EMPTY, on_logout)

static const struct route rows[] = {LOGIN_ROUTES(ROUTE_ROW)};

static err open_login(struct backoffice *b)
{
    TRY(hashing_open(b));
    return challenges_open(b);
}

static void close_login(struct backoffice *b)
{
    hashing_close(b);
    challenges_close(b);
}

static err tick_login(struct backoffice *b, int64_t now_ms)
{
    if (now_ms / SWEEP_MS == b->swept) return OK;
    b->swept = now_ms / SWEEP_MS;
    TRY(sessions_sweep(b, now_ms));
    return tries_sweep(b, now_ms);
}

const struct backoffice_part login_part = {.name = "login",
                                           .schema = &session_schema,
                                           .routes = rows,
                                           .route_count = ARRAY_LEN(rows),
                                           .open = open_login,
                                           .close = close_login,
                                           .flush = hashing_run,
                                           .tick = tick_login};
