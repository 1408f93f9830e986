/* SPDX-License-Identifier: Apache-2.0 */
/* Points that a person gives or takes, with his reason. */
#include "loyalty/lots.h"
#include "loyalty/points.h"

static err known(struct store *store, const struct loyalty_adjustment *a,
                 enum loyalty_verdict *ret_verdict)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT merchant = ? AND member = ? AND points = ? AND reason = ?"
                        " FROM points_adjustment WHERE key = ?",
                        &query));
    store_bind_text(query, a->merchant);
    store_bind_text(query, a->member);
    store_bind_int(query, a->points);
    store_bind_text(query, a->reason);
    store_bind_blob(query, a->key);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_DONE);
    bool same = store_read_int(query) != 0;
    TRY(loyalty_row_end(query));
    DECIDE(ret_verdict, same ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT);
}

static err insert(struct store *store, const struct loyalty_adjustment *a)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO points_adjustment(key, merchant, member, points, reason, by,"
                        " at_ms) VALUES(?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_blob(s, a->key);
    store_bind_text(s, a->merchant);
    store_bind_text(s, a->member);
    store_bind_int(s, a->points);
    store_bind_text(s, a->reason);
    store_bind_text(s, a->by);
    store_bind_int(s, a->at_ms);
    return store_run(s);
}

static err take(struct store *store, const struct loyalty_adjustment *a,
                const struct loyalty_member *member, enum loyalty_verdict *ret_verdict)
{
    int64_t free = 0, next = 0, next_ms = 0, taken = 0;
    TRY(loyalty_lot_state(store, a->member, a->at_ms, &free, &next, &next_ms));
    if (free < -a->points) DECIDE(ret_verdict, LOYALTY_POINTS_SHORT);
    TRY(loyalty_lot_take(store, a->member, -a->points, a->at_ms, (struct bytes){0}, &taken));
    ENSURE(taken == -a->points);
    struct book_entry entry = {.debit = ACCOUNT_POINTS,
                               .debit_owner = member->id,
                               .credit = ACCOUNT_POINTS_COST,
                               .credit_owner = member->merchant,
                               .currency = LOYALTY_CURRENCY_POINTS,
                               .amount = taken,
                               .at_ms = a->at_ms,
                               .key = a->key};
    TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_points_adjust(struct store *store, const struct loyalty_adjustment *a,
                          enum loyalty_verdict *ret_verdict)
{
    ENSURE(loyalty_key_ok(a->key) && a->reason.len > 0 && a->reason.len <= LOYALTY_REASON_MAX);
    ENSURE(a->by.len > 0 && a->by.len <= LOYALTY_ADJUSTER_MAX);
    if (a->points == 0 || a->points > LOYALTY_AMOUNT_MAX || a->points < -LOYALTY_AMOUNT_MAX)
        DECIDE(ret_verdict, LOYALTY_AMOUNT);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme programme;
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    bool counts = false;
    int64_t settled = 0;
    TRY(loyalty_programme(store, a->merchant, &verdict, &programme));
    if (verdict == LOYALTY_DONE) TRY(known(store, a, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(loyalty_member_counts(store, a->merchant, a->member, &counts, &member));
    if (!counts) DECIDE(ret_verdict, LOYALTY_NO_MEMBER);
    if (a->points > 0)
        TRY(loyalty_points_given(store, &member, &programme, a->key, a->points, a->at_ms,
                                 &settled));
    else TRY(take(store, a, &member, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(insert(store, a));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}
