/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the program `tongbao-wallets` share: the core of gateway.h joined to sockets,
 * transfers and a listener for notices. Nothing here decides about a payment.
 */

#include "lib/wire/http.h"
#include "lib/wire/loop.h"
#include "lib/wire/outbound.h"
#include "lib/wire/process.h"
#include "lib/wire/stream.h"
#include "wallets/gateway.h"

struct settings {
    const char *accounts, *hsm, *address, *other;
    int64_t port, notify_port, ready_fd;
};

/* One outgoing connection that is made again when it ends. */
struct link {
    struct program *program;
    const char *name, *path; /* a Unix socket; NULL: address and port */
    char address[64];
    uint16_t port;
    struct stream_pool *pool;
    struct stream *stream; /* NULL: not connected */
    bool open;
    unsigned failures;
    struct loop_timer retry;
    void (*told)(struct program *program, bool open);
    void (*frame)(struct program *program, struct bytes frame);
};

/* The notice whose handler is running: its end may come before the handler's. */
struct handled {
    uint64_t ticket; /* 0: none */
    bool ended, good;
};

struct program {
    struct settings settings;
    struct log log;
    struct wallet_accounts accounts;
    struct loop *loop;
    struct loop_timer timer;
    struct loop_hook hook;
    struct stream_pool *routes, *hsm_pool;
    struct stream_listener *listener;
    struct stream *acquirer; /* NULL: not there */
    struct link hsm, other;
    struct outbound *outbound;
    struct http_server *notices;
    struct handled handled;
    struct gateway *gateway;
    int exit_status;
};

/* Something that the program cannot go on without. */
void program_fail(struct program *program, const char *what, err why);

/* links.c. "HOST:PORT" of an option. Errors: CONFIG. */
MUST_USE err link_address(const char *text, struct link *link, const char *option,
                          struct process_fault *fault);
void link_open(struct link *link);
void link_send(struct link *link, struct bytes frame);

/* providers.c: port `ask` of the gateway. */
MUST_USE err providers_open(struct program *program);
err providers_ask(void *context, const char *id, const struct wallet_account *account,
                  const struct wallet_request *request);

/* notices.c: the HTTP listener; and port `noticed`. */
MUST_USE err notices_open(struct program *program, struct process_fault *fault);
void notices_end(void *context, uint64_t ticket, bool good);
