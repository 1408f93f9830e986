/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* vault_protocol_chip: what vault and terminal say of chip cards. The frame is vault_protocol.h's.
 */

#include "lib/wire/vault_protocol.h"

/*
 * How far a chip card is (CHIP_POLL). The kernel runs in the vault; the terminal asks until it
 * wants something of a person or of the host, and answers with CHIP_ANSWER.
 */
enum vault_chip_state {
    VAULT_CHIP_WORKING = 0,  /* ask again */
    VAULT_CHIP_CHOOSE = 1,   /* several applications: `labels` */
    VAULT_CHIP_PIN = 2,      /* a PIN entry, then CHIP_ANSWER with PIN */
    VAULT_CHIP_DOCUMENT = 3, /* the cashier looks at a document */
    VAULT_CHIP_ONLINE = 4,   /* field 55 is ready: send the payment */
    VAULT_CHIP_DONE = 5,     /* `result` */
};

/*
 * With this way in CARD_ARM the vault says by one notice after each CARD_POLL, CHIP_POLL and
 * CHIP_ANSWER that a chip has got further than it said there. Whoever does not ask for it polls.
 */
enum { VAULT_WAY_NOTICE = 8, VAULT_NOTICE = 0 /* in the place of a command */ };

/* A notice as its frame, version(1) NOTICE(1) OK(1): all that a vault says without being asked. */
extern const struct bytes vault_notice;

enum vault_chip_result {
    VAULT_CHIP_APPROVED =
        0, /* by host and card; by the card alone when 8A in field 55 is Y1 or Y3 */
    VAULT_CHIP_DECLINED = 1,
    VAULT_CHIP_FAILED = 2, /* the card could not be used; nothing was decided */
};

/* Why it did not end well, as far as a person can do something about it. */
enum vault_chip_reason {
    VAULT_CHIP_NO_REASON = 0,
    VAULT_CHIP_REMOVED = 1,
    VAULT_CHIP_SILENT = 2,
    VAULT_CHIP_CANCELLED = 3,
    VAULT_CHIP_BLOCKED = 4,
    VAULT_CHIP_NOT_TAKEN = 5, /* no application of this terminal's parameters */
    VAULT_CHIP_BAD = 6,       /* what the card says cannot be right */
    VAULT_CHIP_REFUSES = 7,   /* the card's or the terminal's own rules */
    VAULT_CHIP_UNPLUGGED = 8, /* the reader is gone */
    VAULT_CHIP_NO_PARAMETERS = 9,
    VAULT_CHIP_INSERT = 10, /* not by tap: insert it */
    VAULT_CHIP_TAP_AGAIN = 11,
    VAULT_CHIP_SEE_PHONE = 12, /* the customer confirms on his device, then taps again */
    VAULT_CHIP_NO_HOST = 13,   /* neither card nor terminal may decide this without the host */
};

enum {
    VAULT_CHIP_LABELS_MAX = 16,
    VAULT_CHIP_LABEL_MAX = 16, /* characters of an application's name (EMV Book 1, table 43) */
    VAULT_CHIP_FIELD_MAX = 255,
};

struct vault_chip {
    uint8_t state; /* enum vault_chip_state */
    uint8_t entry; /* as in field 22: 5 chip, 7 contactless */
    /* CHOOSE */
    uint8_t labels;
    struct bytes label[VAULT_CHIP_LABELS_MAX];
    /* PIN */
    uint8_t pin_offline; /* 1: the card checks it; 0: it travels to the issuer */
    uint8_t pin_tries;   /* left on the card; 255: it does not say */
    uint8_t pin_again;   /* 1: the last one was wrong */
    uint8_t pin_bypass;  /* 1: the cardholder may go on without */
    /* ONLINE and DONE, and from the PIN on */
    struct bytes pan_masked, card_sequence;
    uint8_t pin_entered;    /* 1: PIN_BLOCK has one for the issuer */
    struct bytes field55;   /* ONLINE: for the request; DONE: as it ended, for store and reversal */
    struct bytes name, aid; /* of the application, for the slip */
    /* DONE */
    uint8_t result, reason; /* enums above */
    uint8_t fallback;       /* 1: counts as an unreadable chip; after the third a swipe is taken */
    uint8_t again;          /* 1: nothing has happened; the card may be tried again */
    uint8_t reverse;        /* 1: the host was asked, and the payment did not end approved */
    uint8_t signature;      /* 1: the cardholder signs */
};

enum vault_chip_answer_kind {
    VAULT_CHIP_IS_CHOSEN = 1, /* `index` */
    VAULT_CHIP_IS_CANCELLED = 2,
    VAULT_CHIP_IS_PIN = 3, /* the finished PIN entry; consumed when the card checks it */
    VAULT_CHIP_IS_BYPASSED = 4,
    VAULT_CHIP_IS_SEEN = 5,    /* the document; `index` 1: it is his */
    VAULT_CHIP_IS_HOST = 6,    /* `response_code`, `field55` */
    VAULT_CHIP_IS_OFFLINE = 7, /* no answer of the host */
};

struct vault_chip_answer {
    uint8_t kind, index;
    struct bytes response_code, field55;
};

/* What the terminal knows of its host, and whether a card may approve this payment without it. */
enum vault_host {
    VAULT_HOST_ALWAYS = 0, /* it may not */
    VAULT_HOST_FIRST = 1,  /* it may, when the host that is there now cannot be reached then */
    VAULT_HOST_AWAY = 2,   /* it may: the host cannot be reached */
};

/*
 * What is to be paid, before a card is shown (DV-15). The vault seals it for its page, which shows
 * it beside a sign that only the vault can light, and binds it into the card data: an envelope for
 * another amount is refused here, and a message with another amount at the hsm.
 */
struct vault_card_arm {
    uint64_t amount_minor; /* up to twelve digits; 0 is an inquiry, and host ALWAYS */
    uint16_t currency;     /* ISO 4217 numeric */
    uint8_t language;      /* in which the merchant is named */
    uint8_t ways;          /* bits of enum vault_card_way */
    uint8_t host;          /* enum vault_host */
};

void vault_write_card_arm(struct writer *w, const struct vault_card_arm *m);
MUST_USE err vault_read_card_arm(struct reader *r, struct vault_card_arm *out);

/*
 * Card data of a payment that its card has approved by itself, from the approval to the delivery:
 * sealed for this device, and bound to the payment that is named with it. The vault keeps nothing;
 * the terminal keeps it in the row of the payment.
 *
 *   CARD_HOLD         envelope            the card data, sealed, at most HELD_MAX bytes;
 * NOT_ALLOWED unless the card has approved this amount without a host HELD_ENVELOPE     held
 * envelope, under the working keys of now; NOT_ALLOWED when it does not open for this payment
 */
enum { VAULT_HELD_MAX = 192 };

/* HELD_ENVELOPE: the payment, and what CARD_HOLD has given for it. */
struct vault_held {
    struct vault_envelope payment;
    struct bytes held;
};
void vault_write_held(struct writer *w, const struct vault_held *m);
MUST_USE err vault_read_held(struct reader *r, struct vault_held *out);
/* PARAMETERS_LOAD. */
enum vault_parameters_verdict {
    VAULT_PARAMETERS_OK = 0,
    VAULT_PARAMETERS_BAD_SIGNATURE = 1,
    VAULT_PARAMETERS_OLDER = 2,
    VAULT_PARAMETERS_REFUSED = 3, /* malformed, or a checksum does not match */
    VAULT_PARAMETERS_MORE = 4,    /* parts are missing still */
    VAULT_PARAMETERS_OTHER_MODEL = 5,
};

/* The signed document comes in parts, from the first byte on; the last one is taken as a whole. */
struct vault_parameters_part {
    uint32_t total, offset;
    struct bytes part;
};

struct vault_parameters_loaded {
    uint8_t verdict;
    uint32_t number; /* in force now; 0: none */
};

void vault_write_chip(struct writer *w, const struct vault_chip *m);
MUST_USE err vault_read_chip(struct reader *r, struct vault_chip *out);
void vault_write_parameters_part(struct writer *w, const struct vault_parameters_part *m);
MUST_USE err vault_read_parameters_part(struct reader *r, struct vault_parameters_part *out);
void vault_write_parameters_loaded(struct writer *w, const struct vault_parameters_loaded *m);
MUST_USE err vault_read_parameters_loaded(struct reader *r, struct vault_parameters_loaded *out);
void vault_write_chip_answer(struct writer *w, const struct vault_chip_answer *m);
MUST_USE err vault_read_chip_answer(struct reader *r, struct vault_chip_answer *out);
