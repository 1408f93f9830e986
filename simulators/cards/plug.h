/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * plug: puts card programs into the slots of a virtual reader (lib/wire/reader_host.h) by TCP.
 *
 * The driver's frames have two bytes of length. A frame of one byte is a control: 0 power off, 1
 * power on, 2 reset, 4 "what is the answer to reset?"; everything longer is a command, which is
 * answered by one frame. A card is in the slot as long as its connection is open: the driver asks
 * for its answer to reset every 0.4 s, and that is how soon a reader sees one come or go.
 */

#include "lib/wire/stream.h"

enum { PLUG_SLOTS = 2, PLUG_COMMAND_MAX = 512, PLUG_ANSWER_MAX = 512 };

/* A card as the slot sees it. All three are called from the loop. */
struct plug_card {
    void *context;
    struct bytes atr; /* lives as long as the card is in the slot */
    void (*power)(void *context, bool on);
    /* The answer goes into `answer` (PLUG_ANSWER_MAX); what is returned is how many milliseconds
     * the card takes over it. */
    int (*command)(void *context, struct bytes command, struct writer *answer);
};

struct plug;

/* Errors: NO_MEMORY. */
MUST_USE err plug_open(struct loop *loop, uint16_t first_port, struct plug **ret_plug);
void plug_close(struct plug *plug); /* NULL is allowed; before its loop */

/* The slot's card, copied; another that is in it is removed first. A reader that is not there yet
 * gets it when it is: tried again every 50 ms. Between two cards
 * the slot is empty for a second. */
void plug_insert(struct plug *plug, unsigned slot, const struct plug_card *card);
void plug_remove(struct plug *plug, unsigned slot);

/* Whether a card is in the slot, connected or not yet. */
bool plug_occupied(const struct plug *plug, unsigned slot);
