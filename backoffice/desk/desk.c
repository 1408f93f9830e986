/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desk's tables, and opening it. What must hold whoever writes stands in the tables themselves:
 * that two different members of staff approve what is risky, that nobody approves the own account,
 * that a link is used once, that a risk is never talked down, that what was said and done is not
 * changed afterwards.
 */
#include "backoffice/alerts/alerts.h"
#include "backoffice/backups/restores.h"
#include "backoffice/desk/calendar.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/payout_change.h"
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/device_parts.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/devices/fleet_changes.h"
#include "backoffice/devices/fleet_orders.h"
#include "backoffice/devices/groups.h"
#include "backoffice/devices/renewal.h"
#include "backoffice/devices/tree.h"
#include "backoffice/events/events.h"
#include "backoffice/goods/goods.h"
#include "backoffice/parameters/parameters.h"
#include "backoffice/updates/updates.h"
#include "registry/sheet.h"

#include <stdlib.h>

/* clang-format off */
static const char *const desk_migration[] = {
    "CREATE TABLE terminal(tid TEXT PRIMARY KEY, epoch INTEGER NOT NULL, policy INTEGER NOT NULL,"
    " version TEXT NOT NULL, first_login_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE device_event(tid TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL,"
    " operator TEXT NOT NULL, detail TEXT NOT NULL, taken_ms INTEGER NOT NULL,"
    " PRIMARY KEY(tid, number)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE notice(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, mid TEXT NOT NULL,"
    " tid TEXT NOT NULL, operator TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,"
    " alarm INTEGER NOT NULL, seen_by TEXT, seen_ms INTEGER) STRICT;"
    "CREATE INDEX notice_unseen ON notice(id) WHERE seen_ms IS NULL;"

    /* state: 1 open 2 recovered 3 given up 4 replaced */
    "CREATE TABLE recovery(id INTEGER PRIMARY KEY, tid TEXT NOT NULL, mid TEXT NOT NULL,"
    " operator TEXT NOT NULL, way INTEGER NOT NULL CHECK(way BETWEEN 1 AND 4),"
    " challenge BLOB NOT NULL, asked_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " contact INTEGER NOT NULL, state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 4),"
    " link BLOB UNIQUE, link_used_ms INTEGER) STRICT;"
    "CREATE INDEX recovery_device ON recovery(tid, operator, asked_ms);"
    "CREATE INDEX recovery_contact ON recovery(mid, contact, way, asked_ms);"
    "CREATE TRIGGER recovery_link_once BEFORE UPDATE OF link_used_ms ON recovery"
    " WHEN OLD.link_used_ms IS NOT NULL"
    " BEGIN SELECT RAISE(ABORT, 'the link has been used'); END;"
    "CREATE VIEW recovery_open AS SELECT mid, tid, operator, expires_ms AS until_ms FROM recovery"
    " WHERE state = 1;"

    "CREATE TABLE cooling(mid TEXT PRIMARY KEY, tid TEXT NOT NULL, operator TEXT NOT NULL,"
    " until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER cooling_stays BEFORE UPDATE ON cooling WHEN NEW.until_ms < OLD.until_ms"
    " BEGIN SELECT RAISE(ABORT, 'a cooling-off is never made shorter'); END;"
    "CREATE TABLE payout_change(mid TEXT PRIMARY KEY, asked_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;",

    /* origin: 1 terminal 2 call 3 chat; state: 1 open 2 approved 3 done 4 rejected 5 closed;
     * risk: 1 low 2 high; delivery: 0 none 1 queued 2 sent 3 acknowledged 4 read out 5 verified */
    "CREATE TABLE ticket(id INTEGER PRIMARY KEY, mid TEXT NOT NULL, tid TEXT NOT NULL,"
    " operator TEXT NOT NULL, origin INTEGER NOT NULL CHECK(origin BETWEEN 1 AND 3),"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 5), way INTEGER NOT NULL,"
    " challenge BLOB NOT NULL, challenge_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " risk INTEGER NOT NULL CHECK(risk IN (1, 2)), reasons INTEGER NOT NULL,"
    " delivery INTEGER NOT NULL CHECK(delivery BETWEEN 0 AND 5), opened_ms INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX ticket_device ON ticket(tid, operator, state);"
    "CREATE INDEX ticket_queue ON ticket(state, changed_ms);"
    "CREATE TABLE ticket_event(ticket INTEGER NOT NULL REFERENCES ticket(id),"
    " number INTEGER NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,"
    " detail TEXT NOT NULL, PRIMARY KEY(ticket, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE ticket_answer(ticket INTEGER NOT NULL REFERENCES ticket(id),"
    " question TEXT NOT NULL, tries INTEGER NOT NULL, correct INTEGER NOT NULL,"
    " PRIMARY KEY(ticket, question)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE ticket_approval(ticket INTEGER NOT NULL REFERENCES ticket(id),"
    " challenge BLOB NOT NULL, staff INTEGER NOT NULL, name TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, PRIMARY KEY(ticket, challenge, staff)) STRICT, WITHOUT ROWID;"

    "CREATE TRIGGER ticket_begins_open BEFORE INSERT ON ticket"
    " WHEN NEW.state <> 1 OR NEW.delivery <> 0"
    " BEGIN SELECT RAISE(ABORT, 'a ticket begins open'); END;"
    "CREATE TRIGGER ticket_staff BEFORE UPDATE ON ticket"
    " WHEN (NEW.state IN (2, 3) OR NEW.delivery <> 0) AND (SELECT count(DISTINCT staff)"
    "  FROM ticket_approval WHERE ticket = NEW.id AND challenge = NEW.challenge) < NEW.risk"
    " BEGIN SELECT RAISE(ABORT, 'not approved by as many different staff as its risk asks for');"
    " END;"
    "CREATE TRIGGER ticket_risk BEFORE UPDATE ON ticket WHEN NEW.risk < OLD.risk"
    " BEGIN SELECT RAISE(ABORT, 'a risk is never talked down'); END;"
    "CREATE TRIGGER ticket_is_whose_it_was BEFORE UPDATE ON ticket WHEN NEW.tid <> OLD.tid"
    " OR NEW.operator <> OLD.operator OR NEW.mid <> OLD.mid"
    " BEGIN SELECT RAISE(ABORT, 'a ticket stays with its device and operator'); END;"
    "CREATE TRIGGER ticket_over BEFORE UPDATE ON ticket WHEN OLD.state >= 3"
    " BEGIN SELECT RAISE(ABORT, 'the ticket is over'); END;"
    "CREATE TRIGGER ticket_stays BEFORE DELETE ON ticket"
    " BEGIN SELECT RAISE(ABORT, 'tickets are kept'); END;"
    "CREATE TRIGGER ticket_approval_stands BEFORE UPDATE ON ticket_approval"
    " BEGIN SELECT RAISE(ABORT, 'an approval stands'); END;"
    "CREATE TRIGGER ticket_approval_stays BEFORE DELETE ON ticket_approval"
    " BEGIN SELECT RAISE(ABORT, 'an approval stands'); END;"
    "CREATE TRIGGER ticket_event_stands BEFORE UPDATE ON ticket_event"
    " BEGIN SELECT RAISE(ABORT, 'what was done stands'); END;"
    "CREATE TRIGGER ticket_event_stays BEFORE DELETE ON ticket_event"
    " BEGIN SELECT RAISE(ABORT, 'what was done stands'); END;",

    /* state: 1 waits for the phone 2 waits for the terminal 3 paired 4 over */
    "CREATE TABLE pair(id INTEGER PRIMARY KEY, tid TEXT NOT NULL, mid TEXT NOT NULL,"
    " token BLOB NOT NULL UNIQUE, state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 4),"
    " label TEXT NOT NULL, phone BLOB UNIQUE, number INTEGER NOT NULL,"
    " begun_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX pair_device ON pair(tid, state);"
    "CREATE TABLE approval(id INTEGER PRIMARY KEY, tid TEXT NOT NULL, operator TEXT NOT NULL,"
    " challenge BLOB NOT NULL, asked_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " answered INTEGER NOT NULL DEFAULT 0, UNIQUE(tid, challenge)) STRICT;",

    "ALTER TABLE terminal ADD COLUMN certificate_end_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE expiry_told(kind TEXT NOT NULL, subject TEXT NOT NULL, end_ms INTEGER NOT NULL,"
    " days INTEGER NOT NULL, told_ms INTEGER NOT NULL, PRIMARY KEY(kind, subject, end_ms, days))"
    " STRICT, WITHOUT ROWID;",

    /* A console account whose owner has lost every factor: always two others, and both staff. */
    "ALTER TABLE ticket ADD COLUMN account INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX ticket_account ON ticket(account, state) WHERE account <> 0;"
    "CREATE TRIGGER ticket_account_two BEFORE INSERT ON ticket"
    " WHEN NEW.account <> 0 AND NEW.risk <> 2"
    " BEGIN SELECT RAISE(ABORT, 'a console account always asks for two'); END;"
    "CREATE TRIGGER ticket_account_stays BEFORE UPDATE ON ticket WHEN NEW.account <> OLD.account"
    " BEGIN SELECT RAISE(ABORT, 'a ticket stays with its account'); END;"
    "CREATE TRIGGER ticket_account_approval BEFORE INSERT ON ticket_approval"
    " WHEN (SELECT account FROM ticket WHERE id = NEW.ticket) <> 0 AND NOT EXISTS (SELECT 1"
    "  FROM account a WHERE a.id = NEW.staff AND a.kind = 1 AND a.status = 2"
    "  AND (a.roles & 3) <> 0 AND a.id <> (SELECT account FROM ticket WHERE id = NEW.ticket))"
    " BEGIN SELECT RAISE(ABORT, 'a console account is given back by other members of staff');"
    " END;",
    /* A payout account stands still while cooling says so, whoever writes (registry/payout.h). */
    "CREATE TRIGGER payout_cools BEFORE UPDATE ON payout_request WHEN NEW.state = 2"
    " AND (EXISTS(SELECT 1 FROM cooling WHERE mid = NEW.mid AND until_ms > NEW.settled_ms)"
    " OR EXISTS(SELECT 1 FROM recovery_open WHERE mid = NEW.mid AND until_ms > NEW.settled_ms))"
    " BEGIN SELECT RAISE(ABORT, 'a password was recovered: the payout account stands still'); END;"
    "CREATE TRIGGER cooling_is_kept BEFORE DELETE ON cooling"
    " BEGIN SELECT RAISE(ABORT, 'a cooling-off is never made shorter'); END;"
    "CREATE TRIGGER cooling_new BEFORE INSERT ON cooling WHEN EXISTS(SELECT 1 FROM cooling"
    " WHERE mid = NEW.mid AND until_ms > NEW.until_ms)"
    " BEGIN SELECT RAISE(IGNORE); END;"
    /* INSERT OR REPLACE takes a row away without asking the triggers of deletion. */
    "CREATE TRIGGER ticket_new BEFORE INSERT ON ticket"
    " WHEN EXISTS(SELECT 1 FROM ticket WHERE id = NEW.id)"
    " BEGIN SELECT RAISE(ABORT, 'the number is taken'); END;"
    "CREATE TRIGGER ticket_event_new BEFORE INSERT ON ticket_event"
    " WHEN EXISTS(SELECT 1 FROM ticket_event WHERE ticket = NEW.ticket AND number = NEW.number)"
    " BEGIN SELECT RAISE(ABORT, 'what was done stands'); END;",
    /* kind: of enum device_command; state: of enum command_state; link: of device_link_name() */
    "CREATE TABLE device_command(id INTEGER PRIMARY KEY AUTOINCREMENT, tid TEXT NOT NULL,"
    " kind INTEGER NOT NULL CHECK(kind BETWEEN 1 AND 4), text TEXT NOT NULL,"
    " actor TEXT NOT NULL, state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 4),"
    " asked_ms INTEGER NOT NULL, delivered_ms INTEGER, acknowledged_ms INTEGER,"
    " verified_ms INTEGER) STRICT;"
    "CREATE INDEX device_command_of ON device_command(tid, id);"
    "CREATE TRIGGER device_command_begins BEFORE INSERT ON device_command WHEN NEW.state <> 1"
    " BEGIN SELECT RAISE(ABORT, 'a command begins queued'); END;"
    "CREATE TRIGGER device_command_goes_on BEFORE UPDATE ON device_command"
    " WHEN NEW.state < OLD.state OR NEW.tid <> OLD.tid OR NEW.kind <> OLD.kind"
    " OR NEW.text <> OLD.text OR NEW.actor <> OLD.actor"
    " BEGIN SELECT RAISE(ABORT, 'a command is not changed, and does not go back'); END;"
    "CREATE TRIGGER device_command_stays BEFORE DELETE ON device_command"
    " BEGIN SELECT RAISE(ABORT, 'commands are kept'); END;"
    "CREATE TABLE device_place(id INTEGER PRIMARY KEY AUTOINCREMENT, tid TEXT NOT NULL,"
    " from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, link INTEGER NOT NULL,"
    " network TEXT NOT NULL, address TEXT NOT NULL, positioned INTEGER NOT NULL,"
    " latitude INTEGER NOT NULL, longitude INTEGER NOT NULL, accuracy INTEGER NOT NULL) STRICT;"
    "CREATE INDEX device_place_of ON device_place(tid, id);",

    "CREATE TABLE last_words(print BLOB PRIMARY KEY, tid TEXT NOT NULL, at_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;",

    /* state: 5 refused, and why. nonce and mac: of the hsm, empty until it has answered. */
    "CREATE TABLE device_order(id INTEGER PRIMARY KEY AUTOINCREMENT, tid TEXT NOT NULL,"
    " kind INTEGER NOT NULL CHECK(kind > 0), text TEXT NOT NULL,"
    " actor TEXT NOT NULL, state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 5),"
    " asked_ms INTEGER NOT NULL, delivered_ms INTEGER, acknowledged_ms INTEGER,"
    " verified_ms INTEGER, nonce BLOB NOT NULL DEFAULT x'', mac BLOB NOT NULL DEFAULT x'',"
    " reason TEXT NOT NULL DEFAULT '', fleet_order INTEGER NOT NULL DEFAULT 0) STRICT;"
    "INSERT INTO device_order(id, tid, kind, text, actor, state, asked_ms, delivered_ms,"
    " acknowledged_ms, verified_ms) SELECT id, tid, kind, text, actor, state, asked_ms,"
    " delivered_ms, acknowledged_ms, verified_ms FROM device_command;"
    "DROP TABLE device_command;"
    "ALTER TABLE device_order RENAME TO device_command;"
    "CREATE INDEX device_command_of ON device_command(tid, id);"
    "CREATE INDEX device_command_open ON device_command(tid, id) WHERE state < 4;"
    "CREATE UNIQUE INDEX device_command_once ON device_command(tid, fleet_order)"
    " WHERE fleet_order <> 0;"
    "CREATE TABLE fleet_order(id INTEGER PRIMARY KEY AUTOINCREMENT, asked_ms INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, text TEXT NOT NULL, actor TEXT NOT NULL, mid TEXT NOT NULL,"
    " model TEXT NOT NULL, outlet INTEGER NOT NULL, connected INTEGER NOT NULL DEFAULT 1,"
    " after TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER device_command_begins BEFORE INSERT ON device_command WHEN NEW.state <> 1"
    " BEGIN SELECT RAISE(ABORT, 'a command begins queued'); END;"
    "CREATE TRIGGER device_command_goes_on BEFORE UPDATE ON device_command"
    " WHEN NEW.state < OLD.state OR OLD.state >= 4 OR NEW.tid <> OLD.tid OR NEW.kind <> OLD.kind"
    " OR NEW.text <> OLD.text OR NEW.actor <> OLD.actor OR (OLD.mac <> x'' AND"
    " (NEW.mac <> OLD.mac OR NEW.nonce <> OLD.nonce))"
    " BEGIN SELECT RAISE(ABORT, 'a command is not changed, and does not go back'); END;"
    "CREATE TRIGGER device_command_stays BEFORE DELETE ON device_command"
    " BEGIN SELECT RAISE(ABORT, 'commands are kept'); END;"
    "CREATE TABLE device_part(tid TEXT NOT NULL, number INTEGER NOT NULL, part INTEGER NOT NULL,"
    " parts INTEGER NOT NULL, bytes BLOB NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(tid, number, part)) STRICT, WITHOUT ROWID;",

    "ALTER TABLE fleet_order ADD COLUMN grp INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE fleet_order ADD COLUMN region INTEGER NOT NULL DEFAULT 0;",
    /* how far a command for many is, without reading the commands */
    "CREATE INDEX device_command_many ON device_command(fleet_order, state) WHERE fleet_order <> 0;",
};
/* clang-format on */

const struct store_schema desk_schema = {"desk", desk_migration, ARRAY_LEN(desk_migration)};

void desk_proof_wipe(struct desk_proof *proof)
{
    explicit_bzero(proof, sizeof *proof);
}

err desk_audit(struct desk *desk, struct store_tx *tx, const char *actor, const char *event,
               const char *subject, const char *detail)
{
    return audit_append(tx, &(struct audit_entry){desk_now_ms(desk), bytes_text(actor),
                                                  bytes_text(event), bytes_text(subject),
                                                  bytes_text(detail)});
}

err desk_open(const struct desk_config *config, const struct desk_ports *ports,
              const struct desk_house *house, struct desk **ret_desk)
{
    ENSURE(config->devices_max >= 1 && config->devices_max <= DESK_DEVICES_MAX);
    ENSURE(ports->prove != NULL && ports->to_device != NULL && house->send != NULL);
    TRY(store_migrate(config->store, &audit_schema));
    TRY(store_migrate(config->store, &accounts_schema)); /* triggers of ours look at accounts */
    TRY(store_migrate(config->store, &payout_schema));
    TRY(store_migrate(config->store, &sheet_schema));
    TRY(store_migrate(config->store, &event_schema));
    TRY(store_migrate(config->store, &alert_schema)); /* what has ended is told there */
    TRY(store_migrate(config->store, &renewal_schema));
    TRY(store_migrate(config->store, &desk_schema));
    TRY(store_migrate(config->store, &fleet_schema));
    TRY(store_migrate(config->store, &updates_schema));
    TRY(store_migrate(config->store, &tree_schema));
    TRY(store_migrate(config->store, &groups_schema));
    TRY(store_migrate(config->store, &backups_schema));
    TRY(store_migrate(config->store, &restores_schema));
    TRY(store_migrate(config->store, &parameters_schema));
    TRY(store_migrate(config->store, &goods_schema));
    struct desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) return ERR(NO_MEMORY);
    *desk = (struct desk){.config = *config, .ports = *ports, .house = *house, .orders_wait = true};
    desk->goods = calloc(1, sizeof *desk->goods);
    err e = desk->goods == NULL ? ERR(NO_MEMORY) : OK;
    if (!FAILED(e)) e = connected_open(&desk->connected, config->devices_max);
    if (!FAILED(e)) e = fleet_open(config->store, config->registry, &desk->fleet);
    if (!FAILED(e)) fleet_changes_begin(fleet_changes_of(desk->fleet), desk_now_ms(desk));
    if (FAILED(e)) desk_close(desk);
    else *ret_desk = desk;
    return e;
}

void desk_close(struct desk *desk)
{
    if (desk == NULL) return;
    fleet_close(desk->fleet);
    groups_close(desk);
    connected_close(&desk->connected);
    free(desk->goods);
    explicit_bzero(desk, sizeof *desk);
    free(desk);
}

/* ---- groups ---- */

/* A question to the hsm may be waited for inside of a group (50 us, or DESK_HSM_MS when it is
 * away): nobody else writes this file, so nobody waits behind it. */
void desk_group_enter(struct desk *desk)
{
    if (desk->config.grouped) store_group_enter(desk->config.store);
}

err desk_group_leave(struct desk *desk, err done)
{
    if (desk->config.grouped) store_group_leave(desk->config.store);
    return done;
}

err desk_settle(struct desk *desk)
{
    desk_group_enter(desk);
    TRY(desk_group_leave(desk, command_flush(desk)));
    return store_group_commit(desk->config.store);
}

err desk_flush(struct desk *desk)
{
    desk_group_enter(desk);
    TRY(desk_group_leave(desk, fleet_orders_step(desk)));
    TRY(devices_policies_on(desk));
    TRY(fleet_go_on(desk->fleet));
    return desk_settle(desk);
}

bool desk_busy(const struct desk *desk)
{
    return desk->orders_wait || parameters_busy(desk) || desk->policies_wait ||
           fleet_reads(desk->fleet);
}

/* Approvals that nobody has given, and pairs that nobody has finished, are forgotten after a day.
 */
err desk_tick(struct desk *desk)
{
    static const char *const forget[] = {
        "DELETE FROM approval WHERE expires_ms < ?",
        "DELETE FROM pair WHERE state IN (1, 2) AND expires_ms < ?",
    };
    bool changed = false;
    int64_t before_ms = desk_now_ms(desk) - DAY_MS;
    TRY(calendar_check(desk));
    TRY(payout_change_sweep(desk));
    TRY(registry_changed(desk->config.registry, &changed));
    if (changed) TRY(devices_tell_policies(desk));
    if (changed) fleet_stale(desk->fleet);
    TRY(fleet_tick(desk->fleet, desk_now_ms(desk)));
    desk_group_enter(desk);
    TRY(desk_group_leave(desk, updates_tick(desk)));
    TRY(parameters_judge(desk));
    int64_t hour = desk_now_ms(desk) / HOUR_MS;
    if (hour != desk->swept_hour) TRY(part_sweep(desk));
    if (hour != desk->swept_hour) TRY(backups_sweep(desk));
    if (hour != desk->swept_hour) TRY(restores_sweep(desk));
    desk->swept_hour = hour;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    for (size_t i = 0; i < ARRAY_LEN(forget); i++) {
        struct store_statement *run;
        TRY(store_statement(desk->config.store, forget[i], &run));
        store_bind_int(run, before_ms);
        TRY(store_run(run));
    }
    return store_commit(&tx);
}
