/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/goods/goods.h"
#include "tests/unit/tenant_keys.h"

static inline void tenant_goods_level(struct rig *rig, const struct tenant *tenant,
                                      const char *parent, char id[API_PARAM_MAX + 1])
{
    (void)rig, (void)tenant, (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "outlets");
}

/* His outlet, of whose prices something was said for a reason that carries his mark. */
static inline void tenant_goods_subject(struct rig *rig, const struct tenant *tenant,
                                        const char *parent, char id[API_PARAM_MAX + 1])
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct goods_version v = {.level = PARAMETERS_OUTLET}, made;
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    (void)parent;
    snprintf(v.subject, sizeof v.subject, "%.15s-%u", tenant->mid, tenant->outlet % 10000);
    snprintf(v.reason, sizeof v.reason, "%s", tenant->mark);
    snprintf(id, API_PARAM_MAX + 1, "%s", v.subject);
    goods_changes_begin(&w);
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(goods_put(rig->b->desk, &tx, &v, writer_view(&w), 0, "rig", &made));
    assert_ok(store_commit(&tx));
}
