/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fee of a payment goes back with its money: by the table of fee.c, from the transfers of the
 * original alone, so that it does not depend on what memory still holds. What has gone back so far
 * stands in a table of its own, written in the transaction of the fold.
 */
#include "ledger/internal.h"

struct returned {
    int64_t amount_minor, fee_minor;
};

/* Amount and fee of the original, by the numbers of its transfers. */
static err read_original(struct ledger *ledger, const struct ledger_entry *entry,
                         int64_t *ret_amount, int64_t *ret_fee, uint32_t *ret_rule)
{
    struct store_statement *rows;
    int64_t amount_minor = 0, fee_minor = 0, rule = 0;
    bool row = false;
    TRY(store_statement(ledger->store,
                        "SELECT id, amount_minor, rule FROM transfer WHERE id >= ? AND id < ?",
                        &rows));
    store_bind_int(rows, entry->original_seq * TRANSFER_STEP);
    store_bind_int(rows, (entry->original_seq + 1) * TRANSFER_STEP);
    TRY(store_step(rows, &row));
    while (row) {
        int64_t kind = store_read_int(rows) % TRANSFER_STEP, minor = store_read_int(rows);
        int64_t by = store_read_int(rows);
        if (kind == TRANSFER_POST) amount_minor = minor;
        if (kind == TRANSFER_FEE) {
            fee_minor = minor;
            rule = by;
        }
        TRY(store_step(rows, &row));
    }
    if (amount_minor == 0) return ledger_conflict(ledger, entry, "its original was never posted");
    *ret_amount = amount_minor;
    *ret_fee = fee_minor;
    *ret_rule = (uint32_t)rule;
    return OK;
}

static err read_returned(struct ledger *ledger, int64_t seq, struct returned *out)
{
    struct store_statement *select;
    bool row = false;
    *out = (struct returned){0};
    TRY(store_statement(ledger->store, "SELECT amount_minor, fee_minor FROM returned WHERE seq = ?",
                        &select));
    store_bind_int(select, seq);
    TRY(store_step(select, &row));
    if (!row) return OK;
    out->amount_minor = store_read_int(select);
    out->fee_minor = store_read_int(select);
    err e = store_read_finish(select);
    store_reset(select);
    return e;
}

static err write_returned(struct ledger *ledger, int64_t seq, const struct returned *now)
{
    struct store_statement *upsert;
    TRY(store_statement(ledger->store,
                        "INSERT INTO returned(seq, amount_minor, fee_minor) VALUES(?, ?, ?)"
                        " ON CONFLICT(seq) DO UPDATE SET amount_minor = excluded.amount_minor,"
                        " fee_minor = excluded.fee_minor",
                        &upsert));
    store_bind_int(upsert, seq);
    store_bind_int(upsert, now->amount_minor);
    store_bind_int(upsert, now->fee_minor);
    return store_run(upsert);
}

err ledger_give_fee(struct ledger *ledger, const struct ledger_entry *entry, int64_t *ret_fee_minor,
                    uint32_t *ret_rule)
{
    int64_t amount_minor = 0, fee_minor = 0;
    uint32_t rule = 0;
    struct returned now;
    TRY(read_original(ledger, entry, &amount_minor, &fee_minor, &rule));
    TRY(read_returned(ledger, entry->original_seq, &now));
    now.amount_minor += entry->amount_minor;
    if (now.amount_minor > amount_minor)
        return ledger_conflict(ledger, entry, "more goes back than was paid");
    int64_t due_minor = fee_returned(fee_return_of(entry->plan, entry->reason), fee_minor,
                                     amount_minor, now.amount_minor);
    /* After a refund was undone the rest can be a fen ahead of its share: then nothing is due. */
    int64_t give_minor = due_minor > now.fee_minor ? due_minor - now.fee_minor : 0;
    now.fee_minor += give_minor;
    TRY(write_returned(ledger, entry->original_seq, &now));
    *ret_fee_minor = give_minor;
    *ret_rule = give_minor > 0 ? rule : 0;
    return OK;
}

err ledger_take_fee_again(struct ledger *ledger, const struct ledger_entry *entry,
                          int64_t fee_minor)
{
    struct returned now;
    TRY(read_returned(ledger, entry->original_seq, &now));
    if (now.amount_minor < entry->amount_minor || now.fee_minor < fee_minor)
        return ledger_conflict(ledger, entry, "it is undone, and never went back");
    now.amount_minor -= entry->amount_minor;
    now.fee_minor -= fee_minor;
    return write_returned(ledger, entry->original_seq, &now);
}
