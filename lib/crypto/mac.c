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
 * CBC with a zero IV under `key` over all blocks but the last, which is added to the chain and left
 * to the caller; zeros fill it up (ISO/IEC 9797-1, padding method 1). No data is one block of
 * zeros.
 */
static err chain_blocks(struct crypto *crypto, const struct key *key, struct bytes data,
                        uint8_t chain[BLOCK_MAX])
{
    enum { CHUNK = 256 };
    uint8_t out[CHUNK];
    size_t block = key_block_size(key->algorithm), at = 0;
    memset(chain, 0, BLOCK_MAX);
    while (data.len - at > block) {
        /* whole blocks, and at least one byte stays */
        size_t part = (data.len - at - 1) / block * block;
        if (part > CHUNK) part = CHUNK;
        TRY(cipher_cbc_encrypt(crypto, key, chain, bytes_of(data.at + at, part), out));
        memcpy(chain, out + part - block, block);
        at += part;
    }
    for (size_t k = 0; at + k < data.len; k++) chain[k] ^= data.at[at + k];
    return OK;
}

/*
 * ANSI X9.19 (ISO/IEC 9797-1 algorithm 3): CBC under K1 up to the last block, and the last block
 * under K1, K2, K1, which is the whole key.
 */
static err mac_x9_19(struct crypto *crypto, const struct key *key, struct bytes data,
                     uint8_t *ret_mac)
{
    CLEANUP(key_wipe) struct key half = {0};
    uint8_t chain[BLOCK_MAX];
    TRY(key_make(KEY_DES, key->usage, bytes_of(key->value.at, 8), &half));
    TRY(chain_blocks(crypto, &half, data, chain));
    return cipher_ecb_encrypt(crypto, key, bytes_of(chain, 8), ret_mac);
}

/* ISO/IEC 9797-1 algorithm 1: the same key all the way. */
static err mac_cbc(struct crypto *crypto, const struct key *key, struct bytes data,
                   uint8_t *ret_mac)
{
    uint8_t chain[BLOCK_MAX];
    TRY(chain_blocks(crypto, key, data, chain));
    return cipher_ecb_encrypt(crypto, key, bytes_of(chain, key_block_size(key->algorithm)),
                              ret_mac);
}

/* CMAC or HMAC by the key's algorithm, cut to `len`. */
static err mac_keyed(struct crypto *crypto, const struct key *key, struct bytes data, size_t len,
                     uint8_t *ret_mac)
{
    static const enum crypto_mac which[KEY_ALGORITHMS] = {
        [KEY_TDES] = CRYPTO_CMAC_TDES,     [KEY_TDES3] = CRYPTO_CMAC_TDES,
        [KEY_AES128] = CRYPTO_CMAC_AES128, [KEY_AES192] = CRYPTO_CMAC_AES192,
        [KEY_AES256] = CRYPTO_CMAC_AES256, [KEY_SM4] = CRYPTO_CMAC_SM4,
        [KEY_HMAC_SM3] = CRYPTO_HMAC_SM3,
    };
    uint8_t whole[CRYPTO_SHA256_BYTES];
    TRY(keyed_mac(crypto, which[key->algorithm], secret_view(&key->value), data, whole));
    memcpy(ret_mac, whole, len);
    return OK;
}

#define FITS(algorithm) (1u << KEY_##algorithm)

enum { FITS_AES = FITS(AES128) | FITS(AES192) | FITS(AES256) };

/* Which keys an algorithm takes, and how it works. */
static const struct {
    unsigned keys;
    enum { HOW_ECB, HOW_CBC, HOW_X9_19, HOW_KEYED } how;
} how_row[MAC_ALGORITHMS] = {
    [MAC_CUP_ECB] = {FITS(DES) | FITS(TDES), HOW_ECB},
    [MAC_SM4_ECB] = {FITS(SM4), HOW_ECB},
    [MAC_X9_19] = {FITS(TDES), HOW_X9_19},
    [MAC_AES_CMAC] = {FITS_AES, HOW_KEYED},
    [MAC_AES_CMAC_8] = {FITS_AES, HOW_KEYED},
    [MAC_X9_9] = {FITS(DES) | FITS(TDES), HOW_CBC},
    [MAC_TDES_CMAC] = {FITS(TDES) | FITS(TDES3), HOW_KEYED},
    [MAC_SM4_CMAC] = {FITS(SM4), HOW_KEYED},
    [MAC_SM4_CBC] = {FITS(SM4), HOW_CBC},
    [MAC_HMAC_SM3] = {FITS(HMAC_SM3), HOW_KEYED},
    [MAC_SM4_CMAC_8] = {FITS(SM4), HOW_KEYED},
};

err mac_generate(struct crypto *crypto, enum mac_algorithm algorithm, const struct key *key,
                 struct bytes data, uint8_t ret_mac[MAC_MAX])
{
    ENSURE(algorithm < MAC_ALGORITHMS);
    ENSURE(key->value.len == key_size(key->algorithm));
    if (key->usage != KEY_USAGE_MAC && key->usage != KEY_USAGE_ZONE_MAC) return ERR(KEY);
    if ((how_row[algorithm].keys >> key->algorithm & 1) == 0) return ERR(KEY);
    switch (how_row[algorithm].how) {
    case HOW_ECB:
        return mac_ecb(crypto, key, data, ret_mac);
    case HOW_CBC:
        return mac_cbc(crypto, key, data, ret_mac);
    case HOW_X9_19:
        return mac_x9_19(crypto, key, data, ret_mac);
    case HOW_KEYED:
        break;
    }
    return mac_keyed(crypto, key, data, mac_length(algorithm), ret_mac);
}

err mac_verify(struct crypto *crypto, enum mac_algorithm algorithm, const struct key *key,
               struct bytes data, struct bytes mac)
{
    uint8_t expected[MAC_MAX];
    TRY(mac_generate(crypto, algorithm, key, data, expected));
    return secret_equal(bytes_of(expected, mac_length(algorithm)), mac) ? OK : ERR(MAC);
}
