/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the desk looks at: a device (masked: who must know more asks the caller), notices and
 * alarms, what became of messages, paired telephones, and whether anything has changed.
 */
#include <stdio.h>

#include "backoffice/desk/calendar.h"
#include "backoffice/desk/cooling.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/desk/notices.h"
#include "backoffice/desk/pairs.h"
#include "backoffice/devices/devices.h"
#include "backoffice/messages/outbox.h"
#include "backoffice/parts.h"

enum { OUTBOX_LISTED = 100, TERMINALS_FOUND = 20 };

/* ---- changes ---- */

static err on_changes(struct backoffice *b, const struct call *call, struct http_response *response)
{
    char text[20] = "";
    int64_t since = 0;
    if (!desk_is_there(b, response)) return OK;
    err asked =
        call->request->reader.query(call->request->reader.context, "since", text, sizeof text);
    struct bytes digits = bytes_text(text);
    if (FAILED(asked) || !bytes_all_digits(digits) || digits.len > 15) {
        backoffice_malformed(response, ERR(FORMAT));
        return OK;
    }
    for (size_t i = 0; i < digits.len; i++) since = since * 10 + (digits.at[i] - '0');
    desk_wait(b, call, since, response);
    return OK;
}

/* ---- devices ---- */

struct search {
    struct backoffice *b;
    struct json_out *j;
    const char *wanted;
    int found;
};

static err write_contacts(struct backoffice *b, struct json_out *j, const char *mid)
{
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    char mask[CONTACT_MASK_MAX];
    TRY(registry_contacts(b->registry, bytes_text(mid), contact, &count));
    json_member_array(j, "contacts");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        contact_mask_name(contact[i].name_zh, mask);
        json_member_string(j, "name", mask);
        contact_mask_phone(contact[i].phone, mask);
        json_member_string(j, "phone", mask);
        contact_mask_mail(contact[i].mail, mask);
        json_member_string(j, "mail", mask);
        json_member_int(j, "since", contact[i].since_ms);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err write_pair(void *context, const struct pair *pair)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "id", pair->id);
    json_member_string(j, "label", pair->label);
    json_member_int(j, "since", pair->begun_ms);
    json_object_end(j);
    return OK;
}

static err write_terminal(struct search *s, const struct registry_terminal *t)
{
    static const char *const status[] = {"", "active", "suspended", "closed"};
    struct registry_merchant merchant;
    struct device_facts facts;
    struct cooling_verdict cooling;
    char serial[CONTACT_MASK_MAX];
    TRY(registry_find_merchant(s->b->registry, bytes_text(t->mid), &merchant));
    TRY(device_facts_of(s->b->desk, t->tid, &facts));
    TRY(cooling_check(s->b->store, t->mid, backoffice_now_ms(s->b), &cooling));
    contact_mask_ends(t->serial, serial);
    json_object_begin(s->j);
    json_member_string(s->j, "tid", t->tid);
    json_member_string(s->j, "serial", serial);
    json_member_string(s->j, "model", t->model);
    json_member_string(s->j, "status", status[t->status]);
    json_member_string(s->j, "merchant_zh", merchant.name_zh);
    json_member_string(s->j, "merchant_en", merchant.name_en);
    json_member_bool(s->j, "connected", facts.connected);
    json_member_string(s->j, "version", facts.version);
    json_member_int(s->j, "policy", facts.policy);
    json_member_int(s->j, "first_login", facts.first_login_ms);
    json_member_int(s->j, "seen", facts.seen_ms);
    json_member_int(s->j, "cooling_until", cooling.until_ms);
    TRY(write_contacts(s->b, s->j, t->mid));
    json_member_array(s->j, "phones");
    TRY(pair_list(s->b->desk, t->tid, write_pair, s->j));
    json_array_end(s->j);
    json_object_end(s->j);
    return OK;
}

/* By terminal number, or by the whole serial number: nobody leafs through the devices here. */
static err match(void *context, const struct registry_terminal *terminal)
{
    struct search *s = context;
    if (s->found >= TERMINALS_FOUND) return OK;
    s->found++;
    return write_terminal(s, terminal);
}

static err on_devices(struct backoffice *b, const struct call *call, struct http_response *response)
{
    char wanted[REGISTRY_SERIAL_MAX + 1] = "";
    if (!desk_is_there(b, response)) return OK;
    err asked =
        call->request->reader.query(call->request->reader.context, "q", wanted, sizeof wanted);
    if (FAILED(asked)) {
        backoffice_malformed(response, asked);
        return OK;
    }
    struct json_out j = json_out_over(&response->body);
    struct search search = {b, &j, wanted, 0};
    json_object_begin(&j);
    json_member_array(&j, "devices");
    TRY(registry_terminals_called(b->registry, bytes_text(wanted), match, &search));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- notices ---- */

static err write_notice(void *context, const struct notice *n)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "id", n->id);
    json_member_int(j, "at", n->at_ms);
    json_member_string(j, "tid", n->tid);
    json_member_string(j, "operator", n->operator_id);
    json_member_string(j, "kind", n->kind);
    json_member_string(j, "detail", n->detail);
    json_member_bool(j, "alarm", n->alarm);
    json_member_bool(j, "seen", n->seen);
    json_member_string(j, "seen_by", n->seen_by);
    json_object_end(j);
    return OK;
}

static err on_notices(struct backoffice *b, const struct call *call, struct http_response *response)
{
    (void)call;
    if (!desk_is_there(b, response)) return OK;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_array(&j, "notices");
    TRY(notice_list(b->desk, write_notice, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* The only member of the body, a positive number. */
static bool read_number(struct backoffice *b, const struct call *call, const char *name,
                        int64_t *number, struct http_response *response)
{
    const char *const names[] = {name, NULL};
    CLEANUP(json_free) struct json_document document = {0};
    if (!desk_body(b, call, names, &document, response)) return false;
    err read = json_int(document.root, name, 1, INT64_MAX, number);
    if (FAILED(read)) backoffice_malformed(response, read);
    return !FAILED(read);
}

static err on_seen(struct backoffice *b, const struct call *call, struct http_response *response)
{
    int64_t notice = 0;
    bool done = false;
    struct desk_staff staff = desk_staff_of(call);
    if (!read_number(b, call, "notice", &notice, response)) return OK;
    TRY(notice_seen(b->desk, &staff, notice, &done));
    desk_verdict(response, done ? "ok" : "not_found", false);
    return OK;
}

static err on_unpair(struct backoffice *b, const struct call *call, struct http_response *response)
{
    int64_t pair = 0;
    bool done = false;
    struct desk_staff staff = desk_staff_of(call);
    if (!read_number(b, call, "pair", &pair, response)) return OK;
    TRY(pair_forget(b->desk, pair, staff.name, &done));
    desk_verdict(response, done ? "ok" : "not_found", false);
    return OK;
}

/* ---- messages ---- */

static err write_letter(void *context, const struct outbox_row *row)
{
    static const char *const states[] = {"", "queued", "sending", "sent", "failed", "expired"};
    struct json_out *j = context;
    json_object_begin(j);
    json_member_string(j, "channel", row->channel == CHANNEL_SMS ? "sms" : "mail");
    json_member_string(j, "state", states[row->state]);
    json_member_string(j, "template", template_of(row->template)->name);
    json_member_string(j, "contact", row->contact);
    json_member_string(j, "purpose", row->purpose);
    json_member_string(j, "reason", row->reason);
    json_member_int(j, "created", row->created_ms);
    json_member_int(j, "ended", row->ended_ms);
    json_member_int(j, "attempts", row->attempts);
    json_member_int(j, "cost_fen", row->cost_fen);
    json_object_end(j);
    return OK;
}

static err on_outbox(struct backoffice *b, const struct call *call, struct http_response *response)
{
    (void)call;
    int64_t spent_fen = 0;
    if (!desk_is_there(b, response)) return OK;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_array(&j, "letters");
    if (b->outbox != NULL) {
        TRY(outbox_list(b->outbox, OUTBOX_LISTED, write_letter, &j));
        TRY(outbox_spent_today(b->outbox, &spent_fen));
    }
    json_array_end(&j);
    json_member_int(&j, "spent_fen", spent_fen);
    json_object_end(&j);
    return OK;
}

/* ---- what ends ---- */

static err write_entry(void *context, const struct calendar_entry *entry)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_string(j, "kind", entry->kind);
    json_member_string(j, "subject", entry->subject);
    json_member_int(j, "end", entry->end_ms);
    json_member_int(j, "level", entry->level);
    json_object_end(j);
    return OK;
}

static err on_calendar(struct backoffice *b, const struct call *call,
                       struct http_response *response)
{
    if (!desk_is_there(b, response)) return OK;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "clock", call->now_ms);
    json_member_array(&j, "entries");
    TRY(calendar_list(b->desk, write_entry, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* clang-format off */
#define DESK (ROLE_AGENT | ROLE_APPROVER)
#define LOOK_ROUTES(X)                                                               \
    X(GET,  "/desk/changes",      SESSION, DESK | ROLE_AUDITOR | ROLES_CONSOLE, 0, on_changes) \
    X(GET,  "/desk/devices",      SESSION, DESK | ROLE_AUDITOR, 0, on_devices)        \
    X(GET,  "/desk/notices",      SESSION, DESK | ROLE_AUDITOR, 0, on_notices)        \
    X(POST, "/desk/notices/seen", SESSION, DESK, 64, on_seen)                         \
    X(POST, "/desk/pairs/remove", SESSION, DESK, 64, on_unpair)                       \
    X(GET,  "/desk/outbox",       SESSION, DESK | ROLE_AUDITOR, 0, on_outbox)         \
    X(GET,  "/desk/calendar",     SESSION, DESK | ROLE_AUDITOR | ROLE_ADMIN, 0, on_calendar)
/* clang-format on */

static const struct route rows[] = {LOOK_ROUTES(ROUTE_ROW)};

const struct backoffice_part look_part = {
    .name = "look", .routes = rows, .route_count = ARRAY_LEN(rows)};
