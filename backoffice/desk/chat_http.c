/* SPDX-License-Identifier: Apache-2.0 */
/* The chat behind HTTP: the owner's window in the console, the desk's answers in a ticket. */
#include <assert.h>

#include "backoffice/accounts/session.h"
#include "backoffice/desk/chat.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/parts.h"

/* A message that is too long is told so in words, and not by the form of its JSON. */
enum { CHAT_BODY_MAX = 8192, CHAT_TYPED_MAX = 4096, CHAT_DEVICES_MAX = 200 };

static const char *const states[] = {"", "open", "approved", "done", "rejected", "closed"};

static struct chat_owner owner_of(const struct call *call)
{
    const struct account *a = &call->caller->account;
    struct chat_owner owner = {.id = a->id, .outlet = a->outlet};
    static_assert(sizeof owner.login >= sizeof a->login && sizeof owner.mid == sizeof a->mid,
                  "copied whole");
    memcpy(owner.mid, a->mid, sizeof a->mid);
    memcpy(owner.login, a->login, sizeof a->login);
    return owner;
}

static int64_t number_of(struct bytes text)
{
    int64_t number = 0;
    if (!bytes_all_digits(text) || text.len > 15) return 0;
    for (size_t i = 0; i < text.len; i++) number = number * 10 + (text.at[i] - '0');
    return number;
}

/* ---- the owner reads ---- */

struct listing {
    struct backoffice *b;
    struct json_out *j;
    struct chat_owner owner;
    int devices;
};

static err write_device(void *context, const struct registry_terminal *t)
{
    struct listing *list = context;
    bool theirs = strcmp(t->mid, list->owner.mid) == 0 &&
                  (list->owner.outlet == 0 || list->owner.outlet == t->outlet);
    if (!theirs || t->status == REGISTRY_CLOSED || list->devices == CHAT_DEVICES_MAX) return OK;
    list->devices++;
    json_object_begin(list->j);
    json_member_string(list->j, "tid", t->tid);
    json_member_string(list->j, "model", t->model);
    json_object_end(list->j);
    return OK;
}

static void write_facts(struct json_out *j, const struct ticket *t)
{
    json_member_int(j, "id", t->id);
    json_member_string(j, "number", t->number);
    json_member_string(j, "tid", t->tid);
    json_member_string(j, "operator", t->operator_id);
    json_member_string(j, "state", states[t->state]);
    json_member_bool(j, "answered", t->chat == TICKET_CHAT_ANSWERED);
    json_member_int(j, "changed", t->changed_ms);
}

static err write_ticket(void *context, const struct ticket *ticket)
{
    struct listing *list = context;
    if (!chat_may_see(list->b->desk, &list->owner, ticket)) return OK;
    json_object_begin(list->j);
    write_facts(list->j, ticket);
    json_object_end(list->j);
    return OK;
}

static err on_chats(struct backoffice *b, const struct call *call, struct http_response *response)
{
    if (!desk_is_there(b, response)) return OK;
    struct json_out j = json_out_over(&response->body);
    struct listing list = {b, &j, owner_of(call), 0};
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_array(&j, "devices");
    TRY(registry_terminals_of(b->registry, bytes_text(list.owner.mid), write_device, &list));
    json_array_end(&j);
    json_member_array(&j, "chats");
    TRY(ticket_chats(b->desk, list.owner.mid, CHAT_LISTED_MAX, write_ticket, &list));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* Who of the desk wrote is the desk's matter, and so is what it noted. */
static err write_event(void *context, const struct ticket_event *event)
{
    static const char *const sides[] = {"", "owner", "desk", "step"};
    struct json_out *j = context;
    enum chat_side side = chat_side_of(event);
    if (side == CHAT_HIDDEN) return OK;
    json_object_begin(j);
    json_member_int(j, "number", event->number);
    json_member_int(j, "at", event->at_ms);
    json_member_string(j, "side", sides[side]);
    json_member_string(j, "kind", event->kind);
    json_member_string(j, "text", side == CHAT_STEP ? "" : event->detail);
    json_object_end(j);
    return OK;
}

static err on_chat(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct chat_owner owner = owner_of(call);
    struct ticket ticket;
    if (!desk_is_there(b, response)) return OK;
    err found = chat_find(b->desk, &owner, number_of(call->rest), &ticket);
    if (found.code == ERR_NOT_FOUND) {
        backoffice_not_found(response);
        return OK;
    }
    TRY(found);
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_object(&j, "chat");
    write_facts(&j, &ticket);
    json_object_end(&j);
    json_member_array(&j, "messages");
    TRY(ticket_timeline(b->desk, ticket.id, write_event, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- saying ---- */

static void write_said(struct http_response *response, enum chat_verdict verdict, int64_t ticket)
{
    if (verdict != CHAT_OK) {
        desk_verdict(response, chat_verdict_name(verdict), false);
        return;
    }
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "verdict", "ok");
    json_member_int(&j, "ticket", ticket);
    json_object_end(&j);
}

/* Longer than what a ticket's other bodies may have: desk_body() reads only those. */
static bool read_body(struct backoffice *b, const struct call *call, const char *const *names,
                      struct json_document *document, struct http_response *response)
{
    if (!desk_is_there(b, response)) return false;
    err read = json_parse(call->request->body, CHAT_BODY_MAX, document);
    if (!FAILED(read)) read = json_only(document->root, names);
    if (FAILED(read)) backoffice_malformed(response, read);
    return !FAILED(read);
}

static err on_open(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"tid", "operator", "text", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct chat_owner owner = owner_of(call);
    struct bytes tid = {0}, operator_id = {0}, text = {0};
    enum chat_verdict verdict;
    int64_t ticket = 0;
    if (!read_body(b, call, names, &document, response)) return OK;
    err read = json_text(document.root, "tid", DESK_TID_LEN, &tid);
    if (!FAILED(read)) read = json_text(document.root, "operator", 8, &operator_id);
    if (!FAILED(read)) read = json_text(document.root, "text", CHAT_TYPED_MAX, &text);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return OK;
    }
    TRY(chat_open(b->desk, &owner, tid, operator_id, text, &verdict, &ticket));
    write_said(response, verdict, ticket);
    return OK;
}

static bool read_say(struct backoffice *b, const struct call *call, struct json_document *document,
                     int64_t *ticket, struct bytes *text, struct http_response *response)
{
    static const char *const names[] = {"ticket", "text", NULL};
    if (!read_body(b, call, names, document, response)) return false;
    err read = json_int(document->root, "ticket", 1, INT64_MAX, ticket);
    if (!FAILED(read)) read = json_text(document->root, "text", CHAT_TYPED_MAX, text);
    if (FAILED(read)) backoffice_malformed(response, read);
    return !FAILED(read);
}

static err on_owner_says(struct backoffice *b, const struct call *call,
                         struct http_response *response)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct chat_owner owner = owner_of(call);
    enum chat_verdict verdict;
    struct bytes text = {0};
    int64_t ticket = 0;
    if (!read_say(b, call, &document, &ticket, &text, response)) return OK;
    TRY(chat_owner_says(b->desk, &owner, ticket, text, &verdict));
    write_said(response, verdict, ticket);
    return OK;
}

static err on_desk_says(struct backoffice *b, const struct call *call,
                        struct http_response *response)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum chat_verdict verdict;
    struct bytes text = {0};
    int64_t ticket = 0;
    if (!read_say(b, call, &document, &ticket, &text, response)) return OK;
    TRY(chat_desk_says(b->desk, &staff, ticket, text, &verdict));
    write_said(response, verdict, ticket);
    return OK;
}

/* clang-format off */
#define SHOP (ROLE_OWNER | ROLE_MANAGER)
#define CHAT_ROUTES(X)                                                                \
    X(GET,  "/chats",     SESSION, SHOP, 0, on_chats)                                 \
    X(GET,  "/chats/",    SESSION, SHOP, 0, on_chat)                                  \
    X(POST, "/chat/open", SESSION, SHOP, CHAT_BODY_MAX, on_open)                      \
    X(POST, "/chat/say",  SESSION, SHOP, CHAT_BODY_MAX, on_owner_says)                \
    X(POST, "/desk/say",  SESSION, ROLE_AGENT | ROLE_APPROVER, CHAT_BODY_MAX, on_desk_says)
/* clang-format on */

static const struct route rows[] = {CHAT_ROUTES(ROUTE_ROW)};

const struct backoffice_part chat_part = {
    .name = "chat", .routes = rows, .route_count = ARRAY_LEN(rows)};
