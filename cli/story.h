/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the chapters of the demo's story share. */

#include "cli/console.h"
#include "cli/page.h"
#include "cli/stage.h"
#include "lib/auth/policy.h"

enum { STORY_SCREEN_MS = 10000, STORY_PASSWORD = 12, STORY_BLOCK = 256 << 10 };

struct story {
    struct stage *stage;
    struct page *page;
    unsigned step;
    bool quiet;          /* nothing is told: it is walked for another purpose */
    char own[16];        /* the password that the cashier chooses */
    char supervisor[16]; /* the last one that the supervisor chooses */
    char pin[16], pan[24];
    int64_t charged_minor; /* to cards, so far */
    char reference[13];    /* of the sale by code */
    char voucher[7];       /* of the sale that is voided */
    uint8_t *block;        /* for whatever comes; STORY_BLOCK bytes */
};

/* Prints the next step: what was done, and what that proves. */
void story_proved(struct story *s, const char *what, const char *proof);

/* Asks the tray of the simulators. */
MUST_USE err story_ask_tray(struct story *s, const char *question, struct json_document *ret);

/* What cards have been charged, and telephones by whatever wallet, less what went back. */
MUST_USE err story_charged(struct story *s, int64_t *ret_cards, int64_t *ret_wallets);

/* Waits until the ledger has followed the journal. Errors: TIMEOUT. */
MUST_USE err story_ledger(struct story *s);

/* Twelve digits that this role may have as a password. */
void story_choose_password(enum policy_role role, char out[static STORY_PASSWORD + 1]);

/* From the main screen to a card that is awaited for this amount, as it is typed. */
MUST_USE err story_begin_sale(struct story *s, const char *amount);

/* From a terminal that has started to its main screen: a cashier logged in and signed in. */
MUST_USE err story_first_day(struct story *s);

/* demo_after.c: the last `digits` of a line of the newest payment, with a NUL; from the main screen
 * and back to it. */
MUST_USE err story_newest(struct story *s, const char *line, char *out, size_t digits);
/* Void and refund: begins and ends with nobody logged in. */
MUST_USE err story_after(struct story *s);

/* demo_chips.c */
MUST_USE err story_chips(struct story *s);

/* A chip card is brought ("insert", "tap"), or taken away ("remove", without a name). */
MUST_USE err story_hand(struct story *s, const char *how, const char *card);

/* Whether there is a reader to put chip cards into; where there is none, the story says why. */
MUST_USE err story_has_reader(struct story *s, bool *ret_there);

/* From how a payment ended to the main screen. */
MUST_USE err story_back_to_menu(struct story *s);

/* demo_update.c: with somebody logged in who may roll out. */
MUST_USE err story_update(struct story *s, struct console *chief);

/* demo_recovery.c: passwords that were forgotten. Each begins and ends with nobody logged in. */
MUST_USE err story_log_out(struct story *s);
MUST_USE err story_by_sms(struct story *s);
MUST_USE err story_by_mail(struct story *s);
MUST_USE err story_by_desk(struct story *s);
