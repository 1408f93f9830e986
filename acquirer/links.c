/* SPDX-License-Identifier: Apache-2.0 */
/* The three outgoing connections: hsm, card network, wallet. Each comes back by itself. */
#include <stdio.h>

#include "acquirer/program.h"
#include "lib/iso8583/message.h"
#include "lib/wire/hsm_protocol.h"

enum {
    LINK_AGAIN_MS = 200, /* first wait before a new attempt, doubled up to the most */
    LINK_AGAIN_MOST_MS = 5000,
    LINK_BUFFER = 4 << 20, /* a second of full load that the peer does not take */
    LINK_IDLE_MS = 65000,  /* three echoes without an answer: the route is dead */
};

static const char *const names[PAYMENT_ROUTES] = {
    [PAYMENT_ROUTE_NONE] = "hsm",
    [PAYMENT_ROUTE_CARD_NETWORK] = "card_network",
    [PAYMENT_ROUTE_WALLET] = "wallet",
};

static err tell(struct link *link, bool up)
{
    struct acquirer *a = link->program->acquirer;
    if (link->route != PAYMENT_ROUTE_NONE) return acquirer_on_route_state(a, link->route, up);
    return up ? acquirer_on_hsm_up(a) : acquirer_on_hsm_lost(a);
}

static void again(struct link *link)
{
    struct program *p = link->program;
    bool hsm = link->route == PAYMENT_ROUTE_NONE;
    int64_t wait_ms = LINK_AGAIN_MS << (link->failures < 5 ? link->failures : 5);
    if (wait_ms > LINK_AGAIN_MOST_MS) wait_ms = LINK_AGAIN_MOST_MS;
    if (link->failures++ == 0)
        log_event(&p->log, LOG_WARN, "link_waits", LOG_TEXT("to", names[link->route]),
                  LOG_TEXT("address", hsm ? p->settings.hsm : link->address),
                  LOG_INT("port", link->port),
                  LOG_TEXT("meanwhile", p->listening ? "payments that need it are refused"
                                        : hsm        ? "no terminal is let in: start tongbao-hsm"
                                                     : "it is tried again"));
    err set = loop_timer_set(p->loop, &link->retry, wait_ms);
    if (FAILED(set)) program_fail(p, "timer_failed", set);
}

static void on_open(struct stream *stream)
{
    struct link *link = stream_owner(stream);
    struct program *p = link->program;
    link->open = true;
    link->failures = 0;
    log_event(&p->log, LOG_INFO, "link_open", LOG_TEXT("to", names[link->route]));
    err told = tell(link, true);
    if (!FAILED(told) && link->route == PAYMENT_ROUTE_NONE) told = lines_listen(p, p->fault);
    if (FAILED(told)) program_fail(p, "link_failed", told);
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct link *link = stream_owner(stream);
    struct acquirer *a = link->program->acquirer;
    err taken = link->route == PAYMENT_ROUTE_NONE ? acquirer_on_hsm(a, frame)
                                                  : acquirer_on_route(a, link->route, frame);
    if (FAILED(taken)) program_fail(link->program, "store_failed", taken);
}

static void on_close(struct stream *stream, err reason)
{
    struct link *link = stream_owner(stream);
    struct program *p = link->program;
    if (link->open)
        log_event(&p->log, LOG_WARN, "link_closed", LOG_TEXT("to", names[link->route]),
                  LOG_TEXT("cause", stream_reason_text(stream)), LOG_ERR(reason));
    bool was_open = link->open;
    link->stream = NULL;
    link->open = false;
    if (loop_stopping(p->loop)) return;
    err told = was_open ? tell(link, false) : OK;
    if (FAILED(told)) program_fail(p, "store_failed", told);
    else again(link);
}

static void connect_now(void *context)
{
    struct link *link = context;
    struct program *p = link->program;
    const struct stream_events events = {on_open, on_frame, on_close, link};
    err begun = link->route == PAYMENT_ROUTE_NONE
                    ? stream_connect_unix(p->links, p->settings.hsm, &events, &link->stream)
                    : stream_connect_tcp(p->route_links, link->address, link->port, NULL, &events,
                                         &link->stream);
    if (FAILED(begun)) again(link);
}

err link_address(const char *text, struct link *link, const char *option,
                 struct process_fault *fault)
{
    const char *colon = strrchr(text, ':');
    struct reader r = reader_over(bytes_text(colon != NULL ? colon + 1 : ""));
    size_t digits = r.left.len;
    unsigned port = digits >= 1 && digits <= 5 ? read_digits(&r, digits) : 0;
    if (port == 0 || port > UINT16_MAX || FAILED(reader_finish(&r)) ||
        FAILED(bytes_to_text(bytes_of(text, colon != NULL ? (size_t)(colon - text) : 0),
                             link->address, sizeof link->address))) {
        snprintf(fault->text, sizeof fault->text,
                 "--%s %.60s: not HOST:PORT, such as 127.0.0.1:8001", option, text);
        return ERR(CONFIG);
    }
    link->port = (uint16_t)port;
    return OK;
}

static void prepare(struct program *p, struct link *link, enum payment_route route)
{
    link->program = p;
    link->route = route;
    link->retry = (struct loop_timer){.run = connect_now, .context = link};
}

err links_open(struct program *p, struct process_fault *fault)
{
    TRY(link_address(p->settings.card_network, &p->route[PAYMENT_ROUTE_CARD_NETWORK],
                     "card-network", fault));
    TRY(link_address(p->settings.wallet, &p->route[PAYMENT_ROUTE_WALLET], "wallet", fault));
    struct stream_pool_options options = {
        .loop = p->loop,
        .streams_max = 2,
        .frame = {4, HSM_FRAME_MAX},
        .in_max = 256 << 10,
        .out_max = LINK_BUFFER,
    };
    TRY(stream_pool_create(&options, &p->links));
    options.streams_max = 2 * PAYMENT_ROUTES;
    options.frame = (struct frame_format){2, ISO8583_FRAME_MAX};
    options.idle_ms = LINK_IDLE_MS;
    TRY(stream_pool_create(&options, &p->route_links));
    prepare(p, &p->hsm, PAYMENT_ROUTE_NONE);
    connect_now(&p->hsm);
    for (unsigned i = PAYMENT_ROUTE_NONE + 1; i < PAYMENT_ROUTES; i++) {
        prepare(p, &p->route[i], (enum payment_route)i);
        connect_now(&p->route[i]);
    }
    return OK;
}
