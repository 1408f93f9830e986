/* SPDX-License-Identifier: Apache-2.0 */
/* Orders and questions as signed requests, and answers back to the core. */
#include "backoffice/stock/courier_port.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/wire/request.h"
#include "lib/wire/sms.h"

enum { TIMEOUT_MS = 10000, URL_MAX = SMS_URL_MAX + 16 };

struct courier_port {
    struct courier_port_options options;
    struct sms_key key;
    struct outbound *outbound;
    struct backoffice *backoffice;
    struct courier_ports ports;
};

static void on_done(void *context, const char *id, const struct request_answer *answer)
{
    struct courier_port *port = context;
    if (FAILED(answer->reason) || answer->status != 200) return; /* asked again in its time */
    err done = shipment_on_answer(port->backoffice, id, answer->body);
    if (FAILED(done)) port->options.failed(port->options.context, done);
}

static err send(struct courier_port *port, const char *path, const char *id, struct bytes body)
{
    char url[URL_MAX], bearer[SMS_BEARER_LEN + 8], timestamp[24], signature[SMS_SIGNATURE_MAX + 1];
    int64_t now_s = clock_now_ms(&port->options.clock) / 1000;
    ENSURE(port->backoffice != NULL);
    TRY(sms_sign(&port->key, now_s, body, signature));
    snprintf(url, sizeof url, "%s%s", port->options.url, path);
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)now_s);
    snprintf(bearer, sizeof bearer, "Bearer %s", port->key.bearer);
    const struct request_header headers[] = {{"Content-Type", "application/json"},
                                             {"Authorization", bearer},
                                             {"Tongbao-Timestamp", timestamp},
                                             {"Tongbao-Signature", signature}};
    const struct request request = {.id = id,
                                    .method = "POST",
                                    .url = url,
                                    .headers = headers,
                                    .header_count = ARRAY_LEN(headers),
                                    .body = body,
                                    .ca_file = port->options.ca_file,
                                    .timeout_ms = TIMEOUT_MS};
    err sent = request_send(port->outbound, &request, on_done, port);
    explicit_bzero(bearer, sizeof bearer);
    return sent;
}

static err on_order(void *context, const struct courier_order *order)
{
    uint8_t block[COURIER_BODY_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct bytes body;
    courier_write_order(&w, order);
    TRY(writer_finish(&w, &body));
    return send(context, "/v1/orders", order->id, body);
}

static err on_track(void *context, const char *id, const char *label)
{
    uint8_t block[COURIER_BODY_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct bytes body;
    courier_write_question(&w, label);
    TRY(writer_finish(&w, &body));
    return send(context, "/v1/track", id, body);
}

static err open_port(struct courier_port *port, struct process_fault *fault)
{
    const struct courier_port_options *o = &port->options;
    const struct outbound_options outbound = {
        .loop = o->loop, .transfers_max = SHIPMENT_BATCH, .answer_max = COURIER_ANSWER_MAX};
    bool allowed = strlen(o->url) <= SMS_URL_MAX && request_url_allowed(o->url);
    err read =
        !allowed || o->key_file == NULL ? ERR(CONFIG) : sms_key_read(o->key_file, &port->key);
    if (FAILED(read)) {
        snprintf(fault->text, sizeof fault->text, "the courier, %.100s with the key %.100s: %s",
                 o->url, o->key_file == NULL ? "none" : o->key_file, err_text(read));
        return read;
    }
    port->ports = (struct courier_ports){port, on_order, on_track, o->poll_ms};
    return outbound_create(&outbound, &port->outbound);
}

err courier_port_open(const struct courier_port_options *options, struct process_fault *fault,
                      struct courier_port **ret_port)
{
    ENSURE(options->failed != NULL);
    *ret_port = NULL;
    if (options->url == NULL) return OK;
    struct courier_port *port = calloc(1, sizeof *port);
    if (port == NULL) return ERR(NO_MEMORY);
    port->options = *options;
    err done = open_port(port, fault);
    if (FAILED(done)) courier_port_close(port);
    else *ret_port = port;
    return done;
}

const struct courier_ports *courier_port_ports(const struct courier_port *port)
{
    return port == NULL ? NULL : &port->ports;
}

void courier_port_attach(struct courier_port *port, struct backoffice *backoffice)
{
    if (port != NULL) port->backoffice = backoffice;
}

bool courier_port_busy(const struct courier_port *port)
{
    return outbound_room(port->outbound) < SHIPMENT_BATCH;
}

void courier_port_close(struct courier_port *port)
{
    if (port == NULL) return;
    outbound_destroy(port->outbound);
    sms_key_wipe(&port->key);
    free(port);
}
