/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * loyalty: members of a merchant, their points and stored value, campaigns and coupons.
 *
 * All of it is between a shop and its customers, like cash: nothing here goes to the acquirer, to a
 * network or into ledger.db. Points that an issuer keeps and takes through the network
 * (PAYMENT_REDEEM of payment/payment.h) are something else, and stay what they are.
 *
 * It lives in a file of its own, loyalty.db, whose only writer is tongbao-backoffice. Each folder
 * of functions (member.h, points.h, value.h, campaign.h, redemption.h, coupon.h, escrow.h,
 * effect.h, message.h) takes the open store. A function that changes something is one transaction,
 * or does nothing; it must not be called inside another one (ENSURE). Times come from the caller.
 *
 * A function answers twice: an err when the world failed (those of lib/store/store.h), and a
 * verdict (verdict.h) about what was asked. Only with LOYALTY_DONE has it changed anything (and
 * where a header says so), and LOYALTY_REPEATED says that it had been done before, by the same key
 * with the same content: so whoever lost an answer asks again.
 */

#include "lib/base/random.h"
#include "lib/store/store.h"
#include "loyalty/verdict.h"

enum {
    LOYALTY_MERCHANT_MAX = 15, /* digits, registry/registry.h */
    LOYALTY_ID_LEN = 15,       /* a letter for what it is and 14 of random_text: 70 bits */
    LOYALTY_KEY_MAX = 32,      /* of a payment: terminal, batch, STAN, or what the caller has */
    LOYALTY_ASKING_MAX = 320,  /* of an asking that makes something: who asks, and his own key */
    LOYALTY_CURRENCY_CNY = 156,
    /* Above 999 there is no currency of ISO 4217. */
    LOYALTY_CURRENCY_POINTS = 1001, /* one merchant's points */
    LOYALTY_CURRENCY_USES = 1002,   /* how often a campaign is given */
};

/* The most that one call moves, fen or points: ten thousand million yuan. */
#define LOYALTY_AMOUNT_MAX INT64_C(1000000000000)

/* Opens (and makes) the file and brings its tables up. Ended by store_close(). `fault` may be NULL.
 */
MUST_USE err loyalty_open(const char *path, const struct store_options *options,
                          struct store_fault *fault, struct store **ret_store);

/*
 * A new id: `letter` ('m' member, 'c' campaign, 'l' lease) and 14 characters of 0-9 a-z without
 * i, l, o, u, so that it can be read out. It means nothing and says nothing about its owner.
 */
void loyalty_id(const struct random *random, char letter, char out[static LOYALTY_ID_LEN + 1]);
/* `len` such characters and a NUL: five bits each. */
void loyalty_random_text(const struct random *random, char *out, size_t len);
