/* SPDX-License-Identifier: Apache-2.0 */
/* Between the reader's events and the vault. */
#include "vault/chip_reader.h"

static void on_reader(void *context, bool there)
{
    struct chip_reader *r = context;
    log_event(r->log, there ? LOG_INFO : LOG_WARN, there ? "reader_came" : "reader_gone");
    vault_on_reader(r->vault, there);
}

static void on_card(void *context, unsigned slot, struct bytes atr, enum card_interface interface)
{
    struct chip_reader *r = context;
    log_event(r->log, LOG_INFO, "card_came", LOG_INT("slot", (int64_t)slot),
              LOG_TEXT("interface", atr.len == 0                ? "mute"
                                    : interface == CARD_CONTACT ? "contact"
                                                                : "contactless"));
    vault_on_card(r->vault, slot, atr, interface);
}

static void on_removed(void *context, unsigned slot)
{
    struct chip_reader *r = context;
    log_event(r->log, LOG_INFO, "card_gone", LOG_INT("slot", (int64_t)slot));
    vault_on_removed(r->vault, slot);
}

static void on_connected(void *context, unsigned slot, enum card_result result,
                         enum card_protocol protocol)
{
    struct chip_reader *r = context;
    vault_on_connected(r->vault, slot, result, protocol);
}

static void on_answer(void *context, unsigned slot, enum card_result result, struct bytes answer)
{
    struct chip_reader *r = context;
    vault_on_answer(r->vault, slot, result, answer);
}

err chip_reader_open(struct loop *loop, const char *name, const char *service, struct vault *vault,
                     const struct log *log, struct chip_reader *out)
{
    *out = (struct chip_reader){.log = log, .vault = vault};
    const struct card_reader_options options = {
        .loop = loop,
        .name = name,
        .socket = service,
        .events = {out, on_reader, on_card, on_removed, on_connected, on_answer}};
    TRY(card_reader_open(&options, &out->reader));
    vault_use_card_reader(vault, card_reader_calls(out->reader));
    return OK;
}

void chip_reader_close(struct chip_reader *reader)
{
    if (reader->reader == NULL) return;
    vault_on_reader(reader->vault, false);
    vault_use_card_reader(reader->vault, (struct card_reader_calls){0});
    card_reader_close(reader->reader);
    reader->reader = NULL;
}
