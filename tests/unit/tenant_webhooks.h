/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/unit/tenant_rig.h"

static inline void tenant_webhook(struct rig *rig, const struct tenant *tenant, const char *parent,
                                  char id[API_PARAM_MAX + 1])
{
    (void)parent;
    assert_int_equal(rig_post(rig, tenant->owner, "/api/v1/webhooks",
                              "{\"url\":\"https://%s.example.com/\",\"kinds\":[\"*\"],"
                              "\"outlet\":%u}",
                              tenant->mark, tenant->outlet),
                     201);
    const char *at = strstr(rig->answer, "\"id\":");
    assert_non_null(at);
    snprintf(id, API_PARAM_MAX + 1, "%.*s", (int)strspn(at + 5, "0123456789"), at + 5);
}

static inline void tenant_delivery(struct rig *rig, const struct tenant *tenant, const char *parent,
                                   char id[API_PARAM_MAX + 1])
{
    char path[96];
    snprintf(path, sizeof path, "/api/v1/webhooks/%s/test", parent);
    assert_int_equal(rig_post(rig, tenant->owner, path, "{}"), 201);
    const char *at = strstr(rig->answer, "\"id\":");
    assert_non_null(at);
    snprintf(id, API_PARAM_MAX + 1, "%.*s", (int)strspn(at + 5, "0123456789"), at + 5);
}
