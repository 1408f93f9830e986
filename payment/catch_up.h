/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a terminal that was restored from a backup hears what its host has of it since then: field 62
 * of 0300 and 0310 (docs/dialect.md has the conversation). Both have a MAC.
 *
 *   0300  11 41 42 60 62 64                field 62: an ask
 *   0310  11 12 13 39 41 42 60 62 64       field 62: a page
 *
 * The terminal begins with the newest reference that it knows, and then asks from where the last
 * page has ended: first payments, in the order in which they began, each as it is now, then how
 * batches were closed; at last it says that it has all of it. Positions are the host's own and mean
 * nothing here. Asking twice gives the same or newer, so every step may be repeated.
 *
 *   ask       version (1), step (1), floor (8), after (8), until (8), payments (4), batches (4),
 *             length (1) and reference
 *   page      version (1), step (1), floor (8), after (8): as they were asked; then the next step
 *             (1), floor (8), after (8); the highest STAN of the open batch (3); how many (1)
 *   record    length (2), then:
 *     payment   batch, stan (3 each), type, state, means, entry, class, flags (1 each), amount (6),
 *               currency (2), created (8), tip (6), months (1), fee (6), batch and stan of the
 *               original (3 each), then with a length (1) each: the texts of catch_up.c, chip
 *     closing   batch (3), flag (1), at (8), debits (4, 6), credits (4, 6)
 *
 * No record has a card number: it is masked as in every store, and there is no room for another.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "payment/settlement.h"

/* Field 60.3. */
#define PAYMENT_CODE_CATCH_UP "501"

enum payment_catch_up_step {
    CATCH_UP_BEGIN = 1,
    CATCH_UP_PAYMENTS = 2,
    CATCH_UP_CLOSINGS = 3,
    CATCH_UP_END = 4,
    CATCH_UP_STEPS,
};

/* Where a terminal is. */
struct payment_catch_up_place {
    enum payment_catch_up_step step;
    int64_t floor, after;
};

struct payment_catch_up_ask {
    struct payment_catch_up_place at;
    int64_t until_ms;           /* of when its backup is */
    uint32_t payments, batches; /* that it has got; counts at the end */
    char rrn[13];               /* at the beginning: the newest that it knows; or empty */
};

struct payment_catch_up_closing {
    uint32_t batch;
    enum payment_settle_flag flag;
    int64_t at_ms;
    struct payment_totals totals; /* what its terminal has said */
};

struct payment_catch_up_page {
    struct payment_catch_up_place at, next;
    uint32_t last_stan;
    unsigned count;
    struct bytes records; /* a view: read them one by one */
};

enum { PAYMENT_CATCH_UP_HEAD = 39, PAYMENT_CATCH_UP_PAYMENT_MAX = 444 };

void payment_catch_up_write_ask(struct writer *w, const struct payment_catch_up_ask *ask);
/* Errors of every reader here: SHORT, LENGTH (bytes behind it), RANGE, FORMAT (a NUL in a
 * text too), UNSUPPORTED (another version). */
MUST_USE err payment_catch_up_read_ask(struct bytes field, struct payment_catch_up_ask *out);

/* The head of a page; records are written behind it. */
void payment_catch_up_write_head(struct writer *w, const struct payment_catch_up_page *page);
MUST_USE err payment_catch_up_read_page(struct bytes field, struct payment_catch_up_page *out);

/* One record. A payment needs at most PAYMENT_CATCH_UP_PAYMENT_MAX bytes. */
void payment_catch_up_write_payment(struct writer *w, const struct payment *payment);
void payment_catch_up_write_closing(struct writer *w,
                                    const struct payment_catch_up_closing *closing);
/* Without terminal id. A mask that is none, a type or state that there is not: FORMAT. */
MUST_USE err payment_catch_up_read_payment(struct reader *r, struct payment *out);
MUST_USE err payment_catch_up_read_closing(struct reader *r, struct payment_catch_up_closing *out);

/* ---- messages ---- */

struct payment_catch_up {
    char tid[9], mid[16];
    uint32_t stan;
    uint32_t batch;        /* request: the terminal's; answer: the host's open one */
    char response_code[3]; /* answer; as are the times */
    char local_time[7], local_date[5];
    struct bytes field; /* 62, a view */
    struct bytes ksn;   /* 47 of a request, a view */
};

MUST_USE err payment_catch_up_request(const struct payment_catch_up *in, struct arena *arena,
                                      struct iso8583_message *out);
MUST_USE err payment_catch_up_response(const struct payment_catch_up *in, struct arena *arena,
                                       struct iso8583_message *out);
/* Either. UNSUPPORTED: another MTI or code. */
MUST_USE err payment_catch_up_parse(const struct iso8583_message *message,
                                    struct payment_catch_up *out);
