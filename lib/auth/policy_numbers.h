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
#include "lib/base/clock.h"

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
 * Four digits: MMDD, DDMM or a year. Six digits: YYMMDD, DDMMYY, MMDDYY, YYYYMM or MMYYYY. Eight:
 * YYYYMMDD, DDMMYYYY, MMDDYYYY or YYYYDDMM. Nine or more: such eight digits inside. Years of four
 * digits are 1900 to 2099; of two, any. Days that no calendar has (30 February) are no dates.
 */
bool number_is_date(struct bytes digits);

/*
 * From key to neighbouring key of a keypad, side by side or up and down, all the way (125896); or
 * made of its rows, columns and diagonals (147258, 159357).
 */
bool number_is_walk(struct bytes digits);

/* Eleven digits as of a mobile telephone in China: somebody's number. */
bool number_is_phone(struct bytes digits);

/* Year, month and day of `day` in any order, the year in four or two digits, with or without zeros
 * in front: what terminals have had as a default. Year 0: no. */
bool number_is_of_day(struct bytes digits, struct civil day);

/* How many digits in succession both have, forwards or backwards. What is no digit in `number` is
 * passed over; `digits` has nothing else. */
size_t number_shared(struct bytes digits, struct bytes number);

/* Six or more digits in succession are of `number`, or four or more that make half of `digits`. */
bool number_is_part_of(struct bytes digits, struct bytes number);

/*
 * A number plate of China with its province, as people type it: the province's character or its
 * reading, a letter, perhaps a sign, then five places with two letters at the most, or six of a car
 * with a battery (D or F and the like first or last). `lower` is in lower case; I and O are on no
 * plate.
 */
bool number_is_plate(struct bytes lower);
