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

err store_statement(struct store *store, const char *sql, struct store_statement **ret)
{
    ENSURE(store != NULL && sql != NULL);
    if (store->crashed || store->poison != ERR_OK) return store_ask(store, STORE_CALL_STEP);
    struct store_statement *place = place_of(store, sql);
    if (place->prepared == NULL) {
        TRY(store_prepare(store, sql, &place->prepared));
        place->store = store;
        place->sql = sql;
        place->parameters = sqlite3_bind_parameter_count(place->prepared);
        place->columns = sqlite3_column_count(place->prepared);
    }
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
        store->statement[i].row = false;
    }
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

void store_bind_int(struct store_statement *statement, int64_t value)
{
    bound(sqlite3_bind_int64(statement->prepared, next_parameter(statement), value));
}

void store_bind_text(struct store_statement *statement, struct bytes text)
{
    ENSURE(text.len <= INT32_MAX);
    const char *at = text.len > 0 ? (const char *)text.at : "";
    bound(sqlite3_bind_text(statement->prepared, next_parameter(statement), at, (int)text.len,
                            SQLITE_STATIC));
}

void store_bind_blob(struct store_statement *statement, struct bytes blob)
{
    ENSURE(blob.len <= INT32_MAX);
    const void *at = blob.len > 0 ? (const void *)blob.at : "";
    bound(sqlite3_bind_blob(statement->prepared, next_parameter(statement), at, (int)blob.len,
                            SQLITE_STATIC));
}

void store_bind_null(struct store_statement *statement)
{
    bound(sqlite3_bind_null(statement->prepared, next_parameter(statement)));
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

/* The next column when it has `type`, or -1 with the fault recorded. */
static int next_column(struct store_statement *statement, int type)
{
    ENSURE(statement->row);
    ENSURE(statement->column < statement->columns);
    int column = statement->column++;
    if (sqlite3_column_type(statement->prepared, column) == type) return column;
    read_fail(statement);
    return -1;
}

int64_t store_read_int(struct store_statement *statement)
{
    int column = next_column(statement, SQLITE_INTEGER);
    return column < 0 ? 0 : sqlite3_column_int64(statement->prepared, column);
}

struct bytes store_read_text(struct store_statement *statement)
{
    int column = next_column(statement, SQLITE_TEXT);
    if (column < 0) return BYTES("");
    const void *at = sqlite3_column_text(statement->prepared, column);
    return bytes_of(at, (size_t)sqlite3_column_bytes(statement->prepared, column));
}

struct bytes store_read_blob(struct store_statement *statement)
{
    int column = next_column(statement, SQLITE_BLOB);
    if (column < 0) return BYTES("");
    const void *at = sqlite3_column_blob(statement->prepared, column);
    return bytes_of(at, (size_t)sqlite3_column_bytes(statement->prepared, column));
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
