/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blocklist_build: words to a filter (blocklist_filter.h); for the tool that makes the one that is
 * compiled in, and for `tongbao admin blocklist`, which makes additions to it. It takes memory as
 * it needs and is no part of a program that serves. The same words give the same filter.
 */

#include "lib/auth/blocklist_filter.h"

enum { BLOCKLIST_WORD_MIN = 4, BLOCKLIST_WORD_MAX = 64 };

/* Hashes of words; begins as {0}. */
struct blocklist_words {
    uint64_t *at;
    size_t len, max;
    size_t sorted; /* so many from the first are in order, each once */
};

/* ASCII capitals become small; what is shorter or longer than the limits is passed over. NO_MEMORY.
 */
MUST_USE err blocklist_words_add(struct blocklist_words *words, struct bytes word);

/* In order, each once. */
void blocklist_words_sort(struct blocklist_words *words);

/* Among those that are sorted. */
bool blocklist_words_has(const struct blocklist_words *words, struct bytes word);

void blocklist_words_free(struct blocklist_words *words);

/*
 * Sorts `words`, which are at least one, and makes their filter. The caller frees *ret_fingerprint,
 * and ret_filter points to it. NO_MEMORY; STATE when no seed serves, which a hundred are tried for.
 */
MUST_USE err blocklist_build(struct blocklist_words *words, struct blocklist *ret_filter,
                             uint16_t **ret_fingerprint);
