/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tls_session: TLS on one connected, non-blocking socket. Used by stream.c alone; the rest of the
 * program sees streams.
 */

#include "lib/wire/tls.h"

struct ssl_st;

struct tls_session {
    struct ssl_st *ssl; /* NULL when not open */
    struct tls *tls;
    bool wants_write;        /* what the last AGAIN waits for */
    bool finished;           /* the handshake is, on this side */
    bool ticketed;           /* client: the server has accepted us */
    bool established;        /* on both sides */
    char text[TLS_TEXT_MAX]; /* why it failed; empty until then */
};

/* The socket stays the caller's. Errors: NO_MEMORY. */
MUST_USE err tls_session_open(struct tls_session *session, struct tls *tls, int fd);

/* Says goodbye when that is possible without waiting, and frees. A closed one is fine. */
void tls_session_close(struct tls_session *session);

/* One step of the handshake. Errors: AGAIN, CLOSED, IDENTITY (text says why), FORMAT (no TLS). */
MUST_USE err tls_session_handshake(struct tls_session *session);

/* *ret_len >= 1 on success. Errors: AGAIN, CLOSED, IDENTITY (our certificate was refused), FORMAT.
 */
MUST_USE err tls_session_read(struct tls_session *session, void *at, size_t max, size_t *ret_len);
MUST_USE err tls_session_write(struct tls_session *session, struct bytes b, size_t *ret_len);

/* Bytes have been received that no poll will report. */
bool tls_session_pending(const struct tls_session *session);

/* Common name of the peer's certificate, "" when there is none or it is too long. */
void tls_session_peer_name(const struct tls_session *session, char out[TLS_NAME_MAX]);

/* SHA-256 of the public half of the peer's key, as lib/crypto/identity.h describes one; zeros when
 * there is no certificate. */
void tls_session_peer_print(const struct tls_session *session, uint8_t out[TLS_PRINT_BYTES]);

/* When the peer's certificate ends, UTC; 0 when there is none. */
int64_t tls_session_peer_end_ms(const struct tls_session *session);
