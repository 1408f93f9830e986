/* SPDX-License-Identifier: Apache-2.0 */
/* Field 62 of payments whose code the terminal shows, on both legs. */
#include "payment/shown.h"

#include "lib/base/clock.h"
#include "lib/base/reader.h"

enum { FIELD = 62, SECONDS_DIGITS = 4, WALLET_DAY = 400, TAIL_DIGITS = 8 };

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

bool payment_wallet_reference(const char *reference)
{
    unsigned day = 0;
    if (!bytes_all_digits(bytes_text(reference)) || strlen(reference) != 12) return false;
    for (size_t i = 1; i <= 3; i++) day = day * 10 + (unsigned)(reference[i] - '0');
    return day > WALLET_DAY && day <= WALLET_DAY + 366;
}

void payment_wallet_reference_write(int64_t now_ms, uint32_t tail, char out[static 13])
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    int64_t local_ms = now_ms + CLOCK_CHINA_OFFSET_MS;
    struct civil c = civil_from_ms(local_ms);
    int64_t first_ms = civil_to_ms((struct civil){.year = c.year, .month = 1, .day = 1});
    struct writer w = writer_over(out, 12);
    write_decimal(&w, (unsigned)c.year % 10, 1);
    write_decimal(&w, (unsigned)((local_ms - first_ms) / DAY_MS) + 1 + WALLET_DAY, 3);
    write_decimal(&w, tail, TAIL_DIGITS);
    ENSURE(w.fault == ERR_OK && w.len == 12);
    out[12] = '\0';
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
