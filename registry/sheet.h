/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sheet: one-time passwords that are printed anew (S36), each once. The desk writes down which
 * order a vault has taken, in the back office's file; whoever prints reads that, and writes into
 * the registry, before the hsm is asked, that it was printed. So an order is printed once, whoever
 * asks, and what was not approved and taken is not printed at all. Neither file has the password.
 *
 * Errors: NOT_FOUND, EXISTS (printed before), and those of lib/store.
 */

#include "registry/registry.h"

enum { SHEET_CHALLENGE = 16 };

struct sheet {
    int64_t ticket;
    char tid[9], operator_id[3];
    uint8_t challenge[SHEET_CHALLENGE]; /* of lib/crypto/recovery.h */
    int64_t at_ms;                      /* when its vault said so */
};

/* ---- the back office's file ---- */

extern const struct store_schema sheet_schema;

MUST_USE err sheet_add(struct store_tx *tx, const struct sheet *sheet);
MUST_USE err sheet_find(struct store *store, int64_t ticket, struct sheet *ret_sheet);

/* ---- the registry ---- */

/* It is printed now: EXISTS from then on. */
MUST_USE err registry_print_sheet(struct registry *registry, const struct registry_actor *actor,
                                  const struct sheet *sheet);
/* When it was printed; 0: not yet. */
MUST_USE err registry_sheet_printed(struct registry *registry, const struct sheet *sheet,
                                    int64_t *ret_at_ms);
