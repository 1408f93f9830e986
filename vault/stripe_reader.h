/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * stripe_reader: the driver of a magnetic stripe reader that plays a keyboard (keys:), stands on a
 * serial line (serial:) or is a HID device of its own kind (hid:, lib/wire/hid_pos.h). What it
 * types, "%B...?;...?" and Enter, is a swipe; anything else is an unreadable card. Of a HID device
 * a report is a swipe, and one that makes no sense is dropped and counted. A swipe is kept until
 * the vault polls, and forgotten when it arms the reader: a card that was swiped before anybody
 * asked for one pays nothing.
 *
 * Such a reader sends card data in the clear to this process: it is for a reader inside the
 * device's case (SECURITY.md). An input device is taken for the vault alone; of a hidraw device
 * that must be seen to by its owner and mode.
 */

#include "lib/base/log.h"
#include "lib/wire/hid_pos.h"
#include "lib/wire/keyboard.h"
#include "lib/wire/peripheral.h"
#include "lib/wire/serial_line.h"
#include "vault/vault.h"

struct stripe_reader {
    struct peripheral_address address;
    struct peripheral line;
    struct keyboard keys;
    struct serial_line serial;
    struct hid_stripe hid;
    struct vault_swipe swipe;
    const struct log *log;
    struct clock clock;
    const struct hid_calls *hid_calls; /* NULL: the kernel's */
};

/* Zero it first. Errors: CONFIG (not such an address). */
MUST_USE err stripe_reader_name(struct stripe_reader *reader, const char *address);

/* From when there is a loop. Errors: FULL. */
MUST_USE err stripe_reader_open(struct stripe_reader *reader, struct loop *loop, struct clock clock,
                                const struct log *log);
void stripe_reader_close(struct stripe_reader *reader); /* one that was never opened is fine */

/* Lives as long as `reader`. */
struct vault_reader stripe_reader_driver(struct stripe_reader *reader);

/* A line as a swipe: the tracks with their sentinels, as far as they are there. For the tests. */
void stripe_reader_line(struct bytes line, struct vault_swipe *out);
