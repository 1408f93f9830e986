/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of transactions: one real transaction with a savepoint for each part. A part that is
 * undone costs the others nothing; a real transaction that SQLite gives up by itself (a full disk
 * in the middle of a statement) takes parts with it that somebody believes in, and poisons.
 */
#include "lib/store/sqlite.h"

void store_group_enter(struct store *store)
{
    ENSURE(!store->grouping && !store->in_tx && !store_is_read_only(store));
    store->grouping = true;
}

void store_group_leave(struct store *store)
{
    ENSURE(store->grouping && !store->in_tx);
    store->grouping = false;
}

err store_group_commit(struct store *store)
{
    ENSURE(!store->in_tx);
    if (!store->group_open) return (err){store->poison}; /* it may have been lost */
    store_reset_statements(store);
    store->group_open = false;
    return store_commit_now(store);
}

void store_group_drop(struct store *store)
{
    ENSURE(!store->in_tx);
    store->grouping = false;
    if (!store->group_open) return;
    store_reset_statements(store);
    store->group_open = false;
    store_end_now(store);
}

/* The parts before this one are gone, and were promised. */
static err lost(struct store *store, int result, const char *doing)
{
    bool given_up = sqlite3_get_autocommit(store->db) != 0;
    err failure = given_up ? store_refuse(store, ERR(IO), doing, "the database gave up the group")
                           : store_failed(store, result, doing);
    store->group_open = false;
    store_end_now(store);
    if (!store->crashed) store->poison = failure.code;
    return failure;
}

err store_part_begin(struct store *store)
{
    bool first = !store->group_open;
    if (first) TRY(store_begin_now(store));
    store->group_open = true;
    int result = store_run_prepared(store->part_begin);
    if (result == SQLITE_DONE) return OK;
    return lost(store, result, "cannot begin");
}

err store_part_commit(struct store *store)
{
    int result = store_run_prepared(store->part_keep);
    if (result == SQLITE_DONE) return OK;
    return lost(store, result, "cannot commit");
}

void store_part_rollback(struct store *store)
{
    int result = store_run_prepared(store->part_undo);
    if (result == SQLITE_DONE) result = store_run_prepared(store->part_keep);
    /* Whoever rolls back has an error of his own to tell; this one is told by the next call. */
    if (result != SQLITE_DONE) (void)!FAILED(lost(store, result, "cannot roll back"));
}
