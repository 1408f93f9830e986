/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * close: how each batch ended, and what a person has to look at because of it.
 *
 * One row for each batch that was closed, appended in the transaction that closes it and never
 * changed: what the terminal said, what the host's own fold of the journal says, and the number of
 * the journal row up to which that was so. A batch is closed once: a second row for it is refused.
 *
 * Work items (差错) are appended beside it: everything in which the two differ. They are never
 * changed either; what is done about one is for who does it to record.
 */

#include "lib/store/migrate.h"
#include "payment/batch.h"

/* Apply it with store_migrate() to the store that holds the journal. */
extern const struct store_schema journal_close_schema;

/* On disk: added to, never renumbered. */
enum journal_closing {
    JOURNAL_CLOSED_EQUAL = 1,  /* totals were equal */
    JOURNAL_CLOSED_UPLOAD = 2, /* they were not: details were uploaded and compared */
    JOURNAL_CLOSED_LEFT = 3,   /* not written any more: its terminal had begun another one */
    JOURNAL_CLOSINGS,
};

struct journal_close {
    int64_t number;
    int64_t at_ms;
    char tid[9], mid[16];
    uint32_t batch;
    enum journal_closing how;
    struct payment_totals terminal, host; /* terminal's: zero when it was LEFT */
    int64_t seq;                          /* of the last journal row when it was closed */
    int64_t items;                        /* work items that came of it; not those of later */
};

/* On disk: added to, never renumbered. */
enum journal_item_kind {
    JOURNAL_ITEM_TERMINAL_ONLY = 1, /* the terminal has it approved, the host has not */
    JOURNAL_ITEM_HOST_ONLY = 2,     /* the host has it approved, the terminal has not */
    JOURNAL_ITEM_OTHER = 3,         /* both have it, with another amount or of another kind */
    JOURNAL_ITEM_TOTALS = 4,        /* totals differed, the details do not explain it */
    JOURNAL_ITEM_LEFT = 5, /* its terminal has begun another batch; it may still be settled */
    JOURNAL_ITEM_LATE = 6, /* a payment changed after its batch was closed */
    JOURNAL_ITEM_KEPT =
        7, /* a reversal came when others had changed it, or a refund by code stays */
    /* Of reconcile.h, between the host and a network's file: */
    JOURNAL_ITEM_NETWORK_LACKS = 8,   /* it stands with us, and the file does not have it */
    JOURNAL_ITEM_HOST_LACKS = 9,      /* the file has it charged, and we never heard of it */
    JOURNAL_ITEM_NETWORK_AMOUNT = 10, /* amounts or kinds differ */
    JOURNAL_ITEM_NETWORK_STATE = 11,  /* it stands on one side alone, or on another day */
    JOURNAL_ITEM_NETWORK_FEE = 12,    /* the network keeps another fee than was agreed */
    JOURNAL_ITEM_NETWORK_PAID = 13, /* of a whole day: it has paid another sum than its file says */
    JOURNAL_ITEM_ADVICE =
        14, /* what a card approved by itself came under the key of another payment */
    JOURNAL_ITEMS,
};

struct journal_item {
    int64_t number;
    int64_t at_ms;
    enum journal_item_kind kind;
    char tid[9], mid[16];
    uint32_t batch, stan;               /* stan 0: of the batch as a whole */
    enum payment_type type;             /* NONE: not known, or of several */
    int64_t terminal_minor, host_minor; /* 0: has none */
    char shown[20];                     /* masked card or code, as far as it is known */
    char rrn[13];                       /* empty: of a day as a whole */
    /* Of a network's file: of which, of which business day, and what it says. Else zero. */
    enum payment_route network;
    int32_t day;
    int64_t network_minor;
};

/* "equal", "terminal_only"; "?" for what there is not. */
const char *journal_closing_name(enum journal_closing how);
const char *journal_item_name(enum journal_item_kind kind);

/* CONSTRAINT when this batch has been closed before; otherwise those of lib/store. */
MUST_USE err journal_close_append(struct store_tx *tx, const struct journal_close *close);
/* Of a network's file an item of one kind, reference and day is appended once: EXISTS. */
MUST_USE err journal_item_append(struct store_tx *tx, const struct journal_item *item);

/* Is there an item of this kind about this payment? NOT_FOUND when there is none. */
MUST_USE err journal_item_known(struct store *store, enum journal_item_kind kind,
                                const struct payment_key *key);

/* Is there an item of this kind, reference and day of a network's file? NOT_FOUND. */
MUST_USE err journal_item_cleared(struct store *store, const struct journal_item *item);

/* How this terminal's batch was closed. NOT_FOUND when it was not. */
MUST_USE err journal_close_find(struct store *store, const char *tid, uint32_t batch,
                                struct journal_close *out);

/* Closings of this terminal with a number above `after` that came when the journal had row `floor`
 * or a later one, by number, at most `max`. */
MUST_USE err journal_close_of(struct store *store, const char *tid, int64_t floor, int64_t after,
                              struct journal_close *rows, size_t max, size_t *ret_count);
/* Rows from `from` on, at most `max`; *ret_count below it means the end. */
MUST_USE err journal_close_read(struct store *store, int64_t from, struct journal_close *rows,
                                size_t max, size_t *ret_count);
MUST_USE err journal_item_read(struct store *store, int64_t from, struct journal_item *rows,
                               size_t max, size_t *ret_count);
