/* SPDX-License-Identifier: Apache-2.0 */
/* Periods to compare with, trends, and who comes again. */
#include <stdlib.h>

#include "figures/names.h"
#include "figures/query.h"
#include "lib/base/clock.h"

#define DAY_MS INT64_C(86400000)

/* ---- periods ---- */

struct figures_span figures_span_before(struct figures_span s)
{
    int32_t first = figure_month_of(s.from_day), next = figure_month_of(s.to_day + 1);
    if (figure_month_first(first) == s.from_day && figure_month_first(next) == s.to_day + 1) {
        int32_t before = 2 * first - next;
        if (before >= 0) return (struct figures_span){figure_month_first(before), s.from_day - 1};
    }
    int32_t days = s.to_day - s.from_day + 1;
    if (days > s.from_day) return (struct figures_span){0, 0}; /* before 1970: nothing is there */
    return (struct figures_span){s.from_day - days, s.from_day - 1};
}

static int32_t year_before(int32_t day)
{
    struct civil date = civil_from_ms(day * DAY_MS);
    if (date.month == 2 && date.day == 29) date.day = 28;
    date.year--;
    return date.year < 1970 ? 0 : (int32_t)(civil_to_ms(date) / DAY_MS);
}

struct figures_span figures_span_last_year(struct figures_span s)
{
    return (struct figures_span){year_before(s.from_day), year_before(s.to_day)};
}

/* ---- trends ---- */

/* sum / count, ties to the even one. */
static int64_t mean(int64_t sum, int64_t count)
{
    int64_t size = sum < 0 ? -sum : sum, whole = size / count, left = size % count;
    if (left * 2 > count || (left * 2 == count && whole % 2 != 0)) whole++;
    return sum < 0 ? -whole : whole;
}

void figures_trend(const struct figures_row *rows, size_t count, size_t window,
                   int64_t *ret_net_minor)
{
    ENSURE(window > 0 && window <= FIGURES_ROWS_MAX);
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += figure_net_minor(&rows[i].sums);
        if (i >= window) sum -= figure_net_minor(&rows[i - window].sums);
        ret_net_minor[i] = i + 1 >= window ? mean(sum, (int64_t)window) : 0;
    }
}

/* ---- who comes again ---- */

/* A hash of hashes: the lowest bit says that it has been here before. 0: a free place. */
struct crowd {
    uint64_t *slot;
    size_t slots; /* a power of two, at most half full */
    struct figures_customers *found;
};

static void meet(struct crowd *c, uint64_t customer)
{
    uint64_t who = customer & ~UINT64_C(1);
    if (who == 0) who = 2;
    size_t at = (size_t)(who >> 20) & (c->slots - 1);
    while (c->slot[at] != 0 && (c->slot[at] & ~UINT64_C(1)) != who) at = (at + 1) & (c->slots - 1);
    c->found->visits++;
    if (c->slot[at] == 0) {
        c->found->customers++;
        c->slot[at] = who;
    } else if ((c->slot[at] & 1) == 0) {
        c->found->again++;
        c->slot[at] |= 1;
    }
}

static void meet_all(struct crowd *c, struct bytes customers)
{
    struct reader r = reader_over(customers);
    for (size_t left = customers.len / 8; left > 0; left--) meet(c, read_be(&r, 8));
}

static void bind_span(struct store_statement *select, uint32_t shop, struct figures_span span)
{
    store_bind_int(select, figure_row(shop, FIGURE_DAY, span.from_day));
    store_bind_int(select, figure_row(shop, FIGURE_DAY, span.to_day));
}

static err count_visits(struct store *figures, uint32_t shop, struct figures_span span,
                        int64_t *visits)
{
    struct store_statement *select;
    bool row = false;
    TRY(store_statement(figures,
                        "SELECT ifnull(sum(length(customers)), 0) FROM visit"
                        " WHERE row BETWEEN ? AND ?",
                        &select));
    bind_span(select, shop, span);
    TRY(store_step(select, &row));
    ENSURE(row);
    *visits += store_read_int(select) / 8;
    err read = store_read_finish(select);
    store_reset(select);
    return read;
}

static err meet_shop(struct store *figures, uint32_t shop, struct figures_span span,
                     struct crowd *c)
{
    struct store_statement *rows;
    TRY(store_statement(figures, "SELECT customers FROM visit WHERE row BETWEEN ? AND ?", &rows));
    bind_span(rows, shop, span);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        meet_all(c, store_read_blob(rows));
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
    }
}

static err meet_shops(struct store *figures, const uint32_t *shop, size_t shops,
                      struct figures_span span, struct figures_customers *found)
{
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    struct crowd c = {.slots = 64, .found = found};
    int64_t visits = 0;
    TRY(store_begin(figures, &snapshot));
    for (size_t i = 0; i < shops; i++) TRY(count_visits(figures, shop[i], span, &visits));
    if (visits > FIGURES_VISITS_MAX) return ERR(RANGE);
    while (c.slots < 2 * (size_t)visits) c.slots *= 2;
    c.slot = calloc(c.slots, sizeof *c.slot);
    if (c.slot == NULL) return ERR(NO_MEMORY);
    err met = OK;
    for (size_t i = 0; i < shops && !FAILED(met); i++) met = meet_shop(figures, shop[i], span, &c);
    free(c.slot);
    return met;
}

err figures_customers(struct store *figures, const char *const *mid, size_t mids,
                      struct figures_span span, struct figures_customers *ret_customers)
{
    ENSURE(mids > 0 && mids <= FIGURES_SHOPS_MAX);
    ENSURE(span.from_day >= 0 && span.from_day <= span.to_day && span.to_day <= WORKDAY_LAST);
    uint32_t shop[FIGURES_SHOPS_MAX];
    size_t shops = 0;
    struct figures_customers found = {.visits = 0};
    for (size_t i = 0; i < mids; i++) {
        err known = figure_number_of(figures, FIGURE_SHOP, mid[i], &shop[shops]);
        if (known.code == ERR_NOT_FOUND) continue;
        TRY(known);
        shops++;
    }
    TRY(meet_shops(figures, shop, shops, span, &found));
    *ret_customers = found;
    return OK;
}
