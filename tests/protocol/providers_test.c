/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A merchant's program against the real tongbao-simulators over HTTP (S176): both
 * wallets' interfaces with their signatures, notices to a server of ours, codes that a phone of the
 * tray scans, answers that go wrong, a kill, and the day's bill.
 */
#include "tests/protocol/host.h"

#include "lib/base/file.h"
#include "lib/wire/http.h"
#include "lib/wire/request.h"
#include "lib/wire/rpc.h"
#include "payment/clearing.h"
#include "simulators/form.h"
#include "simulators/provider_keys.h"
#include "tests/unit/provider_rig.h"

enum {
    TRAY_ANSWER_MAX = 65536,
    ASK_WAIT_MS = 5000,
    TURN_MS = 20,
    TURNS_MAX = 1500,
    WAIT_MS = 5000
};

#define ORDERS "/v3/pay/transactions/out-trade-no/"

static struct host host;

/* What a server of ours was told, with the headers that sign it. */
struct heard {
    char path[32];
    uint8_t body[8192];
    size_t len;
    struct provider_header header[3];
};

static struct {
    struct loop *loop;
    struct outbound *outbound;
    struct http_server *server; /* of the merchant, for notices */
    bool ended;
    err reason;
    int status;
    struct provider_header header[3]; /* of the last answer, when it has them */
    struct heard heard[8];
    size_t heard_count;
    char notify[64];
} place;

static const char *const signed_by[] = {"Wechatpay-Timestamp", "Wechatpay-Nonce",
                                        "Wechatpay-Signature"};

/* ---- the merchant's server ---- */

static void hear(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    assert_true(place.heard_count < ARRAY_LEN(place.heard));
    struct heard *h = &place.heard[place.heard_count++];
    snprintf(h->path, sizeof h->path, "%s", request->path);
    assert_true(request->body.len <= sizeof h->body);
    memcpy(h->body, request->body.at, request->body.len);
    h->len = request->body.len;
    for (size_t i = 0; i < ARRAY_LEN(signed_by); i++) {
        const char *value = http_request_header(request, signed_by[i]);
        snprintf(h->header[i].name, sizeof h->header[i].name, "%s", signed_by[i]);
        snprintf(h->header[i].value, sizeof h->header[i].value, "%s", value != NULL ? value : "");
    }
    response->content_type = "text/plain";
    write_bytes(&response->body, BYTES("success"));
}

static const struct http_route hearing[] = {{"POST", "/notify", hear, 8192},
                                            {"POST", "/wx", hear, 8192}};

static void await_notices(size_t count)
{
    for (int i = 0; place.heard_count < count && i < TURNS_MAX; i++)
        assert_ok(loop_once(place.loop, TURN_MS));
    assert_int_equal(place.heard_count, count);
}

/* ---- the merchant's client ---- */

static void done(void *context, const char *id, const struct request_answer *answer)
{
    (void)context, (void)id;
    place.ended = true;
    place.reason = answer->reason;
    place.status = answer->status;
    rig.answer.body = writer_over(rig.body, sizeof rig.body - 1);
    write_bytes(&rig.answer.body, answer->body);
    rig.body[rig.answer.body.len] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(signed_by); i++) {
        struct provider_header *h = &place.header[i];
        snprintf(h->name, sizeof h->name, "%s", signed_by[i]);
        if (FAILED(request_answer_header(answer, h->name, h->value, sizeof h->value)))
            h->value[0] = '\0';
    }
}

/* Turns the loop until the answer is there, or there is none. */
static void send_to(const char *method, const char *url, const char *type,
                    const char *authorization, const char *body, unsigned timeout_ms)
{
    struct request_header headers[] = {{"Accept", "application/json"},
                                       {"User-Agent", "merchant"},
                                       {"Content-Type", type},
                                       {"Authorization", authorization}};
    const struct request request = {.id = "1",
                                    .method = method,
                                    .url = url,
                                    .headers = headers,
                                    .header_count = authorization != NULL ? 4 : 3,
                                    .body = bytes_text(body),
                                    .timeout_ms = timeout_ms};
    place.ended = false;
    assert_ok(request_send(place.outbound, &request, done, NULL));
    for (int i = 0; !place.ended && i < TURNS_MAX; i++) assert_ok(loop_once(place.loop, TURN_MS));
    assert_true(place.ended);
}

static void alipay_within(const char *method, const char *biz, unsigned timeout_ms)
{
    static char query[16384], body[16384], url[20000];
    char sign[RSA_KEY_SIGNATURE_TEXT_MAX + 1] = "", notify[80];
    snprintf(notify, sizeof notify, "%s/notify", place.notify);
    struct rig_param param[] = {
        {"biz_content", biz}, {"method", method},     {"app_id", PROVIDER_APP_ID},
        {"charset", "utf-8"}, {"sign_type", "RSA2"},  {"timestamp", "2026-11-29 08:15:00"},
        {"version", "1.0"},   {"notify_url", notify}, {"sign", sign},
    };
    rig_alipay_sign(param, ARRAY_LEN(param), sign, sizeof sign);
    rig_form(param, 1, body, sizeof body);
    rig_form(param + 1, ARRAY_LEN(param) - 1, query, sizeof query);
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/gateway.do?%s", host.alipay_port, query);
    send_to("POST", url, "application/x-www-form-urlencoded;charset=utf-8", NULL, body, timeout_ms);
}

/* A call that is answered, and whose answer is signed: its object. */
static const struct json_t *alipay(const char *method, const char *biz)
{
    char member[80];
    struct bytes object;
    alipay_within(method, biz, WAIT_MS);
    assert_ok(place.reason);
    assert_int_equal(place.status, 200);
    snprintf(member, sizeof member, "%s_response", method);
    for (char *at = member; *at != '\0'; at++)
        if (*at == '.') *at = '_';
    assert_true(rig_alipay_object(member, &object));
    json_free(&rig.document);
    assert_ok(json_parse(object, object.len, &rig.document));
    return rig.document.root;
}

/* The status; the answer is signed and in rig.document. */
static int wechat(const char *method, const char *target, const char *body)
{
    char nonce[33], authorization[1024], url[512];
    struct clock clock = clock_system();
    snprintf(nonce, sizeof nonce, "%d.%u", (int)getpid(), ++rig.nonce);
    const struct rig_authorization a = {PROVIDER_MCHID, rig.config.wechat.merchant_serial,
                                        nonce,          method,
                                        target,         clock_now_ms(&clock) / 1000};
    rig_wechat_authorize(&a, body, authorization, sizeof authorization);
    snprintf(url, sizeof url, "http://127.0.0.1:%ld%s", host.wechat_port, target);
    send_to(method, url, "application/json", authorization, body, WAIT_MS);
    assert_ok(place.reason);
    struct bytes said = writer_view(&rig.answer.body);
    json_free(&rig.document);
    rig.document.root = NULL;
    if (place.header[2].value[0] == '\0') return place.status; /* a file */
    assert_true(rig_wechat_signed(place.header, ARRAY_LEN(place.header), said));
    if (said.len > 0) assert_ok(json_parse(said, said.len, &rig.document));
    return place.status;
}

/* ---- the tray ---- */

static void ask(const char *question, struct json_document *ret_document)
{
    static uint8_t block[TRAY_ANSWER_MAX];
    struct rpc rpc;
    struct bytes answer;
    assert_ok(rpc_connect(&rpc, host.tray, ASK_WAIT_MS, sizeof block));
    assert_ok(rpc_call(&rpc, bytes_text(question), block, sizeof block, &answer));
    assert_ok(json_parse(answer, sizeof block, ret_document));
    assert_false(json_has(ret_document->root, "error"));
    rpc_close(&rpc);
}

static const char *code_of(const char *phone, const char *wallet)
{
    static char code[32];
    CLEANUP(json_free) struct json_document document = {0};
    char question[128];
    snprintf(question, sizeof question, "{\"ask\":\"code\",\"phone\":\"%s\",\"wallet\":\"%s\"}",
             phone, wallet);
    ask(question, &document);
    assert_ok(json_text_copy(document.root, "code", code, sizeof code));
    return code;
}

static void scan(const char *phone, const char *text, const char *outcome)
{
    CLEANUP(json_free) struct json_document document = {0};
    char question[256], said[16];
    snprintf(question, sizeof question, "{\"ask\":\"scan\",\"phone\":\"%s\",\"text\":\"%s\"}",
             phone, text);
    ask(question, &document);
    assert_ok(json_text_copy(document.root, "outcome", said, sizeof said));
    assert_string_equal(said, outcome);
}

static void go_wrong(const char *channel, const char *fault, int delay_ms)
{
    CLEANUP(json_free) struct json_document document = {0};
    char question[160];
    snprintf(question, sizeof question,
             "{\"ask\":\"fault\",\"channel\":\"%s\",\"fault\":\"%s\",\"count\":1,\"delay_ms\":%d}",
             channel, fault, delay_ms);
    ask(question, &document);
}

static int64_t paid(const char *name)
{
    return host_network_minor(&host, name);
}

/* ---- the stage ---- */

static void read_file(const char *name, enum file_access access, char *out, size_t size)
{
    size_t len = 0;
    assert_ok(file_read(host_path(host.networks, name), access, out, size - 1, &len));
    out[len] = '\0';
}

static void deposit(const char *name, const struct rsa_key *key)
{
    uint8_t pem[RSA_KEY_TEXT_MAX];
    struct writer w = writer_over(pem, sizeof pem);
    assert_ok(rsa_key_write_public(key, &w));
    assert_ok(file_write(host_path(host.networks, name), FILE_PUBLIC, writer_view(&w)));
}

/* The merchant's keys; and, as a merchant does, the wallets' from the files that they publish. */
static void exchange_keys(void)
{
    char text[RSA_KEY_TEXT_MAX];
    assert_ok(rsa_key_generate(2048, &rig.app));
    assert_ok(rsa_key_generate(2048, &rig.merchant));
    deposit("alipay_app.pem", &rig.app);
    deposit("wechat_merchant.pem", &rig.merchant);
    read_file("alipay.pem", FILE_PUBLIC, text, sizeof text);
    assert_ok(rsa_key_read_public(bytes_text(text), &rig.config.alipay.own));
    read_file("wechat.pem", FILE_PUBLIC, text, sizeof text);
    assert_ok(rsa_key_read_public(bytes_text(text), &rig.config.wechat.own));
    read_file("wechat.api_key", FILE_PRIVATE, text, sizeof text);
    assert_int_equal(strlen(text), PROVIDER_KEY_BYTES);
    memcpy(rig.config.wechat.api_key, text, PROVIDER_KEY_BYTES);
    struct rsa_key again = {NULL, false};
    assert_ok(provider_deposit_wechat(host.networks, &again, rig.config.wechat.merchant_serial));
    rsa_key_free(&again);
}

static int open_all(void **state)
{
    (void)state;
    host_prepare(&host);
    assert_ok(crypto_open(random_system(), &rig.crypto));
    exchange_keys();
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &place.loop));
    const struct outbound_options outbound = {
        .loop = place.loop, .transfers_max = 1, .answer_max = 65536};
    assert_ok(outbound_create(&outbound, &place.outbound));
    const struct http_options http = {
        .loop = place.loop, .routes = hearing, .route_count = ARRAY_LEN(hearing), .programs = true};
    assert_ok(http_create(&http, &place.server));
    snprintf(place.notify, sizeof place.notify, "http://127.0.0.1:%u", http_port(place.server));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    json_free(&rig.document);
    http_destroy(place.server);
    outbound_destroy(place.outbound);
    loop_destroy(place.loop);
    struct rsa_key *keys[] = {&rig.app, &rig.merchant, &rig.config.alipay.own,
                              &rig.config.wechat.own};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) rsa_key_free(keys[i]);
    crypto_close(&rig.crypto);
    host_stop(&host);
    return 0;
}

static int forget_notices(void **state)
{
    (void)state;
    place.heard_count = 0;
    return 0;
}

/* ---- tests ---- */

static const struct json_t *alipay_pay(const char *out_no, const char *amount)
{
    char biz[256];
    snprintf(biz, sizeof biz,
             "{\"out_trade_no\":\"%s\",\"scene\":\"bar_code\",\"auth_code\":\"%s\","
             "\"subject\":\"面条 & 茶\",\"total_amount\":\"%s\"}",
             out_no, code_of("good", "alipay"), amount);
    return alipay("alipay.trade.pay", biz);
}

static void alipay_charges_and_tells(void **state)
{
    (void)state;
    static struct form form;
    static uint8_t text[FORM_BYTES_MAX];
    static const char *const without[] = {"sign", "sign_type", NULL};
    struct writer w = writer_over(text, sizeof text);
    int64_t before = paid("alipay_minor");
    const struct json_t *said = alipay_pay("T1", "12.30");
    assert_code(said, "10000", "");
    assert_string_equal(rig_text(said, "total_amount"), "12.30");
    assert_int_equal(paid("alipay_minor"), before + 1230);
    await_notices(1);
    assert_string_equal(place.heard[0].path, "/notify");
    form.count = form.used = 0;
    assert_ok(form_add(&form, bytes_of(place.heard[0].body, place.heard[0].len)));
    form_signed_text(&form, without, &w);
    assert_ok(
        rsa_key_check_base64(&rig.config.alipay.own, writer_view(&w), form_get(&form, "sign")));
    assert_true(bytes_equal(form_get(&form, "out_trade_no"), BYTES("T1")));
    assert_true(bytes_equal(form_get(&form, "trade_status"), BYTES("TRADE_SUCCESS")));
    said = alipay("alipay.trade.refund", "{\"out_trade_no\":\"T1\",\"refund_amount\":\"2.30\","
                                         "\"out_request_no\":\"R1\"}");
    assert_string_equal(rig_text(said, "fund_change"), "Y");
    assert_int_equal(paid("alipay_minor"), before + 1000);
    await_notices(2);
}

static void wechat_charges_and_tells(void **state)
{
    (void)state;
    CLEANUP(json_free) struct json_document outer = {0}, inner = {0};
    struct json_t *resource;
    char body[512];
    int64_t before = paid("wechat_minor");
    snprintf(body, sizeof body,
             "{\"appid\":\"" PROVIDER_APPID "\",\"mchid\":\"" PROVIDER_MCHID "\","
             "\"description\":\"茶\",\"out_trade_no\":\"ORDER-1\",\"notify_url\":\"%s/wx\","
             "\"amount\":{\"total\":880},\"payer\":{\"auth_code\":\"%s\"}}",
             place.notify, code_of("good", "wechat"));
    assert_int_equal(wechat("POST", "/v3/pay/transactions/codepay", body), 200);
    assert_string_equal(rig_text(rig.document.root, "trade_state"), "SUCCESS");
    assert_int_equal(paid("wechat_minor"), before + 880);
    await_notices(1);
    struct bytes notice = bytes_of(place.heard[0].body, place.heard[0].len);
    assert_true(rig_wechat_signed(place.heard[0].header, 3, notice));
    assert_ok(json_parse(notice, notice.len, &outer));
    assert_ok(json_member(outer.root, "resource", &resource));
    struct bytes plain = rig_open_sealed(resource);
    assert_ok(json_parse(plain, plain.len, &inner));
    assert_string_equal(rig_text(inner.root, "out_trade_no"), "ORDER-1");
    assert_int_equal(wechat("POST", ORDERS "ORDER-1/reverse",
                            "{\"appid\":\"" PROVIDER_APPID "\",\"mchid\":\"" PROVIDER_MCHID "\"}"),
                     200);
    assert_int_equal(paid("wechat_minor"), before);
    assert_int_equal(wechat("GET", ORDERS "ORDER-1?mchid=" PROVIDER_MCHID, ""), 200);
    assert_string_equal(rig_text(rig.document.root, "trade_state"), "REVOKED");
}

static void a_phone_scans_what_is_shown(void **state)
{
    (void)state;
    char url[96];
    const struct json_t *said =
        alipay("alipay.trade.precreate",
               "{\"out_trade_no\":\"T2\",\"subject\":\"x\",\"total_amount\":\"1.00\"}");
    snprintf(url, sizeof url, "%s", rig_text(said, "qr_code"));
    scan("good", url, "paid");
    scan("good", url, "refused");
    said = alipay("alipay.trade.query", "{\"out_trade_no\":\"T2\"}");
    assert_string_equal(rig_text(said, "trade_status"), "TRADE_SUCCESS");
    await_notices(1);
    char body[384];
    snprintf(body, sizeof body,
             "{\"appid\":\"" PROVIDER_APPID "\",\"mchid\":\"" PROVIDER_MCHID "\","
             "\"description\":\"茶\",\"out_trade_no\":\"ORDER-2\",\"notify_url\":\"%s/wx\","
             "\"amount\":{\"total\":100}}",
             place.notify);
    assert_int_equal(wechat("POST", "/v3/pay/transactions/native", body), 200);
    snprintf(url, sizeof url, "%s", rig_text(rig.document.root, "code_url"));
    scan("poor", url, "paid"); /* one yuan is all that it has */
    await_notices(2);
}

static void who_is_not_the_merchant_is_refused(void **state)
{
    (void)state;
    struct rsa_key mine = rig.app, other = {NULL, false};
    assert_ok(rsa_key_generate(2048, &other));
    rig.app = other;
    assert_code(alipay_pay("T3", "1.00"), "40002", "isv.invalid-signature");
    rig.app = mine;
    mine = rig.merchant;
    rig.merchant = other;
    assert_int_equal(wechat("GET", "/v3/certificates", ""), 401);
    assert_string_equal(rig_text(rig.document.root, "code"), "SIGN_ERROR");
    rig.merchant = mine;
    rsa_key_free(&other);
    assert_int_equal(wechat("GET", "/v3/certificates", ""), 200);
    assert_code(alipay("alipay.trade.query", "{\"out_trade_no\":\"T3\"}"), "40004",
                "ACQ.TRADE_NOT_EXIST");
}

/* Whatever happens to an answer: a query says how it stands. */
static void answers_are_lost_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        bool waits, charged;
    } rows[] = {
        {"down", false, false}, {"cut", false, true}, {"silent", true, true}, {"slow", true, true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char biz[256], out_no[8], query[64];
        snprintf(out_no, sizeof out_no, "L%zu", i);
        snprintf(biz, sizeof biz,
                 "{\"out_trade_no\":\"%s\",\"scene\":\"bar_code\",\"auth_code\":\"%s\","
                 "\"subject\":\"x\",\"total_amount\":\"1.00\"}",
                 out_no, code_of("good", "alipay"));
        go_wrong("alipay", rows[i].fault, 3000);
        alipay_within("alipay.trade.pay", biz, 700);
        assert_true(FAILED(place.reason));
        assert_int_equal(place.reason.code == ERR_TIMEOUT, rows[i].waits);
        snprintf(query, sizeof query, "{\"out_trade_no\":\"%s\"}", out_no);
        const struct json_t *said = alipay("alipay.trade.query", query);
        assert_code(said, rows[i].charged ? "10000" : "40004",
                    rows[i].charged ? "" : "ACQ.TRADE_NOT_EXIST");
    }
    await_notices(3); /* who was charged is told of, whatever has become of the answers */
}

static void a_kill_forgets_nothing(void **state)
{
    (void)state;
    assert_code(alipay_pay("T4", "3.00"), "10000", "");
    await_notices(1);
    int64_t before = paid("alipay_minor");
    child_kill(host.process_networks);
    host_start_networks(&host);
    assert_int_equal(paid("alipay_minor"), before);
    assert_code(alipay_pay("T4", "3.00"), "40004", "ACQ.TRADE_HAS_SUCCESS");
    const struct json_t *said = alipay("alipay.trade.query", "{\"out_trade_no\":\"T4\"}");
    assert_string_equal(rig_text(said, "trade_status"), "TRADE_SUCCESS");
}

/* "2026-11-29", today in China. */
static void today(char out[11])
{
    struct clock clock = clock_system();
    struct civil c = civil_from_ms(clock_now_ms(&clock) + CLOCK_CHINA_OFFSET_MS);
    struct writer w = writer_over(out, 11);
    write_format(&w, "%04d-%02d-%02d", c.year, c.month, c.day);
    out[w.len] = '\0';
}

static void bills_are_fetched(void **state)
{
    (void)state;
    char date[11], biz[96], url[256], target[160];
    today(date);
    snprintf(biz, sizeof biz, "{\"bill_type\":\"trade\",\"bill_date\":\"%s\"}", date);
    const struct json_t *said = alipay("alipay.data.dataservice.bill.downloadurl.query", biz);
    snprintf(url, sizeof url, "%s", rig_text(said, "bill_download_url"));
    send_to("GET", url, "text/plain", NULL, "", WAIT_MS);
    assert_int_equal(place.status, 200);
    assert_non_null(strstr((const char *)rig.body, ",trade,T1,"));
    assert_non_null(strstr((const char *)rig.body, ",refund,T1,"));
    assert_non_null(strstr((const char *)rig.body, "\r\ntotal,"));
    snprintf(target, sizeof target, "/v3/bill/tradebill?bill_date=%s", date);
    assert_int_equal(wechat("GET", target, ""), 200);
    snprintf(url, sizeof url, "%s", rig_text(rig.document.root, "download_url"));
    const char *path = strstr(url, "/v3/");
    assert_non_null(path);
    snprintf(target, sizeof target, "%s", path);
    assert_int_equal(wechat("GET", target, ""), 200);
    assert_non_null(strstr((const char *)rig.body, ",trade,ORDER-1,"));
    assert_non_null(strstr((const char *)rig.body, ",refund,ORDER-1,"));
}

/* The clearing file of the wallet route has what was paid here (S111), while the wallets run. */
static void the_clearing_file_has_it(void **state)
{
    (void)state;
    static struct said said;
    static char text[65536];
    struct clock clock = clock_system();
    char day[11], file[160], line[64];
    size_t len;
    int64_t before, after;
    do { /* again when a business day ends just now */
        static unsigned number;
        char out_no[13];
        before = clearing_day(clock_now_ms(&clock));
        snprintf(out_no, sizeof out_no, "60000000000%u", number++ % 10);
        assert_code(alipay_pay(out_no, "5.00"), "10000", "");
        after = clearing_day(clock_now_ms(&clock));
        snprintf(line, sizeof line, "\nC %s sale wallet 500 ", out_no);
    } while (before != after);
    clearing_day_text((int32_t)after, day);
    snprintf(file, sizeof file, "%s/clearing.txt", host.directory);
    programs_run(&host.children, &said, "tongbao-simulators", "--state", host.networks,
                 "--clearing", day, "--of", "wallet", "--to", file, NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
    assert_ok(file_read(file, FILE_PUBLIC, text, sizeof text - 1, &len));
    text[len] = '\0';
    assert_non_null(strstr(text, line));
    assert_null(strstr(text, "T1")); /* not a reference of the host's */
}

/* What a merchant needs is in one file, and no secret is. */
static void what_is_published(void **state)
{
    (void)state;
    CLEANUP(json_free) struct json_document document = {0};
    struct json_t *one, *list;
    char text[16384], base[64];
    size_t count;
    read_file("providers.json", FILE_PUBLIC, text, sizeof text);
    assert_null(strstr(text, "PRIVATE"));
    assert_ok(json_parse(bytes_text(text), sizeof text, &document));
    assert_ok(json_member(document.root, "alipay", &one));
    snprintf(base, sizeof base, "http://127.0.0.1:%ld/gateway.do", host.alipay_port);
    assert_string_equal(rig_text(one, "base"), base);
    assert_ok(json_member(document.root, "wechatpay", &one));
    assert_ok(json_list(one, "public", 4, &list, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rig_text(json_at(list, 1), "serial"), PROVIDER_KEY_ID);
    static const char *const secrets[] = {"alipay.key", "wechat.key", "wechat.api_key"};
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        read_file(secrets[i], FILE_PRIVATE, text, sizeof text); /* refused when others may read */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(alipay_charges_and_tells, forget_notices),
        cmocka_unit_test_setup(wechat_charges_and_tells, forget_notices),
        cmocka_unit_test_setup(a_phone_scans_what_is_shown, forget_notices),
        cmocka_unit_test_setup(who_is_not_the_merchant_is_refused, forget_notices),
        cmocka_unit_test_setup(answers_are_lost_and_nothing_else, forget_notices),
        cmocka_unit_test_setup(a_kill_forgets_nothing, forget_notices),
        cmocka_unit_test_setup(bills_are_fetched, forget_notices),
        cmocka_unit_test_setup(the_clearing_file_has_it, forget_notices),
        cmocka_unit_test(what_is_published),
    };
    return cmocka_run_group_tests_name("protocol_providers", tests, open_all, close_all);
}
