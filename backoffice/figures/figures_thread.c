/* SPDX-License-Identifier: Apache-2.0 */
/* A loop with a timer: a batch, and the next one at once or in a tenth of a second. */
#include "backoffice/figures/figures_thread.h"

#include <assert.h>

enum {
    WAIT_MS = 100, /* with the ledger's own tenth of a second, a payment shows within one second */
    AGAIN_MS = 5000,
    CHECKPOINT_PAGES = 1024, /* 4 MB of WAL */
};

/* The program says more with every failure only until it works again. */
static void fails(struct figures_thread *t, err why, const char *cause)
{
    if (!t->failed)
        log_event(t->log, LOG_ERROR, "figures_stand", LOG_ERR(why), LOG_TEXT("cause", cause));
    t->failed = true;
}

static err step(struct figures_thread *t, size_t *ret_rows)
{
    struct store_fault cause = {""};
    if (t->fold == NULL) {
        err opened = figures_fold_open(&t->config, &cause, &t->fold);
        if (FAILED(opened)) {
            t->fold = NULL;
            fails(t, opened, cause.text);
            return opened;
        }
    }
    err folded = figures_fold_step(t->fold, FIGURES_ROWS_MAX_STEP, ret_rows);
    if (!FAILED(folded)) return OK;
    fails(t, folded, figures_fold_error(t->fold));
    figures_fold_close(t->fold); /* a handle that has failed is not used again */
    t->fold = NULL;
    return folded;
}

static void run(void *context)
{
    struct figures_thread *t = context;
    size_t rows = 0;
    err stepped = step(t, &rows);
    int64_t wait_ms = FAILED(stepped) ? AGAIN_MS : rows == 0 ? WAIT_MS : 0;
    if (!FAILED(stepped) && t->failed) {
        t->failed = false;
        log_event(t->log, LOG_INFO, "figures_go_on", LOG_INT("seq", figures_fold_seq(t->fold)));
    }
    if (rows > 0) loop_wake_signal(t->news);
    if (FAILED(loop_timer_set(t->loop, &t->timer, wait_ms))) loop_stop(t->loop);
}

static void stop(void *context)
{
    struct figures_thread *t = context;
    loop_stop(t->loop);
}

static void *thread(void *context)
{
    struct figures_thread *t = context;
    err ended = loop_run(t->loop);
    if (FAILED(ended)) log_event(t->log, LOG_ERROR, "figures_stand", LOG_ERR(ended));
    return NULL;
}

err figures_thread_start(struct figures_thread *t, const char *state, const char *journal_path,
                         const char *ledger_path, struct loop_wake *news, const struct log *log)
{
    static_assert((int)PSEUDONYM_KEY_BYTES == (int)FIGURES_KEY_BYTES, "one key");
    const struct random random = random_system();
    TRY(file_path(state, "figures.db", t->path, sizeof t->path));
    TRY(file_path(state, "figures.key", t->key_path, sizeof t->key_path));
    TRY(pseudonym_key_load(t->key_path, &random, t->key));
    t->config = (struct figures_config){.mode = STORE_CREATE,
                                        .sources = STORE_READ_ONLY,
                                        .journal_path = journal_path,
                                        .ledger_path = ledger_path,
                                        .figures_path = t->path,
                                        .hash = pseudonym_of,
                                        .key = t->key,
                                        .checkpoint_pages = CHECKPOINT_PAGES};
    t->news = news;
    t->log = log;
    TRY(loop_create(&(struct loop_options){.clock = clock_system()}, &t->loop));
    t->timer = (struct loop_timer){.run = run, .context = t};
    t->stop = (struct loop_wake){.run = stop, .context = t};
    TRY(loop_wake_open(t->loop, &t->stop));
    TRY(loop_timer_set(t->loop, &t->timer, 0));
    if (pthread_create(&t->thread, NULL, thread, t) != 0) return ERR(NO_MEMORY);
    t->running = true;
    return OK;
}

void figures_thread_stop(struct figures_thread *t)
{
    if (t->running) {
        loop_wake_signal(&t->stop);
        pthread_join(t->thread, NULL);
        t->running = false;
    }
    if (t->loop == NULL) return;
    loop_wake_close(&t->stop);
    loop_destroy(t->loop);
    t->loop = NULL;
    figures_fold_close(t->fold);
    t->fold = NULL;
}
