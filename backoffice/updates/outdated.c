/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices whose software is too old (S119): they say that a version runs which is below the one
 * that their model's roll-out has brought to all, and the days of grace since then are over. Each
 * is told of once for each such version, as an event, of which the alert centre makes an alert.
 *
 * Looked for by the clock and not when a device speaks: one that never speaks of another version
 * is the one that matters. A slice of the table a tick, so that a hundred thousand devices are gone
 * through in some minutes. When one has caught up, its alert is over.
 */
#include <stdio.h>

#include "backoffice/alerts/alerts.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/events/events.h"
#include "backoffice/updates/updates.h"

enum {
    SLICE = 256,      /* rows a tick: under a millisecond */
    TARGETS_MAX = 64, /* models that have a finished roll-out */
};

/* What everybody of a model should have by now. */
struct target {
    char model[ROLLOUT_MODEL];
    int64_t image;
};

struct targets {
    struct target target[TARGETS_MAX];
    size_t count;
};

static err read_targets(struct desk *desk, struct targets *targets)
{
    struct store_statement *rows;
    int64_t days = desk->config.outdated_days == 0 ? OUTDATED_DAYS : desk->config.outdated_days;
    targets->count = 0;
    TRY(store_statement(desk->config.store,
                        "SELECT model, max(image) FROM rollout WHERE state = 1 AND stage = 100"
                        " AND stage_ms <= ? GROUP BY model LIMIT ?",
                        &rows));
    store_bind_int(rows, desk_now_ms(desk) - days * DAY_MS);
    store_bind_int(rows, TARGETS_MAX);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        struct target *t = &targets->target[targets->count++];
        store_read_text_into(rows, t->model, sizeof t->model);
        t->image = store_read_int(rows);
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
    }
}

/* The version that a device of this model should have; 0: none is said. */
static int64_t target_of(const struct targets *targets, const char *model)
{
    for (size_t i = 0; i < targets->count; i++)
        if (strcmp(targets->target[i].model, model) == 0) return targets->target[i].image;
    return 0;
}

/* What a device has told, and of which version its backwardness was told before. */
struct told {
    char tid[DESK_TID_LEN + 1];
    int64_t image, outdated;
};

static err read_slice(struct desk *desk, struct told told[SLICE], size_t *ret_count)
{
    struct store_statement *rows;
    *ret_count = 0;
    TRY(store_statement(desk->config.store,
                        "SELECT tid, image, outdated FROM update_device WHERE tid > ?"
                        " ORDER BY tid LIMIT ?",
                        &rows));
    store_bind_text(rows, bytes_text(desk->outdated_at));
    store_bind_int(rows, SLICE);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        struct told *t = &told[(*ret_count)++];
        store_read_text_into(rows, t->tid, sizeof t->tid);
        t->image = store_read_int(rows);
        t->outdated = store_read_int(rows);
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
    }
}

static err put_outdated(struct desk *desk, const char *tid, int64_t outdated)
{
    struct store_statement *update;
    TRY(store_statement(desk->config.store, "UPDATE update_device SET outdated = ? WHERE tid = ?",
                        &update));
    store_bind_int(update, outdated);
    store_bind_text(update, bytes_text(tid));
    return store_run(update);
}

/* It has caught up: the alert is over. */
static err settle(struct desk *desk, const struct fleet_device *d, const struct told *t)
{
    char object[EVENT_OBJECT_MAX + 1];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    snprintf(object, sizeof object, "devices/%.8s", t->tid);
    TRY(store_begin(desk->config.store, &tx));
    TRY(put_outdated(desk, t->tid, 0));
    TRY(alert_end(&tx, "device.outdated", d->mid, object, desk_now_ms(desk)));
    return store_commit(&tx);
}

static err tell(struct desk *desk, const struct fleet_device *d, const struct told *t,
                int64_t target)
{
    char object[EVENT_OBJECT_MAX + 1], data[96];
    struct writer w = writer_over(data, sizeof data);
    struct json_out j = json_out_over(&w);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    snprintf(object, sizeof object, "devices/%.8s", t->tid);
    json_object_begin(&j);
    json_member_int(&j, "image", t->image);
    json_member_int(&j, "wanted", target);
    json_object_end(&j);
    TRY(store_begin(desk->config.store, &tx));
    TRY(put_outdated(desk, t->tid, target));
    TRY(event_append(&tx,
                     &(struct event){.mid = d->mid,
                                     .outlet = d->outlet,
                                     .kind = "device.outdated",
                                     .object = object,
                                     .data = writer_view(&w),
                                     .at_ms = desk_now_ms(desk)},
                     NULL));
    return store_commit(&tx);
}

/* 0: a device that has told no version is no worse than it is known to be. */
static bool is_behind(const struct told *t, int64_t target)
{
    return t->image != 0 && t->image < target && t->outdated < target;
}

err outdated_tick(struct desk *desk)
{
    struct targets targets;
    struct told told[SLICE];
    size_t count = 0;
    TRY(read_targets(desk, &targets));
    if (targets.count == 0) return OK;
    TRY(read_slice(desk, told, &count));
    for (size_t i = 0; i < count; i++) {
        const struct fleet_device *d = fleet_find(desk->fleet, told[i].tid);
        if (d == NULL || d->status == REGISTRY_CLOSED) continue;
        int64_t target = target_of(&targets, d->model);
        bool settled = told[i].outdated != 0 && told[i].image >= told[i].outdated;
        if (settled) TRY(settle(desk, d, &told[i]));
        if (is_behind(&told[i], target)) TRY(tell(desk, d, &told[i], target));
    }
    snprintf(desk->outdated_at, sizeof desk->outdated_at, "%.8s",
             count == SLICE ? told[count - 1].tid : "");
    return OK;
}
