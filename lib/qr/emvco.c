/* SPDX-License-Identifier: Apache-2.0 */
/* Merchant-presented codes: text to objects and back. */
#include "lib/qr/emvco.h"

#include "lib/base/reader.h"

enum { NAME_MAX_CHARS = 25, CITY_MAX_CHARS = 15, AMOUNT_MAX_CHARS = 13, CRC_SIZE = 4 };

static const char crc_head[] = "6304";

uint16_t emvco_crc(struct bytes b)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < b.len; i++) {
        crc ^= (uint16_t)(b.at[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

/* Bytes of the UTF-8 character at the start (RFC 3629), or 0. Surrogates and long forms are none.
 */
static size_t utf8_size(struct bytes text)
{
    static const struct {
        uint8_t first_min, first_max, second_min, second_max;
        size_t size;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    if (text.len == 0) return 0;
    uint8_t first = text.at[0];
    if (first < 0x80) return 1;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (first < forms[i].first_min || first > forms[i].first_max) continue;
        if (text.len < forms[i].size) return 0;
        if (text.at[1] < forms[i].second_min || text.at[1] > forms[i].second_max) return 0;
        for (size_t k = 2; k < forms[i].size; k++)
            if ((text.at[k] & 0xC0) != 0x80) return 0;
        return forms[i].size;
    }
    return 0;
}

/* Lengths count characters: takes that many and leaves the reader behind them. */
static struct bytes read_chars(struct reader *r, size_t chars)
{
    struct bytes value = {r->left.at, 0};
    for (size_t i = 0; i < chars; i++) {
        size_t size = utf8_size(r->left);
        if (size == 0) {
            reader_fail(r, r->left.len == 0 ? ERR_SHORT : ERR_FORMAT);
            return (struct bytes){0};
        }
        value.len += read_bytes(r, size).len;
    }
    return value;
}

/* The number of characters, or 0 when the text is empty or no UTF-8. */
static size_t count_chars(struct bytes text)
{
    size_t chars = 0;
    while (text.len > 0) {
        size_t size = utf8_size(text);
        if (size == 0) return 0;
        text.at += size;
        text.len -= size;
        chars++;
    }
    return chars;
}

static bool printable(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] == 0x7F) return false;
    return true;
}

/* 0 of an id that is not in `code`. */
static size_t position(const struct emvco_code *code, unsigned id)
{
    for (size_t i = 0; i < code->count; i++)
        if (code->object[i].id == id) return i + 1;
    return 0;
}

struct bytes emvco_get(const struct emvco_code *code, unsigned id)
{
    size_t at = position(code, id);
    return at > 0 ? code->object[at - 1].value : (struct bytes){0};
}

bool emvco_is_template(unsigned id)
{
    return (id >= 26 && id <= EMVCO_MERCHANT_LAST) || id == EMVCO_ADDITIONAL ||
           id == EMVCO_LANGUAGE || (id >= 80 && id <= 99);
}

static err parse_objects(struct bytes text, struct emvco_code *code, struct emvco_fault *fault)
{
    struct reader r = reader_over(text);
    while (r.left.len > 0 && r.fault == ERR_OK) {
        struct emvco_object o = {0};
        fault->offset = reader_offset(&r);
        o.id = read_digits(&r, 2);
        if (r.fault == ERR_OK) fault->id = o.id;
        unsigned chars = read_digits(&r, 2);
        if (r.fault == ERR_OK && chars == 0) reader_fail(&r, ERR_FORMAT);
        o.value = read_chars(&r, chars);
        if (r.fault == ERR_OK && !printable(o.value)) reader_fail(&r, ERR_FORMAT);
        if (r.fault == ERR_OK && position(code, o.id) > 0) reader_fail(&r, ERR_EXISTS);
        /* A hundred ids and none twice: the table cannot overflow. */
        if (r.fault == ERR_OK) code->object[code->count++] = o;
    }
    return reader_finish(&r);
}

/* Digits with at most one point, which is not the first character. */
static bool amount_shaped(struct bytes value)
{
    size_t points = 0;
    for (size_t i = 0; i < value.len; i++) {
        bool digit = value.at[i] >= '0' && value.at[i] <= '9';
        if (!digit && (value.at[i] != '.' || i == 0)) return false;
        points += !digit;
    }
    return points <= 1 && value.len <= AMOUNT_MAX_CHARS;
}

static bool well_shaped(const struct emvco_object *o)
{
    switch (o->id) {
    case EMVCO_FORMAT:
        return bytes_equal(o->value, BYTES("01"));
    case EMVCO_METHOD:
        return bytes_equal(o->value, BYTES("11")) || bytes_equal(o->value, BYTES("12"));
    case EMVCO_CATEGORY:
        return o->value.len == 4 && bytes_all_digits(o->value);
    case EMVCO_CURRENCY:
        return o->value.len == 3 && bytes_all_digits(o->value);
    case EMVCO_AMOUNT:
        return amount_shaped(o->value);
    case EMVCO_COUNTRY:
        return o->value.len == 2;
    case EMVCO_CRC:
        return o->value.len == CRC_SIZE;
    default:
        return true;
    }
}

static err check_objects(const struct emvco_code *code, struct bytes payload,
                         struct emvco_fault *fault)
{
    static const unsigned required[] = {EMVCO_FORMAT,  EMVCO_CATEGORY, EMVCO_CURRENCY,
                                        EMVCO_COUNTRY, EMVCO_NAME,     EMVCO_CITY};
    for (size_t i = 0; i < code->count; i++) {
        const struct emvco_object *o = &code->object[i];
        *fault = (struct emvco_fault){o->id, (size_t)(o->value.at - payload.at)};
        if (!well_shaped(o)) return ERR(FORMAT);
        if ((o->id == EMVCO_FORMAT) != (i == 0)) return ERR(FORMAT);
        if ((o->id == EMVCO_CRC) != (i == code->count - 1)) return ERR(FORMAT);
    }
    for (size_t i = 0; i < ARRAY_LEN(required); i++) {
        *fault = (struct emvco_fault){required[i], payload.len};
        if (position(code, required[i]) == 0) return ERR(MISSING);
    }
    return OK;
}

/* Over everything up to and with "6304": the CRC's own head is protected too. */
static err check_crc(struct bytes payload, struct emvco_fault *fault)
{
    *fault = (struct emvco_fault){EMVCO_CRC, 0};
    size_t head = sizeof crc_head - 1;
    if (payload.len < head + CRC_SIZE) return ERR(SHORT);
    struct bytes covered = {payload.at, payload.len - CRC_SIZE};
    fault->offset = covered.len - head;
    if (memcmp(covered.at + fault->offset, crc_head, head) != 0) return ERR(FORMAT);

    uint8_t expected[CRC_SIZE], crc[2];
    uint16_t value = emvco_crc(covered);
    crc[0] = (uint8_t)(value >> 8);
    crc[1] = (uint8_t)value;
    struct writer w = writer_over(expected, sizeof expected);
    write_hex_upper(&w, BYTES_OF(crc));
    return memcmp(expected, payload.at + covered.len, CRC_SIZE) == 0 ? OK : ERR(MAC);
}

static err parse_payload(struct bytes payload, struct emvco_code *code, struct emvco_fault *fault)
{
    if (payload.len > EMVCO_PAYLOAD_MAX) return ERR(LENGTH);
    TRY(parse_objects(payload, code, fault));
    TRY(check_crc(payload, fault));
    return check_objects(code, payload, fault);
}

err emvco_parse(struct bytes payload, struct emvco_code *out, struct emvco_fault *fault)
{
    ENSURE(out != NULL && fault != NULL);
    struct emvco_code code = {0};
    struct emvco_fault place = {0};
    err e = parse_payload(payload, &code, &place);
    if (FAILED(e)) *fault = place;
    else *out = code;
    return e;
}

err emvco_parse_template(struct bytes value, struct emvco_code *out, struct emvco_fault *fault)
{
    ENSURE(out != NULL && fault != NULL);
    struct emvco_code code = {0};
    struct emvco_fault place = {0};
    err e = value.len > EMVCO_PAYLOAD_MAX ? ERR(LENGTH) : parse_objects(value, &code, &place);
    if (FAILED(e)) *fault = place;
    else *out = code;
    return e;
}

void emvco_write_object(struct writer *w, unsigned id, struct bytes value)
{
    ENSURE(id <= 99);
    size_t chars = count_chars(value);
    if (chars == 0 || chars > EMVCO_VALUE_MAX) {
        writer_fail(w, chars == 0 ? ERR_FORMAT : ERR_LENGTH);
        return;
    }
    write_format(w, "%02u%02zu", id, chars);
    write_bytes(w, value);
}

err emvco_build(const struct emvco_object *objects, size_t count, struct writer *w)
{
    ENSURE(objects != NULL || count == 0);
    uint8_t block[EMVCO_PAYLOAD_MAX];
    struct writer text = writer_over(block, sizeof block);
    emvco_write_object(&text, EMVCO_FORMAT, BYTES("01"));
    for (size_t i = 0; i < count; i++) {
        size_t chars = count_chars(objects[i].value);
        if (objects[i].id == EMVCO_NAME && chars > NAME_MAX_CHARS) return ERR(LENGTH);
        if (objects[i].id == EMVCO_CITY && chars > CITY_MAX_CHARS) return ERR(LENGTH);
        emvco_write_object(&text, objects[i].id, objects[i].value);
    }
    write_bytes(&text, bytes_of(crc_head, sizeof crc_head - 1));
    uint16_t value = emvco_crc(writer_view(&text));
    uint8_t crc[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    write_hex_upper(&text, BYTES_OF(crc));

    struct bytes built;
    struct emvco_code code;
    struct emvco_fault fault;
    TRY(writer_finish(&text, &built));
    TRY(emvco_parse(built, &code, &fault));
    write_bytes(w, built);
    return (err){w->fault};
}
