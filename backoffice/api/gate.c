/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call of the interface from its path to its handler, in one order: the row, who asks, what he
 * may, what it costs, the body, and whether it was answered before.
 */
#include <stdio.h>

#include "backoffice/accounts/session.h"
#include "backoffice/api/keys.h"
#include "backoffice/api/rates.h"
#include "backoffice/api/repeats.h"
#include "backoffice/api/rights.h"

static const char prefix[] = "/api/v1";

/* What is kept of who asks until the handler has returned. */
struct who {
    struct caller person;
    struct api_key key;
    char subject[ACCOUNT_SUBJECT_MAX];
    struct api_caller caller;
    bool is_key;
};

static const char *header(const struct backoffice_request *request, const char *name)
{
    return request->reader.header(request->reader.context, name);
}

/* ---- the row ---- */

/* Does the path keep to the row's, and what stands in its braces? */
static bool matches(const char *row, const char *path, char value[][API_PARAM_MAX + 1])
{
    unsigned values = 0;
    while (*row != '\0') {
        if (*row != '{') {
            if (*row++ != *path++) return false;
            continue;
        }
        size_t len = strcspn(path, "/");
        if (len == 0 || len > API_PARAM_MAX || values == API_PARAMS_MAX) return false;
        memcpy(value[values], path, len);
        value[values++][len] = '\0';
        path += len;
        row += strcspn(row, "}") + 1;
    }
    return *path == '\0';
}

/* NULL, and the answer is written, when there is none. */
static const struct api_route *find_route(struct api_call *call, struct http_response *response)
{
    const struct api_route *row;
    const char *path = call->request->path + sizeof prefix - 1;
    bool known = false;
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        char value[API_PARAMS_MAX][API_PARAM_MAX + 1] = {""};
        if (!matches(row->path, path, value)) continue;
        known = true;
        if (strcmp(row->method, call->request->method) != 0) continue;
        memcpy(call->value, value, sizeof value);
        return row;
    }
    if (known) http_response_error(response, 405, "method", "this path takes another method");
    else api_missing(response);
    return NULL;
}

/* ---- who asks ---- */

static void refuse_stranger(struct http_response *response, const char *message)
{
    http_response_header(response, "WWW-Authenticate", "Bearer");
    http_response_error(response, 401, "unauthorized", message);
}

static err by_key(struct backoffice *b, const char *said, int64_t now_ms, struct who *who,
                  struct http_response *response)
{
    static const char bearer[] = "Bearer ";
    if (strncmp(said, bearer, sizeof bearer - 1) != 0) {
        refuse_stranger(response, "send Authorization: Bearer and a key");
        return OK;
    }
    err found = key_find(b, bytes_text(said + sizeof bearer - 1), now_ms, &who->key);
    if (found.code == ERR_FORMAT || found.code == ERR_NOT_FOUND) {
        refuse_stranger(response, found.code == ERR_FORMAT ? "this is no key: is it all of it?"
                                                           : "this key does not exist any more");
        return OK;
    }
    TRY(found);
    TRY(key_touch(b, &who->key, now_ms));
    snprintf(who->subject, sizeof who->subject, "key %lld", (long long)who->key.id);
    who->is_key = true;
    who->caller = (struct api_caller){.scopes = who->key.scopes,
                                      .mid = who->key.mid,
                                      .outlet = who->key.outlet,
                                      .number = who->key.id,
                                      .subject = who->subject};
    return OK;
}

static err by_session(struct backoffice *b, const struct backoffice_request *request,
                      int64_t now_ms, struct who *who, struct http_response *response)
{
    const char *said = header(request, "X-Tongbao-Realm");
    enum realm realm = said != NULL && strcmp(said, "staff") == 0 ? REALM_STAFF : REALM_CONSOLE;
    err found = session_find(b, request, realm, now_ms, &who->person);
    if (found.code == ERR_NOT_FOUND) return session_refuse(b, request, realm, response);
    TRY(found);
    if (who->person.stage != SESSION_FULL) {
        http_response_error(response, 401, "step", "the log-in is not finished");
        return OK;
    }
    bool reads = strcmp(request->method, "GET") == 0;
    if (!reads && !session_csrf_right(b, request, realm)) {
        http_response_error(response, 403, "csrf", "the page is an old one; load it again");
        return OK;
    }
    TRY(session_touch(b, &who->person, now_ms));
    who->caller = (struct api_caller){.roles = who->person.roles,
                                      .mid = who->person.account.mid,
                                      .outlet = who->person.account.outlet,
                                      .number = who->person.account.id,
                                      .stepped_up = who->person.stepped_up,
                                      .subject = who->person.subject};
    return OK;
}

/* Leaves who->caller.subject NULL, and the answer written, when nobody is let in. */
static err find_caller(struct backoffice *b, struct api_call *call, struct who *who,
                       struct http_response *response)
{
    const char *said = header(call->request, "Authorization");
    if (call->route->class == ROUTE_PUBLIC) {
        who->caller = (struct api_caller){.mid = "", .subject = "anybody"};
        return OK;
    }
    if (said != NULL) return by_key(b, said, call->now_ms, who, response);
    if (!session_from_own_page(call->request)) {
        http_response_error(response, 403, "site", "only our own pages may ask this");
        return OK;
    }
    return by_session(b, call->request, call->now_ms, who, response);
}

static bool may(const struct who *who, const struct api_route *route,
                struct http_response *response)
{
    enum api_right right = api_right_of(&who->caller, route);
    if (right == API_RIGHT) return true;
    if (right == API_RIGHT_FACTOR)
        http_response_error(response, 403, "step_up", "show a passkey or a code once more");
    else if (!who->is_key) http_response_error(response, 403, "role", "this is not for your role");
    else
        http_response_error(response, 403, "scope",
                            route->scope == API_SCOPE_NONE ? "this is for people alone"
                                                           : "this key has not the scope for it");
    return false;
}

/* ---- what is asked ---- */

/* Who is refused hears it when he may ask again, or after a second: one that asks again at once
 * would take the time of all others with refusals. */
static bool afford(struct backoffice *b, const struct api_call *call, const char *who,
                   unsigned share, struct http_response *response)
{
    char seconds[24];
    int64_t wait = rates_spend_shared(b->rates, who, share, call->route->cost, call->now_ms);
    if (wait == 0) return true;
    snprintf(seconds, sizeof seconds, "%lld", (long long)(wait + 999) / 1000);
    http_response_header(response, "Retry-After", seconds);
    http_response_error(response, 429, "too_many", "that is more than one caller may ask");
    response->hold_ms = wait < HTTP_HOLD_MS ? wait : HTTP_HOLD_MS;
    return false;
}

/* By his own account, and by his merchant's, which a second key of the same does not widen. */
static bool caller_affords(struct backoffice *b, const struct api_call *call,
                           struct http_response *response)
{
    char merchant[32];
    if (!afford(b, call, call->caller->subject, 1, response)) return false;
    if (call->caller->mid[0] == '\0') return true;
    snprintf(merchant, sizeof merchant, "merchant %s", call->caller->mid);
    return afford(b, call, merchant, RATES_MERCHANT, response);
}

/* "The member body.outlet is missing" */
static void refuse_field(struct http_response *response, const struct api_fault *fault)
{
    char text[API_WHERE_MAX + 96];
    snprintf(text, sizeof text, "The member %s %s", fault->where, fault->why);
    http_response_error(response, 400, "field", text);
}

static size_t body_most(const struct api_route *row)
{
    if (row->flags & API_FILE) return API_FILE_MAX;
    return row->flags & API_LARGE ? API_LARGE_MAX : BACKOFFICE_BODY_MAX;
}

static bool read_body(struct api_call *call, struct json_document *document,
                      struct http_response *response)
{
    struct bytes body = call->request->body;
    size_t most = body_most(call->route);
    struct api_fault fault;
    if (body.len > most) {
        http_response_error(response, 413, "too_large", "the body is larger than allowed");
        return false;
    }
    if (call->route->flags & API_FILE) return true;
    if (call->route->body == NULL) {
        if (body.len == 0 || bytes_equal(body, BYTES("{}"))) return true;
        http_response_error(response, 400, "body", "this call takes no body");
        return false;
    }
    err parsed = json_parse(body, most, document);
    if (FAILED(parsed)) {
        backoffice_malformed(response, parsed);
        return false;
    }
    if (FAILED(api_check(call->route->body, document->root, &fault))) {
        refuse_field(response, &fault);
        return false;
    }
    call->body = document->root;
    return true;
}

/* A cursor is what the list's last row was called: printable, and worth nothing to a stranger. */
static bool read_page(struct api_call *call, struct http_response *response)
{
    const struct backoffice_reader *reader = &call->request->reader;
    char limit[8] = "";
    bool csv = (call->route->flags & API_CSV) != 0;
    size_t most = csv ? API_CSV_MAX : API_PAGE_MAX;
    call->limit = csv ? API_CSV_MAX : API_PAGE;
    err e = reader->query(reader->context, "after", call->after, sizeof call->after);
    bool good = !FAILED(e) || e.code == ERR_NOT_FOUND;
    e = reader->query(reader->context, "limit", limit, sizeof limit);
    if (e.code != ERR_NOT_FOUND) {
        size_t digits = strspn(limit, "0123456789");
        unsigned number = 0;
        for (size_t i = 0; i < digits; i++) number = number * 10 + (unsigned)(limit[i] - '0');
        good = good && !FAILED(e) && digits > 0 && limit[digits] == '\0' && number > 0 &&
               number <= most;
        call->limit = number;
    }
    if (!good) http_response_error(response, 400, "page", "a list takes no such after or limit");
    return good;
}

static bool read_repeat(struct api_call *call, struct http_response *response)
{
    call->idempotency_key = header(call->request, "Idempotency-Key");
    bool writes = strcmp(call->route->method, "GET") != 0;
    if (call->idempotency_key == NULL) return true;
    if (writes && repeat_key_allowed(call->idempotency_key)) return true;
    http_response_error(response, 400, "idempotency_key",
                        "a key is 1 to 255 printable characters, with a call that writes");
    return false;
}

/* ---- all of it ---- */

static err hand_over(struct backoffice *b, struct api_call *call, struct http_response *response)
{
    CLEANUP(json_free) struct json_document document = {NULL};
    enum repeat repeat = REPEAT_NEW;
    bool committed = false;
    call->committed = &committed;
    if (call->route->flags & API_PAGED && !read_page(call, response)) return OK;
    if (!api_query_read(call, response)) return OK;
    if (!read_repeat(call, response) || !read_body(call, &document, response)) return OK;
    if (call->idempotency_key != NULL) TRY(repeat_find(b, call, response, &repeat));
    if (repeat != REPEAT_NEW) return OK;
    TRY(call->route->handle(b, call, response));
    /* A change that was not committed with its answer could be made twice. */
    bool done = response->status == 0 || response->status < 400;
    ENSURE(strcmp(call->route->method, "GET") == 0 || !done || committed);
    return OK;
}

err api_request(struct backoffice *b, const struct backoffice_request *request,
                struct http_response *response)
{
    struct who who = {.is_key = false};
    struct api_call call = {.request = request, .now_ms = backoffice_now_ms(b)};
    call.route = find_route(&call, response);
    if (call.route == NULL) return OK;
    TRY(find_caller(b, &call, &who, response));
    if (who.caller.subject == NULL || call.route->class == ROUTE_PUBLIC) {
        char address[80];
        snprintf(address, sizeof address, "address %s", request->address);
        if (!afford(b, &call, address, 1, response)) return OK;
        if (who.caller.subject == NULL) return OK;
    }
    call.caller = &who.caller;
    if (call.route->class != ROUTE_PUBLIC && !caller_affords(b, &call, response)) return OK;
    if (!may(&who, call.route, response)) return OK;
    return hand_over(b, &call, response);
}
