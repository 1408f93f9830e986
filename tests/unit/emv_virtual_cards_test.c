/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: the contact kernel against every virtual chip card and the simulated issuer: two programs
 * that share no code but the formats. Each personality ends as it is meant to end, the issuer takes
 * the kernel's field 55, the card takes the issuer's answer, and scripts arrive.
 */
#include "simulators/cards/card.h"
#include "simulators/chip_issuer.h"
#include "tests/unit/emv_rig.h"

enum { SMALL = 500, LARGE = 30000 };

static struct rig rig;
static struct chip_card card;
static struct crypto crypto;
static const int64_t now_ms = 1764374400000; /* 29 November 2025 */

static void start(const char *name, int64_t amount_minor)
{
    const struct personality *is = personality_named(bytes_text(name));
    assert_non_null(is);
    assert_ok(chip_card_make(&crypto, random_system(), is, NULL, now_ms, &card));
    rig_start(&rig);
    memcpy(rig.date, "\x25\x11\x29", 3);
    rig.setup.terminal.capabilities[1] = 0xF8;
    rig.setup.terminal.t0 = is->t0;
    rig.setup.terminal.choice = true;
    rig.setup.payment.amount_minor = amount_minor;
    static const char *const aid[] = {"A000000333010101", "A000000333010102"};
    for (size_t i = 0; i < 2; i++)
        rig_add_application(&rig, &(struct rig_application){.aid = aid[i],
                                                            .floor = "00004E20",
                                                            .tac_denial = "0000000000",
                                                            .tac_online = "FC78FCF800",
                                                            .tac_default = "FC78FCA800"});
    const struct chip_key *authority = &chip_keys.authority;
    rig_add_ca_key(&rig, chip_keys.rid, bytes_of(&chip_keys.index, 1), authority->modulus,
                   authority->exponent, "20301231");
    chip_card_power(&card, CHIP_CONTACT, true);
    (void)rig_begin(&rig);
}

/* Answers commands until something else is wanted. */
static enum emv_want run(void)
{
    uint8_t answer[CHIP_ANSWER_MAX];
    unsigned commands = 0;
    while (rig.k.want == EMV_WANT_APDU) {
        struct writer w = writer_over(answer, sizeof answer);
        chip_card_command(&card, emv_contact_command(&rig.k), &w);
        (void)rig_answer(&rig, writer_view(&w));
        assert_in_range(commands++, 0, 200);
    }
    return rig.k.want;
}

/* Does what a person would: the right PIN, the first application. */
static enum emv_want people(void)
{
    struct emv_event event = {.kind = EMV_EVENT_CHOSEN};
    while (run() == EMV_WANT_PIN || rig.k.want == EMV_WANT_CHOICE) {
        if (rig.k.want == EMV_WANT_PIN)
            event = (struct emv_event){.kind = EMV_EVENT_PIN,
                                       .bytes = bytes_text(card.issued.identity.pin)};
        (void)emv_contact_next(&rig.k, &event);
    }
    return rig.k.want;
}

/* The issuer judges field 55 as the kernel has put it together, and answers. */
static const char *issuer(const char *response_code)
{
    uint8_t block[PAYMENT_CHIP_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct payment_chip asked, reply = {0};
    uint16_t atc;
    assert_ok(emv_data_field55(&rig.k.data, EMV_FIELD55_REQUEST, &w));
    assert_ok(payment_chip_take(writer_view(&w), &asked)); /* and no card data is in it */
    const struct chip_claim claim = {.pan = bytes_text(card.issued.identity.pan),
                                     .sequence = card.issued.identity.sequence,
                                     .amount_minor = rig.setup.payment.amount_minor,
                                     .chip = &asked};
    const char *refusal = chip_judge(&crypto, &claim, 0, &atc);
    if (refusal != NULL) return refusal;
    assert_ok(chip_reply(&crypto, &claim, response_code, &reply));
    (void)rig_host(&rig, response_code, payment_chip_view(&reply));
    (void)run();
    return NULL;
}

static void approved_offline(void **state)
{
    (void)state;
    static const char *const name[] = {"debit", "credit", "pinplain", "pinsecret", "two", "t0"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        start(name[i], SMALL);
        rig.setup.terminal.capabilities[1] = 0xB8; /* an online PIN would go online */
        (void)rig_begin(&rig);
        if (people() != EMV_DONE) fail_msg("%s wants %d", name[i], rig.k.want);
        rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
        if (memcmp(rig.k.tvr, "\0\0\0\0\0", 5) != 0) /* authentic, and the PIN was right */
            fail_msg("%s: TVR %02X%02X%02X%02X%02X", name[i], rig.k.tvr[0], rig.k.tvr[1],
                     rig.k.tvr[2], rig.k.tvr[3], rig.k.tvr[4]);
    }
}

static void approved_online(void **state)
{
    (void)state;
    static const char *const name[] = {"debit",    "credit",    "foreign", "pinonline",
                                       "pinplain", "pinsecret", "two",     "sda",
                                       "plain",    "t0",        "poor",    "slow"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        start(name[i], LARGE);
        if (people() != EMV_WANT_ONLINE)
            fail_msg("%s: %s", name[i], emv_reason_text(rig.k.outcome.reason));
        const char *refusal = issuer("00");
        if (refusal != NULL) fail_msg("%s: the issuer says %s", name[i], refusal);
        rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
        assert_int_equal(rig.k.tvr[4], 0); /* the card has taken the issuer's answer */
        assert_int_equal(rig.k.tsi[0] & 0x10, 0x10);
    }
}

static void declined_online(void **state)
{
    (void)state;
    start("debit", LARGE);
    assert_int_equal(people(), EMV_WANT_ONLINE);
    assert_null(issuer("51"));
    rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_HOST);
    assert_false(rig.k.outcome.reverse);
}

/* An answer of the issuer that somebody has changed on the way: the card does not take it. */
static void a_false_issuer(void **state)
{
    (void)state;
    start("debit", LARGE);
    assert_int_equal(people(), EMV_WANT_ONLINE);
    (void)rig_host(&rig, "00", hex("910A11223344556677883030"));
    (void)run();
    rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_CARD);
    assert_int_equal(rig.k.tvr[4] & 0x40, 0x40);
    assert_true(rig.k.outcome.reverse); /* the host believes that it has approved */
}

static void scripts_arrive(void **state)
{
    (void)state;
    static const char *const name[] = {"script", "doomed"};
    for (size_t i = 0; i < 2; i++) {
        start(name[i], LARGE);
        assert_int_equal(people(), EMV_WANT_ONLINE);
        assert_null(issuer("00"));
        rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
        rig_assert_data(&rig, 0xDF31, "2000000001");
        assert_int_equal(card.application_blocked, i == 1);
    }
    chip_card_power(&card, CHIP_CONTACT, true); /* and the next time it is blocked */
    (void)rig_begin(&rig);
    (void)people();
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_APPLICATION_BLOCKED);
    assert_false(rig.k.outcome.fallback);
}

/* What is wrong with a card is found out, each in its way. */
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
        {"endless", EMV_TERMINATED, EMV_REASON_BAD_DATA},
        {"cut", EMV_TERMINATED, EMV_REASON_BAD_DATA},
        {"double", EMV_TERMINATED, EMV_REASON_BAD_DATA},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(row[i].name, SMALL);
        if (people() != EMV_DONE) fail_msg("%s wants %d", row[i].name, rig.k.want);
        if (rig.k.outcome.result != row[i].result || rig.k.outcome.reason != row[i].reason)
            fail_msg("%s: %s, %s", row[i].name, emv_result_text(rig.k.outcome.result),
                     emv_reason_text(rig.k.outcome.reason));
    }
}

static void what_the_tvr_says(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t byte;
        uint8_t bit;
    } row[] = {{"issuerless", 0, 0x08}, {"expired", 1, 0x40}, {"plain", 0, 0x80}, {"sda", 0, 0x02}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(row[i].name, LARGE);
        (void)people();
        if ((rig.k.tvr[row[i].byte] & row[i].bit) == 0) fail_msg("%s: no such bit", row[i].name);
    }
    /* A card that approves what the terminal declines. */
    start("boaster", SMALL);
    rig.parameters.application[0].tac_denial[3] = 0x08;
    rig.setup.payment.force_online = true;
    chip_card_power(&card, CHIP_CONTACT, true);
    (void)emv_contact_begin(&rig.k, &rig.setup);
    (void)people();
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_BAD_DATA);
}

static void a_wrong_pin_costs_tries(void **state)
{
    (void)state;
    static const char *const name[] = {"pinplain", "pinsecret"};
    for (size_t i = 0; i < 2; i++) {
        start(name[i], SMALL);
        struct emv_event wrong = {.kind = EMV_EVENT_PIN, .bytes = BYTES("111111")};
        for (int left = 3; left > 0; left--) {
            assert_int_equal(run(), EMV_WANT_PIN);
            assert_int_equal(rig.k.pin.tries_left, left);
            (void)emv_contact_next(&rig.k, &wrong);
        }
        (void)people();
        assert_int_equal(card.tries, 0);
        assert_int_equal(rig.k.tvr[2] & 0x20, 0x20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approved_offline),  cmocka_unit_test(approved_online),
        cmocka_unit_test(declined_online),   cmocka_unit_test(a_false_issuer),
        cmocka_unit_test(scripts_arrive),    cmocka_unit_test(cards_that_are_not_taken),
        cmocka_unit_test(what_the_tvr_says), cmocka_unit_test(a_wrong_pin_costs_tries),
    };
    if (FAILED(crypto_open(random_system(), &crypto))) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_close(&crypto);
    return failed;
}
