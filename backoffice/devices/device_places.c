/* SPDX-License-Identifier: Apache-2.0 */
/* Stays of devices. A position that moved by less than it is exact is the same place. */
#include "backoffice/devices/device_places.h"

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/fleet.h"

enum { DEGREE_E6_PER_METRE = 9 /* of latitude; along a parallel a metre is more, never less */ };

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static bool same(const struct device_stay *a, const struct device_stay *b)
{
    if (a->link != b->link || strcmp(a->network, b->network) != 0 ||
        strcmp(a->address, b->address) != 0 || a->positioned != b->positioned)
        return false;
    int64_t slack =
        (a->accuracy_m > b->accuracy_m ? a->accuracy_m : b->accuracy_m) * DEGREE_E6_PER_METRE;
    return distance(a->latitude_e6, b->latitude_e6) <= slack &&
           distance(a->longitude_e6, b->longitude_e6) <= slack;
}

static err read_stay(struct store_statement *row, struct device_stay *s)
{
    *s = (struct device_stay){.from_ms = store_read_int(row)};
    s->until_ms = store_read_int(row);
    s->link = (unsigned)store_read_int(row);
    store_read_text_into(row, s->network, sizeof s->network);
    store_read_text_into(row, s->address, sizeof s->address);
    s->positioned = store_read_int(row) != 0;
    s->latitude_e6 = store_read_int(row);
    s->longitude_e6 = store_read_int(row);
    s->accuracy_m = store_read_int(row);
    return store_read_finish(row);
}

#define STAY                                                                             \
    "SELECT from_ms, until_ms, link, network, address, positioned, latitude, longitude," \
    " accuracy FROM device_place WHERE tid = ? ORDER BY id DESC LIMIT ?"

static err insert(struct desk *desk, const char *tid, const struct device_stay *s)
{
    struct store_statement *put;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO device_place(tid, from_ms, until_ms, link, network, address,"
                        " positioned, latitude, longitude, accuracy) VALUES(?, ?, ?, ?, ?, ?, ?,"
                        " ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(tid));
    store_bind_int(put, s->from_ms);
    store_bind_int(put, s->until_ms);
    store_bind_int(put, s->link);
    store_bind_text(put, bytes_text(s->network));
    store_bind_text(put, bytes_text(s->address));
    store_bind_int(put, s->positioned);
    store_bind_int(put, s->latitude_e6);
    store_bind_int(put, s->longitude_e6);
    store_bind_int(put, s->accuracy_m);
    return store_run(put);
}

static err forget_old(struct desk *desk, const char *tid)
{
    struct store_statement *drop;
    TRY(store_statement(desk->config.store,
                        "DELETE FROM device_place WHERE tid = ?1 AND (until_ms < ?2 OR id NOT IN"
                        " (SELECT id FROM device_place WHERE tid = ?1 ORDER BY id DESC LIMIT ?3))",
                        &drop));
    store_bind_text(drop, bytes_text(tid));
    store_bind_int(drop, desk_now_ms(desk) - PLACES_DAYS * DAY_MS);
    store_bind_int(drop, PLACES_KEPT);
    return store_run(drop);
}

static err touch(struct desk *desk, const char *tid)
{
    struct store_statement *update;
    TRY(store_statement(desk->config.store,
                        "UPDATE device_place SET until_ms = max(until_ms, ?) WHERE id ="
                        " (SELECT max(id) FROM device_place WHERE tid = ?)",
                        &update));
    store_bind_int(update, desk_now_ms(desk));
    store_bind_text(update, bytes_text(tid));
    return store_run(update);
}

static err last_stay(struct desk *desk, const char *tid, struct device_stay *stay, bool *ret_some)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store, STAY, &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_int(query, 1);
    *ret_some = false;
    TRY(store_step(query, ret_some));
    if (!*ret_some) return OK;
    err read = read_stay(query, stay);
    store_reset(query);
    return read;
}

err place_take(struct desk *desk, const char *tid, const char *address,
               const struct device_message *said)
{
    struct device_stay last, now = {.from_ms = desk_now_ms(desk), .until_ms = desk_now_ms(desk)};
    bool some = false;
    now.link = said->link;
    memcpy(now.network, said->network, sizeof now.network);
    TRY(bytes_to_text(bytes_text(address), now.address, sizeof now.address));
    now.positioned = (said->has & DEVICE_HAS_POSITION) != 0;
    now.latitude_e6 = said->latitude_e6;
    now.longitude_e6 = said->longitude_e6;
    now.accuracy_m = said->accuracy_m;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(last_stay(desk, tid, &last, &some));
    if (some && same(&last, &now)) TRY(touch(desk, tid));
    else TRY(insert(desk, tid, &now));
    TRY(forget_old(desk, tid));
    TRY(store_commit(&tx));
    fleet_touch(desk->fleet, tid);
    desk_changed(desk, DESK_DEVICES);
    return OK;
}

err place_touch(struct desk *desk, const char *tid)
{
    struct store_statement *seen;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(touch(desk, tid));
    TRY(store_statement(desk->config.store,
                        "UPDATE terminal SET seen_ms = max(seen_ms, ?) WHERE tid = ?", &seen));
    store_bind_int(seen, desk_now_ms(desk));
    store_bind_text(seen, bytes_text(tid));
    TRY(store_run(seen));
    return store_commit(&tx);
}

err place_list(struct desk *desk, const char *tid, place_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store, STAY, &rows));
    store_bind_text(rows, bytes_text(tid));
    store_bind_int(rows, PLACES_KEPT);
    for (;;) {
        bool row = false;
        struct device_stay stay;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_stay(rows, &stay);
        if (!FAILED(done)) done = each(context, &stay);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}
