/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * crypto: the ciphers a thread works with, fetched once.
 *
 * Fetching an algorithm by name costs more than using it, so a program opens one `struct crypto`
 * per thread at its start and hands it down. It owns OpenSSL contexts that are keyed anew for each
 * call and hold the last key used until crypto_close(); a process that has one is a process that
 * may see keys. It is not safe to share between threads.
 *
 * Algorithms are chosen by our own enums and fetched from the default provider by fixed names;
 * nothing from outside ever selects an algorithm by its name.
 */

#include "lib/base/bytes.h"
#include "lib/base/random.h"

/* OpenSSL's own types, named here so that users of this header need not see OpenSSL. */
struct evp_cipher_st;
struct evp_cipher_ctx_st;
struct evp_mac_ctx_st;

/* Every block cipher and mode in use. Rows of the table in crypto.c. */
enum crypto_cipher {
    CRYPTO_TDES_ECB, /* two- and one-key DES run as K1|K2|K1 and K|K|K */
    CRYPTO_TDES_CBC,
    CRYPTO_AES128_ECB,
    CRYPTO_AES192_ECB,
    CRYPTO_AES256_ECB,
    CRYPTO_AES128_CBC,
    CRYPTO_AES192_CBC,
    CRYPTO_AES256_CBC,
    CRYPTO_SM4_ECB,
    CRYPTO_AES128_GCM,
    CRYPTO_AES256_GCM,
    CRYPTO_SM4_CBC, /* OpenSSL 3.0 has no SM4-GCM: lib/crypto/sm4_gcm.h */
    CRYPTO_CIPHERS
};

/* CMAC of each block cipher, HMAC of two hashes. Rows of the table in crypto.c. */
enum crypto_mac {
    CRYPTO_CMAC_TDES,
    CRYPTO_CMAC_AES128,
    CRYPTO_CMAC_AES192,
    CRYPTO_CMAC_AES256,
    CRYPTO_HMAC_SHA256,
    CRYPTO_CMAC_SM4,
    CRYPTO_HMAC_SM3,
    CRYPTO_MACS
};

struct crypto {
    struct random random; /* keys, nonces, PIN block filler; seeded only in a simulation */
    struct evp_cipher_st *cipher[CRYPTO_CIPHERS];
    struct evp_cipher_ctx_st *context[CRYPTO_CIPHERS];
    struct evp_mac_ctx_st *mac[CRYPTO_MACS];
};

/*
 * Fetches everything and makes its contexts. Also readies libsodium.
 * Errors: CRYPTO when the installed OpenSSL lacks an algorithm (a FIPS-only build has no SM4).
 */
MUST_USE err crypto_open(struct random random, struct crypto *ret_crypto);

/* Frees and wipes the contexts. Harmless on a zeroed struct, and when called twice. */
void crypto_close(struct crypto *crypto);

enum { CRYPTO_SHA256_BYTES = 32, CRYPTO_SM3_BYTES = 32 };

/* SHA-256 (FIPS 180-4) and SM3 (GB/T 32905) of `data`. They cannot fail. */
void crypto_sha256(struct bytes data, uint8_t ret_digest[CRYPTO_SHA256_BYTES]);
MUST_USE err crypto_sm3(struct bytes data, uint8_t ret_digest[CRYPTO_SM3_BYTES]);
