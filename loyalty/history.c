/* SPDX-License-Identifier: Apache-2.0 */
/* A member's purchases, corrections and coupons: three queries. */
#include "loyalty/history.h"

#include "loyalty/internal.h"

static err begin(struct store *store, const char *sql, struct bytes member,
                 struct store_statement **ret)
{
    TRY(store_statement(store, sql, ret));
    store_bind_text(*ret, member);
    return OK;
}

err loyalty_past_purchases(struct store *store, struct bytes member,
                           struct loyalty_past_purchase *rows, size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    TRY(begin(store,
              "SELECT at_ms, amount_minor, refunded_minor, points - points_back, outlet"
              " FROM purchase WHERE member = ? ORDER BY at_ms DESC, key DESC LIMIT ?",
              member, &query));
    store_bind_int(query, (int64_t)max);
    for (;; count++) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        ENSURE(count < max);
        rows[count].at_ms = store_read_int(query);
        rows[count].amount_minor = store_read_int(query);
        rows[count].refunded_minor = store_read_int(query);
        rows[count].points = store_read_int(query);
        rows[count].outlet = (uint32_t)store_read_int(query);
        TRY(store_read_finish(query));
    }
    *ret_count = count;
    return OK;
}

err loyalty_past_adjustments(struct store *store, struct bytes member,
                             struct loyalty_past_adjustment *rows, size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    TRY(begin(store,
              "SELECT at_ms, points, reason, by FROM points_adjustment WHERE member = ?"
              " ORDER BY at_ms DESC, key DESC LIMIT ?",
              member, &query));
    store_bind_int(query, (int64_t)max);
    for (;; count++) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        ENSURE(count < max);
        rows[count].at_ms = store_read_int(query);
        rows[count].points = store_read_int(query);
        store_read_text_into(query, rows[count].reason, sizeof rows[count].reason);
        store_read_text_into(query, rows[count].by, sizeof rows[count].by);
        TRY(store_read_finish(query));
    }
    *ret_count = count;
    return OK;
}

err loyalty_coupons_of(struct store *store, struct bytes member, int64_t at_ms,
                       struct loyalty_coupon *rows, size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    TRY(begin(store,
              "SELECT code, campaign, state, issued_ms, expires_ms FROM coupon WHERE member = ?"
              " AND expires_ms > ? AND state <> 4 ORDER BY expires_ms, code LIMIT ?",
              member, &query));
    static_assert((int)LOYALTY_COUPON_USED == 4, "in the statement");
    store_bind_int(query, at_ms);
    store_bind_int(query, (int64_t)max);
    for (;; count++) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        ENSURE(count < max);
        rows[count] = (struct loyalty_coupon){.lease = ""};
        store_read_text_into(query, rows[count].code, sizeof rows[count].code);
        store_read_text_into(query, rows[count].campaign, sizeof rows[count].campaign);
        rows[count].state = (enum loyalty_coupon_state)store_read_int(query);
        rows[count].issued_ms = store_read_int(query);
        rows[count].expires_ms = store_read_int(query);
        TRY(store_read_finish(query));
    }
    *ret_count = count;
    return OK;
}
