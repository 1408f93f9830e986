/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How much of everything the gateway holds, how long it waits, and why. */
enum {
    /* Questions under way: 45 s of some ten payments a second, all of them by slow customers. What
     * comes above is not answered, and the acquirer takes it back. */
    GATEWAY_TASKS_MAX = 512,

    /* Payments that are remembered, so that fewer providers have to be asked. Nothing depends on
     * it: the oldest are forgotten. */
    GATEWAY_MEMORY_MAX = 8192,

    /* Requests to providers at a time: as many as outbound.h has threads. */
    GATEWAY_TRANSFERS_MAX = 16,

    /* A provider that has not answered in this time has not: the acquirer asks again. Its own
     * patience with a wallet is 45 s. */
    GATEWAY_HTTP_MS = 10000,

    /* A refund is repeated this often, for this long: it must not stay undecided, because no
     * provider takes one back. Shorter than the acquirer's 45 s. */
    GATEWAY_AGAIN_MS = 3000,
    GATEWAY_GIVE_UP_MS = 38000,

    /* A payment may still be on its way for so long after we have heard of it: until then "there is
     * no such payment" acknowledges nothing, and WeChat Pay takes none back. Protocol notes 4.5. */
    GATEWAY_SETTLE_MS = 15000,

    /* Plates: the acquirer is asked so often, so far apart, before it is taken back; as the wallet
     * on its own link does. So many at a time: while the acquirer is away they wait, and must not
     * take every place. */
    GATEWAY_PLATE_MS = 10000,
    GATEWAY_PLATE_ASKS = 3,
    GATEWAY_PLATES_MAX = 128,

    /* A code that is shown is unknown to its provider until it is scanned, and can be for ten
     * minutes (what the driver asks for), whoever has given it up meanwhile. */
    GATEWAY_SHOWN_MS = 11 * 60 * 1000,

    /* A provider is asked for its certificates again after half a day, as WeChat Pay advises: a new
     * one is there ten days before it signs. After an unknown name, or a failure, no sooner than
     * after this: whoever makes names up has one request a minute of us. */
    GATEWAY_FETCH_EVERY_MS = 12 * 3600 * 1000,
    GATEWAY_FETCH_AGAIN_MS = 60000,
};
