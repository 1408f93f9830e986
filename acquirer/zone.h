/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The keys shared with a network, and their change: zone.c. Private to this folder. */

#include "acquirer/host.h"

/* Takes what the registry says; at start. CONFIG: keys are missing. */
MUST_USE err zone_load(struct acquirer *a, enum payment_route route);
/* Goes on where the journal says that a change of keys is. */
MUST_USE err zone_resume(struct acquirer *a);
/* The registry has changed: is there a change of keys to begin, or one that has ended? */
void zone_watch(struct acquirer *a);
/* This task is under the keys that are in use now, to its end. */
static inline void zone_begin(const struct acquirer *a, struct task *task)
{
    task->zone_set = a->route[task->payment.route].use;
}
static inline const struct zone_set *zone_of(const struct acquirer *a, const struct task *task)
{
    return &a->route[task->payment.route].set[task->zone_set];
}
static inline const struct zone_set *zone_now(const struct acquirer *a, enum payment_route route)
{
    return &a->route[route].set[a->route[route].use];
}
/* Tells a network of new keys, and ends what is over. */
MUST_USE err zone_tick(struct acquirer *a, int64_t now_ms);
/* An 0810. */
MUST_USE err zone_answered(struct acquirer *a, enum payment_route route,
                           const struct iso8583_message *message, struct bytes raw);
MUST_USE err zone_checked(struct acquirer *a, struct task *task, enum hsm_status status);
