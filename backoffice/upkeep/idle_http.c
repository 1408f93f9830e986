/* SPDX-License-Identifier: Apache-2.0 */
/* Idle terminals as calls: what waits for an answer, the answer, and which ones are spare. */
#include <stdio.h>

#include "backoffice/api/api.h"
#include "backoffice/parts.h"
#include "backoffice/registrar.h"
#include "backoffice/upkeep/idle.h"

static const char *const states[] = {"in_use", "asked", "stopped", "take_back", NULL};

static const struct api_field idle_fields[] = {
    {"terminal", API_TEXT, .text = "Its number"},
    {"merchant", API_TEXT, .text = "Whose it is"},
    {"outlet", API_INT, .text = "Where it stands"},
    {"state", API_WORD, .words = states, .text = "How far it has come"},
    {"spare", API_BOOL, .text = "Whether it is kept as a spare one"},
    {"last_payment", API_TIME, .optional = true, .text = "When it was last paid with"},
    {"verified", API_TIME, .optional = true, .text = "When somebody said that it is in use"},
    {"verified_by", API_TEXT, .optional = true, .text = "Who said so"},
    {"until", API_TIME, .optional = true, .text = "When it is stopped unless somebody says so"},
    {"take_back", API_TIME, .optional = true,
     .text = "When it is to be taken back unless it is paid with"},
};
API_SCHEMA(idle_schema_out, "IdleTerminal", idle_fields);

static const struct api_field list_fields[] = {
    {"terminals", API_LIST, .of = &idle_schema_out, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "IdleTerminals", list_fields);

static const struct api_field spare_fields[] = {
    {"spare", API_BOOL, .text = "Whether it is kept as a spare one"},
};
API_SCHEMA(spare_schema, "IdleSpare", spare_fields);

static void write_idle(struct json_out *j, const struct idle_terminal *t)
{
    json_object_begin(j);
    json_member_string(j, "terminal", t->tid);
    json_member_string(j, "merchant", t->mid);
    json_member_int(j, "outlet", t->outlet);
    json_member_string(j, "state", idle_state_word(t->state));
    json_member_bool(j, "spare", t->spare);
    if (t->payment_ms != 0) json_member_int(j, "last_payment", t->payment_ms);
    if (t->verified_ms != 0) {
        json_member_int(j, "verified", t->verified_ms);
        json_member_string(j, "verified_by", t->verified_by);
    }
    if (t->due_ms != 0) json_member_int(j, "until", t->due_ms);
    const int64_t take_back_ms = idle_take_back_ms(&idle_rule, t);
    if (take_back_ms != 0) json_member_int(j, "take_back", take_back_ms);
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    size_t count;
    char last[9];
};

static err write_row(void *context, const struct idle_terminal *t)
{
    struct listing *l = context;
    write_idle(l->j, t);
    l->count++;
    memcpy(l->last, t->tid, sizeof l->last);
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    json_object_begin(&j);
    json_member_array(&j, "terminals");
    TRY(idle_list(b->store, call->caller->mid, call->caller->outlet, call->after, call->limit,
                  write_row, &listing));
    json_array_end(&j);
    api_next(&j, listing.count == call->limit ? listing.last : "");
    json_object_end(&j);
    return OK;
}

/* False, and the answer is written, when there is none that this caller may see. */
static err find(struct backoffice *b, const struct api_call *call, struct idle_terminal *t,
                struct http_response *response, bool *ret_found)
{
    err found = idle_find(b->store, call->value[0], t);
    *ret_found = !FAILED(found) && api_may_see(call->caller, t->mid, t->outlet);
    if (!*ret_found) api_missing(response);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

static err answer(struct backoffice *b, const struct api_call *call, const struct idle_terminal *t,
                  struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    write_idle(&j, t);
    TRY(store_begin(b->store, &tx));
    return api_commit(b, call, &tx, response);
}

/* The new row is written by idle_move(), with whatever follows from it. */
static err move(struct backoffice *b, const struct api_call *call, struct idle_terminal *t,
                struct http_response *response)
{
    bool done = false;
    enum idle_state to = idle_decide(&idle_rule, t, call->now_ms);
    TRY(idle_move(b, t, to, call->caller->subject, call->now_ms, &done));
    if (done) return answer(b, call, t, response);
    registrar_refuse(response);
    return OK;
}

static err on_verify(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct idle_terminal t;
    bool found = false;
    TRY(find(b, call, &t, response, &found));
    if (!found) return OK;
    if (t.state == IDLE_TAKE_BACK) {
        api_refuse(response, 409, "take_back",
                   "it had no payment for a year and is to be returned: ask for another terminal");
        return OK;
    }
    t.verified_ms = call->now_ms;
    snprintf(t.verified_by, sizeof t.verified_by, "%s", call->caller->subject);
    return move(b, call, &t, response);
}

static err on_spare(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct idle_terminal t;
    bool found = false;
    TRY(find(b, call, &t, response, &found));
    if (!found) return OK;
    TRY(json_bool(call->body, "spare", &t.spare));
    /* From now on it counts: a spare one that goes into use has its months before it. */
    if (!t.spare) t.verified_ms = call->now_ms;
    return move(b, call, &t, response);
}

#define SEES    (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
#define ANSWERS (ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN | ROLE_OWNER | ROLE_MANAGER)

#define UPKEEP_ROUTES(X)                                                                           \
    X(GET, "/upkeep/idle", SESSION, SEES, DEVICES_READ, 1, API_PAGED, NULL, &list_schema, on_list, \
      "Terminals without payments, and spare ones")                                                \
    X(POST, "/upkeep/idle/{tid}/verify", SESSION, ANSWERS, DEVICES_WRITE, 5, 0, NULL,              \
      &idle_schema_out, on_verify, "It is in use: it is not stopped, or opened again")             \
    X(POST, "/upkeep/idle/{tid}/spare", SESSION, ROLE_APPROVER | ROLE_ADMIN, NONE, 5, 0,           \
      &spare_schema, &idle_schema_out, on_spare, "Keep it as a spare terminal, or no longer")

static const struct api_route upkeep_rows[] = {UPKEEP_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part upkeep_part = {
    .name = "upkeep",
    .schema = &idle_schema,
    .api_routes = upkeep_rows,
    .api_route_count = ARRAY_LEN(upkeep_rows),
    .open = upkeep_open,
    .close = upkeep_close,
    .tick = upkeep_tick,
};
