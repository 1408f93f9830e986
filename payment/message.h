/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A payment as ISO 8583 messages, and back. Pure: no clock, no store, no key.
 *
 * Three conversations, each with builders for the one end and parsers for the other:
 *
 *   terminal -> acquirer   request, reversal, advice     0200 0400 0220   dialect of the profile
 *   acquirer -> terminal   response                      0210 0410 0230
 *   terminal -> acquirer   sign-in, sign-out, echo       0800 0820
 *   acquirer -> network    request, query, reversal,     0200 0400 0220   iso8583_dialect_ascii87
 *                          advice
 *
 * Builders set views into the payment, into `sensitive` and into the arena: all must live until the
 * message is encoded. Field 64 is set to a place-holder; the caller encodes, has the MAC made over
 * iso8583_mac_input() and puts it in with iso8583_seal(). Parsers copy what they keep.
 *
 * Field meanings: UnionPay-style profile, sections 1.3 to 1.6 and 1.12 of the protocol notes that
 * docs/dialect.md tells in the project's own words.
 */

#include "lib/iso8583/dialect.h"
#include "payment/payment.h"
#include "payment/shown.h"

enum payment_profile {
    PAYMENT_PROFILE_TONGBAO, /* card data in an envelope, AES; what our terminals speak */
    PAYMENT_PROFILE_CUP,     /* the plain profile: what foreign terminals speak */
    PAYMENT_PROFILE_SM4,     /* as TONGBAO in everything but the ciphers, and so the other two */
    PAYMENT_PROFILE_DUKPT_AES,
    PAYMENT_PROFILE_DUKPT_TDES,
    PAYMENT_PROFILES,
};

enum { PAYMENT_KSN_MAX = 12 };

/* What differs between the profiles. `suite` is enum hsm_suite of lib/wire/hsm_protocol.h. */
struct payment_profile_row {
    const char *name; /* as in registry and vault: "tongbao", "cup" */
    const struct iso8583_dialect *dialect;
    uint8_t suite;
    char sign_in_code[4]; /* field 60.3 of its 0800 */
    size_t pin_block_len; /* a shorter one than field 52 has zeros behind it */
    bool envelope;        /* field 57; otherwise fields 2, 14, 35 */
    const char *security; /* field 53 beside a PIN block */
    /* Keys for each message: bytes of the serial number in field 47, and how many of its bits, the
     * last ones, count. 0: keys of a sign-in, and no such field. */
    size_t ksn_len;
    unsigned ksn_counter_bits;
};

const struct payment_profile_row *payment_profile(enum payment_profile profile);

/* NOT_FOUND when no profile works with this suite. */
MUST_USE err payment_profile_of_suite(uint8_t suite, enum payment_profile *out);

/* Puts the serial number of its keys (field 47) into a message that is to have a MAC. */
void payment_set_ksn(struct iso8583_message *message, struct bytes ksn);

/* NOT_FOUND when no profile has this name. */
MUST_USE err payment_profile_named(struct bytes name, enum payment_profile *out);

enum {
    PAYMENT_MESSAGE_ARENA = 1024, /* texts of one built message */
};

/* ---- terminal: asks ---- */

/* 0200. The payment is complete (key, mid, amount, entry, operator); the state is not looked at. */
MUST_USE err payment_request_message(enum payment_profile profile, const struct payment *payment,
                                     const struct payment_sensitive *sensitive, struct arena *arena,
                                     struct iso8583_message *out);

/* 0400 with the key of the original and `payment->reversal_reason` in field 39. No card data. */
MUST_USE err payment_reversal_message(enum payment_profile profile, const struct payment *payment,
                                      struct arena *arena, struct iso8583_message *out);

/*
 * 0220 of a payment that the card has approved by itself: as a request, with the cryptogram (TC) of
 * its field 55, type 30 in field 60.1, and no PIN: nobody is left to judge one.
 */
MUST_USE err payment_advice_message(enum payment_profile profile, const struct payment *payment,
                                    const struct payment_sensitive *sensitive, struct arena *arena,
                                    struct iso8583_message *out);

/*
 * Takes what a 0210, 0230 or 0410 says into the payment: response code, RRN, authorisation code,
 * times, issuer, field 55. The MAC has been checked by the caller; the state is the caller's to
 * step. Errors: MISSING (field 39 and others), CONFLICT (MTI, terminal, STAN or amount of another
 * message), FORMAT. On error the payment is untouched.
 */
MUST_USE err payment_apply_response(const struct iso8583_message *message, uint16_t expected_mti,
                                    struct payment *payment);

/* ---- acquirer: is asked ---- */

/*
 * A 0200, 0220 or 0400 (see message->mti) as a payment in state CREATED, with the digest computed
 * and, for a 0400, reversal_reason. `sensitive` are views into the message. Errors: MISSING, FORMAT
 * (an advice that is not of a card which has approved, and others), RANGE (amount zero),
 * UNSUPPORTED (a processing code or MTI that this version does not have).
 */
MUST_USE err payment_from_request(enum payment_profile profile,
                                  const struct iso8583_message *message, struct payment *out,
                                  struct payment_sensitive *ret_sensitive);

/* 0210, 0230 or 0410 (`mti`) with the payment's response code, RRN and so on; never any card data.
 */
MUST_USE err payment_response_message(enum payment_profile profile, const struct payment *payment,
                                      uint16_t mti, struct arena *arena,
                                      struct iso8583_message *out);

/* ---- what a card has left (余额查询): field 54 of the answers of both legs ---- */

/* Available, in yuan, with its sign: account type 00, kind 02, 156, C or D, twelve digits (protocol
 * facts 1.3). `minor` is at most MONEY_FIELD_MAX either way. Errors: NO_MEMORY. */
MUST_USE err payment_balance_put(struct iso8583_message *message, struct arena *arena,
                                 int64_t minor);
/* Errors: MISSING (no such field, or of another kind), LENGTH, FORMAT, DIGIT. */
MUST_USE err payment_balance_get(const struct iso8583_message *message, int64_t *ret_minor);

/* ---- sign-in (签到): 0800/0810; sign-out (签退) and echo: 0820/0830 ---- */

struct payment_sign_in {
    char tid[9], mid[16];
    uint32_t stan;
    uint32_t batch; /* request: the terminal's idea; response: what it must adopt */
    char code[4];   /* 60.3: 006/003 sign-in, 002 sign-out, 301 echo; download.h: 370, 371, 372 */
    char operator_id[3];
    char response_code[3]; /* response only */
    char rrn[13];
    char local_time[7], local_date[5]; /* response: hhmmss, MMDD; the terminal sets its clock */
    char local_year[5]; /* response of our own profile, field 62 does not carry it: field 59 YYYY */
    bool has_kcv;       /* request of our own profile, field 62: check value of the master key */
    uint8_t master_kcv[4];
    bool restored; /* beside it: from a backup; it will ask for what came since (catch_up.h) */
    struct bytes delivery; /* field 62, a view: keys of a sign-in, what download.h says */
};

MUST_USE err payment_sign_in_request(enum payment_profile profile, const struct payment_sign_in *in,
                                     struct arena *arena, struct iso8583_message *out);
MUST_USE err payment_sign_in_response(enum payment_profile profile,
                                      const struct payment_sign_in *in, struct arena *arena,
                                      struct iso8583_message *out);
/* Either end. 0800, 0820 and their responses. */
MUST_USE err payment_sign_in_parse(const struct iso8583_message *message,
                                   struct payment_sign_in *out);

/* ---- acquirer <-> network ---- */

enum payment_network_kind {
    PAYMENT_NETWORK_REQUEST,
    PAYMENT_NETWORK_QUERY,
    PAYMENT_NETWORK_REVERSAL,
    PAYMENT_NETWORK_ADVICE, /* a card has approved: its field 55 holds a TC */
    PAYMENT_NETWORK_KINDS,
};

/*
 * 0200 (request, query), 0400 or 0220 towards a route. Matched by RRN, which payment->rrn must
 * hold. sensitive->pin_block (field 125), envelope (57) and payment_code (59) are those for the
 * zone; shown_code (62) is what a customer is to scan. `sent_ms` gives field 7 (MMDDhhmmss, UTC).
 */
MUST_USE err payment_network_message(enum payment_network_kind kind, const struct payment *payment,
                                     const struct payment_sensitive *sensitive, int64_t sent_ms,
                                     struct arena *arena, struct iso8583_message *out);

/* The network's end: what is asked of it. `ret_kind` says which of them. */
MUST_USE err payment_from_network(const struct iso8583_message *message, struct payment *out,
                                  struct payment_sensitive *ret_sensitive,
                                  enum payment_network_kind *ret_kind);

/* The network's answer (0210, 0230, 0410): response code, auth code, class and issuer from the
 * payment. */
MUST_USE err payment_network_response(enum payment_network_kind kind, const struct payment *payment,
                                      struct arena *arena, struct iso8583_message *out);

/* What an answer of the network says about a payment. */
struct payment_network_answer {
    uint16_t mti;
    char rrn[13];
    int64_t amount_minor;  /* field 4, as it was understood; 0: it says none */
    char response_code[3]; /* "09": the customer is still typing a password; ask again */
    char auth_code[7];
    char settlement_date[5];
    char issuer[25];
    enum payment_card_class card_class;
    struct payment_chip chip; /* field 55: authentication data and scripts of the issuer */
    bool has_balance;         /* field 54: of an inquiry; told on and kept nowhere */
    int64_t balance_minor;
    /* Field 62 of a 09: the wallet wants this text to be shown instead of ours; or empty. */
    char shown_code[PAYMENT_SHOWN_MAX + 1];
};

MUST_USE err payment_network_answer_parse(const struct iso8583_message *message,
                                          struct payment_network_answer *out);
