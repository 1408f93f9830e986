/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal takes no memory for a payment: swiped and by chip, from the first key to the
 * receipt; the store beneath it included, as far as it is ours. S61 S75
 */
#include "tests/unit/allocations.h"
#include "tests/unit/terminal_rig.h"

#define CARD     .pan_masked = BYTES("620000******0005"), .card_sequence = BYTES("001"), .entry = 5
#define FIELD_55 BYTES("\x9F\x26\x02\x01\x02\x95\x05\x00\x00\x00\x80\x00\x9F\x36\x02\x00\x07")

static void begin_sale(struct rig *rig)
{
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    AT(rig, "sale.present");
}

static void no_memory_is_taken_for_a_swipe(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    memcpy(rig->code, "00", 3);
    assert_true(allocations > 0); /* it is counted: to start takes some */
    size_t before = allocations;
    begin_sale(rig);
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.pin");
    GOOD(rig_enter(rig, "246810"));
    AT(rig, "sale.approved");
    assert_int_equal(allocations, before);
    rig_free(rig);
}

static void no_memory_is_taken_for_a_chip(void **state)
{
    (void)state;
    const struct vault_chip script[] = {
        {.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255},
        {.state = VAULT_CHIP_ONLINE, CARD, .field55 = FIELD_55},
        {.state = VAULT_CHIP_DONE, CARD, .result = VAULT_CHIP_APPROVED, .field55 = FIELD_55}};
    struct rig *rig = rig_ready();
    memcpy(rig->code, "00", 3);
    size_t before = allocations;
    begin_sale(rig);
    rig_card(rig, VAULT_CARD_CHIP, false);
    rig->chip = script;
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.pin");
    GOOD(rig_enter(rig, "246810"));
    AT(rig, "sale.approved");
    assert_int_equal(allocations, before);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_memory_is_taken_for_a_swipe),
                                       cmocka_unit_test(no_memory_is_taken_for_a_chip)};
    return cmocka_run_group_tests_name("terminal_allocations", tests, NULL, NULL);
}
