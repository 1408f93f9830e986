/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rsa_signature: RSASSA-PKCS1-v1_5 over SHA-256 (RFC 8017 8.2), with keys of 2048 to 4096 bits that
 * are read once and used often: what the published interfaces of wallets sign with (Alipay calls
 * it RSA2, WeChat Pay WECHATPAY2-SHA256-RSA2048).
 *
 * A signature checked with a key that is seldom used needs no handle: rsa_signature_check() of
 * rsa_scheme.h. Key pairs are made by OpenSSL's own randomness, so never under a seed; signatures
 * of this scheme need none. One handle may be used by several threads at a time.
 */

#include "lib/base/writer.h"

struct evp_pkey_st;

/* Owns an OpenSSL key. Declare it CLEANUP(rsa_key_free). */
struct rsa_key {
    struct evp_pkey_st *pkey;
    bool secret; /* has its private half: it can sign */
};

enum {
    RSA_KEY_BITS_MIN = 2048,
    RSA_KEY_BITS_MAX = 4096,
    RSA_KEY_TEXT_MAX = 4096, /* a private key of 4096 bits as PEM has 3272 bytes */
    RSA_KEY_SIGNATURE_MAX = RSA_KEY_BITS_MAX / 8,
    RSA_KEY_SIGNATURE_TEXT_MAX = (RSA_KEY_SIGNATURE_MAX + 2) / 3 * 4,
};

/* A new pair of `bits`, a multiple of 8 within the limits, exponent 65537. Errors: RANGE, CRYPTO.
 */
MUST_USE err rsa_key_generate(unsigned bits, struct rsa_key *ret_key);
void rsa_key_free(struct rsa_key *key);

/*
 * A private key: PKCS#8 or PKCS#1, as PEM without a passphrase or, as Alipay hands it out, as the
 * bare base64 of its DER. A public key: SubjectPublicKeyInfo in the same two forms, or a
 * certificate in PEM. White space around it is no fault. Errors: FORMAT, KEY (not RSA, a size
 * outside the limits, another exponent than 65537, numbers that are no key). A public key may have
 * the exponent 3 as well: nothing is lost by it where encodings are compared whole.
 */
MUST_USE err rsa_key_read_private(struct bytes text, struct rsa_key *ret_key);
MUST_USE err rsa_key_read_public(struct bytes text, struct rsa_key *ret_key);

/* Append PEM: PKCS#8 (the writer's block then holds a secret), SubjectPublicKeyInfo.
 * Errors: KEY (no private half), FULL, CRYPTO. */
MUST_USE err rsa_key_write_private(const struct rsa_key *key, struct writer *w);
MUST_USE err rsa_key_write_public(const struct rsa_key *key, struct writer *w);

/* Signs `text`. Writes as many bytes as the modulus has, at most RSA_KEY_SIGNATURE_MAX.
 * Errors: KEY (no private half), CRYPTO. */
MUST_USE err rsa_key_sign(const struct rsa_key *key, struct bytes text,
                          uint8_t ret_signature[RSA_KEY_SIGNATURE_MAX], size_t *ret_len);

enum { RSA_KEY_DIGEST_BYTES = 32 };

/* The same over a text of which only the SHA-256 digest is there. */
MUST_USE err rsa_key_sign_digest(const struct rsa_key *key,
                                 const uint8_t digest[RSA_KEY_DIGEST_BYTES],
                                 uint8_t ret_signature[RSA_KEY_SIGNATURE_MAX], size_t *ret_len);
MUST_USE err rsa_key_check_digest(const struct rsa_key *key,
                                  const uint8_t digest[RSA_KEY_DIGEST_BYTES],
                                  struct bytes signature);

/* The same, appended in base64. Errors: as above; FULL is the writer's fault. */
MUST_USE err rsa_key_sign_base64(const struct rsa_key *key, struct bytes text, struct writer *w);

/* OK, or IDENTITY. The encoding must be the one of the standard byte for byte. */
MUST_USE err rsa_key_check(const struct rsa_key *key, struct bytes text, struct bytes signature);

/* The same of a signature in base64. FORMAT when it is none. */
MUST_USE err rsa_key_check_base64(const struct rsa_key *key, struct bytes text,
                                  struct bytes signature);
