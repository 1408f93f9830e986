/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/parameters/parameters.h"
#include "tests/unit/tenant_devices.h"

static inline void tenant_level(struct rig *rig, const struct tenant *tenant, const char *parent,
                                char id[API_PARAM_MAX + 1])
{
    (void)rig, (void)tenant, (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "terminals");
}

/* A terminal of his, with something set that carries his mark. */
static inline void tenant_subject(struct rig *rig, const struct tenant *tenant, const char *parent,
                                  char id[API_PARAM_MAX + 1])
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct parameters_version v = {.level = PARAMETERS_TERMINAL, .stage = 100, .reason = "made"};
    struct device_parameter_value *banner = &v.set.value[DEVICE_PARAMETER_banner];
    int64_t version = 0;
    tenant_device(rig, tenant, parent, id);
    snprintf(v.subject, sizeof v.subject, "%.8s", id);
    banner->set = true;
    snprintf(banner->text, sizeof banner->text, "%s", tenant->mark);
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(parameters_put(rig->b->desk, &tx, &v, "rig", &version));
    assert_ok(store_commit(&tx));
}

/* The first that was set there: it counts within its subject. */
static inline void tenant_version(struct rig *rig, const struct tenant *tenant, const char *parent,
                                  char id[API_PARAM_MAX + 1])
{
    (void)rig, (void)tenant, (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "1");
}
