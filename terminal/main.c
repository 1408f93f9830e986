/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-terminal: the core between its vault, its host and its page. Options, files, sockets; no
 * decisions.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/wire/process.h"
#include "lib/wire/rpc.h"
#include "lib/wire/stream.h"
#include "lib/wire/vault_protocol_chip.h"
#include "terminal/http.h"
#include "terminal/limits.h"
#include "terminal/manage.h"
#include "terminal/network_files.h"
#include "terminal/terminal.h"

enum {
    VAULT_WAIT_MS = 10000,  /* a password takes the vault most of a second */
    HOST_STREAMS = 4,       /* one, and old ones that are still closing */
    NETWORK_LOOK_MS = 1000, /* how often the driver's file is looked at */
};

struct settings {
    const char *state, *vault, *host, *manage, *network, *place, *support, *web, *speech, *tray;
    int64_t http, ready_fd;
};

/* Where one line goes: a numeric address or localhost, and a certificate of that name. */
struct peer {
    char name[TLS_NAME_MAX];
    uint16_t port;
    struct tls *tls;  /* made when the vault has a certificate */
    struct tls *bare; /* without one: made when its key is gone; NULL: not yet */
    bool go_bare;
    struct stream_pool *pool;
    struct stream *stream; /* NULL: not connected and not connecting */
    bool open;             /* it has proved who it is */
    bool connect;          /* asked for by the terminal, done before the next wait */
};

struct program {
    struct settings settings;
    struct log log;
    struct loop *loop;
    struct loop_timer timer;
    struct loop_hook before_wait;
    struct store *store;
    struct rpc vault;
    struct tray *tray;
    struct terminal_page *page;
    struct terminal *terminal;
    struct peer host, manage;
    struct loop_timer network_timer;
    struct network_facts network;
    struct network_place place;
    uint8_t answer[VAULT_FRAME_MAX];
    int status;
};

/* What a call of the terminal returned: without its store it must not go on. */
static void done(void *context, err e)
{
    struct program *p = context;
    if (!FAILED(e)) return;
    log_event(&p->log, LOG_ERROR, "stopped", LOG_ERR(e),
              LOG_TEXT("store", store_error_text(p->store)));
    p->status = PROCESS_EXIT_FAILED;
    loop_stop(p->loop);
}

/* ---- the vault ---- */

static err ask_vault(void *context, struct bytes request, struct writer *response)
{
    struct program *p = context;
    struct bytes answer;
    TRY(rpc_call(&p->vault, request, p->answer, sizeof p->answer, &answer));
    write_bytes(response, answer);
    return response->fault == ERR_OK ? OK : (err){response->fault};
}

/* One command with at most one byte string; `ret_body` views what the answer holds. */
static err vault_command(struct program *p, uint8_t command, const struct bytes *in,
                         struct reader *ret_body)
{
    uint8_t block[256], answered;
    struct writer w = writer_over(block, sizeof block);
    struct bytes request, answer;
    enum vault_status status;
    vault_write_header(&w, command);
    if (in != NULL) vault_write_bytes(&w, *in);
    TRY(writer_finish(&w, &request));
    TRY(rpc_call(&p->vault, request, p->answer, sizeof p->answer, &answer));
    *ret_body = reader_over(answer);
    TRY(vault_read_answer(ret_body, &answered, &status));
    return answered == command && status == VAULT_OK ? OK : ERR(DENIED);
}

/* The key of the terminal's certificate never leaves the vault: it signs, here is only the digest.
 */
static err sign(void *context, struct bytes digest, struct writer *der_signature)
{
    struct reader body;
    struct bytes signature;
    TRY(vault_command(context, VAULT_TLS_SIGN, &digest, &body));
    TRY(vault_read_bytes(&body, &signature));
    write_bytes(der_signature, signature);
    return OK;
}

static err make_tls(struct program *p, struct peer *peer)
{
    struct reader body;
    struct bytes own, ca;
    struct tls_fault fault = {""};
    TRY(vault_command(p, VAULT_TLS_CERTIFICATES, NULL, &body));
    TRY(vault_read_pair(&body, &own, &ca));
    struct tls_options options = {
        .ca = {.pem = ca}, .certificate = {.pem = own}, .signer = {sign, p}};
    const struct tls_options bare = {.ca = {.pem = ca}, .strangers = true};
    err e = peer->go_bare ? tls_client_create(&bare, peer->name, &fault, &peer->bare)
                          : tls_client_create(&options, peer->name, &fault, &peer->tls);
    if (FAILED(e))
        log_event(&p->log, LOG_ERROR, "tls_not_ready", LOG_TEXT("why", fault.text), LOG_ERR(e));
    return e;
}

/* ---- the host and the back office ---- */

/*
 * Whoever ends a handshake with the wrong certificate, an older protocol or no TLS at all is
 * somebody else than we have asked (S171). One that is silent or hangs up may be out of order.
 */
static void look_at_end(struct program *p, struct peer *peer, enum terminal_line line,
                        const struct stream *stream, err reason)
{
    bool proved = peer->open;
    peer->open = false;
    if (proved || (reason.code != ERR_IDENTITY && reason.code != ERR_FORMAT)) return;
    log_event(&p->log, LOG_ERROR, "impostor", LOG_INT("line", line),
              LOG_TEXT("why", stream_reason_text(stream)));
    done(p, terminal_on_impostor(p->terminal, line, stream_reason_text(stream)));
}

static void host_open(struct stream *stream)
{
    struct program *p = stream_owner(stream);
    if (stream != p->host.stream) return;
    p->host.open = true;
    log_event(&p->log, LOG_INFO, "host_connected", LOG_TEXT("peer", stream_peer_name(stream)));
    done(p, terminal_on_host_state(p->terminal, true, NULL));
}

static void host_frame(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    if (stream == p->host.stream) done(p, terminal_on_host(p->terminal, frame));
}

static void host_closed(struct stream *stream, err reason)
{
    struct program *p = stream_owner(stream);
    if (stream != p->host.stream) return;
    p->host.stream = NULL;
    look_at_end(p, &p->host, TERMINAL_LINE_HOST, stream, reason);
    done(p, terminal_on_host_state(p->terminal, false, stream_reason_text(stream)));
}

static void manage_open(struct stream *stream)
{
    struct program *p = stream_owner(stream);
    if (stream != p->manage.stream) return;
    p->manage.open = true;
    log_event(&p->log, LOG_INFO, "manage_connected", LOG_TEXT("peer", stream_peer_name(stream)));
    done(p, terminal_on_manage_state(p->terminal, true, NULL));
}

static void manage_taken(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    if (stream == p->manage.stream) done(p, terminal_on_manage(p->terminal, frame));
}

static void manage_closed(struct stream *stream, err reason)
{
    struct program *p = stream_owner(stream);
    if (stream != p->manage.stream) return;
    p->manage.stream = NULL;
    look_at_end(p, &p->manage, TERMINAL_LINE_OFFICE, stream, reason);
    done(p, terminal_on_manage_state(p->terminal, false, stream_reason_text(stream)));
}

/* A connection is begun before the next wait: never from inside a call of the terminal. */
static void ask_to_connect(struct program *p, struct peer *peer)
{
    peer->connect = true;
    loop_again(p->loop);
}

static void close_peer(struct peer *peer)
{
    struct stream *old = peer->stream;
    peer->stream = NULL;
    peer->connect = false;
    if (old != NULL) stream_close(old, OK);
}

static void send_to(struct peer *peer, struct bytes frame)
{
    if (peer->stream != NULL) stream_send(peer->stream, frame);
}

static void host_connect(void *context)
{
    struct program *p = context;
    ask_to_connect(p, &p->host);
}

static void host_close(void *context)
{
    close_peer(&((struct program *)context)->host);
}

static void host_send(void *context, struct bytes frame)
{
    send_to(&((struct program *)context)->host, frame);
}

static void manage_connect(void *context)
{
    struct program *p = context;
    ask_to_connect(p, &p->manage);
}

/* There is no way back from it: see last_words.c. */
static void manage_connect_bare(void *context)
{
    struct program *p = context;
    p->manage.go_bare = true;
    ask_to_connect(p, &p->manage);
}

static void manage_close(void *context)
{
    close_peer(&((struct program *)context)->manage);
}

static void manage_send(void *context, struct bytes frame)
{
    send_to(&((struct program *)context)->manage, frame);
}

/* "localhost" is the one name that is an address by itself; others are not looked up. */
static const char *address_of(const struct peer *peer)
{
    return strcmp(peer->name, "localhost") == 0 ? "127.0.0.1" : peer->name;
}

static err connect_now(struct program *p, struct peer *peer, const struct stream_events *events)
{
    struct tls *const *tls = peer->go_bare ? &peer->bare : &peer->tls;
    peer->connect = false;
    err e = *tls == NULL ? make_tls(p, peer) : OK;
    if (!FAILED(e))
        e = stream_connect_tcp(peer->pool, address_of(peer), peer->port, *tls, events,
                               &peer->stream);
    if (FAILED(e)) peer->stream = NULL;
    return e;
}

static void connect_host(struct program *p)
{
    const struct stream_events events = {host_open, host_frame, host_closed, p};
    err e = connect_now(p, &p->host, &events);
    if (FAILED(e)) done(p, terminal_on_host_state(p->terminal, false, err_text(e)));
}

static void connect_manage(struct program *p)
{
    const struct stream_events events = {manage_open, manage_taken, manage_closed, p};
    err e = connect_now(p, &p->manage, &events);
    if (FAILED(e)) done(p, terminal_on_manage_state(p->terminal, false, err_text(e)));
}

/* ---- the network ---- */

static void look_at_place(struct program *p)
{
    const struct network_place *was = &p->place;
    struct network_place now = place_file_read(p->settings.place);
    if (place_file_same(was, &now)) return;
    p->place = now;
    done(p, terminal_on_place(p->terminal, &now));
}

static void look_at_network(void *context)
{
    struct program *p = context;
    struct network_facts now =
        p->settings.network == NULL ? p->network : network_file_read(p->settings.network);
    look_at_place(p);
    if (!network_file_same(&now, &p->network)) {
        p->network = now;
        log_event(&p->log, LOG_INFO, "network", LOG_INT("kind", now.kind),
                  LOG_INT("security", now.security), LOG_INT("captive", now.captive));
        done(p, terminal_on_network(p->terminal, &now));
    }
    done(p, loop_timer_set(p->loop, &p->network_timer, NETWORK_LOOK_MS));
}

static void watch_network(struct program *p)
{
    if (p->settings.network == NULL && p->settings.place == NULL) return;
    p->network_timer = (struct loop_timer){.run = look_at_network, .context = p};
    if (p->settings.network != NULL) { /* without it a cable, as far as anybody has said */
        p->network = network_file_read(p->settings.network);
        done(p, terminal_on_network(p->terminal, &p->network));
    }
    look_at_place(p);
    done(p, loop_timer_set(p->loop, &p->network_timer, NETWORK_LOOK_MS));
}

/* ---- what the terminal says ---- */

static void show(void *context, const struct screen *screen)
{
    struct program *p = context;
    err e = terminal_page_show(p->page, screen);
    if (FAILED(e))
        log_event(&p->log, LOG_ERROR, "screen_not_shown", LOG_TEXT("id", screen->id), LOG_ERR(e));
}

static void speak(void *context, const struct speech *speech)
{
    struct program *p = context;
    /* When a customer enters a digit is nobody's to read: the guide is not logged (guide.h). */
    if (speech->number >= TERMINAL_GUIDE_SPEECH) return;
    log_event(&p->log, LOG_INFO, "speak", LOG_INT("number", speech->number),
              LOG_TEXT("text", speech->text));
}

static void print(void *context, const struct terminal_receipt *receipt)
{
    struct program *p = context;
    log_event(&p->log, LOG_INFO, "print", LOG_INT("number", receipt->number),
              LOG_INT("reprint", receipt->reprint), LOG_INT("copy", receipt->copy),
              LOG_INT("lines", receipt->receipt->count));
}

/* ---- time ---- */

static void due(void *context)
{
    struct program *p = context;
    done(p, terminal_tick(p->terminal));
}

/* After everything else of an iteration: look at notices, connect if asked to, set the alarm. */
static void before_wait(void *context)
{
    struct program *p = context;
    if (p->vault.noticed) {
        p->vault.noticed = false;
        done(p, terminal_on_notice(p->terminal));
        if (p->vault.noticed) loop_again(p->loop); /* one more, meanwhile */
    }
    if (p->host.connect) connect_host(p);
    if (p->manage.connect) connect_manage(p);
    int64_t next_ms = terminal_next_ms(p->terminal);
    if (next_ms < 0) loop_timer_cancel(p->loop, &p->timer);
    else done(p, loop_timer_set(p->loop, &p->timer, next_ms));
}

/* ---- start ---- */

static err fail(struct process_fault *fault, err e, const char *what, const char *advice)
{
    snprintf(fault->text, sizeof fault->text, "%s: %s; %s", what, err_text(e), advice);
    return e;
}

/* HOST:PORT into its parts. */
static err parse_peer(const char *text, const char *advice, struct peer *peer,
                      struct process_fault *fault)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text) return fail(fault, ERR(CONFIG), text, advice);
    struct reader digits = reader_over(bytes_text(colon + 1));
    size_t count = strlen(colon + 1);
    unsigned port = count >= 1 && count <= 5 ? read_digits(&digits, count) : 0;
    if (digits.fault != ERR_OK || port == 0 || port > 65535)
        return fail(fault, ERR(CONFIG), text, advice);
    peer->port = (uint16_t)port;
    err e = bytes_to_text(bytes_of(text, (size_t)(colon - text)), peer->name, sizeof peer->name);
    return FAILED(e) ? fail(fault, ERR(CONFIG), text, advice) : OK;
}

static err parse_peers(struct program *p, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    TRY(parse_peer(s->host, "--host is HOST:PORT, a numeric address or localhost", &p->host,
                   fault));
    if (s->manage == NULL) return OK;
    return parse_peer(s->manage, "--manage is HOST:PORT, a numeric address or localhost",
                      &p->manage, fault);
}

static err open_store(struct program *p, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_CREATE, .busy_ms = 1000};
    err e = file_path(p->settings.state, "terminal.db", path, sizeof path);
    if (FAILED(e)) return fail(fault, e, p->settings.state, "choose a shorter --state");
    e = store_open(path, &options, &why, &p->store);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return e;
}

static err open_vault_and_tray(struct program *p, struct process_fault *fault)
{
    err e = rpc_connect(&p->vault, p->settings.vault, VAULT_WAIT_MS, VAULT_FRAME_MAX);
    if (e.code == ERR_CONFIG) return fail(fault, e, p->settings.vault, "choose a shorter --vault");
    TRY(rpc_listen(&p->vault, p->loop, vault_notice));
    if (p->settings.tray == NULL) return OK;
    p->tray = calloc(1, sizeof *p->tray);
    if (p->tray == NULL) return ERR(NO_MEMORY);
    e = tray_connect(p->tray, p->settings.tray);
    return FAILED(e) ? fail(fault, e, p->settings.tray, "choose a shorter --tray") : OK;
}

static err open_page(struct program *p, struct process_fault *fault)
{
    char what[64];
    struct terminal_page_options options = {
        .loop = p->loop,
        .port = (uint16_t)p->settings.http,
        .directory = p->settings.web,
        .speech = p->settings.speech,
        .tray = p->tray,
        .log = &p->log,
        .done = done,
        .context = p,
    };
    err e = terminal_page_open(&options, &p->page);
    snprintf(what, sizeof what, "page on port %lld", (long long)p->settings.http);
    if (e.code == ERR_BUSY)
        return fail(fault, e, what, "choose another --http, or 0 for a free one");
    return FAILED(e) ? fail(fault, e, what, "is --web the directory that holds index.html?") : OK;
}

static err open_terminal(struct program *p, struct process_fault *fault)
{
    const struct terminal_config config = {
        .clock = clock_system(),
        .log = &p->log,
        .store = p->store,
        .profile = PAYMENT_PROFILE_TONGBAO,
        .version = TONGBAO_VERSION,
        .support = p->settings.support,
        .watch_ms = TERMINAL_WATCH_MS,
    };
    struct terminal_ports ports = {p,         ask_vault, host_connect, host_close,
                                   host_send, show,      speak,        print};
    if (p->settings.manage != NULL) {
        ports.manage_connect = manage_connect;
        ports.manage_close = manage_close;
        ports.manage_send = manage_send;
        ports.manage_connect_bare = manage_connect_bare;
    }
    err e = terminal_open(&config, &ports, &p->terminal);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", store_error_text(p->store));
    return e;
}

static err open_pool(struct program *p, struct peer *peer, unsigned prefix, size_t max)
{
    const struct stream_pool_options options = {
        .loop = p->loop,
        .streams_max = HOST_STREAMS,
        .frame = {.prefix = prefix, .max = max},
    };
    return stream_pool_create(&options, &peer->pool);
}

static err start(struct program *p, struct process_fault *fault)
{
    const struct loop_options loop_options = {.clock = clock_system(), .stop_on_signals = true};
    TRY(parse_peers(p, fault));
    TRY(open_store(p, fault));
    TRY(loop_create(&loop_options, &p->loop));
    TRY(open_pool(p, &p->host, 2, ISO8583_FRAME_MAX));
    TRY(open_pool(p, &p->manage, 4, DEVICE_FRAME_MAX));
    TRY(open_vault_and_tray(p, fault));
    TRY(open_page(p, fault));
    TRY(open_terminal(p, fault));
    terminal_page_serve(p->page, p->terminal);
    p->timer = (struct loop_timer){.run = due, .context = p};
    p->before_wait = (struct loop_hook){.run = before_wait, .context = p};
    loop_before_wait(p->loop, LOOP_COMMIT, &p->before_wait);
    return OK;
}

static void stop(struct program *p)
{
    stream_pool_destroy(p->host.pool);
    stream_pool_destroy(p->manage.pool);
    tls_destroy(p->host.tls);
    tls_destroy(p->manage.tls);
    tls_destroy(p->manage.bare);
    terminal_close(p->terminal);
    terminal_page_close(p->page);
    rpc_close(&p->vault);
    loop_destroy(p->loop);
    store_close(p->store);
    if (p->tray != NULL) tray_disconnect(p->tray);
    free(p->tray);
}

static int run(const struct process_program *program, struct program *p)
{
    struct process_fault fault = {"cannot start"};
    int lock = -1;
    if (FAILED(process_state_directory(p->settings.state, &fault)) ||
        FAILED(process_lock(p->settings.state, &lock, &fault)) || FAILED(start(p, &fault))) {
        process_complain(program, "%s", fault.text);
        return PROCESS_EXIT_FAILED;
    }
    watch_network(p);
    done(p, terminal_boot(p->terminal));
    process_settle();
    process_ready((int)p->settings.ready_fd, "port=%u", terminal_page_port(p->page));
    err e = loop_run(p->loop);
    if (FAILED(e)) done(p, e);
    return p->status;
}

int main(int argc, char **argv)
{
    static struct program p = {
        .settings = {.ready_fd = -1}, .vault = {.fd = -1}, .status = EXIT_SUCCESS};
    struct settings *s = &p.settings;
    const struct process_option options[] = {
        {"state", "DIR", "where terminal.db is; nobody else may enter it", .text = &s->state,
         .required = true},
        {"vault", "PATH", "the socket of this terminal's tongbao-vault", .text = &s->vault,
         .required = true},
        {"host", "HOST:PORT", "the acquirer; a numeric address or localhost", .text = &s->host,
         .required = true},
        {"manage", "HOST:PORT", "the back office's device channel; without it the rest works",
         .text = &s->manage},
        {"network", "FILE", "what network the device is on, as its driver writes it; see network.h",
         .text = &s->network},
        {"place", "FILE", "where the device is, as its positioning driver writes it; see network.h",
         .text = &s->place},
        {"support", "NUMBER", "telephone number of customer service, for the screens",
         .text = &s->support},
        {"http", "PORT", "where the page connects, on 127.0.0.1; 0 takes a free one",
         .number = &s->http, .max = 65535},
        {"web", "DIR", "the built page", .text = &s->web},
        {"speech", "DIR", "the clips that tools/speech made", .text = &s->speech},
        {"tray", "PATH", "demo only: the tray of tongbao-simulators", .text = &s->tray},
        {"ready-fd", "N", "write a line to this descriptor when ready", .number = &s->ready_fd,
         .max = 1023},
    };
    const struct process_program program = {
        .name = "tongbao-terminal",
        .version = TONGBAO_VERSION,
        .summary = "The point of sale: takes payments and shows its screens to a page.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    if (FAILED(process_harden())) {
        process_complain(&program, "cannot switch core dumps off");
        return PROCESS_EXIT_FAILED;
    }
    int status = process_options(&program, argc, argv, NULL);
    if (status >= 0) return status;
    p.log = log_to_fd(2, "tongbao-terminal", clock_system());
    status = run(&program, &p);
    stop(&p);
    return status;
}
