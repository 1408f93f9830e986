/* SPDX-License-Identifier: Apache-2.0 */
/* A console's page without a browser, over libcurl. */
#include "cli/console.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/auth/totp.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"

enum { URL_MAX = 256, ANSWER_MAX = 256 << 10, WAIT_MS = 10000, AT_ONCE_MAX = 64 };

struct answer {
    uint8_t *block;
    size_t len;
};

enum { PASSWORD_CHARS = 32 };

struct console {
    char origin[128], csrf[64], password[PASSWORD_CHARS + 1];
    uint8_t secret[TOTP_SECRET_BYTES];
    char bearer[128]; /* a program's header; "": somebody with a session */
    bool owner;
    CURL *curl;
    struct answer answer;
};

err console_open(const char *origin, struct console **ret_console)
{
    struct console *c = calloc(1, sizeof *c);
    if (c == NULL) return ERR(NO_MEMORY);
    err opened = bytes_to_text(bytes_text(origin), c->origin, sizeof c->origin);
    c->curl = curl_easy_init();
    c->answer.block = malloc(ANSWER_MAX);
    if (FAILED(opened) || c->curl == NULL || c->answer.block == NULL) {
        console_close(c);
        return FAILED(opened) ? opened : ERR(NO_MEMORY);
    }
    *ret_console = c;
    return OK;
}

void console_close(struct console *c)
{
    if (c == NULL) return;
    if (c->curl != NULL) curl_easy_cleanup(c->curl);
    free(c->answer.block);
    explicit_bzero(c, sizeof *c);
    free(c);
}

static size_t on_data(char *data, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    size_t len = size * count;
    if (len > ANSWER_MAX - answer->len) return 0;
    memcpy(answer->block + answer->len, data, len);
    answer->len += len;
    return len;
}

static void prepare(CURL *curl, const char *url, const void *body, struct curl_slist *headers,
                    struct answer *answer)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WAIT_MS);
    curl_easy_setopt(curl, CURLOPT_COOKIEFILE, ""); /* a jar in memory */
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (body != NULL) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    else curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    answer->len = 0;
}

static struct curl_slist *make_headers(const char *origin, const char *csrf, bool owner,
                                       const char *type)
{
    char text[URL_MAX];
    snprintf(text, sizeof text, "Content-Type: %.60s", type);
    struct curl_slist *headers = curl_slist_append(NULL, text);
    snprintf(text, sizeof text, "Origin: %.200s", origin);
    headers = curl_slist_append(headers, text);
    headers = curl_slist_append(headers, owner ? "X-Tongbao-Realm: console" : /* below /api/v1 */
                                             "X-Tongbao-Realm: staff");
    snprintf(text, sizeof text, "X-CSRF: %s", csrf);
    return csrf[0] == '\0' ? headers : curl_slist_append(headers, text);
}

void console_bear(struct console *c, const char *key)
{
    snprintf(c->bearer, sizeof c->bearer, "Authorization: Bearer %.100s", key);
}

/* `body` NULL: a GET. */
static err send_body(struct console *c, const char *path, const char *type, const void *body,
                     size_t len, long *ret_status, struct json_document *ret_answer)
{
    char url[URL_MAX];
    struct curl_slist *headers = make_headers(c->origin, c->csrf, c->owner, type);
    if (c->bearer[0] != '\0') {
        curl_slist_free_all(headers);
        headers = curl_slist_append(NULL, "Content-Type: application/json");
        headers = curl_slist_append(headers, c->bearer);
    }
    snprintf(url, sizeof url, "%.120s%.120s", c->origin, path);
    prepare(c->curl, url, body, headers, &c->answer);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE, (long)len);
    CURLcode code = curl_easy_perform(c->curl);
    curl_slist_free_all(headers);
    if (code == CURLE_OPERATION_TIMEDOUT) return ERR(TIMEOUT);
    if (code != CURLE_OK) return code == CURLE_COULDNT_CONNECT ? ERR(REFUSED) : ERR(IO);
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, ret_status);
    err read = json_parse(bytes_of(c->answer.block, c->answer.len), ANSWER_MAX, ret_answer);
    explicit_bzero(c->answer.block, c->answer.len);
    if (FAILED(read)) return read;
    if (json_has(ret_answer->root, "csrf"))
        return json_text_copy(ret_answer->root, "csrf", c->csrf, sizeof c->csrf);
    return OK;
}

err console_ask(struct console *c, const char *path, const char *body, long *ret_status,
                struct json_document *ret_answer)
{
    return send_body(c, path, "application/json", body, body == NULL ? 0 : strlen(body), ret_status,
                     ret_answer);
}

err console_send(struct console *c, const char *path, const char *type, struct bytes file,
                 long *ret_status, struct json_document *ret_answer)
{
    return send_body(c, path, type, file.at, file.len, ret_status, ret_answer);
}

/* ---- setting up an account ---- */

const char *console_realm(const struct console *c)
{
    return c->owner ? "/api/console" : "/api/staff";
}

/* `path` is below the realm. */
static err ask_well(struct console *c, const char *path, const char *body,
                    struct json_document *ret_answer)
{
    long status = 0;
    char whole[128];
    snprintf(whole, sizeof whole, "%s%.80s", console_realm(c), path);
    TRY(console_ask(c, whole, body, &status, ret_answer));
    return status == 200 ? OK : ERR(STATE);
}

/* RFC 4648: what the page shows to be typed into an app. */
static err decode_base32(struct bytes text, uint8_t secret[TOTP_SECRET_BYTES])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t bits = 0;
    size_t have = 0, len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *at = strchr(alphabet, text.at[i]);
        if (at == NULL || text.at[i] == '\0') return ERR(FORMAT);
        bits = bits << 5 | (uint32_t)(at - alphabet);
        have += 5;
        if (have < 8) continue;
        if (len == TOTP_SECRET_BYTES) return ERR(LENGTH);
        have -= 8;
        secret[len++] = (uint8_t)(bits >> have);
    }
    return len == TOTP_SECRET_BYTES ? OK : ERR(SHORT);
}

/* What the app shows now. */
static err code_of(const struct console *c, uint32_t *ret_code)
{
    const struct clock clock = clock_system();
    return totp_code(BYTES_OF(c->secret), (uint64_t)(clock_now_ms(&clock) / TOTP_STEP_MS),
                     TOTP_DIGITS, ret_code);
}

static err enrol(struct console *c)
{
    CLEANUP(json_free) struct json_document begun = {0}, done = {0};
    struct bytes key, pending;
    uint32_t code = 0;
    char body[512];
    TRY(ask_well(c, "/enrol/totp/begin", "{}", &begun));
    TRY(json_text(begun.root, "key", TOTP_BASE32_CHARS, &key));
    TRY(json_text(begun.root, "pending", 400, &pending));
    TRY(decode_base32(key, c->secret));
    TRY(code_of(c, &code));
    snprintf(body, sizeof body, "{\"pending\":\"%.*s\",\"code\":\"%06u\"}", (int)pending.len,
             (const char *)pending.at, code);
    return ask_well(c, "/enrol/totp/finish", body, &done);
}

/* Words of a machine: long, and like nothing that anybody would choose. */
static void choose_password(char out[static PASSWORD_CHARS + 1])
{
    static const char letters[] = "bcdfghjkmnpqrstvwxz";
    const struct random random = random_system();
    for (int i = 0; i < PASSWORD_CHARS; i++)
        out[i] = letters[random_below(&random, sizeof letters - 1)];
    out[PASSWORD_CHARS] = '\0';
}

err console_set_up(struct console *c, const char *link)
{
    CLEANUP(json_free) struct json_document answer = {0};
    const char *token = strchr(link, '#');
    char body[256];
    if (token == NULL) return ERR(FORMAT);
    c->owner = strstr(link, "/staff/") == NULL;
    choose_password(c->password);
    snprintf(body, sizeof body, "{\"token\":\"%.100s\",\"password\":\"%s\"}", token + 1,
             c->password);
    err done = ask_well(c, "/setup", body, &answer);
    explicit_bzero(body, sizeof body);
    return FAILED(done) ? done : enrol(c);
}

err console_log_in(struct console *c, const char *login)
{
    CLEANUP(json_free) struct json_document first = {0}, second = {0};
    uint32_t code = 0;
    char body[256];
    snprintf(body, sizeof body, "{\"name\":\"%.60s\",\"password\":\"%s\"}", login, c->password);
    err done = ask_well(c, "/login", body, &first);
    explicit_bzero(body, sizeof body);
    TRY(done);
    TRY(code_of(c, &code));
    snprintf(body, sizeof body, "{\"code\":\"%06u\"}", code);
    return ask_well(c, "/login/totp", body, &second);
}

/* ---- many at once ---- */

static err take_code(const struct answer *answer, unsigned *won, char code[CONSOLE_CODE_MAX])
{
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(bytes_of(answer->block, answer->len), ANSWER_MAX, &document));
    if (!json_has(document.root, "code")) return OK;
    ++*won;
    return json_text_copy(document.root, "code", code, CONSOLE_CODE_MAX);
}

static err perform_all(CURLM *all)
{
    int running = 1;
    while (running > 0) {
        if (curl_multi_perform(all, &running) != CURLM_OK) return ERR(IO);
        if (running > 0 && curl_multi_poll(all, NULL, 0, WAIT_MS, NULL) != CURLM_OK) return ERR(IO);
    }
    return OK;
}

/* One browser more that opens the link. */
struct opener {
    CURL *curl;
    struct answer answer;
};

static err add_opener(CURLM *all, struct opener *o, const char *url, const char *body,
                      struct curl_slist *headers)
{
    o->curl = curl_easy_init();
    o->answer.block = malloc(ANSWER_MAX);
    if (o->curl == NULL || o->answer.block == NULL) return ERR(NO_MEMORY);
    prepare(o->curl, url, body, headers, &o->answer);
    return curl_multi_add_handle(all, o->curl) == CURLM_OK ? OK : ERR(IO);
}

static void drop_opener(CURLM *all, struct opener *o)
{
    if (o->curl != NULL) {
        curl_multi_remove_handle(all, o->curl);
        curl_easy_cleanup(o->curl);
    }
    free(o->answer.block);
}

static err open_all(CURLM *all, struct opener *openers, unsigned count, const char *origin,
                    const char *token, struct curl_slist *headers)
{
    char url[URL_MAX], body[128];
    snprintf(url, sizeof url, "%.120s/api/console/code", origin);
    snprintf(body, sizeof body, "{\"token\":\"%.64s\"}", token);
    for (unsigned i = 0; i < count; i++) TRY(add_opener(all, &openers[i], url, body, headers));
    return perform_all(all);
}

err console_redeem(const char *origin, const char *link, unsigned count, unsigned *ret_won,
                   char ret_code[CONSOLE_CODE_MAX])
{
    struct opener openers[AT_ONCE_MAX] = {{0}};
    const char *token = strchr(link, '#');
    CURLM *all = curl_multi_init();
    if (all == NULL || token == NULL || count > AT_ONCE_MAX) return ERR(FORMAT);
    struct curl_slist *headers = make_headers(origin, "", false, "application/json");
    err done = open_all(all, openers, count, origin, token + 1, headers);
    *ret_won = 0;
    for (unsigned i = 0; i < count; i++) {
        if (!FAILED(done)) done = take_code(&openers[i].answer, ret_won, ret_code);
        drop_opener(all, &openers[i]);
    }
    curl_slist_free_all(headers);
    curl_multi_cleanup(all);
    return done;
}
