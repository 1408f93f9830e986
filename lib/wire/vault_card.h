/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* vault_card: what the vault says of the cards at its readers, and in which ways one may come. */

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
