/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * terms: how fast a merchant is paid, and what that costs him, as a versioned table (S109).
 *
 * T+1: what was approved on business day D is paid on the next working day, for nothing. D+0: what
 * is there now is paid at once, on any day of the week, for a rate of what is due and a fixed sum,
 * both off what is paid; for whom that was agreed, by the rule that his agreement names (registry/
 * agreement.h). Rules are never edited: a change is a rule with a later version, and every
 * fee that was taken names its own.
 */

#include "lib/base/err.h"

/* On disk, as orders name them: added to, never renumbered. */
enum terms_way { TERMS_NEXT_DAY = 1, TERMS_SAME_DAY = 2, TERMS_WAYS };

struct terms_rule {
    uint32_t version; /* unique over this table and those of fees */
    enum terms_way way;
    int64_t from_ms;
    int64_t parts_per_million, fixed_minor; /* the fee: half-even to the fen, and this on top */
    int64_t minimum_minor;                  /* less than this is not paid, and waits for more */
    int from_hour, to_hour;                 /* local hours in which it is paid, to_hour excluded */
};

const struct terms_rule *terms_rules(size_t *ret_count);

/* There is always one. */
const struct terms_rule *terms_rule_for(enum terms_way way, int64_t at_ms);

/* The rule of a version, or NULL. */
const struct terms_rule *terms_rule_of(uint32_t version);

/* What being paid `due_minor` (above zero) costs; what is paid is the rest. RANGE: the rest would
 * be less than the minimum. */
MUST_USE err terms_fee(const struct terms_rule *rule, int64_t due_minor, int64_t *ret_fee_minor);

/* Is this moment (UTC) in the rule's hours? */
bool terms_open(const struct terms_rule *rule, int64_t at_ms);
