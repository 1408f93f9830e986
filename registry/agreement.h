/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * agreement: which plan of fees (ledger/fee.h) a merchant has, from when on, and whether he may be
 * paid on the same day (D+0), for which fee: that is a right that was agreed, and nobody's by
 * itself.
 *
 * Versions 1, 2, 3 ... for each merchant, never changed; version 1 is what he was registered with.
 * An agreement names the moment of which the plan's rules are that the merchant has signed: nothing
 * that holds from later on is charged to him (ledger/fee.h) until he has signed a later version. Of
 * version 1 it is the moment of his signature, of a later one its beginning.
 *
 * A new one begins at the moment of its writing or later, so no fee that was taken becomes another.
 * Every payment names the version that held when it was accepted.
 *
 * Errors: NOT_FOUND (no such merchant), RANGE (it would begin before the last one or in the past),
 * FORMAT (no such plan number), and those of lib/store.
 */

#include "registry/registry.h"

struct registry_agreement {
    int64_t version;
    uint32_t fee_plan;
    uint32_t
        same_day_rule; /* of ledger/terms.h, by which he is paid on the same day; 0: he is not */
    int64_t since_ms, until_ms; /* UTC; the last one holds until INT64_MAX */
    int64_t signed_ms;          /* never after since_ms, but for version 1, which begins at 0 */
};

/* What holds at a moment. */
MUST_USE err registry_find_agreement(struct registry *registry, const char *mid, int64_t at_ms,
                                     struct registry_agreement *ret_agreement);

MUST_USE err registry_add_agreement(struct registry *registry, const struct registry_actor *actor,
                                    const char *mid, uint32_t fee_plan, uint32_t same_day_rule,
                                    int64_t since_ms);

/* All of a merchant's, oldest first; an error that `each` returns ends the walk. */
typedef err (*registry_each_agreement)(void *context, const struct registry_agreement *agreement);
MUST_USE err registry_agreements(struct registry *registry, const char *mid,
                                 registry_each_agreement each, void *context);
