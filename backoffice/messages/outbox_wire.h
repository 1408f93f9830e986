/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * outbox_wire: the outbox's port to the world, over lib/wire/mail.h and sms.h. For the program
 * only.
 *
 *   TRY(outbox_wire_open(&options, &fault, &wire));
 *   ports = outbox_wire_ports(wire);
 *   TRY(outbox_open(&config, &ports, &outbox));       in_flight_max = OUTBOX_WIRE_IN_FLIGHT
 *   outbox_wire_attach(wire, outbox);
 *   ... outbox_wire_close(wire), then outbox_close(outbox)
 *
 * Each channel has threads of its own: a mail server that answers slowly keeps no code from being
 * sent by SMS.
 */

#include "backoffice/messages/outbox.h"
#include "lib/wire/mail.h"
#include "lib/wire/process.h"

struct outbox_wire;

enum { OUTBOX_WIRE_IN_FLIGHT = 4 };

/* Texts are the caller's and outlive the wire. */
struct outbox_wire_options {
    struct loop *loop;
    struct clock clock;
    struct mail_relay relay; /* host NULL: no mail, which is then tried in vain until it expires */
    const char *from, *from_name; /* of mails; `from` must be there when host is */
    const char *sms_url;          /* NULL: no SMS */
    const char *sms_ca_file;      /* PEM; NULL: the system's */
    const char *sms_key_file;
    unsigned sms_timeout_ms; /* 0 means what sms.h says */
    /* A result could not be written down: the store is gone. */
    void (*failed)(void *context, err why);
    void *context;
};

/* Errors: those of the key file, CONFIG, NO_MEMORY; with a sentence in `fault`. */
MUST_USE err outbox_wire_open(const struct outbox_wire_options *options,
                              struct process_fault *fault, struct outbox_wire **ret_wire);
struct outbox_ports outbox_wire_ports(struct outbox_wire *wire);
void outbox_wire_attach(struct outbox_wire *wire, struct outbox *outbox);

/* Ends what is in flight; the next start tries it again. NULL is allowed. */
void outbox_wire_close(struct outbox_wire *wire);
