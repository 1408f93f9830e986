/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What account.c and credential.c share. */

#include "registry/account.h"

/* An audit record about an account. */
MUST_USE err account_record(struct store_tx *tx, const struct registry_actor *actor,
                            const char *event, int64_t id, const char *detail);

/* Binds the id as the last parameter and runs an UPDATE of exactly one account. NOT_FOUND. */
MUST_USE err account_run_on(struct store_tx *tx, struct store_statement *update, int64_t id);
