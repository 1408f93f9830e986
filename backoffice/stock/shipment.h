/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * shipment: a terminal that is on its way by a courier (S138): ordered, labelled, asked after until
 * it has arrived or its terminal went another way. One for each assignment.
 *
 * Persist, then act: the next try is written down before the courier is asked, and every try of an
 * order has the same id, so an answer that was lost sends no second parcel. Events are kept by
 * their number: the same one twice is one. The rank of what has happened only grows, so a late
 * event is kept and moves nothing. DELIVERED moves terminal and application in the same
 * transaction; a parcel that the shop has confirmed before is delivered already.
 *
 * At the end of a contract a shop asks for a label to send its terminal back (S142): one for each
 * assignment, under that number below zero. Such a parcel moves no terminal, because who takes it
 * in has to have it in his hand.
 *
 * When nothing moves for SHIPMENT_QUIET_MS the shop is told by SMS, and the acquirer by an event;
 * again after as long.
 */

#include "backoffice/stock/joint.h"
#include "lib/wire/courier.h"

enum {
    SHIPMENT_ID_LEN = 32,
    SHIPMENT_POLL_MS = 10 * 60 * 1000, /* couriers' own pages are no faster */
    SHIPMENT_RETRY_MS = 60 * 1000,     /* after the first failure; doubles up to the poll */
    SHIPMENT_BATCH = 4,                /* asked in one second */
};
#define SHIPMENT_QUIET_MS (3 * INT64_C(86400000))

enum shipment_state {                      /* stored */
                      SHIPMENT_WANTED = 1, /* no label yet */
                      SHIPMENT_UNDER_WAY,
                      SHIPMENT_OVER,    /* delivered, or its terminal went another way */
                      SHIPMENT_REFUSED, /* the courier does not take it: a person looks */
};

struct shipment {
    int64_t row;
    char id[SHIPMENT_ID_LEN + 1], serial[SERIAL_MAX + 1], label[COURIER_LABEL_MAX + 1];
    int64_t assignment;
    enum shipment_state state;
    enum courier_event rank; /* the furthest; 0: nothing yet */
    int64_t moved_ms, next_ms, tries, reminded_ms;
};

/* The world's side: a driver. An err is a try that came to nothing; on OK one
 * shipment_on_answer() follows at most, never from inside. */
struct courier_ports {
    void *context;
    err (*order)(void *context, const struct courier_order *order);
    err (*track)(void *context, const char *id, const char *label);
    int64_t poll_ms; /* 0: SHIPMENT_POLL_MS */
};

extern const struct store_schema shipment_schema;

/* With SHIP, in its transaction. Nothing without a courier: somebody carries it himself. */
MUST_USE err shipment_begin(struct backoffice *backoffice, struct store_tx *tx,
                            const struct stock_terminal *terminal, int64_t now_ms);

/* Back to where the program's options say. *ret_verdict STATE: it is with nobody, or on its way
 * already; PARCEL: there is no courier, or nowhere to send it. */
MUST_USE err shipment_return(struct backoffice *backoffice, struct store_tx *tx,
                             const struct stock_terminal *terminal, int64_t now_ms,
                             enum stock_verdict *ret_verdict);
/* The parcel in which an assignment comes back. NOT_FOUND: none. */
MUST_USE err shipment_of_return(struct store *store, int64_t assignment, struct shipment *ret);

/* The newest to the shop of a terminal. NOT_FOUND: none. */
MUST_USE err shipment_find(struct store *store, const char *serial, struct shipment *ret);

/* What the courier has answered with status 200 to the id, whichever was asked. What is no answer
 * changes nothing: it is asked for again. */
MUST_USE err shipment_on_answer(struct backoffice *backoffice, const char *id, struct bytes answer);
MUST_USE err shipment_on_ordered(struct backoffice *backoffice, const char *id,
                                 enum courier_status status, const char *label);
MUST_USE err shipment_on_tracked(struct backoffice *backoffice, const char *id,
                                 const struct courier_track *track);

/* Asks for what is due, and reminds. */
MUST_USE err shipment_tick(struct backoffice *backoffice, int64_t now_ms);
