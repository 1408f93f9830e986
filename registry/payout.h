/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * payout: the bank account that a merchant's money is paid to, as a record with versions, and
 * requests to change it (S44, S59). A version is never changed: another account is another version,
 * made from a request that two different members of staff have approved. The tables themselves
 * refuse anything else, whoever writes: an approval is of an active member of staff who works at
 * the desk, a request stays as it was asked for, and a version needs its request.
 *
 * The account's number is sealed (lib/auth/small_seal.h) by whoever asks, under a key that the hsm
 * makes; what may be shown is its last four digits. These tables are the back office's, like those
 * of accounts (account.h): functions that write take a transaction, those that read a store.
 *
 * A version holds from its `since_ms` on. Paying out does not exist yet; it will ask payout_find()
 * and have the number opened with the label of payout_seal_label().
 *
 * Errors: FORMAT (a value has not its form), NOT_FOUND, DENIED (the tables refuse: a request waits,
 * has this approval already, is over, ...), and those of lib/store.
 */

#include "lib/store/audit.h"

enum {
    PAYOUT_NAME_MAX = 120, /* bytes of UTF-8: holder, bank; 40 Chinese characters */
    PAYOUT_DIGITS_MIN = 8, /* of an account's number; cards of persons have 16 to 19 */
    PAYOUT_DIGITS_MAX = 32,
    PAYOUT_SEALED_MAX = 96,
    PAYOUT_ACTOR_MAX = 88, /* number and name of who asked or settled */
    PAYOUT_REASON_MAX = 400,
    PAYOUT_STAFF = 2, /* so many different ones approve */
    PAYOUT_LABEL_MAX = 48,
};

/* Numbers are stored. */
enum payout_state {
    PAYOUT_WAITS = 1,
    PAYOUT_TAKEN = 2, /* it has become a version */
    PAYOUT_REJECTED = 3,
    PAYOUT_WITHDRAWN = 4,
    PAYOUT_EXPIRED = 5,
    PAYOUT_STATES = 6,
};

/* Texts are NUL-terminated. */
struct payout_details {
    char mid[16];
    char holder[PAYOUT_NAME_MAX + 1];
    char bank[PAYOUT_NAME_MAX + 1];
    char last4[5];
    uint8_t sealed[PAYOUT_SEALED_MAX];
    size_t sealed_len;
};

struct payout_account {
    struct payout_details details;
    int64_t version; /* counts from 1 within its merchant */
    int64_t since_ms, request;
};

struct payout_request {
    struct payout_details details;
    int64_t id, asked_ms, expires_ms, settled_ms;
    enum payout_state state;
    char asked_by[PAYOUT_ACTOR_MAX + 1];
    char reason[PAYOUT_REASON_MAX + 1]; /* of a rejection */
    int64_t approvals;                  /* of different staff */
};

extern const struct store_schema payout_schema;

/* What the seal of an account's number is bound to: "payout.898310153110001". */
void payout_seal_label(const char *mid, char out[static PAYOUT_LABEL_MAX]);

/* "waits", "taken" ... Never NULL. */
const char *payout_state_word(enum payout_state state);

/* The version that holds at `now_ms`. NOT_FOUND when there is none yet. */
MUST_USE err payout_find(struct store *store, const char *mid, int64_t now_ms,
                         struct payout_account *ret_account);

MUST_USE err payout_request_find(struct store *store, int64_t id, struct payout_request *ret);
/* The newest request of a merchant, whatever became of it. */
MUST_USE err payout_request_latest(struct store *store, const char *mid,
                                   struct payout_request *ret);

typedef err (*payout_each)(void *context, const struct payout_request *request);
/* What waits first, then the newest; at most `most`. */
MUST_USE err payout_requests(struct store *store, int64_t most, payout_each each, void *context);

/* Uses details, asked_by, asked_ms, expires_ms. */
MUST_USE err payout_request_add(struct store_tx *tx, const struct payout_request *request,
                                int64_t *ret_id);
MUST_USE err payout_approved_by(struct store *store, int64_t id, int64_t staff, bool *ret_has);
MUST_USE err payout_approve(struct store_tx *tx, int64_t id, int64_t staff, int64_t now_ms);
/* It ends without a version; `reason` may be empty. */
MUST_USE err payout_settle(struct store_tx *tx, int64_t id, enum payout_state state,
                           struct bytes reason, int64_t now_ms);
/* It becomes the next version. */
MUST_USE err payout_take(struct store_tx *tx, int64_t id, int64_t now_ms);
