/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * replacement: a spare out of the stock takes the place of a terminal that is broken, stolen or
 * lost (S124). Asked for by one of the desk, approved by another.
 *
 *   asked      nothing has changed: the old device goes on, if it can
 *   done       the old one is refused from now on, whatever it still has (registry/replacement.h);
 *              its life ends as SCRAPPED. The spare is ASSIGNED under the same terminal number,
 * with the same five elements, and is packed, sent and activated as any other refused    nothing
 * has changed
 *
 * Batch and STAN are the acquirer's, by terminal number, and go on. What the old device had not
 * sent is in its own memory and in its backups (docs/backup.md): here it is written down as far as
 * it had told, how many payments, and when that was.
 *
 * The registry is a file of its own: it is written first, and writing it again changes nothing. Cut
 * between the two, the replacement still waits, and is approved again.
 */

#include "backoffice/stock/elements.h"
#include "backoffice/stock/stock.h"

enum replacement_state {
    REPLACEMENT_ASKED = 1,
    REPLACEMENT_DONE,
    REPLACEMENT_REFUSED
}; /* stored */

struct replacement {
    int64_t id;
    char tid[9], mid[16], old_serial[SERIAL_MAX + 1], serial[SERIAL_MAX + 1];
    enum replacement_state state;
    char reason[ELEMENTS_REASON_MAX + 1];
    char asked_by[STOCK_ACTOR_MAX + 1], decided_by[STOCK_ACTOR_MAX + 1];
    int64_t asked_ms, decided_ms;
    int64_t unsent; /* payments that the old device had not sent, by its last word; -1: none came */
    int64_t told_ms; /* when it said so; 0: never */
};

extern const struct store_schema replacement_schema;

/* The newest of a terminal that is or was replaced. NOT_FOUND when there is none. */
MUST_USE err replacement_find(struct store *store, const char *old_serial, struct replacement *ret);
typedef err (*replacement_each)(void *context, const struct replacement *replacement);
/* Of the terminal number, oldest first. */
MUST_USE err replacement_history(struct store *store, const char *tid, replacement_each each,
                                 void *context);

/* Whose place this device has taken, or is to take; "": nobody's. */
MUST_USE err replacement_before(struct store *store, const char *serial,
                                char ret_old[SERIAL_MAX + 1]);

/* Is this one under way to the place of another, and not active yet? What would leave that place
 * empty for good is refused. */
MUST_USE err replacement_serves(struct store *store, const struct stock_terminal *terminal,
                                bool *ret_serves);

/* In the caller's transaction. `spare` 's serial number is exactly what was scanned. */
MUST_USE err replacement_ask(struct store_tx *tx, const struct registry_actor *actor,
                             const struct stock_terminal *old, const struct stock_terminal *spare,
                             const char *reason, enum stock_verdict *ret_verdict);

/* The same; the registry is written last. `old` is as it is now when the verdict is OK. Errors:
 * BUSY (somebody writes the registry), REFUSED (the hsm is away), the store's. */
MUST_USE err replacement_approve(struct backoffice *backoffice, struct store_tx *tx,
                                 const struct registry_actor *actor, struct stock_terminal *old,
                                 enum stock_verdict *ret_verdict);
MUST_USE err replacement_refuse(struct backoffice *backoffice, struct store_tx *tx,
                                const struct registry_actor *actor,
                                const struct stock_terminal *old, enum stock_verdict *ret_verdict);
