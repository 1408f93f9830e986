/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * chip_reader: the vault's own reader for chip cards, contact and contactless, through PC/SC. It
 * knows which slot holds what; a reader or service that is not there yet, or goes, is waited for.
 * What comes and goes is logged by slot and kind: never what a card says.
 */

#include "lib/base/log.h"
#include "lib/wire/card_reader.h"

struct chip_slot {
    bool present;
    bool mute; /* it does not answer: upside down, or broken */
    enum card_interface interface;
};

struct chip_reader {
    struct card_reader *reader;
    const struct log *log;
    bool there;
    struct chip_slot slot[CARD_READER_SLOTS];
};

/* `service` is the socket of a pcscd that is not the machine's; NULL: the machine's. `loop` and
 * `log` outlive it. Errors: as card_reader_open(). */
MUST_USE err chip_reader_open(struct loop *loop, const char *name, const char *service,
                              const struct log *log, struct chip_reader *out);
void chip_reader_close(struct chip_reader *reader); /* before its loop; zeroed is allowed */
