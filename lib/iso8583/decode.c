/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from a peer to a message, along the dialect's table. It validates everything that the
 * layout says (digits, lengths, pads, the end of the frame) because nothing behind it does so
 * again.
 *
 * Packed values are unpacked into one piece of arena, taken at once: twice the frame is always
 * enough and one allocation is cheaper than one a field. Unpacking eight digits at a time in a word
 * was tried and dropped: 4 % for sixty lines.
 */
#include "lib/iso8583/dialect.h"

struct decoder {
    const struct iso8583_dialect *dialect;
    struct reader r;
    uint8_t *unpacked; /* where the next unpacked value goes */
};

/* Upper-case only: one value has one encoding. 16 for anything else. */
static unsigned hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10u;
    return 16;
}

static uint16_t read_mti(struct decoder *d)
{
    if (d->dialect->mti == ISO8583_PLAIN) {
        struct bytes text = read_bytes(&d->r, 4);
        if (text.len == 0) return 0;
        if (!bytes_all_digits(text)) reader_fail(&d->r, ERR_DIGIT);
        return (uint16_t)((text.at[0] & 15) << 12 | (text.at[1] & 15) << 8 |
                          (text.at[2] & 15) << 4 | (text.at[3] & 15));
    }
    uint16_t mti = (uint16_t)read_be(&d->r, 2);
    if (((mti + 0x6666u) ^ mti ^ 0x6666u) & 0x11110u) reader_fail(&d->r, ERR_DIGIT);
    return mti;
}

static uint64_t read_bitmap(struct decoder *d)
{
    if (d->dialect->bitmap == ISO8583_PLAIN) return read_be(&d->r, 8);
    struct bytes text = read_bytes(&d->r, 16);
    uint64_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = hex_digit(text.at[i]);
        if (digit > 15) reader_fail(&d->r, ERR_FORMAT);
        bits = bits << 4 | (digit & 15);
    }
    return bits;
}

/* Nibbles to the characters 0x30..0x3F. The one nibble that an odd count leaves must be zero. */
static struct bytes read_packed(struct decoder *d, const struct iso8583_layout *layout,
                                size_t count)
{
    struct bytes packed = read_bytes(&d->r, (count + 1) / 2);
    if (packed.len == 0) return (struct bytes){0};

    uint8_t *out = d->unpacked;
    d->unpacked += packed.len * 2;
    unsigned above_nine = 0; /* bit 4 is set by any nibble that is no digit */
    for (size_t i = 0; i < packed.len; i++) {
        unsigned high = packed.at[i] >> 4, low = packed.at[i] & 15u;
        above_nine |= (high + 6) | (low + 6);
        out[2 * i] = (uint8_t)('0' + high);
        out[2 * i + 1] = (uint8_t)('0' + low);
    }
    if (layout->kind == ISO8583_DIGITS && (above_nine & 16u) != 0) reader_fail(&d->r, ERR_DIGIT);
    if (count % 2 == 0) return (struct bytes){out, count};

    bool right = layout->coding == ISO8583_BCD_RIGHT;
    if (out[right ? 0 : count] != '0') reader_fail(&d->r, ERR_FORMAT);
    return (struct bytes){out + (right ? 1 : 0), count};
}

static struct bytes read_hex(struct decoder *d, size_t count)
{
    struct bytes text = read_bytes(&d->r, count * 2);
    uint8_t *out = d->unpacked;
    d->unpacked += text.len / 2;
    for (size_t i = 0; i < text.len; i += 2) {
        unsigned high = hex_digit(text.at[i]), low = hex_digit(text.at[i + 1]);
        if (high > 15 || low > 15) reader_fail(&d->r, ERR_FORMAT);
        out[i / 2] = (uint8_t)(high << 4 | (low & 15));
    }
    return (struct bytes){out, text.len / 2};
}

static struct bytes read_plain(struct decoder *d, const struct iso8583_layout *layout, size_t count)
{
    struct bytes value = read_bytes(&d->r, count);
    if (layout->kind == ISO8583_TEXT || layout->kind == ISO8583_BINARY) return value;
    unsigned most = layout->kind == ISO8583_DIGITS ? 9 : 15;
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned)(uint8_t)(value.at[i] - '0') > most) reader_fail(&d->r, ERR_DIGIT);
    return value;
}

/* How many elements follow. A length is digits, or a fault: never clamped, never guessed. */
static size_t read_count(struct decoder *d, const struct iso8583_layout *layout)
{
    if (layout->prefix == 0) return layout->max;
    size_t count = d->dialect->prefix == ISO8583_PLAIN ? read_digits(&d->r, layout->prefix)
                                                       : read_bcd(&d->r, (layout->prefix + 1u) / 2);
    if (layout->counts == ISO8583_OCTETS && layout->coding == ISO8583_HEX) {
        if (count % 2 != 0) reader_fail(&d->r, ERR_FORMAT);
        count /= 2;
    }
    if (count > layout->max) reader_fail(&d->r, ERR_LENGTH);
    return count;
}

static struct bytes read_field(struct decoder *d, const struct iso8583_layout *layout)
{
    if (layout->kind == ISO8583_ABSENT) reader_fail(&d->r, ERR_FIELD);
    size_t count = read_count(d, layout);
    if (d->r.fault != ERR_OK) return (struct bytes){0};

    switch ((enum iso8583_coding)layout->coding) {
    case ISO8583_BCD:
    case ISO8583_BCD_RIGHT:
        return read_packed(d, layout, count);
    case ISO8583_HEX:
        return read_hex(d, count);
    case ISO8583_PLAIN:
        break;
    }
    return read_plain(d, layout, count);
}

static void read_start(struct decoder *d, struct iso8583_message *m, struct iso8583_fault *fault)
{
    *fault = (struct iso8583_fault){ISO8583_MTI, 0, ERR_OK};
    m->mti = read_mti(d);
    if (d->r.fault != ERR_OK) return;

    *fault = (struct iso8583_fault){ISO8583_BITMAP, reader_offset(&d->r), ERR_OK};
    m->present[0] = read_bitmap(d);
    if (!iso8583_has(m, 1)) return;
    m->present[1] = read_bitmap(d);
    /* A second bitmap without fields is another spelling of a message with one bitmap. */
    if (d->r.fault == ERR_OK && m->present[1] == 0) reader_fail(&d->r, ERR_FORMAT);
}

static void read_fields(struct decoder *d, struct iso8583_message *m, struct iso8583_fault *fault)
{
    unsigned last = 0;
    size_t begins = 0;
    for (unsigned half = 0; half < 2; half++) {
        uint64_t left = m->present[half];
        while (left != 0 && d->r.fault == ERR_OK) {
            unsigned lead = (unsigned)__builtin_clzll(left);
            left &= ~(UINT64_C(1) << (63 - lead));
            if (half + lead == 0) continue; /* the bit of the second bitmap itself */

            last = half * 64 + lead + 1;
            begins = reader_offset(&d->r);
            m->field[last] = read_field(d, &d->dialect->field[last]);
        }
    }
    if (last == 64 || last == 128) m->mac_input = begins;
    *fault = (struct iso8583_fault){last, begins, ERR_OK};
}

static struct decoder start(const struct iso8583_dialect *dialect, struct bytes frame,
                            struct arena *arena)
{
    struct decoder d = {dialect, reader_over(frame), NULL};
    if (frame.len > ISO8583_FRAME_MAX) {
        reader_fail(&d.r, ERR_LENGTH);
        return d;
    }
    d.unpacked = arena_array(arena, uint8_t, frame.len * 2);
    if (d.unpacked == NULL) reader_fail(&d.r, ERR_NO_MEMORY);
    return d;
}

err iso8583_decode(const struct iso8583_dialect *dialect, struct bytes frame, struct arena *arena,
                   struct iso8583_message *out, struct iso8583_fault *fault)
{
    ENSURE(dialect != NULL && arena != NULL && out != NULL && fault != NULL);
    struct decoder d = start(dialect, frame, arena);
    struct iso8583_fault place = {0};
    struct iso8583_message message = {0};

    if (d.r.fault == ERR_OK) read_start(&d, &message, &place);
    if (d.r.fault == ERR_OK) read_fields(&d, &message, &place);
    if (d.r.fault == ERR_OK && d.r.left.len > 0) {
        place = (struct iso8583_fault){ISO8583_AFTER_LAST, reader_offset(&d.r), ERR_OK};
        reader_fail(&d.r, ERR_TRAILING);
    }
    if (d.r.fault != ERR_OK) {
        place.code = d.r.fault;
        *fault = place;
        return (err){d.r.fault};
    }
    *out = message;
    return OK;
}
