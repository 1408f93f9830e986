/* SPDX-License-Identifier: Apache-2.0 */
/* Names of merchants in versions; the row of the merchant has the last one. */
#include "registry/names.h"

#include "registry/internal.h"

static const char *const migration[] = {
    "CREATE TABLE merchant_name(mid TEXT NOT NULL REFERENCES merchant(mid), version INTEGER NOT"
    " NULL, name_zh TEXT NOT NULL, name_en TEXT NOT NULL, since_ms INTEGER NOT NULL,"
    " PRIMARY KEY(mid, version)) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER merchant_name_stands BEFORE UPDATE ON merchant_name"
    " BEGIN SELECT RAISE(ABORT, 'a name that was stays'); END;"
    "CREATE TRIGGER merchant_name_stays BEFORE DELETE ON merchant_name"
    " BEGIN SELECT RAISE(ABORT, 'a name that was stays'); END;",
};

const struct store_schema registry_names_schema = {"merchant_names", migration,
                                                   ARRAY_LEN(migration)};

/* The next version; before the first one, what it was registered with. */
static err put_version(struct registry *registry, const struct registry_merchant *m,
                       int64_t since_ms)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT INTO merchant_name SELECT ?1, 1 + (SELECT ifnull(max(version), 0)"
                        " FROM merchant_name WHERE mid = ?1), ?2, ?3, ?4",
                        &put));
    store_bind_text(put, bytes_text(m->mid));
    store_bind_text(put, bytes_text(m->name_zh));
    store_bind_text(put, bytes_text(m->name_en));
    store_bind_int(put, since_ms);
    return store_run(put);
}

static err run_named(struct registry *registry, const char *sql, const char *a, const char *b,
                     const char *c)
{
    struct store_statement *change;
    TRY(store_statement(registry->store, sql, &change));
    store_bind_text(change, bytes_text(a));
    store_bind_text(change, bytes_text(b));
    store_bind_text(change, bytes_text(c));
    return store_run(change);
}

static err take_first(void *context, const struct registry_name *name)
{
    (void)name;
    *(bool *)context = true;
    return OK;
}

err registry_rename_merchant(struct registry *registry, const struct registry_actor *actor,
                             const struct registry_merchant *named)
{
    struct registry_merchant was, now;
    bool renamed = false;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_merchant(registry, bytes_text(named->mid), &was));
    if (was.status == REGISTRY_CLOSED)
        return store_refuse(registry->store, ERR(STATE), "merchant", "is closed for good");
    now = was;
    memcpy(now.name_zh, named->name_zh, sizeof now.name_zh);
    memcpy(now.name_en, named->name_en, sizeof now.name_en);
    TRY(registry_check_merchant(registry, &now));
    TRY(registry_names(registry, bytes_text(was.mid), take_first, &renamed));
    if (!renamed) TRY(put_version(registry, &was, 0));
    TRY(put_version(registry, &now, actor->at_ms));
    TRY(run_named(registry, "UPDATE merchant SET name_zh = ?, name_en = ? WHERE mid = ?",
                  now.name_zh, now.name_en, now.mid));
    TRY(run_named(registry, "UPDATE outlet SET name = ? WHERE mid = ? AND name = ?", now.name_zh,
                  now.mid, was.name_zh));
    const struct audit_entry entry = {actor->at_ms, actor->name, BYTES("merchant_renamed"),
                                      bytes_text(now.mid), bytes_text(now.name_zh)};
    TRY(audit_append(&tx, &entry));
    return store_commit(&tx);
}

err registry_names(struct registry *registry, struct bytes mid, registry_each_name each,
                   void *context)
{
    struct store_statement *rows;
    TRY(store_statement(registry->store,
                        "SELECT version, name_zh, name_en, since_ms FROM merchant_name"
                        " WHERE mid = ? ORDER BY version",
                        &rows));
    store_bind_text(rows, mid);
    for (;;) {
        bool row = false;
        struct registry_name n;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        n.version = store_read_int(rows);
        store_read_text_into(rows, n.name_zh, sizeof n.name_zh);
        store_read_text_into(rows, n.name_en, sizeof n.name_en);
        n.since_ms = store_read_int(rows);
        err done = store_read_finish(rows);
        if (!FAILED(done)) done = each(context, &n);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}
