/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members: enrolled once, anonymous too, found by telephone, tail, card and code (S146, S147);
 * consent given and withdrawn, also in mid-payment; exported and erased (S154).
 */
#include "tests/unit/loyalty_rig.h"

static void a_programme_has_one_newest_version(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    enum loyalty_verdict verdict;
    rig_start(&rig);
    struct loyalty_programme p = rig_programme(), read = {{0}};
    assert_ok(loyalty_programme_save(rig.store, &p, &verdict)); /* the answer was lost */
    assert_verdict(verdict, REPEATED);
    p.points_per_yuan = 40;
    assert_ok(loyalty_programme_save(rig.store, &p, &verdict)); /* as if nobody had saved one */
    assert_verdict(verdict, CHANGED);
    p.version = 1;
    p.points_per_yuan = 50;
    assert_ok(loyalty_programme_save(rig.store, &p, &verdict));
    assert_verdict(verdict, DONE);
    assert_ok(loyalty_programme(rig.store, RIG_SHOP, &verdict, &read));
    assert_int_equal(read.version, 2);
    assert_int_equal(read.points_per_yuan, 50);
    assert_int_equal(read.tier[2].from_minor, 500000);
    assert_int_equal(read.bonus[1].bonus_minor, 5000);
    assert_int_equal(loyalty_points_worth(&read, 99), 198);
    assert_int_equal(loyalty_bonus_of(&read, 9999), 0);
    assert_int_equal(loyalty_bonus_of(&read, 50000), 5000);
    p.version = 2;
    p.tier[1].from_minor = 0; /* not above tier 0 */
    assert_ok(loyalty_programme_save(rig.store, &p, &verdict));
    assert_verdict(verdict, SETTINGS);
    assert_ok(loyalty_programme(rig.store, BYTES("1"), &verdict, &read));
    assert_verdict(verdict, NO_PROGRAMME);
    for (int v = 0; v < LOYALTY_VERDICTS; v++) {
        assert_true(strlen(loyalty_verdict_name((enum loyalty_verdict)v)) > 2);
        assert_true(strlen(loyalty_verdict_text((enum loyalty_verdict)v, false)) > 4);
        assert_true(strlen(loyalty_verdict_text((enum loyalty_verdict)v, true)) > 8);
    }
    rig_stop(&rig);
}

static void a_telephone_is_one_member(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    char first[LOYALTY_ID_LEN + 1], other[LOYALTY_ID_LEN + 1], again[LOYALTY_ID_LEN + 1] = "";
    rig_member_enrol(&rig, 1, first);
    rig_member_enrol(&rig, 101, other); /* the same tail */
    assert_string_not_equal(first, other);
    assert_int_equal(first[0], 'm');

    uint8_t phone[LOYALTY_INDEX_LEN], tail[LOYALTY_INDEX_LEN];
    rig_index(phone, 1);
    rig_index(tail, 10001);
    struct loyalty_enrolment e = {.merchant = RIG_SHOP,
                                  .phone_index = BYTES_OF(phone),
                                  .tail_index = BYTES_OF(tail),
                                  .phone_sealed = BYTES("x"),
                                  .text_version = BYTES("2026-03"),
                                  .consent = {false, true},
                                  .at_ms = RIG_NOW_MS + 1};
    enum loyalty_verdict verdict;
    assert_ok(loyalty_enrol(rig.store, &rig.random, &e, &verdict, again));
    assert_verdict(verdict, KNOWN);
    assert_string_equal(again, first);
    e.consent[LOYALTY_CONSENT_PROGRAMME] = false;
    assert_ok(loyalty_enrol(rig.store, &rig.random, &e, &verdict, again));
    assert_verdict(verdict, NO_CONSENT);
    e.consent[LOYALTY_CONSENT_PROGRAMME] = true;
    e.birthday = 230;
    assert_ok(loyalty_enrol(rig.store, &rig.random, &e, &verdict, again));
    assert_verdict(verdict, AMOUNT);

    struct loyalty_found found;
    assert_ok(loyalty_find(rig.store, RIG_SHOP, LOYALTY_BY_PHONE, BYTES_OF(phone), &found));
    assert_int_equal(found.count, 1);
    assert_string_equal(found.id[0], first);
    assert_ok(loyalty_find(rig.store, RIG_SHOP, LOYALTY_BY_TAIL, BYTES_OF(tail), &found));
    assert_int_equal(found.count, 2);
    assert_ok(loyalty_find(rig.store, BYTES("2"), LOYALTY_BY_PHONE, BYTES_OF(phone), &found));
    assert_int_equal(found.count, 0); /* another merchant's members are not there */
    rig_stop(&rig);
}

static void anonymous_members_show_a_code(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    struct loyalty_enrolment e = {.merchant = RIG_SHOP,
                                  .text_version = BYTES("2026-03"),
                                  .consent = {false, true},
                                  .at_ms = RIG_NOW_MS};
    char id[LOYALTY_ID_LEN + 1];
    enum loyalty_verdict verdict;
    assert_ok(loyalty_enrol(rig.store, &rig.random, &e, &verdict, id));
    assert_verdict(verdict, DONE);
    char again[LOYALTY_ID_LEN + 1];
    e.key = BYTES("cashier 3: 17");
    assert_ok(loyalty_enrol(rig.store, &rig.random, &e, &verdict, id));
    assert_verdict(verdict, DONE);
    assert_ok(loyalty_enrol(rig.store, &rig.random, &e, &verdict, again)); /* the answer was lost */
    assert_verdict(verdict, REPEATED);
    assert_string_equal(again, id);
    struct loyalty_member member;
    assert_ok(loyalty_member(rig.store, RIG_SHOP, bytes_text(id), &verdict, &member));
    assert_false(member.has_phone || member.has_card);
    assert_int_equal(strlen(member.code), LOYALTY_CODE_LEN);
    struct loyalty_found found;
    assert_ok(loyalty_find(rig.store, RIG_SHOP, LOYALTY_BY_CODE, bytes_text(member.code), &found));
    assert_string_equal(found.id[0], id);

    struct loyalty_change change = {RIG_SHOP, bytes_text(id), member.version, BYTES("name"), 229};
    assert_ok(loyalty_member_change(rig.store, &change, &verdict));
    assert_verdict(verdict, DONE);
    assert_ok(loyalty_member_change(rig.store, &change, &verdict)); /* seen by somebody else */
    assert_verdict(verdict, CHANGED);
    assert_ok(loyalty_member(rig.store, RIG_SHOP, bytes_text(id), &verdict, &member));
    assert_int_equal(member.birthday, 229);
    assert_memory_equal(member.name_sealed, "name", 4);
    rig_stop(&rig);
}

static enum loyalty_verdict consent(struct loyalty_rig *rig, const char *id,
                                    enum loyalty_consent kind, bool given, struct bytes card)
{
    enum loyalty_verdict verdict;
    struct loyalty_consent_change change = {.merchant = RIG_SHOP,
                                            .id = bytes_text(id),
                                            .consent = kind,
                                            .given = given,
                                            .text_version = BYTES("2026-04"),
                                            .card_index = card,
                                            .outlet = 2,
                                            .at_ms = RIG_NOW_MS + 5};
    assert_ok(loyalty_consent_set(rig->store, &change, &verdict));
    return verdict;
}

static void a_card_is_known_again_while_he_agrees(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    char id[LOYALTY_ID_LEN + 1], other[LOYALTY_ID_LEN + 1];
    uint8_t card[LOYALTY_INDEX_LEN];
    struct loyalty_found found;
    rig_index(card, 7777);
    rig_member_enrol(&rig, 1, id);
    rig_member_enrol(&rig, 2, other);
    struct bytes none = {0};
    assert_verdict(consent(&rig, id, LOYALTY_CONSENT_CARD, false, none), DONE);
    assert_verdict(consent(&rig, id, LOYALTY_CONSENT_CARD, false, none), REPEATED);
    assert_verdict(consent(&rig, id, LOYALTY_CONSENT_CARD, true, BYTES_OF(card)), DONE);
    assert_ok(loyalty_find(rig.store, RIG_SHOP, LOYALTY_BY_CARD, BYTES_OF(card), &found));
    assert_string_equal(found.id[0], id);
    assert_verdict(consent(&rig, other, LOYALTY_CONSENT_CARD, false, none), DONE);
    assert_verdict(consent(&rig, other, LOYALTY_CONSENT_CARD, true, BYTES_OF(card)), KNOWN);
    assert_verdict(consent(&rig, id, LOYALTY_CONSENT_CARD, false, none), DONE);
    assert_ok(loyalty_find(rig.store, RIG_SHOP, LOYALTY_BY_CARD, BYTES_OF(card), &found));
    assert_int_equal(found.count, 0);
    assert_verdict(consent(&rig, other, LOYALTY_CONSENT_CARD, true, BYTES_OF(card)), DONE);
    rig_stop(&rig);
}

/* "A member who withdraws consent in mid-payment": the sale goes on, without him. */
static void who_leaves_in_mid_payment_earns_nothing(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned earned;
    char id[LOYALTY_ID_LEN + 1];
    int64_t worth = 0;
    enum loyalty_verdict verdict;
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    assert_verdict(rig_buy(&rig, "p1", id, 10000, RIG_NOW_MS, &earned), DONE);
    assert_int_equal(earned.points, 100);
    struct loyalty_points_payment pay = {RIG_SHOP, BYTES("p2"), bytes_text(id), 60, RIG_NOW_MS};
    assert_ok(loyalty_points_hold(rig.store, &pay, &verdict, &worth));
    assert_verdict(verdict, DONE);

    assert_verdict(consent(&rig, id, LOYALTY_CONSENT_PROGRAMME, false, (struct bytes){0}), DONE);
    /* What was reserved while he was a member is decided by the payment. */
    assert_ok(loyalty_points_commit(rig.store, BYTES("p2"), RIG_NOW_MS, &verdict));
    assert_verdict(verdict, DONE);
    assert_verdict(rig_buy(&rig, "p2", id, 5000, RIG_NOW_MS, &earned), WITHOUT_MEMBER);
    assert_int_equal(earned.points, 0);
    assert_verdict(rig_buy(&rig, "p2", id, 5000, RIG_NOW_MS, &earned), REPEATED);
    pay.key = BYTES("p3");
    assert_ok(loyalty_points_hold(rig.store, &pay, &verdict, &worth));
    assert_verdict(verdict, WITHOUT_MEMBER);
    assert_int_equal(rig_points(&rig, id, RIG_NOW_MS).free, 40);

    struct loyalty_member member;
    assert_ok(loyalty_member(rig.store, RIG_SHOP, bytes_text(id), &verdict, &member));
    assert_int_equal(member.state, LOYALTY_LEFT);
    assert_false(member.consent[LOYALTY_CONSENT_MESSAGES]);
    assert_verdict(consent(&rig, id, LOYALTY_CONSENT_MESSAGES, true, (struct bytes){0}),
                   NO_CONSENT);
    assert_verdict(consent(&rig, id, LOYALTY_CONSENT_PROGRAMME, true, (struct bytes){0}), DONE);
    assert_verdict(rig_buy(&rig, "p4", id, 10000, RIG_NOW_MS, &earned), DONE);
    rig_stop(&rig);
}

struct lines {
    int count[4];
    bool secret;
};

static err count_line(void *context, const char *section, struct bytes text)
{
    static const char *const name[] = {"member", "consent", "purchase", "transfer"};
    struct lines *lines = context;
    for (size_t i = 0; i < ARRAY_LEN(name); i++) lines->count[i] += strcmp(section, name[i]) == 0;
    /* "sealed telephone" in hexadecimal */
    if (memmem(text.at, text.len, "7365616C65642074656C", 20) != NULL) lines->secret = true;
    return OK;
}

static void erased_is_gone_and_the_lines_stay(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    struct loyalty_earned earned;
    struct loyalty_back back;
    char id[LOYALTY_ID_LEN + 1], again[LOYALTY_ID_LEN + 1];
    enum loyalty_verdict verdict;
    rig_start(&rig);
    rig_member_enrol(&rig, 1, id);
    assert_verdict(rig_buy(&rig, "p1", id, 10000, RIG_NOW_MS, &earned), DONE);
    struct lines before = {0}, after = {0};
    assert_ok(loyalty_export(rig.store, RIG_SHOP, bytes_text(id), count_line, &before, &verdict));
    assert_verdict(verdict, DONE);
    assert_int_equal(before.count[0], 1);
    assert_int_equal(before.count[1], 3);
    assert_int_equal(before.count[2], 1);
    assert_int_equal(before.count[3], 1);
    assert_true(before.secret);

    struct loyalty_points_payment pay = {RIG_SHOP, BYTES("p2"), bytes_text(id), 10, RIG_NOW_MS};
    int64_t worth = 0;
    assert_ok(loyalty_points_hold(rig.store, &pay, &verdict, &worth));
    assert_ok(loyalty_erase(rig.store, RIG_SHOP, bytes_text(id), RIG_NOW_MS, &verdict));
    assert_verdict(verdict, UNDECIDED);
    assert_ok(loyalty_points_release(rig.store, BYTES("p2"), RIG_NOW_MS, &verdict));
    assert_ok(loyalty_erase(rig.store, RIG_SHOP, bytes_text(id), RIG_NOW_MS, &verdict));
    assert_verdict(verdict, DONE);
    assert_ok(loyalty_erase(rig.store, RIG_SHOP, bytes_text(id), RIG_NOW_MS, &verdict));
    assert_verdict(verdict, REPEATED);
    assert_ok(loyalty_export(rig.store, RIG_SHOP, bytes_text(id), count_line, &after, &verdict));
    assert_int_equal(after.count[2], 1);
    assert_int_equal(after.count[3], 4); /* earned, held, released, run out */
    assert_false(after.secret);
    assert_int_equal(rig_balance(&rig, ACCOUNT_POINTS, id, LOYALTY_CURRENCY_POINTS), 0);

    /* A refund afterwards finds nothing to take and nobody who owes; the number may join anew. */
    assert_verdict(rig_refund(&rig, "p1", "r1", 10000, RIG_NOW_MS, &back), DONE);
    assert_int_equal(back.points, 0);
    assert_verdict(consent(&rig, id, LOYALTY_CONSENT_PROGRAMME, true, (struct bytes){0}),
                   NO_MEMBER);
    rig_member_enrol(&rig, 1, again);
    assert_string_not_equal(again, id);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_programme_has_one_newest_version),
        cmocka_unit_test(a_telephone_is_one_member),
        cmocka_unit_test(anonymous_members_show_a_code),
        cmocka_unit_test(a_card_is_known_again_while_he_agrees),
        cmocka_unit_test(who_leaves_in_mid_payment_earns_nothing),
        cmocka_unit_test(erased_is_gone_and_the_lines_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
