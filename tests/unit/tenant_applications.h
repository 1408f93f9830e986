/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/unit/tenant_rig.h"

/* Entered by the merchant for somebody: it is the merchant's as a whole, not one outlet's. */
static inline void tenant_application(struct rig *rig, const struct tenant *tenant,
                                      const char *parent, char id[API_PARAM_MAX + 1])
{
    char path[96], body[96];
    (void)parent;
    assert_int_equal(rig_post(rig, tenant->owner, "/api/v1/applications", "{\"english\":true}"),
                     201);
    rig_member(rig, "number", id, API_PARAM_MAX + 1);
    snprintf(path, sizeof path, "/api/v1/applications/%s", id);
    snprintf(body, sizeof body, "{\"shop\":\"开源%s茶馆\"}", tenant->mark);
    assert_int_equal(rig_ask(rig, tenant->owner, "PUT", path, body), 200);
}

/* A word of a list that is everybody's. */
static inline void tenant_document_kind(struct rig *rig, const struct tenant *tenant,
                                        const char *parent, char id[API_PARAM_MAX + 1])
{
    (void)rig;
    (void)tenant;
    (void)parent;
    snprintf(id, API_PARAM_MAX + 1, "licence");
}
