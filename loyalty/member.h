/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * member: who belongs to a merchant's programme (S146, S147, S154).
 *
 * No clear telephone number, name or card token ever reaches these functions. The caller hands over
 * what it has sealed, and keyed indexes (32 bytes each, of the whole number, of its last four
 * digits, of the card's token) that can be looked for and not turned back. A member may be
 * anonymous: no telephone, only the code that he shows.
 *
 * Consent is given to a text, of a version, for one purpose at a time, at a moment and a place, and
 * withdrawn at a moment. Withdrawing PROGRAMME is leaving: from then on a payment goes on without
 * the member (LOYALTY_WITHOUT_MEMBER), also one that had begun with him, and nothing is earned.
 */

#include "loyalty/loyalty.h"

enum {
    LOYALTY_INDEX_LEN = 32,
    LOYALTY_SEALED_MAX = 256,
    LOYALTY_CODE_LEN = 20, /* what his QR code says: 100 bits */
    LOYALTY_TEXT_MAX = 24, /* a version of a text of consent: "2026-11" */
    LOYALTY_FOUND_MAX = 10,
};

/* On disk: never renumbered. */
enum loyalty_consent {
    LOYALTY_CONSENT_PROGRAMME = 1, /* to be a member at all */
    LOYALTY_CONSENT_MESSAGES,
    LOYALTY_CONSENT_CARD, /* to be known again by a card */
    LOYALTY_CONSENTS,
};

enum loyalty_state { LOYALTY_ACTIVE = 1, LOYALTY_LEFT, LOYALTY_ERASED, LOYALTY_STATES };

/* Views are empty where there is nothing. */
struct loyalty_enrolment {
    struct bytes merchant;
    struct bytes phone_index, tail_index, phone_sealed; /* all three, or none: anonymous */
    struct bytes name_sealed;
    int64_t birthday;               /* month * 100 + day, 0: not told */
    struct bytes card_index;        /* needs consent[LOYALTY_CONSENT_CARD] */
    struct bytes text_version;      /* of what he has agreed to */
    bool consent[LOYALTY_CONSENTS]; /* PROGRAMME must be among them */
    uint32_t outlet;
    int64_t at_ms;
    struct bytes key; /* of this asking, to LOYALTY_ASKING_MAX: a repeat makes nobody else */
};

struct loyalty_member {
    char id[LOYALTY_ID_LEN + 1], merchant[LOYALTY_MERCHANT_MAX + 1];
    char code[LOYALTY_CODE_LEN + 1];
    enum loyalty_state state;
    int64_t version; /* of what can be changed */
    int64_t birthday, tier, joined_ms;
    uint32_t outlet; /* where he joined */
    bool has_phone, has_card;
    bool consent[LOYALTY_CONSENTS];
    size_t phone_len, name_len; /* sealed, 0: none */
    uint8_t phone_sealed[LOYALTY_SEALED_MAX], name_sealed[LOYALTY_SEALED_MAX];
};

/*
 * DONE with the new member's id, REPEATED with that of the same key; KNOWN with the id of him who
 * has that telephone number or card, also of one who has left: he comes back by giving PROGRAMME;
 * NO_PROGRAMME; NO_CONSENT (PROGRAMME, or CARD with a card index); AMOUNT (no such birthday).
 */
MUST_USE err loyalty_enrol(struct store *store, const struct random *random,
                           const struct loyalty_enrolment *enrolment,
                           enum loyalty_verdict *ret_verdict,
                           char ret_id[static LOYALTY_ID_LEN + 1]);

/* By what a member is found. */
enum loyalty_find { LOYALTY_BY_PHONE, LOYALTY_BY_TAIL, LOYALTY_BY_CARD, LOYALTY_BY_CODE };

/*
 * Active members of a merchant, at most LOYALTY_FOUND_MAX, the newest first: several share a tail.
 * `value` is an index, or the code's text. Only ids, because a list is shown before one is chosen.
 */
struct loyalty_found {
    size_t count;
    char id[LOYALTY_FOUND_MAX][LOYALTY_ID_LEN + 1];
};
MUST_USE err loyalty_find(struct store *store, struct bytes merchant, enum loyalty_find by,
                          struct bytes value, struct loyalty_found *out);

/* DONE, whatever the state; NO_MEMBER when the merchant has none of this id. */
MUST_USE err loyalty_member(struct store *store, struct bytes merchant, struct bytes id,
                            enum loyalty_verdict *ret_verdict, struct loyalty_member *out);

/*
 * Changes name and birthday; `version` is the one seen (CHANGED otherwise). NO_MEMBER also for one
 * that has left.
 */
struct loyalty_change {
    struct bytes merchant, id;
    int64_t version;
    struct bytes name_sealed;
    int64_t birthday;
};
MUST_USE err loyalty_member_change(struct store *store, const struct loyalty_change *change,
                                   enum loyalty_verdict *ret_verdict);

/*
 * Gives or withdraws one consent. Giving what is given, or withdrawing what is not, is REPEATED.
 * CARD is given with the card's index, and its index goes when it is withdrawn. Withdrawing
 * PROGRAMME withdraws all and is leaving; giving it again is coming back. KNOWN: another member's
 * card. NO_CONSENT: MESSAGES or CARD of one who has left.
 */
struct loyalty_consent_change {
    struct bytes merchant, id;
    enum loyalty_consent consent;
    bool given;
    struct bytes text_version; /* when given */
    struct bytes card_index;   /* when CARD is given */
    uint32_t outlet;           /* 0: not in a shop */
    int64_t at_ms;
};
MUST_USE err loyalty_consent_set(struct store *store, const struct loyalty_consent_change *change,
                                 enum loyalty_verdict *ret_verdict);

/*
 * Erases (S154): telephone, name, birthday, card and code are gone, all consents withdrawn; points
 * lapse. Ledger lines, purchases and what was agreed to and when stay under the id, which means
 * nothing. OWED_TO_MEMBER while stored value is left; UNDECIDED while something is held; REPEATED.
 */
MUST_USE err loyalty_erase(struct store *store, struct bytes merchant, struct bytes id,
                           int64_t at_ms, enum loyalty_verdict *ret_verdict);

/*
 * Everything that is kept of one member, line by line: `section` is a word ("member", "consent",
 * "purchase", "adjustment", "transfer"), `text` a line of "name=value" parts in the order of the
 * columns, in which sealed parts are hexadecimal for the caller to open. An err of `line` ends it
 * and is returned.
 */
typedef err (*loyalty_export_line)(void *context, const char *section, struct bytes text);
MUST_USE err loyalty_export(struct store *store, struct bytes merchant, struct bytes id,
                            loyalty_export_line line, void *context,
                            enum loyalty_verdict *ret_verdict);

/* True for 0 and for a day that some year has. */
bool loyalty_birthday_ok(int64_t birthday);
