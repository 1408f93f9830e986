/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checkpointer: a thread and a connection of its own that move the WAL into the database file.
 *
 * PASSIVE checkpoints run beside the writer. SQLite starts the WAL anew only when a writer begins
 * and finds all of it moved; under steady group commits there is always one group more, and the
 * WAL would grow for ever. So when it has grown to WAL_FACTOR times the
 * limit, the thread first moves what it can, then closes the gate and moves the last few pages:
 * the writer waits once for a few milliseconds, every WAL_FACTOR * pages pages.
 *
 * A thread that gets no processor would let the WAL grow for as long as that lasts. So at
 * WAIT_FACTOR times WAL_FACTOR the writer waits for it, until it has tried, well or not: on a
 * loaded machine the WAL of a busy writer grew past 16 MB where 1 MB was meant.
 */
#include <stdlib.h>

#include "lib/store/sqlite.h"

enum { WAL_FACTOR = 16, WAIT_FACTOR = 2 };

struct store_checkpointer {
    struct store *store;
    sqlite3 *db;
    int pages;
    pthread_t thread;
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t signal;
    bool wanted, stop; /* told to the thread */
    bool inside;       /* the store is between begin and commit */
    bool closed;       /* the thread has closed the gate: the store waits before it begins */
    bool late;         /* the WAL is so long that the store waits for the thread's next try */
};

/* A plain mutex as the gate was tried: a busy writer takes it again before the thread wakes up. */
void store_gate_enter(struct store *store)
{
    struct store_checkpointer *checkpointer = store->checkpointer;
    if (checkpointer == NULL) return;
    pthread_mutex_lock(&checkpointer->lock);
    while (checkpointer->closed || checkpointer->late)
        pthread_cond_wait(&checkpointer->signal, &checkpointer->lock);
    checkpointer->inside = true;
    pthread_mutex_unlock(&checkpointer->lock);
}

void store_gate_leave(struct store *store)
{
    struct store_checkpointer *checkpointer = store->checkpointer;
    if (checkpointer == NULL) return;
    pthread_mutex_lock(&checkpointer->lock);
    checkpointer->inside = false;
    if (checkpointer->closed) pthread_cond_broadcast(&checkpointer->signal);
    pthread_mutex_unlock(&checkpointer->lock);
}

static void gate_close(struct store_checkpointer *checkpointer)
{
    pthread_mutex_lock(&checkpointer->lock);
    checkpointer->closed = true;
    while (checkpointer->inside) pthread_cond_wait(&checkpointer->signal, &checkpointer->lock);
    pthread_mutex_unlock(&checkpointer->lock);
}

static void gate_open(struct store_checkpointer *checkpointer)
{
    pthread_mutex_lock(&checkpointer->lock);
    checkpointer->closed = false;
    pthread_cond_broadcast(&checkpointer->signal);
    pthread_mutex_unlock(&checkpointer->lock);
}

/* Called by SQLite in the committing thread, with the number of pages that the WAL now has. */
static int after_commit(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    struct store_checkpointer *checkpointer = context;
    if (pages < checkpointer->pages) return SQLITE_OK;
    pthread_mutex_lock(&checkpointer->lock);
    checkpointer->wanted = true;
    checkpointer->late = pages >= WAIT_FACTOR * WAL_FACTOR * checkpointer->pages;
    pthread_cond_broadcast(&checkpointer->signal);
    pthread_mutex_unlock(&checkpointer->lock);
    return SQLITE_OK;
}

void store_checkpointer_attach(struct store *store)
{
    if (store->checkpointer != NULL) sqlite3_wal_hook(store->db, after_commit, store->checkpointer);
}

static int move_pages(struct store_checkpointer *checkpointer, int *in_wal)
{
    return sqlite3_wal_checkpoint_v2(checkpointer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, in_wal,
                                     NULL);
}

/* A checkpoint that fails loses nothing: the WAL keeps the pages and the next one tries again. */
static void checkpoint(struct store_checkpointer *checkpointer)
{
    int in_wal = 0;
    if (move_pages(checkpointer, &in_wal) != SQLITE_OK) return;
    if (in_wal < WAL_FACTOR * checkpointer->pages) return;
    /* What came in meanwhile, so that little is left to do behind the gate. */
    if (move_pages(checkpointer, &in_wal) != SQLITE_OK) return;
    gate_close(checkpointer);
    (void)move_pages(checkpointer, &in_wal);
    gate_open(checkpointer);
}

static void *run(void *context)
{
    struct store_checkpointer *checkpointer = context;
    pthread_mutex_lock(&checkpointer->lock);
    while (!checkpointer->stop) {
        if (!checkpointer->wanted) {
            pthread_cond_wait(&checkpointer->signal, &checkpointer->lock);
            continue;
        }
        checkpointer->wanted = false;
        pthread_mutex_unlock(&checkpointer->lock);
        checkpoint(checkpointer);
        pthread_mutex_lock(&checkpointer->lock);
        checkpointer->late = false;
        pthread_cond_broadcast(&checkpointer->signal);
    }
    pthread_mutex_unlock(&checkpointer->lock);
    return NULL;
}

static void give_up(struct store_checkpointer *checkpointer)
{
    sqlite3_close(checkpointer->db);
    pthread_cond_destroy(&checkpointer->signal);
    pthread_mutex_destroy(&checkpointer->lock);
    free(checkpointer);
}

static err connect_own(struct store_checkpointer *checkpointer)
{
    struct store *store = checkpointer->store;
    int result = sqlite3_open_v2(store->path, &checkpointer->db,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(checkpointer->db,
                              "PRAGMA synchronous=FULL; SELECT count(*) FROM sqlite_schema;", NULL,
                              NULL, NULL);
    return result == SQLITE_OK ? OK : store_failed(store, result, "cannot start the checkpointer");
}

err store_checkpointer_start(struct store *store, int pages,
                             struct store_checkpointer **ret_checkpointer)
{
    ENSURE(store->checkpointer == NULL && !store->in_tx && !store->group_open && pages > 0);
    ENSURE(store->options.mode == STORE_CREATE || store->options.mode == STORE_OPEN);
    struct store_checkpointer *checkpointer = calloc(1, sizeof *checkpointer);
    if (checkpointer == NULL) return ERR(NO_MEMORY);
    checkpointer->store = store;
    checkpointer->pages = pages;
    pthread_mutex_init(&checkpointer->lock, NULL);
    pthread_cond_init(&checkpointer->signal, NULL);

    err failure = connect_own(checkpointer);
    if (!FAILED(failure) && pthread_create(&checkpointer->thread, NULL, run, checkpointer) != 0)
        failure = ERR(NO_MEMORY);
    if (FAILED(failure)) {
        give_up(checkpointer);
        return failure;
    }
    store->checkpointer = checkpointer;
    store_checkpointer_attach(store);
    *ret_checkpointer = checkpointer;
    return OK;
}

void store_checkpointer_stop(struct store_checkpointer *checkpointer)
{
    if (checkpointer == NULL) return;
    struct store *store = checkpointer->store;
    ENSURE(store->checkpointer == checkpointer && !store->in_tx && !store->group_open);
    pthread_mutex_lock(&checkpointer->lock);
    checkpointer->stop = true;
    pthread_cond_broadcast(&checkpointer->signal);
    pthread_mutex_unlock(&checkpointer->lock);
    pthread_join(checkpointer->thread, NULL);

    store->checkpointer = NULL;
    if (store->db != NULL) sqlite3_wal_autocheckpoint(store->db, 1000);
    if (!store->crashed)
        (void)sqlite3_wal_checkpoint_v2(checkpointer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                        NULL);
    else sqlite3_db_config(checkpointer->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    give_up(checkpointer);
}
