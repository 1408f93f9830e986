/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * query: every question about takings, from figures.db opened to be read.
 *
 *   const struct figures_query query = {.mid = {"898310153110001"}, .mids = 1,
 *                                       .span = {from, to}, .group = FIGURES_BY_HOUR};
 *   CLEANUP(figures_answer_free) struct figures_answer answer = {0};
 *   TRY(figures_ask(figures, &query, &answer));
 *
 * A query that makes no sense has a fault (figures_query_fault), and asking it is a bug. Work is
 * bounded by shops times periods: whole months are read from rows of months, what is left at both
 * ends from rows of days; only days, weeks and weekdays have to be read day by day.
 *
 * Rows come in the order of their keys, or the highest first and equal ones in the order of their
 * keys. Days, weeks, months, hours and weekdays are all there, those without payments with zeros;
 * of everything else there are those that have something.
 */

#include "figures/period.h"
#include "figures/sums.h"
#include "lib/store/store.h"

enum {
    FIGURES_SHOPS_MAX = 64,   /* in one query, beside "all of them" */
    FIGURES_DEVICES_MAX = 64, /* in a filter */
    FIGURES_DAYS_MAX = 3660,  /* ten years */
    FIGURES_ROWS_MAX = 4000,  /* ten years of days */
    FIGURES_NAME_SIZE = 16,
};

enum figures_group {
    FIGURES_BY_NOTHING,
    FIGURES_BY_DAY,
    FIGURES_BY_WEEK,
    FIGURES_BY_MONTH,
    FIGURES_BY_HOUR,
    FIGURES_BY_WEEKDAY,
    FIGURES_BY_SHOP,
    FIGURES_BY_DEVICE,
    FIGURES_BY_OPERATOR,
    FIGURES_BY_METHOD,
    FIGURES_BY_CLASS,
    FIGURES_BY_TYPE,
    FIGURES_GROUPS
};

enum figures_order { FIGURES_IN_ORDER, FIGURES_HIGHEST_NET, FIGURES_MOST_PAYMENTS, FIGURES_ORDERS };

struct figures_span {
    int32_t from_day, to_day; /* business days, both counted */
};

/* What is left out. All zeros: nothing. */
struct figures_filter {
    const char *device[FIGURES_DEVICES_MAX]; /* only these terminals */
    size_t devices;
    const char *operator_id; /* only this one, as "01"; NULL: everybody */
    uint32_t means;          /* bits 1 << enum payment_means; 0: all */
    uint32_t classes;        /* bits 1 << enum payment_card_class; 0: all */
    uint32_t hours;          /* bits 1 << hour; 0: all */
};

struct figures_query {
    const char *mid[FIGURES_SHOPS_MAX];
    size_t mids; /* 0: all shops together */
    struct figures_span span;
    enum figures_group group;
    enum figures_order order;
    struct figures_filter filter;
    size_t limit; /* of rows, at most FIGURES_ROWS_MAX; 0: that */
};

/*
 * What is wrong with it, as a word: "shops", "range", "group", "order", "filter", "limit"; NULL:
 * nothing. Of all shops together nothing is known by terminal or operator, and by shop nothing but
 * the type: whoever wants that names shops.
 */
const char *figures_query_fault(const struct figures_query *query);

struct figures_row {
    /* Day, first day of week or month, hour, weekday (0: Monday), operator (-1: nobody), method
     * (figures_method), class, type; of shops and terminals the name below. */
    int64_t key;
    char name[FIGURES_NAME_SIZE];
    struct figure_sums sums;
};

static inline int64_t figures_method(enum payment_means means, enum payment_entry entry)
{
    return (int64_t)means << 8 | (int64_t)entry;
}

struct figures_answer {
    struct figures_row *row;
    size_t rows;
    bool more;                /* there are more than the limit lets through */
    struct figure_sums total; /* of all of them */
    int64_t seq;              /* up to which row of the journal it is counted */
};

/* Errors: CORRUPT, NO_MEMORY, those of lib/store. ENSURE: the query has no fault. */
MUST_USE err figures_ask(struct store *figures, const struct figures_query *query,
                         struct figures_answer *ret_answer);
void figures_answer_free(struct figures_answer *answer);

/* ---- periods to compare with ---- */

/* Whole months: as many months before; anything else: as many days before. */
struct figures_span figures_span_before(struct figures_span span);
/* The same dates a year before; 29 February becomes the 28th. */
struct figures_span figures_span_last_year(struct figures_span span);

/* The mean of net over `window` rows that end with each row, half-even to the fen, from row
 * `window` - 1 on; the ones before have no mean: 0. */
void figures_trend(const struct figures_row *rows, size_t count, size_t window,
                   int64_t *ret_net_minor);

/* ---- who comes again ---- */

enum { FIGURES_VISITS_MAX = 1 << 21 };

struct figures_customers {
    int64_t visits;    /* payments by a card or account that has a token */
    int64_t customers; /* different ones */
    int64_t again;     /* of them, those that paid more than once; of one shop or of several */
};

/* Of up to FIGURES_SHOPS_MAX shops, together. RANGE: more than FIGURES_VISITS_MAX visits. A payment
 * that was undone was a visit. */
MUST_USE err figures_customers(struct store *figures, const char *const *mid, size_t mids,
                               struct figures_span span, struct figures_customers *ret_customers);
