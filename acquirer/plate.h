/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* plate: payments by plates, which a wallet tells of (plate.c; docs/dialect.md). */

#include "acquirer/host.h"

/* Is this something that a wallet asks, and no answer of its? */
bool plate_told(enum payment_route route, const struct iso8583_message *message);
MUST_USE err plate_asked(struct acquirer *a, const struct iso8583_message *message,
                         struct bytes raw);
MUST_USE err plate_checked(struct acquirer *a, struct task *task, enum hsm_status status);
MUST_USE err plate_sealed(struct acquirer *a, struct task *task, struct bytes mac);
