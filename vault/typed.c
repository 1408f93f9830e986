/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card number and an expiry that were typed into the panel: of a card that no reader can read.
 * They come as sealed touches, as a PIN does, and never leave but in an envelope.
 */
#include "lib/emv/pan.h"
#include "vault/state.h"

enum { EXPIRY_DIGITS = 4 };

bool vault_typed_there(const struct vault *v)
{
    return vault_entry_text(v, VAULT_ENTRY_PAN).len > 0 &&
           vault_entry_text(v, VAULT_ENTRY_EXPIRY).len == EXPIRY_DIGITS;
}

/* On a card the month comes first; everywhere else the year. */
static bool read_expiry(struct bytes mmyy, char yymm[static EXPIRY_DIGITS + 1])
{
    int month = (mmyy.at[0] - '0') * 10 + mmyy.at[1] - '0';
    memcpy(yymm, mmyy.at + 2, 2);
    memcpy(yymm + 2, mmyy.at, 2);
    return month >= 1 && month <= 12;
}

enum vault_card_state vault_typed_take(struct vault *v)
{
    struct bytes pan = vault_entry_text(v, VAULT_ENTRY_PAN);
    struct bytes expiry = vault_entry_text(v, VAULT_ENTRY_EXPIRY);
    CLEANUP(card_data_wipe) struct card_data card = {0};
    ENSURE(pan.len <= CARD_PAN_MAX && expiry.len == EXPIRY_DIGITS);
    memcpy(card.pan, pan.at, pan.len);
    bool good = read_expiry(expiry, card.expiry) && pan_luhn(pan) && pan_length_fits(pan);
    vault_entry_wipe(v, VAULT_ENTRY_PAN);
    vault_entry_wipe(v, VAULT_ENTRY_EXPIRY);
    if (!good) return VAULT_CARD_UNREADABLE;
    if (vault_card_expired(v, &card)) return VAULT_CARD_EXPIRED;
    v->secrets->card = card;
    return VAULT_CARD_READ;
}
