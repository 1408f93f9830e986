/* SPDX-License-Identifier: Apache-2.0 */
/* What is owed on paper: slips that take an earlier one back (S98), and those of orders (S84). */
#include "terminal/records.h"
#include "terminal/records_row.h"

/* The oldest that is so far, but for one. */
static err first(struct records *r, enum records_paper paper, int64_t but, struct records_slip *out)
{
    struct store_statement *s;
    struct records_slip read = {0};
    bool row;
    TRY(store_statement(
        r->store,
        "SELECT number, said, minor FROM (SELECT number, stan AS said, amount_minor AS minor"
        " FROM payment INDEXED BY payment_owed WHERE owed > 0 AND owed = ? AND number <> ?"
        " UNION ALL SELECT -s.number, s.number, o.total_minor FROM order_slip s"
        " JOIN orders o ON o.number = s.number WHERE s.owed = ? AND -s.number <> ?)"
        " ORDER BY number < 0, abs(number) LIMIT 1",
        &s));
    for (int i = 0; i < 2; i++) {
        store_bind_int(s, paper);
        store_bind_int(s, but);
    }
    TRY(store_step(s, &row));
    if (row) {
        read.number = store_read_int(s);
        read.said = (uint32_t)store_read_int(s);
        read.minor = store_read_int(s);
        err e = store_read_finish(s);
        store_reset(s);
        TRY(e);
    }
    *out = read;
    return OK;
}

err records_load_owed(struct records *r)
{
    return first(r, RECORDS_BEGUN, r->printing, &r->doubted);
}

err records_owed(struct records *r, struct records_slip *out)
{
    return first(r, RECORDS_OWED, 0, out);
}

static err order_owe(struct records *r, int64_t order, enum records_paper paper)
{
    struct store_statement *s;
    if (paper == RECORDS_NOTHING) {
        TRY(store_statement(r->store, "DELETE FROM order_slip WHERE number = ?", &s));
    } else {
        TRY(store_statement(r->store,
                            "INSERT INTO order_slip VALUES(?, ?)"
                            " ON CONFLICT(number) DO UPDATE SET owed = excluded.owed",
                            &s));
    }
    store_bind_int(s, order);
    if (paper != RECORDS_NOTHING) store_bind_int(s, paper);
    return store_run(s);
}

err records_row_owe(struct records *r, int64_t number, enum records_paper paper)
{
    struct store_statement *s;
    ENSURE(number != 0);
    if (number < 0) return order_owe(r, -number, paper);
    TRY(store_statement(r->store, "UPDATE payment SET owed = ? WHERE number = ?", &s));
    store_bind_int(s, paper);
    store_bind_int(s, number);
    TRY(store_run(s));
    ENSURE(store_changes(r->store) == 1);
    return OK;
}

err records_owe(struct records *r, int64_t number, enum records_paper paper)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(records_row_owe(r, number, paper));
    TRY(store_commit(&tx));
    return records_load_owed(r);
}
