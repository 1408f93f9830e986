/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is watched about devices. */

#include "backoffice/alerts/alerts.h"
#include "tests/unit/tenant_rig.h"

static inline void tenant_alert(struct rig *rig, const struct tenant *tenant, const char *parent,
                                char id[API_PARAM_MAX + 1])
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t last = 0;
    (void)parent;
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(
        alert_raise(&tx, &(struct alert_condition){"device.moved", tenant->mid, tenant->outlet,
                                                   tenant->tid, tenant->mark, rig->now_ms}));
    assert_ok(store_query_int(rig->b->store, "SELECT max(id) FROM alert", &last));
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%lld", (long long)last);
}

static inline void tenant_alert_rule(struct rig *rig, const struct tenant *tenant,
                                     const char *parent, char id[API_PARAM_MAX + 1])
{
    (void)rig, (void)tenant, (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "device.moved");
}
