/* SPDX-License-Identifier: Apache-2.0 */
/* Who is connected, and what each question of a terminal does. */
#include "backoffice/devices/devices.h"

#include <stdio.h>

#include "backoffice/backups/restores.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/pairs.h"
#include "backoffice/desk/recovery.h"
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/device_events.h"
#include "backoffice/devices/device_house.h"
#include "backoffice/devices/device_parts.h"
#include "backoffice/devices/device_places.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/devices/last_words.h"
#include "backoffice/devices/renewal.h"
#include "backoffice/goods/goods.h"
#include "backoffice/updates/updates.h"
#include "lib/base/reader.h"
#include "registry/policy.h"
#include "registry/replacement.h"

enum { REFUSED_A_MINUTE = 10, POLICIES_SLICE = 128 };

/* ---- who is connected ---- */

uint32_t desk_session_of(const struct desk *desk, const char *tid)
{
    const struct desk_device *device = connected_tid(&desk->connected, tid);
    return device != NULL && device->greeted ? device->session : 0;
}

void desk_tell(struct desk *desk, uint32_t session, const struct device_message *message)
{
    if (session == 0) return;
    struct writer w = writer_over(desk->out, sizeof desk->out);
    device_write_tell(&w, message);
    ENSURE(w.fault == ERR_OK);
    desk->ports.to_device(desk->ports.context, session, writer_view(&w));
    explicit_bzero(desk->out, w.len); /* it may have been a grant */
}

/* An audit record of its own: nothing else changes. */
static err note(struct desk *desk, const char *event, struct bytes subject, const char *detail)
{
    return audit_note(desk->config.store,
                      &(struct audit_entry){desk_now_ms(desk), BYTES("device channel"),
                                            bytes_text(event), subject, bytes_text(detail)});
}

static err refuse(struct desk *desk, uint32_t session, const char *why, struct bytes name)
{
    log_event(desk->config.log, LOG_WARN, "device_refused", LOG_BYTES("name", name),
              LOG_TEXT("why", why));
    desk->ports.close_device(desk->ports.context, session);
    return note(desk, "device_refused", name, why);
}

err devices_peer_refused(struct desk *desk, struct bytes address, const char *why)
{
    int64_t minute = desk_now_ms(desk) / MINUTE_MS;
    if (minute != desk->refused_minute) desk->refused = 0;
    desk->refused_minute = minute;
    if (++desk->refused > REFUSED_A_MINUTE) return OK;
    log_event(desk->config.log, LOG_WARN, "device_peer_refused", LOG_BYTES("address", address),
              LOG_TEXT("why", why));
    return note(desk, "device_peer_refused", address, why);
}

static err opened(struct desk *desk, uint32_t session, struct bytes name, int64_t end_ms)
{
    struct registry_terminal terminal;
    ENSURE(session != 0 && connected_session(&desk->connected, session) == NULL);
    err found = registry_find_terminal(desk->config.registry, name, &terminal);
    if (found.code == ERR_NOT_FOUND) return refuse(desk, session, "not registered", name);
    TRY(found);
    if (terminal.status == REGISTRY_CLOSED) return refuse(desk, session, "closed", name);
    struct desk_device *device = connected_tid(&desk->connected, terminal.tid);
    if (device != NULL) {
        desk->ports.close_device(desk->ports.context, device->session);
        connected_leave(&desk->connected, device);
    }
    device = connected_take(&desk->connected, session, terminal.tid);
    if (device == NULL) return refuse(desk, session, "full", name);
    device->minute = desk_now_ms(desk) / MINUTE_MS;
    device->certificate_end_ms = end_ms;
    return OK;
}

err devices_opened(struct desk *desk, uint32_t session, struct bytes name, int64_t end_ms)
{
    desk_group_enter(desk);
    return desk_group_leave(desk, opened(desk, session, name, end_ms));
}

err devices_opened_by(struct desk *desk, uint32_t session, struct bytes name, int64_t end_ms,
                      const uint8_t print[32])
{
    bool replaced = false;
    TRY(registry_was_replaced(desk->config.registry, print, &replaced));
    if (replaced) return refuse(desk, session, "replaced", name);
    return devices_opened(desk, session, name, end_ms);
}

err devices_replaced(struct desk *desk, struct store_tx *tx, const char *tid)
{
    static const char *const forgets[] = {
        "DELETE FROM terminal WHERE tid = ?1",
        "UPDATE pair SET state = 4 WHERE tid = ?1 AND state < 4",
        /* Below every number that there is: none of them comes twice. */
        "UPDATE device_event SET number = (SELECT min(min(number), 0) FROM device_event WHERE tid ="
        " ?1) - number WHERE tid = ?1 AND number > 0",
    };
    ENSURE(store_in_tx(tx->store));
    for (size_t i = 0; i < ARRAY_LEN(forgets); i++) {
        struct store_statement *s;
        TRY(store_statement(tx->store, forgets[i], &s));
        store_bind_text(s, bytes_text(tid));
        TRY(store_run(s));
    }
    TRY(backups_replaced(tx, tid));
    struct desk_device *device = connected_tid(&desk->connected, tid);
    if (device == NULL) return OK;
    desk->ports.close_device(desk->ports.context, device->session);
    connected_leave(&desk->connected, device);
    fleet_left(desk->fleet, tid, desk_now_ms(desk));
    return OK;
}

void devices_from(struct desk *desk, uint32_t session, struct bytes address)
{
    struct desk_device *device = connected_session(&desk->connected, session);
    if (device == NULL) return; /* refused */
    const uint8_t *colon = memrchr(address.at, ':', address.len);
    if (colon != NULL) address.len = (size_t)(colon - address.at);
    if (FAILED(bytes_to_text(address, device->address, sizeof device->address)))
        device->address[0] = '\0'; /* longer than any: better none than half of one */
}

static err closed(struct desk *desk, uint32_t session)
{
    struct desk_device *device = connected_session(&desk->connected, session);
    if (device == NULL) return OK; /* refused, or taken over by a newer connection */
    struct desk_device gone = *device;
    connected_leave(&desk->connected, device);
    if (gone.greeted) fleet_left(desk->fleet, gone.tid, desk_now_ms(desk));
    desk_changed(desk, DESK_DEVICES);
    return gone.greeted ? place_touch(desk, gone.tid) : OK;
}

err devices_closed(struct desk *desk, uint32_t session)
{
    desk_group_enter(desk);
    return desk_group_leave(desk, closed(desk, session));
}

/* ---- questions ---- */

/* A question, and the answer that is being made for it. */
struct asked {
    struct desk *desk;
    struct desk_device *device;
    struct registry_terminal terminal;
    struct device_message question, answer;
    struct registry_policy policy; /* that the answer's view is of */
    const char *refused;           /* not NULL: the answer is the last that it hears */
    uint8_t certificate[DEVICE_CERTIFICATE_MAX]; /* that the answer's view is of */
    uint8_t room[BACKUPS_ROOM];                  /* likewise */
};

static struct desk_challenge challenge_of(const struct asked *a)
{
    const struct device_message *q = &a->question;
    struct desk_challenge challenge = {.way = (enum recovery_way)q->way};
    ENSURE(q->challenge_len <= sizeof challenge.at);
    challenge.len = (uint8_t)q->challenge_len;
    memcpy(challenge.at, q->challenge, q->challenge_len);
    memcpy(challenge.operator_id, q->operator_id, sizeof challenge.operator_id);
    memcpy(challenge.tid, a->device->tid, sizeof challenge.tid);
    return challenge;
}

static struct bytes token_of(const struct asked *a)
{
    return bytes_of(a->question.challenge, a->question.challenge_len);
}

/* ---- what is done ---- */

/*
 * The anti-rollback counter. A terminal that comes with a lower one than it had has an old copy of
 * its vault; it learns that from our MACed answer, and its vault locks (contract of ANCHOR).
 * Without the hsm nothing is compared: the next connection does.
 */
static err exchange_anchor(struct asked *a, int64_t *epoch)
{
    struct desk *desk = a->desk;
    struct reader r = reader_over(BYTES_OF(a->question.anchor));
    struct desk_anchor said = {.epoch = read_be(&r, 8)}, own;
    memcpy(said.mac, r.left.at, sizeof said.mac);
    if (said.epoch <= INT64_MAX && said.epoch > 0) {
        err checked = desk->ports.anchor_check(desk->ports.context, a->device->tid, &said);
        if (checked.code == ERR_MAC)
            return note(desk, "anchor_mac_failed", bytes_text(a->device->tid), "");
        if (FAILED(checked)) return OK;
        if ((int64_t)said.epoch < *epoch)
            TRY(note(desk, "rollback", bytes_text(a->device->tid), "an older vault has come"));
        else *epoch = (int64_t)said.epoch;
    }
    if (*epoch == 0) return OK;
    own.epoch = (uint64_t)*epoch;
    err made = desk->ports.anchor_make(desk->ports.context, a->device->tid, &own);
    if (FAILED(made)) return OK;
    struct writer w = writer_over(a->answer.anchor, sizeof a->answer.anchor);
    write_be(&w, own.epoch, 8);
    write_bytes(&w, BYTES_OF(own.mac));
    a->answer.has |= DEVICE_HAS_ANCHOR;
    return OK;
}

static err read_epoch(struct desk *desk, const char *tid, int64_t *ret_epoch)
{
    struct store_statement *query;
    bool row = false;
    *ret_epoch = 0;
    TRY(store_statement(desk->config.store, "SELECT epoch FROM terminal WHERE tid = ?", &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_epoch = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err write_device(struct asked *a, int64_t epoch)
{
    struct store_statement *put;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(a->desk->config.store, &tx));
    TRY(store_statement(
        a->desk->config.store,
        "INSERT INTO terminal(tid, epoch, policy, version, first_login_ms, seen_ms,"
        " certificate_end_ms) VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(tid) DO UPDATE SET epoch ="
        " max(epoch, excluded.epoch), policy = excluded.policy, version ="
        " excluded.version, first_login_ms = CASE WHEN first_login_ms = 0 THEN"
        " excluded.first_login_ms ELSE first_login_ms END, seen_ms ="
        " excluded.seen_ms, certificate_end_ms = excluded.certificate_end_ms",
        &put));
    store_bind_text(put, bytes_text(a->device->tid));
    store_bind_int(put, epoch);
    store_bind_int(put, a->question.policy_version);
    store_bind_text(put, bytes_text(a->question.version));
    store_bind_int(put, a->question.first_login_ms);
    store_bind_int(put, desk_now_ms(a->desk));
    store_bind_int(put, a->device->certificate_end_ms);
    TRY(store_run(put));
    return store_commit(&tx);
}

/* The published policy of its model when that is newer; version 0 otherwise. */
static err newer_policy(struct desk *desk, const char *model, uint32_t than,
                        struct registry_policy *policy)
{
    err found = registry_find_policy(desk->config.registry, bytes_text(model), policy);
    if (found.code == ERR_NOT_FOUND || (!FAILED(found) && policy->version <= than))
        policy->version = 0;
    return found.code == ERR_NOT_FOUND ? OK : found;
}

static err add_policy(struct asked *a)
{
    a->device->policy = (uint32_t)a->question.policy_version;
    TRY(newer_policy(a->desk, a->terminal.model, a->device->policy, &a->policy));
    if (a->policy.version == 0) return OK;
    a->device->policy = a->policy.version;
    a->answer.policy = bytes_of(a->policy.document, a->policy.document_len);
    a->answer.has |= DEVICE_HAS_POLICY;
    return OK;
}

static err act_hello(struct asked *a)
{
    int64_t epoch = 0;
    if (strcmp(a->question.serial, a->terminal.serial) != 0 ||
        strcmp(a->question.model, a->terminal.model) != 0) {
        a->answer.status = DEVICE_REFUSED;
        a->refused = "another device";
        return OK;
    }
    TRY(read_epoch(a->desk, a->device->tid, &epoch));
    TRY(exchange_anchor(a, &epoch));
    TRY(write_device(a, epoch));
    TRY(add_policy(a));
    a->device->greeted = true;
    TRY(fleet_came(a->desk->fleet, &a->terminal, a->question.version, desk_now_ms(a->desk)));
    desk_changed(a->desk, DESK_DEVICES);
    return OK;
}

static err act_recover(struct asked *a)
{
    static const enum device_status statuses[] = {[RECOVERY_SENT] = DEVICE_SENT,
                                                  [RECOVERY_TICKET] = DEVICE_TICKET,
                                                  [RECOVERY_LIMIT] = DEVICE_LIMIT,
                                                  [RECOVERY_NO_CONTACT] = DEVICE_NO_CONTACT,
                                                  [RECOVERY_REFUSED] = DEVICE_REFUSED};
    struct recovery_answer answer = {.verdict = RECOVERY_REFUSED};
    struct desk_challenge challenge = challenge_of(a);
    struct device_message *out = &a->answer;
    if (a->terminal.status == REGISTRY_ACTIVE)
        TRY(recovery_ask(a->desk, &a->terminal, &challenge, &answer));
    out->status = statuses[answer.verdict];
    if (answer.verdict == RECOVERY_SENT) {
        TRY(bytes_to_text(bytes_text(answer.contact), out->contact, sizeof out->contact));
        out->has |= DEVICE_HAS_CONTACT;
    }
    if (answer.verdict == RECOVERY_TICKET) {
        snprintf(out->ticket, sizeof out->ticket, "R-%06lld", (long long)answer.ticket);
        out->has |= DEVICE_HAS_TICKET;
    }
    out->seconds = answer.seconds;
    if (answer.seconds > 0) out->has |= DEVICE_HAS_SECONDS;
    return OK;
}

static err act_recover_end(struct asked *a)
{
    return recovery_end(a->desk, a->device->tid, a->question.operator_id);
}

static err act_event(struct asked *a)
{
    const struct device_message *q = &a->question;
    struct device_event event = {.number = q->number, .at_ms = q->at_ms};
    TRY(bytes_to_text(bytes_text(q->kind), event.kind, sizeof event.kind));
    TRY(bytes_to_text(bytes_text(q->detail), event.detail, sizeof event.detail));
    memcpy(event.operator_id, q->operator_id, sizeof event.operator_id);
    return device_event_take(a->desk, &a->terminal, &event);
}

static err act_pair(struct asked *a)
{
    TRY(pair_begin(a->desk, &a->terminal, token_of(a), a->answer.url));
    a->answer.has |= DEVICE_HAS_URL;
    return OK;
}

static err act_pair_end(struct asked *a)
{
    if (!(a->question.has & DEVICE_HAS_TOKEN)) return OK; /* given up before there was one */
    return pair_end(a->desk, a->device->tid, token_of(a), a->question.pair);
}

static err act_approve(struct asked *a)
{
    unsigned phones = 0;
    TRY(approval_ask(a->desk, a->device->tid, a->question.operator_id, token_of(a), &phones));
    a->answer.status = phones > 0 ? DEVICE_ASKED : DEVICE_NO_CONTACT;
    a->answer.seconds = PAIR_APPROVAL_MS / 1000;
    if (phones > 0) a->answer.has |= DEVICE_HAS_SECONDS;
    return OK;
}

static err act_place(struct asked *a)
{
    return place_take(a->desk, a->device->tid, a->device->address, &a->question);
}

static err act_done(struct asked *a)
{
    return command_progress(a->desk, a->device->tid, a->question.number,
                            (enum device_progress)a->question.progress, a->question.reason);
}

static err act_state(struct asked *a)
{
    fleet_take(a->desk->fleet, a->device->tid, &a->question, desk_now_ms(a->desk));
    desk_changed(a->desk, DESK_DEVICES);
    return parameters_in_force(a->desk, a->device->tid, a->question.parameters);
}

static err act_part(struct asked *a)
{
    bool taken = false;
    TRY(part_take(a->desk, a->device->tid, &a->question, &taken));
    if (!taken) a->answer.status = DEVICE_REFUSED;
    return OK;
}

/* Over a connection in its own name, or in another's: what counts is who signed them. */
static err act_last_words(struct asked *a)
{
    bool believed = false;
    TRY(last_words_take(a->desk, &a->question, &believed));
    if (!believed) a->answer.status = DEVICE_REFUSED;
    return OK;
}

/* It has a certificate: it was activated. */
static err act_activate(struct asked *a)
{
    a->answer.status = DEVICE_REFUSED;
    a->answer.has |= DEVICE_HAS_REASON;
    return bytes_to_text(BYTES("active"), a->answer.reason, sizeof a->answer.reason);
}

static err act_renew(struct asked *a)
{
    if (strcmp(a->question.terminal, a->device->tid) != 0) {
        a->answer.status = DEVICE_REFUSED;
        return OK;
    }
    return renewal_take(a->desk, &a->question, false, a->certificate, &a->answer);
}

static err act_installed(struct asked *a)
{
    return updates_installed(a->desk, a->device->tid, &a->question);
}

/* It deals with files, too: what it commits must be durable when it says so. */
static err act_backup(struct asked *a)
{
    bool restore = a->question.ask == DEVICE_RESTORE_ASK;
    TRY(desk_group_leave(a->desk, OK));
    err done = (restore ? restores_asked : backups_asked)(a->desk, &a->terminal, &a->question,
                                                          &a->answer, a->room);
    desk_group_enter(a->desk);
    return done;
}

static err act_goods(struct asked *a)
{
    return goods_asked(a->desk, a->terminal.mid, &a->question, &a->answer, a->room);
}

static err act_applied(struct asked *a)
{
    return parameters_applied(a->desk, a->device->tid, &a->question);
}

/* What each question does; an err is the store's. Its answer is "ok" unless it says another. */
static err (*const acts[DEVICE_ASKS])(struct asked *asked) = {
    [DEVICE_HELLO] = act_hello,
    [DEVICE_RECOVER] = act_recover,
    [DEVICE_RECOVER_END] = act_recover_end,
    [DEVICE_EVENT] = act_event,
    [DEVICE_PAIR] = act_pair,
    [DEVICE_PAIR_END] = act_pair_end,
    [DEVICE_APPROVE] = act_approve,
    [DEVICE_PLACE] = act_place,
    [DEVICE_DONE] = act_done,
    [DEVICE_LAST_WORDS] = act_last_words,
    [DEVICE_STATE] = act_state,
    [DEVICE_PART] = act_part,
    [DEVICE_ACTIVATE] = act_activate,
    [DEVICE_RENEW] = act_renew,
    [DEVICE_INSTALLED] = act_installed,
    [DEVICE_BACKUP] = act_backup,
    [DEVICE_BACKUP_PART] = act_backup,
    [DEVICE_BACKUP_FIND] = act_backup,
    [DEVICE_BACKUP_FETCH] = act_backup,
    [DEVICE_APPLIED] = act_applied,
    [DEVICE_RESTORE_ASK] = act_backup,
    [DEVICE_GOODS_FETCH] = act_goods,
};

/* ---- frames ---- */

static bool floods(struct desk *desk, struct desk_device *device)
{
    int64_t minute = desk_now_ms(desk) / MINUTE_MS;
    if (minute != device->minute) device->frames = device->fetched = 0;
    device->minute = minute;
    return ++device->frames > DEVICE_FRAMES_A_MINUTE;
}

/* Somebody waits for a backup or a price list: their pieces have a limit of their own. */
static bool fetches_too_much(struct desk_device *device, const struct device_message *question)
{
    if (question->ask != DEVICE_BACKUP_FETCH && question->ask != DEVICE_GOODS_FETCH) return false;
    device->frames--;
    return ++device->fetched > DEVICE_FETCHES_A_MINUTE;
}

/* What thousands say by the second is taken without a look into the registry. */
static bool looks_it_up(enum device_ask ask)
{
    return ask != DEVICE_STATE && ask != DEVICE_PLACE && ask != DEVICE_DONE;
}

static err answer(struct desk *desk, struct asked *a)
{
    struct desk_device *device = a->device;
    uint8_t block[DESK_FRAME_MAX]; /* desk->out may carry a tell meanwhile */
    struct writer w = writer_over(block, sizeof block);
    struct bytes tid = bytes_text(device->tid);
    uint32_t session = device->session;
    a->answer = (struct device_message){.ask = a->question.ask, .id = a->question.id};
    if (looks_it_up(a->question.ask))
        TRY(registry_find_terminal(desk->config.registry, tid, &a->terminal));
    TRY(acts[a->question.ask](a));
    device_write_answer(&w, &a->answer);
    ENSURE(w.fault == ERR_OK);
    desk->ports.to_device(desk->ports.context, session, writer_view(&w));
    if (a->refused != NULL) return refuse(desk, session, a->refused, tid);
    bool hello = a->question.ask == DEVICE_HELLO;
    if (hello) TRY(command_deliver(desk, device->tid));
    if (hello) TRY(updates_hello(desk, device->tid));
    if (hello) TRY(parameters_hello(desk, device->tid));
    if (hello) device_house_hello(desk, device->tid);
    return hello || a->question.way == RECOVERY_SERVICE ? ticket_deliver(desk, device->tid) : OK;
}

static err on_frame(struct desk *desk, uint32_t session, struct bytes frame)
{
    struct desk_device *device = connected_session(&desk->connected, session);
    if (device == NULL) return OK; /* it is being closed */
    struct bytes tid = bytes_text(device->tid);
    fleet_heard(desk->fleet, device->tid, desk_now_ms(desk));
    if (floods(desk, device)) return refuse(desk, session, "too many questions", tid);
    CLEANUP(json_free) struct json_document document = {0};
    struct asked asked = {.desk = desk, .device = device};
    enum device_verdict verdict =
        device_read_ask(frame, device->greeted, &document, &asked.question);
    if (verdict != DEVICE_UNDERSTOOD)
        return refuse(desk, session, device_verdict_text(verdict), tid);
    if (fetches_too_much(device, &asked.question))
        return refuse(desk, session, "too many questions", tid);
    return answer(desk, &asked);
}

err devices_on_frame(struct desk *desk, uint32_t session, struct bytes frame)
{
    desk_group_enter(desk);
    return desk_group_leave(desk, on_frame(desk, session, frame));
}

/* ---- policies ---- */

static err tell_policy(struct desk *desk, struct desk_device *device)
{
    struct registry_terminal terminal;
    struct registry_policy policy;
    TRY(registry_find_terminal(desk->config.registry, bytes_text(device->tid), &terminal));
    TRY(newer_policy(desk, terminal.model, device->policy, &policy));
    if (policy.version == 0) return OK;
    device->policy = policy.version;
    const struct device_message message = {
        .tell = DEVICE_POLICY_TOLD, .policy = bytes_of(policy.document, policy.document_len)};
    desk_tell(desk, device->session, &message);
    return OK;
}

err devices_tell_policies(struct desk *desk)
{
    desk->policies_wait = true;
    desk->policies_at = 0;
    return devices_policies_on(desk);
}

err devices_policies_on(struct desk *desk)
{
    struct connected *c = &desk->connected;
    if (!desk->policies_wait) return OK;
    uint32_t end =
        c->used - desk->policies_at > POLICIES_SLICE ? desk->policies_at + POLICIES_SLICE : c->used;
    for (; desk->policies_at < end; desk->policies_at++) {
        struct desk_device *device = &c->device[desk->policies_at];
        if (device->session != 0 && device->greeted) TRY(tell_policy(desk, device));
    }
    desk->policies_wait = desk->policies_at < c->used;
    return OK;
}

err device_facts_of(struct desk *desk, const char *tid, struct device_facts *ret_facts)
{
    struct store_statement *query;
    struct device_facts facts = {.connected = desk_session_of(desk, tid) != 0};
    TRY(store_statement(desk->config.store,
                        "SELECT policy, first_login_ms, seen_ms, version FROM terminal"
                        " WHERE tid = ?",
                        &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &facts.known));
    if (facts.known) {
        facts.policy = store_read_int(query);
        facts.first_login_ms = store_read_int(query);
        facts.seen_ms = store_read_int(query);
        store_read_text_into(query, facts.version, sizeof facts.version);
        err read = store_read_finish(query);
        store_reset(query);
        if (FAILED(read)) return read;
    }
    *ret_facts = facts;
    return OK;
}
