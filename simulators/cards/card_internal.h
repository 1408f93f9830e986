/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What card.c (commands), card_ac.c (cryptograms) and card_script.c share. */

#include "lib/base/tlv.h"
#include "simulators/cards/card.h"

/* Status words (ISO/IEC 7816-4, 5.6; EMV Book 3, 6.3.5). */
enum {
    SW_OK = 0x9000,
    SW_ISSUER_FAILED = 0x6300,
    SW_TRIES_LEFT = 0x63C0,
    SW_BLOCKED_APPLICATION = 0x6283,
    SW_LENGTH = 0x6700,
    SW_SECURITY = 0x6982,
    SW_PIN_BLOCKED = 0x6983,
    SW_DATA_INVALID = 0x6984,
    SW_STATE = 0x6985,
    SW_ASK_OWNER = 0x6986,
    SW_MAC = 0x6988,
    SW_FUNCTION = 0x6A81,
    SW_NOT_FOUND = 0x6A82,
    SW_NO_RECORD = 0x6A83,
    SW_PARAMETERS = 0x6A86,
    SW_NO_DATA = 0x6A88,
    SW_INSTRUCTION = 0x6D00,
    SW_CLASS = 0x6E00,
    SW_BROKEN = 0x6F00, /* its cryptography failed */
};

/* A command in its parts. */
struct chip_command {
    uint8_t cla, ins, p1, p2;
    struct bytes data;
    uint8_t header[5]; /* with Lc: script MACs cover it */
};

/* The value of a tag out of data that answers a list; empty when the list has none. */
struct bytes chip_listed(struct bytes list, struct bytes data, uint32_t tag);

/* Each writes its data (no status word) and returns the status word. */
unsigned chip_generate_ac(struct chip_card *card, const struct chip_command *c, struct writer *w);
unsigned chip_tap(struct chip_card *card, struct bytes pdol_data, struct writer *w);
unsigned chip_external_authenticate(struct chip_card *card, const struct chip_command *c);
unsigned chip_internal_authenticate(struct chip_card *card, const struct chip_command *c,
                                    struct writer *w);
unsigned chip_verify(struct chip_card *card, const struct chip_command *c);
unsigned chip_script(struct chip_card *card, const struct chip_command *c);

/* Whether this is a command with a MAC that chip_script() takes. */
bool chip_is_script(const struct chip_command *c);

/* A dynamic signature over `dynamic` and what it vouches for (EMV Book 2, 6.5.2). */
MUST_USE err chip_sign(struct bytes dynamic, const struct bytes *more, size_t parts, uint8_t *out);
