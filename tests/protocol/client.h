/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * client: a peer of the acquirer that waits for each answer, written over OpenSSL alone and not
 * over lib/wire, so that it can also do what no well-behaved peer does.
 */

#include "lib/base/bytes.h"
#include "tests/unit/scratch.h"

struct ssl_st;
struct ssl_ctx_st;

enum { CLIENT_WAIT_MS = 8000, CLIENT_FRAME_MAX = 2048 };

struct client {
    struct ssl_ctx_st *context;
    struct ssl_st *ssl;
    int fd;
    uint8_t frame[CLIENT_FRAME_MAX]; /* the last one received */
};

/* PEM texts; certificate and key may be NULL: then the client shows none. */
struct client_identity {
    const char *authority, *certificate, *key;
};

/* True when the handshake went through on this side. (In TLS 1.3 the server's refusal of our
 * certificate comes afterwards: client_closed() tells.) */
bool client_open(struct client *c, long port, const struct client_identity *identity);
void client_close(struct client *c);

/* Bytes as they are; a frame with its length in front. */
void client_send_raw(struct client *c, struct bytes b);
void client_send(struct client *c, struct bytes frame);

/* The same without failing the test: false when the peer has gone, or is silent for `wait_ms`. For
 * tests in which the peer is killed. */
bool client_try_send(struct client *c, struct bytes frame);
bool client_try_receive(struct client *c, int wait_ms, struct bytes *ret_frame);

/* The next frame, a view; fails the test when the peer closes or CLIENT_WAIT_MS go by. */
struct bytes client_receive(struct client *c);

/* True when the peer closes within `wait_ms` without sending anything more. */
bool client_closed(struct client *c, int wait_ms);
