/* SPDX-License-Identifier: Apache-2.0 */
/* The journal against a network's file: both ways, each difference once. */
#include "journal/reconcile.h"

#include <stdio.h>

#include "journal/journal.h"
#include "journal/trail.h"
#include "payment/kind.h"
#include "payment/response_code.h"

#define DAY_MS INT64_C(86400000)

enum {
    ROWS_AT_ONCE = 128,
    AROUND_DAYS = 3, /* a clock of ours that was wrong, and answers around the end of a day */
    LATE_DAYS = 180  /* month and day name one day only within less than half a year */
};

static const char *const migration[] = {
    "CREATE TABLE reconciled(number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    " network INTEGER NOT NULL, day INTEGER NOT NULL, digest TEXT NOT NULL,"
    " rows INTEGER NOT NULL, matched INTEGER NOT NULL, differences INTEGER NOT NULL,"
    " actor TEXT NOT NULL CHECK(actor <> ''), UNIQUE(network, day)) STRICT;"
    "CREATE TRIGGER reconciled_no_update BEFORE UPDATE ON reconciled"
    " BEGIN SELECT RAISE(ABORT, 'a reconciled day stays as it is'); END;"
    "CREATE TRIGGER reconciled_no_delete BEFORE DELETE ON reconciled"
    " BEGIN SELECT RAISE(ABORT, 'a reconciled day stays as it is'); END;",
};

const struct store_schema journal_reconcile_schema = {"reconciled", migration,
                                                      ARRAY_LEN(migration)};

struct walk {
    struct store *store;
    const struct reconcile_file *file;
    reconcile_each each;
    void *context;
    char mmdd[5];
    struct reconcile_sums sums;
};

/* ---- what both say ---- */

static bool stands(const struct payment *p)
{
    return p->state == PAYMENT_APPROVED || p->state == PAYMENT_CAPTURED ||
           p->state == PAYMENT_SETTLED;
}

static bool moves_money(enum payment_type type)
{
    enum payment_direction direction = payment_type_row(type)->direction;
    return direction == PAYMENT_TAKES || direction == PAYMENT_GIVES;
}

static int64_t signed_minor(enum payment_type type, int64_t minor)
{
    return payment_type_row(type)->direction == PAYMENT_GIVES ? -minor : minor;
}

/* Of the day of the file, as its answer says or by when it was approved, so many days from it at
 * most? */
static bool of_the_day(const struct walk *w, const struct payment *p, int64_t approved_ms,
                       int32_t days)
{
    if (p->route != w->file->head.network || p->currency != w->file->head.currency) return false;
    if (p->settlement_date[0] == '\0') return clearing_day(approved_ms) == w->file->head.day;
    int32_t away = clearing_day(approved_ms) - w->file->head.day;
    return strcmp(p->settlement_date, w->mmdd) == 0 && away <= days && away >= -days;
}

static err tell(struct walk *w, enum journal_item_kind kind, const struct payment *p,
                const struct clearing_row *row, int64_t host_minor, int64_t network_minor)
{
    struct journal_item item = {.kind = kind,
                                .network = w->file->head.network,
                                .day = w->file->head.day,
                                .host_minor = host_minor,
                                .network_minor = network_minor};
    if (row != NULL) {
        item.type = row->type;
        memcpy(item.rrn, row->rrn, sizeof item.rrn);
    }
    if (p != NULL) {
        memcpy(item.tid, p->key.tid, sizeof item.tid);
        memcpy(item.mid, p->mid, sizeof item.mid);
        memcpy(item.shown, p->pan_masked, sizeof item.shown);
        memcpy(item.rrn, p->rrn, sizeof item.rrn);
        item.batch = p->key.batch;
        item.stan = p->key.stan;
        item.type = p->type;
    }
    w->sums.differences++;
    return w->each(w->context, &item);
}

/* ---- from the file to the journal ---- */

/* What was agreed about the fees of what stands on both sides. */
static err agreed_of(struct walk *w, const struct clearing_row *there, const struct payment *p,
                     int64_t row, struct reconcile_agreed *out)
{
    struct reconcile_agreed *sum = &w->sums.agreed;
    *out = (struct reconcile_agreed){.known = false};
    if (!stands(p) || !there->stands || w->file->agree == NULL || row == 0) return OK;
    TRY(w->file->agree(w->file->agree_context, p, row, out));
    sum->issuer_minor += signed_minor(p->type, out->issuer_minor);
    sum->network_minor += signed_minor(p->type, out->network_minor);
    sum->instalment_minor += signed_minor(p->type, out->instalment_minor);
    return OK;
}

/* The fees of what stands on both sides with one amount; whether they are the same, too. */
static err compare_fee(struct walk *w, const struct clearing_row *row, const struct payment *p,
                       const struct reconcile_agreed *agreed)
{
    int64_t fee = agreed->issuer_minor + agreed->network_minor;
    bool takes = payment_type_row(p->type)->direction == PAYMENT_TAKES;
    bool first = w->file->version == 1;
    int64_t instalment = first ? 0 : agreed->instalment_minor;
    bool same = fee == row->fee_minor && instalment == row->instalment_minor;
    if (!agreed->known || (first && !takes) || same) {
        w->sums.matched++;
        return OK;
    }
    return tell(w, JOURNAL_ITEM_NETWORK_FEE, p, row, fee + instalment,
                row->fee_minor + row->instalment_minor);
}

/* It stands, and its terminal has come so far with it. */
static err count_here(struct walk *w, const struct payment *p)
{
    struct journal_close close;
    w->sums.host_minor += signed_minor(p->type, p->amount_minor);
    err found = journal_close_find(w->store, p->key.tid, p->key.batch, &close);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (FAILED(found)) w->sums.unsettled++;
    else if (close.how == JOURNAL_CLOSED_EQUAL) w->sums.settled++;
    else w->sums.disputed_batch++;
    return OK;
}

/*
 * The answer may have come long after the network made it: a refund by code is asked about for as
 * long as it takes, and the host may have been down for a week. It belongs to the network's day all
 * the same, and the walk over the journal does not come as far as its approval. `approved_row` 0:
 * it never was approved.
 */
static err compare(struct walk *w, const struct clearing_row *row, const struct payment *p,
                   int64_t approved_ms, int64_t approved_row)
{
    struct reconcile_agreed agreed;
    bool ours = stands(p), day = of_the_day(w, p, approved_ms, LATE_DAYS);
    int64_t host = ours ? p->amount_minor : 0, network = row->stands ? row->amount_minor : 0;
    if (!ours && !row->stands) {
        w->sums.matched++;
        return OK;
    }
    if (ours && day && !of_the_day(w, p, approved_ms, AROUND_DAYS)) TRY(count_here(w, p));
    TRY(agreed_of(w, row, p, approved_row, &agreed));
    if (ours != row->stands || !day)
        return tell(w, JOURNAL_ITEM_NETWORK_STATE, p, row, host, network);
    if (p->amount_minor != row->amount_minor || p->type != row->type)
        return tell(w, JOURNAL_ITEM_NETWORK_AMOUNT, p, row, host, network);
    return compare_fee(w, row, p, &agreed);
}

static err compare_row(struct walk *w, const struct clearing_row *row)
{
    struct journal_row last, approval;
    if (row->stands) w->sums.network_minor += signed_minor(row->type, row->amount_minor);
    err found = journal_last_of(w->store, row->rrn, &last);
    if (found.code == ERR_NOT_FOUND) {
        if (row->stands) return tell(w, JOURNAL_ITEM_HOST_LACKS, NULL, row, 0, row->amount_minor);
        w->sums.matched++; /* charged and taken back: it is as if it had not been */
        return OK;
    }
    TRY(found);
    found = journal_approval(w->store, row->rrn, &approval);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (FAILED(found)) return compare(w, row, &last.payment, last.at_ms, 0);
    return compare(w, row, &last.payment, approval.at_ms, approval.seq);
}

/* ---- from the journal to the file ---- */

static const struct clearing_row *row_of(const struct reconcile_file *file, const char *rrn)
{
    size_t low = 0, high = file->rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(file->row[middle].rrn, rrn);
        if (order == 0) return &file->row[middle];
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return NULL;
}

static err look_for(struct walk *w, const struct journal_row *approval)
{
    struct journal_row last;
    const struct payment *p = &approval->payment;
    /* One that its issuer refused and we have paid all the same is in no network's file. */
    bool refused = !response_approved(p->response_code);
    if (approval->event != PAYMENT_APPROVE || !moves_money(p->type) || refused) return OK;
    if (p->rrn[0] == '\0' || !of_the_day(w, p, approval->at_ms, AROUND_DAYS)) return OK;
    TRY(journal_last_of(w->store, p->rrn, &last));
    if (!stands(&last.payment)) return OK;
    TRY(count_here(w, p));
    if (row_of(w->file, p->rrn) != NULL) return OK; /* compared from the other side */
    return tell(w, JOURNAL_ITEM_NETWORK_LACKS, &last.payment, NULL, p->amount_minor, 0);
}

static err moment_of(struct store *store, int64_t seq, int64_t *ret_ms)
{
    struct store_statement *s;
    bool there = false;
    TRY(store_statement(store, "SELECT at_ms FROM journal WHERE seq = ?", &s));
    store_bind_int(s, seq);
    TRY(store_step(s, &there));
    if (!there) return ERR(CORRUPT);
    int64_t at_ms = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_ms = at_ms;
    return OK;
}

/* The first row that is not before `from_ms`; rows are in the order of time but for a wrong clock,
 * for which AROUND_DAYS leaves room. */
static err first_row(struct store *store, int64_t from_ms, int64_t last, int64_t *ret_seq)
{
    int64_t low = 1, high = last + 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2, at_ms = 0;
        TRY(moment_of(store, middle, &at_ms));
        if (at_ms < from_ms) low = middle + 1;
        else high = middle;
    }
    *ret_seq = low;
    return OK;
}

static err walk_journal(struct walk *w)
{
    static struct journal_row rows[ROWS_AT_ONCE];
    int64_t next = 1, last = 0;
    int64_t from_ms = (w->file->head.day - AROUND_DAYS) * DAY_MS;
    int64_t until_ms = (w->file->head.day + AROUND_DAYS + 1) * DAY_MS;
    TRY(journal_last(w->store, &last));
    TRY(first_row(w->store, from_ms, last, &next));
    while (next <= last) {
        size_t count = 0;
        TRY(journal_read(w->store, next, rows, ROWS_AT_ONCE, &count));
        for (size_t i = 0; i < count; i++) TRY(look_for(w, &rows[i]));
        if (count < ROWS_AT_ONCE || rows[count - 1].at_ms > until_ms) return OK;
        next += (int64_t)count;
    }
    return OK;
}

err reconcile(struct store *store, const struct reconcile_file *file, reconcile_each each,
              void *context, struct reconcile_sums *ret_sums)
{
    struct walk w = {.store = store, .file = file, .each = each, .context = context};
    char day[11];
    clearing_day_text(file->head.day, day);
    snprintf(w.mmdd, sizeof w.mmdd, "%.2s%.2s", day + 5, day + 8);
    for (size_t i = 0; i < file->rows; i++) TRY(compare_row(&w, &file->row[i]));
    TRY(walk_journal(&w));
    *ret_sums = w.sums;
    return OK;
}

/* ---- that it was done ---- */

err journal_reconciled_append(struct store_tx *tx, const struct journal_reconciled *done)
{
    struct store_statement *s;
    ENSURE(tx->store != NULL && done->network > PAYMENT_ROUTE_NONE && done->day > 0);
    TRY(store_statement(tx->store, "INSERT INTO reconciled VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_int(s, done->at_ms);
    store_bind_int(s, done->network);
    store_bind_int(s, done->day);
    store_bind_text(s, bytes_text(done->digest));
    store_bind_int(s, done->rows);
    store_bind_int(s, done->matched);
    store_bind_int(s, done->differences);
    store_bind_text(s, bytes_text(done->actor));
    return store_run(s);
}

err journal_reconciled_find(struct store *store, enum payment_route network, int32_t day,
                            struct journal_reconciled *out)
{
    struct store_statement *s;
    bool there = false;
    TRY(store_statement(store, "SELECT * FROM reconciled WHERE network = ? AND day = ?", &s));
    store_bind_int(s, network);
    store_bind_int(s, day);
    TRY(store_step(s, &there));
    if (!there) return ERR(NOT_FOUND);
    struct journal_reconciled done = {.number = store_read_int(s), .network = network, .day = day};
    done.at_ms = store_read_int(s);
    (void)store_read_int(s); /* network and day are known */
    (void)store_read_int(s);
    store_read_text_into(s, done.digest, sizeof done.digest);
    done.rows = store_read_int(s);
    done.matched = store_read_int(s);
    done.differences = store_read_int(s);
    store_read_text_into(s, done.actor, sizeof done.actor);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *out = done;
    return OK;
}
