/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * figures_room: figures.db as the back office's core reads it. The fold that writes it runs
 * elsewhere (figures_thread.h; in tests, in line); here it is only looked at, so that a page never
 * waits for a batch.
 */

#include "backoffice/api/api.h"
#include "figures/query.h"

struct figures_room;

MUST_USE err figures_room_open(struct backoffice *backoffice);
void figures_room_close(struct backoffice *backoffice);

/* The store, or NULL: there is none (yet), and 503 is written when `response` is not NULL. */
struct store *figures_room_store(struct backoffice *backoffice, struct http_response *response);
/* What has gone wrong with the store is logged and the store opened again later; 503. */
void figures_room_failed(struct backoffice *backoffice, err why, struct http_response *response);

/* The sums as members of the object that is being written; and their schema. */
extern const struct api_schema figures_sums_schema;
void figures_write_sums(struct json_out *j, const char *name, const struct figure_sums *sums);

/*
 * Whose figures a call may ask for: fills in the merchant (whose text lives as long as the call),
 * and for one outlet its devices. `merchant` "" and `outlet` 0: what the caller may see. False: the
 * answer is written, like that to what is not there.
 */
struct figures_scope {
    const char *mid; /* "": all merchants */
    uint32_t outlet; /* 0: all */
    char tid[FIGURES_DEVICES_MAX][9];
    size_t devices;
};
MUST_USE err figures_scope_find(struct backoffice *backoffice, const struct api_call *call,
                                const char *merchant, uint32_t outlet, struct figures_scope *ret,
                                bool *ret_found, struct http_response *response);
/* The same as shops and devices of a query; `scope` outlives it. */
void figures_scope_apply(const struct figures_scope *scope, struct figures_query *query);

/* Those who wait (figures_changes_http.c, which makes the block; it goes with the room). */
struct figures_waiters;
struct figures_waiters **figures_room_waiters(struct backoffice *backoffice);
