/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/upkeep/fence.h"
#include "backoffice/upkeep/idle.h"
#include "tests/unit/tenant_rig.h"

/* A terminal that is asked about. */
static inline void tenant_idle(struct rig *rig, const struct tenant *tenant, const char *parent,
                               char id[API_PARAM_MAX + 1])
{
    struct idle_terminal t = {.outlet = tenant->outlet,
                              .state = IDLE_ASKED,
                              .since_ms = rig->now_ms,
                              .due_ms = rig->now_ms + 86400000};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    (void)parent;
    snprintf(t.tid, sizeof t.tid, "%s", tenant->tid);
    snprintf(t.mid, sizeof t.mid, "%s", tenant->mid);
    snprintf(t.verified_by, sizeof t.verified_by, "%s", tenant->mark);
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(idle_put(&tx, &t));
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%s", tenant->tid);
}

/* A terminal that is away from its place. */
static inline void tenant_moved(struct rig *rig, const struct tenant *tenant, const char *parent,
                                char id[API_PARAM_MAX + 1])
{
    struct fence_moved m = {.outlet = tenant->outlet, .since_ms = rig->now_ms, .metres = 900};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    (void)parent;
    snprintf(m.tid, sizeof m.tid, "%s", tenant->tid);
    snprintf(m.mid, sizeof m.mid, "%s", tenant->mid);
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(fence_moved_put(&tx, &m));
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%s", tenant->tid);
}
