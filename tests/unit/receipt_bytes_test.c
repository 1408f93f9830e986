/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slips of all kinds as the bytes that a printer gets, compared with golden files byte for byte,
 * and what is true of every one of them: nothing is wider than its paper, no card number is whole,
 * names and amounts at their longest are all there. S65 S102 S107 S175 S180
 *
 * A golden file is made from the bytes alone, by a reader of ESC/POS that stands here: a line of
 * paper is |as it reads| and its bytes, a command its bytes and its name. TERMINAL_GOLDEN=write
 * writes the files anew; then read the difference with care.
 */
#include "tests/unit/receipt_kinds.h"

#include <iconv.h>

#include "lib/base/mask.h"
#include "lib/base/reader.h"
#include "terminal/device/printer.h"

/* ---- bytes of a printer, as a person can read them ---- */

static const struct {
    const char *name;
    uint8_t at[4];
    size_t len;      /* of what is compared */
    size_t argument; /* bytes that follow */
} commands[] = {
    {"reset", {0x1b, '@'}, 2, 0},          {"Chinese characters on", {0x1c, '&'}, 2, 0},
    {"left", {0x1b, 'a', 0}, 3, 0},        {"centre", {0x1b, 'a', 1}, 3, 0},
    {"bold on", {0x1b, 'E', 1}, 3, 0},     {"bold off", {0x1b, 'E', 0}, 3, 0},
    {"feed, lines", {0x1b, 'd'}, 2, 1},    {"partial cut", {0x1d, 'V', 0x42, 0}, 4, 0},
    {"raster", {0x1d, 'v', '0', 0}, 4, 4},
};

/* Back to UTF-8, as the printer's font has it. */
static void read_gb18030(struct bytes line, char *out, size_t room)
{
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    assert_true(cd != (iconv_t)-1);
    char *from = (char *)(uintptr_t)line.at;
    size_t left = line.len, free_bytes = room - 1;
    assert_true(iconv(cd, &from, &left, &out, &free_bytes) != (size_t)-1);
    *out = '\0';
    iconv_close(cd);
}

static void dump_line(struct writer *w, struct bytes line, unsigned columns)
{
    char text[256];
    read_gb18030(line, text, sizeof text);
    size_t used = receipt_columns(text);
    assert_true(used <= columns);
    assert_true(line.len <= columns); /* a byte a column is what such a printer counts */
    write_format(w, "|%s%*s| ", text, (int)(columns - used), "");
    write_hex(w, line);
    write_bytes(w, BYTES("0a\n"));
}

/* Rows of dots; those that are alike are counted. */
static void dump_raster(struct writer *w, struct reader *r, struct bytes size)
{
    size_t row = size.at[0] | (size_t)size.at[1] << 8, rows = size.at[2] | (size_t)size.at[3] << 8;
    struct bytes last = {0};
    size_t alike = 0;
    for (size_t i = 0; i <= rows; i++) {
        struct bytes dots = {0};
        if (i < rows) dots = read_bytes(r, row);
        if (i > 0 && i < rows && bytes_equal(dots, last)) {
            alike++;
            continue;
        }
        if (i > 0) {
            write_format(w, "  %zu x ", alike + 1);
            write_hex(w, last);
            write_bytes(w, BYTES("\n"));
        }
        last = dots;
        alike = 0;
    }
}

/* One command, or false: what follows is text. */
static bool dump_command(struct writer *w, struct reader *r)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct bytes known = bytes_of(commands[i].at, commands[i].len);
        if (r->left.len < known.len || !bytes_equal(bytes_of(r->left.at, known.len), known))
            continue;
        struct bytes all = read_bytes(r, known.len + commands[i].argument);
        write_hex(w, all);
        write_format(w, " %s\n", commands[i].name);
        if (commands[i].argument == 4)
            dump_raster(w, r, bytes_of(all.at + known.len, all.len - known.len));
        return true;
    }
    return false;
}

static void dump(struct writer *w, struct bytes printed, unsigned columns)
{
    struct reader r = reader_over(printed);
    while (r.left.len > 0) {
        if (dump_command(w, &r)) continue;
        const uint8_t *end = memchr(r.left.at, '\n', r.left.len);
        if (end == NULL || *r.left.at < 0x20) { /* a command that no receipt has, or half a line */
            assert_int_equal(*r.left.at, '\n');
            assert_non_null(end);
        }
        dump_line(w, read_bytes(&r, (size_t)(end - r.left.at)), columns);
        (void)read_bytes(&r, 1);
    }
    assert_int_equal(reader_finish(&r).code, ERR_OK);
}

/* ---- against the golden files ---- */

struct comparison {
    struct printer *printer;
    char group[64];
    uint8_t text[GOLDEN_MAX];
    struct writer made;
    size_t groups, differ;
};

static void compare_group(struct comparison *c)
{
    if (c->group[0] == '\0') return;
    assert_int_equal(c->made.fault, ERR_OK);
    struct bytes wanted = golden_text(c->group, "bytes", writer_view(&c->made));
    size_t same = 0, from;
    while (same < wanted.len && same < c->made.len && wanted.at[same] == c->text[same]) same++;
    c->groups++;
    if (same == wanted.len && same == c->made.len) return;
    for (from = same; from > 0 && c->text[from - 1] != '\n';) from--;
    print_error("%s.bytes differs:\n-%.*s\n+%.*s\n", c->group,
                (int)strcspn((const char *)wanted.at + from, "\n"), (const char *)wanted.at + from,
                (int)strcspn((const char *)c->text + from, "\n"), (const char *)c->text + from);
    c->differ++;
}

static void compare_slip(const struct slip *slip, void *context)
{
    static uint8_t printed[32 * 1024];
    struct comparison *c = context;
    struct writer w = writer_over(printed, sizeof printed);
    if (strcmp(slip->group, c->group) != 0) {
        compare_group(c);
        snprintf(c->group, sizeof c->group, "%s", slip->group);
        memset(c->text, 0, sizeof c->text);
        c->made = writer_over(c->text, sizeof c->text - 1);
    }
    printer_receipt(c->printer, &slip->receipt, &w);
    assert_int_equal(w.fault, ERR_OK);
    golden_heading(&c->made, slip);
    dump(&c->made, writer_view(&w), slip->receipt.columns);
}

static void bytes_are_those_of_the_golden_files(void **state)
{
    (void)state;
    static struct comparison c;
    assert_int_equal(printer_open(&c.printer).code, ERR_OK);
    slips_each(compare_slip, &c);
    compare_group(&c);
    printer_close(c.printer);
    assert_int_equal(c.differ, 0);
    golden_count_is("bytes", c.groups);
}

/* ---- that they are all ---- */

/* The text of a file of the tree, with a NUL behind it. */
static const char *source(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(out, 1, size - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_true(len < size - 1);
    out[len] = '\0';
    return out;
}

/*
 * Kinds of payment come from payment_kinds(). What else makes a slip another one is named in
 * headers: each such name is one that receipt_kinds.h speaks of. A new sheet, report, mark or way
 * to read a card fails here until it has slips there, and these need golden files.
 */
static void every_name_of_the_headers_has_slips(void **state)
{
    (void)state;
    static const struct {
        const char *header, *from, *to; /* a part of it */
        const char *before;             /* what stands before each name */
        size_t least;
    } names[] = {
        {"payment/receipt.h", "struct receipt_context {", "};", "    bool ", 4},
        {"payment/receipt.h", "enum receipt_report_kind {", "}", " RECEIPT_REPORT_", 3},
        {"payment/receipt.h", "err receipt_make", "", "MUST_USE err ", 4},
        {"payment/settlement.h", "enum payment_settle_flag {", "};", " PAYMENT_SETTLE_", 4},
        {"payment/payment.h", "enum payment_entry {", "};", " PAYMENT_ENTRY_", 8},
    };
    static char header[64 << 10], kinds[64 << 10];
    (void)source("tests/unit/receipt_kinds.h", kinds, sizeof kinds);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t seen = 0;
        char *at = strstr(source(names[i].header, header, sizeof header), names[i].from);
        assert_non_null(at);
        char *end = names[i].to[0] != '\0' ? strstr(at, names[i].to) : NULL;
        if (end != NULL) *end = '\0';
        while ((at = strstr(at, names[i].before)) != NULL) {
            char name[64];
            bool call = names[i].before[0] == 'M', constant = names[i].before[1] != ' ' && !call;
            at += constant ? 1 : strlen(names[i].before);
            size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
            snprintf(name, sizeof name, "%s%.*s%s", call || constant ? "" : ".", (int)len, at,
                     call ? "(" : "");
            if (strstr(kinds, name) == NULL) print_error("no slip has %s\n", name);
            assert_non_null(strstr(kinds, name));
            seen++;
        }
        assert_true(seen >= names[i].least);
    }
}

/* ---- what is true of all of them ---- */

static void slip_is_sound(const struct slip *slip, void *context)
{
    const struct receipt *r = &slip->receipt;
    size_t *seen = context;
    for (size_t i = 0; i < r->count; i++) {
        uint8_t masked[RECEIPT_LINE_BYTES];
        struct bytes text = bytes_text(r->line[i].text);
        assert_true(receipt_columns(r->line[i].text) <= r->columns);
        assert_false(mask_cards(text, masked));
        if (r->line[i].style == RECEIPT_RULE)
            assert_int_equal(receipt_columns(r->line[i].text), r->columns);
    }
    ++*seen;
}

static void every_slip_fits_and_hides_the_card(void **state)
{
    (void)state;
    static struct receipt r;
    uint8_t masked[RECEIPT_LINE_BYTES];
    size_t seen = 0, count;
    slips_each(slip_is_sound, &seen);
    (void)payment_kinds(&count);
    assert_true(seen > 4 * count);
    /* The search finds a number that is not masked. */
    struct payment p = slip_payment(PAYMENT_SALE, PAYMENT_CARD);
    memcpy(p.pan_masked, "6200000000000005", 17);
    struct receipt_context context = {.merchant_name = SLIP_NAME};
    assert_int_equal(receipt_make(&p, &context, &r).code, ERR_OK);
    size_t found = 0;
    for (size_t i = 0; i < r.count; i++) found += mask_cards(bytes_text(r.line[i].text), masked);
    assert_int_equal(found, 1);
}

/* The lines of the name, put together again, are the name. */
static size_t name_stands_on(const struct receipt *r, const char *name)
{
    char all[4 * RECEIPT_LINE_BYTES] = "";
    size_t len = 0, lines = 0;
    for (size_t i = 0; i < r->count; i++) {
        const char *text = r->line[i].text;
        if (strncmp(text, "  ", 2) != 0 || strstr(name, text + 2) == NULL) continue;
        len += (size_t)snprintf(all + len, sizeof all - len, "%s", text + 2);
        if (name[len] == ' ') all[len++] = ' '; /* a line does not begin with one */
        lines++;
    }
    assert_string_equal(all, name);
    return lines;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), of = strlen(end);
    return len >= of && strcmp(text + len - of, end) == 0;
}

/* Of every kind there is, by every means, with each field as long as it can be. */
static void names_and_amounts_at_their_longest(void **state)
{
    (void)state;
    static struct receipt r;
    size_t count, made = 0;
    const struct payment_kind *kinds = payment_kinds(&count);
    for (size_t i = 0; i < 4 * (count + ARRAY_LEN(slip_cash)); i++) {
        size_t k = i / 4;
        enum payment_type type = k < count ? kinds[k].type : slip_cash[k - count];
        if (!payment_moves(type)) continue;
        struct payment p = slip_longest(type, k < count ? kinds[k].means : PAYMENT_CASH);
        struct receipt_context context = {.merchant_name = SLIP_NAME_LONGEST,
                                          .copy = i % 2 ? RECEIPT_CARDHOLDER_COPY
                                                        : RECEIPT_MERCHANT_COPY,
                                          .reprint = true,
                                          .training = true,
                                          .local_ms = INT64_C(4102444800000),
                                          .columns = slip_papers[i / 2 % 2]};
        assert_int_equal(receipt_make(&p, &context, &r).code, ERR_OK);
        bool gives = payment_returns(type);
        size_t amounts = 0;
        for (size_t line = 0; line < r.count; line++) {
            assert_true(receipt_columns(r.line[line].text) <= r.columns);
            if (r.line[line].style != RECEIPT_STRONG) continue;
            amounts += ends_with(r.line[line].text, gives ? " -9999999999.99" : " 9999999999.99");
        }
        assert_int_equal(amounts, 1);
        assert_int_equal(name_stands_on(&r, SLIP_NAME_LONGEST), 2);
        made++;
    }
    assert_int_equal(made, 4 * (count - 1 + ARRAY_LEN(slip_cash))); /* all but the inquiry */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_golden_files),
        cmocka_unit_test(every_name_of_the_headers_has_slips),
        cmocka_unit_test(every_slip_fits_and_hides_the_card),
        cmocka_unit_test(names_and_amounts_at_their_longest),
    };
    return cmocka_run_group_tests_name("receipt_bytes", tests, NULL, NULL);
}
