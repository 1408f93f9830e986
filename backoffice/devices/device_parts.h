/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * device_parts: what devices have collected because a command asked for it (S116), kept by the
 * command's number for PARTS_DAYS. A part that nobody asked for, of another kind or beyond the
 * limits is not taken.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_protocol.h"

enum { PARTS_MAX = 64, PARTS_DAYS = 30 };

MUST_USE err part_take(struct desk *desk, const char *tid, const struct device_message *said,
                       bool *ret_taken);

/* Appends what has come of command `number`; *ret_whole when nothing is missing. */
MUST_USE err part_read(struct desk *desk, const char *tid, int64_t number, struct writer *w,
                       bool *ret_whole);
/* Forgets what is old. */
MUST_USE err part_sweep(struct desk *desk);
