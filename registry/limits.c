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

    "CREATE TABLE merchant_person(mid TEXT PRIMARY KEY REFERENCES merchant(mid),"
    " person TEXT NOT NULL CHECK(person <> ''), since_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX merchant_person_of ON merchant_person(person, mid);",
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

static bool word_valid(struct bytes word, size_t most)
{
    if (word.len == 0 || word.len > most) return false;
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') return false;
    }
    return true;
}

err registry_set_risk(struct registry *registry, const struct registry_actor *actor,
                      struct bytes mid, struct bytes risk)
{
    struct registry_merchant merchant;
    struct store_statement *put;
    if (!word_valid(risk, REGISTRY_RISK_MAX))
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

/* ---- persons ---- */

err registry_find_mates(struct registry *registry, struct bytes mid,
                        char ret_mids[REGISTRY_MATES_MAX][16], size_t *ret_count)
{
    struct store_statement *rows;
    size_t count = 0;
    static_assert(REGISTRY_MATES_MAX == 7, "in the text below");
    TRY(store_statement(registry->store,
                        "SELECT o.mid FROM merchant_person m JOIN merchant_person o ON"
                        " o.person = m.person AND o.mid <> m.mid WHERE m.mid = ? ORDER BY o.mid"
                        " LIMIT 7",
                        &rows));
    store_bind_text(rows, mid);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        store_read_text_into(rows, ret_mids[count++], 16);
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
    }
    *ret_count = count;
    return OK;
}

static err put_person(struct registry *registry, const struct registry_actor *actor,
                      struct bytes mid, struct bytes person)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT INTO merchant_person VALUES(?, ?, ?) ON CONFLICT(mid) DO UPDATE SET"
                        " person = excluded.person, since_ms = excluded.since_ms",
                        &put));
    store_bind_text(put, mid);
    store_bind_text(put, person);
    store_bind_int(put, actor->at_ms);
    return store_run(put);
}

static err remove_person(struct registry *registry, struct bytes mid)
{
    struct store_statement *remove;
    TRY(store_statement(registry->store, "DELETE FROM merchant_person WHERE mid = ?", &remove));
    store_bind_text(remove, mid);
    return store_run(remove);
}

static err count_others(struct registry *registry, struct bytes mid, struct bytes person,
                        int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(registry->store,
                        "SELECT count(*) FROM merchant_person WHERE person = ? AND mid <> ?",
                        &query));
    store_bind_text(query, person);
    store_bind_text(query, mid);
    TRY(store_step(query, &row));
    ENSURE(row);
    *ret_count = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err registry_set_person(struct registry *registry, const struct registry_actor *actor,
                        struct bytes mid, struct bytes person)
{
    struct registry_merchant merchant;
    int64_t others = 0;
    if (person.len > 0 && !word_valid(person, REGISTRY_PERSON_MAX))
        return store_refuse(registry->store, ERR(FORMAT), "person",
                            "must be 1 to 64 small letters, digits or '_', or nothing");
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_merchant(registry, mid, &merchant));
    TRY(count_others(registry, mid, person, &others));
    if (others >= REGISTRY_MATES_MAX + 1)
        return store_refuse(registry->store, ERR(FULL), "person", "has eight merchants already");
    if (person.len > 0) TRY(put_person(registry, actor, mid, person));
    else TRY(remove_person(registry, mid));
    TRY(audit_append(&tx, &(struct audit_entry){actor->at_ms, actor->name, BYTES("merchant_person"),
                                                mid, person}));
    return store_commit(&tx);
}
