/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * goods: the shop's price list in terminal.db, and what of it was bought with which payment (S92).
 *
 * A name is UTF-8 of 1 to 32 columns without control characters and stands in the list once; a
 * price is 1 fen to 9,999,999.99 yuan. A change is one commit with its audit record and says
 * nothing about payments: they keep what was true when they were made.
 */

#include "lib/store/store.h"
#include "payment/basket.h"
#include "terminal/records.h"

enum {
    GOODS_MAX = 500,        /* a list that is still walked through by hand */
    GOODS_TEXT_MAX = 16384, /* of an import: 500 names of Chinese and their prices */
    GOODS_PRICE_MAX = 999999999,
};

struct good {
    int64_t number; /* 0: a new one */
    char name[BASKET_NAME];
    int64_t price_minor;
    char name_en[BASKET_NAME]; /* of a list from the console; "": it has none */
};

/* Why one is not taken. */
enum goods_verdict {
    GOODS_TAKEN,
    GOODS_NO_NAME,
    GOODS_LONG_NAME,
    GOODS_BAD_NAME, /* not UTF-8, or with control characters */
    GOODS_NO_PRICE, /* of a line of text: it does not end with one */
    GOODS_BAD_PRICE,
    GOODS_TWICE, /* the name is another good's, or stands twice in a text */
    GOODS_FULL,
    GOODS_VERDICTS
};

/* The list is kept at the merchant's console (prices.h): it is what is read here, and nothing of it
 * is changed at the terminal. */
MUST_USE err goods_afar(struct store *store, bool *ret_afar);

/* What it is called in a language. View of the good. */
const char *goods_name(const struct good *good, enum language language);

/* At most `max` goods with a number above `after`, in the order in which they were added. */
MUST_USE err goods_page(struct store *store, int64_t after, struct good *out, size_t max,
                        size_t *ret_count);
MUST_USE err goods_get(struct store *store, int64_t number, struct good *out); /* NOT_FOUND */
MUST_USE err goods_count(struct store *store, int64_t *ret_count);

/* Adds (number 0) or changes one. Untouched unless *ret_verdict is TAKEN. */
MUST_USE err goods_put(struct records *records, const struct good *good, const char *actor,
                       enum goods_verdict *ret_verdict);
MUST_USE err goods_remove(struct records *records, int64_t number, const char *actor);

/* What became of a text. */
struct goods_import {
    enum goods_verdict verdict; /* TAKEN: of all of it; else nothing of it was taken */
    size_t line;                /* which one, from 1 */
    size_t count;               /* how many goods were added or got another price */
};

/*
 * A line for each good: its name, spaces, tabs or a comma, its price ("卤蛋 2.50"). Empty lines do
 * not count. A name that is in the list gets the new price. All of it in one commit, or nothing.
 */
MUST_USE err goods_import(struct records *records, struct bytes text, const char *actor,
                          struct goods_import *out);

/* Inserts what was bought, within the caller's transaction; nothing for an empty basket. */
MUST_USE err goods_keep(struct store *store, int64_t payment, const struct basket *basket);
/* What was bought with `payment`: an empty basket when its amount was typed. */
MUST_USE err goods_of(struct store *store, int64_t payment, struct basket *out);
