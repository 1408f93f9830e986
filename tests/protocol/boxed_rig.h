/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A terminal out of its box with every real program behind it: the interface for programs, the
 * device and the person at its page, and the messages on the owner's telephone.
 */

#include <curl/curl.h>

#include "backoffice/api/api.h"
#include "lib/auth/token.h"
#include "lib/base/file.h"
#include "lib/wire/rpc.h"
#include "tests/protocol/counter.h"

#define PHONE "13900001234"

enum { WAIT_MS = 20000, TRAY_MAX = 65536 };

/* What 00 and 01 choose: no run, repeat or date. */
#define SUPERVISOR_PASSWORD "8361947052"
#define CASHIER_PASSWORD    "5927304618"

static struct counter counter, box; /* box: only its page */
static struct host host;
static char authorization[2][128]; /* of two programs: who asks does not approve */
static unsigned who;               /* which of them speaks */
static char vault[160], socket_path[160], terminal[160];
static char answer[16384];
static struct child *device, *screen;
static unsigned touches; /* of the person at the device */

/* ---- the interface ---- */

/* A key of the acquirer's own, as an administrator makes one: put down while nobody writes. Its
 * text is "tbk_", a token, '_' and six characters that say whether it was typed right. */
static void make_key(unsigned which)
{
    static const char alphabet[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    const struct store_options options = {.mode = STORE_OPEN, .busy_ms = 5000};
    const struct random random = random_system();
    CLEANUP(token_wipe) struct token token;
    uint8_t sum[TOKEN_HASH_BYTES];
    struct store *store = NULL;
    struct store_statement *insert;
    child_kill(counter.stage.process_backoffice);
    token_make(&random, "api-key", &token);
    token_digest("api-key-checksum", bytes_text(token.text), sum);
    char *text = authorization[which];
    snprintf(text, sizeof authorization[0], "Authorization: Bearer tbk_%s_", token.text);
    for (size_t i = 0, len = strlen(text); i < 6; i++) text[len + i] = alphabet[sum[i] & 63];
    assert_ok(
        store_open(host_path(counter.stage.backoffice, "backoffice.db"), &options, NULL, &store));
    assert_ok(store_statement(
        store, "INSERT INTO api_key VALUES(NULL, ?, 'stock', ?, '', 0, 1, ?, 0, 0, 'test')",
        &insert));
    store_bind_blob(insert, BYTES_OF(token.hash));
    store_bind_int(insert, API_SCOPE_STOCK_READ | API_SCOPE_STOCK_WRITE |
                               API_SCOPE_CONTRACTS_WRITE | API_SCOPE_MERCHANTS_WRITE);
    store_bind_int(insert, INT64_MAX);
    assert_ok(store_run(insert));
    store_close(store);
    counter_restart(&counter, counter.stage.process_backoffice);
}

static size_t keep(char *data, size_t size, size_t count, void *context)
{
    size_t *len = context, fresh = size * count;
    assert_true(*len + fresh < sizeof answer);
    memcpy(answer + *len, data, fresh);
    *len += fresh;
    answer[*len] = '\0';
    return fresh;
}

static inline void post(const char *path, const char *body, long expected)
{
    char url[200];
    long status = 0;
    size_t len = 0;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, authorization[who]);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/api/v1/stock/%s", counter.stage.backoffice_port,
             path);
    answer[0] = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &len);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (status != expected) fail_msg("%s: %ld %s", path, status, answer);
}

/* ---- the device ---- */

static void make_device(const char *name, const char *serial, char print[65])
{
    struct said said;
    size_t len = 0;
    snprintf(vault, sizeof vault, "%.100s/%s-vault", counter.stage.directory, name);
    snprintf(socket_path, sizeof socket_path, "%.100s/%s.sock", counter.stage.directory, name);
    snprintf(terminal, sizeof terminal, "%.100s/%s-terminal", counter.stage.directory, name);
    programs_run(&host.children, &said, "tongbao-vault", "--state", vault, "--initialise",
                 "--serial", serial, "--model", "TB-1", NULL);
    assert_int_equal(said.status, 0);
    assert_ok(file_read(host_path(vault, "device.print"), FILE_PUBLIC, print, 64, &len));
    assert_int_equal(len, 64);
    print[64] = '\0';
}

static void start_device(void)
{
    char acquirer[40], manage[40], url[64];
    snprintf(acquirer, sizeof acquirer, "127.0.0.1:%ld", counter.stage.acquirer_port);
    snprintf(manage, sizeof manage, "127.0.0.1:%ld", counter.stage.device_port);
    const char *const keys[] = {"--state",          vault, "--socket", socket_path, "--reader",
                                counter.stage.tray, NULL};
    const char *const page[] = {"--state",     terminal,          "--vault",  socket_path,
                                "--host",      acquirer,          "--manage", manage,
                                "--authority", host.authority,    "--http",   "0",
                                "--web",       counter.stage.web, "--tray",   counter.stage.tray,
                                "--support",   "400-000-0000",    NULL};
    assert_ok(children_start(&counter.stage.children, "tongbao-vault", keys, true, &device));
    assert_ok(children_start(&counter.stage.children, "tongbao-terminal", page, true, &screen));
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", child_ready_number(screen, "port"));
    assert_ok(page_open(url, &box.page));
}

static void touch(const char *key, const char *then)
{
    touches++;
    counter_key(&box, key, then);
}

static void enter(const char *digits, const char *then)
{
    touches++;
    assert_ok(page_secret(box.page, digits));
    counter_shows(&box, then);
}

/* ---- what the owner's telephone has received ---- */

/* A code of before, which is looked over. */
static char spent[16];

/* The digits behind `words` in a message to `contact` that has `other` in it, too. */
static bool find_code(const char *contact, const char *words, const char *other, size_t digits,
                      char *code)
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
    assert_ok(rpc_connect(&rpc, counter.stage.tray, WAIT_MS, TRAY_MAX));
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
        if (spent[0] != '\0' && strncmp(at, spent, digits) == 0) continue;
        snprintf(code, digits + 1, "%s", at);
        found = true;
    }
    return found;
}

static void await_code(const char *contact, const char *words, const char *other, size_t digits,
                       char *code)
{
    for (int waited = 0; waited < WAIT_MS; waited += 20) {
        if (find_code(contact, words, other, digits, code)) return;
        programs_pause();
    }
    fail_msg("no message with %s to %s", words, contact);
}

/* By a code to the registered telephone, as any that was forgotten. */
static void choose_password(const char *operator_id, const char *password)
{
    static char before[2][7]; /* of another device of the shop */
    char *mine = before[operator_id[1] == '1'], words[32], code[7] = "";
    memcpy(spent, mine, sizeof code);
    snprintf(words, sizeof words, "操作员 %s", operator_id);
    touch("choice:next", "forgot.ways");
    touch("choice:sms", "recover.sent");
    for (int waited = 0; waited < WAIT_MS && code[0] == '\0'; waited += 20) {
        if (!find_code("+86" PHONE, "验证码 ", words, 6, code) &&
            !find_code("+86" PHONE, "验证码：", words, 6, code) &&
            !find_code("+86" PHONE, "【通宝】", words, 6, code))
            programs_pause();
    }
    assert_string_not_equal(code, "");
    memcpy(mine, code, sizeof code);
    spent[0] = '\0';
    touch("choice:code", "recover.code");
    enter(code, "password.new");
    enter(password, "password.repeat");
    enter(password, "password.review");
    touch("choice:save", "password.saved");
    touch("ok", "first.steps|tip.show");
    if (strcmp(page_id(box.page), "tip.show") == 0) touch("ok", "first.steps");
}

static inline void swipe(const char *then)
{
    long status;
    assert_ok(page_post(box.page, "/api/tray/card", "application/json",
                        BYTES("{\"name\":\"good\"}"), &status));
    assert_int_equal(status, 204);
    counter_shows(&box, "sale.pin");
    enter(COUNTER_PIN, then);
}
