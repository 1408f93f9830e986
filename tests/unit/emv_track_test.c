/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tracks: the vectors of tests/vectors/emv/magstripe.json whole (readers deliver characters: its
 * bits are made into those here), then what a reader or a forged card can do to them. S74 S193
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/emv/track.h"
#include "tests/unit/vector_file.h"

static json_t *vectors(const char *part)
{
    json_t *root = vector_file("tests/vectors/emv/magstripe.json");
    json_t *list = json_incref(json_object_get(root, part));
    json_decref(root);
    assert_true(json_array_size(list) > 0);
    return list;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void same_part(const json_t *parsed, const char *name, struct bytes part)
{
    const json_t *expected = json_object_get(parsed, name);
    if (expected == NULL) return;
    struct bytes text =
        json_is_null(expected) ? BYTES("") : bytes_text(json_string_value(expected));
    assert_true(bytes_equal(text, part));
}

static void every_vector_is_read(void **state)
{
    (void)state;
    json_t *list = vectors("vectors"), *entry;
    size_t i, seen = 0;
    json_array_foreach(list, i, entry)
    {
        const char *swipe = text_of(entry, "swipe_text"), *lrc = text_of(entry, "lrc_char");
        if (swipe == NULL) continue; /* the raw bit stream */
        unsigned number = (unsigned)json_integer_value(json_object_get(entry, "track"));
        struct track t, bare;
        struct track_fault fault;
        assert_int_equal(track_parse(bytes_text(swipe), number, &t, &fault).code, ERR_OK);
        assert_true(bytes_equal(t.data, bytes_text(text_of(entry, "data"))));
        assert_int_equal(track_parse(t.data, number, &bare, &fault).code, ERR_OK);
        assert_true(bytes_equal(t.pan, bare.pan));

        const json_t *parsed = json_object_get(entry, "parsed");
        same_part(parsed, "pan", t.pan);
        same_part(parsed, "name", t.name);
        same_part(parsed, "expiry", t.expiry);
        same_part(parsed, "service_code", t.service_code);
        same_part(parsed, "discretionary", t.discretionary);

        /* With its LRC behind it the track is the same; with any other character it is refused. */
        char with[160];
        size_t len = strlen(swipe);
        memcpy(with, swipe, len);
        for (unsigned c = number == 1 ? 0x20 : 0x30; c < (number == 1 ? 0x60u : 0x40u); c++) {
            with[len] = (char)c;
            err e = track_parse(bytes_of(with, len + 1), number, &t, &fault);
            assert_int_equal(e.code, (char)c == lrc[0] ? ERR_OK : ERR_MAC);
        }
        seen++;
    }
    assert_int_equal(seen, 5);
    json_decref(list);
}

/*
 * What a head hears, one character for a bit in either direction, as a reader's text: characters
 * of 6 or 4 bits, lowest first, and one of odd parity (ISO/IEC 7811-2, 8), from the start sentinel
 * to the LRC behind the end sentinel. False when it is no track in this direction.
 */
static bool heard(const char *bits, unsigned number, bool backwards, char *text)
{
    size_t width = number == 1 ? 7 : 5, len = strlen(bits), at = 0, count = 0;
    char base = number == 1 ? ' ' : '0', start = number == 1 ? '%' : ';';
    bool ended = false;
#define BIT(i) (bits[backwards ? len - 1 - (i) : (i)] - '0')
    while (at < len && BIT(at) == 0) at++; /* clocking zeros */
    for (; at + width <= len; at += width) {
        int value = 0, ones = BIT(at + width - 1);
        for (size_t i = 0; i + 1 < width; i++) {
            value |= BIT(at + i) << i;
            ones += BIT(at + i);
        }
        if (ones % 2 == 0) return false;
        text[count++] = (char)(base + value);
        if (text[0] != start) return false;
        if (ended) break;
        ended = text[count - 1] == '?';
    }
#undef BIT
    text[count] = '\0';
    return ended;
}

/* The text of bits packed into bytes, the first in the highest. */
static void unpacked(const char *packed, char *bits)
{
    for (; *packed != '\0'; packed++) {
        unsigned value =
            *packed <= '9' ? (unsigned)(*packed - '0') : (unsigned)(*packed - 'A') + 10;
        for (unsigned i = 4; i-- > 0;) *bits++ = (char)('0' + (value >> i & 1));
    }
    *bits = '\0';
}

/* The bits that a vector has are its text with its LRC, and its numbers are those of the text. */
static void bits_are_the_text(const json_t *entry, unsigned number)
{
    char bits[1024], text[160], whole[160];
    const char *plain = text_of(entry, "bits_lsb_first"), *lrc = text_of(entry, "lrc_char");
    const json_t *length = json_object_get(entry, "length");
    unpacked(text_of(entry, "bits_packed_msb"), bits);
    if (plain != NULL) {
        size_t len = strlen(plain);
        assert_memory_equal(bits, plain, len);
        assert_int_equal(strspn(bits + len, "0"), strlen(bits) - len);
    }
    snprintf(whole, sizeof whole, "%s%s", text_of(entry, "swipe_text"), lrc);
    assert_true(heard(bits, number, false, text));
    assert_string_equal(text, whole);
    assert_int_equal(json_integer_value(json_object_get(entry, "lrc_value")),
                     lrc[0] - (number == 1 ? ' ' : '0'));
    if (length != NULL)
        assert_int_equal(json_integer_value(length), strlen(text_of(entry, "data")));
}

/* A card swiped the other way: no track as it is heard, and the file's when it is turned round. */
static void bits_of_a_head(void **state)
{
    (void)state;
    json_t *list = vectors("vectors"), *entry;
    size_t i, turned = 0;
    json_array_foreach(list, i, entry)
    {
        const char *bits = text_of(entry, "bits");
        char text[160];
        struct track t;
        struct track_fault fault;
        unsigned number = (unsigned)json_integer_value(json_object_get(entry, "track"));
        if (bits == NULL) {
            bits_are_the_text(entry, number);
            continue;
        }
        assert_false(heard(bits, number, false, text));
        assert_true(heard(bits, number, true, text));
        assert_int_equal(track_parse(bytes_text(text), number, &t, &fault).code, ERR_OK);
        assert_true(bytes_equal(t.data, bytes_text(text_of(entry, "expect_data"))));
        turned++;
    }
    assert_int_equal(turned, 1);
    json_decref(list);
}

static enum err_code parsed(const char *text, unsigned number)
{
    struct track t;
    struct track_fault fault = {0};
    err e = track_parse(bytes_text(text), number, &t, &fault);
    if (FAILED(e)) assert_int_equal(fault.track, number);
    return e.code;
}

static void refuses_what_is_no_track(void **state)
{
    (void)state;
    assert_int_equal(parsed("", 2), ERR_SHORT);
    assert_int_equal(parsed(";6200000000000005=3012", 2), ERR_SHORT); /* no end sentinel */
    assert_int_equal(parsed(";6200000000000005=3012220?00", 2), ERR_TRAILING);
    assert_int_equal(parsed(";6200000000000005=30122201000000000000?0", 2), ERR_MAC);
    assert_int_equal(parsed(";6200000000000005=3012220100000000000000?", 2), ERR_LENGTH);
    assert_int_equal(parsed("6200000000000005", 2), ERR_SHORT);          /* no separator */
    assert_int_equal(parsed("6200000000000005=30", 2), ERR_SHORT);       /* half an expiry */
    assert_int_equal(parsed("6200000000000005=3013220", 2), ERR_FORMAT); /* month 13 */
    assert_int_equal(parsed("6200000000000005=3000220", 2), ERR_FORMAT);
    assert_int_equal(parsed("6200000000000005=30:2220", 2), ERR_DIGIT);
    assert_int_equal(parsed("62000000000000055555=3012220", 2), ERR_LENGTH); /* 20 digits */
    assert_int_equal(parsed("6200000=3012220", 2), ERR_LENGTH);              /* 7 */
    assert_int_equal(parsed("62000000000000a5=3012220", 2), ERR_FORMAT);
    assert_int_equal(parsed("6200;00000000005=3012220", 2), ERR_FORMAT);
    assert_int_equal(parsed("A6200000000000005^A/B^3012220", 1), ERR_UNSUPPORTED);
    assert_int_equal(parsed("B6200000000000005^A^3012220", 1), ERR_LENGTH); /* name of one */
    assert_int_equal(parsed("016200000000000005=1", 3), ERR_UNSUPPORTED);
}

static void expiry_and_service_code_may_be_absent(void **state)
{
    (void)state;
    struct track t;
    struct track_fault fault;
    err e = track_parse(BYTES("6200000000000005===123"), 2, &t, &fault);
    assert_int_equal(e.code, ERR_OK);
    assert_int_equal(t.expiry.len, 0);
    assert_int_equal(t.service_code.len, 0);
    assert_true(bytes_equal(t.discretionary, BYTES("123")));
}

static void a_swipe_is_up_to_three_tracks(void **state)
{
    (void)state;
    json_t *list = vectors("keyboard_wedge");
    struct track_swipe s;
    struct track_fault fault;
    const char *keys = text_of(json_array_get(list, 0), "keys");
    assert_int_equal(track_swipe_parse(bytes_text(keys), &s, &fault).code, ERR_OK);
    assert_int_equal(s.track[0].number, 1);
    assert_int_equal(s.track[1].number, 2);
    assert_int_equal(s.track[2].number, 0);
    assert_true(bytes_equal(s.track[0].name, BYTES("CARDHOLDER/TEST")));
    assert_true(bytes_equal(s.track[1].service_code, BYTES("220")));
    /* The line is what two of the file's tracks are when they are typed, and the key Enter. */
    char line[TRACK_SWIPE_MAX];
    json_t *tracks = vectors("vectors");
    snprintf(line, sizeof line, "%s;%s?\r", text_of(json_array_get(tracks, 0), "swipe_text"),
             text_of(json_array_get(tracks, 5), "expect_data"));
    assert_string_equal(keys, line);
    json_decref(tracks);
    json_decref(list);

    /* With the LRC of each track; that of the first looks like any character. */
    err e = track_swipe_parse(BYTES("%B6200000000000005^CARDHOLDER/TEST^30122201000000000000?M"
                                    ";6200000000000005==220000?5\r\n"),
                              &s, &fault);
    assert_int_equal(e.code, ERR_OK);
    assert_int_equal(s.track[1].expiry.len, 0);

    e = track_swipe_parse(BYTES("%E?;6200000000000005=3012220?;E?"), &s, &fault);
    assert_int_equal(e.code, ERR_OK);
    assert_true(s.unreadable[0] && s.unreadable[2] && !s.unreadable[1]);
    assert_int_equal(s.track[0].number, 0);
    assert_int_equal(s.track[1].number, 2);
}

static enum err_code swiped(const char *line)
{
    struct track_swipe s;
    struct track_fault fault;
    return track_swipe_parse(bytes_text(line), &s, &fault).code;
}

/* Each way to be wrong, the file's word for it, and the same line without that fault. */
static void lines_to_be_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *word;
        enum err_code code;
        const char *mended;
    } row[] = {
        {"lrc wrong", "reject (unless reader strips LRC)", ERR_MAC,
         ";6200000000000005=30122201000000000000?"},
        {"track 2 too long (38)", "reject >37", ERR_LENGTH,
         ";6200000000000005=30122201000000000000?"},
        {"bad luhn", "reject PAN check digit", ERR_OK, ";6200000000000005=3012220?"},
        {"track1 and track2 PAN differ", "reject: tracks disagree", ERR_CONFLICT,
         "%B6200000000000005^A/B^3012101?;6200000000000005=3012220?"},
    };
    json_t *list = vectors("negative"), *entry;
    size_t i;
    assert_int_equal(json_array_size(list), ARRAY_LEN(row));
    json_array_foreach(list, i, entry)
    {
        const char *text = text_of(entry, "swipe_text"), *word = text_of(entry, "expect");
        if (text == NULL) text = text_of(entry, "swipe_text_with_lrc");
        assert_string_equal(text_of(entry, "name"), row[i].name);
        assert_non_null(word);
        assert_memory_equal(word, row[i].word, strlen(row[i].word));
        assert_int_equal(swiped(text), row[i].code);
        assert_int_equal(swiped(row[i].mended), ERR_OK);
    }
    /* The check digit is not a matter of the track: some issuers' cards have none. */
    struct track t;
    struct track_fault fault;
    const char *luhn = text_of(json_array_get(list, 2), "swipe_text");
    assert_int_equal(track_parse(bytes_text(luhn), 2, &t, &fault).code, ERR_OK);
    assert_false(pan_luhn(t.pan));
    json_decref(list);
}

static void tracks_must_agree(void **state)
{
    (void)state;
    assert_int_equal(swiped("%B6200000000000005^A/B^3012220?;6200000000000005=3112220?"),
                     ERR_CONFLICT);
}

static void refuses_what_is_no_swipe(void **state)
{
    (void)state;
    assert_int_equal(swiped(""), ERR_MISSING);
    assert_int_equal(swiped("%E?;E?\r"), ERR_MISSING);
    assert_int_equal(swiped("hello"), ERR_FORMAT);
    assert_int_equal(swiped(";6200000000000005=3012220"), ERR_SHORT);
    char big[TRACK_SWIPE_MAX + 2];
    memset(big, '1', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(swiped(big), ERR_LENGTH);
}

static void service_codes_say_what_to_do(void **state)
{
    (void)state;
    json_t *list = vectors("service_codes"), *entry;
    size_t i;
    json_array_foreach(list, i, entry)
    {
        struct track_service s;
        struct bytes code = bytes_text(text_of(entry, "service_code"));
        assert_int_equal(track_service_code(code, &s).code, ERR_OK);
        assert_int_equal(s.chip, json_is_true(json_object_get(entry, "is_ic")));
        assert_int_equal(s.online, json_is_true(json_object_get(entry, "online_required")));
        assert_int_equal(s.pin_required || s.pin_prompt,
                         json_is_true(json_object_get(entry, "pin_required")));
    }
    json_decref(list);
    struct track_service s;
    assert_int_equal(track_service_code(BYTES("12"), &s).code, ERR_FORMAT);
    assert_int_equal(track_service_code(BYTES("3=1"), &s).code, ERR_FORMAT);
    assert_int_equal(track_service_code(BYTES("301"), &s).code, ERR_RANGE);
    assert_int_equal(track_service_code(BYTES("111"), &s).code, ERR_RANGE);
    assert_int_equal(track_service_code(BYTES("108"), &s).code, ERR_RANGE);
}

static void card_numbers(void **state)
{
    (void)state;
    json_t *list = vectors("luhn"), *entry;
    size_t i;
    json_array_foreach(list, i, entry)
    {
        struct bytes pan = bytes_text(text_of(entry, "pan"));
        assert_int_equal(pan_luhn(pan), json_is_true(json_object_get(entry, "valid")));
    }
    json_decref(list);
    assert_false(pan_luhn(BYTES("")));
    assert_false(pan_luhn(BYTES("62000000 0000005")));

    char text[PAN_TEXT];
    assert_int_equal(pan_mask(BYTES("6222020000000000017"), text).code, ERR_OK);
    assert_string_equal(text, "622202*********0017");
    assert_int_equal(pan_mask(BYTES("6200000000000005"), text).code, ERR_OK);
    assert_string_equal(text, "620000******0005");
    assert_int_equal(pan_mask(BYTES("620000000005"), text).code, ERR_OK);
    assert_string_equal(text, "********0005"); /* six and four would leave two */
    assert_int_equal(pan_mask(BYTES("6200000"), text).code, ERR_FORMAT);
    assert_int_equal(pan_mask(BYTES("62000000000000055555"), text).code, ERR_FORMAT);

    assert_false(pan_expired(BYTES("3012"), 2030, 12));
    assert_true(pan_expired(BYTES("3012"), 2031, 1));
    assert_true(pan_expired(BYTES("9912"), 2026, 1));
    assert_false(pan_expired(BYTES("4912"), 2026, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_is_read),
        cmocka_unit_test(bits_of_a_head),
        cmocka_unit_test(refuses_what_is_no_track),
        cmocka_unit_test(expiry_and_service_code_may_be_absent),
        cmocka_unit_test(a_swipe_is_up_to_three_tracks),
        cmocka_unit_test(lines_to_be_refused),
        cmocka_unit_test(tracks_must_agree),
        cmocka_unit_test(refuses_what_is_no_swipe),
        cmocka_unit_test(service_codes_say_what_to_do),
        cmocka_unit_test(card_numbers),
    };
    return cmocka_run_group_tests_name("emv_track", tests, NULL, NULL);
}
