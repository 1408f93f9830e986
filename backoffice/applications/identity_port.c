/* SPDX-License-Identifier: Apache-2.0 */
/* Checks as signed requests, and signed answers back to the core. */
#include "backoffice/applications/identity_port.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/core.h"
#include "lib/wire/identity_check.h"
#include "lib/wire/request.h"

enum {
    TRANSFERS = 8,      /* what is more waits for its turn (checks.c) */
    TIMEOUT_MS = 10000, /* well below CHECK_ANSWER_MS: no answer comes into another try */
    URL_MAX = SMS_URL_MAX + 16,
    HEADER_MAX = 64,
};
static_assert((int)TIMEOUT_MS < (int)CHECK_ANSWER_MS, "a try ends before the next one");

struct identity_port {
    struct identity_port_options options;
    struct sms_key key;
    struct outbound *outbound;
    struct backoffice *backoffice;
    struct check_ports ports;
};

/* Without a name or a number: which check it was is all that is said. */
static void say(const struct identity_port *port, const char *id, err why, int status)
{
    if (port->options.log == NULL) return;
    log_event(port->options.log, LOG_WARN, "identity_check_no_answer", LOG_TEXT("check", id),
              LOG_ERR(why), LOG_INT("status", status));
}

static const char *header(const struct request_answer *answer, const char *name,
                          char out[HEADER_MAX])
{
    return FAILED(request_answer_header(answer, name, out, HEADER_MAX)) ? NULL : out;
}

static err read_answer(const struct identity_port *port, const char *id,
                       const struct request_answer *answer, enum identity_result *ret)
{
    char timestamp[HEADER_MAX], signature[HEADER_MAX];
    if (FAILED(answer->reason)) return answer->reason;
    const struct identity_answer came = {
        .status = answer->status,
        .timestamp = header(answer, "Tongbao-Timestamp", timestamp),
        .signature = header(answer, "Tongbao-Signature", signature),
        .body = answer->body,
    };
    int64_t now_s = clock_now_ms(&port->options.clock) / 1000;
    return identity_check_read(&port->key, now_s, &came, id, ret);
}

static void on_done(void *context, const char *id, const struct request_answer *answer)
{
    static const enum check_state states[IDENTITY_RESULTS] = {[IDENTITY_RIGHT] = CHECK_RIGHT,
                                                              [IDENTITY_WRONG] = CHECK_WRONG,
                                                              [IDENTITY_UNKNOWN] = CHECK_UNKNOWN};
    struct identity_port *port = context;
    enum identity_result result = IDENTITY_LATER;
    err read = read_answer(port, id, answer, &result);
    if (FAILED(read)) say(port, id, read, answer->status);
    if (FAILED(read) || result == IDENTITY_LATER) return; /* asked again in its time */
    err done = checks_on_answer(port->backoffice->applications, id, states[result]);
    if (FAILED(done)) port->options.failed(port->options.context, done);
}

static err send(struct identity_port *port, const char *id, struct bytes body)
{
    char url[URL_MAX], bearer[SMS_BEARER_LEN + 8], timestamp[24], signature[SMS_SIGNATURE_MAX + 1];
    int64_t now_s = clock_now_ms(&port->options.clock) / 1000;
    TRY(sms_sign(&port->key, now_s, body, signature));
    snprintf(url, sizeof url, "%s/v1/checks", port->options.url);
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
                                    .timeout_ms = port->options.timeout_ms};
    err sent = request_send(port->outbound, &request, on_done, port);
    explicit_bzero(bearer, sizeof bearer);
    return sent;
}

static err on_ask(void *context, const struct check_question *asked)
{
    struct identity_port *port = context;
    uint8_t block[IDENTITY_CHECK_BODY_MAX];
    struct writer w = writer_over(block, sizeof block);
    const bool four = asked->kind == CHECK_ACCOUNT && asked->licence == NULL;
    const struct identity_question question = {.id = asked->number,
                                               .elements = four ? IDENTITY_FOUR : IDENTITY_THREE,
                                               .name = asked->name,
                                               .identity = asked->identity,
                                               .phone = asked->phone,
                                               .account = asked->account,
                                               .licence = asked->licence};
    ENSURE(port->backoffice != NULL);
    if (outbound_room(port->outbound) == 0) return ERR(FULL);
    err done = identity_check_write(&w, &question);
    if (!FAILED(done)) done = send(port, asked->number, writer_view(&w));
    explicit_bzero(block, sizeof block);
    if (FAILED(done)) say(port, asked->number, done, 0);
    return done;
}

static err open_port(struct identity_port *port, struct process_fault *fault)
{
    const struct identity_port_options *o = &port->options;
    const struct outbound_options outbound = {
        .loop = o->loop, .transfers_max = TRANSFERS, .answer_max = OUTBOUND_ANSWER_MAX};
    bool allowed = strlen(o->url) <= SMS_URL_MAX && request_url_allowed(o->url);
    err read =
        !allowed || o->key_file == NULL ? ERR(CONFIG) : sms_key_read(o->key_file, &port->key);
    if (FAILED(read)) {
        snprintf(fault->text, sizeof fault->text, "identity checks, %.100s with the key %.100s: %s",
                 o->url, o->key_file == NULL ? "none" : o->key_file, err_text(read));
        return read;
    }
    port->ports = (struct check_ports){port, on_ask};
    return outbound_create(&outbound, &port->outbound);
}

err identity_port_open(const struct identity_port_options *options, struct process_fault *fault,
                       struct identity_port **ret_port)
{
    ENSURE(options->failed != NULL);
    *ret_port = NULL;
    if (options->url == NULL) return OK;
    struct identity_port *port = calloc(1, sizeof *port);
    if (port == NULL) return ERR(NO_MEMORY);
    port->options = *options;
    if (options->timeout_ms == 0) port->options.timeout_ms = TIMEOUT_MS;
    err done = open_port(port, fault);
    if (FAILED(done)) identity_port_close(port);
    else *ret_port = port;
    return done;
}

const struct check_ports *identity_port_ports(const struct identity_port *port)
{
    return port == NULL ? NULL : &port->ports;
}

void identity_port_attach(struct identity_port *port, struct backoffice *backoffice)
{
    if (port != NULL) port->backoffice = backoffice;
}

bool identity_port_busy(const struct identity_port *port)
{
    return outbound_room(port->outbound) < TRANSFERS;
}

void identity_port_close(struct identity_port *port)
{
    if (port == NULL) return;
    outbound_destroy(port->outbound);
    sms_key_wipe(&port->key);
    free(port);
}
