/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin calendar`: which working days are known, and which year is missing. */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/admin_text.h"
#include "ledger/workday.h"
#include "lib/base/clock.h"

void admin_warn_calendar(void)
{
    const struct clock clock = clock_system();
    int year = workday_missing(workday_of(clock_now_ms(&clock)));
    if (year == 0) return;
    fprintf(
        stderr,
        "warning: %d 年放假安排尚未录入（仅知周末和元旦）：结算按周一至周五处理; the holidays of %d "
        "are not in the table yet, only weekends and 1 January are known: payouts go by Monday "
        "to Friday; see tongbao admin calendar\n",
        year, year);
}

static void put_text(const struct workday_year *year)
{
    printf("%d  holidays", year->year);
    for (size_t i = 0; i < WORKDAY_HOLIDAYS_MAX && year->holiday[i].first != 0; i++)
        printf(" %04u-%04u", year->holiday[i].first, year->holiday[i].last);
    printf("; worked");
    for (size_t i = 0; i < WORKDAY_MAKE_UPS_MAX && year->make_up[i] != 0; i++)
        printf(" %04u", year->make_up[i]);
    putchar('\n');
}

static void put_json(const struct workday_year *year, bool first)
{
    printf("%s{\"year\":%d,\"holidays\":[", first ? "" : ",\n", year->year);
    for (size_t i = 0; i < WORKDAY_HOLIDAYS_MAX && year->holiday[i].first != 0; i++)
        printf("%s[\"%04u\",\"%04u\"]", i == 0 ? "" : ",", year->holiday[i].first,
               year->holiday[i].last);
    printf("],\"worked\":[");
    for (size_t i = 0; i < WORKDAY_MAKE_UPS_MAX && year->make_up[i] != 0; i++)
        printf("%s\"%04u\"", i == 0 ? "" : ",", year->make_up[i]);
    printf("]}");
}

int admin_calendar(const struct admin_command *command, int argc, char **argv)
{
    bool json = false;
    const struct process_option options[] = {
        {"json", NULL, "as one JSON object", .flag = &json},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    size_t count = 0;
    const struct clock clock = clock_system();
    const struct workday_year *years = workday_years(&count);
    int missing = workday_missing(workday_of(clock_now_ms(&clock)));
    if (json) printf("{\"missing\":%d,\"years\":[\n", missing);
    for (size_t i = 0; i < count; i++) {
        if (json) put_json(&years[i], i == 0);
        else put_text(&years[i]);
    }
    if (json) puts("\n]}");
    admin_warn_calendar();
    return 0;
}
