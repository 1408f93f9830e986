/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * card_atr: what an answer to reset (ISO/IEC 7816-3, 8.2) says about where a card is. A contactless
 * card has none: the reader makes one up, which begins 3B 8n 80 01 and ends with a check byte
 * (PC/SC part 3, 3.1.3.2.3).
 */

#include "lib/base/bytes.h"

enum { CARD_ATR_MAX = 33 };

enum card_interface { CARD_CONTACT, CARD_CONTACTLESS };

enum card_interface card_atr_interface(struct bytes atr);
