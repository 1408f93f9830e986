/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys shared with a network, and their change (S120). Two people have had a new set made
 * (registry/rotation.h); from then on
 *
 *   told       0800 with 70 = 161, under the old set, every ten seconds until it is answered
 *   switched   an 0810 whose MAC is right under the new set: what begins now is under the new one;
 *              on disk, with an audit record, before a byte of that leaves
 *   side by side  what has begun under the old set ends under it, whichever message it is at
 *   ended      the overlap is over and nothing of the old set is under way: it is wiped, and an
 *              audit record says so; `tongbao admin zone-keys finish` takes it out of the registry
 *
 * A restart goes on from what is on disk. The zone of wallets does not change: the codes that stand
 * in shops are signed with it.
 */
#include <stdio.h>

#include "acquirer/control.h"
#include "acquirer/zone.h"
#include "journal/zone_use.h"
#include "registry/rotation.h"

static enum registry_zone zone_of_route(enum payment_route route)
{
    return route == PAYMENT_ROUTE_CARD_NETWORK ? REGISTRY_CARD_NETWORK : REGISTRY_WALLET;
}

static struct zone_set *other_set(struct route *r)
{
    return &r->set[1 - r->use];
}

/* ---- what there is ---- */

static err take_set(struct zone_set *set, int64_t number, const char *pin, const char *mac,
                    const char *data)
{
    struct zone_set taken = {.number = number};
    TRY(key_copy(&taken.pin, bytes_text(pin)));
    TRY(key_copy(&taken.mac, bytes_text(mac)));
    TRY(key_copy(&taken.data, bytes_text(data)));
    if (taken.mac.len == 0) return ERR(CONFIG);
    *set = taken;
    return OK;
}

/* The set that is to come, beside the one in use. */
static err take_rotation(struct route *r, const struct registry_rotation *rotation)
{
    if (rotation->told_len > sizeof r->told) return ERR(CORRUPT);
    TRY(take_set(other_set(r), rotation->number, rotation->pin_block, rotation->mac_block,
                 rotation->data_block));
    memcpy(r->told, rotation->told, rotation->told_len);
    r->told_len = rotation->told_len;
    r->overlap_ms = rotation->overlap_ms;
    r->told_ms = 0;
    return OK;
}

/* One that is approved; number 0: there is none. */
static err find_rotation(struct acquirer *a, enum registry_zone zone,
                         struct registry_rotation *ret_rotation)
{
    err found = registry_find_rotation(a->registry, zone, ret_rotation);
    bool none =
        found.code == ERR_NOT_FOUND || (!FAILED(found) && ret_rotation->approved_by[0] == '\0');
    if (none) ret_rotation->number = 0;
    return none ? OK : found;
}

static void end_old(struct route *r)
{
    explicit_bzero(other_set(r), sizeof(struct zone_set));
}

/* The network has it: from now on, or since before this start. */
static void switch_over(struct route *r, int64_t at_ms)
{
    r->use = (uint8_t)(1 - r->use);
    r->switched_ms = at_ms;
    r->told_len = 0;
}

err zone_load(struct acquirer *a, enum payment_route route)
{
    struct registry_zone_keys keys;
    int64_t number, since_ms;
    struct route *r = &a->route[route];
    enum registry_zone zone = zone_of_route(route);
    TRY(registry_find_zone_keys(a->registry, zone, &keys));
    TRY(registry_zone_age(a->registry, zone, &number, &since_ms));
    TRY(take_set(&r->set[0], number, keys.pin_block, keys.mac_block, keys.data_block));
    TRY(key_copy(&r->token, bytes_text(keys.token_block)));
    return r->token.len == 0 ? ERR(CONFIG) : OK;
}

err zone_resume(struct acquirer *a)
{
    struct registry_rotation rotation = {.number = 0};
    struct journal_zone_use state;
    struct route *r = &a->route[PAYMENT_ROUTE_CARD_NETWORK];
    enum registry_zone zone = REGISTRY_CARD_NETWORK;
    TRY(find_rotation(a, zone, &rotation));
    TRY(journal_zone_use_find(a->store, zone, &state));
    if (rotation.number == 0) return OK;
    TRY(take_rotation(r, &rotation));
    if (state.number != rotation.number) return OK;
    switch_over(r, state.switched_ms);
    if (state.ended) end_old(r);
    return OK;
}

void zone_watch(struct acquirer *a)
{
    struct registry_rotation rotation = {.number = 0};
    struct route *r = &a->route[PAYMENT_ROUTE_CARD_NETWORK];
    err found = find_rotation(a, REGISTRY_CARD_NETWORK, &rotation);
    bool new =
        !FAILED(found) && rotation.number > r->set[r->use].number &&other_set(r)->number == 0;
    if (new) found = take_rotation(r, &rotation);
    if (FAILED(found))
        log_event(a->config.log, LOG_ERROR, "zone_keys_unread", LOG_ERR(found),
                  LOG_TEXT("cause", registry_error_text(a->registry)));
    else if (new)
        log_event(a->config.log, LOG_INFO, "zone_keys_found", LOG_INT("set", rotation.number));
}

/* ---- telling ---- */

static bool is_to_come(struct route *r)
{
    return r->told_len > 0 && other_set(r)->number > r->set[r->use].number;
}

static err tell(struct acquirer *a, enum payment_route route, int64_t now_ms)
{
    char text[PAYMENT_KEY_CHANGE_TEXT];
    struct route *r = &a->route[route];
    struct writer w = writer_over(text, sizeof text);
    write_hex(&w, bytes_of(r->told, r->told_len));
    r->told_ms = now_ms;
    return route_manage(a, route, PAYMENT_KEY_CHANGE_CODE, writer_view(&w));
}

err zone_answered(struct acquirer *a, enum payment_route route,
                  const struct iso8583_message *message, struct bytes raw)
{
    struct route *r = &a->route[route];
    if (!bytes_equal(iso8583_get(message, 70), BYTES(PAYMENT_KEY_CHANGE_CODE)) || !is_to_come(r))
        return OK; /* an echo, or one that came twice */
    if (!bytes_equal(iso8583_get(message, 39), BYTES("00"))) {
        log_event(a->config.log, LOG_ERROR, "zone_keys_refused",
                  LOG_BYTES("code", iso8583_get(message, 39)));
        return OK;
    }
    bool sealed = message->mac_input > 0 && iso8583_has(message, 128);
    struct task *task = a->hsm_up && sealed ? task_new(a, TASK_MANAGING, 0) : NULL;
    if (task == NULL) return OK; /* it is told again */
    task->payment.route = route;
    task->zone_set = (uint8_t)(1 - r->use);
    return hsm_mac_check(a, task, FOR_ZONE_CHECK, HSM_SUITE_TONGBAO, &zone_of(a, task)->mac,
                         bytes_of(raw.at, message->mac_input), iso8583_get(message, 128));
}

/* ---- switching ---- */

static err note(struct acquirer *a, const char *event, int64_t number)
{
    char detail[32];
    snprintf(detail, sizeof detail, "set %lld", (long long)number);
    log_event(a->config.log, LOG_INFO, event, LOG_INT("set", number));
    return control_audit(a, BYTES("acquirer"), event, "card_network", detail);
}

err zone_checked(struct acquirer *a, struct task *task, enum hsm_status status)
{
    ENSURE(task->phase == TASK_MANAGING);
    enum payment_route route = task->payment.route;
    struct route *r = &a->route[route];
    bool asked = is_to_come(r) && task->zone_set != r->use;
    task_free(a, task);
    if (!asked) return OK;
    if (status != HSM_OK) {
        watch_note(a, WATCH_NETWORK_MAC, BYTES("zone keys"),
                   "the network's answer is not under the new keys");
        return OK;
    }
    const struct journal_zone_use state = {zone_of_route(route), other_set(r)->number,
                                           host_now_ms(a), false};
    TRY(group_tx(a));
    TRY(journal_zone_use_put(&a->tx, &state));
    switch_over(r, state.switched_ms);
    return note(a, "zone_keys_switched", state.number);
}

/* Has anything that is under way begun under the other set? */
static bool is_used(const struct acquirer *a, enum payment_route route)
{
    uint8_t other = (uint8_t)(1 - a->route[route].use);
    for (uint32_t i = 0; i < a->task_top; i++) {
        const struct task *task = &a->task[i];
        if (task->phase != TASK_FREE && task->payment.route == route && task->zone_set == other)
            return true;
    }
    return false;
}

static err end(struct acquirer *a, enum payment_route route)
{
    struct route *r = &a->route[route];
    int64_t old = other_set(r)->number;
    const struct journal_zone_use state = {zone_of_route(route), r->set[r->use].number,
                                           r->switched_ms, true};
    TRY(group_tx(a));
    TRY(journal_zone_use_put(&a->tx, &state));
    end_old(r);
    return note(a, "zone_keys_ended", old);
}

err zone_tick(struct acquirer *a, int64_t now_ms)
{
    enum payment_route route = PAYMENT_ROUTE_CARD_NETWORK;
    struct route *r = &a->route[route];
    int64_t other = other_set(r)->number, in_use = r->set[r->use].number;
    if (other == 0) return OK;
    if (is_to_come(r)) {
        bool due = r->told_ms == 0 || now_ms - r->told_ms >= ACQUIRER_ZONE_MS;
        return r->up && a->hsm_up && due ? tell(a, route, now_ms) : OK;
    }
    bool over = other < in_use && host_now_ms(a) >= r->switched_ms + r->overlap_ms;
    return over && !is_used(a, route) ? end(a, route) : OK;
}
