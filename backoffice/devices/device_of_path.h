/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The device that a path names, judged in one place for every call about one device. */

#include "backoffice/api/api.h"
#include "backoffice/devices/fleet.h"

/* The device of the first {name}; NULL, and the answer is written, when the caller sees none. */
const struct fleet_device *device_of_path(struct backoffice *backoffice,
                                          const struct api_call *call,
                                          struct http_response *response);
