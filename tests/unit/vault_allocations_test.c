/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault takes no memory for a payment: inserted with a PIN for the issuer, with one that the
 * card checks, and tapped; from the card's coming to its last word. S61 S75 S76
 */
#include "tests/unit/allocations.h"
#include "tests/unit/vault_chip_rig.h"

enum { AMOUNT = 30000, EVERY_WAY = 7 };

static const struct bytes none = {0};

/* Card, person and issuer, until the card has said its last word. */
static struct vault_chip pay(void)
{
    struct payment_chip answer;
    for (int turns = 0; turns < 5; turns++) {
        struct vault_chip chip = chip_poll();
        if (chip.state == VAULT_CHIP_PIN) {
            rig_enter(slot.rig, VAULT_ENTRY_PIN, slot.card.issued.identity.pin);
            assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, none, none), VAULT_OK);
        } else if (chip.state == VAULT_CHIP_ONLINE) {
            const struct vault_envelope envelope = {BYTES(RIG_TID), 12, 345, AMOUNT};
            const char *code = chip_issuer(&chip, AMOUNT, &answer);
            vault_write_envelope(rig_ask(slot.rig, VAULT_CARD_ENVELOPE), &envelope);
            assert_status(rig_send(slot.rig), VAULT_OK);
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

static void no_memory_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *card;
        void (*show)(void);
    } rows[] = {{"debit", chip_insert}, {"pinsecret", chip_insert}, {"t0", chip_insert},
                {"plain", chip_insert}, {"debit", chip_tap},        {"phone", chip_tap}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)chip_start(rows[i].card);
        assert_true(allocations > 0); /* it is counted: to start takes some */
        assert_status(chip_arm(AMOUNT, EVERY_WAY), VAULT_OK);
        size_t before = allocations;
        rows[i].show();
        struct vault_chip chip = pay();
        assert_int_equal(allocations, before);
        assert_int_equal(chip.result, VAULT_CHIP_APPROVED);
        rig_free(slot.rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_memory_is_taken)};
    return cmocka_run_group_tests_name("vault_allocations", tests, NULL, NULL);
}
