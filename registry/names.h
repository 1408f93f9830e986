/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * names: what a merchant is called, and what it was called before. A new name is a version: slips
 * and statements of then can still be explained. The outlet that was called like it goes along.
 */

#include "registry/registry.h"

/* The acquirer takes it within a second. Errors: FORMAT, NOT_FOUND, STATE (closed), lib/store's. */
MUST_USE err registry_rename_merchant(struct registry *registry, const struct registry_actor *actor,
                                      const struct registry_merchant *named);

struct registry_name {
    int64_t version; /* 1 is what it was registered with, once it was renamed */
    char name_zh[REGISTRY_NAME_MAX + 1], name_en[REGISTRY_NAME_MAX + 1];
    int64_t since_ms; /* 0: from the beginning */
};

/* Oldest first; nothing for who never was renamed. */
typedef err (*registry_each_name)(void *context, const struct registry_name *name);
MUST_USE err registry_names(struct registry *registry, struct bytes mid, registry_each_name each,
                            void *context);
