/* SPDX-License-Identifier: Apache-2.0 */
/* Distances, in whole numbers; and the rows of places and of who is away from his. */
#include "backoffice/upkeep/fence.h"

const struct fence_rule fence_rule = {.travel_m = 50000, .travel_m_s = 300};

static const char *const migration[] = {
    "CREATE TABLE fence(mid TEXT NOT NULL, outlet INTEGER NOT NULL, tid TEXT NOT NULL,"
    " latitude INTEGER NOT NULL, longitude INTEGER NOT NULL, radius INTEGER NOT NULL,"
    " policy INTEGER NOT NULL CHECK(policy BETWEEN 1 AND 2),"
    " PRIMARY KEY(mid, outlet, tid)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE fence_moved(tid TEXT PRIMARY KEY, mid TEXT NOT NULL, outlet INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL, metres INTEGER NOT NULL, latitude INTEGER NOT NULL,"
    " longitude INTEGER NOT NULL, refuse INTEGER NOT NULL, refused INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX fence_refuse ON fence_moved(tid) WHERE refuse = 1 AND refused = 0;"
    "CREATE TABLE fence_position(one INTEGER PRIMARY KEY CHECK(one = 1), id INTEGER NOT NULL)"
    " STRICT;"
    "INSERT INTO fence_position(one, id) VALUES(1, 0);",
};

const struct store_schema fence_schema = {"fence", migration, ARRAY_LEN(migration)};

/* ---- distances ---- */

enum { HUNDREDTHS = 10000, HALF_CIRCLE = 18000, TURN_E6 = 360000000 };

/* Thousandths of the cosine of a latitude, by Bhaskara's fraction: to 0.2 per cent. */
static int64_t cosine(int64_t latitude_e6)
{
    int64_t x = latitude_e6 / HUNDREDTHS, square = (int64_t)HALF_CIRCLE * HALF_CIRCLE;
    return 1000 * (square - 4 * x * x) / (square + x * x);
}

static int64_t root(int64_t value)
{
    int64_t low = 0, high = INT64_C(3000000000);
    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;
        if (middle <= value / middle) low = middle;
        else high = middle - 1;
    }
    return low;
}

/* A millionth of a degree of a great circle is 0.11132 m. */
static int64_t metres(int64_t degrees_e6)
{
    return degrees_e6 * 11132 / 100000;
}

int64_t fence_distance_m(int64_t latitude_e6, int64_t longitude_e6, int64_t other_latitude_e6,
                         int64_t other_longitude_e6)
{
    int64_t across = longitude_e6 - other_longitude_e6;
    if (across < 0) across = -across;
    if (across > TURN_E6 / 2) across = TURN_E6 - across; /* over the date line */
    int64_t north = metres(latitude_e6 - other_latitude_e6);
    int64_t east = metres(across) * cosine((latitude_e6 + other_latitude_e6) / 2) / 1000;
    return root(north * north + east * east);
}

int64_t fence_outside_m(const struct fence *f, const struct fence_position *p)
{
    int64_t away =
        fence_distance_m(f->latitude_e6, f->longitude_e6, p->latitude_e6, p->longitude_e6) -
        p->accuracy_m - f->radius_m;
    return away > 0 ? away : 0;
}

bool fence_impossible(const struct fence_rule *rule, const struct fence_position *from,
                      const struct fence_position *to)
{
    int64_t away =
        fence_distance_m(from->latitude_e6, from->longitude_e6, to->latitude_e6, to->longitude_e6) -
        from->accuracy_m - to->accuracy_m;
    int64_t seconds = (to->at_ms - from->at_ms) / 1000;
    if (seconds < 0) seconds = 0;
    return away > rule->travel_m && away > rule->travel_m_s * seconds;
}

/* ---- places ---- */

err fence_put(struct store_tx *tx, const struct fence *f)
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "INSERT OR REPLACE INTO fence(mid, outlet, tid, latitude, longitude,"
                        " radius, policy) VALUES(?, ?, ?, ?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(f->mid));
    store_bind_int(put, f->outlet);
    store_bind_text(put, bytes_text(f->tid));
    store_bind_int(put, f->latitude_e6);
    store_bind_int(put, f->longitude_e6);
    store_bind_int(put, f->radius_m);
    store_bind_int(put, (int64_t)f->policy);
    return store_run(put);
}

err fence_find(struct store *store, const char *mid, uint32_t outlet, const char *tid,
               struct fence *ret)
{
    struct store_statement *query;
    struct fence f = {.outlet = outlet};
    bool row = false;
    TRY(store_statement(store,
                        "SELECT mid, tid, latitude, longitude, radius, policy FROM fence WHERE"
                        " mid = ? AND outlet = ? AND tid IN ('', ?) ORDER BY tid DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_int(query, outlet);
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, f.mid, sizeof f.mid);
    store_read_text_into(query, f.tid, sizeof f.tid);
    f.latitude_e6 = store_read_int(query);
    f.longitude_e6 = store_read_int(query);
    f.radius_m = store_read_int(query);
    f.policy = (enum fence_policy)store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    if (!FAILED(read)) *ret = f;
    return read;
}

/* ---- who is away ---- */

#define COLUMNS                                                                            \
    "SELECT tid, mid, outlet, since_ms, metres, latitude, longitude, refuse, refused FROM" \
    " fence_moved"

static err read_moved(struct store_statement *row, struct fence_moved *m)
{
    *m = (struct fence_moved){.tid = ""};
    store_read_text_into(row, m->tid, sizeof m->tid);
    store_read_text_into(row, m->mid, sizeof m->mid);
    m->outlet = (uint32_t)store_read_int(row);
    m->since_ms = store_read_int(row);
    m->metres = store_read_int(row);
    m->latitude_e6 = store_read_int(row);
    m->longitude_e6 = store_read_int(row);
    m->refuse = store_read_int(row) != 0;
    m->refused = store_read_int(row) != 0;
    return store_read_finish(row);
}

err fence_moved_list(struct store *store, const char *mid, uint32_t outlet, const char *after,
                     size_t most, fence_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        COLUMNS " WHERE tid > ?1 AND (?2 = '' OR (mid = ?2 AND (?3 = 0 OR"
                                " outlet = ?3))) ORDER BY tid LIMIT ?4",
                        &rows));
    store_bind_text(rows, bytes_text(after));
    store_bind_text(rows, bytes_text(mid));
    store_bind_int(rows, outlet);
    store_bind_int(rows, (int64_t)most);
    for (;;) {
        bool row = false;
        struct fence_moved moved;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_moved(rows, &moved);
        if (!FAILED(done)) done = each(context, &moved);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err fence_moved_find(struct store *store, const char *tid, struct fence_moved *ret)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, COLUMNS " WHERE tid = ?", &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_moved(query, ret);
    store_reset(query);
    return read;
}

err fence_moved_put(struct store_tx *tx, const struct fence_moved *m)
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "INSERT OR REPLACE INTO fence_moved(tid, mid, outlet, since_ms, metres,"
                        " latitude, longitude, refuse, refused) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(m->tid));
    store_bind_text(put, bytes_text(m->mid));
    store_bind_int(put, m->outlet);
    store_bind_int(put, m->since_ms);
    store_bind_int(put, m->metres);
    store_bind_int(put, m->latitude_e6);
    store_bind_int(put, m->longitude_e6);
    store_bind_int(put, m->refuse);
    store_bind_int(put, m->refused);
    return store_run(put);
}

err fence_moved_drop(struct store_tx *tx, const char *tid)
{
    struct store_statement *drop;
    TRY(store_statement(tx->store, "DELETE FROM fence_moved WHERE tid = ?", &drop));
    store_bind_text(drop, bytes_text(tid));
    return store_run(drop);
}
