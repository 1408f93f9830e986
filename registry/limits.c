/* SPDX-License-Identifier: Apache-2.0 */
/* Published limits: a row a version, and versions that only grow; classes of risk. */
#include "registry/limits.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const limits_migration[] = {
    "CREATE TABLE limits(version INTEGER PRIMARY KEY, document TEXT NOT NULL,"
    " published_ms INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER limits_no_update BEFORE UPDATE ON limits"
    " BEGIN SELECT RAISE(ABORT, 'published limits stay as they are'); END;"
    "CREATE TRIGGER limits_no_delete BEFORE DELETE ON limits"
    " BEGIN SELECT RAISE(ABORT, 'published limits stay as they are'); END;"
    "CREATE TABLE merchant_risk(mid TEXT PRIMARY KEY REFERENCES merchant(mid),"
    " risk TEXT NOT NULL, since_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

const struct store_schema registry_limits_schema = {"registry_limits", limits_migration,
                                                    ARRAY_LEN(limits_migration)};

err registry_publish_limits(struct registry *registry, const struct registry_actor *actor,
                            uint32_t version, struct bytes text)
{
    struct store_statement *put;
    int64_t newest = 0;
    char detail[24];
    if (version == 0 || text.len == 0 || text.len > REGISTRY_LIMITS_MAX)
        return store_refuse(registry->store, ERR(FORMAT), "limits",
                            "have no version, or no or too many bytes");
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(store_query_int(registry->store, "SELECT coalesce(max(version), 0) FROM limits", &newest));
    if (version <= newest)
        return store_refuse(registry->store, ERR(STATE), "limits",
                            "the published version is as new, or newer");
    TRY(store_statement(registry->store, "INSERT INTO limits VALUES(?, ?, ?)", &put));
    store_bind_int(put, version);
    store_bind_text(put, text);
    store_bind_int(put, actor->at_ms);
    TRY(store_run(put));
    snprintf(detail, sizeof detail, "version %u", version);
    TRY(audit_append(&tx,
                     &(struct audit_entry){actor->at_ms, actor->name, BYTES("limits_published"),
                                           BYTES("all merchants"), bytes_text(detail)}));
    return store_commit(&tx);
}

err registry_find_limits(struct registry *registry, uint32_t *ret_version, struct writer *out)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(registry->store,
                        "SELECT version, document FROM limits ORDER BY version DESC LIMIT 1",
                        &query));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    uint32_t version = (uint32_t)store_read_int(query);
    struct bytes text = store_read_text(query);
    err read = store_read_finish(query);
    if (!FAILED(read)) write_bytes(out, text);
    store_reset(query);
    TRY(read);
    if (out->fault != ERR_OK) return (err){out->fault};
    *ret_version = version;
    return OK;
}

static bool risk_valid(struct bytes risk)
{
    if (risk.len == 0 || risk.len > REGISTRY_RISK_MAX) return false;
    for (size_t i = 0; i < risk.len; i++) {
        uint8_t c = risk.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') return false;
    }
    return true;
}

err registry_set_risk(struct registry *registry, const struct registry_actor *actor,
                      struct bytes mid, struct bytes risk)
{
    struct registry_merchant merchant;
    struct store_statement *put;
    if (!risk_valid(risk))
        return store_refuse(registry->store, ERR(FORMAT), "class of risk",
                            "must be 1 to 16 small letters, digits or '_'");
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_merchant(registry, mid, &merchant));
    TRY(store_statement(registry->store,
                        "INSERT INTO merchant_risk VALUES(?, ?, ?) ON CONFLICT(mid) DO UPDATE SET"
                        " risk = excluded.risk, since_ms = excluded.since_ms",
                        &put));
    store_bind_text(put, mid);
    store_bind_text(put, risk);
    store_bind_int(put, actor->at_ms);
    TRY(store_run(put));
    TRY(audit_append(
        &tx, &(struct audit_entry){actor->at_ms, actor->name, BYTES("merchant_risk"), mid, risk}));
    return store_commit(&tx);
}

err registry_find_risk(struct registry *registry, struct bytes mid,
                       char ret_risk[REGISTRY_RISK_MAX + 1])
{
    struct store_statement *query;
    char risk[REGISTRY_RISK_MAX + 1] = "";
    bool row = false;
    TRY(store_statement(registry->store, "SELECT risk FROM merchant_risk WHERE mid = ?", &query));
    store_bind_text(query, mid);
    TRY(store_step(query, &row));
    if (row) {
        store_read_text_into(query, risk, sizeof risk);
        err read = store_read_finish(query);
        store_reset(query);
        TRY(read);
    }
    memcpy(ret_risk, risk, sizeof risk);
    return OK;
}
