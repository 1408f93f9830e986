/* SPDX-License-Identifier: Apache-2.0 */
/* Field 62 of payments whose code the terminal shows, on both legs. */
#include "payment/shown.h"

#include "lib/base/reader.h"

enum { FIELD = 62, SECONDS_DIGITS = 4 };

err payment_shown_copy(struct bytes text, char out[static PAYMENT_SHOWN_MAX + 1])
{
    if (text.len == 0 || text.len > PAYMENT_SHOWN_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e) return ERR(FORMAT);
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return OK;
}

void payment_shown_set(struct iso8583_message *message, struct bytes text)
{
    ENSURE(text.len > 0 && text.len <= PAYMENT_SHOWN_MAX);
    iso8583_set(message, FIELD, text);
}

err payment_shown_tell(struct iso8583_message *response, unsigned seconds, struct bytes text,
                       struct arena *arena)
{
    ENSURE(text.len > 0 && text.len <= PAYMENT_SHOWN_MAX);
    ENSURE(bytes_equal(iso8583_get(response, 39), BYTES("09")));
    if (seconds > PAYMENT_SHOWN_SECONDS_MAX) seconds = PAYMENT_SHOWN_SECONDS_MAX;
    uint8_t *field = arena_array(arena, uint8_t, SECONDS_DIGITS + PAYMENT_SHOWN_MAX);
    if (field == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(field, SECONDS_DIGITS + PAYMENT_SHOWN_MAX);
    write_decimal(&w, seconds, SECONDS_DIGITS);
    write_bytes(&w, text);
    ENSURE(w.fault == ERR_OK);
    iso8583_set(response, FIELD, writer_view(&w));
    return OK;
}

bool payment_shown_is(const struct iso8583_message *response, const struct payment *payment)
{
    return payment->type == PAYMENT_SALE && payment->means == PAYMENT_SHOWN &&
           bytes_equal(iso8583_get(response, 39), BYTES("09"));
}

err payment_shown_parse(const struct iso8583_message *response, unsigned *ret_seconds,
                        char out[static PAYMENT_SHOWN_MAX + 1])
{
    struct bytes said = iso8583_get(response, FIELD);
    if (said.len == 0) return ERR(MISSING);
    if (said.len <= SECONDS_DIGITS) return ERR(LENGTH);
    struct reader r = reader_over(said);
    unsigned seconds = read_digits(&r, SECONDS_DIGITS);
    if (r.fault != ERR_OK) return ERR(FORMAT);
    if (seconds > PAYMENT_SHOWN_SECONDS_MAX) return ERR(RANGE);
    TRY(payment_shown_copy(r.left, out));
    *ret_seconds = seconds;
    return OK;
}
