/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * card_code: the code of a card in a customer's telephone (EMV QR Code Specification for Payment
 * Systems, consumer-presented mode, 4): base64 of BER-TLV.
 *
 *   85  "CPV01", first
 *   61  an application: 4F its name, then data of its own, 63 with more of it. In order of
 *       preference, at least one
 *   62  data that is the same for all applications, 64 with more of it. At most once
 *
 * It is card data, secret until it has been used and a number for thieves afterwards: whoever
 * holds one of these wipes it. The code is made before anybody knows the amount, so its cryptogram
 * covers none: what binds an amount to it is the envelope and the MAC of the message.
 */

#include "lib/base/writer.h"
#include "lib/crypto/envelope.h"

enum {
    CARD_CODE_TEXT_MAX = 512, /* characters of base64: the standard's limit (4.1) */
    CARD_CODE_BYTES_MAX = 384,
    CARD_CODE_APPLICATIONS = 8, /* a wallet shows one card, and that has one name or two */
    CARD_CODE_CRYPTOGRAM = 8,
};

/* Views into `block`. */
struct card_code_application {
    struct bytes aid;         /* 4F, 5 to 16 bytes */
    struct bytes own;         /* all of 61 */
    struct bytes transparent; /* 63 in it, or empty */
};

/* It points into itself: not to be copied. Declare it CLEANUP(card_code_wipe). */
struct card_code {
    size_t applications;
    struct card_code_application application[CARD_CODE_APPLICATIONS];
    struct bytes common, common_transparent; /* 62, and 64 in it */
    uint8_t block[CARD_CODE_BYTES_MAX];
};

void card_code_wipe(struct card_code *code);

/*
 * Reads a code's text into `out`, which is wiped on failure. Errors: LENGTH (more than
 * CARD_CODE_TEXT_MAX), FORMAT (no base64, no TLV, another order, a name that is none), SHORT (it
 * ends in the middle of an object), NEWER (another version than CPV01), MISSING (no application, or
 * one without a name), EXISTS (an object twice), FULL (more applications than the table has).
 */
MUST_USE err card_code_parse(struct bytes text, struct card_code *out);

/*
 * An object as it counts for one application: its own, its own transparent, the common, the common
 * transparent one, the first that is there. Empty when it is nowhere.
 */
struct bytes card_code_get(const struct card_code *code, size_t application, uint32_t tag);

/*
 * Whose card it is. Errors: MISSING (no number, or no expiry), FORMAT and DIGIT (what is there
 * cannot be one), CONFLICT (two numbers), LENGTH.
 */
MUST_USE err card_code_card(const struct card_code *code, size_t application,
                            struct card_data *ret_card);

/*
 * Appends field 55: 9F26 [9F27] 9F10 9F37 9F36 [82] 84, nothing of which is card data. Errors:
 * MISSING (one that is not in brackets), LENGTH (of one), DENIED (9F27 says that the telephone has
 * refused or has decided by itself), what the writer says.
 */
MUST_USE err card_code_field55(const struct card_code *code, size_t application, struct writer *w);
