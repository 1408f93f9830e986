/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backoffice: accounts of people, and what they do in the staff and owner consoles. The core of
 * tongbao-backoffice: driven by calls, speaks through ports; no socket, clock or thread of its own.
 *
 * A request becomes a call of backoffice_on_request(), which answers at once, or says `later` and
 * answers through the port. Everything that an answer promises is committed before it is given. An
 * err means that the store is gone: the program says why (backoffice_error_text) and ends.
 */

#include "lib/auth/password.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/store/store.h"
#include "lib/wire/http.h"

struct backoffice;

enum { BACKOFFICE_FAULT_MAX = 256 };

/* Why it did not open, as a sentence. */
struct backoffice_fault {
    char text[BACKOFFICE_FAULT_MAX];
};

struct backoffice_config {
    struct clock clock;
    struct random random;
    const struct log *log;
    enum store_mode mode;
    const char *store_path;    /* backoffice.db */
    const char *registry_path; /* registry.db, read only; NULL for none */
    const char *origin;        /* "https://pay.example": what links begin with; https decides about
                                  the names of cookies */
    int checkpoint_pages;      /* 0: no checkpointer of its own (tests) */
};

/*
 * What of an HTTP request the core looks at. `reader` finds cookies, headers and parameters by
 * name: NULL, or NOT_FOUND, when there is none.
 */
struct backoffice_reader {
    const char *(*cookie)(const void *context, const char *name);
    const char *(*header)(const void *context, const char *name);
    err (*query)(const void *context, const char *name, char *out, size_t size);
    const void *context;
};

struct backoffice_request {
    uint64_t ticket; /* for an answer that comes later */
    const char *method, *path;
    struct bytes body;
    const char *address; /* of the client, as text; "" when unknown */
    struct backoffice_reader reader;
};

struct backoffice_ports {
    void *context;
    /* The answer to a request that was put off. The requester may be gone by now. */
    void (*answer)(void *context, uint64_t ticket, const struct http_response *response);
};

/* Errors: those of store_open and store_migrate, CONFIG (origin), NO_MEMORY. */
MUST_USE err backoffice_open(const struct backoffice_config *config,
                             const struct backoffice_ports *ports, struct backoffice_fault *fault,
                             struct backoffice **ret_backoffice);
void backoffice_close(struct backoffice *backoffice); /* NULL is allowed */

/* One line for the operator: what failed, why, what to do. */
const char *backoffice_error_text(const struct backoffice *backoffice);

MUST_USE err backoffice_on_request(struct backoffice *backoffice,
                                   const struct backoffice_request *request,
                                   struct http_response *response);

/* At the end of every iteration: what was taken in is worked on. */
MUST_USE err backoffice_flush(struct backoffice *backoffice);

/* About once a second: what has come to its time. */
MUST_USE err backoffice_tick(struct backoffice *backoffice);

/* The longest body that any route takes: for the server in front. */
size_t backoffice_body_max(void);
