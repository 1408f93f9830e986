/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates from the vault, connections, and what ends them. */
#include "terminal/peers.h"

#include <stdio.h>

#include "lib/wire/device_protocol.h"

enum { STREAMS = 4 /* one, and old ones that are still closing */ };

/* ---- what the terminal is told ---- */

static void tell_state(struct peer *peer, bool connected, const char *reason)
{
    struct peers *p = peer->all;
    p->done(p->context, peer->line == TERMINAL_LINE_HOST
                            ? terminal_on_host_state(p->terminal, connected, reason)
                            : terminal_on_manage_state(p->terminal, connected, reason));
}

static void tell_frame(struct peer *peer, struct bytes frame)
{
    struct peers *p = peer->all;
    p->done(p->context, peer->line == TERMINAL_LINE_HOST ? terminal_on_host(p->terminal, frame)
                                                         : terminal_on_manage(p->terminal, frame));
}

/* ---- certificates ---- */

/* One command with at most one byte string; `ret_body` views what the answer holds. */
static err vault_command(struct peers *p, uint8_t command, const struct bytes *in,
                         struct reader *ret_body)
{
    uint8_t block[256], answered;
    struct writer w = writer_over(block, sizeof block);
    struct bytes request, answer;
    enum vault_status status;
    vault_write_header(&w, command);
    if (in != NULL) vault_write_bytes(&w, *in);
    TRY(writer_finish(&w, &request));
    TRY(rpc_call(p->vault, request, p->answer, sizeof p->answer, &answer));
    *ret_body = reader_over(answer);
    TRY(vault_read_answer(ret_body, &answered, &status));
    return answered == command && status == VAULT_OK ? OK : ERR(DENIED);
}

/* The key of the terminal's certificate never leaves the vault: it signs, here is only the hash. */
static err sign(void *context, struct bytes transcript_hash, struct writer *der_signature)
{
    struct reader body;
    struct bytes signature;
    TRY(vault_command(context, VAULT_TLS_VERIFY, &transcript_hash, &body));
    TRY(vault_read_bytes(&body, &signature));
    write_bytes(der_signature, signature);
    return OK;
}

static err make_tls(struct peer *peer)
{
    struct peers *p = peer->all;
    struct reader body;
    struct bytes own = {0}, ca = {0};
    struct tls_fault fault = {""};
    /* A device that is not activated has none, and its factory's authority is a file. */
    err own_ones = vault_command(p, VAULT_TLS_CERTIFICATES, NULL, &body);
    bool factory = FAILED(own_ones) && peer->go_bare && p->authority != NULL;
    if (!factory) TRY(own_ones);
    if (!factory) TRY(vault_read_pair(&body, &own, &ca));
    struct tls_options options = {
        .ca = {.pem = ca}, .certificate = {.pem = own}, .signer = {sign, p}};
    struct tls_options bare = {.ca = {.pem = ca}, .strangers = true};
    if (factory) bare.ca = TLS_PEM_FILE(p->authority);
    err e = peer->go_bare ? tls_client_create(&bare, peer->name, &fault, &peer->bare)
                          : tls_client_create(&options, peer->name, &fault, &peer->tls);
    if (FAILED(e))
        log_event(p->log, LOG_ERROR, "tls_not_ready", LOG_TEXT("why", fault.text), LOG_ERR(e));
    return e;
}

/* ---- a connection ---- */

static void on_open(struct stream *stream)
{
    static const char *const events[TERMINAL_LINES] = {
        [TERMINAL_LINE_HOST] = "host_connected", [TERMINAL_LINE_OFFICE] = "manage_connected"};
    struct peer *peer = stream_owner(stream);
    if (stream != peer->stream) return;
    peer->open = true;
    log_event(peer->all->log, LOG_INFO, events[peer->line],
              LOG_TEXT("peer", stream_peer_name(stream)));
    tell_state(peer, true, NULL);
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct peer *peer = stream_owner(stream);
    if (stream == peer->stream) tell_frame(peer, frame);
}

/*
 * Whoever ends a handshake with the wrong certificate, an older protocol or no TLS at all is
 * somebody else than we have asked (S171). One that is silent or hangs up may be out of order.
 */
static void look_at_end(struct peer *peer, const struct stream *stream, err reason)
{
    struct peers *p = peer->all;
    bool proved = peer->open;
    peer->open = false;
    if (proved || (reason.code != ERR_IDENTITY && reason.code != ERR_FORMAT)) return;
    log_event(p->log, LOG_ERROR, "impostor", LOG_INT("line", peer->line),
              LOG_TEXT("why", stream_reason_text(stream)));
    p->done(p->context, terminal_on_impostor(p->terminal, peer->line, stream_reason_text(stream)));
}

static void on_close(struct stream *stream, err reason)
{
    struct peer *peer = stream_owner(stream);
    if (stream != peer->stream) return;
    peer->stream = NULL;
    look_at_end(peer, stream, reason);
    tell_state(peer, false, stream_reason_text(stream));
}

/* "localhost" is the one name that is an address by itself; others are not looked up. */
static const char *address_of(const struct peer *peer)
{
    return strcmp(peer->name, "localhost") == 0 ? "127.0.0.1" : peer->name;
}

static void connect_now(struct peer *peer)
{
    const struct stream_events events = {on_open, on_frame, on_close, peer};
    const struct peers *p = peer->all;
    struct tls *const *tls = peer->go_bare ? &peer->bare : &peer->tls;
    peer->connect = false;
    err e = *tls == NULL ? make_tls(peer) : OK;
    if (!FAILED(e))
        e = stream_connect_tcp_from(peer->pool, p->from[p->path], address_of(peer), peer->port,
                                    *tls, &events, &peer->stream);
    if (!FAILED(e)) return;
    peer->stream = NULL;
    tell_state(peer, false, err_text(e));
}

void peers_before_wait(struct peers *peers)
{
    for (size_t i = 0; i < TERMINAL_LINES; i++)
        if (peers->peer[i].connect) connect_now(&peers->peer[i]);
}

/* ---- the ports ---- */

void peers_connect(struct peers *peers, enum terminal_line line, bool bare)
{
    struct peer *peer = &peers->peer[line];
    peer->go_bare = bare;
    peer->connect = true;
    loop_again(peers->loop);
}

void peers_disconnect(struct peers *peers, enum terminal_line line)
{
    struct peer *peer = &peers->peer[line];
    struct stream *old = peer->stream;
    peer->stream = NULL;
    peer->connect = false;
    if (old != NULL) stream_close(old, OK);
}

void peers_send(struct peers *peers, enum terminal_line line, struct bytes frame)
{
    if (peers->peer[line].stream != NULL) stream_send(peers->peer[line].stream, frame);
}

void peers_renewed(struct peers *peers)
{
    for (size_t i = 0; i < TERMINAL_LINES; i++) {
        struct peer *peer = &peers->peer[i];
        tls_destroy(peer->past);
        peer->past = peer->tls;
        peer->tls = NULL;
    }
}

/* ---- start and end ---- */

err peers_parse(struct peers *peers, enum terminal_line line, const char *text, const char *option,
                struct process_fault *fault)
{
    struct peer *peer = &peers->peer[line];
    const char *colon = strrchr(text, ':');
    size_t count = colon == NULL ? 0 : strlen(colon + 1);
    struct reader digits = reader_over(bytes_text(colon == NULL ? "" : colon + 1));
    uint64_t port = count >= 1 && count <= 5 ? read_digits(&digits, count) : 0;
    bool good =
        colon != NULL && colon != text && digits.fault == ERR_OK && port > 0 && port <= UINT16_MAX;
    peer->port = (uint16_t)port;
    if (good)
        good = !FAILED(
            bytes_to_text(bytes_of(text, (size_t)(colon - text)), peer->name, sizeof peer->name));
    if (good) return OK;
    snprintf(fault->text, sizeof fault->text,
             "%.100s: %s is HOST:PORT, a numeric address or localhost", text, option);
    return ERR(CONFIG);
}

err peers_open(struct peers *peers)
{
    static const struct {
        unsigned prefix;
        size_t max;
    } frames[TERMINAL_LINES] = {[TERMINAL_LINE_HOST] = {2, ISO8583_FRAME_MAX},
                                [TERMINAL_LINE_OFFICE] = {4, DEVICE_FRAME_MAX}};
    for (size_t i = 0; i < TERMINAL_LINES; i++) {
        struct peer *peer = &peers->peer[i];
        const struct stream_pool_options options = {
            .loop = peers->loop,
            .streams_max = STREAMS,
            .frame = {.prefix = frames[i].prefix, .max = frames[i].max},
        };
        peer->all = peers;
        peer->line = (enum terminal_line)i;
        TRY(stream_pool_create(&options, &peer->pool));
    }
    return OK;
}

void peers_close(struct peers *peers)
{
    for (size_t i = 0; i < TERMINAL_LINES; i++) {
        struct peer *peer = &peers->peer[i];
        stream_pool_destroy(peer->pool);
        tls_destroy(peer->tls);
        tls_destroy(peer->bare);
        tls_destroy(peer->past);
    }
}
