/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * expiry: what of a merchant, or of the house, ends on a day: licences, identity documents,
 * agreements, metadata of updates (S123). Whoever knows of one writes it down; 90, 30 and 7 days
 * before and on the day an event says so, once each, and by it alert and letters in the language of
 * who reads them. Another date for the same thing begins anew. Certificates of devices and of the
 * host, and reviews of passwords, are in desk/calendar.h.
 */

#include "backoffice/core.h"

enum expiry_kind { /* on disk */
                   EXPIRY_LICENCE = 1,
                   EXPIRY_IDENTITY,
                   EXPIRY_AGREEMENT,
                   EXPIRY_METADATA,
                   EXPIRY_OTHER,
                   EXPIRY_KINDS,
};

enum { EXPIRY_SUBJECT_MAX = 60 };

struct expiry {
    int64_t id;
    enum expiry_kind kind;
    char mid[16];                         /* "": the house's */
    char subject[EXPIRY_SUBJECT_MAX + 1]; /* "business licence"; no number of a document */
    int64_t end_ms;
    int told; /* the last that was said: 0 nothing yet, 90, 30, 7, -1 over */
};

extern const struct store_schema expiry_schema;

const char *expiry_kind_word(enum expiry_kind kind);
/* 0 when it is none. */
enum expiry_kind expiry_kind_named(struct bytes word);

/* What is to be said now: 0 nothing, 90, 30, 7, or -1 when it is over; pure. */
int expiry_level(int64_t end_ms, int64_t now_ms);

/* Writes it down, or its new date. */
MUST_USE err expiry_put(struct store_tx *tx, enum expiry_kind kind, const char *mid,
                        const char *subject, int64_t end_ms);

typedef err (*expiry_each)(void *context, const struct expiry *expiry);
/* With ids above `after`; `mid` "": all. */
MUST_USE err expiry_list(struct store *store, const char *mid, int64_t after, size_t most,
                         expiry_each each, void *context);

/* Says what is due; looks at most once an hour. */
MUST_USE err expiry_tick(struct backoffice *backoffice, int64_t now_ms);
