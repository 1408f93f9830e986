/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S76: the contactless kernel against every virtual card that can be tapped, and the simulated
 * issuer: each ends as it is meant to end, and the issuer takes the kernel's field 55.
 */
#include "simulators/cards/card.h"
#include "simulators/chip_issuer.h"
#include "tests/unit/emv_tap_rig.h"

enum { SMALL = 500, MIDDLE = 30000, LARGE = 150000 };

static struct tap_rig rig;
static struct chip_card card;
static struct crypto crypto;
static const int64_t now_ms = 1764374400000; /* 29 November 2025 */

static void start(const char *name, int64_t amount_minor)
{
    const struct personality *is = personality_named(bytes_text(name));
    assert_non_null(is);
    assert_ok(chip_card_make(&crypto, random_system(), is, NULL, now_ms, &card));
    tap_start(&rig);
    memcpy(rig.base.date, "\x25\x11\x29", 3);
    rig.base.setup.payment.amount_minor = amount_minor;
    rig_add_application(&rig.base, &(struct rig_application){TAP_USUAL});
    rig_add_application(&rig.base, &(struct rig_application){.aid = "A000000333010102",
                                                             .tap_floor = "000000010000",
                                                             .tap_limit = "000000500000",
                                                             .tap_cvm = "000000100000"});
    const struct chip_key *authority = &chip_keys.authority;
    rig_add_ca_key(&rig.base, chip_keys.rid, bytes_of(&chip_keys.index, 1), authority->modulus,
                   authority->exponent, "20301231");
    chip_card_power(&card, CHIP_CONTACTLESS, true);
    (void)tap_begin(&rig);
}

static unsigned commands;

/* Answers up to `most` commands. */
static enum emv_want run(unsigned most)
{
    uint8_t answer[CHIP_ANSWER_MAX];
    commands = 0;
    while (rig.k.want == EMV_WANT_APDU && commands < most) {
        struct writer w = writer_over(answer, sizeof answer);
        chip_card_command(&card, emv_tap_command(&rig.k), &w);
        (void)tap_respond(&rig, writer_view(&w));
        assert_in_range(commands++, 0, 200);
    }
    return rig.k.want;
}

static enum emv_want tap(const char *name, int64_t amount_minor)
{
    start(name, amount_minor);
    return run(UINT32_MAX);
}

/* The issuer's judgement of field 55, as the kernel has put it together. NULL: it is the card's. */
static const char *issuer(void)
{
    uint8_t block[PAYMENT_CHIP_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct payment_chip asked;
    uint16_t atc;
    assert_ok(emv_data_field55(&rig.k.data, EMV_FIELD55_REQUEST, &w));
    assert_ok(payment_chip_take(writer_view(&w), &asked)); /* and no card data is in it */
    const struct chip_claim claim = {.pan = bytes_text(card.issued.identity.pan),
                                     .sequence = card.issued.identity.sequence,
                                     .amount_minor = rig.base.setup.payment.amount_minor,
                                     .chip = &asked};
    return chip_judge(&crypto, &claim, 0, &atc);
}

static void approved_offline(void **state)
{
    (void)state;
    static const char *const name[] = {"debit", "credit", "phone", "pinplain", "two", "slow"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        (void)tap(name[i], SMALL);
        tap_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
        assert_memory_equal(rig.k.tvr, "\0\0\0\0\0", 5);
    }
}

static void approved_online(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t amount_minor;
        enum emv_tap_cvm cvm;
    } row[] = {
        {"debit", MIDDLE, EMV_TAP_CVM_NONE},     {"debit", LARGE, EMV_TAP_CVM_PIN},
        {"credit", LARGE, EMV_TAP_CVM_PIN},      {"phone", LARGE, EMV_TAP_CVM_ON_DEVICE},
        {"foreign", SMALL, EMV_TAP_CVM_NONE},    {"pinonline", SMALL, EMV_TAP_CVM_NONE},
        {"two", MIDDLE, EMV_TAP_CVM_NONE},       {"poor", SMALL, EMV_TAP_CVM_NONE},
        {"fakefdda", SMALL, EMV_TAP_CVM_NONE},   {"oldfdda", SMALL, EMV_TAP_CVM_NONE},
        {"issuerless", SMALL, EMV_TAP_CVM_NONE}, {"expired", SMALL, EMV_TAP_CVM_NONE},
        {"expired", MIDDLE, EMV_TAP_CVM_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        enum emv_want want = tap(row[i].name, row[i].amount_minor);
        if (row[i].cvm == EMV_TAP_CVM_PIN) {
            assert_int_equal(want, EMV_WANT_PIN);
            want = tap_event(&rig, EMV_EVENT_PIN);
        }
        if (want != EMV_WANT_ONLINE)
            fail_msg("%s: %s", row[i].name, emv_reason_text(rig.k.outcome.reason));
        assert_int_equal(rig.k.tap.cvm, row[i].cvm);
        const char *refusal = issuer();
        if (refusal != NULL) fail_msg("%s: the issuer says %s", row[i].name, refusal);
        (void)tap_host(&rig, "00");
        tap_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
    }
}

static void what_the_tvr_says(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t byte;
        uint8_t bit;
    } row[] = {
        {"fakefdda", 0, 0x08}, {"oldfdda", 0, 0x08}, {"issuerless", 0, 0x08}, {"expired", 1, 0x40}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        (void)tap(row[i].name, SMALL);
        assert_int_equal(rig.k.tvr[row[i].byte] & row[i].bit, row[i].bit);
    }
}

static void cards_that_are_not_taken(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum emv_result result;
        enum emv_reason reason;
    } row[] = {
        {"declines", EMV_DECLINED, EMV_REASON_BY_CARD},
        {"blocked", EMV_TERMINATED, EMV_REASON_APPLICATION_BLOCKED},
        {"dead", EMV_TERMINATED, EMV_REASON_CARD_BLOCKED},
        {"twofaced", EMV_TERMINATED, EMV_REASON_BAD_DATA},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        if (tap(row[i].name, SMALL) != EMV_DONE) fail_msg("%s wants %d", row[i].name, rig.k.want);
        if (rig.k.outcome.result != row[i].result || rig.k.outcome.reason != row[i].reason)
            fail_msg("%s: %s, %s", row[i].name, emv_result_text(rig.k.outcome.result),
                     emv_reason_text(rig.k.outcome.reason));
    }
    /* Above the limit for taps, no card is asked. */
    (void)tap("debit", 500000);
    tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_LIMIT);
    assert_int_equal(commands, 0);
}

/* Whatever a personality does, a tap ends, and never with an approval that no cryptogram is for. */
static void all_cards_end(void **state)
{
    (void)state;
    size_t count;
    const struct personality *all = personalities(&count);
    for (size_t i = 0; i < count; i++) {
        if (!all[i].contactless) continue;
        static const int64_t amount_minor[] = {SMALL, MIDDLE, LARGE};
        for (size_t a = 0; a < ARRAY_LEN(amount_minor); a++) {
            enum emv_want want = tap(all[i].name, amount_minor[a]);
            if (want == EMV_WANT_PIN) want = tap_event(&rig, EMV_EVENT_PIN);
            if (want == EMV_WANT_ONLINE) assert_int_equal(tap_host(&rig, "51"), EMV_DONE);
            assert_int_equal(rig.k.want, EMV_DONE);
            if (rig.k.outcome.result == EMV_APPROVED_OFFLINE)
                assert_true(rig.k.given == EMV_TC && amount_minor[a] == SMALL);
        }
    }
}

/* A card that wants the slot, and a telephone that wants its owner's consent to each payment. */
static void before_a_tap(void **state)
{
    (void)state;
    (void)tap("slotonly", SMALL);
    tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_INSERT);
    assert_true(rig.k.tap.insert);
    assert_int_equal(card.atc, 0); /* nothing was begun */
    (void)tap("asks", LARGE);
    tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_ON_DEVICE);
    assert_true(rig.k.tap.see_phone);
    assert_int_equal(card.atc, 0);
    chip_card_power(&card, CHIP_CONTACTLESS, true);
    (void)emv_tap_again(&rig.k);
    assert_int_equal(run(UINT32_MAX), EMV_WANT_ONLINE);
    assert_int_equal(rig.k.tap.cvm, EMV_TAP_CVM_ON_DEVICE);
    assert_false(rig.k.outcome.try_again);
    chip_card_power(&card, CHIP_CONTACTLESS, true); /* and for the next one again */
    (void)tap_begin(&rig);
    (void)run(UINT32_MAX);
    tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_ON_DEVICE);
}

/* Away at each command of a real transaction, and tapped again: the card's counter has gone on, the
 * amount is the same, and the second tap is good. */
static void away_and_back(void **state)
{
    (void)state;
    (void)tap("debit", SMALL);
    unsigned all = commands;
    assert_in_range(all, 5, 20);
    for (unsigned at = 0; at < all; at++) {
        start("debit", SMALL);
        (void)run(at);
        (void)tap_event(&rig, EMV_EVENT_REMOVED);
        tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_REMOVED);
        assert_true(rig.k.outcome.try_again);
        chip_card_power(&card, CHIP_CONTACTLESS, false);
        chip_card_power(&card, CHIP_CONTACTLESS, true);
        (void)emv_tap_again(&rig.k);
        (void)run(UINT32_MAX);
        tap_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approved_offline),  cmocka_unit_test(approved_online),
        cmocka_unit_test(what_the_tvr_says), cmocka_unit_test(cards_that_are_not_taken),
        cmocka_unit_test(all_cards_end),     cmocka_unit_test(before_a_tap),
        cmocka_unit_test(away_and_back),
    };
    if (FAILED(crypto_open(random_system(), &crypto))) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_close(&crypto);
    return failed;
}
