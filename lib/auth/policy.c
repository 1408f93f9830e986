/* SPDX-License-Identifier: Apache-2.0 */
/* The rules in their order; what makes a number easy to guess is in policy_numbers.c. */
#include "lib/auth/policy.h"

#include "lib/auth/policy_numbers.h"

struct policy policy_for(enum policy_role role)
{
    switch (role) {
    case POLICY_CASHIER:
    case POLICY_SUPERVISOR:
        return (struct policy){.min = 6, .max = POLICY_DIGITS_MAX};
    case POLICY_ADMINISTRATOR:
        break;
    }
    ENSURE(role == POLICY_ADMINISTRATOR);
    return (struct policy){.min = 8, .max = POLICY_DIGITS_MAX};
}

static bool touches_own_number(const struct policy_context *context, struct bytes candidate)
{
    ENSURE(context->count <= POLICY_NUMBERS_MAX);
    for (size_t i = 0; i < context->count; i++)
        if (number_is_part_of(candidate, context->number[i])) return true;
    return false;
}

enum policy_verdict policy_check(struct policy policy, const struct policy_context *context,
                                 struct bytes candidate)
{
    ENSURE(policy.min >= 4 && policy.min <= policy.max && policy.max <= POLICY_DIGITS_MAX);
    if (candidate.len > 0 && !bytes_all_digits(candidate)) return POLICY_NOT_DIGITS;
    if (candidate.len < policy.min) return POLICY_TOO_SHORT;
    if (candidate.len > policy.max) return POLICY_TOO_LONG;
    if (number_repeats(candidate)) return POLICY_REPEATS;
    if (number_is_run(candidate)) return POLICY_RUN;
    if (number_is_date(candidate)) return POLICY_DATE;
    if (number_is_published(candidate)) return POLICY_PUBLISHED;
    if (touches_own_number(context, candidate)) return POLICY_OWN_NUMBER;
    return POLICY_OK;
}

const char *policy_verdict_text(enum policy_verdict verdict)
{
    static const char *const texts[POLICY_VERDICTS] = {
#define X(name, text) text,
        POLICY_VERDICT_LIST(X)
#undef X
    };
    return verdict < POLICY_VERDICTS ? texts[verdict] : "unknown verdict";
}
