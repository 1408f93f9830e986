/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fci: what a card says about a file that was selected (EMV Book 1, 11.3.4): payment system
 * environments and applications, of both interfaces. Views into the answer.
 */

#include "lib/base/tlv.h"

struct emv_fci {
    struct bytes name;          /* 84, never empty */
    struct bytes proprietary;   /* A5, the whole template's value; may be empty */
    struct bytes discretionary; /* BF0C inside it; may be empty */
    uint8_t directory;          /* 88: SFI 1 to 10 of the directory, 0 when there is none */
    uint8_t priority;           /* 87: low nibble; 0 is last */
    bool confirm;               /* 87: the cardholder must agree */
    struct bytes label;         /* 50 */
    struct bytes preferred;     /* 9F12 */
    uint8_t code_table;         /* 9F11: ISO/IEC 8859 part of the preferred name, 0 when missing */
};

/* Errors: FORMAT (not one template 6F with a name), and the faults of BER-TLV. */
MUST_USE err emv_fci_parse(struct bytes answer, struct emv_fci *out);
