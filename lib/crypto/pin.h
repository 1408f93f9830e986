/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pin: PIN blocks, ISO 9564-1. Encrypting happens in a vault, decrypting only in the hsm, and
 * translating (from a terminal's key to a network's) never shows a PIN outside this file.
 *
 * `pan` is the card number, 1 to 19 ASCII digits with its check digit; a block is bound to it.
 */

#include "lib/crypto/key.h"

enum { PIN_DIGITS_MIN = 4, PIN_DIGITS_MAX = 12, PIN_BLOCK_MAX = 16 };

/* name, text, bytes of the encrypted block */
#define PIN_FORMAT_LIST(X)                                                                        \
    X(ISO0, "iso-0", 8)           /* ISO 9564-1 format 0; TDES */                                 \
    X(ISO3, "iso-3", 8)           /* format 3: random filler; TDES */                             \
    X(ISO4, "iso-4", 16)          /* format 4: AES, two steps */                                  \
    X(NO_PAN, "no-pan", 8)        /* UnionPay 53.1 = 1: format 0 without the card number; TDES */ \
    X(SM4_SHORT, "sm4-short", 16) /* format 0 block and eight zero bytes; SM4 */                  \
    X(SM4_LONG, "sm4-long", 16)   /* format 0 stretched to sixteen bytes; SM4 */                  \
    X(ISO1, "iso-1", 8)           /* format 1: no card number, random filler; TDES */             \
    X(ISO2, "iso-2", 8)           /* format 2: to a chip card, offline; TDES or none */

enum pin_format {
#define X(name, text, len) PIN_##name,
    PIN_FORMAT_LIST(X)
#undef X
        PIN_FORMATS
};

/* A clear PIN: secret, ASCII digits. Declare it CLEANUP(pin_wipe). */
struct pin {
    uint8_t digit[PIN_DIGITS_MAX];
    uint8_t len;
};

struct pin_block {
    uint8_t at[PIN_BLOCK_MAX];
    uint8_t len;
};

size_t pin_block_length(enum pin_format format);
const char *pin_format_text(enum pin_format format);
void pin_wipe(struct pin *pin);

/* Errors: LENGTH (not 4 to 12), DIGIT. */
MUST_USE err pin_from_digits(struct bytes digits, struct pin *ret_pin);

/*
 * Errors: KEY (usage is not PIN or ZONE_PIN, or the cipher is not the format's), DIGIT or LENGTH
 * (of the card number), CRYPTO.
 */
MUST_USE err pin_block_encrypt(struct crypto *crypto, const struct key *key, enum pin_format format,
                               const struct pin *pin, struct bytes pan,
                               struct pin_block *ret_block);

/*
 * Errors: as above, LENGTH (block of another length), FORMAT (what comes out is no PIN block of
 * this card: wrong key, wrong card number or altered).
 */
MUST_USE err pin_block_decrypt(struct crypto *crypto, const struct key *key, enum pin_format format,
                               struct bytes block, struct bytes pan, struct pin *ret_pin);

/* From one key and format to another for the same card. Errors: as both of the above. */
MUST_USE err pin_block_translate(struct crypto *crypto, const struct key *from_key,
                                 enum pin_format from_format, struct bytes block,
                                 const struct key *to_key, enum pin_format to_format,
                                 struct bytes pan, struct pin_block *ret_block);

/*
 * The clear blocks: ISO2 goes to a chip card so (EMV book 3, 6.5.12); the others for `inspect` on
 * test keys and for tests. ISO4 has no clear block of its own (UNSUPPORTED). A format without card
 * number takes any, also none. Errors as above.
 */
MUST_USE err pin_block_encode_clear(const struct random *random, enum pin_format format,
                                    const struct pin *pin, struct bytes pan,
                                    struct pin_block *ret_block);
MUST_USE err pin_block_decode_clear(enum pin_format format, struct bytes block, struct bytes pan,
                                    struct pin *ret_pin);
