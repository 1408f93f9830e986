/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * api: the interface of the back office for programs and for its own pages, below /api/v1 (S177).
 * One table of routes, and everything follows from a row: who may ask, what is read of the body,
 * what a call costs, and the published document (openapi.h). A row without a policy does not
 * compile; a handler sees nothing that its row has not allowed.
 *
 *   #define STOCK_ROUTES(X)                                                                     \
 *       X(GET, "/stock", SESSION, ROLES_STAFF, STOCK_READ, 1, API_PAGED, NULL, &stock_list,     \
 *         on_list, "Terminals in stock")
 *   static const struct api_route stock_rows[] = {STOCK_ROUTES(API_ROUTE_ROW)};
 *
 * Who asks is a person with a session of the staff's or the owners' console (cookie, X-CSRF, and
 * X-Tongbao-Realm: staff or console), or a program with a key (Authorization: Bearer). A key has
 * scopes and no roles; a route with scope NONE is for people alone.
 *
 * Tenants: a caller belongs to a merchant, or to none and then to the acquirer, who sees all. What
 * is somebody else's is answered like what is not there (api_missing), byte for byte.
 *
 * A handler answers at once. One that changes something ends with api_commit(), which keeps the
 * answer under the caller's Idempotency-Key in the same transaction.
 */

#include "backoffice/api/fields.h"
#include "backoffice/core.h"

/* name, word, what it allows; bits are stored with keys: rows are added at the end only */
#define API_SCOPE_LIST(X)                                                                  \
    X(KEYS_READ, "keys:read", "list the keys of programs")                                 \
    X(DEVICES_READ, "devices:read", "see devices, their state and what was asked of them") \
    X(DEVICES_WRITE, "devices:write", "send commands to devices, arrange them in groups")  \
    X(APPLICATIONS_READ, "applications:read", "see applications for a terminal")           \
    X(APPLICATIONS_WRITE, "applications:write", "send in and change applications")         \
    X(STOCK_READ, "stock:read", "see terminals in stock and on their way")                 \
    X(STOCK_WRITE, "stock:write", "take in, assign and ship terminals")                    \
    X(UPDATES_READ, "updates:read", "see versions and how far a roll-out is")              \
    X(UPDATES_WRITE, "updates:write", "begin, stop and resume a roll-out")                 \
    X(WEBHOOKS_WRITE, "webhooks:write", "say where events are sent")                       \
    X(ALERTS_READ, "alerts:read", "see alerts")                                            \
    X(ALERTS_WRITE, "alerts:write", "acknowledge alerts")                                  \
    X(EVENTS_READ, "events:read", "see what has happened")                                 \
    X(CONTRACTS_WRITE, "contracts:write", "assign a terminal by a contract on paper")      \
    X(MERCHANTS_WRITE, "merchants:write", "register merchants")                            \
    X(FIGURES_READ, "figures:read", "see takings")

enum api_scope_number {
#define X(name, word, text) API_NUMBER_##name,
    API_SCOPE_LIST(X)
#undef X
        API_SCOPES
};

/* A set of scopes. */
enum api_scope {
    API_SCOPE_NONE = 0,
#define X(name, word, text) API_SCOPE_##name = 1 << API_NUMBER_##name,
    API_SCOPE_LIST(X)
#undef X
};

enum {
    API_PARAMS_MAX = 3,
    API_PARAM_MAX = 64,  /* bytes of one */
    API_CURSOR_MAX = 96, /* bytes of what a list goes on after */
    API_PAGE = 50,       /* rows of a list unless asked */
    API_PAGE_MAX = 200,
    API_CSV_MAX = 1000,         /* rows of a piece of CSV, as long as they fit into one answer */
    API_KEY_MAX = 255,          /* an Idempotency-Key */
    API_LARGE_MAX = 192 * 1024, /* a price list at its longest has 170 kB as JSON */
    API_FILE_MAX = 5 * 1024 * 1024,
    API_QUERY_MAX = 12, /* what a list may be narrowed by */
};

/* As flags of a row. */
enum {
    API_PAGED = 1 << 0,   /* takes `after` and `limit`, answers with `next` */
    API_CREATES = 1 << 1, /* 201, not 200, when it is done */
    API_PDF = 1 << 3,     /* its answer is a PDF, and the row has no table of it */
    API_CSV = 1 << 4,    /* its answer is a piece of CSV, with API_PAGED: API_NEXT_HEADER says where
                            the next one begins; the row has no table of it */
    API_LARGE = 1 << 5,  /* its body may have API_LARGE_MAX bytes */
    API_FILE = 1 << 6,   /* its body is a file of API_FILE_MAX at most, as it is: request->body */
    API_SECRET = 1 << 2, /* its answer is shown once: a repeat is told so, and nothing is kept */
};

/* What to send as `after` for the next piece of CSV; not there: it was the last one. */
#define API_NEXT_HEADER "Tongbao-Next"

struct api_caller {
    unsigned roles;      /* of a person; 0 for a program */
    unsigned scopes;     /* of a program; 0 for a person */
    const char *mid;     /* its merchant; "" for the acquirer's own, who see all */
    uint32_t outlet;     /* the only one it may see; 0: all */
    int64_t number;      /* of the account or the key */
    bool stepped_up;     /* a factor was shown just now */
    const char *subject; /* "staff li.wei", "key 7": for audit records */
};

struct api_route;

struct api_call {
    const struct backoffice_request *request;
    const struct api_route *route;
    const struct api_caller *caller;
    char value[API_PARAMS_MAX][API_PARAM_MAX + 1]; /* of the {names} of the path, in order */
    const struct json_t *body;                     /* keeps to the row's schema; NULL: has none */
    char after[API_CURSOR_MAX + 1];                /* API_PAGED: the last row seen; "" at first */
    size_t limit; /* API_PAGED: 1 to API_PAGE_MAX, or API_CSV_MAX */
    /* What of the row's `query` was asked, in its order; "" where nothing was. */
    char query[API_QUERY_MAX][API_PARAM_MAX + 1];
    int64_t now_ms;
    const char *idempotency_key; /* NULL: none was sent */
    bool *committed;             /* the gate's: api_commit() was called */
};

typedef err (*api_handler)(struct backoffice *backoffice, const struct api_call *call,
                           struct http_response *response);

struct api_route {
    const char *method;
    const char *path; /* below /api/v1; "/devices/{tid}/commands": {tid} is one segment */
    enum route_class class;
    unsigned roles; /* of people: any of them */
    unsigned scope; /* of programs: one bit, or NONE */
    unsigned cost;  /* calls of a plain read that it counts as (rates.h) */
    unsigned flags;
    const struct api_schema *body;   /* NULL: takes none */
    const struct api_schema *answer; /* of 200 and 201 */
    api_handler handle;
    const char *summary; /* a sentence without a full stop */
    /* What a list may be narrowed by: TEXT, WORD, INT and BOOL in the address; NULL: nothing. */
    const struct api_schema *query;
};

/* The arrays of negative size refuse a row without roles and scope, and one without a price. */
#define API_ROUTE_ROW(method, path, class, roles, scope, cost, flags, body, answer, handler,       \
                      summary)                                                                     \
    API_SEARCH_ROW(method, path, class, roles, scope, cost, flags, body, answer, handler, summary, \
                   NULL)

/* The same with a table of what it may be narrowed by. */
#define API_SEARCH_ROW(method, path, class, roles, scope, cost, flags, body, answer, handler,    \
                       summary, query)                                                           \
    {#method,                                                                                    \
     path,                                                                                       \
     ROUTE_##class,                                                                              \
     (unsigned)(roles) +                                                                         \
         0 * sizeof(char[(roles) != 0 || API_SCOPE_##scope != 0 || ROUTE_##class == ROUTE_PUBLIC \
                             ? 1                                                                 \
                             : -1]),                                                             \
     API_SCOPE_##scope,                                                                          \
     (unsigned)(cost) + 0 * sizeof(char[(cost) > 0 ? 1 : -1]),                                   \
     flags,                                                                                      \
     body,                                                                                       \
     answer,                                                                                     \
     handler,                                                                                    \
     summary,                                                                                    \
     query},

/* The rows of all parts in order; NULL past the end. */
const struct api_route *api_route_at(size_t index);

/* The scope of a word; 0 when there is none. The word and the text of one bit. */
unsigned api_scope_of(struct bytes word);
const char *api_scope_word(unsigned scope);
const char *api_scope_text(unsigned scope);

/* Everything below /api/v1: finds the row, the caller, checks, hands over. */
MUST_USE err api_request(struct backoffice *backoffice, const struct backoffice_request *request,
                         struct http_response *response);

/* ---- for handlers ---- */

bool api_may_see(const struct api_caller *caller, const char *mid, uint32_t outlet);
struct registry_actor api_actor(const struct api_call *call);

/* What was asked of the field `name` of the row's `query`: the text, "" when nothing was; the
 * number, or 0; true when it was "true". */
const char *api_query(const struct api_call *call, const char *name);
int64_t api_query_int(const struct api_call *call, const char *name);
bool api_query_true(const struct api_call *call, const char *name);
/* query.c: reads them. False, and 400 is written, when one is not as its field says. */
bool api_query_read(struct api_call *call, struct http_response *response);

/* 404, the same bytes for what is not there and for what is somebody else's. */
void api_missing(struct http_response *response);
/* Only for the acquirer's own: others hear that there is nothing. */
bool api_acquirers(const struct api_call *call, struct http_response *response);

/* 409, 422: what is asked for is well-formed and cannot be. `code` is of the published list. */
void api_refuse(struct http_response *response, unsigned status, const char *code,
                const char *message);

/* Commits with the answer as it stands: it is complete. */
MUST_USE err api_commit(struct backoffice *backoffice, const struct api_call *call,
                        struct store_tx *tx, struct http_response *response);

/* The end of a list: "next", what to send as `after`, or null when `last` is "". */
void api_next(struct json_out *j, const char *last);

extern const struct backoffice_part api_part;
