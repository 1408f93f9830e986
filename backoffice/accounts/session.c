/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions and the cookies that carry them. Only hashes are stored: a copied file logs nobody in.
 */
#include "backoffice/accounts/session.h"

#include <stdio.h>

static const char *const session_migration[] = {
    "CREATE TABLE session(id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE,"
    " account INTEGER NOT NULL REFERENCES account(id), stage INTEGER NOT NULL,"
    " made_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL,"
    " step_ms INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL) STRICT;"
    "CREATE INDEX session_account ON session(account);"
    "CREATE TABLE device(id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE,"
    " account INTEGER NOT NULL REFERENCES account(id), agent TEXT NOT NULL,"
    " made_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX device_account ON device(account);"
    "CREATE TABLE tries(key BLOB PRIMARY KEY, known INTEGER NOT NULL, window_ms INTEGER NOT NULL,"
    " used INTEGER NOT NULL, total INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX tries_window ON tries(window_ms);",

    /* Sessions that were ended, until they would have: why is told to who still holds one. */
    "CREATE TABLE session_over(hash BLOB PRIMARY KEY, why INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

const struct store_schema session_schema = {"session", session_migration,
                                            ARRAY_LEN(session_migration)};

/* ---- callers ---- */

struct registry_actor caller_actor(const struct caller *caller, int64_t now_ms)
{
    return (struct registry_actor){bytes_text(caller->subject), now_ms};
}

bool caller_may_see(const struct caller *caller, const char *mid, uint32_t outlet)
{
    if (caller->account.kind == ACCOUNT_STAFF) return true;
    if (strcmp(caller->account.mid, mid) != 0) return false;
    return caller->account.outlet == 0 || caller->account.outlet == outlet;
}

enum account_kind session_kind(enum realm realm)
{
    return realm == REALM_STAFF ? ACCOUNT_STAFF : ACCOUNT_OWNER;
}

/* ---- cookies ---- */

enum cookie { COOKIE_SESSION, COOKIE_DEVICE };

/* [realm][cookie]; the first six characters are left out where people come by plain http. */
static const char *const cookie_name[REALMS][2] = {
    [REALM_STAFF] = {"__Host-tongbao-staff", "__Host-tongbao-staff-device"},
    [REALM_CONSOLE] = {"__Host-tongbao-console", "__Host-tongbao-console-device"},
};

static const char *name_of(const struct backoffice *b, enum realm realm, enum cookie cookie)
{
    const char *name = cookie_name[realm][cookie];
    return b->https ? name : name + strlen("__Host-");
}

static const char *read_cookie(const struct backoffice *b, const struct backoffice_request *request,
                               enum realm realm, enum cookie cookie)
{
    return request->reader.cookie(request->reader.context, name_of(b, realm, cookie));
}

const char *session_cookie(const struct backoffice *b, const struct backoffice_request *request,
                           enum realm realm)
{
    return read_cookie(b, request, realm, COOKIE_SESSION);
}

static void put_cookie(const struct backoffice *b, enum realm realm, enum cookie cookie,
                       const char *value, int64_t seconds, struct http_response *response)
{
    char text[256], age[32] = "";
    if (seconds >= 0) snprintf(age, sizeof age, "; Max-Age=%lld", (long long)seconds);
    snprintf(text, sizeof text, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
             name_of(b, realm, cookie), value, b->https ? "; Secure" : "", age);
    http_response_header(response, "Set-Cookie", text);
    explicit_bzero(text, sizeof text);
}

void session_drop_cookie(const struct backoffice *b, enum realm realm,
                         struct http_response *response)
{
    put_cookie(b, realm, COOKIE_SESSION, "", 0, response);
}

void session_csrf(const char *token, char ret_text[SESSION_CSRF_TEXT + 1])
{
    token_digest_text("csrf", bytes_text(token), ret_text, SESSION_CSRF_TEXT);
}

bool session_csrf_right(const struct backoffice *b, const struct backoffice_request *request,
                        enum realm realm)
{
    char right[SESSION_CSRF_TEXT + 1];
    uint8_t a[TOKEN_HASH_BYTES], c[TOKEN_HASH_BYTES];
    const char *said = request->reader.header(request->reader.context, "X-CSRF");
    const char *token = session_cookie(b, request, realm);
    if (said == NULL || token == NULL) return false;
    session_csrf(token, right);
    token_digest("compare", bytes_text(said), a);
    token_digest("compare", bytes_text(right), c);
    return token_same(a, c);
}

/* ---- finding ---- */

static int64_t longest_ms(enum account_kind kind)
{
    return kind == ACCOUNT_STAFF ? SESSION_STAFF_MS : SESSION_CONSOLE_MS;
}

static err read_session(struct store *store, const uint8_t hash[TOKEN_HASH_BYTES], int64_t now_ms,
                        struct caller *caller, int64_t *ret_account)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT id, account, stage, step_ms FROM session WHERE hash = ?"
                        " AND ends_ms > ?2 AND used_ms > ?3",
                        &query));
    store_bind_blob(query, bytes_of(hash, TOKEN_HASH_BYTES));
    store_bind_int(query, now_ms);
    store_bind_int(query, now_ms - SESSION_IDLE_MS);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    caller->session = store_read_int(query);
    *ret_account = store_read_int(query);
    int64_t stage = store_read_int(query);
    caller->step_ms = store_read_int(query);
    err failure = store_read_finish(query);
    store_reset(query);
    TRY(failure);
    if (stage < SESSION_FACTOR || stage >= SESSION_STAGES) return ERR(CORRUPT);
    caller->stage = (enum session_stage)stage;
    return OK;
}

err session_find(struct backoffice *b, const struct backoffice_request *request, enum realm realm,
                 int64_t now_ms, struct caller *ret_caller)
{
    uint8_t hash[TOKEN_HASH_BYTES];
    struct caller caller = {0};
    int64_t account = 0;
    const char *cookie = session_cookie(b, request, realm);
    if (cookie == NULL || FAILED(token_hash("session", bytes_text(cookie), hash)))
        return ERR(NOT_FOUND);
    TRY(read_session(b->store, hash, now_ms, &caller, &account));
    TRY(account_find(b->store, account, &caller.account));
    if (caller.account.kind != session_kind(realm)) return ERR(NOT_FOUND);
    bool may = caller.account.status == ACCOUNT_ACTIVE ||
               (caller.account.status == ACCOUNT_INVITED && caller.stage == SESSION_ENROL);
    if (!may) return ERR(NOT_FOUND);
    caller.roles = caller.account.roles;
    caller.stepped_up = caller.step_ms > 0 && now_ms - caller.step_ms < SESSION_STEP_UP_MS &&
                        now_ms >= caller.step_ms;
    account_subject(&caller.account, caller.subject);
    *ret_caller = caller;
    return OK;
}

err session_why(struct backoffice *b, const struct backoffice_request *request, enum realm realm,
                const char **ret_why)
{
    static const char *const words[SESSION_WHYS] = {[SESSION_PASSWORD] = "password_changed",
                                                    [SESSION_FACTORS] = "factors_changed",
                                                    [SESSION_RIGHTS] = "rights_changed",
                                                    [SESSION_ELSEWHERE] = "ended_elsewhere"};
    uint8_t hash[TOKEN_HASH_BYTES];
    struct store_statement *query;
    bool row = false;
    const char *cookie = session_cookie(b, request, realm);
    *ret_why = NULL;
    if (cookie == NULL || FAILED(token_hash("session", bytes_text(cookie), hash))) return OK;
    TRY(store_statement(b->store, "SELECT why FROM session_over WHERE hash = ?", &query));
    store_bind_blob(query, BYTES_OF(hash));
    TRY(store_step(query, &row));
    if (!row) return OK;
    int64_t why = store_read_int(query);
    store_reset(query);
    if (why > 0 && why < SESSION_WHYS) *ret_why = words[why];
    return OK;
}

err session_refuse(struct backoffice *b, const struct backoffice_request *request, enum realm realm,
                   struct http_response *response)
{
    const char *why = NULL;
    TRY(session_why(b, request, realm, &why));
    http_response_error(response, 401, why == NULL ? "session" : why,
                        why == NULL ? "log in first" : "signed out; log in again");
    return OK;
}

bool session_from_own_page(const struct backoffice_request *request)
{
    const char *site = request->reader.header(request->reader.context, "Sec-Fetch-Site");
    if (site == NULL || strcmp(site, "same-origin") == 0) return true;
    return strcmp(site, "none") == 0 && strcmp(request->method, "GET") == 0;
}

err session_touch(struct backoffice *b, const struct caller *caller, int64_t now_ms)
{
    struct store_statement *touch;
    TRY(store_statement(b->store, "UPDATE session SET used_ms = ?1 WHERE id = ?2 AND used_ms < ?3",
                        &touch));
    store_bind_int(touch, now_ms);
    store_bind_int(touch, caller->session);
    store_bind_int(touch, now_ms - SESSION_TOUCH_MS);
    return store_run(touch);
}

/* ---- beginning and ending ---- */

/*
 * Makes room: the sessions used longest ago go until one more may come. Steps of a log-in have
 * places of their own: who knows only a password logs nobody out.
 */
static err end_oldest(struct store_tx *tx, int64_t account, bool full)
{
    struct store_statement *drop;
    TRY(store_statement(tx->store,
                        "DELETE FROM session WHERE account = ?1 AND (stage = ?2) = ?3 AND id NOT IN"
                        " (SELECT id FROM session WHERE account = ?1 AND (stage = ?2) = ?3"
                        " ORDER BY used_ms DESC, id DESC LIMIT ?4)",
                        &drop));
    store_bind_int(drop, account);
    store_bind_int(drop, SESSION_FULL);
    store_bind_int(drop, full);
    store_bind_int(drop, full ? BACKOFFICE_SESSIONS - 1 : BACKOFFICE_HALF_SESSIONS - 1);
    return store_run(drop);
}

static void bind_text_cut(struct store_statement *statement, const char *text, size_t max)
{
    size_t len = text == NULL ? 0 : strlen(text);
    struct bytes b = bytes_of(text, len < max ? len : max);
    while (b.len > 0 && !json_utf8_valid(b)) b.len--; /* not in the middle of a character */
    store_bind_text(statement, b.len == 0 ? BYTES("") : b);
}

/* A session that only changes its token ends when it would have ended. */
static err end_of_old(struct store_tx *tx, int64_t session, int64_t *ret_ends_ms)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(tx->store, "SELECT ends_ms FROM session WHERE id = ? AND stage = ?",
                        &query));
    store_bind_int(query, session);
    store_bind_int(query, SESSION_FULL);
    TRY(store_step(query, &row));
    if (row) *ret_ends_ms = store_read_int(query);
    store_reset(query);
    return OK;
}

err session_begin(struct backoffice *b, struct store_tx *tx, const struct session_start *start,
                  struct http_response *response, char ret_csrf[SESSION_CSRF_TEXT + 1])
{
    CLEANUP(token_wipe) struct token token;
    struct store_statement *insert;
    const struct account *account = start->account;
    enum realm realm = account->kind == ACCOUNT_STAFF ? REALM_STAFF : REALM_CONSOLE;
    bool full = start->stage == SESSION_FULL;
    int64_t ends_ms = start->now_ms + (full ? longest_ms(account->kind) : SESSION_HALF_MS);
    if (start->replaces != 0) {
        if (full) TRY(end_of_old(tx, start->replaces, &ends_ms));
        err ended = session_end(tx, account->id, start->replaces);
        if (FAILED(ended) && ended.code != ERR_NOT_FOUND) return ended;
    }
    TRY(end_oldest(tx, account->id, full));
    token_make(&b->config.random, "session", &token);
    TRY(store_statement(tx->store,
                        "INSERT INTO session(hash, account, stage, made_ms, used_ms, ends_ms,"
                        " step_ms, address, agent) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_blob(insert, BYTES_OF(token.hash));
    store_bind_int(insert, account->id);
    store_bind_int(insert, (int64_t)start->stage);
    store_bind_int(insert, start->now_ms);
    store_bind_int(insert, start->now_ms);
    store_bind_int(insert, ends_ms);
    store_bind_int(insert, start->stepped ? start->now_ms : 0);
    bind_text_cut(insert, start->address, HTTP_ADDRESS_MAX - 1);
    bind_text_cut(insert, start->agent, SESSION_AGENT_MAX);
    TRY(store_run(insert));
    put_cookie(b, realm, COOKIE_SESSION, token.text, -1, response);
    session_csrf(token.text, ret_csrf);
    return OK;
}

err session_end(struct store_tx *tx, int64_t account, int64_t session)
{
    struct store_statement *drop;
    TRY(store_statement(tx->store, "DELETE FROM session WHERE id = ? AND account = ?", &drop));
    store_bind_int(drop, session);
    store_bind_int(drop, account);
    TRY(store_run(drop));
    return store_changes(tx->store) == 1 ? OK : ERR(NOT_FOUND);
}

/* Steps of a log-in have nothing to be told. */
static err remember_why(struct store_tx *tx, int64_t account, int64_t but, enum session_why why)
{
    struct store_statement *keep;
    TRY(store_statement(tx->store,
                        "INSERT OR REPLACE INTO session_over(hash, why, until_ms) SELECT hash, ?1,"
                        " ends_ms FROM session WHERE account = ?2 AND id <> ?3 AND stage = ?4",
                        &keep));
    store_bind_int(keep, (int64_t)why);
    store_bind_int(keep, account);
    store_bind_int(keep, but);
    store_bind_int(keep, SESSION_FULL);
    return store_run(keep);
}

err session_end_others(struct store_tx *tx, int64_t account, int64_t but, bool devices,
                       enum session_why why)
{
    struct store_statement *drop;
    if (why != SESSION_UNSAID) TRY(remember_why(tx, account, but, why));
    TRY(store_statement(tx->store, "DELETE FROM session WHERE account = ? AND id <> ?", &drop));
    store_bind_int(drop, account);
    store_bind_int(drop, but);
    TRY(store_run(drop));
    if (!devices) return OK;
    TRY(store_statement(tx->store, "DELETE FROM device WHERE account = ?", &drop));
    store_bind_int(drop, account);
    return store_run(drop);
}

err sessions_of(struct backoffice *b, int64_t account, int64_t now_ms,
                struct session_row ret_rows[BACKOFFICE_SESSIONS], size_t *ret_count)
{
    struct store_statement *rows;
    bool row = false;
    *ret_count = 0;
    TRY(store_statement(
        b->store,
        "SELECT id, made_ms, used_ms, address, agent FROM session WHERE account = ?"
        " AND stage = ? AND ends_ms > ? AND used_ms > ? ORDER BY used_ms DESC, id DESC",
        &rows));
    store_bind_int(rows, account);
    store_bind_int(rows, SESSION_FULL);
    store_bind_int(rows, now_ms);
    store_bind_int(rows, now_ms - SESSION_IDLE_MS);
    for (;;) {
        TRY(store_step(rows, &row));
        if (!row) return OK;
        ENSURE(*ret_count < BACKOFFICE_SESSIONS);
        struct session_row *r = &ret_rows[(*ret_count)++];
        *r = (struct session_row){store_read_int(rows), store_read_int(rows), store_read_int(rows),
                                  "", ""};
        store_read_text_into(rows, r->address, sizeof r->address);
        store_read_text_into(rows, r->agent, sizeof r->agent);
    }
}

err sessions_sweep(struct backoffice *b, int64_t now_ms)
{
    struct store_statement *drop;
    TRY(store_statement(b->store, "DELETE FROM session WHERE ends_ms <= ? OR used_ms <= ?", &drop));
    store_bind_int(drop, now_ms);
    store_bind_int(drop, now_ms - SESSION_IDLE_MS);
    TRY(store_run(drop));
    TRY(store_statement(b->store, "DELETE FROM session_over WHERE until_ms <= ?", &drop));
    store_bind_int(drop, now_ms);
    return store_run(drop);
}

/* ---- devices ---- */

err device_find(struct backoffice *b, const struct backoffice_request *request, enum realm realm,
                int64_t account, int64_t *ret_device)
{
    uint8_t hash[TOKEN_HASH_BYTES] = {0};
    struct store_statement *query;
    bool row = false;
    const char *cookie = read_cookie(b, request, realm, COOKIE_DEVICE);
    *ret_device = 0;
    if (cookie == NULL || FAILED(token_hash("device", bytes_text(cookie), hash))) return OK;
    TRY(store_statement(
        b->store, "SELECT id FROM device WHERE hash = ? AND account = ? AND made_ms > ?", &query));
    store_bind_blob(query, BYTES_OF(hash));
    store_bind_int(query, account);
    store_bind_int(query, backoffice_now_ms(b) - DEVICE_MS);
    TRY(store_step(query, &row));
    if (row) *ret_device = store_read_int(query);
    store_reset(query);
    return OK;
}

err device_add(struct backoffice *b, struct store_tx *tx, const struct account *account,
               const char *agent, int64_t now_ms, struct http_response *response)
{
    CLEANUP(token_wipe) struct token token;
    struct store_statement *insert, *drop;
    enum realm realm = account->kind == ACCOUNT_STAFF ? REALM_STAFF : REALM_CONSOLE;
    TRY(store_statement(tx->store,
                        "DELETE FROM device WHERE account = ?1 AND id NOT IN (SELECT id FROM device"
                        " WHERE account = ?1 ORDER BY id DESC LIMIT ?2)",
                        &drop));
    store_bind_int(drop, account->id);
    store_bind_int(drop, BACKOFFICE_DEVICES - 1);
    TRY(store_run(drop));
    token_make(&b->config.random, "device", &token);
    TRY(store_statement(tx->store,
                        "INSERT INTO device(hash, account, agent, made_ms) VALUES(?, ?, ?, ?)",
                        &insert));
    store_bind_blob(insert, BYTES_OF(token.hash));
    store_bind_int(insert, account->id);
    bind_text_cut(insert, agent, SESSION_AGENT_MAX);
    store_bind_int(insert, now_ms);
    TRY(store_run(insert));
    put_cookie(b, realm, COOKIE_DEVICE, token.text, DEVICE_MS / 1000, response);
    return OK;
}
