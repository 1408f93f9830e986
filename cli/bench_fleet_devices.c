/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices of the bench, in one process: those that stay connected, and a few places in which
 * all the others come in turn. What a real terminal says, in its order and one question at a time:
 *
 *   hello, place, state; then nothing but a beat now and then, and for each command that it is
 *   told "acknowledged" and "verified"
 *
 * All have one key, and a certificate each: the host cannot tell, and it verifies as much.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/bench_fleet.h"
#include "lib/base/file.h"
#include "lib/crypto/identity.h"
#include "lib/wire/device_protocol.h"
#include "lib/wire/stream.h"

enum {
    TURNS = 64,     /* places of those that come and go */
    UNDER_WAY = 64, /* connections that are being made at a time, of those that stay */
    LINE_BUFFER = 16 << 10,
    PEM_MAX = 1200,
    TICK_MS = 10,
    DAYS_MS = 86400000,
};

/* What it has still to say, in this order. */
enum { SAYS_PLACE = 1, SAYS_STATE = 2, SAYS_ACK = 4, SAYS_VERIFIED = 8 };

struct device {
    struct worker *worker;
    struct tls *tls;
    struct stream *stream;
    unsigned index, place;
    bool stays, ready;
    unsigned says;
    enum device_ask asked;
    int64_t id, command;
};

struct worker {
    const struct bench_fleet *bench;
    struct fleet_shared *shared;
    struct clock clock;
    struct loop *loop;
    struct loop_timer timer;
    struct stream_pool *pool;
    struct device *staying, turn[TURNS];
    char *pem; /* PEM_MAX for each that stays */
    struct identity_key authority;
    char key_pem[FLEET_KEY_PEM_MAX];
    unsigned came, under_way; /* of those that stay */
    unsigned next;            /* of all: who comes in turn next */
    unsigned beat_next;
    int64_t began_us, turn_owed_us, beat_owed_us, ticked_us;
};

static void fail(struct worker *w, const char *tid, const char *what, const char *why)
{
    if (!atomic_load(&w->shared->failed))
        snprintf(w->shared->fault, sizeof w->shared->fault, "device %s: %.60s: %.90s", tid, what,
                 why);
    atomic_store(&w->shared->failed, true);
    loop_stop(w->loop);
}

static void fail_device(struct device *d, const char *what, const char *why)
{
    char tid[9];
    fleet_tid(d->index, tid);
    fail(d->worker, tid, what, why);
}

static int phase_of(const struct worker *w)
{
    return atomic_load_explicit(&w->shared->phase, memory_order_relaxed);
}

/* ---- certificates ---- */

static err authority_key(const struct bench_fleet *b, struct identity_key *key)
{
    char path[FILE_PATH_MAX];
    uint8_t block[IDENTITY_PEM_MAX];
    size_t len;
    TRY(file_path(b->admin, "ca.key", path, sizeof path));
    TRY(file_read(path, FILE_PRIVATE, block, sizeof block, &len));
    return identity_key_read(bytes_of(block, len), key);
}

static err make_certificate(const struct worker *w, unsigned index, char out[PEM_MAX])
{
    char tid[9];
    int64_t now = clock_now_ms(&w->clock);
    fleet_tid(index, tid);
    const struct identity_subject subject = {.common_name = bytes_text(tid),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = now - DAYS_MS,
                                             .not_after_ms = now + 300 * (int64_t)DAYS_MS};
    struct writer w_out = writer_over(out, PEM_MAX - 1);
    TRY(identity_issue(&w->authority, bytes_text(w->bench->authority_pem), bytes_text(w->key_pem),
                       &subject, &w_out));
    out[w_out.len] = '\0';
    return OK;
}

/* Of those that stay: they are to come as fast as they are taken. */
static err make_certificates(struct worker *w)
{
    const struct bench_fleet *b = w->bench;
    CLEANUP(identity_key_free) struct identity_key own = {NULL};
    TRY(identity_key_generate(&own));
    struct writer pem = writer_over(w->key_pem, sizeof w->key_pem - 1);
    TRY(identity_key_write(&own, &pem));
    TRY(authority_key(b, &w->authority));
    for (unsigned i = 0; i < b->connected; i++) {
        TRY(make_certificate(w, fleet_staying(b, i), w->pem + (size_t)i * PEM_MAX));
        atomic_store_explicit(&w->shared->prepared, i + 1, memory_order_relaxed);
    }
    return OK;
}

/* ---- what a device says ---- */

static void ask(struct device *d, struct device_message *m)
{
    uint8_t block[DEVICE_FRAME_MAX];
    struct writer out = writer_over(block, sizeof block);
    m->id = ++d->id;
    d->asked = m->ask;
    device_write_ask(&out, m);
    ENSURE(out.fault == ERR_OK);
    stream_send(d->stream, writer_view(&out));
}

static void say_hello(struct device *d)
{
    char serial[24];
    struct device_message m = {.ask = DEVICE_HELLO, .policy_version = 1, .first_login_ms = 1};
    fleet_serial(d->index, serial);
    snprintf(m.serial, sizeof m.serial, "%s", serial);
    snprintf(m.model, sizeof m.model, "%s", fleet_model(d->index));
    snprintf(m.version, sizeof m.version, "0.9.%u", d->index % 3);
    ask(d, &m);
}

static void say_place(struct device *d)
{
    struct device_message m = {.ask = DEVICE_PLACE,
                               .has = DEVICE_HAS_POSITION,
                               .link = 3,
                               .network = "CMCC",
                               .latitude_e6 = 31230416 + (int64_t)d->index,
                               .longitude_e6 = 121473701,
                               .accuracy_m = 50,
                               .at_ms = clock_now_ms(&d->worker->clock)};
    ask(d, &m);
}

static void say_state(struct device *d)
{
    struct device_message m = {.ask = DEVICE_STATE,
                               .battery = 10 + d->index % 90,
                               .paper = d->index % 40 == 0 ? DEVICE_PAPER_OUT : DEVICE_PAPER_OK,
                               .link = 3,
                               .operator_id = "01",
                               .signed_in = 1,
                               .unsent = d->index % 100 == 0,
                               .last_payment_ms = 1,
                               .parameters = 1,
                               .at_ms = clock_now_ms(&d->worker->clock)};
    snprintf(m.version, sizeof m.version, "0.9.%u", d->index % 3);
    ask(d, &m);
}

static void say_done(struct device *d, enum device_progress progress)
{
    struct device_message m = {
        .ask = DEVICE_DONE, .number = d->command, .progress = (uint8_t)progress};
    ask(d, &m);
}

/* Everything is said: who stays is counted, who came in turn goes. */
static void rest(struct device *d)
{
    struct worker *w = d->worker;
    if (!d->stays) {
        stream_close(d->stream, OK);
        return;
    }
    if (d->ready) return;
    d->ready = true;
    w->under_way--;
    atomic_fetch_add(&w->shared->greeted, 1);
}

static void say_next(struct device *d)
{
    unsigned bit = d->says & (~d->says + 1);
    d->says &= ~bit;
    switch (bit) {
    case SAYS_PLACE:
        say_place(d);
        return;
    case SAYS_STATE:
        say_state(d);
        return;
    case SAYS_ACK:
        say_done(d, DEVICE_ACKNOWLEDGED);
        return;
    case SAYS_VERIFIED:
        say_done(d, DEVICE_VERIFIED);
        return;
    default:
        rest(d);
        return;
    }
}

/* ---- what it hears ---- */

static void on_answer(struct device *d)
{
    enum device_ask asked = d->asked;
    d->asked = DEVICE_NO_ASK;
    if (asked == DEVICE_HELLO) d->says |= SAYS_PLACE | SAYS_STATE;
    if (asked == DEVICE_DONE && (d->says & SAYS_VERIFIED) == 0 && d->stays)
        atomic_fetch_add(&d->worker->shared->verified, 1);
    say_next(d);
}

static void on_command(struct device *d, const struct device_message *m)
{
    struct fleet_shared *s = d->worker->shared;
    if (m->number == d->command) return; /* a repeat */
    d->command = m->number;
    d->says |= SAYS_ACK | SAYS_VERIFIED;
    if (d->stays) {
        s->told_us[d->place] = clock_monotonic_us(&d->worker->clock);
        atomic_fetch_add(&s->told, 1);
    }
    if (d->asked == DEVICE_NO_ASK) say_next(d);
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct device *d = stream_owner(stream);
    CLEANUP(json_free) struct json_document document = {0};
    struct device_message m;
    enum device_verdict verdict = device_read_heard(frame, d->asked, &document, &m);
    if (verdict != DEVICE_UNDERSTOOD) fail_device(d, "a frame", device_verdict_text(verdict));
    else if (m.tell == DEVICE_COMMAND_TOLD) on_command(d, &m);
    else if (m.tell != DEVICE_NO_TELL) return;
    else if (m.status != DEVICE_OK) fail_device(d, device_ask_name(d->asked), "refused");
    else on_answer(d);
}

static void on_open(struct stream *stream)
{
    say_hello(stream_owner(stream));
}

static void on_close(struct stream *stream, err reason)
{
    struct device *d = stream_owner(stream);
    struct worker *w = d->worker;
    bool good = !d->stays && !FAILED(reason);
    d->stream = NULL;
    tls_destroy(d->tls);
    d->tls = NULL;
    if (loop_stopping(w->loop) || phase_of(w) == FLEET_STOP) return;
    if (good) atomic_fetch_add(&w->shared->reported, 1);
    else fail_device(d, "connection", stream_reason_text(stream));
}

/* ---- coming ---- */

static err come(struct device *d)
{
    struct worker *w = d->worker;
    const struct bench_fleet *b = w->bench;
    struct tls_fault fault = {""};
    char own[PEM_MAX], *pem = d->stays ? w->pem + (size_t)d->place * PEM_MAX : own;
    if (!d->stays) TRY(make_certificate(w, d->index, own));
    const struct tls_options options = {.ca = {.pem = bytes_text(b->authority_pem)},
                                        .certificate = {.pem = bytes_text(pem)},
                                        .key = {.pem = bytes_text(w->key_pem)}};
    err made = tls_client_create(&options, "localhost", &fault, &d->tls);
    if (FAILED(made)) {
        fail_device(d, "TLS", fault.text);
        return made;
    }
    const struct stream_events events = {on_open, on_frame, on_close, d};
    return stream_connect_tcp(w->pool, "127.0.0.1", (uint16_t)b->device_port, d->tls, &events,
                              &d->stream);
}

static err come_to_stay(struct worker *w)
{
    const struct bench_fleet *b = w->bench;
    while (w->came < b->connected && w->under_way < UNDER_WAY) {
        struct device *d = &w->staying[w->came];
        *d = (struct device){
            .worker = w, .stays = true, .place = w->came, .index = fleet_staying(b, w->came)};
        w->came++;
        w->under_way++;
        TRY(come(d));
    }
    return OK;
}

/* The next of the others; all of them have come when it goes round. */
static unsigned next_in_turn(struct worker *w)
{
    do w->next = (w->next + 1) % w->bench->known;
    while (fleet_stays(w->bench, w->next));
    return w->next;
}

static err come_in_turn(struct worker *w, unsigned wanted)
{
    for (unsigned i = 0; i < TURNS && wanted > 0; i++) {
        struct device *d = &w->turn[i];
        if (d->tls != NULL) continue;
        *d = (struct device){.worker = w, .index = next_in_turn(w)};
        TRY(come(d));
        wanted--;
    }
    return OK;
}

/* How many are due at `per_second` since the last look. */
static unsigned due(int64_t *owed_us, int64_t passed_us, int64_t per_thousand_s)
{
    if (per_thousand_s == 0) return 0;
    int64_t each_us = 1000000000 / per_thousand_s;
    *owed_us += passed_us;
    int64_t count = *owed_us / each_us;
    *owed_us -= count * each_us;
    return (unsigned)count;
}

/* Each device that stays beats as often as a real one. */
static void beat(struct worker *w, int64_t passed_us)
{
    int64_t per_thousand_s = (int64_t)w->bench->connected * 1000000 / DEVICE_BEAT_MS;
    for (unsigned count = due(&w->beat_owed_us, passed_us, per_thousand_s); count > 0; count--) {
        struct device *d = &w->staying[w->beat_next++ % w->bench->connected];
        d->says |= SAYS_STATE;
        if (d->asked == DEVICE_NO_ASK) say_next(d);
    }
}

static err tick(struct worker *w)
{
    int64_t now = clock_monotonic_us(&w->clock), passed = now - w->ticked_us;
    w->ticked_us = now;
    switch (phase_of(w)) {
    case FLEET_CONNECT:
        return come_to_stay(w);
    case FLEET_REST:
        beat(w, passed);
        return OK;
    case FLEET_REPORT:
        beat(w, passed);
        return come_in_turn(w, due(&w->turn_owed_us, passed, (int64_t)w->bench->per_second * 1000));
    case FLEET_RUSH:
        beat(w, passed);
        return come_in_turn(w, TURNS);
    case FLEET_STOP:
        loop_stop(w->loop);
        return OK;
    default:
        return OK;
    }
}

static void on_tick(void *context)
{
    struct worker *w = context;
    err done = tick(w);
    if (!FAILED(done)) done = loop_timer_set(w->loop, &w->timer, TICK_MS);
    if (FAILED(done)) fail(w, "-", "worker", err_text(done));
}

/* ---- the worker ---- */

static err open_worker(struct worker *w)
{
    const struct bench_fleet *b = w->bench;
    const struct loop_options loop = {.clock = w->clock, .stop_on_signals = true};
    TRY(loop_create(&loop, &w->loop));
    const struct stream_pool_options pool = {.loop = w->loop,
                                             .streams_max = b->connected + TURNS,
                                             .frame = {4, DEVICE_FRAME_MAX},
                                             .in_max = LINE_BUFFER,
                                             .out_max = LINE_BUFFER};
    TRY(stream_pool_create(&pool, &w->pool));
    w->staying = calloc(b->connected, sizeof *w->staying);
    w->pem = calloc(b->connected, PEM_MAX);
    if (w->staying == NULL || w->pem == NULL) return ERR(NO_MEMORY);
    TRY(make_certificates(w));
    w->timer = (struct loop_timer){.run = on_tick, .context = w};
    return loop_timer_set(w->loop, &w->timer, TICK_MS);
}

int fleet_devices_run(const struct bench_fleet *b)
{
    struct worker w = {.bench = b, .shared = b->shared, .clock = clock_system()};
    err done = open_worker(&w);
    if (!FAILED(done)) done = loop_run(w.loop);
    if (FAILED(done)) fail(&w, "-", "worker", err_text(done));
    return atomic_load(&b->shared->failed) ? 1 : 0; /* its memory goes with it */
}
