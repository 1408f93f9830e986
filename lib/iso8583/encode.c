/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message to bytes, along the dialect's table. What decode would refuse, encode does not
 * write: our own mistakes must stop here, where the field is known, and not at the peer.
 */
#include "lib/iso8583/dialect.h"

static const char hex_upper[] = "0123456789ABCDEF";

static void write_mti(struct writer *w, uint16_t mti, uint8_t coding)
{
    if (((mti + 0x6666u) ^ mti ^ 0x6666u) & 0x11110u) {
        writer_fail(w, ERR_DIGIT);
    } else if (coding == ISO8583_PLAIN) {
        uint8_t *at = write_space(w, 4);
        for (unsigned i = 0; at != NULL && i < 4; i++)
            at[i] = (uint8_t)hex_upper[mti >> (12 - 4 * i) & 15];
    } else {
        write_be(w, mti, 2);
    }
}

static void write_bitmap(struct writer *w, uint64_t bits, uint8_t coding)
{
    if (coding == ISO8583_PLAIN) {
        write_be(w, bits, 8);
        return;
    }
    uint8_t *at = write_space(w, 16);
    for (unsigned i = 0; at != NULL && i < 16; i++)
        at[i] = (uint8_t)hex_upper[bits >> (60 - 4 * i) & 15];
}

/* Two characters a byte; an odd count leaves a zero nibble behind (left) or in front (right). */
static void write_packed(struct writer *w, const struct iso8583_layout *layout, struct bytes value)
{
    uint8_t *at = write_space(w, (value.len + 1) / 2);
    if (at == NULL || value.len == 0) return;

    const unsigned most = layout->kind == ISO8583_DIGITS ? 9 : 15;
    bool bad = false;
    size_t i = 0;
    if (value.len % 2 != 0 && layout->coding == ISO8583_BCD_RIGHT) {
        unsigned low = (uint8_t)(value.at[i++] - '0');
        bad |= low > most;
        *at++ = (uint8_t)low;
    }
    for (; i + 1 < value.len; i += 2) {
        unsigned high = (uint8_t)(value.at[i] - '0'), low = (uint8_t)(value.at[i + 1] - '0');
        bad |= high > most || low > most;
        *at++ = (uint8_t)(high << 4 | low);
    }
    if (i < value.len) {
        unsigned high = (uint8_t)(value.at[i] - '0');
        bad |= high > most;
        *at = (uint8_t)(high << 4);
    }
    if (bad) writer_fail(w, ERR_DIGIT);
}

static void write_plain(struct writer *w, const struct iso8583_layout *layout, struct bytes value)
{
    if (layout->kind == ISO8583_DIGITS || layout->kind == ISO8583_TRACK) {
        unsigned most = layout->kind == ISO8583_DIGITS ? 9 : 15;
        for (size_t i = 0; i < value.len; i++)
            if ((unsigned)(uint8_t)(value.at[i] - '0') > most) writer_fail(w, ERR_DIGIT);
    }
    write_bytes(w, value);
}

static void write_count(struct writer *w, const struct iso8583_dialect *dialect,
                        const struct iso8583_layout *layout, size_t count)
{
    if (layout->counts == ISO8583_OCTETS && layout->coding == ISO8583_HEX) count *= 2;
    ENSURE(count <= (layout->prefix == 2 ? 99 : 999)); /* the tables are tested for it */

    unsigned hundreds = (unsigned)count / 100, tens = (unsigned)count / 10 % 10,
             ones = (unsigned)count % 10;
    bool plain = dialect->prefix == ISO8583_PLAIN;
    size_t size = plain ? layout->prefix : (layout->prefix + 1u) / 2;
    uint8_t *at = write_space(w, size);
    if (at == NULL) return;
    if (plain && size == 3) *at++ = (uint8_t)('0' + hundreds);
    if (!plain && size == 2) *at++ = (uint8_t)hundreds;
    if (plain) {
        at[0] = (uint8_t)('0' + tens);
        at[1] = (uint8_t)('0' + ones);
    } else {
        at[0] = (uint8_t)(tens << 4 | ones);
    }
}

static void write_field(struct writer *w, const struct iso8583_dialect *dialect,
                        const struct iso8583_layout *layout, struct bytes value)
{
    if (layout->kind == ISO8583_ABSENT) {
        writer_fail(w, ERR_FIELD);
        return;
    }
    if (value.len > layout->max || (layout->prefix == 0 && value.len < layout->max)) {
        writer_fail(w, value.len > layout->max ? ERR_LENGTH : ERR_FORMAT);
        return;
    }
    if (layout->prefix > 0) write_count(w, dialect, layout, value.len);

    switch ((enum iso8583_coding)layout->coding) {
    case ISO8583_BCD:
    case ISO8583_BCD_RIGHT:
        write_packed(w, layout, value);
        break;
    case ISO8583_HEX:
        write_hex_upper(w, value);
        break;
    case ISO8583_PLAIN:
        write_plain(w, layout, value);
        break;
    }
}

/* Writes what is present and returns where it stopped; the reason is in the writer. */
static struct iso8583_fault write_message(struct writer *w, const struct iso8583_dialect *dialect,
                                          const struct iso8583_message *m)
{
    const size_t start = w->len;
    write_mti(w, m->mti, dialect->mti);
    if (w->fault != ERR_OK) return (struct iso8583_fault){ISO8583_MTI, 0, w->fault};

    const uint64_t second = UINT64_C(1) << 63;
    size_t begins = w->len - start;
    write_bitmap(w, m->present[1] != 0 ? m->present[0] | second : m->present[0] & ~second,
                 dialect->bitmap);
    if (m->present[1] != 0) write_bitmap(w, m->present[1], dialect->bitmap);
    if (w->fault != ERR_OK) return (struct iso8583_fault){ISO8583_BITMAP, begins, w->fault};

    for (unsigned half = 0; half < 2; half++) {
        uint64_t left = half == 0 ? m->present[0] & ~second : m->present[1];
        while (left != 0) {
            unsigned lead = (unsigned)__builtin_clzll(left), field = half * 64 + lead + 1;
            left &= ~(UINT64_C(1) << (63 - lead));
            begins = w->len - start;
            write_field(w, dialect, &dialect->field[field], m->field[field]);
            if (w->fault != ERR_OK) return (struct iso8583_fault){field, begins, w->fault};
        }
    }
    return (struct iso8583_fault){0};
}

err iso8583_encode(const struct iso8583_dialect *dialect, const struct iso8583_message *message,
                   struct writer *w, struct iso8583_fault *fault)
{
    ENSURE(dialect != NULL && message != NULL && w != NULL && fault != NULL);
    const size_t before = w->len;
    struct iso8583_fault stopped = write_message(w, dialect, message);
    if (stopped.code == ERR_OK && w->len - before > ISO8583_FRAME_MAX)
        stopped = (struct iso8583_fault){ISO8583_AFTER_LAST, w->len - before, ERR_LENGTH};
    if (stopped.code == ERR_OK) return OK;

    writer_fail(w, stopped.code);
    w->len = before;
    *fault = stopped;
    return (err){stopped.code};
}

/* Both MAC fields of a dialect have one coding: the tables are tested for it. */
static size_t mac_size(const struct iso8583_dialect *dialect)
{
    return dialect->field[64].coding == ISO8583_HEX ? 2 * ISO8583_MAC_SIZE : ISO8583_MAC_SIZE;
}

struct bytes iso8583_mac_input(const struct iso8583_dialect *dialect, struct bytes encoded)
{
    ENSURE(encoded.len > mac_size(dialect));
    return (struct bytes){encoded.at, encoded.len - mac_size(dialect)};
}

void iso8583_seal(const struct iso8583_dialect *dialect, uint8_t *encoded, size_t len,
                  const uint8_t mac[ISO8583_MAC_SIZE])
{
    ENSURE(encoded != NULL && mac != NULL && len > mac_size(dialect));
    struct writer w = writer_over(encoded + len - mac_size(dialect), mac_size(dialect));
    struct bytes value = {mac, ISO8583_MAC_SIZE};
    if (dialect->field[64].coding == ISO8583_HEX) write_hex_upper(&w, value);
    else write_bytes(&w, value);
    ENSURE(w.fault == ERR_OK);
}
