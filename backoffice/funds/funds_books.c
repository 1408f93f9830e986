/* SPDX-License-Identifier: Apache-2.0 */
/* A file of its own: the ledger's accounts and those of people have the same name. */
#include "backoffice/funds/funds_books.h"

#include "journal/journal.h"
#include "ledger/figures.h"
#include "ledger/workday.h"

enum { ORDERS_AT_ONCE = 32 };

/* ---- the figures ---- */

static err add_up(void *context, const struct ledger_line *line)
{
    struct funds *f = context;
    switch (line->kind) {
    case LEDGER_LINE_TAKEN:
        f->taken_minor += line->minor;
        break;
    case LEDGER_LINE_GIVEN:
        f->given_minor += line->minor;
        break;
    case LEDGER_LINE_TURNED:
        f->turned_minor += line->minor;
        break;
    case LEDGER_LINE_FEE:
    case LEDGER_LINE_FEE_BACK:
        f->fee_minor += line->minor;
        break;
    case LEDGER_LINE_INSTALMENT:
    case LEDGER_LINE_INSTALMENT_BACK:
        f->instalment_minor += line->minor;
        break;
    default: /* orders: of what was there before */
        f->minor[FUNDS_AVAILABLE] += line->minor;
    }
    return OK;
}

/* What stood on his account when the day began. */
static err read_opening(const struct funds_books *books, const char *mid, int32_t day,
                        int64_t *ret_minor)
{
    return ledger_balance_on(books->ledger, ACCOUNT_MERCHANT_PAYABLE, mid, CURRENCY_CNY, day - 1,
                             ret_minor);
}

/* Within the snapshot of the caller. */
static err read_funds(const struct funds_books *books, const char *mid, int64_t now_ms,
                      struct funds *out)
{
    struct ledger_figures figures;
    struct ledger_position at;
    int32_t first = 0, last = 0;
    struct funds f = {.day = workday_of(now_ms)};
    TRY(ledger_position_of(books->ledger, &at));
    TRY(ledger_days(books->ledger, &first, &last));
    if (last >= first && last > f.day) f.day = last;
    TRY(ledger_figures(books->ledger, mid, CURRENCY_CNY, &figures));
    TRY(read_opening(books, mid, f.day, &f.minor[FUNDS_AVAILABLE]));
    TRY(ledger_day_lines(books->ledger, mid, CURRENCY_CNY, f.day, add_up, &f));
    f.row = at.seq;
    f.order = at.order;
    f.minor[FUNDS_TODAY] =
        f.taken_minor + f.given_minor + f.turned_minor + f.fee_minor + f.instalment_minor;
    f.minor[FUNDS_TRANSIT] = figures.transit_minor;
    f.minor[FUNDS_HELD] = figures.held_minor;
    if (f.minor[FUNDS_TODAY] + f.minor[FUNDS_AVAILABLE] != figures.payable_minor)
        return store_refuse(books->ledger, ERR(CORRUPT), "a merchant's funds do not add up",
                            "tongbao admin rebuild --check says where");
    *out = f;
    return OK;
}

err funds_read(const struct funds_books *books, const char *mid, int64_t now_ms,
               struct funds *ret_funds)
{
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    TRY(store_begin(books->ledger, &snapshot));
    return read_funds(books, mid, now_ms, ret_funds);
}

/* ---- lines ---- */

/* A page of lines as it is made. */
struct page {
    const struct funds_books *books;
    enum funds_figure figure;
    int64_t after, next, seen; /* seen: lines so far, before and on this page */
    size_t left;
    bool more;
    funds_each_line each;
    void *context;
};

/* Is this line on the page? It is counted. */
static bool take_place(struct page *page)
{
    if (page->seen++ < page->after) return false;
    if (page->left == 0) page->more = true;
    if (page->left == 0) return false;
    page->left--;
    page->next = page->seen;
    return true;
}

/* What the payment of a row was. */
static err look_up(const struct page *page, struct funds_line *line)
{
    struct journal_row row;
    size_t count = 0;
    TRY(journal_read(page->books->journal, line->row, &row, 1, &count));
    if (count == 0)
        return store_refuse(page->books->journal, ERR(CORRUPT),
                            "the ledger names a row that is not there", NULL);
    line->key = row.payment.key;
    memcpy(line->card, row.payment.pan_masked, sizeof line->card);
    return OK;
}

static bool is_payment(enum ledger_line_kind kind)
{
    return kind == LEDGER_LINE_TAKEN || kind == LEDGER_LINE_GIVEN || kind == LEDGER_LINE_TURNED;
}

static err give_line(void *context, const struct ledger_line *l)
{
    struct page *page = context;
    bool order = l->kind == LEDGER_LINE_ORDER;
    if (order != (page->figure == FUNDS_AVAILABLE) || !take_place(page)) return OK;
    struct funds_line line = {.kind = ledger_line_name(l->kind),
                              .at_ms = l->at_ms,
                              .minor = l->minor,
                              .row = l->seq,
                              .rule = l->rule,
                              .agreement = l->agreement};
    if (order) {
        TRY(journal_order_find(page->books->journal, l->order, &line.order));
        line.kind = order_kind_name(line.order.kind);
    } else if (is_payment(l->kind)) {
        TRY(look_up(page, &line));
    }
    return page->each(page->context, &line);
}

static err give_day(struct page *page, const char *mid, int32_t day)
{
    if (page->figure == FUNDS_AVAILABLE && take_place(page)) {
        struct funds_line line = {.kind = "opening", .at_ms = workday_end_ms(day - 1)};
        TRY(read_opening(page->books, mid, day, &line.minor));
        TRY(page->each(page->context, &line));
    }
    return ledger_day_lines(page->books->ledger, mid, CURRENCY_CNY, day, give_line, page);
}

/* Orders that have no end: here a place is the number of the last one that was given. */
static err give_orders(struct page *page, const char *mid, int64_t up_to)
{
    struct journal_order order[ORDERS_AT_ONCE];
    enum order_kind kind = page->figure == FUNDS_HELD ? ORDER_HOLD : ORDER_PAYOUT;
    size_t count = ORDERS_AT_ONCE;
    int64_t from = page->after + 1;
    while (count == ORDERS_AT_ONCE && !page->more) {
        TRY(journal_order_open_at(page->books->journal, kind, mid, from, up_to, order,
                                  ORDERS_AT_ONCE, &count));
        for (size_t i = 0; i < count && !page->more; i++) {
            page->more = page->left == 0;
            if (page->more) break;
            struct funds_line line = {.kind = order_kind_name(kind),
                                      .at_ms = order[i].at_ms,
                                      .minor = order[i].amount_minor,
                                      .row = order[i].after_row,
                                      .order = order[i]};
            page->left--;
            page->next = order[i].number;
            from = order[i].number + 1;
            TRY(page->each(page->context, &line));
        }
    }
    return OK;
}

err funds_lines(const struct funds_books *books, const char *mid, int64_t now_ms,
                enum funds_figure figure, int64_t after, size_t limit, funds_each_line each,
                void *context, int64_t *ret_minor, int64_t *ret_next)
{
    ENSURE(figure < FUNDS_FIGURES && after >= 0 && after < INT64_MAX);
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    struct page page = {.books = books,
                        .figure = figure,
                        .after = after,
                        .left = limit,
                        .each = each,
                        .context = context};
    struct funds f;
    TRY(store_begin(books->ledger, &snapshot));
    TRY(read_funds(books, mid, now_ms, &f));
    if (figure == FUNDS_TODAY || figure == FUNDS_AVAILABLE) TRY(give_day(&page, mid, f.day));
    else TRY(give_orders(&page, mid, f.order));
    *ret_minor = f.minor[figure];
    *ret_next = page.more ? page.next : 0;
    return OK;
}
