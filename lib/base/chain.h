/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * chain: a text file that only grows, each line with a hash over itself and the line before, so
 * that a line that was altered, taken out or moved is found. For a program that links no store.
 *
 *     text of the entry, a space, 64 hex digits of H(hash before | text)
 *
 * An append is on disk before it returns. A last line without its line feed was never finished
 * (power went) and is cut off when the file is opened: what it told of had not happened yet. Who
 * cuts off whole lines is found by a copy of the last hash that is kept elsewhere.
 */

#include "lib/base/file.h"

enum { CHAIN_HASH_BYTES = 32, CHAIN_TEXT_MAX = 512 };

/* SHA-256, lent by the caller: this folder has no hash. */
typedef void chain_hash(struct bytes data, uint8_t ret_digest[CHAIN_HASH_BYTES]);

struct chain {
    char path[FILE_PATH_MAX];
    chain_hash *hash;
    uint64_t entries;
    uint8_t last[CHAIN_HASH_BYTES]; /* zeros before the first */
};

/*
 * Opens or makes the file (mode 600) and checks all of it. Errors: CORRUPT (entry ret_entry,
 * counted from one, does not continue the one before), CONFIG (path), DENIED, IO.
 */
MUST_USE err chain_open(const char *path, chain_hash *hash, struct chain *ret_chain,
                        uint64_t *ret_entry);

/* Errors: LENGTH, FORMAT (not one line of printable ASCII and UTF-8), DENIED, FULL, IO. */
MUST_USE err chain_append(struct chain *chain, struct bytes text);
