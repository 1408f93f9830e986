/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * identity_sockets: the HTTP server of who checks identities and accounts, on 127.0.0.1. What it
 * decides is in identity_check.h. Opened by channels.h.
 */

#include "lib/wire/loop.h"
#include "lib/wire/process.h"
#include "simulators/identity_check.h"

struct identity_sockets;

struct identity_sockets_options {
    struct loop *loop;
    struct clock clock;
    uint16_t port;     /* 0: a free one */
    const char *state; /* where identity.key is, or is made */
};

/* Errors: those of the key file, with a sentence in `fault`; those of http_create. */
MUST_USE err identity_sockets_open(const struct identity_sockets_options *options,
                                   struct process_fault *fault,
                                   struct identity_sockets **ret_sockets);
void identity_sockets_close(struct identity_sockets *sockets); /* NULL is allowed */

uint16_t identity_sockets_port(const struct identity_sockets *sockets); /* 0 of NULL */
struct identity_provider *identity_sockets_provider(struct identity_sockets *sockets);
