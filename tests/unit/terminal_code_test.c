/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bank card that the customer's telephone shows as a code, at the counter: what the vault makes
 * of it is a card like any other. Capabilities: S77 S94.
 */
#include "tests/unit/terminal_rig.h"

#define CARD_CODE BYTES("hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MQ==")

/* Field 55 as the vault makes it of a card's code. */
static const uint8_t field55[] = {0x9F, 0x26, 8, 1,    2,    3, 4,    5, 6, 7, 8,    0x9F,
                                  0x10, 8,    7, 1,    1,    3, 0xA0, 0, 0, 1, 0x9F, 0x36,
                                  2,    0,    5, 0x9F, 0x37, 4, 1,    2, 3, 4};

/* S77: a bank card that a telephone shows as a code is a card: its vault reads it, a small amount
 * needs no PIN, and what is wrong with it is said. */
static void a_card_is_paid_and_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        uint8_t state;
        const char *text;
    } refusals[] = {
        {VAULT_CODE_TOO_LONG, "CODE_TOO_LONG"},   {VAULT_CODE_UNREADABLE, "CODE_UNREADABLE"},
        {VAULT_CODE_FOREIGN, "CODE_FOREIGN"},     {VAULT_CODE_EMPTY, "CODE_EMPTY"},
        {VAULT_CODE_USED, "CODE_USED"},           {VAULT_CODE_REFUSED, "CODE_REFUSED"},
        {VAULT_CODE_NOT_TAKEN, "CODE_NOT_TAKEN"}, {VAULT_CARD_EXPIRED, "SALE_EXPIRED"},
    };
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:9 point digit:5 ok"));
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        rig->coded.card = (struct vault_card){.state = refusals[i].state};
        GOOD(terminal_on_code(rig->terminal, CARD_CODE));
        AT(rig, "sale.present");
        if (rig_line(rig, refusals[i].text) == NULL) fail_msg("%s is not said", refusals[i].text);
    }
    assert_int_equal(rig->sales_seen, 0);
    assert_true(rig->arms > (int)ARRAY_LEN(refusals)); /* another card may come after each */
    rig->coded = (struct vault_card_code){.card = {.state = VAULT_CARD_READ, .entry = 3},
                                          .field55 = BYTES_OF(field55)};
    GOOD(terminal_on_code(rig->terminal, CARD_CODE));
    AT(rig, "sale.wait");
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_entry, PAYMENT_ENTRY_CODE);
    const struct payment *paid = terminal_payment(rig->terminal);
    assert_int_equal(paid->means, PAYMENT_CARD);
    assert_true(bytes_equal(payment_chip_view(&paid->chip), BYTES_OF(field55)));
    assert_string_equal(paid->card_sequence, "041");
    assert_non_null(strstr(rig->printed_all, "620000*********0017 /Q"));
    GOOD(rig_key(rig, "ok"));

    /* A PIN above, by the same road as a stripe's. */
    GOOD(rig_keys(rig, "choice:sale digit:9 digit:9 digit:9 ok"));
    rig->coded.card.pin_required = 1;
    GOOD(terminal_on_code(rig->terminal, CARD_CODE));
    AT(rig, "sale.pin");
    GOOD(rig_enter(rig, "246810"));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    assert_true(terminal_payment(rig->terminal)->pin_entered);
    GOOD(rig_key(rig, "ok"));
    rig_check_books(rig);
    rig_free(rig);
}

/* S77 S94: what a card in a telephone paid goes back to it by another of its codes; a wallet's code
 * is none. */
static void a_cards_code_is_voided_by_another(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->coded = (struct vault_card_code){.card = {.state = VAULT_CARD_READ, .entry = 3},
                                          .field55 = BYTES_OF(field55)};
    GOOD(rig_keys(rig, "choice:sale digit:9 ok"));
    GOOD(terminal_on_code(rig->terminal, CARD_CODE));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    uint32_t stan = terminal_payment(rig->terminal)->key.stan;
    char voucher[32];
    snprintf(voucher, sizeof voucher, "digit:%u ok ok", stan);
    GOOD(rig_keys(rig, "ok choice:void"));
    GOOD(rig_keys(rig, voucher));
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.present");
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
    AT(rig, "sale.present");
    assert_non_null(rig_line(rig, "AFTER_CARD_ONLY"));
    GOOD(terminal_on_code(rig->terminal, CARD_CODE));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_VOID);
    assert_int_equal(rig->last_entry, PAYMENT_ENTRY_CODE);
    rig_check_books(rig);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_paid_and_refused_by_name),
        cmocka_unit_test(a_cards_code_is_voided_by_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
