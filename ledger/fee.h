/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fee: what a merchant pays for a payment, as a table of rules (S69).
 *
 * A rule is never edited: a change is a new rule with a later version, valid from a moment on.
 * Every fee that was taken names the version it was taken by, so that it can be computed again for
 * ever. Rounding is half-even to the fen; a cap is the most that a fee can be.
 *
 * A rule is charged to nobody who has not signed it (S135): an agreement says of which moment the
 * rules of its plan are that the merchant has signed, and a rule that holds from a later moment on
 * is not his, whatever the table says. He pays by the one that he has signed until he signs
 * another.
 */

#include "lib/base/money.h"

enum fee_class { FEE_UNKNOWN, FEE_DEBIT, FEE_CREDIT, FEE_WALLET, FEE_FOREIGN, FEE_CLASSES };

enum { FEE_PLAN_STANDARD = 1, FEE_PLAN_SMALL = 2 };

struct fee_rule {
    uint32_t version; /* unique over the table; what a fee names */
    uint32_t plan;
    enum fee_class class;
    int64_t from_ms; /* UTC: valid from this moment until a later rule of plan and class */
    int64_t parts_per_million;
    int64_t cap_minor; /* 0: no cap */
};

/* What a plan charges now, and what of it the merchant has signed. */
struct fee_standing {
    const struct fee_rule *now;    /* what the table says of this moment; never NULL */
    const struct fee_rule *agreed; /* by what he pays; NULL: nothing of this kind was signed */
};

/* The whole table, oldest first, for tests and for printing. */
const struct fee_rule *fee_rules(size_t *ret_count);

/*
 * The rule for a payment that was approved at `at_ms`. A plan that is not in the table has the
 * rules of the standard plan, an unknown class those of credit (the dearest), so there is always
 * one.
 */
const struct fee_rule *fee_rule_for(uint32_t plan, enum fee_class class, int64_t at_ms);

/*
 * The rule by which somebody pays whose agreement has the rules of `signed_ms`: the one of that
 * moment, or of `at_ms` if that is earlier. NULL: the plan had no rule for this class then, so
 * nothing may be taken. Only a plan of which the table knows nothing has those of the standard one.
 */
const struct fee_rule *fee_rule_agreed(uint32_t plan, enum fee_class class, int64_t at_ms,
                                       int64_t signed_ms);

struct fee_standing fee_standing_of(uint32_t plan, enum fee_class class, int64_t at_ms,
                                    int64_t signed_ms);

/* Another table in the place of the built-in one, for tests of what later rules do; NULL puts it
 * back. No other call may be under way. */
void fee_rules_use(const struct fee_rule *rules, size_t count);

/* The rule of a version, or NULL. */
const struct fee_rule *fee_rule_of(uint32_t version);

/* Why money goes back, and how much of the fee of the original goes with it. */
enum fee_return { FEE_RETURN_NONE, FEE_RETURN_ALL, FEE_RETURN_SHARE };
enum fee_reason { FEE_TAKEN, FEE_VOIDED, FEE_REFUNDED, FEE_REASONS };

/* By the plan of the merchant; a plan that is not in the table has the rules of the standard plan.
 */
enum fee_return fee_return_of(uint32_t plan, enum fee_reason reason);

/*
 * How much of the issuer's fee for instalments goes back, when the merchant bears it: the issuer's
 * terms and not the merchant's plan. All with a void; with a refund its share, because the periods
 * of what was given back are never owed.
 */
enum fee_return fee_return_of_instalment(enum fee_reason reason);

/*
 * How much of a fee has gone back when `returned_minor` of `amount_minor` have: all of it with the
 * last fen, half-even before.
 */
int64_t fee_returned(enum fee_return how, int64_t fee_minor, int64_t amount_minor,
                     int64_t returned_minor);

/* The fee of an amount (not negative), never more than the amount. */
int64_t fee_amount(const struct fee_rule *rule, int64_t amount_minor);

/*
 * Who gets the fee: its issuer and the network have theirs by a rule of their own, whatever the
 * merchant pays, and what is left is the acquirer's. Issuer's and network's share are each rounded
 * half-even to the fen; the acquirer takes the rest, so that the three are the fee exactly, and
 * bears it when the rest is below zero (a plan that is cheaper than what its cards cost).
 *
 * The network takes as much again from the issuer, out of the issuer's share. That is between these
 * two: it is worked out here for the record, and is in nobody's sum.
 */
struct fee_share_rule {
    uint32_t version; /* unique over the table, and not that of a fee rule */
    enum fee_class class;
    int64_t from_ms;
    int64_t issuer_ppm, issuer_cap_minor; /* 0: no cap */
    int64_t network_ppm, network_cap_minor;
};

struct fee_shares {
    int64_t issuer_minor, network_minor, acquirer_minor; /* their sum is the fee */
    int64_t network_of_issuer_minor;                     /* a part of the issuer's */
};

const struct fee_share_rule *fee_share_rules(size_t *ret_count);

/* There is always one; an unknown class is taken for credit. */
const struct fee_share_rule *fee_share_rule_for(enum fee_class class, int64_t at_ms);

struct fee_shares fee_shares_of(const struct fee_share_rule *rule, int64_t amount_minor,
                                int64_t fee_minor);
