/* SPDX-License-Identifier: Apache-2.0 */
/* One word for all of them. */
#include "backoffice/devices/device_house.h"

#include "backoffice/desk/desk_internal.h"

static void tell(struct desk *desk, uint32_t session)
{
    const struct device_message m = {.tell = DEVICE_HOUSE_TOLD, .house = desk->device_house};
    desk_tell(desk, session, &m);
}

void device_house_set(struct desk *desk, enum device_house house)
{
    const struct connected *c = &desk->connected;
    ENSURE(house < DEVICE_HOUSES);
    if (desk->device_house == house) return;
    desk->device_house = (uint8_t)house;
    for (uint32_t i = 0; i < c->used; i++)
        if (c->device[i].session != 0 && c->device[i].greeted) tell(desk, c->device[i].session);
}

void device_house_hello(struct desk *desk, const char *tid)
{
    if (desk->device_house != DEVICE_HOUSE_OK) tell(desk, desk_session_of(desk, tid));
}
