/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * errands: everything that is done at a terminal in a random day, as a table. A new procedure is a
 * new row: how often it is drawn, what is chosen from the main screen on, what it needs. What the
 * screens ask on the way (a number, a date, an amount, a card) is answered by their names, from
 * what has been drawn; the cashier goes on from whatever the screen says, so a row knows nothing of
 * faults.
 */

#include "payment/payment.h"

struct side_terminal;
struct world;

/* How the customer pays. */
enum means_drawn {
    BY_NOTHING,
    BY_STRIPE,
    BY_CHIP,
    BY_TAP,
    BY_CODE,
    BY_WALLET, /* a code of a wallet that is asked over HTTP */
    BY_SHOWN,
    BY_CASH,
    BY_PARTS,
    BY_PLAN,
    BY_PLATE, /* at no terminal */
    BY_POINTS
};

/* Whose slips are looked through for the payment that an errand is about. */
enum reach { REACH_NONE, REACH_OWN, REACH_ALL };

enum { ERRANDS_MAX = 48, ERRAND_PATH_MAX = 6 };

struct errand_row {
    const char *name;
    uint8_t weight;
    enum payment_type type; /* of the payment that it begins; NONE: none */
    enum means_drawn by;    /* NOTHING: as the customer has paid before */
    const char *path[ERRAND_PATH_MAX];
    enum reach reach;
    unsigned originals;       /* kinds of slips it may be about: bits 1 << enum payment_type */
    enum payment_means means; /* of the slip */
};

/* A slip on the counter, or in the customer's hand: what it says, and with what was paid. */
struct slip {
    uint32_t terminal;
    enum payment_type type; /* NONE: there is no such slip */
    enum payment_means means;
    uint32_t stan;
    char rrn[13], auth_code[7], date[5];
    int64_t amount_minor;
    enum means_drawn by;
    uint32_t customer;
};

/* What somebody is at. */
struct errand {
    const struct errand_row *row; /* NULL: nothing */
    unsigned step;                /* of its path */
    unsigned tries;               /* at what a screen asks */
    enum means_drawn by;
    uint32_t customer; /* index of card, chip or telephone */
    int64_t amount_minor;
    struct slip of;
};

/* The rows; *ret_count of them. */
const struct errand_row *errands(size_t *ret_count);

/* Draws the next one and begins it at the main screen. False: there is nothing to do now. */
bool errand_begin(struct side_terminal *t);

/* Back on the main screen, or given up. */
void errand_end(struct side_terminal *t);

/* A screen that asks for digits or an amount of this errand; false: it is none. */
bool errand_answer(struct side_terminal *t);

/* An order is given up: its parts go back. */
bool errand_give_back(struct side_terminal *t);

/* The next choice of its path, when the screen offers it. */
bool errand_step(struct side_terminal *t);

/* Something was approved: its slip can be used from now on. */
void errand_keep_slip(struct side_terminal *t);

/* A payment by code that somebody knows the reference of can be refunded by it. */
void errand_found_slip(struct world *w, const char *rrn, int64_t amount_minor);

/* What a network has answered: the customer's telephone shows it, too. */
void errand_overhear(struct world *w, struct bytes message);
