/* SPDX-License-Identifier: Apache-2.0 */
/* The acquirer's commands as bytes: one written out by hand, what is malformed, and every cut. */
#include "lib/wire/acquirer_protocol.h"

#include "tests/unit/scratch.h"

static const uint8_t release[] = {
    1, 2, 0,   0,   0,   9,                                    /* version, command, id */
    0, 4, 'w', 'a', 'n', 'g',                                  /* actor */
    0, 0,                                                      /* mid */
    0, 2, 'o', 'k',                                            /* reason */
    0, 0, 0,   0,   0,   0,                                    /* evidence, appeal, reference */
    0, 0, 0,   0,   0,   0,   0, 0, 0, 0, 0, 0, 0, 0,    1, 4, /* amount, original */
    0, 0, 0,   0,   0,   0,   0, 0, 0, 0, 0, 0, 0, 0x9c, 1,    /* deadline, day, currency, way */
};

static void a_command_is_these_bytes(void **state)
{
    (void)state;
    uint8_t block[ACQUIRER_FRAME_MAX];
    const struct acquirer_request request = {
        .actor = BYTES("wang"), .reason = BYTES("ok"), .original = 260, .currency = 156, .way = 1};
    struct writer w = writer_over(block, sizeof block);
    acquirer_write_request(&w, (struct acquirer_header){ACQUIRER_RELEASE, 9}, &request);
    assert_true(bytes_equal(writer_view(&w), BYTES_OF(release)));

    struct reader r = reader_over(BYTES_OF(release));
    struct acquirer_header header;
    struct acquirer_request back;
    assert_ok(acquirer_read_header(&r, &header));
    assert_int_equal(header.command, ACQUIRER_RELEASE);
    assert_int_equal(header.id, 9);
    assert_ok(acquirer_read_request(&r, &back));
    assert_true(bytes_equal(back.actor, BYTES("wang")));
    assert_int_equal(back.original, 260);
    assert_int_equal(back.currency, 156);
    for (size_t cut = 6; cut < sizeof release; cut++) {
        r = reader_over(bytes_of(release, cut));
        assert_ok(acquirer_read_header(&r, &header));
        assert_true(FAILED(acquirer_read_request(&r, &back)));
    }
}

static void what_is_malformed_is_an_error(void **state)
{
    (void)state;
    uint8_t bytes[sizeof release + 1];
    struct acquirer_header header;
    struct acquirer_request back;
    memcpy(bytes, release, sizeof release);
    bytes[0] = 2;
    struct reader r = reader_over(bytes_of(bytes, sizeof release));
    assert_err(acquirer_read_header(&r, &header), UNSUPPORTED);
    memcpy(bytes, release, sizeof release);
    bytes[24] = 0x80; /* an amount below zero */
    r = reader_over(bytes_of(bytes, sizeof release));
    assert_ok(acquirer_read_header(&r, &header));
    assert_err(acquirer_read_request(&r, &back), RANGE);
    memcpy(bytes, release, sizeof release);
    bytes[sizeof release] = 0;
    r = reader_over(BYTES_OF(bytes));
    assert_ok(acquirer_read_header(&r, &header));
    assert_err(acquirer_read_request(&r, &back), TRAILING);
}

static void an_answer_comes_back(void **state)
{
    (void)state;
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct acquirer_answer answer = {7, 12345, 67, BYTES("reason")};
    acquirer_write_answer(&w, (struct acquirer_header){ACQUIRER_HOLD, 3}, ACQUIRER_INCOMPLETE,
                          &answer);
    struct acquirer_header header;
    enum acquirer_status status;
    struct acquirer_answer back;
    assert_ok(acquirer_read_answer(writer_view(&w), &header, &status, &back));
    assert_int_equal(header.id, 3);
    assert_int_equal(status, ACQUIRER_INCOMPLETE);
    assert_int_equal(back.number, 7);
    assert_int_equal(back.amount_minor, 12345);
    assert_int_equal(back.fee_minor, 67);
    assert_true(bytes_equal(back.detail, BYTES("reason")));
    for (size_t cut = 0; cut < w.len; cut++)
        assert_true(FAILED(acquirer_read_answer(bytes_of(block, cut), &header, &status, &back)));
    block[6] = ACQUIRER_STATUSES;
    assert_err(acquirer_read_answer(writer_view(&w), &header, &status, &back), RANGE);
    for (int i = 0; i < ACQUIRER_STATUSES; i++)
        assert_true(strlen(acquirer_status_text((enum acquirer_status)i)) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_these_bytes),
        cmocka_unit_test(what_is_malformed_is_an_error),
        cmocka_unit_test(an_answer_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
