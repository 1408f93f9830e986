/* SPDX-License-Identifier: Apache-2.0 */
/* TPDU and header: taken off, put on, turned round. */
#include "lib/iso8583/frame.h"

enum { TPDU_TRANSACTIONS = 0x60 };

static const uint8_t header_new[ISO8583_HEADER_SIZE] = {0x60, 0x31, 0x00, 0x31, 0x10, 0x00};

static bool packed_decimal(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] >> 4 > 9 || (at[i] & 15) > 9) return false;
    return true;
}

struct iso8583_frame_header iso8583_frame_header_new(uint16_t destination, uint16_t source)
{
    struct iso8583_frame_header h = {.tpdu = {TPDU_TRANSACTIONS, (uint8_t)(destination >> 8),
                                              (uint8_t)destination, (uint8_t)(source >> 8),
                                              (uint8_t)source}};
    ENSURE(packed_decimal(h.tpdu, sizeof h.tpdu));
    memcpy(h.header, header_new, sizeof h.header);
    return h;
}

err iso8583_frame_split(struct bytes frame, struct iso8583_frame_header *ret_header,
                        struct bytes *ret_message)
{
    struct reader r = reader_over(frame);
    struct bytes tpdu = read_bytes(&r, ISO8583_TPDU_SIZE);
    struct bytes header = read_bytes(&r, ISO8583_HEADER_SIZE);
    struct bytes message = read_rest(&r);
    TRY(reader_finish(&r));
    if (message.len == 0) return ERR(SHORT);
    if (tpdu.at[0] != TPDU_TRANSACTIONS) return ERR(FORMAT);
    if (!packed_decimal(tpdu.at, tpdu.len) || !packed_decimal(header.at, header.len))
        return ERR(DIGIT);

    memcpy(ret_header->tpdu, tpdu.at, sizeof ret_header->tpdu);
    memcpy(ret_header->header, header.at, sizeof ret_header->header);
    *ret_message = message;
    return OK;
}

void iso8583_frame_write(const struct iso8583_frame_header *header, struct writer *w)
{
    write_bytes(w, BYTES_OF(header->tpdu));
    write_bytes(w, BYTES_OF(header->header));
}

struct iso8583_frame_header iso8583_frame_reply(const struct iso8583_frame_header *header)
{
    struct iso8583_frame_header reply = *header;
    memcpy(reply.tpdu + 1, header->tpdu + 3, 2);
    memcpy(reply.tpdu + 3, header->tpdu + 1, 2);
    iso8583_frame_set_request(&reply, ISO8583_REQUEST_NONE);
    return reply;
}

unsigned iso8583_frame_request(const struct iso8583_frame_header *header)
{
    return header->header[2] & 15u;
}

void iso8583_frame_set_request(struct iso8583_frame_header *header, enum iso8583_request request)
{
    ENSURE((unsigned)request <= 9);
    header->header[2] = (uint8_t)((header->header[2] & 0xF0u) | (unsigned)request);
}
