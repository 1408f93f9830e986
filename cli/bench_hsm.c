/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao bench hsm`: how many commands a second an hsm takes over its socket. It starts one of
 * its own, in development and in a directory that goes afterwards, makes keys as an acquirer would
 * have them, and keeps a window of commands under way, as an acquirer does. S195
 *
 * The hsm has one thread. Its own CPU time says what one core can do however busy the machine is;
 * the rate by the clock says what this machine did just now, with the client on another core.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/children.h"
#include "cli/commands.h"
#include "lib/base/clock.h"
#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/pin.h"
#include "lib/wire/hsm_protocol_cards.h"
#include "lib/wire/stream.h"

enum {
    WINDOW = 256,      /* commands under way: about what a commit group of the acquirer asks */
    REQUESTS = 64,     /* different ones, taken in turn */
    COMMANDS = 200000, /* each kind, at most */
    LEAST_MS = 1000,   /* each kind runs so long, unless it has made that many */
    WAIT_MS = 5000,    /* an hsm that is silent for so long has stopped */
    REQUEST_MAX = 1024
};

#define BENCH_PAN "6222020000000000017"

struct request {
    uint8_t at[REQUEST_MAX];
    size_t len;
};

struct text {
    uint8_t at[HSM_KEY_BLOCK_MAX];
    size_t len;
};

struct bench_hsm {
    struct children children;
    struct child *hsm;
    char directory[64], socket[96];
    struct loop *loop;
    struct stream_pool *pool;
    struct stream *stream;
    struct crypto crypto;
    struct clock clock;
    struct request request[REQUESTS];
    uint64_t sent, done, wanted;
    int64_t started_us, heard_us;
    bool failed;
    struct bytes answer; /* of the last command, when one alone was sent */
    uint8_t answer_at[HSM_FRAME_MAX];
};

static void send_next(struct bench_hsm *b)
{
    const struct request *r = &b->request[b->sent++ % REQUESTS];
    stream_send(b->stream, bytes_of(r->at, r->len));
}

/* Each answer makes room for one more command. */
static void on_frame(struct stream *stream, struct bytes frame)
{
    struct bench_hsm *b = stream_owner(stream);
    struct reader r = reader_over(frame);
    struct hsm_header header;
    enum hsm_status status;
    if (FAILED(hsm_read_answer(&r, &header, &status)) || status != HSM_OK) {
        fprintf(stderr, "tongbao bench hsm: command %u refused: %s\n", b->request[0].at[1],
                hsm_status_text(status));
        b->failed = true;
        return;
    }
    b->done++;
    b->heard_us = clock_monotonic_us(&b->clock);
    if (b->wanted == 1) {
        memcpy(b->answer_at, frame.at, frame.len);
        b->answer = bytes_of(b->answer_at, frame.len);
    }
    bool long_enough = b->wanted > 1 && b->done % WINDOW == 0 &&
                       clock_monotonic_us(&b->clock) - b->started_us > LEAST_MS * 1000;
    if (long_enough) b->wanted = b->sent;
    if (b->sent < b->wanted) send_next(b);
}

static void on_close(struct stream *stream, err reason)
{
    struct bench_hsm *b = stream_owner(stream);
    (void)reason;
    b->failed = true;
}

static err run_commands(struct bench_hsm *b, uint64_t wanted)
{
    b->sent = b->done = 0;
    b->wanted = wanted;
    b->started_us = b->heard_us = clock_monotonic_us(&b->clock);
    while (b->sent < wanted && b->sent < WINDOW) send_next(b);
    loop_again(b->loop); /* what was sent outside of an iteration leaves at the end of one */
    while (b->done < b->wanted && !b->failed) {
        uint64_t before = b->done;
        TRY(loop_once(b->loop, WAIT_MS));
        if (b->done == before && clock_monotonic_us(&b->clock) - b->heard_us > WAIT_MS * 1000)
            return ERR(TIMEOUT);
    }
    return b->failed ? ERR(CLOSED) : OK;
}

static struct writer begin(struct request *r, uint8_t command)
{
    struct writer w = writer_over(r->at, sizeof r->at);
    hsm_write_header(&w, command, 0);
    return w;
}

static err end(struct request *r, const struct writer *w)
{
    r->len = w->len;
    return (err){w->fault};
}

static err make_key(struct bench_hsm *b, uint8_t usage, uint8_t suite, struct bytes clear,
                    struct text *ret_block)
{
    const struct hsm_make_key m = {usage, suite, BYTES("bench"), {0}, clear};
    struct writer w = begin(&b->request[0], clear.len > 0 ? HSM_IMPORT_KEY : HSM_MAKE_KEY);
    hsm_write_make_key(&w, &m);
    TRY(end(&b->request[0], &w));
    TRY(run_commands(b, 1));
    struct reader r = reader_over(b->answer);
    struct hsm_header header;
    enum hsm_status status;
    struct hsm_key_answer answer;
    TRY(hsm_read_answer(&r, &header, &status));
    TRY(hsm_read_key_answer(&r, &answer));
    ENSURE(answer.block.len <= sizeof ret_block->at);
    memcpy(ret_block->at, answer.block.at, answer.block.len);
    ret_block->len = answer.block.len;
    return OK;
}

static struct bytes view(const struct text *text)
{
    return bytes_of(text->at, text->len);
}

/* A known key of a terminal or a base key: the bench plays the terminal, too. */
static const uint8_t known[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/* PIN blocks under `from` for each of the requests, to be translated to the zone's key. */
static err prepare_pins(struct bench_hsm *b, uint8_t suite)
{
    struct text from, to;
    bool dukpt = suite == HSM_SUITE_DUKPT_AES;
    uint8_t usage = dukpt ? HSM_KEY_BASE_DERIVATION : HSM_KEY_TERMINAL_PIN;
    enum key_algorithm algorithm = suite == HSM_SUITE_CUP ? KEY_TDES : KEY_AES128;
    CLEANUP(key_wipe) struct key key = {0};
    TRY(make_key(b, usage, suite, BYTES_OF(known), &from));
    TRY(make_key(b, HSM_KEY_ZONE_PIN, HSM_SUITE_TONGBAO, (struct bytes){0}, &to));
    TRY(key_make(algorithm, dukpt ? KEY_USAGE_BASE_DERIVATION : KEY_USAGE_PIN, BYTES_OF(known),
                 &key));
    for (uint32_t i = 0; i < REQUESTS; i++) {
        uint8_t ksn[DUKPT_AES_KSN_BYTES] = {9, 9, 9, 9, 0, 0, 0, (uint8_t)i, 0, 0, 0x35, 0x5a};
        CLEANUP(key_wipe) struct key pin_key = key;
        struct pin pin;
        struct pin_block block;
        if (dukpt) TRY(dukpt_aes_derive(&b->crypto, &key, ksn, DUKPT_PIN, KEY_AES128, &pin_key));
        TRY(pin_from_digits(BYTES("246810"), &pin));
        TRY(pin_block_encrypt(&b->crypto, &pin_key, suite == HSM_SUITE_CUP ? PIN_ISO0 : PIN_ISO4,
                              &pin, BYTES(BENCH_PAN), &block));
        const struct hsm_translate_pin m = {
            {suite, view(&from), dukpt ? BYTES_OF(ksn) : (struct bytes){0}},
            {HSM_SUITE_TONGBAO, view(&to), {0}},
            BYTES(BENCH_PAN),
            bytes_of(block.at, block.len)};
        struct writer w = begin(&b->request[i], HSM_TRANSLATE_PIN);
        hsm_write_translate_pin(&w, &m);
        TRY(end(&b->request[i], &w));
    }
    return OK;
}

/* Of a message as a terminal sends it: 256 bytes. */
static err prepare_cmacs(struct bench_hsm *b)
{
    static const uint8_t message[256];
    struct text key;
    TRY(make_key(b, HSM_KEY_ZONE_MAC, HSM_SUITE_TONGBAO, (struct bytes){0}, &key));
    for (size_t i = 0; i < REQUESTS; i++) {
        const struct hsm_cmac m = {view(&key), BYTES_OF(message), {0}};
        struct writer w = begin(&b->request[i], HSM_CMAC);
        hsm_write_cmac(&w, &m);
        TRY(end(&b->request[i], &w));
    }
    return OK;
}

/* Counters with one to sixteen ones, as many of each as there are requests for. */
static err prepare_derivations(struct bench_hsm *b)
{
    struct text base;
    TRY(make_key(b, HSM_KEY_BASE_DERIVATION, HSM_SUITE_DUKPT_AES, (struct bytes){0}, &base));
    for (uint32_t i = 0; i < REQUESTS; i++) {
        uint32_t counter = (2u << i % 16) - 1;
        uint8_t ksn[DUKPT_AES_KSN_BYTES] = {
            9, 9, 9, 9, 0, 0, 0, (uint8_t)i, 0, 0, (uint8_t)(counter >> 8), (uint8_t)counter};
        const struct hsm_dukpt_derive m = {{HSM_SUITE_DUKPT_AES, view(&base), BYTES_OF(ksn)},
                                           DUKPT_PIN};
        struct writer w = begin(&b->request[i], HSM_DUKPT_DERIVE);
        hsm_write_dukpt_derive(&w, &m);
        TRY(end(&b->request[i], &w));
    }
    return OK;
}

enum kind { KIND_PIN, KIND_PIN_CUP, KIND_PIN_DUKPT, KIND_CMAC, KIND_DERIVE, KINDS };

static const struct {
    const char *member, *text;
} kind_row[KINDS] = {
    [KIND_PIN] = {"pin_translation", "PIN translation, AES to AES (ISO 9564 format 4)"},
    [KIND_PIN_CUP] = {"pin_translation_tdes", "PIN translation, TDES format 0 to AES"},
    [KIND_PIN_DUKPT] = {"pin_translation_dukpt", "PIN translation, AES DUKPT to AES"},
    [KIND_CMAC] = {"cmac", "AES-CMAC of 256 bytes"},
    [KIND_DERIVE] = {"dukpt_derivation", "AES DUKPT derivation, key block made"},
};

static err prepare(struct bench_hsm *b, enum kind kind)
{
    switch (kind) {
    case KIND_PIN:
        return prepare_pins(b, HSM_SUITE_TONGBAO);
    case KIND_PIN_CUP:
        return prepare_pins(b, HSM_SUITE_CUP);
    case KIND_PIN_DUKPT:
        return prepare_pins(b, HSM_SUITE_DUKPT_AES);
    case KIND_CMAC:
        return prepare_cmacs(b);
    case KIND_DERIVE:
    case KINDS:
        break;
    }
    return prepare_derivations(b);
}

struct figure {
    uint64_t per_s, per_core_s, commands;
    int64_t cpu_ns;
};

static err measure(struct bench_hsm *b, enum kind kind, struct figure *ret_figure)
{
    int64_t cpu_before, cpu_after, resident;
    TRY(prepare(b, kind));
    TRY(run_commands(b, 2 * WINDOW)); /* the keys are known afterwards */
    TRY(child_usage(b->hsm, &cpu_before, &resident));
    TRY(run_commands(b, COMMANDS));
    int64_t us = clock_monotonic_us(&b->clock) - b->started_us;
    TRY(child_usage(b->hsm, &cpu_after, &resident));
    int64_t cpu_us = cpu_after > cpu_before ? cpu_after - cpu_before : 1;
    *ret_figure =
        (struct figure){b->done * 1000000 / (uint64_t)us, b->done * 1000000 / (uint64_t)cpu_us,
                        b->done, cpu_us * 1000 / (int64_t)b->done};
    return OK;
}

static err start(struct bench_hsm *b)
{
    snprintf(b->directory, sizeof b->directory, "/tmp/tongbao-bench-hsm-XXXXXX");
    if (mkdtemp(b->directory) == NULL) return ERR(IO);
    snprintf(b->socket, sizeof b->socket, "%s/hsm.sock", b->directory);
    snprintf(b->children.directory, sizeof b->children.directory, "%s", b->directory);
    const char *const arguments[] = {"--state", b->directory,    "--socket",
                                     b->socket, "--development", NULL};
    TRY(children_find_programs(&b->children));
    TRY(children_start(&b->children, "tongbao-hsm", arguments, true, &b->hsm));
    TRY(crypto_open(random_system(), &b->crypto));
    const struct loop_options loop_options = {.clock = b->clock};
    TRY(loop_create(&loop_options, &b->loop));
    const struct stream_pool_options pool_options = {
        .loop = b->loop,
        .streams_max = 1,
        .frame = {.prefix = 4, .max = HSM_FRAME_MAX},
        .in_max = 256 * 1024,
        .out_max = 1024 * 1024,
    };
    const struct stream_events events = {.on_frame = on_frame, .on_close = on_close, .owner = b};
    TRY(stream_pool_create(&pool_options, &b->pool));
    return stream_connect_unix(b->pool, b->socket, &events, &b->stream);
}

static void stop(struct bench_hsm *b)
{
    stream_pool_destroy(b->pool);
    loop_destroy(b->loop);
    crypto_close(&b->crypto);
    children_stop(&b->children);
    DIR *directory = opendir(b->directory);
    if (directory == NULL) return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.') unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(b->directory);
}

static void print_figure(enum kind kind, const struct figure *f, bool json)
{
    if (json)
        printf("%s\"%s\":{\"per_s\":%llu,\"per_core_s\":%llu,\"cpu_ns\":%lld,\"commands\":%llu}",
               kind == 0 ? "{" : ",", kind_row[kind].member, (unsigned long long)f->per_s,
               (unsigned long long)f->per_core_s, (long long)f->cpu_ns,
               (unsigned long long)f->commands);
    else
        printf("%-50s %8llu/s now, %8llu/s a core (%lld ns CPU)\n", kind_row[kind].text,
               (unsigned long long)f->per_s, (unsigned long long)f->per_core_s,
               (long long)f->cpu_ns);
}

static int run(struct bench_hsm *b, bool json)
{
    err e = start(b);
    for (unsigned kind = 0; kind < KINDS && !FAILED(e); kind++) {
        struct figure figure;
        e = measure(b, (enum kind)kind, &figure);
        if (!FAILED(e)) print_figure((enum kind)kind, &figure, json);
    }
    if (!FAILED(e) && json) puts("}");
    if (FAILED(e)) {
        fprintf(stderr, "tongbao bench hsm: %s; is tongbao-hsm beside this program?\n",
                err_text(e));
        if (b->hsm != NULL) child_print_log(b->hsm);
    }
    stop(b);
    return FAILED(e) ? 1 : 0;
}

int bench_hsm_main(int argc, char **argv)
{
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc > 1 && !json && !help) {
        fprintf(stderr, "tongbao bench hsm: unknown argument '%s'; it takes --json only\n",
                argv[1]);
        return 2;
    }
    if (help) {
        puts(
            "usage: tongbao bench hsm [--json]\n"
            "Starts an hsm of its own and gives it PIN translations, CMACs and DUKPT derivations,\n"
            "256 under way at a time; prints the rate now and what one core can do.");
        return 0;
    }
    static struct bench_hsm b; /* its requests are too large for the stack's taste */
    b.clock = clock_system();
    return run(&b, json);
}
