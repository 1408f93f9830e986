/* SPDX-License-Identifier: Apache-2.0 */
/* Processing restrictions (EMV Book 3, 10.4): version, what the application may be used for, and
 * whether it is valid today. */
#include "lib/emv/kernel.h"

enum {
    /* 9F07, application usage control: at home; the next lower bit is abroad */
    USE_CASH = KERNEL_BIT(0, 0x80),
    USE_GOODS = KERNEL_BIT(0, 0x20),
    USE_SERVICES = KERNEL_BIT(0, 0x08),
    USE_CASHBACK = KERNEL_BIT(1, 0x80),
    /* and where */
    USE_ATM = KERNEL_BIT(0, 0x02),
    USE_ELSEWHERE = KERNEL_BIT(0, 0x01),
};

static bool may(struct bytes usage, unsigned bits)
{
    return (usage.at[bits >> 8] & (uint8_t)bits) != 0;
}

/* Unattended, for cash: types 14, 24, 34, with cash among what it does (9F40). */
static bool is_atm(const struct emv_terminal *t)
{
    unsigned type = t->type & 0x0F;
    return type >= 4 && (t->additional[0] & 0x80) != 0 && t->type >> 4 == 1;
}

/* Each use has a bit for the issuer's own country and one for abroad, the lower one. */
static bool may_here(struct bytes usage, unsigned home_bit, bool home)
{
    return may(usage, home ? home_bit : KERNEL_BIT(home_bit >> 8, (home_bit & 0xFF) >> 1));
}

bool kernel_usage_allows(const struct emv_data *data, const struct emv_terminal *t,
                         const struct emv_payment *p)
{
    struct bytes usage, issuer;
    if (!emv_data_get_exact(data, 0x9F07, 2, &usage)) return true;
    if (!may(usage, is_atm(t) ? USE_ATM : USE_ELSEWHERE)) return false;
    if (!emv_data_get_exact(data, 0x5F28, 2, &issuer)) return true;
    bool home = bytes_equal(issuer, BYTES_OF(t->country));
    if (p->type == TYPE_CASH) return may_here(usage, USE_CASH, home);
    if (!may_here(usage, USE_GOODS, home) && !may_here(usage, USE_SERVICES, home)) return false;
    bool cashback = p->type == TYPE_CASHBACK || p->other_minor > 0;
    return !cashback || may_here(usage, USE_CASHBACK, home);
}

/* YYMMDD, packed, as a number that grows; years from 50 on are of the last century. */
static uint32_t day_number(const uint8_t day[3])
{
    uint32_t century = day[0] < 0x50 ? 0x20 : 0x19;
    return century << 24 | (uint32_t)day[0] << 16 | (uint32_t)day[1] << 8 | day[2];
}

bool kernel_too_early(const struct emv_data *data, const uint8_t today[3])
{
    struct bytes day;
    return emv_data_get_exact(data, 0x5F25, 3, &day) && day_number(day.at) > day_number(today);
}

bool kernel_expired(const struct emv_data *data, const uint8_t today[3])
{
    struct bytes day;
    return emv_data_get_exact(data, 0x5F24, 3, &day) && day_number(day.at) < day_number(today);
}

void kernel_enter_restrictions(struct emv_contact *k)
{
    struct bytes value;
    if (emv_data_get_exact(&k->data, 0x9F08, 2, &value) &&
        !bytes_equal(value, BYTES_OF(k->application->version)))
        kernel_tvr(k, TVR_VERSION);
    if (!kernel_usage_allows(&k->data, &k->terminal, &k->payment)) kernel_tvr(k, TVR_NOT_ALLOWED);
    if (kernel_too_early(&k->data, k->date)) kernel_tvr(k, TVR_NOT_EFFECTIVE);
    if (kernel_expired(&k->data, k->date)) kernel_tvr(k, TVR_EXPIRED);
    kernel_go(k, EMV_STEP_CARDHOLDER);
}
