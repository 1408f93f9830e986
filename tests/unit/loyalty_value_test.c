/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stored value (S149): topped up with bonus, principal spent first, given back in reverse, paid
 * out; what the merchant owes is what its members have, after thousands of random steps too.
 */
#include "loyalty/value.h"

#include "tests/unit/loyalty_rig.h"

static struct loyalty_value_order order(const char *key, const char *member, int64_t amount_minor)
{
    return (struct loyalty_value_order){RIG_SHOP, bytes_text(key), bytes_text(member), amount_minor,
                                        RIG_NOW_MS};
}

static enum loyalty_verdict top_up(struct loyalty_rig *rig, const char *key, const char *member,
                                   int64_t amount_minor, int64_t *bonus)
{
    struct loyalty_value_order o = order(key, member, amount_minor);
    enum loyalty_verdict v;
    assert_ok(loyalty_value_top_up(rig->store, &o, &v, bonus));
    return v;
}

static enum loyalty_verdict hold(struct loyalty_rig *rig, const char *key, const char *member,
                                 int64_t amount_minor)
{
    struct loyalty_value_order o = order(key, member, amount_minor);
    enum loyalty_verdict v;
    assert_ok(loyalty_value_hold(rig->store, &o, &v));
    return v;
}

static enum loyalty_verdict commit(struct loyalty_rig *rig, const char *key)
{
    enum loyalty_verdict v;
    assert_ok(loyalty_value_commit(rig->store, bytes_text(key), RIG_NOW_MS, &v));
    return v;
}

static enum loyalty_verdict release(struct loyalty_rig *rig, const char *key)
{
    enum loyalty_verdict v;
    assert_ok(loyalty_value_release(rig->store, bytes_text(key), RIG_NOW_MS, &v));
    return v;
}

static enum loyalty_verdict back(struct loyalty_rig *rig, const char *key, const char *refund,
                                 int64_t amount_minor)
{
    enum loyalty_verdict v;
    assert_ok(loyalty_value_give_back(rig->store, bytes_text(key), bytes_text(refund), amount_minor,
                                      RIG_NOW_MS, &v));
    return v;
}

static enum loyalty_verdict pay_out(struct loyalty_rig *rig, const char *member, const char *key,
                                    int64_t *minor)
{
    enum loyalty_verdict v;
    assert_ok(loyalty_value_pay_out(rig->store, RIG_SHOP, bytes_text(member), bytes_text(key),
                                    RIG_NOW_MS, &v, minor));
    return v;
}

static void has(struct loyalty_rig *rig, const char *member, int64_t principal, int64_t bonus,
                int64_t held)
{
    struct loyalty_value value;
    assert_ok(loyalty_value(rig->store, bytes_text(member), &value));
    assert_int_equal(value.principal_minor, principal);
    assert_int_equal(value.bonus_minor, bonus);
    assert_int_equal(value.held_minor, held);
}

static int64_t owed(struct loyalty_rig *rig)
{
    int64_t minor = -1, difference = -1;
    assert_ok(loyalty_value_owed(rig->store, RIG_SHOP, &minor, &difference));
    assert_int_equal(difference, 0);
    return minor;
}

static void principal_first_and_the_bonus_last(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    char id[LOYALTY_ID_LEN + 1];
    int64_t bonus = -1, minor = -1;
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    assert_verdict(top_up(&rig, "t", id, 0, &bonus), AMOUNT);
    assert_verdict(top_up(&rig, "t", "mnobody", 100, &bonus), WITHOUT_MEMBER);
    assert_verdict(top_up(&rig, "t", id, 10000, &bonus), DONE);
    assert_int_equal(bonus, 500);
    assert_verdict(top_up(&rig, "t", id, 10000, &bonus), REPEATED);
    assert_verdict(top_up(&rig, "t", id, 9999, &bonus), OTHER_CONTENT);
    has(&rig, id, 10000, 500, 0);
    assert_int_equal(owed(&rig), 10500);

    assert_verdict(hold(&rig, "p", id, 10501), VALUE_SHORT);
    assert_verdict(hold(&rig, "p", id, 10200), DONE);
    assert_verdict(hold(&rig, "p", id, 10200), REPEATED);
    assert_verdict(hold(&rig, "t", id, 10000), OTHER_CONTENT);
    has(&rig, id, 0, 300, 10200);
    assert_verdict(pay_out(&rig, id, "o", &minor), UNDECIDED);
    assert_verdict(release(&rig, "p"), DONE);
    assert_verdict(commit(&rig, "p"), DECIDED);
    has(&rig, id, 10000, 500, 0);
    assert_verdict(hold(&rig, "q", id, 10200), DONE);
    assert_verdict(commit(&rig, "q"), DONE);
    assert_verdict(commit(&rig, "q"), REPEATED);
    assert_verdict(commit(&rig, "t"), NO_PAYMENT);
    has(&rig, id, 0, 300, 0);

    assert_verdict(back(&rig, "q", "r", 150), DONE); /* of the bonus */
    has(&rig, id, 0, 450, 0);
    assert_verdict(back(&rig, "q", "r", 150), REPEATED);
    assert_verdict(back(&rig, "q", "r", 151), OTHER_CONTENT);
    assert_verdict(back(&rig, "p", "s", 1), NO_PAYMENT);
    assert_verdict(back(&rig, "q", "s", 10051), TOO_MUCH);
    assert_verdict(back(&rig, "q", "s", 10050), DONE);
    has(&rig, id, 10000, 500, 0);

    struct loyalty_value_line line[8];
    size_t count = 0;
    assert_ok(loyalty_value_statement(rig.store, bytes_text(id), 0, line, 8, &count));
    assert_int_equal(count, 4); /* the released payment is none */
    assert_int_equal(line[0].kind, LOYALTY_VALUE_GIVEN_BACK);
    assert_int_equal(line[0].principal_minor, 10000);
    assert_int_equal(line[2].principal_minor, -10000);
    assert_int_equal(line[2].bonus_minor, -200);
    assert_ok(loyalty_value_statement(rig.store, bytes_text(id), line[2].number, line, 8, &count));
    assert_int_equal(count, 1);

    enum loyalty_verdict v;
    assert_ok(loyalty_erase(rig.store, RIG_SHOP, bytes_text(id), RIG_NOW_MS, &v));
    assert_verdict(v, OWED_TO_MEMBER);
    assert_verdict(pay_out(&rig, id, "o", &minor), DONE);
    assert_int_equal(minor, 10000);
    minor = 0;
    assert_verdict(pay_out(&rig, id, "o", &minor), REPEATED);
    assert_int_equal(minor, 10000);
    assert_int_equal(owed(&rig), 0);
    assert_ok(loyalty_erase(rig.store, RIG_SHOP, bytes_text(id), RIG_NOW_MS, &v));
    assert_verdict(v, DONE);
    rig_stop(&rig);
}

enum { MEMBERS = 4, STEPS = 3000 };

static int64_t any(struct loyalty_rig *rig, uint32_t below)
{
    return random_below(&rig->random, below);
}

static void what_is_owed_is_what_members_have(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    char id[MEMBERS][LOYALTY_ID_LEN + 1];
    int64_t minor = 0, most = 0;
    rig_start(&rig);
    for (int i = 0; i < MEMBERS; i++) rig_member_enrol(&rig, i, id[i]);
    for (int n = 0; n < STEPS; n++) {
        char key[16], old[16];
        snprintf(key, sizeof key, "k%d", n);
        snprintf(old, sizeof old, "k%d", n == 0 ? 0 : (int)any(&rig, (uint32_t)n));
        const char *member = id[any(&rig, MEMBERS)];
        switch (any(&rig, 8)) {
        case 0:
            (void)top_up(&rig, key, member, 1 + any(&rig, 60000), &minor);
            break;
        case 1:
        case 2:
            (void)hold(&rig, key, member, 1 + any(&rig, 20000));
            break;
        case 3:
        case 4:
            (void)commit(&rig, old);
            break;
        case 5:
            (void)release(&rig, old);
            break;
        case 6:
            (void)back(&rig, old, key, 1 + any(&rig, 9000));
            break;
        default:
            if (any(&rig, 20) == 0) (void)pay_out(&rig, member, key, &minor);
            break;
        }
        int64_t now = owed(&rig);
        if (now > most) most = now;
    }
    assert_true(most > 100000);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(principal_first_and_the_bonus_last),
        cmocka_unit_test(what_is_owed_is_what_members_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
