/* SPDX-License-Identifier: Apache-2.0 */
/* Published policies: one row a model, and versions that only grow. */
#include "registry/policy.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const policy_migration[] = {
    "CREATE TABLE policy(model TEXT PRIMARY KEY, version INTEGER NOT NULL, document BLOB NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER policy_never_older BEFORE UPDATE ON policy WHEN NEW.version <= OLD.version"
    " BEGIN SELECT RAISE(ABORT, 'a policy is never made older'); END;",

    "ALTER TABLE policy ADD COLUMN published_ms INTEGER NOT NULL DEFAULT 0",
};

const struct store_schema registry_policy_schema = {"registry_policy", policy_migration,
                                                    ARRAY_LEN(policy_migration)};

err registry_publish_policy(struct registry *registry, const struct registry_actor *actor,
                            const struct registry_policy *policy)
{
    struct store_statement *put;
    char detail[24];
    if (policy->model[0] == '\0' || policy->version == 0 || policy->document_len == 0)
        return store_refuse(registry->store, ERR(FORMAT), "policy", "has no model or no version");
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(store_statement(registry->store,
                        "INSERT INTO policy(model, version, document, published_ms)"
                        " VALUES(?, ?, ?, ?)"
                        " ON CONFLICT(model) DO UPDATE SET version = excluded.version,"
                        " document = excluded.document, published_ms = excluded.published_ms"
                        " WHERE excluded.version > policy.version",
                        &put));
    store_bind_text(put, bytes_text(policy->model));
    store_bind_int(put, policy->version);
    store_bind_blob(put, bytes_of(policy->document, policy->document_len));
    store_bind_int(put, actor->at_ms);
    TRY(store_run(put));
    if (store_changes(registry->store) == 0)
        return store_refuse(registry->store, ERR(STATE), "policy",
                            "the published one is as new, or newer");
    snprintf(detail, sizeof detail, "version %u", policy->version);
    TRY(audit_append(&tx,
                     &(struct audit_entry){actor->at_ms, actor->name, BYTES("policy_published"),
                                           bytes_text(policy->model), bytes_text(detail)}));
    return store_commit(&tx);
}

err registry_policies_each(struct registry *registry, registry_policy_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(registry->store,
                        "SELECT model, published_ms FROM policy WHERE published_ms > 0"
                        " ORDER BY model",
                        &rows));
    for (;;) {
        bool row = false;
        char model[REGISTRY_MODEL_MAX + 1];
        TRY(store_step(rows, &row));
        if (!row) return OK;
        store_read_text_into(rows, model, sizeof model);
        int64_t published_ms = store_read_int(rows);
        err done = store_read_finish(rows);
        if (!FAILED(done)) done = each(context, model, published_ms);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err registry_find_policy(struct registry *registry, struct bytes model,
                         struct registry_policy *ret_policy)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(registry->store,
                        "SELECT model, version, document FROM policy WHERE model = ?", &query));
    store_bind_text(query, model);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, ret_policy->model, sizeof ret_policy->model);
    ret_policy->version = (uint32_t)store_read_int(query);
    struct bytes document = store_read_blob(query);
    err read = store_read_finish(query);
    if (!FAILED(read) && document.len > sizeof ret_policy->document) read = ERR(CORRUPT);
    if (!FAILED(read)) {
        memcpy(ret_policy->document, document.at, document.len);
        ret_policy->document_len = document.len;
    }
    store_reset(query);
    return read;
}
