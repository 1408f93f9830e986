/* SPDX-License-Identifier: Apache-2.0 */
/* One row for each command to many; deleted with its last slice. */
#include "backoffice/devices/fleet_orders.h"

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/devices/groups.h"

/* For which devices. A group or region that is gone has none. */
static err query_of(struct desk *desk, const struct fleet_order *o, struct tree_outlets *outlets,
                    struct fleet_query *q)
{
    *q = (struct fleet_query){.outlet = o->outlet, .limit = FLEET_ORDER_SLICE};
    memcpy(q->mid, o->mid, sizeof q->mid);
    memcpy(q->model, o->model, sizeof q->model);
    if (o->group != 0) TRY(group_set(desk, o->group, &q->set));
    if (o->region == 0) return OK;
    TRY(region_outlets(desk->config.store, o->region, outlets));
    q->outlets = outlets;
    return OK;
}

err fleet_order_begin(struct desk *desk, struct store_tx *tx, const struct fleet_order *order,
                      int64_t *ret_devices)
{
    struct store_statement *put;
    struct fleet_query query;
    struct tree_outlets outlets;
    TRY(query_of(desk, order, &outlets, &query));
    *ret_devices = fleet_counts_of(desk->fleet, &query, order->asked_ms).all;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO fleet_order(asked_ms, kind, text, actor, mid, model, outlet,"
                        " grp, region, after) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
                        &put));
    store_bind_int(put, order->asked_ms);
    store_bind_int(put, order->kind);
    store_bind_text(put, bytes_text(order->text));
    store_bind_text(put, bytes_text(order->actor));
    store_bind_text(put, bytes_text(order->mid));
    store_bind_text(put, bytes_text(order->model));
    store_bind_int(put, order->outlet);
    store_bind_int(put, order->group);
    store_bind_int(put, order->region);
    TRY(store_run(put));
    desk->orders_wait = true;
    return desk_audit(desk, tx, order->actor, "fleet_command", order->mid,
                      device_command_name(order->kind));
}

/* NOT_FOUND: none waits. */
static err read_oldest(struct desk *desk, struct fleet_order *ret)
{
    struct store_statement *s;
    struct fleet_order o = {0};
    bool row = false;
    TRY(store_statement(
        desk->config.store,
        "SELECT id, asked_ms, kind, text, actor, mid, model, outlet, connected, after, grp,"
        " region FROM"
        " fleet_order ORDER BY id LIMIT 1",
        &s));
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    o.id = store_read_int(s);
    o.asked_ms = store_read_int(s);
    o.kind = (enum device_command)store_read_int(s);
    store_read_text_into(s, o.text, sizeof o.text);
    store_read_text_into(s, o.actor, sizeof o.actor);
    store_read_text_into(s, o.mid, sizeof o.mid);
    store_read_text_into(s, o.model, sizeof o.model);
    o.outlet = (uint32_t)store_read_int(s);
    o.connected = store_read_int(s) != 0;
    store_read_text_into(s, o.after, sizeof o.after);
    o.group = store_read_int(s);
    o.region = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    if (!FAILED(read)) *ret = o;
    return read;
}

struct slice {
    size_t count;
    char tid[FLEET_ORDER_SLICE][9];
};

static err keep(void *context, const struct fleet_device *device)
{
    struct slice *slice = context;
    memcpy(slice->tid[slice->count++], device->tid, sizeof slice->tid[0]);
    return OK;
}

/* Who is connected first, then everybody; who has it gets no other. */
static err move_on(struct desk *desk, const struct fleet_order *o, const struct slice *slice)
{
    static const char *const steps[] = {
        "UPDATE fleet_order SET after = ?2 WHERE id = ?1",
        "UPDATE fleet_order SET after = '', connected = 0 WHERE id = ?1",
        "DELETE FROM fleet_order WHERE id = ?1"};
    struct store_statement *s;
    bool last = slice->count < FLEET_ORDER_SLICE;
    TRY(store_statement(desk->config.store, steps[last ? (o->connected ? 1 : 2) : 0], &s));
    store_bind_int(s, o->id);
    if (!last) store_bind_text(s, bytes_text(slice->tid[slice->count - 1]));
    return store_run(s);
}

/* *fresh are those that had none of this order yet. */
static err write_slice(struct desk *desk, const struct fleet_order *o, const struct slice *slice,
                       struct slice *fresh)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    for (size_t i = 0; i < slice->count; i++) {
        TRY(command_add(desk, slice->tid[i], o->kind, bytes_text(o->text), o->actor, o->id, NULL));
        if (store_changes(desk->config.store) == 0) continue;
        memcpy(fresh->tid[fresh->count++], slice->tid[i], sizeof fresh->tid[0]);
    }
    TRY(move_on(desk, o, slice));
    return store_commit(&tx);
}

err fleet_orders_step(struct desk *desk)
{
    struct fleet_order order;
    struct slice slice = {.count = 0}, fresh = {.count = 0};
    if (!desk->orders_wait) return OK;
    err found = read_oldest(desk, &order);
    desk->orders_wait = !FAILED(found);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    struct fleet_query query;
    struct tree_outlets outlets;
    TRY(query_of(desk, &order, &outlets, &query));
    query.connected = order.connected;
    memcpy(query.after, order.after, sizeof query.after);
    TRY(fleet_search(desk->fleet, &query, desk_now_ms(desk), keep, &slice));
    TRY(write_slice(desk, &order, &slice, &fresh));
    TRY(command_deliver_all(desk, fresh.tid, fresh.count));
    desk_changed(desk, DESK_DEVICES);
    return OK;
}

static err read_progress(struct store_statement *row, struct fleet_progress *p)
{
    *p = (struct fleet_progress){.id = store_read_int(row)};
    p->kind = (enum device_command)store_read_int(row);
    store_read_text_into(row, p->text, sizeof p->text);
    store_read_text_into(row, p->actor, sizeof p->actor);
    p->asked_ms = store_read_int(row);
    for (enum command_state at = COMMAND_QUEUED; at < COMMAND_STATES; at++)
        p->count[at] = store_read_int(row);
    return store_read_finish(row);
}

err fleet_orders_list(struct desk *desk, fleet_progress_each each, void *context)
{
    struct store_statement *rows;
    TRY(command_flush(desk));
    TRY(store_statement(desk->config.store,
                        "SELECT o.fleet_order, c.kind, c.text, c.actor, c.asked_ms, o.s1, o.s2,"
                        " o.s3, o.s4, o.s5 FROM (SELECT fleet_order, max(id) AS newest,"
                        " sum(state = 1) AS s1, sum(state = 2) AS s2, sum(state = 3) AS s3,"
                        " sum(state = 4) AS s4, sum(state = 5) AS s5 FROM device_command WHERE"
                        " fleet_order <> 0 GROUP BY fleet_order ORDER BY fleet_order DESC LIMIT"
                        " ?) AS o JOIN device_command AS c ON c.id = o.newest ORDER BY"
                        " o.fleet_order DESC",
                        &rows));
    store_bind_int(rows, FLEET_ORDERS_LISTED);
    for (;;) {
        struct fleet_progress progress;
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err e = read_progress(rows, &progress);
        if (!FAILED(e)) e = each(context, &progress);
        if (!FAILED(e)) continue;
        store_reset(rows);
        return e;
    }
}
