/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card that is typed: number and expiry as sealed touches, judged in the vault, out only as a
 * masked number and in an envelope. Capabilities: S58 S60 S65.
 */
#include "lib/crypto/envelope.h"
#include "tests/unit/vault_people_rig.h"

static int set_up(void **state)
{
    struct rig *rig = rig_new(5);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    assert_status(rig_sign_in(rig), VAULT_OK);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

static struct vault_card typed(struct rig *rig, const char *pan, const char *expiry)
{
    struct vault_card card = {.state = 255};
    rig_enter(rig, VAULT_ENTRY_PAN, pan);
    rig_enter(rig, VAULT_ENTRY_EXPIRY, expiry);
    assert_status(rig_plain(rig, VAULT_CARD_MANUAL), VAULT_OK);
    assert_ok(vault_read_card(&rig->answer, &card));
    return card;
}

/* What is right is a card with a PIN to ask for; what is not says which, and leaves nothing. */
static void test_judged(void **state)
{
    struct rig *rig = *state;
    static const struct {
        const char *pan, *expiry;
        uint8_t state;
    } rows[] = {
        {"6200010000000013", "1229", VAULT_CARD_UNREADABLE}, /* Luhn */
        {"620000000000000", "1229", VAULT_CARD_UNREADABLE},  /* too short for its scheme */
        {RIG_PAN, "1329", VAULT_CARD_UNREADABLE},            /* no such month */
        {RIG_PAN, "0029", VAULT_CARD_UNREADABLE},
        {RIG_PAN, "0726", VAULT_CARD_EXPIRED}, /* the month before */
        {RIG_PAN, "0826", VAULT_CARD_READ},    /* to the end of this month */
    };
    assert_status(rig_arm(rig), VAULT_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct vault_card card = typed(rig, rows[i].pan, rows[i].expiry);
        if (card.state != rows[i].state)
            fail_msg("row %zu: state %u, not %u", i, card.state, rows[i].state);
        if (card.state == VAULT_CARD_READ) {
            assert_int_equal(card.entry, 1);
            assert_int_equal(card.pin_required, 1);
            assert_true(bytes_equal(card.pan_masked, BYTES("620000******0005")));
        } else {
            assert_int_equal(card.pan_masked.len, 0);
            assert_status(rig_plain(rig, VAULT_CARD_MANUAL), VAULT_NO_ENTRY); /* used up */
        }
    }
    assert_int_equal(rig_poll_card(rig).entry, 1);                       /* asked again: the same */
    assert_status(rig_plain(rig, VAULT_CARD_MANUAL), VAULT_NOT_ALLOWED); /* there is a card */
    assert_false(rig_contains(bytes_of(rig->kept, rig->kept_len), BYTES(RIG_PAN)));
}

/* Nothing is typed before the amount is shown, with a card there, or by another keypad; what was
 * typed for one payment is not there for the next. */
static void test_order(void **state)
{
    struct rig *rig = *state;
    assert_status(rig_begin(rig, VAULT_ENTRY_PAN, false), VAULT_NOT_ALLOWED);
    assert_status(rig_plain(rig, VAULT_CARD_MANUAL), VAULT_NOT_ALLOWED);
    assert_status(rig_arm(rig), VAULT_OK);
    assert_status(rig_plain(rig, VAULT_CARD_MANUAL), VAULT_NO_ENTRY);
    rig_enter(rig, VAULT_ENTRY_PAN, RIG_PAN);
    assert_status(rig_plain(rig, VAULT_CARD_MANUAL), VAULT_NO_ENTRY); /* no expiry */
    rig_enter(rig, VAULT_ENTRY_EXPIRY, "1229");
    assert_status(rig_arm(rig), VAULT_OK); /* another payment */
    assert_status(rig_plain(rig, VAULT_CARD_MANUAL), VAULT_NO_ENTRY);
    rig_read_card(rig);
    assert_status(rig_begin(rig, VAULT_ENTRY_PAN, false), VAULT_NOT_ALLOWED);
    assert_status(rig_plain(rig, VAULT_CARD_FORGET), VAULT_OK);
}

/* The hsm opens what was typed; there is no track; the PIN block is of this card. */
static void test_envelope(void **state)
{
    struct rig *rig = *state;
    CLEANUP(card_data_wipe) struct card_data card = {0};
    const struct vault_envelope payment = {BYTES(RIG_TID), 12, 345, 12800};
    assert_status(rig_arm(rig), VAULT_OK);
    assert_int_equal(typed(rig, RIG_PAN, "1229").state, VAULT_CARD_READ);
    rig_enter(rig, VAULT_ENTRY_PIN, "246810");
    vault_write_envelope(rig_ask(rig, VAULT_CARD_ENVELOPE), &payment);
    assert_status(rig_send(rig), VAULT_OK);
    assert_ok(envelope_open(&rig->crypto, &rig->working.data,
                            BYTES("10000017|000012|000345|000000012800"), rig_answer_bytes(rig),
                            &card));
    assert_string_equal(card.pan, RIG_PAN);
    assert_string_equal(card.expiry, "2912");
    assert_string_equal(card.track2, "");
    assert_string_equal(card.service_code, "");
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_judged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_envelope, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
