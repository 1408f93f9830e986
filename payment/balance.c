/* SPDX-License-Identifier: Apache-2.0 */
/* Field 54 of an answer to an inquiry. A tip in a request has another kind (fields.c). */
#include "payment/fields.h"
#include "payment/message.h"

enum { HEAD = 7, DIGITS = 12 };
static const char head[] = "0002156"; /* any account, available, yuan */

err payment_balance_put(struct iso8583_message *message, struct arena *arena, int64_t minor)
{
    ENSURE(minor >= -MONEY_FIELD_MAX && minor <= MONEY_FIELD_MAX);
    return field_format(message, 54, arena, "%s%c%012lld", head, minor < 0 ? 'D' : 'C',
                        (long long)(minor < 0 ? -minor : minor));
}

err payment_balance_get(const struct iso8583_message *message, int64_t *ret_minor)
{
    uint32_t high, low;
    struct bytes field = iso8583_get(message, 54);
    if (field.len < HEAD || memcmp(field.at, head, HEAD) != 0) return ERR(MISSING);
    if (field.len != HEAD + 1 + DIGITS) return ERR(LENGTH);
    char sign = (char)field.at[HEAD];
    if (sign != 'C' && sign != 'D') return ERR(FORMAT);
    TRY(field_number(message, 54, HEAD + 1, 6, &high));
    TRY(field_number(message, 54, HEAD + 7, 6, &low));
    int64_t minor = (int64_t)high * 1000000 + low;
    *ret_minor = sign == 'D' ? -minor : minor;
    return OK;
}
