/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts in minor units: checked addition, rates, text. */
#include "lib/base/money.h"

#include <inttypes.h>

err money_add(int64_t a_minor, int64_t b_minor, int64_t *ret_sum)
{
    int64_t sum;
    if (__builtin_add_overflow(a_minor, b_minor, &sum)) return ERR(RANGE);
    *ret_sum = sum;
    return OK;
}

int64_t money_rate_half_even(int64_t amount_minor, int64_t parts_per_million)
{
    ENSURE(amount_minor >= 0 && parts_per_million >= 0);
    __int128 product = (__int128)amount_minor * parts_per_million;
    __int128 quotient = product / 1000000;
    int64_t rest = (int64_t)(product % 1000000);
    bool up = rest > 500000 || (rest == 500000 && quotient % 2 == 1);
    quotient += up;
    ENSURE(quotient <= INT64_MAX);
    return (int64_t)quotient;
}

void money_write(struct writer *w, int64_t amount_minor)
{
    ENSURE(amount_minor > INT64_MIN);
    int64_t size = amount_minor < 0 ? -amount_minor : amount_minor;
    write_format(w, "%s%" PRId64 ".%02" PRId64, amount_minor < 0 ? "-" : "", size / 100,
                 size % 100);
}

/* Digits up to the end or a point, appended to an amount that is already there. */
static err read_part(struct reader *r, size_t most, int64_t *minor, size_t *ret_count)
{
    size_t count = 0;
    for (; r->left.len > 0 && r->left.at[0] != '.'; count++) {
        if (count == most) return ERR(FORMAT);
        unsigned digit = read_digits(r, 1);
        if (r->fault != ERR_OK) return ERR(FORMAT);
        *minor = *minor * 10 + digit;
        if (*minor > MONEY_FIELD_MAX) return ERR(RANGE);
    }
    *ret_count = count;
    return OK;
}

err money_parse(struct bytes text, int64_t *ret_minor)
{
    struct reader r = reader_over(text);
    int64_t minor = 0;
    size_t whole, decimals = 0;
    TRY(read_part(&r, text.len, &minor, &whole));
    if (whole == 0) return ERR(FORMAT);
    if (r.left.len > 0) {
        (void)read_bytes(&r, 1); /* the point */
        TRY(read_part(&r, 2, &minor, &decimals));
        if (decimals == 0 || r.left.len > 0) return ERR(FORMAT);
    }
    for (; decimals < 2; decimals++) minor *= 10;
    if (minor > MONEY_FIELD_MAX) return ERR(RANGE);
    *ret_minor = minor;
    return OK;
}
