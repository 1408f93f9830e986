/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 找回设备 (S45, S115, S168): an owner's devices and what he wants of one; the same orders for the
 * desk, when he calls. Somebody else's device is answered like one that does not exist. A manager
 * sees the devices of his outlet, masked, and may call one; to lock is the owner's, with a factor
 * shown just now, and to unlock is his alone.
 */
#include "backoffice/devices/find_http.h"

#include <stdio.h>

#include "backoffice/accounts/session.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/desk/notices.h"
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/device_places.h"
#include "backoffice/devices/devices.h"
#include "backoffice/parts.h"

enum { BODY = 1024 };

/* ---- what is known ---- */

static err write_place(void *context, const struct device_stay *s)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "from", s->from_ms);
    json_member_int(j, "until", s->until_ms);
    json_member_string(j, "link", device_link_name(s->link));
    json_member_string(j, "network", s->network);
    json_member_string(j, "address", s->address);
    if (s->positioned) {
        json_member_int(j, "latitude_e6", s->latitude_e6);
        json_member_int(j, "longitude_e6", s->longitude_e6);
        json_member_int(j, "accuracy_m", s->accuracy_m);
    }
    json_object_end(j);
    return OK;
}

static err write_order(void *context, const struct device_order *o)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "id", o->id);
    json_member_string(j, "kind", device_command_name(o->kind));
    json_member_string(j, "text", o->text);
    json_member_string(j, "by", o->actor);
    json_member_string(j, "state", command_state_text(o->state));
    json_member_int(j, "asked", o->asked_ms);
    json_member_int(j, "delivered", o->delivered_ms);
    json_member_int(j, "acknowledged", o->acknowledged_ms);
    json_member_int(j, "verified", o->verified_ms);
    json_object_end(j);
    return OK;
}

err find_write(struct backoffice *b, struct json_out *j, const char *tid)
{
    json_member_array(j, "places");
    TRY(place_list(b->desk, tid, write_place, j));
    json_array_end(j);
    json_member_array(j, "commands");
    TRY(command_list(b->desk, tid, write_order, j));
    json_array_end(j);
    return OK;
}

/* What has happened there, but for what is the desk's alone: a duress alarm may be read on that
 * very counter. */
struct events {
    struct json_out *j;
    const char *tid;
};

static err write_event(void *context, const struct notice *n)
{
    const struct events *e = context;
    if (strcmp(n->tid, e->tid) != 0 || strcmp(n->kind, "duress") == 0) return OK;
    json_object_begin(e->j);
    json_member_int(e->j, "at", n->at_ms);
    json_member_string(e->j, "kind", n->kind);
    json_member_string(e->j, "operator", n->operator_id);
    json_object_end(e->j);
    return OK;
}

/* ---- the owner's pages ---- */

struct list {
    struct backoffice *b;
    const struct caller *caller;
    struct json_out *j;
};

static err write_head(struct backoffice *b, struct json_out *j, const struct caller *caller,
                      const struct registry_terminal *t)
{
    static const char *const status[] = {"", "active", "suspended", "closed"};
    struct device_facts facts;
    char serial[REGISTRY_SERIAL_MAX + 1] = "****";
    TRY(device_facts_of(b->desk, t->tid, &facts));
    if (caller->roles & ROLE_OWNER) memcpy(serial, t->serial, sizeof serial);
    json_member_string(j, "tid", t->tid);
    json_member_string(j, "serial", serial);
    json_member_string(j, "model", t->model);
    json_member_string(j, "status", status[t->status]);
    json_member_bool(j, "connected", facts.connected);
    json_member_string(j, "version", facts.version);
    json_member_int(j, "first_login", facts.first_login_ms);
    json_member_int(j, "seen", facts.seen_ms);
    return OK;
}

static err write_own(void *context, const struct registry_terminal *t)
{
    const struct list *list = context;
    if (!caller_may_see(list->caller, t->mid, t->outlet)) return OK;
    json_object_begin(list->j);
    TRY(write_head(list->b, list->j, list->caller, t));
    json_object_end(list->j);
    return OK;
}

static err on_own(struct backoffice *b, const struct call *call, struct http_response *response)
{
    if (!desk_is_there(b, response)) return OK;
    struct json_out j = json_out_over(&response->body);
    struct list list = {b, call->caller, &j};
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_array(&j, "devices");
    TRY(registry_terminals_of(b->registry, bytes_text(call->caller->account.mid), write_own,
                              &list));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* The device of this number when the caller may see it. False, and a 404 is written, when not. */
static err find_own(struct backoffice *b, const struct call *call, struct bytes tid,
                    struct http_response *response, struct registry_terminal *t, bool *ret_found)
{
    *ret_found = false;
    if (!desk_is_there(b, response)) return OK;
    err found = registry_find_terminal(b->registry, tid, t);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    *ret_found = !FAILED(found) && caller_may_see(call->caller, t->mid, t->outlet);
    if (!*ret_found) backoffice_not_found(response);
    return OK;
}

static err on_one(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct registry_terminal t;
    bool found = false;
    TRY(find_own(b, call, call->rest, response, &t, &found));
    if (!found) return OK;
    struct json_out j = json_out_over(&response->body);
    struct events events = {&j, t.tid};
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_int(&j, "clock", call->now_ms);
    TRY(write_head(b, &j, call->caller, &t));
    TRY(find_write(b, &j, t.tid));
    json_member_array(&j, "events");
    TRY(notice_list(b->desk, write_event, &events));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- orders ---- */

struct order {
    char tid[DESK_TID_LEN + 1];
    enum device_command kind;
    struct bytes text;
};

static err read_order(const struct json_t *root, struct order *o)
{
    struct bytes kind;
    TRY(json_text_copy(root, "tid", o->tid, sizeof o->tid));
    TRY(json_text(root, "kind", 16, &kind));
    o->kind = device_command_named(kind);
    if (o->kind == DEVICE_NO_COMMAND) return ERR(FORMAT);
    o->text = BYTES("");
    return json_has(root, "text") ? json_text(root, "text", BODY, &o->text) : OK;
}

/* An order of one of `kinds` (a bit each) by somebody who may see the device. */
static err take_order(struct backoffice *b, const struct call *call, unsigned kinds,
                      struct http_response *response)
{
    static const char *const names[] = {"tid", "kind", "text", NULL};
    static const char *const words[] = {"ok", "bad_text", "too_many"};
    CLEANUP(json_free) struct json_document document = {0};
    struct registry_terminal t;
    struct order order;
    enum command_verdict verdict;
    bool found = false;
    if (!desk_body(b, call, names, &document, response)) return OK;
    err read = read_order(document.root, &order);
    if (!FAILED(read) && !(1u << order.kind & kinds)) read = ERR(FORMAT);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return OK;
    }
    TRY(find_own(b, call, bytes_text(order.tid), response, &t, &found));
    if (!found) return OK;
    TRY(command_ask(b->desk, t.tid, order.kind, order.text, call->caller->subject, &verdict));
    desk_verdict(response, words[verdict], false);
    return OK;
}

static err on_call(struct backoffice *b, const struct call *call, struct http_response *response)
{
    return take_order(b, call, 1 << DEVICE_MESSAGE | 1 << DEVICE_RING, response);
}

static err on_lock(struct backoffice *b, const struct call *call, struct http_response *response)
{
    bool owner = call->realm == REALM_CONSOLE;
    return take_order(b, call, 1 << DEVICE_LOCK | (owner ? 1 << DEVICE_UNLOCK : 0), response);
}

/* clang-format off */
#define DESK (ROLE_AGENT | ROLE_APPROVER)
#define FIND_ROUTES(X)                                                               \
    X(GET,  "/devices",           SESSION, ROLE_OWNER | ROLE_MANAGER, 0, on_own)      \
    X(GET,  "/devices/",          SESSION, ROLE_OWNER | ROLE_MANAGER, 0, on_one)      \
    X(POST, "/devices/call",      SESSION, ROLE_OWNER | ROLE_MANAGER, BODY, on_call)  \
    X(POST, "/devices/lock",      STEP_UP, ROLE_OWNER, BODY, on_lock)                 \
    X(POST, "/desk/devices/call", SESSION, DESK, BODY, on_call)                       \
    X(POST, "/desk/devices/lock", STEP_UP, DESK, BODY, on_lock)
/* clang-format on */

static const struct route rows[] = {FIND_ROUTES(ROUTE_ROW)};

const struct backoffice_part find_part = {
    .name = "find", .routes = rows, .route_count = ARRAY_LEN(rows)};
