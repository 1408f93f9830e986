/* SPDX-License-Identifier: Apache-2.0 */
/* Events of terminals: taken once, and what follows from each kind. */
#include "backoffice/devices/device_events.h"

#include <stdio.h>

#include "backoffice/backups/restores.h"
#include "backoffice/desk/cooling.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/pairs.h"
#include "backoffice/desk/recovery.h"
#include "backoffice/devices/device_commands.h"
#include "backoffice/events/events.h"
#include "lib/base/reader.h"

/* True when it has not been taken before. Without a number it counts downwards from -1. */
static err insert(struct desk *desk, const char *tid, const struct device_event *event,
                  bool *ret_new)
{
    struct store_statement *insert;
    TRY(store_statement(desk->config.store,
                        "INSERT OR IGNORE INTO device_event(tid, number, kind, operator, detail,"
                        " taken_ms) SELECT ?1, CASE WHEN ?2 > 0 THEN ?2 ELSE"
                        " ifnull(min(min(number), 0), 0) - 1 END, ?3, ?4, ?5, ?6 FROM device_event"
                        " WHERE tid = ?1",
                        &insert));
    store_bind_text(insert, bytes_text(tid));
    store_bind_int(insert, event->number);
    store_bind_text(insert, bytes_text(event->kind));
    store_bind_text(insert, bytes_text(event->operator_id));
    store_bind_text(insert, bytes_text(event->detail));
    store_bind_int(insert, desk_now_ms(desk));
    TRY(store_run(insert));
    *ret_new = store_changes(desk->config.store) == 1;
    return OK;
}

static err on_recovered(struct desk *desk, struct store_tx *tx,
                        const struct registry_terminal *terminal, const struct device_event *event)
{
    enum recovery_way way;
    TRY(recovery_settle(desk, terminal->tid, event->operator_id, true, &way));
    TRY(ticket_settle(desk, tx, terminal->tid, event->operator_id, true));
    return cooling_begin(tx, terminal->mid, terminal->tid, event->operator_id,
                         desk_now_ms(desk) + cooling_length_ms(event->operator_id, way));
}

static err on_granted(struct desk *desk, struct store_tx *tx,
                      const struct registry_terminal *terminal, const struct device_event *event)
{
    return ticket_acknowledge(desk, tx, terminal->tid, event->operator_id);
}

static err on_reissued(struct desk *desk, struct store_tx *tx,
                       const struct registry_terminal *terminal, const struct device_event *event)
{
    return ticket_reissued(desk, tx, terminal->tid, event->operator_id, true);
}

static err on_reissue_refused(struct desk *desk, struct store_tx *tx,
                              const struct registry_terminal *terminal,
                              const struct device_event *event)
{
    return ticket_reissued(desk, tx, terminal->tid, event->operator_id, false);
}

static err on_diagnosed(struct desk *desk, struct store_tx *tx,
                        const struct registry_terminal *terminal, const struct device_event *event)
{
    return ticket_diagnosed(desk, tx, terminal->tid, event->operator_id, event->kind,
                            event->detail);
}

static err on_policy_loaded(struct desk *desk, struct store_tx *tx,
                            const struct registry_terminal *terminal,
                            const struct device_event *event)
{
    struct store_statement *update;
    struct bytes text = bytes_text(event->detail);
    (void)tx;
    if (!bytes_all_digits(text) || text.len > 9) return OK;
    struct reader r = reader_over(text);
    TRY(store_statement(desk->config.store, "UPDATE terminal SET policy = ? WHERE tid = ?",
                        &update));
    store_bind_int(update, read_digits(&r, text.len));
    store_bind_text(update, bytes_text(terminal->tid));
    return store_run(update);
}

/* Known at once, and not when the terminal connects the next time. */
static err on_first_login(struct desk *desk, struct store_tx *tx,
                          const struct registry_terminal *terminal,
                          const struct device_event *event)
{
    struct store_statement *update;
    (void)tx;
    TRY(store_statement(desk->config.store,
                        "UPDATE terminal SET first_login_ms = ? WHERE tid = ? AND first_login_ms ="
                        " 0",
                        &update));
    store_bind_int(update, event->at_ms > 0 ? event->at_ms : desk_now_ms(desk));
    store_bind_text(update, bytes_text(terminal->tid));
    return store_run(update);
}

/* A wiped device says so by its last words, and no other way. */
static err on_tampered(struct desk *desk, struct store_tx *tx,
                       const struct registry_terminal *terminal, const struct device_event *event)
{
    return strcmp(event->detail, "wiped") == 0 ? command_wiped(desk, tx, terminal->tid) : OK;
}

/* Its page hears of it, and it is asked for no more log-ins (S173). */
static err on_phone_removed(struct desk *desk, struct store_tx *tx,
                            const struct registry_terminal *terminal,
                            const struct device_event *event)
{
    struct bytes text = bytes_text(event->detail);
    if (text.len == 0 || text.len > 9 || !bytes_all_digits(text)) return OK;
    struct reader r = reader_over(text);
    return pair_removed_there(desk, tx, terminal->tid, (int64_t)read_digits(&r, text.len));
}

static err on_restored(struct desk *desk, struct store_tx *tx,
                       const struct registry_terminal *terminal, const struct device_event *event)
{
    (void)event;
    return restores_done(desk, tx, terminal);
}

static const struct {
    const char *kind;
    err (*follow)(struct desk *desk, struct store_tx *tx, const struct registry_terminal *terminal,
                  const struct device_event *event);
} follows[] = {
    {"recovered", on_recovered},         {"granted", on_granted},
    {"reissued", on_reissued},           {"reissue_refused", on_reissue_refused},
    {"diagnostics", on_diagnosed},       {"diagnostics_refused", on_diagnosed},
    {"policy_loaded", on_policy_loaded}, {"first_login", on_first_login},
    {"phone_removed", on_phone_removed}, {"tampered", on_tampered},
    {"restored", on_restored},
};

/* What the alert centre hears of, by the terminal's own word. */
static const struct {
    const char *kind, *event;
} alarms[] = {
    {"tampered", "device.tampered"},        {"duress", "device.duress"},
    {"rollback", "device.rollback"},        {"backup_failed", "backup.failed"},
    {"backup_unreadable", "backup.failed"}, {"backup_stale", "backup.stale"},
    {"caught_up", "restore.gap"},
};

static err tell_alarm(struct desk *desk, struct store_tx *tx,
                      const struct registry_terminal *terminal, const char *kind)
{
    char object[24];
    for (size_t i = 0; i < ARRAY_LEN(alarms); i++) {
        if (strcmp(alarms[i].kind, kind) != 0) continue;
        snprintf(object, sizeof object, "devices/%s", terminal->tid);
        return event_append(tx,
                            &(struct event){.mid = terminal->mid,
                                            .outlet = terminal->outlet,
                                            .kind = alarms[i].event,
                                            .object = object,
                                            .at_ms = desk_now_ms(desk)},
                            NULL);
    }
    return OK;
}

err device_event_take(struct desk *desk, const struct registry_terminal *terminal,
                      const struct device_event *event)
{
    bool fresh = false;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(insert(desk, terminal->tid, event, &fresh));
    if (!fresh) return OK;
    for (size_t i = 0; i < ARRAY_LEN(follows); i++)
        if (strcmp(event->kind, follows[i].kind) == 0)
            TRY(follows[i].follow(desk, &tx, terminal, event));
    TRY(tell_alarm(desk, &tx, terminal, event->kind));
    const struct notice_kind *kind = notice_kind_named(bytes_text(event->kind));
    if (kind != NULL)
        TRY(notice_give(desk, &tx, kind, terminal, event->operator_id, event->detail));
    else TRY(desk_audit(desk, &tx, "terminal", "event", terminal->tid, event->kind));
    return store_commit(&tx);
}
