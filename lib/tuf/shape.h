/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * shape: whether what must be in each type of metadata is there and is what it must be, from the
 * first entry to the last. For this folder. A false is MALFORMED.
 */

#include "lib/tuf/metadata.h"

/* "signatures" of the whole: each of another key, as section 4.2.1 asks. */
bool tuf_shape_signatures(const struct json_t *root);

/* What a type has beside what all have. */
bool tuf_shape(enum tuf_type type, const struct json_t *body);

/* "keyids" and "threshold" of a role whose keys are in `owner`'s "keys". No keyid twice. */
bool tuf_shape_role(const struct json_t *owner, const struct json_t *role,
                    struct tuf_role *ret_role);

/* An entry of a snapshot, a timestamp or of targets. */
bool tuf_shape_entry(const struct json_t *entry, struct tuf_entry *ret_entry);

/* The name of a role that something is delegated to: not empty, not one of the four. */
bool tuf_shape_role_name(struct bytes name);
