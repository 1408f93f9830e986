/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps what the reader reports. */
#include "vault/chip_reader.h"

static void on_reader(void *context, bool there)
{
    struct chip_reader *r = context;
    r->there = there;
    log_event(r->log, there ? LOG_INFO : LOG_WARN, there ? "reader_came" : "reader_gone");
}

static void on_card(void *context, unsigned slot, struct bytes atr, enum card_interface interface)
{
    struct chip_reader *r = context;
    r->slot[slot] =
        (struct chip_slot){.present = true, .mute = atr.len == 0, .interface = interface};
    log_event(r->log, LOG_INFO, "card_came", LOG_INT("slot", (int64_t)slot),
              LOG_TEXT("interface", atr.len == 0                ? "mute"
                                    : interface == CARD_CONTACT ? "contact"
                                                                : "contactless"));
}

static void on_removed(void *context, unsigned slot)
{
    struct chip_reader *r = context;
    r->slot[slot] = (struct chip_slot){.present = false};
    log_event(r->log, LOG_INFO, "card_gone", LOG_INT("slot", (int64_t)slot));
}

/* Nobody connects yet, so nothing is answered: a bug, if it is. */
static void on_connected(void *context, unsigned slot, enum card_result result,
                         enum card_protocol protocol)
{
    (void)context;
    (void)slot;
    (void)result;
    (void)protocol;
    ensure_failed(__FILE__, __LINE__, "nothing was asked of a card");
}

static void on_answer(void *context, unsigned slot, enum card_result result, struct bytes answer)
{
    (void)context;
    (void)slot;
    (void)result;
    (void)answer;
    ensure_failed(__FILE__, __LINE__, "nothing was asked of a card");
}

err chip_reader_open(struct loop *loop, const char *name, const char *service,
                     const struct log *log, struct chip_reader *out)
{
    *out = (struct chip_reader){.log = log};
    const struct card_reader_options options = {
        .loop = loop,
        .name = name,
        .socket = service,
        .events = {out, on_reader, on_card, on_removed, on_connected, on_answer}};
    return card_reader_open(&options, &out->reader);
}

void chip_reader_close(struct chip_reader *reader)
{
    card_reader_close(reader->reader);
    reader->reader = NULL;
}
