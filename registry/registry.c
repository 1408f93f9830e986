/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's tables, opening it, and everything that only reads. write.c changes it. */
#include "registry/registry.h"

#include <stdlib.h>

#include "registry/internal.h"

static const char *const registry_migration[] = {
    "CREATE TABLE merchant(mid TEXT PRIMARY KEY, name_zh TEXT NOT NULL, name_en TEXT NOT NULL,"
    " fee_plan INTEGER NOT NULL, status INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outlet(mid TEXT NOT NULL REFERENCES merchant(mid), number INTEGER NOT NULL,"
    " name TEXT NOT NULL, PRIMARY KEY(mid, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE terminal(tid TEXT PRIMARY KEY, serial TEXT NOT NULL UNIQUE, model TEXT NOT NULL,"
    " mid TEXT NOT NULL, outlet INTEGER NOT NULL, suite INTEGER NOT NULL, status INTEGER NOT NULL,"
    " fingerprint TEXT NOT NULL, master_block TEXT NOT NULL, first_batch INTEGER NOT NULL,"
    " FOREIGN KEY(mid, outlet) REFERENCES outlet(mid, number)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX terminal_fingerprint ON terminal(fingerprint) WHERE fingerprint <> '';"
    "CREATE TABLE zone(zone INTEGER PRIMARY KEY, pin_block TEXT NOT NULL, mac_block TEXT NOT NULL,"
    " data_block TEXT NOT NULL, token_block TEXT NOT NULL) STRICT;",
    "ALTER TABLE terminal ADD COLUMN recovery_block TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE host_key(which INTEGER PRIMARY KEY, block TEXT NOT NULL) STRICT;",
    "ALTER TABLE terminal ADD COLUMN ksn BLOB NOT NULL DEFAULT x'';"
    /* AUTOINCREMENT: a number is never given again. */
    "CREATE TABLE serial_device(number INTEGER PRIMARY KEY AUTOINCREMENT, suite INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL) STRICT;",
    "CREATE INDEX terminal_of ON terminal(mid, tid);",
};

const struct store_schema registry_schema = {"registry", registry_migration,
                                             ARRAY_LEN(registry_migration)};

static const struct store_schema *const schemas[] = {
    &registry_schema,
    &registry_contact_schema,
    &registry_policy_schema,
    &registry_parameters_schema,
    &registry_sheet_schema,
    &registry_delivery_schema,
    &registry_limits_schema,
    &registry_agreement_schema,
    &registry_plate_schema,
    &registry_place_schema,
    &registry_numbers_schema,
    &registry_names_schema,
    &registry_replacement_schema,
    &registry_rotation_schema,
    &audit_schema,
};

err registry_open(const char *path, enum store_mode mode, struct store_fault *fault,
                  struct registry **ret_registry)
{
    struct store_options options = {.mode = mode};
    CLEANUP(store_close_at) struct store *store = NULL;
    TRY(store_open(path, &options, fault, &store));
    err failure = OK;
    for (size_t i = 0; !FAILED(failure) && i < ARRAY_LEN(schemas); i++)
        failure = store_migrate(store, schemas[i]);
    if (FAILED(failure)) {
        if (fault != NULL) *fault = store_fault_of(store);
        return failure;
    }
    struct registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL) return ERR(NO_MEMORY);
    *registry = (struct registry){.store = store, .data_version = -1};
    store = NULL;
    *ret_registry = registry;
    return OK;
}

void registry_close(struct registry *registry)
{
    if (registry == NULL) return;
    store_close(registry->store);
    free(registry);
}

const char *registry_error_text(const struct registry *registry)
{
    return store_error_text(registry->store);
}

struct store *registry_store(struct registry *registry)
{
    return registry->store;
}

err registry_changed(struct registry *registry, bool *ret_changed)
{
    int64_t data_version = 0, audit_seq = 0;
    TRY(store_data_version(registry->store, &data_version));
    /* What this very connection writes does not move the data version, but it leaves a record. */
    TRY(store_query_int(registry->store, "SELECT seq FROM audit_head", &audit_seq));
    *ret_changed = data_version != registry->data_version || audit_seq != registry->audit_seq;
    registry->data_version = data_version;
    registry->audit_seq = audit_seq;
    return OK;
}

/* ---- merchants --------------------------------------------------------------------------------
 */

#define MERCHANT_COLUMNS "mid, name_zh, name_en, fee_plan, status"

/* A status or a suite outside its list is somebody else's hand. */
static bool in_list(int64_t value, int64_t end)
{
    return value >= 1 && value < end;
}

static err read_merchant(struct registry *registry, struct store_statement *row,
                         struct registry_merchant *merchant)
{
    store_read_text_into(row, merchant->mid, sizeof merchant->mid);
    store_read_text_into(row, merchant->name_zh, sizeof merchant->name_zh);
    store_read_text_into(row, merchant->name_en, sizeof merchant->name_en);
    merchant->fee_plan = (uint32_t)store_read_int(row);
    int64_t status = store_read_int(row);
    TRY(store_read_finish(row));
    if (!in_list(status, REGISTRY_STATUSES))
        return store_refuse(registry->store, ERR(CORRUPT), "merchant's status", merchant->mid);
    merchant->status = (enum registry_status)status;
    return OK;
}

err registry_find_merchant(struct registry *registry, struct bytes mid,
                           struct registry_merchant *ret_merchant)
{
    struct store_statement *query;
    struct registry_merchant merchant;
    bool row = false;
    TRY(store_statement(registry->store, "SELECT " MERCHANT_COLUMNS " FROM merchant WHERE mid = ?",
                        &query));
    store_bind_text(query, mid);
    TRY(store_step(query, &row));
    if (!row) return store_refuse(registry->store, ERR(NOT_FOUND), "merchant", NULL);
    err failure = read_merchant(registry, query, &merchant);
    store_reset(query);
    if (FAILED(failure)) return failure;
    *ret_merchant = merchant;
    return OK;
}

err registry_merchants(struct registry *registry, registry_each_merchant each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(registry->store, "SELECT " MERCHANT_COLUMNS " FROM merchant ORDER BY mid",
                        &rows));
    for (;;) {
        bool row = false;
        struct registry_merchant merchant;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err failure = read_merchant(registry, rows, &merchant);
        if (!FAILED(failure)) failure = each(context, &merchant);
        if (FAILED(failure)) {
            store_reset(rows);
            return failure;
        }
    }
}

/* ---- terminals --------------------------------------------------------------------------------
 */

#define TERMINAL_COLUMNS                                                                         \
    "tid, serial, model, mid, outlet, suite, status, fingerprint, master_block, recovery_block," \
    " first_batch, ksn"

static err read_terminal(struct registry *registry, struct store_statement *row,
                         struct registry_terminal *terminal)
{
    store_read_text_into(row, terminal->tid, sizeof terminal->tid);
    store_read_text_into(row, terminal->serial, sizeof terminal->serial);
    store_read_text_into(row, terminal->model, sizeof terminal->model);
    store_read_text_into(row, terminal->mid, sizeof terminal->mid);
    terminal->outlet = (uint32_t)store_read_int(row);
    int64_t suite = store_read_int(row), status = store_read_int(row);
    store_read_text_into(row, terminal->fingerprint, sizeof terminal->fingerprint);
    store_read_text_into(row, terminal->master_block, sizeof terminal->master_block);
    store_read_text_into(row, terminal->recovery_block, sizeof terminal->recovery_block);
    terminal->first_batch = (uint32_t)store_read_int(row);
    struct bytes ksn = store_read_blob(row);
    bool fits = ksn.len <= sizeof terminal->ksn;
    terminal->ksn_len = fits ? (uint8_t)ksn.len : 0;
    memset(terminal->ksn, 0, sizeof terminal->ksn);
    if (terminal->ksn_len > 0) memcpy(terminal->ksn, ksn.at, ksn.len);
    TRY(store_read_finish(row));
    bool known = registry_suite((enum registry_suite)suite) != NULL;
    if (!fits || !known || !in_list(status, REGISTRY_STATUSES))
        return store_refuse(registry->store, ERR(CORRUPT), "terminal's suite or status",
                            terminal->tid);
    terminal->suite = (enum registry_suite)suite;
    terminal->status = (enum registry_status)status;
    return OK;
}

err registry_find_terminal(struct registry *registry, struct bytes tid,
                           struct registry_terminal *ret_terminal)
{
    struct store_statement *query;
    struct registry_terminal terminal;
    bool row = false;
    TRY(store_statement(registry->store, "SELECT " TERMINAL_COLUMNS " FROM terminal WHERE tid = ?",
                        &query));
    store_bind_text(query, tid);
    TRY(store_step(query, &row));
    if (!row) return store_refuse(registry->store, ERR(NOT_FOUND), "terminal", NULL);
    err failure = read_terminal(registry, query, &terminal);
    store_reset(query);
    if (FAILED(failure)) return failure;
    *ret_terminal = terminal;
    return OK;
}

static err each_terminal(struct registry *registry, struct store_statement *rows,
                         registry_each_terminal each, void *context)
{
    for (;;) {
        bool row = false;
        struct registry_terminal terminal;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err failure = read_terminal(registry, rows, &terminal);
        if (!FAILED(failure)) failure = each(context, &terminal);
        if (FAILED(failure)) {
            store_reset(rows);
            return failure;
        }
    }
}

err registry_terminals(struct registry *registry, registry_each_terminal each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(registry->store, "SELECT " TERMINAL_COLUMNS " FROM terminal ORDER BY tid",
                        &rows));
    return each_terminal(registry, rows, each, context);
}

err registry_terminals_after(struct registry *registry, struct bytes after, size_t limit,
                             registry_each_terminal each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(
        registry->store,
        "SELECT " TERMINAL_COLUMNS " FROM terminal WHERE tid > ? ORDER BY tid LIMIT ?", &rows));
    store_bind_text(rows, after);
    store_bind_int(rows, (int64_t)limit);
    return each_terminal(registry, rows, each, context);
}

err registry_terminals_called(struct registry *registry, struct bytes name,
                              registry_each_terminal each, void *context)
{
    struct store_statement *rows;
    /* The inner one walks the index of serial numbers alone: 10 ms for a hundred thousand. */
    TRY(store_statement(registry->store,
                        "SELECT " TERMINAL_COLUMNS " FROM terminal WHERE tid IN (SELECT ?1 UNION"
                        " SELECT tid FROM terminal WHERE serial = ?1 COLLATE NOCASE) ORDER BY tid",
                        &rows));
    store_bind_text(rows, name);
    return each_terminal(registry, rows, each, context);
}

err registry_terminals_of(struct registry *registry, struct bytes mid, registry_each_terminal each,
                          void *context)
{
    struct store_statement *rows;
    TRY(store_statement(registry->store,
                        "SELECT " TERMINAL_COLUMNS " FROM terminal WHERE mid = ? ORDER BY tid",
                        &rows));
    store_bind_text(rows, mid);
    return each_terminal(registry, rows, each, context);
}

/* ---- zones ------------------------------------------------------------------------------------
 */

err registry_find_zone_keys(struct registry *registry, enum registry_zone zone,
                            struct registry_zone_keys *ret_keys)
{
    struct store_statement *query;
    struct registry_zone_keys keys = {.zone = zone};
    bool row = false;
    TRY(store_statement(
        registry->store,
        "SELECT pin_block, mac_block, data_block, token_block FROM zone WHERE zone = ?", &query));
    store_bind_int(query, (int64_t)zone);
    TRY(store_step(query, &row));
    if (!row) return store_refuse(registry->store, ERR(NOT_FOUND), "keys of this zone", NULL);
    store_read_text_into(query, keys.pin_block, sizeof keys.pin_block);
    store_read_text_into(query, keys.mac_block, sizeof keys.mac_block);
    store_read_text_into(query, keys.data_block, sizeof keys.data_block);
    store_read_text_into(query, keys.token_block, sizeof keys.token_block);
    err failure = store_read_finish(query);
    store_reset(query);
    if (FAILED(failure)) return failure;
    *ret_keys = keys;
    return OK;
}

/* ---- the host's own keys ----------------------------------------------------------------------
 */

err registry_find_host_key(struct registry *registry, enum registry_host_key which,
                           char ret_block[REGISTRY_KEY_BLOCK_MAX + 1])
{
    struct store_statement *query;
    char block[REGISTRY_KEY_BLOCK_MAX + 1];
    bool row = false;
    ENSURE(which >= 1 && which < REGISTRY_HOST_KEYS);
    TRY(store_statement(registry->store, "SELECT block FROM host_key WHERE which = ?", &query));
    store_bind_int(query, (int64_t)which);
    TRY(store_step(query, &row));
    if (!row) return store_refuse(registry->store, ERR(NOT_FOUND), "key of the host", NULL);
    store_read_text_into(query, block, sizeof block);
    err failure = store_read_finish(query);
    store_reset(query);
    if (FAILED(failure)) return failure;
    memcpy(ret_block, block, sizeof block);
    return OK;
}
