/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect iso8583`. Length, TPDU and header are taken off when they are there: a length
 * that counts exactly the rest, a TPDU that begins with 60, a header whose class is 60 or 61. No
 * MTI of any dialect begins so.
 */
#include "cli/inspect.h"
#include "lib/base/tlv.h"
#include "lib/iso8583/frame.h"

enum { FRAME_BYTES = ISO8583_FRAME_MAX + 2 + ISO8583_FRAME_HEADER_SIZE, LENGTH_SIZE = 2 };

struct unwrapped {
    bool has_length;
    struct bytes tpdu, header; /* empty when they are not there */
    struct bytes message;
    size_t before; /* bytes in front of the message */
};

static struct bytes skip(struct bytes b, size_t len)
{
    return bytes_of(b.at + len, b.len - len);
}

static struct unwrapped unwrap(struct bytes raw)
{
    struct unwrapped u = {.message = raw};
    struct reader r = reader_over(raw);
    u.has_length = raw.len > LENGTH_SIZE && read_be(&r, LENGTH_SIZE) == raw.len - LENGTH_SIZE;
    if (u.has_length) u.message = skip(u.message, LENGTH_SIZE);
    if (u.message.len > ISO8583_TPDU_SIZE && u.message.at[0] == 0x60) {
        u.tpdu = bytes_of(u.message.at, ISO8583_TPDU_SIZE);
        u.message = skip(u.message, ISO8583_TPDU_SIZE);
        bool header = u.message.at[0] == 0x60 || u.message.at[0] == 0x61;
        if (header && u.message.len > ISO8583_HEADER_SIZE) {
            u.header = bytes_of(u.message.at, ISO8583_HEADER_SIZE);
            u.message = skip(u.message, ISO8583_HEADER_SIZE);
        }
    }
    u.before = raw.len - u.message.len;
    return u;
}

static int refuse_length(const struct inspect_options *o, struct bytes raw)
{
    struct reader r = reader_over(raw);
    unsigned says = (unsigned)read_be(&r, LENGTH_SIZE);
    return inspect_refuse(
        o,
        "frame at offset 0: its length says %u bytes, %zu follow it; the frame was "
        "cut, is more than one, or has no length",
        says, raw.len < LENGTH_SIZE ? 0 : raw.len - LENGTH_SIZE);
}

/* --frame: everything in front of the message must be there, and right. */
static int check_frame(const struct inspect_options *o, struct bytes raw, const struct unwrapped *u)
{
    if (!u->has_length) return refuse_length(o, raw);
    struct iso8583_frame_header header;
    struct bytes message;
    err e = iso8583_frame_split(skip(raw, LENGTH_SIZE), &header, &message);
    if (!FAILED(e)) return INSPECT_DONE;
    return inspect_refuse(
        o,
        "frame at offset 2: TPDU or header: %s; a TPDU begins with 60 and both are "
        "decimal digits",
        err_text(e));
}

/*
 * What is framed but not as long as its length says: TPDU and header stand where they would, all
 * decimal. Looked at only when the bytes are no message by themselves.
 */
static bool looks_framed(struct bytes raw)
{
    struct iso8583_frame_header header;
    struct bytes message;
    if (raw.len < LENGTH_SIZE + ISO8583_FRAME_HEADER_SIZE + 1) return false;
    return !FAILED(iso8583_frame_split(skip(raw, LENGTH_SIZE), &header, &message)) &&
           (header.header[0] == 0x60 || header.header[0] == 0x61);
}

static const char *remedy(enum err_code code)
{
    switch (code) {
    case ERR_SHORT:
        return "the message was cut, or a length before this point is too small";
    case ERR_TRAILING:
        return "bytes follow the last field: the bitmap lacks a field, or a length is too small";
    case ERR_LENGTH:
        return "its length is above the field's maximum: the sender's or another dialect's layout";
    case ERR_DIGIT:
        return "digits are expected here: look at the field before it, whose length may be wrong";
    case ERR_FORMAT:
        return "a pad must be zero, hexadecimal upper case, a second bitmap not empty";
    case ERR_FIELD:
        return "this dialect has no such field: try another --dialect";
    default:
        return "see docs/dialect.md";
    }
}

static int refuse_message(const struct inspect_options *o, const struct iso8583_fault *f,
                          const struct unwrapped *u, const char *note)
{
    char where[96];
    const char *name = "not in this dialect";
    struct writer w = writer_over(where, sizeof where - 1);
    if (f->field >= 2 && f->field <= ISO8583_FIELD_LAST && o->dialect->field[f->field].name != NULL)
        name = o->dialect->field[f->field].name;
    if (f->field == ISO8583_MTI) write_format(&w, "message type");
    else if (f->field == ISO8583_BITMAP) write_format(&w, "bitmap");
    else if (f->field == ISO8583_AFTER_LAST) write_format(&w, "after the last field");
    else write_format(&w, "field %u (%s)", f->field, name);
    where[w.len] = '\0';
    return inspect_refuse(
        o,
        "%s at offset %zu of the message (byte %zu of the input): %s; dialect %s; "
        "%s%s",
        where, f->offset, u->before + f->offset, err_text((err){f->code}), o->dialect->name,
        remedy(f->code), note);
}

/*
 * Hexadecimal when it is that throughout, binary otherwise. A message in ASCII may consist of
 * hexadecimal characters by itself: then it begins with its MTI as it stands, and not with 3x.
 */
static err take_bytes(const struct inspect_options *o, struct bytes input, uint8_t *block,
                      struct bytes *ret_raw)
{
    size_t len = 0;
    err e = inspect_unhex(input, block, FRAME_BYTES, &len);
    struct bytes raw = e.code == ERR_FORMAT ? input : bytes_of(block, len);
    if (!FAILED(e) && o->dialect->mti == ISO8583_PLAIN) {
        struct bytes message = unwrap(raw).message;
        if (message.len < 4 || !bytes_all_digits(bytes_of(message.at, 4)))
            raw = inspect_trim(input);
    }
    if (e.code == ERR_LENGTH || raw.len > FRAME_BYTES) return ERR(LENGTH);
    *ret_raw = raw;
    return OK;
}

static void write_frame(struct json_out *j, struct bytes raw, const struct unwrapped *u)
{
    if (u->before == 0) return;
    json_member_object(j, "frame");
    if (u->has_length) json_member_int(j, "length", (int64_t)(raw.len - LENGTH_SIZE));
    if (u->tpdu.len > 0) json_member_hex(j, "tpdu", u->tpdu);
    if (u->header.len > 0) json_member_hex(j, "header", u->header);
    json_object_end(j);
}

int inspect_iso8583(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    static uint8_t block[FRAME_BYTES], memory[ISO8583_ARENA_MAX], text[ISO8583_DESCRIBE_MAX];
    struct bytes raw;
    if (FAILED(take_bytes(o, input, block, &raw)))
        return inspect_refuse(o, "a message has at most %d bytes; this is something else",
                              ISO8583_FRAME_MAX);
    struct unwrapped u = unwrap(raw);
    if (o->framed && check_frame(o, raw, &u) != INSPECT_DONE) return INSPECT_BAD_INPUT;

    struct arena arena = arena_over(memory, sizeof memory);
    struct iso8583_message message;
    struct iso8583_fault fault = {0};
    err e = iso8583_decode(o->dialect, u.message, &arena, &message, &fault);
    if (FAILED(e)) {
        arena_reset(&arena);
        if (!u.has_length && looks_framed(raw)) return refuse_length(o, raw);
        return refuse_message(o, &fault, &u, raw.at == block ? "" : inspect_no_hex(input));
    }
    struct writer w = writer_over(text, sizeof text);
    iso8583_describe(o->dialect, &message, o->show_pan, &w);
    ENSURE(w.fault == ERR_OK);

    json_object_begin(j);
    write_frame(j, raw, &u);
    json_member_raw(j, "message", writer_view(&w));
    size_t offset;
    err chip = OK;
    if (iso8583_get(&message, 55).len > 0 &&
        !inspect_member_tlv(j, "chip_data", message.field[55], o->show_pan, &offset, &chip))
        fprintf(stderr, "tongbao inspect iso8583: field 55 is not TLV from its byte %zu on: %s\n",
                offset, err_text(chip));
    json_object_end(j);
    arena_reset(&arena);
    explicit_bzero(block, sizeof block);
    return FAILED(chip) ? INSPECT_BAD_INPUT : INSPECT_DONE;
}
