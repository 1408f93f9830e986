/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rsa_scheme: what RFC 8017 builds on RSA, for keys of 2048 to 4096 bits.
 *
 *   OAEP, encryption (7.1)      a key on its way to a holder who has an RSA key pair and no X25519
 *                               one: a terminal of another make. SHA-256, also in the mask.
 *   OAEP, decryption            what such a holder does; SHA-256 or SHA-1, by the maker.
 *   RSAES-PKCS1-v1_5 (7.2)      decryption only, for holders that know nothing better.
 *   signatures (8.1, 8.2)       checking only, over a SHA-256 digest: PSS and PKCS1-v1_5.
 *
 * Nothing of ours receives keys by RSA: decryption serves tests and virtual holders, checking what
 * a partner has signed. What wallets' interfaces sign with is rsa_signature.h.
 *
 * An OAEP label is bound in and not part of the text: opened with another one, it does not open.
 * The seed is OpenSSL's own; not for the hot path.
 */

#include "lib/base/writer.h"

enum {
    RSA_SCHEME_PEM_MAX = 1024,         /* a public key of 4096 bits has 800 bytes */
    RSA_SCHEME_PRIVATE_PEM_MAX = 4096, /* a private key of 4096 bits has 3272 */
    RSA_SCHEME_BITS_MIN = 2048,
    RSA_SCHEME_BITS_MAX = 4096,
    RSA_SCHEME_BYTES_MAX = RSA_SCHEME_BITS_MAX / 8
};

/*
 * Appends as many bytes as the modulus has. `public_pem` is one SubjectPublicKeyInfo, nothing else.
 * Errors: FORMAT (no public key), KEY (not RSA, a size outside the limits, another exponent than
 * 65537, a modulus that is none), LENGTH (text or label), FULL, CRYPTO.
 */
MUST_USE err rsa_oaep_encrypt(struct bytes public_pem, struct bytes label, struct bytes plain,
                              struct writer *w);

enum rsa_hash { RSA_SHA1, RSA_SHA256 };

/*
 * The text of an OAEP ciphertext into `max` bytes at `ret_plain`; secret, the caller wipes it.
 * `private_pem` is one unencrypted private key. Errors: FORMAT (no private key), KEY (as above),
 * LENGTH (another length than the modulus has, the label, or a text above `max`), MAC (whatever
 * else is wrong: a sender must learn no more, RFC 8017 7.1.2 note).
 */
MUST_USE err rsa_oaep_decrypt(struct bytes private_pem, enum rsa_hash hash, struct bytes label,
                              struct bytes secret, uint8_t *ret_plain, size_t max, size_t *ret_len);

/*
 * The same of RSAES-PKCS1-v1_5. Padding that is none is MAC, here and by any OpenSSL: newer ones
 * give a random text instead unless told otherwise (implicit rejection), and 3.0 cannot.
 *
 * Whoever can see whether this failed, or how long it took, can open any ciphertext of the key by
 * asking often enough (Bleichenbacher; RFC 8017 7.2.2 note). So a caller never answers a sender by
 * the outcome: it goes on with a random key of the length it expects, as RFC 5246 7.4.7.1 has it,
 * and fails later where every wrong key fails. No program of ours calls it.
 */
MUST_USE err rsa_pkcs1_decrypt(struct bytes private_pem, struct bytes secret, uint8_t *ret_plain,
                               size_t max, size_t *ret_len);

enum rsa_signature { RSA_SIGNATURE_PKCS1, RSA_SIGNATURE_PSS };

enum { RSA_SCHEME_DIGEST_BYTES = 32 };

/*
 * OK, or IDENTITY. PKCS1: the encoding must be the one with NULL in it, byte for byte. PSS: mask
 * and salt of SHA-256, 32 bytes of salt. The exponent may be 3 as well: nothing is lost by it where
 * encodings are compared whole. Errors: FORMAT (no public key), KEY (not RSA, size, exponent).
 */
MUST_USE err rsa_signature_check(struct bytes public_pem, enum rsa_signature scheme,
                                 const uint8_t digest[RSA_SCHEME_DIGEST_BYTES],
                                 struct bytes signature);
