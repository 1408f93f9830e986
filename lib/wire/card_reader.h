/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * card_reader: chip cards through PC/SC (pcsc-lite), contact and contactless, on a loop.
 *
 * One device may be several PC/SC readers ("ACME Dual 00 00" for the contacts, "ACME Dual 00 01"
 * for the field): every reader whose name begins with `name` is a slot of it. Which kind of slot a
 * card is in is told by its answer to reset (card_atr.h), never by the reader's name.
 *
 * PC/SC calls block, so a thread watches for cards and one more for each slot connects and
 * transmits; everything is reported from the loop. A slot does one thing at a time. A reader or
 * PC/SC service that is not there, or goes, is waited for: no call of ours ever blocks.
 *
 * After card_reader_transmit() exactly one on_answer follows, unless the reader is closed before:
 *   CARD_DONE       the card's answer, with its status word, as it came (61xx and 6Cxx too)
 *   CARD_REMOVED    the card has left the slot
 *   CARD_UNPLUGGED  reader or PC/SC service have gone
 *   CARD_LATE       not within the deadline; the slot is busy until the driver gives up, and then
 *                   the card is without power
 *   CARD_FAULT      the card or the line to it says nothing that can be used
 * What has passed through is wiped: a command may have held a PIN.
 */

#include "lib/wire/card_atr.h"
#include "lib/wire/loop.h"

enum {
    CARD_READER_SLOTS = 4,
    CARD_COMMAND_MAX = 261,  /* short form: header, Lc, 255 bytes, Le */
    CARD_RESPONSE_MAX = 258, /* 256 bytes and the status word */
    CARD_READER_NAME_MAX = 127,
};

enum card_result { CARD_DONE, CARD_REMOVED, CARD_UNPLUGGED, CARD_LATE, CARD_FAULT };
enum card_protocol { CARD_T0, CARD_T1 };

struct card_reader_events {
    void *context;
    /* The device: at least one slot is there, or none any more. */
    void (*on_reader)(void *context, bool there);
    /* A card has come. An empty `atr` is a card that does not answer: upside down, or broken. */
    void (*on_card)(void *context, unsigned slot, struct bytes atr, enum card_interface interface);
    void (*on_removed)(void *context, unsigned slot);
    void (*on_connected)(void *context, unsigned slot, enum card_result result,
                         enum card_protocol protocol);
    void (*on_answer)(void *context, unsigned slot, enum card_result result, struct bytes answer);
};

/* What can be asked of a reader: card_reader_calls() for PC/SC, a test's own for a fake. */
struct card_reader_calls {
    void *context;
    /* Power and protocol for the card in a slot; on_connected follows. Errors: STATE (no card, or
     * connected already), BUSY. */
    err (*connect)(void *context, unsigned slot, unsigned deadline_ms);
    /* Errors: STATE (not connected), BUSY, LENGTH. */
    err (*transmit)(void *context, unsigned slot, struct bytes command, unsigned deadline_ms);
    /* Takes the power from the card. What is under way ends unheard. */
    void (*disconnect)(void *context, unsigned slot);
};

struct card_reader_options {
    struct loop *loop;
    const char *name;   /* what the names of its PC/SC readers begin with */
    const char *socket; /* of a pcscd that is not the machine's (reader_host.h); NULL: the
                           machine's. One for all of a process. */
    struct card_reader_events events; /* copied; none may be NULL */
};

struct card_reader;

/* Starts to look; whether the reader is there is said by on_reader. Errors: LENGTH, NO_MEMORY, IO.
 */
MUST_USE err card_reader_open(const struct card_reader_options *options,
                              struct card_reader **ret_reader);

/* Before its loop. Nothing is reported any more. NULL is allowed. */
void card_reader_close(struct card_reader *reader);

struct card_reader_calls card_reader_calls(struct card_reader *reader);
