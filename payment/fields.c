/* SPDX-License-Identifier: Apache-2.0 */
/* Fields formatted into messages and copied out of them. */
#include "payment/fields.h"

#include <stdarg.h>
#include <stdio.h>

#include "payment/kind.h"

err field_format(struct iso8583_message *m, unsigned field, struct arena *arena, const char *format,
                 ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ENSURE(len >= 0 && (size_t)len < sizeof text);

    uint8_t *copy = arena_array(arena, uint8_t, (size_t)len + 1);
    if (copy == NULL) return ERR(NO_MEMORY);
    memcpy(copy, text, (size_t)len);
    iso8583_set(m, field, bytes_of(copy, (size_t)len));
    return OK;
}

err field_decimal(struct iso8583_message *m, unsigned field, struct arena *arena, uint64_t value,
                  size_t width)
{
    enum { DIGITS_MAX = 20 };
    uint8_t *text = arena_array(arena, uint8_t, DIGITS_MAX);
    if (text == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(text, DIGITS_MAX);
    write_decimal(&w, value, width);
    ENSURE(w.fault == ERR_OK);
    iso8583_set(m, field, writer_view(&w));
    return OK;
}

void field_text(struct iso8583_message *m, unsigned field, const char *text)
{
    if (text[0] != '\0') iso8583_set(m, field, bytes_text(text));
}

void field_view(struct iso8583_message *m, unsigned field, struct bytes value)
{
    if (value.len > 0) iso8583_set(m, field, value);
}

err field_padded(struct iso8583_message *m, unsigned field, struct arena *arena, const char *text,
                 size_t width)
{
    size_t len = strlen(text);
    if (len > width) return ERR(LENGTH);
    uint8_t *copy = arena_array(arena, uint8_t, width);
    if (copy == NULL) return ERR(NO_MEMORY);
    memset(copy, ' ', width);
    memcpy(copy, text, len);
    iso8583_set(m, field, bytes_of(copy, width));
    return OK;
}

void field_mac_place(struct iso8583_message *m)
{
    static const uint8_t place[ISO8583_MAC_SIZE];
    iso8583_set(m, 64, BYTES_OF(place));
}

err field_copy(const struct iso8583_message *m, unsigned field, char *out, size_t len)
{
    if (!iso8583_has(m, field)) return ERR(MISSING);
    struct bytes value = iso8583_get(m, field);
    if (value.len != len) return ERR(LENGTH);
    for (size_t i = 0; i < len; i++)
        if (value.at[i] < 0x20 || value.at[i] > 0x7e) return ERR(FORMAT);
    return bytes_to_text(value, out, len + 1);
}

err field_copy_optional(const struct iso8583_message *m, unsigned field, char *out, size_t len)
{
    return iso8583_has(m, field) ? field_copy(m, field, out, len) : OK;
}

err field_number(const struct iso8583_message *m, unsigned field, size_t from, size_t len,
                 uint32_t *out)
{
    if (!iso8583_has(m, field)) return ERR(MISSING);
    struct reader r = reader_over(iso8583_get(m, field));
    (void)read_bytes(&r, from);
    unsigned value = read_digits(&r, len);
    if (r.fault != ERR_OK) return (err){r.fault};
    *out = value;
    return OK;
}

err field_amount(const struct iso8583_message *m, int64_t *out)
{
    uint32_t high, low;
    TRY(field_number(m, 4, 0, 6, &high));
    TRY(field_number(m, 4, 6, 6, &low));
    int64_t amount = (int64_t)high * 1000000 + low;
    if (amount == 0) return ERR(RANGE);
    *out = amount;
    return OK;
}

err field_amount_of(const struct iso8583_message *m, enum payment_type type, int64_t *out)
{
    if (payment_moves(type)) return field_amount(m, out);
    if (iso8583_has(m, 4)) return ERR(CONFLICT);
    *out = 0;
    return OK;
}

err field_amount_put(struct iso8583_message *m, struct arena *arena, const struct payment *payment)
{
    int64_t minor = payment->amount_minor;
    bool moves = payment_moves(payment->type);
    ENSURE(moves ? minor > 0 && minor <= MONEY_FIELD_MAX : minor == 0);
    return moves ? field_decimal(m, 4, arena, (uint64_t)minor, 12) : OK;
}

/* Account type, kind of amount, currency, sign; then twelve digits. The kind is our dialect's. */
static const char tip_head[] = "0044156D";

static err tip(struct iso8583_message *m, struct arena *arena, int64_t tip_minor)
{
    if (tip_minor == 0) return OK;
    return field_format(m, 54, arena, "%s%012lld", tip_head, (long long)tip_minor);
}

static err tip_parse(const struct iso8583_message *m, int64_t amount_minor, int64_t *ret_tip_minor)
{
    enum { HEAD = sizeof tip_head - 1, DIGITS = 12 };
    struct bytes field = iso8583_get(m, 54);
    if (!iso8583_has(m, 54)) return OK;
    if (field.len != HEAD + DIGITS) return ERR(LENGTH);
    if (memcmp(field.at, tip_head, HEAD) != 0) return ERR(FORMAT);
    uint32_t high, low;
    TRY(field_number(m, 54, HEAD, 6, &high));
    TRY(field_number(m, 54, HEAD + 6, 6, &low));
    int64_t tip = (int64_t)high * 1000000 + low;
    if (tip == 0 || tip >= amount_minor) return ERR(RANGE);
    *ret_tip_minor = tip;
    return OK;
}

err field_extras(struct iso8583_message *m, struct arena *arena, const struct payment *payment)
{
    TRY(tip(m, arena, payment->tip_minor));
    return payment->plan.months > 0 ? instalment_write(&payment->plan, arena, m) : OK;
}

err field_extras_parse(const struct iso8583_message *m, struct payment *payment)
{
    TRY(tip_parse(m, payment->amount_minor, &payment->tip_minor));
    return payment->type == PAYMENT_INSTALMENT ? instalment_read(m, &payment->plan) : OK;
}

err field_notice(const struct iso8583_message *m, char notice[static PAYMENT_NOTICE_MAX + 1])
{
    struct bytes said = iso8583_get(m, 44);
    notice[0] = '\0';
    if (said.len != PAYMENT_NOTICE_MAX) return OK;
    return bytes_to_text(said, notice, PAYMENT_NOTICE_MAX + 1);
}

err field_operator(const struct iso8583_message *m, char operator_id[static 3])
{
    struct bytes who = iso8583_get(m, 63);
    if (who.len < 2 || !bytes_all_digits(bytes_of(who.at, 2))) return OK;
    return bytes_to_text(bytes_of(who.at, 2), operator_id, 3);
}
