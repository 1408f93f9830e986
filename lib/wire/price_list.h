/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The price list that a merchant keeps at his console, as one terminal has it (S125): a document
 * that the back office writes, folded from the merchant's list and what regions and the outlet
 * set, and that a terminal takes. Its SHA-256 and size stand in the device's parameters
 * (device_parameters.h), for which its vault has the hsm's word; so the list itself may come in
 * pieces, by any way, and is what was signed or is refused.
 *
 *   tongbao prices 1
 *   A01 TAB 250 TAB 690123456789 TAB 小吃 TAB 卤蛋 TAB Tea egg
 *
 * A line for each good, in the order of the list: code, price in fen, barcode, category, name,
 * English name; barcode, category and English name may be empty. Each line ends with a line feed.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    PRICE_GOODS_MAX = 500, /* a list that is still walked through by hand */
    PRICE_CODE_MAX = 16,
    PRICE_NAME_MAX = 48,     /* bytes: sixteen Chinese characters */
    PRICE_NAME_COLUMNS = 32, /* of a slip */
    PRICE_CATEGORY_MAX = 24,
    PRICE_BARCODE_MAX = 14, /* GTIN-14 */
    PRICE_MINOR_MAX = 999999999,
    PRICE_LIST_MAX = 88 * 1024, /* 500 lines at their longest have 83 kB */
    PRICE_DIGEST = 32,
};

struct price_good {
    char code[PRICE_CODE_MAX + 1];       /* A-Z a-z 0-9 - _ */
    char barcode[PRICE_BARCODE_MAX + 1]; /* digits, or "" */
    char category[PRICE_CATEGORY_MAX + 1];
    char name[PRICE_NAME_MAX + 1], name_en[PRICE_NAME_MAX + 1];
    int64_t price_minor; /* 1 .. PRICE_MINOR_MAX */
};

/* What of a good is not as it must be, as the name of its member; NULL: it fits. */
const char *price_good_fault(const struct price_good *good);

void price_list_begin(struct writer *w);
/* ENSUREs that it fits. */
void price_list_add(struct writer *w, const struct price_good *good);

struct price_reader {
    struct reader r;
    size_t count;
};

/* FORMAT: no such document, or a line that is not as above; more than PRICE_GOODS_MAX of them. */
MUST_USE err price_list_open(struct bytes document, struct price_reader *ret_reader);
/* *ret_more false: the list has ended, and `out` is untouched. */
MUST_USE err price_list_next(struct price_reader *reader, struct price_good *out, bool *ret_more);

/* SHA-256 of a document. Errors: NO_MEMORY, CRYPTO. */
MUST_USE err price_list_digest(struct bytes document, uint8_t ret_digest[PRICE_DIGEST]);
