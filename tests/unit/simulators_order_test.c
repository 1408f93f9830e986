/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A phone scans what a terminal shows: the order is paid once, by whoever was first, and every bad
 * code is refused by name: oversized, foreign, damaged, altered, expired, of no order, of another
 * amount, used, closed, too much for the account. S78
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/crypto/mac.h"
#include "lib/qr/emvco.h"
#include "lib/qr/order_code.h"
#include "payment/clearing.h"
#include "payment/message.h"
#include "simulators/network.h"

#define RRN "632700000021"

static struct fixture {
    struct crypto crypto;
    struct network_config config;
    struct network *network;
    struct scans scans;
    int64_t now_ms;
    uint8_t answer[NETWORK_MESSAGE_MAX];
    size_t answer_len;
    char text[ORDER_CODE_MAX + 1], day[11];
} f;

static int64_t now(void *context)
{
    (void)context;
    return f.now_ms;
}

static void take(void *context, enum payment_route route, struct bytes message)
{
    (void)context;
    assert_int_equal(route, PAYMENT_ROUTE_WALLET);
    memcpy(f.answer, message.at, message.len);
    f.answer_len = message.len;
}

static int set_up(void **state)
{
    (void)state;
    memset(&f, 0, sizeof f);
    f.now_ms = 1900000000000;
    assert_int_equal(crypto_open(random_system(), &f.crypto).code, ERR_OK);
    f.config = (struct network_config){
        .clock = {now, now, NULL}, .random = random_system(), .crypto = &f.crypto, .capacity = 64};
    key_generate(&f.crypto, KEY_AES128, KEY_USAGE_ZONE_PIN, &f.config.pin);
    key_generate(&f.crypto, KEY_AES128, KEY_USAGE_ZONE_MAC, &f.config.mac);
    key_generate(&f.crypto, KEY_AES128, KEY_USAGE_ZONE_DATA, &f.config.data);
    const struct network_ports ports = {NULL, take};
    assert_int_equal(network_open(&f.config, &ports, &f.network).code, ERR_OK);
    scans_add(&f.scans, network_scan, f.network);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    network_close(f.network);
    key_wipe(&f.config.pin);
    key_wipe(&f.config.mac);
    key_wipe(&f.config.data);
    crypto_close(&f.crypto);
    return 0;
}

static struct order_code code_of(int64_t amount_minor)
{
    return (struct order_code){.reference = RRN,
                               .category = "0000",
                               .name = "TONGBAO TEA",
                               .city = "CHINA",
                               .country = "CN",
                               .currency = CURRENCY_CNY,
                               .amount_minor = amount_minor,
                               .expires_s = f.now_ms / 1000 + 120};
}

/* As the acquirer signs it, into f.text. */
static void sign(struct order_code code)
{
    uint8_t covered[ORDER_CODE_MAX], mac[MAC_MAX];
    struct writer text = writer_over(f.text, sizeof f.text - 1);
    struct writer w = writer_over(covered, sizeof covered);
    memset(code.mac, 0, sizeof code.mac);
    assert_int_equal(order_code_write(&code, &text).code, ERR_OK);
    assert_int_equal(order_code_signed(&code, writer_view(&text), &w).code, ERR_OK);
    assert_int_equal(
        mac_generate(&f.crypto, MAC_AES_CMAC_8, &f.config.mac, writer_view(&w), mac).code, ERR_OK);
    memcpy(code.mac, mac, sizeof code.mac);
    text.len = 0;
    assert_int_equal(order_code_write(&code, &text).code, ERR_OK);
    f.text[text.len] = '\0';
}

static struct payment sale(int64_t amount_minor)
{
    return (struct payment){.key = {.tid = "10000017", .batch = 1, .stan = 7},
                            .type = PAYMENT_SALE,
                            .means = PAYMENT_SHOWN,
                            .entry = PAYMENT_ENTRY_CODE,
                            .mid = "898310153110001",
                            .rrn = RRN,
                            .reversal_reason = "06",
                            .amount_minor = amount_minor,
                            .currency = CURRENCY_CNY};
}

/* What the wallet answers to the acquirer. */
static struct payment_network_answer asks(enum payment_network_kind kind, int64_t amount_minor)
{
    static uint8_t texts[4096], out[1024];
    struct arena arena = arena_over(texts, sizeof texts);
    struct payment p = sale(amount_minor);
    struct payment_sensitive s = {.shown_code = bytes_text(f.text)};
    struct payment_network_answer answer;
    struct iso8583_message m;
    struct iso8583_fault fault;
    uint8_t mac[MAC_MAX];
    struct writer w = writer_over(out, sizeof out);
    assert_int_equal(payment_network_message(kind, &p, &s, f.now_ms, &arena, &m).code, ERR_OK);
    assert_int_equal(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault).code, ERR_OK);
    struct bytes input = iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w));
    assert_int_equal(mac_generate(&f.crypto, MAC_AES_CMAC_8, &f.config.mac, input, mac).code, 0);
    iso8583_seal(&iso8583_dialect_ascii87, out, w.len, mac);
    f.answer_len = 0;
    assert_int_equal(network_on_message(f.network, PAYMENT_ROUTE_WALLET, writer_view(&w)).code, 0);
    assert_int_equal(network_flush(f.network).code, ERR_OK);
    assert_true(f.answer_len > 0);
    arena_reset(&arena);
    assert_int_equal(iso8583_decode(&iso8583_dialect_ascii87, bytes_of(f.answer, f.answer_len),
                                    &arena, &m, &fault)
                         .code,
                     ERR_OK);
    assert_int_equal(payment_network_answer_parse(&m, &answer).code, ERR_OK);
    return answer;
}

static void said(enum payment_network_kind kind, const char *code)
{
    assert_string_equal(asks(kind, 2550).response_code, code);
}

static struct scan_result scanned_by(const char *phone, struct bytes text)
{
    size_t count;
    struct scan_result result;
    const struct virtual_phone *first = virtual_phones(&count);
    const struct virtual_phone *who = virtual_phone_named(bytes_text(phone));
    assert_non_null(who);
    const struct scan question = {.phone = (uint8_t)(who - first), .text = text};
    assert_int_equal(scans_ask(&f.scans, &question, &result).code, ERR_OK);
    assert_int_equal(network_flush(f.network).code, ERR_OK);
    return result;
}

/* What the phone says: its outcome, or why it does not pay. */
static const char *scanned_text(const char *phone, struct bytes text)
{
    struct scan_result result = scanned_by(phone, text);
    return result.outcome == SCAN_REFUSED ? result.reason.en : scan_outcome_name(result.outcome);
}

static const char *scanned(const char *phone)
{
    return scanned_text(phone, bytes_text(f.text));
}

static int64_t charged(void)
{
    struct network_totals totals;
    network_totals(f.network, &totals);
    return totals.charged_minor[PAYMENT_ROUTE_WALLET];
}

static void an_order_is_paid_once(void **state)
{
    (void)state;
    sign(code_of(2550));
    said(PAYMENT_NETWORK_REQUEST, "09");
    said(PAYMENT_NETWORK_QUERY, "09");
    assert_int_equal(charged(), 0);
    struct scan_result answer = scanned_by("good", bytes_text(f.text));
    assert_int_equal(answer.outcome, SCAN_PAID);
    assert_int_equal(answer.amount_minor, 2550);
    assert_string_equal(answer.payee, "TONGBAO TEA");
    assert_string_equal(answer.reference, RRN);
    assert_string_equal(scanned("good"),
                        "the code was scanned before"); /* the second payment of the same code */
    assert_string_equal(scanned("asks"), "the code was scanned before");
    struct payment_network_answer told = asks(PAYMENT_NETWORK_QUERY, 2550);
    assert_string_equal(told.response_code, "00");
    assert_int_equal(told.card_class, PAYMENT_CLASS_WALLET);
    assert_string_equal(told.issuer, wallet_name(virtual_phone_named(BYTES("good"))));
    said(PAYMENT_NETWORK_REQUEST, "00"); /* a repeat of the order is answered, and no new one */
    assert_int_equal(charged(), 2550);
    said(PAYMENT_NETWORK_REVERSAL, "00");
    assert_int_equal(charged(), 0);
    assert_string_equal(scanned("asks"), "the code was scanned before");
}

static void a_customer_may_type_first_or_never(void **state)
{
    (void)state;
    sign(code_of(2550));
    said(PAYMENT_NETWORK_REQUEST, "09");
    assert_string_equal(scanned("asks"), "asked");
    assert_string_equal(scanned("good"), "the code was scanned before"); /* the other has it */
    said(PAYMENT_NETWORK_QUERY, "09");
    f.now_ms += NETWORK_ASKS_MS;
    said(PAYMENT_NETWORK_QUERY, "00");
    assert_int_equal(charged(), 2550);
}

static void who_leaves_pays_nothing(void **state)
{
    (void)state;
    sign(code_of(2550));
    said(PAYMENT_NETWORK_REQUEST, "09");
    assert_string_equal(scanned("never"), "asked");
    f.now_ms += 3600000;
    said(PAYMENT_NETWORK_QUERY, "09");
    said(PAYMENT_NETWORK_REVERSAL, "00");
    said(PAYMENT_NETWORK_QUERY, "12");
    assert_int_equal(charged(), 0);
}

static void who_has_too_little_leaves_it_open(void **state)
{
    (void)state;
    sign(code_of(2550));
    said(PAYMENT_NETWORK_REQUEST, "09");
    assert_string_equal(scanned("poor"), "there is not enough in the account");
    assert_string_equal(scanned("good"), "paid");
}

static void a_cancelled_order_is_closed(void **state)
{
    (void)state;
    sign(code_of(2550));
    said(PAYMENT_NETWORK_REQUEST, "09");
    said(PAYMENT_NETWORK_REVERSAL, "00");
    assert_string_equal(scanned("good"), "the order is closed");
    said(PAYMENT_NETWORK_REQUEST, "12");
    assert_int_equal(charged(), 0);
}

static void bad_codes_are_refused_by_name(void **state)
{
    (void)state;
    char longer[SCAN_TEXT_MAX + 2];
    memset(longer, '0', sizeof longer);
    memcpy(longer, "000201", 6);
    sign(code_of(2550));
    said(PAYMENT_NETWORK_REQUEST, "09");
    assert_string_equal(scanned_text("good", bytes_of(longer, SCAN_TEXT_MAX + 1)),
                        "the code is too long");
    assert_string_equal(scanned_text("good", BYTES("https://qr.example.com/a")),
                        "this is no code to pay with");
    assert_string_equal(scanned_text("good", BYTES("")), "this is no code to pay with");
    assert_string_equal(scanned_text("good", bytes_of(f.text, strlen(f.text) - 9)),
                        "the code is damaged; scan it again");

    char kept[sizeof f.text];
    memcpy(kept, f.text, sizeof kept);
    char *amount = strstr(f.text, "540525.50");
    assert_non_null(amount);
    amount[4] = '1'; /* 15.50, and below with the check digits for it */
    char crc[5];
    size_t len = strlen(f.text);
    snprintf(crc, sizeof crc, "%04X", emvco_crc(bytes_of(f.text, len - 4)));
    assert_string_equal(scanned("good"), "the code is damaged; scan it again");
    memcpy(f.text + len - 4, crc, 4);
    assert_string_equal(scanned("good"), "the code was altered; do not pay");

    sign(code_of(100)); /* signed by who may, of another amount than the order */
    assert_string_equal(scanned("good"), "the order is of another amount");
    struct order_code none = code_of(2550);
    none.reference[0] = '5';
    sign(none);
    assert_string_equal(scanned("good"), "there is no such order");
    memcpy(f.text, kept, sizeof kept);
    f.now_ms += 119000;
    struct bytes whole = bytes_text(f.text);
    assert_int_equal(charged(), 0);
    f.now_ms += 1000;
    assert_string_equal(scanned_text("good", whole), "the code has expired");
    f.now_ms -= 1;
    assert_string_equal(scanned_text("good", whole), "paid");
}

/* The wallet takes no order whose code it would refuse. */
static void an_order_needs_its_own_code(void **state)
{
    (void)state;
    sign(code_of(100));
    said(PAYMENT_NETWORK_REQUEST, "30"); /* asked for 25.50 */
}

/* ---- plates (S79) ---- */

static struct order_code plate_code(void)
{
    return (struct order_code){.plate = true,
                               .reference = "P0000001",
                               .merchant = "898310153110001",
                               .category = "0000",
                               .name = "TONGBAO TEA",
                               .city = "CHINA",
                               .country = "CN",
                               .currency = CURRENCY_CNY};
}

/* What the wallet asks of the acquirer: its last message, whose MAC is good. */
static struct payment wallet_asks(enum payment_network_kind kind)
{
    static uint8_t texts[4096];
    struct arena arena = arena_over(texts, sizeof texts);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment p;
    struct payment_sensitive s;
    enum payment_network_kind said;
    struct bytes raw = bytes_of(f.answer, f.answer_len);
    assert_true(f.answer_len > 0);
    assert_int_equal(iso8583_decode(&iso8583_dialect_ascii87, raw, &arena, &m, &fault).code, 0);
    assert_int_equal(mac_verify(&f.crypto, MAC_AES_CMAC_8, &f.config.mac,
                                bytes_of(raw.at, m.mac_input),
                                iso8583_get(&m, iso8583_has(&m, 128) ? 128 : 64))
                         .code,
                     ERR_OK);
    assert_int_equal(payment_from_network(&m, &p, &s, &said).code, ERR_OK);
    assert_int_equal(said, kind);
    if (kind == PAYMENT_NETWORK_REQUEST) {
        assert_true(bytes_equal(s.shown_code, bytes_text(f.text)));
        assert_int_equal(iso8583_get(&m, 60).len, 16);
        assert_int_equal(p.entry, PAYMENT_ENTRY_PLATE);
        assert_string_equal(p.mid, "898310153110001");
        assert_string_equal(p.key.tid, "P0000001");
        assert_true(p.rrn[1] >= '4'); /* no number of an acquirer's */
    }
    f.answer_len = 0;
    return p;
}

static void acquirer_says(enum payment_network_kind kind, const struct payment *asked,
                          const char *code, const char *why)
{
    static uint8_t texts[1024], out[1024];
    struct arena arena = arena_over(texts, sizeof texts);
    struct payment p = *asked;
    struct iso8583_message m;
    struct iso8583_fault fault;
    uint8_t mac[MAC_MAX];
    struct writer w = writer_over(out, sizeof out);
    memcpy(p.response_code, code, 3);
    assert_int_equal(payment_network_response(kind, &p, &arena, &m).code, ERR_OK);
    if (why != NULL) payment_shown_set(&m, bytes_text(why));
    assert_int_equal(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault).code, ERR_OK);
    struct bytes input = iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w));
    assert_int_equal(mac_generate(&f.crypto, MAC_AES_CMAC_8, &f.config.mac, input, mac).code, 0);
    iso8583_seal(&iso8583_dialect_ascii87, out, w.len, mac);
    assert_int_equal(network_on_message(f.network, PAYMENT_ROUTE_WALLET, writer_view(&w)).code, 0);
    assert_int_equal(network_flush(f.network).code, ERR_OK);
}

static struct scan_result types(const char *phone, int64_t amount_minor)
{
    size_t count;
    struct scan_result result;
    const struct scan question = {
        .phone = (uint8_t)(virtual_phone_named(bytes_text(phone)) - virtual_phones(&count)),
        .text = bytes_text(f.text),
        .amount_minor = amount_minor};
    assert_int_equal(scans_ask(&f.scans, &question, &result).code, ERR_OK);
    assert_int_equal(network_flush(f.network).code, ERR_OK);
    return result;
}

static void ended(const struct scan_result *r, enum scan_outcome outcome, const char *code,
                  const char *why)
{
    char said[3] = "";
    const char *reason;
    assert_int_equal(network_scanned(f.network, r->reference, said, &reason), outcome);
    if (outcome != SCAN_ASKED) assert_string_equal(said, code);
    assert_string_equal(reason, why);
}

/* S79: the payer types the amount; what the acquirer says ends it, once. */
static void a_plate_asks_for_the_amount(void **state)
{
    (void)state;
    sign(plate_code());
    assert_int_equal(types("good", 0).outcome, SCAN_AMOUNT);
    assert_int_equal(f.answer_len, 0);
    assert_int_equal(types("poor", 101).outcome, SCAN_REFUSED);
    struct scan_result paid = types("good", 1234);
    assert_int_equal(paid.outcome, SCAN_ASKED);
    assert_string_equal(paid.payee, "TONGBAO TEA");
    assert_int_equal(charged(), 1234);
    struct payment asked = wallet_asks(PAYMENT_NETWORK_REQUEST);
    assert_string_equal(asked.rrn, paid.reference);
    assert_int_equal(asked.amount_minor, 1234);
    ended(&paid, SCAN_ASKED, "", "");
    acquirer_says(PAYMENT_NETWORK_REQUEST, &asked, "00", NULL);
    ended(&paid, SCAN_PAID, "00", "");
    acquirer_says(PAYMENT_NETWORK_REQUEST, &asked, "61", "late, and another");
    ended(&paid, SCAN_PAID, "00", "");
    assert_int_equal(charged(), 1234);
}

static void a_refused_plate_costs_nothing(void **state)
{
    (void)state;
    sign(plate_code());
    struct scan_result over = types("good", 50001);
    struct payment asked = wallet_asks(PAYMENT_NETWORK_REQUEST);
    acquirer_says(PAYMENT_NETWORK_REQUEST, &asked, "61", "day of a customer: 500.00");
    ended(&over, SCAN_REFUSED, "61", "day of a customer: 500.00");
    assert_int_equal(charged(), 0);
}

/* No answer: the same again, and at last it is taken back until somebody has heard it. */
static void an_unheard_plate_is_taken_back(void **state)
{
    (void)state;
    sign(plate_code());
    struct scan_result r = types("good", 700);
    struct payment first = wallet_asks(PAYMENT_NETWORK_REQUEST);
    for (int i = 0; i < 2; i++) {
        f.now_ms += 10000;
        assert_int_equal(network_flush(f.network).code, ERR_OK);
        assert_string_equal(wallet_asks(PAYMENT_NETWORK_REQUEST).rrn, first.rrn);
    }
    for (int i = 0; i < 3; i++) {
        f.now_ms += 10000;
        assert_int_equal(network_flush(f.network).code, ERR_OK);
        assert_string_equal(wallet_asks(PAYMENT_NETWORK_REVERSAL).rrn, first.rrn);
    }
    acquirer_says(PAYMENT_NETWORK_REQUEST, &first, "00", NULL); /* too late */
    ended(&r, SCAN_ASKED, "", "");
    acquirer_says(PAYMENT_NETWORK_REVERSAL, &first, "00", NULL);
    ended(&r, SCAN_REFUSED, "00", "");
    assert_int_equal(charged(), 0);
    f.now_ms += 60000;
    assert_int_equal(network_flush(f.network).code, ERR_OK);
    assert_int_equal(f.answer_len, 0);
}

/* Killed, and up again with what was on disk. */
static void restart(void)
{
    const struct store_options options = {.mode = STORE_MEMORY};
    const struct network_ports ports = {NULL, take};
    network_close(f.network);
    store_close(f.config.store);
    assert_int_equal(store_open("networks-plates", &options, NULL, &f.config.store).code, 0);
    assert_int_equal(network_open(&f.config, &ports, &f.network).code, ERR_OK);
    f.scans = (struct scans){.count = 0};
    scans_add(&f.scans, network_scan, f.network);
    f.answer_len = 0;
}

/* S79, S111: what the acquirer took stands in the file of the day that it named; what a kill left
 * undecided is taken back, whatever the acquirer had heard of it; no reference is given twice. */
static void a_killed_wallet_leaves_no_plate_undecided(void **state)
{
    (void)state;
    struct store_anchor *anchor = NULL;
    assert_int_equal(store_anchor_open("networks-plates", &anchor).code, ERR_OK);
    restart();
    sign(plate_code());
    struct scan_result paid = types("good", 1234);
    struct payment asked = wallet_asks(PAYMENT_NETWORK_REQUEST);
    clearing_day_text(clearing_day(f.now_ms) - 1, f.day);
    snprintf(asked.settlement_date, sizeof asked.settlement_date, "%.2s%.2s", f.day + 5, f.day + 8);
    acquirer_says(PAYMENT_NETWORK_REQUEST, &asked, "00", NULL);
    assert_int_equal(book_find(network_book(f.network), bytes_text(paid.reference))->day,
                     clearing_day(f.now_ms) - 1);
    restart();
    assert_int_equal(network_flush(f.network).code, ERR_OK);
    assert_int_equal(f.answer_len, 0); /* it was decided */

    struct scan_result lost = types("good", 700);
    struct payment first = wallet_asks(PAYMENT_NETWORK_REQUEST);
    assert_string_not_equal(lost.reference, paid.reference);
    restart();
    assert_int_equal(network_flush(f.network).code, ERR_OK);
    struct payment undone = wallet_asks(PAYMENT_NETWORK_REVERSAL);
    assert_string_equal(undone.rrn, first.rrn);
    assert_string_equal(undone.mid, first.mid);
    assert_string_equal(undone.key.tid, first.key.tid);
    assert_int_equal(payment_digest(&undone), payment_digest(&first));
    acquirer_says(PAYMENT_NETWORK_REVERSAL, &undone, "25", NULL);
    assert_int_equal(charged(), 1234);
    store_close(f.config.store);
    f.config.store = NULL;
    store_anchor_close(anchor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_killed_wallet_leaves_no_plate_undecided, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_order_is_paid_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_customer_may_type_first_or_never, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_leaves_pays_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_has_too_little_leaves_it_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_order_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_codes_are_refused_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_order_needs_its_own_code, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_plate_asks_for_the_amount, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_plate_costs_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unheard_plate_is_taken_back, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("simulators_order", tests, NULL, NULL);
}
