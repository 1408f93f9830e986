/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* outlets: those of a merchant, read in pages. Writing them is registry.h's. */

#include "registry/registry.h"

/* In the order of their numbers, those above `after`; fewer than `max`: those are all. Errors:
 * those of lib/store. */
MUST_USE err registry_outlets(struct registry *registry, struct bytes mid, uint32_t after,
                              struct registry_outlet *rows, size_t max, size_t *ret_count);
