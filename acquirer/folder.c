/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fold in a thread of its own, with its own handles on both stores: the hot path neither waits
 * for it nor shares a lock with it. When it fails the payments go on, because the journal is the
 * truth and the fold takes up where it stopped; the log and the status say that it stands.
 */
#include <stdio.h>

#include "acquirer/program.h"

enum { FOLD_ROWS = 1000, FOLD_WAIT_MS = 100, FOLD_AGAIN_MS = 5000 };

static void run(void *context)
{
    struct folder *f = context;
    size_t rows = 0;
    err folded = fold_step(f->fold, FOLD_ROWS, &rows);
    int64_t wait_ms = rows == FOLD_ROWS ? 0 : FOLD_WAIT_MS;
    if (FAILED(folded)) {
        if (!atomic_exchange(&f->failed, true))
            log_event(f->log, LOG_ERROR, "fold_stands", LOG_ERR(folded),
                      LOG_TEXT("cause", fold_error_text(f->fold)));
        wait_ms = FOLD_AGAIN_MS;
    } else if (atomic_exchange(&f->failed, false)) {
        log_event(f->log, LOG_INFO, "fold_goes_on", LOG_INT("seq", fold_seq(f->fold)));
    }
    atomic_store(&f->seq, fold_seq(f->fold));
    if (FAILED(loop_timer_set(f->loop, &f->timer, wait_ms))) loop_stop(f->loop);
}

static void stop(void *context)
{
    struct folder *f = context;
    loop_stop(f->loop);
}

static void *thread(void *context)
{
    struct folder *f = context;
    f->failure = loop_run(f->loop);
    return NULL;
}

err folder_start(struct folder *f, const struct fold_config *config, const struct log *log,
                 struct process_fault *fault)
{
    struct store_fault cause = {{0}};
    err opened = fold_open(config, &cause, &f->fold);
    if (FAILED(opened)) {
        snprintf(fault->text, sizeof fault->text, "%.250s", cause.text);
        return opened;
    }
    f->log = log;
    atomic_store(&f->seq, fold_seq(f->fold));
    TRY(loop_create(&(struct loop_options){.clock = clock_system()}, &f->loop));
    f->timer = (struct loop_timer){.run = run, .context = f};
    f->stop = (struct loop_wake){.run = stop, .context = f};
    TRY(loop_wake_open(f->loop, &f->stop));
    TRY(loop_timer_set(f->loop, &f->timer, 0));
    if (pthread_create(&f->thread, NULL, thread, f) != 0) return ERR(NO_MEMORY);
    f->running = true;
    return OK;
}

void folder_stop(struct folder *f)
{
    if (f->running) {
        loop_wake_signal(&f->stop);
        pthread_join(f->thread, NULL);
        f->running = false;
    }
    if (f->loop != NULL) loop_wake_close(&f->stop);
    loop_destroy(f->loop);
    f->loop = NULL;
    fold_close(f->fold);
    f->fold = NULL;
}
