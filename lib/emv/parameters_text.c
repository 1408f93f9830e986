/* SPDX-License-Identifier: Apache-2.0 */
/* Lines to objects, objects to entries, and the parser of the vault over the whole. */
#include "lib/emv/parameters_text.h"

#include "lib/base/hex.h"
#include "lib/emv/tag_name.h"

/* Where the reading stands: the entry that is open, and in it the value that may go on. */
struct reading {
    struct writer *out;
    uint32_t line, entry_line;
    uint32_t entry; /* its tag; 0: none is open */
    uint32_t tag;   /* of the value; 0: none */
    uint8_t entry_block[EMV_PARAMETERS_ENTRY_MAX], value[EMV_PARAMETERS_ENTRY_MAX];
    struct writer entry_w;
    size_t value_len;
    /* The entry at this offset is looked for: where the parser's fault is. */
    size_t wanted;
    uint32_t wanted_line;
};

static const struct {
    const char *word;
    uint32_t tag;
} kinds[] = {
    {"application", 0xE1}, {"key", 0xE2}, {"exception", 0xE3}, {"revoked", 0xE4}, {"limits", 0xE5},
};

static err close_value(struct reading *r)
{
    if (r->tag != 0) tlv_write(&r->entry_w, r->tag, bytes_of(r->value, r->value_len));
    r->tag = 0;
    r->value_len = 0;
    return r->entry_w.fault == ERR_OK ? OK : ERR(LENGTH);
}

static err close_entry(struct reading *r)
{
    if (r->entry == 0) return OK;
    TRY(close_value(r));
    if (r->out->len == r->wanted) r->wanted_line = r->entry_line;
    tlv_write(r->out, r->entry, writer_view(&r->entry_w));
    r->entry = 0;
    return r->out->fault == ERR_OK ? OK : ERR(FULL);
}

static err open_entry(struct reading *r, uint32_t tag)
{
    TRY(close_entry(r));
    r->entry = tag;
    r->entry_line = r->line;
    r->entry_w = writer_over(r->entry_block, sizeof r->entry_block);
    return OK;
}

/* The next word of the line; empty at its end and at a comment. */
static struct bytes word(struct bytes *line)
{
    size_t from = 0, to;
    while (from < line->len && (line->at[from] == ' ' || line->at[from] == '\t')) from++;
    for (to = from; to < line->len && line->at[to] != ' ' && line->at[to] != '\t'; to++)
        if (line->at[to] == '#') {
            *line = (struct bytes){0};
            return (struct bytes){0};
        }
    struct bytes found = bytes_of(line->at + from, to - from);
    *line = bytes_of(line->at + to, line->len - to);
    return found;
}

static err append(struct reading *r, struct bytes text)
{
    size_t len;
    TRY(hex_decode(text, r->value + r->value_len, sizeof r->value - r->value_len, &len));
    r->value_len += len;
    return OK;
}

static err begin_value(struct reading *r, struct bytes tag, struct bytes value)
{
    uint8_t raw[TLV_TAG_BYTES];
    size_t len;
    if (r->entry == 0) return ERR(FORMAT); /* a value of nothing */
    TRY(close_value(r));
    TRY(hex_decode(tag, raw, sizeof raw, &len));
    for (size_t i = 0; i < len; i++) r->tag = r->tag << 8 | raw[i];
    return r->tag == 0 ? ERR(FORMAT) : append(r, value);
}

static err take_line(struct reading *r, struct bytes line)
{
    struct bytes first = word(&line), second = word(&line), third = word(&line);
    if (first.len == 0) return OK;
    if (third.len != 0) return ERR(FORMAT);
    if (second.len == 0) {
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
            if (bytes_equal(first, bytes_text(kinds[i].word))) return open_entry(r, kinds[i].tag);
        return ERR(FORMAT);
    }
    if (bytes_equal(first, BYTES("+"))) return r->tag == 0 ? ERR(FORMAT) : append(r, second);
    return begin_value(r, first, second);
}

static err take_lines(struct reading *r, struct bytes text)
{
    while (text.len > 0) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.at);
        r->line++;
        TRY(take_line(r, bytes_of(text.at, len)));
        len += end != NULL;
        text = bytes_of(text.at + len, text.len - len);
    }
    return close_entry(r);
}

static void write_head(struct writer *out, uint32_t number)
{
    const uint8_t version[] = {EMV_PARAMETERS_VERSION};
    uint8_t big_endian[4];
    struct writer w = writer_over(big_endian, sizeof big_endian);
    write_be(&w, number, sizeof big_endian);
    tlv_write(out, 0xDF8101, BYTES_OF(version));
    tlv_write(out, 0xDF8102, BYTES_OF(big_endian));
}

/* In which line is what the parser refuses? The whole is written once more, and watched. */
static uint32_t line_of(struct bytes text, struct writer again, uint32_t number, size_t offset)
{
    struct reading r = {.out = &again, .wanted = offset};
    again.len = 0;
    write_head(&again, number);
    err written = take_lines(&r, text);
    return FAILED(written) || r.wanted_line == 0 ? r.line : r.wanted_line;
}

err emv_parameters_text(struct bytes text, uint32_t number, struct writer *out,
                        struct emv_parameters *ret_parameters,
                        struct emv_parameters_text_fault *ret_fault)
{
    struct reading r = {.out = out, .wanted = SIZE_MAX};
    struct emv_parameters_fault fault = {0};
    ENSURE(out->len == 0);
    write_head(out, number);
    err written = take_lines(&r, text);
    if (FAILED(written)) {
        *ret_fault = (struct emv_parameters_text_fault){r.line, 0, written.code};
        return written;
    }
    err parsed = emv_parameters_parse(writer_view(out), ret_parameters, &fault);
    if (FAILED(parsed))
        *ret_fault = (struct emv_parameters_text_fault){line_of(text, *out, number, fault.offset),
                                                        fault.tag, parsed.code};
    return parsed;
}

/* Names that hold in this document only: elsewhere DF tags are each issuer's own. */
static const struct {
    uint32_t tag;
    const char *name;
} names[] = {
    {0x9F06, "application or scheme (AID, RID)"},
    {0x9F08, "application version"},
    {0x9F09, "application version"},
    {0x9F1B, "floor limit"},
    {0x9F22, "CA public key index"},
    {0x97, "default TDOL"},
    {0xDF01, "whole name only"},
    {0xDF02, "CA public key modulus"},
    {0xDF03, "CA public key checksum"},
    {0xDF04, "CA public key exponent"},
    {0xDF05, "CA public key expiry"},
    {0xDF06, "hash algorithm"},
    {0xDF07, "signature algorithm"},
    {0xDF11, "terminal action code, default"},
    {0xDF12, "terminal action code, online"},
    {0xDF13, "terminal action code, denial"},
    {0xDF14, "default DDOL"},
    {0xDF15, "random selection, threshold"},
    {0xDF16, "random selection, maximum percentage"},
    {0xDF17, "random selection, target percentage"},
    {0xDF18, "online PIN"},
    {0xDF19, "contactless floor limit"},
    {0xDF20, "contactless limit"},
    {0xDF21, "contactless CVM limit"},
    {0xDF8104, "certificate serial number"},
    {0xDF8105, "contactless without PIN and signature, limit"},
    {0xDF8106, "offline and undelivered, total limit"},
    {0xDF8107, "offline and undelivered, number of payments"},
    {0xDF8108, "offline, limit of one payment"},
    {0xDF8109, "offline, days since the host was heard"},
};

const char *emv_parameters_tag_name(uint32_t tag)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].tag == tag) return names[i].name;
    return tlv_tag_name(tag);
}
