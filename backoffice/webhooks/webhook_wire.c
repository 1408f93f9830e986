/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that wait for a letter, run the process that sends it, and wake the loop. */
#include "backoffice/webhooks/webhook_wire.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock_turned.h"
#include "lib/wire/helper.h"

enum {
    REQUEST_MAX = 16 * 1024,
    ANSWER_MAX = 256,
    WAIT_MS = EGRESS_TIMEOUT_MS + 3000, /* a name may take its time before the request begins */
};

enum place { FREE, WAITING, RUNNING, DONE };

struct sender {
    struct webhook_wire *wire;
    pthread_t thread;
    enum place place;        /* under the lock */
    struct clock_seat *seat; /* of a clock that is turned, from WAITING until the loop knows */
    int64_t delivery;
    uint8_t request[REQUEST_MAX];
    size_t len;
    struct egress_answer answer;
};

struct webhook_wire {
    struct webhook_wire_options options;
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    bool stopping; /* under the lock */
    struct loop_wake wake;
    unsigned count;
    struct sender sender[WEBHOOK_IN_FLIGHT];
};

/* What the process says; anything else than that is a request that came to nothing. */
static err read_answer(struct bytes text, struct egress_answer *ret)
{
    CLEANUP(json_free) struct json_document document = {NULL};
    struct bytes fault;
    int64_t reason, status, retry;
    TRY(json_parse(text, ANSWER_MAX, &document));
    TRY(json_text(document.root, "fault", 32, &fault));
    TRY(json_int(document.root, "reason", 0, ERR_CODES - 1, &reason));
    TRY(json_int(document.root, "status", 0, 999, &status));
    TRY(json_int(document.root, "retry_after", 0, 10000000, &retry));
    *ret = (struct egress_answer){.fault = egress_fault_of(fault),
                                  .reason = {(enum err_code)reason},
                                  .status = (int)status,
                                  .retry_after_s = retry};
    return ret->fault == EGRESS_FAULTS ? ERR(FORMAT) : OK;
}

static void send_one(struct sender *s)
{
    uint8_t block[ANSWER_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct webhook_wire_options *o = &s->wire->options;
    err e = helper_run(o->program, o->loopback ? "--loopback" : "--public",
                       bytes_of(s->request, s->len), WAIT_MS, &w);
    if (!FAILED(e)) e = read_answer(writer_view(&w), &s->answer);
    if (FAILED(e)) s->answer = (struct egress_answer){.fault = EGRESS_NONE, .reason = e};
}

static void *work(void *context)
{
    struct sender *s = context;
    struct webhook_wire *all = s->wire;
    pthread_mutex_lock(&all->lock);
    for (;;) {
        while (s->place != WAITING && !all->stopping) pthread_cond_wait(&all->wanted, &all->lock);
        if (all->stopping) break;
        s->place = RUNNING;
        pthread_mutex_unlock(&all->lock);
        send_one(s);
        pthread_mutex_lock(&all->lock);
        s->place = DONE;
        loop_wake_signal(&all->wake);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

static void on_wake(void *context)
{
    struct webhook_wire *all = context;
    for (unsigned i = 0; i < all->count; i++) {
        struct sender *s = &all->sender[i];
        pthread_mutex_lock(&all->lock);
        bool done = s->place == DONE;
        struct egress_answer answer = s->answer;
        int64_t delivery = s->delivery;
        if (done) s->place = FREE;
        pthread_mutex_unlock(&all->lock);
        if (done) clock_seat_give(s->seat);
        if (done) all->options.done(all->options.context, delivery, &answer);
    }
}

static err write_request(struct sender *s, const struct webhook_letter *letter)
{
    char at[24];
    struct writer w = writer_over(s->request, sizeof s->request);
    struct json_out j = json_out_over(&w);
    struct bytes text;
    snprintf(at, sizeof at, "%lld", (long long)letter->at_s);
    json_object_begin(&j);
    json_member_string(&j, "url", letter->url);
    json_member_string(&j, "id", letter->id);
    json_member_string(&j, "at", at);
    json_member_string(&j, "signatures", letter->signatures);
    json_member_text(&j, "body", letter->body);
    json_object_end(&j);
    TRY(writer_finish(&w, &text));
    s->len = text.len;
    return OK;
}

static err send_letter(void *context, const struct webhook_letter *letter)
{
    struct webhook_wire *all = context;
    struct sender *s = NULL;
    pthread_mutex_lock(&all->lock);
    for (unsigned i = 0; i < all->count && s == NULL; i++)
        if (all->sender[i].place == FREE) s = &all->sender[i];
    err e = s == NULL ? ERR(FULL) : write_request(s, letter);
    if (!FAILED(e)) {
        s->delivery = letter->delivery;
        s->seat = clock_seat_take();
        s->place = WAITING;
        pthread_cond_broadcast(&all->wanted);
    }
    pthread_mutex_unlock(&all->lock);
    return e;
}

err webhook_wire_open(const struct webhook_wire_options *options, struct webhook_wire **ret_wire)
{
    struct webhook_wire *all = calloc(1, sizeof *all);
    if (all == NULL) return ERR(NO_MEMORY);
    *ret_wire = all; /* the caller closes what there is, also on failure */
    all->options = *options;
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->wanted, NULL);
    all->wake = (struct loop_wake){.run = on_wake, .context = all};
    TRY(loop_wake_open(options->loop, &all->wake));
    for (; all->count < WEBHOOK_IN_FLIGHT; all->count++) {
        struct sender *s = &all->sender[all->count];
        s->wire = all;
        if (pthread_create(&s->thread, NULL, work, s) != 0) return ERR(NO_MEMORY);
    }
    return OK;
}

struct webhook_ports webhook_wire_ports(struct webhook_wire *wire)
{
    return (struct webhook_ports){wire, send_letter, wire->options.loopback};
}

void webhook_wire_close(struct webhook_wire *all)
{
    if (all == NULL) return;
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_broadcast(&all->wanted);
    pthread_mutex_unlock(&all->lock);
    for (unsigned i = 0; i < all->count; i++) pthread_join(all->sender[i].thread, NULL);
    loop_wake_close(&all->wake);
    pthread_cond_destroy(&all->wanted);
    pthread_mutex_destroy(&all->lock);
    free(all);
}
