/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao-hsm: the core behind a Unix socket. Options, state, the loop; no decisions. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "hsm/ceremony_console.h"
#include "hsm/hsm.h"
#include "hsm/limits.h"
#include "hsm/state.h"
#include "lib/base/clock_turned.h"
#include "lib/base/file.h"
#include "lib/crypto/keyblock.h"
#include "lib/wire/hsm_protocol.h"
#include "lib/wire/stream.h"

struct settings {
    struct hsm_state_options state;
    const char *socket, *ceremony;
    struct hsm_token_options token;
    int64_t ready_fd, console_fd, pin_fd;
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

static void log_master(const struct log *log, const struct hsm_master *master, bool made)
{
    uint8_t text[2 * KEY_CHECK_BYTES];
    struct writer w = writer_over(text, sizeof text);
    write_hex_upper(&w, BYTES_OF(master->kcv));
    log_event(log, made ? LOG_WARN : LOG_INFO, made ? "master_key_made" : "master_key_loaded",
              LOG_BYTES("kcv", writer_view(&w)), LOG_INT("development", master->development),
              LOG_INT("in_token", master->in_token));
}

/* The log of the state directory, from its first line: an altered one stops the start. */
static err open_audit(const struct settings *settings, struct hsm_audit *ret_audit,
                      struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    uint64_t entry = 0;
    err e = file_path(settings->state.directory, "audit.log", path, sizeof path);
    if (!FAILED(e)) e = hsm_audit_open(path, clock_system(), ret_audit, &entry);
    if (e.code == ERR_CORRUPT)
        snprintf(fault->text, sizeof fault->text,
                 "audit.log in the state directory was altered at entry %llu; find out by whom, "
                 "keep it, and move it away: a new one is begun",
                 (unsigned long long)entry);
    else if (FAILED(e))
        snprintf(fault->text, sizeof fault->text,
                 "audit.log in the state directory cannot be used: %s", err_text(e));
    return e;
}

/* Makes a key from its custodians' components instead of serving; the block goes to stdout. */
static int hold_ceremony(const struct process_program *program, const struct settings *settings,
                         struct crypto *crypto, const struct hsm_master *master,
                         struct hsm_audit *audit)
{
    uint8_t block[KEYBLOCK_MAX];
    struct writer w = writer_over(block, sizeof block);
    CLEANUP(key_wipe) struct key key = {0};
    if (master->development && !settings->state.development)
        return fail(program, "the master key was made in development; start with --development");
    err e = ceremony_console((int)settings->console_fd, ceremony_kind_of(settings->ceremony),
                             crypto, audit, &key);
    if (!FAILED(e)) e = keyblock_wrap_derived(crypto, &master->keys, &key, &w);
    if (FAILED(e))
        return fail(program, "the ceremony made no key; begin again with all custodians");
    bool written = printf("%.*s\n", (int)w.len, (const char *)block) > 0 && fflush(stdout) == 0;
    return written ? EXIT_SUCCESS : fail(program, "standard output cannot be written");
}

static int serve_hsm(const struct process_program *program, const struct settings *settings,
                     const struct hsm_master *master, struct hsm_audit *audit,
                     const struct log *log)
{
    const struct hsm_config config = {random_system(), log, settings->state.development, audit};
    static struct server server; /* its answer buffer is too large for the stack's taste */
    err e = hsm_open(&config, master, &server.hsm);
    if (e.code == ERR_CONFIG)
        return fail(program,
                    "the master key was made in development and may protect known test "
                    "keys; start with --development, or --initialise a new state directory");
    if (FAILED(e)) return fail(program, err_text(e));
    e = serve(settings, &server, master, log);
    struct hsm_counts counts = hsm_counts(server.hsm);
    log_event(log, LOG_INFO, "stopped", LOG_INT("commands", counts.commands),
              LOG_INT("refusals", counts.refusals), LOG_INT("misses", counts.misses));
    hsm_close(server.hsm);
    if (!FAILED(e)) return EXIT_SUCCESS;
    process_complain(program, "cannot serve %s: %s; is another tongbao-hsm running there?",
                     settings->socket, err_text(e));
    return PROCESS_EXIT_FAILED;
}

/* The ceremony of a master key comes before there is one; every other needs it. */
static err load_master(struct settings *settings, struct crypto *crypto, struct hsm_audit *audit,
                       struct hsm_master *ret_master, bool *ret_made, struct process_fault *fault)
{
    CLEANUP(key_wipe) struct key key = {0};
    bool of_master =
        settings->ceremony != NULL && ceremony_kind_of(settings->ceremony) == CEREMONY_MASTER;
    if (of_master) {
        snprintf(fault->text, sizeof fault->text,
                 "the ceremony made no master key; begin again with all custodians");
        TRY(hsm_state_absent(&settings->state, fault));
        TRY(ceremony_console((int)settings->console_fd, CEREMONY_MASTER, crypto, audit, &key));
        settings->state.initialise = true;
        settings->state.master = &key;
    }
    err e = hsm_state_load(&settings->state, crypto, ret_master, ret_made, fault);
    settings->state.master = NULL;
    return e;
}

/* What the program was started for; the ceremony of a master key has ended by now. */
static int run_with_master(const struct process_program *program, const struct settings *settings,
                           struct crypto *crypto, const struct hsm_master *master,
                           struct hsm_audit *audit, const struct log *log)
{
    if (settings->ceremony == NULL) return serve_hsm(program, settings, master, audit, log);
    if (ceremony_kind_of(settings->ceremony) == CEREMONY_MASTER) return EXIT_SUCCESS;
    return hold_ceremony(program, settings, crypto, master, audit);
}

/*
 * The master key is not needed any more: its two derived keys do. OpenSSL's contexts hold the last
 * key that they were used with, so they are made anew.
 */
static err forget_master_key(struct crypto *crypto, struct hsm_master *master)
{
    key_wipe(&master->key);
    crypto_close(crypto);
    return crypto_open(random_system(), crypto);
}

static int run(const struct process_program *program, struct settings *settings,
               const struct log *log)
{
    struct process_fault fault = {"cannot start"};
    int lock = -1;
    if (FAILED(process_state_directory(settings->state.directory, &fault)) ||
        FAILED(process_lock(settings->state.directory, &lock, &fault)))
        return fail(program, fault.text);

    static struct hsm_audit audit;
    struct crypto crypto;
    if (FAILED(open_audit(settings, &audit, &fault))) return fail(program, fault.text);
    if (FAILED(crypto_open(random_system(), &crypto)))
        return fail(program, "OpenSSL lacks a cipher that is needed (TDES, AES, SM4); install "
                             "OpenSSL 3 with its default provider");
    CLEANUP(hsm_master_wipe) struct hsm_master master = {0};
    bool made = false;
    err e = load_master(settings, &crypto, &audit, &master, &made, &fault);
    if (!FAILED(e)) e = forget_master_key(&crypto, &master);
    if (!FAILED(e)) {
        log_master(log, &master, made);
        e = hsm_audit_write(&audit, made ? "master_key_made" : "started", "%s",
                            master.development ? "development" : "production");
    }
    int status = FAILED(e) ? fail(program, fault.text)
                           : run_with_master(program, settings, &crypto, &master, &audit, log);
    crypto_close(&crypto);
    return status;
}

/* What else a token's start may not have. */
static const char *adoption_misuse(const struct hsm_state_options *state)
{
    if (state->adopt && state->initialise)
        return "--pkcs11-adopt is for a master key that is there: leave --initialise out";
    if (state->passphrase_file != NULL && !state->adopt)
        return "a token takes the passphrase's place: leave --passphrase-file out, or give "
               "--pkcs11-adopt to keep the master key in the token from now on";
    return NULL;
}

/* A token needs all of its options, and takes the passphrase's place. */
static const char *token_misuse(struct settings *settings)
{
    const struct hsm_token_options *token = &settings->token;
    bool any = token->module != NULL || token->label != NULL || settings->pin_fd >= 0;
    if (!any) return settings->state.adopt ? "--pkcs11-adopt needs --pkcs11-module" : NULL;
    if (token->module == NULL || token->label == NULL || settings->pin_fd < 0)
        return "a token needs --pkcs11-module, --pkcs11-label and --pkcs11-pin-fd";
    if (settings->pin_fd == settings->console_fd)
        return "--pkcs11-pin-fd and --console-fd must be two descriptors";
    settings->token.pin_fd = (int)settings->pin_fd;
    settings->state.token = token;
    return adoption_misuse(&settings->state);
}

/* Serving needs a socket; a ceremony needs a kind that there is, and no socket. */
static const char *misuse(const struct settings *settings)
{
    if (settings->ceremony == NULL)
        return settings->socket == NULL ? "--socket PATH is needed" : NULL;
    if (settings->socket != NULL)
        return "a ceremony is held while the hsm does not serve: leave --socket out";
    if (settings->console_fd < 0)
        return "a ceremony needs --console-fd N, where the custodians type: --console-fd 3 "
               "3</dev/tty";
    return ceremony_kind_of(settings->ceremony) == CEREMONY_KINDS
               ? "--ceremony takes master, zone-master-tdes, zone-master-aes, base-tdes or base-aes"
               : NULL;
}

int main(int argc, char **argv)
{
    struct settings settings = {.ready_fd = -1, .console_fd = -1, .pin_fd = -1};
    const struct process_option options[] = {
        {"state", "DIR", "where the sealed master key is", .text = &settings.state.directory,
         .required = true},
        {"socket", "PATH", "the Unix socket where commands are taken", .text = &settings.socket},
        {"passphrase-file", "FILE", "the passphrase of the master key, in a file of mode 600",
         .text = &settings.state.passphrase_file},
        {"initialise", NULL, "make a new master key", .flag = &settings.state.initialise},
        {"development", NULL,
         "allow known keys to be imported, and a master key without passphrase",
         .flag = &settings.state.development},
        {"pkcs11-module", "FILE",
         "the library of a PKCS#11 token, which holds the master key instead of a passphrase's file",
         .text = &settings.token.module},
        {"pkcs11-label", "TEXT", "the label of that token", .text = &settings.token.label},
        {"pkcs11-pin-fd", "N", "where its PIN is read: 3 or above, as in 3</dev/tty",
         .number = &settings.pin_fd, .min = 3, .max = 1023},
        {"pkcs11-adopt", NULL,
         "open the master key as before, once, and keep it in the token from now on",
         .flag = &settings.state.adopt},
        {"ceremony", "KIND",
         "make a key from custodians' components instead of serving: master, zone-master-tdes, "
         "zone-master-aes, base-tdes, base-aes",
         .text = &settings.ceremony},
        {"console-fd", "N", "where the custodians type: 3 or above, as in 3</dev/tty",
         .number = &settings.console_fd, .min = 3, .max = 1023},
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
    const char *wrong = misuse(&settings);
    if (wrong == NULL) wrong = token_misuse(&settings);
    if (wrong == NULL && clock_turned_file() != NULL && !settings.state.development)
        wrong = "--turned-clock is for demos: it wants --development";
    if (wrong != NULL) return fail(&program, wrong);
    struct log log = log_to_fd(2, "tongbao-hsm", clock_system());
    return run(&program, &settings, &log);
}
