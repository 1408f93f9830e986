/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that wait for a job, run the process that draws, and wake the loop. */
#include "backoffice/stock/paper_wire.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/base/clock_turned.h"

enum place { FREE, WAITING, RUNNING, DONE };

struct drawer {
    struct paper_wire *wire;
    pthread_t thread;
    enum place place;        /* under the lock; what follows is the thread's while it is RUNNING */
    struct clock_seat *seat; /* of a clock that is turned, from WAITING until the loop knows */
    struct paper_job job;
    err drawn;
    uint8_t request[PAPER_REQUEST_MAX], pdf[1 + PAPER_PDF_MAX];
    size_t request_len, pdf_len;
};

struct paper_wire {
    struct paper_wire_options options;
    struct paper_ports ports;
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    bool stopping; /* under the lock */
    struct loop_wake wake;
    unsigned count;
    struct drawer drawer[PAPERS_IN_FLIGHT];
};

static void draw_one(struct drawer *d)
{
    struct writer pdf = writer_over(d->pdf, sizeof d->pdf);
    d->drawn = paper_draw(d->wire->options.program, d->job.kind,
                          bytes_of(d->request, d->request_len), &pdf);
    d->pdf_len = pdf.len;
}

static void *work(void *context)
{
    struct drawer *d = context;
    struct paper_wire *all = d->wire;
    pthread_mutex_lock(&all->lock);
    for (;;) {
        while (d->place != WAITING && !all->stopping) pthread_cond_wait(&all->wanted, &all->lock);
        if (all->stopping) break;
        d->place = RUNNING;
        pthread_mutex_unlock(&all->lock);
        draw_one(d);
        pthread_mutex_lock(&all->lock);
        d->place = DONE;
        loop_wake_signal(&all->wake);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

static enum place place_of(struct drawer *d)
{
    pthread_mutex_lock(&d->wire->lock);
    enum place place = d->place;
    pthread_mutex_unlock(&d->wire->lock);
    return place;
}

static void set_place(struct drawer *d, enum place place)
{
    pthread_mutex_lock(&d->wire->lock);
    d->place = place;
    if (place == WAITING) pthread_cond_broadcast(&d->wire->wanted);
    pthread_mutex_unlock(&d->wire->lock);
}

static void on_wake(void *context)
{
    struct paper_wire *all = context;
    for (unsigned i = 0; i < all->count; i++) {
        struct drawer *d = &all->drawer[i];
        if (place_of(d) != DONE) continue;
        all->options.done(all->options.context, &d->job, d->drawn, bytes_of(d->pdf, d->pdf_len));
        explicit_bzero(d->request, sizeof d->request);
        explicit_bzero(d->pdf, d->pdf_len);
        clock_seat_give(d->seat);
        set_place(d, FREE);
    }
}

static err begin(void *context, const struct paper_job *job, struct bytes request)
{
    struct paper_wire *all = context;
    ENSURE(request.len <= PAPER_REQUEST_MAX);
    for (unsigned i = 0; i < all->count; i++) {
        struct drawer *d = &all->drawer[i];
        if (place_of(d) != FREE) continue;
        d->job = *job;
        memcpy(d->request, request.at, request.len);
        d->request_len = request.len;
        d->seat = clock_seat_take();
        set_place(d, WAITING);
        return OK;
    }
    return ERR(FULL);
}

err paper_wire_open(const struct paper_wire_options *options, struct paper_wire **ret_wire)
{
    struct paper_wire *all = calloc(1, sizeof *all);
    if (all == NULL) return ERR(NO_MEMORY);
    *ret_wire = all; /* the caller closes what there is, also on failure */
    all->options = *options;
    all->ports = (struct paper_ports){all, begin};
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->wanted, NULL);
    all->wake = (struct loop_wake){.run = on_wake, .context = all};
    TRY(loop_wake_open(options->loop, &all->wake));
    for (; all->count < PAPERS_IN_FLIGHT; all->count++) {
        struct drawer *d = &all->drawer[all->count];
        d->wire = all;
        if (pthread_create(&d->thread, NULL, work, d) != 0) return ERR(NO_MEMORY);
    }
    return OK;
}

const struct paper_ports *paper_wire_ports(const struct paper_wire *wire)
{
    return &wire->ports;
}

void paper_wire_close(struct paper_wire *all)
{
    if (all == NULL) return;
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_broadcast(&all->wanted);
    pthread_mutex_unlock(&all->lock);
    for (unsigned i = 0; i < all->count; i++) pthread_join(all->drawer[i].thread, NULL);
    loop_wake_close(&all->wake);
    pthread_cond_destroy(&all->wanted);
    pthread_mutex_destroy(&all->lock);
    free(all);
}
