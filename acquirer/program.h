/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the program `tongbao-acquirer` share: the core of acquirer.h joined to sockets,
 * a checkpointer and the thread of the fold. Nothing here decides about a payment.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "acquirer/acquirer.h"
#include "acquirer/fold.h"
#include "lib/base/file.h"
#include "lib/wire/loop.h"
#include "lib/wire/process.h"
#include "lib/wire/stream.h"

struct settings {
    const char *state, *registry, *hsm, *address, *tls_cert, *tls_key, *tls_ca, *card_network,
        *wallet, *status, *control, *payout_accounts;
    int64_t port, connections, frame_ms, shown_seconds, recent, ready_fd, report_fd;
    bool check_books;
};

/* One outgoing connection that is made again when it ends. */
struct link {
    struct program *program;
    struct stream *stream; /* NULL: not connected, or not yet */
    bool open;
    enum payment_route route; /* NONE: the hsm */
    char address[64];
    uint16_t port;
    unsigned failures;
    struct loop_timer retry;
};

/* A connection by a number that none has twice; a terminal's is its place and a count. */
struct line {
    struct stream *stream;
    uint32_t session;
};

struct paths {
    char journal[FILE_PATH_MAX], ledger[FILE_PATH_MAX], audit[FILE_PATH_MAX];
};

/* The fold's thread. Only the two atomics are shared with the rest. */
struct folder {
    struct fold *fold;
    struct loop *loop;
    struct loop_timer timer;
    struct loop_wake stop;
    pthread_t thread;
    bool running;
    const struct log *log;
    atomic_llong seq;
    atomic_bool failed;
    err failure;
};

enum { PROGRAM_CONTROLLERS = 8 /* people's programs that may order something at one time */ };

struct program {
    struct settings settings;
    struct paths paths;
    struct log log;
    struct loop *loop;
    struct tls *tls;
    struct stream_pool *terminals, *links, *route_links, *status, *control;
    struct stream_listener *listener, *status_listener, *control_listener;
    struct line controller[PROGRAM_CONTROLLERS];
    uint32_t controllers; /* that there ever were */
    struct link hsm, route[PAYMENT_ROUTES];
    struct line *line;
    uint32_t lines, line_next;
    struct acquirer *acquirer;
    struct folder folder;
    struct loop_hook hook;
    struct loop_timer timer;
    bool listening;
    int exit_status;
    struct process_fault *fault;
};

/* The store is gone: says so, and stops without sending anything more. */
void program_fail(struct program *p, const char *what, err why);

/* ---- links.c: hsm and routes ---- */

MUST_USE err links_open(struct program *p, struct process_fault *fault);
MUST_USE err link_address(const char *text, struct link *link, const char *option,
                          struct process_fault *fault);

/* ---- lines.c: terminals and status ---- */

MUST_USE err lines_open(struct program *p, struct process_fault *fault);
/* Begins to take terminals: called when the hsm is there. */
MUST_USE err lines_listen(struct program *p, struct process_fault *fault);
void lines_close(struct program *p);
void lines_to_terminal(void *context, uint32_t session, struct bytes frame);
void lines_close_terminal(void *context, uint32_t session);

/* ---- orders.c: the control socket ---- */

MUST_USE err orders_open(struct program *p, struct process_fault *fault);
void orders_close(struct program *p);
void orders_to_control(void *context, uint32_t client, struct bytes frame);

/* ---- folder.c: the fold's thread ---- */

MUST_USE err folder_start(struct folder *f, const struct fold_config *config, const struct log *log,
                          struct process_fault *fault);
void folder_stop(struct folder *f);

/* ---- books.c: --check-books ---- */

/* Writes one sentence to `report_fd` (-1: standard output). */
MUST_USE err books_check(const char *state, int report_fd, bool *ret_same,
                         struct process_fault *fault);
