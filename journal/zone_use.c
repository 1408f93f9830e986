/* SPDX-License-Identifier: Apache-2.0 */
/* One row for each zone. */
#include "journal/zone_use.h"

#include "lib/store/migrate.h"

static const char *const migration[] = {
    "CREATE TABLE zone_use(zone INTEGER PRIMARY KEY, number INTEGER NOT NULL,"
    " switched_ms INTEGER NOT NULL, ended INTEGER NOT NULL) STRICT;",
};

const struct store_schema journal_zone_use_schema = {"journal_zone_use", migration,
                                                     ARRAY_LEN(migration)};

err journal_zone_use_find(struct store *store, int64_t zone, struct journal_zone_use *ret_use)
{
    struct store_statement *select;
    struct journal_zone_use use = {.zone = zone};
    bool row = false;
    TRY(store_statement(store, "SELECT number, switched_ms, ended FROM zone_use WHERE zone = ?",
                        &select));
    store_bind_int(select, zone);
    TRY(store_step(select, &row));
    if (row) {
        use.number = store_read_int(select);
        use.switched_ms = store_read_int(select);
        use.ended = store_read_int(select) != 0;
        err read = store_read_finish(select);
        store_reset(select);
        TRY(read);
    }
    *ret_use = use;
    return OK;
}

err journal_zone_use_put(struct store_tx *tx, const struct journal_zone_use *use)
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "INSERT OR REPLACE INTO zone_use(zone, number, switched_ms, ended)"
                        " VALUES(?, ?, ?, ?)",
                        &put));
    store_bind_int(put, use->zone);
    store_bind_int(put, use->number);
    store_bind_int(put, use->switched_ms);
    store_bind_int(put, use->ended);
    return store_run(put);
}
