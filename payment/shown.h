/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * shown: a code that the terminal shows and the customer scans (主扫, S78).
 *
 * The terminal asks with a 0200 that has no code. The host makes one, tells it to the wallet and,
 * when the wallet has the order, to the terminal: a 0210 with 39 = 09 and field 62, which ends
 * nothing. It may come again; the 0210 that ends the payment comes under the same key.
 *
 *   field 62 towards the terminal   four digits: seconds for which the code may still be scanned;
 *                                   the text to be shown
 *   field 62 towards the wallet     the text alone, in the 0200; in a 09 another one to be shown
 *
 * A text is 1 to PAYMENT_SHOWN_MAX printable ASCII characters: an EMVCo code of ours
 * (lib/qr/order_code.h), or what a wallet wants, such as an address.
 */

#include "lib/iso8583/message.h"
#include "payment/payment.h"

enum {
    PAYMENT_SHOWN_MAX = 255, /* a code of so much is still read from a small screen */
    PAYMENT_SHOWN_SECONDS_MAX = 3600,
};

/* The text with its NUL. Errors: LENGTH, FORMAT (something that is not printable ASCII). */
MUST_USE err payment_shown_copy(struct bytes text, char out[static PAYMENT_SHOWN_MAX + 1]);

/* Puts field 62 of the wallet's leg into a message that has not been encoded yet. */
void payment_shown_set(struct iso8583_message *message, struct bytes text);

/* Makes a response (payment_response_message) with 39 = 09 the one that ends nothing. `seconds` is
 * cut to PAYMENT_SHOWN_SECONDS_MAX. Errors: NO_MEMORY. */
MUST_USE err payment_shown_tell(struct iso8583_message *response, unsigned seconds,
                                struct bytes text, struct arena *arena);

/*
 * A wallet's own reference of a payment at a plate (S79): Y, DDD of the year with 400 added, eight
 * digits. No acquirer gives such numbers. `tail` is those eight; the day is China's of `now_ms`.
 */
bool payment_wallet_reference(const char *reference);
void payment_wallet_reference_write(int64_t now_ms, uint32_t tail, char out[static 13]);

/* Says that the code can be scanned, and that the payment is not decided. */
bool payment_shown_is(const struct iso8583_message *response, const struct payment *payment);

/* What it says, from field 62. Errors: MISSING, LENGTH, FORMAT, RANGE; outputs untouched then. */
MUST_USE err payment_shown_parse(const struct iso8583_message *response, unsigned *ret_seconds,
                                 char out[static PAYMENT_SHOWN_MAX + 1]);
