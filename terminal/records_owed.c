/* SPDX-License-Identifier: Apache-2.0 */
/* What is owed on paper: slips that take an earlier one back (S98). */
#include "terminal/records.h"
#include "terminal/records_row.h"

err records_load_owed(struct records *r)
{
    struct store_statement *s;
    struct records_doubted doubted = {0};
    bool row;
    TRY(store_statement(r->store,
                        "SELECT number, stan, amount_minor FROM payment INDEXED BY payment_owed"
                        " WHERE owed > 0 AND owed = ? ORDER BY number LIMIT 1",
                        &s));
    store_bind_int(s, RECORDS_BEGUN);
    TRY(store_step(s, &row));
    if (row) {
        doubted.number = store_read_int(s);
        doubted.stan = (uint32_t)store_read_int(s);
        doubted.minor = store_read_int(s);
        err e = store_read_finish(s);
        store_reset(s);
        TRY(e);
    }
    r->doubted = doubted;
    return OK;
}

err records_owed(struct records *r, int64_t *ret_number, struct payment *out)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS " FROM payment INDEXED BY payment_owed"
                        " WHERE owed > 0 AND owed = ? ORDER BY number LIMIT 1",
                        &s));
    store_bind_int(s, RECORDS_OWED);
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    struct payment p;
    int64_t number = store_read_int(s);
    records_row_read(s, &p);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    *ret_number = number;
    *out = p;
    return OK;
}

err records_row_owe(struct records *r, int64_t number, enum records_paper paper)
{
    struct store_statement *s;
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
