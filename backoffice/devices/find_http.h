/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the two pages of a device share: where it was, and how far each order to it is. */

#include "backoffice/core.h"

/* Members "places", "commands" and "lock" of the open object; desk.h must be there. */
MUST_USE err find_write(struct backoffice *backoffice, struct json_out *j, const char *tid);
