/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A shop with members and running campaigns. */

#include "loyalty/redemption.h"
#include "tests/unit/loyalty_rig.h"
#include "tests/unit/offer_rig.h"

static inline struct loyalty_act rig_act(const char *by)
{
    return (struct loyalty_act){.merchant = RIG_SHOP, .by = bytes_text(by), .at_ms = RIG_NOW_MS};
}

static inline enum loyalty_verdict rig_save(struct loyalty_rig *rig, const char *by,
                                            struct offer_campaign *campaign)
{
    struct loyalty_act act = rig_act(by);
    enum loyalty_verdict verdict;
    enum offer_fault fault;
    assert_ok(loyalty_campaign_save(rig->store, &rig->random, &act, campaign, &verdict, &fault));
    return verdict;
}

static inline enum loyalty_verdict
rig_move(struct loyalty_rig *rig, struct offer_campaign *campaign, enum loyalty_campaign_state to)
{
    struct loyalty_act act = rig_act("owner");
    enum loyalty_verdict verdict;
    assert_ok(loyalty_campaign_move(rig->store, &act, bytes_text(campaign->id), campaign->version,
                                    to, &verdict, &campaign->version));
    return verdict;
}

/* Saves it as a new one, and lets it run. */
static inline void rig_run(struct loyalty_rig *rig, struct offer_campaign *campaign)
{
    campaign->id[0] = '\0';
    assert_verdict(rig_save(rig, "owner", campaign), DONE);
    assert_verdict(rig_move(rig, campaign, LOYALTY_RUNNING), DONE);
}

static inline struct loyalty_campaign rig_read(struct loyalty_rig *rig, const char *id)
{
    struct loyalty_campaign c;
    enum loyalty_verdict verdict;
    assert_ok(loyalty_campaign(rig->store, RIG_SHOP, bytes_text(id), &verdict, &c));
    assert_verdict(verdict, DONE);
    return c;
}

static inline struct loyalty_ask rig_ask(const char *member, int64_t price_minor)
{
    return (struct loyalty_ask){
        .merchant = RIG_SHOP, .member = bytes_text(member), .sale = rig_sale(price_minor)};
}

/* Reserves one part of one campaign. */
static inline enum loyalty_verdict rig_reserve(struct loyalty_rig *rig, const char *key,
                                               const struct loyalty_ask *ask, const char *campaign,
                                               int64_t minor, const char *coupon)
{
    struct loyalty_reservation r = {.ask = *ask, .key = bytes_text(key), .parts = 1};
    enum loyalty_verdict verdict;
    r.part[0] = (struct loyalty_part){bytes_text(campaign), bytes_text(coupon), minor};
    assert_ok(loyalty_reserve(rig->store, &r, &verdict));
    return verdict;
}

static inline enum loyalty_verdict rig_give(struct loyalty_rig *rig, const char *key)
{
    enum loyalty_verdict verdict;
    assert_ok(loyalty_give(rig->store, bytes_text(key), RIG_NOW_MS, &verdict));
    return verdict;
}

static inline enum loyalty_verdict rig_release(struct loyalty_rig *rig, const char *key)
{
    enum loyalty_verdict verdict;
    assert_ok(loyalty_release(rig->store, bytes_text(key), RIG_NOW_MS, &verdict));
    return verdict;
}

static inline enum loyalty_verdict rig_undo(struct loyalty_rig *rig, const char *key)
{
    enum loyalty_verdict verdict;
    assert_ok(loyalty_undo(rig->store, bytes_text(key), RIG_NOW_MS, &verdict));
    return verdict;
}

static inline void rig_coupon(struct loyalty_rig *rig, const char *campaign, const char *member,
                              const char *key, char code[LOYALTY_COUPON_LEN + 1])
{
    struct loyalty_coupon_issue issue = {RIG_SHOP,           bytes_text(campaign),
                                         bytes_text(member), bytes_text(key),
                                         RIG_NOW_MS,         RIG_NOW_MS + 30 * RIG_A_DAY_MS};
    enum loyalty_verdict verdict;
    assert_ok(loyalty_coupon_issue(rig->store, &rig->random, &issue, &verdict, code));
    assert_verdict(verdict, DONE);
}
