/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * trail: an earlier payment, and what has followed it, found in the journal by three partial
 * indexes. Everything is read inside the writer's own transaction, so what a group has appended
 * and not yet committed counts.
 */

#include "journal/journal.h"
#include "payment/follow.h"

/* The row where the payment of this reference was approved; NOT_FOUND when it never was. */
MUST_USE err journal_approval(struct store *store, const char *rrn, struct journal_row *ret_row);

/* Its last row. NOT_FOUND. */
MUST_USE err journal_last_of(struct store *store, const char *rrn, struct journal_row *ret_row);

/* The first row of this reference with a number of at least `floor`. NOT_FOUND. */
MUST_USE err journal_first_of(struct store *store, const char *rrn, int64_t floor,
                              int64_t *ret_seq);

/* The first row of this terminal's payments behind `after`, up to `upto`, and its reference; read
 * row by row: a stretch of a few thousand at a time. NOT_FOUND. */
MUST_USE err journal_next_of_terminal(struct store *store, const char *tid, int64_t after,
                                      int64_t upto, int64_t *ret_seq, char ret_rrn[static 13]);

/* Rows where pre-authorisations with this code were approved, newest first: their references. */
MUST_USE err journal_holds(struct store *store, const char *auth_code, char rrn[][13], size_t max,
                           size_t *ret_count);

/* So many followers of one payment are looked at, those of its completions included: this runs in
 * the loop of payments. A shop that gives a sale back in parts needs a handful. */
enum { JOURNAL_TRAIL_MAX = 512 };

/* What has followed the payment of this reference; a completion that was voided counts no more.
 * With more followers than JOURNAL_TRAIL_MAX it is `full`, and what it says is not all. */
MUST_USE err journal_trail(struct store *store, const char *rrn, struct payment_trail *ret_trail);

/* The next row behind `after` at which a payment became disputed (its issuer will not pay what the
 * card approved), whatever has become of it since. NOT_FOUND: that was the last. Reads the whole
 * journal: for people's lists. */
MUST_USE err journal_next_disputed(struct store *store, int64_t after, struct journal_row *ret_row);
