/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * peers: the two lines that leave the device, to the host and to the back office, over TLS 1.3 with
 * the vault's certificate; its key signs in the vault and is nowhere else. What arrives goes to the
 * terminal; who answers and is somebody else is told to it too (S171).
 *
 * A connection is begun before the next wait, never from inside a call of the terminal.
 */

#include "lib/wire/process.h"
#include "lib/wire/rpc.h"
#include "lib/wire/stream.h"
#include "lib/wire/vault_protocol_chip.h"
#include "terminal/paths.h"
#include "terminal/terminal.h"

struct peers;

/* Where one line goes: a numeric address or localhost, and a certificate of that name. */
struct peer {
    struct peers *all;
    enum terminal_line line;
    char name[TLS_NAME_MAX];
    uint16_t port;
    struct tls *tls;  /* made when the vault has a certificate */
    struct tls *bare; /* without one: made when it is needed; NULL: not yet */
    struct tls *past; /* with the certificate of before, until its streams have surely closed */
    bool go_bare;     /* the next connection */
    struct stream_pool *pool;
    struct stream *stream; /* NULL: not connected and not connecting */
    bool open;             /* it has proved who it is */
    bool connect;          /* asked for by the terminal, done before the next wait */
};

struct peers {
    /* set by the program */
    struct loop *loop;
    struct rpc *vault;
    const struct log *log;
    const char *authority; /* file of the factory's, for a device that is not activated; or NULL */
    struct terminal *terminal;
    void (*done)(void *context, err e); /* what a call of the terminal returned */
    void *context;
    const char *from[PATHS_MAX]; /* interface or own address of each path; NULL: any */
    size_t path;                 /* in use */
    /* its own */
    struct peer peer[TERMINAL_LINES];
    uint8_t answer[VAULT_FRAME_MAX];
};

/* HOST:PORT of a line; `option` is its name in the sentence of the fault. Errors: CONFIG. */
MUST_USE err peers_parse(struct peers *peers, enum terminal_line line, const char *text,
                         const char *option, struct process_fault *fault);
/* After peers_parse() and with the loop set. Errors: NO_MEMORY, FULL. */
MUST_USE err peers_open(struct peers *peers);
void peers_close(struct peers *peers);

/* The ports of the terminal. `bare`: without a certificate (last_words.c, renewal.c,
 * first_start.c). */
void peers_connect(struct peers *peers, enum terminal_line line, bool bare);
void peers_disconnect(struct peers *peers, enum terminal_line line);
void peers_send(struct peers *peers, enum terminal_line line, struct bytes frame);

/* The vault has another certificate: the next connections show it. */
void peers_renewed(struct peers *peers);

/* Connects what was asked for: after everything else of an iteration. */
void peers_before_wait(struct peers *peers);
