/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateway against the simulators of both interfaces, which check every signature of a request,
 * sign every answer by themselves, and can be slow, silent, doubled or wrong. Whatever they do,
 * what the acquirer was told at last is what the customer's telephone has paid. S77.
 */
#include "tests/unit/wallets_rig.h"

#include "lib/crypto/rsa_signature.h"
#include "simulators/providers.h"
#include "tests/unit/scratch.h"

#define RRN    "633300000001"
#define REFUND "633300000009"

static struct {
    struct scratch scratch;
    struct store *store;
    struct crypto crypto;
    struct phones phones;
    struct providers *providers;
    struct providers_config config;
    struct rsa_key app, merchant;
    uint8_t body[PROVIDER_ANSWER_MAX];
    unsigned notices;
} outside;

/* ---- the providers' end ---- */

static void on_notify(void *context, const struct provider_notice *n)
{
    (void)context;
    struct wallet_raw raw = {.body = n->body};
    for (size_t i = 0; i < n->header_count; i++) {
        const struct provider_header *h = &n->header[i];
        if (strcmp(h->name, "Wechatpay-Timestamp") == 0)
            snprintf(raw.timestamp, sizeof raw.timestamp, "%.20s", h->value);
        if (strcmp(h->name, "Wechatpay-Nonce") == 0)
            snprintf(raw.nonce, sizeof raw.nonce, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Serial") == 0)
            snprintf(raw.serial, sizeof raw.serial, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Signature") == 0)
            snprintf(raw.signature, sizeof raw.signature, "%.600s", h->value);
    }
    outside.notices++;
    gateway_on_notice(rig.g, n->provider == PROVIDER_ALIPAY ? WALLET_ALIPAY : WALLET_WECHATPAY,
                      &raw, 77);
}

static const char *request_header(const struct asked *a, const char *name)
{
    for (size_t i = 0; i < a->request.headers; i++)
        if (strcmp(a->request.header[i].name, name) == 0) return a->request.header[i].value;
    return NULL;
}

/* Path and query of a URL, cut in two. */
static void cut_url(const char *url, char path[1100], char **ret_query)
{
    const char *host = strstr(url, "://");
    assert_non_null(host);
    snprintf(path, 1100, "%s", strchr(host + 3, '/'));
    char *query = strchr(path, '?');
    if (query != NULL) *query++ = '\0';
    *ret_query = query != NULL ? query : path + strlen(path);
}

static void take_answer(const struct asked *a, const struct provider_answer *answer)
{
    struct wallet_raw raw = {.status = (int)answer->status, .body = writer_view(&answer->body)};
    for (size_t i = 0; i < answer->header_count; i++) {
        const struct provider_header *h = &answer->header[i];
        if (strcmp(h->name, "Wechatpay-Timestamp") == 0)
            snprintf(raw.timestamp, sizeof raw.timestamp, "%.20s", h->value);
        if (strcmp(h->name, "Wechatpay-Nonce") == 0)
            snprintf(raw.nonce, sizeof raw.nonce, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Serial") == 0)
            snprintf(raw.serial, sizeof raw.serial, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Signature") == 0)
            snprintf(raw.signature, sizeof raw.signature, "%.600s", h->value);
    }
    bool lost = answer->silent || answer->hang_up || answer->cut;
    if (lost || answer->delay_ms > GATEWAY_HTTP_MS) {
        rig.now_ms += answer->silent || answer->delay_ms > 0 ? GATEWAY_HTTP_MS : 0;
        rig_failed(a, answer->hang_up || answer->cut ? ERR(CLOSED) : ERR(TIMEOUT));
        return;
    }
    rig.now_ms += answer->delay_ms;
    rig_came(a, &raw);
}

/* Answers everything that the gateway asks, until it asks no more. */
static void serve(void)
{
    while (rig.asks > 0) {
        struct asked a = rig.asked[0];
        memmove(&rig.asked[0], &rig.asked[1], --rig.asks * sizeof rig.asked[0]);
        char path[1100], *query;
        cut_url(a.request.url, path, &query);
        const struct provider_request request = {
            .method = a.request.method,
            .path = path,
            .query = query,
            .body = bytes_of(a.request.body, a.request.body_len),
            .content_type = request_header(&a, "Content-Type"),
            .authorization = request_header(&a, "Authorization"),
            .accept = request_header(&a, "Accept"),
            .user_agent = request_header(&a, "User-Agent"),
            .serial = request_header(&a, "Wechatpay-Serial")};
        struct provider_answer answer = {.body = writer_over(outside.body, sizeof outside.body)};
        assert_ok(providers_answer(outside.providers,
                                   a.provider == WALLET_ALIPAY ? PROVIDER_ALIPAY : PROVIDER_WECHAT,
                                   &request, &answer));
        take_answer(&a, &answer);
    }
}

static void read_public(const char *pem, struct rsa_key *ret_key)
{
    assert_ok(rsa_key_read_public(bytes_text(pem), ret_key));
}

/* Our key is made again here: its public half is what is deposited with the provider. */
static void write_accounts(void)
{
    char public[WALLET_PEM_MAX];
    struct wallet_account *ali = &rig.accounts.account[WALLET_ALIPAY];
    struct wallet_account *wx = &rig.accounts.account[WALLET_WECHATPAY];
    rig_key(HSM_WALLET_SIGNS, (struct bytes){0}, ali->key.at, &ali->key.len, public);
    read_public(public, &outside.app);
    rig_key(HSM_WALLET_SIGNS, (struct bytes){0}, wx->key.at, &wx->key.len, public);
    read_public(public, &outside.merchant);
    struct providers_config *c = &outside.config;
    struct writer ali_pem = writer_over(ali->public[0].pem, WALLET_PEM_MAX);
    struct writer wx_pem = writer_over(wx->public[0].pem, WALLET_PEM_MAX);
    assert_ok(rsa_key_write_public(&c->alipay.own, &ali_pem));
    ali->public[0].pem[ali_pem.len] = '\0';
    assert_ok(rsa_key_write_public(&c->wechat.own, &wx_pem));
    wx->public[0].pem[wx_pem.len] = '\0';
    snprintf(wx->public[0].serial, sizeof wx->public[0].serial, "%s", c->wechat.key_id);
}

static int make_all(void **state)
{
    rig_make(state);
    struct providers_config *c = &outside.config;
    struct rsa_certificate about;
    assert_ok(crypto_open(random_system(), &outside.crypto));
    assert_ok(rsa_key_generate(2048, &c->alipay.own));
    assert_ok(rsa_key_generate(2048, &c->wechat.own));
    struct writer pem = writer_over(c->wechat.certificate, sizeof c->wechat.certificate - 1);
    assert_ok(rsa_certificate_make(&c->wechat.own, BYTES("platform"), START_MS - 86400000,
                                   START_MS + 86400000, &pem));
    assert_ok(rsa_certificate_describe(writer_view(&pem), &about));
    memcpy(c->wechat.serial, about.serial, sizeof about.serial);
    snprintf(c->wechat.key_id, sizeof c->wechat.key_id, WX_SERIAL);
    snprintf(c->alipay.app_id, sizeof c->alipay.app_id, APP_ID);
    snprintf(c->alipay.seller_id, sizeof c->alipay.seller_id, "2088000000000001");
    snprintf(c->wechat.mchid, sizeof c->wechat.mchid, WX_MCH_ID);
    snprintf(c->wechat.appid, sizeof c->wechat.appid, WX_APP_ID);
    snprintf(c->wechat.merchant_serial, sizeof c->wechat.merchant_serial, "F5765756002FDD77");
    memcpy(c->wechat.api_key, OPEN_KEY, sizeof c->wechat.api_key);
    snprintf(c->payee, sizeof c->payee, "示例商店");
    write_accounts();
    c->alipay.app = outside.app;
    c->wechat.merchant = outside.merchant;
    return 0;
}

static int unmake_all(void **state)
{
    rsa_key_free(&outside.config.alipay.own);
    rsa_key_free(&outside.config.wechat.own);
    rsa_key_free(&outside.app);
    rsa_key_free(&outside.merchant);
    crypto_close(&outside.crypto);
    return rig_unmake(state);
}

static int begin_all(void **state)
{
    const struct store_options options = {.mode = STORE_CREATE};
    const struct providers_ports ports = {NULL, on_notify};
    scratch_make(&outside.scratch);
    outside.notices = 0;
    outside.phones =
        (struct phones){.clock = {rig_now, rig_monotonic, NULL}, .random = random_system()};
    assert_ok(
        store_open(scratch_path(&outside.scratch, "providers.db"), &options, NULL, &outside.store));
    outside.config.clock = outside.phones.clock;
    outside.config.random = random_system();
    outside.config.crypto = &outside.crypto;
    outside.config.store = outside.store;
    outside.config.phones = &outside.phones;
    assert_ok(providers_open(&outside.config, &ports, &outside.providers));
    return rig_begin(state);
}

static int end_all(void **state)
{
    providers_close(outside.providers);
    store_close(outside.store);
    scratch_remove(&outside.scratch);
    return rig_end(state);
}

static uint8_t phone_of(const char *name)
{
    size_t count;
    return (uint8_t)(virtual_phone_named(bytes_text(name)) - virtual_phones(&count));
}

static const char *code_of(const char *phone, enum payment_code_wallet wallet)
{
    static char code[PAYMENT_CODE_MAX + 1];
    phones_code(&outside.phones, phone_of(phone), wallet, code);
    return code;
}

static int64_t spent(const char *phone)
{
    return outside.phones.spent_minor[phone_of(phone)];
}

static const enum payment_code_wallet both[] = {PAYMENT_CODE_ALIPAY, PAYMENT_CODE_WECHAT};
static const enum provider provider_of[] = {PROVIDER_ALIPAY, PROVIDER_WECHAT};

/* As the acquirer does: asks until it is decided, takes back what is not; true when it is paid. */
static bool conclude(const char *rrn, int64_t amount_minor)
{
    for (unsigned i = 0; i < 15; i++) {
        if (rig.saids > 0) {
            const struct payment_network_answer *answer = &rig.said[rig.saids - 1].answer;
            bool decided = strcmp(answer->response_code, "09") != 0 &&
                           strcmp(answer->response_code, "25") != 0;
            bool paid = strcmp(answer->response_code, "00") == 0;
            rig.saids = 0;
            if (decided) return paid;
        }
        rig_wait(3000);
        assert_ok(providers_tick(outside.providers));
        rig_pump();
        serve();
        rig_look(rrn, amount_minor);
        serve();
    }
    for (unsigned i = 0; i < 20; i++) {
        rig.saids = 0;
        rig_take_back(PAYMENT_SALE, rrn, amount_minor);
        serve();
        rig_wait(5000);
        if (rig.saids > 0) return false;
    }
    fail_msg("%s was never taken back", rrn);
    return false;
}

/* ---- customers ---- */

static void each_customer_ends_as_he_should(void **state)
{
    (void)state;
    static const struct {
        const char *phone;
        bool paid;
    } rows[] = {{"good", true}, {"asks", true}, {"never", false}, {"poor", false}};
    for (size_t w = 0; w < ARRAY_LEN(both); w++)
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            char rrn[13];
            snprintf(rrn, sizeof rrn, "6333%08zu", 10 * w + i);
            int64_t before = spent(rows[i].phone);
            rig_pay(rrn, 1234, code_of(rows[i].phone, both[w]));
            serve();
            if (conclude(rrn, 1234) != rows[i].paid)
                fail_msg("phone %s, wallet %zu", rows[i].phone, w);
            assert_int_equal(spent(rows[i].phone) - before, rows[i].paid ? 1234 : 0);
        }
}

static void a_code_that_is_old_or_used_pays_nothing(void **state)
{
    (void)state;
    for (size_t w = 0; w < ARRAY_LEN(both); w++) {
        char code[PAYMENT_CODE_MAX + 1];
        snprintf(code, sizeof code, "%s", code_of("good", both[w]));
        int64_t before = spent("good");
        rig_pay("633300000001", 100, code);
        serve();
        rig_hears("633300000001", "00");
        rig_pay("633300000002", 100, code);
        serve();
        rig_hears("633300000002", "14");
        snprintf(code, sizeof code, "%s", code_of("good", both[w]));
        rig.now_ms += PHONES_CODE_LIFE_MS + 1;
        rig_pay("633300000003", 100, code);
        serve();
        rig_hears("633300000003", "14");
        assert_int_equal(spent("good") - before, 100);
        providers_close(outside.providers);
        store_close(outside.store);
        scratch_remove(&outside.scratch);
        gateway_close(rig.g);
        begin_all(state);
    }
}

/* ---- faults ---- */

/* Every fault, at the payment and at the queries after it: told and charged are the same. */
static void whatever_goes_wrong_no_money_is_lost_or_doubled(void **state)
{
    (void)state;
    static const char *const phones[] = {"good", "asks"};
    unsigned number = 100, approved = 0;
    for (size_t w = 0; w < ARRAY_LEN(both); w++)
        for (unsigned fault = FAULT_DOWN; fault < FAULTS; fault++)
            for (int64_t count = 1; count <= 5; count += 2)
                for (size_t p = 0; p < ARRAY_LEN(phones); p++) {
                    char rrn[13];
                    snprintf(rrn, sizeof rrn, "6333%08u", number++);
                    int64_t before = spent(phones[p]);
                    providers_plan(outside.providers, provider_of[w], false,
                                   (struct fault_plan){(enum fault)fault, count, 12000});
                    rig_pay(rrn, 77, code_of(phones[p], both[w]));
                    serve();
                    bool paid = conclude(rrn, 77);
                    providers_plan(outside.providers, provider_of[w], false,
                                   (struct fault_plan){FAULT_NONE, 0, 0});
                    if (spent(phones[p]) - before != (paid ? 77 : 0))
                        fail_msg(
                            "fault %s, %lld times, wallet %zu, phone %s: told %s, charged %lld",
                            fault_names[fault], (long long)count, w, phones[p],
                            paid ? "paid" : "not paid", (long long)(spent(phones[p]) - before));
                    approved += paid;
                }
    assert_true(approved > 20); /* most of them get through */
}

/* Notices end the wait; wrong ones do not. */
static void a_notice_is_heard_and_believed_only_to_ask(void **state)
{
    (void)state;
    for (size_t w = 0; w < ARRAY_LEN(both); w++) {
        char rrn[13];
        snprintf(rrn, sizeof rrn, "6333%08zu", 500 + w);
        int64_t before = spent("asks");
        rig_pay(rrn, 4321, code_of("asks", both[w]));
        serve();
        rig_hears(rrn, "09");
        outside.notices = 0;
        providers_plan(outside.providers, provider_of[w], true,
                       (struct fault_plan){FAULT_DOUBLED, 1, 0});
        rig_wait(PHONES_ASKS_MS);
        assert_ok(providers_tick(outside.providers));
        rig_pump();
        assert_true(w == 1 || outside.notices > 0); /* codepay of WeChat Pay has no notify_url */
        serve();
        if (w == 0) rig_hears(rrn, "00");
        else assert_true(conclude(rrn, 4321));
        assert_int_equal(spent("asks") - before, 4321);
    }
}

/* ---- refunds ---- */

static void a_refund_is_given_back_once(void **state)
{
    (void)state;
    unsigned number = 700;
    for (size_t w = 0; w < ARRAY_LEN(both); w++)
        for (unsigned fault = FAULT_NONE; fault < FAULTS; fault++) {
            char rrn[13], refund[13];
            snprintf(rrn, sizeof rrn, "6333%08u", number++);
            snprintf(refund, sizeof refund, "6333%08u", number++);
            int64_t before = spent("good");
            rig_pay(rrn, 1000, code_of("good", both[w]));
            serve();
            rig_hears(rrn, "00");
            rig_give_back(PAYMENT_REFUND, refund, rrn, 300);
            /* Three silences take longer than the acquirer waits, and a refusal is one. */
            bool waits = fault == FAULT_SLOW || fault == FAULT_SILENT;
            if (fault != FAULT_NONE && fault != FAULT_REFUSED)
                providers_plan(outside.providers, provider_of[w], false,
                               (struct fault_plan){(enum fault)fault, waits ? 2 : 3, 12000});
            serve();
            for (unsigned i = 0; i < 20 && rig.saids == 0; i++) {
                rig_wait(GATEWAY_AGAIN_MS);
                serve();
                assert_ok(providers_tick(outside.providers));
                rig_pump();
            }
            rig_wait(PROVIDER_REFUND_MS);
            assert_ok(providers_tick(outside.providers));
            rig_pump();
            if (rig.saids == 0) fail_msg("fault %s, wallet %zu", fault_names[fault], w);
            /* A wrong total of the original has the refund refused: nothing goes back then. */
            bool refused = w == 1 && fault == FAULT_WRONG;
            rig_hears(refund, refused ? "30" : "00");
            assert_int_equal(spent("good") - before, refused ? 1000 : 700);
            providers_plan(outside.providers, provider_of[w], false,
                           (struct fault_plan){FAULT_NONE, 0, 0});
        }
}

static void more_than_there_was_is_not_given_back(void **state)
{
    (void)state;
    for (size_t w = 0; w < ARRAY_LEN(both); w++) {
        char rrn[13], refund[13];
        snprintf(rrn, sizeof rrn, "6333%08zu", 900 + 10 * w);
        rig_pay(rrn, 1000, code_of("good", both[w]));
        serve();
        rig_hears(rrn, "00");
        int64_t before = spent("good");
        snprintf(refund, sizeof refund, "6333%08zu", 901 + 10 * w);
        rig_give_back(PAYMENT_REFUND, refund, rrn, 600);
        serve();
        rig_hears(refund, "00");
        snprintf(refund, sizeof refund, "6333%08zu", 902 + 10 * w);
        rig_give_back(PAYMENT_REFUND, refund, rrn, 600);
        serve();
        assert_int_equal(rig.saids, 1);
        assert_string_not_equal(rig.said[0].answer.response_code, "00");
        rig.saids = 0;
        rig_wait(PROVIDER_REFUND_MS);
        assert_ok(providers_tick(outside.providers));
        rig_pump();
        assert_int_equal(before - spent("good"), 600);
    }
}

/* ---- codes that are shown ---- */

/* What the terminal shows, of the first answer to such a payment. */
static const char *shown_text(const char *rrn, int64_t amount_minor)
{
    static char text[PAYMENT_SHOWN_MAX + 1];
    rig_pay(rrn, amount_minor, "our own code");
    serve();
    memcpy(text, rig.said[0].answer.shown_code, sizeof text);
    rig_hears(rrn, "09");
    assert_true(strlen(text) > 10);
    return text;
}

static void a_shown_code_is_scanned_and_paid(void **state)
{
    (void)state;
    rig.means = PAYMENT_SHOWN;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        char rrn[13], refund[13];
        rig.accounts.shown = w;
        snprintf(rrn, sizeof rrn, "6333%08u", 1000 + 10 * w);
        snprintf(refund, sizeof refund, "6333%08u", 1001 + 10 * w);
        const char *text = shown_text(rrn, 888);
        rig_look(rrn, 888);
        serve();
        assert_int_equal(rig.saids, 1); /* nobody has scanned it: not decided */
        assert_true(strcmp(rig.said[0].answer.response_code, "09") == 0 ||
                    strcmp(rig.said[0].answer.response_code, "25") == 0);
        rig.saids = 0;
        int64_t before = spent("good");
        struct scan_result result;
        const struct scan scan = {phone_of("good"), bytes_text(text), 0};
        assert_ok(providers_scan(outside.providers, &scan, &result));
        assert_int_equal(result.outcome, SCAN_PAID);
        assert_int_equal(result.amount_minor, 888);
        assert_true(conclude(rrn, 888));
        assert_int_equal(spent("good") - before, 888);
        rig.saids = 0;
        rig_give_back(PAYMENT_REFUND, refund, rrn, 888);
        serve();
        rig_hears(refund, "00");
        rig_wait(PROVIDER_REFUND_MS);
        assert_ok(providers_tick(outside.providers));
        rig_pump();
        assert_int_equal(spent("good") - before, 0);
    }
}

/* Given up before or after somebody has paid: either way nobody has paid in the end. */
static void a_shown_code_is_taken_back(void **state)
{
    (void)state;
    rig.means = PAYMENT_SHOWN;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++)
        for (unsigned scanned = 0; scanned < 2; scanned++) {
            char rrn[13];
            rig.accounts.shown = w;
            snprintf(rrn, sizeof rrn, "6333%08u", 1100 + 10 * w + scanned);
            const char *text = shown_text(rrn, 888);
            int64_t before = spent("good");
            struct scan_result result;
            const struct scan scan = {phone_of("good"), bytes_text(text), 0};
            if (scanned) assert_ok(providers_scan(outside.providers, &scan, &result));
            serve();
            rig.saids = 0; /* a notice may have said that it is paid: the acquirer had given up */
            rig_take_back(PAYMENT_SALE, rrn, 888);
            serve();
            assert_true(rig.saids > 0);
            rig.said[0] = rig.said[rig.saids - 1];
            rig.saids = 1;
            assert_int_equal(rig.said[0].answer.mti, 0x0410);
            rig_hears(rrn, "00");
            rig_wait(PROVIDER_REFUND_MS);
            assert_ok(providers_tick(outside.providers));
            rig_pump();
            assert_int_equal(spent("good") - before, 0);
            assert_ok(providers_scan(outside.providers, &scan, &result));
            assert_int_equal(result.outcome, SCAN_REFUSED); /* too late */
            serve(); /* what a late notice has had looked up */
            for (unsigned i = 0; i < rig.saids; i++)
                assert_string_not_equal(rig.said[i].answer.response_code, "00");
            rig.saids = 0;
        }
}

/* Nobody's account: it is for the wallet behind us, and so is all that follows. */
static void a_shown_code_without_an_account_is_handed_on(void **state)
{
    (void)state;
    rig.means = PAYMENT_SHOWN;
    rig_pay(RRN, 100, "our own code");
    rig_look(RRN, 100);
    rig_take_back(PAYMENT_SALE, RRN, 100);
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 100);
    assert_int_equal(rig.asks, 0);
    assert_int_equal(rig.handed_on, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_all, end_all)
        TEST(each_customer_ends_as_he_should),
        TEST(a_code_that_is_old_or_used_pays_nothing),
        TEST(whatever_goes_wrong_no_money_is_lost_or_doubled),
        TEST(a_notice_is_heard_and_believed_only_to_ask),
        TEST(a_refund_is_given_back_once),
        TEST(more_than_there_was_is_not_given_back),
        TEST(a_shown_code_is_scanned_and_paid),
        TEST(a_shown_code_is_taken_back),
        TEST(a_shown_code_without_an_account_is_handed_on),
    };
    return cmocka_run_group_tests(tests, make_all, unmake_all);
}
