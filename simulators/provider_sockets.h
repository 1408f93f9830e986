/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * provider_sockets: the wallets' HTTP servers on 127.0.0.1, and the notices that they send. What
 * they decide is in providers.h; keys and the merchant's deposits are in provider_keys.h.
 */

#include "lib/wire/loop.h"
#include "simulators/provider_keys.h"

struct provider_sockets;

enum { PROVIDER_PORT_OFF = -1 };

struct provider_sockets_options {
    struct loop *loop;
    struct clock clock;
    const struct log *log;
    struct crypto *crypto;                /* outlives them */
    struct phones *phones;                /* outlives them */
    const char *state;                    /* keys, providers.db, providers.json */
    int64_t alipay_port, wechat_port;     /* 0: a free one; PROVIDER_PORT_OFF: none */
    void (*failed)(void *context, err e); /* the store: the program must end */
    void *context;
};

/* Errors: those of ports, keys and store, with a sentence in `fault`. */
MUST_USE err provider_sockets_open(const struct provider_sockets_options *options,
                                   struct process_fault *fault,
                                   struct provider_sockets **ret_sockets);
void provider_sockets_close(
    struct provider_sockets *sockets); /* NULL is allowed; before the loop */

uint16_t provider_sockets_port(const struct provider_sockets *sockets, enum provider provider);

/* For the tray: what is to go wrong, what was charged, and who can pay what is shown. */
struct providers *provider_sockets_core(struct provider_sockets *sockets);
/* A scan_function (scan.h) whose context is the sockets. */
err provider_sockets_scan(void *context, const struct scan *scan, struct scan_result *ret_result);
