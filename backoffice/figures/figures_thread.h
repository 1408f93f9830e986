/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * figures_thread: the fold of figures in a thread of its own, with handles of its own: pages
 * neither wait for it nor share a lock with it. When it fails pages go on with what there is, the
 * log says so, and it is tried again; a journal that is not there yet is waited for.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "figures/fold.h"
#include "lib/auth/pseudonym.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/wire/loop.h"

struct figures_thread {
    struct figures_config config;
    char path[FILE_PATH_MAX], key_path[FILE_PATH_MAX];
    uint8_t key[PSEUDONYM_KEY_BYTES];
    struct figures_fold *fold; /* NULL: not opened yet */
    struct loop *loop;
    struct loop_timer timer;
    struct loop_wake stop;
    struct loop_wake *news; /* of the program's loop: there is something new to be read */
    pthread_t thread;
    bool running, failed;
    const struct log *log;
};

/* Begins to fold `journal_path` and `ledger_path`, which outlive it, into figures.db of `state`.
 * After each batch `news` is signalled. Errors: CONFIG, those of pseudonym_key_load(), NO_MEMORY.
 */
MUST_USE err figures_thread_start(struct figures_thread *t, const char *state,
                                  const char *journal_path, const char *ledger_path,
                                  struct loop_wake *news, const struct log *log);
void figures_thread_stop(struct figures_thread *t); /* one that was never started is fine */
