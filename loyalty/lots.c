/* SPDX-License-Identifier: Apache-2.0 */
/* Lots of points: added, taken first in first out, put back. */
#include "loyalty/lots.h"

err loyalty_lot_add(struct store *store, const struct loyalty_member *member, struct bytes key,
                    int64_t expires_ms, int64_t points)
{
    struct store_statement *s;
    ENSURE(store_in_tx(store) && points >= 0);
    if (points == 0) return OK;
    TRY(store_statement(store,
                        "INSERT INTO points_lot(member, merchant, key, expires_ms, points, rest)"
                        " VALUES(?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(member->id));
    store_bind_text(s, bytes_text(member->merchant));
    store_bind_blob(s, key);
    store_bind_int(s, expires_ms);
    store_bind_int(s, points);
    store_bind_int(s, points);
    return store_run(s);
}

static err lower(struct store *store, int64_t lot, int64_t points)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE points_lot SET rest = rest - ? WHERE id = ?", &s));
    store_bind_int(s, points);
    store_bind_int(s, lot);
    return store_run(s);
}

err loyalty_lot_take_key(struct store *store, struct bytes member, struct bytes key, int64_t points,
                         int64_t *ret_taken)
{
    struct store_statement *query;
    int64_t taken = 0;
    ENSURE(store_in_tx(store) && points >= 0);
    TRY(store_statement(store,
                        "SELECT id, rest FROM points_lot WHERE member = ? AND key = ? AND rest > 0",
                        &query));
    store_bind_text(query, member);
    store_bind_blob(query, key);
    bool row = false;
    TRY(store_step(query, &row));
    if (row) {
        int64_t lot = store_read_int(query), rest = store_read_int(query);
        TRY(loyalty_row_end(query));
        taken = rest < points ? rest : points;
        if (taken > 0) TRY(lower(store, lot, taken));
    }
    *ret_taken = taken;
    return OK;
}

static err note(struct store *store, struct bytes hold, int64_t lot, int64_t points)
{
    struct store_statement *s;
    if (hold.len == 0) return OK;
    TRY(store_statement(store, "INSERT INTO points_take(key, lot, points) VALUES(?, ?, ?)", &s));
    store_bind_blob(s, hold);
    store_bind_int(s, lot);
    store_bind_int(s, points);
    return store_run(s);
}

err loyalty_lot_take(struct store *store, struct bytes member, int64_t points, int64_t at_ms,
                     struct bytes hold, int64_t *ret_taken)
{
    int64_t left = points;
    ENSURE(store_in_tx(store) && points >= 0);
    while (left > 0) {
        struct store_statement *query;
        TRY(store_statement(store,
                            "SELECT id, rest FROM points_lot WHERE member = ? AND rest > 0 AND"
                            " expires_ms > ? ORDER BY expires_ms, id LIMIT 1",
                            &query));
        store_bind_text(query, member);
        store_bind_int(query, at_ms);
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        int64_t lot = store_read_int(query), rest = store_read_int(query);
        TRY(loyalty_row_end(query));
        int64_t part = rest < left ? rest : left;
        TRY(lower(store, lot, part));
        TRY(note(store, hold, lot, part));
        left -= part;
    }
    *ret_taken = points - left;
    return OK;
}

err loyalty_lot_restore(struct store *store, struct bytes hold)
{
    struct store_statement *s;
    ENSURE(store_in_tx(store));
    TRY(store_statement(store,
                        "UPDATE points_lot SET rest = rest + (SELECT points FROM points_take AS t"
                        " WHERE t.key = ?1 AND t.lot = points_lot.id)"
                        " WHERE id IN (SELECT lot FROM points_take WHERE key = ?1)",
                        &s));
    store_bind_blob(s, hold);
    TRY(store_run(s));
    TRY(store_statement(store, "DELETE FROM points_take WHERE key = ?", &s));
    store_bind_blob(s, hold);
    return store_run(s);
}

err loyalty_lot_state(struct store *store, struct bytes member, int64_t at_ms, int64_t *ret_free,
                      int64_t *ret_next, int64_t *ret_next_ms)
{
    struct store_statement *query;
    int64_t free = 0, next = 0, next_ms = 0;
    TRY(store_statement(store,
                        "SELECT expires_ms, sum(rest) FROM points_lot WHERE member = ? AND rest > 0"
                        " AND expires_ms > ? GROUP BY expires_ms ORDER BY expires_ms",
                        &query));
    store_bind_text(query, member);
    store_bind_int(query, at_ms);
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        int64_t expires_ms = store_read_int(query), points = store_read_int(query);
        TRY(store_read_finish(query));
        if (free == 0) {
            next = points;
            next_ms = expires_ms;
        }
        free += points;
    }
    *ret_free = free;
    *ret_next = next;
    *ret_next_ms = next_ms;
    return OK;
}
