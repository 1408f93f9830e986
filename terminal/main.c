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
#include "lib/wire/vault_protocol.h"
#include "terminal/http.h"
#include "terminal/terminal.h"

enum {
    VAULT_WAIT_MS = 10000, /* a password takes the vault most of a second */
    HOST_STREAMS = 4,      /* one, and old ones that are still closing */
};

struct settings {
    const char *state, *vault, *host, *web, *speech, *tray;
    int64_t http, ready_fd;
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
    struct stream_pool *pool;
    struct stream *host; /* NULL: not connected and not connecting */
    struct tls *tls;     /* made when the vault has a certificate */
    char host_name[TLS_NAME_MAX];
    uint16_t host_port;
    bool connect; /* asked for by the terminal, done before the next wait */
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

static err make_tls(struct program *p)
{
    struct reader body;
    struct bytes own, ca;
    struct tls_fault fault = {""};
    TRY(vault_command(p, VAULT_TLS_CERTIFICATES, NULL, &body));
    TRY(vault_read_pair(&body, &own, &ca));
    struct tls_options options = {
        .ca = {.pem = ca}, .certificate = {.pem = own}, .signer = {sign, p}};
    err e = tls_client_create(&options, p->host_name, &fault, &p->tls);
    if (FAILED(e))
        log_event(&p->log, LOG_ERROR, "tls_not_ready", LOG_TEXT("why", fault.text), LOG_ERR(e));
    return e;
}

/* ---- the host ---- */

static void host_open(struct stream *stream)
{
    struct program *p = stream_owner(stream);
    if (stream != p->host) return;
    log_event(&p->log, LOG_INFO, "host_connected", LOG_TEXT("peer", stream_peer_name(stream)));
    done(p, terminal_on_host_state(p->terminal, true, NULL));
}

static void host_frame(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    if (stream == p->host) done(p, terminal_on_host(p->terminal, frame));
}

static void host_closed(struct stream *stream, err reason)
{
    struct program *p = stream_owner(stream);
    (void)reason;
    if (stream != p->host) return;
    p->host = NULL;
    done(p, terminal_on_host_state(p->terminal, false, stream_reason_text(stream)));
}

static void host_connect(void *context)
{
    struct program *p = context;
    p->connect = true;
    loop_again(p->loop);
}

static void host_close(void *context)
{
    struct program *p = context;
    struct stream *old = p->host;
    p->host = NULL;
    p->connect = false;
    if (old != NULL) stream_close(old, OK);
}

static void host_send(void *context, struct bytes frame)
{
    struct program *p = context;
    if (p->host != NULL) stream_send(p->host, frame);
}

/* "localhost" is the one name that is an address by itself; others are not looked up. */
static const char *host_address(const struct program *p)
{
    return strcmp(p->host_name, "localhost") == 0 ? "127.0.0.1" : p->host_name;
}

static void connect_now(struct program *p)
{
    const struct stream_events events = {host_open, host_frame, host_closed, p};
    p->connect = false;
    err e = p->tls == NULL ? make_tls(p) : OK;
    if (!FAILED(e))
        e = stream_connect_tcp(p->pool, host_address(p), p->host_port, p->tls, &events, &p->host);
    if (!FAILED(e)) return;
    p->host = NULL;
    done(p, terminal_on_host_state(p->terminal, false, err_text(e)));
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

/* After everything else of an iteration: connect if asked to, and set the alarm anew. */
static void before_wait(void *context)
{
    struct program *p = context;
    if (p->connect) connect_now(p);
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
static err parse_host(struct program *p, struct process_fault *fault)
{
    static const char advice[] = "--host is HOST:PORT, a numeric address or localhost";
    const char *text = p->settings.host, *colon = strrchr(text, ':');
    if (colon == NULL || colon == text) return fail(fault, ERR(CONFIG), text, advice);
    struct reader digits = reader_over(bytes_text(colon + 1));
    size_t count = strlen(colon + 1);
    unsigned port = count >= 1 && count <= 5 ? read_digits(&digits, count) : 0;
    if (digits.fault != ERR_OK || port == 0 || port > 65535)
        return fail(fault, ERR(CONFIG), text, advice);
    p->host_port = (uint16_t)port;
    err e =
        bytes_to_text(bytes_of(text, (size_t)(colon - text)), p->host_name, sizeof p->host_name);
    return FAILED(e) ? fail(fault, ERR(CONFIG), text, advice) : OK;
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
    };
    const struct terminal_ports ports = {p,         ask_vault, host_connect, host_close,
                                         host_send, show,      speak,        print};
    err e = terminal_open(&config, &ports, &p->terminal);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", store_error_text(p->store));
    return e;
}

static err start(struct program *p, struct process_fault *fault)
{
    const struct loop_options loop_options = {.clock = clock_system(), .stop_on_signals = true};
    TRY(parse_host(p, fault));
    TRY(open_store(p, fault));
    TRY(loop_create(&loop_options, &p->loop));
    const struct stream_pool_options pool_options = {
        .loop = p->loop,
        .streams_max = HOST_STREAMS,
        .frame = {.prefix = 2, .max = ISO8583_FRAME_MAX},
    };
    TRY(stream_pool_create(&pool_options, &p->pool));
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
    stream_pool_destroy(p->pool);
    tls_destroy(p->tls);
    terminal_close(p->terminal);
    terminal_page_close(p->page);
    loop_destroy(p->loop);
    store_close(p->store);
    rpc_close(&p->vault);
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
    done(p, terminal_boot(p->terminal));
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
