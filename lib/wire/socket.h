/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * socket: the system calls that stream, http and rpc share. Everything is non-blocking and closed
 * on exec; TCP never delays small writes (measured elsewhere: 44 ms an answer when it does).
 */

#include "lib/base/bytes.h"

enum { SOCKET_ADDRESS_TEXT_MAX = 64 };

/* Listens; *ret_port is the port that was bound. Errors: BUSY, DENIED, CONFIG, IO. */
MUST_USE err socket_listen_tcp(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port);

/* Listens on a socket file of mode 0600. Errors: BUSY, CONFIG (path too long), DENIED, IO. */
MUST_USE err socket_listen_unix(const char *path, int *ret_fd);

/* Begins to connect. OK: done; AGAIN: under way, writable when decided, see socket_connected. In
 * both cases *ret_fd is set. Errors: CONFIG, REFUSED, IO. */
MUST_USE err socket_connect_tcp(const char *address, uint16_t port, int *ret_fd);

/* The same by one way out: `from` is an interface ("wwan0") or an address of this machine. Errors
 * besides: REFUSED (there is no such way now), DENIED. */
MUST_USE err socket_connect_tcp_from(const char *from, const char *address, uint16_t port,
                                     int *ret_fd);
MUST_USE err socket_connect_unix(const char *path, int *ret_fd);

/* Two ends of one line between a process and its child. Errors: IO. */
MUST_USE err socket_pair(int ret_fds[2]);

/* How a connect that was under way ended. Errors: REFUSED, TIMEOUT, IO. */
MUST_USE err socket_connected(int fd);

/* The next connection, or AGAIN; FULL when the process has no descriptor left. */
MUST_USE err socket_accept(int listener, int *ret_fd);

/* IDENTITY unless the process at the other end of a Unix socket is ours or root's. */
MUST_USE err socket_same_user(int fd);

/* "127.0.0.1:4711", "[::1]:4711" or "unix:<pid>". */
void socket_peer_text(int fd, char out[SOCKET_ADDRESS_TEXT_MAX]);

/* Acknowledges what has been read at once. The kernel forgets it: call after every read. */
void socket_quick_ack(int fd);

/* Errors: AGAIN, CLOSED, IO. *ret_len is at least 1 on success. */
MUST_USE err socket_read(int fd, void *at, size_t max, size_t *ret_len);
MUST_USE err socket_write(int fd, struct bytes b, size_t *ret_len);
