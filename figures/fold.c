/* SPDX-License-Identifier: Apache-2.0 */
/* Journal and ledger side by side into cells, and cells into rows. */
#include "figures/fold.h"

#include <stdlib.h>

#include "figures/heap.h"
#include "figures/names.h"
#include "figures/period.h"
#include "journal/journal.h"
#include "ledger/booked.h"
#include "ledger/figures.h"
#include "lib/base/clock.h"
#include "payment/kind.h"

enum {
    CHUNK = 64,          /* rows of a kilobyte: they stay near the processor */
    ROW_MAX = 1 << 22,   /* bytes: 400,000 cells */
    CELLS = 1 << 18,     /* of one batch: small shops have nearly one for each payment */
    CACHE_PAGES = 16384, /* 64 MB at most: a batch is written once, when it is committed */
};

/* clang-format off */
static const char *const figures_migration[] = {
    "CREATE TABLE figure_state(id INTEGER PRIMARY KEY CHECK(id = 1), seq INTEGER NOT NULL,"
    " key_check INTEGER NOT NULL) STRICT;"
    "CREATE TABLE name(what INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY(what, number), UNIQUE(what, text)) STRICT, WITHOUT ROWID;"
    /* By figure_row(): packed cells, and the keyed hashes of tokens, eight bytes each. */
    "CREATE TABLE figure(row INTEGER PRIMARY KEY, cells BLOB NOT NULL) STRICT;"
    "CREATE TABLE visit(row INTEGER PRIMARY KEY, customers BLOB NOT NULL) STRICT;",
    /* For pages that wait: the row of the journal up to which a batch went that touched the shop. */
    "CREATE TABLE changed(shop INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;",
};
/* clang-format on */

const struct store_schema figures_schema = {"figures", figures_migration,
                                            ARRAY_LEN(figures_migration)};

/* Two sequences by the number of the journal's row. */
struct sources {
    struct journal_row row[CHUNK];
    struct ledger_booked booked[CHUNK];
    size_t rows, row_at, books, book_at;
    int64_t row_from, book_from, to; /* what to read next, and the last */
    bool rows_end, books_end;
};

struct figures_fold {
    struct store *journal, *ledger, *figures;
    figures_hash *hash;
    const uint8_t *key;
    struct figure_names *names;
    struct figure_heap shops, all; /* cells of shops; those of all shops, which follow from them */
    struct figure_visit *visit;    /* CELLS places */
    size_t visits;
    struct sources source;
    uint8_t *out; /* ROW_MAX bytes */
    int64_t seq;
    bool stale; /* memory is ahead of the store after a failure */
    struct store_checkpointer *checkpointer;
};

/* ---- opening ---- */

static err open_sources(struct figures_fold *f, const struct figures_config *c,
                        struct store_fault *fault)
{
    const struct store_options read = {.mode = c->sources, .busy_ms = 2000};
    const struct store_options write = {
        .mode = c->mode, .busy_ms = 2000, .cache_pages = CACHE_PAGES};
    TRY(store_open(c->journal_path, &read, fault, &f->journal));
    TRY(store_open(c->ledger_path, &read, fault, &f->ledger));
    return store_open(c->figures_path, &write, fault, &f->figures);
}

static err refuse(struct figures_fold *f, err code, const char *what, const char *detail)
{
    return store_refuse(f->figures, code, what, detail);
}

/* The first row of the state is written with the key's check; a later key has to be the same. */
static err check_key(struct figures_fold *f)
{
    struct store_statement *insert;
    int64_t there = 0, check = (int64_t)f->hash(f->key, BYTES("figures"));
    TRY(store_statement(f->figures,
                        "INSERT INTO figure_state(id, seq, key_check) VALUES(1, 0, ?)"
                        " ON CONFLICT DO NOTHING",
                        &insert));
    store_bind_int(insert, check);
    TRY(store_run(insert));
    TRY(store_query_int(f->figures, "SELECT key_check FROM figure_state", &there));
    if (there == check) return OK;
    return refuse(f, ERR(CONFIG), "was folded with another key",
                  "bring the key back, or move the file away: it is folded again");
}

static err load(struct figures_fold *f)
{
    TRY(figures_seq(f->figures, &f->seq));
    err loaded = figure_names_load(f->names, f->figures);
    if (loaded.code == ERR_CORRUPT)
        return refuse(f, loaded, "a name makes no sense", "move the file away: it is folded again");
    return loaded;
}

static err open_all(struct figures_fold *f, const struct figures_config *c,
                    struct store_fault *fault)
{
    TRY(open_sources(f, c, fault));
    f->hash = c->hash;
    f->key = c->key;
    f->names = figure_names_new();
    f->out = malloc(ROW_MAX);
    f->visit = calloc(CELLS, sizeof *f->visit);
    if (f->names == NULL || f->out == NULL || f->visit == NULL) return ERR(NO_MEMORY);
    TRY(figure_heap_open(&f->shops, CELLS));
    TRY(figure_heap_open(&f->all, 2 * CELLS));
    err ready = store_migrate(f->figures, &figures_schema);
    if (!FAILED(ready)) ready = check_key(f);
    if (!FAILED(ready)) ready = load(f);
    if (!FAILED(ready) && c->checkpoint_pages > 0)
        ready = store_checkpointer_start(f->figures, c->checkpoint_pages, &f->checkpointer);
    if (FAILED(ready) && fault != NULL) *fault = store_fault_of(f->figures);
    return ready;
}

err figures_fold_open(const struct figures_config *config, struct store_fault *fault,
                      struct figures_fold **ret_fold)
{
    ENSURE(config->mode != STORE_READ_ONLY);
    ENSURE(config->hash != NULL && config->key != NULL);
    struct figures_fold *f = calloc(1, sizeof *f);
    if (f == NULL) return ERR(NO_MEMORY);
    err opened = open_all(f, config, fault);
    if (FAILED(opened)) {
        figures_fold_close(f);
        return opened;
    }
    *ret_fold = f;
    return OK;
}

void figures_fold_close(struct figures_fold *f)
{
    if (f == NULL) return;
    store_checkpointer_stop(f->checkpointer);
    store_close(f->figures);
    store_close(f->ledger);
    store_close(f->journal);
    figure_heap_close(&f->shops);
    figure_heap_close(&f->all);
    figure_names_free(f->names);
    free(f->visit);
    free(f->out);
    free(f);
}

/* ---- reading ---- */

static err next_row(struct figures_fold *f, const struct journal_row **ret_row)
{
    struct sources *s = &f->source;
    if (s->row_at == s->rows && !s->rows_end) {
        TRY(journal_read_decided(f->journal, s->row_from, s->to, s->row, CHUNK, &s->rows));
        s->row_at = 0;
        s->rows_end = s->rows < CHUNK;
        if (s->rows > 0) s->row_from = s->row[s->rows - 1].seq + 1;
    }
    *ret_row = s->row_at < s->rows ? &s->row[s->row_at++] : NULL;
    return OK;
}

static err peek_booked(struct figures_fold *f, const struct ledger_booked **ret_booked)
{
    struct sources *s = &f->source;
    if (s->book_at == s->books && !s->books_end) {
        TRY(ledger_booked_read(f->ledger, s->book_from, s->to, s->booked, CHUNK, &s->books));
        s->book_at = 0;
        s->books_end = s->books < CHUNK;
        if (s->books > 0) s->book_from = s->booked[s->books - 1].seq + 1;
    }
    *ret_booked = s->book_at < s->books ? &s->booked[s->book_at] : NULL;
    return OK;
}

static err unknown_booking(struct figures_fold *f)
{
    return refuse(f, ERR(CORRUPT), "the ledger has booked what the journal does not have",
                  "tongbao admin rebuild --check says where they differ");
}

/* What the ledger has booked with this row, or NULL. */
static err booked_with(struct figures_fold *f, int64_t seq, const struct ledger_booked **ret_booked)
{
    const struct ledger_booked *booked = NULL;
    TRY(peek_booked(f, &booked));
    if (booked != NULL && booked->seq < seq) return unknown_booking(f);
    *ret_booked = booked != NULL && booked->seq == seq ? booked : NULL;
    if (*ret_booked != NULL) f->source.book_at++;
    return OK;
}

/* ---- counting ---- */

/* Does this row count, and as what? */
static bool outcome_of(const struct journal_row *row, const struct ledger_booked *booked,
                       enum figure_outcome *ret_outcome)
{
    const struct payment *p = &row->payment;
    if (booked != NULL) {
        *ret_outcome = booked->turned ? FIGURE_TURNED : FIGURE_PAID;
        return true;
    }
    if (row->event == PAYMENT_DECLINE && p->state == PAYMENT_DECLINED) {
        *ret_outcome = FIGURE_DECLINED;
        return true;
    }
    enum payment_direction direction = payment_type_row(p->type)->direction;
    *ret_outcome = FIGURE_PAID;
    return row->event == PAYMENT_APPROVE && p->state == PAYMENT_APPROVED &&
           direction != PAYMENT_TAKES && direction != PAYMENT_GIVES;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What is not two digits is nobody of the shop: a code that stands there has no operator. */
static unsigned cashier_of(const char id[static 3])
{
    if (!is_digit(id[0]) || !is_digit(id[1])) return 0;
    return 1 + 10 * (unsigned)(id[0] - '0') + (unsigned)(id[1] - '0');
}

static struct figure_amounts amounts_of(const struct journal_row *row,
                                        const struct ledger_booked *booked)
{
    struct figure_amounts a = {.count = 1, .minor = row->payment.amount_minor};
    if (booked == NULL) return a;
    a.minor = booked->amount_minor;
    a.tip_minor = row->payment.tip_minor;
    a.fee_minor = booked->fee_minor;
    a.instalment_minor = booked->instalment_minor;
    return a;
}

static unsigned hour_of(int64_t at_ms)
{
    return (unsigned)((at_ms + CLOCK_CHINA_OFFSET_MS) / 3600000 % 24);
}

static err count(struct figures_fold *f, const struct journal_row *row,
                 const struct ledger_booked *booked)
{
    const struct payment *p = &row->payment;
    struct figure_key key = {
        .means = p->means, .entry = p->entry, .class = p->card_class, .type = p->type};
    if (!outcome_of(row, booked, &key.outcome)) return OK;
    if (p->mid[0] == '\0') return OK;                /* declined before it was known whose it is */
    int64_t at_ms = row->at_ms > 0 ? row->at_ms : 0; /* as the ledger */
    uint32_t shop = 0;
    err known = figure_names_number(f->names, FIGURE_SHOP, p->mid, &shop);
    if (!FAILED(known))
        known = figure_names_number(f->names, FIGURE_DEVICE, p->key.tid, &key.device);
    if (FAILED(known)) return refuse(f, known, "too many shops and terminals", NULL);
    key.hour = hour_of(at_ms);
    key.cashier = cashier_of(p->operator_id);
    const struct figure_amounts amounts = amounts_of(row, booked);
    int32_t day = workday_of(at_ms);
    if (day > WORKDAY_LAST) return refuse(f, ERR(CORRUPT), "a payment of no possible day", NULL);
    bool visits = key.outcome == FIGURE_PAID && p->token[0] != '\0' &&
                  payment_type_row(p->type)->direction == PAYMENT_TAKES;
    int64_t to = figure_row(shop, FIGURE_DAY, day);
    figure_heap_add(&f->shops, to, figure_key_pack(&key), &amounts);
    if (visits)
        f->visit[f->visits++] = (struct figure_visit){to, f->hash(f->key, bytes_text(p->token))};
    return OK;
}

/* Reads from the row after the checkpoint up to `to`, or as far as memory allows: *ret_to. */
static err gather(struct figures_fold *f, int64_t to, int64_t *ret_to)
{
    const struct ledger_booked *booked = NULL;
    f->source.row_from = f->source.book_from = f->seq + 1;
    f->source.to = to;
    f->source.rows = f->source.row_at = f->source.books = f->source.book_at = 0;
    f->source.rows_end = f->source.books_end = false;
    figure_heap_clear(&f->shops);
    f->visits = 0;
    for (;;) {
        const struct journal_row *row = NULL;
        TRY(next_row(f, &row));
        if (row == NULL) break;
        if (f->shops.count == CELLS || f->visits == CELLS) {
            *ret_to = row->seq - 1;
            return OK;
        }
        TRY(booked_with(f, row->seq, &booked));
        TRY(count(f, row, booked));
    }
    TRY(peek_booked(f, &booked));
    if (booked != NULL) return unknown_booking(f);
    *ret_to = to;
    return OK;
}

/* ---- writing ---- */

/* What all shops have follows from what each has: without terminals and operators, and once more by
 * shop instead of by terminal. */
static err roll_up(struct figures_fold *f)
{
    figure_heap_clear(&f->all);
    for (size_t i = 0; i < f->shops.count; i++) {
        const struct figure_entry *e = &f->shops.entry[i];
        uint32_t shop = figure_row_shop(e->row, FIGURE_DAY);
        int32_t day = figure_row_period(e->row);
        struct figure_key key;
        TRY(figure_key_unpack(e->cell.key, &key));
        key.device = 0;
        key.cashier = 0;
        const struct figure_key of_shop = {
            .device = shop, .type = key.type, .outcome = key.outcome};
        figure_heap_add(&f->all, figure_row(FIGURE_ALL, FIGURE_DAY, day), figure_key_pack(&key),
                        &e->cell.amounts);
        figure_heap_add(&f->all, figure_row(figure_block(shop), FIGURE_SHOPS_DAY, day),
                        figure_key_pack(&of_shop), &e->cell.amounts);
    }
    return OK;
}

static err write_cells(struct figures_fold *f, int64_t row, const struct figure_place *cells,
                       size_t count)
{
    struct store_statement *select, *replace;
    bool there = false;
    struct writer w = writer_over(f->out, ROW_MAX);
    TRY(store_statement(f->figures, "SELECT cells FROM figure WHERE row = ?", &select));
    store_bind_int(select, row);
    TRY(store_step(select, &there));
    struct bytes old = there ? store_read_blob(select) : (struct bytes){0};
    err merged = figure_cells_merge(old, cells, count, &w);
    if (there) store_reset(select);
    if (FAILED(merged))
        return refuse(f, merged,
                      merged.code == ERR_FULL ? "a shop has too much in one month"
                                              : "a row of figures makes no sense",
                      merged.code == ERR_FULL ? NULL : "move the file away: it is folded again");
    TRY(store_statement(f->figures,
                        "INSERT INTO figure(row, cells) VALUES(?, ?)"
                        " ON CONFLICT(row) DO UPDATE SET cells = excluded.cells",
                        &replace));
    store_bind_int(replace, row);
    store_bind_blob(replace, writer_view(&w));
    return store_run(replace);
}

static err write_changed(struct figures_fold *f, uint32_t shop, int64_t to)
{
    struct store_statement *upsert;
    TRY(store_statement(f->figures,
                        "INSERT INTO changed(shop, seq) VALUES(?, ?)"
                        " ON CONFLICT(shop) DO UPDATE SET seq = excluded.seq",
                        &upsert));
    store_bind_int(upsert, shop);
    store_bind_int(upsert, to);
    return store_run(upsert);
}

static int by_key(const void *left, const void *right)
{
    const struct figure_place *a = left, *b = right;
    return (a->key > b->key) - (a->key < b->key);
}

/* The days of one month at the front of `place`, then the month: of the same cells by key alone. */
static err write_month(struct figures_fold *f, struct figure_place *place, size_t count,
                       size_t *ret_written)
{
    size_t at = 0;
    int32_t month = figure_month_of(figure_row_period(place[0].row));
    int64_t end = place[0].row - figure_row_period(place[0].row) + figure_month_first(month + 1);
    while (at < count && place[at].row < end) {
        size_t day = 1;
        while (at + day < count && place[at + day].row == place[at].row) day++;
        TRY(write_cells(f, place[at].row, &place[at], day));
        at += day;
    }
    int64_t row = figure_row_month(place[0].row, month);
    qsort(place, at, sizeof *place, by_key);
    TRY(write_cells(f, row, place, at));
    *ret_written = at;
    return OK;
}

static err write_heap(struct figures_fold *f, struct figure_heap *heap, int64_t to)
{
    uint32_t last = FIGURE_ALL;
    figure_heap_sort(heap);
    for (size_t at = 0, written = 0; at < heap->count; at += written) {
        uint32_t shop = figure_row_shop(heap->place[at].row, FIGURE_DAY);
        TRY(write_month(f, &heap->place[at], heap->count - at, &written));
        if (shop != last && shop != FIGURE_ALL) TRY(write_changed(f, shop, to));
        last = shop;
    }
    return OK;
}

static err write_visits_of(struct figures_fold *f, const struct figure_visit *visits, size_t count)
{
    struct store_statement *upsert;
    struct writer w = writer_over(f->out, ROW_MAX);
    for (size_t i = 0; i < count; i++) write_be(&w, visits[i].customer, 8);
    TRY(store_statement(f->figures,
                        "INSERT INTO visit(row, customers) VALUES(?, ?) ON CONFLICT(row)"
                        " DO UPDATE SET customers = CAST(customers || excluded.customers AS BLOB)",
                        &upsert));
    store_bind_int(upsert, visits[0].row);
    store_bind_blob(upsert, writer_view(&w));
    return store_run(upsert);
}

static int by_row(const void *left, const void *right)
{
    const struct figure_visit *a = left, *b = right;
    return (a->row > b->row) - (a->row < b->row);
}

static err write_visits(struct figures_fold *f)
{
    qsort(f->visit, f->visits, sizeof *f->visit, by_row);
    for (size_t at = 0; at < f->visits;) {
        size_t count = 1;
        while (at + count < f->visits && f->visit[at + count].row == f->visit[at].row) count++;
        TRY(write_visits_of(f, &f->visit[at], count));
        at += count;
    }
    return OK;
}

static err write(struct figures_fold *f, int64_t to)
{
    struct store_statement *update;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(roll_up(f));
    TRY(store_begin(f->figures, &tx));
    TRY(write_heap(f, &f->shops, to));
    TRY(write_heap(f, &f->all, to));
    TRY(write_visits(f));
    TRY(figure_names_save(f->names, &tx));
    TRY(store_statement(f->figures, "UPDATE figure_state SET seq = ?", &update));
    store_bind_int(update, to);
    TRY(store_run(update));
    return store_commit(&tx);
}

/* One state of the ledger: one that is folded anew meanwhile would lack what it had a moment ago.
 */
static err step(struct figures_fold *f, size_t max_rows, size_t *ret_rows)
{
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    struct ledger_position reached;
    TRY(store_begin(f->ledger, &snapshot));
    TRY(ledger_position_of(f->ledger, &reached));
    int64_t to = f->seq + (int64_t)max_rows;
    if (to > reached.seq) to = reached.seq;
    if (to <= f->seq) {
        *ret_rows = 0;
        return OK;
    }
    TRY(gather(f, to, &to));
    TRY(write(f, to));
    *ret_rows = (size_t)(to - f->seq);
    f->seq = to;
    return OK;
}

err figures_fold_step(struct figures_fold *f, size_t max_rows, size_t *ret_rows)
{
    ENSURE(max_rows > 0);
    if (f->stale) TRY(load(f));
    f->stale = true;
    TRY(step(f, max_rows < FIGURES_ROWS_MAX_STEP ? max_rows : FIGURES_ROWS_MAX_STEP, ret_rows));
    f->stale = false;
    return OK;
}

int64_t figures_fold_seq(const struct figures_fold *f)
{
    return f->seq;
}

const char *figures_fold_error(const struct figures_fold *f)
{
    const char *text = store_error_text(f->figures);
    if (text[0] == '\0') text = store_error_text(f->ledger);
    return text[0] != '\0' ? text : store_error_text(f->journal);
}

struct store *figures_fold_store(struct figures_fold *f)
{
    return f->figures;
}

err figures_seq(struct store *figures, int64_t *ret_seq)
{
    return store_query_int(figures, "SELECT seq FROM figure_state", ret_seq);
}
