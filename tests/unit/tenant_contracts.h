/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/contracts/contract.h"
#include "tests/unit/tenant_rig.h"

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
