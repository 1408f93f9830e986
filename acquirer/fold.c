/* SPDX-License-Identifier: Apache-2.0 */
/* Journal rows to ledger entries, by the table of ledger/fold.h. */
#include "acquirer/fold.h"

#include <assert.h>
#include <stdlib.h>

#include "payment/kind.h"

enum { FOLD_ROWS_MAX = 1000 };

struct fold {
    struct store *journal;
    struct ledger *ledger;
    struct fold_reader *reader;
    struct ledger_entry entry[FOLD_ROWS_MAX];
};

/* What a row means to the ledger. A payment that never had a route never was a claim on anybody. */
static enum ledger_kind kind_of(const struct journal_row *row)
{
    enum payment_state state = row->payment.state;
    if (row->payment.route == PAYMENT_ROUTE_NONE) return LEDGER_NOTHING;
    enum payment_direction direction = payment_type_row(row->payment.type)->direction;
    if (direction != PAYMENT_TAKES && direction != PAYMENT_GIVES) return LEDGER_NOTHING;
    switch (row->event) {
    case PAYMENT_SUBMIT:
        return state == PAYMENT_PENDING ? LEDGER_HOLD : LEDGER_NOTHING;
    case PAYMENT_ADVISE:
        return state == PAYMENT_OFFLINE ? LEDGER_HOLD : LEDGER_NOTHING;
    case PAYMENT_APPROVE:
        return state == PAYMENT_APPROVED ? LEDGER_POST : LEDGER_NOTHING;
    case PAYMENT_DECLINE:
        if (state == PAYMENT_DISPUTED) return LEDGER_DISPUTE;
        return state == PAYMENT_DECLINED ? LEDGER_UNDO : LEDGER_NOTHING;
    case PAYMENT_REVERSAL_ACK:
    case PAYMENT_REVERSE:
        return state == PAYMENT_REVERSED ? LEDGER_UNDO : LEDGER_NOTHING;
    default:
        return LEDGER_NOTHING;
    }
}

static enum fee_reason reason_of(enum payment_type type)
{
    const struct payment_type_row *row = payment_type_row(type);
    if (row->direction != PAYMENT_GIVES) return FEE_TAKEN;
    return row->whole ? FEE_VOIDED : FEE_REFUNDED;
}

static enum fee_class class_of(enum payment_card_class class)
{
    switch (class) {
    case PAYMENT_CLASS_DEBIT:
        return FEE_DEBIT;
    case PAYMENT_CLASS_CREDIT:
        return FEE_CREDIT;
    case PAYMENT_CLASS_WALLET:
        return FEE_WALLET;
    case PAYMENT_CLASS_FOREIGN:
        return FEE_FOREIGN;
    default:
        return FEE_UNKNOWN;
    }
}

void fold_entry(const struct journal_row *row, struct ledger_entry *out)
{
    const struct payment *p = &row->payment;
    static_assert(sizeof out->merchant == sizeof p->mid, "a merchant id is an owner");
    *out = (struct ledger_entry){.seq = row->seq, .at_ms = row->at_ms, .kind = kind_of(row)};
    if (out->kind == LEDGER_NOTHING) return;
    ledger_key(out->key, p->key.tid, p->key.batch, p->key.stan);
    memcpy(out->merchant, p->mid, sizeof out->merchant);
    out->network = p->route == PAYMENT_ROUTE_WALLET ? LEDGER_WALLET : LEDGER_CARD_NETWORK;
    out->amount_minor = p->amount_minor;
    out->currency = p->currency;
    out->class = class_of(p->card_class);
    out->plan = p->fee_plan;
    out->agreement = p->agreement;
    out->signed_ms = p->signed_ms;
    out->reason = reason_of(p->type);
    if (out->reason == FEE_TAKEN && p->plan.by_merchant) out->instalment_minor = p->plan.fee_minor;
    out->original_seq = out->reason == FEE_TAKEN ? 0 : p->original.row;
}

static err open_journal(struct fold *f, const struct fold_config *config, struct store_fault *fault)
{
    /* A handle that only reads; in memory there is but one mode. */
    const struct store_options options = {
        .mode = config->mode == STORE_MEMORY ? STORE_MEMORY : STORE_READ_ONLY, .busy_ms = 2000};
    return store_open(config->journal_path, &options, fault, &f->journal);
}

err fold_open(const struct fold_config *config, struct store_fault *fault, struct fold **ret_fold)
{
    struct fold *f = calloc(1, sizeof *f);
    if (f == NULL) return ERR(NO_MEMORY);
    err opened = open_journal(f, config, fault);
    if (!FAILED(opened)) opened = ledger_open(config->ledger_path, config->mode, fault, &f->ledger);
    if (!FAILED(opened)) f->reader = fold_reader_new(f->journal);
    if (!FAILED(opened) && f->reader == NULL) opened = ERR(NO_MEMORY);
    if (FAILED(opened)) {
        fold_close(f);
        return opened;
    }
    *ret_fold = f;
    return OK;
}

void fold_close(struct fold *f)
{
    if (f == NULL) return;
    fold_reader_free(f->reader);
    ledger_close(f->ledger);
    store_close(f->journal);
    free(f);
}

static err step(struct fold *f, size_t max_rows, size_t *ret_rows)
{
    size_t count = 0;
    TRY(fold_read(f->reader, ledger_reached(f->ledger), f->entry, max_rows, &count));
    if (count > 0) TRY(ledger_fold(f->ledger, f->entry, count));
    *ret_rows = count;
    return OK;
}

err fold_step(struct fold *f, size_t max_rows, size_t *ret_rows)
{
    ENSURE(max_rows > 0);
    return step(f, max_rows < FOLD_ROWS_MAX ? max_rows : FOLD_ROWS_MAX, ret_rows);
}

int64_t fold_seq(const struct fold *f)
{
    return ledger_seq(f->ledger);
}

const char *fold_error_text(const struct fold *f)
{
    const char *text = ledger_error_text(f->ledger);
    return text[0] != '\0' ? text : store_error_text(f->journal);
}
