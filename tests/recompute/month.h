/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The months of business: what their files share. */

#include "acquirer/host.h"
#include "journal/order.h"
#include "lib/base/file.h"
#include "lib/base/random.h"
#include "lib/wire/acquirer_work.h"
#include "payment/payment.h"

enum {
    FIRST_DAY = 20706, /* 2026-09-10 */
    RECENT = 64,       /* approved payments of a shop that may be refunded */
    HOUR_MS = 3600000,
    DAY_MS = 86400000,
    COMMIT_EVERY = 400,
};

struct sold {
    int64_t row, left_minor;
    struct payment payment;
};

struct shop {
    char mid[16], tid[9];
    uint32_t stan;
    uint32_t plan, agreement;
    struct sold sold[RECENT];
    size_t sales;
    int64_t hold;        /* number of one that is open, or 0 */
    int64_t dispute;     /* likewise */
    int32_t disputed_on; /* the day it was opened */
    enum payment_route disputed;
};

/* What came off the accounts of a network when its last day was settled. */
struct booked {
    int64_t receivable_minor, issuer_minor, network_minor, instalment_minor;
};

struct month {
    const char *state;
    int64_t shops, payments, days, seed;
    int64_t now_ms;
    struct random_seeded source;
    struct random random;
    struct shop *shop;
    struct registry *registry;
    struct acquirer *a;
    struct log log;
    char journal[FILE_PATH_MAX], ledger[FILE_PATH_MAX], audit[FILE_PATH_MAX],
        registry_path[FILE_PATH_MAX], payouts[FILE_PATH_MAX];
    enum acquirer_status status; /* of the last command */
    struct acquirer_answer answer;
    int64_t rows, orders, paid, sent_back, settled;
    struct booked booked[PAYMENT_ROUTES];
    int64_t charged_back_minor[PAYMENT_ROUTES]; /* since their last day was settled */
    int64_t disputes;
    uint32_t references;
};

/* Ends the program with its text when something has failed. */
void month_must(err e, const char *what);
uint32_t month_below(struct month *m, uint32_t n);

/* A command to the core, of the common body or of its own, and whether it was done. */
bool month_command(struct month *m, uint8_t code, struct acquirer_request *request);
bool month_tell(struct month *m, const struct writer *w);
/* Commits, and folds everything. */
void month_fold(struct month *m);

/* ---- network.c ---- */

void month_open_dispute(struct month *m, struct shop *s);
void month_end_dispute(struct month *m, struct shop *s);
/* Both networks pay for a business day. */
void month_networks_pay(struct month *m, int32_t day);
