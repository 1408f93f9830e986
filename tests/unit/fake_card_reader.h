/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A card reader for unit tests: the calls and events of lib/wire/card_reader.h over virtual cards,
 * in one thread and without PC/SC. What is asked is answered by fake_card_reader_turn(), never from
 * inside a call; a test may pull the card, unplug the reader or let a deadline pass in between.
 */

#include "lib/wire/card_reader.h"
#include "simulators/cards/card.h"

enum fake_task { FAKE_NOTHING, FAKE_CONNECT, FAKE_TRANSMIT };

struct fake_card_reader {
    struct card_reader_events events;
    struct {
        struct chip_card *card; /* in the slot; NULL: none */
        bool connected;
        enum fake_task task;
        enum card_result result; /* that the task is to have; CARD_DONE: what the card says */
        size_t len;
        uint8_t command[CARD_COMMAND_MAX];
    } slot[CARD_READER_SLOTS];
};

static inline err fake_connect(void *context, unsigned slot, unsigned deadline_ms)
{
    struct fake_card_reader *f = context;
    ENSURE(slot < CARD_READER_SLOTS && deadline_ms > 0);
    if (f->slot[slot].card == NULL || f->slot[slot].connected) return ERR(STATE);
    if (f->slot[slot].task != FAKE_NOTHING) return ERR(BUSY);
    f->slot[slot].task = FAKE_CONNECT;
    return OK;
}

static inline err fake_transmit(void *context, unsigned slot, struct bytes command,
                                unsigned deadline_ms)
{
    struct fake_card_reader *f = context;
    ENSURE(slot < CARD_READER_SLOTS && deadline_ms > 0);
    if (command.len < 4 || command.len > CARD_COMMAND_MAX) return ERR(LENGTH);
    if (!f->slot[slot].connected) return ERR(STATE);
    if (f->slot[slot].task != FAKE_NOTHING) return ERR(BUSY);
    f->slot[slot].task = FAKE_TRANSMIT;
    f->slot[slot].len = command.len;
    memcpy(f->slot[slot].command, command.at, command.len);
    return OK;
}

static inline void fake_disconnect(void *context, unsigned slot)
{
    struct fake_card_reader *f = context;
    ENSURE(slot < CARD_READER_SLOTS);
    f->slot[slot].connected = false;
    f->slot[slot].task = FAKE_NOTHING;
}

static inline struct card_reader_calls fake_card_reader_calls(struct fake_card_reader *f)
{
    return (struct card_reader_calls){f, fake_connect, fake_transmit, fake_disconnect};
}

/* Puts a card in. Slot 1 is the field, the others have contacts. */
static inline void fake_card_reader_insert(struct fake_card_reader *f, unsigned slot,
                                           struct chip_card *card)
{
    ENSURE(slot < CARD_READER_SLOTS && f->slot[slot].card == NULL);
    enum chip_interface interface = slot == 1 ? CHIP_CONTACTLESS : CHIP_CONTACT;
    struct bytes atr = chip_card_atr(card, interface);
    chip_card_power(card, interface, true);
    f->slot[slot].card = card;
    f->events.on_card(f->events.context, slot, atr, card_atr_interface(atr));
}

static inline void fake_tell(struct fake_card_reader *f, unsigned slot, enum card_result result,
                             struct bytes answer)
{
    enum fake_task task = f->slot[slot].task;
    f->slot[slot].task = FAKE_NOTHING;
    f->slot[slot].result = CARD_DONE;
    if (result != CARD_DONE) f->slot[slot].connected = false;
    if (task == FAKE_CONNECT) {
        bool t0 = f->slot[slot].card != NULL && f->slot[slot].card->is->t0 && slot != 1;
        f->slot[slot].connected = result == CARD_DONE;
        f->events.on_connected(f->events.context, slot, result, t0 ? CARD_T0 : CARD_T1);
    }
    if (task == FAKE_TRANSMIT) f->events.on_answer(f->events.context, slot, result, answer);
}

/* Takes it out; what was under way ends with CARD_REMOVED first. */
static inline void fake_card_reader_remove(struct fake_card_reader *f, unsigned slot)
{
    ENSURE(slot < CARD_READER_SLOTS && f->slot[slot].card != NULL);
    fake_tell(f, slot, CARD_REMOVED, (struct bytes){0});
    chip_card_power(f->slot[slot].card, CHIP_CONTACT, false);
    f->slot[slot].card = NULL;
    f->slot[slot].connected = false;
    f->events.on_removed(f->events.context, slot);
}

/* What is under way in the slot, or comes next, is to end so. */
static inline void fake_card_reader_fail(struct fake_card_reader *f, unsigned slot,
                                         enum card_result result)
{
    f->slot[slot].result = result;
}

/* Answers one thing that was asked. False: nothing was. */
static inline bool fake_card_reader_turn(struct fake_card_reader *f)
{
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) {
        if (f->slot[i].task == FAKE_NOTHING) continue;
        uint8_t block[CHIP_ANSWER_MAX];
        struct writer w = writer_over(block, sizeof block);
        enum card_result result = f->slot[i].result;
        if (f->slot[i].task == FAKE_TRANSMIT && result == CARD_DONE)
            chip_card_command(f->slot[i].card, bytes_of(f->slot[i].command, f->slot[i].len), &w);
        fake_tell(f, i, result, writer_view(&w));
        return true;
    }
    return false;
}
