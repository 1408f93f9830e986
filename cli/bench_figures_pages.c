/* SPDX-License-Identifier: Apache-2.0 */
/* Thirty questions, as the pages of owners and of the acquirer ask them. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/bench_figures.h"
#include "figures/fold.h"
#include "figures/query.h"

/* Days are counted back from the last one; whose: -1 all shops, otherwise the number of a shop. */
static const struct page {
    const char *name;
    int shop;
    int32_t from_back, to_back;
    enum figures_group group;
    enum figures_order order;
    bool again; /* who comes again, instead */
    struct figures_filter filter;
} pages[PAGES] = {
    /* clang-format off */
    {"large shop, today", 0, 0, 0, FIGURES_BY_NOTHING},
    {"large shop, today by hour", 0, 0, 0, FIGURES_BY_HOUR},
    {"large shop, this week by day", 0, 6, 0, FIGURES_BY_DAY},
    {"large shop, last month by day", 0, 60, 31, FIGURES_BY_DAY},
    {"large shop, last month by operator", 0, 60, 31, FIGURES_BY_OPERATOR},
    {"large shop, a quarter by week", 0, 91, 0, FIGURES_BY_WEEK},
    {"large shop, a year by month", 0, 364, 0, FIGURES_BY_MONTH},
    {"large shop, a year by day", 0, 364, 0, FIGURES_BY_DAY},
    {"large shop, a year by week", 0, 364, 0, FIGURES_BY_WEEK},
    {"large shop, a year by weekday", 0, 364, 0, FIGURES_BY_WEEKDAY},
    {"large shop, a year by hour, highest first", 0, 364, 0, FIGURES_BY_HOUR, FIGURES_MOST_PAYMENTS},
    {"large shop, a year by device", 0, 364, 0, FIGURES_BY_DEVICE},
    {"large shop, a year by operator", 0, 364, 0, FIGURES_BY_OPERATOR},
    {"large shop, a year by method", 0, 364, 0, FIGURES_BY_METHOD},
    {"large shop, a year by class", 0, 364, 0, FIGURES_BY_CLASS},
    {"large shop, a year of one operator by day", 0, 364, 0, FIGURES_BY_DAY, FIGURES_IN_ORDER, false, {.operator_id = "01"}},
    {"large shop, ten years by month", 0, 3652, 0, FIGURES_BY_MONTH},
    {"large shop, last month, who comes again", 0, 60, 31, FIGURES_BY_NOTHING, FIGURES_IN_ORDER, true},
    {"large shop, a year, who comes again", 0, 364, 0, FIGURES_BY_NOTHING, FIGURES_IN_ORDER, true},
    {"small shop, today by hour", 700, 0, 0, FIGURES_BY_HOUR},
    {"small shop, last month by day", 700, 60, 31, FIGURES_BY_DAY},
    {"small shop, a year by month", 701, 364, 0, FIGURES_BY_MONTH},
    {"small shop, a year by day", 702, 364, 0, FIGURES_BY_DAY},
    {"small shop, a year of cards by weekday", 703, 364, 0, FIGURES_BY_WEEKDAY, FIGURES_IN_ORDER, false, {.means = 1u << PAYMENT_CARD}},
    {"small shop, a year, who comes again", 704, 364, 0, FIGURES_BY_NOTHING, FIGURES_IN_ORDER, true},
    {"all shops, today by shop, highest first", -1, 0, 0, FIGURES_BY_SHOP, FIGURES_HIGHEST_NET},
    {"all shops, last month by shop, highest first", -1, 60, 31, FIGURES_BY_SHOP, FIGURES_HIGHEST_NET},
    {"all shops, a year by shop", -1, 364, 0, FIGURES_BY_SHOP},
    {"all shops, a year by day", -1, 364, 0, FIGURES_BY_DAY},
    {"all shops, a year by method", -1, 364, 0, FIGURES_BY_METHOD},
    /* clang-format on */
};

/* Clean pages of the file leave; those of the journal, which is large, may stay. */
static err forget(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ERR(IO);
    int done = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
    return done == 0 ? OK : ERR(IO);
}

static err ask(struct store *figures, const struct page *page, const char *mid, int32_t last_day)
{
    const struct figures_span span = {last_day - page->from_back, last_day - page->to_back};
    const char *const mids[] = {mid};
    if (page->again) {
        struct figures_customers customers;
        return figures_customers(figures, mids, 1, span, &customers);
    }
    const struct figures_query query = {.mid = {mid},
                                        .mids = page->shop >= 0,
                                        .span = span,
                                        .group = page->group,
                                        .order = page->order,
                                        .filter = page->filter};
    CLEANUP(figures_answer_free) struct figures_answer answer = {.rows = 0};
    if (figures_query_fault(&query) != NULL) return ERR(CONFIG);
    return figures_ask(figures, &query, &answer);
}

static err ask_once(const char *path, const struct page *page, int64_t shops, int32_t last_day)
{
    CLEANUP(store_close_at) struct store *figures = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    char mid[16] = "";
    if (page->shop >= 0) year_mid(page->shop % shops, mid);
    TRY(store_open(path, &options, NULL, &figures));
    return ask(figures, page, mid, last_day);
}

err pages_ask(const char *figures_path, int64_t shops, int32_t last_day, struct pages *out,
              struct process_fault *fault)
{
    for (size_t round = 0; round < out->rounds; round++) {
        TRY(forget(figures_path));
        for (size_t i = 0; i < PAGES; i++) {
            int64_t began_us = bench_figures_now_us();
            err asked = ask_once(figures_path, &pages[i], shops, last_day);
            out->us[i][round] = bench_figures_now_us() - began_us;
            out->name[i] = pages[i].name;
            if (!FAILED(asked)) continue;
            snprintf(fault->text, sizeof fault->text, "%s: %s", pages[i].name, err_text(asked));
            return asked;
        }
    }
    return OK;
}
