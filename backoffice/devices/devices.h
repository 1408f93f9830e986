/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * devices: the host's end of the device channel. One connection per terminal, its name proved by
 * its certificate; the messages are those of lib/wire/device_protocol.h.
 *
 * What is malformed, unknown or too often ends the connection and leaves an audit record. Events
 * are numbered by the terminal and taken once each, however often they come.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_protocol.h"

enum { DEVICE_FRAMES_A_MINUTE = 120, DEVICE_FETCHES_A_MINUTE = 4000 /* a bundle of any size */ };

/* `name` is the common name of the verified certificate, and `end_ms` when it ends. */
MUST_USE err devices_opened(struct desk *desk, uint32_t session, struct bytes name, int64_t end_ms);
/* With the SHA-256 of the public half of its key: a device that was replaced (S124) is refused, and
 * its successor stays connected. */
MUST_USE err devices_opened_by(struct desk *desk, uint32_t session, struct bytes name,
                               int64_t end_ms, const uint8_t print[32]);
/*
 * In the caller's transaction: another device will serve this terminal (S124). What its vault had
 * told (counter, certificate, first log-in) is forgotten, its telephones are let go of, the events
 * of its successor begin at one again, and its connection ends.
 */
MUST_USE err devices_replaced(struct desk *desk, struct store_tx *tx, const char *tid);
/* Where it comes from, "192.0.2.7:4711": for who looks for it. The port is of this connection alone
 * and is left away. */
void devices_from(struct desk *desk, uint32_t session, struct bytes address);
/* Somebody who did not come through the handshake. At most a few records a minute. */
MUST_USE err devices_peer_refused(struct desk *desk, struct bytes address, const char *why);
MUST_USE err devices_closed(struct desk *desk, uint32_t session);
MUST_USE err devices_on_frame(struct desk *desk, uint32_t session, struct bytes frame);

struct device_facts {
    bool known, connected;
    int64_t policy, first_login_ms, seen_ms;
    char version[DEVICE_VERSION_MAX + 1];
};

/* What a terminal has told of itself. `known` is false when it never connected. */
MUST_USE err device_facts_of(struct desk *desk, const char *tid, struct device_facts *ret_facts);
