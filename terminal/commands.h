/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * commands: what the back office wants of this device (S45), in terminal.db until its end has been
 * told and acknowledged. A number comes as often as it likes and is taken once. Errors are the
 * store's; NOT_FOUND where it says so.
 */

#include "lib/store/store.h"
#include "lib/wire/device_protocol.h"

enum { COMMANDS_KEPT = 100 /* so many numbers are remembered: more than are ever under way */ };

struct command {
    int64_t number;
    uint8_t kind; /* enum device_command */
    char text[DEVICE_TEXT_MAX];
    uint8_t state; /* enum device_progress */
};

/* *ret_new is false when it was taken before. */
MUST_USE err command_take(struct store *store, const struct command *command, int64_t at_ms,
                          bool *ret_new);

/* The oldest that waits to be done, of the kinds in `kinds` (a bit each). NOT_FOUND. */
MUST_USE err command_waiting(struct store *store, unsigned kinds, struct command *out);
MUST_USE err command_done(struct store *store, int64_t number);

/* The oldest whose state the back office has not acknowledged. NOT_FOUND. */
MUST_USE err command_untold(struct store *store, struct command *out);
MUST_USE err command_told(struct store *store, int64_t number, uint8_t state);

/* The lock that is in force. NOT_FOUND. */
MUST_USE err command_lock(struct store *store, struct command *out);
/* The command "lost" that is in force: no unlock came after it. NOT_FOUND. */
MUST_USE err command_lost(struct store *store, struct command *out);
/* Which kinds wait to be done, a bit each. */
MUST_USE err command_kinds(struct store *store, unsigned *ret_kinds);
/* It was taken before. */
MUST_USE err command_known(struct store *store, int64_t number, bool *ret_known);
/* It is begun now; what a restart ends, and was begun, is done. */
MUST_USE err command_begun(struct store *store, int64_t number);
MUST_USE err command_restarted(struct store *store);
/* Somebody whom the desk has recovered has opened it here. */
MUST_USE err command_lock_open(struct store *store, int64_t number);
