/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rsa_scheme: RSA-OAEP (RFC 8017, 7.1) with SHA-256 and MGF1 over SHA-256: a key on its way to a
 * holder who has an RSA key pair and no X25519 one, a terminal of another make. Encryption only:
 * nothing of ours receives keys so, and nothing of ours signs or checks with RSA.
 *
 * The label is bound in and not part of the text: opened with another one, it does not open. The
 * seed is OpenSSL's own; not for the hot path.
 */

#include "lib/base/writer.h"

enum {
    RSA_SCHEME_PEM_MAX = 1024, /* a public key of 4096 bits has 800 bytes */
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
