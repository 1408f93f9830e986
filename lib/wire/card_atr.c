/* SPDX-License-Identifier: Apache-2.0 */
/* The four bytes by which PC/SC marks a contactless card, and the check byte behind the rest. */
#include "lib/wire/card_atr.h"

enum { FRAME = 5 }; /* TS, T0, TD1, TD2 and the check byte; between them the historical bytes */

enum card_interface card_atr_interface(struct bytes atr)
{
    if (atr.len < FRAME || atr.at[0] != 0x3B || (atr.at[1] & 0xF0) != 0x80) return CARD_CONTACT;
    if (atr.at[2] != 0x80 || atr.at[3] != 0x01) return CARD_CONTACT;
    if (atr.len != FRAME + (atr.at[1] & 0x0Fu)) return CARD_CONTACT;
    uint8_t check = 0;
    for (size_t i = 1; i < atr.len; i++) check ^= atr.at[i];
    return check == 0 ? CARD_CONTACTLESS : CARD_CONTACT;
}
