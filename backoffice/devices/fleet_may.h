/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fleet_may: who may want what of a device (S115-S117, S121), and why not, in words. A page shows
 * this and decides nothing: the call itself is judged by the same table.
 */

#include "backoffice/api/api.h"
#include "lib/wire/device_protocol.h"

enum fleet_may {
    FLEET_MAY,
    FLEET_MAY_FACTOR, /* once a factor was shown just now */
    FLEET_MAY_OWNER,  /* the owner of the merchant alone */
    FLEET_MAY_NOT,    /* not this role */
};

/* Pure. */
enum fleet_may fleet_may(const struct api_caller *caller, enum device_command kind);

/* As a list of an answer: each kind, whether, and why not. */
extern const struct api_schema fleet_may_schema;
/* One element. `full`: as many as may be wait for the device already. */
void fleet_may_write(struct json_out *j, const struct api_caller *caller, enum device_command kind,
                     bool full);
