/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What stands before the MTI on a POS link: TPDU and header. The two-byte length in front of them
 * belongs to lib/wire and is already gone here.
 *
 *   TPDU    5 bytes: 60, destination address (2), source address (2)
 *   header  6 bytes, twelve decimal digits: class (2), version (2), terminal status (1), processing
 *           request (1), sub-version (6)
 *
 * Both ends send a message addressed to the other, so a response has the addresses swapped.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    ISO8583_TPDU_SIZE = 5,
    ISO8583_HEADER_SIZE = 6,
    ISO8583_FRAME_HEADER_SIZE = ISO8583_TPDU_SIZE + ISO8583_HEADER_SIZE,
};

/* Digit 6 of the header: what the host asks the terminal to do after this payment. */
enum iso8583_request {
    ISO8583_REQUEST_NONE = 0,
    ISO8583_REQUEST_PARAMETERS = 1,
    ISO8583_REQUEST_STATUS = 2,
    ISO8583_REQUEST_SIGN_IN = 3,
    ISO8583_REQUEST_CA_KEYS = 4,
    ISO8583_REQUEST_CHIP_PARAMETERS = 5,
    ISO8583_REQUEST_TMS = 6,
    ISO8583_REQUEST_BLACKLIST = 7,
};

struct iso8583_frame_header {
    uint8_t tpdu[ISO8583_TPDU_SIZE];
    uint8_t header[ISO8583_HEADER_SIZE];
};

/* TPDU 60 with these addresses (four decimal digits each, as printed: 0x0003) and header
 * 6031003110 10. */
struct iso8583_frame_header iso8583_frame_header_new(uint16_t destination, uint16_t source);

/*
 * Takes TPDU and header off; `ret_message` is the rest, a view from the MTI on, at least one byte.
 * Errors: SHORT, FORMAT (the TPDU does not begin with 60), DIGIT (address or header not decimal).
 */
MUST_USE err iso8583_frame_split(struct bytes frame, struct iso8583_frame_header *ret_header,
                                 struct bytes *ret_message);

/* Appends TPDU and header; the message is then encoded behind them. */
void iso8583_frame_write(const struct iso8583_frame_header *header, struct writer *w);

/* The header to answer with: addresses swapped, the rest as it came, no processing request. */
struct iso8583_frame_header iso8583_frame_reply(const struct iso8583_frame_header *header);

unsigned iso8583_frame_request(const struct iso8583_frame_header *header);
void iso8583_frame_set_request(struct iso8583_frame_header *header, enum iso8583_request request);
