/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phones without a wallet behind them: codes that are used once within a minute, of whatever wallet
 * is asked for; one balance; and who is asked when a phone reads a code (S176). The tray's
 * questions about both.
 */
#include "tests/unit/scratch.h"

#include "lib/qr/order_code.h"
#include "lib/wire/json.h"
#include "simulators/network_core.h"
#include "simulators/tray.h"

static int64_t now_ms;
static struct phones phones;
static struct random_seeded seed;

static int64_t now(void *context)
{
    (void)context;
    return now_ms;
}

static int set_up(void **state)
{
    (void)state;
    now_ms = 1790000000123;
    random_seed(&seed, 7);
    memset(&phones, 0, sizeof phones);
    phones.clock = (struct clock){now, now, NULL};
    phones.random = random_from_seed(&seed);
    return 0;
}

static uint8_t index_of(const char *name)
{
    size_t count;
    const struct virtual_phone *phone = virtual_phone_named(bytes_text(name));
    assert_non_null(phone);
    return (uint8_t)(phone - virtual_phones(&count));
}

static void a_code_is_of_the_wallet_that_was_asked_for(void **state)
{
    (void)state;
    static const char *const names[] = {"good", "asks", "poor", "never"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (unsigned w = PAYMENT_CODE_ALIPAY; w < PAYMENT_CODE_WALLETS; w++) {
            char digits[PAYMENT_CODE_MAX + 1];
            phones_code(&phones, index_of(names[i]), (enum payment_code_wallet)w, digits);
            assert_int_equal(payment_code_wallet(bytes_text(digits)), w);
        }
    char own[PAYMENT_CODE_MAX + 1];
    phones_code(&phones, index_of("good"), PAYMENT_CODE_UNKNOWN, own);
    assert_int_equal(payment_code_wallet(bytes_text(own)), PAYMENT_CODE_ALIPAY);
}

static void a_code_is_taken_once_within_a_minute(void **state)
{
    (void)state;
    char digits[PAYMENT_CODE_MAX + 1], late[PAYMENT_CODE_MAX + 1];
    uint8_t phone = 99;
    phones_code(&phones, index_of("asks"), PAYMENT_CODE_WECHAT, digits);
    phones_code(&phones, index_of("good"), PAYMENT_CODE_WECHAT, late);
    now_ms += PHONES_CODE_LIFE_MS;
    assert_false(phones_take(&phones, BYTES("134567890123456789"), &phone));
    assert_int_equal(phone, 99);
    assert_true(phones_take(&phones, bytes_text(digits), &phone));
    assert_int_equal(phone, index_of("asks"));
    assert_false(phones_take(&phones, bytes_text(digits), &phone));
    now_ms++;
    assert_false(phones_take(&phones, bytes_text(late), &phone));
}

static void a_balance_is_one(void **state)
{
    (void)state;
    uint8_t poor = index_of("poor");
    assert_false(phones_pay(&phones, poor, 101));
    assert_true(phones_pay(&phones, poor, 60));
    assert_false(phones_pay(&phones, poor, 41));
    phones_give_back(&phones, poor, 1);
    assert_true(phones_pay(&phones, poor, 41));
    phones.generous = true;
    assert_true(phones_pay(&phones, poor, 1000000));
}

/* ---- scanning ---- */

static err only_good(void *context, const struct scan *scan, struct scan_result *result)
{
    unsigned *asked = context;
    ++*asked;
    if (!bytes_equal(scan->text, BYTES("weixin://wxpay/x"))) return ERR(NOT_FOUND);
    if (scan->phone != index_of("good")) {
        result->reason = (struct text2){"余额不足", "insufficient funds"};
        return OK;
    }
    result->outcome = scan->amount_minor > 0 ? SCAN_PAID : SCAN_AMOUNT;
    result->amount_minor = scan->amount_minor;
    snprintf(result->payee, sizeof result->payee, "示例商店");
    return OK;
}

static err damaged(void *context, const struct scan *scan, struct scan_result *result)
{
    (void)context, (void)scan, (void)result;
    return ERR(CORRUPT);
}

static void codes_go_to_whose_they_are(void **state)
{
    (void)state;
    struct scans scans = {.count = 0};
    unsigned first = 0, second = 0;
    struct scan scan = {.phone = index_of("good"), .text = BYTES("weixin://wxpay/x")};
    struct scan_result result;
    assert_ok(scans_ask(&scans, &scan, &result));
    assert_int_equal(result.outcome, SCAN_REFUSED);
    assert_non_null(result.reason.zh);
    scans_add(&scans, only_good, &first);
    scans_add(&scans, only_good, &second);
    assert_ok(scans_ask(&scans, &scan, &result));
    assert_int_equal(result.outcome, SCAN_AMOUNT);
    assert_int_equal(first, 1);
    assert_int_equal(second, 0);
    scan.text = BYTES("https://other");
    assert_ok(scans_ask(&scans, &scan, &result));
    assert_int_equal(result.outcome, SCAN_REFUSED);
    assert_int_equal(second, 1);
    scans_add(&scans, damaged, NULL);
    assert_err(scans_ask(&scans, &scan, &result), CORRUPT);
}

/* ---- the tray ---- */

static struct crypto crypto;
static struct network *network;
static struct tray *tray;
static struct scans tray_scans;
static unsigned asked;

static void silent(void *context, enum payment_route route, struct bytes message)
{
    (void)context, (void)route, (void)message;
}

static int open_tray(void **state)
{
    set_up(state);
    assert_ok(crypto_open(random_system(), &crypto));
    struct network_config config = {
        .clock = {now, now, NULL}, .random = random_system(), .crypto = &crypto, .capacity = 64};
    const struct network_ports ports = {NULL, silent};
    key_generate(&crypto, KEY_AES128, KEY_USAGE_ZONE_PIN, &config.pin);
    key_generate(&crypto, KEY_AES128, KEY_USAGE_ZONE_MAC, &config.mac);
    key_generate(&crypto, KEY_AES128, KEY_USAGE_ZONE_DATA, &config.data);
    assert_ok(network_open(&config, &ports, &network));
    tray_scans = (struct scans){.count = 0};
    scans_add(&tray_scans, only_good, &asked);
    const struct tray_options options = {
        .network = network, .scans = &tray_scans, .clock = {now, now, NULL}};
    assert_ok(tray_open(&options, &tray));
    return 0;
}

static int close_tray(void **state)
{
    (void)state;
    tray_close(tray);
    network_close(network);
    crypto_close(&crypto);
    return 0;
}

static void ask(const char *question, struct json_document *ret_answer)
{
    struct bytes answer;
    assert_ok(tray_answer(tray, bytes_text(question), &answer));
    assert_ok(json_parse(answer, answer.len, ret_answer));
}

static void assert_text(const struct json_t *object, const char *name, const char *expected)
{
    struct bytes text;
    assert_ok(json_text(object, name, 200, &text));
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.at, expected, text.len);
}

static void the_tray_scans(void **state)
{
    (void)state;
    CLEANUP(json_free) struct json_document paid = {0}, refused = {0}, nobody = {0}, wrong = {0};
    struct json_t *reason;
    int64_t amount;
    ask("{\"ask\":\"scan\",\"phone\":\"good\",\"text\":\"weixin://wxpay/x\",\"amount\":250}",
        &paid);
    assert_text(paid.root, "outcome", "paid");
    assert_text(paid.root, "payee", "示例商店");
    assert_ok(json_int(paid.root, "amount", 0, 1000, &amount));
    assert_int_equal(amount, 250);
    assert_false(json_has(paid.root, "reason"));
    ask("{\"ask\":\"scan\",\"phone\":\"poor\",\"text\":\"weixin://wxpay/x\"}", &refused);
    assert_text(refused.root, "outcome", "refused");
    assert_ok(json_member(refused.root, "reason", &reason));
    assert_text(reason, "en", "insufficient funds");
    ask("{\"ask\":\"scan\",\"phone\":\"nobody\",\"text\":\"weixin://wxpay/x\"}", &nobody);
    assert_true(json_has(nobody.root, "error"));
    ask("{\"ask\":\"scan\",\"phone\":\"good\",\"text\":\"weixin://wxpay/x\",\"amount\":0}", &wrong);
    assert_true(json_has(wrong.root, "error"));
}

/* S79: the acquirer is asked about a plate again after ten seconds, also when the wallet's clock
 * was set back by a day in between: nobody is charged without an end. */
static void a_plate_is_asked_about_whatever_the_clock_does(void **state)
{
    (void)state;
    struct scan_result result;
    struct order_code code = {.amount_minor = 0};
    const struct scan scan = {
        .phone = index_of("good"), .amount_minor = 250, .text = BYTES("plate")};
    snprintf(code.merchant, sizeof code.merchant, "898310153110001");
    snprintf(code.reference, sizeof code.reference, "P0000001");
    assert_ok(plate_scan(network, &scan, &code, &result));
    assert_int_equal(result.outcome, SCAN_ASKED);
    assert_int_equal(plate_next_ms(network), now_ms + 10000);
    now_ms -= INT64_C(86400000);
    for (unsigned asks = 0; asks < 4; asks++) {
        assert_true(plate_next_ms(network) <= now_ms);
        plate_tick(network);
        assert_int_equal(plate_next_ms(network), now_ms + 10000);
        now_ms += 10000;
    }
}

/* What was charged before a restart finds its place when the others have ended: all of it is taken
 * back, though more is open than can be asked about at a time. */
static void more_plates_than_places_are_all_taken_back(void **state)
{
    (void)state;
    enum { CHARGED = PROMISES_MAX + 5 };
    struct entry e = {.route = PAYMENT_ROUTE_WALLET,
                      .class = PAYMENT_CLASS_WALLET,
                      .account = index_of("good"),
                      .type = PAYMENT_SALE,
                      .state = ENTRY_CHARGED,
                      .amount_minor = 100};
    memcpy(e.plate, "P0000001", 8);
    for (unsigned i = 0; i < CHARGED; i++) {
        snprintf(e.rrn, sizeof e.rrn, "6401%08u", i + 1);
        assert_ok(book_put(network->book, &e));
    }
    plate_resume(network);
    assert_true(network->promises_wait);
    for (unsigned i = 0; i < PROMISES_MAX; i++) network->promise[i].state = PROMISE_REFUSED;
    for (unsigned i = 0; i < CHARGED; i++) { /* as if these had been given back */
        snprintf(e.rrn, sizeof e.rrn, "6401%08u", i + 1);
        bool asked_for = false;
        for (unsigned k = 0; k < PROMISES_MAX; k++)
            asked_for = asked_for || strcmp(network->promise[k].payment.rrn, e.rrn) == 0;
        if (!asked_for) continue;
        e.state = ENTRY_REVERSED;
        assert_ok(book_put(network->book, &e));
    }
    plate_tick(network);
    assert_false(network->promises_wait);
    unsigned open = 0;
    for (unsigned k = 0; k < PROMISES_MAX; k++)
        open += network->promise[k].state == PROMISE_UNDOING;
    assert_int_equal(open, CHARGED - PROMISES_MAX);
}

static void the_tray_shows_codes_of_each_wallet(void **state)
{
    (void)state;
    static const struct {
        const char *wallet;
        enum payment_code_wallet expected;
    } rows[] = {{",\"wallet\":\"wechat\"", PAYMENT_CODE_WECHAT},
                {",\"wallet\":\"alipay\"", PAYMENT_CODE_ALIPAY},
                {"", PAYMENT_CODE_ALIPAY}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(json_free) struct json_document answer = {0};
        char question[80];
        struct bytes code;
        snprintf(question, sizeof question, "{\"ask\":\"code\",\"phone\":\"good\"%s}",
                 rows[i].wallet);
        ask(question, &answer);
        assert_ok(json_text(answer.root, "code", 24, &code));
        assert_int_equal(payment_code_wallet(code), rows[i].expected);
        assert_true(json_has(answer.root, "png"));
    }
    CLEANUP(json_free) struct json_document unknown = {0};
    ask("{\"ask\":\"code\",\"phone\":\"good\",\"wallet\":\"unknown\"}", &unknown);
    assert_true(json_has(unknown.root, "error"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_code_is_of_the_wallet_that_was_asked_for, set_up),
        cmocka_unit_test_setup(a_code_is_taken_once_within_a_minute, set_up),
        cmocka_unit_test_setup(a_balance_is_one, set_up),
        cmocka_unit_test_setup(codes_go_to_whose_they_are, set_up),
        cmocka_unit_test_setup_teardown(the_tray_scans, open_tray, close_tray),
        cmocka_unit_test_setup_teardown(a_plate_is_asked_about_whatever_the_clock_does, open_tray,
                                        close_tray),
        cmocka_unit_test_setup_teardown(more_plates_than_places_are_all_taken_back, open_tray,
                                        close_tray),
        cmocka_unit_test_setup_teardown(the_tray_shows_codes_of_each_wallet, open_tray, close_tray),
    };
    return cmocka_run_group_tests_name("simulators_scan", tests, NULL, NULL);
}
