/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-wallets: the gateway's core to sockets. All decisions are elsewhere. */
#include <stdio.h>

#include "lib/iso8583/message.h"
#include "wallets/program.h"

enum {
    ROUTE_STREAMS_MAX = 4, /* the acquirer and its leftover, and the wallet behind us */
    ROUTE_BUFFER_BYTES = 1 << 20,
    HSM_BUFFER_BYTES = 1 << 20, /* a few hundred commands that it has not taken yet */
    NO_PORT = -1,
};

void program_fail(struct program *p, const char *what, err why)
{
    log_event(&p->log, LOG_ERROR, what, LOG_ERR(why));
    p->exit_status = PROCESS_EXIT_FAILED;
    loop_stop(p->loop);
}

/* ---- the acquirer ---- */

static void acquirer_open(struct stream *stream)
{
    struct program *p = stream_owner(stream);
    /* The newest connection is the acquirer's: an older one is a leftover of a host that died. */
    if (p->acquirer != NULL) stream_close(p->acquirer, ERR(BUSY));
    p->acquirer = stream;
}

static void acquirer_frame(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    gateway_on_message(p->gateway, frame);
}

static void acquirer_closed(struct stream *stream, err reason)
{
    struct program *p = stream_owner(stream);
    (void)reason;
    if (p->acquirer == stream) p->acquirer = NULL;
}

static void answer(void *context, struct bytes message)
{
    struct program *p = context;
    if (p->acquirer != NULL) stream_send(p->acquirer, message);
}

/* ---- the hsm, and the wallet behind us ---- */

static void hand_on(void *context, struct bytes message)
{
    struct program *p = context;
    link_send(&p->other, message);
}

/* What it answers is for the acquirer as it stands: its MAC is the acquirer's to check. */
static void other_frame(struct program *p, struct bytes frame)
{
    answer(p, frame);
}

static void send_command(void *context, struct bytes command)
{
    struct program *p = context;
    link_send(&p->hsm, command);
}

static void hsm_told(struct program *p, bool open)
{
    gateway_on_hsm_state(p->gateway, open);
}

static void hsm_frame(struct program *p, struct bytes frame)
{
    gateway_on_hsm(p->gateway, frame);
}

/* ---- time ---- */

/* Only wakes the loop: the hook behind it does the work. */
static void due(void *context)
{
    (void)context;
}

static void end_iteration(void *context)
{
    struct program *p = context;
    gateway_tick(p->gateway);
    int64_t next = gateway_next_ms(p->gateway);
    if (next == INT64_MAX) {
        loop_timer_cancel(p->loop, &p->timer);
        return;
    }
    int64_t wait = next - clock_monotonic_us(&p->log.clock) / 1000;
    err set = loop_timer_set(p->loop, &p->timer, wait > 0 ? wait : 1);
    if (FAILED(set)) program_fail(p, "timer_failed", set);
}

/* ---- start ---- */

static err listen_acquirer(struct program *p, struct process_fault *fault)
{
    const struct stream_events events = {acquirer_open, acquirer_frame, acquirer_closed, p};
    err done = stream_listen_tcp(p->routes, p->settings.address, (uint16_t)p->settings.port, NULL,
                                 2, &events, &p->listener);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text,
                 "port %lld: %s; choose another one, or 0 for a free one",
                 (long long)p->settings.port,
                 done.code == ERR_BUSY ? "it is taken" : err_text(done));
    return done;
}

static err open_links(struct program *p, struct process_fault *fault)
{
    struct stream_pool_options options = {.loop = p->loop,
                                          .streams_max = ROUTE_STREAMS_MAX,
                                          .frame = {2, ISO8583_FRAME_MAX},
                                          .in_max = ROUTE_BUFFER_BYTES,
                                          .out_max = ROUTE_BUFFER_BYTES};
    TRY(stream_pool_create(&options, &p->routes));
    options.streams_max = 1;
    options.frame = (struct frame_format){4, HSM_FRAME_MAX};
    options.out_max = HSM_BUFFER_BYTES;
    TRY(stream_pool_create(&options, &p->hsm_pool));
    p->hsm = (struct link){.program = p,
                           .name = "hsm",
                           .path = p->settings.hsm,
                           .pool = p->hsm_pool,
                           .told = hsm_told,
                           .frame = hsm_frame};
    p->other =
        (struct link){.program = p, .name = "other", .pool = p->routes, .frame = other_frame};
    if (p->settings.other != NULL) {
        TRY(link_address(p->settings.other, &p->other, "other", fault));
        link_open(&p->other);
    }
    link_open(&p->hsm);
    return OK;
}

static err run(struct program *p, struct process_fault *fault)
{
    const struct gateway_config config = {.clock = p->log.clock,
                                          .random = random_system(),
                                          .log = &p->log,
                                          .accounts = &p->accounts,
                                          .other = p->settings.other != NULL};
    const struct gateway_ports ports = {p,          answer, hand_on, send_command, providers_ask,
                                        notices_end};
    TRY(wallet_accounts_read(p->settings.accounts, clock_now_ms(&p->log.clock), &p->accounts,
                             fault));
    TRY(gateway_open(&config, &ports, &p->gateway));
    TRY(loop_create(&(struct loop_options){.clock = clock_system(), .stop_on_signals = true},
                    &p->loop));
    TRY(providers_open(p));
    p->timer = (struct loop_timer){.run = due};
    p->hook = (struct loop_hook){.run = end_iteration, .context = p};
    loop_before_wait(p->loop, LOOP_COMMIT, &p->hook);
    TRY(open_links(p, fault));
    TRY(listen_acquirer(p, fault));
    if (p->settings.notify_port != NO_PORT) TRY(notices_open(p, fault));
    process_settle();
    process_ready((int)p->settings.ready_fd, "port=%u notify_port=%u",
                  stream_listener_port(p->listener),
                  p->notices == NULL ? 0u : http_port(p->notices));
    return loop_run(p->loop);
}

static void stop(struct program *p)
{
    http_destroy(p->notices);
    outbound_destroy(p->outbound);
    stream_pool_destroy(p->routes);
    stream_pool_destroy(p->hsm_pool);
    gateway_close(p->gateway);
    loop_destroy(p->loop);
}

int main(int argc, char **argv)
{
    static struct program program;
    struct settings *s = &program.settings;
    *s = (struct settings){.address = "127.0.0.1", .notify_port = NO_PORT, .ready_fd = -1};
    const struct process_option options[] = {
        {"accounts", "FILE", "accounts with providers: addresses, keys as blobs, public keys",
         .text = &s->accounts, .required = true},
        {"hsm", "SOCKET", "where tongbao-hsm listens", .text = &s->hsm, .required = true},
        {"address", "ADDRESS", "where the acquirer connects; 127.0.0.1 unless said",
         .text = &s->address},
        {"port", "PORT", "where the acquirer connects; 0 takes a free one", .number = &s->port,
         .max = 65535},
        {"other", "HOST:PORT", "the wallet that codes without an account are handed on to",
         .text = &s->other},
        {"notify-port", "PORT",
         "where notices of providers are heard, on this machine; 0 takes a free one; none without it",
         .number = &s->notify_port, .max = 65535},
        {"ready-fd", "N", "descriptor that is told when everything listens", .number = &s->ready_fd,
         .max = 1023},
    };
    const struct process_program about = {
        .name = "tongbao-wallets",
        .version = TONGBAO_VERSION,
        .summary = "A gateway from the acquirer to the wallets' own interfaces.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;
    program.log = log_to_fd(2, "wallets", clock_system());

    struct process_fault fault = {""};
    err done = process_harden();
    if (!FAILED(done)) done = run(&program, &fault);
    stop(&program);
    if (FAILED(done)) {
        process_complain(&about, "%s", fault.text[0] != '\0' ? fault.text : err_text(done));
        return PROCESS_EXIT_FAILED;
    }
    return program.exit_status;
}
