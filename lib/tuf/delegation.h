/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * delegation: to whom a list of targets hands a path on (specification 1.0, section 4.5.1): by
 * patterns of paths, by the first digits of the path's SHA-256, or by its hash bin.
 */

#include "lib/tuf/metadata.h"

struct tuf_delegation {
    char name[TUF_ROLE_NAME_BYTES + 1];
    bool terminating;     /* nobody behind it is asked */
    struct tuf_role role; /* views into the delegator */
};

/* The next delegation of `targets` for `path`, in the order of the list: begin with *index 0. */
bool tuf_delegation_next(const struct tuf_metadata *targets, const char *path, size_t *index,
                         struct tuf_delegation *ret_delegation);

/*
 * Patterns of a shell: "*" and "?" stand for no "/", "[a-z]" and "[!a-z]" for one character; there
 * is nothing to escape. Time is at most the product of both lengths.
 */
bool tuf_path_matches(struct bytes pattern, struct bytes path);
