/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of tampering and their words, both ways. */
#include "lib/wire/vault_tamper.h"

static const char *const tamper_words[VAULT_TAMPERS] = {
    "",        "case",   "mesh",   "voltage", "heat", "clock", "debugger",
    "battery", "reader", "keypad", "serial",  "key",  "store", "wiped"};

const char *vault_tamper_word(uint8_t kind)
{
    return kind < VAULT_TAMPERS ? tamper_words[kind] : "";
}

enum vault_tamper vault_tamper_named(struct bytes word)
{
    for (uint8_t kind = 1; kind < VAULT_TAMPERS; kind++)
        if (bytes_equal(word, bytes_text(tamper_words[kind]))) return (enum vault_tamper)kind;
    return VAULT_TAMPER_NONE;
}
