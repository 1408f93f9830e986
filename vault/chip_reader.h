/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * chip_reader: the vault's reader for chip cards, contact and contactless, through PC/SC: what it
 * reports goes to the vault, what the vault asks goes to it. A reader or service that is not there
 * yet, or goes, is waited for. What comes and goes is logged by slot and kind: never what a card
 * says.
 */

#include "lib/wire/card_reader.h"
#include "vault/vault.h"

struct chip_reader {
    struct card_reader *reader;
    struct vault *vault;
    const struct log *log;
};

/* `service` is the socket of a pcscd that is not the machine's; NULL: the machine's. `loop`,
 * `vault` and `log` outlive it. Errors: as card_reader_open(). */
MUST_USE err chip_reader_open(struct loop *loop, const char *name, const char *service,
                              struct vault *vault, const struct log *log, struct chip_reader *out);
void chip_reader_close(struct chip_reader *reader); /* before its loop; zeroed is allowed */
