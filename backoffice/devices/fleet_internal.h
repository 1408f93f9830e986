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
    struct fleet_reading *reading; /* fleet_registry.c; NULL: nothing is being read */
};

/* The first place whose number is not below `tid`. */
size_t fleet_place(const struct fleet *fleet, const char *tid);

/* fleet_registry.c */

/*
 * Who exists, read in slices of FLEET_READ_SLICE, so that nobody waits for a hundred thousand rows:
 * while it goes on the fleet is as it was, and lives on. The last slice puts the new one in its
 * place, with what devices have told meanwhile.
 */
MUST_USE err fleet_read_begin(struct fleet *fleet);
MUST_USE err fleet_read_on(struct fleet *fleet);
void fleet_read_end(struct fleet *fleet); /* what was read is dropped */
/* One more, that the registry knows and the fleet does not yet. */
MUST_USE err fleet_add(struct fleet *fleet, const char *tid, struct fleet_device **ret_device);
/* What the registry says of it. */
void fleet_copy(struct fleet_device *device, const struct registry_terminal *terminal);

/* fleet_rows.c */
MUST_USE err fleet_rows_load(struct fleet *fleet);
/* At most FLEET_GROUP rows. */
MUST_USE err fleet_rows_write(struct fleet *fleet);
struct fleet_device *fleet_at(const struct fleet *fleet, const char *tid);
