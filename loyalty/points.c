/* SPDX-License-Identifier: Apache-2.0 */
/* Points that pay: held, committed, released, given back; and those that run out. */
#include "loyalty/points.h"

#include "loyalty/lots.h"

enum hold_state { HOLD_OPEN = 1, HOLD_SPENT, HOLD_RELEASED };

struct hold {
    char member[LOYALTY_ID_LEN + 1], merchant[LOYALTY_MERCHANT_MAX + 1];
    int64_t points, returned;
    enum hold_state state;
};

static err read_hold(struct store *store, struct bytes key, bool *ret_found, struct hold *out)
{
    struct store_statement *query;
    struct hold hold = {{0}};
    TRY(store_statement(store,
                        "SELECT member, merchant, points, returned, state FROM points_hold"
                        " WHERE key = ?",
                        &query));
    store_bind_blob(query, key);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    store_read_text_into(query, hold.member, sizeof hold.member);
    store_read_text_into(query, hold.merchant, sizeof hold.merchant);
    hold.points = store_read_int(query);
    hold.returned = store_read_int(query);
    hold.state = (enum hold_state)store_read_int(query);
    TRY(loyalty_row_end(query));
    *out = hold;
    return OK;
}

static err insert_hold(struct store *store, const struct loyalty_points_payment *p)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO points_hold(key, member, merchant, points, returned, state,"
                        " at_ms) VALUES(?, ?, ?, ?, 0, 1, ?)",
                        &s));
    store_bind_blob(s, p->key);
    store_bind_text(s, p->member);
    store_bind_text(s, p->merchant);
    store_bind_int(s, p->points);
    store_bind_int(s, p->at_ms);
    return store_run(s);
}

/* Points of a member against the spent ones of his merchant. */
static struct book_entry spending(const struct hold *hold, struct bytes key, int64_t at_ms)
{
    return (struct book_entry){.debit = ACCOUNT_POINTS,
                               .debit_owner = hold->member,
                               .credit = ACCOUNT_POINTS_SPENT,
                               .credit_owner = hold->merchant,
                               .currency = LOYALTY_CURRENCY_POINTS,
                               .amount = hold->points,
                               .at_ms = at_ms,
                               .key = key};
}

static err hold_new(struct store *store, const struct loyalty_points_payment *p,
                    const struct loyalty_member *member, enum loyalty_verdict *ret_verdict)
{
    int64_t free = 0, next = 0, next_ms = 0, taken = 0;
    TRY(loyalty_lot_state(store, p->member, p->at_ms, &free, &next, &next_ms));
    if (free < p->points) DECIDE(ret_verdict, LOYALTY_POINTS_SHORT);
    TRY(loyalty_lot_take(store, p->member, p->points, p->at_ms, p->key, &taken));
    ENSURE(taken == p->points);
    struct hold hold = {.points = p->points};
    memcpy(hold.member, member->id, sizeof hold.member);
    memcpy(hold.merchant, member->merchant, sizeof hold.merchant);
    struct book_entry entry = spending(&hold, p->key, p->at_ms);
    TRY(loyalty_book_sure(store, BOOK_HOLD, &entry));
    TRY(insert_hold(store, p));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_points_hold(struct store *store, const struct loyalty_points_payment *p,
                        enum loyalty_verdict *ret_verdict, int64_t *ret_worth_minor)
{
    ENSURE(loyalty_key_ok(p->key));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme programme;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_programme(store, p->merchant, &verdict, &programme));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    if (p->points <= 0 || p->points > LOYALTY_AMOUNT_MAX ||
        loyalty_points_worth(&programme, p->points) == 0)
        DECIDE(ret_verdict, LOYALTY_AMOUNT);
    struct hold hold = {{0}};
    bool found = false, counts = false;
    TRY(read_hold(store, p->key, &found, &hold));
    if (found) {
        bool same = hold.points == p->points && bytes_equal(bytes_text(hold.member), p->member) &&
                    bytes_equal(bytes_text(hold.merchant), p->merchant);
        if (same) *ret_worth_minor = loyalty_points_worth(&programme, p->points);
        DECIDE(ret_verdict, same ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT);
    }
    struct loyalty_member member = {{0}};
    TRY(loyalty_member_counts(store, p->merchant, p->member, &counts, &member));
    if (!counts) DECIDE(ret_verdict, LOYALTY_WITHOUT_MEMBER);
    TRY(hold_new(store, p, &member, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(store_commit(&tx));
    *ret_worth_minor = loyalty_points_worth(&programme, p->points);
    DECIDE(ret_verdict, LOYALTY_DONE);
}

/* ---- the end of a payment ---------------------------------------------------------------------
 */

static err set_hold(struct store *store, struct bytes key, enum hold_state state)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE points_hold SET state = ? WHERE key = ?", &s));
    store_bind_int(s, state);
    store_bind_blob(s, key);
    return store_run(s);
}

static err conclude(struct store *store, struct bytes key, int64_t at_ms, enum hold_state state,
                    enum loyalty_verdict *ret_verdict)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct hold hold = {{0}};
    bool found = false;
    TRY(read_hold(store, key, &found, &hold));
    if (!found) DECIDE(ret_verdict, LOYALTY_NO_PAYMENT);
    if (hold.state == state) DECIDE(ret_verdict, LOYALTY_REPEATED);
    if (hold.state != HOLD_OPEN) DECIDE(ret_verdict, LOYALTY_DECIDED);
    struct book_entry entry = spending(&hold, key, at_ms);
    TRY(loyalty_book_sure(store, state == HOLD_SPENT ? BOOK_POST : BOOK_RELEASE, &entry));
    if (state == HOLD_RELEASED) TRY(loyalty_lot_restore(store, key));
    TRY(set_hold(store, key, state));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_points_commit(struct store *store, struct bytes key, int64_t at_ms,
                          enum loyalty_verdict *ret_verdict)
{
    return conclude(store, key, at_ms, HOLD_SPENT, ret_verdict);
}

err loyalty_points_release(struct store *store, struct bytes key, int64_t at_ms,
                           enum loyalty_verdict *ret_verdict)
{
    return conclude(store, key, at_ms, HOLD_RELEASED, ret_verdict);
}

static err note_return(struct store *store, struct bytes key, struct bytes refund_key,
                       int64_t points)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE points_hold SET returned = returned + ? WHERE key = ?", &s));
    store_bind_int(s, points);
    store_bind_blob(s, key);
    TRY(store_run(s));
    return loyalty_refund_insert(store, &(struct loyalty_refund){key, refund_key, 0, points, 0});
}

static enum loyalty_verdict judge_return(const struct hold *hold, bool found, int64_t points)
{
    if (!found || hold->state != HOLD_SPENT) return LOYALTY_NO_PAYMENT;
    if (points <= 0) return LOYALTY_AMOUNT;
    return points > hold->points - hold->returned ? LOYALTY_TOO_MUCH : LOYALTY_DONE;
}

/* The lot of a return lasts as one of a purchase would. */
static err lot_of_return(struct store *store, const struct loyalty_member *member,
                         struct bytes refund_key, int64_t points, int64_t at_ms)
{
    struct loyalty_programme programme;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_programme(store, bytes_text(member->merchant), &verdict, &programme));
    if (verdict != LOYALTY_DONE)
        return store_refuse(store, ERR(CORRUPT), "a member without a programme", NULL);
    return loyalty_lot_add(store, member, refund_key, loyalty_expiry(&programme, at_ms), points);
}

err loyalty_points_give_back(struct store *store, struct bytes key, struct bytes refund_key,
                             int64_t points, int64_t at_ms, enum loyalty_verdict *ret_verdict)
{
    ENSURE(loyalty_key_ok(refund_key));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_refund refund = {.key = key, .refund_key = refund_key, .points = points};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_refund_known(store, &refund, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    struct hold hold = {{0}};
    bool found = false;
    TRY(read_hold(store, key, &found, &hold));
    verdict = judge_return(&hold, found, points);
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    struct loyalty_member member = {{0}};
    TRY(loyalty_member(store, bytes_text(hold.merchant), bytes_text(hold.member), &verdict,
                       &member));
    if (verdict != LOYALTY_DONE || member.state == LOYALTY_ERASED)
        DECIDE(ret_verdict, LOYALTY_WITHOUT_MEMBER);
    struct book_entry entry = {.debit = ACCOUNT_POINTS_SPENT,
                               .debit_owner = hold.merchant,
                               .credit = ACCOUNT_POINTS,
                               .credit_owner = hold.member,
                               .currency = LOYALTY_CURRENCY_POINTS,
                               .amount = points,
                               .at_ms = at_ms,
                               .key = refund_key};
    TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    TRY(lot_of_return(store, &member, refund_key, points, at_ms));
    TRY(note_return(store, key, refund_key, points));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

/* ---- what there is, and what runs out ---------------------------------------------------------
 */

err loyalty_points(struct store *store, struct bytes member, int64_t at_ms,
                   struct loyalty_points_state *out)
{
    struct loyalty_points_state state = {0};
    struct account points, owed;
    char id[LOYALTY_ID_LEN + 1];
    if (FAILED(bytes_to_text(member, id, sizeof id)) || id[0] == '\0') return ERR(NOT_FOUND);
    TRY(loyalty_lot_state(store, member, at_ms, &state.free, &state.next, &state.next_ms));
    TRY(loyalty_book_account(store, ACCOUNT_POINTS, id, LOYALTY_CURRENCY_POINTS, &points));
    TRY(loyalty_book_account(store, ACCOUNT_POINTS_OWED, id, LOYALTY_CURRENCY_POINTS, &owed));
    state.held = points.debits_pending;
    state.owed = book_balance(&owed);
    *out = state;
    return OK;
}

struct old_lot {
    int64_t id, rest;
    char member[LOYALTY_ID_LEN + 1], merchant[LOYALTY_MERCHANT_MAX + 1];
    uint8_t key[LOYALTY_KEY_MAX];
    size_t key_len;
};

static err next_old(struct store *store, int64_t at_ms, bool *ret_found, struct old_lot *out)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT id, rest, member, merchant, key FROM points_lot WHERE rest > 0 AND"
                        " expires_ms <= ? ORDER BY expires_ms LIMIT 1",
                        &query));
    store_bind_int(query, at_ms);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    out->id = store_read_int(query);
    out->rest = store_read_int(query);
    store_read_text_into(query, out->member, sizeof out->member);
    store_read_text_into(query, out->merchant, sizeof out->merchant);
    out->key_len = store_read_blob_up_to(query, out->key, sizeof out->key);
    return loyalty_row_end(query);
}

static err let_go(struct store *store, const struct old_lot *lot, int64_t at_ms)
{
    struct book_entry entry = {.debit = ACCOUNT_POINTS,
                               .debit_owner = lot->member,
                               .credit = ACCOUNT_POINTS_EXPIRED,
                               .credit_owner = lot->merchant,
                               .currency = LOYALTY_CURRENCY_POINTS,
                               .amount = lot->rest,
                               .at_ms = at_ms,
                               .key = bytes_of(lot->key, lot->key_len)};
    TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE points_lot SET rest = 0 WHERE id = ?", &s));
    store_bind_int(s, lot->id);
    return store_run(s);
}

err loyalty_points_expire(struct store *store, int64_t at_ms, int64_t max, int64_t *ret_lots)
{
    int64_t lots = 0;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    for (; lots < max; lots++) {
        struct old_lot lot;
        bool found = false;
        TRY(next_old(store, at_ms, &found, &lot));
        if (!found) break;
        TRY(let_go(store, &lot, at_ms));
    }
    TRY(store_commit(&tx));
    *ret_lots = lots;
    return OK;
}

err loyalty_points_lapse(struct store *store, const struct loyalty_member *member, int64_t at_ms)
{
    struct account points, owed;
    ENSURE(store_in_tx(store));
    TRY(loyalty_book_account(store, ACCOUNT_POINTS, member->id, LOYALTY_CURRENCY_POINTS, &points));
    TRY(loyalty_book_account(store, ACCOUNT_POINTS_OWED, member->id, LOYALTY_CURRENCY_POINTS,
                             &owed));
    struct book_entry entry = {.debit = ACCOUNT_POINTS,
                               .debit_owner = member->id,
                               .credit = ACCOUNT_POINTS_EXPIRED,
                               .credit_owner = member->merchant,
                               .currency = LOYALTY_CURRENCY_POINTS,
                               .amount = book_balance(&points),
                               .at_ms = at_ms,
                               .key = bytes_text(member->id)};
    if (entry.amount > 0) TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    entry.debit = ACCOUNT_POINTS_COST;
    entry.debit_owner = member->merchant;
    entry.credit = ACCOUNT_POINTS_OWED;
    entry.credit_owner = member->id;
    entry.amount = book_balance(&owed);
    if (entry.amount > 0) TRY(loyalty_book_sure(store, BOOK_MOVE, &entry));
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE points_lot SET rest = 0 WHERE member = ?", &s));
    store_bind_text(s, bytes_text(member->id));
    return store_run(s);
}

err loyalty_points_check(struct store *store, int64_t *ret_differing)
{
    return store_query_int(
        store,
        "SELECT count(*) FROM (SELECT a.owner FROM account AS a WHERE a.kind = 14 AND"
        " a.credits_posted - a.debits_posted - a.debits_pending <> coalesce((SELECT sum(l.rest)"
        " FROM points_lot AS l WHERE l.member = a.owner), 0))",
        ret_differing);
}

static_assert((int)ACCOUNT_POINTS == 14, "in the statement above");
