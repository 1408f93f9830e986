/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a terminal fetches the parameters of its chip cards: what stands in field 62 of 0800 and 0810
 * (protocol facts 1.4 and 1.14; docs/dialect.md has the conversation). The message itself is that
 * of a sign-in (message.h) with another code.
 *
 *   code  request                            answer
 *   372   number in force (10)               0: nothing newer; 1, number (10), bytes (6)
 *   370   number (10), offset (6)            0: not this number any more; 2 or 3, bytes of the part
 *   371   number in force (10), digest (32)  nothing
 *
 * Numbers are decimal digits; 2 means that more follows, 3 that this part is the last. The digest
 * is SHA-256 over the signed document. The document itself is opaque here: a vault judges it.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    PAYMENT_FIELD_62_MAX = 512,                  /* of both dialects */
    PAYMENT_PART_MAX = PAYMENT_FIELD_62_MAX - 1, /* the flag stands in front */
    PAYMENT_DOCUMENT_MAX = 999999,               /* six digits */
    PAYMENT_DIGEST_BYTES = 32,
};

/* Field 60.3. */
#define PAYMENT_CODE_PART   "370"
#define PAYMENT_CODE_END    "371"
#define PAYMENT_CODE_STATUS "372"

/* Is this the code of one of the three? */
bool payment_download_code(const char *code);

/* What a terminal asks; which members count is the code's. */
struct payment_download_ask {
    uint32_t number, offset;
    uint8_t digest[PAYMENT_DIGEST_BYTES];
};

void payment_download_write_ask(struct writer *w, const char *code,
                                const struct payment_download_ask *ask);
/* Errors: SHORT, DIGIT, LENGTH (bytes behind it), RANGE; UNSUPPORTED (no such code). */
MUST_USE err payment_download_read_ask(const char *code, struct bytes field,
                                       struct payment_download_ask *out);

/* What a host answers to 372 and 370. */
struct payment_download_answer {
    bool there;           /* 372: something newer is there; 370: this number still is */
    uint32_t number, len; /* 372: of the newer one */
    bool last;            /* 370 */
    struct bytes part;    /* 370: a view */
};

void payment_download_write_status(struct writer *w, const struct payment_download_answer *answer);
/* The flag of a part; its bytes are written behind it. */
void payment_download_write_flag(struct writer *w, bool there, bool last);
/* Errors as above; FORMAT when the flag is none. */
MUST_USE err payment_download_read_answer(const char *code, struct bytes field,
                                          struct payment_download_answer *out);
