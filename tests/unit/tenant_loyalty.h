/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "loyalty/campaign.h"
#include "loyalty/programme.h"
#include "tests/unit/tenant_rig.h"

/* Versions that no number of another object is: what is said for an id may stand where a version
 * does, and would be right by chance. */
#define TENANT_PROGRAMME_VERSION "700000002"
enum { TENANT_CAMPAIGN_VERSION = 61 };

/* A merchant's programme, the same for its outlets, and a campaign with the tenant's mark. */
static inline void tenant_campaign(struct rig *rig, const struct tenant *tenant, const char *parent,
                                   char id[API_PARAM_MAX + 1])
{
    const struct random random = random_from_seed(&rig->source);
    struct loyalty_programme programme = {.tiers = 1, .expiry_months = 12};
    struct loyalty_act act = {
        .merchant = bytes_text(tenant->mid), .by = BYTES("rig"), .at_ms = rig->now_ms};
    struct offer_campaign campaign = {.kind = OFFER_AMOUNT_OFF,
                                      .measure = OFFER_BY_AMOUNT,
                                      .off_minor = 1000,
                                      .until_ms = rig->now_ms,
                                      .weekdays = 0x7f,
                                      .until_minute = OFFER_DAY_MINUTES,
                                      .budget_minor = 100000,
                                      .stacking = OFFER_ALONE};
    enum loyalty_verdict verdict;
    enum offer_fault fault;
    (void)parent;
    snprintf(programme.merchant, sizeof programme.merchant, "%s", tenant->mid);
    assert_ok(loyalty_programme_save(rig->b->loyalty, &programme, &verdict));
    assert_true(verdict == LOYALTY_DONE || verdict == LOYALTY_CHANGED);
    assert_ok(
        store_exec(rig->b->loyalty, "UPDATE programme SET version = " TENANT_PROGRAMME_VERSION));
    snprintf(campaign.name_zh, sizeof campaign.name_zh, "%s", tenant->mark);
    snprintf(campaign.name_en, sizeof campaign.name_en, "%s", tenant->mark);
    while (campaign.version < TENANT_CAMPAIGN_VERSION) {
        assert_ok(
            loyalty_campaign_save(rig->b->loyalty, &random, &act, &campaign, &verdict, &fault));
        assert_int_equal(verdict, LOYALTY_DONE);
    }
    snprintf(id, API_PARAM_MAX + 1, "%s", campaign.id);
}
