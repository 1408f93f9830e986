/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Campaigns (S150): each kind to the fen, each reason why not, what makes no sense, and the bytes
 * of one, which somebody wrote by hand.
 */
#include "tests/unit/offer_rig.h"

/* What the campaign gives, or minus the reason. */
static int64_t given(const struct offer_campaign *campaign, const struct offer_member *member,
                     const struct offer_sale *sale)
{
    struct offer_candidate candidate = rig_candidate(campaign);
    int64_t minor = -1;
    enum offer_reason reason = offer_benefit(&candidate, member, sale, &minor);
    assert_true((reason == OFFER_TAKEN) == (minor > 0));
    return reason == OFFER_TAKEN ? minor : -(int64_t)reason;
}

static int64_t given_at(const struct offer_campaign *campaign, int64_t price_minor)
{
    struct offer_member member = rig_member();
    struct offer_sale sale = rig_sale(price_minor);
    return given(campaign, &member, &sale);
}

static void amounts_are_right_to_the_fen(void **state)
{
    (void)state;
    struct offer_campaign c = rig_campaign("a");
    c.minimum_minor = 10000;
    assert_int_equal(given_at(&c, 9999), -OFFER_BELOW_MINIMUM);
    assert_int_equal(given_at(&c, 10000), 1000);
    assert_int_equal(given_at(&c, 39999), 1000);
    c.each_minimum = true;
    assert_int_equal(given_at(&c, 39999), 3000);
    c.cap_minor = 2500;
    assert_int_equal(given_at(&c, 39999), 2500);
    c.each_minimum = false;
    c.minimum_minor = 0;
    assert_int_equal(given_at(&c, 1), 1000); /* offer_best cuts it */

    /* 12 % of 128.05 is 15.366; of 128.75 it is 15.45; 10 % of 0.05 and 0.15 are halves. */
    static const struct {
        uint32_t rate_ppm;
        int64_t price, down, up, even;
    } golden[] = {
        {120000, 12805, 1536, 1537, 1537},
        {120000, 12875, 1545, 1545, 1545},
        {100000, 15, 1, 2, 2},
        {100000, 25, 2, 3, 2},
        {1, 1000000, 1, 1, 1},
        {1000000, 999, 999, 999, 999},
        {333333, 3000, 999, 1000, 1000},
        {120000, OFFER_MINOR_MAX, 120000000000, 120000000000, 120000000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
        struct offer_campaign p = rig_percent("p", golden[i].rate_ppm, OFFER_ROUND_DOWN);
        p.budget_minor = OFFER_MINOR_MAX;
        assert_int_equal(given_at(&p, golden[i].price), golden[i].down);
        p.rounding = OFFER_ROUND_UP;
        assert_int_equal(given_at(&p, golden[i].price), golden[i].up);
        p.rounding = OFFER_ROUND_HALF_EVEN;
        assert_int_equal(given_at(&p, golden[i].price), golden[i].even);
    }
    struct offer_campaign small = rig_percent("s", 1000, OFFER_ROUND_DOWN);
    assert_int_equal(given_at(&small, 999), -OFFER_GIVES_NOTHING);
}

static void a_draw_can_be_recomputed_and_has_its_bounds(void **state)
{
    (void)state;
    int64_t lowest = INT64_MAX, highest = 0, sum = 0;
    for (uint64_t draw = 0; draw < 20000; draw++) {
        int64_t minor = offer_draw(draw, "r", 10, 109);
        assert_int_equal(minor, offer_draw(draw, "r", 10, 109));
        if (minor < lowest) lowest = minor;
        if (minor > highest) highest = minor;
        sum += minor;
    }
    assert_int_equal(lowest, 10);
    assert_int_equal(highest, 109);
    assert_in_range(sum / 200, 5850, 6050); /* 59.5 in the mean; nine deviations of it */
    int same = 0;
    for (uint64_t draw = 0; draw < 1000; draw++)
        same += offer_draw(draw, "r", 10, 109) == offer_draw(draw, "s", 10, 109);
    assert_in_range(same, 0, 40); /* two campaigns draw apart */
    assert_int_equal(offer_draw(7, "r", 5, 5), 5);

    struct offer_campaign c = rig_campaign("r");
    c.kind = OFFER_RANDOM;
    c.measure = OFFER_BY_DRAW;
    c.off_minor = 0;
    c.low_minor = 10;
    c.high_minor = 109;
    assert_int_equal(given_at(&c, 5000), offer_draw(42, "r", 10, 109));
}

static void times_days_and_hours(void **state)
{
    (void)state;
    struct offer_member member = rig_member();
    struct offer_sale sale = rig_sale(5000);
    struct offer_campaign c = rig_campaign("a");
    sale.at_ms = c.from_ms - 1;
    assert_int_equal(given(&c, &member, &sale), -OFFER_NOT_STARTED);
    sale.at_ms = c.from_ms;
    assert_int_equal(given(&c, &member, &sale), 1000);
    sale.at_ms = c.until_ms;
    assert_int_equal(given(&c, &member, &sale), -OFFER_ENDED);
    for (int day = 0; day < 7; day++) {
        c.weekdays = (uint8_t)(1 << day);
        for (int later = 0; later < 7; later++) {
            sale.at_ms = RIG_NOON_MS + later * RIG_DAY_MS;
            assert_int_equal(given(&c, &member, &sale), later == day ? 1000 : -OFFER_NOT_THIS_DAY);
        }
    }
    c.weekdays = 1 << 4; /* Friday's evening, 18:00 to 02:00 */
    c.from_minute = 18 * 60;
    c.until_minute = 2 * 60;
    static const struct {
        int day, minute;
        int64_t want;
    } hours[] = {
        {4, 17 * 60 + 59, -OFFER_NOT_THIS_HOUR},
        {4, 18 * 60, 1000},
        {4, 1439, 1000},
        {5, 0, 1000},
        {5, 119, 1000},
        {5, 120, -OFFER_NOT_THIS_DAY},
        {4, 60, -OFFER_NOT_THIS_DAY}, /* the end of Thursday's evening */
    };
    for (size_t i = 0; i < ARRAY_LEN(hours); i++) {
        sale.at_ms = RIG_NOON_MS + hours[i].day * RIG_DAY_MS + (hours[i].minute - 720) * 60000;
        assert_int_equal(given(&c, &member, &sale), hours[i].want);
    }
}

static void occasions(void **state)
{
    (void)state;
    struct offer_member member = rig_member(), nobody = {0};
    struct offer_sale sale = rig_sale(5000);
    struct offer_campaign c = rig_campaign("a");
    c.members_only = true;
    assert_int_equal(given(&c, &nobody, &sale), -OFFER_FOR_MEMBERS);
    c.tiers = 1 << 2;
    assert_int_equal(given(&c, &member, &sale), -OFFER_FOR_OTHER_TIERS);
    c.tiers = 1 << 2 | 1 << 1;
    assert_int_equal(given(&c, &member, &sale), 1000);
    c.shop_count = 2;
    c.shop[0] = 2;
    c.shop[1] = 7;
    assert_int_equal(given(&c, &member, &sale), -OFFER_NOT_THIS_SHOP);
    sale.shop = 7;
    assert_int_equal(given(&c, &member, &sale), 1000);
    c.kind = OFFER_FIRST_ORDER;
    member.purchases = 1;
    assert_int_equal(given(&c, &member, &sale), -OFFER_NOT_FIRST);
    c.stacking = OFFER_ALONE;
    member.purchases = 0;
    sale.points_minor = 1;
    assert_int_equal(given(&c, &member, &sale), -OFFER_NOT_WITH_POINTS);
    c.stacking = OFFER_WITH_POINTS;
    assert_int_equal(given(&c, &member, &sale), 1000);
}

static void coupons_stamps_and_limits(void **state)
{
    (void)state;
    struct offer_member member = rig_member();
    struct offer_sale sale = rig_sale(5000);
    struct offer_campaign c = rig_campaign("a");
    struct offer_candidate candidate = rig_candidate(&c);
    int64_t minor = 0;
    c.kind = OFFER_COUPON;
    candidate.has_coupon = false;
    assert_int_equal(offer_benefit(&candidate, &member, &sale, &minor), OFFER_NO_COUPON);
    c.kind = OFFER_STAMPS;
    c.stamps_every = 3;
    for (uint32_t stamps = 0; stamps < 9; stamps++) {
        candidate.stamps = stamps;
        assert_int_equal(offer_benefit(&candidate, &member, &sale, &minor),
                         stamps % 3 == 2 ? OFFER_TAKEN : OFFER_STAMPS_MISSING);
    }
    c = rig_campaign("a");
    c.per_member_day = 2;
    c.per_member = 5;
    candidate.used_today = 2;
    assert_int_equal(offer_benefit(&candidate, &member, &sale, &minor), OFFER_USED_TODAY);
    candidate.used_today = 1;
    candidate.used = 5;
    assert_int_equal(offer_benefit(&candidate, &member, &sale, &minor), OFFER_USED_UP);
    candidate.used = 4;
    candidate.left_minor = 999;
    assert_int_equal(offer_benefit(&candidate, &member, &sale, &minor), OFFER_BUDGET_SPENT);
    candidate.left_minor = 1000;
    c.budget_count = 1;
    assert_int_equal(offer_benefit(&candidate, &member, &sale, &minor), OFFER_BUDGET_SPENT);
    candidate.left_count = 1;
    assert_int_equal(offer_benefit(&candidate, &member, &sale, &minor), OFFER_TAKEN);
}

static int64_t birthday_given(enum offer_birthday days, uint8_t month, uint8_t day,
                              struct civil when)
{
    struct offer_campaign c = rig_campaign("b");
    c.kind = OFFER_BIRTHDAY;
    c.birthday = days;
    c.from_ms = 0;
    c.until_ms = OFFER_TIME_MAX_MS;
    struct offer_member member = {.known = true, .birth_month = month, .birth_day = day};
    struct offer_sale sale = rig_sale(5000);
    sale.at_ms = civil_to_ms(when) - CLOCK_CHINA_OFFSET_MS;
    return given(&c, &member, &sale);
}

static void birthdays(void **state)
{
    (void)state;
    struct civil leap_day = {2028, 2, 29, 12, 0, 0}, before = {2027, 2, 28, 23, 59, 59},
                 march = {2027, 3, 1, 0, 0, 0}, new_year = {2027, 1, 2, 8, 0, 0},
                 old_year = {2026, 12, 30, 8, 0, 0};
    assert_int_equal(birthday_given(OFFER_THE_DAY, 2, 29, leap_day), 1000);
    assert_int_equal(birthday_given(OFFER_THE_DAY, 2, 28, leap_day), -OFFER_NO_BIRTHDAY);
    assert_int_equal(birthday_given(OFFER_THE_DAY, 2, 29, before), 1000);
    assert_int_equal(birthday_given(OFFER_THE_DAY, 2, 29, march), -OFFER_NO_BIRTHDAY);
    assert_int_equal(birthday_given(OFFER_THREE_DAYS_AROUND, 12, 30, new_year), 1000);
    assert_int_equal(birthday_given(OFFER_THREE_DAYS_AROUND, 12, 29, new_year), -OFFER_NO_BIRTHDAY);
    assert_int_equal(birthday_given(OFFER_THREE_DAYS_AROUND, 1, 2, old_year), 1000);
    assert_int_equal(birthday_given(OFFER_THE_MONTH, 1, 31, new_year), 1000);
    assert_int_equal(birthday_given(OFFER_THE_MONTH, 12, 31, new_year), -OFFER_NO_BIRTHDAY);
    assert_int_equal(birthday_given(OFFER_THE_DAY, 0, 0, march), -OFFER_NO_BIRTHDAY);
}

static void what_makes_no_sense_is_named(void **state)
{
    (void)state;
#define WRONG(fault, ...)                                  \
    do {                                                   \
        struct offer_campaign c = rig_campaign("a");       \
        __VA_ARGS__;                                       \
        assert_int_equal(offer_campaign_check(&c), fault); \
    } while (0)
    WRONG(OFFER_SOUND, (void)0);
    WRONG(OFFER_FAULT_ID, c.id[0] = 'A');
    WRONG(OFFER_FAULT_ID, c.version = 0);
    WRONG(OFFER_FAULT_NAME, c.name_en[0] = '\n');
    WRONG(OFFER_FAULT_NAME, c.name_zh[0] = '\0');
    WRONG(OFFER_FAULT_KIND, c.kind = OFFER_PERCENT_OFF);
    WRONG(OFFER_FAULT_KIND, c.kind = OFFER_KINDS);
    WRONG(OFFER_FAULT_BENEFIT, c.off_minor = 0);
    WRONG(OFFER_FAULT_BENEFIT, c.rate_ppm = 1);
    WRONG(OFFER_FAULT_BENEFIT, c = rig_percent("a", OFFER_RATE_WHOLE + 1, OFFER_ROUND_UP));
    WRONG(OFFER_FAULT_MINIMUM, c.minimum_minor = 999);
    WRONG(OFFER_FAULT_MINIMUM, c.each_minimum = true);
    WRONG(OFFER_FAULT_OCCASION, c.stamps_every = 2);
    WRONG(OFFER_FAULT_OCCASION, c.kind = OFFER_BIRTHDAY);
    WRONG(OFFER_FAULT_TIME, c.until_ms = c.from_ms);
    WRONG(OFFER_FAULT_TIME, c.weekdays = 0);
    WRONG(OFFER_FAULT_TIME, c.from_minute = 1440);
    WRONG(OFFER_FAULT_SHOPS, c.shop_count = 2; c.shop[0] = c.shop[1] = 3);
    WRONG(OFFER_FAULT_MEMBERS, c.tiers = 1);
    WRONG(OFFER_FAULT_MEMBERS, c.kind = OFFER_FIRST_ORDER);
    WRONG(OFFER_FAULT_BUDGET, c.budget_minor = 0);
    WRONG(OFFER_FAULT_STACKING, c.group = 1; c.stacking = OFFER_ALONE);
#undef WRONG
    for (int language = 0; language < 2; language++) {
        for (int i = 0; i < OFFER_FAULTS; i++)
            assert_true(strlen(offer_fault_text((enum offer_fault)i, language == 1)) > 10);
        for (int i = 0; i < OFFER_REASONS; i++)
            assert_true(strlen(offer_reason_text((enum offer_reason)i, language == 1)) > 8);
    }
}

/* Written by hand from the header's words. */
static const uint8_t by_hand[] = "\x01"
                                 "\x02"
                                 "ab"
                                 "\0\0\0\x07"
                                 "\x03"
                                 "\xe5\x87\x8f"
                                 "\x03"
                                 "Off" /* id, version, names */
                                 "\x01"
                                 "\x01"
                                 "\0\0\0\0\0\0\x03\xe8"
                                 "\0" /* kind, measure, 10.00, once */
                                 "\0\0\0\0"
                                 "\0"
                                 "\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\0" /* rate, rounding, bounds */
                                 "\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\x27\x10" /* cap, minimum 100.00 */
                                 "\0\0\0\0"
                                 "\0" /* stamps, birthday */
                                 "\0\0\0\0\0\0\0\x05"
                                 "\0\0\x01\x9c\0\0\0\0"
                                 "\x60"
                                 "\0\0"
                                 "\x05\xa0" /* time, Sat and Sun */
                                 "\x02"
                                 "\0\0\0\x01"
                                 "\0\0\0\x02"
                                 "\x01"
                                 "\x03" /* shops, members, tiers */
                                 "\0\0\0\x01"
                                 "\0\0\0\x05" /* a day, at all */
                                 "\0\0\0\0\0\x0f\x42\x40"
                                 "\0\0\0\0\0\0\0\x64" /* budget 10,000.00, a hundred */
                                 "\x04"
                                 "\x03"; /* group, stacking */

static void one_campaign_has_one_encoding(void **state)
{
    (void)state;
    struct offer_campaign c;
    struct bytes bytes = {by_hand, sizeof by_hand - 1};
    assert_ok(offer_campaign_read(bytes, &c));
    assert_string_equal(c.id, "ab");
    assert_int_equal(c.version, 7);
    assert_int_equal(c.off_minor, 1000);
    assert_int_equal(c.minimum_minor, 10000);
    assert_int_equal(c.until_ms, INT64_C(0x19c00000000));
    assert_int_equal(c.weekdays, 0x60);
    assert_int_equal(c.shop[1], 2);
    assert_int_equal(c.per_member, 5);
    assert_int_equal(c.budget_minor, 1000000);
    assert_int_equal(c.stacking, OFFER_WITH_OTHERS);
    uint8_t block[OFFER_ENCODED_MAX];
    struct writer w = writer_over(block, sizeof block);
    offer_campaign_write(&w, &c);
    assert_true(bytes_equal(writer_view(&w), bytes));

    struct offer_campaign untouched;
    memset(&untouched, 0x5a, sizeof untouched);
    for (size_t len = 0; len < bytes.len; len++) {
        struct offer_campaign out = untouched;
        assert_err(offer_campaign_read(bytes_of(by_hand, len), &out), SHORT);
        assert_memory_equal(&out, &untouched, sizeof out);
    }
    assert_err(offer_campaign_read(bytes_of(by_hand, sizeof by_hand), &c), TRAILING);
    memcpy(block, by_hand, bytes.len);
    block[0] = 2;
    assert_err(offer_campaign_read(bytes_of(block, bytes.len), &c), NEWER);
    block[0] = 1;
    block[2] = 0;
    assert_err(offer_campaign_read(bytes_of(block, bytes.len), &c), FORMAT);

    struct offer_campaign longest = rig_campaign("abcdefghijklmno");
    memset(longest.name_zh, 'x', OFFER_NAME_MAX);
    memset(longest.name_en, 'x', OFFER_NAME_MAX);
    longest.shop_count = OFFER_SHOPS_MAX;
    for (uint32_t i = 0; i < OFFER_SHOPS_MAX; i++) longest.shop[i] = i + 1;
    w = writer_over(block, sizeof block);
    offer_campaign_write(&w, &longest);
    assert_int_equal(w.fault, ERR_OK);
    assert_int_equal(w.len, 502);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_right_to_the_fen),
        cmocka_unit_test(a_draw_can_be_recomputed_and_has_its_bounds),
        cmocka_unit_test(times_days_and_hours),
        cmocka_unit_test(occasions),
        cmocka_unit_test(coupons_stamps_and_limits),
        cmocka_unit_test(birthdays),
        cmocka_unit_test(what_makes_no_sense_is_named),
        cmocka_unit_test(one_campaign_has_one_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
