/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to members (S152): only who agrees, not in quiet hours, not too often, until he takes it
 * back. And what a campaign brought (S153), to the fen, and folded again.
 */
#include "loyalty/message.h"

#include "loyalty/effect.h"
#include "tests/unit/loyalty_campaign_rig.h"

static enum loyalty_verdict plan(struct loyalty_rig *rig, const char *key,
                                 struct loyalty_segment segment, int64_t at_ms, int64_t *count)
{
    struct loyalty_message_plan p = {RIG_SHOP, bytes_text(key), BYTES("spring"), segment, at_ms};
    enum loyalty_verdict v;
    *count = -1;
    assert_ok(loyalty_message_plan(rig->store, &rig->random, &p, &v, count));
    return v;
}

static bool take(struct loyalty_rig *rig, int64_t at_ms, struct loyalty_message *m)
{
    bool found = false;
    assert_ok(loyalty_message_take(rig->store, at_ms, &found, m));
    return found;
}

static void only_who_agrees_and_by_day(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_segment all = {0};
    struct loyalty_message m;
    enum loyalty_verdict v;
    char id[4][LOYALTY_ID_LEN + 1];
    int64_t count = 0, hour = 3600000;
    rig_start(&rig); /* quiet from 21:00 to 9:00; twice a week */
    assert_verdict(plan(&rig, "none", all, RIG_NOW_MS, &count), NOBODY);
    for (int i = 0; i < 4; i++) rig_member_enrol(&rig, i, id[i]);
    struct loyalty_consent_change change = {.merchant = RIG_SHOP,
                                            .id = bytes_text(id[0]),
                                            .consent = LOYALTY_CONSENT_MESSAGES,
                                            .at_ms = RIG_NOW_MS};
    assert_ok(loyalty_consent_set(rig.store, &change, &v));
    assert_verdict(v, DONE);

    assert_verdict(plan(&rig, "a", all, RIG_NOW_MS + 10 * hour, &count), DONE); /* 22:00 */
    assert_int_equal(count, 3);
    assert_verdict(plan(&rig, "a", all, RIG_NOW_MS + 10 * hour, &count), REPEATED);
    assert_int_equal(count, 3);
    assert_false(take(&rig, RIG_NOW_MS + 21 * hour - 1, &m)); /* 8:59:59.999 */
    assert_true(take(&rig, RIG_NOW_MS + 21 * hour, &m));
    assert_string_equal(m.text, "spring");
    assert_int_equal(strlen(m.token), LOYALTY_UNSUBSCRIBE_LEN);

    /* One takes his consent back by the token; the other's hour has become a quiet one. */
    char first[LOYALTY_ID_LEN + 1];
    memcpy(first, m.member, sizeof first);
    assert_ok(loyalty_unsubscribe(rig.store, bytes_text(m.token), RIG_NOW_MS, &v));
    assert_verdict(v, DONE);
    assert_ok(loyalty_unsubscribe(rig.store, bytes_text(m.token), RIG_NOW_MS, &v));
    assert_verdict(v, REPEATED);
    assert_ok(loyalty_unsubscribe(rig.store, BYTES("no such token"), RIG_NOW_MS, &v));
    assert_verdict(v, NO_MEMBER);
    assert_false(take(&rig, RIG_NOW_MS + 33 * hour, &m)); /* 21:00 */
    assert_true(take(&rig, RIG_NOW_MS + 45 * hour, &m));  /* 9:00 */
    assert_string_not_equal(m.member, first);
    assert_true(take(&rig, RIG_NOW_MS + 45 * hour, &m));
    assert_false(take(&rig, RIG_NOW_MS + 45 * hour, &m));

    assert_verdict(plan(&rig, "b", all, RIG_NOW_MS + 46 * hour, &count), DONE);
    assert_int_equal(count, 2); /* without who took it back */
    change.id = bytes_text(m.member);
    assert_ok(loyalty_consent_set(rig.store, &change, &v)); /* while it waits */
    assert_true(take(&rig, RIG_NOW_MS + 46 * hour, &m));
    assert_false(take(&rig, RIG_NOW_MS + 46 * hour, &m));
    assert_verdict(plan(&rig, "c", all, RIG_NOW_MS + 47 * hour, &count), NOBODY); /* twice a week */
    assert_verdict(plan(&rig, "c", all, RIG_NOW_MS + 9 * RIG_A_DAY_MS, &count), DONE);
    assert_int_equal(count, 1);
    rig_stop(&rig);
}

static void segments(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned e;
    char id[3][LOYALTY_ID_LEN + 1];
    int64_t count = 0, day = RIG_A_DAY_MS;
    rig_start(&rig);
    for (int i = 0; i < 3; i++) rig_member_enrol(&rig, i, id[i]);
    assert_verdict(rig_buy(&rig, "a", id[0], 100000, RIG_NOW_MS, &e), DONE); /* tier 1 */
    assert_verdict(rig_buy(&rig, "b", id[1], 99999, RIG_NOW_MS + 40 * day, &e), DONE);
    static const struct {
        struct loyalty_segment segment;
        int64_t want;
    } table[] = {
        {{0}, 3},
        {{.tiers = 1 << 1}, 1},
        {{.tiers = 1 << 0}, 2},
        {{.tiers = 1 << 1 | 1 << 0}, 3},
        {{.visited_from_ms = RIG_NOW_MS}, 2},
        {{.visited_from_ms = RIG_NOW_MS + 1}, 1},
        {{.not_since_ms = RIG_NOW_MS + 1}, 2},
        {{.visited_from_ms = RIG_NOW_MS, .not_since_ms = RIG_NOW_MS + 1}, 1},
        {{.birth_month = 3}, 3},
        {{.birth_month = 4}, -1},
        {{.spent_from_minor = 100000}, 1},
        {{.spent_from_minor = 99999}, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char key[8];
        snprintf(key, sizeof key, "k%d", (int)i);
        /* A week and more apart, so that nobody has had his number. */
        enum loyalty_verdict v =
            plan(&rig, key, table[i].segment, RIG_NOW_MS + (50 + (int64_t)i * 8) * day, &count);
        assert_int_equal(v, table[i].want < 0 ? LOYALTY_NOBODY : LOYALTY_DONE);
        assert_int_equal(count, table[i].want);
    }
    rig_stop(&rig);
}

/* ---- the effect of a campaign -----------------------------------------------------------------
 */

static void buy_with(struct loyalty_rig *rig, const struct offer_campaign *c, const char *key,
                     const char *member, int64_t at_ms)
{
    struct loyalty_ask ask = rig_ask(member, 5000);
    struct loyalty_earned e;
    ask.sale.at_ms = at_ms;
    assert_verdict(rig_reserve(rig, key, &ask, c->id, 1000, ""), DONE);
    assert_verdict(rig_give(rig, key), DONE);
    assert_verdict(rig_buy(rig, key, member, 4000, at_ms, &e), DONE);
}

static void a_report_is_the_sum_of_its_rows(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned e;
    struct loyalty_back b;
    char id[2][LOYALTY_ID_LEN + 1];
    int64_t day = RIG_A_DAY_MS, today = (RIG_NOW_MS + CLOCK_CHINA_OFFSET_MS) / day, differing = -1;
    rig_start(&rig);
    for (int i = 0; i < 2; i++) rig_member_enrol(&rig, i, id[i]);
    struct offer_campaign c = rig_campaign("x");
    rig_run(&rig, &c);
    assert_verdict(rig_buy(&rig, "w1", "", 3000, RIG_NOW_MS - 7 * day, &e), DONE);
    assert_verdict(rig_buy(&rig, "w2", "", 500, RIG_NOW_MS - 6 * day, &e), DONE);
    assert_verdict(rig_buy(&rig, "w3", "", 900, RIG_NOW_MS - 4 * day, &e), DONE); /* neither */
    buy_with(&rig, &c, "a", id[0], RIG_NOW_MS);
    buy_with(&rig, &c, "b", id[1], RIG_NOW_MS);
    buy_with(&rig, &c, "c", "", RIG_NOW_MS + day);
    buy_with(&rig, &c, "d", "", RIG_NOW_MS + day);
    assert_verdict(rig_undo(&rig, "d"), DONE); /* voided, and its money given back */
    assert_verdict(rig_refund(&rig, "d", "rd", 4000, RIG_NOW_MS + day, &b), DONE);
    assert_verdict(rig_buy(&rig, "e", id[0], 700, RIG_NOW_MS + day, &e), DONE); /* came again */
    assert_verdict(rig_refund(&rig, "a", "ra", 1500, RIG_NOW_MS + day, &b), DONE);

    struct loyalty_effect effect;
    enum loyalty_verdict v;
    assert_ok(loyalty_effect(rig.store, RIG_SHOP, bytes_text(c.id), today, 2, &v, &effect));
    assert_verdict(v, DONE);
    assert_int_equal(effect.times, 3);
    assert_int_equal(effect.cost_minor, 3000);
    assert_int_equal(effect.with_minor, 3 * 4000 - 1500);
    assert_int_equal(effect.members, 2);
    assert_int_equal(effect.members_again, 1);
    assert_int_equal(effect.again_ppm, 500000);
    assert_int_equal(effect.sales_minor, 3 * 4000 - 1500 + 700);
    assert_int_equal(effect.sales, 4);
    assert_int_equal(effect.before_day, today - 7);
    assert_int_equal(effect.before_minor, 3500);
    assert_int_equal(effect.before, 2);
    assert_int_equal(effect.extra_minor, 11200 - 3500);
    assert_ok(loyalty_effect_check(rig.store, &differing));
    assert_int_equal(differing, 0);
    assert_ok(store_exec(rig.store, "UPDATE campaign_day SET minor = minor + 1 WHERE times = 2"));
    assert_ok(loyalty_effect_check(rig.store, &differing));
    assert_int_equal(differing, 1); /* it can fail */
    assert_ok(loyalty_effect(rig.store, RIG_SHOP, BYTES("cnone"), today, 2, &v, &effect));
    assert_verdict(v, NO_CAMPAIGN);
    assert_err(loyalty_effect(rig.store, RIG_SHOP, bytes_text(c.id), today, 367, &v, &effect),
               RANGE);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_who_agrees_and_by_day),
        cmocka_unit_test(segments),
        cmocka_unit_test(a_report_is_the_sum_of_its_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
