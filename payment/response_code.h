/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Response codes (field 39): what each means to the people at the counter and what they do now.
 * One table for terminal, acquirer and console; an unknown code gets the safe default: not
 * approved, ask the customer for another way to pay.
 */

#include "payment/payment.h"

/* A approve, B retry, C decline, D the operator must act, E system: section 1.13 of the notes. */
enum response_class {
    RESPONSE_APPROVE = 'A',
    RESPONSE_RETRY = 'B',
    RESPONSE_DECLINE = 'C',
    RESPONSE_ACT = 'D',
    RESPONSE_SYSTEM = 'E',
};

struct response_code {
    char code[3];
    enum response_class class;
    const char *reason_zh, *reason_en; /* what happened */
    const char *advice_zh, *advice_en; /* what to do now */
};

/* Never NULL: an unknown code gives the default row, whose code is "--". */
const struct response_code *response_code(const char *code);

/* That of an answer, in the words for what was paid with: of a code that the customer shows, or of
 * a member's points, there is no card to speak of. */
const struct response_code *response_code_by(const struct payment *payment);

static inline bool response_approved(const char *code)
{
    return response_code(code)->class == RESPONSE_APPROVE;
}

/*
 * What a terminal of another profile is told in the place of a code of ours (B1 to BA, which say
 * exactly why a void, a refund or a completion is refused); any other code is what it is.
 */
const char *response_code_standard(const char *code);

/* For tests and docs: the whole table. */
const struct response_code *response_code_table(size_t *ret_count);
