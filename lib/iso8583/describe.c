/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message as JSON for people who debug a link. What may be printed of a field is a column of the
 * dialect; where a card number might hide in free content, everything that could be one is masked,
 * and a harmless number that looks like one is masked with it.
 */
#include "lib/base/mask.h"
#include "lib/iso8583/dialect.h"

enum { VALUE_MAX = 2 * ISO8583_FRAME_MAX };

/* The text of a value before it is masked, and what of it is to be printed. */
struct shown {
    size_t len;
    bool masked;
    uint8_t text[VALUE_MAX];
    uint8_t print[VALUE_MAX];
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t digit_run(const uint8_t *text, size_t len)
{
    size_t i = 0;
    while (i < len && is_digit(text[i])) i++;
    return i;
}

static void star(struct shown *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        s->print[i] = '*';
        s->masked = true;
    }
}

/* A card number, or a track that begins with one: what follows the number is never shown. */
static void mask_card(struct shown *s)
{
    size_t begin = 0;
    while (begin < s->len && !is_digit(s->text[begin])) begin++; /* the 'B' of track 1 */
    size_t run = digit_run(s->text + begin, s->len - begin);
    size_t head = run > MASK_HEAD + MASK_TAIL + 2 ? MASK_HEAD : 0;
    size_t tail = run > MASK_TAIL ? MASK_TAIL : 0;
    star(s, begin + head, begin + run - tail);
    for (size_t i = begin + run; i < s->len; i++)
        if (s->text[i] != '=' && s->text[i] != '^') star(s, i, i + 1);
}

static void value_shown(struct shown *s, const struct iso8583_layout *layout, struct bytes value,
                        bool show_pan)
{
    struct writer w = writer_over(s->text, sizeof s->text);
    if (layout->kind == ISO8583_BINARY) write_hex_upper(&w, value);
    else write_bytes(&w, value);
    s->len = w.len;
    s->masked = false;
    memcpy(s->print, s->text, s->len);

    if (layout->shown == ISO8583_SECRET) star(s, s->len < 2 ? 0 : 2, s->len);
    if (layout->shown == ISO8583_CARD && !show_pan) mask_card(s);
    if (layout->shown == ISO8583_MIXED && !show_pan)
        s->masked = mask_cards(bytes_of(s->text, s->len), s->print);
}

static void write_json_text(struct writer *w, struct bytes text)
{
    write_bytes(w, BYTES("\""));
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c == '"' || c == '\\') write_format(w, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f) write_format(w, "\\u%04x", c);
        else write_bytes(w, (struct bytes){&c, 1});
    }
    write_bytes(w, BYTES("\""));
}

void iso8583_describe(const struct iso8583_dialect *dialect, const struct iso8583_message *message,
                      bool show_pan, struct writer *w)
{
    ENSURE(dialect != NULL && message != NULL && w != NULL);
    struct shown shown;
    const char *comma = "";

    write_format(w, "{\"mti\":\"%04x\",\"dialect\":\"%s\",\"fields\":[", message->mti,
                 dialect->name);
    for (unsigned field = ISO8583_FIELD_FIRST; field <= ISO8583_FIELD_LAST; field++) {
        if (!iso8583_has(message, field)) continue;
        const struct iso8583_layout *layout = &dialect->field[field];
        const char *name = layout->name != NULL ? layout->name : "not in this dialect";
        /* A message that decode did not make may hold anything; encode is what refuses it. */
        struct bytes value = message->field[field];
        if (value.len > VALUE_MAX / 2) value.len = VALUE_MAX / 2;

        value_shown(&shown, layout, value, show_pan);
        write_format(w, "%s{\"field\":%u,\"name\":\"%s\",\"value\":", comma, field, name);
        write_json_text(w, (struct bytes){shown.print, shown.len});
        write_format(w, "%s}", shown.masked ? ",\"masked\":true" : "");
        comma = ",";
    }
    explicit_bzero(&shown, sizeof shown);
    write_format(w, "],\"mac_input\":%zu}", message->mac_input);
}
