/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sqlite: what the files of the SQLite driver share. Private to lib/store: nobody else includes it.
 */

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>

#include "lib/base/writer.h"
#include "lib/store/store.h"

/* What SQLite still has bound to a parameter. It keeps that until it is told another value, and
 * most columns of most rows are what they were in the row before. */
struct store_bound {
    enum { BOUND_ANYTHING, BOUND_INT, BOUND_NULL, BOUND_NO_TEXT, BOUND_NO_BLOB } what;
    int64_t value;
};

enum { STORE_BOUNDS_MAX = 6144 }; /* six of each statement, as the back office has on average */

struct store_statement {
    struct store *store;
    const char *sql; /* NULL: a free place of the cache */
    sqlite3_stmt *prepared;
    int parameters, columns;
    int bound;  /* parameters bound so far */
    int column; /* the next column to read */
    bool row;   /* stands on a row */
    enum err_code fault;
    struct store_bound *kept; /* a place for each parameter; NULL when there was no room */
};

struct store {
    sqlite3 *db;
    char path[STORE_PATH_MAX];
    struct store_options options;
    int lock_fd; /* of the file that says who writes, or -1 */
    bool crashed;
    enum err_code poison; /* the error of the commit that failed, or ERR_OK */
    bool in_tx;
    bool grouping;   /* what begins is a part of the group */
    bool group_open; /* the group has parts that are not durable */
    int64_t changes;
    char error[STORE_TEXT_MAX];
    store_fault_function fault;
    void *fault_context;
    struct store_checkpointer *checkpointer;
    sqlite3_stmt *begin, *commit, *rollback;
    sqlite3_stmt *part_begin, *part_keep, *part_undo;
    struct store_statement statement[STORE_STATEMENTS_MAX];
    /* Of all statements, given out as they are prepared: no memory is taken after the store was
     * opened. Whoever comes when all is given out binds everything each time. */
    struct store_bound bound[STORE_BOUNDS_MAX];
    unsigned bounds;
};

/* Is the store usable, and does the fault function let this call through? */
MUST_USE err store_ask(struct store *store, enum store_call call);

/* Turns a result of SQLite into an err and writes the error text. `doing`: "cannot commit". */
MUST_USE err store_failed(struct store *store, int result, const char *doing);

/* Finalizes every statement; their places stay, so that they can be prepared again. */
void store_forget_statements(struct store *store);

/* group.c: a transaction that is a part. */
MUST_USE err store_part_begin(struct store *store);
MUST_USE err store_part_commit(struct store *store);
void store_part_rollback(struct store *store);

/* sqlite.c, for group.c */
int store_run_prepared(sqlite3_stmt *statement);
MUST_USE err store_begin_now(struct store *store);
MUST_USE err store_commit_now(struct store *store);
void store_end_now(struct store *store);

/* Resets every SELECT that stands on a row: none may outlive its transaction. */
void store_reset_statements(struct store *store);

/* Prepares for good; NULL `store->db` is a bug. */
MUST_USE err store_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_prepared);

/* The checkpointer's gate: held from begin to commit, free at once when there is no checkpointer.
 */
void store_gate_enter(struct store *store);
void store_gate_leave(struct store *store);

/* (Re)joins the connection of the store to its checkpointer. */
void store_checkpointer_attach(struct store *store);

/* What SQLite is told once in a process, before its first database. */
void store_set_up(void);

/* "file:/name?vfs=memdb" of a memory database. LENGTH. */
MUST_USE err store_memory_uri(const char *name, char uri[static STORE_PATH_MAX]);

enum { STORE_APPLICATION_ID = 0x544F4E47 /* "TONG" */ };
