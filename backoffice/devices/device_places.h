/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * device_places: where a device was, as far as it can know: the network it was on, the address that
 * it came from, and a position when it has a driver for one (S45). A row is a stay: it grows while
 * nothing changes. The newest PLACES_KEPT of a device are kept, and those of PLACES_DAYS: where
 * somebody's device was is nobody's business for longer than it takes to find it.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_protocol.h"

enum { PLACES_KEPT = 50, PLACES_DAYS = 30, PLACE_ADDRESS_MAX = 48 };

struct device_stay {
    int64_t from_ms, until_ms;
    unsigned link; /* device_link_name() */
    char network[DEVICE_NETWORK_MAX], address[PLACE_ADDRESS_MAX];
    bool positioned;
    int64_t latitude_e6, longitude_e6, accuracy_m;
};

/* What the device says, from `address`. */
MUST_USE err place_take(struct desk *desk, const char *tid, const char *address,
                        const struct device_message *said);
/* It was there until now. */
MUST_USE err place_touch(struct desk *desk, const char *tid);

typedef err (*place_each)(void *context, const struct device_stay *stay);
/* The newest first. */
MUST_USE err place_list(struct desk *desk, const char *tid, place_each each, void *context);
