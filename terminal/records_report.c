/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of the terminal's payments: what each operator has taken since the sign-in (S56). */
#include "terminal/records.h"
#include "terminal/records_row.h"

#define SINCE_SIGN_IN " FROM payment WHERE batch = ? AND created_ms >= ?"

/* Payments since the sign-in are all of this batch: its index finds them. */
static void bind_since(const struct records *r, struct store_statement *s)
{
    store_bind_int(s, r->batch);
    store_bind_int(s, r->signed_in_ms);
}

err records_operators(struct records *r, int above, struct records_operator *rows, size_t max,
                      size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT operator_id, sum(" RECORDS_PAID
                        "), sum(amount_minor * (" RECORDS_PAID ")" RECORDS_SIGN ")" SINCE_SIGN_IN
                        " AND CAST(operator_id AS INTEGER) > ?"
                        " GROUP BY operator_id ORDER BY operator_id LIMIT ?",
                        &s));
    bind_since(r, s);
    store_bind_int(s, above);
    store_bind_int(s, (int64_t)max);
    TRY(store_step(s, &row));
    while (row) {
        ENSURE(count < max);
        rows[count] = (struct records_operator){""};
        store_read_text_into(s, rows[count].operator_id, sizeof rows[count].operator_id);
        rows[count].count = store_read_int(s);
        rows[count].minor = store_read_int(s);
        count++;
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}

err records_operators_total(struct records *r, struct records_operator *ret_all)
{
    struct store_statement *s;
    struct records_operator all = {""};
    bool row;
    TRY(store_statement(r->store,
                        "SELECT coalesce(sum(" RECORDS_PAID "), 0),"
                        " coalesce(sum(amount_minor * (" RECORDS_PAID ")" RECORDS_SIGN
                        "), 0)" SINCE_SIGN_IN,
                        &s));
    bind_since(r, s);
    TRY(store_step(s, &row));
    ENSURE(row);
    all.count = store_read_int(s);
    all.minor = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    *ret_all = all;
    return OK;
}

static bool add_to_kind(struct receipt_report *report, const struct receipt_kind *kind)
{
    for (size_t i = 0; i < report->kinds; i++) {
        if (report->kind[i].type != kind->type || report->kind[i].means != kind->means) continue;
        report->kind[i].count += kind->count;
        report->kind[i].minor += kind->minor;
        return true;
    }
    return false;
}

/* One group of payments of a kind and a state goes where it belongs. */
err records_row_kind(struct store_statement *s, struct receipt_report *report)
{
    struct receipt_kind kind = {.type = (enum payment_type)store_read_int(s)};
    kind.means = (enum payment_means)store_read_int(s);
    enum payment_state state = (enum payment_state)store_read_int(s);
    kind.count = store_read_int(s);
    kind.minor = store_read_int(s);
    if (state == PAYMENT_DECLINED) report->declined += kind.count;
    else if (state == PAYMENT_REVERSED) report->reversed += kind.count;
    else if (!payment_state_paid(state)) report->open += kind.count;
    if (state == PAYMENT_DISPUTED) { /* also in the line of its kind */
        report->disputed += kind.count;
        report->disputed_minor += kind.minor;
    }
    if (!payment_state_paid(state)) return OK;
    if (add_to_kind(report, &kind)) return OK; /* by the host, and by cards alone: one line */
    if (report->kinds == ARRAY_LEN(report->kind)) return ERR(FULL);
    report->kind[report->kinds++] = kind;
    return OK;
}

static err tips(struct records *r, const char *operator_id, int64_t *ret_minor)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store,
                        RECORDS_TIPS " AND batch = ? AND created_ms >= ? AND operator_id = ?", &s));
    store_bind_int(s, r->last_number);
    bind_since(r, s);
    store_bind_text(s, bytes_text(operator_id));
    TRY(store_step(s, &row));
    ENSURE(row);
    *ret_minor = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    return e;
}

err records_kinds(struct records *r, const char *operator_id, struct receipt_report *report)
{
    struct store_statement *s;
    bool row;
    TRY(tips(r, operator_id, &report->tip_minor));
    TRY(store_statement(r->store,
                        "SELECT type, means, state, count(*), sum(amount_minor)" SINCE_SIGN_IN
                        " AND operator_id = ? GROUP BY type, means, state",
                        &s));
    bind_since(r, s);
    store_bind_text(s, bytes_text(operator_id));
    TRY(store_step(s, &row));
    while (row) {
        err e = records_row_kind(s, report);
        if (FAILED(e)) {
            store_reset(s);
            return e;
        }
        TRY(store_step(s, &row));
    }
    return OK;
}
