/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that need no screen of their own (S116, S117, S121, DV-11).
 *
 *   logs, snapshot  collected and told in parts (collection.h)
 *   passwords       the vault has forced them when it took the command; whoever is in is out as
 *                   soon as nothing is torn off by that
 *   restart         from a screen that begins things; done when the program has started again
 *   lost            the device works on, says that it is looked for, and locks itself when it has
 *                   not heard of the back office for DEVICE_LOST_DAYS
 *   wipe            locked at once; what is unsent has WIPE_WAIT to be sent, and of one that ends
 *                   a contract (DEVICE_WIPE_SETTLES, S142) the batch has it to be settled; then the
 *                   back office hears what is left, and every key is erased. Nothing can be told in
 *                   our own name after that: the last words say it (last_words.c)
 */
#include <stdio.h>

#include "terminal/core.h"

enum { WIPE_WAIT_S = 600, WIPE_TELL_S = 60, HOUR_MS = 3600000 };

#define LOST_MS (DEVICE_LOST_DAYS * INT64_C(86400000))

static bool waits(const struct terminal *t, enum device_command kind)
{
    return (t->remote.waits & 1u << kind) != 0;
}

/* ---- lost ---- */

static err lost_from_store(struct terminal *t)
{
    struct remote *r = &t->remote;
    err e = command_lost(t->config.store, &r->lost_by);
    r->lost = !FAILED(e);
    return e.code == ERR_NOT_FOUND ? OK : e;
}

err remote_acts_open(struct terminal *t)
{
    int64_t ended_ms = 0;
    TRY(command_restarted(t->config.store));
    TRY(notes_shown(t->config.store, "office_heard", &t->remote.office_heard_ms));
    TRY(notes_shown(t->config.store, "contract_ended", &ended_ms));
    t->remote.ended = ended_ms != 0;
    return lost_from_store(t);
}

err remote_office_heard(struct terminal *t)
{
    struct remote *r = &t->remote;
    int64_t now = now_ms(t);
    if (!r->lost || (now - r->office_heard_ms < HOUR_MS && now >= r->office_heard_ms)) return OK;
    r->office_heard_ms = now;
    return notes_show(t->config.store, "office_heard", now);
}

static bool is_dead_man(const struct terminal *t)
{
    const struct remote *r = &t->remote;
    return r->lost && !r->locked && now_ms(t) - r->office_heard_ms >= LOST_MS;
}

static err lock_itself(struct terminal *t)
{
    t->remote.locked = true;
    t->remote.lock = t->remote.lost_by;
    TRY(audit(t, "lost_lock", "", number_text(t->remote.lost_by.number).text));
    TRY(manage_event(t, "lost_locked", "", ""));
    remote_clear_screen(t);
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

/* ---- done with being taken ---- */

static err do_lose(struct terminal *t)
{
    struct command command;
    TRY(command_waiting(t->config.store, 1 << DEVICE_LOSE, &command));
    t->remote.office_heard_ms = now_ms(t);
    TRY(notes_show(t->config.store, "office_heard", t->remote.office_heard_ms));
    TRY(remote_finish(t, &command));
    return lost_from_store(t);
}

static err do_passwords(struct terminal *t)
{
    struct command command;
    TRY(command_waiting(t->config.store, 1 << DEVICE_PASSWORDS, &command));
    t->remote.leave = true;
    return remote_finish(t, &command);
}

static bool leaves(const struct terminal *t)
{
    return t->remote.leave && remote_may_lock(t);
}

static err leave(struct terminal *t)
{
    t->remote.leave = false;
    if (t->operator_id[0] == '\0') return OK;
    remote_clear_screen(t);
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

/* ---- restart ---- */

static bool restart_is_due(const struct terminal *t)
{
    return waits(t, DEVICE_RESTART) && !t->remote.restarting && at_home(t) &&
           t->host.task == HOST_NOTHING;
}

static err do_restart(struct terminal *t)
{
    struct command command;
    TRY(command_waiting(t->config.store, 1 << DEVICE_RESTART, &command));
    TRY(command_begun(t->config.store, command.number));
    TRY(audit(t, "remote_restart", "", number_text(command.number).text));
    if (t->ports.restart == NULL) { /* nobody would start us again */
        TRY(command_told(t->config.store, command.number, DEVICE_VERIFIED));
        TRY(remote_finish(t, &command));
        return remote_deny(t, command.number, "cannot");
    }
    t->remote.restarting = true;
    t->ports.restart(t->ports.context);
    return OK;
}

/* ---- wiping ---- */

static bool unsent(const struct terminal *t)
{
    return t->records.unsent > 0 || t->records.offline > 0;
}

static bool ends_contract(const struct command *command)
{
    return strcmp(command->text, DEVICE_WIPE_SETTLES) == 0;
}

bool remote_settles(const struct terminal *t)
{
    const struct remote *r = &t->remote;
    return r->wiping && !r->wipe_told && ends_contract(&r->lock) &&
           t->records.batch_since_ms != 0 && !settle_over(t);
}

/* Nobody pays from now on; a restart in between begins here again. */
static err wipe_begin(struct terminal *t)
{
    struct command command;
    TRY(command_waiting(t->config.store, 1 << DEVICE_WIPE, &command));
    t->remote.wiping = true;
    t->remote.locked = true;
    t->remote.lock = command;
    t->remote.wipe_until_us = now_us(t) + (int64_t)WIPE_WAIT_S * 1000000;
    TRY(audit(t, "wipe_begins", "", number_text(command.number).text));
    remote_clear_screen(t);
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

/* What is lost with it, told while there is a name to tell it in. */
static err wipe_tell(struct terminal *t)
{
    char detail[NOTES_DETAIL_MAX];
    snprintf(detail, sizeof detail, "unsent-%u", t->records.unsent + t->records.offline);
    t->remote.wipe_told = true;
    t->remote.wipe_until_us = now_us(t) + (int64_t)WIPE_TELL_S * 1000000;
    return manage_event(t, "wiping", "", detail);
}

/* Why, for the screen that says so for ever after: on disk before the keys go. */
static err wipe_note(struct terminal *t)
{
    bool ended = ends_contract(&t->remote.lock);
    TRY(notes_show(t->config.store, "contract_ended", ended ? now_ms(t) : 0));
    t->remote.ended = ended;
    return OK;
}

static err wipe_now(struct terminal *t)
{
    struct command command = t->remote.lock;
    TRY(wipe_note(t));
    enum vault_status status = secure_wipe(t);
    log_event(t->config.log, LOG_WARN, "wiped", LOG_TEXT("vault", vault_status_text(status)));
    (void)secure_status(t);
    if (t->facts.tampered == VAULT_TAMPER_NONE) { /* it is tried again */
        t->remote.wipe_until_us = now_us(t) + (int64_t)WIPE_TELL_S * 1000000;
        return OK;
    }
    TRY(command_told(t->config.store, command.number, DEVICE_VERIFIED)); /* the last words do */
    TRY(remote_finish(t, &command));
    t->remote.wiping = false;
    t->watch.at_us = now_us(t); /* the screen says so at once */
    return OK;
}

static bool wipe_is_due(const struct terminal *t)
{
    const struct remote *r = &t->remote;
    if (!waits(t, DEVICE_WIPE)) return false;
    if (!r->wiping) return remote_may_lock(t);
    bool over = now_us(t) >= r->wipe_until_us;
    if (r->wipe_told) return over || !t->manage.events;
    return over || !(unsent(t) || settle_open(t) || remote_settles(t));
}

static err wipe_drive(struct terminal *t)
{
    if (!t->remote.wiping) return wipe_begin(t);
    return t->remote.wipe_told ? wipe_now(t) : wipe_tell(t);
}

/* ---- all of them ---- */

static bool collects(const struct terminal *t)
{
    bool some = waits(t, DEVICE_LOGS) || waits(t, DEVICE_SNAPSHOT);
    return some && t->remote.collection.number == 0 && t->screen.id != NULL;
}

static err collect(struct terminal *t)
{
    struct command command;
    TRY(command_waiting(t->config.store, 1 << DEVICE_LOGS | 1 << DEVICE_SNAPSHOT, &command));
    return collection_make(t, command.number, command.kind);
}

err remote_acts_tick(struct terminal *t)
{
    if (waits(t, DEVICE_LOSE)) TRY(do_lose(t));
    if (waits(t, DEVICE_PASSWORDS)) TRY(do_passwords(t));
    if (collects(t)) TRY(collect(t));
    if (leaves(t)) TRY(leave(t));
    if (is_dead_man(t) && remote_may_lock(t)) TRY(lock_itself(t));
    if (restart_is_due(t)) TRY(do_restart(t));
    return wipe_is_due(t) ? wipe_drive(t) : OK;
}

int64_t remote_acts_next_us(const struct terminal *t)
{
    const struct remote *r = &t->remote;
    bool now = waits(t, DEVICE_LOSE) || waits(t, DEVICE_PASSWORDS) || collects(t) || leaves(t) ||
               restart_is_due(t) || wipe_is_due(t);
    if (now) return now_us(t);
    if (r->wiping) return r->wipe_until_us;
    if (!r->lost || r->locked) return INT64_MAX;
    int64_t left_ms = r->office_heard_ms + LOST_MS - now_ms(t);
    return now_us(t) + (left_ms > HOUR_MS ? HOUR_MS : left_ms > 1000 ? left_ms : 1000) * 1000;
}
