/* SPDX-License-Identifier: Apache-2.0 */
/* A range of rows of each shop, cell by cell into groups, and the groups into an answer. */
#include "figures/query.h"

#include <stdlib.h>

#include "figures/fold.h"
#include "figures/groups.h"
#include "figures/names.h"

struct ask {
    struct store *figures;
    const struct figures_query *query;
    struct figure_groups groups;
    struct figure_sums *total;
    uint32_t
        device[FIGURES_DEVICES_MAX]; /* numbers of the filter's; those never met are not here */
    size_t devices;
    int cashier;              /* -1: everybody */
    uint32_t shop;            /* whose rows are read */
    struct figure_sums *sums; /* of the period that is read; NULL: by cell */
};

/* ---- what makes sense ---- */

static bool filters_cells(const struct figures_filter *f)
{
    return f->devices > 0 || f->operator_id != NULL || f->means != 0 || f->classes != 0 ||
           f->hours != 0;
}

static bool wants_people(const struct figures_query *q)
{
    return q->group == FIGURES_BY_DEVICE || q->group == FIGURES_BY_OPERATOR ||
           q->filter.devices > 0 || q->filter.operator_id != NULL;
}

static bool filter_makes_sense(const struct figures_filter *f)
{
    const char *id = f->operator_id;
    bool two = id == NULL || (strlen(id) == 2 && bytes_all_digits(bytes_text(id)));
    for (size_t i = 0; i < f->devices && i < FIGURES_DEVICES_MAX; i++)
        if (strlen(f->device[i]) < 1 || strlen(f->device[i]) > FIGURE_NAME_MAX) return false;
    return two && f->devices <= FIGURES_DEVICES_MAX && f->hours < 1u << 24 &&
           f->means < 2u << PAYMENT_POINTS && f->classes < 1u << PAYMENT_CLASSES;
}

static bool shops_make_sense(const struct figures_query *q)
{
    if (q->mids > FIGURES_SHOPS_MAX) return false;
    for (size_t i = 0; i < q->mids; i++)
        if (strlen(q->mid[i]) < 1 || strlen(q->mid[i]) > FIGURE_NAME_MAX) return false;
    return q->mids > 0 || !wants_people(q);
}

static bool is_span(struct figures_span s)
{
    return s.from_day >= 0 && s.to_day <= WORKDAY_LAST && s.from_day <= s.to_day &&
           s.to_day - s.from_day < FIGURES_DAYS_MAX;
}

const char *figures_query_fault(const struct figures_query *q)
{
    if (q->group >= FIGURES_GROUPS) return "group";
    if (q->order >= FIGURES_ORDERS) return "order";
    if (q->limit > FIGURES_ROWS_MAX) return "limit";
    if (!is_span(q->span)) return "range";
    if (!filter_makes_sense(&q->filter)) return "filter";
    if (!shops_make_sense(q)) return "shops";
    if (q->mids == 0 && q->group == FIGURES_BY_SHOP && filters_cells(&q->filter)) return "filter";
    return NULL;
}

/* ---- cells into groups ---- */

static bool passes(const struct ask *a, const struct figure_key *k)
{
    const struct figures_filter *f = &a->query->filter;
    if (f->means != 0 && (f->means >> k->means & 1) == 0) return false;
    if (f->classes != 0 && (f->classes >> k->class & 1) == 0) return false;
    if (f->hours != 0 && (f->hours >> k->hour & 1) == 0) return false;
    if (a->cashier >= 0 && k->cashier != (unsigned)a->cashier) return false;
    if (f->devices == 0) return true;
    for (size_t i = 0; i < a->devices; i++)
        if (a->device[i] == k->device) return true;
    return false;
}

/* The group of a cell; those that go by the period have been found before. */
static int64_t group_of(const struct ask *a, const struct figure_key *k)
{
    switch (a->query->group) {
    case FIGURES_BY_HOUR:
        return k->hour;
    case FIGURES_BY_SHOP:
        return a->query->mids > 0 ? a->shop : k->device;
    case FIGURES_BY_DEVICE:
        return k->device;
    case FIGURES_BY_OPERATOR:
        return (int64_t)k->cashier - 1;
    case FIGURES_BY_METHOD:
        return figures_method(k->means, k->entry);
    case FIGURES_BY_CLASS:
        return (int64_t)k->class;
    case FIGURES_BY_TYPE:
        return (int64_t)k->type;
    default:
        return 0;
    }
}

static err take_cells(struct ask *a, struct bytes cells)
{
    struct figure_reader reader = figure_reader_over(cells);
    for (;;) {
        struct figure_cell cell;
        struct figure_key key;
        struct figure_sums *sums = a->sums;
        bool more = false;
        TRY(figure_cell_next(&reader, &cell, &more));
        if (!more) return OK;
        TRY(figure_key_unpack(cell.key, &key));
        if (!passes(a, &key)) continue;
        figure_sums_add(a->total, key.type, key.outcome, &cell.amounts);
        if (a->query->group == FIGURES_BY_NOTHING) continue;
        if (sums == NULL) TRY(figure_groups_find(&a->groups, group_of(a, &key), &sums));
        figure_sums_add(sums, key.type, key.outcome, &cell.amounts);
    }
}

/* Days, weeks, weekdays and months have their group by the row. */
static err period_group(struct ask *a, bool months, int32_t period)
{
    int32_t day = months ? figure_month_first(period) : period;
    int64_t key = 0;
    switch (a->query->group) {
    case FIGURES_BY_DAY:
        key = day;
        break;
    case FIGURES_BY_WEEK:
        key = figure_week_first(day);
        break;
    case FIGURES_BY_WEEKDAY:
        key = figure_weekday(day);
        break;
    case FIGURES_BY_MONTH:
        key = figure_month_first(figure_month_of(day));
        break;
    default:
        a->sums = NULL;
        return OK;
    }
    return figure_groups_find(&a->groups, key, &a->sums);
}

static err take_rows(struct ask *a, uint32_t scope, enum figure_level level, int32_t from,
                     int32_t to)
{
    struct store_statement *rows;
    bool months = level == FIGURE_MONTH || level == FIGURE_SHOPS_MONTH;
    if (from > to) return OK;
    TRY(store_statement(
        a->figures, "SELECT row, cells FROM figure WHERE row BETWEEN ? AND ? ORDER BY row", &rows));
    store_bind_int(rows, figure_row(scope, level, from));
    store_bind_int(rows, figure_row(scope, level, to));
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        int32_t period = figure_row_period(store_read_int(rows));
        struct bytes cells = store_read_blob(rows);
        err taken = store_read_finish(rows);
        if (!FAILED(taken)) taken = period_group(a, months, period);
        if (!FAILED(taken)) taken = take_cells(a, cells);
        if (FAILED(taken)) {
            store_reset(rows);
            return taken;
        }
    }
}

/* Whole months from rows of months where the group allows it, the rest from rows of days. */
static err take_span(struct ask *a, uint32_t scope, bool shops)
{
    struct figures_span s = a->query->span;
    enum figures_group group = a->query->group;
    enum figure_level days = shops ? FIGURE_SHOPS_DAY : FIGURE_DAY;
    enum figure_level months = shops ? FIGURE_SHOPS_MONTH : FIGURE_MONTH;
    int32_t first = figure_month_of(s.from_day), last = figure_month_of(s.to_day);
    if (figure_month_first(first) < s.from_day) first++;
    if (figure_month_first(last + 1) - 1 > s.to_day) last--;
    bool by_day =
        group == FIGURES_BY_DAY || group == FIGURES_BY_WEEK || group == FIGURES_BY_WEEKDAY;
    if (by_day || first > last) return take_rows(a, scope, days, s.from_day, s.to_day);
    TRY(take_rows(a, scope, days, s.from_day, figure_month_first(first) - 1));
    TRY(take_rows(a, scope, months, first, last));
    return take_rows(a, scope, days, figure_month_first(last + 1), s.to_day);
}

static err take_blocks(struct ask *a)
{
    int64_t shops;
    TRY(store_query_int(a->figures, "SELECT max(number) FROM name WHERE what = 1", &shops));
    for (uint32_t block = 0; block <= figure_block((uint32_t)shops); block++)
        TRY(take_span(a, block, true));
    return OK;
}

static err take_shops(struct ask *a)
{
    const struct figures_query *q = a->query;
    if (q->mids == 0 && q->group == FIGURES_BY_SHOP) return take_blocks(a);
    if (q->mids == 0) return take_span(a, FIGURE_ALL, false);
    for (size_t i = 0; i < q->mids; i++) {
        err known = figure_number_of(a->figures, FIGURE_SHOP, q->mid[i], &a->shop);
        if (known.code == ERR_NOT_FOUND) continue; /* nothing was ever paid there */
        TRY(known);
        TRY(take_span(a, a->shop, false));
    }
    return OK;
}

/* ---- what is always there ---- */

static err fill(struct ask *a, int64_t from, int64_t to)
{
    struct figure_sums *unused;
    for (int64_t key = from; key <= to; key++) TRY(figure_groups_find(&a->groups, key, &unused));
    return OK;
}

static err fill_groups(struct ask *a)
{
    struct figures_span s = a->query->span;
    struct figure_sums *unused;
    switch (a->query->group) {
    case FIGURES_BY_DAY:
        return fill(a, s.from_day, s.to_day);
    case FIGURES_BY_HOUR:
        return fill(a, 0, 23);
    case FIGURES_BY_WEEKDAY:
        return fill(a, 0, 6);
    case FIGURES_BY_WEEK:
        for (int32_t day = figure_week_first(s.from_day); day <= s.to_day; day += 7)
            TRY(figure_groups_find(&a->groups, day, &unused));
        return OK;
    case FIGURES_BY_MONTH:
        for (int32_t m = figure_month_of(s.from_day); m <= figure_month_of(s.to_day); m++)
            TRY(figure_groups_find(&a->groups, figure_month_first(m), &unused));
        return OK;
    default:
        return OK;
    }
}

/* ---- the answer ---- */

static int by_key(const void *left, const void *right)
{
    const struct figures_row *a = left, *b = right;
    int names = strcmp(a->name, b->name);
    return names != 0 ? names : (a->key > b->key) - (a->key < b->key);
}

static int by_net(const void *left, const void *right)
{
    const struct figures_row *a = left, *b = right;
    int64_t ours = figure_net_minor(&a->sums), theirs = figure_net_minor(&b->sums);
    return ours != theirs ? (ours > theirs ? -1 : 1) : by_key(left, right);
}

static int by_payments(const void *left, const void *right)
{
    const struct figures_row *a = left, *b = right;
    int64_t ours = a->sums.gross.count, theirs = b->sums.gross.count;
    return ours != theirs ? (ours > theirs ? -1 : 1) : by_key(left, right);
}

static err name_row(struct ask *a, struct figures_row *row)
{
    enum figures_group group = a->query->group;
    if (group != FIGURES_BY_SHOP && group != FIGURES_BY_DEVICE) return OK;
    TRY(figure_name_of(a->figures, group == FIGURES_BY_SHOP ? FIGURE_SHOP : FIGURE_DEVICE,
                       (uint32_t)row->key, row->name));
    row->key = 0;
    return OK;
}

static err answer_rows(struct ask *a, struct figures_answer *answer)
{
    static int (*const orders[FIGURES_ORDERS])(const void *, const void *) = {by_key, by_net,
                                                                              by_payments};
    size_t count = a->groups.count, limit = a->query->limit;
    if (limit == 0) limit = FIGURES_ROWS_MAX;
    if (count == 0) return OK;
    answer->row = calloc(count, sizeof *answer->row);
    if (answer->row == NULL) return ERR(NO_MEMORY);
    for (size_t i = 0; i < count; i++) {
        answer->row[i] =
            (struct figures_row){.key = a->groups.group[i].key, .sums = a->groups.group[i].sums};
        TRY(name_row(a, &answer->row[i]));
    }
    qsort(answer->row, count, sizeof *answer->row, orders[a->query->order]);
    answer->more = count > limit;
    answer->rows = answer->more ? limit : count;
    return OK;
}

static err find_filter(struct ask *a)
{
    const struct figures_filter *f = &a->query->filter;
    const char *id = f->operator_id;
    a->cashier = id == NULL ? -1 : 1 + 10 * (id[0] - '0') + (id[1] - '0');
    for (size_t i = 0; i < f->devices; i++) {
        err known =
            figure_number_of(a->figures, FIGURE_DEVICE, f->device[i], &a->device[a->devices]);
        if (known.code == ERR_NOT_FOUND) continue;
        TRY(known);
        a->devices++;
    }
    return OK;
}

static err ask(struct ask *a, struct figures_answer *answer)
{
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    TRY(store_begin(a->figures, &snapshot));
    TRY(figures_seq(a->figures, &answer->seq));
    TRY(find_filter(a));
    TRY(fill_groups(a));
    TRY(take_shops(a));
    return answer_rows(a, answer);
}

err figures_ask(struct store *figures, const struct figures_query *query,
                struct figures_answer *ret_answer)
{
    ENSURE(figures_query_fault(query) == NULL);
    struct figures_answer answer = {.rows = 0};
    struct ask a = {.figures = figures, .query = query, .total = &answer.total};
    err asked = ask(&a, &answer);
    figure_groups_free(&a.groups);
    if (FAILED(asked)) {
        figures_answer_free(&answer);
        return asked;
    }
    *ret_answer = answer;
    return OK;
}

void figures_answer_free(struct figures_answer *answer)
{
    free(answer->row);
    *answer = (struct figures_answer){.rows = 0};
}
