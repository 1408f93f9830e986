/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that changes the registry. Each function checks the form, then in one transaction
 * makes the change and its audit record. What is taken already is named: the key, the serial number
 * or the certificate.
 */
#include "registry/delivery.h"
#include "registry/internal.h"

static err record(struct store_tx *tx, const struct registry_actor *actor, const char *event,
                  const char *subject, const char *detail)
{
    ENSURE(actor->name.len > 0 && actor->name.len <= REGISTRY_ACTOR_MAX);
    struct audit_entry entry = {actor->at_ms, actor->name, bytes_text(event), bytes_text(subject),
                                bytes_text(detail)};
    return audit_append(tx, &entry);
}

static bool any_row(struct registry *registry, const char *sql, struct bytes key, err *ret_failure)
{
    struct store_statement *query;
    bool row = false;
    *ret_failure = store_statement(registry->store, sql, &query);
    if (FAILED(*ret_failure)) return false;
    store_bind_text(query, key);
    *ret_failure = store_step(query, &row);
    store_reset(query);
    return row;
}

/* EXISTS, saying what, when `sql` finds a row with `key`. */
static err must_be_free(struct registry *registry, const char *sql, const char *key,
                        const char *what)
{
    err failure;
    bool taken = any_row(registry, sql, bytes_text(key), &failure);
    TRY(failure);
    return taken ? store_refuse(registry->store, ERR(EXISTS), what, key) : OK;
}

/* ---- add --------------------------------------------------------------------------------------
 */

static err insert_outlet(struct store *store, const struct registry_outlet *outlet)
{
    struct store_statement *insert;
    TRY(store_statement(store, "INSERT INTO outlet(mid, number, name) VALUES(?, ?, ?)", &insert));
    store_bind_text(insert, bytes_text(outlet->mid));
    store_bind_int(insert, outlet->number);
    store_bind_text(insert, bytes_text(outlet->name));
    err failure = store_run(insert);
    if (failure.code == ERR_EXISTS)
        return store_refuse(store, failure, "outlet number", outlet->mid);
    if (failure.code == ERR_NOT_FOUND) return store_refuse(store, failure, "merchant", outlet->mid);
    return failure;
}

err registry_put_merchant(struct registry *registry, struct store_tx *tx,
                          const struct registry_actor *actor,
                          const struct registry_merchant *merchant)
{
    struct store_statement *insert;
    TRY(must_be_free(registry, "SELECT 1 FROM merchant WHERE mid = ?", merchant->mid,
                     "merchant id"));
    TRY(store_statement(registry->store,
                        "INSERT INTO merchant(mid, name_zh, name_en, fee_plan, status)"
                        " VALUES(?, ?, ?, ?, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(merchant->mid));
    store_bind_text(insert, bytes_text(merchant->name_zh));
    store_bind_text(insert, bytes_text(merchant->name_en));
    store_bind_int(insert, merchant->fee_plan);
    store_bind_int(insert, (int64_t)merchant->status);
    TRY(store_run(insert));

    TRY(registry_put_first_agreement(
        registry, merchant, merchant->signed_ms != 0 ? merchant->signed_ms : actor->at_ms));
    struct registry_outlet first = {.number = 1};
    static_assert(sizeof first.name == sizeof merchant->name_zh, "copied whole");
    memcpy(first.mid, merchant->mid, sizeof first.mid);
    memcpy(first.name, merchant->name_zh, sizeof first.name);
    TRY(insert_outlet(registry->store, &first));
    return record(tx, actor, "merchant_added", merchant->mid, merchant->name_en);
}

void registry_group_begin(struct registry *registry)
{
    store_group_enter(registry->store);
}

err registry_group_commit(struct registry *registry)
{
    store_group_leave(registry->store);
    return store_group_commit(registry->store);
}

err registry_add_merchant(struct registry *registry, const struct registry_actor *actor,
                          const struct registry_merchant *merchant)
{
    TRY(registry_check_merchant(registry, merchant));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_put_merchant(registry, &tx, actor, merchant));
    return store_commit(&tx);
}

err registry_add_outlet(struct registry *registry, const struct registry_actor *actor,
                        const struct registry_outlet *outlet)
{
    TRY(registry_check_outlet(registry, outlet));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(insert_outlet(registry->store, outlet));
    TRY(record(&tx, actor, "outlet_added", outlet->mid, outlet->name));
    return store_commit(&tx);
}

/* One device, one identity: neither its serial number nor its certificate may be another's. */
static err terminal_must_be_new(struct registry *registry, const struct registry_terminal *t)
{
    TRY(must_be_free(registry, "SELECT 1 FROM terminal WHERE tid = ?", t->tid, "terminal id"));
    TRY(must_be_free(registry, "SELECT 1 FROM terminal WHERE serial = ?", t->serial,
                     "serial number"));
    return must_be_free(registry,
                        "SELECT 1 FROM terminal WHERE fingerprint = ? AND fingerprint <> ''",
                        t->fingerprint, "certificate");
}

static err insert_terminal(struct store *store, const struct registry_terminal *t)
{
    struct store_statement *insert;
    TRY(store_statement(store,
                        "INSERT INTO terminal(tid, serial, model, mid, outlet, suite, status,"
                        " fingerprint, master_block, recovery_block, first_batch, ksn)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(t->tid));
    store_bind_text(insert, bytes_text(t->serial));
    store_bind_text(insert, bytes_text(t->model));
    store_bind_text(insert, bytes_text(t->mid));
    store_bind_int(insert, t->outlet);
    store_bind_int(insert, (int64_t)t->suite);
    store_bind_int(insert, (int64_t)t->status);
    store_bind_text(insert, bytes_text(t->fingerprint));
    store_bind_text(insert, bytes_text(t->master_block));
    store_bind_text(insert, bytes_text(t->recovery_block));
    store_bind_int(insert, t->first_batch);
    store_bind_blob(insert, bytes_of(t->ksn, t->ksn_len));
    err failure = store_run(insert);
    if (failure.code == ERR_NOT_FOUND)
        return store_refuse(store, failure, "merchant or its outlet", t->mid);
    return failure;
}

err registry_add_terminal(struct registry *registry, const struct registry_actor *actor,
                          const struct registry_terminal *terminal)
{
    TRY(registry_check_terminal(registry, terminal));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(terminal_must_be_new(registry, terminal));
    TRY(insert_terminal(registry->store, terminal));
    TRY(record(&tx, actor, "terminal_added", terminal->tid, terminal->serial));
    return store_commit(&tx);
}

/* ---- change -----------------------------------------------------------------------------------
 */

err registry_set_terminal_keys(struct registry *registry, const struct registry_actor *actor,
                               struct bytes tid, struct bytes fingerprint,
                               struct bytes master_block, struct bytes recovery_block)
{
    struct registry_terminal terminal;
    TRY(registry_check_fingerprint(registry, fingerprint));
    TRY(registry_check_key_block(registry, master_block));
    if (recovery_block.len > 0) TRY(registry_check_key_block(registry, recovery_block));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_terminal(registry, tid, &terminal));

    struct store_statement *update;
    TRY(store_statement(registry->store,
                        "UPDATE terminal SET fingerprint = ?, master_block = ?,"
                        " recovery_block = ? WHERE tid = ?",
                        &update));
    store_bind_text(update, fingerprint);
    store_bind_text(update, master_block);
    store_bind_text(update, recovery_block);
    store_bind_text(update, tid);
    err failure = store_run(update);
    if (failure.code == ERR_EXISTS)
        return store_refuse(registry->store, failure, "certificate of another terminal", NULL);
    TRY(failure);
    TRY(registry_forget_delivery(registry, tid)); /* it was for the device that was here before */
    TRY(record(&tx, actor, "terminal_keys_set", terminal.tid, terminal.serial));
    return store_commit(&tx);
}

static const char *const status_name[REGISTRY_STATUSES] = {
    [REGISTRY_ACTIVE] = "active", [REGISTRY_SUSPENDED] = "suspended", [REGISTRY_CLOSED] = "closed"};

/* `sql` sets the status of the row with `key`; a closed one stays closed. */
static err set_status(struct registry *registry, const char *sql, const char *key,
                      enum registry_status from, enum registry_status to)
{
    ENSURE(to >= REGISTRY_ACTIVE && to < REGISTRY_STATUSES);
    if (from == REGISTRY_CLOSED && to != REGISTRY_CLOSED)
        return store_refuse(registry->store, ERR(STATE), "closed for good", key);
    struct store_statement *update;
    TRY(store_statement(registry->store, sql, &update));
    store_bind_int(update, (int64_t)to);
    store_bind_text(update, bytes_text(key));
    return store_run(update);
}

err registry_set_terminal_status(struct registry *registry, const struct registry_actor *actor,
                                 struct bytes tid, enum registry_status status)
{
    struct registry_terminal terminal;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_terminal(registry, tid, &terminal));
    TRY(set_status(registry, "UPDATE terminal SET status = ? WHERE tid = ?", terminal.tid,
                   terminal.status, status));
    TRY(record(&tx, actor, "terminal_status", terminal.tid, status_name[status]));
    return store_commit(&tx);
}

err registry_set_merchant_status(struct registry *registry, const struct registry_actor *actor,
                                 struct bytes mid, enum registry_status status)
{
    struct registry_merchant merchant;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_merchant(registry, mid, &merchant));
    TRY(set_status(registry, "UPDATE merchant SET status = ? WHERE mid = ?", merchant.mid,
                   merchant.status, status));
    TRY(record(&tx, actor, "merchant_status", merchant.mid, status_name[status]));
    return store_commit(&tx);
}

err registry_set_zone_keys(struct registry *registry, const struct registry_actor *actor,
                           const struct registry_zone_keys *keys)
{
    TRY(registry_check_zone_keys(registry, keys));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    struct store_statement *upsert;
    TRY(store_statement(registry->store,
                        "INSERT INTO zone(zone, pin_block, mac_block, data_block, token_block)"
                        " VALUES(?, ?, ?, ?, ?) ON CONFLICT(zone) DO UPDATE SET"
                        " pin_block = excluded.pin_block, mac_block = excluded.mac_block,"
                        " data_block = excluded.data_block, token_block = excluded.token_block",
                        &upsert));
    store_bind_int(upsert, (int64_t)keys->zone);
    store_bind_text(upsert, bytes_text(keys->pin_block));
    store_bind_text(upsert, bytes_text(keys->mac_block));
    store_bind_text(upsert, bytes_text(keys->data_block));
    store_bind_text(upsert, bytes_text(keys->token_block));
    TRY(store_run(upsert));
    TRY(registry_zone_keys_since(registry, keys->zone, actor->at_ms));
    TRY(record(&tx, actor, "zone_keys_set",
               keys->zone == REGISTRY_CARD_NETWORK ? "card_network" : "wallet", ""));
    return store_commit(&tx);
}

static const char *host_key_name(enum registry_host_key which)
{
    static const char *const names[REGISTRY_HOST_KEYS] = {
        [REGISTRY_PEPPER_KEY] = "pepper",
        [REGISTRY_BASE_TDES_KEY] = "base-tdes",
        [REGISTRY_BASE_AES_KEY] = "base-aes",
    };
    return names[which];
}

err registry_add_host_key(struct registry *registry, const struct registry_actor *actor,
                          enum registry_host_key which, struct bytes block)
{
    ENSURE(which >= 1 && which < REGISTRY_HOST_KEYS);
    TRY(registry_check_key_block(registry, block));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    struct store_statement *insert;
    TRY(store_statement(registry->store, "INSERT INTO host_key(which, block) VALUES(?, ?)",
                        &insert));
    store_bind_int(insert, (int64_t)which);
    store_bind_text(insert, block);
    err failure = store_run(insert);
    if (failure.code == ERR_EXISTS)
        return store_refuse(registry->store, failure, "key of the host", NULL);
    TRY(failure);
    TRY(record(&tx, actor, "host_key_added", host_key_name(which), ""));
    return store_commit(&tx);
}
