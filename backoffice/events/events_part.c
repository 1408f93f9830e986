/* SPDX-License-Identifier: Apache-2.0 */
/* Events as a part of the back office: its table, and the oldest taken out by the clock. */
#include "backoffice/events/events.h"
#include "backoffice/parts.h"

static err tick(struct backoffice *b, int64_t now_ms)
{
    (void)now_ms;
    return events_sweep(b->store);
}

const struct backoffice_part events_part = {
    .name = "events", .schema = &event_schema, .tick = tick};
