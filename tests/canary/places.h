/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * places: where a mark is looked for. The memory of another process, as far as it can be written to
 * and has been touched, and files. What cannot be looked at is an error and never a place without
 * marks.
 */

#include <sys/types.h>

#include "tests/canary/marks.h"

enum { PLACE_NAME_MAX = 320 };

struct search {
    const struct marks *marks;
    uint8_t *block;         /* SEARCH_BLOCK bytes */
    uint64_t bytes, places; /* looked at: a figure of nought is a search that did not happen */
    uint64_t found;
    char place[PLACE_NAME_MAX]; /* being looked at: "memory of tongbao-hsm, [heap]" */
    uint64_t at;                /* of the block in that place */
    uint64_t again;             /* bytes at the block's beginning that were looked at before */
    /* Told of each mark; `encoding` as "base64". */
    void (*tell)(void *context, const char *label, const char *encoding, const char *place,
                 uint64_t at);
    void *context;
};

enum { SEARCH_BLOCK = 1 << 20 };

/*
 * All of a process's memory that may be written to. The process may go on meanwhile. Errors:
 * NOT_FOUND (it has ended), DENIED (programs that let nobody trace them are read by root only), IO.
 */
MUST_USE err search_process(struct search *search, const char *name, pid_t pid);

/* One file, or every file below a directory; links and sockets are passed over. Errors: IO. */
MUST_USE err search_files(struct search *search, const char *path);
