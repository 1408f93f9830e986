/* SPDX-License-Identifier: Apache-2.0 */
/* Devices by merchant: what each is told, how far it is, and on which road it comes back. */
#include "backoffice/contracts/wind.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "registry/registry.h"

enum { SLICE = DESK_COMMANDS_MAX };

/* ---- orders ---- */

struct slice {
    size_t count;
    char tid[SLICE][9];
};

static err keep(void *context, const struct fleet_device *device)
{
    struct slice *slice = context;
    memcpy(slice->tid[slice->count++], device->tid, sizeof slice->tid[0]);
    return OK;
}

/* The next devices at work behind the last of `slice`. */
static err next_slice(struct backoffice *b, const char *mid, int64_t now_ms, struct slice *slice)
{
    struct fleet_query query = {.limit = SLICE};
    ENSURE(strlen(mid) < sizeof query.mid);
    memcpy(query.mid, mid, strlen(mid) + 1);
    if (slice->count > 0) memcpy(query.after, slice->tid[slice->count - 1], sizeof query.after);
    slice->count = 0;
    return fleet_search(b->desk->fleet, &query, now_ms, keep, slice);
}

err wind_order(struct backoffice *b, const char *mid, const char *actor, int64_t now_ms)
{
    struct slice slice = {.count = 0};
    do {
        TRY(next_slice(b, mid, now_ms, &slice));
        for (size_t i = 0; i < slice.count; i++)
            TRY(command_add(b->desk, slice.tid[i], DEVICE_WIPE, bytes_text(DEVICE_WIPE_SETTLES),
                            actor, 0, NULL));
    } while (slice.count == SLICE);
    return OK;
}

err wind_tell(struct backoffice *b, const char *mid, int64_t now_ms)
{
    struct slice slice = {.count = 0};
    do {
        TRY(next_slice(b, mid, now_ms, &slice));
        TRY(command_deliver_all(b->desk, slice.tid, slice.count));
    } while (slice.count == SLICE);
    desk_changed(b->desk, DESK_DEVICES);
    return OK;
}

/* ---- how far they are ---- */

struct naming {
    struct backoffice *b;
    const struct contract *contract;
    int64_t now_ms;
    wind_each each;
    void *context;
    size_t count;
    struct wind_device device[WIND_DEVICES_MAX];
};

static struct wind_device *add(struct naming *n)
{
    if (n->count == WIND_DEVICES_MAX) return NULL;
    struct wind_device *d = &n->device[n->count++];
    *d = (struct wind_device){.unsent = 0};
    return d;
}

/* What was taken in before is another story's end; what is in stock or scrapped is nobody's. */
static err add_stock(void *context, const struct stock_terminal *t)
{
    struct naming *n = context;
    struct shipment back;
    bool came = t->state == STOCK_RETURNED && n->contract->decided_ms != 0 &&
                t->changed_ms >= n->contract->decided_ms;
    bool out = t->state >= STOCK_ASSIGNED && t->state <= STOCK_ACTIVE;
    struct wind_device *d = came || out ? add(n) : NULL;
    if (d == NULL) return OK;
    memcpy(d->tid, t->tid, sizeof d->tid);
    snprintf(d->serial, sizeof d->serial, "%s", t->serial);
    d->stock = t->state;
    err found = shipment_of_return(n->b->store, t->assignment, &back);
    d->may_send = found.code == ERR_NOT_FOUND && n->contract->state == CONTRACT_ENDING &&
                  (t->state == STOCK_DELIVERED || t->state == STOCK_ACTIVE);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    d->parcel = back.state;
    memcpy(d->label, back.label, sizeof d->label);
    return OK;
}

/* A device that the registry has and no stock: it was set up by hand. */
static err add_fleet(void *context, const struct fleet_device *f)
{
    struct naming *n = context;
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->device[i].tid, f->tid) == 0) return OK;
    struct wind_device *d = add(n);
    if (d == NULL) return OK;
    memcpy(d->tid, f->tid, sizeof d->tid);
    snprintf(d->serial, sizeof d->serial, "%s", f->serial);
    return OK;
}

static err add_wipe(struct naming *n, struct wind_device *d)
{
    struct device_order order;
    const struct contract *c = n->contract;
    bool agreed = c->state == CONTRACT_ENDING || c->state == CONTRACT_ENDED;
    if (!agreed || d->tid[0] == '\0') return OK;
    err found = command_newest(n->b->desk, d->tid, DEVICE_WIPE, c->decided_ms, &order);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    d->wipe = order.state;
    d->wipe_ms = order.verified_ms != 0       ? order.verified_ms
                 : order.acknowledged_ms != 0 ? order.acknowledged_ms
                 : order.delivered_ms != 0    ? order.delivered_ms
                                              : order.asked_ms;
    return OK;
}

static err name(struct naming *n)
{
    for (size_t i = 0; i < n->count; i++) {
        struct wind_device *d = &n->device[i];
        const struct fleet_device *f =
            d->tid[0] == '\0' ? NULL : fleet_find(n->b->desk->fleet, d->tid);
        bool same = f != NULL && strcmp(f->serial, d->serial) == 0;
        if (same) {
            d->presence = fleet_presence(f, n->now_ms);
            d->heard_ms = f->heard_ms;
            d->unsent = f->state.unsent;
        }
        TRY(add_wipe(n, d));
        TRY(n->each(n->context, d));
    }
    return OK;
}

err wind_devices(struct backoffice *b, const struct contract *contract, int64_t now_ms,
                 wind_each each, void *context)
{
    struct naming n = {
        .b = b, .contract = contract, .now_ms = now_ms, .each = each, .context = context};
    const struct stock_query stock = {
        .mid = contract->mid, .search = "", .after = "", .limit = WIND_DEVICES_MAX};
    struct fleet_query fleet = {.limit = WIND_DEVICES_MAX};
    memcpy(fleet.mid, contract->mid, sizeof fleet.mid);
    ENSURE(b->desk != NULL);
    TRY(stock_list(b->store, &stock, add_stock, &n));
    TRY(fleet_search(b->desk->fleet, &fleet, now_ms, add_fleet, &n));
    return name(&n);
}
