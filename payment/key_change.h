/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * key_change: how an acquirer tells a network of new zone keys (S120): field 48 of an 0800 with 70
 * = 161, as hexadecimal digits of
 *
 *   1  version, 1
 *   4  number of the set, from 1, one more than that of the set before
 *   4  overlap in seconds: how long the set before is good, too, once the new one was used
 *   3  times 2 bytes of length and a key: PIN, MAC, data, each sealed by the acquirer's hsm to the
 *      network's transport key (lib/crypto/agreement.h)
 *
 * The 0800 has its MAC under the set that is in use; the 0810 with 39 = 00 has its MAC under the
 * new one, which shows that its sender could open it. Either may come again and says the same.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

#define PAYMENT_KEY_CHANGE_CODE "161" /* field 70 */

enum {
    PAYMENT_KEY_SEALED_MAX = 144, /* one key, sealed */
    PAYMENT_KEY_CHANGE_BYTES = 1 + 4 + 4 + 3 * (2 + PAYMENT_KEY_SEALED_MAX),
    PAYMENT_KEY_CHANGE_TEXT = 2 * PAYMENT_KEY_CHANGE_BYTES,
    PAYMENT_KEY_OVERLAP_MIN_S = 300,          /* no payment is under way for longer */
    PAYMENT_KEY_OVERLAP_MAX_S = 7 * 24 * 3600 /* what was to be replaced is to go */
};

/* Views. */
struct payment_key_change {
    uint32_t number, overlap_s;
    struct bytes pin, mac, data;
};

/* Appends the bytes. Errors: RANGE (the number, the overlap), LENGTH (a key), FULL. */
MUST_USE err payment_key_change_write(const struct payment_key_change *change, struct writer *w);

/* Errors: FORMAT, RANGE, and the reader's. */
MUST_USE err payment_key_change_read(struct bytes bytes, struct payment_key_change *ret_change);

/* From field 48, into `block` of PAYMENT_KEY_CHANGE_BYTES. */
MUST_USE err payment_key_change_decode(struct bytes text, uint8_t *block,
                                       struct payment_key_change *ret_change);
