/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes out of the devices: how amounts are read (S90), the joined WAV, the bytes for the
 * printer against a receipt from outside (tests/vectors/terminal/escpos.json, derived), the
 * picture, and that no line of any receipt is wider than the paper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/base/money.h"
#include "payment/response_code.h"
#include "terminal/device/picture.h"
#include "terminal/device/printer.h"
#include "terminal/device/sheet.h"
#include "terminal/device/speaker.h"
#include "tests/unit/vector_file.h"

/* The leak checker asks for this: fontconfig keeps what it has read about fonts until the end. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

/* ---- speech ---- */

static const struct {
    int64_t minor;
    const char *zh, *en;
} spoken[] = {
    {1, "零点零一", "zero point zero one"},
    {10, "零点一", "zero point one"},
    {50, "零点五", "zero point five"},
    {100, "一", "one"},
    {200, "两", "two"},
    {250, "二点五", "two point five"},
    {1000, "十", "ten"},
    {1200, "十二", "twelve"},
    {2000, "二十", "twenty"},
    {2200, "二十二", "twenty two"},
    {10000, "一百", "one hundred"},
    {10200, "一百零二", "one hundred two"},
    {11000, "一百一十", "one hundred ten"},
    {11200, "一百一十二", "one hundred twelve"},
    {12800, "一百二十八", "one hundred twenty eight"},
    {20000, "两百", "two hundred"},
    {22200, "两百二十二", "two hundred twenty two"},
    {100000, "一千", "one thousand"},
    {100100, "一千零一", "one thousand one"},
    {101000, "一千零一十", "one thousand ten"},
    {110000, "一千一百", "one thousand one hundred"},
    {200200, "两千零二", "two thousand two"},
    {220000, "两千两百", "two thousand two hundred"},
    {1000000, "一万", "ten thousand"},
    {1000100, "一万零一", "ten thousand one"},
    {1001000, "一万零一十", "ten thousand ten"},
    {1234567, "一万两千三百四十五点六七",
     "twelve thousand three hundred forty five point six seven"},
    {2000000, "两万", "twenty thousand"},
    {10000000, "十万", "one hundred thousand"},
    {12000000, "十二万", "one hundred twenty thousand"},
    {10000100, "十万零一", "one hundred thousand one"},
    {100000000, "一百万", "one million"},
    {999999999, "九百九十九万九千九百九十九点九九",
     "nine million nine hundred ninety nine thousand nine hundred ninety nine point nine nine"},
    {10000000000, "一亿", "one hundred million"},
    {10000100000, "一亿零一千", "one hundred million one thousand"},
    {10010000000, "一亿零一十万", "one hundred million one hundred thousand"},
    {20000000000, "两亿", "two hundred million"},
    {100000000000, "十亿", "one billion"},
};

static void check_spoken(int64_t minor, enum language language, const char *wanted)
{
    uint8_t clip[64];
    char said[512], expected[512];
    size_t count = speaker_received(minor, language, clip, sizeof clip);
    struct writer w = writer_over(said, sizeof said - 1);
    speaker_transcript(clip, count, &w);
    said[w.len] = '\0';
    snprintf(expected, sizeof expected,
             language == LANGUAGE_ZH ? "收款到账%s元" : "received %s yuan", wanted);
    assert_string_equal(said, expected);
}

static void test_spoken_amounts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(spoken); i++) {
        check_spoken(spoken[i].minor, LANGUAGE_ZH, spoken[i].zh);
        check_spoken(spoken[i].minor, LANGUAGE_EN, spoken[i].en);
    }
}

/* Reads a Chinese number back: the clips of an amount mean that amount and no other. */
static int64_t read_back(const uint8_t *clip, size_t count)
{
    int64_t total = 0, group = 0, digit = 0, fen = -1, weight = 10;
    for (size_t i = 1; i + 1 < count; i++) {
        int c = clip[i];
        if (c == SPEAKER_ZH_POINT) fen = 0;
        else if (fen >= 0) fen += (c - SPEAKER_ZH_0) * weight, weight = 1;
        else if (c >= SPEAKER_ZH_0 && c <= SPEAKER_ZH_9) digit = c - SPEAKER_ZH_0;
        else if (c == SPEAKER_ZH_TWO) digit = 2;
        else if (c == SPEAKER_ZH_TEN) group += (digit == 0 ? 1 : digit) * 10, digit = 0;
        else if (c == SPEAKER_ZH_HUNDRED) group += digit * 100, digit = 0;
        else if (c == SPEAKER_ZH_THOUSAND) group += digit * 1000, digit = 0;
        else if (c == SPEAKER_ZH_MYRIAD) total += (group + digit) * 10000, group = digit = 0;
        else if (c == SPEAKER_ZH_100M) total += (group + digit) * 100000000, group = digit = 0;
    }
    return (total + group + digit) * 100 + (fen < 0 ? 0 : fen);
}

static void test_spoken_means_the_amount(void **state)
{
    (void)state;
    uint8_t clip[64];
    for (int64_t minor = 1; minor <= MONEY_FIELD_MAX; minor += 1 + minor / 97) {
        size_t count = speaker_received(minor, LANGUAGE_ZH, clip, sizeof clip);
        assert_int_equal(clip[0], SPEAKER_ZH_RECEIVED);
        assert_int_equal(clip[count - 1], SPEAKER_ZH_YUAN);
        assert_int_equal(read_back(clip, count), minor);
        assert_true(speaker_received(minor, LANGUAGE_EN, clip, sizeof clip) > 2);
    }
}

static void says_count(unsigned count, enum language language, const char *words)
{
    uint8_t clip[8], text[64];
    struct writer w = writer_over(text, sizeof text - 1);
    speaker_transcript(clip, speaker_count(count, language, clip, sizeof clip), &w);
    text[w.len] = '\0';
    assert_string_equal((const char *)text, words);
}

/* S179: how many digits there are, a clip by its file name, and a tone that has no words. */
static void test_counts_and_names(void **state)
{
    (void)state;
    says_count(0, LANGUAGE_ZH, "零");
    says_count(2, LANGUAGE_ZH, "两");
    says_count(10, LANGUAGE_ZH, "十");
    says_count(12, LANGUAGE_ZH, "十二");
    says_count(0, LANGUAGE_EN, "zero");
    says_count(12, LANGUAGE_EN, "twelve");
    const uint8_t toned[] = {SPEAKER_TONE_DIGIT, SPEAKER_EN_RIGHT, SPEAKER_TONE_CLICK};
    uint8_t text[32];
    struct writer w = writer_over(text, sizeof text);
    speaker_transcript(toned, sizeof toned, &w);
    assert_true(bytes_equal(writer_view(&w), BYTES("Right.")));
    enum speaker_clip found = SPEAKER_ZH_0;
    assert_true(speaker_clip_named(BYTES("tone_click"), &found));
    assert_int_equal(found, SPEAKER_TONE_CLICK);
    for (enum speaker_clip clip = 0; clip < SPEAKER_CLIP_COUNT; clip++) {
        char name[24];
        speaker_clip_name(clip, name);
        assert_true(speaker_clip_named(bytes_text(name), &found) && found == clip);
    }
    static const char *const none[] = {"", "tone", "../vault/device.key", "TONE_CLICK"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_false(speaker_clip_named(bytes_text(none[i]), &found));
}

/* A clip as tools/speech makes it, with `samples` samples. */
static void write_clip(const char *directory, enum speaker_clip clip, uint32_t samples)
{
    uint8_t block[4096], name[24];
    char path[256];
    struct writer w = writer_over(block, sizeof block);
    const uint32_t data = samples * 2, riff = data + 36;
    speaker_clip_name(clip, (char *)name);
    snprintf(path, sizeof path, "%s/%s.wav", directory, (char *)name);
    write_bytes(&w, BYTES("RIFF"));
    write_bytes(&w, bytes_of(&riff, 4)); /* little-endian machines only, like the test's host */
    write_bytes(&w, BYTES("WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data"));
    write_bytes(&w, bytes_of(&data, 4));
    for (uint32_t i = 0; i < data; i++) write_be(&w, clip, 1);
    assert_int_equal(w.fault, ERR_OK);
    assert_int_equal(file_write(path, FILE_PUBLIC, writer_view(&w)).code, ERR_OK);
}

static void test_wav(void **state)
{
    (void)state;
    char directory[] = "/tmp/terminal_device_test.XXXXXX";
    static uint8_t block[16384];
    struct writer w = writer_over(block, sizeof block);
    const uint8_t clips[] = {SPEAKER_ZH_RECEIVED, SPEAKER_ZH_5, SPEAKER_ZH_YUAN};
    assert_non_null(mkdtemp(directory));
    write_clip(directory, SPEAKER_ZH_RECEIVED, 100);
    write_clip(directory, SPEAKER_ZH_5, 50);
    assert_int_equal(speaker_wav(directory, clips, 3, &w).code, ERR_NOT_FOUND); /* one is missing */
    write_clip(directory, SPEAKER_ZH_YUAN, 70);
    w = writer_over(block, sizeof block);
    assert_int_equal(speaker_wav(directory, clips, 3, &w).code, ERR_OK);
    assert_int_equal(w.len, 44 + 2 * (100 + 50 + 70));
    assert_int_equal(block[40] | block[41] << 8, 440);
    assert_int_equal(block[44], SPEAKER_ZH_RECEIVED);
    assert_int_equal(block[44 + 200], SPEAKER_ZH_5);
    assert_int_equal(block[w.len - 1], SPEAKER_ZH_YUAN);
    for (size_t i = 0; i < ARRAY_LEN(clips); i++) {
        char name[24], path[128];
        speaker_clip_name((enum speaker_clip)clips[i], name);
        snprintf(path, sizeof path, "%s/%s.wav", directory, name);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(directory), 0);
}

/* ---- printer ---- */

static json_t *vectors(void)
{
    return vector_file("tests/vectors/terminal/escpos.json");
}

static void assert_hex(const struct writer *w, const char *hex)
{
    static uint8_t wanted[4096];
    size_t len;
    assert_int_equal(w->fault, ERR_OK);
    assert_int_equal(hex_decode(bytes_text(hex), wanted, sizeof wanted, &len).code, ERR_OK);
    assert_int_equal(w->len, len);
    assert_memory_equal(w->at, wanted, len);
}

/* S175 */
static void test_escpos_receipt(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "商户名称：测试商户",  "TID:00000001  OP:01",       "CARD:620000******0005/S",
        "交易类型：消费/SALE", "BATCH:000001 TRACE:000002", "REF:000002093120 AUTH:654321"};
    uint8_t block[1024];
    struct writer w = writer_over(block, sizeof block);
    struct printer *printer;
    json_t *root = vectors();
    assert_int_equal(printer_open(&printer).code, ERR_OK);
    printer_reset(&w);
    printer_justify(&w, PRINTER_CENTRE);
    printer_size(&w, 2, 2);
    printer_line(printer, &w, BYTES("银联POS签购单"));
    printer_size(&w, 1, 1);
    printer_justify(&w, PRINTER_LEFT);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) printer_line(printer, &w, bytes_text(lines[i]));
    printer_bold(&w, true);
    printer_line(printer, &w, BYTES("金额/AMOUNT: RMB 123.45"));
    printer_bold(&w, false);
    printer_qr(&w, BYTES("000002093120"), 6);
    write_bytes(&w, BYTES("\n"));
    printer_feed(&w, 4);
    printer_cut(&w);
    assert_hex(&w, json_string_value(json_object_get(root, "receipt")));
    printer_close(printer);
    vector_file_end(root);
}

/* One of our commands, with the number that its template in the published list calls nn. */
static void published(unsigned which, struct writer *w, const char **ret_name, unsigned *ret_number)
{
    static const struct {
        const char *name;
        unsigned number;
    } rows[] = {{"ESC @", 0},   {"ESC a n", 2}, {"GS ! n", 0x11},
                {"ESC E n", 1}, {"ESC d n", 9}, {"GS V 65/66 n", 0}};
    *ret_name = rows[which].name;
    *ret_number = rows[which].number;
    if (which == 0) printer_reset(w);
    if (which == 1) printer_justify(w, PRINTER_RIGHT);
    if (which == 2) printer_size(w, 2, 2);
    if (which == 3) printer_bold(w, true);
    if (which == 4) printer_feed(w, 9);
    if (which == 5) printer_cut(w);
}

/* Each command that we send is the one of the published list. Of "a/b" the second is ours. */
static void published_commands(void **state)
{
    (void)state;
    json_t *root = vector_file("../shared/vectors/escpos/escpos.json"), *row;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(root, "commands"), i, row)
    {
        for (unsigned which = 0; which < 6; which++) {
            uint8_t block[16];
            const char *name;
            char wanted[32] = "";
            unsigned number;
            struct writer w = writer_over(block, sizeof block);
            published(which, &w, &name, &number);
            if (strcmp(name, json_string_value(json_object_get(row, "cmd"))) != 0) continue;
            const char *hex = json_string_value(json_object_get(row, "hex"));
            const char *slash = strchr(hex, '/');
            snprintf(wanted, sizeof wanted, "%s", slash == NULL ? hex : slash + 1);
            char *nn = strstr(wanted, "nn");
            if (nn != NULL) snprintf(nn, 3, "%02X", number);
            assert_hex(&w, wanted);
            seen++;
        }
    }
    assert_int_equal(seen, 6);
    vector_file_end(root);
    uint8_t block[8];
    struct writer w = writer_over(block, sizeof block);
    printer_drawer(&w); /* ESC p: pin 2, 50 and 250 times 2 ms */
    assert_hex(&w, "1B700032FA");
}

/* QR symbols as another program makes them, but for the level of correction: ours is M. */
static void published_symbols(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned dots;
    } rows[] = {{"python-escpos qr defaults", 3},
                {"python-escpos qr ecc H", 3},
                {"python-escpos qr size 7", 7}};
    json_t *root = vector_file("../shared/vectors/escpos/escpos.json"), *row;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(root, "examples"), i, row)
    {
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            if (strcmp(rows[k].name, json_string_value(json_object_get(row, "name"))) != 0)
                continue;
            uint8_t block[256];
            char wanted[512];
            struct writer w = writer_over(block, sizeof block);
            printer_qr(&w, bytes_text(json_string_value(json_object_get(row, "input"))),
                       rows[k].dots);
            snprintf(wanted, sizeof wanted, "%s", json_string_value(json_object_get(row, "hex")));
            char *level = strstr(wanted, "1D286B03003145");
            assert_non_null(level);
            level[15] = '1';
            assert_hex(&w, wanted);
            seen++;
        }
    }
    assert_int_equal(seen, 3);
    vector_file_end(root);
}

/* S180 */
static void test_gb18030(void **state)
{
    (void)state;
    json_t *root = vectors(), *row;
    size_t i;
    struct printer *printer;
    assert_int_equal(printer_open(&printer).code, ERR_OK);
    json_array_foreach(json_object_get(root, "gb18030"), i, row)
    {
        uint8_t block[256];
        struct writer w = writer_over(block, sizeof block);
        printer_text(printer, &w, bytes_text(json_string_value(json_object_get(row, "text"))));
        assert_hex(&w, json_string_value(json_object_get(row, "hex")));
    }
    uint8_t block[16];
    struct writer w = writer_over(block, sizeof block);
    printer_text(printer, &w, BYTES("a\xff\xc3z")); /* no UTF-8: printed as it can be */
    assert_hex(&w, "613f3f7a");
    w = writer_over(block, sizeof block);
    printer_text(printer, &w, BYTES("a\x1bp\x1d\n\x7f")); /* a name that would open the drawer */
    assert_hex(&w, "612070202020");
    printer_close(printer);
    vector_file_end(root);
}

static struct payment widest(void)
{
    return (struct payment){
        .key = {"10000017", 999999, 999999},
        .type = PAYMENT_SALE,
        .state = PAYMENT_APPROVED,
        .means = PAYMENT_CARD,
        .entry = PAYMENT_ENTRY_SWIPE,
        .mid = "898290058120001",
        .operator_id = "01",
        .amount_minor = MONEY_FIELD_MAX,
        .currency = CURRENCY_CNY,
        .pan_masked = "622209*********6620",
        .card_sequence = "001",
        .issuer = "一二三四五六七八",
        .response_code = "00",
        .rrn = "042512000345",
        .auth_code = "A1B2C3",
    };
}

/* No line is wider than the paper, whatever is on it, in UTF-8 columns and in printer bytes. */
static void test_no_overflow(void **state)
{
    (void)state;
    size_t codes;
    const struct response_code *table = response_code_table(&codes);
    struct printer *printer;
    assert_int_equal(printer_open(&printer).code, ERR_OK);
    for (size_t i = 0; i < codes * 4; i++) {
        struct payment p = widest();
        struct receipt receipt;
        struct receipt_context context = {
            .merchant_name = "虹桥小馆一二三四五六七八九十一二三四五六(示例)HONGQIAO",
            .copy = i % 2 ? RECEIPT_MERCHANT_COPY : RECEIPT_CARDHOLDER_COPY,
            .reprint = i % 3 == 0,
            .declined = !response_approved(table[i / 4].code),
            .local_ms = INT64_C(4102444800000),
            .columns = i % 7 < 3 ? RECEIPT_COLUMNS : RECEIPT_COLUMNS_WIDE};
        memcpy(p.response_code, table[i / 4].code, 3);
        if (i % 4 > 1) {
            p.means = PAYMENT_CODE;
            p.entry = PAYMENT_ENTRY_CODE;
        }
        p.pin_entered = i % 5 == 0;
        assert_int_equal(receipt_make(&p, &context, &receipt).code, ERR_OK);
        for (size_t line = 0; line < receipt.count; line++) {
            uint8_t block[256];
            struct writer w = writer_over(block, sizeof block);
            printer_text(printer, &w, bytes_text(receipt.line[line].text));
            assert_true(receipt_columns(receipt.line[line].text) <= receipt.columns);
            assert_true(w.len <= receipt.columns); /* two bytes for two columns */
        }
    }
    printer_close(printer);
}

static void test_printed_receipt(void **state)
{
    (void)state;
    static uint8_t block[8192], picture[256 * 1024];
    struct writer w = writer_over(block, sizeof block), png = writer_over(picture, sizeof picture);
    struct payment p = widest();
    struct receipt receipt;
    struct receipt_context context = {.merchant_name = "虹桥小馆(示例)"};
    struct printer *printer;
    assert_int_equal(receipt_make(&p, &context, &receipt).code, ERR_OK);
    assert_int_equal(printer_open(&printer).code, ERR_OK);
    printer_receipt(printer, &receipt, &w);
    static const uint8_t head[] = {0x1b, '@', 0x1c, '&', 0x1b, 'a', 1};
    static const uint8_t tail[] = {0x1b, 'd', 4, 0x1d, 'V', 0x42, 0};
    assert_memory_equal(block, head, sizeof head);
    assert_memory_equal(block + w.len - sizeof tail, tail, sizeof tail);
    printer_close(printer);

    assert_int_equal(picture_receipt(&receipt, &png).code, ERR_OK);
    assert_memory_equal(picture, "\x89PNG", 4);
    png = writer_over(picture, 1000);
    assert_int_equal(picture_receipt(&receipt, &png).code, ERR_FULL);
}

/* To the program that draws and back: the same lines, and nothing but whole ones. */
static void test_sheet(void **state)
{
    (void)state;
    static uint8_t block[SHEET_MAX + 1];
    static struct receipt receipt, read;
    struct writer w = writer_over(block, SHEET_MAX);
    struct payment p = widest();
    struct receipt_context context = {.merchant_name = "虹桥小馆(示例)"};
    assert_int_equal(receipt_make(&p, &context, &receipt).code, ERR_OK);
    sheet_write(&receipt, &w);
    assert_int_equal(w.fault, ERR_OK);
    assert_int_equal(sheet_read(writer_view(&w), &read).code, ERR_OK);
    assert_int_equal(read.count, receipt.count);
    assert_int_equal(read.columns, receipt.columns);
    for (size_t i = 0; i < read.count; i++) {
        assert_int_equal(read.line[i].style, receipt.line[i].style);
        assert_string_equal(read.line[i].text, receipt.line[i].text);
    }
    assert_int_equal(sheet_read(bytes_of(block, w.len - 1), &read).code, ERR_SHORT);
    assert_int_equal(sheet_read(BYTES("\x20\x04\x00"), &read).code, ERR_RANGE);
    assert_int_equal(sheet_read(BYTES("\x20\x00"), &read).code, ERR_SHORT);
    assert_int_equal(sheet_read(BYTES("\x21"), &read).code, ERR_RANGE); /* no such paper */
    assert_int_equal(sheet_read(BYTES(""), &read).code, ERR_SHORT);
    memset(block, 0, sizeof block);
    block[0] = RECEIPT_COLUMNS_WIDE;
    assert_int_equal(sheet_read(bytes_of(block, 1 + 2 * RECEIPT_LINES), &read).code, ERR_OK);
    assert_int_equal(read.columns, RECEIPT_COLUMNS_WIDE);
    assert_int_equal(sheet_read(bytes_of(block, 3 + 2 * RECEIPT_LINES), &read).code, ERR_LENGTH);
    block[2] = RECEIPT_LINE_BYTES;
    assert_true(FAILED(sheet_read(bytes_of(block, 3 + RECEIPT_LINE_BYTES), &read)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_and_names),
        cmocka_unit_test(test_spoken_amounts),
        cmocka_unit_test(test_spoken_means_the_amount),
        cmocka_unit_test(test_wav),
        cmocka_unit_test(test_escpos_receipt),
        cmocka_unit_test(published_commands),
        cmocka_unit_test(published_symbols),
        cmocka_unit_test(test_gb18030),
        cmocka_unit_test(test_no_overflow),
        cmocka_unit_test(test_printed_receipt),
        cmocka_unit_test(test_sheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
