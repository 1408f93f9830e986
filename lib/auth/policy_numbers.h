/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy_numbers: what makes a number easy to guess. Each takes one or more ASCII digits and says
 * yes or no; they know nothing of roles and lengths.
 *
 * The rules leave more than eight of ten numbers of six digits (a test counts them), so a guesser
 * gains little from knowing them.
 */

#include "lib/base/bytes.h"

/*
 * Fewer than three different digits; one digit four times in succession; or a group that is
 * repeated to the end (123123, 4747474).
 */
bool number_repeats(struct bytes digits);

/*
 * Counting up or down, past 9 to 0 too: five digits in a row by ones anywhere (123459, 876540), the
 * whole by any fixed step (135790), made of such rows of three or more (123789), or each digit
 * doubled (112233).
 */
bool number_is_run(struct bytes digits);

/*
 * Six digits: YYMMDD, DDMMYY, MMDDYY, YYYYMM or MMYYYY. Eight: YYYYMMDD, DDMMYYYY, MMDDYYYY or
 * YYYYDDMM. Nine or more: such eight digits inside. Years of four digits are 1900 to 2099; of two,
 * any. Days that no calendar has (30 February) are no dates.
 */
bool number_is_date(struct bytes digits);

/*
 * Printed as a maker's default in manuals and on web pages, a walk over the keypad, or a number
 * that sounds like words in Chinese (5201314).
 */
bool number_is_published(struct bytes digits);

/*
 * Part of `number` (whose other characters are passed over), or containing all of it, forwards or
 * backwards. A number with fewer than four digits says nothing.
 */
bool number_is_part_of(struct bytes digits, struct bytes number);
