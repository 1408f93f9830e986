/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * card: a payment card as a state machine: commands in, answers out. No clock, no I/O; its random
 * numbers come from outside, so it can be made to repeat a transcript byte for byte.
 *
 *   without power -> powered -> selected -> begun (GPO) -> asked (ARQC) -> ended (TC or AAC)
 *
 * A command that is not for this state is answered 6985, as is a second GENERATE AC where there is
 * none to come. What outlives a transaction (transaction counter, tries left of the PIN, blocked
 * states, what scripts have changed) is in the struct and lives as long as it.
 *
 * After EMV Book 1 (12), Book 2 (5 to 9), Book 3 (6), and protocol facts 2.1 to 2.4. The meaning of
 * the bits of the card verification results follows the derived test card.
 */

#include "simulators/cards/issue.h"

enum {
    CHIP_ANSWER_MAX = 258,
    CHIP_COMMAND_MAX = 261,
    CHIP_CHALLENGE = 8,
    CHIP_STORED = 8, /* objects that PUT DATA has written */
    CHIP_STORED_BYTES = 8,
};

enum chip_interface { CHIP_CONTACT, CHIP_CONTACTLESS };

enum chip_state {
    CHIP_NO_POWER,
    CHIP_POWERED,
    CHIP_SELECTED,
    CHIP_BEGUN,
    CHIP_ASKED,
    CHIP_ENDED,
};

/* The first byte of cryptogram information data. */
enum chip_cryptogram { CHIP_AAC = 0x00, CHIP_TC = 0x40, CHIP_ARQC = 0x80 };

struct chip_stored {
    uint16_t tag;
    uint8_t len, value[CHIP_STORED_BYTES];
};

struct chip_card {
    const struct personality *is;
    struct crypto *crypto;
    struct random random;
    struct chip_issued issued;

    /* lasting */
    uint16_t atc, last_online_atc;
    uint8_t tries;
    bool application_blocked, card_blocked;
    bool consented; /* its owner has, to the next payment */
    struct chip_stored stored[CHIP_STORED];

    /* of one power-up */
    enum chip_state state;
    enum chip_interface interface;
    bool directory; /* the payment system environment is selected */
    bool challenged, authenticated, authentication_failed;
    bool pin_tried, pin_right, offline;
    uint8_t challenge[CHIP_CHALLENGE];
    uint8_t cvr[4]; /* with its length byte */
    uint8_t arqc[CRYPTOGRAM_BYTES];
    uint8_t dynamic_number[8];
    uint8_t signed_version[8]; /* 9F69 */
    size_t cdol1_len;
    uint8_t cdol1[80]; /* the data of the first GENERATE AC: CDA signs over it again */
    size_t pending_len;
    uint8_t pending[CHIP_ANSWER_MAX]; /* T=0: waits for GET RESPONSE */
};

/* Issues the card of a personality, or (identity not NULL) of somebody else. `crypto` outlives it.
 * Errors: as chip_issue(). */
MUST_USE err chip_card_make(struct crypto *crypto, struct random random,
                            const struct personality *personality,
                            const struct chip_identity *identity, int64_t now_ms,
                            struct chip_card *out);

void chip_card_power(struct chip_card *card, enum chip_interface interface, bool on);

/* Answers one command, status word included. `answer` has room for CHIP_ANSWER_MAX. Commands that
 * make no sense are answered like those of every fool: the card never fails. */
void chip_card_command(struct chip_card *card, struct bytes command, struct writer *answer);

/* What it says when it gets power: contact (T=0 or T=1), or as a reader makes it up. A view of a
 * constant. */
struct bytes chip_card_atr(const struct chip_card *card, enum chip_interface interface);
