/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points (S148): earned by tier, spent first in first out, run out, taken back by refunds; what was
 * spent already is owed. Books balance after thousands of random steps.
 */
#include "tests/unit/loyalty_rig.h"

static enum loyalty_verdict hold(struct loyalty_rig *rig, const char *key, const char *member,
                                 int64_t points, int64_t at_ms, int64_t *worth)
{
    struct loyalty_points_payment pay = {RIG_SHOP, bytes_text(key), bytes_text(member), points,
                                         at_ms};
    enum loyalty_verdict verdict;
    assert_ok(loyalty_points_hold(rig->store, &pay, &verdict, worth));
    return verdict;
}

static enum loyalty_verdict commit(struct loyalty_rig *rig, const char *key)
{
    enum loyalty_verdict verdict;
    assert_ok(loyalty_points_commit(rig->store, bytes_text(key), RIG_NOW_MS, &verdict));
    return verdict;
}

static enum loyalty_verdict release(struct loyalty_rig *rig, const char *key)
{
    enum loyalty_verdict verdict;
    assert_ok(loyalty_points_release(rig->store, bytes_text(key), RIG_NOW_MS, &verdict));
    return verdict;
}

static void tiers_rise_and_fall_with_the_year(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned e;
    char id[LOYALTY_ID_LEN + 1];
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    assert_verdict(rig_buy(&rig, "a", id, 9999, RIG_NOW_MS, &e), DONE);
    assert_int_equal(e.points, 99); /* 99.99 yuan at 1 a yuan, rounded down */
    assert_int_equal(e.tier, 0);
    assert_verdict(rig_buy(&rig, "b", id, 90001, RIG_NOW_MS + 1, &e), DONE);
    assert_int_equal(e.points, 900); /* by the tier before it */
    assert_int_equal(e.tier, 1);     /* 1,000.00 in the year */
    assert_verdict(rig_buy(&rig, "c", id, 10000, RIG_NOW_MS + 2, &e), DONE);
    assert_int_equal(e.points, 150);
    assert_verdict(rig_buy(&rig, "d", id, 10000, RIG_NOW_MS + 366 * RIG_A_DAY_MS, &e), DONE);
    assert_int_equal(e.points, 100); /* a year later he is where he began */
    assert_int_equal(e.tier, 0);
    assert_verdict(rig_buy(&rig, "e", id, 0, RIG_NOW_MS, &e), DONE);
    assert_int_equal(e.points, 0);
    assert_verdict(rig_buy(&rig, "f", id, -1, RIG_NOW_MS, &e), AMOUNT);
    assert_verdict(rig_buy(&rig, "a", id, 9999, RIG_NOW_MS, &e), REPEATED);
    assert_int_equal(e.points, 99);
    assert_verdict(rig_buy(&rig, "a", id, 9998, RIG_NOW_MS, &e), OTHER_CONTENT);
    assert_verdict(rig_buy(&rig, "g", "", 5000, RIG_NOW_MS, &e), DONE); /* no member at all */
    assert_int_equal(
        rig_balance(&rig, ACCOUNT_POINTS_COST, "898310153110001", LOYALTY_CURRENCY_POINTS),
        99 + 900 + 150 + 100);
    rig_stop(&rig);
}

static void points_pay_once(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned e;
    char id[LOYALTY_ID_LEN + 1];
    int64_t worth = 0;
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    assert_verdict(rig_buy(&rig, "a", id, 30000, RIG_NOW_MS, &e), DONE); /* 300 points */
    assert_verdict(hold(&rig, "x", id, 301, RIG_NOW_MS, &worth), POINTS_SHORT);
    assert_verdict(hold(&rig, "x", id, 0, RIG_NOW_MS, &worth), AMOUNT);
    assert_verdict(hold(&rig, "x", id, 200, RIG_NOW_MS, &worth), DONE);
    assert_int_equal(worth, 200); /* a hundred points a yuan */
    assert_verdict(hold(&rig, "x", id, 200, RIG_NOW_MS, &worth), REPEATED);
    assert_verdict(hold(&rig, "x", id, 100, RIG_NOW_MS, &worth), OTHER_CONTENT);
    assert_verdict(hold(&rig, "y", id, 101, RIG_NOW_MS, &worth), POINTS_SHORT);
    assert_int_equal(rig_points(&rig, id, RIG_NOW_MS).held, 200);
    assert_verdict(release(&rig, "x"), DONE);
    assert_verdict(release(&rig, "x"), REPEATED);
    assert_verdict(commit(&rig, "x"), DECIDED);
    assert_verdict(hold(&rig, "y", id, 300, RIG_NOW_MS, &worth), DONE);
    assert_verdict(commit(&rig, "y"), DONE);
    assert_verdict(commit(&rig, "y"), REPEATED);
    assert_verdict(release(&rig, "y"), DECIDED);
    assert_verdict(commit(&rig, "z"), NO_PAYMENT);
    assert_int_equal(rig_points(&rig, id, RIG_NOW_MS).free, 0);

    enum loyalty_verdict v;
    assert_ok(loyalty_points_give_back(rig.store, BYTES("y"), BYTES("r"), 120, RIG_NOW_MS, &v));
    assert_verdict(v, DONE);
    assert_ok(loyalty_points_give_back(rig.store, BYTES("y"), BYTES("r"), 120, RIG_NOW_MS, &v));
    assert_verdict(v, REPEATED);
    assert_ok(loyalty_points_give_back(rig.store, BYTES("y"), BYTES("r"), 121, RIG_NOW_MS, &v));
    assert_verdict(v, OTHER_CONTENT);
    assert_ok(loyalty_points_give_back(rig.store, BYTES("y"), BYTES("s"), 181, RIG_NOW_MS, &v));
    assert_verdict(v, TOO_MUCH);
    assert_ok(loyalty_points_give_back(rig.store, BYTES("x"), BYTES("s"), 1, RIG_NOW_MS, &v));
    assert_verdict(v, NO_PAYMENT); /* it was released */
    assert_int_equal(rig_points(&rig, id, RIG_NOW_MS).free, 120);
    rig_stop(&rig);
}

static void what_runs_out_first_is_spent_first(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned e;
    char id[LOYALTY_ID_LEN + 1];
    int64_t worth = 0, lots = -1, day = RIG_A_DAY_MS, year = 360 * day;
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    assert_verdict(rig_buy(&rig, "a", id, 10000, RIG_NOW_MS, &e), DONE);
    assert_verdict(rig_buy(&rig, "b", id, 20000, RIG_NOW_MS + day, &e), DONE);
    struct loyalty_points_state s = rig_points(&rig, id, RIG_NOW_MS + day);
    assert_int_equal(s.free, 300);
    assert_int_equal(s.next, 100);
    assert_int_equal(s.next_ms, RIG_NOW_MS + year);
    assert_verdict(hold(&rig, "x", id, 40, RIG_NOW_MS + day, &worth), DONE);
    assert_int_equal(rig_points(&rig, id, RIG_NOW_MS + day).next, 60);

    /* The rest of the first lot runs out; what is held does not, and neither does the second. */
    assert_ok(loyalty_points_expire(rig.store, RIG_NOW_MS + year - 1, 10, &lots));
    assert_int_equal(lots, 0);
    assert_int_equal(rig_points(&rig, id, RIG_NOW_MS + year).free, 200); /* before it is let go */
    assert_ok(loyalty_points_expire(rig.store, RIG_NOW_MS + year, 10, &lots));
    assert_int_equal(lots, 1);
    s = rig_points(&rig, id, RIG_NOW_MS + year);
    assert_int_equal(s.free, 200);
    assert_int_equal(s.held, 40);
    assert_verdict(release(&rig, "x"), DONE); /* back into a lot that has run out */
    assert_int_equal(rig_points(&rig, id, RIG_NOW_MS + year).free, 200);
    assert_ok(loyalty_points_expire(rig.store, RIG_NOW_MS + year, 10, &lots));
    assert_int_equal(lots, 1);
    assert_int_equal(
        rig_balance(&rig, ACCOUNT_POINTS_EXPIRED, "898310153110001", LOYALTY_CURRENCY_POINTS), 100);
    rig_stop(&rig);
}

static void a_refund_takes_points_back(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned e;
    struct loyalty_back back;
    char id[LOYALTY_ID_LEN + 1];
    int64_t worth = 0;
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    assert_verdict(rig_buy(&rig, "a", id, 10099, RIG_NOW_MS, &e), DONE); /* 100 points */
    assert_verdict(rig_refund(&rig, "a", "r1", 3333, RIG_NOW_MS, &back), DONE);
    assert_int_equal(back.points, 33);
    assert_verdict(rig_refund(&rig, "a", "r1", 3333, RIG_NOW_MS, &back), REPEATED);
    assert_int_equal(back.points, 33);
    assert_verdict(rig_refund(&rig, "a", "r1", 3334, RIG_NOW_MS, &back), OTHER_CONTENT);
    assert_verdict(rig_refund(&rig, "a", "r2", 6767, RIG_NOW_MS, &back), TOO_MUCH);
    assert_verdict(rig_refund(&rig, "nothing", "r2", 1, RIG_NOW_MS, &back), NO_PAYMENT);
    assert_verdict(hold(&rig, "x", id, 60, RIG_NOW_MS, &worth), DONE);
    assert_verdict(commit(&rig, "x"), DONE);
    assert_verdict(rig_refund(&rig, "a", "r2", 6766, RIG_NOW_MS, &back), DONE);
    assert_int_equal(back.points, 67); /* the last fen takes the last point */
    assert_int_equal(back.owed, 60);
    struct loyalty_points_state s = rig_points(&rig, id, RIG_NOW_MS);
    assert_int_equal(s.free, 0);
    assert_int_equal(s.owed, 60);
    assert_verdict(rig_buy(&rig, "b", id, 5000, RIG_NOW_MS, &e),
                   DONE); /* all of it pays the debt */
    assert_int_equal(e.points, 50);
    assert_int_equal(e.settled, 50);
    assert_verdict(rig_buy(&rig, "c", id, 5000, RIG_NOW_MS, &e), DONE);
    assert_int_equal(e.settled, 10);
    s = rig_points(&rig, id, RIG_NOW_MS);
    assert_int_equal(s.free, 40);
    assert_int_equal(s.owed, 0);
    rig_stop(&rig);
}

/* ---- thousands of random steps ----------------------------------------------------------------
 */

enum { MEMBERS = 5, STEPS = 4000 };

static int64_t any(struct loyalty_rig *rig, uint32_t below)
{
    return random_below(&rig->random, below);
}

static void random_step(struct loyalty_rig *rig, char id[MEMBERS][LOYALTY_ID_LEN + 1], int n,
                        int64_t at_ms)
{
    struct loyalty_earned e;
    struct loyalty_back back;
    enum loyalty_verdict v;
    char key[16], old[16];
    int64_t worth = 0, lots = 0;
    snprintf(key, sizeof key, "k%d", n);
    snprintf(old, sizeof old, "k%d", n == 0 ? 0 : (int)any(rig, (uint32_t)n));
    const char *member = id[any(rig, MEMBERS)];
    switch (any(rig, 8)) {
    case 0:
    case 1:
        (void)rig_buy(rig, key, member, any(rig, 40000), at_ms, &e);
        break;
    case 2:
        (void)rig_refund(rig, old, key, 1 + any(rig, 30000), at_ms, &back);
        break;
    case 3:
        (void)hold(rig, key, member, 1 + any(rig, 300), at_ms, &worth);
        break;
    case 4:
        (void)commit(rig, old);
        break;
    case 5:
        (void)release(rig, old);
        break;
    case 6:
        assert_ok(loyalty_points_give_back(rig->store, bytes_text(old), bytes_text(key),
                                           1 + any(rig, 100), at_ms, &v));
        break;
    default:
        assert_ok(loyalty_points_expire(rig->store, at_ms, 3, &lots));
        break;
    }
}

static void books_balance_whatever_happens(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    char id[MEMBERS][LOYALTY_ID_LEN + 1];
    rig_start(&rig);
    for (int i = 0; i < MEMBERS; i++) rig_member_enrol(&rig, i, id[i]);
    for (int n = 0; n < STEPS; n++) {
        random_step(&rig, id, n, RIG_NOW_MS + n * RIG_A_DAY_MS / 4);
        if (n % 500 == 0) rig_check(&rig);
    }
    /* Given is what members have, what they spent, what ran out, less what they owe. */
    int64_t members = 0, spent = 0, expired = 0, cost = 0;
    for (int i = 0; i < MEMBERS; i++)
        members += rig_balance(&rig, ACCOUNT_POINTS, id[i], LOYALTY_CURRENCY_POINTS) -
                   rig_balance(&rig, ACCOUNT_POINTS_OWED, id[i], LOYALTY_CURRENCY_POINTS);
    const char *shop = "898310153110001";
    spent = rig_balance(&rig, ACCOUNT_POINTS_SPENT, shop, LOYALTY_CURRENCY_POINTS);
    expired = rig_balance(&rig, ACCOUNT_POINTS_EXPIRED, shop, LOYALTY_CURRENCY_POINTS);
    cost = rig_balance(&rig, ACCOUNT_POINTS_COST, shop, LOYALTY_CURRENCY_POINTS);
    assert_true(spent > 0 && expired > 0);
    assert_int_equal(cost, members + spent + expired);
    rig_stop(&rig);
}

static enum loyalty_verdict adjust(struct loyalty_rig *rig, const char *key, const char *member,
                                   int64_t points, const char *reason)
{
    const struct loyalty_adjustment a = {RIG_SHOP,  bytes_text(member), bytes_text(key),
                                         points,    bytes_text(reason), BYTES("owner"),
                                         RIG_NOW_MS};
    enum loyalty_verdict verdict;
    assert_ok(loyalty_points_adjust(rig->store, &a, &verdict));
    return verdict;
}

/* Only free points are taken; given ones settle what is owed first. rig_stop() holds the books. */
static void points_are_corrected_by_hand(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned e;
    struct loyalty_back back;
    struct loyalty_points_state points;
    enum loyalty_verdict verdict;
    char id[LOYALTY_ID_LEN + 1];
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    assert_verdict(rig_buy(&rig, "a", id, 10000, RIG_NOW_MS, &e), DONE); /* 100 points */
    assert_verdict(adjust(&rig, "1", id, 0, "none"), AMOUNT);
    assert_verdict(adjust(&rig, "1", id, -101, "too many"), POINTS_SHORT);
    assert_verdict(adjust(&rig, "1", id, -80, "given by mistake"), DONE);
    assert_verdict(adjust(&rig, "1", id, -80, "given by mistake"), REPEATED);
    assert_verdict(adjust(&rig, "1", id, -81, "given by mistake"), OTHER_CONTENT);
    assert_verdict(adjust(&rig, "2", "mnobody00000000", 5, "nobody"), NO_MEMBER);
    assert_ok(loyalty_earn_back(rig.store, RIG_SHOP, BYTES("a"), BYTES("b"), 10000, RIG_NOW_MS,
                                &verdict, &back));
    assert_int_equal(back.owed, 80);
    assert_verdict(adjust(&rig, "3", id, 100, "a gift"), DONE);
    assert_ok(loyalty_points(rig.store, bytes_text(id), RIG_NOW_MS, &points));
    assert_int_equal(points.free, 20);
    assert_int_equal(points.owed, 0);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiers_rise_and_fall_with_the_year),
        cmocka_unit_test(points_pay_once),
        cmocka_unit_test(what_runs_out_first_is_spent_first),
        cmocka_unit_test(a_refund_takes_points_back),
        cmocka_unit_test(books_balance_whatever_happens),
        cmocka_unit_test(points_are_corrected_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
