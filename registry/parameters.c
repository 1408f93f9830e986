/* SPDX-License-Identifier: Apache-2.0 */
/* Published parameters: one row a model, one for all, and numbers that only grow. */
#include "registry/parameters.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const parameters_migration[] = {
    "CREATE TABLE parameters(model TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE,"
    " digest BLOB NOT NULL, document BLOB NOT NULL, published_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER parameters_never_older BEFORE UPDATE ON parameters"
    " WHEN NEW.number <= OLD.number"
    " BEGIN SELECT RAISE(ABORT, 'parameters are never made older'); END;",
};

const struct store_schema registry_parameters_schema = {"registry_parameters", parameters_migration,
                                                        ARRAY_LEN(parameters_migration)};

err registry_next_parameters(struct registry *registry, uint32_t *ret_number)
{
    int64_t newest = 0;
    TRY(store_query_int(registry->store, "SELECT coalesce(max(number), 0) FROM parameters",
                        &newest));
    if (newest < 0 || newest >= UINT32_MAX)
        return store_refuse(registry->store, ERR(CORRUPT), "parameters", "number out of range");
    *ret_number = (uint32_t)newest + 1;
    return OK;
}

static err put(struct registry *registry, const struct registry_parameters *head,
               struct bytes document, int64_t at_ms)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT INTO parameters(model, number, digest, document, published_ms)"
                        " VALUES(?, ?, ?, ?, ?)"
                        " ON CONFLICT(model) DO UPDATE SET number = excluded.number,"
                        " digest = excluded.digest, document = excluded.document,"
                        " published_ms = excluded.published_ms",
                        &put));
    store_bind_text(put, bytes_text(head->model));
    store_bind_int(put, head->number);
    store_bind_blob(put, BYTES_OF(head->digest));
    store_bind_blob(put, document);
    store_bind_int(put, at_ms);
    return store_run(put);
}

err registry_publish_parameters(struct registry *registry, const struct registry_actor *actor,
                                const struct registry_parameters *head, struct bytes document)
{
    char detail[24];
    uint32_t next = 0;
    if (head->number == 0 || document.len == 0 || document.len > REGISTRY_PARAMETERS_MAX)
        return store_refuse(registry->store, ERR(FORMAT), "parameters",
                            "have no number, or no or too many bytes");
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_next_parameters(registry, &next));
    if (head->number < next)
        return store_refuse(registry->store, ERR(STATE), "parameters",
                            "the published ones are as new, or newer");
    TRY(put(registry, head, document, actor->at_ms));
    snprintf(detail, sizeof detail, "number %u", head->number);
    struct bytes subject = bytes_text(head->model[0] == '\0' ? "all models" : head->model);
    TRY(audit_append(&tx,
                     &(struct audit_entry){actor->at_ms, actor->name, BYTES("parameters_published"),
                                           subject, bytes_text(detail)}));
    return store_commit(&tx);
}

err registry_find_parameters(struct registry *registry, struct bytes model,
                             struct registry_parameters *ret_head)
{
    struct store_statement *query;
    struct registry_parameters head = {.number = 0};
    bool row = false;
    TRY(store_statement(registry->store,
                        "SELECT model, number, length(document), published_ms, digest"
                        " FROM parameters WHERE model = ? OR model = ''"
                        " ORDER BY model DESC LIMIT 1",
                        &query));
    store_bind_text(query, model);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, head.model, sizeof head.model);
    head.number = (uint32_t)store_read_int(query);
    head.len = (uint32_t)store_read_int(query);
    head.published_ms = store_read_int(query);
    struct bytes digest = store_read_blob(query);
    err read = store_read_finish(query);
    if (!FAILED(read) && (digest.len != sizeof head.digest || head.len > REGISTRY_PARAMETERS_MAX))
        read = ERR(CORRUPT);
    if (!FAILED(read)) memcpy(head.digest, digest.at, sizeof head.digest);
    store_reset(query);
    if (!FAILED(read)) *ret_head = head;
    return read;
}

err registry_read_parameters(struct registry *registry, uint32_t number, uint32_t offset,
                             size_t max, struct writer *out)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(registry->store,
                        "SELECT substr(document, ?, ?) FROM parameters WHERE number = ?", &query));
    store_bind_int(query, (int64_t)offset + 1); /* SQL counts from one */
    store_bind_int(query, (int64_t)max);
    store_bind_int(query, number);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    struct bytes part = store_read_blob(query);
    err read = store_read_finish(query);
    if (!FAILED(read) && part.len == 0) read = ERR(RANGE);
    if (!FAILED(read)) write_bytes(out, part);
    store_reset(query);
    TRY(read);
    return (err){out->fault};
}
