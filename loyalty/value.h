/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * value: stored value (储值) that members have paid in, with what the shop gave on top (S149).
 *
 * What a member has paid for is 2320, what was given on top 2330 (docs/accounts.md); both are what
 * the merchant owes. Principal is spent first and the bonus last, so that nobody takes the bonus
 * and asks for his money back; what goes back of a payment goes in the reverse order. All of it
 * stays between shop and member: a top-up is paid by whatever means, and this is not that payment.
 */

#include "loyalty/programme.h"

struct loyalty_value_order {
    struct bytes merchant, key, member;
    int64_t amount_minor; /* 1 to LOYALTY_AMOUNT_MAX */
    int64_t at_ms;
};

/* After the top-up was paid. DONE, REPEATED, OTHER_CONTENT, AMOUNT, WITHOUT_MEMBER, NO_PROGRAMME.
 * *ret_bonus_minor is what was given on top (programme.h). */
MUST_USE err loyalty_value_top_up(struct store *store, const struct loyalty_value_order *order,
                                  enum loyalty_verdict *ret_verdict, int64_t *ret_bonus_minor);

/* Reserves for a payment, before it is made. DONE, REPEATED, OTHER_CONTENT, VALUE_SHORT, AMOUNT,
 * WITHOUT_MEMBER. */
MUST_USE err loyalty_value_hold(struct store *store, const struct loyalty_value_order *order,
                                enum loyalty_verdict *ret_verdict);
/* The payment came about, or did not. DONE, REPEATED, NO_PAYMENT, DECIDED. */
MUST_USE err loyalty_value_commit(struct store *store, struct bytes key, int64_t at_ms,
                                  enum loyalty_verdict *ret_verdict);
MUST_USE err loyalty_value_release(struct store *store, struct bytes key, int64_t at_ms,
                                   enum loyalty_verdict *ret_verdict);

/* Of a payment that was made, bonus first. DONE, REPEATED, OTHER_CONTENT, NO_PAYMENT, TOO_MUCH,
 * AMOUNT, WITHOUT_MEMBER (erased: the shop gives the money to the customer). */
MUST_USE err loyalty_value_give_back(struct store *store, struct bytes key, struct bytes refund_key,
                                     int64_t amount_minor, int64_t at_ms,
                                     enum loyalty_verdict *ret_verdict);

/*
 * Closes a member's stored value: the principal that is left is *ret_minor, for the shop to pay
 * out, and the bonus lapses. Also of one who has left. DONE (also of nothing), REPEATED,
 * OTHER_CONTENT, UNDECIDED (something is held), NO_MEMBER.
 */
MUST_USE err loyalty_value_pay_out(struct store *store, struct bytes merchant, struct bytes member,
                                   struct bytes key, int64_t at_ms,
                                   enum loyalty_verdict *ret_verdict, int64_t *ret_minor);

struct loyalty_value {
    int64_t principal_minor, bonus_minor; /* free to spend */
    int64_t held_minor;
};
/* `member` is an id; one that has none is all zero. NOT_FOUND for what is no id. */
MUST_USE err loyalty_value(struct store *store, struct bytes member, struct loyalty_value *out);

/* On disk: never renumbered. */
enum loyalty_value_kind {
    LOYALTY_VALUE_TOP_UP = 1,
    LOYALTY_VALUE_PAYMENT,
    LOYALTY_VALUE_PAY_OUT,
    LOYALTY_VALUE_GIVEN_BACK,
};

/* A line of a member's statement. Amounts are signed: what it changed. */
struct loyalty_value_line {
    int64_t number; /* rising */
    enum loyalty_value_kind kind;
    bool held; /* a payment under way */
    int64_t principal_minor, bonus_minor, at_ms;
};
/* The lines below `before` (0: from the newest), newest first; released payments are none. */
MUST_USE err loyalty_value_statement(struct store *store, struct bytes member, int64_t before,
                                     struct loyalty_value_line *lines, size_t max,
                                     size_t *ret_count);

/* What a merchant owes its members, and whether its own accounts say the same: the difference is 0,
 * always. */
MUST_USE err loyalty_value_owed(struct store *store, struct bytes merchant, int64_t *ret_minor,
                                int64_t *ret_difference);
