/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ereceipt: a receipt as a link (S106). What the paper says and nothing else, signed by the
 * terminal's own key, with the certificate by which the acquirer vouches for that key: who has the
 * acquirer's public certificate verifies it without asking anybody.
 *
 *   link      ADDRESS#BASE64 of: version 1; length of the body (2 bytes), body; length of the
 *             signature (1 byte), signature; the terminal's certificate, DER
 *   body      type, means, entry (a byte each); batch, voucher (3 bytes each); amount, tip (6 bytes
 *             each, fen); local time (5 bytes, seconds since 1970); then texts, a byte of length
 *             each: merchant number, operator, masked number, reference, authorisation code,
 *             issuer, merchant name
 *   signature ECDSA on P-256 over SHA-256("tongbao receipt v1" | body), DER. The vault hashes, with
 *             the purpose: what it signs as a receipt is no TLS handshake
 *
 * The terminal number is the common name of the certificate, and nowhere else. What follows # never
 * reaches the server of the page. Numbers are big-endian; web/receipt reads the same form.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "payment/payment.h"

enum {
    ERECEIPT_VERSION = 1,
    ERECEIPT_MERCHANT = 121, /* forty columns of UTF-8 and a NUL */
    ERECEIPT_BODY_MAX = 320, /* with every text at its longest */
    ERECEIPT_SIGNATURE_MAX = 72,
    ERECEIPT_CERTIFICATE_MAX = 600, /* P-256, a short name: 430 bytes */
    ERECEIPT_MAX =
        1 + 2 + ERECEIPT_BODY_MAX + 1 + ERECEIPT_SIGNATURE_MAX + ERECEIPT_CERTIFICATE_MAX,
    ERECEIPT_LINK_MAX = 1400, /* in base64, with its address */
};

#define ERECEIPT_PURPOSE "tongbao receipt v1"

/* Writes the body. Of the payment only what the paper has. Errors: FULL, FORMAT (not paid). */
MUST_USE err ereceipt_write(const struct payment *payment, const char *merchant, int64_t local_ms,
                            struct writer *w);

/* What a body says; in `payment` what it has, in *ret_local_ms whole seconds. Errors: SHORT,
 * LENGTH, RANGE (no such type, an amount that is none), FORMAT (a text that is not UTF-8). */
MUST_USE err ereceipt_read(struct bytes body, struct payment *payment,
                           char ret_merchant[static ERECEIPT_MERCHANT], int64_t *ret_local_ms);

/* The three parts, one behind the other, and back as views. Errors: FULL; SHORT, LENGTH,
 * UNSUPPORTED (another version). */
MUST_USE err ereceipt_join(struct bytes body, struct bytes signature, struct bytes certificate,
                           struct writer *w);
struct ereceipt_parts {
    struct bytes body, signature, certificate;
};
MUST_USE err ereceipt_split(struct bytes joined, struct ereceipt_parts *out);
