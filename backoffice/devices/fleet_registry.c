/* SPDX-License-Identifier: Apache-2.0 */
/* The fleet out of the registry, a slice at a time; at the end the old and the new one, both by
 * their numbers, are walked once side by side. */
#include "backoffice/devices/fleet_internal.h"

#include <stdlib.h>

enum { ROOM_FIRST = 256 };

struct fleet_reading {
    struct fleet_device *device;
    size_t count, room;
    struct fleet_shop *shop;
    size_t shops, shop_room;
};

void fleet_copy(struct fleet_device *d, const struct registry_terminal *t)
{
    memcpy(d->tid, t->tid, sizeof d->tid);
    memcpy(d->serial, t->serial, sizeof d->serial);
    memcpy(d->model, t->model, sizeof d->model);
    memcpy(d->mid, t->mid, sizeof d->mid);
    d->outlet = t->outlet;
    d->status = (uint8_t)t->status;
}

/* Room for one more of `size` bytes in *at. */
static err more_room(void **at, size_t *room, size_t count, size_t size)
{
    if (count < *room) return OK;
    size_t wanted = *room == 0 ? ROOM_FIRST : 2 * *room;
    void *larger = realloc(*at, wanted * size);
    if (larger == NULL) return ERR(NO_MEMORY);
    *at = larger;
    *room = wanted;
    return OK;
}

err fleet_add(struct fleet *fleet, const char *tid, struct fleet_device **ret_device)
{
    size_t at = fleet_place(fleet, tid);
    TRY(more_room((void **)&fleet->device, &fleet->room, fleet->count, sizeof *fleet->device));
    memmove(&fleet->device[at + 1], &fleet->device[at],
            (fleet->count - at) * sizeof *fleet->device);
    fleet->device[at] = (struct fleet_device){.fresh = true};
    fleet->count++;
    *ret_device = &fleet->device[at];
    return OK;
}

/* ---- reading ---- */

bool fleet_reads(const struct fleet *fleet)
{
    return fleet->reading != NULL;
}

err fleet_read_begin(struct fleet *fleet)
{
    ENSURE(fleet->reading == NULL);
    fleet->reading = calloc(1, sizeof *fleet->reading);
    if (fleet->reading == NULL) return ERR(NO_MEMORY);
    for (size_t i = 0; i < fleet->count; i++) fleet->device[i].fresh = false;
    return OK;
}

void fleet_read_end(struct fleet *fleet)
{
    struct fleet_reading *r = fleet->reading;
    if (r == NULL) return;
    free(r->device);
    free(r->shop);
    free(r);
    fleet->reading = NULL;
}

static err read_terminal(void *context, const struct registry_terminal *t)
{
    struct fleet_reading *r = context;
    TRY(more_room((void **)&r->device, &r->room, r->count, sizeof *r->device));
    struct fleet_device *d = &r->device[r->count++];
    *d = (struct fleet_device){0};
    fleet_copy(d, t);
    return OK;
}

static err read_shop(void *context, const struct registry_merchant *m)
{
    struct fleet_reading *r = context;
    TRY(more_room((void **)&r->shop, &r->shop_room, r->shops, sizeof *r->shop));
    struct fleet_shop *shop = &r->shop[r->shops++];
    *shop = (struct fleet_shop){0};
    memcpy(shop->mid, m->mid, sizeof shop->mid);
    memcpy(shop->name_zh, m->name_zh, sizeof shop->name_zh);
    memcpy(shop->name_en, m->name_en, sizeof shop->name_en);
    return OK;
}

/* What a device has told is its own; who it is is the registry's. */
static void keep_told(struct fleet_device *to, const struct fleet_device *from)
{
    to->connected = from->connected;
    to->dirty = from->dirty;
    to->heard_ms = from->heard_ms;
    to->state = from->state;
}

/* Those that came while their slice had been read already: they are in the next reading. */
static err keep_fresh(struct fleet *fleet, const struct fleet_device *old, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fleet_device *d;
        if (!old[i].fresh || fleet_at(fleet, old[i].tid) != NULL) continue;
        TRY(fleet_add(fleet, old[i].tid, &d));
        *d = old[i];
        fleet->dirty += d->dirty;
    }
    return OK;
}

static err put_in_place(struct fleet *fleet)
{
    struct fleet_reading *r = fleet->reading;
    struct fleet_device *old = fleet->device;
    size_t count = fleet->count, at = 0;
    fleet->dirty = fleet->next_dirty = 0;
    for (size_t i = 0; i < r->count; i++) {
        while (at < count && strcmp(old[at].tid, r->device[i].tid) < 0) at++;
        if (at == count || strcmp(old[at].tid, r->device[i].tid) != 0) continue;
        keep_told(&r->device[i], &old[at]);
        fleet->dirty += r->device[i].dirty;
    }
    free(fleet->shop);
    fleet->device = r->device;
    fleet->count = r->count;
    fleet->room = r->room;
    fleet->shop = r->shop;
    fleet->shops = r->shops;
    fleet->shop_room = r->shop_room;
    free(r);
    fleet->reading = NULL;
    err kept = keep_fresh(fleet, old, count);
    free(old);
    fleet_changes_all(fleet->changes);
    return kept;
}

err fleet_read_on(struct fleet *fleet)
{
    struct fleet_reading *r = fleet->reading;
    size_t before = r->count;
    char after[sizeof r->device->tid] = ""; /* a copy: the array moves as it grows */
    if (before > 0) memcpy(after, r->device[before - 1].tid, sizeof after);
    TRY(registry_terminals_after(fleet->registry, bytes_text(after), FLEET_READ_SLICE,
                                 read_terminal, r));
    if (r->count - before == FLEET_READ_SLICE) return OK;
    TRY(registry_merchants(fleet->registry, read_shop, r));
    return put_in_place(fleet);
}

err fleet_go_on(struct fleet *fleet)
{
    return fleet->reading == NULL ? OK : fleet_read_on(fleet);
}
