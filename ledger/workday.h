/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * workday: business days, and which of them are working days.
 *
 * A day is the number of days since 1970-01-01 by the calendar of China. Business day D goes from
 * 23:00 on the day before to 23:00 on D, so that its books are closed while shops are. Merchants
 * are paid on working days (T+1: the next one after the day of the payment), and those are not
 * Monday to Friday: holidays last into the week, and weekends are worked to make up for them. The
 * State Council announces both for one year at a time, so the table in workday.c has a row for
 * each year that was announced, and a day of another year has no answer (NOT_FOUND), never a guess.
 *
 * But merchants are not to wait for their money because of that: in the year after the last one
 * that was announced, payouts go by what is known of every year (workday_next_expected()): nothing
 * is paid on a Saturday, on a Sunday or on 1 January, and every other day is taken for a working
 * day until the row is there. On a holiday that nobody knew of the bank pays late; nobody is paid
 * twice or less. What is a right by working days (the deadline of a dispute) does not go by it.
 */

#include "lib/base/bytes.h"
#include "lib/base/err.h"

enum {
    WORKDAY_CUT_OFF_HOUR = 23,    /* local time at which a business day ends */
    WORKDAY_ANNOUNCED_MONTH = 11, /* in which the next year's are usually announced */
    WORKDAY_LAST = 2932896,       /* 9999-12-31 */
    WORKDAY_TEXT_MAX = 16,
    WORKDAY_HOLIDAYS_MAX = 8,
    WORKDAY_MAKE_UPS_MAX = 8,
};

/* Month and day as MMDD, first to last, both holidays. All zeros end the list. */
struct workday_holiday {
    uint16_t first, last;
};

struct workday_year {
    int year;
    struct workday_holiday holiday[WORKDAY_HOLIDAYS_MAX];
    uint16_t make_up[WORKDAY_MAKE_UPS_MAX]; /* MMDD of weekends that are worked; 0 ends the list */
};

/* The whole table, oldest first. */
const struct workday_year *workday_years(size_t *ret_count);

/* The business day to which a moment (UTC) belongs, and the moment at which a day is over. */
int32_t workday_of(int64_t at_ms);
int64_t workday_end_ms(int32_t day);

/* Days are 0 to WORKDAY_LAST. NOT_FOUND: the table does not have that year. */
MUST_USE err workday_is(int32_t day, bool *ret_is);
/* The first working day after `day`. NOT_FOUND. */
MUST_USE err workday_next(int32_t day, int32_t *ret_day);

/* The same, and in the year after the last that was announced by the rule above: then
 * `ret_announced` is false. NOT_FOUND beyond it. */
MUST_USE err workday_next_expected(int32_t day, int32_t *ret_day, bool *ret_announced);

/* The year that should have been announced by this day and is not in the table: that of the day, or
 * from November on, when it is announced, the next one. 0: none. */
int workday_missing(int32_t day);

/* "2018-04-08", both ways. FORMAT: not a date from 1970 to 9999. */
void workday_text(int32_t day, char out[static WORKDAY_TEXT_MAX]);
MUST_USE err workday_parse(struct bytes text, int32_t *ret_day);
