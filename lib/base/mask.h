/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mask: card numbers inside text that may be anything. It errs on the safe side: a harmless number
 * that could be a card is masked with the cards. (log_redact() goes by length alone, for logs.)
 */

#include "lib/base/bytes.h"

enum {
    MASK_HEAD = 6, /* what a person may see of a card number (PCI DSS 3.4) */
    MASK_TAIL = 4,
    MASK_CARD_MIN = 13,
    MASK_CARD_MAX = 19,
};

/* ISO/IEC 7812-1 annex B: the last digit checks the others. False for what is not digits. */
bool mask_luhn(struct bytes digits);

/*
 * Copies `text` to `out` (of text.len bytes, not the same memory), with first six and last four
 * left of every 13 to 19 digits that pass Luhn and do not begin with 0 or 1, wherever in a run of
 * digits they stand. Says whether anything was masked.
 */
bool mask_cards(struct bytes text, uint8_t *out);
