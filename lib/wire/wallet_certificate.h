/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * wallet_certificate: what the interfaces of wallets make of X.509 certificates. WeChat Pay names
 * one by its serial number; Alipay by the MD5 of its issuer and serial number, and has a chain that
 * ends in a root which the merchant was given. Only public things: no key is held here.
 *
 * The name of Alipay (its page on certificates, "app_cert_sn"): MD5 of the issuer as RFC 2253
 * writes it followed by the serial number in decimal, as 32 lower-case hexadecimal digits. Of a
 * file of roots: the names of those that are signed with RSA, in the order of the file, joined by
 * underscores; roots of other algorithms are passed over.
 */

#include "lib/base/writer.h"

enum {
    WALLET_CERTIFICATE_SERIAL_MAX = 40, /* hexadecimal digits: twenty bytes (RFC 5280 4.1.2.2) */
    WALLET_CERTIFICATE_SN_LEN = 32,
    WALLET_CERTIFICATE_CHAIN_MAX = 12 * 1024, /* PEM: Alipay's four roots have some 8 kB */
    WALLET_CERTIFICATE_ROOTS_MAX = 8,
    WALLET_CERTIFICATE_PUBLIC_MAX = 900, /* a public key of 4096 bits as PEM has 800 bytes */
};

struct wallet_certificate {
    char serial[WALLET_CERTIFICATE_SERIAL_MAX + 1]; /* upper-case hexadecimal */
    char sn[WALLET_CERTIFICATE_SN_LEN + 1];         /* as Alipay names it */
    char public_pem[WALLET_CERTIFICATE_PUBLIC_MAX + 1];
    int64_t not_before_ms, not_after_ms; /* since 1970 UTC, whole seconds */
};

/* The first certificate in PEM. Errors: FORMAT, LENGTH (too long a text, serial number or key). */
MUST_USE err wallet_certificate_read(struct bytes pem, struct wallet_certificate *ret);

/*
 * The same of the first certificate in `chain`, when the others in it lead to one of the roots at
 * this time. Errors: as above; IDENTITY (they do not, or one of them is not valid now).
 */
MUST_USE err wallet_certificate_verify(struct bytes roots, struct bytes chain, int64_t now_ms,
                                       struct wallet_certificate *ret);

/* Appends the name of a file of roots. Errors: FORMAT (none is signed with RSA), LENGTH, FULL. */
MUST_USE err wallet_certificate_root_sn(struct bytes roots, struct writer *w);
