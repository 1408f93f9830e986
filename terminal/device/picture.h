/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * picture: a receipt as a PNG, as it looks on paper. Every character stands in its own cell of a
 * grid of 32 or 48 columns, so that columns line up whatever font the machine has.
 */

#include "lib/base/writer.h"
#include "payment/receipt.h"

/* Errors: FULL (`png` is too small: 128 kB are enough), NO_MEMORY, IO (cairo). */
MUST_USE err picture_receipt(const struct receipt *receipt, struct writer *png);
