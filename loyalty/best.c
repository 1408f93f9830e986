/* SPDX-License-Identifier: Apache-2.0 */
/* Running campaigns, a member and a sale as offer_best() wants them, from the store. */
#include "loyalty/best.h"

#include "lib/base/clock.h"
#include "loyalty/programme.h"

int64_t loyalty_day(int64_t at_ms)
{
    return (at_ms + CLOCK_CHINA_OFFSET_MS) / LOYALTY_DAY_MS;
}

static err read_member(struct store *store, const struct loyalty_ask *ask, struct offer_member *out)
{
    struct loyalty_member member = {{0}};
    bool counts = false;
    *out = (struct offer_member){.known = false};
    TRY(loyalty_member_counts(store, ask->merchant, ask->member, &counts, &member));
    if (!counts) return OK;
    struct loyalty_programme programme;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    int64_t tier = 0;
    TRY(loyalty_programme(store, ask->merchant, &verdict, &programme));
    if (verdict == LOYALTY_DONE)
        TRY(loyalty_tier_at(store, &programme, ask->member, ask->sale.at_ms, &tier));
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT count(*) FROM purchase WHERE member = ? AND amount_minor >"
                        " refunded_minor",
                        &query));
    store_bind_text(query, ask->member);
    bool row = false;
    TRY(store_step(query, &row));
    *out = (struct offer_member){.known = true,
                                 .tier = (uint8_t)tier,
                                 .birth_month = (uint8_t)(member.birthday / 100),
                                 .birth_day = (uint8_t)(member.birthday % 100),
                                 .purchases = (uint32_t)store_read_int(query)};
    return loyalty_row_end(query);
}

static err read_uses(struct store *store, const struct loyalty_ask *ask,
                     struct offer_candidate *candidate)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT count(*), coalesce(sum(day = ?), 0) FROM redemption"
                        " WHERE campaign = ? AND member = ? AND state IN (1, 2, 5)",
                        &query));
    static_assert((int)REDEMPTION_RESERVED == 1 && (int)REDEMPTION_GIVEN == 2 &&
                      (int)REDEMPTION_OVER == 5,
                  "in the statement");
    store_bind_int(query, loyalty_day(ask->sale.at_ms));
    store_bind_text(query, bytes_text(candidate->campaign->id));
    store_bind_text(query, ask->member);
    bool row = false;
    TRY(store_step(query, &row));
    candidate->used = (uint32_t)store_read_int(query);
    candidate->used_today = (uint32_t)store_read_int(query);
    return loyalty_row_end(query);
}

static err read_stamps(struct store *store, const struct loyalty_ask *ask,
                       struct offer_candidate *candidate)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT count(*) FROM purchase WHERE member = ? AND at_ms >= ? AND"
                        " amount_minor > refunded_minor",
                        &query));
    store_bind_text(query, ask->member);
    store_bind_int(query, candidate->campaign->from_ms);
    bool row = false;
    TRY(store_step(query, &row));
    candidate->stamps = (uint32_t)store_read_int(query);
    return loyalty_row_end(query);
}

/* A coupon that is shown, or else the member's own. */
static err find_coupon(struct store *store, const struct loyalty_ask *ask, const char *campaign,
                       bool member_known, char *code)
{
    code[0] = '\0';
    for (size_t i = 0; i < ask->coupons && code[0] == '\0'; i++) {
        enum loyalty_verdict verdict = LOYALTY_DONE;
        if (ask->coupon[i].len > LOYALTY_COUPON_LEN) continue;
        TRY(loyalty_coupon_judge(store, ask->coupon[i], bytes_text(campaign), ask->member,
                                 ask->sale.at_ms, &verdict));
        if (verdict != LOYALTY_DONE) continue;
        TRY(bytes_to_text(ask->coupon[i], code, LOYALTY_COUPON_LEN + 1));
    }
    if (code[0] != '\0' || !member_known) return OK;
    return loyalty_coupon_of(store, bytes_text(campaign), ask->member, ask->sale.at_ms, code);
}

static err read_candidate(struct store *store, const struct loyalty_ask *ask, const char *id,
                          struct loyalty_candidates *out)
{
    struct loyalty_campaign c = {.state = LOYALTY_DRAFT};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    size_t at = out->count;
    TRY(loyalty_campaign(store, ask->merchant, bytes_text(id), &verdict, &c));
    if (verdict != LOYALTY_DONE || c.state != LOYALTY_RUNNING) return OK;
    out->best->campaign[at] = c.offer;
    struct offer_candidate *candidate = &out->candidate[at];
    *candidate = (struct offer_candidate){.campaign = &out->best->campaign[at],
                                          .left_minor = c.left_minor,
                                          .left_count = c.left_uses};
    if (out->member.known) {
        TRY(read_uses(store, ask, candidate));
        TRY(read_stamps(store, ask, candidate));
    }
    if (c.offer.kind == OFFER_COUPON)
        TRY(find_coupon(store, ask, id, out->member.known, out->best->coupon[at]));
    candidate->has_coupon = out->best->coupon[at][0] != '\0';
    out->count++;
    return OK;
}

err loyalty_candidates(struct store *store, const struct loyalty_ask *ask,
                       const struct loyalty_campaign_ids *ids, struct loyalty_best *best,
                       struct loyalty_candidates *out)
{
    ENSURE(ask->coupons <= LOYALTY_SHOWN_MAX);
    *out = (struct loyalty_candidates){.best = best};
    memset(best->coupon, 0, sizeof best->coupon);
    TRY(read_member(store, ask, &out->member));
    for (size_t i = 0; i < ids->count; i++) TRY(read_candidate(store, ask, ids->id[i], out));
    offer_best(out->candidate, out->count, &out->member, &ask->sale, &best->result);
    return OK;
}

err loyalty_best(struct store *store, const struct loyalty_ask *ask, struct loyalty_best *out)
{
    struct loyalty_campaign_ids ids;
    struct loyalty_candidates candidates;
    TRY(loyalty_campaigns_running(store, ask->merchant, &ids));
    return loyalty_candidates(store, ask, &ids, out, &candidates);
}
