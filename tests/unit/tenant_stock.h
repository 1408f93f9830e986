/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/stock/stock.h"
#include "tests/unit/tenant_rig.h"

/* A device of its own number and key, assigned to the tenant. */
static inline void tenant_stock(struct rig *rig, const struct tenant *tenant, const char *parent,
                                char id[API_PARAM_MAX + 1])
{
    static unsigned made;
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    const struct stock_model model = {.model = "TB-1", .form = "TB1-####-######", .kind = 3};
    struct stock_terminal terminal;
    struct stock_taken taken;
    enum stock_verdict verdict;
    char list[200];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "TB1-2030-%06u", ++made);
    snprintf(list, sizeof list, "serial,model,print\n%s,TB-1,%064u\n", id, made);
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(stock_model_add(&tx, &model, rig->now_ms, &verdict));
    assert_ok(stock_take_in(&tx, &actor, bytes_text(list), &taken));
    assert_int_equal(taken.verdict, STOCK_OK);
    assert_ok(stock_find(rig->b->store, bytes_text(id), &terminal));
    assert_ok(stock_assign(&tx, &actor, tenant->mid, tenant->mark, &terminal, &verdict));
    assert_int_equal(verdict, STOCK_OK);
    assert_ok(store_commit(&tx));
}

static inline void tenant_stock_state(struct rig *rig, const struct tenant *tenant,
                                      const char *parent, char id[API_PARAM_MAX + 1])
{
    (void)rig;
    (void)tenant;
    (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "assigned");
}
