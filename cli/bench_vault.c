/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault worker of the bench: what the vaults of all terminals do for a payment, in one process,
 * so that its cost is counted apart. It holds their keys, and the two cards that are presented to
 * them; the cards come from the simulators' tray, as a reader would give them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/bench_payments.h"
#include "lib/base/reader.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/emv/track.h"
#include "lib/wire/json.h"
#include "lib/wire/rpc.h"
#include "lib/wire/stream.h"

/* The virtual cards, and what their holders type. */
static const struct {
    const char *name, *pin;
} presented[BENCH_CARDS] = {{"good", "246810"}, {"credit", "135790"}};

enum { TRAY_WAIT_MS = 5000, TRAY_FRAME_MAX = 65536, PIN_BLOCK_LEN = 16 };

struct keys {
    struct key master;
    struct working_keys working;
};

struct worker {
    const struct bench *bench;
    struct crypto crypto;
    struct keys *keys; /* one a terminal */
    struct card_data card[BENCH_CARDS];
    struct pin pin[BENCH_CARDS];
    struct loop *loop;
    struct stream_pool *pool;
    struct stream_listener *listener;
};

/* ---- cards ---- */

static err ask_tray(struct rpc *rpc, const char *question, uint8_t *out, size_t size,
                    struct json_document *ret_document)
{
    struct bytes answer;
    TRY(rpc_call(rpc, bytes_text(question), out, size, &answer));
    return json_parse(answer, size, ret_document);
}

static err read_card(struct rpc *rpc, const char *name, struct card_data *ret_card)
{
    char question[128];
    uint8_t block[1024];
    CLEANUP(json_free) struct json_document presented_answer = {0}, read_answer = {0};
    CLEANUP(card_data_wipe) struct card_data card = {0};
    snprintf(question, sizeof question,
             "{\"ask\":\"present\",\"card\":\"%s\",\"reader\":\"bench\"}", name);
    TRY(ask_tray(rpc, question, block, sizeof block, &presented_answer));
    TRY(ask_tray(rpc, "{\"ask\":\"read\",\"reader\":\"bench\"}", block, sizeof block,
                 &read_answer));
    struct bytes text;
    struct track track;
    struct track_fault where;
    TRY(json_text(read_answer.root, "track2", 64, &text));
    TRY(track_parse(text, 2, &track, &where));
    TRY(bytes_to_text(track.pan, card.pan, sizeof card.pan));
    TRY(bytes_to_text(track.expiry, card.expiry, sizeof card.expiry));
    TRY(bytes_to_text(track.service_code, card.service_code, sizeof card.service_code));
    TRY(bytes_to_text(track.data, card.track2, sizeof card.track2));
    explicit_bzero(block, sizeof block);
    *ret_card = card;
    return OK;
}

static err take_cards(struct worker *w)
{
    struct rpc rpc;
    TRY(rpc_connect(&rpc, w->bench->tray, TRAY_WAIT_MS, TRAY_FRAME_MAX));
    err done = OK;
    for (size_t i = 0; i < BENCH_CARDS && !FAILED(done); i++) {
        done = read_card(&rpc, presented[i].name, &w->card[i]);
        if (!FAILED(done)) done = pin_from_digits(bytes_text(presented[i].pin), &w->pin[i]);
    }
    rpc_close(&rpc);
    return done;
}

static err take_masters(struct worker *w)
{
    const struct bench *b = w->bench;
    w->keys = calloc(b->connections, sizeof *w->keys);
    if (w->keys == NULL) return ERR(NO_MEMORY);
    for (unsigned i = 0; i < b->connections; i++) {
        const struct bench_terminal *t = &b->terminal[i];
        TRY(transport_open_key(&b->transport, t->hsm_public, bytes_of(t->master, t->master_len),
                               KEY_USAGE_TERMINAL_MASTER, bytes_text(t->tid), &w->keys[i].master));
    }
    return OK;
}

/* ---- commands ---- */

static err prepare(struct worker *w, unsigned terminal, struct bytes associated, struct writer *out)
{
    struct pin_block block;
    const struct working_keys *keys = &w->keys[terminal].working;
    const struct card_data *card = &w->card[terminal % BENCH_CARDS];
    TRY(pin_block_encrypt(&w->crypto, &keys->pin, PIN_ISO4, &w->pin[terminal % BENCH_CARDS],
                          bytes_text(card->pan), &block));
    ENSURE(block.len == PIN_BLOCK_LEN);
    write_bytes(out, bytes_of(block.at, block.len));
    return envelope_seal(&w->crypto, &keys->data, associated, card, out);
}

static err execute(struct worker *w, uint8_t command, unsigned terminal, struct reader *r,
                   struct writer *out)
{
    struct keys *keys = &w->keys[terminal];
    uint8_t mac[MAC_MAX];
    switch (command) {
    case BENCH_VAULT_KEYS:
        return delivery_unwrap(&w->crypto, &keys->master, read_rest(r), &keys->working);
    case BENCH_VAULT_PREPARE:
        return prepare(w, terminal, read_rest(r), out);
    case BENCH_VAULT_SEAL:
        TRY(mac_generate(&w->crypto, MAC_AES_CMAC_8, &keys->working.mac, read_rest(r), mac));
        write_bytes(out, bytes_of(mac, MAC_FIELD_BYTES));
        return OK;
    case BENCH_VAULT_CHECK: {
        struct bytes got = read_bytes(r, MAC_FIELD_BYTES);
        return mac_verify(&w->crypto, MAC_AES_CMAC_8, &keys->working.mac, read_rest(r), got);
    }
    default:
        return ERR(UNSUPPORTED);
    }
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct worker *w = stream_owner(stream);
    uint8_t block[BENCH_VAULT_FRAME_MAX];
    struct reader r = reader_over(frame);
    struct writer out = writer_over(block, sizeof block);
    uint8_t command = (uint8_t)read_be(&r, 1);
    unsigned terminal = (unsigned)read_be(&r, 2);
    write_be(&out, command, 1);
    write_be(&out, terminal, 2);
    write_be(&out, 0, 1);
    size_t head = out.len;
    err done = r.fault == ERR_OK && terminal < w->bench->connections
                   ? execute(w, command, terminal, &r, &out)
                   : ERR(RANGE);
    if (FAILED(done) || out.fault != ERR_OK) {
        out.len = head;
        block[head - 1] = (uint8_t)(FAILED(done) ? done.code : out.fault);
    }
    stream_send(stream, bytes_of(block, out.len));
}

static err serve(struct worker *w)
{
    const struct bench *b = w->bench;
    TRY(crypto_open(random_system(), &w->crypto));
    TRY(take_cards(w));
    TRY(take_masters(w));
    TRY(loop_create(&(struct loop_options){.clock = clock_system(), .stop_on_signals = true},
                    &w->loop));
    const struct stream_pool_options options = {.loop = w->loop,
                                                .streams_max = 2,
                                                .frame = {4, BENCH_VAULT_FRAME_MAX},
                                                .in_max = 256 << 10,
                                                .out_max = BENCH_VAULT_BUFFER};
    TRY(stream_pool_create(&options, &w->pool));
    const struct stream_events events = {.on_frame = on_frame, .owner = w};
    TRY(stream_listen_unix(w->pool, b->vault_socket, 2, &events, &w->listener));
    return loop_run(w->loop);
}

int bench_vault_run(const struct bench *b)
{
    struct worker w = {.bench = b};
    err served = serve(&w);
    if (FAILED(served)) fprintf(stderr, "bench vault: %s\n", err_text(served));
    stream_pool_destroy(w.pool);
    loop_destroy(w.loop);
    crypto_close(&w.crypto);
    if (w.keys != NULL) explicit_bzero(w.keys, b->connections * sizeof *w.keys);
    free(w.keys);
    explicit_bzero(&w, sizeof w);
    return FAILED(served) ? 1 : 0;
}
