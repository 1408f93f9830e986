/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * vault_card: what the vault says of the cards at its readers, in which ways one may come, and what
 * it seals a card's data for. A part of vault_protocol.h, which says how it is told.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum vault_card_state {
    VAULT_CARD_NONE = 0,
    VAULT_CARD_READ = 1,
    VAULT_CARD_UNREADABLE = 2,
    VAULT_CARD_USE_CHIP = 3,
    VAULT_CARD_EXPIRED = 4,
    VAULT_CARD_CHIP = 5,    /* a chip has been found: CHIP_POLL says how it goes on */
    VAULT_CARD_SEVERAL = 6, /* more than one card: take one away */
    VAULT_CARD_LEFT = 7,    /* the card of a payment before is still in the slot: take it out */
};

/* In which ways a card may come; bits, with VAULT_WAY_NOTICE (vault_protocol_chip.h). */
enum vault_card_way { VAULT_WAY_SWIPE = 1, VAULT_WAY_INSERT = 2, VAULT_WAY_TAP = 4 };

struct vault_card {
    uint8_t state; /* enum vault_card_state; the rest only when READ */
    uint8_t entry; /* as in field 22: 1 by hand, 2 swipe, 80 swipe as the chip was not read */
    uint8_t pin_required;
    struct bytes pan_masked;
    struct bytes card_sequence; /* three digits or empty */
};

struct vault_envelope {
    struct bytes tid;
    uint32_t batch, stan;
    uint64_t amount_minor;
};

void vault_write_card(struct writer *w, const struct vault_card *m);
MUST_USE err vault_read_card(struct reader *r, struct vault_card *out);
void vault_write_envelope(struct writer *w, const struct vault_envelope *m);
MUST_USE err vault_read_envelope(struct reader *r, struct vault_envelope *out);
