/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * choice: may this be the password of this account? The same engine that decides at the terminals
 * (lib/auth/policy.h), with the policy of the model CONSOLE and what is known of the person.
 */

#include "backoffice/accounts/session.h"
#include "lib/auth/policy.h"

struct policy choice_policy(enum account_kind kind);

/* What others can know of the person; views into `account`, and into `merchant`, which is filled.
 */
MUST_USE err choice_person(struct backoffice *backoffice, const struct account *account,
                           struct registry_merchant *merchant, struct policy_person *ret_person);

/* Normalises and checks. False, and 422 with every rule that is broken is the answer. */
MUST_USE err choice_check(struct backoffice *backoffice, const struct account *account,
                          struct bytes typed, bool english, struct password_text *ret_text,
                          bool *ret_accepted, struct http_response *response);

/* 422 for a rule that only hashing can find: the password is one of the old ones. */
void choice_refuse(enum policy_verdict verdict, bool english, struct http_response *response);

/* Does the page that asks speak English? By its header X-Language: "en" or anything else. */
bool choice_english(const struct backoffice_request *request);

/* What is refused as common: additions that were loaded, and what is compiled in. */
const struct blocklist *choice_blocklist(const struct backoffice *backoffice);

/* The record of a decision: which blocklist a password that was accepted was held against. */
MUST_USE err choice_note(const struct backoffice *backoffice, struct store_tx *tx,
                         const struct account *account, int64_t now_ms);

/* Members "rules" (lines of plain words), "min" and "max" of the open object. */
void choice_describe(struct json_out *j, enum account_kind kind, bool english);
