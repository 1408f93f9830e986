/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hashing: everything that takes an Argon2id hash, and whose turn it is. A hash takes 40 ms of a
 * core and 19 MiB, so it runs in threads of the program (worker.c), a fixed number at a time, and
 * whoever asks waits in one of two bounded lists: people with a session, a good link or a device
 * that the account was used on; and strangers. The lists take turns, so that neither starves the
 * other, and in a list nobody has more than two places: not an account, and not a stranger's
 * address. Of strangers the one goes first whose network has asked least lately (turns.h), and
 * takes the place of the one whose network has asked most when there is none left. What finds no
 * place, or loses it, is answered 429 before anything is hashed (CR-22, HS-14).
 */

#include "backoffice/accounts/session.h"
#include "backoffice/accounts/tries.h"
#include "lib/auth/normalise.h"

/* name, what was asked */
#define TASK_LIST(X)                                       \
    X(LOGIN, "is this the password?")                      \
    X(SETUP, "the first password, by link")                \
    X(RESET, "another password, by link")                  \
    X(CHANGE, "another password, knowing the present one") \
    X(FORCED, "another password, after a complete log-in")

enum task_kind {
#define X(name, text) TASK_##name,
    TASK_LIST(X)
#undef X
        TASKS
};

/* Somebody who waits. Passwords are wiped when it ends. */
struct task {
    enum task_kind kind;
    bool used, running, trusted;
    uint64_t network; /* of a stranger: turns.h */
    int64_t debt_ms;  /* of its network, as it is now: who asks again while he waits falls behind */
    uint64_t id;      /* in the order of arrival */
    uint64_t ticket;
    enum realm realm;
    int64_t account; /* 0: nobody's: hashed all the same */
    int64_t session, device;
    uint8_t link[TOKEN_HASH_BYTES];
    struct password_text password, chosen;
    char record[PASSWORD_RECORD_MAX];  /* what `password` is compared with; empty: with nothing */
    char present[PASSWORD_RECORD_MAX]; /* the account's when it was asked for */
    char old[HASH_OLD_PASSWORDS][PASSWORD_RECORD_MAX];
    size_t old_count;
    bool english;  /* the language of a refusal */
    bool spent;    /* a try was to be had */
    bool stand_in; /* the record is nobody's */
    char address[HTTP_ADDRESS_MAX], agent[SESSION_AGENT_MAX + 1];
    struct tries_key tries;
};

/* A zeroed task with what the request says of its sender. */
void task_from(const struct call *call, enum task_kind kind, struct task *ret_task);
void task_wipe(struct task *task); /* for CLEANUP */

/*
 * Takes the task, whose answer then comes later; or answers 429 at once. `task` is copied and
 * wiped.
 */
void hashing_take(struct backoffice *backoffice, struct task *task, struct http_response *response);

/* Starts what may start: at the end of an iteration and when one has ended. */
MUST_USE err hashing_run(struct backoffice *backoffice);

MUST_USE err hashing_open(struct backoffice *backoffice);
void hashing_close(struct backoffice *backoffice);

/*
 * What each kind does: `start` just before it is hashed (a try is spent there), `done` with the
 * result, writing the answer. Both commit what they change.
 */
struct task_rules {
    err (*start)(struct backoffice *backoffice, struct task *task);
    err (*done)(struct backoffice *backoffice, struct task *task,
                const struct backoffice_hashed *result, struct http_response *response);
};
extern const struct task_rules login_task, setup_task, reset_task, change_task, forced_task;
