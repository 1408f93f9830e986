/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Campaigns that are kept (S150): versions, states, budgets; the best offer at the host; parts of
 * payments reserved, given, released, undone; sixty-four at once never exceed a budget; coupons are
 * used once (S151).
 */
#include "tests/unit/loyalty_campaign_rig.h"

static void two_owners_edit_one_campaign(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    struct offer_campaign c = rig_campaign("x");
    c.id[0] = '\0';
    assert_verdict(rig_save(&rig, "first", &c), DONE);
    assert_int_equal(c.version, 1);
    struct offer_campaign mine = c, other = c;
    mine.off_minor = 700;
    other.off_minor = 900;
    assert_verdict(rig_save(&rig, "first", &mine), DONE);
    assert_int_equal(mine.version, 2);
    assert_verdict(rig_save(&rig, "second", &other), CHANGED);
    assert_int_equal(other.version, 1); /* not touched */
    struct loyalty_campaign now = rig_read(&rig, c.id);
    assert_int_equal(now.offer.off_minor, 700);
    assert_string_equal(now.changed_by, "first");
    struct offer_campaign old;
    enum loyalty_verdict verdict;
    assert_ok(loyalty_campaign_version(rig.store, bytes_text(c.id), 1, &verdict, &old));
    assert_int_equal(old.off_minor, 1000);
    assert_ok(loyalty_campaign_version(rig.store, bytes_text(c.id), 3, &verdict, &old));
    assert_verdict(verdict, NO_CAMPAIGN);
    other.version = 2;
    assert_verdict(rig_save(&rig, "second", &other), DONE);
    assert_verdict(rig_move(&rig, &mine, LOYALTY_RUNNING), CHANGED);
    assert_verdict(rig_move(&rig, &other, LOYALTY_RUNNING), DONE);
    rig_stop(&rig);
}

/* Whoever lost the answer asks again with the same key. */
static void what_is_asked_again_is_not_made_again(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    struct loyalty_act act = {RIG_SHOP, BYTES("owner"), RIG_NOW_MS, BYTES("owner 7: make")};
    struct offer_campaign c = rig_campaign("x"), again;
    enum loyalty_verdict v;
    enum offer_fault fault;
    uint32_t version = 0;
    c.id[0] = '\0';
    again = c;
    assert_ok(loyalty_campaign_save(rig.store, &rig.random, &act, &c, &v, &fault));
    assert_verdict(v, DONE);
    assert_ok(loyalty_campaign_save(rig.store, &rig.random, &act, &again, &v, &fault));
    assert_verdict(v, REPEATED);
    assert_string_equal(again.id, c.id);
    assert_int_equal(again.version, 1);
    act.key = BYTES("owner 7: start");
    for (int i = 0; i < 2; i++) {
        assert_ok(loyalty_campaign_move(rig.store, &act, bytes_text(c.id), 1, LOYALTY_RUNNING, &v,
                                        &version));
        assert_int_equal(v, i == 0 ? LOYALTY_DONE : LOYALTY_REPEATED);
        assert_int_equal(version, 2);
    }
    struct loyalty_campaign_ids ids;
    assert_ok(loyalty_campaigns(rig.store, RIG_SHOP, BYTES(""), &ids));
    assert_int_equal(ids.count, 1);
    rig_stop(&rig);
}

static void budgets_are_granted_changed_and_returned(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    struct offer_campaign c = rig_campaign("x"), zero = c;
    zero.id[0] = '\0';
    zero.budget_minor = 0;
    assert_verdict(rig_save(&rig, "owner", &zero), BUDGET_ZERO);
    zero.budget_minor = 5;
    zero.weekdays = 0;
    assert_verdict(rig_save(&rig, "owner", &zero), CAMPAIGN_FAULT);

    c.budget_minor = 10000;
    c.budget_count = 20;
    rig_run(&rig, &c);
    struct loyalty_ask ask = rig_ask("", 5000);
    assert_verdict(rig_reserve(&rig, "a", &ask, c.id, 1000, ""), DONE);
    assert_verdict(rig_reserve(&rig, "b", &ask, c.id, 1000, ""), DONE);
    assert_verdict(rig_give(&rig, "b"), DONE);
    struct loyalty_campaign now = rig_read(&rig, c.id);
    assert_int_equal(now.left_minor, 8000);
    assert_int_equal(now.left_uses, 18);
    assert_int_equal(now.given_minor, 1000);
    c.budget_minor = 1999; /* less than what is given and reserved */
    assert_verdict(rig_save(&rig, "owner", &c), BUDGET_GIVEN);
    c.budget_minor = 2000;
    c.budget_count = 1;
    assert_verdict(rig_save(&rig, "owner", &c), BUDGET_GIVEN);
    c.budget_count = 2;
    assert_verdict(rig_save(&rig, "owner", &c), DONE);
    assert_verdict(rig_reserve(&rig, "c", &ask, c.id, 1000, ""), BUDGET_SPENT);
    c.budget_minor = 3000;
    c.budget_count = 0;
    assert_verdict(rig_save(&rig, "owner", &c), DONE);
    assert_verdict(rig_reserve(&rig, "c", &ask, c.id, 1000, ""), DONE);

    assert_verdict(rig_move(&rig, &c, LOYALTY_PAUSED), DONE);
    assert_verdict(rig_reserve(&rig, "d", &ask, c.id, 1000, ""), CAMPAIGN_STATE);
    assert_verdict(rig_give(&rig, "a"), DONE); /* what was reserved before still counts */
    assert_verdict(rig_move(&rig, &c, LOYALTY_ENDED), DONE);
    assert_verdict(rig_move(&rig, &c, LOYALTY_RUNNING), CAMPAIGN_STATE);
    assert_verdict(rig_save(&rig, "owner", &c), CAMPAIGN_STATE);
    assert_verdict(rig_release(&rig, "c"), DONE); /* and goes back to the grant after the end */
    assert_verdict(rig_undo(&rig, "b"), DONE);
    assert_int_equal(rig_read(&rig, c.id).left_minor, 0);
    assert_int_equal(rig_balance(&rig, ACCOUNT_CAMPAIGN_GRANT, "898310153110001", 156), 1000);
    assert_int_equal(rig_read(&rig, c.id).given_minor, 1000);
    rig_stop(&rig);
}

static void no_more_run_than_can_be_computed(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    struct offer_campaign c = rig_campaign("x");
    for (int i = 0; i < OFFER_CANDIDATES_MAX; i++) rig_run(&rig, &c);
    c.id[0] = '\0';
    assert_verdict(rig_save(&rig, "owner", &c), DONE);
    assert_verdict(rig_move(&rig, &c, LOYALTY_RUNNING), TOO_MANY);
    struct loyalty_campaign_ids ids;
    assert_ok(loyalty_campaigns_running(rig.store, RIG_SHOP, &ids));
    assert_int_equal(ids.count, 32);
    assert_ok(loyalty_campaigns(rig.store, RIG_SHOP, BYTES(""), &ids));
    assert_int_equal(ids.count, 32);
    assert_ok(loyalty_campaigns(rig.store, RIG_SHOP, bytes_text(ids.id[31]), &ids));
    assert_int_equal(ids.count, 1);
    rig_stop(&rig);
}

static void the_host_computes_what_is_best(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    char id[LOYALTY_ID_LEN + 1], code[LOYALTY_COUPON_LEN + 1];
    struct loyalty_earned earned;
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    struct offer_campaign birthday = rig_campaign("b"), stamps = rig_campaign("s"),
                          coupon = rig_campaign("c"), first = rig_campaign("f");
    birthday.kind = OFFER_BIRTHDAY;
    birthday.birthday = OFFER_THE_DAY;
    stamps.kind = OFFER_STAMPS;
    stamps.stamps_every = 3;
    coupon.kind = OFFER_COUPON;
    first.kind = OFFER_FIRST_ORDER;
    birthday.members_only = stamps.members_only = first.members_only = true;
    birthday.off_minor = 100;
    stamps.off_minor = 200;
    coupon.off_minor = 400;
    first.off_minor = 800;
    birthday.per_member_day = 1;
    rig_run(&rig, &birthday);
    rig_run(&rig, &stamps);
    rig_run(&rig, &coupon);
    rig_run(&rig, &first);
    struct loyalty_ask ask = rig_ask(id, 5000);
    static struct loyalty_best best;
    assert_ok(loyalty_best(rig.store, &ask, &best));
    assert_int_equal(best.result.total_minor, 900); /* his birthday and his first */
    rig_coupon(&rig, coupon.id, id, "i", code);
    assert_ok(loyalty_best(rig.store, &ask, &best));
    assert_int_equal(best.result.total_minor, 1300);

    struct loyalty_reservation r = {.ask = ask, .key = BYTES("k"), .parts = best.result.taken};
    for (size_t i = 0; i < r.parts; i++) {
        const struct offer_line *line = &best.result.line[i];
        r.part[i] = (struct loyalty_part){bytes_text(line->campaign->id),
                                          bytes_text(best.coupon[line->campaign - best.campaign]),
                                          line->minor};
    }
    enum loyalty_verdict verdict;
    assert_ok(loyalty_reserve(rig.store, &r, &verdict));
    assert_verdict(verdict, DONE);
    assert_verdict(rig_give(&rig, "k"), DONE);
    assert_verdict(rig_buy(&rig, "k", id, 3700, RIG_NOW_MS, &earned), DONE);
    assert_ok(loyalty_best(rig.store, &ask, &best));
    assert_int_equal(best.result.total_minor, 0); /* once a day, once, once; one stamp of three */
    assert_verdict(rig_buy(&rig, "k2", id, 1000, RIG_NOW_MS, &earned), DONE);
    assert_ok(loyalty_best(rig.store, &ask, &best));
    assert_int_equal(best.result.total_minor, 200);
    ask.member = BYTES("");
    assert_ok(loyalty_best(rig.store, &ask, &best));
    assert_int_equal(best.result.total_minor, 0);
    rig_stop(&rig);
}

/* A tier that was reached a year ago counts no more, though it still stands in his row. */
static void an_old_tier_gives_nothing(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    char id[LOYALTY_ID_LEN + 1];
    struct loyalty_earned earned;
    static struct loyalty_best best;
    int64_t year = 366 * RIG_A_DAY_MS, fallen = -1;
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    struct offer_campaign c = rig_campaign("x");
    c.members_only = true;
    c.tiers = 1 << 1;
    c.until_ms += year;
    rig_run(&rig, &c);
    assert_verdict(rig_buy(&rig, "a", id, 100000, RIG_NOW_MS, &earned), DONE);
    struct loyalty_ask ask = rig_ask(id, 5000);
    ask.sale.at_ms++;
    assert_ok(loyalty_best(rig.store, &ask, &best));
    assert_int_equal(best.result.total_minor, 1000);
    ask.sale.at_ms += year;
    assert_ok(loyalty_best(rig.store, &ask, &best));
    assert_int_equal(best.result.line[0].reason, OFFER_FOR_OTHER_TIERS);
    assert_ok(loyalty_tiers_fall(rig.store, RIG_SHOP, RIG_NOW_MS + 1, &fallen));
    assert_int_equal(fallen, 0);
    assert_ok(loyalty_tiers_fall(rig.store, RIG_SHOP, RIG_NOW_MS + year, &fallen));
    assert_int_equal(fallen, 1);
    rig_stop(&rig);
}

static void nothing_is_taken_that_the_rules_do_not_give(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    char id[LOYALTY_ID_LEN + 1];
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    struct offer_campaign c = rig_campaign("x");
    c.members_only = true;
    c.per_member = 2;
    rig_run(&rig, &c);
    struct loyalty_ask ask = rig_ask(id, 5000), nobody = rig_ask("", 5000);
    assert_verdict(rig_reserve(&rig, "a", &ask, c.id, 1001, ""), OFFER_CHANGED);
    assert_verdict(rig_reserve(&rig, "a", &ask, c.id, 999, ""), OFFER_CHANGED);
    assert_verdict(rig_reserve(&rig, "a", &nobody, c.id, 1000, ""), OFFER_CHANGED);
    assert_verdict(rig_reserve(&rig, "a", &ask, "cnothing", 1000, ""), CAMPAIGN_STATE);
    assert_verdict(rig_reserve(&rig, "a", &ask, c.id, 1000, ""), DONE);
    assert_verdict(rig_reserve(&rig, "a", &ask, c.id, 1000, ""), REPEATED);
    assert_verdict(rig_reserve(&rig, "a", &ask, c.id, 999, ""), OTHER_CONTENT);
    assert_verdict(rig_reserve(&rig, "b", &ask, c.id, 1000, ""), DONE);
    assert_verdict(rig_reserve(&rig, "c", &ask, c.id, 1000, ""), USED_UP);
    assert_verdict(rig_release(&rig, "b"), DONE);
    assert_verdict(rig_release(&rig, "b"), REPEATED);
    assert_verdict(rig_give(&rig, "b"), DECIDED);
    assert_verdict(rig_undo(&rig, "b"), DECIDED);
    assert_verdict(rig_give(&rig, "nothing"), NO_PAYMENT);
    assert_verdict(rig_reserve(&rig, "c", &ask, c.id, 1000, ""), DONE);
    assert_verdict(rig_give(&rig, "a"), DONE);
    assert_verdict(rig_give(&rig, "a"), REPEATED);
    assert_verdict(rig_undo(&rig, "a"), DONE);
    assert_verdict(rig_undo(&rig, "a"), REPEATED);
    assert_int_equal(rig_read(&rig, c.id).given_minor, 0);
    rig_stop(&rig);
}

/* ---- sixty-four at once -----------------------------------------------------------------------
 */

enum { ASKERS = 64 };

/* All have seen the same budget before the first of them reserves. */
static void sixty_four_at_once_never_exceed_the_budget(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    struct offer_campaign c = rig_campaign("x");
    c.off_minor = 300;
    c.budget_minor = 10000; /* thirty-three of them, and one yuan is left over */
    rig_run(&rig, &c);
    struct loyalty_ask ask = rig_ask("", 5000);
    static struct loyalty_best best[ASKERS];
    for (int i = 0; i < ASKERS; i++) {
        assert_ok(loyalty_best(rig.store, &ask, &best[i]));
        assert_int_equal(best[i].result.total_minor, 300);
    }
    int state_of[ASKERS] = {0}, done = 0;
    int64_t given = 0;
    for (int round = 0; round < 4000; round++) {
        int i = (int)random_below(&rig.random, ASKERS);
        char key[8];
        snprintf(key, sizeof key, "k%d", i);
        if (state_of[i] == 0) {
            enum loyalty_verdict v = rig_reserve(&rig, key, &ask, c.id, 300, "");
            assert_true(v == LOYALTY_DONE || v == LOYALTY_BUDGET_SPENT);
            if (v == LOYALTY_DONE) state_of[i] = 1;
            else if (round > 2000) state_of[i] = 3;
        } else if (state_of[i] == 1 && random_below(&rig.random, 3) == 0 && done < 20) {
            assert_verdict(rig_release(&rig, key), DONE);
            state_of[i] = 3;
            done++;
        } else if (state_of[i] == 1) {
            assert_verdict(rig_give(&rig, key), DONE);
            state_of[i] = 2;
            given += 300;
        }
        struct loyalty_campaign now = rig_read(&rig, c.id);
        assert_true(now.given_minor <= c.budget_minor && now.left_minor >= 0);
        assert_int_equal(now.given_minor, given);
    }
    assert_int_equal(given, 33 * 300); /* as much as there is, whoever came first */
    assert_int_equal(rig_read(&rig, c.id).left_minor, 100);
    rig_stop(&rig);
}

static void a_coupon_is_used_once(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    char id[LOYALTY_ID_LEN + 1], other[LOYALTY_ID_LEN + 1];
    char code[LOYALTY_COUPON_LEN + 1], again[LOYALTY_COUPON_LEN + 1], bearer[17];
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    rig_member_enrol(&rig, 2, other);
    struct offer_campaign c = rig_campaign("x"), plain = rig_campaign("y");
    c.kind = OFFER_COUPON;
    rig_run(&rig, &c);
    rig_run(&rig, &plain);
    rig_coupon(&rig, c.id, id, "issue", code);
    struct loyalty_coupon_issue issue = {RIG_SHOP,       bytes_text(c.id), bytes_text(id),
                                         BYTES("issue"), RIG_NOW_MS,       RIG_NOW_MS + 1};
    enum loyalty_verdict verdict;
    assert_ok(loyalty_coupon_issue(rig.store, &rig.random, &issue, &verdict, again));
    assert_verdict(verdict, REPEATED);
    assert_string_equal(again, code);
    issue.key = BYTES("x");
    issue.campaign = bytes_text(plain.id);
    assert_ok(loyalty_coupon_issue(rig.store, &rig.random, &issue, &verdict, again));
    assert_verdict(verdict, CAMPAIGN_STATE);

    struct loyalty_ask ask = rig_ask(id, 5000), others = rig_ask(other, 5000);
    assert_verdict(rig_reserve(&rig, "a", &others, c.id, 1000, code), COUPON_OTHERS);
    assert_verdict(rig_reserve(&rig, "a", &ask, c.id, 1000, "no such coupon"), OFFER_CHANGED);
    assert_verdict(rig_reserve(&rig, "a", &ask, c.id, 1000, code), DONE);
    assert_verdict(rig_reserve(&rig, "b", &ask, c.id, 1000, code), COUPON_SPENT);
    assert_verdict(rig_release(&rig, "a"), DONE);
    assert_verdict(rig_reserve(&rig, "b", &ask, c.id, 1000, code), DONE);
    assert_verdict(rig_give(&rig, "b"), DONE);
    assert_verdict(rig_reserve(&rig, "d", &ask, c.id, 1000, code), COUPON_SPENT);
    assert_verdict(rig_undo(&rig, "b"), DONE);
    assert_verdict(rig_reserve(&rig, "d", &ask, c.id, 1000, code), DONE);

    rig_coupon(&rig, c.id, "", "for whoever shows it", bearer);
    struct loyalty_ask nobody = rig_ask("", 5000);
    assert_verdict(rig_reserve(&rig, "e", &nobody, c.id, 1000, "nosuch"), NO_COUPON);
    nobody.sale.at_ms += 8 * RIG_A_DAY_MS;
    assert_verdict(rig_reserve(&rig, "e", &nobody, c.id, 1000, bearer), DONE);
    struct loyalty_coupon coupon;
    assert_ok(loyalty_coupon(rig.store, RIG_SHOP, bytes_text(bearer), &verdict, &coupon));
    assert_int_equal(coupon.state, LOYALTY_COUPON_RESERVED);
    assert_ok(loyalty_coupon(rig.store, BYTES("1"), bytes_text(bearer), &verdict, &coupon));
    assert_verdict(verdict, NO_COUPON);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_owners_edit_one_campaign),
        cmocka_unit_test(what_is_asked_again_is_not_made_again),
        cmocka_unit_test(budgets_are_granted_changed_and_returned),
        cmocka_unit_test(no_more_run_than_can_be_computed),
        cmocka_unit_test(the_host_computes_what_is_best),
        cmocka_unit_test(an_old_tier_gives_nothing),
        cmocka_unit_test(nothing_is_taken_that_the_rules_do_not_give),
        cmocka_unit_test(sixty_four_at_once_never_exceed_the_budget),
        cmocka_unit_test(a_coupon_is_used_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
