/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Money orders: what the table takes, and everything that it refuses by itself (S68), whoever
 * writes; where an order stands among the journal's rows.
 */
#include "journal/order.h"

#include "journal/journal.h"
#include "tests/unit/scratch.h"

static struct store_anchor *anchor;
static struct store *store;

static int make_store(void **state)
{
    (void)state;
    const struct store_options options = {.mode = STORE_MEMORY};
    if (FAILED(store_anchor_open("orders", &anchor))) return -1;
    if (FAILED(store_open("orders", &options, NULL, &store))) return -1;
    if (FAILED(store_migrate(store, &journal_schema))) return -1;
    return FAILED(store_migrate(store, &journal_order_schema));
}

static int drop_store(void **state)
{
    (void)state;
    store_close(store);
    store_anchor_close(anchor);
    return 0;
}

static struct journal_order hold(void)
{
    return (struct journal_order){.at_ms = 1000,
                                  .kind = ORDER_HOLD,
                                  .mid = "898310153110001",
                                  .currency = 156,
                                  .amount_minor = 5000,
                                  .deadline_ms = 2000,
                                  .actor = "wang",
                                  .reason = "risk",
                                  .evidence = "slips of 1 March",
                                  .appeal = "risk@example.test"};
}

static struct journal_order payout(int32_t day)
{
    return (struct journal_order){.at_ms = 1000,
                                  .kind = ORDER_PAYOUT,
                                  .mid = "898310153110001",
                                  .currency = 156,
                                  .amount_minor = 5000,
                                  .fee_minor = 110,
                                  .rule = 802,
                                  .day = day,
                                  .way = ORDER_SAME_DAY,
                                  .account = 1,
                                  .actor = "wang"};
}

static err append(struct journal_order *order)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(journal_order_append(&tx, order));
    return store_commit(&tx);
}

static struct journal_order end_of(const struct journal_order *original, enum order_kind kind)
{
    struct journal_order end = *original;
    end.kind = kind;
    end.original = original->number;
    return end;
}

static void add_row(void)
{
    struct payment p = {.key = {"10000017", 1, 1},
                        .type = PAYMENT_SALE,
                        .state = PAYMENT_PENDING,
                        .mid = "898310153110001",
                        .amount_minor = 1,
                        .currency = 156};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t row = 0;
    assert_ok(store_begin(store, &tx));
    assert_ok(journal_append(&tx, &p, PAYMENT_SUBMIT, 1, &row));
    assert_ok(store_commit(&tx));
}

static void an_order_comes_back_as_it_was(void **state)
{
    (void)state;
    struct journal_order first = hold(), second = payout(17000), back;
    assert_ok(append(&first));
    add_row();
    add_row();
    assert_ok(append(&second));
    assert_int_equal(first.number, 1);
    assert_int_equal(first.after_row, 0);
    assert_int_equal(second.number, 2);
    assert_int_equal(second.after_row, 2);
    assert_ok(journal_order_find(store, 1, &back));
    assert_memory_equal(&back, &first, sizeof back);
    assert_ok(journal_order_find(store, 2, &back));
    assert_memory_equal(&back, &second, sizeof back);
    assert_err(journal_order_find(store, 3, &back), NOT_FOUND);

    struct journal_order rows[4];
    size_t count = 0;
    assert_ok(journal_order_read(store, 1, 1, rows, 4, &count)); /* up to row 1 */
    assert_int_equal(count, 1);
    assert_ok(journal_order_read(store, 1, 2, rows, 4, &count));
    assert_int_equal(count, 2);
    int64_t last = 0;
    assert_ok(journal_order_last_of(store, "898310153110001", &last));
    assert_int_equal(last, 2);
    assert_ok(journal_order_last_of(store, "898310153110002", &last));
    assert_int_equal(last, 0);
}

/* S68: the table takes no hold without reason, evidence, deadline and way of appeal. */
static void no_hold_without_its_four_fields(void **state)
{
    (void)state;
    struct journal_order h;
    h = hold(), h.evidence[0] = '\0';
    assert_err(append(&h), RANGE);
    h = hold(), h.appeal[0] = '\0';
    assert_err(append(&h), RANGE);
    h = hold(), h.deadline_ms = 0;
    assert_err(append(&h), RANGE);
    h = hold(), h.deadline_ms = h.at_ms;
    assert_err(append(&h), RANGE);
    h = hold(), h.actor[0] = '\0';
    assert_err(append(&h), RANGE);
    /* Past our own code, too, which would stop at a reason that is not of the table. */
    assert_err(store_exec(store, "INSERT INTO money_order VALUES(1, 0, 1000, 1, '8', 156, 1, 0, 0,"
                                 " 0, 0, 0, 0, 2000, 'wang', '', 'x', 'x', '', 0, 0, 0, 0, 0, 0)"),
               RANGE);
    h = hold();
    assert_ok(append(&h));
}

static void a_hold_ends_once_and_whole(void **state)
{
    (void)state;
    struct journal_order h = hold(), end, found;
    assert_ok(append(&h));
    assert_err(journal_order_end(store, h.number, &found), NOT_FOUND);
    end = end_of(&h, ORDER_RELEASE), end.amount_minor = 4999;
    assert_err(append(&end), DENIED);
    end = end_of(&h, ORDER_RELEASE), end.original = 7;
    assert_err(append(&end), DENIED);
    end = end_of(&h, ORDER_CONVERT), end.mid[14] = '2';
    assert_err(append(&end), DENIED);
    end = end_of(&h, ORDER_PAYOUT_CONFIRMED); /* a hold is no payout */
    assert_err(append(&end), DENIED);
    end = end_of(&h, ORDER_RELEASE);
    assert_ok(append(&end));
    assert_ok(journal_order_end(store, h.number, &found));
    assert_int_equal(found.number, end.number);
    end = end_of(&h, ORDER_CONVERT);
    assert_err(append(&end), EXISTS);
    end = end_of(&h, ORDER_EXPIRE);
    assert_err(append(&end), EXISTS);
}

static void a_day_is_paid_once_each_way(void **state)
{
    (void)state;
    struct journal_order p = payout(17000), other, found;
    int32_t day = 0;
    assert_ok(append(&p));
    other = payout(17000);
    assert_err(append(&other), EXISTS);
    other.way = ORDER_NEXT_DAY;
    assert_ok(append(&other));
    other = payout(17001), other.account = 0;
    assert_err(append(&other), RANGE);
    other = payout(17001), other.rule = 0; /* a fee by no rule */
    assert_err(append(&other), RANGE);
    other = payout(17001);
    assert_ok(append(&other));
    assert_ok(journal_order_last_day(store, "898310153110001", 156, &day));
    assert_int_equal(day, 17001);
    assert_ok(journal_order_last_day(store, "898310153110001", 344, &day));
    assert_int_equal(day, 0);
    assert_ok(journal_order_payout(store, "898310153110001", 156, 17000, ORDER_SAME_DAY, &found));
    assert_int_equal(found.number, p.number);
    other = end_of(&p, ORDER_PAYOUT_RETURNED), other.fee_minor = 0;
    assert_err(append(&other), DENIED);
    other = end_of(&p, ORDER_PAYOUT_RETURNED);
    assert_ok(append(&other));
    other = end_of(&p, ORDER_PAYOUT_CONFIRMED);
    assert_err(append(&other), EXISTS);
}

static void orders_stand(void **state)
{
    (void)state;
    struct journal_order h = hold();
    assert_ok(append(&h));
    assert_err(store_exec(store, "UPDATE money_order SET amount_minor = 1"), DENIED);
    assert_err(store_exec(store, "DELETE FROM money_order"), DENIED);
    assert_err(store_exec(store, "INSERT OR REPLACE INTO money_order SELECT * FROM money_order"),
               DENIED);
    /* Neither a gap, nor an order that would count before a row that is there. */
    assert_err(store_exec(store, "INSERT INTO money_order SELECT 3, after_row, at_ms, 8, mid,"
                                 " currency, amount_minor, 0, 0, 0, 0, 0, 0, 0, actor, 'x', '', '',"
                                 " '', 0, 0, 0, 0, 0, 0 FROM money_order"),
               DENIED);
    add_row();
    assert_err(store_exec(store, "INSERT INTO money_order SELECT 2, after_row, at_ms, 8, mid,"
                                 " currency, amount_minor, 0, 0, 0, 0, 0, 0, 0, actor, 'x', '', '',"
                                 " '', 0, 0, 0, 0, 0, 0 FROM money_order"),
               DENIED);
}

static struct journal_order settled(enum order_kind kind, enum payment_route network)
{
    return (struct journal_order){
        .at_ms = 1000,
        .kind = kind,
        .mid = "card_network",
        .currency = 156,
        .amount_minor = 20000,
        .day = 17000,
        .actor = "wang",
        .reference = "21a2300250575ae167beea03d697e307699a1be491bab9415d2527e4f4e2d116",
        .network = network,
        .settled = {-500, -520, 18, 2, 0}};
}

/* A network's day is settled once, and says by which file. */
static void a_network_is_settled_with_once_for_a_day(void **state)
{
    (void)state;
    struct journal_order o = settled(ORDER_NETWORK_SETTLED, PAYMENT_ROUTE_CARD_NETWORK), found;
    assert_err(journal_order_settled(store, o.kind, o.network, o.day, &found), NOT_FOUND);
    assert_ok(append(&o));
    assert_ok(journal_order_settled(store, o.kind, o.network, o.day, &found));
    assert_memory_equal(&found, &o, sizeof found);
    o = settled(ORDER_NETWORK_SETTLED, PAYMENT_ROUTE_CARD_NETWORK);
    o.reference[0] = 'f'; /* another file of the same day */
    assert_err(append(&o), EXISTS);
    o = settled(ORDER_NETWORK_INSTALMENTS, PAYMENT_ROUTE_CARD_NETWORK);
    assert_ok(append(&o));
    assert_err(append(&o), EXISTS);
    o = settled(ORDER_NETWORK_SETTLED, PAYMENT_ROUTE_WALLET);
    assert_ok(append(&o));
    o = settled(ORDER_NETWORK_SETTLED, PAYMENT_ROUTE_CARD_NETWORK), o.day = 17001;
    o.reference[63] = '\0';
    assert_err(append(&o), DENIED);
    o = settled(ORDER_NETWORK_SETTLED, PAYMENT_ROUTE_NONE), o.day = 17001;
    assert_err(append(&o), DENIED);
    o = settled(ORDER_NETWORK_SETTLED, PAYMENT_ROUTE_CARD_NETWORK), o.day = 0;
    assert_err(append(&o), DENIED);
    o = hold(), o.network = PAYMENT_ROUTE_WALLET;
    assert_err(append(&o), DENIED);
}

static void overdue_are_those_without_an_end(void **state)
{
    (void)state;
    struct journal_order first = hold(), second = hold(), third = hold(), due[4];
    size_t count = 0;
    third.deadline_ms = 3000;
    assert_ok(append(&first));
    assert_ok(append(&second));
    assert_ok(append(&third));
    struct journal_order end = end_of(&first, ORDER_RELEASE);
    assert_ok(append(&end));
    assert_ok(journal_order_overdue(store, 1999, due, 4, &count));
    assert_int_equal(count, 0);
    assert_ok(journal_order_overdue(store, 2000, due, 4, &count));
    assert_int_equal(count, 1);
    assert_int_equal(due[0].number, second.number);
}

static void every_reason_is_in_both_languages(void **state)
{
    (void)state;
    size_t count = 0;
    const struct order_reason *reasons = order_reasons(&count);
    assert_int_equal(count, 7);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(reasons[i].code) > 0 && strlen(reasons[i].code) <= ORDER_REASON_MAX);
        assert_true(strlen(reasons[i].zh) > 0 && strlen(reasons[i].en) > 0);
        assert_ptr_equal(order_reason_of(reasons[i].code), &reasons[i]);
    }
    assert_null(order_reason_of("whim"));
    for (int kind = ORDER_HOLD; kind < ORDER_KINDS; kind++)
        assert_string_not_equal(order_kind_name((enum order_kind)kind), "?");
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, make_store, drop_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(an_order_comes_back_as_it_was),
        WITH_STORE(no_hold_without_its_four_fields),
        WITH_STORE(a_hold_ends_once_and_whole),
        WITH_STORE(a_day_is_paid_once_each_way),
        WITH_STORE(orders_stand),
        WITH_STORE(a_network_is_settled_with_once_for_a_day),
        WITH_STORE(overdue_are_those_without_an_end),
        cmocka_unit_test(every_reason_is_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
