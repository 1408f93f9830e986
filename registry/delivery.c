/* SPDX-License-Identifier: Apache-2.0 */
/* The transport keys of devices, and master keys on their way to them. */
#include "registry/delivery.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const delivery_migration[] = {
    "CREATE TABLE device_transport(tid TEXT PRIMARY KEY, public_key BLOB NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE master_delivery(tid TEXT PRIMARY KEY, kcv BLOB NOT NULL, sealed BLOB NOT NULL,"
    " made_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

const struct store_schema registry_delivery_schema = {"registry_delivery", delivery_migration,
                                                      ARRAY_LEN(delivery_migration)};

static err run_with_tid(struct registry *registry, const char *sql, struct bytes tid)
{
    struct store_statement *s;
    TRY(store_statement(registry->store, sql, &s));
    store_bind_text(s, tid);
    return store_run(s);
}

err registry_forget_delivery(struct registry *registry, struct bytes tid)
{
    TRY(run_with_tid(registry, "DELETE FROM device_transport WHERE tid = ?", tid));
    return run_with_tid(registry, "DELETE FROM master_delivery WHERE tid = ?", tid);
}

static err record(struct store_tx *tx, const struct registry_actor *actor, const char *event,
                  struct bytes tid, const char *detail)
{
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(event), tid,
                                                  bytes_text(detail)});
}

err registry_set_transport(struct registry *registry, const struct registry_actor *actor,
                           struct bytes tid, const uint8_t public_key[REGISTRY_TRANSPORT_BYTES])
{
    struct registry_terminal terminal;
    struct store_statement *put;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_terminal(registry, tid, &terminal));
    TRY(store_statement(registry->store,
                        "INSERT OR REPLACE INTO device_transport(tid, public_key) VALUES(?, ?)",
                        &put));
    store_bind_text(put, tid);
    store_bind_blob(put, bytes_of(public_key, REGISTRY_TRANSPORT_BYTES));
    TRY(store_run(put));
    TRY(record(&tx, actor, "device_transport_set", tid, terminal.serial));
    return store_commit(&tx);
}

err registry_find_transport(struct registry *registry, struct bytes tid,
                            uint8_t ret_public[REGISTRY_TRANSPORT_BYTES])
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(registry->store, "SELECT public_key FROM device_transport WHERE tid = ?",
                        &query));
    store_bind_text(query, tid);
    TRY(store_step(query, &row));
    if (!row) return store_refuse(registry->store, ERR(NOT_FOUND), "transport key", NULL);
    store_read_blob_into(query, ret_public, REGISTRY_TRANSPORT_BYTES);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err put_delivery(struct registry *registry, const struct registry_actor *actor,
                        struct bytes tid, const struct registry_delivery *delivery)
{
    struct store_statement *s;
    TRY(store_statement(registry->store, "UPDATE terminal SET master_block = ? WHERE tid = ?", &s));
    store_bind_text(s, bytes_text(delivery->master_block));
    store_bind_text(s, tid);
    TRY(store_run(s));
    TRY(store_statement(registry->store,
                        "INSERT OR REPLACE INTO master_delivery(tid, kcv, sealed, made_ms)"
                        " VALUES(?, ?, ?, ?)",
                        &s));
    store_bind_text(s, tid);
    store_bind_blob(s, BYTES_OF(delivery->kcv));
    store_bind_blob(s, bytes_of(delivery->sealed, delivery->sealed_len));
    store_bind_int(s, actor->at_ms);
    return store_run(s);
}

err registry_deliver_master(struct registry *registry, const struct registry_actor *actor,
                            struct bytes tid, const struct registry_delivery *delivery)
{
    struct registry_terminal terminal;
    char detail[32];
    TRY(registry_check_key_block(registry, bytes_text(delivery->master_block)));
    if (delivery->sealed_len == 0 || delivery->sealed_len > REGISTRY_SEALED_MAX)
        return store_refuse(registry->store, ERR(FORMAT), "sealed master key", NULL);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_terminal(registry, tid, &terminal));
    if (terminal.status == REGISTRY_CLOSED)
        return store_refuse(registry->store, ERR(STATE), "closed for good", terminal.tid);
    TRY(put_delivery(registry, actor, tid, delivery));
    snprintf(detail, sizeof detail, "kcv %02X%02X%02X%02X", delivery->kcv[0], delivery->kcv[1],
             delivery->kcv[2], delivery->kcv[3]);
    TRY(record(&tx, actor, "terminal_master_renewed", tid, detail));
    return store_commit(&tx);
}

err registry_find_delivery(struct registry *registry, struct bytes tid,
                           struct registry_delivery *ret_delivery)
{
    struct store_statement *query;
    struct registry_delivery delivery = {.sealed_len = 0};
    bool row = false;
    TRY(store_statement(registry->store,
                        "SELECT t.master_block, d.kcv, d.sealed, d.made_ms"
                        " FROM master_delivery d JOIN terminal t ON t.tid = d.tid WHERE d.tid = ?",
                        &query));
    store_bind_text(query, tid);
    TRY(store_step(query, &row));
    if (!row) return store_refuse(registry->store, ERR(NOT_FOUND), "master key on its way", NULL);
    store_read_text_into(query, delivery.master_block, sizeof delivery.master_block);
    store_read_blob_into(query, delivery.kcv, sizeof delivery.kcv);
    struct bytes sealed = store_read_blob(query);
    if (sealed.len <= sizeof delivery.sealed) {
        memcpy(delivery.sealed, sealed.at, sealed.len);
        delivery.sealed_len = sealed.len;
    }
    delivery.made_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(read);
    if (delivery.sealed_len == 0)
        return store_refuse(registry->store, ERR(CORRUPT), "sealed master key", NULL);
    *ret_delivery = delivery;
    return OK;
}
