/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card number that is typed: only where the administrator has set an amount, up to it, with a
 * supervisor each time; told to the host as such, with who has approved it. Capability: S58.
 */
#include "tests/unit/terminal_rig.h"

/* The administrator sets 1,000 yuan; then the cashier is back and signed in. */
static struct rig *ready(void)
{
    struct rig *rig = rig_new();
    memcpy(rig->password[99], "13572468", 9);
    rig->typed = (struct vault_card){.state = VAULT_CARD_READ, .entry = 1, .pin_required = 1};
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:9 digit:9 ok", "13572468"));
    GOOD(rig_keys(rig, "choice:manage choice:parameters choice:manual"));
    AT(rig, "parameters.manual");
    GOOD(rig_keys(rig, "digit:9 digit:9 digit:9 digit:9 digit:9 ok")); /* more than anybody may */
    AT(rig, "parameters.manual");
    GOOD(rig_keys(rig, "clear digit:1 digit:0 digit:0 digit:0 ok"));
    AT(rig, "parameters.list");
    GOOD(rig_keys(rig, "cancel cancel cancel choice:log_out"));
    GOOD(rig_panel_open(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    AT(rig, "main.menu");
    return rig;
}

/* Up to the number, a supervisor's yes behind it. */
static void to_number(struct rig *rig)
{
    GOOD(rig_keys(rig, "choice:sale digit:5 digit:0 ok choice:manual"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "manual.number");
}

static void test_typed(void **state)
{
    (void)state;
    struct rig *rig = ready();
    to_number(rig);
    assert_int_equal(terminal_screen(rig->terminal)->entry.purpose, VAULT_ENTRY_PAN);
    GOOD(rig_enter(rig, "620001000000"));
    AT(rig, "manual.expiry");
    assert_int_equal(terminal_screen(rig->terminal)->entry.purpose, VAULT_ENTRY_EXPIRY);
    GOOD(rig_enter(rig, "0829"));
    AT(rig, "sale.pin");
    GOOD(rig_enter(rig, "135790"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_entry, PAYMENT_ENTRY_MANUAL);
    assert_string_equal(rig->row[0].approver_id, "00");
    assert_non_null(strstr(rig->printed_all, "620001******0012 /M"));
    assert_null(strstr(rig->printed_all, "620001000000"));
    GOOD(rig_key(rig, "ok"));
    rig_check_books(rig);
    rig_free(rig);
}

/* What the vault does not take is typed again; Cancel goes back, in the end to the card. */
static void test_wrong(void **state)
{
    (void)state;
    struct rig *rig = ready();
    to_number(rig);
    rig->typed.state = VAULT_CARD_UNREADABLE;
    GOOD(rig_enter(rig, "620001000000"));
    GOOD(rig_enter(rig, "0829"));
    AT(rig, "manual.number");
    assert_non_null(rig_line(rig, "MANUAL_WRONG"));
    rig->typed.state = VAULT_CARD_EXPIRED;
    GOOD(rig_enter(rig, "620001000000"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "manual.number");
    GOOD(rig_enter(rig, "620001000000"));
    GOOD(rig_enter(rig, "0825"));
    assert_non_null(rig_line(rig, "SALE_EXPIRED"));
    int arms = rig->arms;
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.present");
    assert_int_equal(rig->arms, arms + 1);
    assert_int_equal(rig->sales_seen, 0);
    rig_free(rig);
}

/* No yes, no number; above the amount, for what is no sale, and as delivered, no such choice. */
static void test_not_offered(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:sale digit:5 ok choice:manual"));
    GOOD(rig_enter(rig, "000000"));
    assert_true(strcmp(rig_id(rig), "manual.number") != 0);
    for (int i = 0; i < 6 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:0 digit:0 digit:0 point digit:0 digit:1 ok"));
    AT(rig, "sale.present");
    assert_false(rig_has_choice(rig, "manual", true));
    GOOD(rig_restart(rig));
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:0 digit:0 digit:0 ok"));
    assert_true(rig_has_choice(rig, "manual", true)); /* it is in the store */
    rig_free(rig);
    rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 ok"));
    assert_false(rig_has_choice(rig, "manual", true));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typed),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
