/* SPDX-License-Identifier: Apache-2.0 */
/* Figures against the ledger, shop by shop and day by day. */
#include "figures/check.h"

#include <assert.h>
#include <stdlib.h>

#include "figures/names.h"
#include "figures/period.h"
#include "figures/sums.h"
#include "ledger/figures.h"
#include "lib/base/money.h"

/* What both sides say of one shop and one day. */
enum part { TAKEN, GIVEN, TURNED, FEE, INSTALMENT, PARTS };

static const char *const part_names[PARTS] = {"taken", "given back", "turned", "fees",
                                              "instalment fees"};

struct tally {
    struct figure_part part[PARTS]; /* fees have no number: what is free has no line */
};

struct check {
    struct store *figures, *ledger;
    struct figure_names *names;
    struct tally *tally; /* of the ledger, one day, by number of the shop */
    int64_t seq;
    struct figures_difference *found;
};

static void put(struct tally *t, enum part part, int64_t count, int64_t minor)
{
    t->part[part].count += count;
    t->part[part].minor += minor;
}

/* ---- the ledger's side ---- */

static err add_line(void *context, const struct ledger_line *line)
{
    struct check *c = context;
    uint32_t shop = 0;
    if (line->seq > c->seq) return OK;
    TRY(figure_names_number(c->names, FIGURE_SHOP, line->mid, &shop));
    struct tally *t = &c->tally[shop];
    switch (line->kind) {
    case LEDGER_LINE_TAKEN:
        put(t, TAKEN, 1, line->minor);
        break;
    case LEDGER_LINE_GIVEN:
        put(t, GIVEN, 1, -line->minor);
        break;
    case LEDGER_LINE_TURNED:
        put(t, TURNED, 1, -line->minor);
        break;
    case LEDGER_LINE_FEE:
    case LEDGER_LINE_FEE_BACK:
        put(t, FEE, 0, -line->minor);
        break;
    case LEDGER_LINE_INSTALMENT:
    case LEDGER_LINE_INSTALMENT_BACK:
        put(t, INSTALMENT, 0, -line->minor);
        break;
    default: /* a money order */
        break;
    }
    return OK;
}

/* ---- ours ---- */

static err read_day(struct check *c, uint32_t shop, int32_t day, struct tally *ret_tally)
{
    struct store_statement *select;
    struct figure_sums sums = {.tip_minor = 0};
    bool row = false;
    TRY(store_statement(c->figures, "SELECT cells FROM figure WHERE row = ?", &select));
    store_bind_int(select, figure_row(shop, FIGURE_DAY, day));
    TRY(store_step(select, &row));
    err read = row ? figure_cells_sum(store_read_blob(select), &sums) : OK;
    if (row) store_reset(select);
    TRY(read);
    *ret_tally = (struct tally){
        {{sums.gross.count, sums.gross.minor},
         {sums.voided.count + sums.refunded.count, sums.voided.minor + sums.refunded.minor},
         {sums.turned.count, sums.turned.minor},
         {0, sums.fee_minor},
         {0, sums.instalment_minor}}};
    return OK;
}

static void differ(struct check *c, uint32_t shop, int32_t day, enum part part,
                   const struct figure_part *ours, const struct figure_part *theirs)
{
    char date[WORKDAY_TEXT_MAX];
    struct figures_difference *d = c->found;
    d->same = false;
    if (d->differing++ > 0) return;
    workday_text(day, date);
    struct writer w = writer_over(d->text, sizeof d->text - 1);
    write_format(&w, "%s of %s: %s: ", date, figure_names_text(c->names, FIGURE_SHOP, shop),
                 part_names[part]);
    money_write(&w, ours->minor);
    write_format(&w, " in %lld here, and ", (long long)ours->count);
    money_write(&w, theirs->minor);
    write_format(&w, " in %lld in the ledger", (long long)theirs->count);
    d->text[w.len] = '\0';
}

static err compare_shop(struct check *c, uint32_t shop, int32_t day)
{
    struct tally ours;
    TRY(read_day(c, shop, day, &ours));
    c->found->compared++;
    for (enum part part = TAKEN; part < PARTS; part++) {
        const struct figure_part *a = &ours.part[part], *b = &c->tally[shop].part[part];
        if (a->count == b->count && a->minor == b->minor) continue;
        differ(c, shop, day, part, a, b);
        break;
    }
    return OK;
}

static err compare_day(struct check *c, int32_t day)
{
    memset(c->tally, 0, (FIGURE_NAMES_MAX + 1) * sizeof *c->tally);
    TRY(ledger_day_lines(c->ledger, NULL, CURRENCY_CNY, day, add_line, c));
    for (uint32_t shop = 1; shop <= figure_names_last(c->names, FIGURE_SHOP); shop++)
        TRY(compare_shop(c, shop, day));
    return OK;
}

/* The days of all shops together are the first rows of the table; an empty one has the last before
 * the first. */
static err own_days(struct store *figures, int32_t *ret_first, int32_t *ret_last)
{
    int64_t rows, first, last;
    static_assert(FIGURE_ALL == 0 && FIGURE_DAY == 0, "rows below 2^24");
    TRY(store_query_int(figures, "SELECT count(*) FROM figure WHERE row < 16777216", &rows));
    TRY(store_query_int(figures, "SELECT min(row) FROM figure WHERE row < 16777216", &first));
    TRY(store_query_int(figures, "SELECT max(row) FROM figure WHERE row < 16777216", &last));
    *ret_first = rows == 0 ? 0 : (int32_t)first;
    *ret_last = rows == 0 ? -1 : (int32_t)last;
    return OK;
}

static err compare_all(struct check *c)
{
    int32_t first, last, from, to;
    struct ledger_position reached;
    TRY(figures_seq(c->figures, &c->seq));
    TRY(ledger_position_of(c->ledger, &reached));
    *c->found = (struct figures_difference){.same = true, .seq = c->seq};
    if (reached.seq < c->seq)
        return store_refuse(c->figures, ERR(CONFLICT), "the ledger is behind these figures",
                            "it is folded anew: check again when it has caught up");
    err loaded = figure_names_load(c->names, c->figures);
    if (FAILED(loaded)) return store_refuse(c->figures, loaded, "cannot read the names", NULL);
    TRY(own_days(c->figures, &first, &last));
    TRY(ledger_days(c->ledger, &from, &to));
    bool none = last < first;
    if (from <= to && (none || from < first)) first = from;
    if (from <= to && (none || to > last)) last = to;
    for (int32_t day = first; day <= last; day++) TRY(compare_day(c, day));
    return OK;
}

static err check_in_snapshots(struct check *c)
{
    CLEANUP(store_rollback) struct store_tx ours = {0};
    CLEANUP(store_rollback) struct store_tx theirs = {0};
    TRY(store_begin(c->figures, &ours));
    TRY(store_begin(c->ledger, &theirs));
    return compare_all(c);
}

err figures_check(struct store *figures, struct store *ledger,
                  struct figures_difference *ret_difference)
{
    struct figures_difference found = {.same = false};
    struct check c = {.figures = figures, .ledger = ledger, .found = &found};
    c.names = figure_names_new();
    c.tally = calloc(FIGURE_NAMES_MAX + 1, sizeof *c.tally);
    err done = c.names == NULL || c.tally == NULL ? ERR(NO_MEMORY) : check_in_snapshots(&c);
    figure_names_free(c.names);
    free(c.tally);
    TRY(done);
    *ret_difference = found;
    return OK;
}
