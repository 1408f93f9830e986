/* SPDX-License-Identifier: Apache-2.0 */
/* Points that purchases earn, and what refunds take back of them. */
#include "loyalty/lots.h"
#include "loyalty/points.h"

/* clang-format off */
static const char *const points_migration[] = {
    "CREATE TABLE purchase(key BLOB PRIMARY KEY, merchant TEXT NOT NULL, member TEXT,"
    " at_ms INTEGER NOT NULL, outlet INTEGER NOT NULL,"
    " amount_minor INTEGER NOT NULL CHECK(amount_minor >= 0),"
    " refunded_minor INTEGER NOT NULL CHECK(refunded_minor BETWEEN 0 AND amount_minor),"
    " points INTEGER NOT NULL CHECK(points >= 0), settled INTEGER NOT NULL,"
    " points_back INTEGER NOT NULL CHECK(points_back BETWEEN 0 AND points)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX purchase_member ON purchase(member, at_ms) WHERE member IS NOT NULL;"
    "CREATE INDEX purchase_merchant ON purchase(merchant, at_ms);"
    "CREATE TABLE points_lot(id INTEGER PRIMARY KEY, member TEXT NOT NULL, merchant TEXT NOT NULL,"
    " key BLOB NOT NULL, expires_ms INTEGER NOT NULL, points INTEGER NOT NULL,"
    " rest INTEGER NOT NULL CHECK(rest BETWEEN 0 AND points)) STRICT;"
    "CREATE INDEX lot_member ON points_lot(member, expires_ms, id) WHERE rest > 0;"
    "CREATE INDEX lot_expiry ON points_lot(expires_ms) WHERE rest > 0;"
    "CREATE TABLE points_hold(key BLOB PRIMARY KEY, member TEXT NOT NULL, merchant TEXT NOT NULL,"
    " points INTEGER NOT NULL CHECK(points > 0),"
    " returned INTEGER NOT NULL CHECK(returned BETWEEN 0 AND points), state INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE points_take(key BLOB NOT NULL, lot INTEGER NOT NULL, points INTEGER NOT NULL,"
    " PRIMARY KEY(key, lot)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE refund(refund_key BLOB PRIMARY KEY, key BLOB NOT NULL,"
    " amount_minor INTEGER NOT NULL, points INTEGER NOT NULL, owed INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;",
    "CREATE TABLE points_adjustment(key BLOB PRIMARY KEY, merchant TEXT NOT NULL,"
    " member TEXT NOT NULL, points INTEGER NOT NULL CHECK(points <> 0), reason TEXT NOT NULL,"
    " by TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX adjustment_member ON points_adjustment(member, at_ms);",
};
/* clang-format on */

const struct store_schema loyalty_points_schema = {"loyalty_points", points_migration,
                                                   ARRAY_LEN(points_migration)};

/* A purchase as it is on record. */
struct purchase_row {
    char merchant[LOYALTY_MERCHANT_MAX + 1], member[LOYALTY_ID_LEN + 1];
    int64_t amount_minor, refunded_minor, points, settled, points_back;
};

static err read_purchase(struct store *store, struct bytes key, bool *ret_found,
                         struct purchase_row *out)
{
    struct store_statement *query;
    struct purchase_row p = {{0}};
    TRY(store_statement(store,
                        "SELECT merchant, coalesce(member, ''), amount_minor, refunded_minor,"
                        " points, settled, points_back FROM purchase WHERE key = ?",
                        &query));
    store_bind_blob(query, key);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    store_read_text_into(query, p.merchant, sizeof p.merchant);
    store_read_text_into(query, p.member, sizeof p.member);
    p.amount_minor = store_read_int(query);
    p.refunded_minor = store_read_int(query);
    p.points = store_read_int(query);
    p.settled = store_read_int(query);
    p.points_back = store_read_int(query);
    TRY(loyalty_row_end(query));
    *out = p;
    return OK;
}

static err insert_purchase(struct store *store, const struct loyalty_purchase *p, bool with_member,
                           const struct loyalty_earned *earned)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO purchase(key, merchant, member, at_ms, outlet, amount_minor,"
                        " refunded_minor, points, settled, points_back)"
                        " VALUES(?, ?, ?, ?, ?, ?, 0, ?, ?, 0)",
                        &s));
    store_bind_blob(s, p->key);
    store_bind_text(s, p->merchant);
    if (with_member) store_bind_text(s, p->member);
    else store_bind_null(s);
    store_bind_int(s, p->at_ms);
    store_bind_int(s, p->outlet);
    store_bind_int(s, p->amount_minor);
    store_bind_int(s, earned->points);
    store_bind_int(s, earned->settled);
    return store_run(s);
}

/* What a member has bought in the 365 days before `at_ms`, less refunds. */
static err turnover(struct store *store, struct bytes member, int64_t at_ms, int64_t *ret_minor)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT coalesce(sum(amount_minor - refunded_minor), 0) FROM purchase"
                        " WHERE member = ? AND at_ms > ? AND at_ms <= ?",
                        &query));
    store_bind_text(query, member);
    store_bind_int(query, at_ms - 365 * LOYALTY_DAY_MS);
    store_bind_int(query, at_ms);
    bool row = false;
    TRY(store_step(query, &row));
    *ret_minor = store_read_int(query);
    return loyalty_row_end(query);
}

err loyalty_tier_at(struct store *store, const struct loyalty_programme *programme,
                    struct bytes member, int64_t at_ms, int64_t *ret_tier)
{
    int64_t minor = 0;
    TRY(turnover(store, member, at_ms, &minor));
    *ret_tier = loyalty_tier_of(programme, minor);
    return OK;
}

static err set_tier(struct store *store, const char *member, int64_t tier)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE member SET tier = ?1 WHERE id = ?2 AND tier <> ?1", &s));
    store_bind_int(s, tier);
    store_bind_text(s, bytes_text(member));
    return store_run(s);
}

int64_t loyalty_expiry(const struct loyalty_programme *programme, int64_t at_ms)
{
    return at_ms + programme->expiry_months * LOYALTY_MONTH_DAYS * LOYALTY_DAY_MS;
}

err loyalty_points_given(struct store *store, const struct loyalty_member *member,
                         const struct loyalty_programme *programme, struct bytes key,
                         int64_t points, int64_t at_ms, int64_t *ret_settled)
{
    struct account owed;
    *ret_settled = 0;
    if (points == 0) return OK;
    struct book_entry entry = {.debit = ACCOUNT_POINTS_COST,
                               .debit_owner = member->merchant,
                               .credit = ACCOUNT_POINTS,
                               .credit_owner = member->id,
                               .currency = LOYALTY_CURRENCY_POINTS,
                               .amount = points,
                               .at_ms = at_ms,
                               .key = key};
    TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    TRY(loyalty_book_account(store, ACCOUNT_POINTS_OWED, member->id, LOYALTY_CURRENCY_POINTS,
                             &owed));
    int64_t owes = book_balance(&owed), settled = owes < points ? owes : points;
    if (settled > 0) {
        entry.debit = ACCOUNT_POINTS;
        entry.debit_owner = member->id;
        entry.credit = ACCOUNT_POINTS_OWED;
        entry.amount = settled;
        TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    }
    *ret_settled = settled;
    return loyalty_lot_add(store, member, key, loyalty_expiry(programme, at_ms), points - settled);
}

static err earn_new(struct store *store, const struct loyalty_purchase *p,
                    const struct loyalty_programme *programme, const struct loyalty_member *member,
                    struct loyalty_earned *out)
{
    struct loyalty_earned earned = {0};
    int64_t before_minor = 0;
    TRY(turnover(store, p->member, p->at_ms, &before_minor));
    int64_t tier = loyalty_tier_of(programme, before_minor);
    earned.points = p->amount_minor * programme->tier[tier].per_100_yuan / 10000;
    earned.tier = loyalty_tier_of(programme, before_minor + p->amount_minor);
    TRY(loyalty_points_given(store, member, programme, p->key, earned.points, p->at_ms,
                             &earned.settled));
    TRY(insert_purchase(store, p, true, &earned));
    TRY(set_tier(store, member->id, earned.tier));
    *out = earned;
    return OK;
}

static enum loyalty_verdict repeated(const struct loyalty_purchase *p,
                                     const struct purchase_row *row, struct loyalty_earned *out)
{
    bool same = row->amount_minor == p->amount_minor &&
                bytes_equal(bytes_text(row->merchant), p->merchant) &&
                (row->member[0] == '\0' || bytes_equal(bytes_text(row->member), p->member));
    if (!same) return LOYALTY_OTHER_CONTENT;
    *out = (struct loyalty_earned){.points = row->points, .settled = row->settled};
    return LOYALTY_REPEATED;
}

err loyalty_earn(struct store *store, const struct loyalty_purchase *p,
                 enum loyalty_verdict *ret_verdict, struct loyalty_earned *out)
{
    ENSURE(loyalty_key_ok(p->key));
    if (p->amount_minor < 0 || p->amount_minor > LOYALTY_AMOUNT_MAX)
        DECIDE(ret_verdict, LOYALTY_AMOUNT);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme programme;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_programme(store, p->merchant, &verdict, &programme));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    struct purchase_row row = {{0}};
    bool found = false, counts = false;
    TRY(read_purchase(store, p->key, &found, &row));
    if (found) DECIDE(ret_verdict, repeated(p, &row, out));
    struct loyalty_member member = {{0}};
    struct loyalty_earned earned = {0};
    TRY(loyalty_member_counts(store, p->merchant, p->member, &counts, &member));
    if (counts) TRY(earn_new(store, p, &programme, &member, &earned));
    else TRY(insert_purchase(store, p, false, &earned));
    TRY(store_commit(&tx));
    *out = earned;
    DECIDE(ret_verdict, counts || p->member.len == 0 ? LOYALTY_DONE : LOYALTY_WITHOUT_MEMBER);
}

/* ---- refunds ----------------------------------------------------------------------------------
 */

err loyalty_refund_known(struct store *store, struct loyalty_refund *refund,
                         enum loyalty_verdict *ret_verdict)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT key = ?2 AND amount_minor = ?3 AND (?3 <> 0 OR points = ?4),"
                        " points, owed FROM refund WHERE refund_key = ?1",
                        &query));
    store_bind_blob(query, refund->refund_key);
    store_bind_blob(query, refund->key);
    store_bind_int(query, refund->amount_minor);
    store_bind_int(query, refund->points);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_DONE);
    bool same = store_read_int(query) != 0;
    refund->points = store_read_int(query);
    refund->owed = store_read_int(query);
    TRY(loyalty_row_end(query));
    DECIDE(ret_verdict, same ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT);
}

err loyalty_refund_insert(struct store *store, const struct loyalty_refund *refund)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO refund(refund_key, key, amount_minor, points, owed)"
                        " VALUES(?, ?, ?, ?, ?)",
                        &s));
    store_bind_blob(s, refund->refund_key);
    store_bind_blob(s, refund->key);
    store_bind_int(s, refund->amount_minor);
    store_bind_int(s, refund->points);
    store_bind_int(s, refund->owed);
    return store_run(s);
}

static err note_refund(struct store *store, const struct loyalty_refund *refund)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "UPDATE purchase SET refunded_minor = refunded_minor + ?,"
                        " points_back = points_back + ? WHERE key = ?",
                        &s));
    store_bind_int(s, refund->amount_minor);
    store_bind_int(s, refund->points);
    store_bind_blob(s, refund->key);
    TRY(store_run(s));
    return loyalty_refund_insert(store, refund);
}

static err book_back(struct store *store, const struct purchase_row *row,
                     const struct loyalty_refund *refund, int64_t at_ms)
{
    struct book_entry entry = {.debit = ACCOUNT_POINTS,
                               .debit_owner = row->member,
                               .credit = ACCOUNT_POINTS_COST,
                               .credit_owner = row->merchant,
                               .currency = LOYALTY_CURRENCY_POINTS,
                               .amount = refund->points - refund->owed,
                               .at_ms = at_ms,
                               .key = refund->refund_key};
    if (entry.amount > 0) TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    entry.debit = ACCOUNT_POINTS_OWED;
    entry.amount = refund->owed;
    return entry.amount > 0 ? loyalty_book_sure(store, BOOK_MOVE, &entry) : OK;
}

/* The points of this part: first those of the purchase itself, then others, then they are owed.
 * Nothing is owed by one who has been erased. */
static err take_points_back(struct store *store, const struct purchase_row *row,
                            struct loyalty_refund *refund, int64_t at_ms)
{
    int64_t own = 0, others = 0, total_minor = row->refunded_minor + refund->amount_minor;
    __int128 due = (__int128)row->points * total_minor / row->amount_minor;
    refund->points = (int64_t)due - row->points_back;
    if (refund->points == 0) return OK;
    TRY(loyalty_lot_take_key(store, bytes_text(row->member), refund->key, refund->points, &own));
    TRY(loyalty_lot_take(store, bytes_text(row->member), refund->points - own, at_ms,
                         (struct bytes){0}, &others));
    refund->owed = refund->points - own - others;
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_member(store, bytes_text(row->merchant), bytes_text(row->member), &verdict,
                       &member));
    if (member.state == LOYALTY_ERASED) {
        refund->points -= refund->owed;
        refund->owed = 0;
    }
    return book_back(store, row, refund, at_ms);
}

err loyalty_earn_back(struct store *store, struct bytes merchant, struct bytes key,
                      struct bytes refund_key, int64_t amount_minor, int64_t at_ms,
                      enum loyalty_verdict *ret_verdict, struct loyalty_back *out)
{
    ENSURE(loyalty_key_ok(refund_key));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_refund refund = {
        .key = key, .refund_key = refund_key, .amount_minor = amount_minor};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    if (amount_minor <= 0 || amount_minor > LOYALTY_AMOUNT_MAX) DECIDE(ret_verdict, LOYALTY_AMOUNT);
    TRY(loyalty_refund_known(store, &refund, &verdict));
    if (verdict == LOYALTY_REPEATED) *out = (struct loyalty_back){refund.points, refund.owed};
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    struct purchase_row row = {{0}};
    bool found = false;
    TRY(read_purchase(store, key, &found, &row));
    if (!found || !bytes_equal(bytes_text(row.merchant), merchant))
        DECIDE(ret_verdict, LOYALTY_NO_PAYMENT);
    if (amount_minor > row.amount_minor - row.refunded_minor) DECIDE(ret_verdict, LOYALTY_TOO_MUCH);
    if (row.member[0] != '\0') TRY(take_points_back(store, &row, &refund, at_ms));
    TRY(note_refund(store, &refund));
    TRY(store_commit(&tx));
    *out = (struct loyalty_back){refund.points, refund.owed};
    DECIDE(ret_verdict, LOYALTY_DONE);
}

/* ---- tiers that fall --------------------------------------------------------------------------
 */

static err next_with_tier(struct store *store, struct bytes merchant, char *id, int64_t *ret_tier,
                          bool *ret_found)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT id, tier FROM member WHERE merchant = ? AND id > ? AND tier > 0"
                        " ORDER BY id LIMIT 1",
                        &query));
    store_bind_text(query, merchant);
    store_bind_text(query, bytes_text(id));
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    store_read_text_into(query, id, LOYALTY_ID_LEN + 1);
    *ret_tier = store_read_int(query);
    return loyalty_row_end(query);
}

err loyalty_tiers_fall(struct store *store, struct bytes merchant, int64_t at_ms,
                       int64_t *ret_fallen)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme programme;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    char id[LOYALTY_ID_LEN + 1] = "";
    int64_t fallen = 0, now = 0, tier = 0;
    bool found = true;
    TRY(loyalty_programme(store, merchant, &verdict, &programme));
    while (verdict == LOYALTY_DONE) {
        TRY(next_with_tier(store, merchant, id, &now, &found));
        if (!found) break;
        TRY(loyalty_tier_at(store, &programme, bytes_text(id), at_ms, &tier));
        if (tier < now) TRY(set_tier(store, id, tier));
        fallen += tier < now;
    }
    TRY(store_commit(&tx));
    *ret_fallen = fallen;
    return OK;
}
