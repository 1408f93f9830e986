/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP listener for what providers say without being asked. It listens on this machine; a proxy
 * with TLS stands in front. Whether a notice is good is the core's to say, often after the handler.
 */
#include <stdio.h>

#include "wallets/program.h"

enum { NOTICE_MAX = 16 * 1024, ANSWER_MAX = 128 };

static void write_end(struct http_response *response, enum wallet_provider provider, bool good)
{
    response->status = good ? 200 : 400;
    if (provider == WALLET_ALIPAY) {
        response->content_type = "text/plain";
        write_bytes(&response->body, good ? BYTES("success") : BYTES("fail"));
    } else {
        write_bytes(&response->body,
                    good ? BYTES("{\"code\":\"SUCCESS\"}")
                         : BYTES("{\"code\":\"FAIL\",\"message\":\"not a notice of yours\"}"));
    }
}

/* The lowest digit of our ticket says whose it is: the answer has another form for each. */
static uint64_t ticket_of(const struct http_request *request, enum wallet_provider provider)
{
    return request->ticket * WALLET_PROVIDERS + (uint64_t)provider;
}

void notices_end(void *context, uint64_t ticket, bool good)
{
    struct program *p = context;
    if (ticket == p->handled.ticket) {
        p->handled.ended = true;
        p->handled.good = good;
        return;
    }
    uint8_t block[ANSWER_MAX];
    struct http_response response = {.status = 200, .content_type = "application/json"};
    response.body = writer_over(block, sizeof block);
    write_end(&response, (enum wallet_provider)(ticket % WALLET_PROVIDERS), good);
    (void)http_answer(p->notices, ticket / WALLET_PROVIDERS, &response); /* gone: told again */
}

static void take_header(const struct http_request *request, const char *name, char *out,
                        size_t size)
{
    const char *value = http_request_header(request, name);
    if (value == NULL || FAILED(bytes_to_text(bytes_text(value), out, size))) out[0] = '\0';
}

static void handle(struct program *p, enum wallet_provider provider,
                   const struct http_request *request, struct http_response *response)
{
    struct wallet_raw raw = {.body = request->body};
    take_header(request, "Wechatpay-Timestamp", raw.timestamp, sizeof raw.timestamp);
    take_header(request, "Wechatpay-Nonce", raw.nonce, sizeof raw.nonce);
    take_header(request, "Wechatpay-Serial", raw.serial, sizeof raw.serial);
    take_header(request, "Wechatpay-Signature", raw.signature, sizeof raw.signature);
    p->handled = (struct handled){.ticket = ticket_of(request, provider)};
    gateway_on_notice(p->gateway, provider, &raw, p->handled.ticket);
    if (p->handled.ended) write_end(response, provider, p->handled.good);
    else response->later = true;
    p->handled = (struct handled){0};
}

static void on_alipay(void *context, const struct http_request *request,
                      struct http_response *response)
{
    handle(context, WALLET_ALIPAY, request, response);
}

static void on_wechatpay(void *context, const struct http_request *request,
                         struct http_response *response)
{
    handle(context, WALLET_WECHATPAY, request, response);
}

/* "https://pay.example" of the address that providers are given: what a proxy passes on as Host. */
static const char *public_origin(const struct program *p, char out[WALLET_BASE_MAX + 1])
{
    static const char tls[] = "https://";
    for (unsigned i = 0; i < WALLET_PROVIDERS; i++) {
        const char *url = p->accounts.account[i].notify;
        if (strncmp(url, tls, sizeof tls - 1) != 0) continue;
        size_t host = strcspn(url + sizeof tls - 1, "/?");
        snprintf(out, WALLET_BASE_MAX + 1, "%.*s", (int)(sizeof tls - 1 + host), url);
        return out;
    }
    return NULL;
}

/* Where there is no proxy, a notice comes to where we listen, which nobody knew before. */
static void fill_port(struct program *p)
{
    static const char any[] = "http://127.0.0.1:0/";
    for (unsigned i = 0; i < WALLET_PROVIDERS; i++) {
        char *url = p->accounts.account[i].notify, path[WALLET_BASE_MAX + 1];
        if (strncmp(url, any, sizeof any - 1) != 0) continue;
        snprintf(path, sizeof path, "%s", url + sizeof any - 1);
        int len = snprintf(url, WALLET_BASE_MAX + 1, "http://127.0.0.1:%u/%s",
                           http_port(p->notices), path);
        ENSURE(len > 0);
    }
}

err notices_open(struct program *p, struct process_fault *fault)
{
    static const struct http_route routes[] = {
        {"POST", "/notify/alipay", on_alipay, NOTICE_MAX},
        {"POST", "/notify/wechatpay", on_wechatpay, NOTICE_MAX},
    };
    char origin[WALLET_BASE_MAX + 1];
    const struct http_options options = {
        .loop = p->loop,
        .port = (uint16_t)p->settings.notify_port,
        .routes = routes,
        .route_count = ARRAY_LEN(routes),
        .context = p,
        .origin = public_origin(p, origin),
        .response_max = ANSWER_MAX,
        .programs = true,
    };
    err opened = http_create(&options, &p->notices);
    if (!FAILED(opened)) fill_port(p);
    else
        snprintf(fault->text, sizeof fault->text,
                 "--notify-port %lld: %s; choose another one, or 0 for a free one",
                 (long long)p->settings.notify_port,
                 opened.code == ERR_BUSY ? "it is taken" : err_text(opened));
    return opened;
}
