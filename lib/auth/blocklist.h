/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blocklist: is this among what is guessed first? A filter over hashes, not a list: it holds some
 * hundred thousand entries in less than a megabyte, knows each of them for certain, and takes
 * another word for one of them once in 65,536 times. blocklist_make.c makes it at build time; it is
 * constant data in the program, so that it is shared, read-only, and paged in where it is used.
 */

#include "lib/base/bytes.h"

struct blocklist;

/* The one that was built into this program. Never NULL. */
const struct blocklist *blocklist_builtin(void);

/* `word` is in NFKC and lower case. */
bool blocklist_has(const struct blocklist *blocklist, struct bytes word);

/* Of the additions that were loaded (blocklist_file.h); 0: none, only what is compiled in. */
uint32_t blocklist_version(const struct blocklist *blocklist);

struct blocklist_size {
    size_t entries, bytes;
};

struct blocklist_size blocklist_size(const struct blocklist *blocklist);
