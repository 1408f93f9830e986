/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy_document: the policies of one device model as a text that is signed, versioned, and can be
 * read by the people whom it binds (S19, S20, CR-42).
 *
 *   tongbao-policy 1
 *   model TB-1
 *   version 3
 *   kind touch
 *   keyboard digits 10
 *   name-en Countertop terminal with a touch screen
 *   name-zh 台式触屏终端
 *   role cashier
 *   profile numeric-any
 *   ...                       each key of enum policy_key, in its order
 *   role supervisor
 *   ...
 *   signature 9f3c...         Ed25519 over all bytes before this line, in 128 hexadecimal digits
 *
 * Every line is there, in this order, and ends in one line feed; one space stands between words; a
 * number has no leading zero. So a policy has exactly one text, nothing can be left out to get a
 * default, and a key that this version does not know is refused and not passed over.
 *
 * What a signature cannot do is lower the floor of policy_floor(): a stolen signing key, or a slip
 * of the hand, gives no terminal without a password (S29).
 */

#include "lib/auth/policy.h"
#include "lib/base/random.h"

enum {
    POLICY_DOCUMENT_MAX = 4096, /* one command of the vault */
    POLICY_MODEL_MAX = 16,
    POLICY_TITLE_MAX = 80, /* bytes of UTF-8 */
    POLICY_SIGNER_BYTES = 32,
    POLICY_SIGNER_SECRET_BYTES = 64,
};

/* word, English, Chinese */
#define POLICY_KIND_LIST(X)                                                          \
    X(TOUCH, "touch", "touch screen", "触摸屏")                                      \
    X(SMART, "smart", "touch screen with a letter keyboard", "智能触屏，带字母键盘") \
    X(KEYS_12, "keys-12", "twelve keys", "十二键")                                   \
    X(KEYS_6, "keys-6", "six keys", "六键")                                          \
    X(NO_SCREEN, "no-screen", "keys and voice, no screen", "有按键和语音，无屏幕")   \
    X(QR_ONLY, "qr-only", "payment codes only", "仅扫码")                            \
    X(MPOS, "mpos", "reader beside a phone", "手机外接读卡器")                       \
    X(UNATTENDED, "unattended", "nobody stands beside it", "无人值守")               \
    X(PINPAD, "pinpad", "keypad beside a till", "外接密码键盘")                      \
    X(TILL, "till", "till with a whole keyboard", "带全键盘的收银机")                \
    X(CONSOLE, "console", "web console", "网页控制台")

enum policy_kind {
#define X(name, word, en, zh) POLICY_KIND_##name,
    POLICY_KIND_LIST(X)
#undef X
        POLICY_KINDS
};

/* The lines of a role after its `role` line, in their order. */
#define POLICY_KEY_LIST(X)            \
    X(PROFILE, "profile")             \
    X(RULES, "rules")                 \
    X(LENGTH, "length")               \
    X(DIGITS_ONLY, "digits-only")     \
    X(CLASSES, "classes")             \
    X(HISTORY, "history")             \
    X(MIN_AGE, "min-age")             \
    X(REVIEW, "review")               \
    X(EXPIRES, "expires")             \
    X(GRACE, "grace")                 \
    X(TRIES, "tries")                 \
    X(APPROVAL, "approval")           \
    X(SECOND_FACTOR, "second-factor") \
    X(RECOVERY, "recovery")           \
    X(AUTO_LOCK, "auto-lock")

enum policy_key {
#define X(name, word) POLICY_KEY_##name,
    POLICY_KEY_LIST(X)
#undef X
        POLICY_KEYS
};

/* Why a document is refused: a word for logs, and a clause. */
#define POLICY_FAULT_LIST(X)                                                      \
    X(NONE, "none", "nothing is wrong")                                           \
    X(SIZE, "size", "is longer than 4096 bytes")                                  \
    X(KEY, "key", "is not the line that must stand here")                         \
    X(VALUE, "value", "has a value that is not in its one form, or not offered")  \
    X(END, "end", "ends too early or goes on after its end")                      \
    X(SKIPS, "skips", "would let a password be skipped")                          \
    X(FLOOR, "floor", "is weaker than this program allows any policy to be")      \
    X(RULES, "rules", "contradicts the rule set that it names")                   \
    X(PROFILE, "profile", "contradicts its profile, role or keyboard")            \
    X(SIGNATURE, "signature", "is not signed by the key that this device trusts") \
    X(MODEL, "model", "is for another model")                                     \
    X(OLDER, "older", "is older than the policy that is there")

enum policy_fault_kind {
#define X(name, word, text) POLICY_FAULT_##name,
    POLICY_FAULT_LIST(X)
#undef X
        POLICY_FAULTS
};

struct policy_fault {
    enum policy_fault_kind kind;
    unsigned line; /* from 1; 0: the document as a whole */
};

struct policy_document {
    char model[POLICY_MODEL_MAX + 1];
    uint32_t version;
    enum policy_kind kind;
    enum policy_keyboard keyboard;       /* what can be typed there at all */
    uint8_t digit_keys;                  /* 10, or 6 */
    char name[2][POLICY_TITLE_MAX + 1];  /* by enum policy_language */
    struct policy role[POLICY_ROLE_END]; /* tries 0: this model has not got that role */
};

/* NULL when the model has not got that role: terminals have three, consoles the other two. */
const struct policy *policy_document_role(const struct policy_document *document,
                                          enum policy_role role);

/*
 * A text without its signature line. On a refusal *ret_fault says what and where, *ret_document is
 * untouched, and the err is FORMAT (LENGTH for SIZE, RANGE for SKIPS, FLOOR, RULES and PROFILE).
 */
MUST_USE err policy_document_parse(struct bytes text, struct policy_document *ret_document,
                                   struct policy_fault *ret_fault);

/* The one text of a document, without a signature. The writer must have room. */
void policy_document_write(const struct policy_document *document, struct writer *w);

/* What the device that is given a document knows. */
struct policy_trust {
    uint8_t signer[POLICY_SIGNER_BYTES];
    struct bytes model;
    uint32_t version_least; /* the stored one, or one more when it is to be replaced */
};

/* As policy_document_parse(), and MAC, IDENTITY, CONFLICT for SIGNATURE, MODEL, OLDER. The
 * signature is verified before anything else is looked at. */
MUST_USE err policy_document_open(struct bytes signed_text, const struct policy_trust *trust,
                                  struct policy_document *ret_document,
                                  struct policy_fault *ret_fault);

/* The last line of a signed text: is there one at all; is it `signer`'s, and what is before it?
 * blocklist_file.h has the other kind of text. */
bool policy_signature_split(struct bytes signed_text, struct bytes *ret_text);
bool policy_signature_verify(struct bytes signed_text, const uint8_t signer[POLICY_SIGNER_BYTES],
                             struct bytes *ret_text);

/* Signs all that was written so far, and writes that line. */
void policy_signature_write(struct writer *out, const uint8_t secret[POLICY_SIGNER_SECRET_BYTES]);

/* A signer's keys, from the random source. The caller wipes the secret. */
void policy_signer_make(const struct random *random, uint8_t ret_signer[POLICY_SIGNER_BYTES],
                        uint8_t ret_secret[POLICY_SIGNER_SECRET_BYTES]);

/* Checks `text` as policy_document_parse() does, so that nothing is signed that a device would
 * refuse, then writes it and its signature line. */
MUST_USE err policy_document_sign(struct bytes text,
                                  const uint8_t secret[POLICY_SIGNER_SECRET_BYTES],
                                  struct writer *out, struct policy_fault *ret_fault);

/*
 * The floor (S29): NONE, or why no document may say this and on which key. Holds for every policy
 * of every model; policy_make() gives nothing below it.
 */
enum policy_fault_kind policy_floor(const struct policy *policy, enum policy_key *ret_key);

/* The documents that are compiled in, in the order of their models; NULL after the last. */
const char *policy_builtin_text(size_t i);
/* False: no such model. */
bool policy_builtin(struct bytes model, struct policy_document *ret_document);

const char *policy_fault_word(enum policy_fault_kind kind);
const char *policy_fault_text(enum policy_fault_kind kind);
const char *policy_kind_word(enum policy_kind kind);
const char *policy_kind_text(enum policy_kind kind, enum policy_language language);
const char *policy_key_word(enum policy_key key);
