/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * permission: who may do what (S48), and how much of it (S58), as tables.
 *
 * Roles are enum vault_role: a cashier trades and does not manage; a supervisor manages cashiers
 * and neither signs in nor trades; an administrator sets what the device is. "With approval" means
 * that a supervisor gives his password for this one action (approve.c); the session does not
 * change. Every kind of payment has a row that says which limit binds it, and queue_submit() takes
 * none for which allow.c has not given leave: a new kind without a row does not compile, a new
 * procedure that does not ask stops at its first payment.
 */

#include "lib/base/err.h"
#include "lib/wire/vault_protocol.h"
#include "payment/payment.h"

enum permission {
    PERMISSION_SIGN_IN, /* and out */
    PERMISSION_SALE,
    PERMISSION_VOID,
    PERMISSION_REFUND,
    PERMISSION_RECORDS,      /* looking at payments and printing them again */
    PERMISSION_OWN_PASSWORD, /* one's own, the duress one too */
    PERMISSION_CASHIERS,     /* add, delete, suspend, reset */
    PERMISSION_SUPERVISOR,   /* reset the supervisor */
    PERMISSION_OPERATORS,    /* look at the list */
    PERMISSION_PHONES,       /* pair and remove */
    PERMISSION_DEVICE,       /* what the device is: serial number, keys' check values (S168) */
    PERMISSION_PARAMETERS,
    PERMISSIONS
};

enum permission_answer { PERMISSION_NO, PERMISSION_WITH_APPROVAL, PERMISSION_YES };

/* `role` 0, nobody, may nothing. */
enum permission_answer permission_of(uint8_t role, enum permission permission);

/* What is limited, not only allowed. */
enum limit {
    LIMIT_SALE,     /* amount in minor units */
    LIMIT_REFUND,   /* amount in minor units */
    LIMIT_VOID,     /* 1: may */
    LIMIT_MANUAL,   /* 1: may enter a card number by hand */
    LIMIT_DISCOUNT, /* per cent */
    LIMITS
};

enum limit_unit { LIMIT_IN_FEN, LIMIT_IN_PER_CENT, LIMIT_YES_OR_NO };

/* What is the same in every shop. */
struct limit_row {
    enum permission permission;        /* that a role needs before anybody looks at how much */
    enum vault_approved_action action; /* as which a supervisor's yes is on record */
    enum limit_unit unit;
    bool adjustable; /* the administrator says how much a cashier does alone (parameters.c) */
};
const struct limit_row *limit_row(enum limit limit);

/* How much a cashier of this shop does alone. */
struct role_limits {
    int64_t cashier[LIMITS];
};

/* As delivered: of the table. */
struct role_limits limits_delivered(void);

/*
 * How much of `limit` this role may do alone; a supervisor's is what he may approve. Under duress a
 * sale is capped: a robber is shown an ordinary limit.
 */
int64_t limit_of(const struct role_limits *limits, uint8_t role, bool duress, enum limit limit);

/*
 * May `value` be done: alone (YES), with a supervisor (WITH_APPROVAL), or not at all: more than a
 * supervisor may approve, or a role that has no part in it.
 */
enum permission_answer limit_check(const struct role_limits *limits, uint8_t role, bool duress,
                                   enum limit limit, int64_t value);

/* Which limit binds a payment of this type, which is not NONE. */
enum limit limit_of_type(enum payment_type type);

/* What allow() is to give leave for. */
struct asked {
    enum limit limit;
    int64_t value;
};

/* What allow() has given leave for. */
struct leave {
    bool given;
    char approver_id[3]; /* empty: nobody had to be asked */
    int64_t value;
};
