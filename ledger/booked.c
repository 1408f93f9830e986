/* SPDX-License-Identifier: Apache-2.0 */
/* Bookings of payments by the journal row that they come from. */
#include "ledger/booked.h"

#include "ledger/internal.h"

static_assert(TRANSFER_POST == 1 && TRANSFER_REVERSE == 4, "in the text below");

static err read_booked(struct store_statement *row, struct ledger_booked *out)
{
    int64_t id = store_read_int(row);
    out->seq = id >> (TRANSFER_SUB_BITS + TRANSFER_KIND_BITS);
    out->turned = store_read_int(row) == TRANSFER_REVERSE;
    out->amount_minor = store_read_int(row);
    out->fee_minor = store_read_int(row);
    out->instalment_minor = store_read_int(row);
    return store_read_finish(row);
}

err ledger_booked_read(struct store *ledger, int64_t from_seq, int64_t to_seq,
                       struct ledger_booked *rows, size_t max, size_t *ret_count)
{
    ENSURE(from_seq >= 1 && max > 0 && max <= INT32_MAX);
    struct store_statement *select;
    size_t count = 0;
    TRY(store_statement(ledger,
                        "SELECT id, kind, amount_minor, fee_minor, instalment_minor FROM booking"
                        " WHERE id BETWEEN ? AND ? AND kind IN (1, 4) ORDER BY id LIMIT ?",
                        &select));
    store_bind_int(select, transfer_id(from_seq, 0, TRANSFER_HOLD));
    store_bind_int(select, transfer_id(to_seq + 1, 0, TRANSFER_HOLD) - 1);
    store_bind_int(select, (int64_t)max);
    for (;;) {
        bool row = false;
        TRY(store_step(select, &row));
        if (!row) break;
        ENSURE(count < max);
        err failure = read_booked(select, &rows[count]);
        if (FAILED(failure)) {
            store_reset(select);
            return failure;
        }
        count++;
    }
    *ret_count = count;
    return OK;
}
