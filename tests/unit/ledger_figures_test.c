/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One merchant's figures and the lines of a day (S66, S110): against the accounts, fen by fen, and
 * moves of money orders in the fold.
 */
#include "ledger/statement.h"

#include "ledger/workday.h"
#include "tests/unit/ledger_fixture.h"

#define MID "898310153110001"

static struct ledger_entry order(int64_t seq, int64_t number, enum account_kind debit,
                                 enum account_kind credit, int64_t minor)
{
    struct ledger_entry e = entry(seq, LEDGER_ORDER, 1, 0);
    memset(e.key, 0, sizeof e.key);
    e.key[LEDGER_KEY_LEN - 1] = (uint8_t)number;
    e.order = number;
    e.move[0] = (struct ledger_move){debit, credit, minor, 0};
    return e;
}

static struct ledger_figures figures(void)
{
    struct ledger_figures found;
    assert_ok(ledger_figures(ledger_store(ledger), MID, 156, &found));
    return found;
}

static int64_t stood(int32_t day)
{
    int64_t minor = 0;
    assert_ok(
        ledger_balance_on(ledger_store(ledger), ACCOUNT_MERCHANT_PAYABLE, MID, 156, day, &minor));
    return minor;
}

static void a_merchant_without_accounts_has_nothing(void **state)
{
    (void)state;
    struct ledger_figures found = figures();
    assert_int_equal(found.payable_minor, 0);
    assert_int_equal(stood(20000), 0);
}

static void orders_move_between_the_merchants_accounts(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    assert_int_equal(figures().coming_minor, 10000);
    assert_ok(fold_one(entry(2, LEDGER_POST, 1, 10000)));
    struct ledger_entry orders[] = {
        order(2, 1, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_HELD, 3000),
        order(2, 2, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_TRANSIT, 5000),
        order(2, 3, ACCOUNT_MERCHANT_HELD, ACCOUNT_MERCHANT_PAYABLE, 1000),
    };
    orders[1].move[1] =
        (struct ledger_move){ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_PAYOUT_INCOME, 110, 802};
    assert_ok(ledger_fold(ledger, orders, 3));
    assert_ok(ledger_fold(ledger, orders, 3)); /* again: nothing */
    struct ledger_figures found = figures();
    assert_int_equal(found.payable_minor, 9940 - 3000 - 5000 - 110 + 1000);
    assert_int_equal(found.held_minor, 2000);
    assert_int_equal(found.transit_minor, 5000);
    trial();
    struct ledger_position at;
    assert_ok(ledger_position_of(ledger_store(ledger), &at));
    assert_int_equal(at.seq, 2);
    assert_int_equal(at.order, 3);
    reopen();
    assert_int_equal(ledger_reached(ledger).order, 3);
}

static void orders_have_no_gap_and_stand_after_their_row(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_NOTHING, 0, 0)));
    assert_err(fold_one(order(1, 2, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_HELD, 1)), CORRUPT);
    said("orders are missing");
    assert_err(fold_one(order(0, 1, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_HELD, 1)), CORRUPT);
    assert_err(fold_one(order(2, 1, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_HELD, 1)), CORRUPT);
    assert_err(fold_one(order(1, 1, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_NONE, 1)), CONFLICT);
    said("money order 1");
    assert_err(fold_one(order(1, 1, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_HELD, 0)), CONFLICT);
    assert_err(fold_one(order(1, 1, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_PAYABLE, 5)),
               CONFLICT);
    assert_ok(fold_one(order(1, 1, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_HELD, 1)));
    assert_int_equal(ledger_reached(ledger).order, 1);
}

/* ---- lines ------------------------------------------------------------------------------------
 */

struct tally {
    int64_t minor;
    size_t lines, of[LEDGER_LINES];
    int64_t last_seq;
};

static err add_line(void *context, const struct ledger_line *line)
{
    struct tally *tally = context;
    tally->minor += line->minor;
    tally->lines++;
    tally->of[line->kind]++;
    assert_true((line->kind == LEDGER_LINE_ORDER) == (line->order > 0));
    assert_true(line->kind != LEDGER_LINE_FEE || line->rule > 0);
    assert_true(line->seq >= tally->last_seq);
    tally->last_seq = line->seq;
    return OK;
}

static struct tally lines_of(int32_t day)
{
    struct tally tally = {0};
    assert_ok(ledger_day_lines(ledger_store(ledger), MID, 156, day, add_line, &tally));
    return tally;
}

/* Random lives over ten days: opening, lines and closing of every day agree to the fen. */
static void the_lines_of_a_day_are_its_difference(void **state)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        static struct lives lives;
        struct random_seeded source;
        random_seed(&source, seed);
        struct random random = random_from_seed(&source);
        memset(&lives, 0, sizeof lives);
        int64_t start_ms = workday_end_ms(20000), number = 0;
        for (int64_t seq = 1; seq <= ENTRIES; seq++) {
            struct ledger_entry e = next_entry(&lives, seq, &random);
            e.at_ms = start_ms + seq * 288000; /* 300 a day */
            /* Now and then the clock is an hour back, over the end of a day as well. */
            if (seq % 299 < 3) e.at_ms -= 3600000;
            assert_ok(fold_one(e));
            if (random_below(&random, 20) > 0) continue;
            struct ledger_entry o = order(seq, ++number % 256, ACCOUNT_MERCHANT_PAYABLE,
                                          ACCOUNT_MERCHANT_HELD, 1 + random_below(&random, 500));
            o.order = number;
            o.at_ms = e.at_ms;
            assert_ok(fold_one(o));
        }
        size_t lines = 0;
        for (int32_t day = 20000; day <= 20012; day++) {
            struct tally tally = lines_of(day);
            lines += tally.lines;
            assert_int_equal(stood(day) - stood(day - 1), tally.minor);
        }
        assert_true(lines > 300);
        assert_int_equal(stood(20012), figures().payable_minor);
        trial();
        drop_ledger(state);
        make_ledger(state);
    }
}

static void every_kind_of_line_has_a_name(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    struct ledger_entry post = entry(2, LEDGER_POST, 1, 10000);
    post.instalment_minor = 348;
    assert_ok(fold_one(post));
    struct ledger_entry refund = entry(3, LEDGER_HOLD, 2, 4000);
    refund.reason = FEE_REFUNDED;
    refund.original_seq = 2;
    assert_ok(fold_one(refund));
    refund.seq = 4, refund.kind = LEDGER_POST;
    assert_ok(fold_one(refund));
    assert_ok(fold_one(entry(5, LEDGER_HOLD, 3, 500)));
    assert_ok(fold_one(entry(6, LEDGER_POST, 3, 500)));
    assert_ok(fold_one(entry(7, LEDGER_UNDO, 3, 500)));
    struct tally tally = lines_of(workday_of(1700000000002));
    assert_int_equal(tally.of[LEDGER_LINE_TAKEN], 2);
    assert_int_equal(tally.of[LEDGER_LINE_GIVEN], 1);
    assert_int_equal(tally.of[LEDGER_LINE_TURNED], 1);
    assert_int_equal(tally.of[LEDGER_LINE_FEE], 2);
    assert_int_equal(tally.of[LEDGER_LINE_FEE_BACK], 2);
    assert_int_equal(tally.of[LEDGER_LINE_INSTALMENT], 1);
    assert_int_equal(tally.of[LEDGER_LINE_INSTALMENT_BACK], 1);
    assert_int_equal(tally.minor, figures().payable_minor);
    for (int i = 0; i < LEDGER_LINES; i++)
        assert_string_not_equal(ledger_line_name((enum ledger_line_kind)i), "?");
}

/* A fee stands beside its payment, by its rule; opening, lines and closing agree, or there is no
 * statement. */
static void a_statement_has_fees_beside_their_payments(void **state)
{
    (void)state;
    int32_t day = workday_of(1700000000002);
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    struct ledger_entry post = entry(2, LEDGER_POST, 1, 10000);
    post.agreement = 3;
    post.instalment_minor = 348;
    assert_ok(fold_one(post));
    struct ledger_entry refund = entry(3, LEDGER_HOLD, 2, 4000);
    refund.reason = FEE_REFUNDED;
    refund.original_seq = 2;
    assert_ok(fold_one(refund));
    refund.seq = 4, refund.kind = LEDGER_POST;
    assert_ok(fold_one(refund));
    assert_ok(fold_one(order(4, 1, ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_HELD, 1000)));

    CLEANUP(statement_free) struct statement s = {.lines = 0};
    struct store *store = ledger_store(ledger);
    assert_ok(statement_read(store, MID, 156, day, workday_end_ms(day) - 1, &s));
    assert_false(s.over);
    assert_int_equal(s.opening_minor, 0);
    assert_int_equal(s.closing_minor, 10000 - 60 - 348 - 4000 + 24 + 139 - 1000);
    assert_int_equal(s.lines, 3);
    assert_int_equal(s.line[0].line.minor, 10000);
    assert_int_equal(s.line[0].fee_minor, -60);
    assert_int_equal(s.line[0].instalment_minor, -348);
    assert_int_equal(s.line[0].rule, 102);
    assert_int_equal(s.line[0].agreement, 3);
    assert_int_equal(s.line[1].line.minor, -4000);
    assert_int_equal(s.line[1].fee_minor, 24);
    assert_int_equal(s.line[1].instalment_minor, 139);
    assert_int_equal(s.line[1].agreement, 3); /* of the payment that it gives back */
    assert_int_equal(s.line[2].line.order, 1);
    assert_int_equal(s.line[2].instalment_minor, 0);
    assert_int_equal(s.sum_minor[LEDGER_LINE_INSTALMENT], -348);
    assert_int_equal(s.sum_minor[LEDGER_LINE_ORDER], -1000);

    struct statement other = {.lines = 0};
    assert_ok(statement_read(store, MID, 156, day + 1, workday_end_ms(day + 1), &other));
    assert_true(other.over);
    assert_int_equal(other.opening_minor, s.closing_minor);
    assert_int_equal(other.closing_minor, s.closing_minor);
    assert_int_equal(other.lines, 0);
    assert_ok(store_exec(store, "UPDATE account_day SET credits = credits + 1"));
    assert_err(statement_read(store, MID, 156, day, 0, &other), CORRUPT);
    said("does not add up");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(a_merchant_without_accounts_has_nothing),
        WITH_LEDGER(orders_move_between_the_merchants_accounts),
        WITH_LEDGER(orders_have_no_gap_and_stand_after_their_row),
        WITH_LEDGER(the_lines_of_a_day_are_its_difference),
        WITH_LEDGER(every_kind_of_line_has_a_name),
        WITH_LEDGER(a_statement_has_fees_beside_their_payments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
