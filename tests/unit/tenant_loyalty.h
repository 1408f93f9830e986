/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "backoffice/loyalty/member_seal.h"
#include "loyalty/campaign.h"
#include "loyalty/programme.h"
#include "tests/unit/tenant_rig.h"

/* Versions that no number of another object is: what is said for an id may stand where a version
 * does, and would be right by chance. */
#define TENANT_PROGRAMME_VERSION "700000002"
#define TENANT_MEMBER_VERSION    "700000003"
enum { TENANT_CAMPAIGN_VERSION = 61 };

/* The same for all outlets of a merchant. */
static inline void tenant_programme(struct rig *rig, const struct tenant *tenant)
{
    struct loyalty_programme programme = {.tiers = 1, .expiry_months = 12};
    enum loyalty_verdict verdict;
    snprintf(programme.merchant, sizeof programme.merchant, "%s", tenant->mid);
    assert_ok(loyalty_programme_save(rig->b->loyalty, &programme, &verdict));
    assert_true(verdict == LOYALTY_DONE || verdict == LOYALTY_CHANGED);
    assert_ok(
        store_exec(rig->b->loyalty, "UPDATE programme SET version = " TENANT_PROGRAMME_VERSION));
}

/* A member whose name is the tenant's mark, each with a number of his own. */
static inline void tenant_member(struct rig *rig, const struct tenant *tenant, const char *parent,
                                 char id[API_PARAM_MAX + 1])
{
    static int made;
    const struct random random = random_from_seed(&rig->source);
    struct member_plain plain = {.phone = ""};
    struct member_sealed sealed;
    enum loyalty_verdict verdict;
    char member[LOYALTY_ID_LEN + 1];
    (void)parent;
    tenant_programme(rig, tenant);
    snprintf(plain.phone, sizeof plain.phone, "1380000%04d", ++made);
    snprintf(plain.name, sizeof plain.name, "%s", tenant->mark);
    assert_ok(member_seal(rig->b, tenant->mid, &plain, &sealed));
    const struct loyalty_enrolment enrolment = {
        .merchant = bytes_text(tenant->mid),
        .phone_index = BYTES_OF(sealed.phone_index),
        .tail_index = BYTES_OF(sealed.tail_index),
        .phone_sealed = bytes_of(sealed.phone, sealed.phone_len),
        .name_sealed = bytes_of(sealed.name, sealed.name_len),
        .text_version = BYTES("rig"),
        .consent = {[LOYALTY_CONSENT_PROGRAMME] = true},
        .at_ms = rig->now_ms};
    assert_ok(loyalty_enrol(rig->b->loyalty, &random, &enrolment, &verdict, member));
    assert_int_equal(verdict, LOYALTY_DONE);
    assert_ok(store_exec(rig->b->loyalty, "UPDATE member SET version = " TENANT_MEMBER_VERSION));
    snprintf(id, API_PARAM_MAX + 1, "%s", member);
}

/* A campaign with the tenant's mark. */
static inline void tenant_campaign(struct rig *rig, const struct tenant *tenant, const char *parent,
                                   char id[API_PARAM_MAX + 1])
{
    const struct random random = random_from_seed(&rig->source);
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
    tenant_programme(rig, tenant);
    snprintf(campaign.name_zh, sizeof campaign.name_zh, "%s", tenant->mark);
    snprintf(campaign.name_en, sizeof campaign.name_en, "%s", tenant->mark);
    while (campaign.version < TENANT_CAMPAIGN_VERSION) {
        assert_ok(
            loyalty_campaign_save(rig->b->loyalty, &random, &act, &campaign, &verdict, &fault));
        assert_int_equal(verdict, LOYALTY_DONE);
    }
    snprintf(id, API_PARAM_MAX + 1, "%s", campaign.id);
}
