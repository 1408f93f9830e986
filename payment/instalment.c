/* SPDX-License-Identifier: Apache-2.0 */
/* The plans of instalments, and field 62 that tells one. Issuers are made up. */
#include "payment/instalment.h"

#include "lib/base/money.h"
#include "payment/fields.h"

enum { LEAST = 10000, MOST = 5000000 /* 100 to 50,000 yuan */, PARTS = 10000 };

static const struct instalment_issuer issuers[] = {
    {"620001", "示例信用卡", "Example Credit"},
    {"620004", "示例联名卡", "Example Co-brand"},
};

#define FROM_2027 INT64_C(1798732800000) /* 1 January 2027 in China */

/* clang-format off */
static const struct instalment_row rows[] = {
    /* version from  issuer months rate fee by the merchant  least  most */
    {1001, 0,         0,        3,    80,  false,               LEAST, MOST},
    {1002, 0,         0,        6,    75,  false,               LEAST, MOST},
    {1003, 0,         0,       12,    66,  false,               LEAST, MOST},
    {1004, 0,         0,       24,    62,  false,               LEAST, MOST},
    {1005, 0,         1,        3,    60,  true,                LEAST, MOST},
    {1006, 0,         1,        6,    58,  true,                LEAST, MOST},
    {1007, 0,         1,       12,    60,  false,               LEAST, MOST},
    {1008, 0,         1,       24,    60,  false,               LEAST, MOST},
    {1009, FROM_2027, 1,       24,    56,  false,               LEAST, MOST},
};
/* clang-format on */

const struct instalment_issuer *instalment_issuers(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(issuers);
    return issuers;
}

const struct instalment_row *instalment_rows(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rows);
    return rows;
}

static bool same_kind(const struct instalment_row *a, const struct instalment_row *b)
{
    return a->issuer == b->issuer && a->months == b->months;
}

bool instalment_holds(const struct instalment_row *row, int64_t at_ms)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (same_kind(&rows[i], row) && rows[i].version > row->version && rows[i].from_ms <= at_ms)
            return false;
    return row->from_ms <= at_ms;
}

const struct instalment_row *instalment_find(struct bytes pan, uint8_t months, int64_t at_ms)
{
    for (size_t i = 0; pan.len >= 6 && i < ARRAY_LEN(rows); i++)
        if (rows[i].months == months && instalment_holds(&rows[i], at_ms) &&
            memcmp(pan.at, issuers[rows[i].issuer].bin, 6) == 0)
            return &rows[i];
    return NULL;
}

static bool offered(const struct instalment_row *row, int64_t amount_minor)
{
    return amount_minor >= row->least_minor && amount_minor <= row->most_minor;
}

struct payment_plan instalment_plan(const struct instalment_row *row, int64_t amount_minor)
{
    ENSURE(offered(row, amount_minor));
    int64_t fee = (amount_minor * row->rate * row->months + PARTS / 2) / PARTS;
    return (struct payment_plan){
        .months = row->months, .by_merchant = row->by_merchant, .fee_minor = fee};
}

struct instalment_months instalment_months(const struct payment_plan *plan, int64_t amount_minor)
{
    ENSURE(plan->months > 0 && amount_minor > 0);
    int64_t whole = amount_minor + (plan->by_merchant ? 0 : plan->fee_minor);
    int64_t each = whole / plan->months;
    return (struct instalment_months){whole - each * (plan->months - 1), each};
}

static bool makes(const struct instalment_row *row, const struct payment_plan *plan,
                  int64_t amount_minor)
{
    if (row == NULL || !offered(row, amount_minor)) return false;
    struct payment_plan made = instalment_plan(row, amount_minor);
    return made.by_merchant == plan->by_merchant && made.fee_minor == plan->fee_minor;
}

const struct instalment_row *instalment_explain(const struct payment_plan *plan, struct bytes pan,
                                                int64_t amount_minor, int64_t at_ms)
{
    const struct instalment_row *now = instalment_find(pan, plan->months, at_ms);
    const struct instalment_row *just =
        instalment_find(pan, plan->months, at_ms - INSTALMENT_GRACE_MS);
    if (makes(now, plan, amount_minor)) return now;
    return makes(just, plan, amount_minor) ? just : NULL;
}

const char *instalment_refusal(const struct payment_plan *plan, struct bytes pan,
                               int64_t amount_minor, int64_t now_ms)
{
    return instalment_explain(plan, pan, amount_minor, now_ms) != NULL ? NULL : "BB";
}

/* ---- field 62 ---- */

enum { FIELD = 62, MONTHS_DIGITS = 2, FEE_AT = 3, FEE_HALF = 6, LENGTH = 15 };

err instalment_write(const struct payment_plan *plan, struct arena *arena,
                     struct iso8583_message *m)
{
    ENSURE(plan->months > 0 && plan->months < 100);
    ENSURE(plan->fee_minor >= 0 && plan->fee_minor <= MONEY_FIELD_MAX);
    return field_format(m, FIELD, arena, "%02u%c%012lld", plan->months,
                        plan->by_merchant ? 'M' : 'C', (long long)plan->fee_minor);
}

err instalment_read(const struct iso8583_message *m, struct payment_plan *out)
{
    struct bytes field = iso8583_get(m, FIELD);
    uint32_t months, high, low;
    if (!iso8583_has(m, FIELD)) return ERR(MISSING);
    if (field.len != LENGTH) return ERR(LENGTH);
    TRY(field_number(m, FIELD, 0, MONTHS_DIGITS, &months));
    TRY(field_number(m, FIELD, FEE_AT, FEE_HALF, &high));
    TRY(field_number(m, FIELD, FEE_AT + FEE_HALF, FEE_HALF, &low));
    uint8_t bearer = field.at[MONTHS_DIGITS];
    if (bearer != 'M' && bearer != 'C') return ERR(FORMAT);
    if (months == 0) return ERR(RANGE);
    *out = (struct payment_plan){.months = (uint8_t)months,
                                 .by_merchant = bearer == 'M',
                                 .fee_minor = (int64_t)high * 1000000 + low};
    return OK;
}
