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
    /* Of a code that a telephone shows (CARD_CODE), and of nothing else: */
    VAULT_CODE_TOO_LONG = 8,
    VAULT_CODE_UNREADABLE = 9, /* no base64, cut off, an object twice, of another version */
    VAULT_CODE_FOREIGN = 10,   /* no application that this terminal takes */
    VAULT_CODE_EMPTY = 11,     /* no card's number, expiry or cryptogram in it */
    VAULT_CODE_USED = 12,      /* a payment was made with it before */
    VAULT_CODE_REFUSED = 13,   /* the telephone has refused, or the card stands on a list */
    VAULT_CODE_NOT_TAKEN = 14, /* no parameters are loaded, by which codes are taken */
};

/* In which ways a card may come; bits, with VAULT_WAY_NOTICE (vault_protocol_chip.h). */
enum vault_card_way { VAULT_WAY_SWIPE = 1, VAULT_WAY_INSERT = 2, VAULT_WAY_TAP = 4 };

struct vault_card {
    uint8_t state; /* enum vault_card_state; the rest only when READ */
    uint8_t entry; /* as in field 22: 1 by hand, 2 swipe, 3 code, 80 swipe for a bad chip */
    uint8_t pin_required;
    struct bytes pan_masked;
    struct bytes card_sequence; /* three digits or empty */
};

struct vault_envelope {
    struct bytes tid;
    uint32_t batch, stan;
    uint64_t amount_minor;
};

/* Answer to CARD_CODE: the card, and when it is READ what the issuer judges. */
struct vault_card_code {
    struct vault_card card;
    struct bytes field55;
};

void vault_write_card_code(struct writer *w, const struct vault_card_code *m);
MUST_USE err vault_read_card_code(struct reader *r, struct vault_card_code *out);
void vault_write_card(struct writer *w, const struct vault_card *m);
MUST_USE err vault_read_card(struct reader *r, struct vault_card *out);
void vault_write_envelope(struct writer *w, const struct vault_envelope *m);
MUST_USE err vault_read_envelope(struct reader *r, struct vault_envelope *out);
