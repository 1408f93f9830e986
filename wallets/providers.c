/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to providers as transfers, and what comes back as the core wants it. */
#include "lib/wire/request.h"
#include "wallets/limits.h"
#include "wallets/program.h"

err providers_open(struct program *p)
{
    const struct outbound_options options = {
        .loop = p->loop, .transfers_max = GATEWAY_TRANSFERS_MAX, .answer_max = WALLET_ANSWER_MAX};
    return outbound_create(&options, &p->outbound);
}

/* A header that is not there, or there twice, is empty: a driver that needs it says so. */
static void take_header(const struct request_answer *answer, const char *name, char *out,
                        size_t size)
{
    if (FAILED(request_answer_header(answer, name, out, size))) out[0] = '\0';
}

static void on_answer(void *context, const char *id, const struct request_answer *answer)
{
    struct program *p = context;
    struct wallet_raw raw = {.status = answer->status, .body = answer->body};
    if (!FAILED(answer->reason)) {
        take_header(answer, "Wechatpay-Timestamp", raw.timestamp, sizeof raw.timestamp);
        take_header(answer, "Wechatpay-Nonce", raw.nonce, sizeof raw.nonce);
        take_header(answer, "Wechatpay-Serial", raw.serial, sizeof raw.serial);
        take_header(answer, "Wechatpay-Signature", raw.signature, sizeof raw.signature);
    }
    gateway_on_answer(p->gateway, id, answer->reason, &raw);
}

err providers_ask(void *context, const char *id, const struct wallet_account *account,
                  const struct wallet_request *request)
{
    struct program *p = context;
    struct request_header headers[WALLET_HEADERS_MAX];
    for (size_t i = 0; i < request->headers; i++)
        headers[i] = (struct request_header){request->header[i].name, request->header[i].value};
    const struct request r = {
        .id = id,
        .method = request->method,
        .url = request->url,
        .headers = headers,
        .header_count = request->headers,
        .body = bytes_of(request->body, request->body_len),
        .ca_file = account->ca_file[0] != '\0' ? account->ca_file : NULL,
        .timeout_ms = GATEWAY_HTTP_MS,
    };
    return request_send(p->outbound, &r, on_answer, p);
}
