/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite driver: connections, transactions, and what its results mean in our words.
 *
 * Opening looks at the file before it trusts it: its header, the application id, the format. The
 * file is made by us with mode 0600 (SQLite gives its WAL the same) and the lock beside it is a
 * separate file, because closing any descriptor of a database drops SQLite's own locks on it.
 */
#include "lib/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/writer.h"
#include "lib/store/migrate.h"

/* ---- errors ------------------------------------------------------------------------------- */

static const char *remedy(enum err_code code)
{
    switch (code) {
    case ERR_FULL:
        return "free space on the device, or raise the quota or limit";
    case ERR_READ_ONLY:
        return "make the file, its directory and its device writable";
    case ERR_BUSY:
        return "end the other program that uses it, or try again";
    case ERR_CORRUPT:
        return "stop, keep the file, and restore it from a backup";
    case ERR_NEWER:
        return "install the newer version of the program";
    case ERR_NOT_FOUND:
        return "check the path, or make it first";
    case ERR_DENIED:
        return "give the program's user access to it";
    case ERR_IO:
        return "look at the device and the system log";
    case ERR_NO_MEMORY:
        return "give the program more memory";
    default:
        return "nothing was changed";
    }
}

static void say(char text[static STORE_TEXT_MAX], const char *path, const char *doing,
                enum err_code code, const char *detail)
{
    struct writer w = writer_over(text, STORE_TEXT_MAX - 1);
    write_format(&w, "%s: %s: %s", path, doing, err_text((err){code}));
    if (detail != NULL && detail[0] != '\0') write_format(&w, " (%.80s)", detail);
    write_format(&w, "; %s", remedy(code));
    text[w.len] = '\0';
}

static enum err_code code_of_io(sqlite3 *db)
{
    int cause = sqlite3_system_errno(db);
    if (cause == ENOSPC || cause == EDQUOT) return ERR_FULL;
    if (cause == EROFS) return ERR_READ_ONLY;
    return ERR_IO;
}

static enum err_code code_of_constraint(int extended)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_EXISTS;
    case SQLITE_CONSTRAINT_TRIGGER:
        return ERR_DENIED;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return ERR_NOT_FOUND;
    default:
        return ERR_RANGE;
    }
}

static enum err_code code_of(sqlite3 *db, int result)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_READONLY:
        return ERR_READ_ONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
        return ERR_CORRUPT; /* a statement that does not fit what is in the file */
    case SQLITE_CONSTRAINT:
        return code_of_constraint(result);
    case SQLITE_TOOBIG:
        return ERR_LENGTH;
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return ERR_DENIED;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return code_of_io(db);
    default:
        return ERR_IO;
    }
}

err store_failed(struct store *store, int result, const char *doing)
{
    ENSURE(result != SQLITE_OK && result != SQLITE_ROW && result != SQLITE_DONE);
    ENSURE(result != SQLITE_MISUSE && result != SQLITE_RANGE);
    enum err_code code = code_of(store->db, result);
    say(store->error, store->path, doing, code, sqlite3_errmsg(store->db));
    return (err){code};
}

err store_refuse(struct store *store, err code, const char *what, const char *detail)
{
    ENSURE(FAILED(code));
    say(store->error, store->path, what, code.code, detail);
    return code;
}

err store_ask(struct store *store, enum store_call call)
{
    ENSURE(store != NULL && call < STORE_CALLS);
    if (store->crashed) return ERR(CRASHED);
    if (store->poison != ERR_OK) {
        say(store->error, store->path, "closed after a commit that failed", store->poison, NULL);
        return (err){store->poison};
    }
    if (store->fault == NULL) return OK;

    err injected = store->fault(store->fault_context, call);
    if (!FAILED(injected)) return OK;
    store->crashed = injected.code == ERR_CRASHED;
    say(store->error, store->path, "failed on purpose", injected.code, NULL);
    return injected;
}

const char *store_error_text(const struct store *store)
{
    return store->error;
}

struct store_fault store_fault_of(const struct store *store)
{
    struct store_fault fault;
    static_assert(sizeof fault.text == sizeof store->error, "copied whole");
    memcpy(fault.text, store->error, sizeof fault.text);
    return fault;
}

const char *store_path(const struct store *store)
{
    return store->path;
}

bool store_is_read_only(const struct store *store)
{
    return store->options.mode == STORE_READ_ONLY;
}

bool store_in_tx(const struct store *store)
{
    return store->in_tx;
}

void store_set_fault(struct store *store, store_fault_function function, void *context)
{
    store->fault = function;
    store->fault_context = context;
}

/* ---- the file ----------------------------------------------------------------------------- */

static err file_failed(struct store *store, int cause, const char *doing)
{
    enum err_code code = ERR_IO;
    if (cause == ENOENT || cause == ENOTDIR) code = ERR_NOT_FOUND;
    if (cause == EACCES || cause == EPERM) code = ERR_DENIED;
    if (cause == EROFS) code = ERR_READ_ONLY;
    if (cause == ENOSPC || cause == EDQUOT) code = ERR_FULL;
    say(store->error, store->path, doing, code, strerror(cause));
    return (err){code};
}

/* The file must be there, or is made empty with mode 0600: what SQLite makes is readable by all. */
static err file_prepare(struct store *store)
{
    struct stat found;
    if (stat(store->path, &found) == 0) {
        if (S_ISREG(found.st_mode)) return OK;
        return file_failed(store, EISDIR, "cannot open");
    }
    if (errno != ENOENT || store->options.mode != STORE_CREATE)
        return file_failed(store, errno, "cannot open");

    int fd = open(store->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) return file_failed(store, errno, "cannot make");
    if (fd >= 0) close(fd);
    return OK;
}

/* One writing process a file. The lock goes with the process, however it ends. */
static err file_lock(struct store *store)
{
    char name[STORE_PATH_MAX + 8], text[24] = "";
    struct writer w = writer_over(name, sizeof name - 1);
    write_format(&w, "%s.lock", store->path);
    name[w.len] = '\0';

    int fd = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) return file_failed(store, errno, "cannot make its lock");
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t got = pread(fd, text, sizeof text - 1, 0);
        text[got > 0 ? got : 0] = '\0';
        close(fd);
        say(store->error, store->path, "cannot open for writing", ERR_BUSY, text);
        return ERR(BUSY);
    }
    store->lock_fd = fd;
    w = writer_over(text, sizeof text);
    write_format(&w, "by process %d", (int)getpid());
    /* The number only helps a person; a full disk must not keep the store closed. */
    if (ftruncate(fd, 0) == 0) (void)!pwrite(fd, text, w.len, 0);
    return OK;
}

/* ---- connections -------------------------------------------------------------------------- */

static err run_pragma(struct store *store, const char *sql)
{
    int result = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? OK : store_failed(store, result, "cannot open");
}

static err run_pragma_number(struct store *store, const char *pragma, int64_t number)
{
    char text[64];
    struct writer w = writer_over(text, sizeof text - 1);
    write_format(&w, "%s=%" PRId64, pragma, number);
    text[w.len] = '\0';
    return run_pragma(store, text);
}

static err pragma_int(struct store *store, const char *sql, int64_t *ret_value)
{
    sqlite3_stmt *query;
    int result = sqlite3_prepare_v2(store->db, sql, -1, &query, NULL);
    if (result != SQLITE_OK) return store_failed(store, result, "cannot open");
    result = sqlite3_step(query);
    int64_t value = result == SQLITE_ROW ? sqlite3_column_int64(query, 0) : 0;
    err failure = result == SQLITE_ROW || result == SQLITE_DONE
                      ? OK
                      : store_failed(store, result, "cannot open");
    sqlite3_finalize(query);
    if (FAILED(failure)) return failure;
    *ret_value = value;
    return OK;
}

/* Is it ours, and of a format that we know? An empty file is only right where one may be made. */
static err recognize(struct store *store)
{
    int64_t tables = 0, application = 0, format = 0;
    TRY(pragma_int(store, "SELECT count(*) FROM sqlite_schema", &tables));
    TRY(pragma_int(store, "PRAGMA application_id", &application));
    TRY(pragma_int(store, "PRAGMA user_version", &format));

    bool ours = application == STORE_APPLICATION_ID;
    bool may_be_new = store->options.mode == STORE_CREATE || store->options.mode == STORE_MEMORY;
    if (!ours && (tables > 0 || application != 0 || !may_be_new)) {
        say(store->error, store->path, "cannot open", ERR_CORRUPT,
            tables > 0 ? "it is not a store of this system" : "it is empty");
        return ERR(CORRUPT);
    }
    if (ours && format > STORE_FORMAT) {
        say(store->error, store->path, "cannot open", ERR_NEWER, NULL);
        return ERR(NEWER);
    }
    if (ours) return OK;
    TRY(run_pragma(store, "PRAGMA application_id=0x544F4E47"));
    static_assert(STORE_APPLICATION_ID == 0x544F4E47 && STORE_FORMAT == 1, "the two texts");
    return run_pragma(store, "PRAGMA user_version=1");
}

static err configure(struct store *store)
{
    enum store_mode mode = store->options.mode;
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, store->options.busy_ms);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (mode != STORE_READ_ONLY && sqlite3_db_readonly(store->db, "main") == 1) {
        say(store->error, store->path, "cannot open for writing", ERR_READ_ONLY, NULL);
        return ERR(READ_ONLY);
    }
    /*
     * The first look at the file: here a file that is no database is found out. Without recursive
     * triggers an INSERT OR REPLACE would slip past the triggers that keep a table append-only.
     */
    TRY(run_pragma(store,
                   "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
                   "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; PRAGMA temp_store=MEMORY;"
                   "PRAGMA secure_delete=ON; SELECT count(*) FROM sqlite_schema;"));
    if (mode == STORE_MEMORY)
        TRY(run_pragma(store, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"));
    if (mode == STORE_CREATE || mode == STORE_OPEN)
        TRY(run_pragma(store, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                              "PRAGMA journal_size_limit=67108864;"));
    TRY(recognize(store));

    if (store->options.cache_pages > 0)
        TRY(run_pragma_number(store, "PRAGMA cache_size", store->options.cache_pages));
    if (store->options.max_pages > 0)
        TRY(run_pragma_number(store, "PRAGMA max_page_count", store->options.max_pages));
    return OK;
}

/* SQLite would count every allocation behind a lock, for statistics that nobody asks for: a tenth
 * of the time of a small transaction. It can only be told before its first use. */
static void count_no_memory(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

void store_set_up(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, count_no_memory);
}

static err connect_file(struct store *store)
{
    char uri[STORE_PATH_MAX];
    const char *name = store->path;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= store->options.mode == STORE_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (store->options.mode == STORE_MEMORY) {
        TRY(store_memory_uri(store->path, uri));
        name = uri;
        flags |= SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
    }
    store_set_up();
    int result = sqlite3_open_v2(name, &store->db, flags, NULL);
    if (result != SQLITE_OK) return store_failed(store, result, "cannot open");
    TRY(configure(store));

    bool reads = store->options.mode == STORE_READ_ONLY;
    TRY(store_prepare(store, reads ? "BEGIN" : "BEGIN IMMEDIATE", &store->begin));
    TRY(store_prepare(store, "COMMIT", &store->commit));
    TRY(store_prepare(store, "ROLLBACK", &store->rollback));
    TRY(store_prepare(store, "SAVEPOINT part", &store->part_begin));
    TRY(store_prepare(store, "RELEASE part", &store->part_keep));
    TRY(store_prepare(store, "ROLLBACK TO part", &store->part_undo));
    store_checkpointer_attach(store);
    return OK;
}

static void disconnect(struct store *store)
{
    store_forget_statements(store);
    sqlite3_stmt **own[] = {&store->begin,      &store->commit,    &store->rollback,
                            &store->part_begin, &store->part_keep, &store->part_undo};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        sqlite3_finalize(*own[i]);
        *own[i] = NULL;
    }
    /* A process that was killed does not tidy up its WAL, and neither does a simulated one. */
    if (store->db != NULL && store->crashed)
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int result = sqlite3_close(store->db);
    ENSURE(result == SQLITE_OK);
    store->db = NULL;
}

static err open_in(struct store *store)
{
    bool on_disk = store->options.mode != STORE_MEMORY;
    if (on_disk) TRY(file_prepare(store));
    if (on_disk && store->options.mode != STORE_READ_ONLY) TRY(file_lock(store));
    return connect_file(store);
}

err store_open(const char *path, const struct store_options *options, struct store_fault *fault,
               struct store **ret_store)
{
    ENSURE(path != NULL && options != NULL && ret_store != NULL);
    ENSURE(options->busy_ms >= 0 && options->max_pages >= 0 && options->cache_pages >= 0);
    if (strlen(path) >= STORE_PATH_MAX - 8) {
        if (fault != NULL) say(fault->text, "store", "cannot open", ERR_LENGTH, "path too long");
        return ERR(LENGTH);
    }
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) return ERR(NO_MEMORY);
    memcpy(store->path, path, strlen(path) + 1);
    store->options = *options;
    store->lock_fd = -1;

    err failure = open_in(store);
    if (FAILED(failure)) {
        if (fault != NULL) memcpy(fault->text, store->error, sizeof fault->text);
        store_close(store);
        return failure;
    }
    *ret_store = store;
    return OK;
}

void store_close(struct store *store)
{
    if (store == NULL) return;
    ENSURE(store->checkpointer == NULL);
    disconnect(store);
    if (store->lock_fd >= 0) close(store->lock_fd);
    free(store);
}

void store_close_at(struct store **store)
{
    store_close(*store);
    *store = NULL;
}

err store_reopen(struct store *store)
{
    if (store->crashed) return ERR(CRASHED);
    ENSURE(!store->in_tx && !store->group_open);
    disconnect(store);
    store->poison = ERR_OK;
    err failure = connect_file(store);
    if (FAILED(failure)) store->poison = failure.code;
    return failure;
}

/* ---- transactions ------------------------------------------------------------------------- */

int store_run_prepared(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result;
}

err store_begin_now(struct store *store)
{
    store_gate_enter(store);
    int result = store_run_prepared(store->begin);
    if (result == SQLITE_DONE) return OK;
    err failure = store_failed(store, result, "cannot begin");
    store_gate_leave(store);
    return failure;
}

/* The transaction is over, one way or the other; SQLite may have rolled it back by itself. */
void store_end_now(struct store *store)
{
    if (!sqlite3_get_autocommit(store->db)) (void)store_run_prepared(store->rollback);
    store_gate_leave(store);
}

static err poisoned(struct store *store, err failure)
{
    if (!store->crashed) store->poison = failure.code;
    return failure;
}

err store_commit_now(struct store *store)
{
    err failure = store_ask(store, STORE_CALL_COMMIT);
    if (!FAILED(failure)) {
        int result = store_run_prepared(store->commit);
        if (result != SQLITE_DONE) failure = store_failed(store, result, "cannot commit");
    }
    store_end_now(store);
    if (!FAILED(failure)) failure = store_ask(store, STORE_CALL_COMMITTED);
    return FAILED(failure) ? poisoned(store, failure) : OK;
}

err store_begin(struct store *store, struct store_tx *tx)
{
    ENSURE(tx->store == NULL && !store->in_tx);
    if (store->group_open && !store->grouping) TRY(store_group_commit(store));
    TRY(store_ask(store, STORE_CALL_BEGIN));
    TRY(store->grouping ? store_part_begin(store) : store_begin_now(store));
    store->in_tx = true;
    tx->store = store;
    return OK;
}

err store_commit(struct store_tx *tx)
{
    struct store *store = tx->store;
    ENSURE(store != NULL && store->in_tx);
    tx->store = NULL;
    store->in_tx = false;
    store_reset_statements(store);
    return store->group_open ? store_part_commit(store) : store_commit_now(store);
}

void store_rollback(struct store_tx *tx)
{
    struct store *store = tx->store;
    if (store == NULL) return;
    ENSURE(store->in_tx);
    tx->store = NULL;
    store->in_tx = false;
    store_reset_statements(store);
    if (store->group_open) store_part_rollback(store);
    else store_end_now(store);
}
