/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store: one SQL interface for everything that Tongbao keeps on disk.
 *
 *   CLEANUP(store_rollback) struct store_tx tx = {0};
 *   TRY(store_begin(store, &tx));
 *   struct store_statement *insert;
 *   TRY(store_statement(store, "INSERT INTO note(id, text) VALUES(?, ?)", &insert));
 *   store_bind_int(insert, 7);
 *   store_bind_text(insert, BYTES("seven"));
 *   TRY(store_run(insert));
 *   TRY(store_commit(&tx));
 *
 * Purpose  hide which database it is; SQLite now (WAL, synchronous=FULL), PostgreSQL by the same
 * calls Durable  when store_commit() has returned OK the data survives a power cut; before, nothing
 * does Writers  a file has one writing process (a lock file beside it says which); readers are many
 * Threads  a store belongs to one thread at a time; only the checkpointer runs beside it
 * Limits   STORE_STATEMENTS_MAX different SQL texts a store; SQL texts are literals that outlive it
 * Memory   taken in store_open() and the first store_statement() of each text, never after
 * Tried    automatic checkpoints inside the committing thread: commits of 130 ms and more at p99,
 *          so the checkpointer below has its own thread and its own connection
 *
 * Errors, everywhere the same: FULL (disk or quota), READ_ONLY, BUSY (locked by somebody else),
 * CORRUPT (damaged, no database, or not the schema expected), NEWER (made by a newer version),
 * EXISTS (key is there already), DENIED (a trigger refuses), RANGE (a CHECK refuses), NO_MEMORY,
 * IO. store_error_text() says cause and remedy of the last one.
 *
 * Another SQL text at an address that was used before is a bug, and stops the program.
 *
 * After a failed commit nobody can know what has reached the disk: the store is poisoned, and every
 * call but store_reopen() and store_close() fails. A failed sync is never tried again on one
 * handle.
 */

#include "lib/base/bytes.h"

enum {
    STORE_STATEMENTS_MAX = 1024, /* the acquirer uses some forty, the back office hundreds */
    STORE_TEXT_MAX = 320,        /* an error text: path, cause and remedy */
    STORE_PATH_MAX = 240,
};

struct store;
struct store_statement;

enum store_mode {
    STORE_CREATE,    /* write; made when it is not there, its directory must be */
    STORE_OPEN,      /* write; NOT_FOUND when it is not there */
    STORE_READ_ONLY, /* read; NOT_FOUND when it is not there; takes no writer's lock */
    STORE_MEMORY,    /* `path` names a memory database held by a store_anchor */
};

struct store_options {
    enum store_mode mode;
    int busy_ms;       /* how long to wait for a lock of somebody else; 0 is not at all */
    int cache_pages;   /* pages of 4 KiB kept in memory; 0 for the usual 500 */
    int64_t max_pages; /* pages of 4 KiB the file may have, 0 for no limit; beyond it is FULL */
};

/* Cause and remedy of a failed store_open, which leaves no store to ask. */
struct store_fault {
    char text[STORE_TEXT_MAX];
};

/* `fault` may be NULL. The caller owns the store and ends it with store_close(). */
MUST_USE err store_open(const char *path, const struct store_options *options,
                        struct store_fault *fault, struct store **ret_store);

/* Abandons what is not committed. NULL is allowed. */
void store_close(struct store *store);

/* For CLEANUP(store_close_at). */
void store_close_at(struct store **store);

/*
 * Closes and opens again what is poisoned (disk space was freed, the medium is back). Statements
 * handed out before are gone. Not after a simulated crash: that side is dead.
 */
MUST_USE err store_reopen(struct store *store);

/* One line for the operator: what failed, why, and what to do. Empty when nothing has failed. */
const char *store_error_text(const struct store *store);

/* The same as a fault, for an open() built on this one that fails after store_open has succeeded.
 */
struct store_fault store_fault_of(const struct store *store);

/*
 * For the parts that keep their tables here: writes "path: what: text of `code`; remedy" as the
 * error text and returns `code`. `detail` may be NULL.
 */
MUST_USE err store_refuse(struct store *store, err code, const char *what, const char *detail);

/* The name it was opened by, for messages. */
const char *store_path(const struct store *store);

bool store_is_read_only(const struct store *store);

/* ---- transactions ------------------------------------------------------------------------- */

/* Zeroed is "no transaction": store_rollback() of it does nothing, so CLEANUP is always right. */
struct store_tx {
    struct store *store;
};

/*
 * Takes the writer's lock at once: a transaction that has begun cannot fail on a lock later. On a
 * read-only store it begins a snapshot instead: all reads until its end see one state.
 */
MUST_USE err store_begin(struct store *store, struct store_tx *tx);
MUST_USE err store_commit(struct store_tx *tx);
void store_rollback(struct store_tx *tx);

/* True between store_begin and its commit or rollback. */
bool store_in_tx(const struct store *store);

/*
 * Groups: many transactions, one sync. Between store_group_enter() and store_group_leave() a
 * transaction is a part: store_commit() keeps it in the group, store_rollback() undoes it alone.
 * Nothing of the group is durable before store_group_commit() has returned OK, so whoever was
 * promised something hears of it after that and not before. After the leave transactions are of
 * their own again; the first one that begins makes what the group holds durable before itself, so
 * that nothing is ever durable before what came earlier. Calls do not nest; between them the
 * writer's lock stays taken. A group that is lost (the database gave it up) poisons the store.
 */
void store_group_enter(struct store *store);
void store_group_leave(struct store *store);
/* Nothing to do without parts. Errors: as store_commit(). */
MUST_USE err store_group_commit(struct store *store);
/* What the group holds never was: before a store is closed on an error. */
void store_group_drop(struct store *store);

/* ---- statements --------------------------------------------------------------------------- */

/*
 * The prepared form of `sql`, which must be a literal: the cache is keyed by its address. One text
 * has one statement, so it cannot be nested in itself. What it was bound to before is forgotten.
 */
MUST_USE err store_statement(struct store *store, const char *sql, struct store_statement **ret);

/*
 * Binds the next parameter, from the first to the last. Views must live until the last step.
 * Binding too few or too many is a bug (ENSURE), found at the first run.
 */
void store_bind_int(struct store_statement *statement, int64_t value);
void store_bind_text(struct store_statement *statement, struct bytes text);
void store_bind_blob(struct store_statement *statement, struct bytes blob);
void store_bind_null(struct store_statement *statement);

/* Runs a statement that returns no row (INSERT, UPDATE, DELETE), and readies it for the next. */
MUST_USE err store_run(struct store_statement *statement);

/* Rows that the last store_run() of this store inserted, changed or deleted. */
int64_t store_changes(const struct store *store);

/* The integer key that the last store_run() of an INSERT gave its row. */
int64_t store_last_id(const struct store *store);

/*
 * The next row of a SELECT; *ret_row is false after the last, and the statement is then reset. Who
 * stops earlier calls store_reset(): an open SELECT keeps the WAL from being used again.
 */
MUST_USE err store_step(struct store_statement *statement, bool *ret_row);
void store_reset(struct store_statement *statement);

/*
 * Reads the next column of the current row, from the first on. A column of another type, or a NULL,
 * is zero or empty and recorded as CORRUPT; store_read_finish() tells, and so does the next step.
 * Views live until the next step or reset.
 */
int64_t store_read_int(struct store_statement *statement);
struct bytes store_read_text(struct store_statement *statement);
struct bytes store_read_blob(struct store_statement *statement);

/* True, and the column is passed over, when it is NULL. */
bool store_read_null(struct store_statement *statement);

/* Copies a text column into an array of `size` bytes with a NUL; too long is CORRUPT. */
void store_read_text_into(struct store_statement *statement, char *to, size_t size);

/* Copies a blob column that must be exactly `size` bytes long. */
void store_read_blob_into(struct store_statement *statement, void *to, size_t size);

/* Copies a blob column of at most `max` bytes and says how many; a longer one is CORRUPT. */
size_t store_read_blob_up_to(struct store_statement *statement, void *to, size_t max);

/* OK when every column so far had the type that it was read as. */
MUST_USE err store_read_finish(struct store_statement *statement);

/* The single integer of a query without parameters: counts and maxima. NULL counts as 0. */
MUST_USE err store_query_int(struct store *store, const char *sql, int64_t *ret_value);

/* Several statements at once, unprepared: schema and pragmas. */
MUST_USE err store_exec(struct store *store, const char *sql);

/*
 * A number that changes whenever somebody else has committed to the file since the last call: how a
 * reader knows that it must load again.
 */
MUST_USE err store_data_version(struct store *store, int64_t *ret_version);

/* Walks every page and index of the file: slow. CORRUPT, with the first fault in the error text. */
MUST_USE err store_check(struct store *store);

/* ---- checkpoints --------------------------------------------------------------------------- */

struct store_checkpointer;

/*
 * Starts a thread that moves committed pages from the WAL into the file whenever the WAL is longer
 * than `pages`; a commit never waits for that. The WAL is begun anew when it was moved whole; when
 * steady traffic never leaves a gap for that and the WAL has grown to 16 times `pages`, the
 * thread takes one (a few pages, behind a lock that store_begin waits for).
 * One for each writing store; the store must outlive it. Small programs and the simulator do
 * without: then SQLite's own checkpoint of 1000 pages runs inside the commit that exceeds them.
 */
MUST_USE err store_checkpointer_start(struct store *store, int pages,
                                      struct store_checkpointer **ret_checkpointer);

/* Ends the thread after a last checkpoint. NULL is allowed. Before store_close(). */
void store_checkpointer_stop(struct store_checkpointer *checkpointer);

/* ---- for the simulator and the tests -------------------------------------------------------- */

enum store_call {
    STORE_CALL_OPEN,
    STORE_CALL_BEGIN,
    STORE_CALL_STEP,
    STORE_CALL_EXEC,
    STORE_CALL_COMMIT,    /* before: nothing is durable yet */
    STORE_CALL_COMMITTED, /* after: all of it is, but the caller has not been told */
    STORE_CALLS
};

/*
 * Asked before each call to the database (and once after each commit); an error it returns is what
 * the call returns, and the call is not made. CRASHED kills the store: all that is left to do is
 * store_close(). Another error at COMMIT or COMMITTED poisons it, as a real one does.
 * NULL takes the function away.
 */
typedef err (*store_fault_function)(void *context, enum store_call call);
void store_set_fault(struct store *store, store_fault_function function, void *context);

/*
 * A memory database that stays while stores over it come and go: closing and opening a store of
 * mode STORE_MEMORY is then a restart with what was committed. Names are per process, without '/'.
 */
struct store_anchor;
MUST_USE err store_anchor_open(const char *name, struct store_anchor **ret_anchor);
void store_anchor_close(struct store_anchor *anchor);

/*
 * Every byte of the memory database, for a search for what must not be there. A copy: the
 * caller gives it back with store_image_free(). NO_MEMORY.
 */
MUST_USE err store_anchor_image(struct store_anchor *anchor, struct bytes *ret_image);
void store_image_free(struct bytes image);

/* Fills an anchored database that is still empty with such an image. NO_MEMORY. */
MUST_USE err store_anchor_fill(struct store_anchor *anchor, struct bytes image);
