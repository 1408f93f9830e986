/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* device_house: what of the house does not work, as terminals show it (S189). A word travels; it is
 * told when it changes, and on every connection while it is not "ok". */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_protocol.h"

/* How it is now: every connected terminal hears of it when that is new. */
void device_house_set(struct desk *desk, enum device_house house);
/* It has said hello. */
void device_house_hello(struct desk *desk, const char *tid);
