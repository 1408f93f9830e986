/* SPDX-License-Identifier: Apache-2.0 */
/* Regions: a table of parents, and where each outlet is. Walks up and down are the store's. */
#include "backoffice/devices/tree.h"

static const char *const migration[] = {
    "CREATE TABLE tree_region(id INTEGER PRIMARY KEY AUTOINCREMENT, mid TEXT NOT NULL,"
    " parent INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE(mid, parent, name)) STRICT;"
    "CREATE INDEX tree_region_in ON tree_region(parent);"
    "CREATE TABLE tree_outlet(mid TEXT NOT NULL, outlet INTEGER NOT NULL,"
    " region INTEGER NOT NULL, PRIMARY KEY(mid, outlet)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX tree_outlet_in ON tree_outlet(region);"
    "CREATE TRIGGER tree_region_stays_whose BEFORE UPDATE ON tree_region WHEN NEW.mid <> OLD.mid"
    " BEGIN SELECT RAISE(ABORT, 'a region stays with its merchant'); END;",
};

const struct store_schema tree_schema = {"tree", migration, ARRAY_LEN(migration)};

bool tree_name_is_good(struct bytes name)
{
    if (name.len == 0 || name.len > REGION_NAME_MAX) return false;
    if (name.at[0] == ' ' || name.at[name.len - 1] == ' ') return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < 0x20 || name.at[i] == 0x7f) return false;
    return true;
}

/* ---- reading ---- */

#define COLUMNS                                                                                 \
    "SELECT id, parent, mid, name, (SELECT count(*) FROM tree_outlet WHERE region = r.id) FROM" \
    " tree_region r "

static err read_region(struct store_statement *row, struct tree_region *r)
{
    *r = (struct tree_region){.id = store_read_int(row)};
    r->parent = store_read_int(row);
    store_read_text_into(row, r->mid, sizeof r->mid);
    store_read_text_into(row, r->name, sizeof r->name);
    r->outlets = store_read_int(row);
    return store_read_finish(row);
}

err region_find(struct store *store, int64_t id, struct tree_region *ret_region)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, COLUMNS "WHERE id = ?", &query));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_region(query, ret_region);
    store_reset(query);
    return read;
}

err region_path(struct store *store, int64_t id, int64_t out[static REGION_DEPTH_MAX],
                size_t *ret_count)
{
    int64_t inner[REGION_DEPTH_MAX];
    size_t count = 0;
    while (id != 0 && count < ARRAY_LEN(inner)) {
        struct tree_region r;
        err found = region_find(store, id, &r);
        if (found.code == ERR_NOT_FOUND) break;
        TRY(found);
        inner[count++] = id;
        id = r.parent;
    }
    for (size_t i = 0; i < count; i++) out[i] = inner[count - 1 - i];
    *ret_count = count;
    return OK;
}

err regions_each(struct store *store, const char *mid, int64_t after, size_t limit,
                 region_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(
        store, COLUMNS "WHERE (?1 = '' OR mid = ?1) AND id > ?2 ORDER BY id LIMIT ?3", &rows));
    store_bind_text(rows, bytes_text(mid));
    store_bind_int(rows, after);
    store_bind_int(rows, (int64_t)limit);
    for (;;) {
        bool row = false;
        struct tree_region region;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_region(rows, &region);
        if (!FAILED(done)) done = each(context, &region);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err region_outlets(struct store *store, int64_t id, struct tree_outlets *ret_set)
{
    struct store_statement *rows;
    *ret_set = (struct tree_outlets){{0}};
    TRY(store_statement(store,
                        "WITH RECURSIVE inside(id) AS (SELECT ? UNION SELECT r.id FROM"
                        " tree_region r JOIN inside ON r.parent = inside.id)"
                        " SELECT outlet FROM tree_outlet JOIN inside ON region = inside.id",
                        &rows));
    store_bind_int(rows, id);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        uint32_t outlet = (uint32_t)store_read_int(rows);
        TRY(store_read_finish(rows));
        if (outlet < OUTLETS_BITS)
            ret_set->bit[outlet / 8] = (uint8_t)(ret_set->bit[outlet / 8] | 1u << outlet % 8);
    }
}

/* One number; `otherwise` when there is no row. */
static err number_of(struct store_statement *query, int64_t otherwise, int64_t *ret)
{
    bool row = false;
    TRY(store_step(query, &row));
    *ret = otherwise;
    if (!row) return OK;
    *ret = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err tree_outlet_region(struct store *store, const char *mid, uint32_t outlet, int64_t *ret_region)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT region FROM tree_outlet WHERE mid = ? AND outlet = ?",
                        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_int(query, outlet);
    return number_of(query, 0, ret_region);
}

/* ---- what may be ---- */

/* How many regions there are from `id` up to the merchant, with itself; 0: there is none. */
static err depth_of(struct store *store, int64_t id, int64_t *ret_depth)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "WITH RECURSIVE up(id, parent) AS (SELECT id, parent FROM tree_region"
                        " WHERE id = ? UNION SELECT r.id, r.parent FROM tree_region r JOIN up"
                        " ON r.id = up.parent) SELECT count(*) FROM up",
                        &query));
    store_bind_int(query, id);
    return number_of(query, 0, ret_depth);
}

/* How many levels there are from `id` down, with itself. */
static err height_of(struct store *store, int64_t id, int64_t *ret_height)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "WITH RECURSIVE down(id, level) AS (SELECT ?, 1 UNION SELECT r.id,"
                        " down.level + 1 FROM tree_region r JOIN down ON r.parent = down.id)"
                        " SELECT max(level) FROM down",
                        &query));
    store_bind_int(query, id);
    return number_of(query, 1, ret_height);
}

static err is_inside(struct store *store, int64_t id, int64_t outer, int64_t *ret_inside)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "WITH RECURSIVE up(id, parent) AS (SELECT id, parent FROM tree_region"
                        " WHERE id = ?1 UNION SELECT r.id, r.parent FROM tree_region r JOIN up"
                        " ON r.id = up.parent) SELECT count(*) FROM up WHERE id = ?2",
                        &query));
    store_bind_int(query, id);
    store_bind_int(query, outer);
    return number_of(query, 0, ret_inside);
}

static err is_taken(struct store *store, const struct tree_region *r, int64_t *ret_taken)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT count(*) FROM tree_region WHERE mid = ? AND parent = ? AND name = ?"
                        " AND id <> ?",
                        &query));
    store_bind_text(query, bytes_text(r->mid));
    store_bind_int(query, r->parent);
    store_bind_text(query, bytes_text(r->name));
    store_bind_int(query, r->id);
    return number_of(query, 0, ret_taken);
}

static err count_of(struct store *store, const char *mid, int64_t *ret_count)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT count(*) FROM tree_region WHERE mid = ?", &query));
    store_bind_text(query, bytes_text(mid));
    return number_of(query, 0, ret_count);
}

/* The parent is there, and the merchant's. */
static err parent_is_good(struct store *store, const struct tree_region *r, bool *ret_good)
{
    struct tree_region parent;
    *ret_good = r->parent == 0;
    if (*ret_good) return OK;
    err found = region_find(store, r->parent, &parent);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    *ret_good = strcmp(parent.mid, r->mid) == 0;
    return OK;
}

/* Whether the region may stand under its parent with its name, as it is in `r`. */
static err judge(struct store *store, const struct tree_region *r, enum tree_verdict *ret_verdict)
{
    bool parent = false;
    int64_t taken = 0, depth = 0, height = 1, inside = 0;
    TRY(parent_is_good(store, r, &parent));
    TRY(is_taken(store, r, &taken));
    TRY(depth_of(store, r->parent, &depth));
    if (r->id != 0) TRY(height_of(store, r->id, &height));
    if (r->id != 0) TRY(is_inside(store, r->parent, r->id, &inside));
    *ret_verdict = !parent                                      ? TREE_MISSING
                   : !tree_name_is_good(bytes_text(r->name))    ? TREE_BAD_NAME
                   : inside != 0                                ? TREE_CIRCLE
                   : taken != 0                                 ? TREE_TAKEN
                   : depth + height > (int64_t)REGION_DEPTH_MAX ? TREE_TOO_DEEP
                                                                : TREE_OK;
    return OK;
}

/* ---- writing ---- */

err region_add(struct store_tx *tx, const struct tree_region *region, int64_t *ret_id,
               enum tree_verdict *ret_verdict)
{
    struct store *store = tx->store;
    struct store_statement *put;
    struct tree_region r = *region;
    int64_t count = 0;
    r.id = 0;
    TRY(judge(store, &r, ret_verdict));
    TRY(count_of(store, r.mid, &count));
    if (*ret_verdict == TREE_OK && count >= REGIONS_MAX) *ret_verdict = TREE_TOO_MANY;
    if (*ret_verdict != TREE_OK) return OK;
    TRY(store_statement(store, "INSERT INTO tree_region(mid, parent, name) VALUES(?, ?, ?)", &put));
    store_bind_text(put, bytes_text(r.mid));
    store_bind_int(put, r.parent);
    store_bind_text(put, bytes_text(r.name));
    TRY(store_run(put));
    *ret_id = store_last_id(store);
    return OK;
}

/* `r` as it is to be. */
static err change(struct store_tx *tx, const struct tree_region *r, enum tree_verdict *ret_verdict)
{
    struct store_statement *put;
    TRY(judge(tx->store, r, ret_verdict));
    if (*ret_verdict != TREE_OK) return OK;
    TRY(store_statement(tx->store, "UPDATE tree_region SET parent = ?, name = ? WHERE id = ?",
                        &put));
    store_bind_int(put, r->parent);
    store_bind_text(put, bytes_text(r->name));
    store_bind_int(put, r->id);
    return store_run(put);
}

/* *ret_verdict is MISSING when there is none. */
static err find(struct store *store, int64_t id, struct tree_region *r,
                enum tree_verdict *ret_verdict)
{
    err found = region_find(store, id, r);
    *ret_verdict = FAILED(found) ? TREE_MISSING : TREE_OK;
    return found.code == ERR_NOT_FOUND ? OK : found;
}

err region_rename(struct store_tx *tx, int64_t id, struct bytes name,
                  enum tree_verdict *ret_verdict)
{
    struct tree_region r;
    TRY(find(tx->store, id, &r, ret_verdict));
    if (*ret_verdict != TREE_OK) return OK;
    if (!tree_name_is_good(name)) {
        *ret_verdict = TREE_BAD_NAME;
        return OK;
    }
    TRY(bytes_to_text(name, r.name, sizeof r.name));
    return change(tx, &r, ret_verdict);
}

err region_move(struct store_tx *tx, int64_t id, int64_t parent, enum tree_verdict *ret_verdict)
{
    struct tree_region r;
    TRY(find(tx->store, id, &r, ret_verdict));
    if (*ret_verdict != TREE_OK) return OK;
    r.parent = parent;
    return change(tx, &r, ret_verdict);
}

static err run_on(struct store *store, const char *sql, int64_t first, int64_t second)
{
    struct store_statement *run;
    TRY(store_statement(store, sql, &run));
    store_bind_int(run, first);
    store_bind_int(run, second);
    return store_run(run);
}

err region_remove(struct store_tx *tx, int64_t id, enum tree_verdict *ret_verdict)
{
    struct tree_region r;
    int64_t height = 1;
    TRY(find(tx->store, id, &r, ret_verdict));
    if (*ret_verdict != TREE_OK) return OK;
    TRY(height_of(tx->store, id, &height));
    if (height > 1) {
        *ret_verdict = TREE_NOT_EMPTY;
        return OK;
    }
    if (r.parent == 0)
        TRY(run_on(tx->store, "DELETE FROM tree_outlet WHERE region = ?1 AND ?2 = 0", id, 0));
    else
        TRY(run_on(tx->store, "UPDATE tree_outlet SET region = ?2 WHERE region = ?1", id,
                   r.parent));
    return run_on(tx->store, "DELETE FROM tree_region WHERE id = ?1 AND ?2 = 0", id, 0);
}

err region_place(struct store_tx *tx, const char *mid, uint32_t outlet, int64_t region,
                 enum tree_verdict *ret_verdict)
{
    static const char *const steps[] = {
        "DELETE FROM tree_outlet WHERE mid = ? AND outlet = ?",
        "INSERT OR REPLACE INTO tree_outlet(mid, outlet, region) VALUES(?, ?, ?)"};
    struct store_statement *put;
    struct tree_region r = {.parent = region};
    bool there = false;
    TRY(bytes_to_text(bytes_text(mid), r.mid, sizeof r.mid));
    TRY(parent_is_good(tx->store, &r, &there));
    *ret_verdict = there && outlet > 0 && outlet < OUTLETS_BITS ? TREE_OK : TREE_MISSING;
    if (*ret_verdict != TREE_OK) return OK;
    TRY(store_statement(tx->store, steps[region != 0], &put));
    store_bind_text(put, bytes_text(mid));
    store_bind_int(put, outlet);
    if (region != 0) store_bind_int(put, region);
    return store_run(put);
}
