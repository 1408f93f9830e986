/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plates that are paid with a wallet over HTTP (S79): the simulators' notices against the gateway's
 * core, and an acquirer that approves, refuses, is silent or comes back. Whatever happens, the
 * customer has paid what the acquirer has, once.
 */
#include "tests/unit/wallets_outside.h"

#include "lib/qr/order_code.h"
#include "simulators/clearing.h"
#include "simulators/provider_clearing.h"

#define MID "898290058120001"

static char plate[ORDER_CODE_MAX + 1], reference[SCAN_REFERENCE_MAX + 1];

static const enum payment_code_wallet wallet_of[] = {PAYMENT_CODE_ALIPAY, PAYMENT_CODE_WECHAT};
static const enum provider told_by[] = {PROVIDER_ALIPAY, PROVIDER_WECHAT};

static int begin_plate(void **state)
{
    const struct order_code code = {.plate = true,
                                    .reference = "P0000001",
                                    .merchant = MID,
                                    .category = "5812",
                                    .name = "EXAMPLE SHOP",
                                    .city = "SHANGHAI",
                                    .country = "CN",
                                    .currency = 156};
    struct writer w = writer_over(plate, ORDER_CODE_MAX);
    outside.config.wechat.public_key_mode = true; /* the key that the account has */
    assert_int_equal(begin_all(state), 0);
    assert_ok(order_code_write(&code, &w));
    plate[w.len] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(told_by); i++)
        assert_ok(providers_payee(outside.providers, told_by[i], BYTES(MID),
                                  BYTES("https://pay.example/notify")));
    return 0;
}

static struct scan_result scans(unsigned w, const char *phone, int64_t amount_minor)
{
    struct scan_result result;
    const struct scan scan = {.phone = phone_of(phone),
                              .text = bytes_text(plate),
                              .amount_minor = amount_minor,
                              .wallet = wallet_of[w]};
    assert_ok(providers_scan(outside.providers, &scan, &result));
    return result;
}

/* Notices that are due leave, and what they lead to. */
static void told(void)
{
    assert_ok(providers_tick(outside.providers));
    rig_pump();
    serve();
}

static void pays(unsigned w, int64_t amount_minor)
{
    struct scan_result result = scans(w, "good", amount_minor);
    assert_int_equal(result.outcome, SCAN_ASKED);
    memcpy(reference, result.reference, sizeof reference);
    told();
}

/* The next attempt of the notice. */
static void told_again(unsigned w)
{
    rig.now_ms += w == WALLET_ALIPAY ? 600000 : 30000;
    told();
}

/* The acquirer was asked this, once; it is taken away. */
static struct said hears(uint16_t mti, int64_t amount_minor)
{
    assert_int_equal(rig.saids, 1);
    struct said said = rig.said[0];
    rig.saids = 0;
    assert_int_equal(said.answer.mti, mti);
    assert_string_equal(said.payment.rrn, reference);
    assert_string_equal(said.payment.key.tid, "P0000001");
    assert_string_equal(said.payment.mid, MID);
    assert_int_equal(said.payment.entry, PAYMENT_ENTRY_PLATE);
    assert_int_equal(said.payment.means, PAYMENT_SHOWN);
    assert_int_equal(said.payment.amount_minor, amount_minor);
    return said;
}

static void answer_with(const struct said *said, const char *code, uint8_t spoil)
{
    uint8_t block[TASK_MESSAGE_MAX], texts[PAYMENT_MESSAGE_ARENA], mac[8];
    struct arena arena = arena_over(texts, sizeof texts);
    struct payment p = said->payment;
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct writer w = writer_over(block, sizeof block);
    snprintf(p.response_code, sizeof p.response_code, "%s", code);
    snprintf(p.settlement_date, sizeof p.settlement_date, "0922");
    assert_ok(payment_network_response(said->answer.mti == 0x0400 ? PAYMENT_NETWORK_REVERSAL
                                                                  : PAYMENT_NETWORK_REQUEST,
                                       &p, &arena, &m));
    assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    assert_status(rig_mac(HSM_MAC_MAKE,
                          iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)),
                          (struct bytes){0}, mac),
                  HSM_OK);
    mac[0] ^= spoil;
    iso8583_seal(&iso8583_dialect_ascii87, block, w.len, mac);
    gateway_on_message(rig.g, writer_view(&w));
    rig_pump();
    serve();
}

static void answer(const struct said *said, const char *code)
{
    answer_with(said, code, 0);
}

/* The provider was answered: `good` of them that it is heard. */
static void ended(unsigned all, unsigned good)
{
    assert_int_equal(rig.noticed, all);
    assert_int_equal(rig.noticed_good, good);
    rig.noticed = rig.noticed_good = 0;
    if (good > 0) assert_ok(providers_heard(outside.providers, outside.notice, true));
}

static enum scan_outcome outcome(void)
{
    enum scan_outcome now;
    assert_ok(providers_scanned(outside.providers, bytes_text(reference), &now));
    return now;
}

/* The clearing file of today has this payment, and it stands or not. */
static bool stands(void)
{
    struct clearing_row row[64];
    size_t count;
    assert_ok(provider_clearing_rows(outside.store, clearing_day(rig.now_ms), row, ARRAY_LEN(row),
                                     &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(row[i].rrn, reference) == 0) return row[i].stands;
    fail_msg("%s is not in the file", reference);
    return false;
}

static void killed(void)
{
    rig.commands = rig.asks = rig.saids = 0;
    rig.room = GATEWAY_TRANSFERS_MAX;
    gateway_close(rig.g);
    rig_open(true);
}

/* ---- approved ---- */

static void an_approved_payment_is_heard(void **state)
{
    (void)state;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        int64_t before = spent("good");
        pays(w, 1234);
        struct said said = hears(0x0200, 1234);
        assert_string_equal(said.text, plate);
        assert_int_equal(strlen(said.customer), 16);
        ended(0, 0); /* not before the acquirer has said so */
        assert_int_equal(outcome(), SCAN_ASKED);
        answer(&said, "00");
        ended(1, 1);
        assert_int_equal(outcome(), SCAN_PAID);
        assert_int_equal(spent("good") - before, 1234);
        assert_true(stands());
        told_again(w);
        assert_int_equal(rig.saids, 0);

        pays(w, 99); /* the same customer, another payment */
        struct said next = hears(0x0200, 99);
        assert_string_equal(next.customer, said.customer);
        answer(&next, "00");
        ended(1, 1);
    }
}

/* Paid before 23:00 and told after it: the day is that of the payment, in whose file it stands. */
static void the_day_is_that_of_the_payment(void **state)
{
    (void)state;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        struct civil c = civil_from_ms(rig.now_ms + CLOCK_CHINA_OFFSET_MS);
        char day[5];
        c.hour = 22, c.minute = 59, c.second = 59;
        rig.now_ms = civil_to_ms(c) - CLOCK_CHINA_OFFSET_MS;
        clearing_day_mmdd(clearing_day(rig.now_ms), day);
        struct scan_result result = scans(w, "good", 700);
        memcpy(reference, result.reference, sizeof reference);
        rig.now_ms += 10000;
        told();
        struct said said = hears(0x0200, 700);
        assert_string_equal(said.answer.settlement_date, day);
        answer(&said, "00");
        ended(1, 1);
        rig.now_ms -= 10000; /* it stands in the file of that day */
        assert_true(stands());
        rig.now_ms += 86400000;
    }
}

/* The answer to the notice was lost: told again, the same question is asked again. */
static void a_late_notice_asks_the_same(void **state)
{
    (void)state;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        pays(w, 500);
        struct said first = hears(0x0200, 500);
        answer(&first, "00");
        rig.noticed = rig.noticed_good = 0;
        told_again(w);
        struct said second = hears(0x0200, 500);
        assert_int_equal(second.payment.digest, first.payment.digest);
        assert_int_equal(second.payment.key.stan, first.payment.key.stan);
        assert_string_equal(second.customer, first.customer);
        answer(&second, "00");
        ended(1, 1);
        assert_true(stands());
    }
}

/* ---- refused ---- */

static void a_refusal_gives_the_money_back(void **state)
{
    (void)state;
    static const char *const codes[] = {"61", "14", "03", "94", "12"};
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++)
        for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
            int64_t before = spent("good");
            pays(w, 700);
            struct said said = hears(0x0200, 700);
            answer(&said, codes[i]);
            rig.noticed = rig.noticed_good = 0; /* heard, and the answer was lost */
            rig_wait(PROVIDER_REFUND_MS);
            assert_ok(providers_tick(outside.providers));
            assert_int_equal(spent("good") - before, 0);
            assert_int_equal(outcome(), SCAN_REFUSED);
            assert_false(stands());
            told_again(w); /* nothing is left to be told, or to be given back */
            assert_int_equal(rig.saids, 0);
            ended(1, 1);
            assert_int_equal(spent("good") - before, 0);
        }
}

/* 96 decides nothing; silence has it taken back, and then given back. */
static void silence_is_taken_back(void **state)
{
    (void)state;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        int64_t before = spent("good");
        pays(w, 800);
        struct said said = hears(0x0200, 800);
        answer(&said, "96");
        for (unsigned i = 1; i < GATEWAY_PLATE_ASKS; i++) {
            rig_wait(GATEWAY_PLATE_MS);
            said = hears(0x0200, 800);
        }
        for (unsigned i = 0; i < 5; i++) { /* until it is acknowledged */
            rig_wait(GATEWAY_PLATE_MS);
            said = hears(0x0400, 800);
            assert_int_equal(spent("good") - before, 800);
        }
        ended(0, 0);
        answer(&said, w == 0 ? "25" : "00");
        ended(1, 1);
        assert_int_equal(spent("good") - before, 0);
        assert_int_equal(rig.saids, 0);
    }
}

/* The acquirer had approved, and the merchant has given it back himself. */
static void what_the_merchant_gave_back_stays(void **state)
{
    (void)state;
    int64_t before = spent("good");
    pays(0, 800);
    for (unsigned i = 0; i < GATEWAY_PLATE_ASKS; i++) {
        (void)hears(0x0200, 800);
        rig_wait(GATEWAY_PLATE_MS);
    }
    struct said said = hears(0x0400, 800);
    answer(&said, "12");
    ended(1, 1);
    assert_int_equal(spent("good") - before, 800);
}

/* ---- killed in between ---- */

static void a_kill_loses_and_doubles_nothing(void **state)
{
    (void)state;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        int64_t before = spent("good");
        pays(w, 300);
        struct said said = hears(0x0200, 300);
        killed(); /* asked, and not answered */
        answer(&said, "00");
        ended(0, 0);
        told_again(w);
        said = hears(0x0200, 300);
        answer(&said, "00");
        ended(1, 1);
        assert_int_equal(spent("good") - before, 300);

        pays(w, 400);
        said = hears(0x0200, 400);
        providers_plan(outside.providers, told_by[w], false,
                       (struct fault_plan){FAULT_SILENT, 1, 0});
        answer(&said, "61"); /* the refund is made, and nobody hears of it */
        assert_int_equal(spent("good") - before, 300);
        killed();
        told_again(w);
        assert_int_equal(rig.saids, 0);
        ended(1, 1);
        assert_int_equal(spent("good") - before, 300);

        pays(w, 450);
        said = hears(0x0200, 450);
        providers_plan(outside.providers, told_by[w], false,
                       (struct fault_plan){FAULT_SILENT, 1, 0});
        answer(&said, "61"); /* the same, and the gateway asks how it stands */
        rig_wait(GATEWAY_AGAIN_MS);
        serve();
        ended(1, 1);
        assert_int_equal(spent("good") - before, 300);
    }
}

/* ---- notices that are not what they should be ---- */

static void a_bad_notice_moves_nothing(void **state)
{
    (void)state;
    static const enum fault faults[] = {FAULT_FORGED, FAULT_GARBAGE, FAULT_WRONG};
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++)
        for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
            int64_t before = spent("good");
            providers_plan(outside.providers, told_by[w], true,
                           (struct fault_plan){faults[i], 1, 0});
            pays(w, 600);
            assert_int_equal(rig.saids, 0);
            ended(1, 0);
            told_again(w); /* as it should be */
            struct said said = hears(0x0200, 600);
            answer(&said, "00");
            ended(1, 1);
            assert_int_equal(spent("good") - before, 600);
        }
}

static void a_doubled_notice_asks_once(void **state)
{
    (void)state;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        providers_plan(outside.providers, told_by[w], true,
                       (struct fault_plan){FAULT_DOUBLED, 1, 0});
        pays(w, 250);
        struct said said = hears(0x0200, 250);
        ended(1, 0); /* the other one */
        answer(&said, "00");
        ended(1, 1);
    }
}

/* An answer with a wrong MAC is nobody's; one that is not ours is the other wallet's. */
static void answers_are_the_acquirers(void **state)
{
    (void)state;
    pays(0, 250);
    struct said said = hears(0x0200, 250);
    answer_with(&said, "61", 1);
    ended(0, 0);
    struct said other = said;
    snprintf(other.payment.rrn, sizeof other.payment.rrn, "666512345678");
    unsigned handed_on = rig.handed_on;
    answer(&other, "00");
    assert_int_equal(rig.handed_on, handed_on + 1);
    ended(0, 0);
    answer(&said, "00");
    ended(1, 1);
    answer(&said, "00"); /* twice */
    ended(0, 0);
}

/* No hsm: the notice is not heard, and comes again. */
static void without_an_hsm_it_is_told_again(void **state)
{
    (void)state;
    pays(1, 250);
    (void)hears(0x0200, 250);
    gateway_on_hsm_state(rig.g, false);
    rig_wait(GATEWAY_PLATE_MS);
    ended(1, 0);
    gateway_on_hsm_state(rig.g, true);
    told_again(1);
    struct said said = hears(0x0200, 250);
    answer(&said, "00");
    ended(1, 1);
}

/* ---- at the phone ---- */

static void a_phone_says_why_it_does_not_pay(void **state)
{
    (void)state;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        assert_int_equal(scans(w, "good", 0).outcome, SCAN_AMOUNT);
        struct scan_result poor = scans(w, "poor", INT64_C(999999999));
        assert_int_equal(poor.outcome, SCAN_REFUSED);
        assert_string_equal(poor.reason.en, "insufficient funds");
    }
    assert_ok(store_exec(outside.store, "DELETE FROM payee"));
    struct scan_result none = scans(0, "good", 100);
    assert_int_equal(none.outcome, SCAN_REFUSED);
    assert_string_equal(none.reason.en, "this shop does not take this wallet");
    told();
    assert_int_equal(outside.notices, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_approved_payment_is_heard, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(the_day_is_that_of_the_payment, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(a_late_notice_asks_the_same, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(a_refusal_gives_the_money_back, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(silence_is_taken_back, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(what_the_merchant_gave_back_stays, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(a_kill_loses_and_doubles_nothing, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(a_bad_notice_moves_nothing, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(a_doubled_notice_asks_once, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(answers_are_the_acquirers, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(without_an_hsm_it_is_told_again, begin_plate, end_all),
        cmocka_unit_test_setup_teardown(a_phone_says_why_it_does_not_pay, begin_plate, end_all),
    };
    return cmocka_run_group_tests_name("wallets_plate", tests, make_all, unmake_all);
}
