/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hsm's commands for certificates of devices. The rules of hsm_protocol.h hold; numbers stand
 * there. What they can do is narrow on purpose: a certificate that the authority has issued before,
 * for the same name and the same key, is given another end. Whoever has taken over the program that
 * asks can certify no device and no key that was not certified before.
 */

#include "lib/wire/hsm_protocol.h"

enum {
    HSM_AUTHORITY_PEM_MAX = 1024,  /* of a private key on P-256: some 240 */
    HSM_AUTHORITY_BLOB_MAX = 1152, /* sealed */
    HSM_PRINT_BYTES = 32,
    HSM_RENEWAL_DAYS_MAX = 825, /* as long as a first one lasts */
};

/* AUTHORITY_SEAL: a private key on P-256 in PEM, as by hsm_write_bytes; the answer is its blob, the
 * same way. Only RENEW opens it. */

/*
 * RENEW: the answer is the certificate in PEM, as by hsm_write_bytes. BAD_VALUE: the certificate is
 * not this authority's for a device, or name or key of certificate and request are not `tid` and
 * `print`; BAD_REQUEST: malformed, a request that its key has not signed, or too long a time.
 */
struct hsm_renewal {
    int64_t not_before_ms, not_after_ms;
    struct bytes blob;        /* of AUTHORITY_SEAL */
    struct bytes authority;   /* its certificate, PEM */
    struct bytes certificate; /* the one that ends or has ended, PEM */
    struct bytes request;     /* PKCS#10 in PEM */
    struct bytes tid, print;  /* whom the registry means: SHA-256 of the SubjectPublicKeyInfo */
};

void hsm_write_renewal(struct writer *w, const struct hsm_renewal *m);
MUST_USE err hsm_read_renewal(struct reader *r, struct hsm_renewal *out);
