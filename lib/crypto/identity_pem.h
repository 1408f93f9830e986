/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What identity.c and certificate.c share: OpenSSL objects in and out of PEM. For them only. */

#include "lib/base/writer.h"
#include "lib/crypto/openssl.h"

void identity_bio_free(BIO **bio);
void identity_x509_free(X509 **x509);
void identity_request_free(X509_REQ **request);

/* Reads `pem`, which must outlive it; a text above IDENTITY_PEM_MAX is read as empty. Or NULL. */
BIO *identity_pem_in(struct bytes pem);

/* Appends what a memory BIO holds. Errors: FULL, CRYPTO (nothing in it). */
MUST_USE err identity_pem_out(BIO *bio, struct writer *w);

bool identity_is_p256(EVP_PKEY *pkey);

/* Public key of a certificate, a public key or a private key, or NULL. The caller frees it. */
EVP_PKEY *identity_public_of(struct bytes pem);
