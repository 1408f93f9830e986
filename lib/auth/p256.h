/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * p256: whose key has signed this. What last_words.c, factory.c and backup_signature.c share, for
 * them only: the key of a certificate or of a request (PEM), and its signature of a text (ECDSA on
 * P-256 over SHA-256, DER). Include lib/auth/openssl.h before anything else.
 */

#include "lib/auth/openssl.h"
#include "lib/base/bytes.h"

enum { P256_PRINT = 32 };

/* The caller frees it. NULL: no certificate, or no request that has signed itself, or another kind
 * of key. What is encrypted is neither: nobody is asked for a passphrase. */
EVP_PKEY *p256_of_certificate(struct bytes pem);
EVP_PKEY *p256_of_request(struct bytes pem);

/* SHA-256 of its SubjectPublicKeyInfo. Errors: FORMAT. */
MUST_USE err p256_print(EVP_PKEY *key, uint8_t ret_print[P256_PRINT]);

/* Takes `key`, which may be NULL. *ret_print is the SHA-256 of its SubjectPublicKeyInfo. Errors:
 * FORMAT (no key), MAC (not so signed). */
MUST_USE err p256_check(EVP_PKEY *key, struct bytes text, struct bytes signature,
                        uint8_t ret_print[P256_PRINT]);
