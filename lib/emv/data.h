/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * data: the data objects of one transaction, by tag: what the terminal says, what the card says
 * and what the kernel finds out. Contact and contactless kernels, DOLs and field 55 read it.
 *
 * A fixed arena and no allocation. What a card says, it says once: EMV Book 3, 10.2 makes a second
 * object of the same tag a fault, so emv_data_put() refuses it; a card that changes its number
 * between two records ends there. The terminal's own objects are replaced with emv_data_set().
 *
 * The store holds the card number, so its owner wipes it (emv_data_wipe). It never holds a PIN.
 */

#include "lib/base/tlv.h"

enum {
    EMV_DATA_OBJECTS = 160, /* the fullest cards seen have 60, the terminal adds 40 */
    EMV_DATA_BYTES = 8192,  /* certificates of 248 bytes and all records of 255 that matter */
    EMV_DATA_VALUE_MAX = 255,
};

enum emv_source {
    EMV_TERMINAL, /* amounts, capabilities, TVR: ours; the card cannot overwrite it */
    EMV_CARD,
};

struct emv_object {
    uint32_t tag;
    uint16_t at;
    uint8_t len, room;
    uint8_t source; /* enum emv_source */
};

struct emv_data {
    size_t count, used;
    struct emv_object object[EMV_DATA_OBJECTS];
    uint8_t arena[EMV_DATA_BYTES];
};

/* Empty, and nothing of what was in it left in memory. */
void emv_data_wipe(struct emv_data *data);

/*
 * Adds what a card said. An empty value is no object and is left out (Book 3, annex B).
 * Errors: EXISTS (this tag stands here already, whoever said it), LENGTH, FULL.
 */
MUST_USE err emv_data_put(struct emv_data *data, uint32_t tag, struct bytes value);

/* Adds or replaces an object of the terminal. A caller's bug (no room, too long) stops. */
void emv_data_set(struct emv_data *data, uint32_t tag, struct bytes value);
void emv_data_set_number(struct emv_data *data, uint32_t tag, uint64_t value, size_t width);

/* The value, a view that lives until the store is wiped or the object replaced; false when there is
 * no such object. */
bool emv_data_get(const struct emv_data *data, uint32_t tag, struct bytes *ret_value);

/* The same, when it has exactly this length. */
bool emv_data_get_exact(const struct emv_data *data, uint32_t tag, size_t len,
                        struct bytes *ret_value);

/* Takes an object out again, wiped: what a candidate said that was given up. */
void emv_data_forget_card(struct emv_data *data);

/* Unsigned big-endian value of up to four bytes, `otherwise` when it is missing or longer. */
uint32_t emv_data_number(const struct emv_data *data, uint32_t tag, uint32_t otherwise);

/*
 * The card number (5A) as text of 8 to 19 digits. Errors: MISSING, FORMAT (not digits padded with
 * F).
 */
MUST_USE err emv_data_pan(const struct emv_data *data, char ret_pan[20], size_t *ret_digits);

/* Packed digits padded with F (format cn) as text; `text` has room for max + 1. FORMAT. */
MUST_USE err emv_digits(struct bytes packed, char *text, size_t max, size_t *ret_digits);

/* Whether a card number of track 2 equivalent data (57) is the one of 5A. True without a 57. */
bool emv_data_track_agrees(const struct emv_data *data);

/* amount in minor units as n12; at most 999999999999. */
void emv_amount(int64_t amount_minor, uint8_t out[6]);
int64_t emv_amount_of(struct bytes n12); /* -1 when it is no n12 */

/*
 * Field 55 (protocol facts 1.8), each object that is there, in the order of the list.
 * Errors: FULL.
 */
enum emv_field55 {
    EMV_FIELD55_REQUEST,
    EMV_FIELD55_REVERSAL,
    EMV_FIELD55_ADVICE, /* of a card that has approved by itself */
    EMV_FIELD55_SCRIPT, /* advice of script results */
    EMV_FIELD55_KINDS,
};
MUST_USE err emv_data_field55(const struct emv_data *data, enum emv_field55 kind, struct writer *w);
