/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * loyalty: who keeps a shop's points, behind the wallet's line. He is asked with amounts (25 = 65),
 * knows what points are worth, and takes or gives back points: a request takes them, its reversal
 * lets them go, and both are known by their reference (field 37), however often they come.
 */

#include "lib/base/bytes.h"
#include "payment/payment.h"

enum { LOYALTY_ACCOUNT = 12, LOYALTY_MEMBERS = 4 }; /* their accounts lie behind the telephones' */

/* So many points are worth so much money. */
struct loyalty_rate {
    int64_t points, minor;
};

struct loyalty_member {
    const char *number; /* digits, as field 59 has them */
    int64_t points;
    bool silent; /* his points are taken, and nobody says so */
};

/* ENSURE: place is below LOYALTY_MEMBERS. */
const struct loyalty_member *loyalty_member(size_t place);

/* The place of a number; NOT_FOUND. */
MUST_USE err loyalty_find(struct bytes number, uint8_t *ret_place);

/* What the points of a member are worth, in fen, rounded down. */
int64_t loyalty_worth(const struct loyalty_member *member);

/* Of payments by points: is this entry's account a member's? */
bool loyalty_type(uint8_t type);
