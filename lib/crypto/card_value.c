/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CVV and PVV after Visa's payment technology standards manual, IBM 3624 after IBM's common
 * cryptographic architecture, appendix on PIN formats and algorithms.
 */
#include "lib/crypto/card_value.h"

#include "lib/crypto/cipher.h"

enum { BLOCK = 8, NIBBLES = 16, PAN_MAX = 19 };

/* A block of sixteen digits, packed. Secret: a natural PIN is in it. */
struct digits {
    uint8_t at[NIBBLES];
};

static void digits_wipe(struct digits *digits)
{
    secret_wipe_bytes(digits, sizeof *digits);
}

static void pack(const struct digits *digits, uint8_t out[BLOCK])
{
    for (size_t i = 0; i < BLOCK; i++)
        out[i] = (uint8_t)(digits->at[2 * i] << 4 | digits->at[2 * i + 1]);
}

static void unpack(const uint8_t in[BLOCK], struct digits *ret_digits)
{
    for (size_t i = 0; i < BLOCK; i++) {
        ret_digits->at[2 * i] = in[i] >> 4;
        ret_digits->at[2 * i + 1] = in[i] & 15;
    }
}

static err check_digits(struct bytes text, size_t least, size_t most)
{
    if (text.len < least || text.len > most) return ERR(LENGTH);
    return bytes_all_digits(text) ? OK : ERR(DIGIT);
}

/* E under the first half, data added, D and E under both: the second block of a CVV. */
static err encrypt_cvv(struct crypto *crypto, const struct key *key, const struct digits data[2],
                       struct digits *ret_digits)
{
    CLEANUP(key_wipe) struct key left = {0};
    uint8_t block[BLOCK], second[BLOCK];
    TRY(key_make(KEY_DES, key->usage, bytes_of(key->value.at, 8), &left));
    pack(&data[0], block);
    pack(&data[1], second);
    TRY(cipher_ecb_encrypt(crypto, &left, BYTES_OF(block), block));
    for (size_t i = 0; i < BLOCK; i++) block[i] ^= second[i];
    TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(block), block));
    unpack(block, ret_digits);
    return OK;
}

/*
 * Picks `count` digits: first the decimal ones from left to right, then what the others are above
 * nine.
 */
static void decimalise(const struct digits *from, size_t count, char *out)
{
    size_t found = 0;
    for (size_t i = 0; i < NIBBLES && found < count; i++)
        if (from->at[i] < 10) out[found++] = (char)('0' + from->at[i]);
    for (size_t i = 0; i < NIBBLES && found < count; i++)
        if (from->at[i] >= 10) out[found++] = (char)('0' + from->at[i] - 10);
}

err card_value_cvv(struct crypto *crypto, const struct key *key, struct bytes pan,
                   struct bytes expiry, struct bytes service, char ret_cvv[CARD_VALUE_CVV_DIGITS])
{
    if (key->usage != KEY_USAGE_CARD_VERIFICATION || key->algorithm != KEY_TDES) return ERR(KEY);
    TRY(check_digits(pan, 1, PAN_MAX));
    TRY(check_digits(expiry, 4, 4));
    TRY(check_digits(service, 3, 3));
    struct digits data[2] = {0}, out;
    size_t n = 0;
    const struct bytes parts[] = {pan, expiry, service};
    for (size_t p = 0; p < ARRAY_LEN(parts); p++)
        for (size_t i = 0; i < parts[p].len; i++, n++)
            data[n / NIBBLES].at[n % NIBBLES] = parts[p].at[i] - '0';
    TRY(encrypt_cvv(crypto, key, data, &out));
    decimalise(&out, CARD_VALUE_CVV_DIGITS, ret_cvv);
    return OK;
}

err card_value_check_cvv(struct crypto *crypto, const struct key *key, struct bytes pan,
                         struct bytes expiry, struct bytes service, struct bytes cvv)
{
    char expected[CARD_VALUE_CVV_DIGITS];
    TRY(card_value_cvv(crypto, key, pan, expiry, service, expected));
    return secret_equal(BYTES_OF(expected), cvv) ? OK : ERR(MAC);
}

err card_value_pvv(struct crypto *crypto, const struct key *key, uint8_t key_index,
                   struct bytes pan, const struct pin *pin, char ret_pvv[CARD_VALUE_PVV_DIGITS])
{
    ENSURE(pin->len >= PIN_DIGITS_MIN && pin->len <= PIN_DIGITS_MAX);
    if (key->usage != KEY_USAGE_PVV || key->algorithm != KEY_TDES) return ERR(KEY);
    TRY(check_digits(pan, 12, PAN_MAX));
    if (key_index > 9) return ERR(RANGE);
    CLEANUP(digits_wipe) struct digits data = {0};
    for (size_t i = 0; i < 11; i++) data.at[i] = pan.at[pan.len - 12 + i] - '0';
    data.at[11] = key_index;
    for (size_t i = 0; i < 4; i++) data.at[12 + i] = pin->digit[i] - '0';
    uint8_t block[BLOCK];
    pack(&data, block);
    TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(block), block));
    unpack(block, &data);
    decimalise(&data, CARD_VALUE_PVV_DIGITS, ret_pvv);
    return OK;
}

/* The natural PIN, all sixteen digits of it. */
static err natural(struct crypto *crypto, const struct key *key,
                   const struct card_value_ibm3624 *how, struct bytes pan,
                   struct digits *ret_digits)
{
    bool des =
        key->algorithm == KEY_DES || key->algorithm == KEY_TDES || key->algorithm == KEY_TDES3;
    if (key->usage != KEY_USAGE_IBM3624 || !des) return ERR(KEY);
    TRY(check_digits(how->table, CARD_VALUE_TABLE_DIGITS, CARD_VALUE_TABLE_DIGITS));
    TRY(check_digits(pan, 1, PAN_MAX));
    if (how->pad > 15 || how->count > NIBBLES || how->from + how->count > pan.len)
        return ERR(RANGE);
    CLEANUP(digits_wipe) struct digits data;
    for (size_t i = 0; i < NIBBLES; i++)
        data.at[i] = i < how->count ? (uint8_t)(pan.at[how->from + i] - '0') : how->pad;
    uint8_t block[BLOCK];
    pack(&data, block);
    TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(block), block));
    unpack(block, &data);
    for (size_t i = 0; i < NIBBLES; i++) ret_digits->at[i] = how->table.at[data.at[i]] - '0';
    secret_wipe_bytes(block, sizeof block);
    return OK;
}

err card_value_ibm3624_pin(struct crypto *crypto, const struct key *key,
                           const struct card_value_ibm3624 *how, struct bytes pan,
                           struct bytes offset, struct pin *ret_pin)
{
    CLEANUP(digits_wipe) struct digits digits;
    TRY(check_digits(offset, PIN_DIGITS_MIN, PIN_DIGITS_MAX));
    TRY(natural(crypto, key, how, pan, &digits));
    pin_wipe(ret_pin);
    ret_pin->len = (uint8_t)offset.len;
    for (size_t i = 0; i < offset.len; i++)
        ret_pin->digit[i] = (uint8_t)('0' + (digits.at[i] + offset.at[i] - '0') % 10);
    return OK;
}

err card_value_ibm3624_offset(struct crypto *crypto, const struct key *key,
                              const struct card_value_ibm3624 *how, struct bytes pan,
                              const struct pin *pin, char ret_offset[CARD_VALUE_OFFSET_MAX])
{
    ENSURE(pin->len >= PIN_DIGITS_MIN && pin->len <= PIN_DIGITS_MAX);
    CLEANUP(digits_wipe) struct digits digits;
    TRY(natural(crypto, key, how, pan, &digits));
    for (size_t i = 0; i < pin->len; i++)
        ret_offset[i] = (char)('0' + (pin->digit[i] - '0' + 10 - digits.at[i]) % 10);
    return OK;
}
