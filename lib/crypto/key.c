/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: their sizes, making and checking them. */
#include "lib/crypto/key.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/keyed_mac.h"

static const struct {
    const char *text;
    uint8_t size;
    uint8_t block;
} algorithm_row[KEY_ALGORITHMS] = {
#define X(name, text, size, block) [KEY_##name] = {text, size, block},
    KEY_ALGORITHM_LIST(X)
#undef X
};

static const char *const usage_text[KEY_USAGES] = {
#define X(name, text) [KEY_USAGE_##name] = text,
    KEY_USAGE_LIST(X)
#undef X
};

size_t key_size(enum key_algorithm algorithm)
{
    ENSURE(algorithm < KEY_ALGORITHMS);
    return algorithm_row[algorithm].size;
}

size_t key_block_size(enum key_algorithm algorithm)
{
    ENSURE(algorithm < KEY_ALGORITHMS);
    return algorithm_row[algorithm].block;
}

const char *key_algorithm_text(enum key_algorithm algorithm)
{
    return algorithm < KEY_ALGORITHMS ? algorithm_row[algorithm].text : "unknown";
}

const char *key_usage_text(enum key_usage usage)
{
    return usage < KEY_USAGES ? usage_text[usage] : "unknown";
}

err key_make(enum key_algorithm algorithm, enum key_usage usage, struct bytes value,
             struct key *ret_key)
{
    ENSURE(usage < KEY_USAGES);
    if (value.len != key_size(algorithm)) return ERR(LENGTH);
    ret_key->algorithm = algorithm;
    ret_key->usage = usage;
    return secret_from(value, &ret_key->value);
}

static bool is_des(enum key_algorithm algorithm)
{
    return algorithm == KEY_DES || algorithm == KEY_TDES || algorithm == KEY_TDES3;
}

/* The lowest bit of each byte makes its count of ones odd (FIPS 46-3). */
static void set_odd_parity(uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned ones = (unsigned)__builtin_popcount(at[i] & 0xfeu);
        at[i] = (uint8_t)((at[i] & 0xfeu) | (ones % 2 == 0));
    }
}

void key_generate(const struct crypto *crypto, enum key_algorithm algorithm, enum key_usage usage,
                  struct key *ret_key)
{
    ENSURE(usage < KEY_USAGES);
    size_t size = key_size(algorithm);
    key_wipe(ret_key);
    ret_key->algorithm = algorithm;
    ret_key->usage = usage;
    ret_key->value.len = (uint8_t)size;
    uint8_t *value = ret_key->value.at;
    bool weak;
    do {
        random_fill(&crypto->random, value, size);
        if (is_des(algorithm)) set_odd_parity(value, size);
        /* Equal neighbours would make it single DES. By chance: once in 2^56. */
        weak = false;
        for (size_t i = 8; is_des(algorithm) && i < size; i += 8)
            weak = weak || secret_equal(bytes_of(value + i - 8, 8), bytes_of(value + i, 8));
    } while (weak);
}

void key_wipe(struct key *key)
{
    secret_wipe_bytes(key, sizeof *key);
}

err key_variant(const struct key *key, unsigned number, struct key *ret_key)
{
    enum { NUMBER_MAX = 31, PART = 8 };
    if (!is_des(key->algorithm)) return ERR(KEY);
    if (number > NUMBER_MAX) return ERR(RANGE);
    *ret_key = *key;
    for (size_t i = 0; i < ret_key->value.len; i += PART)
        ret_key->value.at[i] ^= (uint8_t)(number * PART);
    return OK;
}

err key_check_value(struct crypto *crypto, const struct key *key, uint8_t ret_kcv[KEY_CHECK_BYTES])
{
    ENSURE(key->value.len == key_size(key->algorithm));
    uint8_t out[CRYPTO_SHA256_BYTES];
    if (key->algorithm == KEY_HMAC_SHA256 || key->algorithm == KEY_HMAC_SM3) {
        enum crypto_mac mac = key->algorithm == KEY_HMAC_SM3 ? CRYPTO_HMAC_SM3 : CRYPTO_HMAC_SHA256;
        TRY(keyed_mac(crypto, mac, secret_view(&key->value), BYTES(""), out));
    } else {
        static const uint8_t zeros[16];
        TRY(cipher_ecb_encrypt(crypto, key, bytes_of(zeros, key_block_size(key->algorithm)), out));
    }
    memcpy(ret_kcv, out, KEY_CHECK_BYTES);
    return OK;
}

err key_check(struct crypto *crypto, const struct key *key, struct bytes kcv)
{
    uint8_t expected[KEY_CHECK_BYTES];
    TRY(key_check_value(crypto, key, expected));
    return secret_equal(BYTES_OF(expected), kcv) ? OK : ERR(KCV);
}
