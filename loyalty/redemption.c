/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of payments that campaigns take off: reserved, given, released, undone. */
#include "loyalty/redemption.h"

#include "loyalty/best.h"

/* clang-format off */
static const char *const redemption_migration[] = {
    "CREATE TABLE redemption(key BLOB NOT NULL, campaign TEXT NOT NULL, member TEXT, coupon TEXT,"
    " minor INTEGER NOT NULL CHECK(minor > 0), state INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " day INTEGER NOT NULL, PRIMARY KEY(key, campaign)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX redemption_member ON redemption(campaign, member, state, day)"
    " WHERE member IS NOT NULL;"
    "CREATE INDEX redemption_day ON redemption(campaign, day);"
    "CREATE TABLE campaign_day(campaign TEXT NOT NULL, day INTEGER NOT NULL,"
    " times INTEGER NOT NULL, minor INTEGER NOT NULL, PRIMARY KEY(campaign, day))"
    " STRICT, WITHOUT ROWID;",
};
/* clang-format on */

const struct store_schema loyalty_redemption_schema = {"loyalty_redemption", redemption_migration,
                                                       ARRAY_LEN(redemption_migration)};

static void bind_text_or_null(struct store_statement *s, struct bytes text)
{
    if (text.len == 0) store_bind_null(s);
    else store_bind_text(s, text);
}

err loyalty_redemption_insert(struct store *store, const struct redemption *r)
{
    struct store_statement *s;
    ENSURE(store_in_tx(store));
    TRY(store_statement(store,
                        "INSERT INTO redemption(key, campaign, member, coupon, minor, state, at_ms,"
                        " day) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_blob(s, r->key);
    store_bind_text(s, r->campaign);
    bind_text_or_null(s, r->member);
    bind_text_or_null(s, r->coupon);
    store_bind_int(s, r->minor);
    store_bind_int(s, r->state);
    store_bind_int(s, r->at_ms);
    store_bind_int(s, loyalty_day(r->at_ms));
    return store_run(s);
}

err loyalty_redemption_book(struct store *store, enum book_step step, const struct redemption *r,
                            enum account_kind from, const char *from_owner,
                            enum transfer_verdict *ret_verdict)
{
    char campaign[LOYALTY_ID_LEN + 1];
    TRY(bytes_to_text(r->campaign, campaign, sizeof campaign));
    struct book_entry entry = {.debit = from,
                               .debit_owner = from_owner,
                               .credit = ACCOUNT_CAMPAIGN_DISCOUNT,
                               .credit_owner = campaign,
                               .currency = LOYALTY_CURRENCY_CNY,
                               .amount = r->minor,
                               .at_ms = r->at_ms,
                               .key = r->key};
    TRY(loyalty_book(store, step, &entry, ret_verdict));
    if (*ret_verdict != TRANSFER_OK) return OK;
    entry.currency = LOYALTY_CURRENCY_USES;
    entry.amount = 1;
    return loyalty_book(store, step, &entry, ret_verdict);
}

err loyalty_redemption_day(struct store *store, struct bytes campaign, int64_t at_ms, int64_t times,
                           int64_t minor)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO campaign_day(campaign, day, times, minor) VALUES(?, ?, ?, ?)"
                        " ON CONFLICT(campaign, day) DO UPDATE SET times = times + excluded.times,"
                        " minor = minor + excluded.minor",
                        &s));
    store_bind_text(s, campaign);
    store_bind_int(s, loyalty_day(at_ms));
    store_bind_int(s, times);
    store_bind_int(s, minor);
    return store_run(s);
}

/* ---- what is on record of a payment -----------------------------------------------------------
 */

struct row {
    char campaign[LOYALTY_ID_LEN + 1], coupon[LOYALTY_COUPON_LEN + 1];
    int64_t minor, at_ms;
    enum redemption_state state;
};

struct rows {
    size_t count;
    struct row row[OFFER_CANDIDATES_MAX];
};

static err read_rows(struct store *store, struct bytes key, struct rows *out)
{
    struct store_statement *query;
    out->count = 0;
    TRY(store_statement(store,
                        "SELECT campaign, coalesce(coupon, ''), minor, state, at_ms FROM redemption"
                        " WHERE key = ? ORDER BY campaign LIMIT 32",
                        &query));
    store_bind_blob(query, key);
    for (;;) {
        bool found = false;
        TRY(store_step(query, &found));
        if (!found) return OK;
        struct row *row = &out->row[out->count++];
        store_read_text_into(query, row->campaign, sizeof row->campaign);
        store_read_text_into(query, row->coupon, sizeof row->coupon);
        row->minor = store_read_int(query);
        row->state = (enum redemption_state)store_read_int(query);
        row->at_ms = store_read_int(query);
        TRY(store_read_finish(query));
    }
}

static const struct row *row_of(const struct rows *rows, struct bytes campaign)
{
    for (size_t i = 0; i < rows->count; i++)
        if (bytes_equal(bytes_text(rows->row[i].campaign), campaign)) return &rows->row[i];
    return NULL;
}

static bool is_same(const struct rows *rows, const struct loyalty_reservation *r)
{
    if (rows->count != r->parts) return false;
    for (size_t i = 0; i < r->parts; i++) {
        const struct row *row = row_of(rows, r->part[i].campaign);
        if (row == NULL || row->minor != r->part[i].minor ||
            !bytes_equal(bytes_text(row->coupon), r->part[i].coupon))
            return false;
    }
    return true;
}

/* ---- reserving --------------------------------------------------------------------------------
 */

static const struct offer_line *line_of(const struct offer_result *result, struct bytes campaign)
{
    for (size_t i = 0; i < result->count; i++)
        if (bytes_equal(bytes_text(result->line[i].campaign->id), campaign))
            return &result->line[i];
    return NULL;
}

/* Why a part cannot be had as it was asked for. */
static err why_not(struct store *store, const struct loyalty_reservation *r,
                   const struct loyalty_part *part, const struct offer_line *line,
                   enum loyalty_verdict *ret_verdict)
{
    if (line == NULL) DECIDE(ret_verdict, LOYALTY_CAMPAIGN_STATE);
    if (line->reason == OFFER_BUDGET_SPENT) DECIDE(ret_verdict, LOYALTY_BUDGET_SPENT);
    if (line->reason == OFFER_USED_TODAY || line->reason == OFFER_USED_UP)
        DECIDE(ret_verdict, LOYALTY_USED_UP);
    if (line->reason == OFFER_NO_COUPON) {
        TRY(loyalty_coupon_judge(store, part->coupon, part->campaign, r->ask.member,
                                 r->ask.sale.at_ms, ret_verdict));
        if (*ret_verdict != LOYALTY_DONE) return OK;
    }
    DECIDE(ret_verdict, LOYALTY_OFFER_CHANGED);
}

static err check_part(struct store *store, const struct loyalty_reservation *r,
                      const struct loyalty_part *part, const struct loyalty_best *best,
                      enum loyalty_verdict *ret_verdict)
{
    const struct offer_line *line = line_of(&best->result, part->campaign);
    if (line == NULL || line->reason != OFFER_TAKEN || line->minor != part->minor)
        return why_not(store, r, part, line, ret_verdict);
    const char *coupon = best->coupon[line->campaign - best->campaign];
    bool same = bytes_equal(bytes_text(coupon), part->coupon);
    DECIDE(ret_verdict, same ? LOYALTY_DONE : LOYALTY_OFFER_CHANGED);
}

/* Reckons the parts again, as if no other campaign ran: each has to come out as it is asked for. */
static err check_parts(struct store *store, const struct loyalty_reservation *r,
                       enum loyalty_verdict *ret_verdict, bool *ret_member)
{
    struct loyalty_campaign_ids ids = {0};
    struct loyalty_ask ask = r->ask;
    struct loyalty_candidates candidates;
    struct loyalty_best best;
    ask.coupons = 0;
    for (size_t i = 0; i < r->parts; i++) {
        if (FAILED(bytes_to_text(r->part[i].campaign, ids.id[i], sizeof ids.id[i])))
            DECIDE(ret_verdict, LOYALTY_NO_CAMPAIGN);
        if (r->part[i].coupon.len > 0 && ask.coupons < LOYALTY_SHOWN_MAX)
            ask.coupon[ask.coupons++] = r->part[i].coupon;
        for (size_t k = 0; k < i; k++)
            if (strcmp(ids.id[i], ids.id[k]) == 0) DECIDE(ret_verdict, LOYALTY_OFFER_CHANGED);
    }
    ids.count = r->parts;
    TRY(loyalty_candidates(store, &ask, &ids, &best, &candidates));
    *ret_member = candidates.member.known;
    for (size_t i = 0; i < r->parts; i++) {
        TRY(check_part(store, r, &r->part[i], &best, ret_verdict));
        if (*ret_verdict != LOYALTY_DONE) return OK;
    }
    return OK;
}

static err hold_part(struct store *store, const struct loyalty_reservation *r,
                     const struct loyalty_part *part, bool with_member,
                     enum loyalty_verdict *ret_verdict)
{
    struct redemption redemption = {.key = r->key,
                                    .campaign = part->campaign,
                                    .member = with_member ? r->ask.member : (struct bytes){0},
                                    .coupon = part->coupon,
                                    .minor = part->minor,
                                    .at_ms = r->ask.sale.at_ms,
                                    .state = REDEMPTION_RESERVED};
    char campaign[LOYALTY_ID_LEN + 1];
    enum transfer_verdict verdict = TRANSFER_OK;
    TRY(bytes_to_text(part->campaign, campaign, sizeof campaign));
    TRY(loyalty_redemption_book(store, BOOK_HOLD, &redemption, ACCOUNT_CAMPAIGN_BUDGET, campaign,
                                &verdict));
    if (verdict != TRANSFER_OK) DECIDE(ret_verdict, LOYALTY_BUDGET_SPENT);
    if (part->coupon.len > 0)
        TRY(loyalty_coupon_set(store, part->coupon, LOYALTY_COUPON_RESERVED, (struct bytes){0}));
    TRY(loyalty_redemption_insert(store, &redemption));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_reserve(struct store *store, const struct loyalty_reservation *r,
                    enum loyalty_verdict *ret_verdict)
{
    ENSURE(loyalty_key_ok(r->key) && r->parts > 0 && r->parts <= OFFER_CANDIDATES_MAX);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct rows rows;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(read_rows(store, r->key, &rows));
    if (rows.count > 0)
        DECIDE(ret_verdict, is_same(&rows, r) ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT);
    bool with_member = false;
    TRY(check_parts(store, r, &verdict, &with_member));
    for (size_t i = 0; i < r->parts && verdict == LOYALTY_DONE; i++)
        TRY(hold_part(store, r, &r->part[i], with_member, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

/* ---- the end of a payment ---------------------------------------------------------------------
 */

/* What each end does: from which state, by which step, and where the coupon goes. */
struct ending {
    enum redemption_state from, to;
    enum book_step step;
    enum loyalty_coupon_state coupon;
    int64_t days; /* +1 counted on its day, -1 taken off again */
};

static err set_state(struct store *store, struct bytes key, enum redemption_state state)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE redemption SET state = ? WHERE key = ?", &s));
    store_bind_int(s, state);
    store_bind_blob(s, key);
    return store_run(s);
}

/* Back from what was given into the budget: the same two transfers the other way round. */
static err book_undo(struct store *store, const struct row *row, struct bytes key, int64_t at_ms)
{
    struct book_entry entry = {.debit = ACCOUNT_CAMPAIGN_DISCOUNT,
                               .debit_owner = row->campaign,
                               .credit = ACCOUNT_CAMPAIGN_BUDGET,
                               .credit_owner = row->campaign,
                               .currency = LOYALTY_CURRENCY_CNY,
                               .amount = row->minor,
                               .at_ms = at_ms,
                               .key = key};
    TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    entry.currency = LOYALTY_CURRENCY_USES;
    entry.amount = 1;
    return loyalty_book_sure(store, BOOK_MOVE, &entry);
}

static err end_row(struct store *store, const struct row *row, struct bytes key, int64_t at_ms,
                   const struct ending *ending)
{
    struct redemption r = {
        .key = key, .campaign = bytes_text(row->campaign), .minor = row->minor, .at_ms = at_ms};
    enum transfer_verdict verdict = TRANSFER_OK;
    if (ending->step == BOOK_MOVE) TRY(book_undo(store, row, key, at_ms));
    else
        TRY(loyalty_redemption_book(store, ending->step, &r, ACCOUNT_CAMPAIGN_BUDGET, row->campaign,
                                    &verdict));
    ENSURE(verdict == TRANSFER_OK);
    if (row->coupon[0] != '\0')
        TRY(loyalty_coupon_set(store, bytes_text(row->coupon), ending->coupon, (struct bytes){0}));
    if (ending->days != 0)
        TRY(loyalty_redemption_day(store, r.campaign, row->at_ms, ending->days,
                                   ending->days * row->minor));
    if (ending->to == REDEMPTION_GIVEN) return OK;
    return loyalty_campaign_sweep(store, row->campaign, at_ms);
}

static err conclude(struct store *store, struct bytes key, int64_t at_ms,
                    const struct ending *ending, enum loyalty_verdict *ret_verdict)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct rows rows;
    TRY(read_rows(store, key, &rows));
    if (rows.count == 0) DECIDE(ret_verdict, LOYALTY_NO_PAYMENT);
    if (rows.row[0].state == ending->to) DECIDE(ret_verdict, LOYALTY_REPEATED);
    if (rows.row[0].state != ending->from) DECIDE(ret_verdict, LOYALTY_DECIDED);
    for (size_t i = 0; i < rows.count; i++) TRY(end_row(store, &rows.row[i], key, at_ms, ending));
    TRY(set_state(store, key, ending->to));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_give(struct store *store, struct bytes key, int64_t at_ms,
                 enum loyalty_verdict *ret_verdict)
{
    static const struct ending given = {REDEMPTION_RESERVED, REDEMPTION_GIVEN, BOOK_POST,
                                        LOYALTY_COUPON_USED, 1};
    return conclude(store, key, at_ms, &given, ret_verdict);
}

err loyalty_release(struct store *store, struct bytes key, int64_t at_ms,
                    enum loyalty_verdict *ret_verdict)
{
    static const struct ending released = {REDEMPTION_RESERVED, REDEMPTION_RELEASED, BOOK_RELEASE,
                                           LOYALTY_COUPON_FREE, 0};
    return conclude(store, key, at_ms, &released, ret_verdict);
}

err loyalty_undo(struct store *store, struct bytes key, int64_t at_ms,
                 enum loyalty_verdict *ret_verdict)
{
    static const struct ending undone = {REDEMPTION_GIVEN, REDEMPTION_UNDONE, BOOK_MOVE,
                                         LOYALTY_COUPON_FREE, -1};
    return conclude(store, key, at_ms, &undone, ret_verdict);
}
