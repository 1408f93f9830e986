/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * prices: the price list that the merchant keeps at his console (S125), as this terminal has it.
 *
 * What is set from afar (afar.h) names a list by its digest and size; it is fetched in pieces over
 * the device channel, and is what was signed or is refused as a whole: the document that named it
 * is then denied, and the list before stays. It is put into the store with that document, when
 * nobody is in the middle of anything, and holds there without a line until another one comes, or
 * a document that names none: then the list that is kept at the terminal holds again (goods.h).
 */

#include "lib/wire/device_parameters.h"
#include "lib/wire/device_protocol.h"
#include "lib/wire/price_list.h"

struct terminal;

struct prices {
    struct device_goods kept;   /* in the store */
    struct device_goods wanted; /* that the document which waits names */
    bool asked, failed, whole;  /* whole: all of it is in `text`, and is what was signed */
    int64_t part;               /* pieces that have come */
    size_t len;
    uint8_t text[PRICE_LIST_MAX];
};

MUST_USE err prices_open(struct terminal *t);
bool prices_has(const struct terminal *t, const struct device_goods *goods);

/* Another document waits: fetches what it names, unless it is here. */
void prices_want(struct terminal *t, const struct device_goods *goods);
bool prices_ready(const struct terminal *t);
bool prices_failed(const struct terminal *t);

/* The next piece is to be asked for; its question; its answer; the line was lost. */
bool prices_due(const struct terminal *t);
void prices_tell(struct terminal *t, struct device_message *ret_question);
void prices_heard(struct terminal *t, const struct device_message *heard);
void prices_again(struct terminal *t);

/* With the document that names it. ENSUREs that it is ready. */
MUST_USE err prices_in_force(struct terminal *t);
