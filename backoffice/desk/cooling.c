/* SPDX-License-Identifier: Apache-2.0 */
/* The time in which the payout account stands still, per merchant. */
#include "backoffice/desk/cooling.h"

#include "backoffice/desk/desk_internal.h"

int64_t cooling_length_ms(const char *operator_id, int way)
{
    bool high = strcmp(operator_id, "00") == 0 || strcmp(operator_id, "99") == 0;
    bool helped = way != RECOVERY_SMS && way != RECOVERY_MAIL;
    return high || helped ? 7 * DAY_MS : 3 * DAY_MS;
}

err cooling_begin(struct store_tx *tx, const char *mid, const char *tid, const char *operator_id,
                  int64_t until_ms)
{
    struct store_statement *put;
    ENSURE(tx->store != NULL);
    TRY(store_statement(tx->store,
                        "INSERT INTO cooling(mid, tid, operator, until_ms) VALUES(?, ?, ?, ?)"
                        " ON CONFLICT(mid) DO UPDATE SET tid = excluded.tid,"
                        " operator = excluded.operator, until_ms = excluded.until_ms"
                        " WHERE excluded.until_ms > cooling.until_ms",
                        &put));
    store_bind_text(put, bytes_text(mid));
    store_bind_text(put, bytes_text(tid));
    store_bind_text(put, bytes_text(operator_id));
    store_bind_int(put, until_ms);
    return store_run(put);
}

/* The latest row of a query for one merchant after now: until_ms, tid, operator. */
static err latest(struct store *store, const char *sql, const char *mid, int64_t now_ms,
                  enum cooling_reason reason, struct cooling_verdict *verdict)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, sql, &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_int(query, now_ms);
    TRY(store_step(query, &row));
    if (!row) return OK;
    struct cooling_verdict found = {.reason = reason, .until_ms = store_read_int(query)};
    store_read_text_into(query, found.tid, sizeof found.tid);
    store_read_text_into(query, found.operator_id, sizeof found.operator_id);
    err read = store_read_finish(query);
    store_reset(query);
    if (FAILED(read)) return read;
    if (found.until_ms > verdict->until_ms) *verdict = found;
    return OK;
}

err cooling_check(struct store *store, const char *mid, int64_t now_ms,
                  struct cooling_verdict *ret_verdict)
{
    struct cooling_verdict verdict = {0};
    TRY(latest(store,
               "SELECT until_ms, tid, operator FROM recovery_open WHERE mid = ? AND until_ms > ?"
               " ORDER BY until_ms DESC LIMIT 1",
               mid, now_ms, COOLING_UNDER_WAY, &verdict));
    TRY(latest(store,
               "SELECT until_ms, tid, operator FROM cooling WHERE mid = ? AND until_ms > ?"
               " ORDER BY until_ms DESC LIMIT 1",
               mid, now_ms, COOLING_RECOVERED, &verdict));
    *ret_verdict = verdict;
    return OK;
}

const char *cooling_reason_text(enum cooling_reason reason, bool english)
{
    switch (reason) {
    case COOLING_NONE:
        return english ? "The payout account may be changed." : "可以变更收款账户。";
    case COOLING_RECOVERED:
        return english ? "A password of this merchant was recovered lately: the payout account"
                         " stands still for a while."
                       : "该商户最近找回过密码，冷静期内不能变更收款账户。";
    case COOLING_UNDER_WAY:
        return english ? "A password of this merchant is being recovered: wait until that is over."
                       : "该商户正在找回密码，完成之前不能变更收款账户。";
    }
    ensure_failed(__FILE__, __LINE__, "every reason has its text");
}

static err on_change(struct store_tx *tx, const char *sql, const char *mid, const int64_t *at_ms)
{
    struct store_statement *run;
    TRY(store_statement(tx->store, sql, &run));
    store_bind_text(run, bytes_text(mid));
    if (at_ms != NULL) store_bind_int(run, *at_ms);
    return store_run(run);
}

err cooling_change_asked(struct store_tx *tx, const char *mid, int64_t at_ms)
{
    return on_change(tx, "INSERT OR REPLACE INTO payout_change(mid, asked_ms) VALUES(?, ?)", mid,
                     &at_ms);
}

err cooling_change_settled(struct store_tx *tx, const char *mid)
{
    return on_change(tx, "DELETE FROM payout_change WHERE mid = ?", mid, NULL);
}

err cooling_change_pending(struct store *store, const char *mid, bool *ret_pending)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT 1 FROM payout_change WHERE mid = ?", &query));
    store_bind_text(query, bytes_text(mid));
    err read = store_step(query, ret_pending);
    store_reset(query);
    return read;
}
