/* SPDX-License-Identifier: Apache-2.0 */
/* The journal folded again beside the figures, and both compared row by row. */
#include <stdio.h>
#include <stdlib.h>

#include "figures/check.h"
#include "figures/period.h"
#include "lib/base/writer.h"

static const char memory[] = "figures-rebuild";

/* Which tables have to be alike. Visits of one day stand in the order of their batches: sorted. */
static const struct compared {
    const char *what, *sql;
    bool sorted;
} tables[] = {
    {"the name of number",
     "SELECT what << 32 | number, CAST(text AS BLOB) FROM name"
     " ORDER BY what, number",
     false},
    {"figures, row", "SELECT row, cells FROM figure ORDER BY row", false},
    {"visits, row", "SELECT row, customers FROM visit ORDER BY row", true},
};

struct side {
    struct store_statement *rows;
    bool more;
    int64_t row;
    struct bytes content; /* a view until the next step */
};

static err advance(struct side *side)
{
    TRY(store_step(side->rows, &side->more));
    if (!side->more) return OK;
    side->row = store_read_int(side->rows);
    side->content = store_read_blob(side->rows);
    return store_read_finish(side->rows);
}

static int by_bytes(const void *left, const void *right)
{
    return memcmp(left, right, 8);
}

/* The same visits, in whatever order. */
static err same_visits(struct bytes a, struct bytes b, bool *ret_same)
{
    *ret_same = false;
    if (a.len != b.len || a.len % 8 != 0) return OK;
    uint8_t *copy = malloc(2 * a.len + 1);
    if (copy == NULL) return ERR(NO_MEMORY);
    memcpy(copy, a.at, a.len);
    memcpy(copy + a.len, b.at, b.len);
    qsort(copy, a.len / 8, 8, by_bytes);
    qsort(copy + a.len, a.len / 8, 8, by_bytes);
    *ret_same = memcmp(copy, copy + a.len, a.len) == 0;
    free(copy);
    return OK;
}

static err compare_row(const struct compared *t, const struct side *ours, const struct side *again,
                       struct figures_difference *d)
{
    bool same = ours->more && again->more && ours->row == again->row;
    if (same && t->sorted) TRY(same_visits(ours->content, again->content, &same));
    else if (same) same = bytes_equal(ours->content, again->content);
    d->compared++;
    if (same) return OK;
    d->same = false;
    if (d->differing++ > 0) return OK;
    struct writer w = writer_over(d->text, sizeof d->text - 1);
    write_format(&w, "%s %lld: not what the journal says now", t->what,
                 (long long)(ours->more ? ours->row : again->row));
    d->text[w.len] = '\0';
    return OK;
}

static err compare_table(const struct compared *t, struct store *figures, struct store *again,
                         struct figures_difference *d)
{
    struct side a = {.more = true}, b = {.more = true};
    TRY(store_statement(figures, t->sql, &a.rows));
    TRY(store_statement(again, t->sql, &b.rows));
    TRY(advance(&a));
    TRY(advance(&b));
    while (a.more || b.more) {
        err compared = compare_row(t, &a, &b, d);
        bool behind = a.more && (!b.more || a.row <= b.row);
        bool ahead = b.more && (!a.more || b.row <= a.row);
        if (!FAILED(compared) && behind) compared = advance(&a);
        if (!FAILED(compared) && ahead) compared = advance(&b);
        if (!FAILED(compared)) continue;
        store_reset(a.rows);
        store_reset(b.rows);
        return compared;
    }
    return OK;
}

/* Exactly so far as the figures have come. */
static err fold_to(struct figures_fold *fold, int64_t seq)
{
    while (figures_fold_seq(fold) < seq) {
        size_t rows = 0;
        int64_t left = seq - figures_fold_seq(fold);
        TRY(figures_fold_step(
            fold, left < FIGURES_ROWS_MAX_STEP ? (size_t)left : FIGURES_ROWS_MAX_STEP, &rows));
        if (rows == 0)
            return store_refuse(figures_fold_store(fold), ERR(CONFLICT),
                                "the ledger is behind these figures",
                                "it is folded anew: check again when it has caught up");
    }
    return OK;
}

static err compare(struct store *figures, struct figures_fold *fold,
                   struct figures_difference *ret_difference)
{
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    struct figures_difference d = {.same = true};
    TRY(store_begin(figures, &snapshot));
    TRY(figures_seq(figures, &d.seq));
    TRY(fold_to(fold, d.seq));
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        TRY(compare_table(&tables[i], figures, figures_fold_store(fold), &d));
    *ret_difference = d;
    return OK;
}

err figures_rebuild_compare(struct store *figures, const struct figures_config *config,
                            struct store_fault *fault, struct figures_difference *ret_difference)
{
    struct store_anchor *anchor = NULL;
    struct figures_fold *fold = NULL;
    struct figures_config again = *config;
    again.mode = STORE_MEMORY;
    again.figures_path = memory;
    TRY(store_anchor_open(memory, &anchor));
    err done = figures_fold_open(&again, fault, &fold);
    if (!FAILED(done)) {
        done = compare(figures, fold, ret_difference);
        if (FAILED(done) && fault != NULL) {
            const char *text = figures_fold_error(fold);
            snprintf(fault->text, sizeof fault->text, "%.300s",
                     text[0] != '\0' ? text : store_error_text(figures));
        }
    }
    figures_fold_close(fold);
    store_anchor_close(anchor);
    return done;
}
