/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files that put the desk behind HTTP share. Pages hear of changes by asking "since when?"
 * and being answered when there is something: desk_wait(). Nothing that a page shows is a secret
 * but the offline code, once.
 */

#include "backoffice/core.h"
#include "backoffice/desk/desk.h"

enum {
    DESK_WAITERS_MAX = 128,    /* pages that wait for a change; further ones are told at once */
    DESK_WAITERS_CONSOLE = 64, /* of these for owners: they do not shut the desk out */
    DESK_WAIT_MS = 25 * 1000,  /* shorter than any proxy's patience */
    DESK_BODY_MAX = 2048,      /* a note of 400 bytes, escaped */
    DESK_SAID_MAX = 160,
};

struct desk_waiter {
    uint64_t ticket; /* 0: a free place */
    int64_t until_ms;
    int64_t since;
    enum realm realm;
};

/* Lives beside the desk, in struct backoffice. */
struct desk_room {
    int64_t changes; /* counts up */
    struct desk_waiter waiter[DESK_WAITERS_MAX];
};

/* {"now":N}: at once when something has changed since the page's N, otherwise later. */
void desk_wait(struct backoffice *backoffice, const struct call *call, int64_t since,
               struct http_response *response);

/* For struct desk_house: account_reset.c. */
MUST_USE err account_reset(void *context, struct store_tx *tx, const struct registry_actor *actor,
                           const struct account *account, int64_t valid_ms);

/* The member of staff who calls. */
struct desk_staff desk_staff_of(const struct call *call);

/*
 * The body as an object with exactly `names` (NULL ends them). False, and the answer is written,
 * when it is not, or when there is no desk here.
 */
bool desk_body(struct backoffice *backoffice, const struct call *call, const char *const *names,
               struct json_document *document, struct http_response *response);

/* False, and the answer is written, when this back office has no registry and so no desk. */
bool desk_is_there(const struct backoffice *backoffice, struct http_response *response);

/* {"verdict":"..."} with 200 when it is "ok" or `counts`, otherwise 409 (404 for not_found). */
void desk_verdict(struct http_response *response, const char *verdict, bool counts);
