/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/fleet.h"
#include "tests/unit/tenant_rig.h"

/* A terminal that has been here, in the tenant's outlet. */
static inline void tenant_device(struct rig *rig, const struct tenant *tenant, const char *parent,
                                 char id[API_PARAM_MAX + 1])
{
    static unsigned made;
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    struct registry_terminal t = {.outlet = tenant->outlet == 0 ? 1 : tenant->outlet,
                                  .suite = REGISTRY_TONGBAO,
                                  .status = REGISTRY_ACTIVE,
                                  .model = "TB-1",
                                  .master_block = "D0016D0AB00E0000",
                                  .first_batch = 1};
    (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "7%07u", ++made);
    snprintf(t.tid, sizeof t.tid, "%s", id);
    snprintf(t.serial, sizeof t.serial, "DV-%s-%s", id, tenant->mark);
    snprintf(t.mid, sizeof t.mid, "%s", tenant->mid);
    assert_ok(registry_add_terminal(rig->registry, &actor, &t));
    assert_ok(fleet_came(rig->b->desk->fleet, &t, "0.9.1", rig->now_ms));
}

/* Something that was wanted of the device, by its number. */
static inline void tenant_command(struct rig *rig, const struct tenant *tenant, const char *parent,
                                  char id[API_PARAM_MAX + 1])
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t number = 0;
    (void)tenant;
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(command_add(rig->b->desk, parent, DEVICE_LOGS, BYTES(""), "rig", 0, &number));
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%lld", (long long)number);
}
