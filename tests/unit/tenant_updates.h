/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/unit/tenant_rig.h"

/* A roll-out of the acquirer's; its file carries the tenant's mark. No repository is published on
 * this bench, so it stands in the table as rollout_make() would write it. */
static inline void tenant_rollout(struct rig *rig, const struct tenant *tenant, const char *parent,
                                  char id[API_PARAM_MAX + 1])
{
    static int64_t image;
    struct store_statement *put;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    (void)parent;
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(
        store_statement(rig->b->store,
                        "INSERT INTO rollout(name, model, image, stage, state, hours, fail_percent,"
                        " unknown_hours, stage_hours, made_ms, stage_ms, actor)"
                        " VALUES(?, 'TB-9', ?, 1, 2, '', 5, 72, 24, 1, 1, 'rig')",
                        &put));
    store_bind_text(put, bytes_text(tenant->mark));
    store_bind_int(put, ++image);
    assert_ok(store_run(put));
    snprintf(id, API_PARAM_MAX + 1, "%lld", (long long)store_last_id(rig->b->store));
    assert_ok(store_commit(&tx));
}
