/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * identity_port: the driver of checks.h: lib/wire/identity_check.h over outbound HTTP. For the
 * program only.
 *
 *   TRY(identity_port_open(&options, &fault, &port));    NULL without a url: people look themselves
 *   ports.checks = identity_port_ports(port);
 *   identity_port_attach(port, backoffice);               when the core is open
 *   ... identity_port_close(port), then backoffice_close()
 *
 * Secrets  identity and account are in the body of the request and in no other place; our copy is
 *          wiped when the request has been handed over, curl's when it ends (outbound.h)
 */

#include "backoffice/applications/checks.h"
#include "lib/base/log.h"
#include "lib/wire/loop.h"
#include "lib/wire/process.h"

struct backoffice;
struct identity_port;

/* Texts are the caller's and outlive the port. */
struct identity_port_options {
    struct loop *loop;
    struct clock clock;
    struct log *log;      /* that there was no answer, and why; NULL: nowhere */
    const char *url;      /* https://...; http:// to this machine only; NULL: no driver */
    const char *ca_file;  /* PEM; NULL: the system's */
    const char *key_file; /* as an SMS gateway's (sms.h) */
    unsigned timeout_ms;  /* 0: 10,000 */
    /* An answer could not be written down: the store is gone. */
    void (*failed)(void *context, err why);
    void *context;
};

/* Errors: those of the key file, CONFIG, NO_MEMORY; with a sentence in `fault`. */
MUST_USE err identity_port_open(const struct identity_port_options *options,
                                struct process_fault *fault, struct identity_port **ret_port);
const struct check_ports *identity_port_ports(const struct identity_port *port); /* NULL of NULL */
void identity_port_attach(struct identity_port *port, struct backoffice *backoffice);
bool identity_port_busy(const struct identity_port *port); /* something is in flight */
void identity_port_close(struct identity_port *port);      /* NULL is allowed */
