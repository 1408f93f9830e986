/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What tests of the HTTP server share: the server, its clock, a client that sends anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "lib/wire/http.h"
#include "lib/wire/socket.h"

enum { TURNS_MAX = 20000, ANSWER_MAX = 65536 };

struct site {
    int64_t now_us;
    struct loop *loop;
    struct http_server *server;
    char directory[64];
    unsigned handled;
    size_t body_len;
    uint64_t ticket; /* of the last request that was put off */
};

static int64_t fake_us(void *context)
{
    return *(int64_t *)context;
}

static void turn(struct site *site)
{
    assert_false(FAILED(loop_once(site->loop, 0)));
}

static int dial(struct site *site)
{
    int fd = -1;
    err e = socket_connect_tcp("127.0.0.1", http_port(site->server), &fd);
    assert_true(!FAILED(e) || e.code == ERR_AGAIN);
    for (int i = 0; i < 10; i++) turn(site);
    return fd;
}

static void say(struct site *site, int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    turn(site);
}

/* Reads until `expected` has come, or the end ("" waits for the end). */
static void hear(struct site *site, int fd, const char *expected, char out[ANSWER_MAX])
{
    size_t len = 0;
    out[0] = '\0';
    for (int i = 0; i < TURNS_MAX; i++) {
        ssize_t n = recv(fd, out + len, ANSWER_MAX - 1 - len, MSG_DONTWAIT);
        if (n == 0) return;
        if (n > 0) len += (size_t)n;
        out[len] = '\0';
        if (expected[0] != '\0' && strstr(out, expected) != NULL) return;
        turn(site);
    }
}

/* One request on a connection of its own; `head` is the request line and headers without Host. */
static inline unsigned ask(struct site *site, const char *head, const char *body,
                           char out[ANSWER_MAX])
{
    static char text[ANSWER_MAX];
    int fd = dial(site);
    const char *line_end = strstr(head, "\r\n");
    size_t line = (size_t)(line_end + 2 - head);
    (void)snprintf(text, sizeof text, "%.*sHost: localhost:%u\r\nConnection: close\r\n%s\r\n%s",
                   (int)line, head, http_port(site->server), head + line, body);
    say(site, fd, text);
    hear(site, fd, "", out);
    close(fd);
    for (int i = 0; i < 5; i++) turn(site);
    return strncmp(out, "HTTP/1.1 ", 9) == 0 ? (unsigned)strtoul(out + 9, NULL, 10) : 0;
}

static inline unsigned post(struct site *site, const char *path, const char *body,
                            char out[ANSWER_MAX])
{
    char head[256];
    (void)snprintf(head, sizeof head,
                   "POST %s HTTP/1.1\r\nOrigin: http://localhost:%u\r\nContent-Length: %zu\r\n",
                   path, http_port(site->server), strlen(body));
    return ask(site, head, body, out);
}

static inline const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end != NULL ? end + 4 : "";
}
