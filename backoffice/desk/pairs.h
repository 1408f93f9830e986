/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pairs: a telephone as an approver at one terminal (S173), and nothing else: it pays nothing,
 * reads nothing, and is let go of at any time.
 *
 *   terminal  pair          the vault's token, shown as a QR code that opens our page behind a '#'
 *   phone     offer         makes a key that cannot leave it, sends the public half with the token
 *   terminal  pair_key      shows six digits of SHA-256(token | key); the phone shows its own
 *   terminal  pair_end      the supervisor has compared them: the vault keeps the key
 *   terminal  approve       a challenge; the phones of this terminal show what is asked
 *   phone     answer        its signature goes to the terminal, where the vault verifies it
 *
 * The host only carries: a host that swaps the key is seen in the six digits, one that makes up a
 * signature is refused by the vault. A phone shows a random token that it was given when it
 * paired; its hash is kept.
 */

#include "backoffice/desk/desk.h"

enum {
    PAIR_TOKEN_LEN = 16,
    PAIR_KEY_LEN = 65,       /* an uncompressed point of P-256 */
    PAIR_LABEL_MAX = 40,     /* bytes of UTF-8 */
    PAIR_SIGNATURE_LEN = 64, /* r | s */
    PAIR_MS = 5 * 60 * 1000,
    PAIR_APPROVAL_MS = 2 * 60 * 1000,
    PAIR_URL_MAX = 200,
    PAIR_BEARER_MAX = 44, /* a token's text and its NUL */
    PAIRS_LISTED_MAX = 20,
};

enum pair_state {
    PAIR_WAITS_PHONE = 1,
    PAIR_WAITS_TERMINAL = 2,
    PAIR_PAIRED = 3,
    PAIR_OVER = 4,
};

struct pair {
    int64_t id, begun_ms;
    char tid[DESK_TID_LEN + 1], mid[16], label[PAIR_LABEL_MAX + 1];
    enum pair_state state;
    int64_t number; /* the vault's, when paired */
};

enum pair_verdict {
    PAIR_OK = 0,
    PAIR_UNKNOWN,   /* token or phone: unknown, used, too late, removed */
    PAIR_MALFORMED, /* key, label or signature */
    PAIR_AWAY,      /* the terminal is not connected */
};

/* ---- the terminal's side ---- */

MUST_USE err pair_begin(struct desk *desk, const struct registry_terminal *terminal,
                        struct bytes token, char ret_url[PAIR_URL_MAX]);
/* `number` 0: not confirmed. */
MUST_USE err pair_end(struct desk *desk, const char *tid, struct bytes token, int64_t number);
/* *ret_phones is how many phones were asked. */
MUST_USE err approval_ask(struct desk *desk, const char *tid, const char *operator_id,
                          struct bytes challenge, unsigned *ret_phones);

/* ---- the phone's side ---- */

/* `ret_bearer` is the phone's from now on, to be kept by it alone; the caller wipes it. */
MUST_USE err pair_offer(struct desk *desk, struct bytes token, struct bytes key, struct bytes label,
                        enum pair_verdict *ret_verdict, char ret_bearer[PAIR_BEARER_MAX]);
MUST_USE err pair_of_phone(struct desk *desk, struct bytes bearer, enum pair_verdict *ret_verdict,
                           struct pair *ret_pair);
/* The phone lets go of the terminal. */
MUST_USE err pair_forget(struct desk *desk, int64_t pair, const char *actor, bool *ret_done);
/* The supervisor has removed it at the terminal: `number` is the vault's. In the caller's
 * transaction. */
MUST_USE err pair_removed_there(struct desk *desk, struct store_tx *tx, const char *tid,
                                int64_t number);

struct approval {
    int64_t id, asked_ms, expires_ms;
    char operator_id[DESK_OPERATOR_LEN + 1];
    uint8_t challenge[32];
    size_t challenge_len;
};

typedef err (*approval_each)(void *context, const struct approval *approval);
MUST_USE err approval_list(struct desk *desk, const struct pair *pair, approval_each each,
                           void *context);
MUST_USE err approval_answer(struct desk *desk, const struct pair *pair, int64_t approval,
                             struct bytes signature, enum pair_verdict *ret_verdict);

/* The phones of one terminal, for the desk and the owner. */
typedef err (*pair_each)(void *context, const struct pair *pair);
MUST_USE err pair_list(struct desk *desk, const char *tid, pair_each each, void *context);
