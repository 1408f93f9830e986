/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What identity.c, certificate.c and the files of RSA keys share: OpenSSL objects in and out of
 * PEM, and parts of certificates. For them only. */

#include "lib/base/writer.h"
#include "lib/crypto/openssl.h"

void identity_bio_free(BIO **bio);
void identity_x509_free(X509 **x509);
void identity_request_free(X509_REQ **request);

/* Reads `pem`, which must outlive it; a text above IDENTITY_PEM_MAX is read as empty. Or NULL. */
BIO *identity_pem_in(struct bytes pem);

/* Appends what a memory BIO holds. Errors: FULL, CRYPTO (nothing in it). */
MUST_USE err identity_pem_out(BIO *bio, struct writer *w);

/* For OpenSSL's readers of PEM: what is encrypted is none. Without it they ask at the terminal of
 * the program for the passphrase, and wait. */
int identity_no_passphrase(char *to, int size, int writing, void *context);

bool identity_is_p256(EVP_PKEY *pkey);

/* ---- what certificates of all keys are made of (certificate.c) ---- */

/* 1 to IDENTITY_NAME_MAX bytes without control characters. Errors: LENGTH, FORMAT. */
MUST_USE err identity_check_name(struct bytes name);
/* As the common name. False: OpenSSL does not take it; it looks at the UTF-8. */
bool identity_set_name(X509_NAME *to, struct bytes name);
/* Random, unique without a register of numbers, and never negative: the highest of `bits`, which
 * are no multiple of eight, is set. */
bool identity_set_serial(X509 *x509, int bits);
bool identity_set_validity(X509 *x509, int64_t not_before_ms, int64_t not_after_ms);

/* Public key of a certificate, a public key or a private key, or NULL. The caller frees it. */
EVP_PKEY *identity_public_of(struct bytes pem);
