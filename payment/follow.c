/* SPDX-License-Identifier: Apache-2.0 */
/* The rules by which one payment follows another, and the fold of what has followed. */
#include "payment/follow.h"

#define DAY_MS INT64_C(86400000)

bool payment_follows(enum payment_state state)
{
    switch (state) {
    case PAYMENT_PENDING:
    case PAYMENT_REVERSING:
    case PAYMENT_APPROVED:
    case PAYMENT_CAPTURED:
    case PAYMENT_SETTLED:
    case PAYMENT_OFFLINE: /* told, not asked: it has happened, whoever has not heard of it yet */
    case PAYMENT_DISPUTED:
        return true;
    default:
        return false;
    }
}

void payment_trail_add(struct payment_trail *trail, enum payment_type type,
                       enum payment_state state, int64_t amount_minor)
{
    if (!payment_follows(state)) return;
    bool decided = payment_state_final(state) || state == PAYMENT_DISPUTED; /* by a person, soon */
    trail->under_way = trail->under_way || !decided;
    switch (type) {
    case PAYMENT_REFUND:
    case PAYMENT_REDEEM_REFUND:
        trail->given_minor += amount_minor;
        return;
    case PAYMENT_PREAUTH_ADD:
        /* Only what the issuer has agreed to can be completed. */
        if (payment_state_final(state)) trail->raised_minor += amount_minor;
        return;
    case PAYMENT_COMPLETION:
    case PAYMENT_COMPLETION_ADVICE:
        trail->captured = true;
        return;
    default:
        trail->voided = true;
        return;
    }
}

int64_t payment_trail_left(const struct payment_trail *trail, const struct payment *original)
{
    return trail->voided ? 0 : original->amount_minor - trail->given_minor;
}

int64_t payment_trail_whole(const struct payment_trail *trail, const struct payment *original)
{
    return original->amount_minor + trail->raised_minor;
}

/* A reference that was typed does not say who had shown the code. */
static bool same_means(enum payment_means a, enum payment_means b)
{
    return a == b || (payment_by_code(a) && payment_by_code(b));
}

/* Is it the right kind of payment, of this merchant, and did it happen? */
static const char *original_refusal(const struct payment *payment, const struct payment *original)
{
    const struct payment_type_row *row = payment_type_row(payment->type);
    if (strcmp(payment->mid, original->mid) != 0) return "25";
    if (!payment_state_final(original->state))
        return payment_follows(original->state) && original->state != PAYMENT_DISPUTED ? "BA"
                                                                                       : "25";
    if (!payment_follows(original->state)) return "25";
    if ((row->originals & 1u << original->type) == 0) return "12";
    if (!same_means(payment->means, original->means)) return "12";
    if (payment->currency != original->currency) return "12";
    bool tokens = payment->token[0] != '\0' && original->token[0] != '\0';
    return tokens && strcmp(payment->token, original->token) != 0 ? "B7" : NULL;
}

static const char *time_refusal(const struct payment *payment, const struct payment *original,
                                uint32_t batch, int64_t now_ms)
{
    const struct payment_type_row *row = payment_type_row(payment->type);
    if (row->same_batch && strcmp(payment->key.tid, original->key.tid) != 0) return "B3";
    if (row->same_batch && original->key.batch != batch) return "B4";
    if (row->days > 0 && now_ms - original->created_ms > row->days * DAY_MS) return "B5";
    return NULL;
}

static const char *trail_refusal(enum payment_type type, const struct payment_trail *trail)
{
    const struct payment_type_row *row = payment_type_row(type);
    bool back = payment_returns(type);
    bool parts = back && !row->whole; /* refunds may be several */
    if (trail->full) return "BD";
    if (trail->under_way && !parts) return "BA";
    if (trail->voided) return trail->under_way ? "BA" : "B1";
    if (trail->captured) return "B6";
    if (row->whole && trail->given_minor > 0) return "B9";
    return row->whole && trail->disputed_minor > 0 ? "BE" : NULL;
}

static const char *amount_refusal(const struct payment *payment, const struct payment *original,
                                  const struct payment_trail *trail)
{
    const struct payment_type_row *row = payment_type_row(payment->type);
    int64_t whole_minor = payment_trail_whole(trail, original);
    if (row->whole) return payment->amount_minor == whole_minor ? NULL : "64";
    if (row->per_cent > 0)
        return payment->amount_minor * 100 <= whole_minor * row->per_cent ? NULL : "B8";
    if (!payment_returns(payment->type)) return NULL;
    int64_t left_minor = payment_trail_left(trail, original);
    if (payment->amount_minor > left_minor) return "B2";
    /* It may go back by the dispute: not a second time beside it. */
    return payment->amount_minor <= left_minor - trail->disputed_minor ? NULL : "BE";
}

const char *payment_follow_refusal(const struct payment *payment, const struct payment *original,
                                   const struct payment_trail *trail, uint32_t batch,
                                   int64_t now_ms)
{
    ENSURE(payment_linked(payment->type) && payment->amount_minor > 0);
    const char *code = original_refusal(payment, original);
    if (code == NULL) code = time_refusal(payment, original, batch, now_ms);
    if (code == NULL) code = trail_refusal(payment->type, trail);
    return code != NULL ? code : amount_refusal(payment, original, trail);
}
