/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal worker of the bench: N terminals in one process, each with its own TLS connection
 * and certificate. Each signs in, then makes one sale after the other: the next begins when the
 * answer of the last has been verified.
 *
 *   CONNECTING -> SIGNING_IN -> KEYS -> (PREPARING -> SEALING -> WAITING -> CHECKING) -> ...
 *
 * A payment's time runs from the moment at which the terminal begins to make the request until the
 * MAC of the answer is verified: what the cashier waits for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/bench_payments.h"
#include "lib/iso8583/frame.h"
#include "lib/wire/stream.h"
#include "payment/message.h"

enum {
    PIN_BLOCK_LEN = 16,
    TLS_RECORD_BYTES = 22, /* header 5, content type 1, tag 16: RFC 8446, 5.2 */
    LINE_BUFFER = 16 << 10,
    AMOUNT_FIRST = 100,
    AMOUNT_STEP = 37,
    AMOUNT_RANGE = 50000, /* sales between 1.00 and 501.00 */
};

enum state { CONNECTING, SIGNING_IN, TAKING_KEYS, PREPARING, SEALING, WAITING, CHECKING, IDLE };

struct terminal {
    struct worker *worker;
    unsigned number;
    const struct bench_terminal *known;
    struct tls *tls;
    struct stream *stream;
    enum state state;
    uint32_t batch, stan;
    int64_t began_us;
    size_t wire_bytes; /* of the payment under way */
    struct payment payment;
    uint8_t frame[ISO8583_FRAME_MAX];
    size_t frame_len;
};

struct worker {
    const struct bench *bench;
    struct bench_shared *shared;
    struct clock clock;
    struct loop *loop;
    struct stream_pool *pool, *vault_pool;
    struct stream *vault;
    struct terminal *terminal;
    unsigned idle;
    uint8_t arena_block[ISO8583_ARENA_MAX];
};

static void fail(struct worker *w, const struct terminal *t, const char *what, const char *why)
{
    if (!atomic_load(&w->shared->failed))
        snprintf(w->shared->fault, sizeof w->shared->fault, "terminal %s: %s: %s",
                 t != NULL ? t->known->tid : "-", what, why);
    atomic_store(&w->shared->failed, true);
    loop_stop(w->loop);
}

static void ask_vault(struct terminal *t, enum bench_vault_command command, struct bytes head,
                      struct bytes body)
{
    uint8_t block[BENCH_VAULT_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    write_be(&w, command, 1);
    write_be(&w, t->number, 2);
    write_bytes(&w, head);
    write_bytes(&w, body);
    ENSURE(w.fault == ERR_OK);
    stream_send(t->worker->vault, writer_view(&w));
}

/* ---- a message to the host ---- */

static err encode(struct terminal *t, const struct iso8583_message *m)
{
    struct iso8583_frame_header header = iso8583_frame_header_new(0x0003, 0x0000);
    struct iso8583_fault fault;
    struct writer w = writer_over(t->frame, sizeof t->frame);
    iso8583_frame_write(&header, &w);
    TRY(iso8583_encode(&iso8583_dialect_tongbao, m, &w, &fault));
    t->frame_len = w.len;
    return OK;
}

static struct bytes encoded(const struct terminal *t)
{
    return bytes_of(t->frame + ISO8583_FRAME_HEADER_SIZE, t->frame_len - ISO8583_FRAME_HEADER_SIZE);
}

static void send_frame(struct terminal *t)
{
    t->wire_bytes += 2 + t->frame_len + TLS_RECORD_BYTES;
    stream_send(t->stream, bytes_of(t->frame, t->frame_len));
}

/* ---- signing in ---- */

static err sign_in(struct terminal *t)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment_sign_in in = {.stan = ++t->stan, .batch = 1, .code = "006", .operator_id = "01"};
    TRY(bytes_to_text(bytes_text(t->known->tid), in.tid, sizeof in.tid));
    TRY(bytes_to_text(bytes_text(t->worker->bench->mid), in.mid, sizeof in.mid));
    TRY(payment_sign_in_request(PAYMENT_PROFILE_TONGBAO, &in, &arena, &m));
    TRY(encode(t, &m));
    t->state = SIGNING_IN;
    send_frame(t);
    return OK;
}

static err signed_in(struct terminal *t, const struct iso8583_message *m)
{
    struct payment_sign_in answer;
    TRY(payment_sign_in_parse(m, &answer));
    if (strcmp(answer.response_code, "00") != 0) return ERR(DENIED);
    t->batch = answer.batch;
    t->state = TAKING_KEYS;
    ask_vault(t, BENCH_VAULT_KEYS, (struct bytes){0}, answer.delivery);
    return OK;
}

/* ---- a sale ---- */

static err begin_sale(struct terminal *t)
{
    struct worker *w = t->worker;
    if (atomic_load_explicit(&w->shared->phase, memory_order_relaxed) == BENCH_STOP) {
        t->state = IDLE;
        if (++w->idle == w->bench->connections) loop_stop(w->loop);
        return OK;
    }
    t->began_us = clock_monotonic_us(&w->clock);
    t->wire_bytes = 0;
    if (++t->stan > 999999) return ERR(RANGE); /* more than one batch holds: fewer seconds */
    struct payment *p = &t->payment;
    *p = (struct payment){
        .key = {.batch = t->batch, .stan = t->stan},
        .type = PAYMENT_SALE,
        .state = PAYMENT_CREATED,
        .means = PAYMENT_CARD,
        .entry = PAYMENT_ENTRY_SWIPE,
        .pin_entered = true,
        .operator_id = "01",
        .amount_minor = AMOUNT_FIRST + (int64_t)t->stan * AMOUNT_STEP % AMOUNT_RANGE,
        .currency = CURRENCY_CNY,
    };
    TRY(bytes_to_text(bytes_text(t->known->tid), p->key.tid, sizeof p->key.tid));
    TRY(bytes_to_text(bytes_text(w->bench->mid), p->mid, sizeof p->mid));
    char associated[64];
    snprintf(associated, sizeof associated, "%s|%06u|%06u|%012lld", p->key.tid, p->key.batch,
             p->key.stan, (long long)p->amount_minor);
    t->state = PREPARING;
    ask_vault(t, BENCH_VAULT_PREPARE, (struct bytes){0}, bytes_text(associated));
    return OK;
}

/* The vault has made PIN block and envelope. */
static err prepared(struct terminal *t, struct reader *r)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment_sensitive sensitive = {.pin_block = read_bytes(r, PIN_BLOCK_LEN)};
    sensitive.envelope = read_rest(r);
    TRY(payment_request_message(PAYMENT_PROFILE_TONGBAO, &t->payment, &sensitive, &arena, &m));
    TRY(encode(t, &m));
    t->state = SEALING;
    ask_vault(t, BENCH_VAULT_SEAL, (struct bytes){0},
              iso8583_mac_input(&iso8583_dialect_tongbao, encoded(t)));
    return OK;
}

static err sealed(struct terminal *t, struct reader *r)
{
    struct bytes mac = read_bytes(r, ISO8583_MAC_SIZE);
    TRY(reader_finish(r));
    iso8583_seal(&iso8583_dialect_tongbao, t->frame + ISO8583_FRAME_HEADER_SIZE,
                 t->frame_len - ISO8583_FRAME_HEADER_SIZE, mac.at);
    t->state = WAITING;
    send_frame(t);
    return OK;
}

/* An answer: its MAC goes to the vault first, what it says is believed afterwards. */
static err answered(struct terminal *t, struct bytes raw, const struct iso8583_message *m)
{
    TRY(payment_apply_response(m, 0x0210, &t->payment));
    if (m->mac_input == 0) return ERR(MAC);
    t->state = CHECKING;
    ask_vault(t, BENCH_VAULT_CHECK, iso8583_get(m, 64), bytes_of(raw.at, m->mac_input));
    return OK;
}

static void count(struct terminal *t)
{
    struct bench_shared *s = t->worker->shared;
    if (strcmp(t->payment.response_code, "00") != 0) {
        atomic_fetch_add_explicit(&s->refused, 1, memory_order_relaxed);
        return;
    }
    atomic_fetch_add_explicit(&s->approved, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->total_minor, t->payment.amount_minor, memory_order_relaxed);
    if (atomic_load_explicit(&s->phase, memory_order_relaxed) != BENCH_MEASURE) return;
    int64_t took_us = clock_monotonic_us(&t->worker->clock) - t->began_us;
    s->latency[took_us < BENCH_LATENCY_MAX_US ? took_us : BENCH_LATENCY_MAX_US]++;
    atomic_fetch_add_explicit(&s->counted, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->wire_bytes, t->wire_bytes, memory_order_relaxed);
}

/* ---- what arrives ---- */

static void host_open(struct stream *stream)
{
    struct terminal *t = stream_owner(stream);
    err sent = sign_in(t);
    if (FAILED(sent)) fail(t->worker, t, "sign-in", err_text(sent));
}

static err host_message(struct terminal *t, struct bytes frame)
{
    struct worker *w = t->worker;
    struct iso8583_frame_header header;
    struct iso8583_fault fault;
    struct iso8583_message m;
    struct bytes raw;
    struct arena arena = arena_over(w->arena_block, sizeof w->arena_block);
    t->wire_bytes += 2 + frame.len + TLS_RECORD_BYTES;
    TRY(iso8583_frame_split(frame, &header, &raw));
    TRY(iso8583_decode(&iso8583_dialect_tongbao, raw, &arena, &m, &fault));
    err done = t->state == SIGNING_IN ? signed_in(t, &m)
               : t->state == WAITING  ? answered(t, raw, &m)
                                      : ERR(STATE);
    arena_reset(&arena);
    return done;
}

static void host_frame(struct stream *stream, struct bytes frame)
{
    struct terminal *t = stream_owner(stream);
    err taken = host_message(t, frame);
    if (FAILED(taken)) fail(t->worker, t, "the host's answer", err_text(taken));
}

static void host_close(struct stream *stream, err reason)
{
    struct terminal *t = stream_owner(stream);
    t->stream = NULL;
    if (loop_stopping(t->worker->loop)) return;
    fail(t->worker, t, "connection to the host",
         FAILED(reason) ? stream_reason_text(stream) : "closed");
}

static err vault_answered(struct worker *w, struct terminal *t, struct reader *r)
{
    switch (t->state) {
    case TAKING_KEYS:
        atomic_fetch_add(&w->shared->signed_in, 1);
        return begin_sale(t);
    case PREPARING:
        return prepared(t, r);
    case SEALING:
        return sealed(t, r);
    case CHECKING:
        count(t);
        return begin_sale(t);
    default:
        return ERR(STATE);
    }
}

static void vault_frame(struct stream *stream, struct bytes frame)
{
    struct worker *w = stream_owner(stream);
    struct reader r = reader_over(frame);
    (void)read_be(&r, 1);
    unsigned number = (unsigned)read_be(&r, 2);
    unsigned status = (unsigned)read_be(&r, 1);
    ENSURE(r.fault == ERR_OK && number < w->bench->connections);
    struct terminal *t = &w->terminal[number];
    err done = status == 0 ? vault_answered(w, t, &r) : (err){(enum err_code)status};
    if (FAILED(done)) fail(w, t, "the vault's answer", err_text(done));
}

static void vault_close(struct stream *stream, err reason)
{
    struct worker *w = stream_owner(stream);
    w->vault = NULL;
    if (!loop_stopping(w->loop)) fail(w, NULL, "vault worker", err_text(reason));
}

/* ---- the worker ---- */

static err connect_terminal(struct worker *w, struct terminal *t, unsigned number)
{
    const struct bench *b = w->bench;
    struct tls_fault fault = {""};
    *t = (struct terminal){.worker = w, .number = number, .known = &b->terminal[number]};
    const struct tls_options options = {
        .ca = {.pem = bytes_text(b->authority_pem)},
        .certificate = {.pem = bytes_text(t->known->certificate_pem)},
        .key = {.pem = bytes_text(t->known->key_pem)}};
    err made = tls_client_create(&options, "localhost", &fault, &t->tls);
    if (FAILED(made)) {
        fail(w, t, "TLS", fault.text);
        return made;
    }
    const struct stream_events events = {host_open, host_frame, host_close, t};
    return stream_connect_tcp(w->pool, "127.0.0.1", (uint16_t)b->acquirer_port, t->tls, &events,
                              &t->stream);
}

static err open_worker(struct worker *w)
{
    const struct bench *b = w->bench;
    TRY(loop_create(&(struct loop_options){.clock = w->clock,
                                           .stop_on_signals = true,
                                           .timers_max = 4 * b->connections + 64},
                    &w->loop));
    struct stream_pool_options options = {.loop = w->loop,
                                          .streams_max = b->connections,
                                          .frame = {2, ISO8583_FRAME_MAX},
                                          .in_max = LINE_BUFFER,
                                          .out_max = LINE_BUFFER};
    TRY(stream_pool_create(&options, &w->pool));
    options.streams_max = 1;
    options.frame = (struct frame_format){4, BENCH_VAULT_FRAME_MAX};
    options.in_max = 256 << 10;
    options.out_max = BENCH_VAULT_BUFFER;
    TRY(stream_pool_create(&options, &w->vault_pool));
    const struct stream_events events = {NULL, vault_frame, vault_close, w};
    TRY(stream_connect_unix(w->vault_pool, b->vault_socket, &events, &w->vault));
    w->terminal = calloc(b->connections, sizeof *w->terminal);
    if (w->terminal == NULL) return ERR(NO_MEMORY);
    for (unsigned i = 0; i < b->connections; i++) TRY(connect_terminal(w, &w->terminal[i], i));
    return OK;
}

int bench_terminals_run(const struct bench *b)
{
    struct worker w = {.bench = b, .shared = b->shared, .clock = clock_system()};
    err done = open_worker(&w);
    if (!FAILED(done)) done = loop_run(w.loop);
    if (FAILED(done)) fail(&w, NULL, "worker", err_text(done));
    stream_pool_destroy(w.pool);
    stream_pool_destroy(w.vault_pool);
    for (unsigned i = 0; w.terminal != NULL && i < b->connections; i++)
        tls_destroy(w.terminal[i].tls);
    free(w.terminal);
    loop_destroy(w.loop);
    return atomic_load(&b->shared->failed) ? 1 : 0;
}
