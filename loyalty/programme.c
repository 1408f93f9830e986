/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a merchant's programme: checked, saved with a version, applied. */
#include "loyalty/programme.h"

#include "loyalty/internal.h"

/* clang-format off */
static const char *const programme_migration[] = {
    "CREATE TABLE programme(merchant TEXT PRIMARY KEY, version INTEGER NOT NULL,"
    " tiers INTEGER NOT NULL, points_per_yuan INTEGER NOT NULL, expiry_months INTEGER NOT NULL,"
    " quiet_from INTEGER NOT NULL, quiet_until INTEGER NOT NULL, messages_a_week INTEGER NOT NULL,"
    " may_be_free INTEGER NOT NULL) STRICT;"
    "CREATE TABLE programme_tier(merchant TEXT NOT NULL, tier INTEGER NOT NULL,"
    " from_minor INTEGER NOT NULL, per_100_yuan INTEGER NOT NULL,"
    " PRIMARY KEY(merchant, tier)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE programme_bonus(merchant TEXT NOT NULL, step INTEGER NOT NULL,"
    " from_minor INTEGER NOT NULL, bonus_minor INTEGER NOT NULL,"
    " PRIMARY KEY(merchant, step)) STRICT, WITHOUT ROWID;",
};
/* clang-format on */

const struct store_schema loyalty_programme_schema = {"loyalty_programme", programme_migration,
                                                      ARRAY_LEN(programme_migration)};

static bool tiers_ok(const struct loyalty_programme *p)
{
    if (p->tiers < 1 || p->tiers > LOYALTY_TIERS || p->tier[0].from_minor != 0) return false;
    for (int64_t i = 0; i < p->tiers; i++) {
        const struct loyalty_tier *tier = &p->tier[i];
        if (tier->per_100_yuan < 0 || tier->per_100_yuan > LOYALTY_RATE_MAX) return false;
        if (tier->from_minor < 0 || tier->from_minor > LOYALTY_AMOUNT_MAX) return false;
        if (i > 0 && tier->from_minor <= tier[-1].from_minor) return false;
    }
    return true;
}

static bool bonuses_ok(const struct loyalty_programme *p)
{
    for (size_t i = 0; i < LOYALTY_BONUSES; i++) {
        const struct loyalty_bonus *b = &p->bonus[i];
        if (b->from_minor == 0 && b->bonus_minor == 0) continue;
        if (b->from_minor <= 0 || b->bonus_minor <= 0 || b->from_minor > LOYALTY_AMOUNT_MAX ||
            b->bonus_minor > LOYALTY_AMOUNT_MAX)
            return false;
        if (i > 0 && (b->from_minor <= b[-1].from_minor || b->bonus_minor <= b[-1].bonus_minor ||
                      b[-1].from_minor == 0))
            return false;
    }
    return true;
}

static bool minute_ok(int64_t minute)
{
    return minute >= 0 && minute < 1440;
}

static bool settings_ok(const struct loyalty_programme *p)
{
    return tiers_ok(p) && bonuses_ok(p) && p->points_per_yuan >= 0 &&
           p->points_per_yuan <= LOYALTY_RATE_MAX && p->expiry_months >= 1 &&
           p->expiry_months <= LOYALTY_MONTHS_MAX && minute_ok(p->quiet_from_minute) &&
           minute_ok(p->quiet_until_minute) && p->messages_a_week >= 0 &&
           p->messages_a_week <= LOYALTY_WEEK_MAX;
}

static err read_tiers(struct store *store, struct loyalty_programme *p)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT from_minor, per_100_yuan FROM programme_tier WHERE merchant = ?"
                        " ORDER BY tier",
                        &query));
    store_bind_text(query, bytes_text(p->merchant));
    for (int64_t i = 0;; i++) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        ENSURE(i < LOYALTY_TIERS);
        p->tier[i].from_minor = store_read_int(query);
        p->tier[i].per_100_yuan = store_read_int(query);
        TRY(store_read_finish(query));
    }
}

static err read_bonuses(struct store *store, struct loyalty_programme *p)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT from_minor, bonus_minor FROM programme_bonus WHERE merchant = ?"
                        " ORDER BY step",
                        &query));
    store_bind_text(query, bytes_text(p->merchant));
    for (int64_t i = 0;; i++) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        ENSURE(i < LOYALTY_BONUSES);
        p->bonus[i].from_minor = store_read_int(query);
        p->bonus[i].bonus_minor = store_read_int(query);
        TRY(store_read_finish(query));
    }
}

err loyalty_programme(struct store *store, struct bytes merchant, enum loyalty_verdict *ret_verdict,
                      struct loyalty_programme *out)
{
    struct loyalty_programme p = {{0}};
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT merchant, version, tiers, points_per_yuan, expiry_months,"
                        " quiet_from, quiet_until, messages_a_week, may_be_free FROM programme"
                        " WHERE merchant = ?",
                        &query));
    store_bind_text(query, merchant);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_NO_PROGRAMME);
    store_read_text_into(query, p.merchant, sizeof p.merchant);
    p.version = store_read_int(query);
    p.tiers = store_read_int(query);
    p.points_per_yuan = store_read_int(query);
    p.expiry_months = store_read_int(query);
    p.quiet_from_minute = store_read_int(query);
    p.quiet_until_minute = store_read_int(query);
    p.messages_a_week = store_read_int(query);
    p.may_be_free = store_read_int(query) != 0;
    TRY(loyalty_row_end(query));
    TRY(read_tiers(store, &p));
    TRY(read_bonuses(store, &p));
    *out = p;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

static err write_row(struct store *store, const struct loyalty_programme *p)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT OR REPLACE INTO programme(merchant, version, tiers,"
                        " points_per_yuan, expiry_months, quiet_from, quiet_until, messages_a_week,"
                        " may_be_free) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(p->merchant));
    store_bind_int(s, p->version + 1);
    store_bind_int(s, p->tiers);
    store_bind_int(s, p->points_per_yuan);
    store_bind_int(s, p->expiry_months);
    store_bind_int(s, p->quiet_from_minute);
    store_bind_int(s, p->quiet_until_minute);
    store_bind_int(s, p->messages_a_week);
    store_bind_int(s, p->may_be_free);
    return store_run(s);
}

static err write_tier(struct store *store, const struct loyalty_programme *p, int64_t i)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO programme_tier(merchant, tier, from_minor, per_100_yuan)"
                        " VALUES(?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(p->merchant));
    store_bind_int(s, i);
    store_bind_int(s, p->tier[i].from_minor);
    store_bind_int(s, p->tier[i].per_100_yuan);
    return store_run(s);
}

static err write_bonus(struct store *store, const struct loyalty_programme *p, int64_t i)
{
    struct store_statement *s;
    if (p->bonus[i].from_minor == 0) return OK;
    TRY(store_statement(store,
                        "INSERT INTO programme_bonus(merchant, step, from_minor, bonus_minor)"
                        " VALUES(?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(p->merchant));
    store_bind_int(s, i);
    store_bind_int(s, p->bonus[i].from_minor);
    store_bind_int(s, p->bonus[i].bonus_minor);
    return store_run(s);
}

static err forget_steps(struct store *store, const char *merchant)
{
    struct store_statement *s;
    TRY(store_statement(store, "DELETE FROM programme_tier WHERE merchant = ?", &s));
    store_bind_text(s, bytes_text(merchant));
    TRY(store_run(s));
    TRY(store_statement(store, "DELETE FROM programme_bonus WHERE merchant = ?", &s));
    store_bind_text(s, bytes_text(merchant));
    return store_run(s);
}

/* All but the version. */
static bool is_same(const struct loyalty_programme *a, const struct loyalty_programme *b)
{
    return strcmp(a->merchant, b->merchant) == 0 && a->tiers == b->tiers &&
           memcmp(a->tier, b->tier, sizeof a->tier) == 0 &&
           memcmp(a->bonus, b->bonus, sizeof a->bonus) == 0 &&
           a->points_per_yuan == b->points_per_yuan && a->expiry_months == b->expiry_months &&
           a->quiet_from_minute == b->quiet_from_minute &&
           a->quiet_until_minute == b->quiet_until_minute &&
           a->messages_a_week == b->messages_a_week && a->may_be_free == b->may_be_free;
}

err loyalty_programme_save(struct store *store, const struct loyalty_programme *p,
                           enum loyalty_verdict *ret_verdict)
{
    ENSURE(p->merchant[0] != '\0');
    if (!settings_ok(p)) DECIDE(ret_verdict, LOYALTY_SETTINGS);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme now = {{0}};
    enum loyalty_verdict known = LOYALTY_DONE;
    TRY(loyalty_programme(store, bytes_text(p->merchant), &known, &now));
    if (now.version == p->version + 1 && is_same(&now, p)) DECIDE(ret_verdict, LOYALTY_REPEATED);
    if (now.version != p->version) DECIDE(ret_verdict, LOYALTY_CHANGED);
    TRY(write_row(store, p));
    TRY(forget_steps(store, p->merchant));
    for (int64_t i = 0; i < p->tiers; i++) TRY(write_tier(store, p, i));
    for (int64_t i = 0; i < LOYALTY_BONUSES; i++) TRY(write_bonus(store, p, i));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_programme_next(struct store *store, char merchant[static LOYALTY_MERCHANT_MAX + 1],
                           bool *ret_found)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT merchant FROM programme WHERE merchant > ? ORDER BY merchant"
                        " LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(merchant));
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    store_read_text_into(query, merchant, LOYALTY_MERCHANT_MAX + 1);
    return loyalty_row_end(query);
}

int64_t loyalty_points_worth(const struct loyalty_programme *p, int64_t points)
{
    ENSURE(points >= 0 && points <= LOYALTY_AMOUNT_MAX);
    return p->points_per_yuan == 0 ? 0 : points * 100 / p->points_per_yuan;
}

int64_t loyalty_bonus_of(const struct loyalty_programme *p, int64_t top_up_minor)
{
    int64_t bonus = 0;
    for (size_t i = 0; i < LOYALTY_BONUSES; i++)
        if (p->bonus[i].from_minor > 0 && top_up_minor >= p->bonus[i].from_minor)
            bonus = p->bonus[i].bonus_minor;
    return bonus;
}

int64_t loyalty_tier_of(const struct loyalty_programme *p, int64_t turnover_minor)
{
    int64_t tier = 0;
    for (int64_t i = 1; i < p->tiers; i++)
        if (turnover_minor >= p->tier[i].from_minor) tier = i;
    return tier;
}
