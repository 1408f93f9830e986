/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person's own security page: passkeys, the app's codes, recovery codes, sessions. What lets
 * somebody in is changed only just after a factor was shown; every change is told to the person at
 * every address, ends the other sessions, and leaves at least one factor. Who has no factor yet
 * sets the first one up on the same way, and is in with it.
 */
#include "backoffice/accounts/entrance.h"
#include "backoffice/parts.h"
#include "lib/base/base64.h"

enum { CODES_JSON_MAX = 512 };

/* ---- what there is ---- */

static err write_passkeys(struct backoffice *b, struct json_out *j, int64_t account)
{
    struct passkey list[PASSKEYS_MAX];
    size_t count = 0;
    TRY(passkeys_of(b->store, account, list, &count));
    json_member_array(j, "passkeys");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        json_member_int(j, "id", list[i].id);
        json_member_string(j, "label", list[i].label);
        json_member_int(j, "added", list[i].added_ms);
        json_member_int(j, "used", list[i].used_ms);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err write_sessions(struct backoffice *b, struct json_out *j, const struct call *call)
{
    struct session_row list[BACKOFFICE_SESSIONS];
    size_t count = 0;
    TRY(sessions_of(b, call->caller->account.id, call->now_ms, list, &count));
    json_member_array(j, "sessions");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        json_member_int(j, "id", list[i].id);
        json_member_int(j, "begun", list[i].made_ms);
        json_member_int(j, "used", list[i].used_ms);
        json_member_string(j, "address", list[i].address);
        json_member_string(j, "agent", list[i].agent);
        json_member_bool(j, "this", list[i].id == call->caller->session);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err on_security(struct backoffice *b, const struct call *call,
                       struct http_response *response)
{
    const struct account *a = &call->caller->account;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_bool(&j, "totp", a->has_totp);
    json_member_int(&j, "recovery_codes", a->recovery_codes);
    json_member_int(&j, "password_set", a->password_ms);
    TRY(write_passkeys(b, &j, a->id));
    TRY(write_sessions(b, &j, call));
    json_object_end(&j);
    return OK;
}

/* ---- sessions ---- */

static err parse_id(struct bytes body, int64_t *ret_id)
{
    static const char *const names[] = {"id", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    TRY(json_parse(body, BACKOFFICE_BODY_MAX, &d));
    TRY(json_only(d.root, names));
    return json_int(d.root, "id", 1, INT64_MAX, ret_id);
}

static err on_session_end(struct backoffice *b, const struct call *call,
                          struct http_response *response)
{
    int64_t id = 0;
    err e = parse_id(call->request->body, &id);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    err ended = session_end(&tx, call->caller->account.id, id);
    if (ended.code == ERR_NOT_FOUND) {
        backoffice_not_found(response);
        return OK;
    }
    TRY(ended);
    response->status = 204;
    return store_commit(&tx);
}

static err on_sessions_end(struct backoffice *b, const struct call *call,
                           struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(session_end_others(&tx, call->caller->account.id, call->caller->session, false,
                           SESSION_ELSEWHERE));
    response->status = 204;
    return store_commit(&tx);
}

/* ---- after a factor was added or taken away ---- */

/*
 * Tells the person, ends the other sessions, and commits. Whoever was setting up the first factor
 * is in with it and gets recovery codes; whoever was in goes on.
 */
static err finish(struct backoffice *b, struct store_tx *tx, const struct call *call,
                  const char *how, struct http_response *response)
{
    struct account account;
    char codes[CODES_JSON_MAX];
    bool away = false, first = call->caller->stage == SESSION_ENROL;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    TRY(session_end_others(tx, call->caller->account.id, call->caller->session, false,
                           SESSION_FACTORS));
    TRY(account_find(b->store, call->caller->account.id, &account));
    TRY(entrance_notify(b, tx, &account, NOTICE_CHANGED, "", call->now_ms));
    if (!first) {
        response->status = 204;
        return store_commit(tx);
    }
    if (account.status == ACCOUNT_INVITED)
        TRY(account_set_status(tx, &actor, account.id, ACCOUNT_ACTIVE));
    TRY(credential_allow_enrolment(tx, account.id, 0));
    struct writer w = writer_over(codes, sizeof codes);
    TRY(factor_codes(b, tx, &actor, account.id, &w, &away));
    if (away) {
        backoffice_unavailable(response, ERR(REFUSED));
        return OK;
    }
    TRY(account_find(b->store, account.id, &account));
    const struct entrance from = entrance_of_call(b, call, 0);
    err done = entrance_complete(b, tx, &account, &from, how, writer_view(&w), response);
    explicit_bzero(codes, sizeof codes);
    return done;
}

/* ---- the app's codes ---- */

static void write_base64_member(struct json_out *j, const char *name, struct bytes b)
{
    char text[256];
    struct writer w = writer_over(text, sizeof text);
    base64_write(&w, b);
    json_member_text(j, name, writer_view(&w));
    explicit_bzero(text, sizeof text);
}

/* The secret goes to the page, sealed for its way back: nothing is kept until it is confirmed. */
static err on_totp_begin(struct backoffice *b, const struct call *call,
                         struct http_response *response)
{
    uint8_t secret[TOTP_SECRET_BYTES], sealed[TOTP_SEALED_MAX];
    char uri[320], key[TOTP_BASE32_CHARS + 1] = "";
    const struct account *a = &call->caller->account;
    struct writer s = writer_over(sealed, sizeof sealed), u = writer_over(uri, sizeof uri),
                  k = writer_over(key, TOTP_BASE32_CHARS);
    random_fill(&b->config.random, secret, sizeof secret);
    if (!factor_seal(b, a->id, true, secret, &s)) {
        backoffice_unavailable(response, ERR(REFUSED));
        return OK;
    }
    totp_write_uri(&u, secret,
                   call->realm == REALM_STAFF ? BYTES("Tongbao Staff") : BYTES("Tongbao"),
                   bytes_text(a->login));
    totp_write_base32(&k, secret);
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_text(&j, "uri", writer_view(&u));
    json_member_text(&j, "key", writer_view(&k));
    write_base64_member(&j, "pending", writer_view(&s));
    json_object_end(&j);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(uri, sizeof uri);
    explicit_bzero(key, sizeof key);
    return OK;
}

static err parse_totp(struct bytes body, uint8_t sealed[TOTP_SEALED_MAX], size_t *ret_len,
                      char code[TOTP_DIGITS + 1])
{
    static const char *const names[] = {"pending", "code", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    TRY(json_parse(body, BACKOFFICE_BODY_MAX, &d));
    TRY(json_only(d.root, names));
    TRY(json_text_copy(d.root, "code", code, TOTP_DIGITS + 1));
    return factor_base64(d.root, "pending", sealed, TOTP_SEALED_MAX, ret_len);
}

static err set_totp(struct backoffice *b, const struct call *call,
                    const uint8_t secret[TOTP_SECRET_BYTES], int64_t step,
                    struct http_response *response)
{
    uint8_t sealed[TOTP_SEALED_MAX];
    struct writer w = writer_over(sealed, sizeof sealed);
    int64_t account = call->caller->account.id;
    bool won = false;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    if (!factor_seal(b, account, false, secret, &w)) {
        backoffice_unavailable(response, ERR(REFUSED));
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(credential_set_totp(&tx, &actor, account, writer_view(&w)));
    TRY(credential_take_totp(&tx, account, step, &won));
    ENSURE(won); /* setting it has begun the steps anew */
    return finish(b, &tx, call, "set-up of codes", response);
}

static err on_totp_finish(struct backoffice *b, const struct call *call,
                          struct http_response *response)
{
    uint8_t sealed[TOTP_SEALED_MAX], secret[TOTP_SECRET_BYTES] = {0};
    char code[TOTP_DIGITS + 1];
    size_t len = 0;
    bool right = false;
    int64_t step = 0;
    err e = parse_totp(call->request->body, sealed, &len, code);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    e = factor_open(b, call->caller->account.id, true, bytes_of(sealed, len), secret);
    if (e.code == ERR_REFUSED) {
        backoffice_unavailable(response, e);
        return OK;
    }
    if (!FAILED(e))
        TRY(totp_check(BYTES_OF(secret), bytes_text(code), call->now_ms, 0, &right, &step));
    if (right) e = set_totp(b, call, secret, step, response);
    else {
        http_response_error(response, 422, "code",
                            "the code is not of this key; is the clock right?");
        e = OK;
    }
    explicit_bzero(secret, sizeof secret);
    return e;
}

/* One factor must be left. */
static bool would_lock_out(const struct account *a, uint32_t passkeys, bool totp,
                           struct http_response *response)
{
    (void)a;
    if (passkeys > 0 || totp) return false;
    http_response_error(response, 409, "last_factor", "add another factor before this one goes");
    return true;
}

static err on_totp_remove(struct backoffice *b, const struct call *call,
                          struct http_response *response)
{
    const struct account *a = &call->caller->account;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    if (would_lock_out(a, a->passkeys, false, response)) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(credential_set_totp(&tx, &actor, a->id, BYTES("")));
    return finish(b, &tx, call, "", response);
}

/* ---- passkeys ---- */

static err on_passkey_begin(struct backoffice *b, const struct call *call,
                            struct http_response *response)
{
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES], handle[TOKEN_HASH_BYTES];
    const struct account *a = &call->caller->account;
    const struct challenge what = {CHALLENGE_ADD, call->realm, call->caller->session};
    struct passkey list[PASSKEYS_MAX];
    size_t count = 0;
    challenge_make(b, &what, call->now_ms, challenge);
    token_digest("user handle", bytes_text(call->caller->subject), handle);
    TRY(passkeys_of(b->store, a->id, list, &count));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    write_base64_member(&j, "challenge", BYTES_OF(challenge));
    json_member_text(&j, "rp_id", factor_site(b).rp_id);
    write_base64_member(&j, "user", BYTES_OF(handle));
    json_member_string(&j, "login", a->login);
    json_member_string(&j, "name", a->name);
    json_member_array(&j, "exclude");
    for (size_t i = 0; i < count; i++) {
        char text[WEBAUTHN_CREDENTIAL_MAX * 4 / 3 + 8];
        struct writer w = writer_over(text, sizeof text);
        base64_write(&w, bytes_of(list[i].key.credential, list[i].key.credential_len));
        json_element_text(&j, writer_view(&w));
    }
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

struct registration {
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES], client_data[WEBAUTHN_CLIENT_DATA_MAX],
        object[WEBAUTHN_OBJECT_MAX];
    size_t client_data_len, object_len;
    char label[PASSKEY_LABEL_MAX + 1];
};

static err parse_registration(struct bytes body, struct registration *out)
{
    static const char *const names[] = {"challenge", "client_data", "object", "label", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    size_t len = 0;
    TRY(json_parse(body, BACKOFFICE_BODY_MAX, &d));
    TRY(json_only(d.root, names));
    TRY(factor_base64(d.root, "challenge", out->challenge, sizeof out->challenge, &len));
    if (len != sizeof out->challenge) return ERR(LENGTH);
    TRY(factor_base64(d.root, "client_data", out->client_data, sizeof out->client_data,
                      &out->client_data_len));
    TRY(factor_base64(d.root, "object", out->object, sizeof out->object, &out->object_len));
    TRY(json_text_copy(d.root, "label", out->label, sizeof out->label));
    return out->label[0] == '\0' ? ERR(FORMAT) : OK;
}

static err on_passkey_finish(struct backoffice *b, const struct call *call,
                             struct http_response *response)
{
    struct registration r = {0};
    struct webauthn_key key;
    int64_t id = 0;
    const struct challenge what = {CHALLENGE_ADD, call->realm, call->caller->session};
    const struct webauthn_site site = factor_site(b);
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    err e = parse_registration(call->request->body, &r);
    if (!FAILED(e) && !challenge_good(b, &what, call->now_ms, r.challenge)) e = ERR(TIMEOUT);
    if (!FAILED(e))
        e = webauthn_register(&site, r.challenge, bytes_of(r.client_data, r.client_data_len),
                              bytes_of(r.object, r.object_len), &key);
    if (!FAILED(e)) e = challenge_spend(b, call->now_ms, r.challenge);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    e = passkey_add(&tx, &actor, call->caller->account.id, &key, bytes_text(r.label), &id);
    if (e.code == ERR_FULL || e.code == ERR_EXISTS || e.code == ERR_FORMAT) {
        http_response_error(response, 409, err_name(e), "too many passkeys, or this one is known");
        return OK;
    }
    TRY(e);
    return finish(b, &tx, call, "set-up of a passkey", response);
}

static err on_passkey_remove(struct backoffice *b, const struct call *call,
                             struct http_response *response)
{
    const struct account *a = &call->caller->account;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    int64_t id = 0;
    err e = parse_id(call->request->body, &id);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    if (would_lock_out(a, a->passkeys - (a->passkeys > 0), a->has_totp, response)) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    e = passkey_remove(&tx, &actor, a->id, id);
    if (e.code == ERR_NOT_FOUND) {
        backoffice_not_found(response);
        return OK;
    }
    TRY(e);
    return finish(b, &tx, call, "", response);
}

/* ---- recovery codes ---- */

static err on_codes(struct backoffice *b, const struct call *call, struct http_response *response)
{
    bool away = false;
    char codes[CODES_JSON_MAX];
    struct writer w = writer_over(codes, sizeof codes);
    const struct account *a = &call->caller->account;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(factor_codes(b, &tx, &actor, a->id, &w, &away));
    if (away) {
        backoffice_unavailable(response, ERR(REFUSED));
        return OK;
    }
    TRY(entrance_notify(b, &tx, a, NOTICE_CHANGED, "", call->now_ms));
    TRY(store_commit(&tx));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_raw(&j, "codes", writer_view(&w));
    json_object_end(&j);
    explicit_bzero(codes, sizeof codes);
    return OK;
}

/* ---- the part ---- */

/* Setting up the first factor is a step of the log-in; after that it takes a factor to change one.
 */
static err enrolling(struct backoffice *b, const struct call *call, struct http_response *response,
                     route_handler handle)
{
    return entrance_at(call, SESSION_ENROL, response) ? handle(b, call, response) : OK;
}

#define ENROL(name)                                                        \
    static err enrol_##name(struct backoffice *b, const struct call *call, \
                            struct http_response *response)                \
    {                                                                      \
        return enrolling(b, call, response, on_##name);                    \
    }
ENROL(totp_begin)
ENROL(totp_finish)
ENROL(passkey_begin)
ENROL(passkey_finish)

#define SECURITY_ROUTES(X)                                                                     \
    X(GET, "/security", SESSION, ROLES_ALL, 0, on_security)                                    \
    X(POST, "/security/sessions/end", SESSION, ROLES_ALL, 64, on_session_end)                  \
    X(POST, "/security/sessions/end-others", SESSION, ROLES_ALL, ROUTE_EMPTY, on_sessions_end) \
    X(POST, "/security/totp/begin", STEP_UP, ROLES_ALL, ROUTE_EMPTY, on_totp_begin)            \
    X(POST, "/security/totp/finish", STEP_UP, ROLES_ALL, 512, on_totp_finish)                  \
    X(POST, "/security/totp/remove", STEP_UP, ROLES_ALL, ROUTE_EMPTY, on_totp_remove)          \
    X(POST, "/security/passkey/begin", STEP_UP, ROLES_ALL, ROUTE_EMPTY, on_passkey_begin)      \
    X(POST, "/security/passkey/finish", STEP_UP, ROLES_ALL, BACKOFFICE_BODY_MAX,               \
      on_passkey_finish)                                                                       \
    X(POST, "/security/passkey/remove", STEP_UP, ROLES_ALL, 64, on_passkey_remove)             \
    X(POST, "/security/codes", STEP_UP, ROLES_ALL, ROUTE_EMPTY, on_codes)                      \
    X(POST, "/enrol/totp/begin", HALF, ROLES_ALL, ROUTE_EMPTY, enrol_totp_begin)               \
    X(POST, "/enrol/totp/finish", HALF, ROLES_ALL, 512, enrol_totp_finish)                     \
    X(POST, "/enrol/passkey/begin", HALF, ROLES_ALL, ROUTE_EMPTY, enrol_passkey_begin)         \
    X(POST, "/enrol/passkey/finish", HALF, ROLES_ALL, BACKOFFICE_BODY_MAX, enrol_passkey_finish)

static const struct route rows[] = {SECURITY_ROUTES(ROUTE_ROW)};

const struct backoffice_part security_part = {
    .name = "security", .routes = rows, .route_count = ARRAY_LEN(rows)};
