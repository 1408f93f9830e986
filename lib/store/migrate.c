/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schemas: which texts a file has seen, whether they are still ours, and the rest in one
 * transaction.
 */
#include "lib/store/migrate.h"

#include <sodium.h>

struct checksum {
    uint8_t bytes[crypto_hash_sha256_BYTES];
};

static struct checksum checksum_of(const char *text)
{
    struct checksum sum;
    crypto_hash_sha256(sum.bytes, (const uint8_t *)text, strlen(text));
    return sum;
}

static err has_table(struct store *store, bool *ret_has)
{
    int64_t count = 0;
    TRY(store_query_int(store, "SELECT count(*) FROM sqlite_schema WHERE name = 'store_schema'",
                        &count));
    *ret_has = count > 0;
    return OK;
}

/* Compares one applied text with ours. */
static err compare(struct store *store, const struct store_schema *schema, int64_t version,
                   const struct checksum *applied)
{
    if (version > (int64_t)schema->count)
        return store_refuse(store, ERR(NEWER), "cannot use its schema", schema->name);
    struct checksum ours = checksum_of(schema->migration[version - 1]);
    if (memcmp(ours.bytes, applied->bytes, sizeof ours.bytes) != 0)
        return store_refuse(store, ERR(CORRUPT), "a migration is not the one that was applied",
                            schema->name);
    return OK;
}

/* How many texts of this schema the file has seen. */
static err applied_count(struct store *store, const struct store_schema *schema, int64_t *ret_count)
{
    struct store_statement *rows;
    bool row = false;
    int64_t count = 0;
    TRY(store_statement(
        store, "SELECT version, checksum FROM store_schema WHERE name = ? ORDER BY version",
        &rows));
    store_bind_text(rows, bytes_text(schema->name));
    for (;;) {
        TRY(store_step(rows, &row));
        if (!row) break;
        struct checksum sum;
        int64_t version = store_read_int(rows);
        store_read_blob_into(rows, sum.bytes, sizeof sum.bytes);
        err failure = store_read_finish(rows);
        if (!FAILED(failure) && version != count + 1)
            failure = store_refuse(store, ERR(CORRUPT), "a migration is missing", schema->name);
        if (!FAILED(failure)) failure = compare(store, schema, version, &sum);
        if (FAILED(failure)) {
            store_reset(rows);
            return failure;
        }
        count = version;
    }
    *ret_count = count;
    return OK;
}

static err apply(struct store *store, const struct store_schema *schema, int64_t from)
{
    for (int64_t i = from; i < (int64_t)schema->count; i++) {
        TRY(store_exec(store, schema->migration[i]));
        struct checksum sum = checksum_of(schema->migration[i]);
        struct store_statement *insert;
        TRY(store_statement(
            store, "INSERT INTO store_schema(name, version, checksum) VALUES(?, ?, ?)", &insert));
        store_bind_text(insert, bytes_text(schema->name));
        store_bind_int(insert, i + 1);
        store_bind_blob(insert, BYTES_OF(sum.bytes));
        TRY(store_run(insert));
    }
    return OK;
}

err store_migrate(struct store *store, const struct store_schema *schema)
{
    ENSURE(strlen(schema->name) <= STORE_SCHEMA_NAME_MAX && schema->count > 0);
    bool table = false;
    int64_t count = 0;
    TRY(has_table(store, &table));
    if (table) TRY(applied_count(store, schema, &count));
    if (count == (int64_t)schema->count) return OK;
    if (store_is_read_only(store) && count == 0)
        return store_refuse(store, ERR(CORRUPT), "has no such schema", schema->name);
    if (store_is_read_only(store))
        return store_refuse(store, ERR(READ_ONLY), "its own program must upgrade it first",
                            schema->name);

    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    if (!table)
        TRY(store_exec(store,
                       "CREATE TABLE store_schema(name TEXT NOT NULL, version INTEGER NOT NULL,"
                       " checksum BLOB NOT NULL, PRIMARY KEY(name, version)) STRICT"));
    TRY(apply(store, schema, count));
    return store_commit(&tx);
}
