/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A terminal that was restored from a backup asks for what came since (0300, payment/catch_up.h).
 */

#include "acquirer/host.h"

MUST_USE err catch_up_asked(struct acquirer *a, struct session *session,
                            const struct iso8583_frame_header *header,
                            const struct iso8583_message *message, struct bytes raw);
/* The hsm has looked at its MAC. */
MUST_USE err catch_up_checked(struct acquirer *a, struct task *task, enum hsm_status status);
