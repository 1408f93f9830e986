/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-cards: a virtual card reader and the chip cards that are put into it. It moves into
 * namespaces of its own, where pcscd and vpcd run and where only it can reach their ports, and
 * takes orders on a Unix socket. Where that is not permitted it goes on without a reader, and says
 * why.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/base/log.h"
#include "lib/wire/process.h"
#include "lib/wire/reader_host.h"
#include "lib/wire/stream.h"
#include "simulators/cards/hand.h"

enum { STREAMS_MAX = 8 }; /* the tray of the simulators, and who drives a demo */

struct settings {
    const char *directory, *socket;
    int64_t ready_fd;
};

struct program {
    struct settings settings;
    struct crypto crypto;
    struct loop *loop;
    struct plug *plug;
    struct hand *hand;
    struct stream_pool *pool;
    struct stream_listener *listener;
    struct log log;
    pid_t pcscd;
};

static const struct text2 not_installed = {
    "没有安装虚拟读卡器（pcscd、vsmartcard-vpcd），卡只能刷",
    "no virtual card reader is installed (pcscd, vsmartcard-vpcd): cards can only be swiped"};
static const struct text2 not_permitted = {
    "这台机器不允许建立独立的虚拟读卡器，卡只能刷",
    "this machine permits no virtual card reader of our own: cards can only be swiped"};

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    struct bytes answer;
    err answered = hand_answer(p->hand, frame, &answer);
    if (FAILED(answered)) stream_close(stream, answered);
    else stream_send(stream, answer);
}

static err serve(struct program *p, const struct text2 *why_none)
{
    const struct settings *s = &p->settings;
    TRY(loop_create(&(struct loop_options){.clock = clock_system(), .stop_on_signals = true},
                    &p->loop));
    if (why_none == NULL) TRY(plug_open(p->loop, READER_HOST_PORT, &p->plug));
    const struct hand_options options = {.loop = p->loop,
                                         .clock = clock_system(),
                                         .random = random_system(),
                                         .crypto = &p->crypto,
                                         .plug = p->plug,
                                         .why_none = why_none};
    TRY(hand_open(&options, &p->hand));
    const struct stream_pool_options pool = {
        .loop = p->loop, .streams_max = STREAMS_MAX, .frame = {4, HAND_ANSWER_MAX}};
    const struct stream_events events = {NULL, on_frame, NULL, p};
    TRY(stream_pool_create(&pool, &p->pool));
    TRY(stream_listen_unix(p->pool, s->socket, STREAMS_MAX, &events, &p->listener));
    process_ready((int)s->ready_fd, "reader=%d", why_none == NULL);
    return loop_run(p->loop);
}

/* Why there is no reader, or NULL. */
static const struct text2 *start_reader(struct program *p)
{
    struct process_fault fault = {""};
    const char *directory = p->settings.directory;
    err done = mkdir(directory, 0700) == 0 || errno == EEXIST ? OK : ERR(IO);
    if (!FAILED(done)) done = reader_host_enter(directory, &fault);
    if (!FAILED(done)) done = reader_host_start(directory, &p->pcscd);
    if (!FAILED(done)) return NULL;
    log_event(&p->log, LOG_WARN, "no_reader", LOG_ERR(done), LOG_TEXT("why", fault.text));
    return done.code == ERR_UNSUPPORTED ? &not_installed : &not_permitted;
}

int main(int argc, char **argv)
{
    static struct program p;
    p.settings = (struct settings){.ready_fd = -1};
    const struct process_option options[] = {
        {"directory", "DIR", "where the reader's pcscd has its files; an absolute, short path",
         .text = &p.settings.directory, .required = true},
        {"socket", "SOCKET", "where cards are inserted, tapped and removed",
         .text = &p.settings.socket, .required = true},
        {"ready-fd", "N", "descriptor that is told when the socket listens",
         .number = &p.settings.ready_fd, .max = 1023},
    };
    const struct process_program about = {
        .name = "tongbao-cards",
        .version = TONGBAO_VERSION,
        .summary = "A virtual card reader, and chip cards to put into it: for tests and the demo.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;
    p.log = log_to_fd(2, "cards", clock_system());

    const struct text2 *why_none = start_reader(&p); /* before anything else is open */
    err done = process_harden();
    if (!FAILED(done)) done = crypto_open(random_system(), &p.crypto);
    if (!FAILED(done)) done = serve(&p, why_none);
    stream_pool_destroy(p.pool);
    hand_close(p.hand);
    plug_close(p.plug);
    loop_destroy(p.loop);
    crypto_close(&p.crypto);
    if (p.pcscd > 0) reader_host_stop(p.pcscd);
    if (!FAILED(done)) return EXIT_SUCCESS;
    process_complain(&about, "%s: %s", p.settings.socket, err_text(done));
    return PROCESS_EXIT_FAILED;
}
