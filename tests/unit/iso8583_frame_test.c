/* SPDX-License-Identifier: Apache-2.0 */
/* TPDU and header: split, turned round for a response, put on again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/iso8583/frame.h"

/* The start of a published sign-in: TPDU 6000030000, header 603100311001, then the message. */
static const uint8_t frame[] = {0x60, 0x00, 0x03, 0x00, 0x00, 0x60, 0x31,
                                0x00, 0x31, 0x10, 0x01, 0x08, 0x00};

static void splits_and_joins(void **state)
{
    (void)state;
    struct iso8583_frame_header h;
    struct bytes message;
    uint8_t block[sizeof frame];
    struct writer w = writer_over(block, sizeof block);

    assert_int_equal(iso8583_frame_split(BYTES_OF(frame), &h, &message).code, ERR_OK);
    assert_true(bytes_equal(message, BYTES("\x08\x00")));
    iso8583_frame_write(&h, &w);
    write_bytes(&w, message);
    assert_true(bytes_equal(writer_view(&w), BYTES_OF(frame)));
}

static void a_response_goes_back_where_it_came_from(void **state)
{
    (void)state;
    struct iso8583_frame_header h;
    struct bytes message;
    assert_int_equal(iso8583_frame_split(BYTES_OF(frame), &h, &message).code, ERR_OK);
    iso8583_frame_set_request(&h, ISO8583_REQUEST_SIGN_IN);
    assert_int_equal(iso8583_frame_request(&h), ISO8583_REQUEST_SIGN_IN);

    struct iso8583_frame_header reply = iso8583_frame_reply(&h);
    assert_memory_equal(reply.tpdu, "\x60\x00\x00\x00\x03", 5);
    assert_int_equal(iso8583_frame_request(&reply), ISO8583_REQUEST_NONE);
    assert_memory_equal(reply.header, frame + 5, 6);
    reply = iso8583_frame_reply(&reply);
    assert_memory_equal(reply.tpdu, frame, 5);
}

static void makes_a_new_one(void **state)
{
    (void)state;
    struct iso8583_frame_header h = iso8583_frame_header_new(0x0003, 0x0012);
    assert_memory_equal(h.tpdu, "\x60\x00\x03\x00\x12", 5);
    assert_int_equal(iso8583_frame_request(&h), ISO8583_REQUEST_NONE);
}

static void refuses_what_is_no_frame(void **state)
{
    (void)state;
    struct iso8583_frame_header h;
    struct bytes message;
    for (size_t len = 0; len < 12; len++)
        assert_int_equal(iso8583_frame_split(bytes_of(frame, len), &h, &message).code, ERR_SHORT);

    uint8_t bad[sizeof frame];
    memcpy(bad, frame, sizeof frame);
    bad[0] = 0x68;
    assert_int_equal(iso8583_frame_split(BYTES_OF(bad), &h, &message).code, ERR_FORMAT);
    for (size_t at = 1; at < 11; at++) {
        memcpy(bad, frame, sizeof frame);
        bad[at] = 0x0A;
        assert_int_equal(iso8583_frame_split(BYTES_OF(bad), &h, &message).code, ERR_DIGIT);
        bad[at] = 0xF0;
        assert_int_equal(iso8583_frame_split(BYTES_OF(bad), &h, &message).code, ERR_DIGIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_and_joins),
        cmocka_unit_test(a_response_goes_back_where_it_came_from),
        cmocka_unit_test(makes_a_new_one),
        cmocka_unit_test(refuses_what_is_no_frame),
    };
    return cmocka_run_group_tests_name("iso8583_frame", tests, NULL, NULL);
}
