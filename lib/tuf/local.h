/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * local: where a device keeps the metadata that it trusts, as the bytes that came, and files that
 * it fetched: "root.json", "timestamp.json", ..., each replaced in one step (lib/base/file). A
 * power cut leaves of each file the old or the new one, and any mixture of old and new is a state
 * that an update goes on from: root, timestamp and snapshot are each checked against what is signed
 * today.
 */

#include "lib/base/bytes.h"

/* As calls, so that a test can cut the power between them. */
struct tuf_local {
    MUST_USE err (*read)(void *context, const char *name, void *block, size_t max, size_t *ret_len);
    MUST_USE err (*write)(void *context, const char *name, struct bytes content);
    void *context;
};

enum { TUF_LOCAL_NAME_BYTES = 256 };

/* Files of `directory`, which outlives it. */
struct tuf_local tuf_local_directory(const char *directory);

/* "ROLE.json" with the role escaped: no name of a role leads out of the directory. */
void tuf_local_role_name(const char *role, char ret_name[TUF_LOCAL_NAME_BYTES]);

/* The path of a target as one name: escaped, or its SHA-256 where that would be too long. */
void tuf_local_target_name(const char *path, char ret_name[TUF_LOCAL_NAME_BYTES]);
