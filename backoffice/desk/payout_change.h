/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * payout_change: the account that a merchant's money goes to, and how it changes (S44, S59).
 *
 *   the owner asks             in the console, with a factor shown in the last five minutes
 *   cooling-off                refuses, with its reason and the date until when (cooling.h); asked
 *                              again before each approval, inside the transaction
 *   its papers                 are sent (uploads/papers.h) before anybody can approve
 *   two different staff        approve; the first approval alone changes nothing
 *   it holds                   as the next version of the record (registry/payout.h)
 *
 * Every contact of the merchant is told at each of these steps, at every address, and so is the
 * desk. A request that waits makes recoveries of this merchant a high risk (tickets.h).
 */

#include "backoffice/desk/cooling.h"
#include "backoffice/desk/desk.h"
#include "lib/auth/small_seal.h"
#include "registry/payout.h"

enum { PAYOUT_LASTS_DAYS = 7 }; /* a request; who is called back is called within a week */

/* Who asks; the account and its rights are account.h's matter. */
struct desk_owner {
    int64_t id;
    char mid[16];
    char login[DESK_NAME_MAX + 1];
};

enum payout_verdict {
    PAYOUT_OK = 0,
    PAYOUT_NEEDS_SECOND, /* this approval counts; one more is needed */
    PAYOUT_SAME_PERSON,
    PAYOUT_COOLS, /* not before cooling.until_ms, for cooling.reason */
    PAYOUT_PENDING,
    PAYOUT_BAD_HOLDER,
    PAYOUT_BAD_BANK,
    PAYOUT_BAD_NUMBER, /* not 8 to 32 digits */
    PAYOUT_OVER,
    PAYOUT_NONE,   /* no such request */
    PAYOUT_PAPERS, /* the proof of the account has not been sent */
    PAYOUT_VERDICTS,
};

/* "needs_second": for the page. Never NULL. */
const char *payout_verdict_name(enum payout_verdict verdict);

struct payout_answer {
    enum payout_verdict verdict;
    struct cooling_verdict cooling; /* of COOLS */
    int64_t request;
};

/* As typed; spaces and hyphens in the number are passed over. Views. */
struct payout_form {
    struct bytes holder, bank, number;
};

/* `key` seals the number; it is made by the hsm for this merchant, and wiped by whoever asked. */
MUST_USE err payout_change_ask(struct desk *desk, const struct desk_owner *owner,
                               const struct payout_form *form,
                               const uint8_t key[SMALL_SEAL_KEY_BYTES], struct payout_answer *ret);
/* The owner's own, while it waits. */
MUST_USE err payout_change_withdraw(struct desk *desk, const struct desk_owner *owner,
                                    int64_t request, struct payout_answer *ret);
MUST_USE err payout_change_approve(struct desk *desk, const struct desk_staff *staff,
                                   int64_t request, struct payout_answer *ret);
MUST_USE err payout_change_reject(struct desk *desk, const struct desk_staff *staff,
                                  int64_t request, struct bytes reason, struct payout_answer *ret);

/* Ends what has waited too long. */
MUST_USE err payout_change_sweep(struct desk *desk);
