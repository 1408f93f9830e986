/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Amounts and moments as the lists of `tongbao admin` show them. */

#include <stdint.h>

struct admin_amount {
    char text[32];
};
struct admin_amount admin_amount(int64_t minor); /* "-12.50" */

struct admin_moment {
    char text[24];
};
struct admin_moment admin_moment(int64_t at_ms); /* "2026-03-09 10:14", in China */
