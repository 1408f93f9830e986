/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * entrance: what the ways in have in common: the steps that a log-in may stand at, how it goes from
 * one to the next, what the page is told of it, and who hears of it.
 */

#include "backoffice/accounts/factor.h"
#include "backoffice/accounts/hashing.h"

/* From where somebody comes. */
struct entrance {
    enum realm realm;
    const char *address, *agent;
    int64_t session; /* that this replaces; 0 for none */
    int64_t device;  /* known here; 0 for not */
    int64_t now_ms;
};
struct entrance entrance_of_call(struct backoffice *backoffice, const struct call *call,
                                 int64_t device);

/* The password was right: on to the factor, or to setting one up. Commits. */
MUST_USE err entrance_half(struct backoffice *backoffice, struct store_tx *tx,
                           const struct account *account, const struct entrance *from,
                           struct http_response *response);

/*
 * Everything was right (`how` names the factor): tries are given back, a new device gets its cookie
 * and its notice, and the session is FULL, or CHANGE when the password must be changed first.
 * Commits, and tells the page; `codes` (a JSON array, or empty) are told with it.
 */
MUST_USE err entrance_complete(struct backoffice *backoffice, struct store_tx *tx,
                               const struct account *account, const struct entrance *from,
                               const char *how, struct bytes codes, struct http_response *response);

/* {"state":"in",...}: who is in, or at which step. `csrf` NULL: it is the page's already. */
void entrance_write(const struct account *account, enum session_stage stage, const char *csrf,
                    int64_t step_left_ms, struct bytes codes, struct writer *w);

/* Makes a link of this kind and sends it to the account's addresses: nobody else sees it. */
MUST_USE err link_send(struct backoffice *backoffice, struct store_tx *tx,
                       const struct registry_actor *actor, const struct account *account,
                       enum link_kind kind);

/* The same for a time of its own; *ret_taken is false when the outbox does not take it. */
MUST_USE err link_send_for(struct backoffice *backoffice, struct store_tx *tx,
                           const struct registry_actor *actor, const struct account *account,
                           enum link_kind kind, int64_t valid_ms, bool *ret_taken);

/* 401: the same for everything that is wrong. */
void entrance_wrong(struct http_response *response);

/* Is the caller at this step? Answers 409 when not. */
bool entrance_at(const struct call *call, enum session_stage stage, struct http_response *response);

/* What a person is told of the own account. */
enum entrance_notice { NOTICE_CHANGED, NOTICE_NEW_DEVICE };

/* A notice to the account at every address it has; `address` is where from somebody came. */
MUST_USE err entrance_notify(struct backoffice *backoffice, struct store_tx *tx,
                             const struct account *account, enum entrance_notice notice,
                             const char *address, int64_t now_ms);
/* A link to the account's mail address, and to nothing and nobody else. */
MUST_USE err entrance_send_link(struct backoffice *backoffice, struct store_tx *tx,
                                const struct account *account, const char *link, int64_t valid_ms,
                                int64_t now_ms, bool *ret_taken);
