/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * events: what happened, in one table that only grows (S177). Each part writes with one call in the
 * transaction of its effect, so that there is never one without the other; nobody calls those who
 * want to know. They read on by number: webhooks, the event stream, the alert centre.
 *
 * Events are for people and for other people's servers: no secrets, no whole numbers of cards,
 * accounts or identity documents. Numbers have no gaps that mean anything, and never come again.
 * The newest EVENTS_KEPT are kept: the table refuses to give up any of them.
 */

#include "lib/base/bytes.h"
#include "lib/store/migrate.h"

enum {
    EVENT_KIND_MAX = 40,
    EVENT_OBJECT_MAX = 96,
    EVENT_DATA_MAX = 2048,
    EVENT_MID_MAX = 15,
    EVENTS_KEPT = 1000000, /* some 300 MB: of 100,000 terminals ten each */
    EVENTS_SWEPT = 1000,   /* taken out at a time */
};

struct event {
    const char *mid;    /* whose it is; "" for the acquirer's own */
    uint32_t outlet;    /* 0: of the whole merchant, or none */
    const char *kind;   /* a row of event_kinds.h: "key.made" */
    const char *object; /* what it is about, as a path below /api/v1: "keys/7"; or "" */
    struct bytes data;  /* a JSON object of at most EVENT_DATA_MAX bytes; empty: {} */
    int64_t at_ms;
};

/* Apply it with store_migrate() where events are written; desk_open() and backoffice_open() do. */
extern const struct store_schema event_schema;

/*
 * `ret_number` may be NULL. What breaks a rule above is a bug of the caller and stops the program,
 * but for data that is too long: {"cut":true} is kept then, so that a long name loses no event.
 * Errors: the store's.
 */
MUST_USE err event_append(struct store_tx *tx, const struct event *event, int64_t *ret_number);

/* ---- kinds ---- */

enum event_audience { EVENT_MERCHANT = 1, EVENT_ACQUIRER = 2 };

struct event_kind {
    const char *kind;
    enum event_audience audience;
    const char *zh, *en;
};

/* The rows in order; NULL past the end. */
const struct event_kind *event_kind_at(size_t index);

/* NULL: there is no such kind. */
const struct event_kind *event_kind_find(struct bytes kind);

/* ---- reading ---- */

/* Views live until the call of `each` ends. */
struct event_record {
    int64_t number;
    struct event event;
    const struct event_kind *kind; /* NULL: written by a newer version */
};

/* Who reads: what he may not see is not there. */
struct event_reader {
    const char *mid; /* a merchant: his own events that are for him; NULL: the acquirer, all */
    uint32_t outlet; /* of a merchant: only events of this outlet; 0: all */
};

/*
 * At most `limit` events with a number above `number`, in order. An error of `each` ends the
 * reading and is passed on. `each` may read and write the store, but neither read events nor end a
 * transaction.
 */
typedef err (*event_each)(void *context, const struct event_record *record);
MUST_USE err events_after(struct store *store, const struct event_reader *reader, int64_t number,
                          size_t limit, event_each each, void *context);

/* The last number that was given; 0 at first. */
MUST_USE err events_last(struct store *store, int64_t *ret_number);

/* Takes out at most EVENTS_SWEPT events that are older than the newest EVENTS_KEPT. */
MUST_USE err events_sweep(struct store *store);
