/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rogue: who stands in the network between a terminal and its host. It listens where the terminal
 * thinks that the host is, records every byte, and either hands them on or answers itself. One
 * connection at a time, in a thread of its own.
 */

#include <pthread.h>

#include "tests/protocol/programs.h"

enum { ROGUE_BYTES_MAX = 1 << 20, ROGUE_ASKS_MAX = 64 };

enum rogue_mode {
    ROGUE_RELAY,  /* hands on what it cannot read, to `port` */
    ROGUE_PLAIN,  /* a log-in page without TLS, as a captive portal has it */
    ROGUE_TLS,    /* a TLS server of its own */
    ROGUE_OFFICE, /* the same, which answers as the back office does */
};

struct rogue_identity {
    const char *certificate, *key; /* PEM */
    bool old;                      /* TLS 1.2 and nothing newer */
};

/* What came of it so far. */
struct rogue_seen {
    unsigned connections, ended;
    size_t up, down;      /* bytes on the wire, from the terminal and to it */
    unsigned established; /* TLS handshakes that went through */
    size_t plain;         /* bytes that the terminal said inside TLS */
    unsigned asks;        /* questions of the device channel, in order */
    char ask[ROGUE_ASKS_MAX][24];
};

struct rogue {
    long port;
    int listener;
    pthread_t thread;
    pthread_mutex_t mutex; /* of everything below */
    bool stop;
    unsigned generation; /* a connection of an earlier one is cut */
    enum rogue_mode mode;
    long behind;
    struct ssl_ctx_st *context;
    struct rogue_seen seen;
    uint8_t bytes[ROGUE_BYTES_MAX]; /* what came from the terminal, as it was on the wire */
};

void rogue_start(struct rogue *r);
void rogue_stop(struct rogue *r);

/* Cuts the connection, forgets what was seen, and is somebody else from now on. */
void rogue_relay(struct rogue *r, long behind);
void rogue_plain(struct rogue *r);
void rogue_tls(struct rogue *r, enum rogue_mode mode, const struct rogue_identity *identity);

struct rogue_seen rogue_seen(struct rogue *r);
/* True when `what` was on the wire from the terminal. */
bool rogue_overheard(struct rogue *r, struct bytes what);
/* How often this was asked. */
unsigned rogue_asked(struct rogue *r, const char *ask);
