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

/* ---- the kinds of entries
 * ---------------------------------------------------------------------------
 */

static err apply_hold(struct ledger *ledger, const struct ledger_entry *entry)
{
    uint32_t debit = 0, credit = 0;
    struct position *position = positions_find(&ledger->positions, entry->key);
    if (position != NULL) return ledger_conflict(ledger, entry, "this payment is known already");
    TRY(ledger_book_of(ledger, entry, ACCOUNT_NETWORK_RECEIVABLE, &debit));
    TRY(ledger_book_of(ledger, entry, ACCOUNT_MERCHANT_PAYABLE, &credit));
    if (ledger_gives(entry)) {
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
    position->hold_ms = entry->at_ms;
    position->amount_minor = entry->amount_minor;
    position->debit = debit;
    position->credit = credit;
    ENSURE(ledger->opened_count < LEDGER_BATCH_MAX);
    ledger->opened[ledger->opened_count++] = (uint32_t)(position - ledger->positions.pool);
    return OK; /* written down when the batch is over, or with what decides it before that */
}

/* The hold of a position, to stand beside what decides it. */
static struct beside hold_of(const struct position *position)
{
    if (position->shifted) return (struct beside){.way = CHARGE_NONE};
    return (struct beside){.hold_seq = position->hold_seq, .hold_ms = position->hold_ms};
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

static err apply_post(struct ledger *ledger, const struct ledger_entry *entry,
                      struct position *position)
{
    if (position == NULL || position->state != POSITION_HELD)
        return ledger_conflict(ledger, entry, "approved without a hold");
    struct beside beside = hold_of(position);
    ledger_post(ledger_touch(ledger, position->debit), ledger_touch(ledger, position->credit),
                position->amount_minor);
    TRY(ledger_day(ledger, entry->at_ms, position->debit, position->credit,
                   position->amount_minor));
    TRY(ledger_charge(ledger, entry, position, &beside));
    TRY(ledger_write_beside(ledger, entry, TRANSFER_POST, position->debit, position->credit,
                            position->amount_minor, &beside));
    TRY(forget_hold(ledger, position));
    positions_decide(&ledger->positions, position, POSITION_POSTED);
    return OK;
}

static err release(struct ledger *ledger, const struct ledger_entry *entry,
                   struct position *position)
{
    ledger_release(ledger_touch(ledger, position->debit), ledger_touch(ledger, position->credit),
                   position->amount_minor);
    struct beside beside = hold_of(position);
    TRY(ledger_write_beside(ledger, entry, TRANSFER_RELEASE, position->debit, position->credit,
                            position->amount_minor, &beside));
    return forget_hold(ledger, position);
}

/* Posted money goes back by new transfers, the fee with it. */
static err turn_back(struct ledger *ledger, const struct ledger_entry *entry,
                     struct position *position)
{
    struct beside beside = {.way = CHARGE_NONE};
    TRY(ledger_move_posted(ledger, entry, position->credit, position->debit,
                           position->amount_minor));
    TRY(ledger_uncharge(ledger, entry, position, &beside));
    return ledger_write_beside(ledger, entry, TRANSFER_REVERSE, position->credit, position->debit,
                               position->amount_minor, &beside);
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
    if (!position->shifted) TRY(ledger_write_hold(ledger, position));
    position->shifted = true;
    position->debit = suspense;
    position->hold_seq = entry->seq;
    position->hold_ms = entry->at_ms;
    ENSURE(ledger->opened_count < LEDGER_BATCH_MAX);
    ledger->opened[ledger->opened_count++] = (uint32_t)(position - ledger->positions.pool);
    return ledger_write(ledger, entry, TRANSFER_SHIFT, suspense, network, position->amount_minor,
                        0);
}

/* The moves of a money order, one after the other. */
static err apply_order(struct ledger *ledger, const struct ledger_entry *entry)
{
    for (size_t i = 0; i < LEDGER_MOVES_MAX; i++) {
        const struct ledger_move *m = &entry->move[i];
        uint32_t debit = 0, credit = 0;
        if (m->debit == ACCOUNT_NONE) continue;
        TRY(ledger_book_of(ledger, entry, m->debit, &debit));
        TRY(ledger_book_of(ledger, entry, m->credit, &credit));
        TRY(ledger_move_posted(ledger, entry, debit, credit, m->amount_minor));
        TRY(ledger_write(ledger, entry, (enum transfer_kind)(TRANSFER_ORDER + i), debit, credit,
                         m->amount_minor, m->rule));
    }
    return OK;
}

/* ---- payments of long ago ---------------------------------------------------------------------
 */

static err read_old(struct store_statement *row, struct position *old)
{
    enum transfer_kind kind = (enum transfer_kind)store_read_int(row);
    int64_t debit = store_read_int(row), credit = store_read_int(row);
    int64_t amount_minor = store_read_int(row);
    struct position_fee fee;
    ledger_read_fee(row, &fee);
    TRY(store_read_finish(row));
    if (kind != TRANSFER_SHIFT) /* which leaves it held, and says nothing else */
        old->state = kind == TRANSFER_POST   ? POSITION_POSTED
                     : kind == TRANSFER_HOLD ? POSITION_HELD
                                             : POSITION_UNDONE;
    if (kind == TRANSFER_POST || kind == TRANSFER_RELEASE) {
        old->amount_minor = amount_minor;
        old->fee = fee;
        old->debit = (uint32_t)(debit - 1);
        old->credit = (uint32_t)(credit - 1);
    }
    return OK;
}

/* The payment from what was booked of it, oldest first: a walk over the whole table, for the rare
 * late one.
 */
static err find_old(struct ledger *ledger, const uint8_t key[LEDGER_KEY_LEN],
                    struct position *ret_old)
{
    struct store_statement *rows;
    struct position old = {.state = POSITION_FREE};
    TRY(store_statement(ledger->store,
                        "SELECT kind, debit, credit, amount_minor, " LEDGER_FEE_COLUMNS
                        " FROM booking WHERE key = ? ORDER BY id",
                        &rows));
    store_bind_blob(rows, bytes_of(key, LEDGER_KEY_LEN));
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        TRY(read_old(rows, &old));
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
            position->fee = old.fee;
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

static bool is_sound_instalment(const struct ledger_entry *entry)
{
    return entry->instalment_minor >= 0 && entry->instalment_minor <= entry->amount_minor &&
           (entry->instalment_minor == 0 || !ledger_gives(entry));
}

static bool makes_sense(const struct ledger_entry *entry)
{
    return entry->kind < LEDGER_KINDS && entry->network >= LEDGER_CARD_NETWORK &&
           entry->network < LEDGER_NETWORKS && entry->amount_minor > 0 && entry->currency > 0 &&
           entry->class < FEE_CLASSES && entry->reason < FEE_REASONS &&
           is_sound_instalment(entry) && ledger_gives(entry) == (entry->original_seq > 0) &&
           entry->merchant[0] != '\0' &&
           memchr(entry->merchant, '\0', sizeof entry->merchant) != NULL;
}

static bool is_sound_move(const struct ledger_move *m)
{
    if (m->debit == ACCOUNT_NONE) return m->credit == ACCOUNT_NONE;
    return m->debit < ACCOUNT_KINDS && m->credit > ACCOUNT_NONE && m->credit < ACCOUNT_KINDS &&
           m->amount_minor > 0;
}

static bool is_sound_order(const struct ledger_entry *entry)
{
    bool sound = entry->network >= LEDGER_CARD_NETWORK && entry->network < LEDGER_NETWORKS &&
                 entry->currency > 0 && entry->merchant[0] != '\0' &&
                 memchr(entry->merchant, '\0', sizeof entry->merchant) != NULL;
    for (size_t i = 0; i < LEDGER_MOVES_MAX && sound; i++) sound = is_sound_move(&entry->move[i]);
    return sound;
}

/* Same key, same content: amount, currency and merchant are those that were held. */
static bool agrees(const struct ledger *ledger, const struct position *position,
                   const struct ledger_entry *entry)
{
    uint32_t place = ledger_gives(entry) ? position->debit : position->credit;
    const struct account *merchant = &ledger->book[place].account;
    return position->amount_minor == entry->amount_minor && merchant->currency == entry->currency &&
           strcmp(merchant->owner, entry->merchant) == 0;
}

static err apply(struct ledger *ledger, const struct ledger_entry *entry)
{
    struct position *position = NULL;
    if (entry->kind == LEDGER_NOTHING) return OK;
    if (entry->kind == LEDGER_ORDER)
        return is_sound_order(entry) ? apply_order(ledger, entry)
                                     : ledger_conflict(ledger, entry, "it makes no sense");
    if (!makes_sense(entry)) return ledger_conflict(ledger, entry, "a value is out of its range");
    if (entry->kind == LEDGER_HOLD) return apply_hold(ledger, entry);

    TRY(find_position(ledger, entry, &position));
    if (position != NULL && !agrees(ledger, position, entry))
        return ledger_conflict(ledger, entry, "amount, currency or merchant is not what was held");
    if (entry->kind == LEDGER_POST) return apply_post(ledger, entry, position);
    if (entry->kind == LEDGER_DISPUTE) return apply_dispute(ledger, entry, position);
    return apply_undo(ledger, entry, position);
}

/* Does the entry follow what has been reached? `known`: it is folded already. */
static err follow(struct ledger *ledger, const struct ledger_entry *entry, bool *ret_known)
{
    struct ledger_position *at = &ledger->at;
    ENSURE((entry->kind == LEDGER_ORDER) == (entry->order > 0));
    if (entry->kind == LEDGER_ORDER) {
        *ret_known = entry->order <= at->order;
        if (*ret_known) return OK;
        if (entry->order != at->order + 1 || entry->seq != at->seq)
            return store_refuse(ledger->store, ERR(CORRUPT), "money orders are missing", NULL);
        at->order = entry->order;
        ledger->sub++;
        return OK;
    }
    *ret_known = entry->seq <= at->seq;
    if (*ret_known) return OK;
    if (entry->seq != at->seq + 1)
        return store_refuse(ledger->store, ERR(CORRUPT), "journal rows are missing", NULL);
    at->seq = entry->seq;
    ledger->sub = 0;
    return OK;
}

static err fold_all(struct ledger *ledger, const struct ledger_entry *entries, size_t count)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    bool any = false;
    TRY(store_begin(ledger->store, &tx));
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        TRY(follow(ledger, &entries[i], &known));
        if (known) continue;
        TRY(apply(ledger, &entries[i]));
        any = true;
    }
    if (!any) return OK; /* all of them were folded before */
    TRY(ledger_flush(ledger));
    return store_commit(&tx);
}

err ledger_fold(struct ledger *ledger, const struct ledger_entry *entries, size_t count)
{
    ENSURE(count <= LEDGER_BATCH_MAX && !store_is_read_only(ledger->store));
    if (ledger->stale) TRY(ledger_load(ledger));
    struct ledger_position before = ledger->at;
    err failure = fold_all(ledger, entries, count);
    ledger->stale = FAILED(failure);
    /* What is said to be reached is what is on disk. */
    if (ledger->stale) ledger->at = before;
    return failure;
}
