/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP servers for the gateway and the courier, and streams of lines for mail; checks are in a file
 * of their own. */
#include "simulators/channels.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/wire/http.h"
#include "lib/wire/stream.h"
#include "simulators/identity_sockets.h"
#include "simulators/limits.h"

enum { CHANNELS_ANSWER_MAX = 256 /* of the gateway 120, of mail MAIL_REPLY_MAX */ };
static_assert((int)CHANNELS_ANSWER_MAX >= (int)MAIL_REPLY_MAX, "a reply fits");

/* An answer that waits until it is time; a mail session says nothing else meanwhile. */
struct late_answer {
    struct channels *channels;
    struct loop_timer timer;
    uint64_t whose; /* stream_id(), or the ticket of a request */
    unsigned status;
    char text[CHANNELS_ANSWER_MAX];
    size_t len;
};

struct channels {
    struct loop *loop;
    struct mailbox mailbox;
    struct sms_gateway gateway;
    struct mail_server mail;
    struct http_server *http, *courier_http;
    struct courier courier;
    struct identity_sockets *identity; /* NULL: none */
    struct stream_pool *pool;
    struct stream_listener *listener;
    struct mail_session session[MAIL_STREAMS_MAX];
    struct late_answer late_mail[MAIL_STREAMS_MAX], late_sms[LATE_SMS_MAX];
};

static struct bytes late_text(const struct late_answer *late)
{
    return bytes_of(late->text, late->len);
}

static bool keep_until(struct late_answer *late, uint64_t whose, struct bytes text,
                       unsigned delay_ms)
{
    ENSURE(text.len <= sizeof late->text);
    late->whose = whose;
    memcpy(late->text, text.at, text.len);
    late->len = text.len;
    return !FAILED(loop_timer_set(late->channels->loop, &late->timer, delay_ms));
}

/* ---- SMS ---- */

static void send_late_sms(void *context)
{
    struct late_answer *late = context;
    struct http_response response = {.status = late->status,
                                     .content_type = "application/json",
                                     .body = {(uint8_t *)late->text, late->len, late->len, ERR_OK}};
    (void)http_answer(late->channels->http, late->whose, &response);
}

/* Every place taken: the answer leaves at once, which no test of slowness would miss. */
static void answer_later(struct channels *c, const struct http_request *request,
                         struct http_response *response, unsigned delay_ms)
{
    for (size_t i = 0; i < LATE_SMS_MAX; i++) {
        struct late_answer *late = &c->late_sms[i];
        if (loop_timer_armed(&late->timer)) continue;
        late->status = response->status;
        response->later = keep_until(late, request->ticket, writer_view(&response->body), delay_ms);
        return;
    }
}

static void on_message(void *context, const struct http_request *request,
                       struct http_response *response)
{
    struct channels *c = context;
    const struct sms_gateway_request asked = {
        .authorization = http_request_header(request, "Authorization"),
        .timestamp = http_request_header(request, "Tongbao-Timestamp"),
        .signature = http_request_header(request, "Tongbao-Signature"),
        .body = request->body,
    };
    struct sms_gateway_answer answer;
    sms_gateway_answer(&c->gateway, &asked, &response->body, &answer);
    response->status = answer.status;
    if (answer.status == 401)
        http_response_error(response, 401, "unauthorised", "bearer, timestamp or signature");
    if (answer.status == 400) http_response_error(response, 400, "bad_request", "no such message");
    if (answer.drop) http_response_error(response, 503, "down", "the gateway is down");
    if (answer.delay_ms > 0) answer_later(c, request, response, answer.delay_ms);
}

static const struct http_route routes[] = {{"POST", "/v1/messages", on_message, SMS_BODY_MAX}};

/* ---- courier ---- */

static void on_courier(struct channels *c, enum courier_path path,
                       const struct http_request *request, struct http_response *response)
{
    const struct courier_request asked = {
        .path = path,
        .authorization = http_request_header(request, "Authorization"),
        .timestamp = http_request_header(request, "Tongbao-Timestamp"),
        .signature = http_request_header(request, "Tongbao-Signature"),
        .body = request->body,
    };
    struct courier_answer answer;
    courier_answer(&c->courier, &asked, &response->body, &answer);
    response->status = answer.drop ? 503 : answer.status;
    if (response->status != 200 && response->body.len == 0)
        http_response_error(response, response->status, "refused", "no such request");
}

static void on_order(void *context, const struct http_request *request,
                     struct http_response *response)
{
    on_courier(context, COURIER_ORDERS, request, response);
}

static void on_track(void *context, const struct http_request *request,
                     struct http_response *response)
{
    on_courier(context, COURIER_TRACK, request, response);
}

static const struct http_route courier_routes[] = {
    {"POST", "/v1/orders", on_order, COURIER_BODY_MAX},
    {"POST", "/v1/track", on_track, COURIER_BODY_MAX}};

/* ---- mail ---- */

static void send_late_mail(void *context)
{
    struct late_answer *late = context;
    struct stream *stream = stream_find(late->channels->pool, late->whose);
    if (stream == NULL) return;
    stream_send(stream, late_text(late));
    stream_pause(stream, false);
}

static void reply_later(struct channels *c, struct stream *stream, struct bytes text,
                        unsigned delay_ms)
{
    struct late_answer *late = &c->late_mail[stream_slot(stream)];
    stream_pause(stream, true);
    if (!keep_until(late, stream_id(stream), text, delay_ms)) stream_close(stream, ERR(FULL));
}

static void act(struct stream *stream, struct mail_step step, const struct writer *reply)
{
    struct channels *c = stream_owner(stream);
    struct bytes text = writer_view(reply);
    if (step.reply && step.delay_ms > 0) reply_later(c, stream, text, step.delay_ms);
    else if (step.reply) stream_send(stream, text);
    if (step.close) stream_close(stream, OK);
}

static struct mail_session *session_of(const struct stream *stream)
{
    struct channels *c = stream_owner(stream);
    return &c->session[stream_slot(stream)];
}

static void mail_open(struct stream *stream)
{
    struct channels *c = stream_owner(stream);
    char block[MAIL_REPLY_MAX];
    struct writer reply = writer_over(block, sizeof block);
    act(stream, mail_session_begin(session_of(stream), &c->mail, &reply), &reply);
}

static void mail_line(struct stream *stream, struct bytes line)
{
    char block[MAIL_REPLY_MAX];
    struct writer reply = writer_over(block, sizeof block);
    act(stream, mail_session_line(session_of(stream), line, &reply), &reply);
}

static void mail_closed(struct stream *stream, err reason)
{
    struct channels *c = stream_owner(stream);
    (void)reason;
    loop_timer_cancel(c->loop, &c->late_mail[stream_slot(stream)].timer);
    mail_session_end(session_of(stream));
}

/* ---- creation ---- */

err channels_key(const char *state, const char *name, struct sms_key *ret_key)
{
    char path[FILE_PATH_MAX];
    struct random random = random_system();
    TRY(file_path(state, name, path, sizeof path));
    err read = sms_key_read(path, ret_key);
    return read.code == ERR_NOT_FOUND ? sms_key_make(&random, path, ret_key) : read;
}

err channels_make_key(const char *state)
{
    CLEANUP(sms_key_wipe) struct sms_key key = {0};
    return channels_key(state, "sms.key", &key);
}

/* `http` has port and routes. */
static err open_http(struct channels *c, const struct channels_options *o, const char *key_name,
                     struct sms_key *key, struct http_options http, struct process_fault *fault,
                     struct http_server **ret_http)
{
    err done = channels_key(o->state, key_name, key);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "%.200s/%s: %s; remove it to have one made",
                 o->state, key_name, err_text(done));
        return done;
    }
    http.loop = o->loop;
    http.context = c;
    http.programs = true;
    return http_create(&http, ret_http);
}

static err open_sms(struct channels *c, const struct channels_options *o,
                    struct process_fault *fault)
{
    const struct http_options http = {
        .port = (uint16_t)o->sms_port, .routes = routes, .route_count = ARRAY_LEN(routes)};
    if (o->sms_port == CHANNELS_OFF) return OK;
    return open_http(c, o, "sms.key", &c->gateway.key, http, fault, &c->http);
}

static err open_courier(struct channels *c, const struct channels_options *o,
                        struct process_fault *fault)
{
    const struct http_options http = {.port = (uint16_t)o->courier_port,
                                      .routes = courier_routes,
                                      .route_count = ARRAY_LEN(courier_routes)};
    if (o->courier_port == CHANNELS_OFF) return OK;
    return open_http(c, o, "courier.key", &c->courier.key, http, fault, &c->courier_http);
}

static err open_identity(struct channels *c, const struct channels_options *o,
                         struct process_fault *fault)
{
    const struct identity_sockets_options options = {
        .loop = o->loop, .clock = o->clock, .port = (uint16_t)o->identity_port, .state = o->state};
    if (o->identity_port == CHANNELS_OFF) return OK;
    return identity_sockets_open(&options, fault, &c->identity);
}

static err open_mail(struct channels *c, const struct channels_options *o)
{
    if (o->smtp_port == CHANNELS_OFF) return OK;
    const struct stream_pool_options pool = {.loop = o->loop,
                                             .streams_max = MAIL_STREAMS_MAX,
                                             .frame = {FRAME_LINES, MAIL_LINE_MAX},
                                             .idle_ms = MAIL_IDLE_MS};
    const struct stream_events events = {mail_open, mail_line, mail_closed, c};
    TRY(stream_pool_create(&pool, &c->pool));
    return stream_listen_tcp(c->pool, "127.0.0.1", (uint16_t)o->smtp_port, NULL, MAIL_STREAMS_MAX,
                             &events, &c->listener);
}

static void say_port(struct process_fault *fault, const char *option, int64_t port, err why)
{
    if (fault->text[0] != '\0') return;
    snprintf(fault->text, sizeof fault->text,
             "--%s %lld: %s; choose another one, or 0 for a free one", option, (long long)port,
             why.code == ERR_BUSY ? "it is taken" : err_text(why));
}

static err open_all(struct channels *c, const struct channels_options *o,
                    struct process_fault *fault)
{
    err done = open_sms(c, o, fault);
    if (FAILED(done)) {
        say_port(fault, "sms-port", o->sms_port, done);
        return done;
    }
    done = open_courier(c, o, fault);
    if (FAILED(done)) {
        say_port(fault, "courier-port", o->courier_port, done);
        return done;
    }
    done = open_identity(c, o, fault);
    if (FAILED(done)) {
        say_port(fault, "identity-port", o->identity_port, done);
        return done;
    }
    done = open_mail(c, o);
    if (FAILED(done)) say_port(fault, "smtp-port", o->smtp_port, done);
    return done;
}

static void prepare_late(struct channels *c, struct late_answer *late, size_t count,
                         void (*send)(void *context))
{
    for (size_t i = 0; i < count; i++) {
        late[i].channels = c;
        late[i].timer = (struct loop_timer){.run = send, .context = &late[i]};
    }
}

err channels_open(const struct channels_options *options, struct process_fault *fault,
                  struct channels **ret_channels)
{
    struct channels *c = calloc(1, sizeof *c);
    if (c == NULL) return ERR(NO_MEMORY);
    c->loop = options->loop;
    c->gateway.clock = c->mail.clock = c->courier.clock = options->clock;
    c->courier.pace_ms =
        options->courier_pace_s != 0 ? options->courier_pace_s * 1000 : COURIER_PACE_MS;
    c->gateway.mailbox = c->mail.mailbox = &c->mailbox;
    prepare_late(c, c->late_mail, MAIL_STREAMS_MAX, send_late_mail);
    prepare_late(c, c->late_sms, LATE_SMS_MAX, send_late_sms);
    err done = open_all(c, options, fault);
    if (FAILED(done)) {
        channels_close(c);
        return done;
    }
    *ret_channels = c;
    return OK;
}

void channels_close(struct channels *c)
{
    if (c == NULL) return;
    for (size_t i = 0; i < MAIL_STREAMS_MAX; i++)
        loop_timer_cancel(c->loop, &c->late_mail[i].timer);
    for (size_t i = 0; i < LATE_SMS_MAX; i++) loop_timer_cancel(c->loop, &c->late_sms[i].timer);
    http_destroy(c->http);
    http_destroy(c->courier_http);
    identity_sockets_close(c->identity);
    stream_pool_destroy(c->pool);
    explicit_bzero(c, sizeof *c);
    free(c);
}

uint16_t channels_sms_port(const struct channels *c)
{
    return c->http != NULL ? http_port(c->http) : 0;
}

uint16_t channels_courier_port(const struct channels *c)
{
    return c->courier_http != NULL ? http_port(c->courier_http) : 0;
}

struct courier *channels_courier(struct channels *c)
{
    return &c->courier;
}

uint16_t channels_identity_port(const struct channels *c)
{
    return identity_sockets_port(c->identity);
}

struct identity_provider *channels_identity(struct channels *c)
{
    return identity_sockets_provider(c->identity);
}

uint16_t channels_smtp_port(const struct channels *c)
{
    return c->listener != NULL ? stream_listener_port(c->listener) : 0;
}

const struct mailbox *channels_mailbox(const struct channels *c)
{
    return &c->mailbox;
}

void channels_plan(struct channels *c, enum mailbox_kind kind, struct fault_plan plan)
{
    if (kind == MAILBOX_SMS) c->gateway.plan = plan;
    else c->mail.plan = plan;
}
