/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as TPDU, header and message: split and joined they are the same; two replies undo. */
#include "lib/iso8583/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t block[4096 + ISO8583_FRAME_HEADER_SIZE];
    struct iso8583_frame_header h;
    struct bytes message;
    if (size > 4096 || FAILED(iso8583_frame_split(bytes_of(data, size), &h, &message))) return 0;

    struct writer w = writer_over(block, sizeof block);
    iso8583_frame_write(&h, &w);
    write_bytes(&w, message);
    ENSURE(bytes_equal(writer_view(&w), bytes_of(data, size)));

    struct iso8583_frame_header reply = iso8583_frame_reply(&h), back = iso8583_frame_reply(&reply);
    ENSURE(memcmp(back.tpdu, h.tpdu, sizeof h.tpdu) == 0);
    ENSURE(iso8583_frame_request(&reply) == ISO8583_REQUEST_NONE);
    ENSURE(memcmp(reply.tpdu + 1, h.tpdu + 3, 2) == 0 &&
           memcmp(reply.tpdu + 3, h.tpdu + 1, 2) == 0);
    return 0;
}
