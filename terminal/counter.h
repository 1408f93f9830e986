/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What comes before the means of a sale: how its amount is found (S92), and the tip (S82). All of
 * it is set by the administrator, as a table of values with bounds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct terminal;
struct procedure;
struct records;

enum counter_setting {
    COUNTER_QUICK_1, /* fen; 0: none */
    COUNTER_QUICK_2,
    COUNTER_QUICK_3,
    COUNTER_QUICK_4,
    COUNTER_TIP,   /* 1: the customer is asked */
    COUNTER_TIP_1, /* per cent of the amount; 0: not offered */
    COUNTER_TIP_2,
    COUNTER_TIP_3,
    COUNTER_TIP_MOST,  /* per cent: a larger one is taken for a slip of the finger */
    COUNTER_SIGN,      /* 1: on the screen, where somebody has to sign */
    COUNTER_SIGN_FREE, /* fen: up to here nobody signs for a tap */
    COUNTER_POINTS,    /* 1: members pay with points here */
    COUNTER_SETTINGS
};

enum { COUNTER_QUICKS = 4, COUNTER_TIPS = 3 };

struct counter_settings {
    int64_t value[COUNTER_SETTINGS];
};

/* What the administrator has set, or what was delivered. CORRUPT: out of its bounds. */
MUST_USE err counter_load(struct records *records, struct counter_settings *ret_settings);
err counter_parameters(struct terminal *t, struct procedure *p);

/* The amount of a sale with its tip, and leave for it. DONE: it stands in t->work. */
err sale_amount(struct terminal *t, struct procedure *p);

/* The calculator, into t->work.amount. */
err calculator(struct terminal *t, struct procedure *p);

/* The goods list, into t->work.basket and t->work.amount. */
err items(struct terminal *t, struct procedure *p);
/* On the screen that the customer sees: what he buys, and the tip within the amount. */
void items_say(struct terminal *t);

/* Asks for the tip of t->work.payment, whose amount is without it until now. */
err gratuity(struct terminal *t, struct procedure *p);

/* The supervisor's and the administrator's list of goods. */
err goods_list(struct terminal *t, struct procedure *p);
