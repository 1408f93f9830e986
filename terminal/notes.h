/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notes: what the terminal keeps beside payments: events until the back office has acknowledged
 * them, when a tip was shown, and recoveries that are under way. All of it is in terminal.db, so a
 * power cut loses none. The schema is in records.c.
 *
 * Errors are the store's; NOT_FOUND where it says so.
 */

#include "lib/store/store.h"

enum {
    NOTES_KIND_MAX = 24,
    NOTES_DETAIL_MAX = 64,
    NOTES_EVENTS_MAX = 500, /* a year without the back office; then the oldest makes room */
    NOTES_CHALLENGE_MAX = 16,
    NOTES_TICKET_MAX = 16,
};

/* Something that the back office must hear of. */
struct notes_event {
    int64_t number;
    char kind[NOTES_KIND_MAX], operator_id[3], detail[NOTES_DETAIL_MAX];
    int64_t at_ms;
};

MUST_USE err notes_event_add(struct store *store, const struct notes_event *event);
MUST_USE err notes_event_oldest(struct store *store, struct notes_event *out); /* NOT_FOUND */
MUST_USE err notes_event_of(struct store *store, const char *kind,
                            struct notes_event *out); /* the oldest of them; NOT_FOUND */
MUST_USE err notes_event_done(struct store *store, int64_t number);

/* When `what` was shown last; 0: never. */
MUST_USE err notes_shown(struct store *store, const char *what, int64_t *ret_ms);
MUST_USE err notes_show(struct store *store, const char *what, int64_t at_ms);

/* A recovery that was asked for: one for each operator, the newest. */
struct notes_recovery {
    char operator_id[3];
    uint8_t way; /* enum vault_way */
    uint8_t challenge[NOTES_CHALLENGE_MAX];
    size_t challenge_len;
    char ticket[NOTES_TICKET_MAX]; /* of customer service; empty before it has given one */
    int64_t until_ms;
};

MUST_USE err notes_recovery_save(struct store *store, const struct notes_recovery *recovery);
/* NOT_FOUND: none, or over at `now_ms`. */
MUST_USE err notes_recovery_of(struct store *store, const char *operator_id, int64_t now_ms,
                               struct notes_recovery *out);
/* The one that waits for customer service, whoever's it is. NOT_FOUND. */
MUST_USE err notes_recovery_waiting(struct store *store, uint8_t way, int64_t now_ms,
                                    struct notes_recovery *out);
MUST_USE err notes_recovery_end(struct store *store, const char *operator_id);
