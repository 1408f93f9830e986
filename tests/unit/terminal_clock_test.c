/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock on the wall jumps: years ahead, days back, between two sales, in the middle of one,
 * while an answer is awaited, over a restart and without a host. What is under way ends as it would
 * have; a terminal whose clock went back says so and signs in, which takes the host's time; no day
 * without the host is counted twice; the batch settles equal. S1 S50 S52 S89
 */
#include "tests/unit/terminal_rig.h"

#define DAY_MS  INT64_C(86400000)
#define YEAR_MS (365 * DAY_MS)

/* Signed in where it was refused: the host's time, and the batch that is open goes on. */
static void signs_in_here(struct rig *rig)
{
    AT(rig, "need.sign_in");
    rig->host_batch--;
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    assert_string_equal(terminal_screen(rig->terminal)->status.time, "12:30"); /* the host's */
    GOOD(rig_key(rig, "ok"));
}

static void signs_in(struct rig *rig)
{
    signs_in_here(rig);
    AT(rig, "sale.amount");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

static void sells(struct rig *rig)
{
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

/* Refused by name: the clock has gone back. */
static void says_the_clock(struct rig *rig)
{
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.sign_in");
    assert_non_null(rig_line(rig, "NEED_CLOCK"));
}

static void settles(struct rig *rig, unsigned approved)
{
    assert_int_equal(rig->terminal->records.batch_approved, approved);
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes"));
    AT(rig, "settle.done");
    assert_non_null(rig_line(rig, "SETTLE_DONE"));
    assert_int_equal(rig->settling.closings, 1);
    assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].count, approved);
    rig_check_books(rig);
    rig_free(rig);
}

static void between_two_sales(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sells(rig);
    rig->jumped_ms = 3 * YEAR_MS;
    GOOD(rig_key(rig, "choice:sale"));
    assert_null(rig_line(rig, "NEED_CLOCK")); /* it is another day: that is all that can be known */
    signs_in(rig);
    sells(rig);
    rig->jumped_ms = 0; /* somebody has set it right: our offset is wrong now */
    says_the_clock(rig);
    signs_in(rig);
    sells(rig);
    rig->jumped_ms = -5 * DAY_MS;
    says_the_clock(rig);
    signs_in(rig);
    sells(rig);
    settles(rig, 4);
}

/* Between the amount and the card: nothing is sent under a time that nobody knows, and the sale
 * goes on where it was. Then back to what it was. */
static void in_the_middle_of_a_sale(void **state)
{
    (void)state;
    static const int64_t jumps[] = {3 * YEAR_MS, -5 * DAY_MS, -3 * YEAR_MS};
    for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
        struct rig *rig = rig_ready();
        sells(rig);
        GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
        AT(rig, "sale.present");
        rig->jumped_ms = jumps[i];
        rig_card(rig, VAULT_CARD_READ, false);
        GOOD(rig_advance(rig, 300));
        assert_int_equal(rig->sales_seen, 1);
        signs_in_here(rig);
        AT(rig, "sale.approved");
        assert_int_equal(rig->spoken, 2);
        GOOD(rig_key(rig, "cancel"));
        rig->jumped_ms = 0;
        if (jumps[i] > 0) says_the_clock(rig);
        else GOOD(rig_key(rig, "choice:sale"));
        signs_in(rig);
        sells(rig);
        settles(rig, 3);
    }
}

/* What waits for an answer waits as long as ever, and is reversed then. */
static void while_an_answer_is_awaited(void **state)
{
    (void)state;
    static const int64_t jumps[] = {3 * YEAR_MS, -5 * DAY_MS};
    for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
        struct rig *rig = rig_ready();
        sells(rig);
        rig->mood = RIG_SILENT;
        GOOD(rig_sale(rig));
        AT(rig, "sale.wait");
        rig->jumped_ms = jumps[i];
        GOOD(rig_advance(rig, TERMINAL_ANSWER_MS - 2000));
        AT(rig, "sale.wait");
        assert_int_equal(rig->reversals_seen, 0);
        rig->mood = RIG_ANSWER;
        GOOD(rig_advance(rig, 8000));
        assert_int_equal(rig->reversals_seen, 1);
        assert_int_equal(rig->terminal->records.unsent, 0);
        GOOD(rig_advance(rig, 62000)); /* and the main screen is there again */
        AT(rig, "main.menu");
        rig->jumped_ms = 0;
        GOOD(rig_key(rig, "choice:sale"));
        if (strcmp(rig_id(rig), "need.sign_in") == 0) signs_in(rig);
        else GOOD(rig_key(rig, "cancel"));
        sells(rig);
        settles(rig, 2);
    }
}

/* E102 is passed over, and nothing is paid before the host has told the time: once, and the next
 * start is as any other. A device that only ever was wrong before is not shut out for years. */
static void over_a_restart(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->jumped_ms = 3 * YEAR_MS;
    GOOD(rig_key(rig, "choice:sale"));
    signs_in(rig);
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    AT(rig, "sale.wait");
    rig_off(rig); /* the power goes in mid-sale, and the clock is right again */
    rig->mood = RIG_ANSWER;
    rig->jumped_ms = 0;
    GOOD(rig_boot(rig));
    AT(rig, "boot.clock");
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_advance(rig, 8000));
    AT(rig, "login.operator");
    assert_false(rig->terminal->records.signed_in);
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    says_the_clock(rig);
    signs_in(rig);
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->reversals_seen, 1); /* nothing was lost meanwhile */
    assert_int_equal(rig->terminal->records.unsent, 0);
    GOOD(rig_restart(rig));
    AT(rig, "main.menu");
    sells(rig);
    settles(rig, 1);
}

/* Set right while the fault is on the screen: then it is as if nothing had been. */
static void set_right_at_the_fault(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig_off(rig);
    rig->jumped_ms = -5 * DAY_MS;
    GOOD(rig_boot(rig));
    AT(rig, "boot.clock");
    rig->jumped_ms = 0;
    GOOD(rig_key(rig, "ok"));
    AT(rig, "login.operator");
    assert_true(rig->terminal->records.signed_in);
    rig_free(rig);
}

#define CARD .pan_masked = BYTES("620000******0005"), .card_sequence = BYTES("001"), .entry = 5
static const struct vault_chip alone[] = {
    {.state = VAULT_CHIP_DONE,
     CARD,
     .result = VAULT_CHIP_APPROVED,
     .field55 = BYTES("\x9F\x27\x01\x40\x8A\x02Y1")},
    {.state = VAULT_CHIP_DONE,
     CARD,
     .result = VAULT_CHIP_APPROVED,
     .field55 = BYTES("\x9F\x27\x01\x40\x8A\x02Y1")},
};

/* S89: whoever sets the clock back gets no more days without the host; ahead, there are none left;
 * and what was taken is delivered all the same. */
static void without_a_host(void **state)
{
    (void)state;
    static const struct {
        int64_t jump_ms;
        const char *why;
    } of[] = {{-30 * DAY_MS, "OFFLINE_CLOCK"}, {3 * YEAR_MS, "OFFLINE_DAYS"}};
    for (size_t i = 0; i < ARRAY_LEN(of); i++) {
        struct rig *rig = rig_new();
        rig->offline = (struct rig_offline){.count = 9, .each = 20000, .total = 90000, .days = 7};
        rig_make_ready(rig);
        rig->reachable = rig->online = false;
        GOOD(rig_pump(rig));
        rig->chip = alone;
        GOOD(rig_keys(rig, "choice:sale digit:5 digit:0 ok"));
        rig_card(rig, VAULT_CARD_CHIP, false);
        GOOD(rig_advance(rig, 300));
        AT(rig, "sale.offline");
        GOOD(rig_key(rig, "ok"));
        rig->jumped_ms = of[i].jump_ms;
        GOOD(rig_key(rig, "choice:sale"));
        AT(rig, "need.sign_in");
        assert_non_null(rig_line(rig, of[i].why));
        assert_int_equal(rig->terminal->records.offline, 1);
        GOOD(rig_key(rig, "cancel"));
        rig->reachable = true;
        GOOD(rig_advance(rig, 62000));
        assert_int_equal(rig->offline.heard, 1);
        assert_int_equal(rig->terminal->records.offline, 0);
        GOOD(rig_key(rig, "choice:sale"));
        signs_in(rig);
        settles(rig, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(between_two_sales),          cmocka_unit_test(in_the_middle_of_a_sale),
        cmocka_unit_test(while_an_answer_is_awaited), cmocka_unit_test(over_a_restart),
        cmocka_unit_test(set_right_at_the_fault),     cmocka_unit_test(without_a_host),
    };
    return cmocka_run_group_tests_name("terminal_clock", tests, NULL, NULL);
}
