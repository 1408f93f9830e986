/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * signature: the customer's on the screen (电子签名, S81), after the approval and before the
 * merchant's copy is printed. On paper is always the other way. The payment is approved and in
 * the store either way.
 */

#include "lib/base/writer.h"
#include "lib/store/store.h"

struct payment;
struct procedure;
struct records;
struct terminal;

/* Is the payment under way, or one that was just approved, signed on the screen? */
bool signature_wanted(const struct terminal *t, const struct payment *payment);

/* Small, tapped, and so without signature, also on paper (小额免密免签). */
bool signature_free(const struct terminal *t, const struct payment *payment);

/* Asks for it, and prints the merchant's copy, signed or to be signed on paper. */
err signature(struct terminal *t, struct procedure *p);

/* What was packed (strokes.h) with its payment; a later one takes its place. With an audit record.
 */
MUST_USE err signature_put(struct records *records, int64_t payment, struct bytes packed,
                           const char *actor);
/* Appends it, or nothing when there is none. CORRUPT: not strokes. */
MUST_USE err signature_get(struct store *store, int64_t payment, struct writer *packed);
