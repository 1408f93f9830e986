/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * err: how a function says that it could not do its work.
 *
 * Three things can go wrong, and they are never mixed:
 *
 *   the world misbehaved      an err, returned; the caller must look at it
 *   the payment was refused   not an error: a response code or a verdict, returned as data
 *   our program is wrong      ENSURE() stops the process, in release builds too
 *
 * err is a struct and not an int, so `if (f())`, `return -1` and `return false` do not compile.
 * The compiler, not the reviewer, finds the result that was treated as a boolean.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Name and text of every error; the texts go to logs and to the operator's terminal. */
#define ERR_LIST(X)                                                 \
    X(OK, "ok")                                                     \
    X(SHORT, "input ends too early")                                \
    X(TRAILING, "input goes on after its end")                      \
    X(LENGTH, "length is above its maximum")                        \
    X(DIGIT, "not a decimal digit where one must stand")            \
    X(FORMAT, "value is not in its required format")                \
    X(FIELD, "field is not in this dialect")                        \
    X(MISSING, "a mandatory field is missing")                      \
    X(RANGE, "value is out of range")                               \
    X(STATE, "event is not allowed in this state")                  \
    X(NO_MEMORY, "memory set aside for this is used up")            \
    X(NOT_FOUND, "no such entry")                                   \
    X(EXISTS, "entry exists already")                               \
    X(CONFLICT, "same key with other content")                      \
    X(UNSUPPORTED, "not supported here")                            \
    X(MAC, "message authentication code does not verify")           \
    X(KCV, "key check value does not match")                        \
    X(KEY, "key is missing, of the wrong kind or not allowed here") \
    X(CRYPTO, "cipher operation failed")                            \
    X(IDENTITY, "peer is not who it must be")                       \
    X(DENIED, "not permitted")                                      \
    X(IO, "input or output failed")                                 \
    X(CLOSED, "peer has closed the connection")                     \
    X(REFUSED, "peer cannot be reached")                            \
    X(TIMEOUT, "no answer in time")                                 \
    X(AGAIN, "nothing to do yet")                                   \
    X(BUSY, "in use by somebody else")                              \
    X(FULL, "no room left on the device or in the table")           \
    X(READ_ONLY, "store is read-only")                              \
    X(NEWER, "made by a newer version of this program")             \
    X(CORRUPT, "stored data is damaged")                            \
    X(CONFIG, "configuration or command line is wrong")             \
    X(CRASHED, "this part has been stopped by the simulator")

enum err_code {
#define X(name, text) ERR_##name,
    ERR_LIST(X)
#undef X
        ERR_CODES
};

typedef struct {
    enum err_code code;
} err;

#define OK                  ((err){ERR_OK})
#define ERR(name)           ((err){ERR_##name})
#define FAILED(e)           ((e).code != ERR_OK)
#define MUST_USE            __attribute__((warn_unused_result))
#define PRINTF(text, first) __attribute__((format(printf, text, first)))

/* The happy path reads straight down; every failure leaves at once. */
#define TRY(call)                      \
    do {                               \
        err try_ = (call);             \
        if (FAILED(try_)) return try_; \
    } while (0)

/* Runs `function(&variable)` when the variable leaves its scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* For what only a bug can make false. Never for input, never with a side effect. */
#define ENSURE(condition)                                                \
    do {                                                                 \
        if (!(condition)) ensure_failed(__FILE__, __LINE__, #condition); \
    } while (0)

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The text of an error: one English clause without a full stop. Never NULL. */
const char *err_text(err e);

/* The name of an error as it stands in logs and traces: "SHORT". Never NULL. */
const char *err_name(err e);

/* Prints where and what to standard error and aborts. */
_Noreturn void ensure_failed(const char *file, int line, const char *condition);
