/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How old may a password be? By default never too old: at 180 days its owner is reminded to look at
 * it (the guide's six months), since forced changes make passwords worse (NIST SP 800-63B-4
 * 3.1.1.2). Only rule set djbp-l3 ends one, after a few more logins.
 */
#include "lib/auth/policy.h"

#define DAY_MS INT64_C(86400000)

enum { FIRST_REMINDER_DAYS = 30, SECOND_REMINDER_DAYS = 7, LAST_REMINDER_DAYS = 7 };

/* Rounded down, so that the day itself begins exactly when it is due. */
static int32_t whole_days(int64_t ms)
{
    return (int32_t)(ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS));
}

static uint8_t reminder_at(int64_t left_ms)
{
    if (left_ms > FIRST_REMINDER_DAYS * DAY_MS) return 0;
    if (left_ms > SECOND_REMINDER_DAYS * DAY_MS) return 1;
    if (left_ms > 0) return 2;
    return left_ms > -LAST_REMINDER_DAYS * DAY_MS ? 3 : 4;
}

struct policy_review policy_review(const struct policy *policy, int64_t since_ms, int64_t now_ms,
                                   uint8_t grace_used)
{
    ENSURE(policy->review_after_days > 0 && since_ms >= 0 && now_ms >= 0);
    int64_t gone_ms = now_ms > since_ms ? now_ms - since_ms : 0;
    int64_t left_ms = policy->review_after_days * DAY_MS - gone_ms;
    struct policy_review review = {.reminder = reminder_at(left_ms),
                                   .days_left = whole_days(left_ms)};
    if (review.reminder == 0) review.age = POLICY_AGE_FINE;
    else if (left_ms > 0) review.age = POLICY_AGE_REMIND;
    else if (!policy->expires) review.age = POLICY_AGE_DUE;
    else review.age = grace_used < policy->grace ? POLICY_AGE_GRACE : POLICY_AGE_MUST_CHANGE;
    if (review.age == POLICY_AGE_GRACE) review.grace_left = (uint8_t)(policy->grace - grace_used);
    return review;
}

bool policy_old_enough(const struct policy *policy, int64_t set_ms, int64_t now_ms)
{
    return now_ms < set_ms || now_ms - set_ms >= (int64_t)policy->min_age_s * 1000;
}
