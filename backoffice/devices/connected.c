/* SPDX-License-Identifier: Apache-2.0 */
/* Two chained tables over one array. */
#include "backoffice/devices/connected.h"

#include <stdlib.h>

err connected_open(struct connected *c, uint32_t max)
{
    *c = (struct connected){.max = max, .buckets = 1};
    while (c->buckets < max) c->buckets *= 2;
    c->device = calloc(max, sizeof *c->device);
    c->by_session = calloc(c->buckets, sizeof *c->by_session);
    c->by_tid = calloc(c->buckets, sizeof *c->by_tid);
    if (c->device != NULL && c->by_session != NULL && c->by_tid != NULL) return OK;
    connected_close(c);
    return ERR(NO_MEMORY);
}

void connected_close(struct connected *c)
{
    free(c->device);
    free(c->by_session);
    free(c->by_tid);
    *c = (struct connected){0};
}

static uint32_t *session_head(const struct connected *c, uint32_t session)
{
    return &c->by_session[session & (c->buckets - 1)];
}

static uint32_t *tid_head(const struct connected *c, const char *tid)
{
    uint32_t hash = 2166136261u;
    for (const char *at = tid; *at != '\0'; at++) hash = (hash ^ (uint8_t)*at) * 16777619u;
    return &c->by_tid[(hash ^ hash >> 15) & (c->buckets - 1)];
}

struct desk_device *connected_session(const struct connected *c, uint32_t session)
{
    if (session == 0) return NULL;
    for (uint32_t at = *session_head(c, session); at != 0; at = c->device[at - 1].next_session)
        if (c->device[at - 1].session == session) return &c->device[at - 1];
    return NULL;
}

struct desk_device *connected_tid(const struct connected *c, const char *tid)
{
    for (uint32_t at = *tid_head(c, tid); at != 0; at = c->device[at - 1].next_tid)
        if (strcmp(c->device[at - 1].tid, tid) == 0) return &c->device[at - 1];
    return NULL;
}

struct desk_device *connected_take(struct connected *c, uint32_t session, const char *tid)
{
    uint32_t at = c->free;
    ENSURE(session != 0 && strlen(tid) <= CONNECTED_TID);
    if (at != 0) c->free = c->device[at - 1].next_free;
    else if (c->used < c->max) at = ++c->used;
    else return NULL;
    struct desk_device *device = &c->device[at - 1];
    uint32_t *by_session = session_head(c, session), *by_tid = tid_head(c, tid);
    *device =
        (struct desk_device){.session = session, .next_session = *by_session, .next_tid = *by_tid};
    memcpy(device->tid, tid, strlen(tid));
    *by_session = *by_tid = at;
    return device;
}

void connected_leave(struct connected *c, struct desk_device *device)
{
    uint32_t at = (uint32_t)(device - c->device) + 1;
    uint32_t *link = session_head(c, device->session);
    while (*link != at) link = &c->device[*link - 1].next_session;
    *link = device->next_session;
    link = tid_head(c, device->tid);
    while (*link != at) link = &c->device[*link - 1].next_tid;
    *link = device->next_tid;
    *device = (struct desk_device){.next_free = c->free};
    c->free = at;
}
