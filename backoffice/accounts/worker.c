/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that wait for a job, do it, and wake the loop. */
#include "backoffice/accounts/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "backoffice/accounts/keyed.h"
#include "backoffice/limits.h"
#include "lib/base/clock_turned.h"

enum { NICE = 5 };

enum place { FREE, WAITING, RUNNING, DONE };

/* One thread and its job, with copies of everything that the job refers to. */
struct worker {
    struct workers *workers;
    pthread_t thread;
    bool started;
    struct hsm_keyed keyed;
    enum place place;        /* under the lock */
    struct clock_seat *seat; /* of a clock that is turned, from WAITING until the loop knows */
    struct backoffice_hash job;
    char whose[PASSWORD_CONTEXT_MAX], record[PASSWORD_RECORD_MAX];
    uint8_t password[PASSWORD_MAX], chosen[PASSWORD_MAX];
    char old[HASH_OLD_PASSWORDS][PASSWORD_RECORD_MAX];
    struct backoffice_hashed result;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    bool stopping; /* under the lock */
    struct loop_wake wake;
    void (*done)(void *context, const struct backoffice_hashed *result);
    void *context;
    unsigned count;
    struct worker worker[HASH_THREADS_MAX];
};

static void wipe_job(struct worker *w)
{
    explicit_bzero(w->password, sizeof w->password);
    explicit_bzero(w->chosen, sizeof w->chosen);
}

static void *work(void *context)
{
    struct worker *w = context;
    struct workers *all = w->workers;
    const struct random random = random_system();
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: this thread's alone */
    pthread_mutex_lock(&all->lock);
    for (;;) {
        while (w->place != WAITING && !all->stopping) pthread_cond_wait(&all->wanted, &all->lock);
        if (all->stopping) break;
        w->place = RUNNING;
        pthread_mutex_unlock(&all->lock);
        backoffice_hash_run(&w->job, password_cost_full(), &random, hsm_keyed_port(&w->keyed),
                            &w->result);
        wipe_job(w);
        pthread_mutex_lock(&all->lock);
        w->place = DONE;
        loop_wake_signal(&all->wake);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

/* In the loop's thread: hands over what is done. */
static void on_wake(void *context)
{
    struct workers *all = context;
    for (unsigned i = 0; i < all->count; i++) {
        struct worker *w = &all->worker[i];
        pthread_mutex_lock(&all->lock);
        bool done = w->place == DONE;
        struct backoffice_hashed result = w->result;
        if (done) w->place = FREE;
        pthread_mutex_unlock(&all->lock);
        if (done) clock_seat_give(w->seat);
        if (done) all->done(all->context, &result);
    }
}

static struct bytes keep(uint8_t to[PASSWORD_MAX], struct bytes from)
{
    ENSURE(from.len <= PASSWORD_MAX);
    if (from.len > 0) memcpy(to, from.at, from.len);
    return bytes_of(to, from.len);
}

static void keep_text(char *to, size_t size, const char *from)
{
    err fits = bytes_to_text(bytes_text(from), to, size);
    ENSURE(!FAILED(fits));
}

static void copy_job(struct worker *w, const struct backoffice_hash *job)
{
    ENSURE(job->old_count <= HASH_OLD_PASSWORDS);
    w->job = *job;
    keep_text(w->whose, sizeof w->whose, job->whose);
    keep_text(w->record, sizeof w->record, job->record);
    w->job.whose = w->whose;
    w->job.record = w->record;
    w->job.password = keep(w->password, job->password);
    w->job.chosen = keep(w->chosen, job->chosen);
    for (size_t i = 0; i < job->old_count; i++) keep_text(w->old[i], sizeof w->old[i], job->old[i]);
    w->job.old = (const char(*)[PASSWORD_RECORD_MAX])w->old;
}

void workers_hash(void *context, const struct backoffice_hash *job)
{
    struct workers *all = context;
    pthread_mutex_lock(&all->lock);
    struct worker *free_one = NULL;
    for (unsigned i = 0; i < all->count; i++)
        if (all->worker[i].place == FREE) free_one = &all->worker[i];
    ENSURE(free_one != NULL); /* the core has no more jobs out than there are threads */
    copy_job(free_one, job);
    free_one->seat = clock_seat_take();
    free_one->place = WAITING;
    pthread_cond_broadcast(&all->wanted);
    pthread_mutex_unlock(&all->lock);
}

static err start_one(struct program *p, struct workers *all)
{
    struct worker *w = &all->worker[all->count];
    w->workers = all;
    hsm_keyed_open(&w->keyed, p);
    if (pthread_create(&w->thread, NULL, work, w) != 0) return ERR(NO_MEMORY);
    w->started = true;
    all->count++;
    return OK;
}

err workers_start(struct program *p, unsigned threads,
                  void (*done)(void *context, const struct backoffice_hashed *result),
                  struct workers **ret_workers)
{
    ENSURE(threads >= 1 && threads <= HASH_THREADS_MAX);
    struct workers *all = calloc(1, sizeof *all);
    if (all == NULL) return ERR(NO_MEMORY);
    *ret_workers = all; /* the caller stops what there is, also on failure */
    all->done = done;
    all->context = p;
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->wanted, NULL);
    all->wake = (struct loop_wake){.run = on_wake, .context = all};
    TRY(loop_wake_open(p->loop, &all->wake));
    for (unsigned i = 0; i < threads; i++) TRY(start_one(p, all));
    return OK;
}

void workers_stop(struct workers *all)
{
    if (all == NULL) return;
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_broadcast(&all->wanted);
    pthread_mutex_unlock(&all->lock);
    for (unsigned i = 0; i < all->count; i++) {
        struct worker *w = &all->worker[i];
        pthread_join(w->thread, NULL);
        hsm_keyed_close(&w->keyed);
        wipe_job(w);
    }
    loop_wake_close(&all->wake);
    pthread_cond_destroy(&all->wanted);
    pthread_mutex_destroy(&all->lock);
    free(all);
}
