/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * wind: the devices of a contract that is wound up (S142). When the end is agreed to, each that is
 * at work is told to settle, to send what is unsent, and to erase its keys: the signed command of
 * the fleet (DEVICE_WIPE_SETTLES), which is never said to be further than is known. A device that
 * is switched off gets it when it comes back and is named meanwhile; whether it was erased holds
 * nothing up, because what comes back is closed by its number all the same.
 *
 * What comes back by courier has a label of its own (stock/shipment.h), and is back when somebody
 * of the stock has taken it in: that ends its binding and its code, and closes its number.
 */

#include "backoffice/contracts/contract.h"
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/stock/shipment.h"

enum { WIND_DEVICES_MAX = 100 }; /* that are named; how many there are is counted */

struct wind_device {
    char tid[9], serial[33];
    enum stock_state stock;       /* 0: it did not come out of our stock */
    enum fleet_presence presence; /* 0: it was never active */
    int64_t heard_ms;             /* 0: never */
    uint32_t unsent;
    enum command_state wipe;    /* 0: nothing was ordered since the end was agreed to */
    int64_t wipe_ms;            /* since when it is so */
    enum shipment_state parcel; /* back to us; 0: no label was asked for */
    char label[COURIER_LABEL_MAX + 1];
    bool may_send; /* a label may be asked for */
};

typedef err (*wind_each)(void *context, const struct wind_device *device);
/* Those that are out, and those that came back since `contract` was agreed to; at most
 * WIND_DEVICES_MAX. */
MUST_USE err wind_devices(struct backoffice *backoffice, const struct contract *contract,
                          int64_t now_ms, wind_each each, void *context);

/* In the caller's transaction: an order to each device at work. Then, when it is committed: whoever
 * is connected is told. */
MUST_USE err wind_order(struct backoffice *backoffice, const char *mid, const char *actor,
                        int64_t now_ms);
MUST_USE err wind_tell(struct backoffice *backoffice, const char *mid, int64_t now_ms);
