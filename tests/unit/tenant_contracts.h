/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/contracts/change.h"
#include "registry/payout.h"
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

/* Papers that a change of an address, and a request for an account, are shown. */
static inline void tenant_paper(struct rig *rig, const struct tenant *tenant, const char *parent,
                                char id[API_PARAM_MAX + 1])
{
    (void)rig;
    (void)tenant;
    (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "premises");
}

static inline void tenant_proof(struct rig *rig, const struct tenant *tenant, const char *parent,
                                char id[API_PARAM_MAX + 1])
{
    (void)rig;
    (void)tenant;
    (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "account");
}

/* A request for another account that waits, with the mark as its holder; the one before is over. */
static inline void tenant_payout(struct rig *rig, const struct tenant *tenant, const char *parent,
                                 char id[API_PARAM_MAX + 1])
{
    struct payout_request r = {.asked_ms = rig->now_ms, .expires_ms = INT64_C(4102444800000)}, old;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    (void)parent;
    snprintf(r.details.mid, sizeof r.details.mid, "%s", tenant->mid);
    snprintf(r.details.holder, sizeof r.details.holder, "%s", tenant->mark);
    snprintf(r.details.bank, sizeof r.details.bank, "bank");
    snprintf(r.details.last4, sizeof r.details.last4, "0128");
    snprintf(r.asked_by, sizeof r.asked_by, "rig");
    r.details.sealed_len = 60;
    /* Numbers that nobody else's objects have (tenant_far). */
    assert_ok(store_exec(rig->b->store,
                         "INSERT INTO payout_request SELECT 900000000, 'nobody', '', '', '',"
                         " x'00', '', 0, 0, 1, '', 0 WHERE NOT EXISTS(SELECT 1 FROM"
                         " payout_request WHERE id = 900000000)"));
    assert_ok(store_begin(rig->b->store, &tx));
    err found = payout_request_latest(rig->b->store, tenant->mid, &old);
    if (!FAILED(found) && old.state == PAYOUT_WAITS)
        assert_ok(payout_settle(&tx, old.id, PAYOUT_WITHDRAWN, BYTES(""), rig->now_ms));
    assert_ok(payout_request_add(&tx, &r, &r.id));
    assert_ok(store_commit(&tx));
    snprintf(id, API_PARAM_MAX + 1, "%lld", (long long)r.id);
}
