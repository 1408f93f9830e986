/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tries: how often may somebody be wrong from afar? (CR-20) A try is spent, durably, before
 * anything is compared; a log-in that succeeds gives them all back.
 *
 * Each account has one budget for strangers, and each device that it has been used on one of its
 * own: ten tries until half an hour is quiet, and a hundred in all. So strangers stop at ten, and
 * cannot lock out whoever comes with the device's cookie; and what the owner does on that device
 * gives strangers nothing back. A reset, a log-in from elsewhere, or thirty quiet days do. Names
 * that nobody has, have budgets like accounts, and who has spent a budget is answered as if every
 * password were wrong, after the same work: neither tells whether the name is somebody's (CR-21).
 */

#include "backoffice/core.h"
#include "lib/auth/token.h"

struct tries_key {
    uint8_t at[TOKEN_HASH_BYTES];
    bool known; /* of an account or device: kept for good */
};

struct tries_key tries_of_account(int64_t account);
/* Of somebody who is in: strangers who guess at the account take nothing from it. */
struct tries_key tries_of_inside(int64_t account);
struct tries_key tries_of_device(int64_t device);
struct tries_key tries_of_name(enum realm realm, struct bytes name);

/*
 * Spends one. *ret_go is false when there is none left; *ret_last when this was the last of its
 * window. Writes the same either way.
 */
MUST_USE err tries_spend(struct store_tx *tx, const struct tries_key *key, int64_t now_ms,
                         bool *ret_go, bool *ret_last);
MUST_USE err tries_give_back(struct store_tx *tx, const struct tries_key *key);

/* Forgets names whose window is long over: by the clock. */
MUST_USE err tries_sweep(struct backoffice *backoffice, int64_t now_ms);
