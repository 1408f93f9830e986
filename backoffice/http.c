/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP requests to calls of the core: some prefixes, everything behind them is the core's to know.
 */
#include <stdio.h>

#include "backoffice/api/api.h"
#include "backoffice/applications/apply_http.h"
#include "backoffice/limits.h"
#include "backoffice/program.h"

static const char *read_cookie(const void *context, const char *name)
{
    return http_request_cookie(context, name);
}

static const char *read_header(const void *context, const char *name)
{
    return http_request_header(context, name);
}

static err read_query(const void *context, const char *name, char *out, size_t size)
{
    return http_query(context, name, out, size);
}

/* Who asks: the peer, or what the proxy in front says of it. */
static void find_address(const struct program *p, const struct http_request *request,
                         char out[HTTP_ADDRESS_MAX])
{
    const char *header = p->settings.address_header;
    const char *said = header == NULL ? NULL : http_request_header(request, header);
    if (said == NULL || FAILED(bytes_to_text(bytes_text(said), out, HTTP_ADDRESS_MAX)))
        http_request_address(request, out);
}

/* `address` is the caller's, for as long as the call takes. */
static struct backoffice_request
call_of(const struct program *p, const struct http_request *request, char address[HTTP_ADDRESS_MAX])
{
    find_address(p, request, address);
    return (struct backoffice_request){
        .ticket = request->ticket,
        .method = request->method,
        .path = request->path,
        .body = request->body,
        .address = address,
        .reader = {read_cookie, read_header, read_query, request},
    };
}

static void on_request(void *context, const struct http_request *request,
                       struct http_response *response)
{
    struct program *p = context;
    char address[HTTP_ADDRESS_MAX];
    const struct backoffice_request call = call_of(p, request, address);
    if (p->backoffice == NULL || p->exit_status != 0) {
        http_response_error(response, 503, "stopping", "try again in a moment");
        return;
    }
    err e = backoffice_on_request(p->backoffice, &call, response);
    if (FAILED(e)) program_fail(p, "request_failed", e);
}

static void on_refused(void *context, unsigned status, const struct http_request *request,
                       struct http_response *response)
{
    struct program *p = context;
    char address[HTTP_ADDRESS_MAX];
    if (p->backoffice == NULL || p->exit_status != 0) return;
    const struct backoffice_request call = call_of(p, request, address);
    err e = backoffice_on_refused(p->backoffice, &call, status, response);
    if (FAILED(e)) program_fail(p, "request_failed", e);
}

void http_put_answer(void *context, uint64_t ticket, const struct http_response *response)
{
    struct program *p = context;
    (void)http_answer(p->server, ticket, response); /* whoever has gone hears nothing */
}

/* Pages, and what terminals are updated from: public, and signed. */
static err set_directories(struct program *p, struct http_options *options)
{
    static struct http_mount mounts[4]; /* the server looks at them as long as it is */
    size_t count = 0;
    if (p->settings.web != NULL) {
        TRY(file_path(p->settings.web, "staff", p->staff, sizeof p->staff));
        TRY(file_path(p->settings.web, "console", p->console, sizeof p->console));
        mounts[count++] = (struct http_mount){"/staff/", p->staff, .one_page = false};
        /* Whoever installed none offers the interface without a page to try it. */
        TRY(file_path(p->settings.web, "api", p->api, sizeof p->api));
        mounts[count++] = (struct http_mount){"/api/", p->api, .one_page = true, .optional = true};
        options->directory = p->console;
    }
    if (p->settings.updates != NULL) {
        TRY(file_path(p->settings.updates, "metadata", p->metadata, sizeof p->metadata));
        TRY(file_path(p->settings.updates, "files", p->files, sizeof p->files));
        mounts[count++] = (struct http_mount){"/updates/metadata/", p->metadata, .one_page = true};
        mounts[count++] = (struct http_mount){"/updates/files/", p->files, .one_page = true};
    }
    options->mounts = mounts;
    options->mount_count = count;
    return OK;
}

err http_open(struct program *p, struct process_fault *fault)
{
    const struct http_route routes[] = {
        {"GET", "/apply", on_request, 0},
        {"POST", "/apply", on_request, APPLY_FIELDS_BODY_MAX},
        {"POST", "/apply/documents", on_request, APPLY_FILES_BODY_MAX},
        {"GET", "/apply/", on_request, 0},
        {"POST", "/apply/", on_request, APPLY_FIELDS_BODY_MAX},
        /* What else is below /api/ is the page that tries the interface. */
        {"GET", "/api/v1/", on_request, 0},
        {"GET", "/api/staff/", on_request, 0},
        {"GET", "/api/console/", on_request, 0},
        {"GET", "/status", on_request, 0},
        {"POST", "/api/v1/goods/", on_request, API_LARGE_MAX},
        {"POST", "/api/v1/papers/", on_request, API_FILE_MAX},
        {"POST", "/api/v1/", on_request, backoffice_body_max()},
        {"POST", "/api/staff/", on_request, backoffice_body_max()},
        {"POST", "/api/console/", on_request, backoffice_body_max()},
        {"PUT", "/api/v1/", on_request, BACKOFFICE_BODY_MAX},
        {"DELETE", "/api/v1/", on_request, BACKOFFICE_BODY_MAX},
    };
    static struct http_route
        kept[ARRAY_LEN(routes)]; /* the server looks at them as long as it is */
    memcpy(kept, routes, sizeof kept);
    struct http_options options = {
        .loop = p->loop,
        .port = (uint16_t)p->settings.port,
        .routes = kept,
        .route_count = ARRAY_LEN(kept),
        .context = p,
        .pages = true,
        .origin = p->settings.origin,
        .response_max = BACKOFFICE_RESPONSE_MAX,
        .connections_max = BACKOFFICE_CONNECTIONS,
        .large_bodies = BACKOFFICE_UPLOADS,
        .trusted_types = true,
        .refuse = on_refused,
        .keys = true,
    };
    TRY(set_directories(p, &options));
    err e = http_create(&options, &p->server);
    if (FAILED(e))
        snprintf(fault->text, sizeof fault->text,
                 "port %lld: %s; choose another --port, and as --web the directory that holds "
                 "staff and console",
                 (long long)p->settings.port, err_text(e));
    return e;
}
