/* SPDX-License-Identifier: Apache-2.0 */
/* Payments that are told and not asked, and that the host has not heard of, or will not take (S89,
 * S98). */
#include "lib/wire/vault_protocol_chip.h"
#include "terminal/records.h"
#include "terminal/records_row.h"

static err load_disputed(struct records *r)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(
        r->store,
        "SELECT count(*), coalesce(sum(amount_minor), 0), coalesce(sum(length(held) > 0), 0)"
        " FROM payment INDEXED BY payment_disputed WHERE state = 10",
        &s));
    TRY(store_step(s, &row));
    ENSURE(row);
    int64_t count = store_read_int(s), minor = store_read_int(s), kept = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    r->disputed = (unsigned)count;
    r->disputed_minor = minor;
    r->disputed_kept = (unsigned)kept;
    return OK;
}

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
    return load_disputed(r);
}

/* The one row of a query for (held, number, payment). */
static err one(struct store_statement *s, int64_t *ret_number, struct payment *out,
               struct writer *held)
{
    bool row;
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

err records_undelivered(struct records *r, int64_t after, int64_t *ret_number, struct payment *out,
                        struct writer *held)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "SELECT held, number, " RECORDS_COLUMNS
                        " FROM payment INDEXED BY payment_offline WHERE state = 9"
                        " ORDER BY number <= ?, number LIMIT 1",
                        &s));
    store_bind_int(s, after);
    return one(s, ret_number, out, held);
}

err records_disputed(struct records *r, int64_t above, int64_t *ret_number, struct payment *out,
                     struct writer *held)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "SELECT held, number, " RECORDS_COLUMNS
                        " FROM payment INDEXED BY payment_disputed WHERE state = 10"
                        " AND length(held) > 0 AND number > ? ORDER BY number LIMIT 1",
                        &s));
    store_bind_int(s, above);
    return one(s, ret_number, out, held);
}
