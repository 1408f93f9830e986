/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/contracts/change.h"
#include "tests/unit/tenant_rig.h"
#include "tests/unit/tenant_tree.h"

/* The tenant's own, whose end was asked for, with the mark as the reason. Its name is the
 * merchant's number, which everybody of the merchant knows: that no other merchant sees it is in
 * contracts_test. */
static inline void tenant_contract(struct rig *rig, const struct tenant *tenant, const char *parent,
                                   char id[API_PARAM_MAX + 1])
{
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    enum contract_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    (void)parent;
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(contract_ask(&tx, &actor, tenant->mid, tenant->mark, &verdict));
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%s", tenant->mid);
}

/* A change of the tenant's own that waits, with the mark as its reason. */
static inline void tenant_change(struct rig *rig, const struct tenant *tenant, const char *parent,
                                 char id[API_PARAM_MAX + 1])
{
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    const struct change_actor by = {&actor, false};
    struct change c = {.kind = CHANGE_ADDRESS, .values = {.address = "北京市海淀区中关村大街9号"}};
    enum change_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    (void)parent;
    snprintf(c.mid, sizeof c.mid, "%s", tenant->mid);
    snprintf(c.reason, sizeof c.reason, "%s", tenant->mark);
    /* Numbers that nobody else's objects have (tenant_far). */
    assert_ok(store_exec(rig->b->store,
                         "INSERT OR IGNORE INTO contract_change VALUES(900000000, 'nobody', 3, 5,"
                         " '', '', '', '', '', '', 0, '', '', '', 0, 0, '', 0)"));
    assert_ok(store_exec(rig->b->store, "UPDATE contract_change SET state = 5 WHERE state = 1"));
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(change_ask(rig->b, &tx, &by, &c, &c.id, &verdict));
    assert_int_equal(verdict, CHANGE_VERDICT_OK);
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%lld", (long long)c.id);
}
