/* SPDX-License-Identifier: Apache-2.0 */
/* The effect of a campaign, figure by figure, from rows. */
#include "loyalty/effect.h"

#include "lib/base/clock.h"
#include "loyalty/campaign_internal.h"

enum { WEEK = 7 };

static int64_t day_begins(int64_t day)
{
    return day * LOYALTY_DAY_MS - CLOCK_CHINA_OFFSET_MS;
}

static err read_given(struct store *store, struct bytes campaign, int64_t from_day,
                      int64_t until_day, struct loyalty_effect *e)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT coalesce(sum(times), 0), coalesce(sum(minor), 0) FROM campaign_day"
                        " WHERE campaign = ? AND day >= ? AND day < ?",
                        &query));
    store_bind_text(query, campaign);
    store_bind_int(query, from_day);
    store_bind_int(query, until_day);
    bool row = false;
    TRY(store_step(query, &row));
    e->times = store_read_int(query);
    e->cost_minor = store_read_int(query);
    return loyalty_row_end(query);
}

/* Purchases that had it, and who made them. */
static err read_with(struct store *store, struct bytes campaign, int64_t from_day,
                     int64_t until_day, struct loyalty_effect *e)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT coalesce(sum(p.amount_minor - p.refunded_minor), 0),"
                        " count(DISTINCT r.member) FROM redemption AS r LEFT JOIN purchase AS p ON"
                        " p.key = r.key WHERE r.campaign = ? AND r.state = 2 AND r.day >= ? AND"
                        " r.day < ?",
                        &query));
    store_bind_text(query, campaign);
    store_bind_int(query, from_day);
    store_bind_int(query, until_day);
    bool row = false;
    TRY(store_step(query, &row));
    e->with_minor = store_read_int(query);
    e->members = store_read_int(query);
    return loyalty_row_end(query);
}

static err read_again(struct store *store, struct bytes campaign, int64_t from_day,
                      int64_t until_day, struct loyalty_effect *e)
{
    struct store_statement *query;
    TRY(store_statement(
        store,
        "SELECT count(*) FROM (SELECT member, min(at_ms) AS first_ms FROM redemption WHERE"
        " campaign = ?1 AND state = 2 AND day >= ?2 AND day < ?3 AND member IS NOT NULL"
        " GROUP BY member) AS f WHERE EXISTS (SELECT 1 FROM purchase AS p WHERE"
        " p.member = f.member AND p.at_ms > f.first_ms AND p.at_ms < ?4 AND"
        " p.amount_minor > p.refunded_minor AND NOT EXISTS (SELECT 1 FROM redemption AS r WHERE"
        " r.campaign = ?1 AND r.key = p.key AND r.at_ms = f.first_ms))",
        &query));
    store_bind_text(query, campaign);
    store_bind_int(query, from_day);
    store_bind_int(query, until_day);
    store_bind_int(query, day_begins(until_day));
    bool row = false;
    TRY(store_step(query, &row));
    e->members_again = store_read_int(query);
    return loyalty_row_end(query);
}

static err read_sales(struct store *store, struct bytes merchant, int64_t from_day, int64_t days,
                      int64_t *ret_minor, int64_t *ret_count)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT coalesce(sum(amount_minor - refunded_minor), 0), count(*)"
                        " FROM purchase WHERE merchant = ? AND at_ms >= ? AND at_ms < ? AND"
                        " amount_minor > refunded_minor",
                        &query));
    store_bind_text(query, merchant);
    store_bind_int(query, day_begins(from_day));
    store_bind_int(query, day_begins(from_day + days));
    bool row = false;
    TRY(store_step(query, &row));
    *ret_minor = store_read_int(query);
    *ret_count = store_read_int(query);
    return loyalty_row_end(query);
}

err loyalty_effect(struct store *store, struct bytes merchant, struct bytes campaign,
                   int64_t from_day, int64_t days, enum loyalty_verdict *ret_verdict,
                   struct loyalty_effect *out)
{
    struct loyalty_effect e = {0};
    struct loyalty_campaign c = {.state = LOYALTY_DRAFT};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    if (days < 1 || days > LOYALTY_EFFECT_DAYS_MAX || from_day < 0) return ERR(RANGE);
    TRY(loyalty_campaign(store, merchant, campaign, &verdict, &c));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    e.before_day = from_day - (days + WEEK - 1) / WEEK * WEEK;
    TRY(read_given(store, campaign, from_day, from_day + days, &e));
    TRY(read_with(store, campaign, from_day, from_day + days, &e));
    TRY(read_again(store, campaign, from_day, from_day + days, &e));
    TRY(read_sales(store, merchant, from_day, days, &e.sales_minor, &e.sales));
    TRY(read_sales(store, merchant, e.before_day, days, &e.before_minor, &e.before));
    e.extra_minor = e.sales_minor - e.before_minor;
    e.again_ppm = e.members == 0 ? 0 : e.members_again * 1000000 / e.members;
    *out = e;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_effect_check(struct store *store, int64_t *ret_differing)
{
    int64_t differing = 0, missing = 0;
    TRY(store_query_int(
        store,
        "SELECT count(*) FROM campaign_day AS d LEFT JOIN (SELECT campaign, day, count(*) AS times,"
        " sum(minor) AS minor FROM redemption WHERE state = 2 GROUP BY campaign, day) AS r ON"
        " r.campaign = d.campaign AND r.day = d.day WHERE d.times <> coalesce(r.times, 0) OR"
        " d.minor <> coalesce(r.minor, 0)",
        &differing));
    TRY(store_query_int(store,
                        "SELECT count(*) FROM (SELECT DISTINCT campaign, day FROM redemption WHERE"
                        " state = 2 EXCEPT SELECT campaign, day FROM campaign_day)",
                        &missing));
    *ret_differing = differing + missing;
    return OK;
}
