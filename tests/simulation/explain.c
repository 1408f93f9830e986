/* SPDX-License-Identifier: Apache-2.0 */
/* The history of a payment that a check complains of, for who has to find the cause. */
#include <stdio.h>
#include <stdlib.h>

#include "journal/journal.h"
#include "tests/simulation/census.h"

enum { AT_ONCE = 256 };

static bool about(const struct census *c, const struct payment *p, const char *rrn)
{
    const struct entry *original = census_entry(c, p->original.rrn);
    bool indirectly = original != NULL && strcmp(original->original, rrn) == 0;
    return indirectly || strcmp(p->rrn, rrn) == 0 || strcmp(p->original.rrn, rrn) == 0;
}

static void print_row(const struct census *c, const struct journal_row *row)
{
    const struct payment *p = &row->payment;
    const struct entry *e = census_entry(c, p->rrn);
    char key[24];
    payment_key_text(&p->key, key);
    fprintf(stderr,
            "row %lld at %lld: event %d, %s %s, type %d, %lld fen, rrn %s of '%s', code '%s';"
            " of day '%s'; network: state %d, code '%s', ended %d, day %d\n",
            (long long)row->seq, (long long)row->at_ms, row->event, payment_state_name(p->state),
            key, p->type, (long long)p->amount_minor, p->rrn, p->original.rrn, p->response_code,
            p->settlement_date, e == NULL ? 0 : e->state, e == NULL ? "" : e->response_code,
            e == NULL ? 0 : e->ended, e == NULL ? 0 : (int)e->day);
}

static err print_rows(const struct census *c, struct store *store, struct journal_row *rows,
                      const char *rrn)
{
    size_t got = AT_ONCE;
    for (int64_t from = 1; got == AT_ONCE; from += (int64_t)got) {
        TRY(journal_read(store, from, rows, AT_ONCE, &got));
        for (size_t i = 0; i < got; i++)
            if (about(c, &rows[i].payment, rrn)) print_row(c, &rows[i]);
    }
    return OK;
}

void census_explain(const struct census *c, const char *rrn)
{
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    if (!c->w->options.verbose || FAILED(store_open("sim-journal", &options, NULL, &store))) return;
    struct journal_row *rows = calloc(AT_ONCE, sizeof *rows);
    ENSURE(rows != NULL);
    err done = print_rows(c, store, rows, rrn);
    if (FAILED(done)) fprintf(stderr, "the journal cannot be read: %s\n", err_name(done));
    free(rows);
    store_close(store);
}
