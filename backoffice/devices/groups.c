/* SPDX-License-Identifier: Apache-2.0 */
/* Groups and who is in them. The set that was searched last stays in memory: a command for many
 * looks at it once for every slice. */
#include "backoffice/devices/groups.h"

#include <stdlib.h>

#include "backoffice/desk/desk_internal.h"

static const char *const migration[] = {
    "CREATE TABLE device_group(id INTEGER PRIMARY KEY AUTOINCREMENT, mid TEXT NOT NULL,"
    " name TEXT NOT NULL, UNIQUE(mid, name)) STRICT;"
    "CREATE TABLE device_group_in(grp INTEGER NOT NULL, tid TEXT NOT NULL,"
    " PRIMARY KEY(grp, tid)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX device_group_of ON device_group_in(tid, grp);",
};

const struct store_schema groups_schema = {"groups", migration, ARRAY_LEN(migration)};

/* ---- reading ---- */

#define COLUMNS                                                                          \
    "SELECT id, mid, name, (SELECT count(*) FROM device_group_in WHERE grp = g.id) FROM" \
    " device_group g "

static err read_group(struct store_statement *row, struct device_group *g)
{
    *g = (struct device_group){.id = store_read_int(row)};
    store_read_text_into(row, g->mid, sizeof g->mid);
    store_read_text_into(row, g->name, sizeof g->name);
    g->devices = store_read_int(row);
    return store_read_finish(row);
}

err group_find(struct store *store, int64_t id, struct device_group *ret_group)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, COLUMNS "WHERE id = ?", &query));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_group(query, ret_group);
    store_reset(query);
    return read;
}

static err each_row(struct store_statement *rows, group_each each, void *context)
{
    for (;;) {
        bool row = false;
        struct device_group group;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_group(rows, &group);
        if (!FAILED(done)) done = each(context, &group);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err groups_each(struct store *store, const char *mid, bool all, int64_t after, size_t limit,
                group_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store, COLUMNS "WHERE (?1 OR mid = ?2) AND id > ?3 ORDER BY id LIMIT ?4",
                        &rows));
    store_bind_int(rows, all);
    store_bind_text(rows, bytes_text(mid));
    store_bind_int(rows, after);
    store_bind_int(rows, (int64_t)limit);
    return each_row(rows, each, context);
}

struct few {
    struct device_group *group;
    size_t count;
};

static err keep(void *context, const struct device_group *group)
{
    struct few *few = context;
    if (few->count < GROUPS_OF_A_DEVICE) few->group[few->count++] = *group;
    return OK;
}

err groups_of(struct store *store, const char *tid,
              struct device_group ret_groups[GROUPS_OF_A_DEVICE], size_t *ret_count)
{
    struct store_statement *rows;
    struct few few = {ret_groups, 0};
    TRY(store_statement(store,
                        COLUMNS "WHERE id IN (SELECT grp FROM device_group_in WHERE tid = ?)"
                                " ORDER BY id",
                        &rows));
    store_bind_text(rows, bytes_text(tid));
    TRY(each_row(rows, keep, &few));
    *ret_count = few.count;
    return OK;
}

/* ---- the set ---- */

static err load(struct desk *desk, int64_t id)
{
    struct store_statement *rows;
    struct fleet_set *set = &desk->group_set;
    desk->group_loaded = 0;
    set->count = 0;
    if (set->tid == NULL) set->tid = calloc(GROUP_DEVICES_MAX, sizeof *set->tid);
    if (set->tid == NULL) return ERR(NO_MEMORY);
    TRY(store_statement(desk->config.store,
                        "SELECT tid FROM device_group_in WHERE grp = ? ORDER BY tid LIMIT ?",
                        &rows));
    store_bind_int(rows, id);
    store_bind_int(rows, GROUP_DEVICES_MAX);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        store_read_text_into(rows, set->tid[set->count++], sizeof set->tid[0]);
        TRY(store_read_finish(rows));
    }
    desk->group_loaded = id;
    return OK;
}

err group_set(struct desk *desk, int64_t id, const struct fleet_set **ret_set)
{
    if (desk->group_loaded != id) TRY(load(desk, id));
    *ret_set = &desk->group_set;
    return OK;
}

void groups_close(struct desk *desk)
{
    free(desk->group_set.tid);
    desk->group_set = (struct fleet_set){NULL, 0};
}

/* ---- writing ---- */

static err one_number(struct store_statement *query, int64_t *ret)
{
    bool row = false;
    TRY(store_step(query, &row));
    *ret = row ? store_read_int(query) : 0;
    err read = row ? store_read_finish(query) : OK;
    store_reset(query);
    return read;
}

static err judge(struct store *store, const struct device_group *g, enum tree_verdict *ret_verdict)
{
    struct store_statement *query;
    int64_t taken = 0;
    TRY(store_statement(
        store, "SELECT count(*) FROM device_group WHERE mid = ? AND name = ? AND id <> ?", &query));
    store_bind_text(query, bytes_text(g->mid));
    store_bind_text(query, bytes_text(g->name));
    store_bind_int(query, g->id);
    TRY(one_number(query, &taken));
    *ret_verdict = !tree_name_is_good(bytes_text(g->name)) ? TREE_BAD_NAME
                   : taken != 0                            ? TREE_TAKEN
                                                           : TREE_OK;
    return OK;
}

err group_add(struct store_tx *tx, const struct device_group *group, int64_t *ret_id,
              enum tree_verdict *ret_verdict)
{
    struct store_statement *query, *put;
    int64_t count = 0;
    TRY(judge(tx->store, group, ret_verdict));
    TRY(store_statement(tx->store, "SELECT count(*) FROM device_group WHERE mid = ?", &query));
    store_bind_text(query, bytes_text(group->mid));
    TRY(one_number(query, &count));
    if (*ret_verdict == TREE_OK && count >= GROUPS_MAX) *ret_verdict = TREE_TOO_MANY;
    if (*ret_verdict != TREE_OK) return OK;
    TRY(store_statement(tx->store, "INSERT INTO device_group(mid, name) VALUES(?, ?)", &put));
    store_bind_text(put, bytes_text(group->mid));
    store_bind_text(put, bytes_text(group->name));
    TRY(store_run(put));
    *ret_id = store_last_id(tx->store);
    return OK;
}

/* *ret_verdict is MISSING when there is none. */
static err find(struct store *store, int64_t id, struct device_group *g,
                enum tree_verdict *ret_verdict)
{
    err found = group_find(store, id, g);
    *ret_verdict = FAILED(found) ? TREE_MISSING : TREE_OK;
    return found.code == ERR_NOT_FOUND ? OK : found;
}

err group_rename(struct store_tx *tx, int64_t id, struct bytes name, enum tree_verdict *ret_verdict)
{
    struct device_group g;
    struct store_statement *put;
    TRY(find(tx->store, id, &g, ret_verdict));
    if (*ret_verdict != TREE_OK) return OK;
    *ret_verdict = TREE_BAD_NAME;
    if (!tree_name_is_good(name)) return OK;
    TRY(bytes_to_text(name, g.name, sizeof g.name));
    TRY(judge(tx->store, &g, ret_verdict));
    if (*ret_verdict != TREE_OK) return OK;
    TRY(store_statement(tx->store, "UPDATE device_group SET name = ? WHERE id = ?", &put));
    store_bind_text(put, bytes_text(g.name));
    store_bind_int(put, id);
    return store_run(put);
}

static err run_on(struct store *store, const char *sql, int64_t id)
{
    struct store_statement *run;
    TRY(store_statement(store, sql, &run));
    store_bind_int(run, id);
    return store_run(run);
}

err group_remove(struct desk *desk, struct store_tx *tx, int64_t id, enum tree_verdict *ret_verdict)
{
    struct device_group g;
    TRY(find(tx->store, id, &g, ret_verdict));
    if (*ret_verdict != TREE_OK) return OK;
    desk->group_loaded = 0;
    TRY(run_on(tx->store, "DELETE FROM device_group_in WHERE grp = ?", id));
    return run_on(tx->store, "DELETE FROM device_group WHERE id = ?", id);
}

static err of_both(struct store *store, const char *sql, int64_t id, const char *tid)
{
    struct store_statement *run;
    TRY(store_statement(store, sql, &run));
    store_bind_int(run, id);
    store_bind_text(run, bytes_text(tid));
    return store_run(run);
}

err group_put_in(struct desk *desk, struct store_tx *tx, int64_t id, const char *tid,
                 enum tree_verdict *ret_verdict)
{
    struct device_group g;
    struct store_statement *query;
    int64_t of_device = 0;
    TRY(find(tx->store, id, &g, ret_verdict));
    if (*ret_verdict != TREE_OK) return OK;
    TRY(store_statement(tx->store,
                        "SELECT count(*) FROM device_group_in WHERE tid = ? AND"
                        " grp <> ?",
                        &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_int(query, id);
    TRY(one_number(query, &of_device));
    if (of_device >= GROUPS_OF_A_DEVICE || g.devices >= GROUP_DEVICES_MAX) {
        *ret_verdict = TREE_TOO_MANY;
        return OK;
    }
    desk->group_loaded = 0;
    return of_both(tx->store, "INSERT OR IGNORE INTO device_group_in(grp, tid) VALUES(?, ?)", id,
                   tid);
}

err group_take_out(struct desk *desk, struct store_tx *tx, int64_t id, const char *tid)
{
    desk->group_loaded = 0;
    return of_both(tx->store, "DELETE FROM device_group_in WHERE grp = ? AND tid = ?", id, tid);
}
