/* SPDX-License-Identifier: Apache-2.0 */
/* One device: what it is to have, what it was told, what it says. The row first, then the frame. */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/events/events.h"
#include "backoffice/updates/updates.h"

/* ---- rows ---- */

#define COLUMNS                                                                              \
    "SELECT tid, rollout, wanted, number, state, image, waiting, refused, why, assigned_ms," \
    " told_ms, changed_ms FROM update_device "

struct row {
    struct update_device device;
    int64_t number;
};

static err read_row(struct store_statement *from, struct row *ret)
{
    struct update_device *d = &ret->device;
    *ret = (struct row){.number = 0};
    store_read_text_into(from, d->tid, sizeof d->tid);
    d->rollout = store_read_int(from);
    d->wanted = store_read_int(from);
    ret->number = store_read_int(from);
    d->state = (enum update_state)store_read_int(from);
    d->image = store_read_int(from);
    d->waiting = store_read_int(from);
    d->refused = store_read_int(from);
    store_read_text_into(from, d->why, sizeof d->why);
    d->assigned_ms = store_read_int(from);
    d->told_ms = store_read_int(from);
    d->changed_ms = store_read_int(from);
    return store_read_finish(from);
}

static err find_row(struct desk *desk, const char *tid, struct row *ret, bool *ret_there)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store, COLUMNS "WHERE tid = ?", &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, ret_there));
    *ret = (struct row){.number = 0};
    if (!*ret_there) return bytes_to_text(bytes_text(tid), ret->device.tid, sizeof ret->device.tid);
    err read = read_row(query, ret);
    store_reset(query);
    return read;
}

static err put_row(struct desk *desk, const struct row *row)
{
    struct store_statement *put;
    const struct update_device *d = &row->device;
    TRY(store_statement(
        desk->config.store,
        "INSERT INTO update_device(tid, rollout, wanted, number, state, image, waiting, refused,"
        " why, assigned_ms, told_ms, changed_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(tid) DO UPDATE SET rollout = excluded.rollout, wanted = excluded.wanted,"
        " number = excluded.number, state = excluded.state, image = excluded.image, waiting ="
        " excluded.waiting, refused = excluded.refused, why = excluded.why, assigned_ms ="
        " excluded.assigned_ms, told_ms = excluded.told_ms, changed_ms = excluded.changed_ms",
        &put));
    store_bind_text(put, bytes_text(d->tid));
    store_bind_int(put, d->rollout);
    store_bind_int(put, d->wanted);
    store_bind_int(put, row->number);
    store_bind_int(put, d->state);
    store_bind_int(put, d->image);
    store_bind_int(put, d->waiting);
    store_bind_int(put, d->refused);
    store_bind_text(put, bytes_text(d->why));
    store_bind_int(put, d->assigned_ms);
    store_bind_int(put, d->told_ms);
    store_bind_int(put, d->changed_ms);
    return store_run(put);
}

static err save(struct desk *desk, const struct row *row)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(put_row(desk, row));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_DEVICES);
    return OK;
}

err updates_list(struct desk *desk, const char *after, int64_t rollout, enum update_state state,
                 size_t limit, update_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        COLUMNS "WHERE tid > ?1 AND (?2 = 0 OR rollout = ?2) AND (?3 = 0 OR state"
                                " = ?3) ORDER BY tid LIMIT ?4",
                        &rows));
    store_bind_text(rows, bytes_text(after));
    store_bind_int(rows, rollout);
    store_bind_int(rows, state);
    store_bind_int(rows, (int64_t)limit);
    for (;;) {
        bool some = false;
        struct row row;
        TRY(store_step(rows, &some));
        if (!some) return OK;
        err done = read_row(rows, &row);
        if (!FAILED(done)) done = each(context, &row.device);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

/* ---- signing ---- */

/* The file of a roll-out, as it is announced now: what is not announced is refused anyway. */
static bool find_file(struct desk *desk, const struct rollout *r, struct tuf_author_file *ret_file)
{
    struct tuf_author_targets *targets = malloc(sizeof *targets);
    int64_t image = 0;
    char model[ROLLOUT_MODEL];
    bool found = false;
    if (targets == NULL) return false;
    if (!FAILED(updates_published(desk->config.updates, targets))) {
        const struct tuf_author_file *file = tuf_author_targets_find(targets, r->name);
        found = file != NULL && updates_image_of(file, &image, model) && image == r->image;
        if (found) *ret_file = *file;
    }
    free(targets);
    return found;
}

static err sign(struct desk *desk, const char *serial, int64_t number,
                const struct tuf_author_file *file, struct writer *out)
{
    uint8_t body[2048];
    struct updates_director director;
    struct tuf_author_signature signature;
    struct writer w = writer_over(body, sizeof body);
    const struct tuf_author_assignment assignment = {
        serial, number, desk_now_ms(desk) + UPDATES_DAYS * DAY_MS, file};
    if (desk->ports.sign_assignment == NULL) return ERR(UNSUPPORTED);
    TRY(updates_director_read(desk->config.updates, &director));
    TRY(tuf_author_assignment_write(&assignment, &w));
    TRY(desk->ports.sign_assignment(desk->ports.context, bytes_of(director.blob, director.len),
                                    writer_view(&w), signature.at));
    memcpy(signature.id, director.name.id, sizeof signature.id);
    return tuf_author_envelope(writer_view(&w), &signature, 1, out);
}

/* ---- telling ---- */

static err tell(struct desk *desk, uint32_t session, const struct registry_terminal *terminal,
                const struct rollout *r, struct row *row)
{
    uint8_t block[4096];
    struct writer w = writer_over(block, sizeof block);
    struct tuf_author_file file;
    struct device_message m = {.tell = DEVICE_UPDATE_TOLD};
    if (!find_file(desk, r, &file)) return OK; /* withdrawn: nothing to tell */
    err made = sign(desk, terminal->serial, row->number, &file, &w);
    if (FAILED(made)) { /* the hsm is away: the next connection tells */
        log_event(desk->config.log, LOG_WARN, "assignment_not_signed", LOG_ERR(made),
                  LOG_TEXT("terminal", terminal->tid));
        return OK;
    }
    m.policy = writer_view(&w);
    TRY(bytes_to_text(bytes_text(r->hours), m.text, sizeof m.text));
    if (row->device.state == UPDATE_ASSIGNED) {
        row->device.state = UPDATE_TOLD;
        row->device.told_ms = row->device.changed_ms = desk_now_ms(desk);
        TRY(save(desk, row));
    }
    desk_tell(desk, session, &m);
    return OK;
}

/* Gives a device what is due to it. *ret_new: it was assigned something now. */
static err assign(struct desk *desk, const struct rollout *r, struct row *row, bool *ret_new)
{
    struct update_device *d = &row->device;
    bool has = d->rollout == r->id && d->state != UPDATE_NONE;
    *ret_new = !has && d->wanted <= r->image;
    if (!*ret_new) return OK;
    d->rollout = r->id;
    d->wanted = r->image;
    d->state = d->image >= r->image ? UPDATE_CONFIRMED : UPDATE_ASSIGNED;
    d->why[0] = '\0';
    d->told_ms = 0;
    d->assigned_ms = d->changed_ms = desk_now_ms(desk);
    row->number++;
    return save(desk, row);
}

/* Whether a device of this roll-out is to be told now. `again`: what it was told before may have
 * been lost with its connection. */
static bool must_tell(const struct update_device *d, int64_t rollout, bool new, bool again)
{
    if (d->rollout != rollout) return false;
    if (d->state == UPDATE_UNKNOWN) return again;
    bool open = d->state >= UPDATE_ASSIGNED && d->state < UPDATE_STARTED;
    return open && (new || again || d->state == UPDATE_ASSIGNED);
}

static err look_after(struct desk *desk, const char *tid, bool again, bool *ret_told)
{
    struct registry_terminal terminal;
    struct rollout r;
    struct row row;
    bool there = false, new = false;
    uint32_t session = desk_session_of(desk, tid);
    if (session == 0 || desk->config.updates == NULL) return OK;
    TRY(registry_find_terminal(desk->config.registry, bytes_text(tid), &terminal));
    err e = rollout_running(desk, terminal.model, &r);
    if (e.code == ERR_NOT_FOUND) return OK;
    TRY(e);
    if (!rollout_chooses(r.id, terminal.serial, r.stage)) return OK;
    TRY(find_row(desk, tid, &row, &there));
    TRY(assign(desk, &r, &row, &new));
    *ret_told = must_tell(&row.device, r.id, new, again);
    return *ret_told ? tell(desk, session, &terminal, &r, &row) : OK;
}

err updates_hello(struct desk *desk, const char *tid)
{
    bool told = false;
    return look_after(desk, tid, true, &told);
}

err updates_tick(struct desk *desk)
{
    const struct connected *c = &desk->connected;
    if (desk->config.updates == NULL) return OK;
    TRY(rollouts_judge(desk));
    TRY(outdated_tick(desk));
    uint32_t looks = c->used / UPDATES_ROUND_S, tells = 0;
    if (looks < UPDATES_SLICE) looks = UPDATES_SLICE;
    for (uint32_t i = 0; i < looks && i < c->used && tells < UPDATES_SLICE; i++) {
        uint32_t at = desk->updates_at++ % c->used;
        const struct desk_device *device = &c->device[at];
        bool told = false;
        if (device->session != 0 && device->greeted)
            TRY(look_after(desk, device->tid, false, &told));
        tells += told;
    }
    return OK;
}

/* ---- hearing ---- */

/* What its own words make of an assignment. */
static enum update_state state_of(const struct update_device *d, const struct device_message *said)
{
    if (said->number > d->wanted) return UPDATE_CONFIRMED;
    if (said->number == d->wanted)
        return said->software == DEVICE_HEALTHY ? UPDATE_CONFIRMED : UPDATE_STARTED;
    if (said->refused >= d->wanted) return UPDATE_ROLLED_BACK;
    return said->waiting == d->wanted ? UPDATE_DOWNLOADED : d->state;
}

static err tell_failure(struct desk *desk, struct store_tx *tx, const struct update_device *d)
{
    char object[48], data[96];
    struct registry_terminal terminal;
    struct writer w = writer_over(data, sizeof data);
    struct json_out j = json_out_over(&w);
    TRY(registry_find_terminal(desk->config.registry, bytes_text(d->tid), &terminal));
    json_object_begin(&j);
    json_member_int(&j, "image", d->wanted);
    json_object_end(&j);
    snprintf(object, sizeof object, "devices/%s", d->tid);
    return event_append(tx,
                        &(struct event){.mid = terminal.mid,
                                        .outlet = terminal.outlet,
                                        .kind = "update.failed",
                                        .object = object,
                                        .data = writer_view(&w),
                                        .at_ms = desk_now_ms(desk)},
                        NULL);
}

err updates_installed(struct desk *desk, const char *tid, const struct device_message *said)
{
    struct row row;
    bool there = false;
    TRY(find_row(desk, tid, &row, &there));
    struct update_device *d = &row.device;
    enum update_state before = d->state;
    d->image = said->number;
    d->waiting = said->waiting;
    d->refused = said->refused;
    memcpy(d->why, said->text, sizeof d->why);
    bool open = d->state != UPDATE_NONE && d->state != UPDATE_CONFIRMED;
    if (open) d->state = state_of(d, said);
    if (d->state != before || !there) d->changed_ms = desk_now_ms(desk);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(put_row(desk, &row));
    if (d->state == UPDATE_ROLLED_BACK && before != UPDATE_ROLLED_BACK)
        TRY(tell_failure(desk, &tx, d));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_DEVICES);
    return OK;
}
