/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Small tools of the message builders and parsers in this folder: fields that are formatted into
 * the arena, and fields that are copied out with their exact length and class checked.
 */

#include "lib/iso8583/message.h"
#include "payment/payment.h"

/* Sets `field` to formatted text that lives in the arena. Errors: NO_MEMORY. */
MUST_USE err field_format(struct iso8583_message *m, unsigned field, struct arena *arena,
                          const char *format, ...) PRINTF(4, 5);

/* Sets `field` to decimal digits with zeros in front up to `width`. Errors: NO_MEMORY. */
MUST_USE err field_decimal(struct iso8583_message *m, unsigned field, struct arena *arena,
                           uint64_t value, size_t width);

/* Sets `field` to a NUL-terminated text of the caller's; does nothing when it is empty. */
void field_text(struct iso8583_message *m, unsigned field, const char *text);

/* Sets `field` when the view is not empty. */
void field_view(struct iso8583_message *m, unsigned field, struct bytes value);

/* Sets `field` to `text` followed by spaces up to `width`. Errors: NO_MEMORY, LENGTH. */
MUST_USE err field_padded(struct iso8583_message *m, unsigned field, struct arena *arena,
                          const char *text, size_t width);

/* Eight zero bytes that keep the place of the MAC. */
void field_mac_place(struct iso8583_message *m);

/* Copies a field into an array with its NUL. Errors: MISSING, LENGTH (not exactly `len` bytes),
 * FORMAT (a byte that is not printable ASCII: a NUL would make another text of it). */
MUST_USE err field_copy(const struct iso8583_message *m, unsigned field, char *out, size_t len);

/* The same, but an absent field leaves `out` as it is. */
MUST_USE err field_copy_optional(const struct iso8583_message *m, unsigned field, char *out,
                                 size_t len);

/* `len` (at most 9) decimal digits at `from` of a field. Errors: MISSING, SHORT, DIGIT. */
MUST_USE err field_number(const struct iso8583_message *m, unsigned field, size_t from, size_t len,
                          uint32_t *out);

/* Field 4, twelve digits. Errors: MISSING, DIGIT, LENGTH, RANGE (zero). */
MUST_USE err field_amount(const struct iso8583_message *m, int64_t *out);

/*
 * What request and reversal say of the amount beside field 4: in 54 the tip within it, in 62 the
 * plan of instalments. Nothing where there is none. Errors: NO_MEMORY.
 */
MUST_USE err field_extras(struct iso8583_message *m, struct arena *arena,
                          const struct payment *payment);
/* The same of a payment: none where the kind moves no money. Errors: as above; CONFLICT (it moves
 * none and has one); building: NO_MEMORY. */
MUST_USE err field_amount_of(const struct iso8583_message *m, enum payment_type type, int64_t *out);
MUST_USE err field_amount_put(struct iso8583_message *m, struct arena *arena,
                              const struct payment *payment);

/* Into `payment`, whose type and amount are known. Errors: LENGTH, FORMAT, DIGIT, RANGE (a tip of
 * nothing, or not less than the amount), MISSING (the plan of a sale in instalments). */
MUST_USE err field_extras_parse(const struct iso8583_message *m, struct payment *payment);

/* Field 63 of a response: a letter for the class (D, C, W, U), two spaces, the issuer's name. */
MUST_USE err payment_class_parse(struct bytes field63, enum payment_card_class *ret_class,
                                 char issuer[25]);
MUST_USE err payment_class_format(const struct payment *payment, struct arena *arena,
                                  struct iso8583_message *m);

/* Field 63 of a request: the two digits of the operator. Where 63.1 names a card scheme instead, or
 * there is none, `operator_id` stays as it is. */
MUST_USE err field_operator(const struct iso8583_message *m, char operator_id[static 3]);

/* Field 44 of our own host, in its own words (quota.h); what stands there from others is for people
 * and is left out. */
MUST_USE err field_notice(const struct iso8583_message *m,
                          char notice[static PAYMENT_NOTICE_MAX + 1]);
