/* SPDX-License-Identifier: Apache-2.0 */
/* Direct writing: text goes out as it is built, nothing is kept but a bit per open level. */
#include "lib/wire/json.h"

/* Length of the well-formed UTF-8 character at the start of `b` (RFC 3629, section 4), else 0. */
static size_t utf8_length(struct bytes b)
{
    static const struct {
        uint8_t first, last; /* of the first byte */
        uint8_t least, most; /* of the second byte */
        size_t len;
    } rows[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t row = 0; row < ARRAY_LEN(rows); row++) {
        if (b.at[0] < rows[row].first || b.at[0] > rows[row].last) continue;
        size_t len = rows[row].len;
        if (len > b.len) return 0;
        if (len > 1 && (b.at[1] < rows[row].least || b.at[1] > rows[row].most)) return 0;
        for (size_t i = 2; i < len; i++)
            if ((b.at[i] & 0xc0) != 0x80) return 0;
        return len;
    }
    return 0;
}

bool json_utf8_valid(struct bytes text)
{
    while (text.len > 0) {
        size_t len = utf8_length(text);
        if (len == 0) return false;
        text = bytes_of(text.at + len, text.len - len);
    }
    return true;
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

static void write_escape(struct writer *w, uint8_t c)
{
    switch (c) {
    case '"':
        write_bytes(w, BYTES("\\\""));
        return;
    case '\\':
        write_bytes(w, BYTES("\\\\"));
        return;
    case '\n':
        write_bytes(w, BYTES("\\n"));
        return;
    case '\r':
        write_bytes(w, BYTES("\\r"));
        return;
    case '\t':
        write_bytes(w, BYTES("\\t"));
        return;
    default:
        write_format(w, "\\u%04x", c);
        return;
    }
}

static void write_text(struct writer *w, struct bytes text)
{
    if (!json_utf8_valid(text)) {
        writer_fail(w, ERR_FORMAT);
        return;
    }
    write_bytes(w, BYTES("\""));
    for (size_t i = 0; i < text.len;) {
        size_t run = i;
        while (run < text.len && is_plain(text.at[run])) run++;
        write_bytes(w, bytes_of(text.at + i, run - i));
        if (run < text.len) write_escape(w, text.at[run++]);
        i = run;
    }
    write_bytes(w, BYTES("\""));
}

static void write_int(struct writer *w, int64_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0) digits[--at] = '-';
    write_bytes(w, bytes_of(digits + at, sizeof digits - at));
}

/* A comma unless this is the first of its level. */
static void separate(struct json_out *j)
{
    if (j->levels & UINT32_C(1) << j->depth) write_bytes(j->w, BYTES(","));
    j->levels |= UINT32_C(1) << j->depth;
}

static void open_level(struct json_out *j, struct bytes bracket)
{
    ENSURE(j->depth < JSON_DEPTH_MAX);
    write_bytes(j->w, bracket);
    j->depth++;
    j->levels &= ~(UINT32_C(1) << j->depth);
}

static void close_level(struct json_out *j, struct bytes bracket)
{
    ENSURE(j->depth > 0);
    j->depth--;
    write_bytes(j->w, bracket);
}

static void write_name(struct json_out *j, const char *name)
{
    ENSURE(j->depth > 0);
    separate(j);
    write_text(j->w, bytes_text(name));
    write_bytes(j->w, BYTES(":"));
}

void json_object_begin(struct json_out *j)
{
    separate(j);
    open_level(j, BYTES("{"));
}

void json_object_end(struct json_out *j)
{
    close_level(j, BYTES("}"));
}

void json_array_begin(struct json_out *j)
{
    separate(j);
    open_level(j, BYTES("["));
}

void json_array_end(struct json_out *j)
{
    close_level(j, BYTES("]"));
}

void json_element_text(struct json_out *j, struct bytes text)
{
    separate(j);
    write_text(j->w, text);
}

void json_element_int(struct json_out *j, int64_t number)
{
    separate(j);
    write_int(j->w, number);
}

void json_member_text(struct json_out *j, const char *name, struct bytes text)
{
    write_name(j, name);
    write_text(j->w, text);
}

void json_member_int(struct json_out *j, const char *name, int64_t number)
{
    write_name(j, name);
    write_int(j->w, number);
}

void json_member_bool(struct json_out *j, const char *name, bool flag)
{
    write_name(j, name);
    write_bytes(j->w, flag ? BYTES("true") : BYTES("false"));
}

void json_member_null(struct json_out *j, const char *name)
{
    write_name(j, name);
    write_bytes(j->w, BYTES("null"));
}

void json_member_hex(struct json_out *j, const char *name, struct bytes b)
{
    write_name(j, name);
    write_bytes(j->w, BYTES("\""));
    write_hex_upper(j->w, b);
    write_bytes(j->w, BYTES("\""));
}

void json_member_object(struct json_out *j, const char *name)
{
    write_name(j, name);
    open_level(j, BYTES("{"));
}

void json_member_array(struct json_out *j, const char *name)
{
    write_name(j, name);
    open_level(j, BYTES("["));
}

void json_member_raw(struct json_out *j, const char *name, struct bytes json)
{
    write_name(j, name);
    write_bytes(j->w, json);
}
