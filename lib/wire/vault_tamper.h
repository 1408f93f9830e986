/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* vault_tamper: the kinds of tampering that a vault may notice, and a word for each. */

#include "lib/base/bytes.h"

/* What a tamper input may have noticed (DV-07). The numbers are on disk and in answers. */
enum vault_tamper {
    VAULT_TAMPER_NONE = 0,
    VAULT_TAMPER_CASE = 1,    /* the case was opened */
    VAULT_TAMPER_MESH = 2,    /* the wire mesh over the keys was cut or bridged */
    VAULT_TAMPER_VOLTAGE = 3, /* the supply left its limits */
    VAULT_TAMPER_HEAT = 4,    /* the temperature left its limits */
    VAULT_TAMPER_CLOCK = 5,   /* the clock was set back, or far ahead */
    VAULT_TAMPER_DEBUGGER = 6,
    VAULT_TAMPER_BATTERY = 7, /* the battery that keeps the inputs awake was removed */
    VAULT_TAMPER_READER = 8,  /* something was put into the card reader */
    VAULT_TAMPER_KEYPAD = 9,  /* something was put over the keypad */
    VAULT_TAMPER_SERIAL = 10, /* the board is another device's */
    VAULT_TAMPER_KEY = 11,    /* the device key was exchanged */
    VAULT_TAMPER_STORE = 12,  /* the store was exchanged */
    VAULT_TAMPER_WIPED = 13,  /* no tampering: the host wanted it so */
    VAULT_TAMPERS             /* one more than the last */
};

/* "case", "mesh", ...: in logs, in events, at the inputs' drivers. Empty for NONE and the unknown.
 */
const char *vault_tamper_word(uint8_t kind);
/* NONE: no such word. */
enum vault_tamper vault_tamper_named(struct bytes word);
