/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Merchant-presented codes (EMV QR Code Specification, merchant-presented mode): objects of a
 * two-digit id, a two-digit length in characters, and a value in UTF-8; a CRC at the end.
 *
 * All values are views into the payload. Unknown ids are kept; nothing is interpreted but what
 * makes a code well-formed.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

enum {
    EMVCO_PAYLOAD_MAX =
        2048, /* four bytes for each of the 512 characters that the standard allows */
    EMVCO_OBJECTS_MAX = 100, /* ids are two digits and may not repeat */
    EMVCO_VALUE_MAX = 99,    /* characters */

    EMVCO_FORMAT = 0, /* "01", first */
    EMVCO_METHOD = 1, /* "11" static, "12" dynamic */
    EMVCO_MERCHANT_FIRST = 2,
    EMVCO_MERCHANT_LAST = 51,
    EMVCO_CATEGORY = 52,
    EMVCO_CURRENCY = 53,
    EMVCO_AMOUNT = 54,
    EMVCO_COUNTRY = 58,
    EMVCO_NAME = 59,
    EMVCO_CITY = 60,
    EMVCO_POSTAL = 61,
    EMVCO_ADDITIONAL = 62,
    EMVCO_CRC = 63, /* last */
    EMVCO_LANGUAGE = 64,
};

struct emvco_object {
    unsigned id;
    struct bytes value;
};

struct emvco_code {
    size_t count;
    struct emvco_object object[EMVCO_OBJECTS_MAX]; /* in the order of the payload */
};

struct emvco_fault {
    unsigned id;   /* of the object at fault; of the missing one; 0 before the first */
    size_t offset; /* bytes */
};

/*
 * Reads a whole payload. Errors, with `fault` filled and `out` untouched: SHORT, LENGTH (payload or
 * value), DIGIT (id or length), FORMAT (order, UTF-8, an empty value, a value that is not of its
 * object's shape), EXISTS (an id twice), MISSING (00, 52, 53, 58, 59 or 60), MAC (CRC).
 */
MUST_USE err emvco_parse(struct bytes payload, struct emvco_code *out, struct emvco_fault *fault);

/* Reads the objects inside a template (02 to 51, 62, 64, 80 to 99): the same without order or CRC.
 */
MUST_USE err emvco_parse_template(struct bytes value, struct emvco_code *out,
                                  struct emvco_fault *fault);

/* The value of an id, or an empty view: a present value is never empty. */
struct bytes emvco_get(const struct emvco_code *code, unsigned id);

/* Whether the value of this id has objects of its own. */
bool emvco_is_template(unsigned id);

/*
 * Appends one object. LENGTH in the writer when the value has more than 99 characters, FORMAT when
 * it is empty or no UTF-8.
 */
void emvco_write_object(struct writer *w, unsigned id, struct bytes value);

/*
 * Appends a whole code: object 00 first, then `objects` in their order, then the CRC. Errors: as
 * emvco_parse, which has the last word on what was built, LENGTH for a name above 25 or a city
 * above 15 characters, and what the writer said.
 */
MUST_USE err emvco_build(const struct emvco_object *objects, size_t count, struct writer *w);

/* CRC-16 with polynomial 1021 from FFFF (ISO/IEC 13239), of which 123456789 gives 29B1. */
uint16_t emvco_crc(struct bytes b);
