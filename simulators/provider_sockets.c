/* SPDX-License-Identifier: Apache-2.0 */
/* Two HTTP servers, a clock for what comes later, and a client for notices. */
#include "simulators/provider_sockets.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/wire/http.h"
#include "lib/wire/json.h"
#include "lib/wire/request.h"
#include "simulators/limits.h"

struct late_answer {
    struct provider_sockets *sockets;
    enum provider provider;
    struct loop_timer timer;
    uint64_t ticket;
    struct http_response response; /* its body is over `body` */
    uint8_t body[LATE_PROVIDER_BYTES];
};

/* A notice under way: twice for one that is doubled. */
struct flight {
    bool used;
    enum provider provider;
    char notice[NOTICE_ID_MAX + 1];
};

struct server {
    struct provider_sockets *sockets;
    enum provider provider;
    struct http_server *http;
};

struct provider_sockets {
    struct provider_sockets_options options;
    char state[FILE_PATH_MAX];
    struct store *store;
    struct alipay_config alipay; /* keys are here, the core has views */
    struct wechat_config wechat;
    struct providers *core;
    struct server server[PROVIDERS];
    struct outbound *outbound;
    struct flight flight[2 * PROVIDER_NOTICES_MAX];
    struct late_answer late[LATE_PROVIDER_MAX];
    struct loop_timer timer;
    struct loop_hook hook;
    bool moved; /* something may have become due at another time */
    char query[HTTP_QUERY_MAX];
};

static void look(struct provider_sockets *s, err e)
{
    if (FAILED(e)) s->options.failed(s->options.context, e);
    s->moved = true;
}

/* ---- deposits ---- */

/* Looked for until it is there: the merchant may come after us. */
static void take_deposits(struct provider_sockets *s)
{
    char serial[RSA_CERTIFICATE_SERIAL_MAX + 1];
    int64_t now_ms = clock_now_ms(&s->options.clock);
    if (s->alipay.app.pkey == NULL &&
        !FAILED(provider_deposit_alipay(s->state, now_ms, &s->alipay)))
        providers_deposit_alipay(s->core, &s->alipay);
    if (s->wechat.merchant.pkey == NULL &&
        !FAILED(provider_deposit_wechat(s->state, &s->wechat.merchant, serial)))
        providers_deposit_wechat(s->core, s->wechat.merchant, serial);
}

/* ---- requests ---- */

static void send_late(void *context)
{
    struct late_answer *late = context;
    struct provider_sockets *s = late->sockets;
    (void)http_answer(s->server[late->provider].http, late->ticket, &late->response);
}

/* Every place taken, or too long: the answer leaves at once. */
static void answer_later(struct provider_sockets *s, enum provider provider,
                         const struct http_request *request, struct http_response *response,
                         unsigned delay_ms)
{
    struct bytes body = writer_view(&response->body);
    for (size_t i = 0; i < LATE_PROVIDER_MAX && body.len <= LATE_PROVIDER_BYTES; i++) {
        struct late_answer *late = &s->late[i];
        if (loop_timer_armed(&late->timer)) continue;
        late->provider = provider;
        late->ticket = request->ticket;
        late->response = *response;
        late->response.body = writer_over(late->body, sizeof late->body);
        write_bytes(&late->response.body, body);
        response->later = !FAILED(loop_timer_set(s->options.loop, &late->timer, delay_ms));
        return;
    }
}

static void give(struct provider_sockets *s, enum provider provider,
                 const struct http_request *request, const struct provider_answer *answer,
                 struct http_response *response)
{
    response->status = answer->status;
    response->content_type = answer->content_type;
    response->body = answer->body;
    response->hang_up = answer->hang_up;
    response->cut = answer->cut;
    for (size_t i = 0; i < answer->header_count; i++)
        http_response_header(response, answer->header[i].name, answer->header[i].value);
    if (answer->silent) response->later = true; /* and nobody ever gives it */
    else if (answer->delay_ms > 0) answer_later(s, provider, request, response, answer->delay_ms);
}

static void on_request(void *context, const struct http_request *request,
                       struct http_response *response)
{
    struct server *server = context;
    struct provider_sockets *s = server->sockets;
    if (FAILED(http_raw_query(request, s->query, sizeof s->query))) {
        http_response_error(response, 414, "too_long", "the query is too long");
        return;
    }
    take_deposits(s);
    const struct provider_request asked = {
        .method = request->method,
        .path = request->path,
        .query = s->query,
        .body = request->body,
        .content_type = http_request_header(request, "Content-Type"),
        .authorization = http_request_header(request, "Authorization"),
        .accept = http_request_header(request, "Accept"),
        .user_agent = http_request_header(request, "User-Agent"),
        .serial = http_request_header(request, "Wechatpay-Serial"),
    };
    static struct provider_answer answer; /* 4 kB of headers */
    answer.body = response->body;
    err answered = providers_answer(s->core, server->provider, &asked, &answer);
    look(s, answered);
    if (FAILED(answered)) {
        http_response_error(response, 500, "failed", "the store has failed");
        return;
    }
    give(s, server->provider, request, &answer, response);
}

static const struct http_route routes[] = {{"POST", "/", on_request, PROVIDER_BODY_MAX},
                                           {"GET", "/", on_request, 0}};

/* ---- notices ---- */

static void on_heard(void *context, const char *id, const struct request_answer *answer)
{
    struct provider_sockets *s = context;
    size_t place = 0;
    for (const char *at = id + 1; *at >= '0' && *at <= '9'; at++)
        place = place * 10 + (size_t)(*at - '0');
    ENSURE(place < ARRAY_LEN(s->flight) && s->flight[place].used);
    struct flight *flight = &s->flight[place];
    bool heard = !FAILED(answer->reason) && answer->status > 0 &&
                 provider_notice_heard(flight->provider, (unsigned)answer->status, answer->body);
    flight->used = false;
    look(s, providers_heard(s->core, flight->notice, heard));
}

/* One that cannot leave now is one that was not heard: its next attempt is down already. */
static err launch(struct provider_sockets *s, const struct provider_notice *n)
{
    struct request_header headers[PROVIDER_HEADERS_MAX + 1] = {{"Content-Type", n->content_type}};
    char id[8];
    size_t place = 0;
    while (place < ARRAY_LEN(s->flight) && s->flight[place].used) place++;
    if (place == ARRAY_LEN(s->flight)) return ERR(FULL);
    for (size_t i = 0; i < n->header_count; i++)
        headers[i + 1] = (struct request_header){n->header[i].name, n->header[i].value};
    snprintf(id, sizeof id, "n%zu", place);
    const struct request request = {.id = id,
                                    .method = "POST",
                                    .url = n->url,
                                    .headers = headers,
                                    .header_count = n->header_count + 1,
                                    .body = n->body,
                                    .timeout_ms = PROVIDER_NOTICE_MS};
    TRY(request_send(s->outbound, &request, on_heard, s));
    struct flight *flight = &s->flight[place];
    flight->used = true;
    flight->provider = n->provider;
    return bytes_to_text(bytes_text(n->id), flight->notice, sizeof flight->notice);
}

static void on_notice(void *context, const struct provider_notice *n)
{
    struct provider_sockets *s = context;
    for (int i = 0; i < (n->twice ? 2 : 1); i++) {
        err sent = launch(s, n);
        if (FAILED(sent))
            log_event(s->options.log, LOG_WARN, "notice_not_sent", LOG_TEXT("url", n->url),
                      LOG_ERR(sent));
    }
}

/* ---- what comes later ---- */

static void on_due(void *context)
{
    struct provider_sockets *s = context;
    look(s, providers_tick(s->core));
}

static void arm(void *context)
{
    struct provider_sockets *s = context;
    int64_t next_ms = INT64_MAX;
    if (!s->moved) return;
    s->moved = false;
    err known = providers_next(s->core, &next_ms);
    if (!FAILED(known) && next_ms == INT64_MAX) {
        loop_timer_cancel(s->options.loop, &s->timer);
        return;
    }
    int64_t wait_ms = next_ms - clock_now_ms(&s->options.clock);
    if (!FAILED(known))
        known = loop_timer_set(s->options.loop, &s->timer, wait_ms > 0 ? wait_ms : 0);
    if (FAILED(known)) s->options.failed(s->options.context, known);
}

err provider_sockets_scan(void *context, const struct scan *scan, struct scan_result *ret_result)
{
    struct provider_sockets *s = context;
    s->moved = true;
    return providers_scan(s->core, scan, ret_result);
}

/* ---- creation ---- */

static err open_store(struct provider_sockets *s, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_CREATE};
    TRY(file_path(s->state, "providers.db", path, sizeof path));
    err opened = store_open(path, &options, &why, &s->store);
    if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return opened;
}

static err open_core(struct provider_sockets *s, const struct random *random)
{
    const struct providers_ports ports = {s, on_notice};
    struct providers_config config = {
        .clock = s->options.clock,
        .random = *random,
        .log = s->options.log,
        .crypto = s->options.crypto,
        .store = s->store,
        .phones = s->options.phones,
        .alipay = s->alipay,
        .wechat = s->wechat,
        .payee = "示例商户",
    };
    err opened = providers_open(&config, &ports, &s->core);
    explicit_bzero(config.wechat.api_key, sizeof config.wechat.api_key);
    explicit_bzero(config.alipay.content_key, sizeof config.alipay.content_key);
    return opened;
}

static err open_server(struct provider_sockets *s, enum provider provider, const char *option,
                       int64_t port, struct process_fault *fault)
{
    struct server *server = &s->server[provider];
    char base[PROVIDER_BASE_MAX];
    *server = (struct server){.sockets = s, .provider = provider};
    if (port == PROVIDER_PORT_OFF) return OK;
    const struct http_options options = {.loop = s->options.loop,
                                         .port = (uint16_t)port,
                                         .routes = routes,
                                         .route_count = ARRAY_LEN(routes),
                                         .context = server,
                                         .response_max = PROVIDER_ANSWER_MAX,
                                         .programs = true};
    err opened = http_create(&options, &server->http);
    if (FAILED(opened)) {
        snprintf(fault->text, sizeof fault->text,
                 "--%s %lld: %s; choose another one, or 0 for a free one", option, (long long)port,
                 opened.code == ERR_BUSY ? "it is taken" : err_text(opened));
        return opened;
    }
    snprintf(base, sizeof base, "http://127.0.0.1:%u", http_port(server->http));
    providers_reached_at(s->core, provider, base);
    return OK;
}

/* The PEM file of this name as a member. */
static err member_file(struct json_out *j, const char *name, const char *state, const char *file)
{
    char path[FILE_PATH_MAX];
    uint8_t text[RSA_KEY_TEXT_MAX];
    size_t len;
    TRY(file_path(state, file, path, sizeof path));
    TRY(file_read(path, FILE_PUBLIC, text, sizeof text, &len));
    json_member_text(j, name, bytes_of(text, len));
    return OK;
}

static void member_base(struct json_out *j, const struct server *server, const char *path)
{
    char base[PROVIDER_BASE_MAX];
    snprintf(base, sizeof base, "http://127.0.0.1:%u%s", http_port(server->http), path);
    json_member_string(j, "base", base);
}

static err write_wechat(const struct provider_sockets *s, struct json_out *j)
{
    const struct {
        const char *serial, *file;
    } keys[] = {{s->wechat.serial, "wechat.pem"}, {s->wechat.key_id, "wechat_public.pem"}};
    json_member_object(j, "wechatpay");
    member_base(j, &s->server[PROVIDER_WECHAT], "");
    json_member_string(j, "app_id", s->wechat.appid);
    json_member_string(j, "mch_id", s->wechat.mchid);
    json_member_array(j, "public");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        json_object_begin(j);
        json_member_string(j, "serial", keys[i].serial);
        TRY(member_file(j, "pem", s->state, keys[i].file));
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
    return OK;
}

/* What a merchant must know of those that are there, and may: no secret is in it. */
static err write_addresses(const struct provider_sockets *s)
{
    uint8_t block[16 << 10];
    char path[FILE_PATH_MAX];
    struct bytes text;
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    if (s->server[PROVIDER_ALIPAY].http != NULL) {
        json_member_object(&j, "alipay");
        member_base(&j, &s->server[PROVIDER_ALIPAY], "/gateway.do");
        json_member_string(&j, "app_id", s->alipay.app_id);
        json_member_string(&j, "seller_id", s->alipay.seller_id);
        TRY(member_file(&j, "public", s->state, "alipay.pem"));
        json_object_end(&j);
    }
    if (s->server[PROVIDER_WECHAT].http != NULL) TRY(write_wechat(s, &j));
    json_object_end(&j);
    TRY(writer_finish(&w, &text));
    TRY(file_path(s->state, "providers.json", path, sizeof path));
    return file_write(path, FILE_PUBLIC, text);
}

static err open_all(struct provider_sockets *s, struct process_fault *fault)
{
    const struct provider_sockets_options *o = &s->options;
    struct random random = random_system();
    const struct outbound_options outbound = {
        .loop = o->loop, .transfers_max = PROVIDER_NOTICES_MAX, .answer_max = OUTBOUND_ANSWER_MAX};
    TRY(provider_keys_load(s->state, clock_now_ms(&o->clock), &random, &s->alipay, &s->wechat,
                           fault));
    TRY(open_store(s, fault));
    TRY(open_core(s, &random));
    TRY(outbound_create(&outbound, &s->outbound));
    TRY(open_server(s, PROVIDER_ALIPAY, "alipay-port", o->alipay_port, fault));
    TRY(open_server(s, PROVIDER_WECHAT, "wechat-port", o->wechat_port, fault));
    TRY(write_addresses(s));
    take_deposits(s);
    loop_before_wait(o->loop, LOOP_COMMIT, &s->hook);
    return OK;
}

err provider_sockets_open(const struct provider_sockets_options *options,
                          struct process_fault *fault, struct provider_sockets **ret_sockets)
{
    struct provider_sockets *s = calloc(1, sizeof *s);
    if (s == NULL) return ERR(NO_MEMORY);
    s->options = *options;
    s->moved = true;
    s->timer = (struct loop_timer){.run = on_due, .context = s};
    s->hook = (struct loop_hook){.run = arm, .context = s};
    for (size_t i = 0; i < LATE_PROVIDER_MAX; i++) {
        s->late[i].sockets = s;
        s->late[i].timer = (struct loop_timer){.run = send_late, .context = &s->late[i]};
    }
    err done = bytes_to_text(bytes_text(options->state), s->state, sizeof s->state);
    if (!FAILED(done)) done = open_all(s, fault);
    if (FAILED(done)) {
        provider_sockets_close(s);
        return done;
    }
    *ret_sockets = s;
    return OK;
}

void provider_sockets_close(struct provider_sockets *s)
{
    if (s == NULL) return;
    loop_hook_remove(s->options.loop, &s->hook);
    loop_timer_cancel(s->options.loop, &s->timer);
    for (size_t i = 0; i < LATE_PROVIDER_MAX; i++)
        loop_timer_cancel(s->options.loop, &s->late[i].timer);
    for (unsigned i = 0; i < PROVIDERS; i++) http_destroy(s->server[i].http);
    outbound_destroy(s->outbound);
    providers_close(s->core);
    store_close(s->store);
    provider_keys_free(&s->alipay, &s->wechat);
    free(s);
}

uint16_t provider_sockets_port(const struct provider_sockets *s, enum provider provider)
{
    if (s == NULL || s->server[provider].http == NULL) return 0;
    return http_port(s->server[provider].http);
}

struct providers *provider_sockets_core(struct provider_sockets *s)
{
    s->moved = true; /* who asks may change something */
    return s->core;
}
