/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How much of everything the simulators hold, and why. */
enum {
    ROUTE_STREAMS_MAX = 8,        /* one acquirer on each route, and its leftovers */
    ROUTE_BUFFER_BYTES = 4 << 20, /* a burst of several thousand messages on one connection */
    TRAY_STREAMS_MAX = 64,     /* a vault's reader and a page's tray for each of a few terminals */
    TRAY_FRAME_MAX = 64 << 10, /* a QR picture in base64 is some 4 kB */
    TRAY_READERS_MAX = 64,
};
