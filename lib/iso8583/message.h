/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An ISO 8583:1987 message: which fields it has and a view of each.
 *
 * A field's value is always in its plain form, whatever the dialect does to it on the wire:
 *
 *   digits (n)     ASCII digits, "000000012345"; a card number is digits, never a number
 *   track (z)      the sixteen characters of ISO 7811 track 2, "0" to "?": the separator is '='
 *   text (an, ans) bytes as they are; Chinese text is GB18030
 *   binary (b)     bytes as they are
 *
 * so the same message can be written in any dialect that has its fields.
 *
 * Lives    views only: decoded ones as long as the frame and the arena, set ones as long as the
 *          memory the caller gave
 * Limits   ISO8583_FRAME_MAX bytes on the wire, ISO8583_ARENA_MAX bytes of arena to decode one
 *
 * This module knows layouts and never meanings: payment/ gives the meaning.
 */

#include "lib/base/arena.h"
#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    ISO8583_MTI = 0,    /* what a fault in the message type says as its field */
    ISO8583_BITMAP = 1, /* and one in a bitmap */
    ISO8583_FIELD_FIRST = 2,
    ISO8583_FIELD_LAST = 128,
    ISO8583_AFTER_LAST = 129, /* bytes behind the last field */
    ISO8583_FRAME_MAX = 2048, /* the longest message of any profile in use is near 1,500 bytes */
    ISO8583_ARENA_MAX = 2 * ISO8583_FRAME_MAX, /* a packed byte unpacks to two digits */
    ISO8583_MAC_SIZE = 8,                      /* fields 64 and 128 */
};

struct iso8583_message {
    uint16_t mti; /* as printed: 0x0200 is a financial request */
    uint64_t present[2];
    /*
     * Filled by decode: how many bytes, from the MTI on, stand before field 64 or 128, which is
     * what a MAC is computed over. 0 when there is no MAC field or it is not the last field: then
     * bytes behind it would go unprotected, and the message must count as having no MAC.
     */
    size_t mac_input;
    struct bytes field[ISO8583_FIELD_LAST + 1];
};

struct iso8583_dialect; /* dialect.h */

/* Where and why it stopped, for the log. Never the value: it may be a card number. */
struct iso8583_fault {
    unsigned field; /* ISO8583_MTI, ISO8583_BITMAP, 2..128, ISO8583_AFTER_LAST */
    size_t offset;  /* bytes from the MTI to where that field begins */
    enum err_code code;
};

/* An empty message of this type. */
static inline void iso8583_start(struct iso8583_message *m, uint16_t mti)
{
    *m = (struct iso8583_message){.mti = mti};
}

static inline bool iso8583_has(const struct iso8583_message *m, unsigned field)
{
    ENSURE(field >= 1 && field <= ISO8583_FIELD_LAST);
    return m->present[(field - 1) / 64] >> (63 - (field - 1) % 64) & 1;
}

/* The value, or an empty view when the field is absent. An empty LLVAR field is present. */
static inline struct bytes iso8583_get(const struct iso8583_message *m, unsigned field)
{
    return iso8583_has(m, field) ? m->field[field] : (struct bytes){0};
}

/* A view: `value` must live until the message has been encoded. It is checked by encode. */
static inline void iso8583_set(struct iso8583_message *m, unsigned field, struct bytes value)
{
    ENSURE(field >= ISO8583_FIELD_FIRST && field <= ISO8583_FIELD_LAST);
    m->present[(field - 1) / 64] |= UINT64_C(1) << (63 - (field - 1) % 64);
    m->field[field] = value;
}

static inline void iso8583_unset(struct iso8583_message *m, unsigned field)
{
    ENSURE(field >= ISO8583_FIELD_FIRST && field <= ISO8583_FIELD_LAST);
    m->present[(field - 1) / 64] &= ~(UINT64_C(1) << (63 - (field - 1) % 64));
    m->field[field] = (struct bytes){0};
}

/*
 * Reads one message: MTI, bitmaps, fields, and nothing behind them. `frame` begins at the MTI
 * (frame.h takes TPDU and header off) and comes from a peer that nobody trusts.
 *
 * Errors, all with `fault` filled and `out` untouched: SHORT, TRAILING, LENGTH (a length above the
 * field's maximum or a frame above ISO8583_FRAME_MAX), DIGIT, FORMAT (a pad that is not zero, an
 * empty second bitmap: a second spelling of the same value), FIELD, NO_MEMORY.
 */
MUST_USE err iso8583_decode(const struct iso8583_dialect *dialect, struct bytes frame,
                            struct arena *arena, struct iso8583_message *out,
                            struct iso8583_fault *fault);

/*
 * Appends the message to `w`, which may already hold TPDU and header. Field 1 is made here.
 *
 * Errors, with `fault` filled (its offset counts from the MTI) and `w` at the length it had: FIELD,
 * LENGTH (too long), FORMAT (too short for a fixed field: nothing is padded by guess), DIGIT (a
 * character that its class does not have), FULL.
 */
MUST_USE err iso8583_encode(const struct iso8583_dialect *dialect,
                            const struct iso8583_message *message, struct writer *w,
                            struct iso8583_fault *fault);

/*
 * Sealing what iso8583_encode wrote, when field 64 (or 128) was set to ISO8583_MAC_SIZE bytes that
 * only keep the place. iso8583_mac_input gives the bytes to compute the MAC over; iso8583_seal
 * puts the result in place of the last field. `encoded` runs from the MTI to the end.
 */
struct bytes iso8583_mac_input(const struct iso8583_dialect *dialect, struct bytes encoded);
void iso8583_seal(const struct iso8583_dialect *dialect, uint8_t *encoded, size_t len,
                  const uint8_t mac[ISO8583_MAC_SIZE]);

/*
 * The message as one JSON object: "mti", "dialect", "fields" (each with "field", "name", "value",
 * and "masked" when something was left out), "mac_input". Text and digits as text, other bytes than
 * ASCII escaped; binary as upper-case hex. A card number or track is shown as first six and last
 * four unless `show_pan`; a PIN block is never shown whole.
 *
 * Errors stay in `w`: FULL. ISO8583_DESCRIBE_MAX bytes are always enough.
 */
enum { ISO8583_DESCRIBE_MAX = 6 * ISO8583_FRAME_MAX * 2 + 128 * 96 };
void iso8583_describe(const struct iso8583_dialect *dialect, const struct iso8583_message *message,
                      bool show_pan, struct writer *w);
