/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of `tongbao bench figures` share.
 *
 *   bench_figures.c         options, the phases, the report
 *   bench_figures_year.c    a year of payments: journal and ledger, as the acquirer writes them
 *   bench_figures_pages.c   the questions that pages ask, and how long each takes
 */

#include "journal/journal.h"
#include "ledger/fold.h"
#include "lib/base/file.h"
#include "lib/base/random.h"
#include "lib/wire/process.h"

enum {
    FIGURES_BENCH_SHOPS_MAX = 20000,
    FIGURES_BENCH_HOT = 30,         /* shop 0 has so many of a thousand payments */
    FIGURES_BENCH_LAST_DAY = 20788, /* 2026-12-01; the year ends with it */
};

/* ---- a year ---- */

struct year_shop {
    uint32_t terminals;
    int64_t last_row, last_minor; /* its last sale that nothing was given back of yet; 0: none */
    char last_rrn[13];
};

struct year {
    struct store *journal;
    struct ledger *ledger;
    struct store_checkpointer *checkpointer;
    struct random_seeded seeded;
    struct random random;
    int64_t payments, shops, days;
    int64_t made, rows; /* so far: payments; rows of the journal */
    struct year_shop *shop;
    struct ledger_entry *entry; /* LEDGER_BATCH_MAX */
    size_t entries;
};

/* Opens or makes journal.db and ledger.db in `directory`. */
MUST_USE err year_open(struct year *year, const char *directory, struct process_fault *fault);
void year_close(struct year *year);
/* Makes `count` payments more: each is asked, and approved or declined; some are given back or
 * undone. Journal and ledger are of one mind when it returns. */
MUST_USE err year_make(struct year *year, int64_t count, struct process_fault *fault);
/* Appends `groups` groups of payments to the journal alone, each with one sync, as the acquirer
 * does, and says how long each took. */
MUST_USE err year_append(struct year *year, size_t groups, size_t payments, int64_t *ret_wall_us,
                         int64_t *ret_cpu_us, struct process_fault *fault);
void year_mid(int64_t shop, char out[static 16]);
void year_tid(int64_t shop, uint32_t terminal, char out[static 9]);

/* ---- pages ---- */

enum { PAGES = 30, PAGE_ROUNDS_MAX = 50 };

struct pages {
    size_t rounds;
    const char *name[PAGES];
    int64_t us[PAGES][PAGE_ROUNDS_MAX];
};

/* Each question over a connection that was opened for it; before each round the pages of the file
 * are asked to leave the memory of the machine. */
MUST_USE err pages_ask(const char *figures_path, int64_t shops, int32_t last_day,
                       struct pages *pages, struct process_fault *fault);

int64_t bench_figures_now_us(void);
int64_t bench_figures_cpu_us(void);
