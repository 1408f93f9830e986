/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * BER-TLV as chip cards and field 55 use it (EMV Book 3, annex B; ISO/IEC 7816-4, 5.2.2).
 *
 * A walk goes over the objects of one level; the value of a constructed object is walked anew.
 * Values are views into the input. Bytes of 00 between objects are skipped (annex B1), and a tail
 * of 00 and FF; no object consists of those alone, so nothing can be lost.
 *
 * Stricter than BER: a length is in its shortest form (00-7F, 81 80-FF, 82 0100-FFFF), the
 * indefinite form is refused, and a tag has at most three bytes. One value has one encoding.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    TLV_TAG_BYTES = 3,
    TLV_DEPTH_MAX = 8, /* FCI templates nest four deep */
    TLV_VALUE_MAX = 65535,
};

struct tlv {
    uint32_t tag; /* its bytes as a number: 0x5A, 0x9F26 */
    bool constructed;
    size_t offset; /* of the tag, from the start of the walk */
    struct bytes value;
};

struct tlv_walk {
    struct reader r;
    size_t offset; /* of the object being read: where a fault is */
};

struct tlv_walk tlv_walk_over(struct bytes input);

/* The next object. False at the end and at a fault; tlv_finish says which. */
bool tlv_next(struct tlv_walk *walk, struct tlv *out);

/* OK at the end; SHORT, FORMAT (tag or length is not as above), LENGTH. */
MUST_USE err tlv_finish(const struct tlv_walk *walk);

/*
 * Finds the first object with this tag: on this level, or inside constructed ones too. NOT_FOUND
 * only when the whole input is well-formed; otherwise its fault, because a fault may hide the
 * object.
 */
MUST_USE err tlv_find(struct bytes input, uint32_t tag, struct bytes *ret_value);
MUST_USE err tlv_find_deep(struct bytes input, uint32_t tag, struct bytes *ret_value);

/* Appends one object. The value of a constructed one is written beforehand by the caller. */
void tlv_write(struct writer *w, uint32_t tag, struct bytes value);
