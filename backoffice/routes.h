/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * routes: what can be asked of the back office, as tables. Each file that answers requests has one:
 *
 *   #define DESK_ROUTES(X)                                                           \
 *       X(GET, "/desk/requests", SESSION, ROLE_AGENT | ROLE_APPROVER, 0, on_list)     \
 *       X(POST, "/desk/approve", STEP_UP, ROLE_APPROVER, 512, on_approve)
 *   static const struct route desk_rows[] = {DESK_ROUTES(ROUTE_ROW)};
 *
 * A row names its policy class and its roles; one without either does not compile. Routes exist in
 * the realms of their roles, below /api/staff and /api/console: the first of the two above
 * is GET /api/staff/desk/requests. The gate (gate.c) has checked everything that the row says
 * before a handler runs. A handler looks at what only it can know: whether this very thing is the
 * caller's.
 */

#include "backoffice/backoffice.h"
#include "registry/account.h"

/* Who a person logs in as. The two share addresses and nothing else. */
enum realm { REALM_STAFF = 1, REALM_CONSOLE = 2, REALMS = 3 };

/* name, what the class means (it stands in the inventory of the tests) */
#define ROUTE_CLASS_LIST(X)                                      \
    X(PUBLIC, "anybody, logged in or not")                       \
    X(HALF, "the first factor was right, the second is missing") \
    X(SESSION, "logged in")                                      \
    X(STEP_UP, "logged in, and a factor was shown in the last five minutes")

enum route_class {
#define X(name, text) ROUTE_##name,
    ROUTE_CLASS_LIST(X)
#undef X
        ROUTE_CLASSES
};

struct caller;

/* What a handler gets. Views live until it returns. */
struct call {
    const struct backoffice_request *request;
    const struct caller *caller; /* NULL on a public route */
    enum realm realm;
    struct bytes rest; /* of a path that ends in a slash in the table */
    int64_t now_ms;
};

/* As body_max: a POST that takes nothing, and refuses a body that is not empty or "{}". */
enum { ROUTE_EMPTY = 2 };

typedef err (*route_handler)(struct backoffice *backoffice, const struct call *call,
                             struct http_response *response);

struct route {
    const char *method;
    const char *path; /* below the realm; ending in a slash, all paths that begin so */
    enum route_class class;
    unsigned roles; /* any of them; for PUBLIC and HALF they only say in which realms it exists */
    size_t body_max;
    route_handler handle;
};

/* The array of negative size refuses a row that names no role. */
#define ROUTE_ROW(method, path, class, roles, body_max, handler)                                   \
    {#method,  path,   ROUTE_##class, (unsigned)(roles) + 0 * sizeof(char[(roles) != 0 ? 1 : -1]), \
     body_max, handler},

/* The table's rows in order, over all parts; NULL past the end. What tests and inventories walk. */
const struct route *route_at(size_t index);

/* The route of this realm, method and path below it; NULL, and *ret_known when another method is
 * there. */
const struct route *route_find(enum realm realm, const char *method, const char *path,
                               bool *ret_known);

bool route_in_realm(const struct route *route, enum realm realm);
