/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader for chip cards of a terminal: a slot and a field. What the vault asks of a card is
 * answered a moment later, as an event of its own, so that the card can be pulled, the vault killed
 * and the line cut between any two commands.
 */
#include "tests/simulation/world.h"

enum { SLOT_CONTACTS, SLOT_FIELD, ANSWER_MS = 15 };

/* A vault that is dead hears nothing. */
static struct vault *listening(struct side_terminal *t)
{
    return t->vault_died ? NULL : t->vault;
}

static void on_reader(void *context, bool there)
{
    struct vault *vault = listening(context);
    if (vault != NULL) vault_on_reader(vault, there);
}

static void on_card(void *context, unsigned slot, struct bytes atr, enum card_interface interface)
{
    struct vault *vault = listening(context);
    if (vault != NULL) vault_on_card(vault, slot, atr, interface);
}

static void on_removed(void *context, unsigned slot)
{
    struct vault *vault = listening(context);
    if (vault != NULL) vault_on_removed(vault, slot);
}

static void on_connected(void *context, unsigned slot, enum card_result result,
                         enum card_protocol protocol)
{
    struct vault *vault = listening(context);
    if (vault != NULL) vault_on_connected(vault, slot, result, protocol);
}

static void on_answer(void *context, unsigned slot, enum card_result result, struct bytes answer)
{
    struct vault *vault = listening(context);
    if (vault != NULL) vault_on_answer(vault, slot, result, answer);
}

static void tell(void *context)
{
    struct side_terminal *t = context;
    if (t->noticed) return;
    t->noticed = true;
    event_push(t->world, t->world->now_ms, EVENT_NOTICE, t->index, t->life, (struct bytes){0});
}

struct card_reader_calls reader_calls(struct side_terminal *t)
{
    t->reader.events =
        (struct card_reader_events){t, on_reader, on_card, on_removed, on_connected, on_answer};
    return fake_card_reader_calls(&t->reader);
}

void reader_start(struct side_terminal *t)
{
    vault_use_notice(t->vault, (struct vault_notice){tell, t});
    t->reader.events.on_reader(t, true);
}

void reader_stop(struct side_terminal *t)
{
    reader_take(t);
    t->reader_busy = false;
}

void reader_work(struct side_terminal *t)
{
    int64_t ms = ANSWER_MS;
    bool asked = false;
    for (unsigned i = 0; i <= SLOT_FIELD; i++)
        asked = asked || t->reader.slot[i].task != FAKE_NOTHING;
    if (!asked || t->reader_busy || t->card_place == 0) return;
    t->reader_busy = true;
    ms += t->world->chip[t->card_place - 1].is->delay_ms;
    event_push(t->world, t->world->now_ms + ms, EVENT_READER, t->index, t->vault_life,
               (struct bytes){0});
}

void reader_turn(struct side_terminal *t)
{
    t->reader_busy = false;
    if (listening(t) != NULL) (void)fake_card_reader_turn(&t->reader);
    reader_work(t);
}

void reader_put(struct side_terminal *t, unsigned slot, uint32_t place)
{
    ENSURE(t->card_place == 0 && !t->world->chip_taken[place]);
    t->card_place = place + 1;
    t->card_visit++;
    t->world->chip_taken[place] = true;
    fake_card_reader_insert(&t->reader, slot, &t->world->chip[place]);
    reader_work(t);
}

void reader_take(struct side_terminal *t)
{
    if (t->card_place == 0) return;
    t->world->chip_taken[t->card_place - 1] = false;
    t->card_place = 0;
    for (unsigned i = 0; i <= SLOT_FIELD; i++)
        if (t->reader.slot[i].card != NULL) fake_card_reader_remove(&t->reader, i);
}
