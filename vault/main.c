/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-vault: one vault behind a Unix socket, or one act of provisioning. Options, files, the
 * loop; no decisions. One client at a time: a vault serves one terminal.
 */
#include <stdlib.h>

#include "lib/base/clock_turned.h"
#include "lib/base/file.h"
#include "lib/wire/process.h"
#include "lib/wire/stream.h"
#include "lib/wire/vault_floor.h"
#include "lib/wire/vault_protocol_chip.h"
#include "vault/chip_reader.h"
#include "vault/device_file.h"
#include "vault/stripe_reader.h"
#include "vault/tamper_inputs.h"
#include "vault/virtual_reader.h"

/* One that runs, and the one that it has sent to fetch. */
enum { FLOOR_CLIENTS = 2 };

struct settings {
    const char *state, *socket, *floor, *reader, *stripe, *card_reader, *card_service, *serial,
        *model, *provision;
    bool initialise;
    int64_t ready_fd, secrets_fd;
};

/* The drivers of the reader for stripes: at most one of them is used. */
struct readers {
    struct virtual_reader tray;
    struct stripe_reader stripe;
};

/* What the callbacks of the socket see. */
struct server {
    struct vault *vault;
    const struct log *log;
    struct loop *loop;
    struct stream *terminal; /* who has asked last; NULL: nobody is there */
    struct chip_reader chips;
    struct stripe_reader *stripe; /* NULL: none */
    struct loop_timer look;       /* at the tamper inputs */
    bool failed;
    uint8_t answer[VAULT_FRAME_MAX];
};

static int fail(const struct process_program *program, const char *text)
{
    process_complain(program, "%s", text);
    return PROCESS_EXIT_FAILED;
}

/* The store is gone: a vault that cannot count tries must not answer. */
static void give_up(struct server *server, err e)
{
    log_event(server->log, LOG_ERROR, "store_lost", LOG_ERR(e));
    server->failed = true;
    loop_stop(server->loop);
}

static void give_notice(void *context)
{
    struct server *server = context;
    if (server->terminal != NULL) stream_send(server->terminal, vault_notice);
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct server *server = stream_owner(stream);
    server->terminal = stream;
    struct writer w = writer_over(server->answer, sizeof server->answer);
    err done = vault_execute(server->vault, frame, &w);
    if (FAILED(done)) {
        give_up(server, done);
        return;
    }
    stream_send(stream, writer_view(&w));
    explicit_bzero(server->answer, w.len);
}

/* The program that starts the terminal's: beside it, and asks one thing. */
static void on_floor_frame(struct stream *stream, struct bytes frame)
{
    struct server *server = stream_owner(stream);
    uint8_t answer[VAULT_FLOOR_FRAME_MAX];
    struct writer w = writer_over(answer, sizeof answer);
    err done = vault_execute_for_updater(server->vault, frame, &w);
    if (FAILED(done)) give_up(server, done);
    else stream_send(stream, writer_view(&w));
}

static void on_close(struct stream *stream, err reason)
{
    struct server *server = stream_owner(stream);
    server->terminal = NULL;
    vault_forget_session(server->vault);
    log_event(server->log, LOG_INFO, "terminal_gone", LOG_ERR(reason));
}

static void on_look(void *context)
{
    struct server *server = context;
    err e = vault_watch(server->vault);
    if (!FAILED(e)) e = loop_timer_set(server->loop, &server->look, TAMPER_LOOK_MS);
    if (FAILED(e)) give_up(server, e);
}

/* A pool of its own: nobody there takes the terminal's place. */
static err listen_floor(const struct settings *settings, struct server *server,
                        struct stream_pool **ret_pool)
{
    const struct stream_pool_options options = {
        .loop = server->loop,
        .streams_max = FLOOR_CLIENTS,
        .frame = {.prefix = 4, .max = VAULT_FLOOR_FRAME_MAX},
    };
    const struct stream_events events = {.on_frame = on_floor_frame, .owner = server};
    struct stream_listener *listener = NULL;
    if (settings->floor == NULL) return OK;
    TRY(stream_pool_create(&options, ret_pool));
    return stream_listen_unix(*ret_pool, settings->floor, FLOOR_CLIENTS, &events, &listener);
}

/* Serves until a signal ends it. */
static err serve(const struct settings *settings, struct server *server)
{
    const struct loop_options loop_options = {.clock = clock_system(), .stop_on_signals = true};
    TRY(loop_create(&loop_options, &server->loop));
    const struct stream_pool_options pool_options = {
        .loop = server->loop,
        .streams_max = 1,
        .frame = {.prefix = 4, .max = VAULT_FRAME_MAX},
    };
    const struct stream_events events = {
        .on_frame = on_frame, .on_close = on_close, .owner = server};
    struct stream_pool *pool = NULL, *floor_pool = NULL;
    struct stream_listener *listener = NULL;
    vault_use_notice(server->vault, (struct vault_notice){give_notice, server});
    err e = vault_start_checkpoints(server->vault);
    if (!FAILED(e) && settings->card_reader != NULL)
        e = chip_reader_open(server->loop, settings->card_reader, settings->card_service,
                             server->vault, server->log, &server->chips);
    if (!FAILED(e) && server->stripe != NULL)
        e = stripe_reader_open(server->stripe, server->loop, clock_system(), server->log);
    if (!FAILED(e)) e = stream_pool_create(&pool_options, &pool);
    if (!FAILED(e)) e = stream_listen_unix(pool, settings->socket, 1, &events, &listener);
    if (!FAILED(e)) e = listen_floor(settings, server, &floor_pool);
    server->look = (struct loop_timer){.run = on_look, .context = server};
    if (!FAILED(e)) e = loop_timer_set(server->loop, &server->look, TAMPER_LOOK_MS);
    if (!FAILED(e)) {
        log_event(server->log, LOG_INFO, "ready", LOG_TEXT("socket", settings->socket),
                  LOG_INT("provisioned", vault_is_provisioned(server->vault)));
        process_settle();
        process_ready((int)settings->ready_fd, "socket=%s", settings->socket);
        e = loop_run(server->loop);
    }
    vault_use_notice(server->vault, (struct vault_notice){0});
    stream_pool_destroy(pool);
    stream_pool_destroy(floor_pool);
    chip_reader_close(&server->chips);
    if (server->stripe != NULL) stripe_reader_close(server->stripe);
    loop_destroy(server->loop);
    return e;
}

static int run_server(const struct process_program *program, const struct settings *settings,
                      struct vault *vault, const struct log *log, struct readers *readers)
{
    static struct server server; /* its answer buffer is too large for the stack's taste */
    server.vault = vault;
    server.log = log;
    server.stripe = settings->stripe != NULL ? &readers->stripe : NULL;
    err e = serve(settings, &server);
    if (FAILED(e)) {
        process_complain(program, "cannot serve %s: %s; is another tongbao-vault running there?",
                         settings->socket, err_text(e));
        return PROCESS_EXIT_FAILED;
    }
    log_event(log, LOG_INFO, "stopped", LOG_INT("failed", server.failed));
    if (!server.failed) return EXIT_SUCCESS;
    return fail(program, "the store has failed and cannot be opened again; see the log, free space "
                         "or replace the medium, and start again");
}

/* The one thing that this start is for. */
static int act(const struct process_program *program, const struct settings *settings,
               struct vault *vault, const struct log *log, struct readers *readers)
{
    struct vault_fault fault = {{0}};
    err e = OK;
    if (settings->initialise)
        e = device_initialise(vault, settings->state, bytes_text(settings->serial),
                              bytes_text(settings->model), &fault);
    else if (settings->provision != NULL)
        e = device_provision(vault, settings->provision, (int)settings->secrets_fd, &fault);
    else return run_server(program, settings, vault, log, readers);
    return FAILED(e) ? fail(program, fault.text) : EXIT_SUCCESS;
}

/* A file that is refused stops nobody from paying: it is logged and audited. */
static int take_blocklist(const struct process_program *program, const struct settings *settings,
                          struct vault *vault, const struct log *log)
{
    static uint8_t block[BLOCKLIST_FILE_MAX + 1]; /* one more: what is larger is refused as that */
    char path[FILE_PATH_MAX];
    size_t len = 0;
    enum blocklist_fault fault = BLOCKLIST_FAULT_NONE;
    err e = file_path(settings->state, BLOCKLIST_FILE_NAME, path, sizeof path);
    if (!FAILED(e)) e = file_read(path, FILE_PUBLIC, block, sizeof block, &len);
    if (e.code == ERR_LENGTH) len = sizeof block;
    else if (FAILED(e) && e.code != ERR_NOT_FOUND) return fail(program, err_text(e));
    e = vault_take_blocklist(vault, bytes_of(block, len), &fault);
    if (FAILED(e)) return fail(program, err_text(e));
    if (fault != BLOCKLIST_FAULT_NONE)
        log_event(log, LOG_WARN, "blocklist_refused", LOG_TEXT("why", blocklist_fault_word(fault)),
                  LOG_TEXT("cause", blocklist_fault_text(fault)));
    return EXIT_SUCCESS;
}

/* What of the vault is in files of its own; the ports that are made of them live as long. */
struct files {
    char store[STORE_PATH_MAX];
    struct device_counter counter_file;
    struct vault_counter counter;
    struct tamper_inputs inputs;
    struct vault_tamper_port tamper;
};

static err open_files(const struct settings *settings, struct readers *readers, struct files *files)
{
    struct virtual_reader *tray = settings->reader != NULL ? &readers->tray : NULL;
    TRY(file_path(settings->state, "vault.db", files->store, sizeof files->store));
    TRY(device_counter_open(settings->state, &files->counter_file, &files->counter));
    return tamper_inputs_open(&files->inputs, settings->state, clock_system(), tray,
                              &files->tamper);
}

/* The device key. An erased one opens nothing, but the terminal must be told why. */
static err take_key(const struct settings *settings, const struct random *random,
                    struct secret *key, struct vault_fault *fault)
{
    if (settings->initialise) return device_key_make(settings->state, random, key->at, fault);
    err e = device_key_read(settings->state, key->at, fault);
    return e.code == ERR_STATE && settings->socket != NULL ? OK : e;
}

static int named_act(const struct process_program *program, const struct settings *settings,
                     struct vault *vault, const struct log *log, struct readers *readers)
{
    int status = take_blocklist(program, settings, vault, log);
    if (status != EXIT_SUCCESS) return status;
    if (settings->reader != NULL &&
        FAILED(virtual_reader_name(&readers->tray, vault_serial(vault))))
        return fail(program, "the serial number is too long for the reader");
    return act(program, settings, vault, log, readers);
}

static struct vault_reader reader_of(const struct settings *settings, struct readers *readers)
{
    if (settings->reader != NULL) return virtual_reader_driver(&readers->tray);
    if (settings->stripe != NULL) return stripe_reader_driver(&readers->stripe);
    return (struct vault_reader){0};
}

static int open_and_act(const struct process_program *program, const struct settings *settings,
                        const struct log *log, struct readers *readers)
{
    CLEANUP(secret_wipe) struct secret key = {.len = VAULT_DEVICE_KEY_BYTES};
    struct vault_fault fault = {{0}};
    struct files files;
    const struct random random = random_system();
    if (FAILED(take_key(settings, &random, &key, &fault))) return fail(program, fault.text);
    if (FAILED(open_files(settings, readers, &files)))
        return fail(program, "--state: the path is too long");
    files.tamper.erased_kind = device_key_erased(key.at);
    const struct vault_config config = {
        .store_path = files.store,
        .store = {.mode = settings->initialise ? STORE_CREATE : STORE_OPEN},
        .clock = clock_system(),
        .random = random,
        .log = log,
        .device_key = secret_view(&key),
        .cost = password_cost_full(),
        .counter = files.counter,
        .tamper = files.tamper,
        .make_room = process_settle,
        .reader = reader_of(settings, readers),
    };
    struct vault *vault = NULL;
    err opened = vault_open(&config, &fault, &vault);
    secret_wipe(&key); /* from here on it is in guarded memory alone */
    if (FAILED(opened)) return fail(program, fault.text);
    int status = named_act(program, settings, vault, log, readers);
    vault_close(vault);
    return status;
}

static const char *wrong_combination(const struct settings *settings)
{
    bool provision = settings->provision != NULL, socket = settings->socket != NULL;
    if (settings->initialise + provision + socket != 1)
        return "one of --initialise, --provision and --socket is wanted; see --help";
    if (settings->reader != NULL && settings->stripe != NULL)
        return "--reader and --stripe are two drivers for one reader; choose one";
    if (socket && clock_turned_file() != NULL && settings->reader == NULL)
        return "--turned-clock is for demos: it wants --reader, the virtual one";
    if (settings->initialise && (settings->serial == NULL || settings->model == NULL))
        return "--initialise needs --serial and --model";
    if (provision && settings->secrets_fd < 0)
        return "--provision needs --secrets-fd: the initial passwords are shown there, once";
    return NULL;
}

static int run(const struct process_program *program, const struct settings *settings,
               const struct log *log)
{
    struct process_fault fault = {"cannot start"};
    int lock = -1;
    const char *wrong = wrong_combination(settings);
    if (wrong != NULL) {
        process_complain(program, "%s", wrong);
        return PROCESS_EXIT_USAGE;
    }
    if (FAILED(process_state_directory(settings->state, &fault)) ||
        FAILED(process_lock(settings->state, &lock, &fault)))
        return fail(program, fault.text);
    static struct readers readers = {.tray = {.rpc = {.fd = -1}}};
    if (settings->reader != NULL && FAILED(virtual_reader_open(&readers.tray, settings->reader)))
        return fail(program, "--reader: the path is too long for a socket");
    if (settings->stripe != NULL && FAILED(stripe_reader_name(&readers.stripe, settings->stripe)))
        return fail(program, "--stripe is serial:/dev/NAME[,BAUD], keys:/dev/input/NAME or "
                             "hid:/dev/hidrawN");
    int status = open_and_act(program, settings, log, &readers);
    virtual_reader_close(&readers.tray);
    return status;
}

int main(int argc, char **argv)
{
    struct settings settings = {.ready_fd = -1, .secrets_fd = -1};
    const struct process_option options[] = {
        {"state", "DIR", "where vault.db and device.key are; nobody else may enter it",
         .text = &settings.state, .required = true},
        {"socket", "PATH", "serve the terminal on this Unix socket", .text = &settings.socket},
        {"floor", "PATH",
         "with --socket: tell tongbao-update on this Unix socket below which version nothing starts",
         .text = &settings.floor},
        {"reader", "PATH", "with --socket: a card reader, the tray of tongbao-simulators",
         .text = &settings.reader},
        {"stripe", "DEVICE",
         "with --socket: a magnetic stripe reader, serial:/dev/NAME, keys:/dev/input/NAME or "
         "hid:/dev/hidrawN",
         .text = &settings.stripe},
        {"card-reader", "NAME",
         "with --socket: chip cards; what the names of its PC/SC readers begin with",
         .text = &settings.card_reader},
        {"card-service", "PATH", "with --card-reader: socket of a pcscd that is not the machine's",
         .text = &settings.card_service},
        {"initialise", NULL, "make this device's own keys, device.csr and device.public",
         .flag = &settings.initialise},
        {"serial", "SN", "with --initialise: the serial number", .text = &settings.serial},
        {"model", "M", "with --initialise: the model", .text = &settings.model},
        {"provision", "FILE", "take what `tongbao admin provision` has made",
         .text = &settings.provision},
        {"secrets-fd", "N", "with --provision: the initial passwords go there, once, as JSON",
         .number = &settings.secrets_fd, .min = 0, .max = 1023},
        {"ready-fd", "N", "write a line to this descriptor when ready",
         .number = &settings.ready_fd, .min = 0, .max = 1023},
    };
    const struct process_program program = {
        .name = "tongbao-vault",
        .version = TONGBAO_VERSION,
        .summary = "Holds a terminal's keys, reads cards, takes PINs and passwords.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    if (FAILED(process_harden())) return fail(&program, "cannot switch core dumps off");
    int status = process_options(&program, argc, argv, NULL);
    if (status >= 0) return status;
    struct log log = log_to_fd(2, "tongbao-vault", clock_system());
    return run(&program, &settings, &log);
}
