/* SPDX-License-Identifier: Apache-2.0 */
/* By the clock: what was paid, who is idle, and what follows from it. */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/alerts/alerts.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/events/events.h"
#include "backoffice/registrar.h"
#include "backoffice/upkeep/idle.h"
#include "journal/journal.h"

enum {
    SLICE = 200, /* terminals looked at in one go */
    ROWS = 200,  /* of the journal in one go: 1 ms */
    ROUNDS = 10, /* in one tick: two thousand rows a second */
    WAIT_S = 60, /* until a journal that cannot be opened is tried again */
};

struct upkeep {
    struct store *journal; /* NULL: none, or not yet */
    int64_t tried_ms;
    struct journal_row row[ROWS];
    struct fleet_device slice[SLICE]; /* copies */
    size_t count;
    char after[9];
    int64_t hour; /* in which all of them were looked at */
};

err upkeep_open(struct backoffice *b)
{
    b->upkeep = calloc(1, sizeof *b->upkeep);
    return b->upkeep == NULL ? ERR(NO_MEMORY) : OK;
}

void upkeep_close(struct backoffice *b)
{
    if (b->upkeep != NULL) store_close(b->upkeep->journal);
    free(b->upkeep);
    b->upkeep = NULL;
}

/* ---- the journal ---- */

/* A journal that is not there yet, or not readable, is no reason to end: it is tried again. */
static void open_journal(struct backoffice *b, int64_t now_ms)
{
    struct upkeep *u = b->upkeep;
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 100};
    if (u->journal != NULL || b->config.journal_path == NULL) return;
    if (now_ms - u->tried_ms < WAIT_S * 1000) return;
    u->tried_ms = now_ms;
    if (FAILED(store_open(b->config.journal_path, &options, &why, &u->journal))) {
        u->journal = NULL;
        log_event(b->config.log, LOG_WARN, "no_journal", LOG_TEXT("why", why.text));
    }
}

static err take_rows(struct backoffice *b, int64_t from, size_t count)
{
    struct store_statement *update;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    for (size_t i = 0; i < count; i++)
        if (b->upkeep->row[i].payment.state == PAYMENT_APPROVED)
            TRY(idle_paid(&tx, b->upkeep->row[i].payment.key.tid, b->upkeep->row[i].at_ms));
    TRY(store_statement(b->store, "UPDATE idle_position SET seq = ?", &update));
    store_bind_int(update, from + (int64_t)count);
    TRY(store_run(update));
    return store_commit(&tx);
}

static err read_journal(struct backoffice *b, int64_t now_ms)
{
    struct upkeep *u = b->upkeep;
    size_t count = ROWS;
    open_journal(b, now_ms);
    for (int round = 0; u->journal != NULL && round < ROUNDS && count == ROWS; round++) {
        int64_t from = 1;
        TRY(store_query_int(b->store, "SELECT seq FROM idle_position", &from));
        if (FAILED(journal_read(u->journal, from, u->row, ROWS, &count))) {
            log_event(b->config.log, LOG_WARN, "no_journal",
                      LOG_TEXT("why", store_error_text(u->journal)));
            store_close(u->journal);
            u->journal = NULL;
            return OK;
        }
        if (count > 0) TRY(take_rows(b, from, count));
    }
    return OK;
}

/* ---- what follows ---- */

/* In the registry first: a cut between the two is done again, and STATE means that it is so. */
static err set_status(struct backoffice *b, const char *tid, enum registry_status status,
                      int64_t now_ms, bool *ret_done)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    const struct registry_actor actor = {BYTES("idle"), now_ms};
    *ret_done = false;
    err opened = registrar_open(b, &registry);
    if (FAILED(opened)) return OK; /* logged; the next look */
    err set = registry_set_terminal_status(registry, &actor, bytes_text(tid), status);
    *ret_done = !FAILED(set) || set.code == ERR_STATE || set.code == ERR_NOT_FOUND;
    if (!*ret_done) log_event(b->config.log, LOG_WARN, "registry_not_written", LOG_ERR(set));
    return OK;
}

static const char *event_of(enum idle_state to)
{
    static const char *const kinds[IDLE_STATES] = {
        [IDLE_ASKED] = "device.idle",
        [IDLE_STOPPED] = "device.stopped",
        [IDLE_TAKE_BACK] = "device.take_back",
    };
    return kinds[to];
}

static err append(struct store_tx *tx, const struct idle_terminal *t, const char *kind,
                  int64_t now_ms)
{
    char object[24], block[96];
    struct writer w = writer_over(block, sizeof block);
    snprintf(object, sizeof object, "devices/%s", t->tid);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "reason", "idle");
    json_member_int(&j, "last_payment", t->payment_ms);
    if (t->due_ms != 0) json_member_int(&j, "until", t->due_ms);
    json_object_end(&j);
    return event_append(tx,
                        &(struct event){.mid = t->mid,
                                        .outlet = t->outlet,
                                        .kind = kind,
                                        .object = object,
                                        .data = writer_view(&w),
                                        .at_ms = now_ms},
                        NULL);
}

/* What was said before it came so far is over. */
static err end_alerts(struct store_tx *tx, const struct idle_terminal *t, int64_t now_ms)
{
    char object[24];
    snprintf(object, sizeof object, "devices/%s", t->tid);
    TRY(alert_end(tx, "device.idle", t->mid, object, now_ms));
    return t->state == IDLE_IN_USE ? alert_end(tx, "device.stopped", t->mid, object, now_ms) : OK;
}

static err write_move(struct backoffice *b, struct idle_terminal *t, enum idle_state from,
                      const char *actor, int64_t now_ms)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(idle_put(&tx, t));
    TRY(end_alerts(&tx, t, now_ms));
    if (event_of(t->state) != NULL) TRY(append(&tx, t, event_of(t->state), now_ms));
    if (t->state == IDLE_TAKE_BACK && from != IDLE_STOPPED)
        TRY(append(&tx, t, "device.stopped", now_ms));
    TRY(audit_append(&tx, &(struct audit_entry){now_ms, bytes_text(actor), BYTES("idle"),
                                                bytes_text(t->tid),
                                                bytes_text(idle_state_word(t->state))}));
    return store_commit(&tx);
}

err idle_move(struct backoffice *b, struct idle_terminal *t, enum idle_state to, const char *actor,
              int64_t now_ms, bool *ret_done)
{
    enum idle_state from = t->state;
    bool off = to == IDLE_STOPPED || to == IDLE_TAKE_BACK;
    bool was_off = from == IDLE_STOPPED || from == IDLE_TAKE_BACK;
    *ret_done = true;
    if (off != was_off)
        TRY(set_status(b, t->tid, off ? REGISTRY_SUSPENDED : REGISTRY_ACTIVE, now_ms, ret_done));
    if (!*ret_done) return OK;
    t->state = to;
    t->due_ms = to == IDLE_ASKED ? now_ms + idle_rule.answer_days * DAY_MS : 0;
    return write_move(b, t, from, actor, now_ms);
}

/* ---- the fleet ---- */

static err keep_device(void *context, const struct fleet_device *d)
{
    struct upkeep *u = context;
    ENSURE(u->count < SLICE);
    u->slice[u->count++] = *d;
    return OK;
}

/* Its row, made when it is new; and where it is now. */
static err row_of(struct backoffice *b, const struct fleet_device *d, int64_t now_ms,
                  struct idle_terminal *t)
{
    err found = idle_find(b->store, d->tid, t);
    bool fresh = found.code == ERR_NOT_FOUND;
    if (!fresh) TRY(found);
    bool moved = !fresh && (strcmp(t->mid, d->mid) != 0 || t->outlet != d->outlet);
    bool paid =
        b->config.journal_path == NULL && !fresh && d->state.last_payment_ms > t->payment_ms;
    if (!fresh && !moved && !paid) return OK;
    if (fresh) *t = (struct idle_terminal){.state = IDLE_IN_USE, .since_ms = now_ms};
    if (moved) t->since_ms = now_ms; /* another shop: it begins anew */
    memcpy(t->tid, d->tid, sizeof t->tid);
    memcpy(t->mid, d->mid, sizeof t->mid);
    t->outlet = d->outlet;
    if (b->config.journal_path == NULL) t->payment_ms = d->state.last_payment_ms;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(idle_put(&tx, t));
    return store_commit(&tx);
}

static err look_at(struct backoffice *b, const struct fleet_device *d, int64_t now_ms)
{
    struct idle_terminal t;
    bool done = false;
    TRY(row_of(b, d, now_ms, &t));
    enum idle_state to = idle_decide(&idle_rule, &t, now_ms);
    return to == t.state ? OK : idle_move(b, &t, to, "idle", now_ms, &done);
}

static err look_at_slice(struct backoffice *b, int64_t now_ms)
{
    const struct upkeep *u = b->upkeep;
    for (size_t i = 0; i < u->count; i++) TRY(look_at(b, &u->slice[i], now_ms));
    return OK;
}

/* A slice with one sync: in its first hour every terminal is written, and two hundred syncs were
 * a second in which nobody was answered. The registry is written before, one by one. */
err upkeep_tick(struct backoffice *b, int64_t now_ms)
{
    struct upkeep *u = b->upkeep;
    if (b->desk == NULL) return OK;
    TRY(read_journal(b, now_ms));
    if (u->after[0] == '\0' && u->hour == now_ms / HOUR_MS) return OK;
    struct fleet_query query = {.limit = SLICE};
    memcpy(query.after, u->after, sizeof query.after);
    u->count = 0;
    TRY(fleet_search(b->desk->fleet, &query, now_ms, keep_device, u));
    desk_group_enter(b->desk);
    TRY(desk_group_leave(b->desk, look_at_slice(b, now_ms)));
    u->after[0] = '\0';
    if (u->count == SLICE) memcpy(u->after, u->slice[SLICE - 1].tid, sizeof u->after);
    else u->hour = now_ms / HOUR_MS;
    return OK;
}
