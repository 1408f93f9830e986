/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements of the SQLite driver: the cache, binding in order, reading in order.
 *
 * The cache is open addressing over the address of the SQL literal, so the hot path compares one
 * pointer. Two literals with the same text at two addresses are two statements, which is harmless.
 * Another text at the address of an earlier one (a buffer that was written again) would silently
 * run the earlier one: it is compared with the text that SQLite keeps, and is a bug. Tried and
 * dropped: a hash over the text, which costs the hot path its one comparison.
 */
#include "lib/store/sqlite.h"

static_assert((STORE_STATEMENTS_MAX & (STORE_STATEMENTS_MAX - 1)) == 0, "the hash is masked");

err store_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_prepared)
{
    const char *rest = NULL;
    int result =
        sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_prepared, &rest);
    if (result != SQLITE_OK)
        return store_failed(store, result, "statement does not fit the schema");
    ENSURE(*ret_prepared != NULL && *rest == '\0');
    return OK;
}

static struct store_statement *place_of(struct store *store, const char *sql)
{
    size_t hash = (size_t)(((uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15)) >> 40);
    for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++) {
        struct store_statement *place = &store->statement[(hash + i) % STORE_STATEMENTS_MAX];
        if (place->sql == sql || place->sql == NULL) return place;
    }
    ENSURE(!"more statements than STORE_STATEMENTS_MAX");
    return NULL;
}

static err prepare_in(struct store *store, const char *sql, struct store_statement *place)
{
    sqlite3_stmt *prepared = NULL;
    TRY(store_prepare(store, sql, &prepared));
    int parameters = sqlite3_bind_parameter_count(prepared);
    struct store_bound *kept = NULL;
    if (store->bounds + (unsigned)parameters <= STORE_BOUNDS_MAX) {
        kept = &store->bound[store->bounds];
        store->bounds += (unsigned)parameters;
        memset(kept, 0, (size_t)parameters * sizeof *kept);
    }
    *place = (struct store_statement){.store = store,
                                      .sql = sql,
                                      .prepared = prepared,
                                      .parameters = parameters,
                                      .columns = sqlite3_column_count(prepared),
                                      .kept = kept};
    return OK;
}

err store_statement(struct store *store, const char *sql, struct store_statement **ret)
{
    ENSURE(store != NULL && sql != NULL);
    if (store->crashed || store->poison != ERR_OK) return store_ask(store, STORE_CALL_STEP);
    struct store_statement *place = place_of(store, sql);
    if (place->prepared == NULL) TRY(prepare_in(store, sql, place));
    ENSURE(strcmp(sqlite3_sql(place->prepared), sql) == 0);
    store_reset(place);
    *ret = place;
    return OK;
}

void store_forget_statements(struct store *store)
{
    for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++) {
        sqlite3_finalize(store->statement[i].prepared);
        store->statement[i].prepared = NULL;
        store->statement[i].kept = NULL;
        store->statement[i].row = false;
    }
    store->bounds = 0;
}

void store_reset(struct store_statement *statement)
{
    if (statement->row) sqlite3_reset(statement->prepared);
    statement->row = false;
    statement->bound = 0;
    statement->column = 0;
    statement->fault = ERR_OK;
}

void store_reset_statements(struct store *store)
{
    for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++)
        if (store->statement[i].row) store_reset(&store->statement[i]);
}

/* ---- binding ------------------------------------------------------------------------------ */

static int next_parameter(struct store_statement *statement)
{
    ENSURE(!statement->row);
    ENSURE(statement->bound < statement->parameters);
    return ++statement->bound;
}

static void bound(int result)
{
    /* Only a value above a gigabyte or a lack of memory for eight bytes can fail here. */
    ENSURE(result == SQLITE_OK);
}

/* Has this parameter this value already? Taken down for the next time. */
static bool stays(struct store_statement *statement, int parameter, struct store_bound now)
{
    if (statement->kept == NULL) return false;
    struct store_bound *kept = &statement->kept[parameter - 1];
    if (kept->what == now.what && kept->value == now.value && now.what != BOUND_ANYTHING)
        return true;
    *kept = now;
    return false;
}

void store_bind_int(struct store_statement *statement, int64_t value)
{
    int parameter = next_parameter(statement);
    if (stays(statement, parameter, (struct store_bound){BOUND_INT, value})) return;
    bound(sqlite3_bind_int64(statement->prepared, parameter, value));
}

/* What bytes are to be remembered as: those that are somewhere may be others the next time. */
static struct store_bound bytes_bound(struct bytes value, bool text)
{
    if (value.len > 0) return (struct store_bound){BOUND_ANYTHING, 0};
    return (struct store_bound){text ? BOUND_NO_TEXT : BOUND_NO_BLOB, 0};
}

void store_bind_text(struct store_statement *statement, struct bytes text)
{
    ENSURE(text.len <= INT32_MAX);
    int parameter = next_parameter(statement);
    if (stays(statement, parameter, bytes_bound(text, true))) return;
    const char *at = text.len > 0 ? (const char *)text.at : "";
    bound(sqlite3_bind_text(statement->prepared, parameter, at, (int)text.len, SQLITE_STATIC));
}

void store_bind_blob(struct store_statement *statement, struct bytes blob)
{
    ENSURE(blob.len <= INT32_MAX);
    int parameter = next_parameter(statement);
    if (stays(statement, parameter, bytes_bound(blob, false))) return;
    const void *at = blob.len > 0 ? (const void *)blob.at : "";
    bound(sqlite3_bind_blob(statement->prepared, parameter, at, (int)blob.len, SQLITE_STATIC));
}

void store_bind_null(struct store_statement *statement)
{
    int parameter = next_parameter(statement);
    if (stays(statement, parameter, (struct store_bound){BOUND_NULL, 0})) return;
    bound(sqlite3_bind_null(statement->prepared, parameter));
}

/* ---- running ------------------------------------------------------------------------------ */

static err step(struct store_statement *statement, bool *ret_row)
{
    ENSURE(statement->row || statement->bound == statement->parameters);
    struct store *store = statement->store;
    err failure = store_ask(store, STORE_CALL_STEP);
    if (FAILED(failure)) {
        store_reset(statement);
        return failure;
    }
    int result = sqlite3_step(statement->prepared);
    if (result == SQLITE_ROW) {
        statement->row = true;
        statement->column = 0;
        *ret_row = true;
        return OK;
    }
    if (result != SQLITE_DONE) failure = store_failed(store, result, "statement failed");
    sqlite3_reset(statement->prepared);
    statement->row = false;
    store_reset(statement);
    if (FAILED(failure)) return failure;
    *ret_row = false;
    return OK;
}

err store_step(struct store_statement *statement, bool *ret_row)
{
    if (statement->fault != ERR_OK) {
        err fault = store_read_finish(statement);
        store_reset(statement);
        return fault;
    }
    return step(statement, ret_row);
}

err store_run(struct store_statement *statement)
{
    ENSURE(statement->columns == 0);
    bool row = false;
    TRY(step(statement, &row));
    ENSURE(!row);
    statement->store->changes = sqlite3_changes64(statement->store->db);
    return OK;
}

int64_t store_changes(const struct store *store)
{
    return store->changes;
}

int64_t store_last_id(const struct store *store)
{
    return sqlite3_last_insert_rowid(store->db);
}

/* ---- reading ------------------------------------------------------------------------------ */

static void read_fail(struct store_statement *statement)
{
    if (statement->fault == ERR_OK) statement->fault = ERR_CORRUPT;
}

/*
 * The next column when it has `type`, or NULL with the fault recorded. Its value is asked for once:
 * SQLite looks a column up anew in each of its column functions. A connection is used by one thread
 * at a time and was opened without a lock, so the value needs none.
 */
static sqlite3_value *next_column(struct store_statement *statement, int type)
{
    ENSURE(statement->row);
    ENSURE(statement->column < statement->columns);
    sqlite3_value *value = sqlite3_column_value(statement->prepared, statement->column++);
    if (sqlite3_value_type(value) == type) return value;
    read_fail(statement);
    return NULL;
}

int64_t store_read_int(struct store_statement *statement)
{
    sqlite3_value *value = next_column(statement, SQLITE_INTEGER);
    return value == NULL ? 0 : sqlite3_value_int64(value);
}

struct bytes store_read_text(struct store_statement *statement)
{
    sqlite3_value *value = next_column(statement, SQLITE_TEXT);
    if (value == NULL) return BYTES("");
    const void *at = sqlite3_value_text(value);
    return bytes_of(at, (size_t)sqlite3_value_bytes(value));
}

struct bytes store_read_blob(struct store_statement *statement)
{
    sqlite3_value *value = next_column(statement, SQLITE_BLOB);
    if (value == NULL) return BYTES("");
    const void *at = sqlite3_value_blob(value);
    return bytes_of(at, (size_t)sqlite3_value_bytes(value));
}

bool store_read_null(struct store_statement *statement)
{
    ENSURE(statement->row);
    ENSURE(statement->column < statement->columns);
    bool null = sqlite3_column_type(statement->prepared, statement->column) == SQLITE_NULL;
    if (null) statement->column++;
    return null;
}

void store_read_text_into(struct store_statement *statement, char *to, size_t size)
{
    ENSURE(size > 0);
    struct bytes text = store_read_text(statement);
    bool whole = text.len == 0 || memchr(text.at, '\0', text.len) == NULL;
    to[0] = '\0';
    if (!whole || FAILED(bytes_to_text(text, to, size))) read_fail(statement);
}

void store_read_blob_into(struct store_statement *statement, void *to, size_t size)
{
    struct bytes blob = store_read_blob(statement);
    if (blob.len == size) {
        memcpy(to, blob.at, size);
    } else {
        memset(to, 0, size);
        read_fail(statement);
    }
}

size_t store_read_blob_up_to(struct store_statement *statement, void *to, size_t max)
{
    struct bytes blob = store_read_blob(statement);
    if (blob.len > max) {
        read_fail(statement);
        return 0;
    }
    if (blob.len > 0) memcpy(to, blob.at, blob.len);
    return blob.len;
}

err store_read_finish(struct store_statement *statement)
{
    if (statement->fault == ERR_OK) return OK;
    struct store *store = statement->store;
    struct writer w = writer_over(store->error, STORE_TEXT_MAX - 1);
    write_format(&w, "%s: a column is not of its type in: %.120s", store->path, statement->sql);
    store->error[w.len] = '\0';
    return (err){statement->fault};
}

/* ---- conveniences --------------------------------------------------------------------------- */

err store_query_int(struct store *store, const char *sql, int64_t *ret_value)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, sql, &query));
    ENSURE(query->columns == 1);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    int64_t value = store_read_null(query) ? 0 : store_read_int(query);
    err fault = store_read_finish(query);
    store_reset(query);
    if (FAILED(fault)) return fault;
    *ret_value = value;
    return OK;
}

err store_exec(struct store *store, const char *sql)
{
    TRY(store_ask(store, STORE_CALL_EXEC));
    int result = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? OK : store_failed(store, result, "statements failed");
}

err store_data_version(struct store *store, int64_t *ret_version)
{
    return store_query_int(store, "PRAGMA data_version", ret_version);
}

/* The first complaint of SQLite's own check, which walks every page and every index. */
err store_check(struct store *store)
{
    struct store_statement *check;
    bool row = false;
    TRY(store_statement(store, "PRAGMA integrity_check(1)", &check));
    TRY(store_step(check, &row));
    struct bytes verdict = row ? store_read_text(check) : BYTES("no answer");
    bool whole = bytes_equal(verdict, BYTES("ok"));
    if (!whole) {
        struct writer w = writer_over(store->error, STORE_TEXT_MAX - 1);
        write_format(&w, "%s: %.*s; restore it from a backup", store->path,
                     (int)(verdict.len < 120 ? verdict.len : 120), (const char *)verdict.at);
        store->error[w.len] = '\0';
    }
    store_reset(check);
    return whole ? OK : ERR(CORRUPT);
}
