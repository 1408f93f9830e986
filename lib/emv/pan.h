/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Card numbers: digits, never a number. What can be said of one, and how it may be shown. */

#include "lib/base/bytes.h"

enum {
    PAN_MIN = 8, /* ISO/IEC 7812-1 */
    PAN_MAX = 19,
    PAN_TEXT = PAN_MAX + 1,
};

/* 8 to 19 digits and nothing else. */
bool pan_well_formed(struct bytes pan);

/* ISO/IEC 7812-1 annex B: the last digit checks the others. False for what is not digits. */
bool pan_luhn(struct bytes digits);

/*
 * Do numbers that begin like this one have so many digits? By a table of schemes; true where the
 * table knows no such beginning. It finds a digit that was left out and still passes Luhn.
 */
bool pan_length_fits(struct bytes pan);

/*
 * First six, stars, last four; only the last four when six and four would leave less than three
 * hidden. Errors: FORMAT (not a well-formed card number).
 */
MUST_USE err pan_mask(struct bytes pan, char out[PAN_TEXT]);

/*
 * Whether a card of expiry YYMM (four digits, month 01..12) is past the end of that month in the
 * given civil month. Years 50 to 99 are 19xx: cards of the last century have all expired.
 */
bool pan_expired(struct bytes yymm, int year, int month);
