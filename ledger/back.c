/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fee of a payment goes back with its money: by the table of fee.c, from the transfers of the
 * original alone, so that it does not depend on what memory still holds. What has gone back so far
 * stands in a table of its own, written in the transaction of the fold.
 */
#include "ledger/internal.h"

struct returned {
    int64_t amount_minor, fee_minor, issuer_minor, network_minor, instalment_minor;
};

/* Amount and fee of the original, by the number under which it was posted. */
static err read_original(struct ledger *ledger, const struct ledger_entry *entry,
                         int64_t *ret_amount, struct position_fee *ret_fee)
{
    struct store_statement *select;
    struct position_fee fee;
    bool row = false;
    TRY(store_statement(
        ledger->store,
        "SELECT amount_minor, charge, " LEDGER_FEE_COLUMNS " FROM booking WHERE id = ?", &select));
    store_bind_int(select, transfer_id(entry->original_seq, 0, TRANSFER_POST));
    TRY(store_step(select, &row));
    if (!row) return ledger_conflict(ledger, entry, "its original was never posted");
    int64_t amount_minor = store_read_int(select);
    bool back = store_read_int(select) == CHARGE_BACK;
    ledger_read_fee(select, &fee);
    err read = store_read_finish(select);
    store_reset(select);
    TRY(read);
    *ret_amount = amount_minor;
    *ret_fee =
        back ? (struct position_fee){.rule = 0} : fee; /* what went back is not given twice */
    return OK;
}

static err read_returned(struct ledger *ledger, int64_t seq, struct returned *out)
{
    struct store_statement *select;
    bool row = false;
    *out = (struct returned){0};
    TRY(store_statement(ledger->store,
                        "SELECT amount_minor, fee_minor, issuer_minor, network_minor,"
                        " instalment_minor FROM returned WHERE seq = ?",
                        &select));
    store_bind_int(select, seq);
    TRY(store_step(select, &row));
    if (!row) return OK;
    out->amount_minor = store_read_int(select);
    out->fee_minor = store_read_int(select);
    out->issuer_minor = store_read_int(select);
    out->network_minor = store_read_int(select);
    out->instalment_minor = store_read_int(select);
    err e = store_read_finish(select);
    store_reset(select);
    return e;
}

static err write_returned(struct ledger *ledger, int64_t seq, const struct returned *now)
{
    struct store_statement *upsert;
    TRY(store_statement(
        ledger->store,
        "INSERT INTO returned(seq, amount_minor, fee_minor, issuer_minor, network_minor,"
        " instalment_minor) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(seq) DO UPDATE SET"
        " amount_minor = excluded.amount_minor, fee_minor = excluded.fee_minor,"
        " issuer_minor = excluded.issuer_minor, network_minor = excluded.network_minor,"
        " instalment_minor = excluded.instalment_minor",
        &upsert));
    store_bind_int(upsert, seq);
    store_bind_int(upsert, now->amount_minor);
    store_bind_int(upsert, now->fee_minor);
    store_bind_int(upsert, now->issuer_minor);
    store_bind_int(upsert, now->network_minor);
    store_bind_int(upsert, now->instalment_minor);
    return store_run(upsert);
}

/*
 * What is still to go back of `whole`, and moves `gone` on by it. After a refund was undone the
 * rest can be a fen ahead of its share: then nothing is due.
 */
static int64_t give(enum fee_return how, int64_t whole_minor, int64_t amount_minor,
                    int64_t returned_minor, int64_t *gone_minor)
{
    int64_t due_minor = fee_returned(how, whole_minor, amount_minor, returned_minor);
    int64_t give_minor = due_minor > *gone_minor ? due_minor - *gone_minor : 0;
    *gone_minor += give_minor;
    return give_minor;
}

err ledger_give_fee(struct ledger *ledger, const struct ledger_entry *entry,
                    struct position_fee *ret_fee)
{
    int64_t amount_minor = 0;
    struct position_fee whole = {.rule = 0}, fee = {.rule = 0};
    struct returned now;
    TRY(read_original(ledger, entry, &amount_minor, &whole));
    TRY(read_returned(ledger, entry->original_seq, &now));
    now.amount_minor += entry->amount_minor;
    if (now.amount_minor > amount_minor)
        return ledger_conflict(ledger, entry, "more goes back than was paid");
    enum fee_return how = fee_return_of(entry->plan, entry->reason);
    int64_t back_minor = now.amount_minor;
    fee.fee_minor = give(how, whole.fee_minor, amount_minor, back_minor, &now.fee_minor);
    fee.issuer_minor = give(how, whole.issuer_minor, amount_minor, back_minor, &now.issuer_minor);
    fee.network_minor =
        give(how, whole.network_minor, amount_minor, back_minor, &now.network_minor);
    fee.instalment_minor = give(fee_return_of_instalment(entry->reason), whole.instalment_minor,
                                amount_minor, back_minor, &now.instalment_minor);
    TRY(write_returned(ledger, entry->original_seq, &now));
    fee.rule = fee.fee_minor > 0 ? whole.rule : 0;
    fee.agreement = fee.fee_minor > 0 ? whole.agreement : 0;
    fee.share_rule = fee.issuer_minor + fee.network_minor > 0 ? whole.share_rule : 0;
    *ret_fee = fee;
    return OK;
}

err ledger_take_fee_again(struct ledger *ledger, const struct ledger_entry *entry,
                          const struct position_fee *fee)
{
    struct returned now;
    TRY(read_returned(ledger, entry->original_seq, &now));
    if (now.amount_minor < entry->amount_minor || now.fee_minor < fee->fee_minor ||
        now.issuer_minor < fee->issuer_minor || now.network_minor < fee->network_minor ||
        now.instalment_minor < fee->instalment_minor)
        return ledger_conflict(ledger, entry, "it is undone, and never went back");
    now.amount_minor -= entry->amount_minor;
    now.fee_minor -= fee->fee_minor;
    now.issuer_minor -= fee->issuer_minor;
    now.network_minor -= fee->network_minor;
    now.instalment_minor -= fee->instalment_minor;
    return write_returned(ledger, entry->original_seq, &now);
}
