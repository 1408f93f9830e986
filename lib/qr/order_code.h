/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Our own merchant-presented codes: an EMVCo code (emvco.h) whose template 26 says whose it is and
 * is signed. Of one order (主扫, S78) it holds reference, amount and the second in which it
 * expires; on a plate that stands in a shop (S79) the plate's number and no amount.
 *
 *   01  12 an order, 11 a plate          52  category       53  currency    54  amount (order)
 *   26  00 ORDER_CODE_GUID               58  country        59  name, ASCII 60  city
 *       01 reference                     63  CRC
 *       02 expiry: ten digits, seconds since 1970 (order)
 *       03 MAC: sixteen upper-case hexadecimal digits
 *       04 merchant (plate)            61  postal code (may be absent)
 *
 * The MAC is that of the zone between acquirer and wallet: AES-CMAC, first 8 bytes, over the text
 * from its first byte to the CRC's id, with sixteen zeros in the place of the MAC. So nothing of it
 * can be altered, and no message of the zone has the same bytes: those begin with their type.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

#define ORDER_CODE_GUID "org.tongbao.pay"

enum {
    ORDER_CODE_REFERENCE_MAX = 16, /* letters and digits */
    ORDER_CODE_NAME_MAX = 25,
    ORDER_CODE_MAC = 8,
    ORDER_CODE_POSTAL_MAX = 10,
    ORDER_CODE_MAX = 224, /* bytes of the longest */
};

struct order_code {
    bool plate;
    char reference[ORDER_CODE_REFERENCE_MAX + 1];
    char merchant[16]; /* of a plate: letters and digits; of an order empty */
    char category[5];  /* four digits */
    char name[ORDER_CODE_NAME_MAX + 1];
    char city[16];
    char postal[ORDER_CODE_POSTAL_MAX + 1]; /* ASCII; may be empty */
    char country[3];                        /* two capital letters */
    uint16_t currency;
    int64_t amount_minor; /* of an order: 1 .. MONEY_FIELD_MAX; of a plate 0 */
    int64_t expires_s;    /* of an order: UTC, 1 .. 9999999999; of a plate 0 */
    uint8_t mac[ORDER_CODE_MAC];
};

/* Appends the text, with the MAC as it stands in `code` (zeros: to be signed). Errors: FORMAT,
 * LENGTH, RANGE (what is not of its form), and the writer's. */
MUST_USE err order_code_write(const struct order_code *code, struct writer *w);

/*
 * Reads a text of anybody's. Errors, `out` untouched: UNSUPPORTED (no EMVCo code, or a well-formed
 * one of somebody else: not ours), MAC (the CRC), and of one of ours FORMAT, MISSING and those of
 * emvco_parse. The MAC is the caller's to check.
 */
MUST_USE err order_code_parse(struct bytes text, struct order_code *out);

/* Appends what the MAC covers. FORMAT: it does not write as it was read. */
MUST_USE err order_code_signed(const struct order_code *code, struct bytes text, struct writer *w);
