/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * device_past: of one device, what other rooms know (S122, S124): where it is registered to stand
 * and how far it is away, which hardware served under its number before, who was
 * in first, and what has happened there. Who sees one outlet
 * alone is told no serial numbers.
 */

#include "backoffice/api/api.h"
#include "backoffice/devices/fleet.h"

extern const struct api_schema device_registered_schema, device_served_schema,
    device_happened_schema;

/* Members `first_login` and `registered`, when there are such, `served` and `happened` of the
 * object that is being written. */
MUST_USE err device_past_write(struct backoffice *backoffice, const struct api_caller *caller,
                               const struct fleet_device *device, struct json_out *j);
