/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables and three looks into them. */
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

/* Amounts in fen. A supervisor's column is what he may approve; he does not trade himself. */
static const int64_t limits[LIMITS][ROLES] = {
    /*                  nobody cashier    supervisor administrator */
    [LIMIT_SALE]     = {0,     999999999, 999999999, 0},
    [LIMIT_REFUND]   = {0,     0,         5000000,   0},
    [LIMIT_VOID]     = {0,     0,         1,         0},
    [LIMIT_MANUAL]   = {0,     0,         1,         0},
    [LIMIT_DISCOUNT] = {0,     5,         50,        0},
};
/* clang-format on */

/* What a till in a small shop would hold anyway: it does not give the alarm away. */
enum { DURESS_SALE_MAX = 50000 };

enum permission_answer permission_of(uint8_t role, enum permission permission)
{
    ENSURE(role < ROLES && permission < PERMISSIONS);
    return (enum permission_answer)matrix[permission][role];
}

int64_t limit_of(uint8_t role, bool duress, enum limit limit)
{
    ENSURE(role < ROLES && limit < LIMITS);
    int64_t most = limits[limit][role];
    if (duress && limit == LIMIT_SALE && most > DURESS_SALE_MAX) most = DURESS_SALE_MAX;
    return most;
}

enum permission_answer limit_check(uint8_t role, bool duress, enum limit limit, int64_t value)
{
    ENSURE(value >= 0);
    if (value <= limit_of(role, duress, limit)) return PERMISSION_YES;
    if (role != VAULT_ROLE_CASHIER || duress) return PERMISSION_NO;
    return value <= limits[limit][VAULT_ROLE_SUPERVISOR] ? PERMISSION_WITH_APPROVAL : PERMISSION_NO;
}
