/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * serial: what a serial number of a model looks like, and which two serial numbers a person cannot
 * tell apart.
 *
 * A form is a text of at most SERIAL_MAX characters: '#' stands for a digit, '@' for a capital
 * letter, '?' for either; '-', digits and capital letters stand for themselves. "TB1-####-######".
 *
 * A serial number is taken as it is or not at all: nothing is trimmed, and no letter is turned into
 * another. What looks alike (O and 0; I, l and 1; S and 5; B and 8; small and capital letters;
 * with a dash or without) is folded for one purpose: to find two that collide, and to refuse.
 */

#include "lib/base/bytes.h"
#include "lib/base/err.h"

enum { SERIAL_MAX = 32 };

/* At least one place that varies, and nothing but the characters above. */
bool serial_form_valid(struct bytes form);
bool serial_has_form(struct bytes serial, struct bytes form);

/* Errors: LENGTH. Characters that no form has stay as they are. */
MUST_USE err serial_fold(struct bytes serial, char out[SERIAL_MAX + 1]);
