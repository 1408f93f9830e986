/* SPDX-License-Identifier: Apache-2.0 */
/* One request: the gate, the route, the body, the handler, the answer with its headers. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/wire/http_internal.h"
#include "lib/wire/json.h"

enum { BODY_MS = 15000, ANSWER_MS = 30000, KEEP_ALIVE_MS = 60000 };
enum { GIVE_BACK = 64 * 1024 /* below that the next request has the block warm */ };

/* ---- answers ---- */

/* On every answer. Nothing from elsewhere is ever loaded, and nobody may frame or sniff us. */
static const struct {
    const char *name, *value;
} fixed_headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"},
};

static const char policy[] =
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
static const char policy_inline_styles[] =
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "style-src 'self' 'unsafe-inline'";

static const char policy_trusted_types[] =
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types vue";

static const char *policy_of(const struct http_options *options)
{
    if (options->trusted_types) return policy_trusted_types;
    return options->inline_styles ? policy_inline_styles : policy;
}

static bool is_https(const struct http_options *options)
{
    return options->origin != NULL && strncmp(options->origin, "https://", 8) == 0;
}

enum MHD_Result http_queue(struct MHD_Connection *connection, const struct http_server *server,
                           unsigned status, const char *content_type, const char *cache,
                           struct MHD_Response *response)
{
    if (response == NULL) return MHD_NO;
    bool added = MHD_add_response_header(response, "Content-Security-Policy",
                                         policy_of(&server->options)) == MHD_YES;
    if (is_https(&server->options))
        added = added && MHD_add_response_header(response, "Strict-Transport-Security",
                                                 "max-age=31536000") == MHD_YES;
    for (size_t i = 0; i < ARRAY_LEN(fixed_headers); i++)
        added = added && MHD_add_response_header(response, fixed_headers[i].name,
                                                 fixed_headers[i].value) == MHD_YES;
    added = added && MHD_add_response_header(response, "Cache-Control", cache) == MHD_YES;
    if (content_type != NULL)
        added = added && MHD_add_response_header(response, "Content-Type", content_type) == MHD_YES;
    /* An answer that would lack one of them is not given. */
    enum MHD_Result queued = added ? MHD_queue_response(connection, status, response) : MHD_NO;
    MHD_destroy_response(response);
    return queued;
}

static struct bytes status_message(unsigned status)
{
    switch (status) {
    case 400:
        return BYTES("{\"error\":\"bad_request\",\"message\":\"the request is malformed\"}");
    case 403:
        return BYTES("{\"error\":\"forbidden\",\"message\":\"Host must be this server's own name "
                     "and port, and Origin of a writing request must be its own address\"}");
    case 404:
        return BYTES("{\"error\":\"not_found\",\"message\":\"there is nothing at this path\"}");
    case 405:
        return BYTES("{\"error\":\"method\",\"message\":\"this path does not take this method\"}");
    case 413:
        return BYTES("{\"error\":\"too_large\",\"message\":\"the body is larger than allowed\"}");
    case 503:
        return BYTES("{\"error\":\"busy\",\"message\":\"too many at a time; try again later\"}");
    default:
        return BYTES("{\"error\":\"failed\",\"message\":\"the server could not answer\"}");
    }
}

enum MHD_Result http_queue_error(struct MHD_Connection *connection,
                                 const struct http_server *server, unsigned status)
{
    struct bytes text = status_message(status);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        text.len, (void *)(uintptr_t)text.at, MHD_RESPMEM_PERSISTENT);
    return http_queue(connection, server, status, "application/json", "no-store", response);
}

/* ---- what the request says ---- */

struct headers {
    struct bytes host, origin;
    bool too_large;       /* Content-Length above `body_max` */
    bool far_too_large;   /* above HTTP_READ_PAST */
    bool doubtful;        /* twice the same header, or two ways to say the length */
    bool length, chunked; /* seen */
    size_t body_max;
};

static void take_once(struct bytes *slot, const char *value, bool *doubtful)
{
    if (slot->at != NULL) *doubtful = true;
    *slot = bytes_text(value);
}

static void take_length(struct headers *h, const char *value)
{
    size_t length = 0;
    if (h->length || *value == '\0') h->doubtful = true;
    h->length = true;
    for (; *value != '\0'; value++) {
        if (*value < '0' || *value > '9') h->doubtful = true;
        if (h->doubtful || h->far_too_large) return;
        length = length * 10 + (size_t)(*value - '0');
        h->too_large = length > h->body_max;
        h->far_too_large = length > HTTP_READ_PAST;
    }
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *key,
                                   const char *value)
{
    struct headers *h = context;
    (void)kind;
    if (value == NULL) value = "";
    if (strcasecmp(key, "Host") == 0) take_once(&h->host, value, &h->doubtful);
    if (strcasecmp(key, "Origin") == 0) take_once(&h->origin, value, &h->doubtful);
    if (strcasecmp(key, "Content-Length") == 0) take_length(h, value);
    if (strcasecmp(key, "Transfer-Encoding") == 0) h->chunked = true;
    return MHD_YES;
}

static bool route_matches(const struct http_route *route, const char *path)
{
    size_t len = strlen(route->path);
    if (route->path[len - 1] == '/') return strncmp(path, route->path, len) == 0;
    return strcmp(path, route->path) == 0;
}

/* The route of this path and method; *ret_known when the path has one for another method. */
static const struct http_route *find_route(const struct http_server *server, const char *method,
                                           const char *path, bool *ret_known)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    *ret_known = false;
    for (size_t i = 0; i < server->options.route_count; i++) {
        const struct http_route *route = &server->options.routes[i];
        if (!route_matches(route, path)) continue;
        *ret_known = true;
        if (strcmp(route->method, wanted) == 0) return route;
    }
    return NULL;
}

static bool reads_past(const struct http_server *server, const struct headers *h)
{
    return h->too_large && !h->far_too_large && server->options.refuse != NULL;
}

/* The status to turn the request away with before its body is read, or 0. */
static unsigned examine(struct http_server *server, struct MHD_Connection *connection,
                        const char *method, const char *path, struct http_exchange *exchange)
{
    bool known = false;
    exchange->route = find_route(server, method, path, &known);
    exchange->body_max = exchange->route != NULL ? exchange->route->body_max : 0;
    struct headers h = {.body_max = exchange->body_max};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &h);
    if (h.doubtful || (h.length && h.chunked)) return 400;
    unsigned refused = http_gate_check(
        &server->gate, bytes_text(method), bytes_text(path), h.host, h.origin,
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization") != NULL);
    if (refused != 0) return refused;
    if (exchange->route == NULL && known) return 405;
    bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    if (exchange->route == NULL && !reads) return 404;
    exchange->read_past = reads_past(server, &h);
    return h.too_large ? 413 : 0;
}

/* ---- the handler's answer ---- */

/*
 * Wipes what a block has held. Of a large one the whole pages go back to the system, which wipes
 * them too: each of 64 connections has room for a picture, and kept what it once had.
 */
static void give_back(uint8_t *block, size_t len)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)block + page - 1) & ~(page - 1);
    uintptr_t to = ((uintptr_t)block + len) & ~(page - 1);
    if (len < GIVE_BACK || madvise((void *)from, to - from, MADV_DONTNEED) != 0) {
        if (len > 0) explicit_bzero(block, len);
        return;
    }
    explicit_bzero(block, from - (uintptr_t)block);
    explicit_bzero((void *)to, (uintptr_t)block + len - to);
}

static void free_wiped(void *block)
{
    if (block == NULL) return;
    explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

/* A copy that is wiped when it has left: an answer may carry recovery codes. */
static struct MHD_Response *copy_body(struct bytes body)
{
    uint8_t *copy = malloc(body.len + 1);
    if (copy == NULL) return NULL;
    if (body.len > 0) memcpy(copy, body.at, body.len);
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(body.len, copy, free_wiped);
    if (response == NULL) free_wiped(copy);
    return response;
}

/* A body that ends in its middle, and the connection with it. */
struct torn_body {
    size_t len;
    uint8_t at[];
};

static ssize_t read_torn(void *context, uint64_t from, char *to, size_t room)
{
    const struct torn_body *body = context;
    size_t half = body->len / 2;
    if (from >= half) return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t len = half - (size_t)from < room ? half - (size_t)from : room;
    memcpy(to, body->at + from, len);
    return (ssize_t)len;
}

static struct MHD_Response *tear_body(struct bytes body)
{
    struct torn_body *copy = malloc(sizeof *copy + body.len);
    if (copy == NULL) return NULL;
    copy->len = body.len;
    if (body.len > 0) memcpy(copy->at, body.at, body.len);
    struct MHD_Response *response =
        MHD_create_response_from_callback(body.len, 4096, read_torn, copy, free_wiped);
    if (response == NULL) free_wiped(copy);
    return response;
}

struct MHD_Response *http_make_response(const struct http_response *answer)
{
    struct bytes body = {0};
    err e = writer_finish(&answer->body, &body);
    if (FAILED(e)) return NULL;
    struct MHD_Response *response = answer->cut ? tear_body(body) : copy_body(body);
    for (unsigned i = 0; response != NULL && i < answer->header_count; i++)
        if (MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value) !=
            MHD_YES) {
            MHD_destroy_response(response);
            return NULL;
        }
    return response;
}

static enum MHD_Result send_answer(struct http_server *server, struct MHD_Connection *connection,
                                   const struct http_response *answer)
{
    struct MHD_Response *response = http_make_response(answer);
    if (response == NULL) return http_queue_error(connection, server, 500);
    return http_queue(connection, server, answer->status,
                      answer->body.len > 0 ? answer->content_type : NULL, "no-store", response);
}

static enum MHD_Result call_handler(struct http_server *server, struct MHD_Connection *connection,
                                    const char *method, const char *path,
                                    struct http_exchange *exchange)
{
    size_t prefix = strlen(exchange->route->path);
    struct http_request request = {
        .method = method,
        .path = path,
        .rest = bytes_text(path + (prefix < strlen(path) ? prefix : strlen(path))),
        .body = bytes_of(exchange->body, exchange->body_len),
        .ticket = exchange->ticket,
        .connection = connection,
    };
    struct http_response response = {
        .status = 200,
        .content_type = "application/json",
        .body = writer_over(server->response_block, server->options.response_max),
    };
    exchange->route->handle(server->options.context, &request, &response);
    enum MHD_Result queued;
    if (response.hang_up) queued = MHD_NO;
    else if (response.later) queued = http_wait(server, exchange);
    else if (response.hold_ms > 0 && http_hold(server, exchange, &response)) queued = MHD_YES;
    else queued = send_answer(server, connection, &response);
    give_back(server->response_block, response.body.len);
    return queued;
}

/* By the page of the program's own, or as JSON. */
static enum MHD_Result refuse(struct http_server *server, struct MHD_Connection *connection,
                              const char *method, const char *path,
                              const struct http_exchange *exchange)
{
    bool through = exchange->refused != 400 && exchange->refused != 403; /* the gate */
    if (server->options.refuse == NULL || !through)
        return http_queue_error(connection, server, exchange->refused);
    const struct http_request request = {.method = method,
                                         .path = path,
                                         .rest = BYTES(""),
                                         .body = BYTES(""),
                                         .ticket = exchange->ticket,
                                         .connection = connection};
    struct http_response response = {
        .status = exchange->refused,
        .content_type = "application/json",
        .body = writer_over(server->response_block, server->options.response_max),
    };
    server->options.refuse(server->options.context, exchange->refused, &request, &response);
    ENSURE(!response.later && !response.hang_up);
    size_t len = response.body.len;
    enum MHD_Result queued = len == 0 ? http_queue_error(connection, server, exchange->refused)
                                      : send_answer(server, connection, &response);
    give_back(server->response_block, len);
    return queued;
}

static enum MHD_Result answer(struct http_server *server, struct MHD_Connection *connection,
                              const char *method, const char *path, struct http_exchange *exchange)
{
    const char *events = server->options.events_path;
    if (exchange->prepared != NULL) return http_queue_prepared(server, exchange);
    if (exchange->refused != 0) return refuse(server, connection, method, path, exchange);
    if (exchange->route != NULL) return call_handler(server, connection, method, path, exchange);
    if (events != NULL && strcmp(path, events) == 0) return http_events_answer(server, connection);
    return http_files_answer(server, connection, path);
}

/* ---- MHD's callbacks ---- */

static struct http_exchange *take_exchange(struct http_server *server)
{
    for (unsigned i = 0; i < server->options.connections_max; i++) {
        struct http_exchange *exchange = &server->exchanges[i];
        if (exchange->used) continue;
        *exchange =
            (struct http_exchange){.used = true, .body = exchange->own, .own = exchange->own};
        return exchange;
    }
    return NULL;
}

/* Room for a body that may be large. False when all of it is taken. */
static bool take_room(struct http_server *server, struct http_exchange *exchange)
{
    if (exchange->body_max <= server->own_max) return true;
    for (unsigned i = 0; i < server->options.large_bodies; i++) {
        if (server->large_used[i]) continue;
        server->large_used[i] = true;
        exchange->large = i + 1;
        exchange->body = server->large + i * (server->body_max + 1);
        return true;
    }
    return false;
}

/* What comes after a body has become too long is read past, so that the answer can be heard. */
static void take_body(struct http_exchange *exchange, const char *data, size_t len)
{
    if (exchange->refused != 0) return;
    if (len > exchange->body_max - exchange->body_len) {
        exchange->refused = 413;
        return;
    }
    memcpy(exchange->body + exchange->body_len, data, len);
    exchange->body_len += len;
}

enum MHD_Result http_on_request(void *context, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *data_len, void **slot)
{
    struct http_server *server = context;
    struct http_exchange *exchange = *slot;
    (void)version;
    if (exchange == NULL) {
        exchange = take_exchange(server);
        if (exchange == NULL) return MHD_NO;
        *slot = exchange;
        exchange->connection = connection;
        exchange->ticket = ++server->tickets;
        http_deadline(server, connection, BODY_MS);
        exchange->refused = examine(server, connection, method, url, exchange);
        if (exchange->refused == 0 && !take_room(server, exchange)) exchange->refused = 503;
        if (exchange->refused == 0 || exchange->read_past) return MHD_YES;
        http_deadline(server, connection, ANSWER_MS);
        return refuse(server, connection, method, url, exchange);
    }
    if (*data_len > 0) {
        take_body(exchange, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    http_deadline(server, connection, ANSWER_MS);
    return answer(server, connection, method, url, exchange);
}

void http_on_completed(void *context, struct MHD_Connection *connection, void **slot,
                       enum MHD_RequestTerminationCode code)
{
    struct http_exchange *exchange = *slot;
    (void)code;
    if (exchange == NULL) return;
    struct http_server *server = context;
    give_back(exchange->body, exchange->body_len);
    if (exchange->large > 0) server->large_used[exchange->large - 1] = false;
    if (exchange->prepared != NULL) MHD_destroy_response(exchange->prepared);
    exchange->prepared = NULL;
    exchange->used = false;
    *slot = NULL;
    http_deadline(context, connection, KEEP_ALIVE_MS);
}

/* ---- for handlers ---- */

err http_query(const struct http_request *request, const char *name, char *out, size_t size)
{
    const char *value =
        MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
    if (value == NULL) return ERR(NOT_FOUND);
    return http_unescape(bytes_text(value), out, size);
}

static enum MHD_Result take_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    struct writer *w = context;
    (void)kind;
    write_format(w, "%s%s%s%s", w->len > 0 ? "&" : "", name, value != NULL ? "=" : "",
                 value != NULL ? value : "");
    return MHD_YES;
}

/* MHD has made blanks of '+', and a query has no other blanks. */
err http_raw_query(const struct http_request *request, char *out, size_t size)
{
    struct writer w = writer_over(out, size - 1);
    (void)MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, take_argument, &w);
    if (w.fault != ERR_OK) return ERR(LENGTH);
    for (size_t i = 0; i < w.len; i++)
        if (out[i] == ' ') out[i] = '+';
    out[w.len] = '\0';
    return OK;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_request_cookie(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND, name);
}

void http_response_header(struct http_response *response, const char *name, const char *value)
{
    ENSURE(response->header_count < HTTP_HEADERS_MAX);
    ENSURE(strpbrk(name, "\r\n:") == NULL && strpbrk(value, "\r\n") == NULL);
    struct http_header *header = &response->headers[response->header_count];
    err e = bytes_to_text(bytes_text(name), header->name, sizeof header->name);
    if (!FAILED(e)) e = bytes_to_text(bytes_text(value), header->value, sizeof header->value);
    ENSURE(!FAILED(e));
    response->header_count++;
}

void http_response_error(struct http_response *response, unsigned status, const char *code,
                         const char *message)
{
    char sentence[HTTP_MESSAGE_MAX + 1];
    snprintf(sentence, sizeof sentence, "%s", message);
    if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = (char)(sentence[0] - 'a' + 'A');
    response->status = status;
    response->content_type = "application/json";
    response->body.len = 0;
    response->body.fault = ERR_OK;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "error", code);
    json_member_string(&j, "message", sentence);
    json_object_end(&j);
}
