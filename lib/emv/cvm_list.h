/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cvm_list: the card's list of cardholder verification rules (8E; EMV Book 3, 10.5 and annex C3).
 */

#include "lib/base/bytes.h"

enum {
    EMV_CVM_TRY_NEXT = 0x40, /* in a rule's code: when it fails, the next may be tried */
    EMV_CVM_METHOD = 0x3F,

    EMV_CVM_FAIL = 0x00,
    EMV_CVM_PIN_PLAIN = 0x01,
    EMV_CVM_PIN_ONLINE = 0x02,
    EMV_CVM_PIN_PLAIN_SIGN = 0x03,
    EMV_CVM_PIN_ENCIPHERED = 0x04,
    EMV_CVM_PIN_ENCIPHERED_SIGN = 0x05,
    EMV_CVM_SIGNATURE = 0x1E,
    EMV_CVM_NONE = 0x1F,
    EMV_CVM_DOCUMENT = 0x20, /* PBOC: the cashier looks at an identity document */
};

struct emv_cvm_rule {
    uint8_t code, condition;
};

struct emv_cvm_list {
    uint32_t x, y;      /* amounts of conditions 06 to 09, minor units of the card's currency */
    struct bytes rules; /* two bytes each, at least one rule */
};

/* Errors: SHORT, MISSING (amounts and no rule), FORMAT (half a rule). */
MUST_USE err emv_cvm_list_parse(struct bytes value, struct emv_cvm_list *out);

static inline size_t emv_cvm_rules(const struct emv_cvm_list *list)
{
    return list->rules.len / 2;
}

static inline struct emv_cvm_rule emv_cvm_rule(const struct emv_cvm_list *list, size_t index)
{
    ENSURE(index < emv_cvm_rules(list));
    return (struct emv_cvm_rule){list->rules.at[2 * index], list->rules.at[2 * index + 1]};
}
