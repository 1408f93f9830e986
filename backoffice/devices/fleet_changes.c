/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of what has changed lately. */
#include "backoffice/devices/fleet_changes.h"

#include <string.h>

enum { A_MS = 1000 }; /* more changes in a millisecond than a computer makes */

void fleet_changes_begin(struct fleet_changes *c, int64_t now_ms)
{
    ENSURE(now_ms >= 0 && now_ms < INT64_MAX / A_MS);
    c->first = c->next = now_ms * A_MS;
}

void fleet_changes_add(struct fleet_changes *c, const char *tid)
{
    size_t len = strlen(tid);
    ENSURE(len < sizeof c->tid[0]);
    memcpy(c->tid[c->next++ % FLEET_CHANGES_KEPT], tid, len + 1);
}

void fleet_changes_all(struct fleet_changes *c)
{
    c->first = ++c->next;
}

bool fleet_changes_has(const struct fleet_changes *c, int64_t since)
{
    return since >= c->first && since <= c->next && c->next - since <= FLEET_CHANGES_KEPT;
}

const char *fleet_changes_next(const struct fleet_changes *c, int64_t *at)
{
    ENSURE(fleet_changes_has(c, *at));
    return *at == c->next ? NULL : c->tid[(*at)++ % FLEET_CHANGES_KEPT];
}
