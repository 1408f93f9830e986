/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the fleet share. */

#include "backoffice/devices/fleet.h"
#include "backoffice/devices/fleet_changes.h"

struct fleet_shop {
    char mid[16];
    char name_zh[REGISTRY_NAME_MAX + 1], name_en[REGISTRY_NAME_MAX + 1];
    bool matches; /* in the search under way */
};

struct fleet {
    struct store *store;
    struct registry *registry;
    struct fleet_device *device; /* by their numbers */
    size_t count, room;
    struct fleet_shop *shop; /* by their numbers */
    size_t shops, shop_room;
    struct fleet_changes *changes;
    size_t dirty;      /* devices whose row waits */
    size_t next_dirty; /* where the next group begins to look */
    bool stale;
    int64_t read_ms;
};

/* fleet_rows.c */
MUST_USE err fleet_rows_load(struct fleet *fleet);
/* At most FLEET_GROUP rows. */
MUST_USE err fleet_rows_write(struct fleet *fleet);
struct fleet_device *fleet_at(const struct fleet *fleet, const char *tid);
