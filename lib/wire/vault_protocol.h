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
#include "lib/wire/vault_card.h"
#include "lib/wire/vault_tamper.h"

enum {
    VAULT_PROTOCOL_VERSION = 1,
    VAULT_FRAME_MAX = 8192,
    VAULT_OPERATORS_MAX = 102, /* 00 supervisor, 01-99 cashiers and one more digit pair to spare */
    VAULT_DIGEST_BYTES = 32,   /* SHA-256 */
    VAULT_SUBJECT_MAX = 64,    /* of an approval: what is approved, as "refund 123.45" */
    VAULT_GRANT_BYTES = 16,    /* a proof of the host, and a token of pairing */
    VAULT_CHALLENGE_MAX = 16,
    VAULT_APPROVAL_BYTES = 32, /* what a paired phone signs */
    VAULT_PHONE_KEY_BYTES = 65,
    VAULT_PHONE_LABEL_MAX = 40, /* bytes of UTF-8 */
    VAULT_PHONE_SIGNATURE_BYTES = 64,
    VAULT_PAIR_CHECK_DIGITS = 6,
    VAULT_PAIRS_MAX = 8,
};

enum vault_command {
    VAULT_STATUS = 1,
    VAULT_TLS_CERTIFICATES = 2,
    VAULT_TLS_SIGN = 3, /* signed any digest: nobody answers it any more */
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
    VAULT_OPERATOR_SET = 18,
    VAULT_APPROVE = 19,
    VAULT_POLICY_LOAD = 20,
    VAULT_POLICY_SHOW = 21,
    VAULT_RECOVERY_BEGIN = 22,
    VAULT_RECOVERY_FINISH = 23,
    VAULT_DURESS_SET = 24,
    VAULT_PAIR_BEGIN = 25,
    VAULT_PAIR_FINISH = 26,
    VAULT_PAIR_LIST = 27,
    VAULT_PAIR_REMOVE = 28,
    VAULT_APPROVAL_FINISH = 29,
    VAULT_ANCHOR = 30,
    VAULT_LOGOUT = 31,
    VAULT_PASSWORD_KEEP = 32,
    VAULT_CHIP_POLL = 33,
    VAULT_CHIP_ANSWER = 34,
    VAULT_PARAMETERS_LOAD = 35,
    VAULT_CARD_HOLD = 36,
    VAULT_HELD_ENVELOPE = 37,
    VAULT_CARD_MANUAL = 38,
    VAULT_CARD_CODE = 39, /* the text of a code that a telephone shows for a card */
    VAULT_REISSUE = 42,   /* 40 and 41 are kept for cards */
    VAULT_LAST_WORDS = 43,
    VAULT_KEYS_NEXT = 44, /* 1: of a new payment, else 0; the KSN, or nothing */
    VAULT_RECEIPT_SIGN = 45,
    VAULT_TLS_VERIFY = 46,
    /* Bodies of these are in vault_protocol_backup.h. */
    VAULT_BACKUP_BEGIN = 47,
    VAULT_BACKUP_PIECE = 48,
    VAULT_BACKUP_END = 49,
    VAULT_RESTORE_BEGIN = 50,
    VAULT_RESTORE_PIECE = 51,
    VAULT_RESTORE_END = 52,
    VAULT_BACKUP_OWNER = 53,
    VAULT_RENEW_ASK = 54,
    VAULT_RENEW_TAKE = 55,
    VAULT_ACTIVATION_ASK = 56, /* these two: vault_protocol_activation.h */
    VAULT_ACTIVATE = 57,
    VAULT_COMMAND_CHECK = 58, /* bodies: vault_protocol_command.h */
    VAULT_WIPE = 59,
    VAULT_PARAMETERS_CHECK = 60, /* the same */
    VAULT_RESTORE_ASK = 61,      /* vault_protocol_backup.h */
    VAULT_FLOOR = 62,            /* vault_floor.h */
    VAULT_COMMANDS,              /* one more than the last */
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
    VAULT_OLD_KEY = 11,  /* a master key that was replaced before; otherwise as VAULT_BAD_KEYS */
    VAULT_TOO_MANY_PINS = 12, /* the hour has seen as many PIN entries as it may */
    VAULT_KEYS_SPENT = 13,    /* the last key of the device is used: it needs a new initial key */
};

/* S47: the three levels. */
enum vault_role { VAULT_ROLE_CASHIER = 1, VAULT_ROLE_SUPERVISOR = 2, VAULT_ROLE_ADMINISTRATOR = 3 };

/* In which the vault says what a person is to read. */
enum vault_language { VAULT_CHINESE = 1, VAULT_ENGLISH = 2 };

struct vault_status_answer {
    uint8_t provisioned;  /* 1: has serial, terminal id, merchant id, master key, TLS identity */
    uint8_t working_keys; /* 1: sign-in has delivered them */
    uint8_t tampered;     /* enum vault_tamper; 0: nothing has been noticed */
    uint8_t self_test;    /* 1: known-answer tests of the ciphers passed at start */
    struct bytes serial, model, tid, mid, merchant_name; /* UTF-8 */
    struct bytes kcv_master, kcv_pin, kcv_mac, kcv_data; /* 4 bytes each, empty without the key */
    uint64_t first_login_ms;                             /* 0: never yet */
    uint64_t certificate_expiry_ms;
    uint32_t policy_version; /* of the document in force; 0: the one compiled in */
    uint8_t rollback;        /* 1: an older copy of the store was put back; all tries are spent */
    uint32_t parameters_number;     /* of chip cards, in force; 0: none */
    struct bytes parameters_digest; /* SHA-256 of that signed document; empty without one */
    struct bytes suite;             /* "tongbao": the profile that its host speaks with it */
    /* Its limits for what cards approve by themselves (lib/emv/parameters.h); days 0: no such
     * payments. */
    uint32_t offline_count;
    uint64_t offline_each_minor, offline_total_minor;
    uint8_t offline_days;
};

enum vault_entry_purpose {
    VAULT_ENTRY_PIN = 1,
    VAULT_ENTRY_PASSWORD = 2,
    VAULT_ENTRY_NEW = 3,
    VAULT_ENTRY_REPEAT = 4,
    VAULT_ENTRY_CODE = 5,     /* a recovery code */
    VAULT_ENTRY_APPROVER = 6, /* the password of somebody who approves */
    VAULT_ENTRY_PAN = 7,      /* a card number, read off the card: after CARD_ARM */
    VAULT_ENTRY_EXPIRY = 8,   /* its expiry as it stands there: MMYY */
    VAULT_ENTRY_OWNER = 9,    /* the owner's key of backups */
};

/* What is typed on: the vault says so, by the policy of the operator whose secret it is. */
enum vault_keyboard { VAULT_KEYS_DIGITS = 0, VAULT_KEYS_TEXT = 1 };

/*
 * Where the digits lie. GUIDED is FIXED for a PIN of somebody who does not see the screen: the
 * vault puts down that this PIN was entered so (S179), and says nothing else in another way.
 */
enum vault_keypad { VAULT_KEYPAD_FIXED = 0, VAULT_KEYPAD_SHUFFLED = 1, VAULT_KEYPAD_GUIDED = 2 };

struct vault_entry_begin {
    uint8_t purpose;     /* enum vault_entry_purpose */
    uint8_t keypad;      /* enum vault_keypad */
    uint8_t operator_id; /* whose password it is; 0 for a PIN */
    uint8_t language;    /* of the advice that goes to the page */
};

/*
 * Answer to ENTRY_BEGIN: for the page, sealed through the panel channel: 12 bytes, the key on each
 * of the positions 0..11 of a 3 x 4 keypad: '0'..'9', 'B' (delete one), 'C' (clear all). It is sent
 * with keyboard TEXT too, and means nothing there.
 */
struct vault_entry_layout {
    uint8_t min, max; /* how many digits or characters may be entered: the screen says so */
    uint8_t keyboard; /* enum vault_keyboard */
    struct bytes sealed;
};

/*
 * Answer to ENTRY_KEY. The page sends sealed, with keyboard DIGITS, one byte: a position 0..11, or
 * 'O' ok, 'X' cancel; with keyboard TEXT: 'T' and UTF-8 (one or more characters, a paste included),
 * or one of the bytes 'B', 'C', 'O', 'X'.
 */
enum vault_entry_state {
    VAULT_ENTRY_OPEN = 0,
    VAULT_ENTRY_DONE = 1,
    VAULT_ENTRY_CANCELLED = 2,
    VAULT_ENTRY_SHORT = 3,    /* ok was pressed too early; the entry stays open */
    VAULT_ENTRY_TOO_LONG = 4, /* text that does not fit: nothing of it was taken */
};

struct vault_entry_answer {
    uint8_t state;
    uint8_t count; /* digits or characters entered so far: as many stars */
    /* For the page, sealed: score (1: 0 to 4) and one line of advice, UTF-8. Only of a NEW entry:
     * how good a half-typed password is, is nothing for the terminal program. */
    struct bytes strength;
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
    VAULT_LOGIN_NEEDS_APPROVAL = 6, /* right; a paired phone must sign `approval` */
};

/* Why a password must be changed before anything else. */
enum vault_change_reason {
    VAULT_CHANGE_NONE = 0,
    VAULT_CHANGE_ONE_TIME = 1,
    VAULT_CHANGE_EXPIRED = 2,
    VAULT_CHANGE_FORCED = 3
};

enum vault_review {
    VAULT_REVIEW_NONE = 0,
    VAULT_REVIEW_SOON = 1,
    VAULT_REVIEW_DUE = 2,
    VAULT_REVIEW_OVERDUE = 3,
    VAULT_REVIEW_ENDS = 4, /* soon due, or over, where it is then not kept but changed */
};

struct vault_login_answer {
    uint8_t verdict;
    uint8_t role;
    uint8_t tries_left;
    uint32_t wait_s;         /* WAIT: seconds until the next try is looked at */
    uint64_t last_login_ms;  /* of this operator, before this one; 0: never */
    uint64_t first_login_ms; /* of this device; 0: this is the first */
    uint8_t reason;          /* MUST_CHANGE: enum vault_change_reason */
    uint8_t review;          /* enum vault_review */
    int16_t review_days;     /* until the review is due; negative: since */
    uint8_t duress;          /* 1: the duress password; the screen looks as always */
    struct bytes approval;   /* NEEDS_APPROVAL: VAULT_APPROVAL_BYTES, otherwise empty */
};

/* PASSWORD_SET and LOGIN: whose, and in which language the answer speaks. */
struct vault_person {
    uint8_t operator_id, language;
};

/* DURESS_SET: a person, and whether it is chosen (NEW and REPEAT) or given up. */
enum vault_duress_action { VAULT_DURESS_CHOOSE = 0, VAULT_DURESS_REMOVE = 1 };

struct vault_duress {
    struct vault_person who;
    uint8_t action;
};

/*
 * Consumes the finished NEW and REPEAT entries. Only for who has just shown that he may. The
 * numbers are those of lib/auth/verdicts.h; a terminal needs these alone and shows `text`.
 */
enum vault_password_verdict { VAULT_PASSWORD_OK = 0, VAULT_PASSWORD_MISMATCH = 20 };

struct vault_password_answer {
    uint8_t verdict;
    uint32_t broken;   /* bit 1 << verdict for each rule that is broken */
    struct bytes text; /* UTF-8: a sentence that names the rule and what to do; empty when OK */
};

struct vault_operator {
    uint8_t id; /* 0..99 */
    uint8_t role;
    uint8_t has_password; /* 0 none, 1 one-time, 2 his own */
    uint8_t locked;       /* no tries left */
    uint8_t suspended;
    uint64_t last_login_ms; /* 0: never */
};

/* ---- people: OPERATOR_SET, APPROVE ---- */

enum vault_operator_action {
    VAULT_OPERATOR_ADD = 1, /* with a one-time password */
    VAULT_OPERATOR_DELETE = 2,
    VAULT_OPERATOR_SUSPEND = 3,
    VAULT_OPERATOR_RESUME = 4,
    VAULT_OPERATOR_RESET = 5, /* another one-time password, and the tries again */
    VAULT_OPERATOR_FORCE = 6, /* the password must be changed at the next log-in */
};

enum vault_operator_verdict {
    VAULT_OPERATOR_OK = 0,
    VAULT_OPERATOR_NOT_FOUND = 1,
    VAULT_OPERATOR_EXISTS = 2,
    VAULT_OPERATOR_PROTECTED = 3, /* 00, 99 or oneself */
    VAULT_OPERATOR_FULL = 4,
    VAULT_OPERATOR_NOT_YOURS = 5, /* another role's business */
};

struct vault_operator_set {
    uint8_t action, operator_id, role;
};

struct vault_operator_set_answer {
    uint8_t verdict;
    struct bytes sealed; /* for the page: the one-time password; empty but for ADD and RESET */
};

enum vault_approved_action {
    VAULT_APPROVE_VOID = 1,
    VAULT_APPROVE_REFUND = 2,
    VAULT_APPROVE_RECOVERY = 3, /* of the administrator */
    VAULT_APPROVE_UNLOCK = 4,
    VAULT_APPROVE_PAIRING = 5,
    VAULT_APPROVE_SETTINGS = 6,
    VAULT_APPROVE_SALE = 7,      /* above what the cashier takes alone */
    VAULT_APPROVE_MANUAL = 8,    /* a card number entered by hand */
    VAULT_APPROVE_DISCOUNT = 9,  /* per cent */
    VAULT_APPROVE_TRAINING = 10, /* that nothing is sent for a while */
    VAULT_APPROVED_ACTIONS       /* one more than the last */
};

struct vault_approve {
    uint8_t approver, action;
    struct bytes subject; /* at most VAULT_SUBJECT_MAX */
};

/* ---- the policy in force ---- */

enum vault_policy_verdict {
    VAULT_POLICY_OK = 0,
    VAULT_POLICY_BAD_SIGNATURE = 1,
    VAULT_POLICY_OTHER_MODEL = 2,
    VAULT_POLICY_OLDER = 3,
    VAULT_POLICY_REFUSED = 4, /* malformed, or below the floor */
};

struct vault_policy_loaded {
    uint8_t verdict;
    uint32_t version; /* in force now */
};

struct vault_policy_ask {
    uint8_t role, language;
};

struct vault_policy_shown {
    uint32_t version;
    uint8_t profile, rules; /* enums of lib/auth/policy.h */
    uint8_t min, max, keyboard;
    uint8_t ways;       /* bit 1 << way of enum vault_way; bit 0: the supervisor */
    uint16_t lock_s;    /* untouched for so long: the terminal locks itself */
    struct bytes lines; /* the policy in words, lines ended by a line feed */
};

/* ---- recovery ---- */

/* How the proof of the host comes back. */
enum vault_way {
    VAULT_BY_SMS = 1,
    VAULT_BY_MAIL = 2,
    VAULT_BY_SERVICE = 3,
    VAULT_BY_OFFLINE = 4,
    VAULT_WAYS /* one more than the last */
};

struct vault_recovery_ask {
    uint8_t operator_id, way;
};

enum vault_recovery_verdict {
    VAULT_RECOVERY_BEGUN = 0,
    VAULT_RECOVERY_NO_OPERATOR = 1,
    VAULT_RECOVERY_NO_WAY = 2, /* not offered by the policy of this role */
    VAULT_RECOVERY_TOO_MANY = 3,
};

struct vault_recovery_begun {
    uint8_t verdict;
    struct bytes challenge; /* OFFLINE: 11 ASCII digits to be read out; else 16 bytes */
    uint32_t valid_s;
};

/* An empty grant: the finished CODE entry counts, and is consumed. */
struct vault_recovery_proof {
    uint8_t operator_id;
    struct bytes grant;
};

enum vault_proof_verdict {
    VAULT_PROOF_OK = 0, /* NEW, REPEAT and PASSWORD_SET of this operator, for five minutes */
    VAULT_PROOF_WRONG = 1,
    VAULT_PROOF_EXPIRED = 2,
    VAULT_PROOF_NONE = 3,           /* no challenge is open */
    VAULT_PROOF_NEEDS_APPROVAL = 4, /* of the administrator: a supervisor's APPROVE first */
};

struct vault_recovery_ended {
    uint8_t verdict;
    uint8_t tries_left;
};

/*
 * A sheet is printed anew (lib/crypto/recovery.h): a number of 8 bytes, big-endian, that is higher
 * than that of the operator's last one, and 8 random bytes.
 */
struct vault_reissue {
    uint8_t operator_id;
    struct bytes challenge, grant;
};

enum vault_reissue_verdict {
    VAULT_REISSUE_TAKEN = 0,   /* what opened before opens no more */
    VAULT_REISSUE_BEFORE = 1,  /* taken already: nothing has changed */
    VAULT_REISSUE_REFUSED = 2, /* no proof, an older one, or no such operator */
};

/* ---- a paired phone ---- */

struct vault_pair_finish {
    struct bytes token, public_key, label;
    uint8_t confirmed; /* 0: only computes the digits; 1: the person has compared them */
};

struct vault_pair_answer {
    uint8_t verdict;    /* enum vault_pair_verdict */
    struct bytes check; /* 6 ASCII digits, shown here and on the phone */
};

enum vault_pair_verdict {
    VAULT_PAIR_OK = 0,
    VAULT_PAIR_BAD_TOKEN = 1, /* not the one of PAIR_BEGIN, or too late */
    VAULT_PAIR_BAD_KEY = 2,
    VAULT_PAIR_FULL = 3,
    VAULT_PAIR_NOT_FOUND = 4,
};

struct vault_pair {
    uint8_t id;
    struct bytes label; /* view */
    uint64_t added_ms;
};

struct vault_approval {
    uint8_t pair_id;
    struct bytes signature; /* r | s over SHA-256("tongbao approval v1" | challenge) */
};

/* ---- the anchor against old copies ---- */

/* What the host remembers; both empty or zero: it only asks. */
struct vault_anchor_ask {
    uint64_t epoch;
    struct bytes mac;
};

enum vault_anchor_verdict {
    VAULT_ANCHOR_OK = 0,
    VAULT_ANCHOR_BAD_MAC = 1,
    VAULT_ANCHOR_ROLLBACK = 2, /* the host remembers more: this is an old copy */
};

struct vault_anchor {
    uint64_t epoch;
    struct bytes mac;
    uint8_t verdict;
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
void vault_write_person(struct writer *w, struct vault_person who);
MUST_USE err vault_read_person(struct reader *r, struct vault_person *out);
void vault_write_duress(struct writer *w, const struct vault_duress *m);
MUST_USE err vault_read_duress(struct reader *r, struct vault_duress *out);
void vault_write_password_answer(struct writer *w, const struct vault_password_answer *m);
MUST_USE err vault_read_password_answer(struct reader *r, struct vault_password_answer *out);
/* The list of operators: a one-byte count and the operators. */
void vault_write_operators(struct writer *w, const struct vault_operator *list, size_t count);
MUST_USE err vault_read_operators(struct reader *r, struct vault_operator *list, size_t max,
                                  size_t *ret_count);

/* vault_protocol_people.c: views of what is read live as long as the frame. */
void vault_write_operator_set(struct writer *w, const struct vault_operator_set *m);
MUST_USE err vault_read_operator_set(struct reader *r, struct vault_operator_set *out);
void vault_write_operator_set_answer(struct writer *w, const struct vault_operator_set_answer *m);
MUST_USE err vault_read_operator_set_answer(struct reader *r,
                                            struct vault_operator_set_answer *out);
void vault_write_approve(struct writer *w, const struct vault_approve *m);
MUST_USE err vault_read_approve(struct reader *r, struct vault_approve *out);
void vault_write_policy_loaded(struct writer *w, const struct vault_policy_loaded *m);
MUST_USE err vault_read_policy_loaded(struct reader *r, struct vault_policy_loaded *out);
void vault_write_policy_ask(struct writer *w, const struct vault_policy_ask *m);
MUST_USE err vault_read_policy_ask(struct reader *r, struct vault_policy_ask *out);
void vault_write_policy_shown(struct writer *w, const struct vault_policy_shown *m);
MUST_USE err vault_read_policy_shown(struct reader *r, struct vault_policy_shown *out);
void vault_write_recovery_ask(struct writer *w, const struct vault_recovery_ask *m);
MUST_USE err vault_read_recovery_ask(struct reader *r, struct vault_recovery_ask *out);
void vault_write_recovery_begun(struct writer *w, const struct vault_recovery_begun *m);
MUST_USE err vault_read_recovery_begun(struct reader *r, struct vault_recovery_begun *out);
void vault_write_recovery_proof(struct writer *w, const struct vault_recovery_proof *m);
MUST_USE err vault_read_recovery_proof(struct reader *r, struct vault_recovery_proof *out);
void vault_write_recovery_ended(struct writer *w, const struct vault_recovery_ended *m);
MUST_USE err vault_read_recovery_ended(struct reader *r, struct vault_recovery_ended *out);
void vault_write_reissue(struct writer *w, const struct vault_reissue *m);
MUST_USE err vault_read_reissue(struct reader *r, struct vault_reissue *out);
void vault_write_pair_finish(struct writer *w, const struct vault_pair_finish *m);
MUST_USE err vault_read_pair_finish(struct reader *r, struct vault_pair_finish *out);
void vault_write_pair_answer(struct writer *w, const struct vault_pair_answer *m);
MUST_USE err vault_read_pair_answer(struct reader *r, struct vault_pair_answer *out);
void vault_write_pairs(struct writer *w, const struct vault_pair *list, size_t count);
MUST_USE err vault_read_pairs(struct reader *r, struct vault_pair *list, size_t max,
                              size_t *ret_count);
void vault_write_approval(struct writer *w, const struct vault_approval *m);
MUST_USE err vault_read_approval(struct reader *r, struct vault_approval *out);
void vault_write_anchor_ask(struct writer *w, const struct vault_anchor_ask *m);
MUST_USE err vault_read_anchor_ask(struct reader *r, struct vault_anchor_ask *out);
void vault_write_anchor(struct writer *w, const struct vault_anchor *m);
MUST_USE err vault_read_anchor(struct reader *r, struct vault_anchor *out);

/*
 * Bodies, request and answer; names are those of structs without "vault_". The rest are one or two
 * byte strings or one byte.
 *
 *   TLS_CERTIFICATES  -                   own certificate PEM, CA certificate PEM
 *   TLS_VERIFY        transcript hash     DER signature of a client's CertificateVerify in TLS 1.3
 *                                         over it: 32 bytes or 48
 *   LAST_WORDS        -                   own certificate PEM, DER signature; after tampering only
 *   RENEW_ASK         -                   own certificate PEM, request for another (PKCS#10, PEM)
 *   RENEW_TAKE        certificate PEM     -             BAD_REQUEST: not for this device by its
 *                                         authority; NOT_ALLOWED: it does not end later
 *   RECEIPT_SIGN      body of a receipt   DER signature over SHA-256("tongbao receipt v1" | body)
 *   PANEL_OPEN        page's P-256 key    vault's P-256 key (65 bytes, uncompressed)
 *   ENTRY_KEY         sealed touch        entry_answer
 *   LOGIN             person              login_answer; consumes the PASSWORD entry
 *   PASSWORD_SET      person              password_answer; consumes NEW and REPEAT
 *   OPERATORS         -                   list of operator
 *   KEYS_LOAD         field 62 of 0810    -
 *   CARD_ARM          card_arm            amount and merchant for the page, sealed; empty without a
 *                                         page. From now on a card may be read
 *   CARD_POLL         -                   card
 *   CARD_ENVELOPE     envelope            envelope, for field 57; NOT_ALLOWED for another amount
 *                                         than the one of CARD_ARM
 *   PIN_BLOCK         -                   PIN block, for field 52; consumes the PIN entry
 *   CARD_MANUAL       -                   card; consumes the PAN and EXPIRY entries
 *   CARD_CODE         text                card_code; NOT_ALLOWED unless a card is awaited
 *   CHIP_POLL         -                   chip
 *   CHIP_ANSWER       chip_answer         chip
 *   PARAMETERS_LOAD   parameters_part     parameters_loaded
 *   MAC_MAKE          data                MAC (8 bytes), for field 64
 *   MAC_CHECK         data, MAC           -             BAD_MAC when it does not verify
 *   CARD_FORGET       -                   -             wipes card and entries
 *   OPERATOR_SET      operator_set        operator_set_answer
 *   APPROVE           approve             login_answer; consumes the APPROVER entry. UNLOCK gives
 *                                         the tries back: subject two digits, or empty for all
 *   POLICY_LOAD       signed document     policy_loaded
 *   POLICY_SHOW       policy_ask          policy_shown
 *   RECOVERY_BEGIN    recovery_ask        recovery_begun
 *   RECOVERY_FINISH   recovery_proof      recovery_ended; consumes the CODE entry
 *   DURESS_SET        duress              password_answer; CHOOSE consumes NEW and REPEAT. Who came
 *                                         in by the duress password is told the same as others
 *   PAIR_BEGIN        -                   token (16 bytes)
 *   PAIR_FINISH       pair_finish         pair_answer
 *   PAIR_LIST         -                   list of pair
 *   PAIR_REMOVE       pair id (1)         enum pair_verdict (1)
 *   APPROVAL_FINISH   approval            login_answer
 *   ANCHOR            anchor_ask          anchor
 *   LOGOUT            -                   -             nobody is logged in any more
 *   PASSWORD_KEEP     operator id (1)     -             after LOGIN: his review is done
 *   REISSUE           reissue             enum reissue_verdict (1)
 */
void vault_write_byte(struct writer *w, uint8_t value);
MUST_USE err vault_read_byte(struct reader *r, uint8_t *out);
void vault_write_bytes(struct writer *w, struct bytes b);
MUST_USE err vault_read_bytes(struct reader *r, struct bytes *out);
void vault_write_pair(struct writer *w, struct bytes a, struct bytes b);
MUST_USE err vault_read_pair(struct reader *r, struct bytes *ret_a, struct bytes *ret_b);

/* For logs and for the codes on screens. Never NULL. */
const char *vault_status_text(enum vault_status status);
