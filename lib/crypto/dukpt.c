/* SPDX-License-Identifier: Apache-2.0 */
/* What both forms of DUKPT share: purposes, and which counters are used. */
#include "lib/crypto/dukpt.h"

static const struct {
    const char *text;
    enum key_usage usage;
} purpose_row[DUKPT_PURPOSES] = {
#define X(name, text, usage) [DUKPT_##name] = {text, KEY_USAGE_##usage},
    DUKPT_PURPOSE_LIST(X)
#undef X
};

const char *dukpt_purpose_text(enum dukpt_purpose purpose)
{
    return purpose < DUKPT_PURPOSES ? purpose_row[purpose].text : "unknown";
}

enum key_usage dukpt_purpose_usage(enum dukpt_purpose purpose)
{
    ENSURE(purpose < DUKPT_PURPOSES);
    return purpose_row[purpose].usage;
}

bool dukpt_counter_used(uint32_t counter, unsigned bits, unsigned ones_max)
{
    ENSURE(bits >= 1 && bits <= 32);
    return counter != 0 && (uint64_t)counter >> bits == 0 &&
           (unsigned)__builtin_popcount(counter) <= ones_max;
}

/*
 * One more, unless that would put in a one too many: with all ones spent, the lowest of them is
 * carried up instead, and everything between has more ones than are allowed.
 */
uint32_t dukpt_next_counter(uint32_t counter, unsigned bits, unsigned ones_max)
{
    ENSURE(bits >= 1 && bits <= 32);
    uint64_t next = (uint64_t)counter + 1;
    if ((unsigned)__builtin_popcount(counter) >= ones_max)
        next = (uint64_t)counter + (counter & -counter);
    return next >> bits == 0 ? (uint32_t)next : 0;
}
