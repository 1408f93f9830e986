/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-hsm: the core behind a Unix socket. Options, state, the loop; no decisions. */
#include <signal.h>
#include <stdlib.h>

#include "hsm/hsm.h"
#include "hsm/limits.h"
#include "hsm/state.h"
#include "lib/wire/hsm_protocol.h"
#include "lib/wire/stream.h"

struct settings {
    struct hsm_state_options state;
    const char *socket;
    int64_t ready_fd;
};

/* What the callbacks of the sockets see. */
struct server {
    struct hsm *hsm;
    uint8_t answer[HSM_FRAME_MAX];
};

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct server *server = stream_owner(stream);
    struct writer w = writer_over(server->answer, sizeof server->answer);
    err e = hsm_execute(server->hsm, frame, &w);
    ENSURE(!FAILED(e)); /* every answer fits into HSM_FRAME_MAX */
    stream_send(stream, writer_view(&w));
}

static int fail(const struct process_program *program, const char *text)
{
    process_complain(program, "%s", text);
    return PROCESS_EXIT_FAILED;
}

/* Serves until a signal ends it. */
static err serve(const struct settings *settings, struct server *server,
                 const struct hsm_master *master, const struct log *log)
{
    struct loop_options loop_options = {.clock = clock_system(), .stop_on_signals = true};
    struct loop *loop = NULL;
    TRY(loop_create(&loop_options, &loop));
    const struct stream_pool_options pool_options = {
        .loop = loop,
        .streams_max = HSM_STREAMS_MAX,
        .frame = {.prefix = 4, .max = HSM_FRAME_MAX},
        /* A client may have many commands under way: room for a few hundred of their answers. */
        .in_max = 256 * 1024,
        .out_max = 1024 * 1024,
    };
    struct stream_pool *pool = NULL;
    err e = stream_pool_create(&pool_options, &pool);
    const struct stream_events events = {.on_frame = on_frame, .owner = server};
    struct stream_listener *listener = NULL;
    if (!FAILED(e)) e = stream_listen_unix(pool, settings->socket, 0, &events, &listener);
    if (!FAILED(e)) {
        uint8_t public_hex[2 * TRANSPORT_KEY_BYTES];
        struct writer w = writer_over(public_hex, sizeof public_hex);
        write_hex(&w, BYTES_OF(master->transport.public_key));
        log_event(log, LOG_INFO, "ready", LOG_TEXT("socket", settings->socket),
                  LOG_INT("development", settings->state.development));
        process_ready((int)settings->ready_fd, "socket=%s public=%.*s", settings->socket,
                      (int)w.len, (const char *)public_hex);
        e = loop_run(loop);
    }
    stream_pool_destroy(pool);
    loop_destroy(loop);
    return e;
}

static void log_master(const struct log *log, struct crypto *crypto,
                       const struct hsm_master *master, bool made)
{
    uint8_t kcv[KEY_CHECK_BYTES], text[2 * KEY_CHECK_BYTES];
    if (FAILED(key_check_value(crypto, &master->key, kcv))) return;
    struct writer w = writer_over(text, sizeof text);
    write_hex_upper(&w, BYTES_OF(kcv));
    log_event(log, made ? LOG_WARN : LOG_INFO, made ? "master_key_made" : "master_key_loaded",
              LOG_BYTES("kcv", writer_view(&w)), LOG_INT("development", master->development));
}

static int run(const struct process_program *program, const struct settings *settings,
               const struct log *log)
{
    struct process_fault fault = {"cannot start"};
    int lock = -1;
    if (FAILED(process_state_directory(settings->state.directory, &fault)) ||
        FAILED(process_lock(settings->state.directory, &lock, &fault)))
        return fail(program, fault.text);

    struct crypto crypto;
    if (FAILED(crypto_open(random_system(), &crypto)))
        return fail(program, "OpenSSL lacks a cipher that is needed (TDES, AES, SM4); install "
                             "OpenSSL 3 with its default provider");
    CLEANUP(hsm_master_wipe) struct hsm_master master = {0};
    bool made = false;
    err e = hsm_state_load(&settings->state, &crypto, &master, &made, &fault);
    if (!FAILED(e)) log_master(log, &crypto, &master, made);
    crypto_close(&crypto);
    if (FAILED(e)) return fail(program, fault.text);

    const struct hsm_config config = {random_system(), log, settings->state.development};
    static struct server server; /* its answer buffer is too large for the stack's taste */
    e = hsm_open(&config, &master, &server.hsm);
    if (e.code == ERR_CONFIG)
        return fail(program,
                    "the master key was made in development and may protect known test "
                    "keys; start with --development, or --initialise a new state directory");
    if (FAILED(e)) return fail(program, err_text(e));
    e = serve(settings, &server, &master, log);
    struct hsm_counts counts = hsm_counts(server.hsm);
    log_event(log, LOG_INFO, "stopped", LOG_INT("commands", counts.commands),
              LOG_INT("refusals", counts.refusals), LOG_INT("misses", counts.misses));
    hsm_close(server.hsm);
    if (!FAILED(e)) return EXIT_SUCCESS;
    process_complain(program, "cannot serve %s: %s; is another tongbao-hsm running there?",
                     settings->socket, err_text(e));
    return PROCESS_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    struct settings settings = {.ready_fd = -1};
    const struct process_option options[] = {
        {"state", "DIR", "where the sealed master key is", .text = &settings.state.directory,
         .required = true},
        {"socket", "PATH", "the Unix socket where commands are taken", .text = &settings.socket,
         .required = true},
        {"passphrase-file", "FILE", "the passphrase of the master key, in a file of mode 600",
         .text = &settings.state.passphrase_file},
        {"initialise", NULL, "make a new master key", .flag = &settings.state.initialise},
        {"development", NULL,
         "allow known keys to be imported, and a master key without passphrase",
         .flag = &settings.state.development},
        {"ready-fd", "N", "write a line to this descriptor when ready",
         .number = &settings.ready_fd, .min = 0, .max = 1023},
    };
    const struct process_program program = {
        .name = "tongbao-hsm",
        .version = TONGBAO_VERSION,
        .summary = "Holds the host's keys: the only process that sees one in clear.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    if (FAILED(process_harden())) return fail(&program, "cannot switch core dumps off");
    int status = process_options(&program, argc, argv, NULL);
    if (status >= 0) return status;
    struct log log = log_to_fd(2, "tongbao-hsm", clock_system());
    return run(&program, &settings, &log);
}
