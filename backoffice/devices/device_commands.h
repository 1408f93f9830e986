/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * device_commands: what an owner, or the desk for him, wants of a device that is not where it
 * should be (S45, S115), and how far it has come. Never more is said than is known:
 *
 *   queued        it stands here, and the device has not been told
 *   delivered     it has gone into the device's connection
 *   acknowledged  the device has it in its store
 *   verified      the device says that it is so: read, locked, opened, rung, collected
 *   refused       the device has not taken it, and says why: "old", "forged"
 *
 * Each is proved by the hsm to the device's vault, under a number that only grows (DV-11); while
 * the hsm is away commands stay queued. A command that has not reached "verified" is told again on
 * every connection; its number makes the repeat harmless. A state never goes back, and nothing is
 * taken out: the tables hold that.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_protocol.h"

enum {
    COMMANDS_LISTED_MAX = 20,
    COMMANDS_OPEN_MAX = 10, /* of one device, not yet verified: more is somebody at play */
};

enum command_state {
    COMMAND_QUEUED = 1,
    COMMAND_DELIVERED,
    COMMAND_ACKNOWLEDGED,
    COMMAND_VERIFIED,
    COMMAND_REFUSED,
    COMMAND_STATES
};

const char *command_state_text(enum command_state state);

enum command_verdict {
    COMMAND_OK,
    COMMAND_BAD_TEXT, /* not printable, too long, or missing in a message */
    COMMAND_TOO_MANY, /* COMMANDS_OPEN_MAX of this device wait */
};

struct device_order {
    int64_t id;
    enum device_command kind;
    char text[DEVICE_TEXT_MAX], actor[DESK_ACTOR_MAX];
    enum command_state state;
    /* 0: not yet */
    int64_t asked_ms, delivered_ms, acknowledged_ms, verified_ms;
    char reason[DEVICE_REASON_MAX]; /* REFUSED: why */
};

/* Written down and, when the device is connected, told. `actor` as it stands in the audit. */
MUST_USE err command_ask(struct desk *desk, const char *tid, enum device_command kind,
                         struct bytes text, const char *actor, enum command_verdict *ret_verdict);
/* The same in a transaction that is open, for many at a time: nothing is told, and how many wait
 * already is not asked. Of one order for many (0: none) a device gets one. `ret_number` may be
 * NULL. */
MUST_USE err command_add(struct desk *desk, const char *tid, enum device_command kind,
                         struct bytes text, const char *actor, int64_t fleet_order,
                         int64_t *ret_number);
/* Whether it may be asked now. */
MUST_USE err command_judge(struct desk *desk, const char *tid, enum device_command kind,
                           struct bytes text, enum command_verdict *ret_verdict);
/* A text that a command of this kind may have. */
bool command_text_is_good(enum device_command kind, struct bytes text);

/* Tells a connected device what it may not know yet. */
MUST_USE err command_deliver(struct desk *desk, const char *tid);

/* The device says how far command `id` is. What is not its own changes nothing. */
MUST_USE err command_progress(struct desk *desk, const char *tid, int64_t id,
                              enum device_progress progress, const char *reason);
/* The same for many, whose proofs are written at once. */
MUST_USE err command_deliver_all(struct desk *desk, char (*tid)[9], size_t count);

/* Writes what was told and heard since: before its answers leave. */
MUST_USE err command_flush(struct desk *desk);
/* It can be seen that its keys are gone: what asked for that is verified. In the caller's
 * transaction. */
MUST_USE err command_wiped(struct desk *desk, struct store_tx *tx, const char *tid);

/* Is it missed: was it called lost, or to be wiped, at or after `since_ms`, and not unlocked later?
 * From what was wanted, whether the device has heard of it or not. */
MUST_USE err command_is_missed(struct desk *desk, const char *tid, int64_t since_ms,
                               bool *ret_missed);

/* NOT_FOUND: this device has none of this number. */
MUST_USE err command_find(struct desk *desk, const char *tid, int64_t id,
                          struct device_order *ret_order);

/* The newest of a kind that was asked for at `since_ms` or later. NOT_FOUND: none. */
MUST_USE err command_newest(struct desk *desk, const char *tid, enum device_command kind,
                            int64_t since_ms, struct device_order *ret_order);

typedef err (*command_each)(void *context, const struct device_order *order);
MUST_USE err command_list(struct desk *desk, const char *tid, command_each each, void *context);
