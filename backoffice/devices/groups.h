/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * groups: devices that belong together across outlets (S118): "with the new printer", "food court".
 * A group is a merchant's and has devices of his alone, or the acquirer's ("") and has any. A
 * device may be in several. In a group it is nothing but its number: what the registry says of it
 * holds whatever its groups are.
 *
 * Writes are in the caller's transaction. A refusal is a verdict of tree.h: TAKEN when another of
 * the same owner has the name, TOO_MANY when GROUPS_MAX, GROUP_DEVICES_MAX or GROUPS_OF_A_DEVICE
 * are there. An err is the store's.
 */

#include "backoffice/desk/desk.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/devices/tree.h"

enum {
    GROUPS_MAX = 256,           /* of one merchant, and of the acquirer: names on a few pages */
    GROUP_DEVICES_MAX = 20000,  /* as many as can be connected; 180 kB while one is searched */
    GROUPS_OF_A_DEVICE = 16,    /* its parameters look at each of them */
    GROUP_DEVICES_AT_ONCE = 200 /* in one call: as many as one page of devices */
};

struct device_group {
    int64_t id;
    char mid[16]; /* "": the acquirer's */
    char name[REGION_NAME_MAX + 1];
    int64_t devices;
};

extern const struct store_schema groups_schema;

/* NOT_FOUND. */
MUST_USE err group_find(struct store *store, int64_t id, struct device_group *ret_group);

typedef err (*group_each)(void *context, const struct device_group *group);
/* Of one owner; `all`: of everybody, by their numbers. */
MUST_USE err groups_each(struct store *store, const char *mid, bool all, int64_t after,
                         size_t limit, group_each each, void *context);
/* Those that a device is in, by their numbers: at most GROUPS_OF_A_DEVICE. */
MUST_USE err groups_of(struct store *store, const char *tid,
                       struct device_group ret_groups[GROUPS_OF_A_DEVICE], size_t *ret_count);

/* The devices of a group in the order of their numbers; until the next call, or a change. */
MUST_USE err group_set(struct desk *desk, int64_t id, const struct fleet_set **ret_set);

/* Uses mid and name. */
MUST_USE err group_add(struct store_tx *tx, const struct device_group *group, int64_t *ret_id,
                       enum tree_verdict *ret_verdict);
MUST_USE err group_rename(struct store_tx *tx, int64_t id, struct bytes name,
                          enum tree_verdict *ret_verdict);
/* With all that are in it. */
MUST_USE err group_remove(struct desk *desk, struct store_tx *tx, int64_t id,
                          enum tree_verdict *ret_verdict);
/* Who is in it stays in it. */
MUST_USE err group_put_in(struct desk *desk, struct store_tx *tx, int64_t id, const char *tid,
                          enum tree_verdict *ret_verdict);
/* Who is not in it stays out. */
MUST_USE err group_take_out(struct desk *desk, struct store_tx *tx, int64_t id, const char *tid);

void groups_close(struct desk *desk);
