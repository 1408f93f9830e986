/* SPDX-License-Identifier: Apache-2.0 */
/* A letter of the outbox becomes a mail or an SMS, and its end a result. */
#include "backoffice/messages/outbox_wire.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/wire/sms.h"

struct outbox_wire {
    struct outbox_wire_options options;
    struct sms_key key;
    struct sms_provider provider;
    struct outbound *mail, *sms;
    struct outbox *outbox;
};

static void on_done(void *context, const char *id, const struct outbound_result *result)
{
    struct outbox_wire *wire = context;
    err written = outbox_on_result(wire->outbox, id, result);
    if (FAILED(written)) wire->options.failed(wire->options.context, written);
}

static err send_mail(struct outbox_wire *wire, const struct outbox_letter *letter)
{
    if (wire->mail == NULL) return ERR(CONFIG);
    const struct mail_message message = {.id = letter->id,
                                         .from = wire->options.from,
                                         .from_name = wire->options.from_name,
                                         .to = letter->contact,
                                         .subject = letter->subject,
                                         .text = letter->text,
                                         .date_ms = letter->created_ms};
    return mail_send(wire->mail, &wire->options.relay, &message, on_done, wire);
}

static err send_sms(struct outbox_wire *wire, const struct outbox_letter *letter)
{
    if (wire->sms == NULL) return ERR(CONFIG);
    const struct sms_message message = {letter->id, letter->contact, letter->text};
    return sms_send(wire->sms, &wire->provider, &message, on_done, wire);
}

static err send_letter(void *context, const struct outbox_letter *letter)
{
    ENSURE(((struct outbox_wire *)context)->outbox != NULL);
    return letter->channel == CHANNEL_SMS ? send_sms(context, letter) : send_mail(context, letter);
}

static err open_sms(struct outbox_wire *wire, struct process_fault *fault)
{
    const struct outbox_wire_options *o = &wire->options;
    if (o->sms_url == NULL) return OK;
    err read = o->sms_key_file == NULL ? ERR(CONFIG) : sms_key_read(o->sms_key_file, &wire->key);
    if (FAILED(read)) {
        snprintf(fault->text, sizeof fault->text, "the key of the SMS gateway, %.120s: %s",
                 o->sms_key_file == NULL ? "none" : o->sms_key_file, err_text(read));
        return read;
    }
    wire->provider = (struct sms_provider){.url = o->sms_url,
                                           .ca_file = o->sms_ca_file,
                                           .key = &wire->key,
                                           .clock = o->clock,
                                           .timeout_ms = o->sms_timeout_ms};
    return outbound_create(&(struct outbound_options){o->loop, OUTBOX_WIRE_IN_FLIGHT}, &wire->sms);
}

static err open_mail(struct outbox_wire *wire, struct process_fault *fault)
{
    const struct outbox_wire_options *o = &wire->options;
    if (o->relay.host == NULL) return OK;
    if (o->from == NULL || !mail_address_valid(bytes_text(o->from))) {
        snprintf(fault->text, sizeof fault->text, "the sender of mails is no address");
        return ERR(CONFIG);
    }
    return outbound_create(&(struct outbound_options){o->loop, OUTBOX_WIRE_IN_FLIGHT}, &wire->mail);
}

err outbox_wire_open(const struct outbox_wire_options *options, struct process_fault *fault,
                     struct outbox_wire **ret_wire)
{
    ENSURE(options->failed != NULL);
    struct outbox_wire *wire = calloc(1, sizeof *wire);
    if (wire == NULL) return ERR(NO_MEMORY);
    wire->options = *options;
    err done = open_sms(wire, fault);
    if (!FAILED(done)) done = open_mail(wire, fault);
    if (FAILED(done)) {
        outbox_wire_close(wire);
        return done;
    }
    *ret_wire = wire;
    return OK;
}

struct outbox_ports outbox_wire_ports(struct outbox_wire *wire)
{
    return (struct outbox_ports){wire, send_letter};
}

void outbox_wire_attach(struct outbox_wire *wire, struct outbox *outbox)
{
    wire->outbox = outbox;
}

void outbox_wire_close(struct outbox_wire *wire)
{
    if (wire == NULL) return;
    outbound_destroy(wire->mail);
    outbound_destroy(wire->sms);
    sms_key_wipe(&wire->key);
    free(wire);
}
