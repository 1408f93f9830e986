/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ereceipt: a receipt as a link (S106). What the paper says and nothing else, signed by the
 * terminal's own key, with the certificate by which the acquirer vouches for that key: who has the
 * acquirer's public certificate verifies it without asking anybody.
 *
 *   link      ADDRESS#BASE64 of: version 1, or 2 when the body has more; length of the body (2
 * bytes), body; length of the signature (1 byte), signature; the terminal's certificate, DER body
 * type, means, entry (a byte each); batch, voucher (3 bytes each); amount, tip (6 bytes each, fen);
 * local time (5 bytes, seconds since 1970); then texts, a byte of length each: merchant number,
 * operator, masked number, reference, authorisation code, issuer, merchant name more      number of
 * goods (a byte), each a text, its price (6 bytes) and quantity (2 bytes); then a byte that says
 * what was left out for room, 1 goods, 2 the signature; then the strokes of the cardholder's
 * signature, packed (terminal/device/strokes.h), to the end signature ECDSA on P-256 over
 * SHA-256("tongbao receipt v1" | body), DER. The vault hashes, with the purpose: what it signs as a
 * receipt is no TLS handshake
 *
 * The terminal number is the common name of the certificate, and nowhere else. What follows # never
 * reaches the server of the page. Numbers are big-endian; web/receipt reads the same form.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "payment/basket.h"
#include "payment/payment.h"

enum {
    ERECEIPT_PLAIN = 1,
    ERECEIPT_WITH_MORE = 2,
    ERECEIPT_MERCHANT = 121, /* forty columns of UTF-8 and a NUL */
    ERECEIPT_BODY_MAX =
        512, /* 320 with every text at its longest, and as much more as a code takes */
    ERECEIPT_SIGNATURE_MAX = 72,
    ERECEIPT_CERTIFICATE_MAX = 600, /* P-256, a short name: 430 bytes */
    ERECEIPT_MAX =
        1 + 2 + ERECEIPT_BODY_MAX + 1 + ERECEIPT_SIGNATURE_MAX + ERECEIPT_CERTIFICATE_MAX,
    ERECEIPT_LINK_MAX = 1400, /* in base64, with its address */
    ERECEIPT_CODE_MAX = 1273, /* of those, what a code holds that can be scanned (lib/qr/image.h) */
};

#define ERECEIPT_PURPOSE "tongbao receipt v1"

/* What was left out, because the code would be too large. */
enum { ERECEIPT_LEFT_GOODS = 1, ERECEIPT_LEFT_STROKES = 2 };

/* What a receipt may have besides. Read: a view of the body. */
struct ereceipt_more {
    struct basket basket; /* empty: an amount was typed, or it was left out */
    unsigned left_out;
    struct bytes strokes;
};

/* Appends it to a body. Errors: FULL. */
MUST_USE err ereceipt_write_more(const struct ereceipt_more *more, struct writer *w);

/* Writes the body. Of the payment only what the paper has. Errors: FULL, FORMAT (not paid). */
MUST_USE err ereceipt_write(const struct payment *payment, const char *merchant, int64_t local_ms,
                            struct writer *w);

/*
 * What a body of this version says; in `payment` what it has, in *ret_local_ms whole seconds. In
 * `ret_more` nothing when it is a plain one. Errors: SHORT, LENGTH, RANGE (no such type, an amount
 * that is none, goods that are none), FORMAT (a text that is not UTF-8), FULL (too many goods).
 */
MUST_USE err ereceipt_read(unsigned version, struct bytes body, struct payment *payment,
                           char ret_merchant[static ERECEIPT_MERCHANT], int64_t *ret_local_ms,
                           struct ereceipt_more *ret_more);

/* The three parts, one behind the other, and back as views. Errors: FULL; SHORT, LENGTH,
 * UNSUPPORTED (another version). */
MUST_USE err ereceipt_join(unsigned version, struct bytes body, struct bytes signature,
                           struct bytes certificate, struct writer *w);
struct ereceipt_parts {
    unsigned version;
    struct bytes body, signature, certificate;
};
MUST_USE err ereceipt_split(struct bytes joined, struct ereceipt_parts *out);
