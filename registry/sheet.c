/* SPDX-License-Identifier: Apache-2.0 */
/* Sheets that may be printed, in one file, and that were printed, in another. */
#include "registry/sheet.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const sheet_migration[] = {
    "CREATE TABLE sheet(ticket INTEGER PRIMARY KEY, tid TEXT NOT NULL, operator TEXT NOT NULL,"
    " challenge BLOB NOT NULL UNIQUE, at_ms INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER sheet_stands BEFORE UPDATE ON sheet"
    " BEGIN SELECT RAISE(ABORT, 'an order stands'); END;"
    "CREATE TRIGGER sheet_stays BEFORE DELETE ON sheet"
    " BEGIN SELECT RAISE(ABORT, 'an order stands'); END;"
    "CREATE TRIGGER sheet_new BEFORE INSERT ON sheet"
    " WHEN EXISTS(SELECT 1 FROM sheet WHERE ticket = NEW.ticket OR challenge = NEW.challenge)"
    " BEGIN SELECT RAISE(ABORT, 'an order stands'); END;",
};

const struct store_schema sheet_schema = {"sheet", sheet_migration, ARRAY_LEN(sheet_migration)};

static const char *const printed_migration[] = {
    "CREATE TABLE printed_sheet(challenge BLOB PRIMARY KEY, ticket INTEGER NOT NULL,"
    " tid TEXT NOT NULL, operator TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER printed_sheet_stands BEFORE UPDATE ON printed_sheet"
    " BEGIN SELECT RAISE(ABORT, 'a sheet is printed once'); END;"
    "CREATE TRIGGER printed_sheet_stays BEFORE DELETE ON printed_sheet"
    " BEGIN SELECT RAISE(ABORT, 'a sheet is printed once'); END;",
};

const struct store_schema registry_sheet_schema = {"registry_sheet", printed_migration,
                                                   ARRAY_LEN(printed_migration)};

static void bind(struct store_statement *insert, const struct sheet *sheet)
{
    store_bind_int(insert, sheet->ticket);
    store_bind_text(insert, bytes_text(sheet->tid));
    store_bind_text(insert, bytes_text(sheet->operator_id));
    store_bind_blob(insert, BYTES_OF(sheet->challenge));
}

err sheet_add(struct store_tx *tx, const struct sheet *sheet)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO sheet(ticket, tid, operator, challenge, at_ms)"
                        " VALUES(?, ?, ?, ?, ?)",
                        &insert));
    bind(insert, sheet);
    store_bind_int(insert, sheet->at_ms);
    return store_run(insert);
}

err sheet_find(struct store *store, int64_t ticket, struct sheet *ret_sheet)
{
    struct store_statement *query;
    struct sheet sheet = {.ticket = ticket};
    bool row = false;
    TRY(store_statement(store, "SELECT tid, operator, challenge, at_ms FROM sheet WHERE ticket = ?",
                        &query));
    store_bind_int(query, ticket);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, sheet.tid, sizeof sheet.tid);
    store_read_text_into(query, sheet.operator_id, sizeof sheet.operator_id);
    store_read_blob_into(query, sheet.challenge, sizeof sheet.challenge);
    sheet.at_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    if (!FAILED(read)) *ret_sheet = sheet;
    return read;
}

err registry_print_sheet(struct registry *registry, const struct registry_actor *actor,
                         const struct sheet *sheet)
{
    struct store_statement *insert;
    char detail[48];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(store_statement(registry->store,
                        "INSERT INTO printed_sheet(ticket, tid, operator, challenge, at_ms)"
                        " VALUES(?, ?, ?, ?, ?)",
                        &insert));
    bind(insert, sheet);
    store_bind_int(insert, actor->at_ms);
    TRY(store_run(insert));
    snprintf(detail, sizeof detail, "operator %s, ticket R-%06lld", sheet->operator_id,
             (long long)sheet->ticket);
    TRY(audit_append(&tx, &(struct audit_entry){actor->at_ms, actor->name, BYTES("sheet_printed"),
                                                bytes_text(sheet->tid), bytes_text(detail)}));
    return store_commit(&tx);
}

err registry_sheet_printed(struct registry *registry, const struct sheet *sheet, int64_t *ret_at_ms)
{
    struct store_statement *query;
    bool row = false;
    *ret_at_ms = 0;
    TRY(store_statement(registry->store, "SELECT at_ms FROM printed_sheet WHERE challenge = ?",
                        &query));
    store_bind_blob(query, BYTES_OF(sheet->challenge));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_at_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}
