/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that other people packed: a day's session and packed messages kept in tests/vectors, and
 * published ones read from ../shared/vectors when that folder is there. Each is decoded, its fields
 * are compared, it is encoded again, and the bytes must be the same. A round trip alone is no test:
 * a codec that is wrong the same way in both directions passes it. S193
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "lib/iso8583/dialect.h"
#include "lib/iso8583/frame.h"
#include "tests/unit/vector_file.h"

#define PUBLISHED "../shared/vectors/iso8583_cup/published_messages.json"
#define MAC       "../shared/vectors/iso8583_cup/mac_and_keys.json"

static uint8_t raw[2 * ISO8583_FRAME_MAX], kept[ISO8583_ARENA_MAX], again[ISO8583_FRAME_MAX];
static struct iso8583_message m;
static struct iso8583_fault fault;

static json_t *loaded(const char *path)
{
    return vector_file(path);
}

static struct bytes unhex(const char *text, uint8_t *out, size_t max)
{
    size_t len = 0;
    assert_int_equal(hex_decode(bytes_text(text), out, max, &len).code, ERR_OK);
    return bytes_of(out, len);
}

/* Takes the two-byte length, TPDU and header off, as a link would. */
static struct bytes message_of(struct bytes frame, bool prefixed, bool has_header)
{
    if (prefixed) {
        struct reader r = reader_over(frame);
        frame = read_prefixed(&r, 2, ISO8583_FRAME_MAX);
        assert_int_equal(reader_finish(&r).code, ERR_OK);
    }
    if (!has_header) return bytes_of(frame.at + ISO8583_TPDU_SIZE, frame.len - ISO8583_TPDU_SIZE);

    struct iso8583_frame_header header;
    struct bytes message;
    assert_int_equal(iso8583_frame_split(frame, &header, &message).code, ERR_OK);
    uint8_t block[ISO8583_FRAME_HEADER_SIZE];
    struct writer w = writer_over(block, sizeof block);
    iso8583_frame_write(&header, &w);
    assert_memory_equal(block, frame.at, sizeof block);
    return message;
}

/* What a vector says of a field, in our plain form. */
static struct bytes expected_value(const struct iso8583_layout *layout, const json_t *value,
                                   uint8_t *block, size_t max)
{
    const json_t *hex = json_object_get(value, "hex");
    if (hex != NULL) return unhex(json_string_value(hex), block, max);
    const char *text = json_string_value(value);
    assert_non_null(text);
    /* The vectors write the MAC of this profile as its eight characters. */
    if (layout->kind == ISO8583_BINARY && strlen(text) != layout->max)
        return unhex(text, block, max);
    assert_true(strlen(text) < max);
    memcpy(block, text, strlen(text));
    for (size_t i = 0; layout->kind == ISO8583_TRACK && i < strlen(text); i++)
        if (block[i] >= 'A') block[i] = (uint8_t)(block[i] - 'A' + '0' + 10);
    return bytes_of(block, strlen(text));
}

static void same_fields(const struct iso8583_dialect *d, json_t *fields)
{
    const char *key;
    json_t *value;
    size_t present = 0;
    for (unsigned id = 2; id <= ISO8583_FIELD_LAST; id++) present += iso8583_has(&m, id);
    assert_int_equal(present, json_object_size(fields));

    json_object_foreach(fields, key, value)
    {
        unsigned id = (unsigned)strtoul(key, NULL, 10);
        uint8_t block[1024];
        struct bytes expected = expected_value(&d->field[id], value, block, sizeof block);
        if (!bytes_equal(iso8583_get(&m, id), expected)) print_error("field %u differs\n", id);
        assert_true(bytes_equal(iso8583_get(&m, id), expected));
    }
}

static void decodes_and_encodes(const struct iso8583_dialect *d, struct bytes message)
{
    struct arena arena = arena_over(kept, sizeof kept);
    struct writer w = writer_over(again, sizeof again);
    err e = iso8583_decode(d, message, &arena, &m, &fault);
    if (FAILED(e)) print_error("field %u at %zu: %s\n", fault.field, fault.offset, err_text(e));
    assert_int_equal(e.code, ERR_OK);
    assert_int_equal(iso8583_encode(d, &m, &w, &fault).code, ERR_OK);
    assert_true(bytes_equal(writer_view(&w), message));
}

static void a_day_of_messages(void **state)
{
    (void)state;
    json_t *root = loaded("tests/vectors/iso8583/derived_sessions.json");
    size_t i, k, seen = 0;
    json_t *session, *step;
    json_array_foreach(json_object_get(root, "sessions"), i, session)
    {
        json_array_foreach(json_object_get(session, "messages"), k, step)
        {
            const char *hex = json_string_value(json_object_get(step, "hex"));
            struct bytes message = message_of(unhex(hex, raw, sizeof raw), true, true);
            decodes_and_encodes(&iso8583_dialect_cup, message);
            same_fields(&iso8583_dialect_cup, json_object_get(step, "fields"));

            /* The MAC input is a count of received bytes: exactly the vector's MAB. */
            const char *mab = json_string_value(json_object_get(step, "mab"));
            if (mab != NULL) {
                uint8_t block[ISO8583_FRAME_MAX];
                struct bytes input = {message.at, m.mac_input};
                assert_true(bytes_equal(input, unhex(mab, block, sizeof block)));
                assert_true(bytes_equal(iso8583_mac_input(&iso8583_dialect_cup, message), input));
            }
            seen++;
        }
    }
    assert_true(seen >= 16);
    vector_file_end(root);
}

/* TPDU, header, type and bitmap stand at the beginning, one after the other, as they are given. */
static void starts_as_decoded(const char *hex, const json_t *decoded)
{
    static const char *const part[] = {"tpdu", "head", "mti", "bitmap"};
    for (size_t i = 0; i < 4; i++) {
        const char *text = json_string_value(json_object_get(decoded, part[i]));
        if (text == NULL) continue; /* a frame without header */
        assert_int_equal(strncasecmp(hex, text, strlen(text)), 0);
        hex += strlen(text);
    }
}

static void published_messages(void **state)
{
    (void)state;
    json_t *root = loaded(PUBLISHED), *entry;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(root, "messages"), i, entry)
    {
        bool prefixed = json_is_true(json_object_get(entry, "has_length_prefix"));
        bool header = json_is_true(json_object_get(entry, "has_header"));
        const char *hex = json_string_value(json_object_get(entry, "hex"));
        starts_as_decoded(hex + (prefixed ? 4 : 0), json_object_get(entry, "decoded"));
        if (!json_is_true(json_object_get(entry, "reencodes_identically"))) {
            /* One byte too many behind field 63: a strict reader says so. */
            struct bytes frame = unhex(hex, raw, sizeof raw);
            size_t before = (prefixed ? 2 : 0) + (header ? ISO8583_FRAME_HEADER_SIZE : 5);
            struct bytes message = {frame.at + before, frame.len - before};
            struct arena arena = arena_over(kept, sizeof kept);
            err e = iso8583_decode(&iso8583_dialect_cup, message, &arena, &m, &fault);
            assert_int_equal(e.code, ERR_TRAILING);
            assert_int_equal(fault.offset, message.len - 1);
        } else {
            decodes_and_encodes(&iso8583_dialect_cup,
                                message_of(unhex(hex, raw, sizeof raw), prefixed, header));
            json_t *decoded = json_object_get(entry, "decoded");
            same_fields(&iso8583_dialect_cup, json_object_get(decoded, "fields"));
        }
        seen++;
    }
    assert_true(seen >= 9);
    vector_file_end(root);
}

/* The published MAC example ends with its MAC field: the input is the vector's MAB, to the byte. */
static void published_mac_input(void **state)
{
    (void)state;
    json_t *root = loaded(MAC);
    json_t *vector = json_array_get(json_object_get(root, "vectors"), 0);
    const char *mab = json_string_value(json_object_get(vector, "mab"));
    const char *mac = json_string_value(json_object_get(vector, "field64_hex"));
    struct bytes input = unhex(mab, raw, sizeof raw);
    struct bytes tail = unhex(mac, raw + input.len, sizeof raw - input.len);

    decodes_and_encodes(&iso8583_dialect_cup, bytes_of(raw, input.len + tail.len));
    assert_int_equal(m.mti, 0x0830);
    assert_int_equal(m.mac_input, input.len);
    assert_true(bytes_equal(m.field[64], tail));
    vector_file_end(root);
}

/* The fields that most messages of the file share; those of two versions or of bytes are put in
 * words there ("051 (87) / ..."), and are asserted one by one. */
static void same_common_fields(json_t *common)
{
    const char *key;
    json_t *value;
    size_t same = 0;
    json_object_foreach(common, key, value)
    {
        const char *text = json_string_value(value);
        if (strchr(text, '(') != NULL) continue;
        unsigned id = (unsigned)strtoul(key, NULL, 10);
        assert_true(bytes_equal(iso8583_get(&m, id), bytes_text(text)));
        same++;
    }
    assert_int_equal(same, 14);
}

/* Packed by another codec: 1987 in ASCII, with a second bitmap and fields 90, 95, 128. */
static void messages_in_ascii(void **state)
{
    (void)state;
    json_t *root = loaded("tests/vectors/iso8583/packed.json"), *entry;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(root, "messages"), i, entry)
    {
        const char *packager = json_string_value(json_object_get(entry, "packager"));
        if (strcmp(packager, "ISO87A") != 0) continue; /* 1993 is another dialect */
        const char *hex = json_string_value(json_object_get(entry, "hex"));
        decodes_and_encodes(&iso8583_dialect_ascii87, unhex(hex, raw, sizeof raw));
        json_t *fields = json_object_get(entry, "fields");
        if (json_is_object(fields)) same_fields(&iso8583_dialect_ascii87, fields);
        else same_common_fields(json_object_get(root, "common_fields"));
        if (iso8583_has(&m, 2)) {
            assert_true(bytes_equal(m.field[2], BYTES("4111111111111111")));
            assert_true(bytes_equal(m.field[35], BYTES("4111111111111111=30121010000000000")));
            assert_true(bytes_equal(m.field[52], BYTES("\x01\x23\x45\x67\x89\xAB\xCD\xEF")));
            assert_int_equal(m.field[55].len, 18);
            assert_true(
                bytes_equal(m.field[43], BYTES("TEST SHOP              SHANGHAI     CN  ")));
        }
        if (m.mti == 0x0420) {
            assert_true(
                bytes_equal(m.field[90], BYTES("020000012311221011120000012345600000000000")));
            assert_true(bytes_equal(m.field[128], BYTES("\x88\x77\x66\x55\x44\x33\x22\x11")));
            assert_true(m.mac_input > 0);
        }
        seen++;
    }
    assert_int_equal(seen, 5);
    vector_file_end(root);
}

/*
 * ISO 8583:1993, which no network here speaks: the same codec with a table of four other rows, so
 * that the file's message of that version is read, compared and written like the others.
 */
static void message_of_1993(void **state)
{
    (void)state;
    static struct iso8583_dialect d;
    json_t *root = loaded("tests/vectors/iso8583/packed.json");
    json_t *row = json_array_get(json_object_get(root, "messages"), 5);
    d = iso8583_dialect_ascii87;
    d.field[12].max = 12; /* date and time */
    d.field[22].kind = ISO8583_TEXT,
    d.field[22].max = 12;                         /* twelve codes of the point of service */
    d.field[43].prefix = 2, d.field[43].max = 99; /* name and place, of any length */
    assert_string_equal(json_string_value(json_object_get(row, "packager")), "ISO93A");
    assert_true(json_is_true(json_object_get(row, "unpack_consumes_all")));
    const char *hex = json_string_value(json_object_get(row, "hex"));
    decodes_and_encodes(&d, unhex(hex, raw, sizeof raw));
    assert_int_equal(m.mti, strtoul(json_string_value(json_object_get(row, "mti")), NULL, 16));
    same_common_fields(json_object_get(root, "common_fields"));
    assert_true(bytes_equal(m.field[12], BYTES("251122101112")));
    assert_true(bytes_equal(m.field[22], BYTES("510101511340")));
    assert_true(bytes_equal(m.field[52], BYTES("\x01\x23\x45\x67\x89\xAB\xCD\xEF")));
    assert_int_equal(m.field[55].len, 18);
    assert_true(bytes_equal(m.field[64], BYTES("\x11\x22\x33\x44\x55\x66\x77\x88")));
    vector_file_end(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_of_messages),   cmocka_unit_test(published_messages),
        cmocka_unit_test(published_mac_input), cmocka_unit_test(messages_in_ascii),
        cmocka_unit_test(message_of_1993),
    };
    return cmocka_run_group_tests_name("iso8583_vectors", tests, NULL, NULL);
}
