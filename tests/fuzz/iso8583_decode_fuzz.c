/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes in any dialect (the first byte chooses). What is refused is named and leaves the output
 * alone. What is read obeys its layout, is written again byte for byte, since one value has one
 * encoding, and is described without a card number or PIN block.
 */
#include "lib/iso8583/dialect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct iso8583_dialect *const dialects[] = {
    &iso8583_dialect_cup, &iso8583_dialect_tongbao, &iso8583_dialect_ascii87};

static void check_field(const struct iso8583_layout *l, struct bytes value)
{
    ENSURE(l->kind != ISO8583_ABSENT);
    ENSURE(value.len <= l->max);
    ENSURE(l->prefix > 0 || value.len == l->max);
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.at[i];
        if (l->kind == ISO8583_DIGITS) ENSURE(c >= '0' && c <= '9');
        if (l->kind == ISO8583_TRACK) ENSURE(c >= '0' && c <= '?');
    }
}

static void check_described(const struct iso8583_dialect *d, const struct iso8583_message *m)
{
    static uint8_t text[ISO8583_DESCRIBE_MAX];
    struct writer w = writer_over(text, sizeof text);
    iso8583_describe(d, m, false, &w);
    ENSURE(w.fault == ERR_OK);
    for (size_t i = 0; i < w.len; i++) ENSURE(text[i] >= 0x20 && text[i] < 0x7F);
    /* Of a card number at least one digit in the middle is a star. */
    static const char head[] = "{\"field\":2,\"name\":\"primary account number\",\"value\":\"";
    const size_t pan = iso8583_get(m, 2).len;
    if (pan <= 4) return;
    const uint8_t *at = memmem(text, w.len, head, sizeof head - 1);
    ENSURE(at != NULL && memchr(at + sizeof head - 1, '*', pan) != NULL);
}

static void check_message(const struct iso8583_dialect *d, const struct iso8583_message *m,
                          struct bytes frame)
{
    static uint8_t again[ISO8583_FRAME_MAX];
    struct writer w = writer_over(again, sizeof again);
    struct iso8583_fault fault;
    for (unsigned id = 2; id <= ISO8583_FIELD_LAST; id++) {
        if (iso8583_has(m, id)) check_field(&d->field[id], m->field[id]);
        else ENSURE(m->field[id].len == 0);
    }
    ENSURE(!FAILED(iso8583_encode(d, m, &w, &fault)));
    ENSURE(bytes_equal(writer_view(&w), frame));
    if (m->mac_input > 0)
        ENSURE(bytes_equal(iso8583_mac_input(d, frame), bytes_of(frame.at, m->mac_input)));
    check_described(d, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t block[ISO8583_ARENA_MAX];
    static struct iso8583_message m, untouched;
    struct iso8583_fault fault = {0};
    if (size < 1) return 0;
    const struct iso8583_dialect *d = dialects[data[0] % ARRAY_LEN(dialects)];
    struct bytes frame = bytes_of(data + 1, size - 1);
    struct arena arena = arena_over(block, sizeof block);

    memset(&m, 0xA5, sizeof m);
    memset(&untouched, 0xA5, sizeof untouched);
    err e = iso8583_decode(d, frame, &arena, &m, &fault);
    ENSURE(e.code != ERR_NO_MEMORY); /* ISO8583_ARENA_MAX promises this */
    if (FAILED(e)) {
        ENSURE(fault.code == e.code && fault.offset <= frame.len);
        ENSURE(fault.field <= ISO8583_AFTER_LAST);
        ENSURE(memcmp(&m, &untouched, sizeof m) == 0);
    } else {
        check_message(d, &m, frame);
    }
    return 0;
}
