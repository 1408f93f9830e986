/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fleet_orders: a command for many devices (S115). It is one row that says for which, and becomes a
 * command of each in slices, one an iteration: while ten thousand are told, pages are answered and
 * devices heard. A slice is one transaction with how far it has come; so a power cut repeats none
 * and forgets none. Devices that are connected are told their slice at once.
 */

#include "backoffice/desk/desk.h"
#include "backoffice/devices/device_commands.h"
#include "lib/wire/device_protocol.h"

enum {
    FLEET_ORDER_SLICE = 256, /* 25 ms of work: whoever asks for a page waits no longer */
    FLEET_ORDERS_LISTED = 5, /* each is counted anew: a hundred thousand rows of an index */
};

struct fleet_order {
    int64_t id, asked_ms;
    enum device_command kind;
    char text[DEVICE_TEXT_MAX], actor[DESK_ACTOR_MAX];
    /* For which: empty and 0 are all. Closed terminals are none. */
    char mid[16], model[17];
    uint32_t outlet;
    int64_t group, region; /* what either has when a slice is written, not before */
    bool connected;        /* those that are connected come first; then all others */
    char after[9];         /* the last that has it */
};

/* In the caller's transaction; how many devices it is for now. */
MUST_USE err fleet_order_begin(struct desk *desk, struct store_tx *tx,
                               const struct fleet_order *order, int64_t *ret_devices);
/* How far one is: of how many devices its command is in which state. */
struct fleet_progress {
    int64_t id, asked_ms;
    enum device_command kind;
    char text[DEVICE_TEXT_MAX], actor[DESK_ACTOR_MAX];
    int64_t count[COMMAND_STATES];
};
typedef err (*fleet_progress_each)(void *context, const struct fleet_progress *progress);
/* The newest FLEET_ORDERS_LISTED, the newest first. */
MUST_USE err fleet_orders_list(struct desk *desk, fleet_progress_each each, void *context);

/* The next slice of the oldest, when there is one. */
MUST_USE err fleet_orders_step(struct desk *desk);
