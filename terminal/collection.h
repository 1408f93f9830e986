/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * collection: what customer service asks a device for (S116), and how it travels: what happened
 * here, or what the screen says. Nothing in it is a secret: there is none in this program, and what
 * somebody types and every long run of digits is left out besides.
 *
 * Made when it is due, held in memory, told in parts one after the other; a connection that breaks
 * begins with the first again, and so does a restart.
 */

#include "lib/base/bytes.h"
#include "lib/wire/device_protocol.h"

enum {
    COLLECTION_MAX = 48 * 1024,
    COLLECTION_RECORDS = 300,  /* of the audit, the newest */
    COLLECTION_DIGITS_MAX = 5, /* a longer run of digits is hidden, but for its last two */
};

struct collection {
    int64_t number; /* of the command; 0: nothing is collected */
    uint8_t kind;   /* DEVICE_LOGS, DEVICE_SNAPSHOT */
    size_t len, told;
    bool under_way; /* a part was asked */
    uint8_t at[COLLECTION_MAX];
};

struct terminal;

/* Fills it for this command. */
MUST_USE err collection_make(struct terminal *t, int64_t number, uint8_t kind);

/* The next part; *ret_more false when all of it was told. `base64` holds its bytes. */
enum { COLLECTION_BASE64_MAX = (DEVICE_PART_MAX + 2) / 3 * 4 };
void collection_part(struct terminal *t, uint8_t base64[COLLECTION_BASE64_MAX],
                     struct device_message *ret_question);
/* The part was taken, or nobody wants it. */
MUST_USE err collection_heard(struct terminal *t, bool taken);
void collection_again(struct terminal *t); /* with the first part, over another connection */

/* Hides digits in text, in place. */
void collection_mask(uint8_t *at, size_t len);
