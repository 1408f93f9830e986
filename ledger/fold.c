/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folding: each entry checked against what the ledger knows of its payment, then its transfers.
 *
 * An entry that cannot follow is an error and not a verdict: the journal has said that it happened,
 * so somebody's table is wrong, and going on would bury it. After any failure the memory is thrown
 * away and read again before the next fold: nothing half-applied survives.
 */
#include "ledger/fold.h"

#include "ledger/internal.h"
#include "lib/base/writer.h"

static const char *const network_owner[LEDGER_NETWORKS] = {
    [LEDGER_CARD_NETWORK] = "card-network",
    [LEDGER_WALLET] = "wallet",
};

err ledger_conflict(struct ledger *ledger, const struct ledger_entry *entry, const char *why)
{
    char what[48];
    struct writer w = writer_over(what, sizeof what - 1);
    write_format(&w, "journal row %lld cannot be folded", (long long)entry->seq);
    what[w.len] = '\0';
    return store_refuse(ledger->store, ERR(CONFLICT), what, why);
}

static err write_transfer(struct ledger *ledger, const struct ledger_entry *entry,
                          enum transfer_kind kind, uint32_t debit, uint32_t credit,
                          int64_t amount_minor, uint32_t rule)
{
    ENSURE(amount_minor > 0 && debit != credit && kind < TRANSFER_KINDS);
    ENSURE((rule != 0) == (kind == TRANSFER_FEE || kind == TRANSFER_FEE_BACK));
    struct store_statement *insert;
    TRY(store_statement(
        ledger->store,
        "INSERT INTO transfer(id, at_ms, kind, key, debit, credit, amount_minor, rule)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        &insert));
    store_bind_int(insert, entry->seq * TRANSFER_STEP + (int64_t)kind);
    store_bind_int(insert, entry->at_ms);
    store_bind_int(insert, (int64_t)kind);
    store_bind_blob(insert, BYTES_OF(entry->key));
    store_bind_int(insert, (int64_t)debit + 1);
    store_bind_int(insert, (int64_t)credit + 1);
    store_bind_int(insert, amount_minor);
    store_bind_int(insert, rule);
    return store_run(insert);
}

/* Moves posted money and writes it down. */
static err move(struct ledger *ledger, const struct ledger_entry *entry, enum transfer_kind kind,
                uint32_t debit, uint32_t credit, int64_t amount_minor, uint32_t rule)
{
    enum transfer_verdict verdict =
        ledger_move(ledger_touch(ledger, debit), ledger_touch(ledger, credit), amount_minor);
    if (verdict != TRANSFER_OK)
        return ledger_conflict(ledger, entry, transfer_verdict_text(verdict));
    return write_transfer(ledger, entry, kind, debit, credit, amount_minor, rule);
}

static bool gives(const struct ledger_entry *entry)
{
    return entry->reason != FEE_TAKEN;
}

/* ---- the kinds of entries
 * ---------------------------------------------------------------------------
 */

static err apply_hold(struct ledger *ledger, const struct ledger_entry *entry)
{
    uint32_t debit = 0, credit = 0;
    struct position *position = positions_find(&ledger->positions, entry->key);
    if (position != NULL) return ledger_conflict(ledger, entry, "this payment is known already");
    TRY(ledger_book(ledger, ACCOUNT_NETWORK_RECEIVABLE, network_owner[entry->network],
                    entry->currency, &debit));
    TRY(ledger_book(ledger, ACCOUNT_MERCHANT_PAYABLE, entry->merchant, entry->currency, &credit));
    if (gives(entry)) {
        uint32_t merchant = credit;
        credit = debit;
        debit = merchant;
    }
    enum transfer_verdict verdict =
        ledger_hold(ledger_touch(ledger, debit), ledger_touch(ledger, credit), entry->amount_minor);
    if (verdict != TRANSFER_OK)
        return ledger_conflict(ledger, entry, transfer_verdict_text(verdict));

    err full = positions_add(&ledger->positions, entry->key, &position);
    if (FAILED(full)) return store_refuse(ledger->store, full, "too many open holds", NULL);
    position->hold_seq = entry->seq;
    position->amount_minor = entry->amount_minor;
    position->debit = debit;
    position->credit = credit;
    ENSURE(ledger->opened_count < LEDGER_BATCH_MAX);
    ledger->opened[ledger->opened_count++] = (uint32_t)(position - ledger->positions.pool);
    return write_transfer(ledger, entry, TRANSFER_HOLD, debit, credit, entry->amount_minor, 0);
}

/* A hold of an earlier batch leaves the table of open holds. */
static err forget_hold(struct ledger *ledger, struct position *position)
{
    struct store_statement *remove;
    if (!position->stored) return OK;
    TRY(store_statement(ledger->store, "DELETE FROM open_hold WHERE seq = ?", &remove));
    store_bind_int(remove, position->hold_seq);
    TRY(store_run(remove));
    ENSURE(store_changes(ledger->store) == 1);
    position->stored = false;
    return OK;
}

/* What goes back to the customer takes its share of the fee back to the merchant. */
static err give_fee(struct ledger *ledger, const struct ledger_entry *entry,
                    struct position *position)
{
    uint32_t income = 0;
    TRY(ledger_give_fee(ledger, entry, &position->fee_minor, &position->rule));
    if (position->fee_minor == 0) return OK;
    TRY(ledger_book(ledger, ACCOUNT_FEE_INCOME, "", entry->currency, &income));
    return move(ledger, entry, TRANSFER_FEE_BACK, income, position->debit, position->fee_minor,
                position->rule);
}

/* The fee comes off what the merchant gets, by a rule that the transfer names. */
static err take_fee(struct ledger *ledger, const struct ledger_entry *entry,
                    struct position *position)
{
    uint32_t income = 0;
    const struct fee_rule *rule = fee_rule_for(entry->plan, entry->class, entry->at_ms);
    int64_t fee_minor = fee_amount(rule, entry->amount_minor);
    if (fee_minor == 0) return OK;
    TRY(ledger_book(ledger, ACCOUNT_FEE_INCOME, "", entry->currency, &income));
    TRY(move(ledger, entry, TRANSFER_FEE, position->credit, income, fee_minor, rule->version));
    position->fee_minor = fee_minor;
    position->rule = rule->version;
    return OK;
}

static err apply_post(struct ledger *ledger, const struct ledger_entry *entry,
                      struct position *position)
{
    if (position == NULL || position->state != POSITION_HELD)
        return ledger_conflict(ledger, entry, "approved without a hold");
    ledger_post(ledger_touch(ledger, position->debit), ledger_touch(ledger, position->credit),
                position->amount_minor);
    TRY(write_transfer(ledger, entry, TRANSFER_POST, position->debit, position->credit,
                       position->amount_minor, 0));
    TRY(gives(entry) ? give_fee(ledger, entry, position) : take_fee(ledger, entry, position));
    TRY(forget_hold(ledger, position));
    positions_decide(&ledger->positions, position, POSITION_POSTED);
    return OK;
}

static err release(struct ledger *ledger, const struct ledger_entry *entry,
                   struct position *position)
{
    ledger_release(ledger_touch(ledger, position->debit), ledger_touch(ledger, position->credit),
                   position->amount_minor);
    TRY(write_transfer(ledger, entry, TRANSFER_RELEASE, position->debit, position->credit,
                       position->amount_minor, 0));
    return forget_hold(ledger, position);
}

/* Posted money goes back by new transfers, the fee with it. */
static err turn_back(struct ledger *ledger, const struct ledger_entry *entry,
                     struct position *position)
{
    uint32_t income = 0;
    TRY(move(ledger, entry, TRANSFER_REVERSE, position->credit, position->debit,
             position->amount_minor, 0));
    if (gives(entry)) TRY(ledger_take_fee_again(ledger, entry, position->fee_minor));
    if (position->fee_minor == 0) return OK;
    TRY(ledger_book(ledger, ACCOUNT_FEE_INCOME, "", entry->currency, &income));
    if (gives(entry))
        return move(ledger, entry, TRANSFER_FEE, position->debit, income, position->fee_minor,
                    position->rule);
    return move(ledger, entry, TRANSFER_FEE_BACK, income, position->credit, position->fee_minor,
                position->rule);
}

static err apply_undo(struct ledger *ledger, const struct ledger_entry *entry,
                      struct position *position)
{
    if (position == NULL) return ledger_conflict(ledger, entry, "reversed, and never seen before");
    if (position->state == POSITION_UNDONE) return OK; /* an undoing may be told twice */
    err failure = position->state == POSITION_HELD ? release(ledger, entry, position)
                                                   : turn_back(ledger, entry, position);
    TRY(failure);
    positions_decide(&ledger->positions, position, POSITION_UNDONE);
    return OK;
}

/* The network will not owe it: what is held for the merchant stays, and a person has to see to it.
 */
static err apply_dispute(struct ledger *ledger, const struct ledger_entry *entry,
                         struct position *position)
{
    uint32_t suspense = 0;
    if (position == NULL || position->state != POSITION_HELD)
        return ledger_conflict(ledger, entry, "disputed without a hold");
    TRY(ledger_book(ledger, ACCOUNT_SUSPENSE, "", entry->currency, &suspense));
    uint32_t network = position->debit;
    enum transfer_verdict verdict = ledger_shift(
        ledger_touch(ledger, suspense), ledger_touch(ledger, network), position->amount_minor);
    if (verdict != TRANSFER_OK)
        return ledger_conflict(ledger, entry, transfer_verdict_text(verdict));
    TRY(forget_hold(ledger, position));
    position->debit = suspense;
    position->hold_seq = entry->seq;
    ENSURE(ledger->opened_count < LEDGER_BATCH_MAX);
    ledger->opened[ledger->opened_count++] = (uint32_t)(position - ledger->positions.pool);
    return write_transfer(ledger, entry, TRANSFER_SHIFT, suspense, network, position->amount_minor,
                          0);
}

/* ---- payments of long ago ---------------------------------------------------------------------
 */

static err read_old(struct store_statement *row, enum transfer_kind *ret_kind, struct position *old)
{
    enum transfer_kind kind = (enum transfer_kind)store_read_int(row);
    int64_t debit = store_read_int(row), credit = store_read_int(row);
    int64_t amount_minor = store_read_int(row), rule = store_read_int(row);
    TRY(store_read_finish(row));
    if (kind == TRANSFER_FEE || kind == TRANSFER_FEE_BACK) {
        old->fee_minor = amount_minor;
        old->rule = (uint32_t)rule;
    } else if (kind != TRANSFER_SHIFT) { /* which leaves it held, and says nothing else */
        old->state = kind == TRANSFER_POST   ? POSITION_POSTED
                     : kind == TRANSFER_HOLD ? POSITION_HELD
                                             : POSITION_UNDONE;
    }
    if (kind == TRANSFER_POST || kind == TRANSFER_RELEASE) {
        old->amount_minor = amount_minor;
        old->debit = (uint32_t)(debit - 1);
        old->credit = (uint32_t)(credit - 1);
    }
    *ret_kind = kind;
    return OK;
}

/* The payment from its transfers, oldest first: a walk over the whole table, for the rare late one.
 */
static err find_old(struct ledger *ledger, const uint8_t key[LEDGER_KEY_LEN],
                    struct position *ret_old)
{
    struct store_statement *rows;
    struct position old = {.state = POSITION_FREE};
    TRY(store_statement(ledger->store,
                        "SELECT kind, debit, credit, amount_minor, rule FROM transfer WHERE key = ?"
                        " ORDER BY id",
                        &rows));
    store_bind_blob(rows, bytes_of(key, LEDGER_KEY_LEN));
    for (;;) {
        bool row = false;
        enum transfer_kind kind = TRANSFER_HOLD;
        TRY(store_step(rows, &row));
        if (!row) break;
        TRY(read_old(rows, &kind, &old));
    }
    *ret_old = old;
    return OK;
}

/* The position of an entry's payment, or NULL. One of long ago becomes a recent one again. */
static err find_position(struct ledger *ledger, const struct ledger_entry *entry,
                         struct position **ret_position)
{
    struct position *position = positions_find(&ledger->positions, entry->key);
    if (position == NULL && entry->kind == LEDGER_UNDO) {
        struct position old;
        TRY(find_old(ledger, entry->key, &old));
        /* Open holds are never forgotten, so a hold that is only on disk was not made by us. */
        if (old.state == POSITION_HELD)
            return store_refuse(ledger->store, ERR(CORRUPT), "a hold is not among the open ones",
                                NULL);
        if (old.state != POSITION_FREE) {
            TRY(positions_add(&ledger->positions, entry->key, &position));
            position->amount_minor = old.amount_minor;
            position->fee_minor = old.fee_minor;
            position->rule = old.rule;
            position->debit = old.debit;
            position->credit = old.credit;
            positions_decide(&ledger->positions, position, old.state);
        }
    }
    *ret_position = position;
    return OK;
}

/* ---- entries ----------------------------------------------------------------------------------
 */

static bool makes_sense(const struct ledger_entry *entry)
{
    return entry->kind < LEDGER_KINDS && entry->network >= LEDGER_CARD_NETWORK &&
           entry->network < LEDGER_NETWORKS && entry->amount_minor > 0 && entry->currency > 0 &&
           entry->class < FEE_CLASSES && entry->reason < FEE_REASONS &&
           gives(entry) == (entry->original_seq > 0) && entry->merchant[0] != '\0' &&
           memchr(entry->merchant, '\0', sizeof entry->merchant) != NULL;
}

/* Same key, same content: amount, currency and merchant are those that were held. */
static bool agrees(const struct ledger *ledger, const struct position *position,
                   const struct ledger_entry *entry)
{
    uint32_t place = gives(entry) ? position->debit : position->credit;
    const struct account *merchant = &ledger->book[place].account;
    return position->amount_minor == entry->amount_minor && merchant->currency == entry->currency &&
           strcmp(merchant->owner, entry->merchant) == 0;
}

static err apply(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct position *position = NULL;
    if (entry->kind == LEDGER_NOTHING) return OK;
    if (!makes_sense(entry)) return ledger_conflict(ledger, entry, "a value is out of its range");
    if (entry->kind == LEDGER_HOLD) return apply_hold(ledger, entry);

    TRY(find_position(ledger, entry, &position));
    if (position != NULL && !agrees(ledger, position, entry))
        return ledger_conflict(ledger, entry, "amount, currency or merchant is not what was held");
    if (entry->kind == LEDGER_POST) return apply_post(ledger, entry, position);
    if (entry->kind == LEDGER_DISPUTE) return apply_dispute(ledger, entry, position);
    return apply_undo(ledger, entry, position);
}

static err fold_all(struct ledger *ledger, const struct ledger_entry *entries, size_t count)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t seq = ledger->seq;
    TRY(store_begin(ledger->store, &tx));
    for (size_t i = 0; i < count; i++) {
        if (entries[i].seq <= seq) continue;
        if (entries[i].seq != seq + 1)
            return store_refuse(ledger->store, ERR(CORRUPT), "journal rows are missing", NULL);
        TRY(apply(ledger, &entries[i]));
        seq = entries[i].seq;
    }
    if (seq == ledger->seq) return OK; /* all of them were folded before */
    TRY(ledger_flush(ledger, seq));
    TRY(store_commit(&tx));
    ledger->seq = seq;
    return OK;
}

err ledger_fold(struct ledger *ledger, const struct ledger_entry *entries, size_t count)
{
    ENSURE(count <= LEDGER_BATCH_MAX && !store_is_read_only(ledger->store));
    if (ledger->stale) TRY(ledger_load(ledger));
    err failure = fold_all(ledger, entries, count);
    ledger->stale = FAILED(failure);
    return failure;
}
