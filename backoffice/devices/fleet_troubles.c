/* SPDX-License-Identifier: Apache-2.0 */
/* Each trouble and the condition that it stands for. */
#include "backoffice/devices/fleet_troubles.h"

const struct fleet_trouble_words fleet_trouble_words[FLEET_TROUBLES] = {
#define X(name, code, grave, zh, en) {code, grave, zh, en},
    FLEET_TROUBLE_LIST(X)
#undef X
};

/* What stands in the registry, and when it was last heard of. */
static bool stands(enum fleet_trouble trouble, const struct fleet_device *d,
                   enum fleet_presence presence)
{
    bool active = d->status == REGISTRY_ACTIVE;
    switch (trouble) {
    case FLEET_TROUBLE_CLOSED:
        return d->status == REGISTRY_CLOSED;
    case FLEET_TROUBLE_SUSPENDED:
        return d->status == REGISTRY_SUSPENDED;
    case FLEET_TROUBLE_OFFLINE:
        return active && presence == FLEET_OFFLINE;
    case FLEET_TROUBLE_UNUSED:
        return active && presence == FLEET_NEW;
    case FLEET_TROUBLE_SIGNED_OUT: /* who is away may have signed in since */
        return active && presence == FLEET_ONLINE && d->state.told_ms != 0 && !d->state.signed_in;
    default:
        return false;
    }
}

/* What it has told: still so when it is away. */
static bool told(enum fleet_trouble trouble, const struct fleet_state *s)
{
    switch (trouble) {
    case FLEET_TROUBLE_LOST:
        return s->hold == DEVICE_LOST;
    case FLEET_TROUBLE_LOCKED:
        return s->hold == DEVICE_LOCKED;
    case FLEET_TROUBLE_UNSENT:
        return s->unsent > 0;
    case FLEET_TROUBLE_PAPER_OUT:
        return s->paper == DEVICE_PAPER_OUT;
    case FLEET_TROUBLE_PAPER_LOW:
        return s->paper == DEVICE_PAPER_LOW;
    case FLEET_TROUBLE_PRINTER:
        return s->paper == DEVICE_PRINTER_FAULT;
    case FLEET_TROUBLE_BATTERY:
        return s->battery < FLEET_LOW_BATTERY;
    default:
        return false;
    }
}

size_t fleet_troubles(const struct fleet_device *device, int64_t now_ms,
                      enum fleet_trouble out[FLEET_TROUBLES])
{
    enum fleet_presence presence = fleet_presence(device, now_ms);
    size_t count = 0;
    for (enum fleet_trouble at = 0; at < FLEET_TROUBLES; at++)
        if (stands(at, device, presence) ||
            (device->state.told_ms != 0 && told(at, &device->state)))
            out[count++] = at;
    return count;
}
