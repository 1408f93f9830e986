/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * period: days, weeks and months, and the rows that figures.db has of each.
 *
 * A day is a business day of the ledger (ledger/workday.h): from 23:00 to 23:00 by the clock in
 * China, so that a shop's day here is its day there, to the fen. Hours are the clock's, so the hour
 * 23 of a business day is the evening before. Weeks begin on Monday; months are the calendar's.
 *
 * figures.db has a row for each shop and day and for each shop and month, the same of all shops
 * together, and of all together once more by shop instead of by terminal: in blocks of 256 shops,
 * so that a payment of one shop rewrites no more than one block.
 */

#include "ledger/workday.h"

enum figure_level { /* on disk */
                    FIGURE_DAY,
                    FIGURE_MONTH,
                    FIGURE_SHOPS_DAY,
                    FIGURE_SHOPS_MONTH,
                    FIGURE_LEVELS
};

enum { FIGURE_ALL = 0 /* instead of a shop's number */, FIGURE_BLOCK_BITS = 8 };

/*
 * The number of a row: shop (or block of shops), level, period. So what a shop has of a level in a
 * range of periods is a range of rows. Periods are days since 1970-01-01, or months since
 * 1970-01.
 */
int64_t figure_row(uint32_t shop, enum figure_level level, int32_t period);
int32_t figure_row_period(int64_t row);
/* The row of the month beside that of a day: a level of days is followed by that of its months. */
int64_t figure_row_month(int64_t row, int32_t month);
/* The shop of a row of this level; 0 for rows of others. */
uint32_t figure_row_shop(int64_t row, enum figure_level level);

static inline uint32_t figure_block(uint32_t shop)
{
    return shop >> FIGURE_BLOCK_BITS;
}

int32_t figure_month_of(int32_t day); /* months since 1970-01 */
int32_t figure_month_first(int32_t month);

static inline int32_t figure_week_first(int32_t day)
{
    return day - (day + 3) % 7; /* 1970-01-01 was a Thursday */
}

/* 0: Monday. */
static inline unsigned figure_weekday(int32_t day)
{
    return (unsigned)(day + 3) % 7;
}
