/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * webhook_wire: deliveries leave. Threads that each wait for one process of tongbao-egress, which
 * does the one request and ends: what a stranger's server says is read where nothing can be lost.
 */

#include "backoffice/webhooks/webhooks.h"
#include "lib/wire/loop.h"

struct webhook_wire;

struct webhook_wire_options {
    struct loop *loop;
    const char *program; /* the path of tongbao-egress; outlives it */
    bool loopback;
    /* In the loop's thread, once for every delivery that was begun. */
    void (*done)(void *context, int64_t delivery, const struct egress_answer *answer);
    void *context;
};

/* Errors: NO_MEMORY, IO. */
MUST_USE err webhook_wire_open(const struct webhook_wire_options *options,
                               struct webhook_wire **ret_wire);
struct webhook_ports webhook_wire_ports(struct webhook_wire *wire);
/* Ends what is under way without `done`. NULL is allowed. */
void webhook_wire_close(struct webhook_wire *wire);
