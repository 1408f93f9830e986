/* SPDX-License-Identifier: Apache-2.0 */
/* Files of disputed payments: one sealed by somebody else, and every way to be refused. S108 */
#include "lib/crypto/crypto.h"
#include "payment/case_file.h"
#include "tests/unit/scratch.h"

#define HEAD "cases 1 card_network\n"
#define ROWS                                                                  \
    "CB-20260301-7 chargeback 600100000001 not_recognised 12800 2026-03-16\n" \
    "R_9 retrieval 600100000002 slip_wanted 1 2026-03-11\n"

static struct bytes sealed(const char *text, const char *count)
{
    static char block[1024];
    uint8_t digest[32];
    struct writer w = writer_over(block, sizeof block);
    write_format(&w, "%s", text);
    crypto_sha256(writer_view(&w), digest);
    write_format(&w, "end %s ", count);
    write_hex(&w, BYTES_OF(digest));
    write_format(&w, "\n");
    return writer_view(&w);
}

static err parse(struct bytes file, struct case_row rows[4], size_t *ret_count,
                 struct clearing_fault *fault)
{
    return case_file_parse(file, PAYMENT_ROUTE_CARD_NETWORK, crypto_sha256, rows, 4, ret_count,
                           fault);
}

static void cases_are_read(void **state)
{
    (void)state;
    struct case_row rows[4];
    struct clearing_fault fault;
    int32_t day;
    size_t count = 0;
    /* The digest is of Python's hashlib. */
    assert_ok(parse(
        BYTES(HEAD ROWS "end 2 4c9de06c2898a434c4cac1f9eab1fd571acd9df88dc62a870cbb2f64c96acbb6\n"),
        rows, &count, &fault));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].network_case, "CB-20260301-7");
    assert_true(rows[0].chargeback && !rows[1].chargeback);
    assert_string_equal(rows[0].rrn, "600100000001");
    assert_string_equal(rows[0].reason, "not_recognised");
    assert_int_equal(rows[0].amount_minor, 12800);
    assert_ok(clearing_day_parse(BYTES("2026-03-16"), &day));
    assert_int_equal(rows[0].deadline, day);
}

static void cut_or_altered_anywhere(void **state)
{
    (void)state;
    struct case_row rows[4];
    struct clearing_fault fault;
    size_t count = 77;
    uint8_t copy[1024];
    const struct bytes whole = sealed(HEAD ROWS, "2");
    for (size_t len = 0; len < whole.len; len++)
        assert_true(FAILED(parse(bytes_of(whole.at, len), rows, &count, &fault)));
    for (size_t at = 0; at < whole.len; at++) {
        memcpy(copy, whole.at, whole.len);
        copy[at] ^= 1;
        assert_true(FAILED(parse(bytes_of(copy, whole.len), rows, &count, &fault)));
    }
    assert_int_equal(count, 77);
}

static void refused_by_name(void **state)
{
    (void)state;
#define ROW(row) HEAD row "\n"
    static const struct {
        const char *text, *count, *why;
    } cases[] = {
        {"cases 1 wallet\n", "0", "another network"},
        {"cases 2 card_network\n", "0", "does not begin"},
        {HEAD ROWS, "1", "does not agree"},
        {ROW("A retrieval 600100000002 slip_wanted 1 2026-03-11 more"), "1", "no such words"},
        {ROW("A retrieval 600100000002 slip_wanted 1"), "1", "six words"},
        {ROW("A/B retrieval 600100000002 slip_wanted 1 2026-03-11"), "1", "a number"},
        {ROW("A question 600100000002 slip_wanted 1 2026-03-11"), "1", "retrieval or"},
        {ROW("A retrieval 60010000000 slip_wanted 1 2026-03-11"), "1", "twelve"},
        {ROW("A retrieval 600100000002 slip. 1 2026-03-11"), "1", "a reason"},
        {ROW("A retrieval 600100000002 slip_wanted 0 2026-03-11"), "1", "amount"},
        {ROW("A retrieval 600100000002 slip_wanted 1 2026-02-30"), "1", "deadline"},
        {HEAD "A retrieval 600100000002 slip_wanted 1 2026-03-11\n"
              "A retrieval 600100000003 slip_wanted 1 2026-03-11\n",
         "2", "twice"},
    };
    struct case_row rows[4];
    struct clearing_fault fault;
    size_t count;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        err e = parse(sealed(cases[i].text, cases[i].count), rows, &count, &fault);
        if (!FAILED(e) || strstr(fault.why, cases[i].why) == NULL)
            fail_msg("case %zu: %s, line %u: %s", i, err_name(e), fault.line, fault.why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_are_read),
        cmocka_unit_test(cut_or_altered_anywhere),
        cmocka_unit_test(refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
