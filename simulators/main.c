/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-simulators: the network of cores to sockets. All decisions are elsewhere. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/iso8583/message.h"
#include "lib/wire/loop.h"
#include "lib/wire/process.h"
#include "lib/wire/stream.h"
#include "simulators/clearing.h"
#include "simulators/limits.h"
#include "simulators/network.h"
#include "simulators/provider_sockets.h"
#include "simulators/tray.h"
#include "simulators/zone.h"

struct settings {
    const char *state, *tray, *cards, *clearing, *of, *to;
    int64_t courier_pace_s;
    int64_t network_port, wallet_port, sms_port, smtp_port, courier_port, identity_port,
        alipay_port, wechat_port, ready_fd, capacity;
    bool initialise, forgetful, generous;
};

struct program {
    struct settings settings;
    struct loop *loop;
    struct stream_pool *routes_pool, *tray_pool;
    struct stream_listener *listener[PAYMENT_ROUTES];
    struct stream_listener *tray_listener;
    struct stream *peer[PAYMENT_ROUTES]; /* the acquirer, once on each route */
    struct network *network;
    struct channels *channels;
    struct provider_sockets *providers; /* NULL: neither has a port */
    struct tray *tray;
    struct scans scans; /* who can pay codes that terminals show */
    struct loop_timer timer;
    struct loop_hook hook;
    struct log log;
    int status;
};

static void stop_failed(struct program *p, const char *what, err why)
{
    log_event(&p->log, LOG_ERROR, what, LOG_ERR(why));
    p->status = PROCESS_EXIT_FAILED;
    loop_stop(p->loop);
}

static enum payment_route route_of(const struct program *p, const struct stream *stream)
{
    return stream_data(stream) == &p->listener[PAYMENT_ROUTE_WALLET] ? PAYMENT_ROUTE_WALLET
                                                                     : PAYMENT_ROUTE_CARD_NETWORK;
}

static void route_open(struct program *p, struct stream *stream, enum payment_route route)
{
    stream_set_data(stream, &p->listener[route]);
    /* The newest connection is the acquirer's: an older one is a leftover of a host that died. */
    if (p->peer[route] != NULL) stream_close(p->peer[route], ERR(BUSY));
    p->peer[route] = stream;
}

static void card_open(struct stream *stream)
{
    route_open(stream_owner(stream), stream, PAYMENT_ROUTE_CARD_NETWORK);
}

static void wallet_open(struct stream *stream)
{
    route_open(stream_owner(stream), stream, PAYMENT_ROUTE_WALLET);
}

static void route_frame(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    err done = network_on_message(p->network, route_of(p, stream), frame);
    if (FAILED(done)) stop_failed(p, "store_failed", done);
}

static void route_close(struct stream *stream, err reason)
{
    (void)reason;
    struct program *p = stream_owner(stream);
    for (unsigned i = 0; i < PAYMENT_ROUTES; i++)
        if (p->peer[i] == stream) p->peer[i] = NULL;
}

static void send_answer(void *context, enum payment_route route, struct bytes message)
{
    struct program *p = context;
    if (p->peer[route] != NULL) stream_send(p->peer[route], message);
}

static void tray_frame(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    struct bytes answer;
    err answered = tray_answer(p->tray, frame, &answer);
    if (FAILED(answered)) {
        stream_close(stream, answered);
        return;
    }
    stream_send(stream, answer);
}

static void arm(struct program *p)
{
    int64_t next = network_next_ms(p->network);
    if (next == INT64_MAX) {
        loop_timer_cancel(p->loop, &p->timer);
        return;
    }
    int64_t wait = next - clock_now_ms(&p->log.clock);
    err set = loop_timer_set(p->loop, &p->timer, wait > 0 ? wait : 0);
    if (FAILED(set)) stop_failed(p, "timer_failed", set);
}

static void flush(void *context)
{
    struct program *p = context;
    err done = network_flush(p->network);
    if (FAILED(done)) stop_failed(p, "store_failed", done);
    arm(p);
}

/* Only wakes the loop: the hook behind it does the work. */
static void due(void *context)
{
    (void)context;
}

static err listen_route(struct program *p, enum payment_route route, int64_t port,
                        void (*opened)(struct stream *), struct process_fault *fault)
{
    const struct stream_events events = {opened, route_frame, route_close, p};
    err done = stream_listen_tcp(p->routes_pool, "127.0.0.1", (uint16_t)port, NULL, 4, &events,
                                 &p->listener[route]);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text,
                 "port %lld: %s; choose another one, or 0 for a free one", (long long)port,
                 done.code == ERR_BUSY ? "it is taken" : err_text(done));
    return done;
}

static err start_channels(struct program *p, struct process_fault *fault)
{
    const struct channels_options options = {.loop = p->loop,
                                             .clock = clock_system(),
                                             .sms_port = p->settings.sms_port,
                                             .smtp_port = p->settings.smtp_port,
                                             .courier_port = p->settings.courier_port,
                                             .courier_pace_s = p->settings.courier_pace_s,
                                             .identity_port = p->settings.identity_port,
                                             .state = p->settings.state};
    return channels_open(&options, fault, &p->channels);
}

static void providers_failed(void *context, err why)
{
    stop_failed(context, "store_failed", why);
}

static err start_providers(struct program *p, struct crypto *crypto, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    if (s->alipay_port == PROVIDER_PORT_OFF && s->wechat_port == PROVIDER_PORT_OFF) return OK;
    const struct provider_sockets_options options = {.loop = p->loop,
                                                     .clock = clock_system(),
                                                     .log = &p->log,
                                                     .crypto = crypto,
                                                     .phones = network_phones(p->network),
                                                     .state = s->state,
                                                     .alipay_port = s->alipay_port,
                                                     .wechat_port = s->wechat_port,
                                                     .failed = providers_failed,
                                                     .context = p};
    TRY(provider_sockets_open(&options, fault, &p->providers));
    scans_add(&p->scans, provider_sockets_scan, p->providers);
    return OK;
}

static err start_sockets(struct program *p, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    struct stream_pool_options options = {.loop = p->loop,
                                          .streams_max = ROUTE_STREAMS_MAX,
                                          .frame = {2, ISO8583_FRAME_MAX},
                                          .in_max = ROUTE_BUFFER_BYTES,
                                          .out_max = ROUTE_BUFFER_BYTES};
    TRY(stream_pool_create(&options, &p->routes_pool));
    TRY(listen_route(p, PAYMENT_ROUTE_CARD_NETWORK, s->network_port, card_open, fault));
    TRY(listen_route(p, PAYMENT_ROUTE_WALLET, s->wallet_port, wallet_open, fault));
    if (s->tray == NULL) return OK;

    options.streams_max = TRAY_STREAMS_MAX;
    options.frame = (struct frame_format){4, TRAY_FRAME_MAX};
    options.in_max = options.out_max = 0;
    TRY(stream_pool_create(&options, &p->tray_pool));
    const struct stream_events events = {NULL, tray_frame, NULL, p};
    err done =
        stream_listen_unix(p->tray_pool, s->tray, TRAY_STREAMS_MAX, &events, &p->tray_listener);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text, "socket %s: %s", s->tray, err_text(done));
    return done;
}

static err open_store(const struct settings *s, struct store **ret_store,
                      struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    if (s->forgetful) return OK;
    TRY(file_path(s->state, "networks.db", path, sizeof path));
    const struct store_options options = {.mode = STORE_CREATE};
    err opened = store_open(path, &options, &why, ret_store);
    if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return opened;
}

static err run(struct program *p, struct crypto *crypto, struct store *store,
               struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    CLEANUP(zone_keys_wipe) struct zone_keys keys;
    TRY(network_zone_load(s->state, &keys, fault));
    struct network_config config = {
        .clock = clock_system(),
        .random = random_system(),
        .log = &p->log,
        .crypto = crypto,
        .pin = keys.pin,
        .mac = keys.mac,
        .data = keys.data,
        .transport = &keys.transport,
        .store = store,
        .capacity = (size_t)1 << s->capacity,
        .generous = s->generous,
    };
    memcpy(config.hsm_public, keys.hsm_public, sizeof config.hsm_public);
    const struct network_ports ports = {p, send_answer};
    TRY(network_open(&config, &ports, &p->network));
    scans_add(&p->scans, network_scan, p->network);
    TRY(loop_create(&(struct loop_options){.clock = clock_system(), .stop_on_signals = true},
                    &p->loop));
    TRY(start_channels(p, fault));
    TRY(start_providers(p, crypto, fault));
    TRY(tray_open(&(struct tray_options){.network = p->network,
                                         .channels = p->channels,
                                         .providers = p->providers,
                                         .scans = &p->scans,
                                         .clock = config.clock,
                                         .cards = s->cards},
                  &p->tray));
    TRY(start_sockets(p, fault));
    p->timer = (struct loop_timer){.run = due};
    p->hook = (struct loop_hook){.run = flush, .context = p};
    loop_before_wait(p->loop, LOOP_COMMIT, &p->hook);
    process_ready((int)s->ready_fd,
                  "network_port=%u wallet_port=%u sms_port=%u smtp_port=%u alipay_port=%u"
                  " wechat_port=%u courier_port=%u identity_port=%u",
                  stream_listener_port(p->listener[PAYMENT_ROUTE_CARD_NETWORK]),
                  stream_listener_port(p->listener[PAYMENT_ROUTE_WALLET]),
                  channels_sms_port(p->channels), channels_smtp_port(p->channels),
                  provider_sockets_port(p->providers, PROVIDER_ALIPAY),
                  provider_sockets_port(p->providers, PROVIDER_WECHAT),
                  channels_courier_port(p->channels), channels_identity_port(p->channels));
    return loop_run(p->loop);
}

static err make_provider_keys(const char *state)
{
    struct clock clock = clock_system();
    struct random random = random_system();
    return provider_keys_make(state, clock_now_ms(&clock), &random);
}

static err start(struct program *p, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    int lock = -1;
    TRY(process_state_directory(s->state, fault));
    if (s->clearing != NULL) return clearing_of_state(s->state, s->clearing, s->of, s->to, fault);
    struct crypto crypto;
    TRY(crypto_open(random_system(), &crypto));
    if (s->initialise) {
        err made = network_zone_initialise(&crypto, s->state);
        if (!FAILED(made)) made = channels_make_key(s->state);
        if (!FAILED(made)) made = make_provider_keys(s->state);
        crypto_close(&crypto);
        return made;
    }
    TRY(process_lock(s->state, &lock, fault));
    struct store *store = NULL;
    err done = open_store(s, &store, fault);
    if (!FAILED(done)) done = run(p, &crypto, store, fault);
    stream_pool_destroy(p->tray_pool);
    stream_pool_destroy(p->routes_pool);
    tray_close(p->tray);
    channels_close(p->channels);
    provider_sockets_close(p->providers);
    network_close(p->network);
    store_close(store);
    crypto_close(&crypto);
    loop_destroy(p->loop);
    return done;
}

/* Everything but the command line. */
static int serve(struct program *p, const struct process_program *about)
{
    struct process_fault fault = {""};
    p->log = log_to_fd(2, "simulators", clock_system());
    err done = process_harden();
    if (!FAILED(done)) done = start(p, &fault);
    if (!FAILED(done)) return p->status;
    process_complain(about, "%s", fault.text[0] != '\0' ? fault.text : err_text(done));
    return PROCESS_EXIT_FAILED;
}

static const struct settings unless_said = {
    .of = "card_network",
    .to = "clearing.txt",
    .ready_fd = -1,
    .capacity = 20,
    .sms_port = CHANNELS_OFF,
    .smtp_port = CHANNELS_OFF,
    .courier_port = CHANNELS_OFF,
    .identity_port = CHANNELS_OFF,
    .alipay_port = PROVIDER_PORT_OFF,
    .wechat_port = PROVIDER_PORT_OFF,
};

int main(int argc, char **argv)
{
    static struct program program;
    struct settings *s = &program.settings;
    *s = unless_said;
    const struct process_option options[] = {
        {"state", "DIR", "where zone keys and the networks' book are", .text = &s->state,
         .required = true},
        {"network-port", "PORT", "where the card network listens; 0 takes a free one",
         .number = &s->network_port, .max = 65535},
        {"wallet-port", "PORT", "where the wallet listens; 0 takes a free one",
         .number = &s->wallet_port, .max = 65535},
        {"sms-port", "PORT", "where the SMS gateway listens; 0 takes a free one; none without it",
         .number = &s->sms_port, .max = 65535},
        {"smtp-port", "PORT", "where the mail server listens; 0 takes a free one; none without it",
         .number = &s->smtp_port, .max = 65535},
        {"courier-port", "PORT", "the same of the courier", .number = &s->courier_port,
         .max = 65535},
        {"courier-pace", "SECONDS", "from step to step of a parcel; an hour unless said",
         .number = &s->courier_pace_s, .min = 1, .max = 86400},
        {"identity-port", "PORT", "the same of who checks identities and accounts",
         .number = &s->identity_port, .max = 65535},
        {"alipay-port", "PORT", "the same of the wallet that speaks Alipay's interface",
         .number = &s->alipay_port, .max = 65535},
        {"wechat-port", "PORT", "the same of WeChat Pay's interface", .number = &s->wechat_port,
         .max = 65535},
        {"tray", "SOCKET", "where virtual cards and phones are presented", .text = &s->tray},
        {"cards", "SOCKET", "of tongbao-cards, whose chip cards the tray hands on",
         .text = &s->cards},
        {"capacity", "BITS", "how many payments are remembered, as a power of two",
         .number = &s->capacity, .min = 10, .max = 28},
        {"forgetful", NULL, "keep no book on disk: for benchmarks", .flag = &s->forgetful},
        {"generous", NULL, "balances never run out: for benchmarks", .flag = &s->generous},
        {"initialise", NULL,
         "make the transport key for the zone keys, the keys of the SMS gateway and of the wallets,"
         " and end",
         .flag = &s->initialise},
        {"clearing", "DAY", "write what was charged on this day, such as 2026-01-31, and end",
         .text = &s->clearing},
        {"of", "NETWORK", "of card_network (unless said) or wallet", .text = &s->of},
        {"to", "FILE", "into this file; clearing.txt unless said", .text = &s->to},
        {"ready-fd", "N", "descriptor that is told when everything listens", .number = &s->ready_fd,
         .max = 1023},
    };
    const struct process_program about = {
        .name = "tongbao-simulators",
        .version = TONGBAO_VERSION,
        .summary =
            "A card network with issuers, wallets, an SMS gateway and a mail server: what is outside.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&about, argc, argv, NULL);
    return status >= 0 ? status : serve(&program, &about);
}
