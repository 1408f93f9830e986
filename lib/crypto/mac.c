/* SPDX-License-Identifier: Apache-2.0 */
/* The MACs of field 64. */
#include "lib/crypto/mac.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/keyed_mac.h"

enum { BLOCK_MAX = 16 };

static const struct {
    const char *text;
    size_t len;
} algorithm_row[MAC_ALGORITHMS] = {
#define X(name, text, len) [MAC_##name] = {text, len},
    MAC_ALGORITHM_LIST(X)
#undef X
};

size_t mac_length(enum mac_algorithm algorithm)
{
    ENSURE(algorithm < MAC_ALGORITHMS);
    return algorithm_row[algorithm].len;
}

const char *mac_algorithm_text(enum mac_algorithm algorithm)
{
    return algorithm < MAC_ALGORITHMS ? algorithm_row[algorithm].text : "unknown";
}

/* XOR of all blocks, the last one filled up with zeros. */
static void fold_blocks(struct bytes data, size_t block, uint8_t *folded)
{
    memset(folded, 0, block);
    size_t i = 0;
    for (; data.len - i >= block; i += block)
        for (size_t k = 0; k < block; k++) folded[k] ^= data.at[i + k];
    for (size_t k = 0; i + k < data.len; k++) folded[k] ^= data.at[i + k];
}

static void hex_upper(const uint8_t *from, size_t len, uint8_t *to)
{
    static const char digit[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = (uint8_t)digit[from[i] >> 4];
        to[2 * i + 1] = (uint8_t)digit[from[i] & 15];
    }
}

/*
 * UnionPay's ECB MAC (protocol facts 1.7): fold, spell the fold in hex, encrypt the first half,
 * add the second half, encrypt again, spell that in hex and keep eight characters. The two
 * encryptions are CBC with a zero IV over the hex text.
 */
static err mac_ecb(struct crypto *crypto, const struct key *key, struct bytes data,
                   uint8_t ret_mac[MAC_FIELD_BYTES])
{
    size_t block = key_block_size(key->algorithm);
    uint8_t folded[BLOCK_MAX], text[2 * BLOCK_MAX], out[BLOCK_MAX];
    fold_blocks(data, block, folded);
    hex_upper(folded, block, text);
    TRY(cipher_ecb_encrypt(crypto, key, bytes_of(text, block), out));
    for (size_t i = 0; i < block; i++) out[i] ^= text[block + i];
    TRY(cipher_ecb_encrypt(crypto, key, bytes_of(out, block), out));
    hex_upper(out, MAC_FIELD_BYTES / 2, ret_mac);
    return OK;
}

/*
 * ANSI X9.19 (ISO/IEC 9797-1 algorithm 3, padding method 1): CBC under K1 up to the last block,
 * and the last block under K1, K2, K1, which is the whole key. No data is one block of zeros.
 */
static err mac_x9_19(struct crypto *crypto, const struct key *key, struct bytes data,
                     uint8_t ret_mac[8])
{
    CLEANUP(key_wipe) struct key half = {0};
    TRY(key_make(KEY_DES, key->usage, bytes_of(key->value.at, 8), &half));
    enum { CHUNK = 256 };
    uint8_t chain[8] = {0}, out[CHUNK];
    size_t at = 0;
    while (data.len - at > 8) {
        size_t part = (data.len - at - 1) / 8 * 8; /* whole blocks, and at least one byte stays */
        if (part > CHUNK) part = CHUNK;
        TRY(cipher_cbc_encrypt(crypto, &half, chain, bytes_of(data.at + at, part), out));
        memcpy(chain, out + part - 8, 8);
        at += part;
    }
    for (size_t k = 0; at + k < data.len; k++) chain[k] ^= data.at[at + k];
    TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(chain), out));
    memcpy(ret_mac, out, 8);
    return OK;
}

static err mac_cmac(struct crypto *crypto, const struct key *key, struct bytes data, size_t len,
                    uint8_t *ret_mac)
{
    enum crypto_mac which = key->algorithm == KEY_AES128   ? CRYPTO_CMAC_AES128
                            : key->algorithm == KEY_AES192 ? CRYPTO_CMAC_AES192
                                                           : CRYPTO_CMAC_AES256;
    uint8_t whole[CRYPTO_SHA256_BYTES];
    TRY(keyed_mac(crypto, which, secret_view(&key->value), data, whole));
    memcpy(ret_mac, whole, len);
    return OK;
}

static bool fits(enum mac_algorithm algorithm, enum key_algorithm key)
{
    switch (algorithm) {
    case MAC_CUP_ECB:
        return key == KEY_DES || key == KEY_TDES;
    case MAC_SM4_ECB:
        return key == KEY_SM4;
    case MAC_X9_19:
        return key == KEY_TDES;
    case MAC_AES_CMAC:
    case MAC_AES_CMAC_8:
        return key == KEY_AES128 || key == KEY_AES192 || key == KEY_AES256;
    case MAC_ALGORITHMS:
        break;
    }
    return false;
}

err mac_generate(struct crypto *crypto, enum mac_algorithm algorithm, const struct key *key,
                 struct bytes data, uint8_t ret_mac[MAC_MAX])
{
    ENSURE(algorithm < MAC_ALGORITHMS);
    ENSURE(key->value.len == key_size(key->algorithm));
    if (key->usage != KEY_USAGE_MAC && key->usage != KEY_USAGE_ZONE_MAC) return ERR(KEY);
    if (!fits(algorithm, key->algorithm)) return ERR(KEY);
    if (algorithm == MAC_X9_19) return mac_x9_19(crypto, key, data, ret_mac);
    if (algorithm == MAC_CUP_ECB || algorithm == MAC_SM4_ECB)
        return mac_ecb(crypto, key, data, ret_mac);
    return mac_cmac(crypto, key, data, mac_length(algorithm), ret_mac);
}

err mac_verify(struct crypto *crypto, enum mac_algorithm algorithm, const struct key *key,
               struct bytes data, struct bytes mac)
{
    uint8_t expected[MAC_MAX];
    TRY(mac_generate(crypto, algorithm, key, data, expected));
    return secret_equal(bytes_of(expected, mac_length(algorithm)), mac) ? OK : ERR(MAC);
}
