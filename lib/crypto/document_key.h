/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * document_key: keys that sign published documents, in the spellings of The Update Framework
 * (specification 1.0, section 4.2): Ed25519 as 64 hexadecimal digits, ECDSA on P-256 and
 * RSASSA-PSS, both with SHA-256, as SubjectPublicKeyInfo in PEM.
 *
 * Whoever checks holds public halves only. Pairs are made by OpenSSL's own randomness, so never
 * under a seed; who signs is a repository, not a terminal.
 */

#include "lib/base/writer.h"
#include "lib/crypto/crypto.h"

struct evp_pkey_st;

enum document_scheme { DOCUMENT_ED25519, DOCUMENT_ECDSA_P256, DOCUMENT_RSA_PSS, DOCUMENT_SCHEMES };

/* Owns an OpenSSL key. Declare it CLEANUP(document_key_free). */
struct document_key {
    struct evp_pkey_st *pkey;
    enum document_scheme scheme;
};

enum {
    DOCUMENT_KEY_TEXT_MAX = 4096, /* a public key of 4096 bits as PEM has 800 bytes */
    DOCUMENT_SIGNATURE_MAX = 512, /* RSA of 4096 bits */
    DOCUMENT_SEED_BYTES = 32,     /* of Ed25519 (RFC 8032, 5.1.5) */
    DOCUMENT_RSA_BITS_MIN = 2048, /* NIST SP 800-131A */
    DOCUMENT_RSA_BITS_MAX = 4096, /* more costs a terminal time and gives nobody safety */
    DOCUMENT_RSA_BITS_GENERATED = 3072
};

/* Errors: FORMAT (no such text), KEY (another algorithm, curve or size than the scheme's). */
MUST_USE err document_key_read_public(enum document_scheme scheme, struct bytes text,
                                      struct document_key *ret_key);
void document_key_free(struct document_key *key);

/*
 * OK, or IDENTITY: not signed by this key. An ECDSA signature is DER, as X.509 has it; the salt of
 * PSS may have any length, its mask is of SHA-256. Errors: CRYPTO.
 */
MUST_USE err document_key_check(const struct document_key *key, struct bytes text,
                                struct bytes signature);

/* SHA-256 of the SubjectPublicKeyInfo: two names of one key have the same. Errors: CRYPTO. */
MUST_USE err document_key_fingerprint(const struct document_key *key,
                                      uint8_t ret_digest[CRYPTO_SHA256_BYTES]);

/* A new pair. Errors: CRYPTO. */
MUST_USE err document_key_generate(enum document_scheme scheme, struct document_key *ret_key);

/* Appends the public half in the spelling of its scheme. Errors: FULL, CRYPTO. */
MUST_USE err document_key_write_public(const struct document_key *key, struct writer *w);

/* The private half of an Ed25519 pair, to be sealed at once, and back. Errors: KEY (another scheme,
 * only the public half is here, another length), CRYPTO. */
MUST_USE err document_key_seed(const struct document_key *key,
                               uint8_t ret_seed[DOCUMENT_SEED_BYTES]);
MUST_USE err document_key_read_seed(struct bytes seed, struct document_key *ret_key);

/* Errors: KEY (only the public half is here), CRYPTO. */
MUST_USE err document_key_sign(const struct document_key *key, struct bytes text,
                               uint8_t ret_signature[DOCUMENT_SIGNATURE_MAX], size_t *ret_len);

/* SHA-256 of a long text, by the processor's own instructions where it has them: several times as
 * fast as crypto_sha256(), which is quicker for a short one. Errors: CRYPTO. */
MUST_USE err document_digest(struct bytes text, uint8_t ret_digest[CRYPTO_SHA256_BYTES]);
