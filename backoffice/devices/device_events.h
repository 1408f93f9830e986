/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * device_events: what terminals tell of what has happened at them, each taken once. A terminal that
 * was offline tells it late; what follows from it (cooling, notices) counts from when we hear it.
 */

#include "backoffice/desk/notices.h"

struct device_event {
    int64_t number; /* the terminal's own, growing; 0: it has none, and a repeat is another event */
    int64_t at_ms;  /* by the terminal's clock; for the record only */
    char kind[NOTICE_KIND_MAX], operator_id[DESK_OPERATOR_LEN + 1], detail[NOTICE_DETAIL_MAX + 1];
};

/* Everything that follows from it, in one transaction. */
MUST_USE err device_event_take(struct desk *desk, const struct registry_terminal *terminal,
                               const struct device_event *event);
