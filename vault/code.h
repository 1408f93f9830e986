/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* code: a card that a telephone shows as a code, as the vault keeps it. */

#include "lib/wire/vault_protocol.h"

struct vault;

/* What tells a card's code from every other one: its cryptogram and its counter. */
enum {
    VAULT_CODE_MARK = 8 + 2,
    VAULT_CODES_KEPT = 32 /* far more than are shown in two minutes */
};

/* Whether the vault's card came as a code, and the codes that payments were made with. */
struct vault_coded {
    bool is, pin_required;
    uint8_t mark[VAULT_CODE_MARK];
    uint8_t used[VAULT_CODES_KEPT][VAULT_CODE_MARK];
    size_t next;
};

err vault_run_card_code(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* When the card is a code's, an envelope was made of it: it is good for no other payment. */
void vault_code_spend(struct vault *v);
