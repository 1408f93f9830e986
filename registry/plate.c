/* SPDX-License-Identifier: Apache-2.0 */
/* Plates: a row each, whose text is never changed. */
#include "registry/plate.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const plate_migration[] = {
    "CREATE TABLE plate(id TEXT PRIMARY KEY, mid TEXT NOT NULL REFERENCES merchant(mid),"
    " class INTEGER NOT NULL, agreed_minor INTEGER NOT NULL, merchant_minor INTEGER NOT NULL,"
    " status INTEGER NOT NULL, text TEXT NOT NULL, since_ms INTEGER NOT NULL,"
    " CHECK(class BETWEEN 1 AND 4), CHECK((class = 1) = (agreed_minor > 0)),"
    " CHECK(merchant_minor >= 0)) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER plate_text BEFORE UPDATE OF id, mid, text ON plate"
    " BEGIN SELECT RAISE(ABORT, 'what is printed stays as it is'); END;"
    "CREATE TRIGGER plate_no_delete BEFORE DELETE ON plate"
    " BEGIN SELECT RAISE(ABORT, 'a plate is closed, not deleted'); END;",
};

const struct store_schema registry_plate_schema = {"registry_plate", plate_migration,
                                                   ARRAY_LEN(plate_migration)};

/* A customer's day, in fen (market facts, chapter 7). */
static const int64_t limit_minor[REGISTRY_PLATE_CLASSES] = {
    [REGISTRY_PLATE_B] = 500000,
    [REGISTRY_PLATE_C] = 100000,
    [REGISTRY_PLATE_D] = 50000,
};

int64_t registry_plate_limit(const struct registry_plate *plate)
{
    ENSURE(plate->class > 0 && plate->class < REGISTRY_PLATE_CLASSES);
    return plate->class == REGISTRY_PLATE_A ? plate->agreed_minor : limit_minor[plate->class];
}

static bool id_valid(struct bytes id)
{
    return id.len == REGISTRY_PLATE_LEN && id.at[0] == 'P' &&
           bytes_all_digits(bytes_of(id.at + 1, id.len - 1));
}

static bool text_valid(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e) return false;
    return text.len > 0;
}

static err check(struct registry *registry, const struct registry_plate *p)
{
    struct store *store = registry->store;
    if (!id_valid(bytes_text(p->id)))
        return store_refuse(store, ERR(FORMAT), "plate", "must be P and seven digits");
    if (p->class < REGISTRY_PLATE_A || p->class >= REGISTRY_PLATE_CLASSES)
        return store_refuse(store, ERR(FORMAT), "class of a plate", "must be A, B, C or D");
    if ((p->class == REGISTRY_PLATE_A) != (p->agreed_minor > 0) || p->merchant_minor < 0)
        return store_refuse(store, ERR(FORMAT), "limit of a plate",
                            "is agreed for class A, and only there");
    if (!text_valid(bytes_text(p->text)))
        return store_refuse(store, ERR(FORMAT), "text of a plate", "must be ASCII");
    return OK;
}

err registry_next_plate(struct registry *registry, char ret_id[static REGISTRY_PLATE_LEN + 1])
{
    int64_t last = 0;
    TRY(store_query_int(registry->store,
                        "SELECT coalesce(max(CAST(substr(id, 2) AS INTEGER)), 0) FROM plate",
                        &last));
    if (last >= 9999999) return ERR(FULL);
    snprintf(ret_id, REGISTRY_PLATE_LEN + 1, "P%07u", (unsigned)(last + 1));
    return OK;
}

err registry_add_plate(struct registry *registry, const struct registry_actor *actor,
                       const struct registry_plate *plate)
{
    struct registry_merchant merchant;
    struct registry_plate there;
    struct registry_terminal terminal;
    struct store_statement *put;
    TRY(check(registry, plate));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_merchant(registry, bytes_text(plate->mid), &merchant));
    /* In the journal a plate stands where a terminal does. */
    err found = registry_find_terminal(registry, bytes_text(plate->id), &terminal);
    if (found.code == ERR_NOT_FOUND)
        found = registry_find_plate(registry, bytes_text(plate->id), &there);
    if (!FAILED(found)) return store_refuse(registry->store, ERR(EXISTS), "plate", "exists");
    if (found.code != ERR_NOT_FOUND) return found;
    TRY(store_statement(registry->store, "INSERT INTO plate VALUES(?, ?, ?, ?, ?, ?, ?, ?)", &put));
    store_bind_text(put, bytes_text(plate->id));
    store_bind_text(put, bytes_text(plate->mid));
    store_bind_int(put, (int64_t)plate->class);
    store_bind_int(put, plate->agreed_minor);
    store_bind_int(put, plate->merchant_minor);
    store_bind_int(put, REGISTRY_ACTIVE);
    store_bind_text(put, bytes_text(plate->text));
    store_bind_int(put, actor->at_ms);
    TRY(store_run(put));
    TRY(audit_append(&tx, &(struct audit_entry){actor->at_ms, actor->name, BYTES("plate_added"),
                                                bytes_text(plate->id), bytes_text(plate->mid)}));
    return store_commit(&tx);
}

err registry_set_plate_status(struct registry *registry, const struct registry_actor *actor,
                              struct bytes id, enum registry_status status)
{
    static const char *const words[] = {"", "active", "suspended", "closed"};
    struct registry_plate plate;
    struct store_statement *put;
    ENSURE(status >= REGISTRY_ACTIVE && status < REGISTRY_STATUSES);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_plate(registry, id, &plate));
    if (plate.status == REGISTRY_CLOSED)
        return store_refuse(registry->store, ERR(STATE), "plate", "is closed for good");
    TRY(store_statement(registry->store, "UPDATE plate SET status = ? WHERE id = ?", &put));
    store_bind_int(put, (int64_t)status);
    store_bind_text(put, id);
    TRY(store_run(put));
    TRY(audit_append(&tx, &(struct audit_entry){actor->at_ms, actor->name, BYTES("plate_status"),
                                                id, bytes_text(words[status])}));
    return store_commit(&tx);
}

#define COLUMNS "id, mid, class, agreed_minor, merchant_minor, status, text"

static void read_row(struct store_statement *row, struct registry_plate *out)
{
    store_read_text_into(row, out->id, sizeof out->id);
    store_read_text_into(row, out->mid, sizeof out->mid);
    out->class = (enum registry_plate_class)store_read_int(row);
    out->agreed_minor = store_read_int(row);
    out->merchant_minor = store_read_int(row);
    out->status = (enum registry_status)store_read_int(row);
    store_read_text_into(row, out->text, sizeof out->text);
}

err registry_find_plate(struct registry *registry, struct bytes id,
                        struct registry_plate *ret_plate)
{
    struct store_statement *query;
    struct registry_plate plate = {.id = ""};
    bool row = false;
    TRY(store_statement(registry->store, "SELECT " COLUMNS " FROM plate WHERE id = ?", &query));
    store_bind_text(query, id);
    TRY(store_step(query, &row));
    if (!row)
        return store_refuse(registry->store, ERR(NOT_FOUND), "plate", "there is no such plate");
    read_row(query, &plate);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(read);
    *ret_plate = plate;
    return OK;
}

err registry_list_plates(struct registry *registry, const char *after, struct registry_plate *rows,
                         size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    err read = OK;
    TRY(store_statement(registry->store,
                        "SELECT " COLUMNS " FROM plate WHERE id > ? ORDER BY id LIMIT ?", &query));
    store_bind_text(query, bytes_text(after));
    store_bind_int(query, (int64_t)max);
    for (bool row = false; !FAILED(read); count++) {
        read = store_step(query, &row);
        if (FAILED(read) || !row) break;
        ENSURE(count < max);
        read_row(query, &rows[count]);
        read = store_read_finish(query);
    }
    store_reset(query);
    TRY(read);
    *ret_count = count;
    return OK;
}
