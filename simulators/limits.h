/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How much of everything the simulators hold, and why. */
enum {
    ROUTE_STREAMS_MAX = 8,        /* one acquirer on each route, and its leftovers */
    ROUTE_BUFFER_BYTES = 4 << 20, /* a burst of several thousand messages on one connection */
    TRAY_STREAMS_MAX = 64,     /* a vault's reader and a page's tray for each of a few terminals */
    TRAY_FRAME_MAX = 64 << 10, /* a QR picture in base64 is some 4 kB */
    TRAY_READERS_MAX = 64,
    TRAY_MESSAGES_MAX = 48 << 10, /* what a list of messages may have of TRAY_FRAME_MAX */
    MAIL_STREAMS_MAX = 16,        /* a back office's transfers, and one by hand */
    MAIL_IDLE_MS = 60000,
    LATE_PROVIDER_MAX = 16, /* answers of wallets that wait: a gateway has as many transfers */
    LATE_PROVIDER_BYTES = 8 << 10,
    PROVIDER_NOTICE_MS = 5000, /* who has not heard a notice by then has not */
    LATE_IDENTITY_MAX = 16,    /* likewise of checks */
    LATE_SMS_MAX = 16,         /* answers that wait, as many as a back office has transfers */
};
