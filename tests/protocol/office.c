/* SPDX-License-Identifier: Apache-2.0 */
/* Requests by curl, and rows in the store of a back office that is not running. */
#include "tests/protocol/office.h"

#include "backoffice/accounts/session.h"
#include "backoffice/api/api.h"
#include "lib/auth/token.h"
#include "lib/wire/json.h"
#include "lib/wire/rpc.h"

enum { TRAY_MAX = 65536 };

/* ---- who asks ---- */

static struct store *open_store(struct counter *counter)
{
    const struct store_options options = {.mode = STORE_OPEN, .busy_ms = 5000};
    struct store *store = NULL;
    child_kill(counter->stage.process_backoffice);
    assert_ok(
        store_open(host_path(counter->stage.backoffice, "backoffice.db"), &options, NULL, &store));
    return store;
}

static void begin(struct office *o, const struct counter *counter)
{
    *o = (struct office){.counter = counter, .curl = curl_easy_init()};
    assert_non_null(o->curl);
}

static void add_header(struct office *o, const char *name, const char *value)
{
    char line[200];
    snprintf(line, sizeof line, "%s: %s", name, value);
    o->headers = curl_slist_append(o->headers, line);
    assert_non_null(o->headers);
}

static void add_origin(struct office *o)
{
    char origin[64];
    snprintf(origin, sizeof origin, "http://localhost:%ld", o->counter->stage.backoffice_port);
    add_header(o, "Origin", origin);
}

/* Logged in, with a factor shown just now. */
static void put_session(struct store *store, const char *login, const struct token *token)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct clock clock = clock_system();
    int64_t now_ms = clock_now_ms(&clock);
    const struct registry_actor actor = {BYTES("test"), now_ms};
    struct store_statement *insert;
    struct account account;
    assert_ok(account_find_login(store, ACCOUNT_STAFF, bytes_text(login), &account));
    assert_ok(store_begin(store, &tx));
    if (account.status != ACCOUNT_ACTIVE)
        assert_ok(account_set_status(&tx, &actor, account.id, ACCOUNT_ACTIVE));
    assert_ok(store_statement(store,
                              "INSERT INTO session(hash, account, stage, made_ms, used_ms, ends_ms,"
                              " step_ms, address, agent) VALUES(?, ?, ?, ?4, ?4, ?4 + 3600000, ?4,"
                              " '127.0.0.1', 'test')",
                              &insert));
    store_bind_blob(insert, BYTES_OF(token->hash));
    store_bind_int(insert, account.id);
    store_bind_int(insert, SESSION_FULL);
    store_bind_int(insert, now_ms);
    assert_ok(store_run(insert));
    assert_ok(store_commit(&tx));
}

void office_as_staff(struct office *o, struct counter *counter, const char *login)
{
    const struct random random = random_system();
    CLEANUP(token_wipe) struct token token;
    char csrf[SESSION_CSRF_TEXT + 1], cookie[128];
    struct store *store = open_store(counter);
    token_make(&random, "session", &token);
    put_session(store, login, &token);
    store_close(store);
    counter_restart(counter, counter->stage.process_backoffice);
    begin(o, counter);
    snprintf(cookie, sizeof cookie, "tongbao-staff=%s", token.text);
    session_csrf(token.text, csrf);
    add_header(o, "Cookie", cookie);
    add_header(o, "X-CSRF", csrf);
    add_header(o, "X-Tongbao-Realm", "staff");
    add_origin(o);
}

/* A key's text is "tbk_", a token, '_' and six characters that say whether it was typed right. */
void office_as_program(struct office *o, struct counter *counter, unsigned scopes)
{
    static const char alphabet[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    const struct random random = random_system();
    CLEANUP(token_wipe) struct token token;
    uint8_t sum[TOKEN_HASH_BYTES];
    char bearer[128];
    struct store_statement *insert;
    struct store *store = open_store(counter);
    token_make(&random, "api-key", &token);
    token_digest("api-key-checksum", bytes_text(token.text), sum);
    snprintf(bearer, sizeof bearer, "Bearer tbk_%s_", token.text);
    for (size_t i = 0, len = strlen(bearer); i < 6; i++) bearer[len + i] = alphabet[sum[i] & 63];
    assert_ok(store_statement(
        store, "INSERT INTO api_key VALUES(NULL, ?, 'stock', ?, '', 0, 1, ?, 0, 0, 'test')",
        &insert));
    store_bind_blob(insert, BYTES_OF(token.hash));
    store_bind_int(insert, scopes);
    store_bind_int(insert, INT64_MAX);
    assert_ok(store_run(insert));
    store_close(store);
    counter_restart(counter, counter->stage.process_backoffice);
    begin(o, counter);
    add_header(o, "Authorization", bearer);
}

void office_as_visitor(struct office *o, const struct counter *counter)
{
    begin(o, counter);
    curl_easy_setopt(o->curl, CURLOPT_COOKIEFILE, "");
    add_origin(o);
}

void office_leave(struct office *o)
{
    curl_easy_cleanup(o->curl);
    curl_slist_free_all(o->headers);
    explicit_bzero(o, sizeof *o);
}

/* ---- requests ---- */

struct kept {
    struct office *office;
    size_t len;
};

static size_t keep(char *data, size_t size, size_t count, void *context)
{
    struct kept *kept = context;
    size_t fresh = size * count;
    assert_true(kept->len + fresh < sizeof kept->office->answer);
    memcpy(kept->office->answer + kept->len, data, fresh);
    kept->len += fresh;
    kept->office->answer[kept->len] = '\0';
    return fresh;
}

static long perform(struct office *o, const char *path, struct curl_slist *headers)
{
    char url[300];
    long status = 0;
    struct kept kept = {o, 0};
    o->answer[0] = '\0';
    snprintf(url, sizeof url, "http://localhost:%ld%s", o->counter->stage.backoffice_port, path);
    curl_easy_setopt(o->curl, CURLOPT_URL, url);
    curl_easy_setopt(o->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(o->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(o->curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(o->curl, CURLOPT_WRITEDATA, &kept);
    assert_int_equal(curl_easy_perform(o->curl), CURLE_OK);
    curl_easy_getinfo(o->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static long ask(struct office *o, const char *method, const char *path, const char *type,
                const char *body)
{
    char full[240], content[64];
    struct curl_slist *headers = NULL;
    for (const struct curl_slist *h = o->headers; h != NULL; h = h->next)
        headers = curl_slist_append(headers, h->data);
    snprintf(content, sizeof content, "Content-Type: %s", type);
    headers = curl_slist_append(headers, content);
    snprintf(full, sizeof full, "/api/v1%s", path);
    curl_easy_setopt(o->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(o->curl, CURLOPT_POSTFIELDS, body);
    if (body == NULL) curl_easy_setopt(o->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(o->curl, CURLOPT_CUSTOMREQUEST, method);
    long status = perform(o, full, headers);
    curl_slist_free_all(headers);
    return status;
}

long office_ask(struct office *o, const char *method, const char *path, const char *body)
{
    return ask(o, method, path, "application/json", body);
}

void office_must(struct office *o, const char *method, const char *path, const char *body,
                 long expected)
{
    long status = office_ask(o, method, path, body);
    if (status != expected) fail_msg("%s %s: %ld %s", method, path, status, o->answer);
}

void office_send_paper(struct office *o, const char *path)
{
    static const char pdf[] = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n";
    long status = ask(o, "POST", path, "application/pdf", pdf);
    if (status != 200) fail_msg("POST %s: %ld %s", path, status, o->answer);
}

void office_form(struct office *o, const char *path, const struct office_field *fields,
                 size_t count, const char *then)
{
    char *leads = NULL;
    curl_mime *form = curl_mime_init(o->curl);
    for (size_t i = 0; i < count; i++) {
        curl_mimepart *part = curl_mime_addpart(form);
        curl_mime_name(part, fields[i].name);
        if (fields[i].text != NULL) curl_mime_data(part, fields[i].text, CURL_ZERO_TERMINATED);
        else {
            curl_mime_data(part, (const char *)fields[i].file.at, fields[i].file.len);
            curl_mime_filename(part, "photo.png");
        }
    }
    if (count == 0) curl_mime_name(curl_mime_addpart(form), "act");
    curl_easy_setopt(o->curl, CURLOPT_MIMEPOST, form);
    long status = perform(o, path, o->headers);
    curl_easy_getinfo(o->curl, CURLINFO_REDIRECT_URL, &leads);
    const char *end = leads == NULL ? "" : leads + strcspn(leads, ":") + strlen("://");
    end = strchr(end, '/');
    bool goes =
        then == NULL ? status == 200 : status == 303 && end != NULL && strcmp(end, then) == 0;
    if (!goes) fail_msg("%s: %ld to %s\n%s", path, status, leads == NULL ? "-" : leads, o->answer);
    curl_mime_free(form);
    curl_easy_setopt(o->curl, CURLOPT_MIMEPOST, NULL);
}

/* ---- what a telephone has received ---- */

bool office_find_code(const struct counter *counter, const char *contact, const char *words,
                      const char *other, size_t digits, char *code)
{
    static uint8_t block[TRAY_MAX];
    CLEANUP(json_free) struct json_document tray = {NULL};
    struct json_t *list;
    char question[128], text[1024];
    struct bytes said;
    struct rpc rpc;
    size_t count = 0;
    bool found = false;
    snprintf(question, sizeof question, "{\"ask\":\"messages\",\"contact\":\"%s\"}", contact);
    assert_ok(rpc_connect(&rpc, counter->stage.tray, OFFICE_WAIT_MS, TRAY_MAX));
    assert_ok(rpc_call(&rpc, bytes_text(question), block, sizeof block, &said));
    rpc_close(&rpc);
    assert_ok(json_parse(said, TRAY_MAX, &tray));
    assert_ok(json_list(tray.root, "messages", 1000, &list, &count));
    for (size_t i = 0; i < count; i++) {
        if (FAILED(json_text_copy(json_at(list, i), "text", text, sizeof text))) continue;
        const char *at = strstr(text, words);
        if (at == NULL || strstr(text, other) == NULL) continue;
        at += strlen(words);
        if (strspn(at, "0123456789") < digits) continue;
        snprintf(code, digits + 1, "%s", at);
        found = true;
    }
    return found;
}

void office_code(const struct counter *counter, const char *contact, const char *words,
                 const char *other, size_t digits, char *code)
{
    for (int waited = 0; waited < OFFICE_WAIT_MS; waited += 20) {
        if (office_find_code(counter, contact, words, other, digits, code)) return;
        programs_pause();
    }
    fail_msg("no message with %s to %s", words, contact);
}
