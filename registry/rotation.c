/* SPDX-License-Identifier: Apache-2.0 */
/* One rotation of a zone at a time, and how old its keys are. */
#include "registry/rotation.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const rotation_migration[] = {
    "CREATE TABLE zone_age(zone INTEGER PRIMARY KEY, number INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE zone_rotation(zone INTEGER PRIMARY KEY, number INTEGER NOT NULL,"
    " proposed_by TEXT NOT NULL, proposed_ms INTEGER NOT NULL, overlap_ms INTEGER NOT NULL,"
    " approved_by TEXT NOT NULL, approved_ms INTEGER NOT NULL, pin_block TEXT NOT NULL,"
    " mac_block TEXT NOT NULL, data_block TEXT NOT NULL, told BLOB NOT NULL) STRICT;",
};

const struct store_schema registry_rotation_schema = {"registry_rotation", rotation_migration,
                                                      ARRAY_LEN(rotation_migration)};

static const char *zone_name(enum registry_zone zone)
{
    return zone == REGISTRY_CARD_NETWORK ? "card_network" : "wallet";
}

static err record(struct store_tx *tx, const struct registry_actor *actor, const char *event,
                  enum registry_zone zone, const char *detail)
{
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(event),
                                                  bytes_text(zone_name(zone)), bytes_text(detail)});
}

static err with_zone(struct registry *registry, const char *sql, enum registry_zone zone)
{
    struct store_statement *s;
    TRY(store_statement(registry->store, sql, &s));
    store_bind_int(s, (int64_t)zone);
    return store_run(s);
}

/* ---- reading ---- */

/* Number 0: nothing is known of it. */
static err read_age(struct registry *registry, enum registry_zone zone, int64_t *ret_number,
                    int64_t *ret_since_ms)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(registry->store, "SELECT number, since_ms FROM zone_age WHERE zone = ?",
                        &query));
    store_bind_int(query, (int64_t)zone);
    TRY(store_step(query, &row));
    *ret_number = row ? store_read_int(query) : 0;
    *ret_since_ms = row ? store_read_int(query) : 0;
    if (!row) return OK;
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err registry_zone_age(struct registry *registry, enum registry_zone zone, int64_t *ret_number,
                      int64_t *ret_since_ms)
{
    int64_t number, since_ms;
    TRY(read_age(registry, zone, &number, &since_ms));
    *ret_number = number == 0 ? 1 : number;
    *ret_since_ms = since_ms;
    return OK;
}

static err read_rotation(struct store_statement *row, struct registry_rotation *r)
{
    r->number = store_read_int(row);
    store_read_text_into(row, r->proposed_by, sizeof r->proposed_by);
    r->proposed_ms = store_read_int(row);
    r->overlap_ms = store_read_int(row);
    store_read_text_into(row, r->approved_by, sizeof r->approved_by);
    r->approved_ms = store_read_int(row);
    store_read_text_into(row, r->pin_block, sizeof r->pin_block);
    store_read_text_into(row, r->mac_block, sizeof r->mac_block);
    store_read_text_into(row, r->data_block, sizeof r->data_block);
    struct bytes told = store_read_blob(row);
    if (told.len <= sizeof r->told) {
        if (told.len > 0) memcpy(r->told, told.at, told.len);
        r->told_len = told.len;
    }
    return store_read_finish(row);
}

err registry_find_rotation(struct registry *registry, enum registry_zone zone,
                           struct registry_rotation *ret_rotation)
{
    struct store_statement *query;
    struct registry_rotation rotation = {.zone = zone};
    bool row = false;
    TRY(store_statement(registry->store,
                        "SELECT number, proposed_by, proposed_ms, overlap_ms, approved_by,"
                        " approved_ms, pin_block, mac_block, data_block, told FROM zone_rotation"
                        " WHERE zone = ?",
                        &query));
    store_bind_int(query, (int64_t)zone);
    TRY(store_step(query, &row));
    if (!row) return store_refuse(registry->store, ERR(NOT_FOUND), "change of keys", NULL);
    err read = read_rotation(query, &rotation);
    store_reset(query);
    TRY(read);
    *ret_rotation = rotation;
    return OK;
}

/* ---- steps ---- */

static err put_age(struct registry *registry, enum registry_zone zone, int64_t number,
                   int64_t since_ms)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT OR REPLACE INTO zone_age(zone, number, since_ms) VALUES(?, ?, ?)",
                        &put));
    store_bind_int(put, (int64_t)zone);
    store_bind_int(put, number);
    store_bind_int(put, since_ms);
    TRY(store_run(put));
    return with_zone(registry, "DELETE FROM zone_rotation WHERE zone = ?", zone);
}

err registry_zone_keys_since(struct registry *registry, enum registry_zone zone, int64_t at_ms)
{
    int64_t number, since_ms;
    TRY(read_age(registry, zone, &number, &since_ms));
    return put_age(registry, zone, number + 1, at_ms);
}

static err put_proposal(struct registry *registry, const struct registry_actor *actor,
                        enum registry_zone zone, int64_t number, int64_t overlap_ms)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT INTO zone_rotation VALUES(?, ?, ?, ?, ?, '', 0, '', '', '', x'')",
                        &put));
    store_bind_int(put, (int64_t)zone);
    store_bind_int(put, number);
    store_bind_text(put, actor->name);
    store_bind_int(put, actor->at_ms);
    store_bind_int(put, overlap_ms);
    err failure = store_run(put);
    if (failure.code == ERR_EXISTS)
        return store_refuse(registry->store, failure, "change of keys", zone_name(zone));
    return failure;
}

err registry_propose_rotation(struct registry *registry, const struct registry_actor *actor,
                              enum registry_zone zone, int64_t overlap_ms)
{
    struct registry_zone_keys keys;
    int64_t number, since_ms;
    char detail[64];
    ENSURE(overlap_ms > 0);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_zone_keys(registry, zone, &keys));
    TRY(registry_zone_age(registry, zone, &number, &since_ms));
    TRY(put_proposal(registry, actor, zone, number + 1, overlap_ms));
    snprintf(detail, sizeof detail, "set %lld, overlap %lld s", (long long)number + 1,
             (long long)overlap_ms / 1000);
    TRY(record(&tx, actor, "zone_rotation_proposed", zone, detail));
    return store_commit(&tx);
}

err registry_withdraw_rotation(struct registry *registry, const struct registry_actor *actor,
                               enum registry_zone zone)
{
    struct registry_rotation now;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_rotation(registry, zone, &now));
    if (now.approved_by[0] != '\0')
        return store_refuse(registry->store, ERR(STATE), "the network may have these keys",
                            zone_name(zone));
    TRY(with_zone(registry, "DELETE FROM zone_rotation WHERE zone = ?", zone));
    TRY(record(&tx, actor, "zone_rotation_withdrawn", zone, ""));
    return store_commit(&tx);
}

/* Why it cannot be approved so. */
static err judge(struct registry *registry, const struct registry_actor *actor,
                 const struct registry_rotation *now, const struct registry_rotation *given)
{
    if (now->approved_by[0] != '\0')
        return store_refuse(registry->store, ERR(STATE), "approved already", now->approved_by);
    if (bytes_equal(actor->name, bytes_text(now->proposed_by)))
        return store_refuse(registry->store, ERR(DENIED), "another than who has proposed it",
                            now->proposed_by);
    if (now->number != given->number)
        return store_refuse(registry->store, ERR(CONFLICT), "another change of keys", NULL);
    TRY(registry_check_key_block(registry, bytes_text(given->pin_block)));
    TRY(registry_check_key_block(registry, bytes_text(given->mac_block)));
    TRY(registry_check_key_block(registry, bytes_text(given->data_block)));
    if (given->told_len == 0 || given->told_len > sizeof given->told)
        return store_refuse(registry->store, ERR(FORMAT), "sealed keys", NULL);
    return OK;
}

static err put_keys(struct registry *registry, const struct registry_actor *actor,
                    const struct registry_rotation *r)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "UPDATE zone_rotation SET approved_by = ?, approved_ms = ?, pin_block = ?,"
                        " mac_block = ?, data_block = ?, told = ? WHERE zone = ?",
                        &put));
    store_bind_text(put, actor->name);
    store_bind_int(put, actor->at_ms);
    store_bind_text(put, bytes_text(r->pin_block));
    store_bind_text(put, bytes_text(r->mac_block));
    store_bind_text(put, bytes_text(r->data_block));
    store_bind_blob(put, bytes_of(r->told, r->told_len));
    store_bind_int(put, (int64_t)r->zone);
    return store_run(put);
}

err registry_approve_rotation(struct registry *registry, const struct registry_actor *actor,
                              const struct registry_rotation *rotation)
{
    struct registry_rotation now;
    char detail[32];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_rotation(registry, rotation->zone, &now));
    TRY(judge(registry, actor, &now, rotation));
    TRY(put_keys(registry, actor, rotation));
    snprintf(detail, sizeof detail, "set %lld", (long long)rotation->number);
    TRY(record(&tx, actor, "zone_rotation_approved", rotation->zone, detail));
    return store_commit(&tx);
}

err registry_finish_rotation(struct registry *registry, const struct registry_actor *actor,
                             enum registry_zone zone)
{
    struct registry_rotation now;
    char detail[64];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_rotation(registry, zone, &now));
    if (now.approved_by[0] == '\0')
        return store_refuse(registry->store, ERR(STATE), "nobody has approved it", NULL);
    TRY(with_zone(registry,
                  "UPDATE zone SET (pin_block, mac_block, data_block) = (SELECT pin_block,"
                  " mac_block, data_block FROM zone_rotation r WHERE r.zone = zone.zone)"
                  " WHERE zone = ?",
                  zone));
    /* The rotation goes with its copy of the blocks. They are old from when they were made. */
    TRY(put_age(registry, zone, now.number, now.approved_ms));
    snprintf(detail, sizeof detail, "set %lld; set %lld is in use", (long long)now.number - 1,
             (long long)now.number);
    TRY(record(&tx, actor, "zone_keys_destroyed", zone, detail));
    return store_commit(&tx);
}
