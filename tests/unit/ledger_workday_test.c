/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Business days and working days (S109): the table of years as a whole, golden weeks, weekends that
 * are worked to make up for them, and years that nobody has announced.
 */
#include "ledger/workday.h"

#include "lib/base/clock.h"
#include "tests/unit/scratch.h"

static int32_t day(const char *text)
{
    int32_t found = 0;
    assert_ok(workday_parse(bytes_text(text), &found));
    return found;
}

static bool works(const char *text)
{
    bool is = false;
    assert_ok(workday_is(day(text), &is));
    return is;
}

static void next_is(const char *from, const char *to)
{
    int32_t next = 0;
    char text[WORKDAY_TEXT_MAX];
    assert_ok(workday_next(day(from), &next));
    workday_text(next, text);
    assert_string_equal(text, to);
}

/* The worked example: a sale on 4 April 2018 is paid on Sunday the 8th, which is worked. */
static void qingming_of_2018(void **state)
{
    (void)state;
    next_is("2018-04-03", "2018-04-04");
    next_is("2018-04-04", "2018-04-08");
    next_is("2018-04-07", "2018-04-08");
    next_is("2018-04-08", "2018-04-09");
}

static void golden_weeks(void **state)
{
    (void)state;
    next_is("2026-02-13", "2026-02-14"); /* a Saturday before the Spring Festival */
    next_is("2026-02-14", "2026-02-24");
    next_is("2026-02-27", "2026-02-28");
    next_is("2026-02-28", "2026-03-02");
    next_is("2026-09-18", "2026-09-20");
    next_is("2026-09-30", "2026-10-08");
    next_is("2026-10-09", "2026-10-10");
    next_is("2026-10-10", "2026-10-12");
    next_is("2025-09-26", "2025-09-28");
    next_is("2025-09-30", "2025-10-09");
    next_is("2024-12-31", "2025-01-02"); /* from one year's row into the next */
}

/* Every year: as many working days as the law gives, holidays that do not overlap, and weekends
 * that are worked are weekends. */
static void every_year_is_whole(void **state)
{
    (void)state;
    size_t count = 0;
    const struct workday_year *years = workday_years(&count);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) assert_true(years[i].year > years[i - 1].year);
        char text[WORKDAY_TEXT_MAX];
        snprintf(text, sizeof text, "%04d-01-01", years[i].year);
        int32_t first = day(text), worked = 0, weekends = 0, days = 0;
        bool leap = years[i].year % 4 == 0;
        for (days = 0; days < 365 + leap; days++) {
            bool is = false;
            assert_ok(workday_is(first + days, &is));
            worked += is;
            weekends += is && (first + days + 3) % 7 >= 5;
        }
        size_t make_ups = 0;
        while (make_ups < WORKDAY_MAKE_UPS_MAX && years[i].make_up[make_ups] != 0) make_ups++;
        assert_int_equal(weekends, make_ups);
        /* 104 weekends and 11 days by law, since 2025 13; two more or less as weekends fall. */
        int32_t by_law = days - 104 - (years[i].year < 2025 ? 11 : 13);
        assert_in_range(worked, by_law - 2, by_law + 2);
        for (size_t k = 1; k < WORKDAY_HOLIDAYS_MAX && years[i].holiday[k].first != 0; k++) {
            assert_true(years[i].holiday[k].first > years[i].holiday[k - 1].last);
            assert_true(years[i].holiday[k].first <= years[i].holiday[k].last);
        }
    }
    assert_true(works("2026-01-04"));
    assert_false(works("2026-01-02"));
}

static void a_year_that_was_not_announced_has_no_answer(void **state)
{
    (void)state;
    bool is = false;
    int32_t next = 0;
    assert_err(workday_is(day("2027-06-01"), &is), NOT_FOUND);
    assert_err(workday_next(day("2026-12-31"), &next), NOT_FOUND);
    assert_err(workday_is(day("2019-01-02"), &is), NOT_FOUND);
}

/* Weekends and New Year's Day are known of every year; what is not announced is said to be so, and
 * goes no further than one year. */
static void the_next_year_goes_by_what_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool announced;
    } rows[] = {
        {"2026-12-30", "2026-12-31", true},
        {"2026-12-31", "2027-01-04", false}, /* a Friday is 1 */
        {"2027-01-04", "2027-01-05", false},
        {"2027-01-08", "2027-01-11", false},
        {"2027-02-05", "2027-02-08", false},
        {"2026-02-14", "2026-02-24", true},
        {"2024-12-31", "2025-01-02", true},
    };
    int32_t next = 77;
    bool announced = false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[WORKDAY_TEXT_MAX];
        assert_ok(workday_next_expected(day(rows[i].from), &next, &announced));
        workday_text(next, text);
        assert_string_equal(text, rows[i].to);
        assert_int_equal(announced, rows[i].announced);
    }
    next = 77;
    assert_err(workday_next_expected(day("2027-12-31"), &next, &announced), NOT_FOUND);
    assert_err(workday_next_expected(day("2019-06-03"), &next, &announced), NOT_FOUND);
    assert_int_equal(next, 77);
}

static void a_year_that_is_missing_is_said_from_november_on(void **state)
{
    (void)state;
    assert_int_equal(workday_missing(day("2026-10-31")), 0);
    assert_int_equal(workday_missing(day("2026-11-01")), 2027);
    assert_int_equal(workday_missing(day("2026-12-31")), 2027);
    assert_int_equal(workday_missing(day("2027-03-01")), 2027);
    assert_int_equal(workday_missing(day("2025-12-01")), 0);
}

/* F-11: 23:00 in China is where a business day ends, to the millisecond. */
static void a_business_day_ends_at_eleven(void **state)
{
    (void)state;
    int64_t end_ms = civil_to_ms((struct civil){2026, 3, 9, 23, 0, 0}) - CLOCK_CHINA_OFFSET_MS;
    assert_int_equal(workday_of(end_ms - 1), day("2026-03-09"));
    assert_int_equal(workday_of(end_ms), day("2026-03-10"));
    assert_int_equal(workday_end_ms(day("2026-03-09")), end_ms);
    assert_int_equal(workday_of(workday_end_ms(day("2024-02-29"))), day("2024-03-01"));
    assert_int_equal(workday_of(0), 0);
}

static void dates_are_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2026-4-01",  "2026-04-31",  "2025-02-29",
                                      "2026-13-01", "2026/04/01", "2026-04-01 ", "1969-12-31",
                                      "2026-00-10", "2026-04-00"};
    int32_t found = 77;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_err(workday_parse(bytes_text(bad[i]), &found), FORMAT);
    assert_int_equal(found, 77);
    assert_int_equal(day("1970-01-01"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qingming_of_2018),
        cmocka_unit_test(golden_weeks),
        cmocka_unit_test(every_year_is_whole),
        cmocka_unit_test(a_year_that_was_not_announced_has_no_answer),
        cmocka_unit_test(the_next_year_goes_by_what_is_known),
        cmocka_unit_test(a_year_that_is_missing_is_said_from_november_on),
        cmocka_unit_test(a_business_day_ends_at_eleven),
        cmocka_unit_test(dates_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
