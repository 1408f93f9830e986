/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of loyalty/ share. */

#include <assert.h>

#include "lib/store/migrate.h"
#include "loyalty/book.h"
#include "loyalty/member.h"

extern const struct store_schema loyalty_book_schema, loyalty_programme_schema,
    loyalty_member_schema, loyalty_points_schema, loyalty_value_schema, loyalty_made_schema,
    loyalty_message_schema;

enum { LOYALTY_MONTH_DAYS = 30 };
#define LOYALTY_DAY_MS INT64_C(86400000)

/* True for 1 to LOYALTY_KEY_MAX bytes. */
static inline bool loyalty_key_ok(struct bytes key)
{
    return key.len > 0 && key.len <= LOYALTY_KEY_MAX;
}

/*
 * What was made by which asking: an id (and a version), by the asker's key, so that a repeat finds
 * it. An empty key is never found and not noted. In a transaction. The key is any bytes: callers of
 * the API have keys of their own.
 */
struct loyalty_made {
    bool found;
    char id[LOYALTY_ID_LEN + 1];
    int64_t version;
};
MUST_USE err loyalty_made(struct store *store, struct bytes merchant, struct bytes key,
                          struct loyalty_made *out);
MUST_USE err loyalty_made_note(struct store *store, struct bytes merchant, struct bytes key,
                               const char *id, int64_t version);

/* For a function that answers with a verdict and has nothing more to do. */
#define DECIDE(ret, verdict) \
    do {                     \
        *(ret) = (verdict);  \
        return OK;           \
    } while (0)

/* Ends the reading of a query of which one row was enough. */
MUST_USE err loyalty_row_end(struct store_statement *query);

/* Writes a consent down that is in force from now on. */
MUST_USE err loyalty_consent_insert(struct store *store,
                                    const struct loyalty_consent_change *change);

/* The member, and whether he counts in a payment of this moment: known here and not left. */
MUST_USE err loyalty_member_counts(struct store *store, struct bytes merchant, struct bytes id,
                                   bool *ret, struct loyalty_member *out);

/* All points of one who is erased run out; what he owes is written off. In a transaction. */
MUST_USE err loyalty_points_lapse(struct store *store, const struct loyalty_member *member,
                                  int64_t at_ms);

struct loyalty_programme;
/* When points of that moment run out. */
int64_t loyalty_expiry(const struct loyalty_programme *programme, int64_t at_ms);

/* Books points that a member is given and makes their lot, less what settles points owed. In a
 * transaction. */
MUST_USE err loyalty_points_given(struct store *store, const struct loyalty_member *member,
                                  const struct loyalty_programme *programme, struct bytes key,
                                  int64_t points, int64_t at_ms, int64_t *ret_settled);

/* A refund by its key, of a purchase (amount_minor) or of points that had paid (points). */
struct loyalty_refund {
    struct bytes key, refund_key;
    int64_t amount_minor; /* 0: points go back to the member */
    int64_t points, owed;
};
/* DONE: not known yet. REPEATED fills in points and owed. OTHER_CONTENT. */
MUST_USE err loyalty_refund_known(struct store *store, struct loyalty_refund *refund,
                                  enum loyalty_verdict *ret_verdict);
MUST_USE err loyalty_refund_insert(struct store *store, const struct loyalty_refund *refund);

/* The tier of a member at a moment: that of his turnover of the 365 days before it. */
MUST_USE err loyalty_tier_at(struct store *store, const struct loyalty_programme *programme,
                             struct bytes member, int64_t at_ms, int64_t *ret_tier);
