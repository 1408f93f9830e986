/* SPDX-License-Identifier: Apache-2.0 */
/* Payments that are told and not asked, and that the host has not heard of (S89, S98). */
#include "lib/wire/vault_protocol_chip.h"
#include "terminal/records.h"
#include "terminal/records_row.h"

err records_load_offline(struct records *r)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(
        r->store,
        "SELECT count(*), coalesce(sum(amount_minor), 0),"
        " coalesce(min(created_ms), 0), coalesce(sum(type = 8), 0) FROM payment INDEXED BY payment_offline"
        " WHERE state = 9",
        &s));
    TRY(store_step(s, &row));
    ENSURE(row);
    int64_t count = store_read_int(s), minor = store_read_int(s), since_ms = store_read_int(s);
    int64_t notices = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    r->offline = (unsigned)count;
    r->offline_minor = minor;
    r->offline_since_ms = since_ms;
    r->notices = (unsigned)notices;
    return OK;
}

err records_undelivered(struct records *r, int64_t after, int64_t *ret_number, struct payment *out,
                        struct writer *held)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT held, number, " RECORDS_COLUMNS
                        " FROM payment INDEXED BY payment_offline WHERE state = 9"
                        " ORDER BY number <= ?, number LIMIT 1",
                        &s));
    store_bind_int(s, after);
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    struct payment p;
    uint8_t block[VAULT_HELD_MAX];
    size_t len = store_read_blob_up_to(s, block, sizeof block);
    int64_t number = store_read_int(s);
    records_row_read(s, &p);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    write_bytes(held, bytes_of(block, len));
    *ret_number = number;
    *out = p;
    return OK;
}
