/* SPDX-License-Identifier: Apache-2.0 */
/* One route, and answers that wait until it is time. */
#include "simulators/identity_sockets.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/wire/http.h"
#include "simulators/channels.h"
#include "simulators/limits.h"

/* An answer that waits. */
struct late {
    struct identity_sockets *sockets;
    struct loop_timer timer;
    uint64_t ticket;
    struct identity_reply reply;
    uint8_t text[IDENTITY_CHECK_ANSWER_MAX];
    size_t len;
};

struct identity_sockets {
    struct loop *loop;
    struct http_server *http;
    struct identity_provider provider;
    struct late late[LATE_IDENTITY_MAX];
};

static void sign(struct http_response *response, const struct identity_reply *reply)
{
    response->status = reply->status;
    if (reply->timestamp[0] == '\0') return;
    http_response_header(response, "Tongbao-Timestamp", reply->timestamp);
    http_response_header(response, "Tongbao-Signature", reply->signature);
}

static void send_late(void *context)
{
    struct late *late = context;
    struct http_response response = {.content_type = "application/json",
                                     .body = {late->text, late->len, late->len, ERR_OK}};
    sign(&response, &late->reply);
    (void)http_answer(late->sockets->http, late->ticket, &response);
}

/* Silence is never kept: the server disconnects who waits too long. Every place taken: the answer
 * leaves at once, which no test of slowness would miss. */
static void answer_later(struct identity_sockets *s, const struct http_request *request,
                         const struct identity_reply *reply, struct http_response *response)
{
    response->later = reply->delay_ms == IDENTITY_NEVER;
    for (size_t i = 0; !response->later && i < LATE_IDENTITY_MAX; i++) {
        struct late *late = &s->late[i];
        if (loop_timer_armed(&late->timer)) continue;
        late->ticket = request->ticket;
        late->reply = *reply;
        late->len = response->body.len;
        ENSURE(late->len <= sizeof late->text);
        memcpy(late->text, response->body.at, late->len);
        response->later = !FAILED(loop_timer_set(s->loop, &late->timer, reply->delay_ms));
        return;
    }
}

static void on_check(void *context, const struct http_request *request,
                     struct http_response *response)
{
    struct identity_sockets *s = context;
    const struct identity_request asked = {
        .authorization = http_request_header(request, "Authorization"),
        .timestamp = http_request_header(request, "Tongbao-Timestamp"),
        .signature = http_request_header(request, "Tongbao-Signature"),
        .body = request->body,
    };
    struct identity_reply reply;
    identity_provider_answer(&s->provider, &asked, &response->body, &reply);
    response->hang_up = reply.drop;
    sign(response, &reply);
    if (response->status != 200 && response->body.len == 0)
        http_response_error(response, response->status, "refused", "no such question");
    else if (reply.delay_ms > 0) answer_later(s, request, &reply, response);
}

static const struct http_route routes[] = {
    {"POST", "/v1/checks", on_check, IDENTITY_CHECK_BODY_MAX}};

err identity_sockets_open(const struct identity_sockets_options *o, struct process_fault *fault,
                          struct identity_sockets **ret_sockets)
{
    struct identity_sockets *s = calloc(1, sizeof *s);
    if (s == NULL) return ERR(NO_MEMORY);
    s->loop = o->loop;
    s->provider.clock = o->clock;
    for (size_t i = 0; i < LATE_IDENTITY_MAX; i++) {
        s->late[i].sockets = s;
        s->late[i].timer = (struct loop_timer){.run = send_late, .context = &s->late[i]};
    }
    const struct http_options http = {.loop = o->loop,
                                      .port = o->port,
                                      .routes = routes,
                                      .route_count = ARRAY_LEN(routes),
                                      .context = s,
                                      .programs = true};
    err done = channels_key(o->state, "identity.key", &s->provider.key);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text,
                 "%.200s/identity.key: %s; remove it to have one made", o->state, err_text(done));
    else done = http_create(&http, &s->http);
    if (FAILED(done)) identity_sockets_close(s);
    else *ret_sockets = s;
    return done;
}

void identity_sockets_close(struct identity_sockets *s)
{
    if (s == NULL) return;
    for (size_t i = 0; i < LATE_IDENTITY_MAX; i++) loop_timer_cancel(s->loop, &s->late[i].timer);
    http_destroy(s->http);
    explicit_bzero(s, sizeof *s);
    free(s);
}

uint16_t identity_sockets_port(const struct identity_sockets *s)
{
    return s == NULL ? 0 : http_port(s->http);
}

struct identity_provider *identity_sockets_provider(struct identity_sockets *s)
{
    return s == NULL ? NULL : &s->provider;
}
