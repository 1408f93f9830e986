/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards that are not as they must be, at the vault: each is refused by its name, a swipe is offered
 * only where the rules allow it, what the host may have booked is taken back, and the audit log has
 * one line of it, in an intact chain. And every card of the tray, in the slot and at the field, is
 * pulled at every exchange. S75, S76, F-09; docs/cards.md has the table.
 */
#include "tests/unit/vault_chip_rig.h"

enum { AMOUNT = 12800, TAPPED = 30000, EVERY_WAY = 7, PINS_AN_HOUR = 60000 };

static const struct bytes none = {0};

/* A vault for many cards: each payment begins as the first did. */
static struct rig *open_counter(void)
{
    struct rig *rig = chip_start("debit");
    rig->pin_entries_an_hour = PINS_AN_HOUR;
    rig_restart(rig);
    rig_panel(rig);
    return rig;
}

static void take_card(const struct personality *is)
{
    struct rig *rig = slot.rig;
    if (slot.in) chip_pull();
    assert_status(rig_plain(rig, VAULT_CARD_FORGET), VAULT_OK);
    slot.exchanges = slot.pull_after = 0;
    slot.wish = WISH_NOTHING;
    assert_ok(chip_card_make(&rig->crypto, random_from_seed(&rig->source), is, NULL, rig->now_ms,
                             &slot.card));
    rig->kept_len = 0;
}

static void present(bool tap)
{
    assert_status(chip_arm(tap ? TAPPED : AMOUNT, EVERY_WAY), VAULT_OK);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_NONE);
    if (tap) chip_tap();
    else chip_insert();
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_CHIP);
}

static void hear_host(const struct vault_chip *chip, bool tap)
{
    struct payment_chip answer;
    const char *code = chip_issuer(chip, tap ? TAPPED : AMOUNT, &answer);
    assert_status(chip_say(VAULT_CHIP_IS_HOST, 0, bytes_text(code), payment_chip_view(&answer)),
                  VAULT_OK);
}

/* Everything that cardholder and issuer would say, to the end. */
static struct vault_chip pay(bool tap)
{
    for (int turns = 0; turns < 20; turns++) {
        struct vault_chip chip = chip_poll();
        if (chip.state == VAULT_CHIP_CHOOSE) {
            assert_status(chip_say(VAULT_CHIP_IS_CHOSEN, 0, none, none), VAULT_OK);
        } else if (chip.state == VAULT_CHIP_PIN) {
            rig_enter(slot.rig, VAULT_ENTRY_PIN, slot.card.issued.identity.pin);
            assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, none, none), VAULT_OK);
        } else if (chip.state == VAULT_CHIP_ONLINE) {
            hear_host(&chip, tap);
        } else {
            assert_int_equal(chip.state, VAULT_CHIP_DONE);
            return chip;
        }
    }
    fail_msg("%s never ends", slot.card.is->name);
    return (struct vault_chip){0};
}

static unsigned lines(void)
{
    return rig_logged(slot.rig, "card_refused", NULL, NULL) +
           rig_logged(slot.rig, "card_unproved", NULL, NULL);
}

#define MALFORMED "the card's data are malformed or contradict"

static const struct {
    const char *card;
    bool tap;
    uint8_t result, reason, fallback;
    const char *event, *detail;
} rows[] = {
    /* bad lengths, endless records, an object twice, another number in the next record */
    {"cut", false, VAULT_CHIP_FAILED, VAULT_CHIP_BAD, 1, "card_refused",
     MALFORMED ", swipe after 3"},
    {"endless", false, VAULT_CHIP_FAILED, VAULT_CHIP_BAD, 1, "card_refused",
     MALFORMED ", swipe after 3"},
    {"double", false, VAULT_CHIP_FAILED, VAULT_CHIP_BAD, 1, "card_refused",
     MALFORMED ", swipe after 3"},
    {"twofaced", false, VAULT_CHIP_FAILED, VAULT_CHIP_BAD, 1, "card_refused",
     MALFORMED ", swipe after 3"},
    {"cut", true, VAULT_CHIP_FAILED, VAULT_CHIP_BAD, 0, "card_refused", MALFORMED},
    {"twofaced", true, VAULT_CHIP_FAILED, VAULT_CHIP_BAD, 0, "card_refused", MALFORMED},
    /* a wrong certificate: the terminal says so, the issuer decides; by a tap no signature is asked
     * for, because every tap goes to the issuer, who checks the card's cryptogram */
    {"issuerless", false, VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON, 0, "card_unproved",
     "dynamic signature failed, approved"},
    /* never a swipe behind a blocked card or one that refuses */
    {"blocked", false, VAULT_CHIP_FAILED, VAULT_CHIP_BLOCKED, 0, "card_refused",
     "the application is blocked"},
    {"dead", false, VAULT_CHIP_FAILED, VAULT_CHIP_BLOCKED, 0, "card_refused",
     "the card is blocked"},
    {"declines", false, VAULT_CHIP_DECLINED, VAULT_CHIP_REFUSES, 0, "card_refused",
     "the card's decision"},
    {"declines", true, VAULT_CHIP_DECLINED, VAULT_CHIP_REFUSES, 0, "card_refused",
     "the card's decision"},
};

static void each_is_refused_by_its_name(void **state)
{
    (void)state;
    struct rig *rig = open_counter();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        take_card(personality_named(bytes_text(rows[i].card)));
        unsigned before = lines(), named = rig_logged(rig, rows[i].event, NULL, rows[i].detail);
        present(rows[i].tap);
        struct vault_chip chip = pay(rows[i].tap);
        bool as_said = chip.result == rows[i].result && chip.reason == rows[i].reason &&
                       chip.fallback == rows[i].fallback && chip.reverse == 0;
        if (!as_said)
            fail_msg("%s: result %u, reason %u, fallback %u, reverse %u", rows[i].card, chip.result,
                     chip.reason, chip.fallback, chip.reverse);
        (void)chip_poll(); /* asked again, noted once */
        if (lines() != before + 1) fail_msg("%s: %u lines", rows[i].card, lines() - before);
        if (rig_logged(rig, rows[i].event, NULL, rows[i].detail) != named + 1)
            fail_msg("%s: no line %s: %s", rows[i].card, rows[i].event, rows[i].detail);
    }
    rig_free(rig);
}

/* A good card leaves no line. */
static void a_good_card_is_not_noted(void **state)
{
    (void)state;
    struct rig *rig = open_counter();
    static const bool taps[] = {false, true};
    for (size_t i = 0; i < ARRAY_LEN(taps); i++) {
        take_card(personality_named(BYTES("debit")));
        present(taps[i]);
        assert_int_equal(pay(taps[i]).result, VAULT_CHIP_APPROVED);
        assert_int_equal(lines(), 0);
    }
    rig_free(rig);
}

/* An issuer's answer that is not from him: the card finds out, and nothing stands. */
static void a_false_issuer(void **state)
{
    (void)state;
    struct rig *rig = open_counter();
    take_card(personality_named(BYTES("script"))); /* it goes online by itself */
    present(false);
    struct vault_chip chip = chip_poll();
    while (chip.state == VAULT_CHIP_PIN) {
        rig_enter(rig, VAULT_ENTRY_PIN, slot.card.issued.identity.pin);
        assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, none, none), VAULT_OK);
        chip = chip_poll();
    }
    assert_int_equal(chip.state, VAULT_CHIP_ONLINE);
    struct payment_chip answer;
    assert_string_equal(chip_issuer(&chip, AMOUNT, &answer), "00");
    uint8_t block[256];
    struct bytes field = payment_chip_view(&answer);
    memcpy(block, field.at, field.len);
    uint8_t *arpc = memmem(block, field.len, "\x91\x0A", 2);
    assert_non_null(arpc);
    arpc[2] ^= 1;
    assert_status(chip_say(VAULT_CHIP_IS_HOST, 0, BYTES("00"), bytes_of(block, field.len)),
                  VAULT_OK);
    chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_not_equal(chip.result, VAULT_CHIP_APPROVED);
    assert_int_equal(chip.reverse, 1); /* the host has booked it */
    assert_int_equal(
        rig_logged(rig, "card_unproved", NULL, "the issuer's cryptogram failed, not approved"), 1);
    assert_int_equal(rig_logged(rig, "card_refused", NULL, "the card's decision, reversed"), 1);
    rig_free(rig);
}

/* The reader is gone in the middle: before the host, and while the host is asked. */
static void the_reader_is_unplugged(void **state)
{
    (void)state;
    struct rig *rig = open_counter();
    take_card(personality_named(BYTES("debit")));
    present(false);
    slot.wish = WISH_NOTHING;
    vault_on_connected(rig->vault, 0, CARD_DONE, CARD_T1);
    slot.in = false;
    slot.wish = WISH_NOTHING;
    vault_on_answer(rig->vault, 0, CARD_UNPLUGGED, none);
    vault_on_reader(rig->vault, false);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_equal(chip.reason, VAULT_CHIP_UNPLUGGED);
    assert_int_equal(chip.fallback, 0);
    assert_int_equal(chip.reverse, 0);
    assert_int_equal(rig_logged(rig, "card_refused", NULL, "the reader is gone, again"), 1);

    vault_on_reader(rig->vault, true);
    take_card(personality_named(BYTES("plain")));
    present(false);
    assert_int_equal(chip_poll().state, VAULT_CHIP_ONLINE);
    slot.in = false;
    vault_on_reader(rig->vault, false);
    chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_equal(chip.reverse, 1);
    assert_int_equal(rig_logged(rig, "card_refused", NULL, "the card was taken out, reversed"), 1);
    rig_free(rig);
}

/* A second card at the field while the first is being read: neither is taken. */
static void two_cards(void **state)
{
    (void)state;
    struct rig *rig = open_counter();
    take_card(personality_named(BYTES("debit")));
    struct bytes atr = chip_card_atr(&slot.card, CHIP_CONTACTLESS);
    present(true);
    slot.wish = WISH_NOTHING;
    vault_on_connected(rig->vault, 1, CARD_DONE, CARD_T1);
    vault_on_card(rig->vault, 2, atr, CARD_CONTACTLESS);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.reason, VAULT_CHIP_TAP_AGAIN);
    assert_int_equal(chip.fallback, 0);
    assert_int_equal(
        rig_logged(rig, "card_refused", NULL, "more than one card at the field, again"), 1);
    rig_free(rig);
}

/* Only after three chips that could not be read is a swipe of a chip card taken; then it is marked,
 * and the next payment begins with the chip again. */
static void fallback_after_three(void **state)
{
    (void)state;
    struct rig *rig = open_counter();
    const struct personality *cut = personality_named(BYTES("cut"));
    take_card(cut);
    for (int i = 0; i < 3; i++) {
        present(false);
        rig_swipe(rig, "", ";" RIG_PAN "=29122010000000?"); /* service code 201: it has a chip */
        assert_int_equal(pay(false).fallback, 1);
        chip_pull();
        assert_status(chip_arm(AMOUNT, EVERY_WAY), VAULT_OK);
        struct vault_card swiped = rig_poll_card(rig);
        assert_int_equal(swiped.state, i < 2 ? VAULT_CARD_USE_CHIP : VAULT_CARD_READ);
        if (i == 2) assert_int_equal(swiped.entry, 80);
    }
    assert_status(rig_plain(rig, VAULT_CARD_FORGET), VAULT_OK);
    assert_status(chip_arm(AMOUNT, EVERY_WAY), VAULT_OK);
    rig_swipe(rig, "", ";" RIG_PAN "=29122010000000?");
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_USE_CHIP);
    assert_int_equal(rig_logged(rig, "card_refused", NULL, MALFORMED ", swipe after 3"), 3);
    rig_free(rig);
}

/*
 * A card that stays in the slot is read once: a bad one is no three, and a good one does not pay
 * for the next customer. It is said, until it is taken out.
 */
static void a_card_that_stays_in_the_slot(void **state)
{
    (void)state;
    struct rig *rig = open_counter();
    take_card(personality_named(BYTES("cut")));
    present(false);
    assert_int_equal(pay(false).fallback, 1);
    for (int i = 0; i < 5; i++) { /* the terminal waits for a card again */
        assert_status(chip_arm(AMOUNT, EVERY_WAY), VAULT_OK);
        assert_int_equal(slot.wish, WISH_NOTHING);
        assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_NONE);
    }
    assert_int_equal(lines(), 1);
    rig_swipe(rig, "", ";" RIG_PAN "=29122010000000?");
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_USE_CHIP);

    take_card(personality_named(BYTES("plain")));
    present(false);
    assert_int_equal(pay(false).result, VAULT_CHIP_APPROVED);
    assert_status(rig_plain(rig, VAULT_CARD_FORGET), VAULT_OK);
    assert_status(chip_arm(AMOUNT, EVERY_WAY), VAULT_OK);
    assert_int_equal(slot.wish, WISH_NOTHING);
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_LEFT);
    chip_pull();
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_NONE);
    chip_insert();
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_CHIP);
    assert_int_equal(pay(false).result, VAULT_CHIP_APPROVED);
    rig_free(rig);
}

/* ---- every card, pulled at every exchange ---- */

static unsigned exchanges_of(const struct personality *is, bool tap)
{
    take_card(is);
    present(tap);
    (void)pay(tap);
    return slot.exchanges;
}

/* Always an end; approved only behind the card's own last word, or after a tap that was whole; and
 * whatever the host may have booked is approved or taken back. */
static void pulled_at(const struct personality *is, bool tap, unsigned at)
{
    take_card(is);
    present(tap);
    slot.pull_after = at;
    struct vault_chip chip = pay(tap);
    if (chip.result == VAULT_CHIP_APPROVED) assert_int_equal(chip.reverse, 0);
    bool again = chip.again != 0;
    if (again) assert_int_equal(chip.reverse, 0);
    assert_null(memmem(slot.rig->kept, slot.rig->kept_len, slot.card.issued.identity.pan,
                       strlen(slot.card.issued.identity.pan)));
    if (chip.result != VAULT_CHIP_APPROVED && chip.reason == VAULT_CHIP_REMOVED)
        assert_int_equal(chip.fallback, 0);
}

static void every_card_pulled_at_every_exchange(void **state)
{
    (void)state;
    size_t count = 0;
    unsigned pulled = 0;
    struct rig *rig = open_counter();
    const struct personality *all = personalities(&count);
    for (size_t i = 0; i < count; i++) {
        for (int tap = 0; tap < 2; tap++) {
            if (tap ? !all[i].contactless : !all[i].contact) continue;
            unsigned exchanges = exchanges_of(&all[i], tap == 1);
            /* A card without end is asked 500 times: its beginning, and its last. */
            unsigned step = exchanges > 60 ? exchanges / 20 : 1;
            for (unsigned at = 1; at <= exchanges; at += at < 10 ? 1 : step, pulled++)
                pulled_at(&all[i], tap == 1, at);
        }
    }
    print_message("%zu cards, pulled %u times\n", count, pulled);
    assert_true(pulled > 300);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_refused_by_its_name),
        cmocka_unit_test(a_good_card_is_not_noted),
        cmocka_unit_test(a_false_issuer),
        cmocka_unit_test(the_reader_is_unplugged),
        cmocka_unit_test(two_cards),
        cmocka_unit_test(fallback_after_three),
        cmocka_unit_test(a_card_that_stays_in_the_slot),
        cmocka_unit_test(every_card_pulled_at_every_exchange),
    };
    return cmocka_run_group_tests_name("vault_bad_card", tests, NULL, NULL);
}
