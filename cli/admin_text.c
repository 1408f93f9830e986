/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts and moments, for lists. */
#include "cli/admin_text.h"

#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/money.h"

struct admin_amount admin_amount(int64_t minor)
{
    struct admin_amount out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    money_write(&w, minor);
    return out;
}

struct admin_moment admin_moment(int64_t at_ms)
{
    struct admin_moment out;
    struct civil at = civil_from_ms(at_ms + CLOCK_CHINA_OFFSET_MS);
    snprintf(out.text, sizeof out.text, "%04d-%02d-%02d %02d:%02d", at.year, at.month, at.day,
             at.hour, at.minute);
    return out;
}
