/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/devices/groups.h"
#include "tests/unit/tenant_rig.h"

/* Numbers that nobody else's objects have: the test says them wherever a number stands, and what a
 * caller has made himself meanwhile must not be met by them. */
static inline void tenant_far(struct rig *rig)
{
    assert_ok(store_exec(rig->b->store, "INSERT OR IGNORE INTO tree_region(id, mid, parent, name)"
                                        " VALUES(700000000, '', 0, '');"
                                        "INSERT OR IGNORE INTO device_group(id, mid, name)"
                                        " VALUES(800000000, 'nobody', '');"));
}

/* A region of the tenant's merchant, with his outlet in it. */
static inline void tenant_region(struct rig *rig, const struct tenant *tenant, const char *parent,
                                 char id[API_PARAM_MAX + 1])
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct tree_region r = {.id = 0};
    enum tree_verdict verdict;
    int64_t number = 0;
    (void)parent;
    snprintf(r.mid, sizeof r.mid, "%s", tenant->mid);
    snprintf(r.name, sizeof r.name, "%s", tenant->mark);
    assert_ok(store_begin(rig->b->store, &tx));
    tenant_far(rig);
    assert_ok(region_add(&tx, &r, &number, &verdict));
    assert_int_equal(verdict, TREE_OK);
    assert_ok(region_place(&tx, tenant->mid, tenant->outlet, number, &verdict));
    assert_int_equal(verdict, TREE_OK);
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%lld", (long long)number);
}

/* A group of his, with a device of his in it. */
static inline void tenant_group(struct rig *rig, const struct tenant *tenant, const char *parent,
                                char id[API_PARAM_MAX + 1])
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct device_group g = {.id = 0};
    enum tree_verdict verdict;
    int64_t number = 0;
    (void)parent;
    snprintf(g.mid, sizeof g.mid, "%s", tenant->mid);
    snprintf(g.name, sizeof g.name, "%s", tenant->mark);
    assert_ok(store_begin(rig->b->store, &tx));
    tenant_far(rig);
    assert_ok(group_add(&tx, &g, &number, &verdict));
    assert_int_equal(verdict, TREE_OK);
    assert_ok(group_put_in(rig->b->desk, &tx, number, tenant->tid, &verdict));
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%lld", (long long)number);
}
