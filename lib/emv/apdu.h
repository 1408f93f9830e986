/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * apdu: one command to a card and its answer (ISO/IEC 7816-4; EMV Book 1, 9 and Book 3, 6).
 *
 * What T=0 makes of an answer is dealt with here and nowhere else: 61xx fetches the rest, 6Cxx
 * sends the same command once more with the length the card wants, and a warning (62xx, 63xx) on a
 * command that expects data fetches the data behind it (Book 1, annex A). A reader that speaks T=1
 * never shows these answers, and the same code serves it.
 */

#include "lib/base/bytes.h"

enum {
    EMV_COMMAND_MAX = 5 + 255 + 1,
    EMV_ANSWER_MAX = 256, /* data of one command, whatever it was fetched in */
    EMV_FOLLOW_UPS = 8,   /* 61xx and 6Cxx to one command: a card that goes on has a fault */
    EMV_SW_OK = 0x9000,
};

struct emv_apdu {
    uint8_t command[EMV_COMMAND_MAX];
    uint16_t command_len;
    bool expects;   /* data in the answer: the command ends with Le */
    bool corrected; /* Le was corrected once already */
    bool t0;
    uint8_t follow_ups;
    uint16_t warning; /* what the card said before its data was fetched; 0: nothing */
    uint16_t sw;
    uint16_t answer_len;
    uint8_t answer[EMV_ANSWER_MAX];
};

enum emv_apdu_state {
    EMV_APDU_DONE,  /* sw and answer are there */
    EMV_APDU_AGAIN, /* transmit emv_apdu_wire() again */
    EMV_APDU_BAD,   /* no answer of a card: shorter than a status, too long, or without an end */
};

/* A command with its data (may be empty, at most 255 bytes) and, when data is expected, Le 00. */
void emv_apdu_begin(struct emv_apdu *apdu, uint32_t header, struct bytes data, bool expects);

/* A command as an issuer wrote it, for scripts. FORMAT when it is none (lengths do not agree). */
MUST_USE err emv_apdu_begin_raw(struct emv_apdu *apdu, struct bytes command);

/* What goes to the card next. */
struct bytes emv_apdu_wire(const struct emv_apdu *apdu);

/* What the card answered: data and two bytes of status. */
enum emv_apdu_state emv_apdu_answer(struct emv_apdu *apdu, struct bytes answer);

/* Data of the answer; lives until the next command. */
static inline struct bytes emv_apdu_data(const struct emv_apdu *apdu)
{
    return bytes_of(apdu->answer, apdu->answer_len);
}

/* 9000, and the warnings that do not stop a script (Book 3, 10.10). */
static inline bool emv_sw_proceeds(uint16_t sw)
{
    return sw == EMV_SW_OK || sw >> 8 == 0x62 || sw >> 8 == 0x63;
}

/* Command and answer wiped: they may have held a PIN. */
void emv_apdu_wipe(struct emv_apdu *apdu);
