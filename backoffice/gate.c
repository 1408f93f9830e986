/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: a request meets its route here and nowhere else, and what the route's row says is
 * checked in one order. Whatever is not in a table does not exist. The server in front has checked
 * Host, and Origin of writing requests; Sec-Fetch-Site says it again for browsers that send it.
 */
#include "backoffice/core.h"

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

/* A page of another site must not drive us, whatever its browser thinks of cookies. */
static bool from_own_page(const struct backoffice_request *request)
{
    const char *site = request->reader.header(request->reader.context, "Sec-Fetch-Site");
    if (site == NULL || strcmp(site, "same-origin") == 0) return true;
    return strcmp(site, "none") == 0 && strcmp(request->method, "GET") == 0;
}

err gate_request(struct backoffice *b, const struct backoffice_request *request,
                 struct http_response *response)
{
    struct call call = {.request = request, .now_ms = backoffice_now_ms(b)};
    const char *path = request->path;
    bool known = false;
    const struct route *route = NULL;
    if (cut_realm(&path, &call.realm))
        route = route_find(call.realm, request->method, path, &known);
    if (route == NULL) {
        if (known) http_response_error(response, 405, "method", "this path takes another method");
        else backoffice_not_found(response);
        return OK;
    }
    if (request->body.len > route->body_max) {
        http_response_error(response, 413, "too_large", "the body is larger than allowed");
        return OK;
    }
    if (!from_own_page(request)) {
        http_response_error(response, 403, "site", "only our own pages may ask this");
        return OK;
    }
    size_t prefix = strlen(route->path);
    call.rest = bytes_text(strlen(path) > prefix ? path + prefix : "");
    if (route->class != ROUTE_PUBLIC) {
        http_response_error(response, 401, "session", "log in first");
        return OK;
    }
    return route->handle(b, &call, response);
}
