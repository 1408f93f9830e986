/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the terminal program says to its vault, and what it answers.
 *
 * Transport: a Unix socket, frames with a 4-byte length, one command at a time: the terminal waits
 * for the answer. What comes back is masked or encrypted; a clear PAN, track, PIN, password or key
 * has no message. The screen's page talks to the vault through the terminal in sealed form: the
 * panel channel (PANEL_OPEN, ENTRY_*), which the terminal can relay and not read.
 *
 *   request   version(1) command(1) body
 *   answer    version(1) command(1) status(1) body, the body only when the status is OK
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    VAULT_PROTOCOL_VERSION = 1,
    VAULT_FRAME_MAX = 8192,
    VAULT_OPERATORS_MAX = 102, /* 00 supervisor, 01-99 cashiers and one more digit pair to spare */
};

enum vault_command {
    VAULT_STATUS = 1,
    VAULT_TLS_CERTIFICATES = 2,
    VAULT_TLS_SIGN = 3,
    VAULT_PANEL_OPEN = 4,
    VAULT_ENTRY_BEGIN = 5,
    VAULT_ENTRY_KEY = 6,
    VAULT_LOGIN = 7,
    VAULT_PASSWORD_SET = 8,
    VAULT_OPERATORS = 9,
    VAULT_KEYS_LOAD = 10,
    VAULT_CARD_ARM = 11,
    VAULT_CARD_POLL = 12,
    VAULT_CARD_ENVELOPE = 13,
    VAULT_PIN_BLOCK = 14,
    VAULT_MAC_MAKE = 15,
    VAULT_MAC_CHECK = 16,
    VAULT_CARD_FORGET = 17,
};

enum vault_status {
    VAULT_OK = 0,
    VAULT_BAD_REQUEST = 1,
    VAULT_NOT_READY = 2, /* not provisioned, or no working keys: sign in first */
    VAULT_NO_CARD = 3,
    VAULT_NO_ENTRY = 4, /* the command needs a finished entry and there is none */
    VAULT_BAD_MAC = 5,
    VAULT_BAD_KEYS = 6, /* a check value did not match: the old keys are gone, sign in again */
    VAULT_NOT_ALLOWED = 7,
    VAULT_TAMPERED = 8,
    VAULT_FAILED = 9,
    VAULT_BAD_SEAL = 10, /* a panel message that does not open: the page must open the panel anew */
};

/* S47: the three levels. */
enum vault_role { VAULT_ROLE_CASHIER = 1, VAULT_ROLE_SUPERVISOR = 2, VAULT_ROLE_ADMINISTRATOR = 3 };

struct vault_status_answer {
    uint8_t provisioned;  /* 1: has serial, terminal id, merchant id, master key, TLS identity */
    uint8_t working_keys; /* 1: sign-in has delivered them */
    uint8_t tampered;
    uint8_t self_test; /* 1: known-answer tests of the ciphers passed at start */
    struct bytes serial, model, tid, mid, merchant_name; /* UTF-8 */
    struct bytes kcv_master, kcv_pin, kcv_mac, kcv_data; /* 4 bytes each, empty without the key */
    uint64_t first_login_ms;                             /* 0: never yet */
    uint64_t certificate_expiry_ms;
};

enum vault_entry_purpose {
    VAULT_ENTRY_PIN = 1,
    VAULT_ENTRY_PASSWORD = 2,
    VAULT_ENTRY_NEW = 3,
    VAULT_ENTRY_REPEAT = 4
};

struct vault_entry_begin {
    uint8_t purpose;  /* enum vault_entry_purpose */
    uint8_t shuffled; /* 1: digits in random places, 0: the fixed telephone layout */
};

/*
 * Answer to ENTRY_BEGIN: for the page, sealed through the panel channel: 12 bytes, the key on each
 * of the positions 0..11 of a 3 x 4 keypad: '0'..'9', 'B' (delete one), 'C' (clear all).
 */
struct vault_entry_layout {
    uint8_t min, max; /* how many digits may be entered: the screen says so */
    struct bytes sealed;
};

/* Answer to ENTRY_KEY. The page sends one byte sealed: a position 0..11, or 'O' ok, 'X' cancel. */
enum vault_entry_state {
    VAULT_ENTRY_OPEN = 0,
    VAULT_ENTRY_DONE = 1,
    VAULT_ENTRY_CANCELLED = 2,
    VAULT_ENTRY_SHORT = 3
};

struct vault_entry_answer {
    uint8_t state; /* SHORT: ok was pressed too early; the entry stays open */
    uint8_t count; /* digits entered so far: as many stars */
};

/* Consumes the finished PASSWORD entry, whatever the outcome. */
enum vault_login_verdict {
    VAULT_LOGIN_OK = 0,
    VAULT_LOGIN_MUST_CHANGE =
        1, /* right, but it was a one-time password: NEW and REPEAT, then PASSWORD_SET */
    VAULT_LOGIN_WRONG = 2,
    VAULT_LOGIN_LOCKED = 3,      /* no tries left: the supervisor must help */
    VAULT_LOGIN_WAIT = 4,        /* too early after wrong tries: not looked at */
    VAULT_LOGIN_NO_OPERATOR = 5, /* no such operator, suspended, or one who has no password yet */
};

struct vault_login_answer {
    uint8_t verdict;
    uint8_t role;
    uint8_t tries_left;
    uint32_t wait_s;         /* WAIT: seconds until the next try is looked at */
    uint64_t last_login_ms;  /* of this operator, before this one; 0: never */
    uint64_t first_login_ms; /* of this device; 0: this is the first */
};

/* Consumes the finished NEW and REPEAT entries. Only after LOGIN by the same operator. */
enum vault_password_verdict {
    VAULT_PASSWORD_OK = 0,
    VAULT_PASSWORD_MISMATCH = 1,
    VAULT_PASSWORD_TOO_SHORT = 2,
    VAULT_PASSWORD_TOO_LONG = 3,
    VAULT_PASSWORD_SAME = 4, /* as the one it replaces */
    VAULT_PASSWORD_SIMPLE =
        5, /* repeats, runs, a date, a published default, the terminal's own numbers */
};

struct vault_operator {
    uint8_t id; /* 0..99 */
    uint8_t role;
    uint8_t has_password; /* 0 none, 1 one-time, 2 his own */
    uint8_t locked;
};

enum vault_card_state {
    VAULT_CARD_NONE = 0,
    VAULT_CARD_READ = 1,
    VAULT_CARD_UNREADABLE = 2,
    VAULT_CARD_USE_CHIP = 3,
    VAULT_CARD_EXPIRED = 4
};

struct vault_card {
    uint8_t state; /* enum vault_card_state; the rest only when READ */
    uint8_t entry; /* 2 swipe (5 chip, 7 contactless later): as in field 22 */
    uint8_t pin_required;
    struct bytes pan_masked;
    struct bytes card_sequence; /* three digits or empty */
};

struct vault_envelope {
    struct bytes tid;
    uint32_t batch, stan;
    uint64_t amount_minor;
};

void vault_write_header(struct writer *w, uint8_t command);
void vault_write_answer(struct writer *w, uint8_t command, enum vault_status status);
MUST_USE err vault_read_header(struct reader *r, uint8_t *ret_command);
MUST_USE err vault_read_answer(struct reader *r, uint8_t *ret_command,
                               enum vault_status *ret_status);

void vault_write_status_answer(struct writer *w, const struct vault_status_answer *m);
MUST_USE err vault_read_status_answer(struct reader *r, struct vault_status_answer *out);
void vault_write_entry_begin(struct writer *w, const struct vault_entry_begin *m);
MUST_USE err vault_read_entry_begin(struct reader *r, struct vault_entry_begin *out);
void vault_write_entry_layout(struct writer *w, const struct vault_entry_layout *m);
MUST_USE err vault_read_entry_layout(struct reader *r, struct vault_entry_layout *out);
void vault_write_entry_answer(struct writer *w, const struct vault_entry_answer *m);
MUST_USE err vault_read_entry_answer(struct reader *r, struct vault_entry_answer *out);
void vault_write_login_answer(struct writer *w, const struct vault_login_answer *m);
MUST_USE err vault_read_login_answer(struct reader *r, struct vault_login_answer *out);
void vault_write_card(struct writer *w, const struct vault_card *m);
MUST_USE err vault_read_card(struct reader *r, struct vault_card *out);
void vault_write_envelope(struct writer *w, const struct vault_envelope *m);
MUST_USE err vault_read_envelope(struct reader *r, struct vault_envelope *out);

/* The list of operators: a one-byte count and the operators. */
void vault_write_operators(struct writer *w, const struct vault_operator *list, size_t count);
MUST_USE err vault_read_operators(struct reader *r, struct vault_operator *list, size_t max,
                                  size_t *ret_count);

/*
 * The remaining bodies are one or two byte strings or one byte:
 *   TLS_CERTIFICATES  -                  -> own certificate PEM, CA certificate PEM
 *   TLS_SIGN          SHA-256 digest     -> DER signature
 *   PANEL_OPEN        page's P-256 key   -> vault's P-256 key (65 bytes, uncompressed)
 *   ENTRY_KEY         sealed byte        -> struct vault_entry_answer
 *   LOGIN             operator id (1)    -> struct vault_login_answer
 *   PASSWORD_SET      operator id (1)    -> enum vault_password_verdict (1)
 *   KEYS_LOAD         field 62 of 0810   -> -
 *   CARD_ARM          -                  -> -     from now on a card may be read
 *   CARD_POLL         -                  -> struct vault_card
 *   CARD_ENVELOPE     struct vault_envelope -> envelope, for field 57
 *   PIN_BLOCK         -                  -> PIN block, for field 52; consumes the PIN entry
 *   MAC_MAKE          data               -> MAC (8 bytes), for field 64
 *   MAC_CHECK         data, MAC          -> -     status BAD_MAC when it does not verify
 *   CARD_FORGET       -                  -> -     wipes card and entries
 */
void vault_write_byte(struct writer *w, uint8_t value);
MUST_USE err vault_read_byte(struct reader *r, uint8_t *out);
void vault_write_bytes(struct writer *w, struct bytes b);
MUST_USE err vault_read_bytes(struct reader *r, struct bytes *out);
void vault_write_pair(struct writer *w, struct bytes a, struct bytes b);
MUST_USE err vault_read_pair(struct reader *r, struct bytes *ret_a, struct bytes *ret_b);

/* For logs and for the codes on screens. Never NULL. */
const char *vault_status_text(enum vault_status status);
