/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * virtual_reader: the driver of a card reader that is the tray of tongbao-simulators. Each poll
 * asks its socket whether a card has been held to the reader of this terminal's serial number:
 *
 *   {"ask":"read","reader":SERIAL}    ->  {"track2":"...","track1":"..."} once, or {}
 *   {"ask":"tamper","reader":SERIAL}  ->  {"tamper":"case"} from when it was done on, or {}
 */

#include "lib/wire/rpc.h"
#include "vault/vault.h"

enum {
    VIRTUAL_READER_TIMEOUT_MS = 300, /* the terminal waits for the vault meanwhile */
    VIRTUAL_READER_FRAME_MAX = 65536
};

struct virtual_reader {
    struct rpc rpc;
    char serial[VAULT_SERIAL_MAX + 1];
    uint8_t answer[1024]; /* wiped after each poll */
};

/* Remembers where the tray is; whether it is there shows at each poll. Errors: CONFIG (the path).
 */
MUST_USE err virtual_reader_open(struct virtual_reader *reader, const char *path);

/* Whose reader it is: the serial number, known once the vault is open. Errors: LENGTH. */
MUST_USE err virtual_reader_name(struct virtual_reader *reader, const char *serial);
void virtual_reader_close(struct virtual_reader *reader);

/* What the tray says has been done to this device, an enum vault_tamper; untouched on failure.
 * Errors: REFUSED and the like (no tray), FORMAT. */
MUST_USE err virtual_reader_tamper(struct virtual_reader *reader, uint8_t *ret_kind);

/* Lives as long as `reader`. */
struct vault_reader virtual_reader_driver(struct virtual_reader *reader);

/* The tray's answer as a swipe. Errors: FORMAT, LENGTH. Exported for the tests. */
MUST_USE err virtual_reader_parse(struct bytes answer, struct vault_swipe *out);
