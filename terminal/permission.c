/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and looks into them. */
#include "terminal/permission.h"

enum { N = PERMISSION_NO, A = PERMISSION_WITH_APPROVAL, Y = PERMISSION_YES, ROLES = 4 };

_Static_assert(VAULT_ROLE_CASHIER == 1 && VAULT_ROLE_SUPERVISOR == 2 &&
                   VAULT_ROLE_ADMINISTRATOR == 3,
               "the columns below");

/* clang-format off */
static const uint8_t matrix[PERMISSIONS][ROLES] = {
    /*                           nobody cashier supervisor administrator */
    [PERMISSION_SIGN_IN]      = {N,     Y,      N,         N},
    [PERMISSION_SALE]         = {N,     Y,      N,         N},
    [PERMISSION_VOID]         = {N,     A,      N,         N},
    [PERMISSION_REFUND]       = {N,     A,      N,         N},
    [PERMISSION_RECORDS]      = {N,     Y,      Y,         Y},
    [PERMISSION_OWN_PASSWORD] = {N,     Y,      Y,         Y},
    [PERMISSION_CASHIERS]     = {N,     N,      Y,         N},
    [PERMISSION_SUPERVISOR]   = {N,     N,      N,         Y},
    [PERMISSION_OPERATORS]    = {N,     N,      Y,         Y},
    [PERMISSION_PHONES]       = {N,     N,      Y,         N},
    [PERMISSION_DEVICE]       = {N,     Y,      Y,         Y},
    [PERMISSION_PARAMETERS]   = {N,     N,      N,         Y},
};

/* A supervisor's column is what he may approve; he does not trade himself. A cashier's is as
 * delivered: where it is adjustable, the administrator says otherwise. */
static const struct {
    struct limit_row row;
    int64_t most[ROLES];
} limits_table[] = {
    /*                    permission          approved as              unit              adjustable  nobody cashier    supervisor administrator */
    [LIMIT_SALE]     = {{PERMISSION_SALE,   VAULT_APPROVE_SALE,     LIMIT_IN_FEN,      true},  {0,     999999999, 999999999, 0}},
    [LIMIT_REFUND]   = {{PERMISSION_REFUND, VAULT_APPROVE_REFUND,   LIMIT_IN_FEN,      true},  {0,     0,         5000000,   0}},
    [LIMIT_VOID]     = {{PERMISSION_VOID,   VAULT_APPROVE_VOID,     LIMIT_YES_OR_NO,   false}, {0,     0,         1,         0}},
    [LIMIT_MANUAL]   = {{PERMISSION_SALE,   VAULT_APPROVE_MANUAL,   LIMIT_YES_OR_NO,   false}, {0,     0,         1,         0}},
    [LIMIT_DISCOUNT] = {{PERMISSION_SALE,   VAULT_APPROVE_DISCOUNT, LIMIT_IN_PER_CENT, true},  {0,     5,         50,        0}},
};
_Static_assert(ARRAY_LEN(limits_table) == LIMITS, "a row for each limit");

/* Which limit binds which kind of payment. */
static const enum limit types[] = {
    [PAYMENT_SALE] = LIMIT_SALE,
    [PAYMENT_VOID] = LIMIT_VOID,
    [PAYMENT_REFUND] = LIMIT_REFUND,
    [PAYMENT_PREAUTH] = LIMIT_SALE,
    [PAYMENT_PREAUTH_ADD] = LIMIT_SALE,
    [PAYMENT_PREAUTH_CANCEL] = LIMIT_VOID,
    [PAYMENT_COMPLETION] = LIMIT_SALE,
    [PAYMENT_COMPLETION_ADVICE] = LIMIT_SALE,
    [PAYMENT_COMPLETION_VOID] = LIMIT_VOID,
    [PAYMENT_INSTALMENT] = LIMIT_SALE,
    [PAYMENT_INSTALMENT_VOID] = LIMIT_VOID,
    [PAYMENT_BALANCE] = LIMIT_SALE,
    [PAYMENT_REDEEM] = LIMIT_SALE,
    [PAYMENT_REDEEM_VOID] = LIMIT_VOID,
    [PAYMENT_REDEEM_REFUND] = LIMIT_REFUND,
};
_Static_assert(ARRAY_LEN(types) == PAYMENT_TYPES, "a row for each kind of payment");
/* clang-format on */

/* What a till in a small shop would hold anyway: it does not give the alarm away. */
enum { DURESS_SALE_MAX = 50000 };

enum permission_answer permission_of(uint8_t role, enum permission permission)
{
    ENSURE(role < ROLES && permission < PERMISSIONS);
    return (enum permission_answer)matrix[permission][role];
}

const struct limit_row *limit_row(enum limit limit)
{
    ENSURE(limit < LIMITS);
    return &limits_table[limit].row;
}

struct role_limits limits_delivered(void)
{
    struct role_limits limits = {{0}};
    for (enum limit limit = 0; limit < LIMITS; limit++)
        limits.cashier[limit] = limits_table[limit].most[VAULT_ROLE_CASHIER];
    return limits;
}

int64_t limit_of(const struct role_limits *limits, uint8_t role, bool duress, enum limit limit)
{
    ENSURE(role < ROLES && limit < LIMITS);
    int64_t most = limits_table[limit].most[role];
    if (role == VAULT_ROLE_CASHIER) most = limits->cashier[limit];
    if (duress && limit == LIMIT_SALE && most > DURESS_SALE_MAX) most = DURESS_SALE_MAX;
    return most;
}

enum permission_answer limit_check(const struct role_limits *limits, uint8_t role, bool duress,
                                   enum limit limit, int64_t value)
{
    ENSURE(value >= 0);
    if (permission_of(role, limit_row(limit)->permission) == PERMISSION_NO) return PERMISSION_NO;
    if (value <= limit_of(limits, role, duress, limit)) return PERMISSION_YES;
    if (role != VAULT_ROLE_CASHIER) return PERMISSION_NO;
    /* What a supervisor is asked for on other days he is asked for under duress, up to the cap. */
    if (duress && (limit != LIMIT_SALE || value > DURESS_SALE_MAX)) return PERMISSION_NO;
    return value <= limits_table[limit].most[VAULT_ROLE_SUPERVISOR] ? PERMISSION_WITH_APPROVAL
                                                                    : PERMISSION_NO;
}

enum limit limit_of_type(enum payment_type type)
{
    ENSURE(type > PAYMENT_TYPE_NONE && type < PAYMENT_TYPES);
    return types[type];
}
