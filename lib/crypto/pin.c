/* SPDX-License-Identifier: Apache-2.0 */
/* PIN blocks of ISO 9564-1 and the two UnionPay forms for SM4. */
#include "lib/crypto/pin.h"

#include <assert.h>

#include "lib/crypto/cipher.h"

enum { PAN_DIGITS_MAX = 19, NIBBLES_MAX = 2 * PIN_BLOCK_MAX };

/* Which ciphers a format takes. */
enum family { FAMILY_NONE, FAMILY_DES, FAMILY_AES, FAMILY_SM4 };

static const enum family family_of[KEY_ALGORITHMS] = {
    [KEY_DES] = FAMILY_DES,    [KEY_TDES] = FAMILY_DES,   [KEY_TDES3] = FAMILY_DES,
    [KEY_AES128] = FAMILY_AES, [KEY_AES192] = FAMILY_AES, [KEY_AES256] = FAMILY_AES,
    [KEY_SM4] = FAMILY_SM4,
};

/* What the formats differ in. ISO4 goes its own way: it encrypts twice. */
static const struct {
    const char *text;
    uint8_t len;       /* bytes of the encrypted block */
    uint8_t clear_len; /* bytes of the block before encryption; the rest is zeros */
    uint8_t control;   /* the first nibble */
    bool with_pan;
    enum family family;
    uint8_t least, most; /* what a nibble of filler may be; random where there is a choice */
} row[PIN_FORMATS] = {
    [PIN_ISO0] = {"iso-0", 8, 8, 0, true, FAMILY_DES, 15, 15},
    [PIN_ISO3] = {"iso-3", 8, 8, 3, true, FAMILY_DES, 10, 15},
    [PIN_ISO4] = {"iso-4", 16, 16, 4, true, FAMILY_AES, 10, 10},
    [PIN_NO_PAN] = {"no-pan", 8, 8, 0, false, FAMILY_DES, 15, 15},
    [PIN_SM4_SHORT] = {"sm4-short", 16, 8, 0, true, FAMILY_SM4, 15, 15},
    [PIN_SM4_LONG] = {"sm4-long", 16, 16, 0, true, FAMILY_SM4, 15, 15},
    [PIN_ISO1] = {"iso-1", 8, 8, 1, false, FAMILY_DES, 0, 15},
    [PIN_ISO2] = {"iso-2", 8, 8, 2, false, FAMILY_DES, 15, 15},
};

#define X(name, text, len) static_assert(PIN_##name < PIN_FORMATS && (len) <= PIN_BLOCK_MAX, text);
PIN_FORMAT_LIST(X)
#undef X

size_t pin_block_length(enum pin_format format)
{
    ENSURE(format < PIN_FORMATS);
    return row[format].len;
}

const char *pin_format_text(enum pin_format format)
{
    return format < PIN_FORMATS ? row[format].text : "unknown";
}

void pin_wipe(struct pin *pin)
{
    secret_wipe_bytes(pin, sizeof *pin);
}

err pin_from_digits(struct bytes digits, struct pin *ret_pin)
{
    if (digits.len < PIN_DIGITS_MIN || digits.len > PIN_DIGITS_MAX) return ERR(LENGTH);
    if (!bytes_all_digits(digits)) return ERR(DIGIT);
    pin_wipe(ret_pin);
    memcpy(ret_pin->digit, digits.at, digits.len);
    ret_pin->len = (uint8_t)digits.len;
    return OK;
}

/* A block while it is put together, one nibble a byte. Secret. */
struct nibbles {
    uint8_t at[NIBBLES_MAX];
};

static void nibbles_wipe(struct nibbles *nibbles)
{
    secret_wipe_bytes(nibbles, sizeof *nibbles);
}

static void pack(const struct nibbles *nibbles, size_t len, uint8_t *out)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(nibbles->at[2 * i] << 4 | nibbles->at[2 * i + 1]);
}

static void unpack(const uint8_t *in, size_t len, struct nibbles *ret_nibbles)
{
    for (size_t i = 0; i < len; i++) {
        ret_nibbles->at[2 * i] = in[i] >> 4;
        ret_nibbles->at[2 * i + 1] = in[i] & 15;
    }
}

static err check_pan(enum pin_format format, struct bytes pan)
{
    if (!row[format].with_pan) return OK;
    if (pan.len == 0 || pan.len > PAN_DIGITS_MAX) return ERR(LENGTH);
    return bytes_all_digits(pan) ? OK : ERR(DIGIT);
}

/*
 * XORs the twelve rightmost digits of the card number before its check digit onto the right end
 * of the block (ISO 9564-1, 9.3.2.3). A shorter number has zeros on its left.
 */
static void mix_pan(struct bytes pan, size_t clear_len, struct nibbles *nibbles)
{
    size_t end = 2 * clear_len;
    for (size_t i = 0; i < 12 && i + 1 < pan.len; i++)
        nibbles->at[end - 1 - i] ^= (uint8_t)(pan.at[pan.len - 2 - i] - '0');
}

/* Control, length, digits and filler: everything but the card number. */
static void lay_pin(const struct random *random, enum pin_format format, const struct pin *pin,
                    struct nibbles *nibbles)
{
    size_t count = 2 * (size_t)row[format].clear_len;
    nibbles->at[0] = row[format].control;
    nibbles->at[1] = pin->len;
    for (size_t i = 0; i < pin->len; i++) nibbles->at[2 + i] = pin->digit[i] - '0';
    uint8_t least = row[format].least, width = (uint8_t)(row[format].most - least + 1);
    for (size_t i = 2u + pin->len; i < count; i++)
        nibbles->at[i] = (uint8_t)(least + (width == 1 ? 0 : random_below(random, width)));
}

err pin_block_encode_clear(const struct random *random, enum pin_format format,
                           const struct pin *pin, struct bytes pan, struct pin_block *ret_block)
{
    ENSURE(format < PIN_FORMATS);
    ENSURE(pin->len >= PIN_DIGITS_MIN && pin->len <= PIN_DIGITS_MAX);
    if (format == PIN_ISO4) return ERR(UNSUPPORTED);
    TRY(check_pan(format, pan));
    CLEANUP(nibbles_wipe) struct nibbles nibbles = {0};
    lay_pin(random, format, pin, &nibbles);
    if (row[format].with_pan) mix_pan(pan, row[format].clear_len, &nibbles);
    *ret_block = (struct pin_block){.len = row[format].len};
    pack(&nibbles, row[format].clear_len, ret_block->at);
    return OK;
}

/* Are all nibbles from..to within least..most? Looks at every one, whatever it finds. */
static bool all_within(const struct nibbles *nibbles, size_t from, size_t to, uint8_t least,
                       uint8_t most)
{
    unsigned outside = 0;
    for (size_t i = from; i < to; i++) outside += nibbles->at[i] < least || nibbles->at[i] > most;
    return outside == 0;
}

/* The PIN of a block without its card number. `count` nibbles; FORMAT when it is no such block. */
static err take_pin(enum pin_format format, const struct nibbles *nibbles, size_t count,
                    struct pin *ret_pin)
{
    size_t len = nibbles->at[1];
    if (nibbles->at[0] != row[format].control) return ERR(FORMAT);
    if (len < PIN_DIGITS_MIN || len > PIN_DIGITS_MAX) return ERR(FORMAT);
    if (!all_within(nibbles, 2, 2 + len, 0, 9)) return ERR(FORMAT);
    if (!all_within(nibbles, 2 + len, count, row[format].least, row[format].most))
        return ERR(FORMAT);
    pin_wipe(ret_pin);
    ret_pin->len = (uint8_t)len;
    for (size_t i = 0; i < len; i++) ret_pin->digit[i] = '0' + nibbles->at[2 + i];
    return OK;
}

err pin_block_decode_clear(enum pin_format format, struct bytes block, struct bytes pan,
                           struct pin *ret_pin)
{
    ENSURE(format < PIN_FORMATS);
    if (format == PIN_ISO4) return ERR(UNSUPPORTED);
    if (block.len != row[format].len) return ERR(LENGTH);
    TRY(check_pan(format, pan));
    for (size_t i = row[format].clear_len; i < block.len; i++)
        if (block.at[i] != 0) return ERR(FORMAT);
    CLEANUP(nibbles_wipe) struct nibbles nibbles = {0};
    unpack(block.at, row[format].clear_len, &nibbles);
    if (row[format].with_pan) mix_pan(pan, row[format].clear_len, &nibbles);
    return take_pin(format, &nibbles, 2 * (size_t)row[format].clear_len, ret_pin);
}

/* Format 4's second field (ISO 9564-1, 9.4.2.3): how many digits beyond twelve, the number, zeros.
 */
static void lay_pan4(struct bytes pan, uint8_t out[PIN_BLOCK_MAX])
{
    struct nibbles nibbles = {0};
    size_t pad = pan.len < 12 ? 12 - pan.len : 0;
    nibbles.at[0] = (uint8_t)(pan.len > 12 ? pan.len - 12 : 0);
    for (size_t i = 0; i < pan.len; i++) nibbles.at[1 + pad + i] = pan.at[i] - '0';
    pack(&nibbles, PIN_BLOCK_MAX, out);
}

static void xor_into(uint8_t *to, const uint8_t *from, size_t len)
{
    for (size_t i = 0; i < len; i++) to[i] ^= from[i];
}

static void block_wipe(struct pin_block *block)
{
    secret_wipe_bytes(block, sizeof *block);
}

/* Format 4 (ISO 9564-1, 9.4.2): E(E(PIN field) xor PAN field). */
static err encrypt4(struct crypto *crypto, const struct key *key, const struct pin *pin,
                    struct bytes pan, struct pin_block *ret_block)
{
    CLEANUP(nibbles_wipe) struct nibbles nibbles = {0};
    CLEANUP(block_wipe) struct pin_block block = {.len = 16};
    nibbles.at[0] = 4;
    nibbles.at[1] = pin->len;
    for (size_t i = 2; i < 16; i++)
        nibbles.at[i] = i - 2 < pin->len ? (uint8_t)(pin->digit[i - 2] - '0') : 10;
    pack(&nibbles, 8, block.at);
    random_fill(&crypto->random, block.at + 8, 8);

    uint8_t pan_field[PIN_BLOCK_MAX];
    lay_pan4(pan, pan_field);
    TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(block.at), block.at));
    xor_into(block.at, pan_field, sizeof pan_field);
    TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(block.at), block.at));
    *ret_block = block;
    return OK;
}

static err decrypt4(struct crypto *crypto, const struct key *key, struct bytes block,
                    struct bytes pan, struct pin *ret_pin)
{
    CLEANUP(nibbles_wipe) struct nibbles nibbles = {0};
    CLEANUP(block_wipe) struct pin_block clear = {.len = 16};
    uint8_t pan_field[PIN_BLOCK_MAX];
    lay_pan4(pan, pan_field);
    TRY(cipher_ecb_decrypt(crypto, key, block, clear.at));
    xor_into(clear.at, pan_field, sizeof pan_field);
    TRY(cipher_ecb_decrypt(crypto, key, BYTES_OF(clear.at), clear.at));
    unpack(clear.at, 8, &nibbles);
    return take_pin(PIN_ISO4, &nibbles, 16, ret_pin);
}

static err check_key(const struct key *key, enum pin_format format)
{
    if (key->usage != KEY_USAGE_PIN && key->usage != KEY_USAGE_ZONE_PIN) return ERR(KEY);
    ENSURE(key->algorithm < KEY_ALGORITHMS);
    return family_of[key->algorithm] == row[format].family ? OK : ERR(KEY);
}

err pin_block_encrypt(struct crypto *crypto, const struct key *key, enum pin_format format,
                      const struct pin *pin, struct bytes pan, struct pin_block *ret_block)
{
    ENSURE(format < PIN_FORMATS);
    ENSURE(pin->len >= PIN_DIGITS_MIN && pin->len <= PIN_DIGITS_MAX);
    TRY(check_key(key, format));
    TRY(check_pan(format, pan));
    if (format == PIN_ISO4) return encrypt4(crypto, key, pin, pan, ret_block);
    CLEANUP(block_wipe) struct pin_block block = {0};
    TRY(pin_block_encode_clear(&crypto->random, format, pin, pan, &block));
    TRY(cipher_ecb_encrypt(crypto, key, bytes_of(block.at, block.len), block.at));
    *ret_block = block;
    return OK;
}

err pin_block_decrypt(struct crypto *crypto, const struct key *key, enum pin_format format,
                      struct bytes block, struct bytes pan, struct pin *ret_pin)
{
    ENSURE(format < PIN_FORMATS);
    TRY(check_key(key, format));
    TRY(check_pan(format, pan));
    if (block.len != row[format].len) return ERR(LENGTH);
    if (format == PIN_ISO4) return decrypt4(crypto, key, block, pan, ret_pin);
    CLEANUP(block_wipe) struct pin_block clear = {.len = row[format].len};
    TRY(cipher_ecb_decrypt(crypto, key, block, clear.at));
    return pin_block_decode_clear(format, bytes_of(clear.at, clear.len), pan, ret_pin);
}

err pin_block_translate(struct crypto *crypto, const struct key *from_key,
                        enum pin_format from_format, struct bytes block, const struct key *to_key,
                        enum pin_format to_format, struct bytes pan, struct pin_block *ret_block)
{
    CLEANUP(pin_wipe) struct pin pin = {0};
    TRY(pin_block_decrypt(crypto, from_key, from_format, block, pan, &pin));
    return pin_block_encrypt(crypto, to_key, to_format, &pin, pan, ret_block);
}
