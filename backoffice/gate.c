/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: a request meets its route here and nowhere else, and what the route's row says is
 * checked in one order. Whatever is not in a table does not exist. The server in front has checked
 * Host, and Origin of writing requests; Sec-Fetch-Site says it again for browsers that send it.
 */
#include "backoffice/accounts/session.h"

static bool take_prefix(const char **path, const char *prefix)
{
    size_t len = strlen(prefix);
    if (strncmp(*path, prefix, len) != 0) return false;
    *path += len;
    return true;
}

/* Cuts "/api/staff" or "/api/console" off. */
static bool cut_realm(const char **path, enum realm *ret_realm)
{
    const char *at = *path;
    if (take_prefix(&at, "/api/staff") && *at == '/') *ret_realm = REALM_STAFF;
    else if (at = *path, take_prefix(&at, "/api/console") && *at == '/') *ret_realm = REALM_CONSOLE;
    else return false;
    *path = at;
    return true;
}

/* 401, 403: the row asks for more than the caller has. True when the caller may go on. */
static bool may_pass(const struct backoffice *b, const struct call *call, const struct route *route,
                     struct http_response *response)
{
    const struct caller *caller = call->caller;
    bool half = caller->stage != SESSION_FULL;
    if (half != (route->class == ROUTE_HALF)) {
        http_response_error(response, 401, "step",
                            half ? "the log-in is not finished" : "the log-in is finished");
        return false;
    }
    if (strcmp(call->request->method, "GET") != 0 &&
        !session_csrf_right(b, call->request, call->realm)) {
        http_response_error(response, 403, "csrf", "the page is an old one; load it again");
        return false;
    }
    if ((caller->roles & route->roles) == 0) {
        http_response_error(response, 403, "role", "this is not for your role");
        return false;
    }
    if (route->class == ROUTE_STEP_UP && !caller->stepped_up) {
        http_response_error(response, 403, "step_up", "show a passkey or a code once more");
        return false;
    }
    return true;
}

static err hand_over(struct backoffice *b, const struct call *call, const struct route *route,
                     struct http_response *response)
{
    struct bytes body = call->request->body;
    bool empty = body.len == 0 || bytes_equal(body, BYTES("{}"));
    if (route->body_max != ROUTE_EMPTY || empty) return route->handle(b, call, response);
    backoffice_malformed(response, ERR(FIELD));
    return OK;
}

static err with_session(struct backoffice *b, struct call *call, const struct route *route,
                        struct http_response *response)
{
    struct caller caller;
    err found = session_find(b, call->request, call->realm, call->now_ms, &caller);
    if (found.code == ERR_NOT_FOUND) return session_refuse(b, call->request, call->realm, response);
    TRY(found);
    call->caller = &caller;
    if (!may_pass(b, call, route, response)) return OK;
    TRY(session_touch(b, &caller, call->now_ms));
    return hand_over(b, call, route, response);
}

/* What can be said before anybody is known. NULL, and the answer is written, when it is a refusal.
 */
static const struct route *find(struct call *call, struct http_response *response)
{
    const struct backoffice_request *request = call->request;
    const char *path = request->path;
    bool known = false;
    const struct route *route = NULL;
    if (cut_realm(&path, &call->realm))
        route = route_find(call->realm, request->method, path, &known);
    if (route == NULL && known)
        http_response_error(response, 405, "method", "this path takes another method");
    else if (route == NULL) backoffice_not_found(response);
    else if (request->body.len > route->body_max)
        http_response_error(response, 413, "too_large", "the body is larger than allowed");
    else if (!session_from_own_page(request))
        http_response_error(response, 403, "site", "only our own pages may ask this");
    else {
        size_t prefix = strlen(route->path);
        call->rest = bytes_text(strlen(path) > prefix ? path + prefix : "");
        return route;
    }
    return NULL;
}

err gate_request(struct backoffice *b, const struct backoffice_request *request,
                 struct http_response *response)
{
    struct call call = {.request = request, .now_ms = backoffice_now_ms(b)};
    const struct route *route = find(&call, response);
    if (route == NULL) return OK;
    if (route->class == ROUTE_PUBLIC) return hand_over(b, &call, route, response);
    return with_session(b, &call, route, response);
}
