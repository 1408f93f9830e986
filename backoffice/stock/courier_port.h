/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * courier_port: the driver of lib/wire/courier.h over outbound HTTP. For the program only.
 *
 *   TRY(courier_port_open(&options, &fault, &port));    NULL without a url: there is no courier
 *   ports.courier = courier_port_ports(port);
 *   courier_port_attach(port, backoffice);               when the core is open
 *   ... courier_port_close(port), then backoffice_close()
 */

#include "backoffice/stock/shipment.h"
#include "lib/wire/loop.h"
#include "lib/wire/process.h"

struct courier_port;

/* Texts are the caller's and outlive the port. */
struct courier_port_options {
    struct loop *loop;
    struct clock clock;
    const char *url;      /* https://...; http:// to this machine only; NULL: no courier */
    const char *ca_file;  /* PEM; NULL: the system's */
    const char *key_file; /* as an SMS gateway's (sms.h) */
    int64_t poll_ms;      /* how often a parcel is asked after; 0: SHIPMENT_POLL_MS */
    /* An answer could not be written down: the store is gone. */
    void (*failed)(void *context, err why);
    void *context;
};

/* Errors: those of the key file, CONFIG, NO_MEMORY; with a sentence in `fault`. */
MUST_USE err courier_port_open(const struct courier_port_options *options,
                               struct process_fault *fault, struct courier_port **ret_port);
const struct courier_ports *courier_port_ports(const struct courier_port *port); /* NULL of NULL */
void courier_port_attach(struct courier_port *port, struct backoffice *backoffice);
bool courier_port_busy(const struct courier_port *port); /* something is in flight */
void courier_port_close(struct courier_port *port);      /* NULL is allowed */
