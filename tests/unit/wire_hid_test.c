/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HID devices of the point of sale: report descriptors, codes out of the reports of a scanner,
 * tracks out of those of a stripe reader, what is refused and what is dropped; plugged in, pulled
 * out and changed for another (S175).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/wire/hid_pos.h"
#include "lib/wire/peripheral.h"
#include "tests/unit/hid_readers.h"

#define DESCRIPTOR(...) BYTES_OF(((const uint8_t[]){__VA_ARGS__}))

/* ---- descriptors ---- */

static void where_things_stand(void **state)
{
    (void)state;
    struct hid_descriptor d;
    const uint32_t scanner = 0x008c0002, reader = 0x008e0001;
    assert_int_equal(hid_descriptor_read(BYTES_OF(hid_scanner_descriptor), &d).code, ERR_OK);
    assert_true(d.numbered);
    assert_int_equal(hid_report_bytes(&d, 2), HID_SCANNER_REPORT - 1);
    assert_int_equal(hid_report_bytes(&d, 4), 1); /* an output takes no room in an input */
    assert_int_equal(hid_report_bytes(&d, 3), 0);
    struct hid_place place = hid_find(&d, scanner, 0x008c00fe, HID_ANY_REPORT);
    assert_int_equal(place.bit, 24);
    assert_int_equal(place.size, 8);
    assert_int_equal(place.count, 16);
    assert_int_equal(place.report, 2);
    place = hid_find(&d, scanner, 0x0001003b, 2); /* four bytes of usage bring their page */
    assert_int_equal(place.bit, 19 * 8);
    place = hid_find(&d, scanner, 0x008c00ff, 2);
    assert_int_equal(place.bit, 20 * 8 + 3);
    assert_int_equal(place.size, 1);
    place = hid_find(&d, scanner, 0x008c00fc, 2); /* the second of a range */
    assert_int_equal(place.bit, 8);
    assert_int_equal(place.count, 1);
    assert_int_equal(hid_find(&d, scanner, 0x008c00fe, 4).count, 0);
    assert_int_equal(hid_find(&d, reader, 0x008c00fe, 2).count, 0);

    assert_int_equal(hid_descriptor_read(BYTES_OF(hid_stripe_descriptor), &d).code, ERR_OK);
    assert_false(d.numbered);
    assert_int_equal(hid_report_bytes(&d, 0), HID_STRIPE_REPORT);
    assert_int_equal(hid_find(&d, reader, 0x008e0012, 0).bit, 8);
    assert_int_equal(hid_find(&d, reader, 0xff000022, 0).bit, 40);
    assert_int_equal(hid_find(&d, reader, 0x008e0022, 0).bit, (6 + 79) * 8);
    assert_int_equal(hid_find(&d, reader, 0x008e0023, 0).count, 107);

    /* The page comes behind the usage: the one at the main item counts (6.2.2.8). */
    struct bytes late = DESCRIPTOR(0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x05, 0x01, 0x09, 0xfe, 0x05,
                                   0x8c, 0x75, 0x08, 0x95, 0x04, 0x81, 0x02, 0xc0);
    assert_int_equal(hid_descriptor_read(late, &d).code, ERR_OK);
    assert_int_equal(hid_find(&d, scanner, 0x008c00fe, 0).count, 4);
    /* A long item, and a value across bytes. */
    struct bytes odd =
        DESCRIPTOR(0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0xfe, 0x02, 0xf0, 0x11, 0x22, 0x75, 0x03,
                   0x95, 0x01, 0x81, 0x01, 0x75, 0x0c, 0x95, 0x02, 0x09, 0x30, 0x81, 0x02, 0xc0);
    assert_int_equal(hid_descriptor_read(odd, &d).code, ERR_OK);
    place = hid_find(&d, scanner, 0x008c0030, 0);
    assert_int_equal(place.bit, 3);
    assert_int_equal(hid_report_bytes(&d, 0), 4);
    struct bytes report = DESCRIPTOR(0xe8, 0x2b, 0x5a, 0x03);
    assert_int_equal(hid_value(report, &place, 0), 0x57d);
    assert_int_equal(hid_value(report, &place, 1), 0x6b4);
}

#define OPEN 0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01 /* the collection of a scanner */

static void what_is_no_descriptor(void **state)
{
    (void)state;
    static uint8_t deep[64], long_one[HID_DESCRIPTOR_MAX + 1], many[2048];
    for (size_t i = 0; i + 1 < sizeof deep; i += 2) memcpy(deep + i, "\xa1\x01", 2);
    size_t len = 0;
    for (unsigned i = 0; i < HID_FIELDS_MAX + 1; i++, len += 8)
        memcpy(many + len, "\x75\x01\x95\x01\x09\x01\x81\x02", 8);
    const struct {
        enum err_code code;
        struct bytes text;
    } bad[] = {
        {ERR_FORMAT, {NULL, 0}},
        {ERR_SHORT, DESCRIPTOR(OPEN, 0x75)},
        {ERR_SHORT, DESCRIPTOR(OPEN, 0x27, 0xff, 0xff, 0xff)},
        {ERR_SHORT, DESCRIPTOR(OPEN, 0xfe, 0x09, 0x01)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0x75, 0x08, 0x95, 0x01, 0x09, 0xfe, 0x81, 0x02)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0xc0, 0xc0)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0xc0)}, /* no report at all */
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0x85, 0x00)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0x86, 0x00, 0x01)},
        /* one report has no number, the next has */
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0x75, 0x08, 0x95, 0x01, 0x81, 0x02, 0x85, 0x01)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0x95, 0x01, 0x09, 0xfe, 0x81, 0x02)},
        {ERR_LENGTH, DESCRIPTOR(OPEN, 0x75, 0x08, 0x96, 0x01, 0x10, 0x09, 0xfe, 0x81, 0x02)},
        {ERR_LENGTH,
         DESCRIPTOR(OPEN, 0x77, 0xff, 0xff, 0xff, 0xff, 0x97, 0xff, 0xff, 0xff, 0xff, 0x81, 0x02)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0xb4)},
        {ERR_FULL, DESCRIPTOR(OPEN, 0xa4, 0xa4, 0xa4, 0xa4, 0xa4)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0x29, 0x05)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0x19, 0x05, 0x29, 0x04)},
        {ERR_FORMAT, DESCRIPTOR(OPEN, 0x19, 0x05, 0x81, 0x02)},
        {ERR_FORMAT, DESCRIPTOR(0x07, 0x00, 0x00, 0x01, 0x00)},
        {ERR_UNSUPPORTED, DESCRIPTOR(OPEN, 0xa9, 0x01)},
        {ERR_FULL, {deep, 34}},
        {ERR_FULL, {many, len}},
        {ERR_LENGTH, {long_one, sizeof long_one}},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct hid_descriptor d, before;
        memset(&d, 0x5a, sizeof d);
        before = d;
        assert_int_equal(hid_descriptor_read(bad[i].text, &d).code, bad[i].code);
        assert_memory_equal(&d, &before, sizeof d);
    }
    /* Cut anywhere, a good one is never taken: something is open or missing at its end. */
    for (size_t i = 0; i < sizeof hid_scanner_descriptor; i++) {
        struct hid_descriptor d;
        assert_true(FAILED(hid_descriptor_read(bytes_of(hid_scanner_descriptor, i), &d)));
    }
}

static void what_a_device_is(void **state)
{
    (void)state;
    static const struct {
        struct bytes descriptor;
        enum err_code as_scanner, as_stripe;
        const char *scanner_why, *stripe_why;
    } devices[] = {
        {BYTES_OF(hid_scanner_descriptor), ERR_OK, ERR_UNSUPPORTED, NULL, "for the terminal"},
        {BYTES_OF(hid_stripe_descriptor), ERR_UNSUPPORTED, ERR_OK, "for the vault alone", NULL},
        {BYTES_OF(hid_keyboard_descriptor), ERR_UNSUPPORTED, ERR_UNSUPPORTED, "neither", "neither"},
        {{hid_scanner_descriptor, 9}, ERR_SHORT, ERR_SHORT, "descriptor is none", "is none"},
    };
    struct hid_scanner scanner;
    struct hid_stripe stripe;
    for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
        const char *why = NULL;
        err e = hid_scanner_begin(&scanner, devices[i].descriptor, &why);
        assert_int_equal(e.code, devices[i].as_scanner);
        if (devices[i].scanner_why != NULL) assert_non_null(strstr(why, devices[i].scanner_why));
        else assert_null(why);
        e = hid_stripe_begin(&stripe, devices[i].descriptor, &why);
        assert_int_equal(e.code, devices[i].as_stripe);
        if (devices[i].stripe_why != NULL) assert_non_null(strstr(why, devices[i].stripe_why));
        else assert_null(why);
    }
    const char *why = NULL;
    struct bytes bare = DESCRIPTOR(OPEN, 0x75, 0x08, 0x95, 0x01, 0x09, 0x61, 0x81, 0x02, 0xc0);
    assert_int_equal(hid_scanner_begin(&scanner, bare, &why).code, ERR_UNSUPPORTED);
    assert_string_equal(why, "a scanner without decoded data");
    struct bytes one = DESCRIPTOR(0x05, 0x8e, 0x09, 0x01, 0xa1, 0x01, 0x75, 0x08, 0x95, 0x01, 0x09,
                                  0x11, 0x81, 0x02, 0x95, 0x4f, 0x09, 0x21, 0x81, 0x02, 0xc0);
    assert_int_equal(hid_stripe_begin(&stripe, one, &why).code, ERR_UNSUPPORTED);
    assert_string_equal(why, "a stripe reader without track 2");
}

/* ---- codes ---- */

struct counter {
    struct hid_scanner scanner;
    int64_t now_ms;
    unsigned codes;
    char code[HID_CODE_MAX + 1], aim[HID_AIM + 1];
};

static struct counter at;

static void on_code(void *context, struct bytes code, const char *aim)
{
    struct counter *c = context;
    c->codes++;
    assert_int_equal(bytes_to_text(code, c->code, sizeof c->code).code, ERR_OK);
    memcpy(c->aim, aim, HID_AIM);
}

static enum hid_fault take(const void *report, size_t len)
{
    return hid_scanner_take(&at.scanner, bytes_of(report, len), at.now_ms, on_code, &at);
}

static enum hid_fault part(const char *aim, const char *data, bool more)
{
    uint8_t report[HID_SCANNER_REPORT];
    hid_scanner_report(report, aim, data, more);
    return take(report, sizeof report);
}

static int begin(void **state)
{
    const char *why = NULL;
    (void)state;
    memset(&at, 0, sizeof at);
    assert_int_equal(hid_scanner_begin(&at.scanner, BYTES_OF(hid_scanner_descriptor), &why).code,
                     ERR_OK);
    return 0;
}

static void expect_code(unsigned codes, const char *code)
{
    static const char nothing[HID_CODE_MAX];
    assert_int_equal(at.codes, codes);
    assert_string_equal(at.code, code);
    assert_memory_equal(at.scanner.code, nothing, sizeof nothing); /* it is nowhere any more */
}

static void codes_are_read(void **state)
{
    (void)state;
    assert_int_equal(part("]Q1", "6901234", false), HID_TAKEN);
    expect_code(1, "6901234");
    assert_string_equal(at.aim, "]Q1");
    /* 18 digits take two reports; the device repeats its identifier, or not. */
    assert_int_equal(part("]C0", "2812345678901234", true), HID_TAKEN);
    assert_int_equal(at.codes, 1);
    assert_int_equal(part("]C0", "56", false), HID_TAKEN);
    expect_code(2, "281234567890123456");
    assert_int_equal(part("]C0", "2812345678901234", true), HID_TAKEN);
    assert_int_equal(part("", "\r\n", false), HID_TAKEN); /* what a line ends with is no code */
    expect_code(3, "2812345678901234");
    assert_string_equal(at.aim, "]C0");
    /* A device that says no kind; and a bus that pads. */
    uint8_t padded[HID_SCANNER_REPORT + 10] = {0};
    hid_scanner_report(padded, "", "77", false);
    assert_int_equal(take(padded, sizeof padded), HID_TAKEN);
    expect_code(4, "77");
    assert_int_equal(at.aim[0], '\0');
    assert_int_equal(take("\x04\x01", 2), HID_OTHER_REPORT);
    for (int fault = 0; fault < HID_FAULTS; fault++) assert_int_equal(at.scanner.dropped[fault], 0);
}

/* 512 characters in 32 reports are a code; one more report is too long, all of it. */
static void the_longest_code(void **state)
{
    (void)state;
    for (int i = 0; i < 31; i++) assert_int_equal(part("]Q1", "0123456789abcdef", true), HID_TAKEN);
    assert_int_equal(part("]Q1", "0123456789abcdef", false), HID_TAKEN);
    assert_int_equal(at.codes, 1);
    assert_int_equal(strlen(at.code), HID_CODE_MAX);
    for (int i = 0; i < 32; i++) assert_int_equal(part("]Q1", "0123456789abcdef", true), HID_TAKEN);
    assert_int_equal(part("]Q1", "x", true), HID_TOO_LONG);
    assert_int_equal(part("]Q1", "y", true), HID_TAKEN); /* still of the one that is dropped */
    assert_int_equal(part("]Q1", "z", false), HID_TAKEN);
    assert_int_equal(at.codes, 1);
    assert_int_equal(at.scanner.dropped[HID_TOO_LONG], 1);
    assert_int_equal(part("]Q1", "next", false), HID_TAKEN);
    expect_code(2, "next");
}

/* Each kind of nonsense is dropped whole, counted by its name, and the next code is read. */
static void nonsense_is_dropped(void **state)
{
    (void)state;
    uint8_t report[HID_SCANNER_REPORT];
    unsigned codes = 0;
    static const struct {
        enum hid_fault fault;
        size_t at, len;
        uint8_t byte;
    } spoilt[] = {
        {HID_UNKNOWN_REPORT, 0, HID_SCANNER_REPORT, 3},
        {HID_SHORT_REPORT, 0, HID_SCANNER_REPORT - 1, 2},
        {HID_SHORT_REPORT, 0, 1, 2},
        {HID_SHORT_REPORT, 0, 0, 2},
        {HID_BAD_COUNT, 20, HID_SCANNER_REPORT, 17},
        {HID_BAD_COUNT, 20, HID_SCANNER_REPORT, 255},
        {HID_BAD_COUNT, 20, HID_SCANNER_REPORT, 0},
        {HID_BAD_SYMBOLOGY, 1, HID_SCANNER_REPORT, 'Q'},
        {HID_BAD_SYMBOLOGY, 2, HID_SCANNER_REPORT, 0xff},
        {HID_BAD_CHARACTER, 5, HID_SCANNER_REPORT, 0},
        {HID_BAD_CHARACTER, 6, HID_SCANNER_REPORT, 0x80},
    };
    for (size_t i = 0; i < ARRAY_LEN(spoilt); i++) {
        unsigned before = at.scanner.dropped[spoilt[i].fault];
        hid_scanner_report(report, "]Q1", "12345", false);
        report[spoilt[i].at] = spoilt[i].byte;
        assert_int_equal(take(report, spoilt[i].len), spoilt[i].fault);
        assert_int_equal(at.scanner.dropped[spoilt[i].fault], before + 1);
        assert_non_null(hid_fault_word(spoilt[i].fault));
        assert_int_equal(at.codes, codes);
        assert_int_equal(part("]Q1", "12345", false), HID_TAKEN);
        expect_code(++codes, "12345");
    }
}

/* A code whose end was lost is not joined to the next one. */
static void halves_are_not_joined(void **state)
{
    (void)state;
    assert_int_equal(part("]Q1", "1111111111111111", true), HID_TAKEN);
    at.now_ms += HID_GAP_MS + 1;
    assert_int_equal(part("]Q1", "22", false), HID_CUT);
    expect_code(1, "22");
    assert_int_equal(at.scanner.dropped[HID_CUT], 1);
    /* In time, but of another kind of code: both are dropped. */
    assert_int_equal(part("]Q1", "1111111111111111", true), HID_TAKEN);
    assert_int_equal(part("]C0", "33", false), HID_BAD_SYMBOLOGY);
    assert_int_equal(at.codes, 1);
    assert_int_equal(part("]C0", "44", false), HID_TAKEN);
    expect_code(2, "44");
    /* What is dropped and never ends does not hold up what comes later. */
    assert_int_equal(part("]Q1", "\x01", true), HID_BAD_CHARACTER);
    at.now_ms += HID_GAP_MS + 1;
    assert_int_equal(part("]Q1", "55", false), HID_TAKEN);
    expect_code(3, "55");
}

/* A scanner that neither counts its bytes nor continues, without a number before its report. */
static void a_plain_scanner(void **state)
{
    (void)state;
    const char *why = NULL;
    struct bytes plain = DESCRIPTOR(OPEN, 0x75, 0x08, 0x95, 0x06, 0x09, 0xfe, 0x81, 0x02, 0xc0);
    assert_int_equal(hid_scanner_begin(&at.scanner, plain, &why).code, ERR_OK);
    assert_int_equal(take("12\r\0\0\0", 6), HID_TAKEN);
    expect_code(1, "12");
    assert_int_equal(take("123456", 6), HID_TAKEN);
    expect_code(2, "123456");
    assert_int_equal(take("\0\0\0\0\0\0", 6), HID_BAD_COUNT);
    assert_int_equal(at.codes, 2);
}

/* A cradle of the same page comes before the scanner; its three characters of the identifier have
 * one usage; and a device of two characters says none. */
static void a_scanner_in_a_cradle(void **state)
{
    (void)state;
    const char *why = NULL;
    struct bytes cradle =
        DESCRIPTOR(0x05, 0x8c, 0x09, 0x05, 0xa1, 0x01, 0x85, 0x01, 0x75, 0x08, 0x95, 0x01, 0x09,
                   0x15, 0x81, 0x02, 0xc0, 0x09, 0x02, 0xa1, 0x01, 0x85, 0x02, 0x75, 0x08, 0x95,
                   0x03, 0x09, 0xfb, 0x81, 0x02, 0x95, 0x04, 0x09, 0xfe, 0x81, 0x02, 0xc0);
    assert_int_equal(hid_scanner_begin(&at.scanner, cradle, &why).code, ERR_OK);
    assert_int_equal(take("\x02]C01234", 8), HID_TAKEN);
    expect_code(1, "1234");
    assert_string_equal(at.aim, "]C0");
    assert_int_equal(take("\x01\x07", 2), HID_OTHER_REPORT);
    struct bytes two = DESCRIPTOR(OPEN, 0x75, 0x08, 0x95, 0x02, 0x09, 0xfb, 0x81, 0x02, 0x95, 0x04,
                                  0x09, 0xfe, 0x81, 0x02, 0xc0);
    assert_int_equal(hid_scanner_begin(&at.scanner, two, &why).code, ERR_OK);
    assert_int_equal(take("]C5678", 6), HID_TAKEN);
    expect_code(2, "5678");
    assert_int_equal(at.aim[0], '\0');
}

/* ---- tracks ---- */

#define TRACK_1 "%B6220000000000005^CARDHOLDER/TEST^30122011000000000?"
#define TRACK_2 ";6220000000000005=30122011000000000?"

static void tracks_are_read(void **state)
{
    (void)state;
    const char *why = NULL;
    struct hid_stripe stripe;
    struct hid_swipe got = {0}, before;
    uint8_t report[HID_STRIPE_REPORT];
    assert_int_equal(hid_stripe_begin(&stripe, BYTES_OF(hid_stripe_descriptor), &why).code, ERR_OK);
    hid_stripe_report(report, TRACK_1, TRACK_2, "");
    assert_int_equal(hid_stripe_take(&stripe, BYTES_OF(report), &got), HID_TAKEN);
    assert_string_equal(got.track[0], TRACK_1);
    assert_string_equal(got.track[1], TRACK_2);
    assert_string_equal(got.track[2], "");
    /* Sentinels stripped, and a check character behind the end. */
    hid_stripe_report(report, TRACK_1 "x", "6220000000000005=30122011000000000", "+5?");
    assert_int_equal(hid_stripe_take(&stripe, BYTES_OF(report), &got), HID_TAKEN);
    assert_string_equal(got.track[0], TRACK_1);
    assert_string_equal(got.track[1], TRACK_2);
    assert_string_equal(got.track[2], "+5?");
    report[3 + 1] = 1; /* the reader says that track 2 was not decoded */
    assert_int_equal(hid_stripe_take(&stripe, BYTES_OF(report), &got), HID_TAKEN);
    assert_string_equal(got.track[0], TRACK_1);
    assert_string_equal(got.track[1], "");
    /* Half a track is none, and bytes are none. */
    hid_stripe_report(report, "", ";6220000000000005=3012", "");
    assert_int_equal(hid_stripe_take(&stripe, BYTES_OF(report), &got), HID_TAKEN);
    assert_string_equal(got.track[1], "");
    hid_stripe_report(report, "", ";62200\x01?", "");
    assert_int_equal(hid_stripe_take(&stripe, BYTES_OF(report), &got), HID_TAKEN);
    assert_string_equal(got.track[1], "");
    /* A length above its room, and half a report, say nothing at all. */
    hid_stripe_report(report, TRACK_1, TRACK_2, "");
    memset(&got, 0x5a, sizeof got);
    before = got;
    report[1] = 41;
    assert_int_equal(hid_stripe_take(&stripe, BYTES_OF(report), &got), HID_BAD_COUNT);
    assert_int_equal(hid_stripe_take(&stripe, bytes_of(report, 100), &got), HID_SHORT_REPORT);
    assert_memory_equal(&got, &before, sizeof got);
    assert_int_equal(stripe.dropped[HID_BAD_COUNT], 1);
    assert_int_equal(stripe.dropped[HID_SHORT_REPORT], 1);
}

static void what_is_worth_a_line(void **state)
{
    (void)state;
    unsigned lines = 0;
    for (unsigned count = 0; count <= 1000; count++) lines += hid_worth_a_line(count);
    assert_int_equal(lines, 10); /* 1, 2, 4 ... 512 */
    assert_null(hid_fault_word(HID_TAKEN));
    assert_null(hid_fault_word(HID_OTHER_REPORT));
}

/* ---- the device ---- */

struct line {
    struct loop *loop;
    int64_t now_us;
    struct hid_port port;
    struct hid_calls calls;
    unsigned opened, lost;
    char why[80];
};

static struct peripheral device; /* too large for a stack */

static int64_t fake_us(void *context)
{
    return ((const struct line *)context)->now_us;
}

static void on_opened(void *context)
{
    ((struct line *)context)->opened++;
}

static void on_taken(void *context, struct bytes bytes)
{
    (void)context;
    (void)take(bytes.at, bytes.len);
}

static void on_lost(void *context, const char *why)
{
    struct line *line = context;
    line->lost++;
    (void)snprintf(line->why, sizeof line->why, "%s", why);
}

static const char *on_described(void *context, struct bytes descriptor)
{
    const char *why = NULL;
    (void)context;
    return FAILED(hid_scanner_begin(&at.scanner, descriptor, &why)) ? why : NULL;
}

static void turns(struct line *line)
{
    line->now_us += (PERIPHERAL_AGAIN_MS + 1) * INT64_C(1000);
    for (int i = 0; i < 6; i++) assert_int_equal(loop_once(line->loop, 0).code, ERR_OK);
}

/* Nothing there, a keyboard, a stripe reader, a scanner, pulled out in the middle of a code,
 * another scanner of other reports. */
static void plugged_in_and_out(void **state)
{
    (void)state;
    static struct line line;
    struct peripheral_address address;
    uint8_t report[HID_SCANNER_REPORT];
    const struct loop_options options = {.clock = {.context = &line, .monotonic_us = fake_us}};
    const struct peripheral_events events = {on_opened, on_taken, on_lost, &line, on_described};
    line.calls = hid_port_calls(&line.port);
    memset(&device, 0, sizeof device);
    device.hid = &line.calls;
    assert_int_equal(loop_create(&options, &line.loop).code, ERR_OK);
    assert_int_equal(peripheral_parse("hid:/dev/hidraw0", &address).code, ERR_OK);
    const struct peripheral_events blind = {on_opened, on_taken, on_lost, &line, NULL};
    assert_int_equal(peripheral_open(line.loop, &address, &blind, &device).code, ERR_CONFIG);
    assert_int_equal(peripheral_open(line.loop, &address, &events, &device).code, ERR_OK);
    turns(&line);
    assert_string_equal(line.why, err_text(ERR(NOT_FOUND)));
    line.port.descriptor = BYTES_OF(hid_scanner_descriptor);
    turns(&line);
    assert_int_equal(line.opened, 1);
    hid_scanner_report(report, "]Q1", "1111111111111111", true);
    hid_port_report(&line.port, report, sizeof report);
    turns(&line);
    hid_port_unplug(&line.port);
    turns(&line);
    assert_int_equal(line.lost, 2);
    line.port.descriptor = BYTES_OF(hid_stripe_descriptor);
    turns(&line);
    assert_int_equal(line.opened, 1); /* refused, and said once for as long as it lasts */
    assert_int_equal(line.lost, 2);
    line.port.descriptor = DESCRIPTOR(OPEN, 0x75, 0x08, 0x95, 0x06, 0x09, 0xfe, 0x81, 0x02, 0xc0);
    turns(&line);
    assert_int_equal(line.opened, 2);
    hid_port_report(&line.port, "123456", 6);
    turns(&line);
    expect_code(1, "123456"); /* nothing of the half one */
    peripheral_close(&device);

    /* Each of what is refused, with its reason. */
    const struct {
        struct bytes descriptor;
        err describes;
        const char *why;
    } refused[] = {
        {BYTES_OF(hid_stripe_descriptor), OK, "for the vault alone"},
        {BYTES_OF(hid_keyboard_descriptor), OK, "neither a bar code scanner nor"},
        {BYTES("nonsense"), OK, "its report descriptor is none"},
        {BYTES("x"), ERR(UNSUPPORTED), "not supported here"},
        {BYTES("x"), ERR(IO), "input or output failed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        memset(&device, 0, sizeof device);
        device.hid = &line.calls;
        line.port.descriptor = refused[i].descriptor;
        line.port.describes = refused[i].describes;
        assert_int_equal(peripheral_open(line.loop, &address, &events, &device).code, ERR_OK);
        turns(&line);
        assert_non_null(strstr(line.why, refused[i].why));
        assert_int_equal(line.opened, 2);
        peripheral_close(&device);
    }
    hid_port_unplug(&line.port);
    loop_destroy(line.loop);
}

/* The calls of the kernel themselves, as far as there is no such device here. */
static void the_kernels_own(void **state)
{
    (void)state;
    static const struct {
        const char *address, *why;
    } files[] = {{"hid:/dev/null", "not supported here"}, {"hid:/dev/no-such", "no such entry"}};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        static struct line line;
        struct peripheral_address address;
        const struct loop_options options = {.clock = {.context = &line, .monotonic_us = fake_us}};
        const struct peripheral_events events = {on_opened, on_taken, on_lost, &line, on_described};
        memset(&device, 0, sizeof device);
        memset(&line, 0, sizeof line);
        assert_int_equal(loop_create(&options, &line.loop).code, ERR_OK);
        assert_int_equal(peripheral_parse(files[i].address, &address).code, ERR_OK);
        assert_int_equal(peripheral_open(line.loop, &address, &events, &device).code, ERR_OK);
        turns(&line);
        assert_int_equal(line.opened, 0);
        assert_string_equal(line.why, files[i].why);
        peripheral_close(&device);
        loop_destroy(line.loop);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_things_stand),
        cmocka_unit_test(what_is_no_descriptor),
        cmocka_unit_test(what_a_device_is),
        cmocka_unit_test_setup(codes_are_read, begin),
        cmocka_unit_test_setup(the_longest_code, begin),
        cmocka_unit_test_setup(nonsense_is_dropped, begin),
        cmocka_unit_test_setup(halves_are_not_joined, begin),
        cmocka_unit_test_setup(a_plain_scanner, begin),
        cmocka_unit_test_setup(a_scanner_in_a_cradle, begin),
        cmocka_unit_test(tracks_are_read),
        cmocka_unit_test(what_is_worth_a_line),
        cmocka_unit_test_setup(plugged_in_and_out, begin),
        cmocka_unit_test(the_kernels_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
