/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rsa_certificate: X.509 certificates of RSA keys, for interfaces that name a key by the serial
 * number of its certificate (WeChat Pay v3, Alipay). They are made here for the simulators; chains
 * are looked at by wallet_certificate.h of lib/wire, where the gateway is.
 */

#include "lib/crypto/rsa_signature.h"

enum {
    RSA_CERTIFICATE_SERIAL_MAX = 40, /* hexadecimal digits: twenty bytes (RFC 5280 4.1.2.2) */
    RSA_CERTIFICATE_NAME_MAX = 64,   /* X.520 upper bound of a common name */
    RSA_CERTIFICATE_PEM_MAX = 4096,  /* one of ours with a key of 4096 bits has 1830 bytes */
};

struct rsa_certificate {
    char serial[RSA_CERTIFICATE_SERIAL_MAX + 1]; /* upper-case hexadecimal */
    char common_name[RSA_CERTIFICATE_NAME_MAX + 1];
    int64_t not_before_ms, not_after_ms; /* since 1970 UTC, whole seconds */
};

/*
 * Appends a certificate in PEM that `key` has signed for itself, with a random serial number.
 * Errors: KEY (no private half), LENGTH or FORMAT (the name: 1 to 64 bytes of UTF-8), FULL, CRYPTO.
 */
MUST_USE err rsa_certificate_make(const struct rsa_key *key, struct bytes common_name,
                                  int64_t not_before_ms, int64_t not_after_ms, struct writer *w);

struct rsa_certificate_order {
    struct bytes common_name;
    int64_t not_before_ms, not_after_ms;
    bool authority; /* it may sign others */
};

/* The same of `key`, whose public half is enough, signed by `issuer`, whose certificate is
 * `issuer_pem`; empty: it has none yet, and this is it. Errors: as above; FORMAT also of
 * `issuer_pem`. */
MUST_USE err rsa_certificate_issue(const struct rsa_key *issuer, struct bytes issuer_pem,
                                   const struct rsa_key *key,
                                   const struct rsa_certificate_order *order, struct writer *w);

/* Errors: FORMAT (no certificate in PEM, or no common name or time in it), LENGTH (name, serial).
 */
MUST_USE err rsa_certificate_describe(struct bytes pem, struct rsa_certificate *ret);
