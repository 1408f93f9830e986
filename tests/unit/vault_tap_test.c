/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards and telephones at the field of the vault's reader, with the virtual cards and their issuer:
 * what each comes to, what leaves the vault, a tap that is broken off at every exchange, several
 * cards, and one that stays lying there. S61 S76, F-09.
 */
#include "tests/unit/vault_chip_rig.h"

enum { SMALL = 500, MIDDLE = 30000, LARGE = 150000, ABOVE = 500000, EVERY_WAY = 7 };

static const struct bytes none = {0};

static void finish(void)
{
    const char *pan = slot.card.issued.identity.pan;
    assert_null(memmem(slot.rig->kept, slot.rig->kept_len, pan, strlen(pan)));
    rig_free(slot.rig);
}

static void tap(const char *card, int64_t amount_minor)
{
    (void)chip_start(card);
    assert_status(chip_arm(amount_minor, EVERY_WAY), VAULT_OK);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_NONE);
    chip_tap();
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_CHIP);
}

/* What cardholder and issuer say, to the end. */
static struct vault_chip pay(int64_t amount_minor)
{
    struct payment_chip answer;
    for (int turns = 0; turns < 5; turns++) {
        struct vault_chip chip = chip_poll();
        assert_int_equal(chip.entry, 7);
        if (chip.state == VAULT_CHIP_PIN) {
            rig_enter(slot.rig, VAULT_ENTRY_PIN, slot.card.issued.identity.pin);
            assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, none, none), VAULT_OK);
        } else if (chip.state == VAULT_CHIP_ONLINE) {
            const char *code = chip_issuer(&chip, amount_minor, &answer);
            assert_status(
                chip_say(VAULT_CHIP_IS_HOST, 0, bytes_text(code), payment_chip_view(&answer)),
                VAULT_OK);
        } else {
            return chip;
        }
    }
    fail_msg("it never ends");
    return (struct vault_chip){0};
}

/* From a certain amount on a PIN, for the issuer; the card may go before it is entered. */
static void with_a_pin(void **state)
{
    (void)state;
    tap("debit", LARGE);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_PIN);
    assert_int_equal(chip.pin_offline, 0);
    assert_int_equal(chip.pin_bypass, 0);
    assert_true(bytes_equal(chip.pan_masked, BYTES("620000******0005")));
    assert_int_equal(slot.disconnects, 1); /* it has said everything: no power any more */
    chip_pull();
    assert_int_equal(chip_poll().state, VAULT_CHIP_PIN);
    rig_enter(slot.rig, VAULT_ENTRY_PIN, "246810");
    assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, none, none), VAULT_OK);
    chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_ONLINE);
    assert_int_equal(chip.pin_entered, 1);
    const struct vault_envelope envelope = {BYTES(RIG_TID), 12, 345, LARGE};
    vault_write_envelope(rig_ask(slot.rig, VAULT_CARD_ENVELOPE), &envelope);
    assert_status(rig_send(slot.rig), VAULT_OK);
    assert_status(rig_plain(slot.rig, VAULT_PIN_BLOCK), VAULT_OK);
    chip = pay(LARGE);
    assert_int_equal(chip.result, VAULT_CHIP_APPROVED);
    assert_int_equal(chip.reverse, 0);
    finish();
}

static void every_card_ends(void **state)
{
    (void)state;
    static const struct {
        const char *card;
        int64_t amount_minor;
        uint8_t result, reason;
    } rows[] = {
        {"debit", MIDDLE, VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"debit", SMALL, VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"credit", LARGE, VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"phone", LARGE, VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"foreign", MIDDLE, VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"fakefdda", MIDDLE, VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON}, /* its issuer knows it */
        {"declines", MIDDLE, VAULT_CHIP_DECLINED, VAULT_CHIP_REFUSES},
        {"blocked", MIDDLE, VAULT_CHIP_FAILED, VAULT_CHIP_BLOCKED},
        {"dead", MIDDLE, VAULT_CHIP_FAILED, VAULT_CHIP_BLOCKED},
        {"twofaced", MIDDLE, VAULT_CHIP_FAILED, VAULT_CHIP_BAD},
        {"debit", ABOVE, VAULT_CHIP_FAILED, VAULT_CHIP_INSERT},
        {"slotonly", MIDDLE, VAULT_CHIP_FAILED, VAULT_CHIP_INSERT},
        {"asks", MIDDLE, VAULT_CHIP_FAILED, VAULT_CHIP_SEE_PHONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap(rows[i].card, rows[i].amount_minor);
        struct vault_chip chip = pay(rows[i].amount_minor);
        assert_int_equal(chip.state, VAULT_CHIP_DONE);
        if (chip.result != rows[i].result || chip.reason != rows[i].reason)
            fail_msg("%s: result %u, reason %u", rows[i].card, chip.result, chip.reason);
        assert_int_equal(chip.fallback, 0); /* never: there is the slot */
        if (chip.result == VAULT_CHIP_APPROVED) {
            assert_true(chip.field55.len > 0 && chip.aid.len == 8);
            assert_true(bytes_equal(bytes_of(chip.pan_masked.at, 6),
                                    bytes_text(slot.card.issued.identity.pan).len > 6
                                        ? bytes_of(slot.card.issued.identity.pan, 6)
                                        : none));
        }
        finish();
    }
}

/* F-09: taken away at every exchange: again, the same amount, and then it is good. */
static void taken_away_at_every_exchange(void **state)
{
    (void)state;
    tap("debit", MIDDLE);
    (void)pay(MIDDLE);
    unsigned exchanges = slot.exchanges;
    finish();
    assert_true(exchanges > 5);
    for (unsigned at = 1; at <= exchanges; at++) {
        tap("debit", MIDDLE);
        slot.pull_after = at;
        struct vault_chip chip = pay(MIDDLE);
        assert_int_equal(chip.result, VAULT_CHIP_FAILED);
        assert_int_equal(chip.reason, VAULT_CHIP_TAP_AGAIN);
        assert_int_equal(chip.again, 1);
        assert_int_equal(chip.reverse, 0);
        assert_status(chip_arm(MIDDLE, EVERY_WAY), VAULT_OK);
        chip_tap();
        assert_int_equal(pay(MIDDLE).result, VAULT_CHIP_APPROVED);
        finish();
    }
}

/* The host does not answer: the card is away, and the request is taken back. */
static void no_host(void **state)
{
    (void)state;
    tap("debit", MIDDLE);
    assert_int_equal(chip_poll().state, VAULT_CHIP_ONLINE);
    assert_status(chip_say(VAULT_CHIP_IS_OFFLINE, 0, none, none), VAULT_OK);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.result, VAULT_CHIP_DECLINED);
    assert_int_equal(chip.reverse, 1);
    finish();
}

/* Two cards are there: none is chosen for the customer, until one is left. */
static void several_cards(void **state)
{
    (void)state;
    (void)chip_start("debit");
    struct bytes atr = chip_card_atr(&slot.card, CHIP_CONTACTLESS);
    vault_on_card(slot.rig->vault, 2, atr, CARD_CONTACTLESS);
    chip_tap();
    assert_status(chip_arm(MIDDLE, EVERY_WAY), VAULT_OK);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_SEVERAL);
    assert_int_equal(slot.wish, WISH_NOTHING);
    assert_status(rig_plain(slot.rig, VAULT_CHIP_POLL), VAULT_NO_CARD);
    vault_on_removed(slot.rig->vault, 2);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_CHIP);
    assert_int_equal(pay(MIDDLE).result, VAULT_CHIP_APPROVED);
    finish();
    /* The second comes while the first is being read: neither is, and both may stay no longer. */
    tap("debit", MIDDLE);
    slot.wish = WISH_NOTHING;
    vault_on_connected(slot.rig->vault, 1, CARD_DONE, CARD_T1);
    assert_int_equal(slot.wish, WISH_TRANSMIT);
    vault_on_card(slot.rig->vault, 2, atr, CARD_CONTACTLESS);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_equal(chip.reason, VAULT_CHIP_TAP_AGAIN);
    assert_status(chip_arm(MIDDLE, EVERY_WAY), VAULT_OK);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_SEVERAL);
    vault_on_removed(slot.rig->vault, 2);
    assert_int_equal(pay(MIDDLE).result, VAULT_CHIP_APPROVED);
    finish();
}

/* The customer confirms on his telephone and taps again; the telephone itself verified him. */
static void see_phone(void **state)
{
    (void)state;
    tap("asks", LARGE);
    struct vault_chip chip = pay(LARGE);
    assert_int_equal(chip.reason, VAULT_CHIP_SEE_PHONE);
    assert_int_equal(chip.again, 1);
    assert_status(chip_arm(LARGE, EVERY_WAY), VAULT_OK);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_NONE); /* it lies there still */
    chip_pull();
    chip_tap();
    chip = pay(LARGE);
    assert_int_equal(chip.result, VAULT_CHIP_APPROVED);
    assert_int_equal(chip.pin_entered, 0);
    finish();
}

/* A telephone that stays on the reader pays once. */
static void a_card_that_stays_is_not_taken_twice(void **state)
{
    (void)state;
    tap("phone", MIDDLE);
    assert_int_equal(pay(MIDDLE).result, VAULT_CHIP_APPROVED);
    assert_status(chip_arm(MIDDLE, EVERY_WAY), VAULT_OK);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_NONE);
    assert_int_equal(slot.wish, WISH_NOTHING);
    chip_pull();
    chip_tap();
    assert_int_equal(pay(MIDDLE).result, VAULT_CHIP_APPROVED);
    finish();
}

static void only_where_taps_are_wanted(void **state)
{
    (void)state;
    (void)chip_start("debit");
    assert_status(chip_arm(MIDDLE, VAULT_WAY_SWIPE | VAULT_WAY_INSERT), VAULT_OK);
    chip_tap();
    assert_int_equal(slot.wish, WISH_NOTHING);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_NONE);
    assert_status(chip_arm(MIDDLE, VAULT_WAY_TAP), VAULT_OK);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_CHIP);
    /* One that does not answer at all is shown again, and is no unreadable chip. */
    slot.wish = WISH_NOTHING;
    vault_on_connected(slot.rig->vault, 1, CARD_FAULT, CARD_T1);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.result, VAULT_CHIP_FAILED);
    assert_int_equal(chip.reason, VAULT_CHIP_TAP_AGAIN);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_a_pin),
        cmocka_unit_test(every_card_ends),
        cmocka_unit_test(taken_away_at_every_exchange),
        cmocka_unit_test(no_host),
        cmocka_unit_test(several_cards),
        cmocka_unit_test(see_phone),
        cmocka_unit_test(a_card_that_stays_is_not_taken_twice),
        cmocka_unit_test(only_where_taps_are_wanted),
    };
    return cmocka_run_group_tests_name("vault_tap", tests, NULL, NULL);
}
