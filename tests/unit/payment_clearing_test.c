/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clearing files: one whose digest somebody else has computed, written and read; and every way in
 * which one is refused whole, by name. S111
 */
#include "lib/crypto/crypto.h"
#include "payment/clearing.h"
#include "payment/kind.h"
#include "tests/unit/scratch.h"

/* The digest is of Python's hashlib. */
#define ROWS                                             \
    "C 600100000001 instalment credit 100000 482 1800\n" \
    "C 600100000003 refund credit 50000 241 900\n"       \
    "R 600100000004 sale debit 500 2 0\n"
#define HEAD   "clearing 2 card_network 2026-01-01 156\n"
#define DIGEST "4ab675799513c2d0cf64490a4a67bacbeae644c79197e0e8799e2fefc21070b6"
#define FILE_  HEAD ROWS "end 3 1 100000 1 50000 482 241 1800 900 " DIGEST "\n"

static struct clearing_head head(void)
{
    struct clearing_head h = {.network = PAYMENT_ROUTE_CARD_NETWORK, .currency = CURRENCY_CNY};
    assert_ok(clearing_day_parse(BYTES("2026-01-01"), &h.day));
    return h;
}

static err parse(struct bytes file, struct clearing_row rows[8], size_t *ret_count,
                 struct clearing_fault *fault)
{
    const struct clearing_head h = head();
    struct clearing_sums sums;
    return clearing_parse(file, &h, crypto_sha256, rows, 8, ret_count, &sums, fault);
}

static void written_and_read(void **state)
{
    (void)state;
    char text[1024], digest[2 * CLEARING_DIGEST_BYTES + 1];
    struct clearing_row rows[8];
    struct clearing_fault fault;
    struct clearing_sums sums = {0};
    size_t count = 0;
    const struct clearing_head h = head();
    assert_ok(parse(BYTES(FILE_), rows, &count, &fault));
    assert_int_equal(count, 3);
    assert_string_equal(rows[0].rrn, "600100000001");
    assert_true(rows[0].stands && rows[1].stands && !rows[2].stands);
    assert_int_equal(rows[1].type, PAYMENT_REFUND);
    assert_int_equal(rows[2].class, PAYMENT_CLASS_DEBIT);
    assert_int_equal(rows[0].amount_minor, 100000);
    assert_int_equal(rows[0].fee_minor, 482);
    assert_int_equal(rows[0].instalment_minor, 1800);
    assert_int_equal(rows[1].instalment_minor, 900);
    struct writer w = writer_over(text, sizeof text);
    clearing_write_head(&w, &h);
    for (size_t i = 0; i < count; i++) {
        clearing_write_row(&w, &rows[i]);
        assert_ok(clearing_add(&sums, &rows[i]));
    }
    clearing_write_end(&w, &sums, crypto_sha256);
    assert_true(bytes_equal(writer_view(&w), BYTES(FILE_)));
    clearing_file_digest(writer_view(&w), digest);
    assert_string_equal(digest, DIGEST);
    assert_true(clearing_rows_max(BYTES(FILE_)) >= count);
}

/* A file of version 1 is read still: it knows no instalments, and one sum of fees. */
static void the_first_version_is_read(void **state)
{
    (void)state;
    struct clearing_row rows[8];
    struct clearing_fault fault;
    struct clearing_sums sums;
    size_t count = 0;
    const struct clearing_head h = head();
    static const char file[] =
        "clearing 1 card_network 2026-01-01 156\n"
        "C 600100000001 sale debit 12800 49\n"
        "C 600100000003 refund debit 2800 0\n"
        "R 600100000004 sale credit 500 2\n"
        "end 3 1 12800 1 2800 49 21a2300250575ae167beea03d697e307699a1be491bab9415d2527e4f4e2d116\n";
    assert_ok(clearing_parse(bytes_text(file), &h, crypto_sha256, rows, 8, &count, &sums, &fault));
    assert_int_equal(count, 3);
    assert_int_equal(sums.version, 1);
    assert_int_equal(sums.fee_minor, 49);
    assert_int_equal(rows[0].instalment_minor, 0);
    assert_err(parse(BYTES("clearing 1 card_network 2026-01-01 156\n"
                           "C 600100000001 sale debit 12800 49 0\nend\n"),
                     rows, &count, &fault),
               FORMAT);
}

/* Whatever moves money at a network has a word in its file, and a class of card too. */
static void every_type_that_moves_money_is_written(void **state)
{
    (void)state;
    char text[4096];
    const struct clearing_head h = head();
    for (int type = PAYMENT_SALE; type < PAYMENT_TYPES; type++)
        for (int class = 0; class < PAYMENT_CLASSES; class ++) {
            enum payment_direction way = payment_type_row((enum payment_type)type)->direction;
            if (way != PAYMENT_TAKES && way != PAYMENT_GIVES) continue;
            struct clearing_row row = {.rrn = "600100000001",
                                       .stands = true,
                                       .type = (enum payment_type)type,
                                       .class = (enum payment_card_class) class,
                                       .amount_minor = 100},
                                rows[8];
            struct clearing_sums sums = {0};
            struct clearing_fault fault;
            size_t count = 0;
            struct writer w = writer_over(text, sizeof text);
            clearing_write_head(&w, &h);
            clearing_write_row(&w, &row);
            assert_ok(clearing_add(&sums, &row));
            clearing_write_end(&w, &sums, crypto_sha256);
            assert_ok(parse(writer_view(&w), rows, &count, &fault));
            assert_int_equal(rows[0].type, type);
            assert_int_equal(rows[0].class, class);
        }
}

/* A file that ends anywhere but at its end is refused; so is one with a byte altered anywhere. */
static void cut_or_altered_anywhere(void **state)
{
    (void)state;
    struct clearing_row rows[8];
    struct clearing_fault fault;
    size_t count = 77;
    const struct bytes whole = BYTES(FILE_);
    uint8_t copy[sizeof FILE_];
    for (size_t len = 0; len < whole.len; len++) {
        assert_true(FAILED(parse(bytes_of(whole.at, len), rows, &count, &fault)));
        assert_non_null(fault.why);
    }
    for (size_t at = 0; at < whole.len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(copy, whole.at, whole.len);
            copy[at] ^= (uint8_t)(1u << bit);
            assert_true(FAILED(parse(bytes_of(copy, whole.len), rows, &count, &fault)));
        }
    assert_int_equal(count, 77);
}

/* A file with a right end, whatever its rows say. */
static struct bytes sealed(const char *text, const char *sums)
{
    static char block[2048];
    uint8_t digest[32];
    struct writer w = writer_over(block, sizeof block);
    write_format(&w, "%s", text);
    crypto_sha256(writer_view(&w), digest);
    write_format(&w, "end %s ", sums);
    write_hex(&w, BYTES_OF(digest));
    write_format(&w, "\n");
    return writer_view(&w);
}

static void refused_by_name(void **state)
{
    (void)state;
#define ONE "C 600100000001 sale debit 100 1 0\n"
    static const struct {
        const char *text, *sums;
        uint32_t line;
        enum err_code code;
        const char *why;
    } cases[] = {
        {"clearing 1 card_network 2026-01-02 156\n", "0 0 0 0 0 0", 1, ERR_CONFLICT, "another day"},
        {"clearing 1 wallet 2026-01-01 156\n", "0 0 0 0 0 0", 1, ERR_CONFLICT, "another network"},
        {"clearing 1 card_network 2026-01-01 840\n", "0 0 0 0 0 0", 1, ERR_CONFLICT,
         "another currency"},
        {"clearing 3 card_network 2026-01-01 156\n", "0 0 0 0 0 0", 1, ERR_UNSUPPORTED,
         "another version"},
        {"clearing 1 card_network 2026-02-30 156\n", "0 0 0 0 0 0", 1, ERR_FORMAT, "first line"},
        {"payments 1 card_network 2026-01-01 156\n", "0 0 0 0 0 0", 1, ERR_FORMAT,
         "does not begin"},
        {HEAD ONE ONE, "2 2 200 0 0 2 0 0 0", 3, ERR_EXISTS, "twice"},
        {HEAD "C 600100000002 sale debit 100 1 0\n" ONE, "2 2 200 0 0 2 0 0 0", 3, ERR_FORMAT,
         "not in order"},
        {HEAD ONE, "2 1 100 0 0 1 0 0 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD ONE, "1 2 100 0 0 1 0 0 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD ONE, "1 1 101 0 0 1 0 0 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD ONE, "1 1 100 1 0 1 0 0 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD ONE, "1 1 100 0 5 1 0 0 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD ONE, "1 1 100 0 0 2 0 0 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD ONE, "1 1 100 0 0 1 1 0 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD ONE, "1 1 100 0 0 1 0 1 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD ONE, "1 1 100 0 0 1 0 0 1", 3, ERR_CORRUPT, "does not agree"},
        {HEAD "C 600100000001 sale debit 100 1\n", "0", 2, ERR_FORMAT, "six words"},
        {HEAD "C 600100000001 sale debit 100 1 101\n", "0", 2, ERR_FORMAT, "instalments"},
        {HEAD ONE, "01 1 100 0 0 1 0 0 0", 3, ERR_CORRUPT, "does not agree"},
        {HEAD "X 600100000001 sale debit 100 1 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "C or R"},
        {HEAD "C 60010000000 sale debit 100 1 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "twelve"},
        {HEAD "C 60010000000\x01 sale debit 100 1 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "capital"},
        {HEAD "C 600100000001 preauth debit 100 1 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT,
         "kind of payment"},
        {HEAD "C 600100000001 sale gold 100 1 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "kind of card"},
        {HEAD "C 600100000001 sale debit 0 0 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "amount"},
        {HEAD "C 600100000001 sale debit -1 0 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "amount"},
        {HEAD "C 600100000001 sale debit 1000000000000 0 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT,
         "amount"},
        {HEAD "C 600100000001 sale debit 100 101 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "fee"},
        {HEAD "C  600100000001 sale debit 100 1 0\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "one space"},
        {HEAD "\n", "0 0 0 0 0 0", 2, ERR_FORMAT, "one space"},
    };
    struct clearing_row rows[8];
    struct clearing_fault fault;
    size_t count;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        err e = parse(sealed(cases[i].text, cases[i].sums), rows, &count, &fault);
        if (e.code != cases[i].code || fault.line != cases[i].line ||
            strstr(fault.why, cases[i].why) == NULL)
            fail_msg("case %zu: %s, line %u: %s", i, err_name(e), fault.line, fault.why);
    }
    /* Twice the same file, one behind the other. */
    assert_err(parse(BYTES(FILE_ FILE_), rows, &count, &fault), CORRUPT);
    assert_string_equal(fault.why, "something stands behind its end");
    assert_err(parse(BYTES(HEAD ROWS), rows, &count, &fault), CORRUPT);
    assert_string_equal(fault.why, "it is cut short: it has no end");
    assert_err(parse((struct bytes){0}, rows, &count, &fault), CORRUPT);
}

/* A day ends at 23:00 in Beijing. */
static void days(void **state)
{
    (void)state;
    int32_t day, next;
    char text[11];
    assert_ok(clearing_day_parse(BYTES("2028-02-29"), &day));
    assert_ok(clearing_day_parse(BYTES("2028-03-01"), &next));
    assert_int_equal(next, day + 1);
    int64_t end_ms = (int64_t)day * 86400000 + INT64_C(15) * 3600000; /* 15:00 UTC */
    assert_int_equal(clearing_day(end_ms - 1), day);
    assert_int_equal(clearing_day(end_ms), day + 1);
    clearing_day_text(day, text);
    assert_string_equal(text, "2028-02-29");
    static const char *const bad[] = {"2027-02-29", "2028-13-01", "2028-00-01",
                                      "2028-01-00", "2028-1-01",  "2028/01/01",
                                      "20280101",   "1969-12-31", ""};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_true(FAILED(clearing_day_parse(bytes_text(bad[i]), &day)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read),
        cmocka_unit_test(the_first_version_is_read),
        cmocka_unit_test(every_type_that_moves_money_is_written),
        cmocka_unit_test(cut_or_altered_anywhere),
        cmocka_unit_test(refused_by_name),
        cmocka_unit_test(days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
