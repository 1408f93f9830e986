/* SPDX-License-Identifier: Apache-2.0 */
/* Each new stay is held against the registered place and against the stay before. */
#include "backoffice/upkeep/fence.h"

#include <stdio.h>

#include "backoffice/alerts/alerts.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/events/events.h"
#include "backoffice/registrar.h"

enum { AT_ONCE = 100 }; /* stays in one go */

/* A stay, and whose it is. */
struct stay {
    int64_t id;
    char tid[9];
    struct fence_position at;
};

static err read_stays(struct store *store, struct stay out[AT_ONCE], size_t *ret_count)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT id, tid, latitude, longitude, accuracy, from_ms FROM device_place"
                        " WHERE id > (SELECT id FROM fence_position) AND positioned = 1"
                        " ORDER BY id LIMIT ?",
                        &rows));
    store_bind_int(rows, AT_ONCE);
    for (*ret_count = 0;; ++*ret_count) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        struct stay *s = &out[*ret_count];
        s->id = store_read_int(rows);
        store_read_text_into(rows, s->tid, sizeof s->tid);
        s->at.latitude_e6 = store_read_int(rows);
        s->at.longitude_e6 = store_read_int(rows);
        s->at.accuracy_m = store_read_int(rows);
        s->at.at_ms = store_read_int(rows);
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
    }
}

/* Where it was last seen before; NOT_FOUND: nowhere. */
static err stay_before(struct store *store, const struct stay *now, struct fence_position *ret)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT latitude, longitude, accuracy, until_ms FROM device_place WHERE"
                        " tid = ? AND id < ? AND positioned = 1 ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(now->tid));
    store_bind_int(query, now->id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    ret->latitude_e6 = store_read_int(query);
    ret->longitude_e6 = store_read_int(query);
    ret->accuracy_m = store_read_int(query);
    ret->at_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err append(struct store_tx *tx, const struct fleet_device *d, const char *kind,
                  const char *name, int64_t number, int64_t now_ms)
{
    char object[24], block[96];
    struct writer w = writer_over(block, sizeof block);
    snprintf(object, sizeof object, "devices/%s", d->tid);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_int(&j, name, number);
    json_object_end(&j);
    return event_append(tx,
                        &(struct event){.mid = d->mid,
                                        .outlet = d->outlet,
                                        .kind = kind,
                                        .object = object,
                                        .data = writer_view(&w),
                                        .at_ms = now_ms},
                        NULL);
}

static err look_at_travel(struct backoffice *b, struct store_tx *tx, const struct fleet_device *d,
                          const struct stay *s)
{
    struct fence_position before = {0};
    err found = stay_before(b->store, s, &before);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (!fence_impossible(&fence_rule, &before, &s->at)) return OK;
    return append(tx, d, "device.travelled", "metres",
                  fence_distance_m(before.latitude_e6, before.longitude_e6, s->at.latitude_e6,
                                   s->at.longitude_e6),
                  s->at.at_ms);
}

/* It is at its place: what was said of it is over, unless it waits for somebody to release it. */
static err came_back(struct store_tx *tx, const struct fleet_device *d,
                     const struct fence_moved *moved, int64_t now_ms)
{
    char object[24];
    if (moved->refused || moved->refuse) return OK;
    snprintf(object, sizeof object, "devices/%s", d->tid);
    TRY(fence_moved_drop(tx, d->tid));
    return alert_end(tx, "device.moved", d->mid, object, now_ms);
}

static err look_at_place(struct backoffice *b, struct store_tx *tx, const struct fleet_device *d,
                         const struct stay *s)
{
    struct fence fence;
    struct fence_moved moved = {.since_ms = s->at.at_ms};
    err found = fence_find(b->store, d->mid, d->outlet, d->tid, &fence);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    int64_t away = fence_outside_m(&fence, &s->at);
    found = fence_moved_find(b->store, d->tid, &moved);
    bool was = !FAILED(found);
    if (!was && found.code != ERR_NOT_FOUND) return found;
    if (away == 0) return was ? came_back(tx, d, &moved, s->at.at_ms) : OK;
    memcpy(moved.tid, d->tid, sizeof moved.tid);
    memcpy(moved.mid, d->mid, sizeof moved.mid);
    moved.outlet = d->outlet;
    moved.metres = away;
    moved.latitude_e6 = s->at.latitude_e6;
    moved.longitude_e6 = s->at.longitude_e6;
    moved.refuse = moved.refuse || fence.policy == FENCE_REFUSE;
    TRY(fence_moved_put(tx, &moved));
    return append(tx, d, "device.moved", "metres", away, s->at.at_ms);
}

static err look(struct backoffice *b, const struct stay *s)
{
    struct store_statement *update;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct fleet_device *d = fleet_find(b->desk->fleet, s->tid);
    TRY(store_begin(b->store, &tx));
    if (d != NULL) {
        TRY(look_at_travel(b, &tx, d, s));
        TRY(look_at_place(b, &tx, d, s));
    }
    TRY(store_statement(b->store, "UPDATE fence_position SET id = ?", &update));
    store_bind_int(update, s->id);
    TRY(store_run(update));
    return store_commit(&tx);
}

/* ---- who is to be suspended ---- */

static err next_to_refuse(struct store *store, struct fence_moved *ret, bool *ret_some)
{
    struct store_statement *query;
    char tid[9];
    TRY(store_statement(
        store, "SELECT tid FROM fence_moved WHERE refuse = 1 AND refused = 0 LIMIT 1", &query));
    TRY(store_step(query, ret_some));
    if (!*ret_some) return OK;
    store_read_text_into(query, tid, sizeof tid);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(read);
    return fence_moved_find(store, tid, ret);
}

static err refused(struct backoffice *b, struct fence_moved *m, int64_t now_ms)
{
    char object[24];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    snprintf(object, sizeof object, "devices/%s", m->tid);
    m->refused = true;
    TRY(store_begin(b->store, &tx));
    TRY(fence_moved_put(&tx, m));
    TRY(event_append(&tx,
                     &(struct event){.mid = m->mid,
                                     .outlet = m->outlet,
                                     .kind = "device.stopped",
                                     .object = object,
                                     .data = BYTES("{\"reason\":\"moved\"}"),
                                     .at_ms = now_ms},
                     NULL));
    TRY(audit_append(&tx, &(struct audit_entry){now_ms, BYTES("fence"), BYTES("moved"),
                                                bytes_text(m->tid), BYTES("suspended")}));
    return store_commit(&tx);
}

/* One a tick; a registry that is busy is tried again. */
static err refuse_next(struct backoffice *b, int64_t now_ms)
{
    struct fence_moved moved;
    CLEANUP(registrar_close) struct registry *registry = NULL;
    const struct registry_actor actor = {BYTES("fence"), now_ms};
    bool some = false;
    TRY(next_to_refuse(b->store, &moved, &some));
    if (!some || FAILED(registrar_open(b, &registry))) return OK;
    err set =
        registry_set_terminal_status(registry, &actor, bytes_text(moved.tid), REGISTRY_SUSPENDED);
    if (FAILED(set) && set.code != ERR_STATE && set.code != ERR_NOT_FOUND) return OK;
    return refused(b, &moved, now_ms);
}

static err look_at_all(struct backoffice *b, const struct stay *stays, size_t count)
{
    for (size_t i = 0; i < count; i++) TRY(look(b, &stays[i]));
    return OK;
}

/* All of them with one sync: a hundred were a second in which nobody was answered. */
err fence_tick(struct backoffice *b, int64_t now_ms)
{
    struct stay stays[AT_ONCE];
    size_t count = 0;
    if (b->desk == NULL) return OK;
    TRY(read_stays(b->store, stays, &count));
    desk_group_enter(b->desk);
    TRY(desk_group_leave(b->desk, look_at_all(b, stays, count)));
    return refuse_next(b, now_ms);
}
