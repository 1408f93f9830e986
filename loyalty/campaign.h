/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * campaign: the campaigns of a merchant, kept with their versions and states (S150). What one says
 * is struct offer_campaign (offer/campaign.h); here is who may change it when, and its budget.
 *
 * The budget is two accounts of the campaign, in fen and in uses (LOYALTY_CURRENCY_USES), which
 * never go below zero. They are filled when it starts to run, follow when its budget is changed,
 * and what is left goes back when it ends. So what has been given, is reserved or is lent to
 * devices is never more than the budget, whoever asks at once.
 */

#include "loyalty/loyalty.h"
#include "offer/best.h"

/* On disk: never renumbered. */
enum loyalty_campaign_state {
    LOYALTY_DRAFT = 1, /* being written; gives nothing */
    LOYALTY_RUNNING,
    LOYALTY_PAUSED, /* gives nothing for a while; what is reserved or lent still counts */
    LOYALTY_ENDED,  /* for good */
    LOYALTY_CAMPAIGN_STATES,
};

enum { LOYALTY_BY_MAX = 32 /* who changed it: an account's number */ };

struct loyalty_campaign {
    struct offer_campaign offer; /* its id and version are the campaign's */
    char merchant[LOYALTY_MERCHANT_MAX + 1];
    enum loyalty_campaign_state state;
    int64_t changed_ms;
    char changed_by[LOYALTY_BY_MAX + 1];
    int64_t left_minor, left_uses; /* free; uses OFFER_MINOR_MAX and less when there is no limit */
    int64_t given_minor, given_uses;
};

/* Who does it, and when. */
struct loyalty_act {
    struct bytes merchant;
    struct bytes by; /* 1 to LOYALTY_BY_MAX */
    int64_t at_ms;
    struct bytes key; /* of this asking, to LOYALTY_ASKING_MAX: a repeat changes nothing more */
};

/*
 * Saves a campaign. Without an id it is a new draft, and gets one, with version 1. Otherwise
 * `version` is the one that was seen: CHANGED when somebody else has saved since, and nothing is
 * overwritten. On DONE, and on REPEATED of the same key, `campaign` carries its id and new version.
 * Of a running or paused one the budget may be raised, or lowered down to what is given, reserved
 * and lent (BUDGET_GIVEN). BUDGET_ZERO; CAMPAIGN_FAULT with *ret_fault; NO_CAMPAIGN; CAMPAIGN_STATE
 * (ended); NO_PROGRAMME.
 */
MUST_USE err loyalty_campaign_save(struct store *store, const struct random *random,
                                   const struct loyalty_act *act, struct offer_campaign *campaign,
                                   enum loyalty_verdict *ret_verdict, enum offer_fault *ret_fault);

/*
 * DRAFT to RUNNING, RUNNING to PAUSED and back, RUNNING and PAUSED to ENDED, DRAFT to ENDED.
 * `version` as above; *ret_version is the new one. REPEATED, CHANGED, CAMPAIGN_STATE, NO_CAMPAIGN,
 * TOO_MANY (OFFER_CANDIDATES_MAX run or are paused already).
 */
MUST_USE err loyalty_campaign_move(struct store *store, const struct loyalty_act *act,
                                   struct bytes id, uint32_t version,
                                   enum loyalty_campaign_state to,
                                   enum loyalty_verdict *ret_verdict, uint32_t *ret_version);

/* DONE or NO_CAMPAIGN. */
MUST_USE err loyalty_campaign(struct store *store, struct bytes merchant, struct bytes id,
                              enum loyalty_verdict *ret_verdict, struct loyalty_campaign *out);

/* Ids of a merchant's campaigns above `after`, in their order; fewer than `max`: those are all. */
struct loyalty_campaign_ids {
    size_t count;
    char id[OFFER_CANDIDATES_MAX][LOYALTY_ID_LEN + 1];
};
MUST_USE err loyalty_campaigns(struct store *store, struct bytes merchant, struct bytes after,
                               struct loyalty_campaign_ids *out);
/* Those that are running: all that are delivered to its terminals. */
MUST_USE err loyalty_campaigns_running(struct store *store, struct bytes merchant,
                                       struct loyalty_campaign_ids *out);

/* A version as it was saved, or NO_CAMPAIGN: what the owner is shown beside his own on CHANGED. */
MUST_USE err loyalty_campaign_version(struct store *store, struct bytes id, uint32_t version,
                                      enum loyalty_verdict *ret_verdict,
                                      struct offer_campaign *out);
