/* SPDX-License-Identifier: Apache-2.0 */
/* ASC X9 TR-31:2018, 5.3; ANSI X9.143-2022, clause 7: derived keys and MACs of each version. */
#include "lib/crypto/keyblock_binding.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/keyed_mac.h"

static bool is_tdes(enum key_algorithm algorithm)
{
    return algorithm == KEY_TDES || algorithm == KEY_TDES3;
}

static bool is_aes(enum key_algorithm algorithm)
{
    return algorithm == KEY_AES128 || algorithm == KEY_AES192 || algorithm == KEY_AES256;
}

static const struct keyblock_binding bindings[] = {
    {'A', 8, 8, 4, true, false, is_tdes},  {'B', 8, 8, 8, false, false, is_tdes},
    {'C', 8, 8, 4, true, false, is_tdes},  {'D', 16, 16, 16, false, false, is_aes},
    {'E', 16, 1, 16, false, true, is_aes},
};

const struct keyblock_binding *keyblock_binding_of(char version)
{
    for (size_t i = 0; i < ARRAY_LEN(bindings); i++)
        if (bindings[i].version == version) return &bindings[i];
    return NULL;
}

/* Which MAC derives keys of this algorithm, and its number in the derivation data (7.3.2.2). */
static const struct {
    enum crypto_mac mac;
    uint8_t indicator;
} algorithm_row[KEY_ALGORITHMS] = {
    [KEY_TDES] = {CRYPTO_CMAC_TDES, 0},     [KEY_TDES3] = {CRYPTO_CMAC_TDES, 1},
    [KEY_AES128] = {CRYPTO_CMAC_AES128, 2}, [KEY_AES192] = {CRYPTO_CMAC_AES192, 3},
    [KEY_AES256] = {CRYPTO_CMAC_AES256, 4},
};

/* What a derived key is for (7.3.2.2; ISO 20038, table 4): encryption in CTR has its own number. */
static uint8_t purpose_number(const struct keyblock_binding *binding, enum keyblock_purpose purpose)
{
    enum { COUNTER_MODE = 2 };
    return purpose == KEYBLOCK_ENCRYPTION && binding->counter ? COUNTER_MODE : (uint8_t)purpose;
}

void keyblock_derivation_data(const struct keyblock_binding *binding, enum key_algorithm algorithm,
                              enum keyblock_purpose purpose, unsigned number,
                              uint8_t ret_data[KEYBLOCK_DERIVATION_BYTES])
{
    unsigned bits = 8u * (unsigned)key_size(algorithm);
    const uint8_t data[KEYBLOCK_DERIVATION_BYTES] = {(uint8_t)number,
                                                     0,
                                                     purpose_number(binding, purpose),
                                                     0,
                                                     0,
                                                     algorithm_row[algorithm].indicator,
                                                     (uint8_t)(bits >> 8),
                                                     (uint8_t)bits};
    memcpy(ret_data, data, sizeof data);
}

/* CMAC in counter mode. */
static err derive_by_cmac(struct crypto *crypto, const struct keyblock_binding *binding,
                          const struct key *protection, enum keyblock_purpose purpose,
                          struct key *ret_key)
{
    CLEANUP(secret_wipe) struct secret derived = {.len = protection->value.len};
    for (size_t at = 0; at < protection->value.len; at += binding->block) {
        uint8_t input[KEYBLOCK_DERIVATION_BYTES];
        keyblock_derivation_data(binding, protection->algorithm, purpose,
                                 (unsigned)(at / binding->block + 1), input);
        TRY(keyed_mac(crypto, algorithm_row[protection->algorithm].mac,
                      secret_view(&protection->value), BYTES_OF(input), derived.at + at));
    }
    return key_make(protection->algorithm, KEY_USAGE_MASTER, secret_view(&derived), ret_key);
}

static err derive_by_variant(const struct key *protection, enum keyblock_purpose purpose,
                             struct key *ret_key)
{
    CLEANUP(secret_wipe) struct secret varied = protection->value;
    for (size_t i = 0; i < varied.len; i++)
        varied.at[i] ^= purpose == KEYBLOCK_ENCRYPTION ? 0x45 : 0x4d;
    return key_make(protection->algorithm, KEY_USAGE_MASTER, secret_view(&varied), ret_key);
}

err keyblock_derive(struct crypto *crypto, const struct keyblock_binding *binding,
                    const struct key *protection, enum keyblock_purpose purpose,
                    struct key *ret_key)
{
    ENSURE(protection->algorithm < KEY_ALGORITHMS);
    if (protection->usage != KEY_USAGE_MASTER && protection->usage != KEY_USAGE_ZONE_MASTER &&
        protection->usage != KEY_USAGE_TERMINAL_MASTER)
        return ERR(KEY);
    if (!binding->takes(protection->algorithm)) return ERR(KEY);
    if (binding->variant) return derive_by_variant(protection, purpose, ret_key);
    return derive_by_cmac(crypto, binding, protection, purpose, ret_key);
}

/* ISO/IEC 9797-1 algorithm 1 over whole blocks. */
static err mac_by_cbc(struct crypto *crypto, const struct key *key, struct bytes body,
                      uint8_t ret_mac[16])
{
    enum { CHUNK = 256 };
    uint8_t chain[8] = {0}, out[CHUNK];
    ENSURE(body.len > 0 && body.len % 8 == 0);
    for (size_t at = 0; at < body.len; at += CHUNK) {
        size_t part = body.len - at < CHUNK ? body.len - at : CHUNK;
        TRY(cipher_cbc_encrypt(crypto, key, chain, bytes_of(body.at + at, part), out));
        memcpy(chain, out + part - 8, 8);
    }
    memcpy(ret_mac, chain, 8);
    return OK;
}

err keyblock_mac(struct crypto *crypto, const struct keyblock_binding *binding,
                 const struct key *authentication, struct bytes body, uint8_t ret_mac[16])
{
    uint8_t whole[CRYPTO_SHA256_BYTES];
    if (binding->variant) return mac_by_cbc(crypto, authentication, body, ret_mac);
    TRY(keyed_mac(crypto, algorithm_row[authentication->algorithm].mac,
                  secret_view(&authentication->value), body, whole));
    memcpy(ret_mac, whole, binding->mac_len);
    return OK;
}

/* NIST SP 800-38A, 6.5; the last block may be short. Payloads are a few blocks long. */
static err crypt_counter(struct crypto *crypto, const struct key *key, const uint8_t iv[16],
                         struct bytes in, uint8_t *out)
{
    enum { BLOCK = 16 };
    uint8_t counter[BLOCK], stream[BLOCK];
    memcpy(counter, iv, BLOCK);
    for (size_t at = 0; at < in.len; at += BLOCK) {
        TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(counter), stream));
        for (size_t i = 0; i < BLOCK && at + i < in.len; i++)
            out[at + i] = in.at[at + i] ^ stream[i];
        for (size_t i = BLOCK; i > 0 && ++counter[i - 1] == 0; i--) continue;
    }
    secret_wipe_bytes(stream, sizeof stream);
    return OK;
}

err keyblock_crypt(struct crypto *crypto, const struct keyblock_binding *binding,
                   const struct key *key, const uint8_t iv[16], bool encrypt, struct bytes in,
                   uint8_t *out)
{
    if (binding->counter) return crypt_counter(crypto, key, iv, in, out);
    return encrypt ? cipher_cbc_encrypt(crypto, key, iv, in, out)
                   : cipher_cbc_decrypt(crypto, key, iv, in, out);
}
