/* SPDX-License-Identifier: Apache-2.0 */
/* Days, months, and the numbers of rows. */
#include "figures/period.h"

#include <assert.h>

#include "figures/cell.h"
#include "lib/base/clock.h"

enum { LEVEL_BITS = 3, PERIOD_BITS = 24 };
#define DAY_MS INT64_C(86400000)

static_assert((int)FIGURE_LEVELS <= 1 << LEVEL_BITS && WORKDAY_LAST < 1 << PERIOD_BITS, "fits");

int64_t figure_row(uint32_t shop, enum figure_level level, int32_t period)
{
    ENSURE(shop <= FIGURE_NUMBER_MAX && level < FIGURE_LEVELS);
    ENSURE(period >= 0 && period < 1 << PERIOD_BITS);
    return ((int64_t)shop << LEVEL_BITS | (int64_t)level) << PERIOD_BITS | period;
}

int32_t figure_row_period(int64_t row)
{
    return (int32_t)(row & ((1 << PERIOD_BITS) - 1));
}

int64_t figure_row_month(int64_t row, int32_t month)
{
    static_assert(FIGURE_MONTH == FIGURE_DAY + 1 && FIGURE_SHOPS_MONTH == FIGURE_SHOPS_DAY + 1,
                  "the next level");
    return ((row >> PERIOD_BITS) + 1) << PERIOD_BITS | month;
}

uint32_t figure_row_shop(int64_t row, enum figure_level level)
{
    int64_t scope = row >> PERIOD_BITS;
    if ((scope & ((1 << LEVEL_BITS) - 1)) != (int64_t)level) return 0;
    return (uint32_t)(scope >> LEVEL_BITS);
}

int32_t figure_month_of(int32_t day)
{
    struct civil date = civil_from_ms(day * DAY_MS);
    return (date.year - 1970) * 12 + date.month - 1;
}

int32_t figure_month_first(int32_t month)
{
    ENSURE(month >= 0);
    return (int32_t)(civil_to_ms((struct civil){
                         .year = 1970 + month / 12, .month = month % 12 + 1, .day = 1}) /
                     DAY_MS);
}
