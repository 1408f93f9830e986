/* SPDX-License-Identifier: Apache-2.0 */
/* Replacements behind the interface: asked for by one, decided by another, and who served when. */
#include "backoffice/parts.h"
#include "backoffice/registrar.h"
#include "backoffice/stock/replacement.h"
#include "backoffice/stock/stock_http.h"

/* ---- tables of fields ---- */

static const struct api_field ask_fields[] = {
    {"spare", API_TEXT, .min = 1, .max = 64,
     .text = "The serial number of the terminal in stock that takes its place"},
    {"reason", API_TEXT, .min = 1, .max = ELEMENTS_REASON_MAX, .text = "Why"},
};
API_SCHEMA(ask_schema, "ReplacementAsk", ask_fields);

static const struct api_field replacement_fields[] = {
    {"was", API_TEXT, .max = SERIAL_MAX, .text = "The serial number of the one that served"},
    {"now", API_TEXT, .max = SERIAL_MAX, .text = "The serial number of the one that takes over"},
    {"terminal", API_TEXT, .max = 8, .text = "The terminal number, which stays"},
    {"state", API_TEXT, .max = 16, .text = "asked, done or refused"},
    {"reason", API_TEXT, .max = ELEMENTS_REASON_MAX, .text = "Why"},
    {"asked_by", API_TEXT, .max = STOCK_ACTOR_MAX, .text = "Who asked for it"},
    {"asked", API_TIME, .text = "When"},
    {"decided_by", API_TEXT, .optional = true, .max = STOCK_ACTOR_MAX, .text = "Who decided"},
    {"decided", API_TIME, .optional = true, .text = "When: until then the old one served"},
    {"unsent", API_INT, .optional = true, .max = INT32_MAX,
     .text = "Payments that the old one had not sent, by its last word"},
    {"told", API_TIME, .optional = true, .text = "When it said so"},
};
API_SCHEMA(one_schema, "Replacement", replacement_fields);

static const struct api_field list_fields[] = {
    {"replacements", API_LIST, .of = &one_schema, .text = "Oldest first"},
};
API_SCHEMA(list_schema, "Replacements", list_fields);

/* ---- writing ---- */

static void write_members(struct json_out *j, const struct replacement *r)
{
    static const char *const states[] = {"", "asked", "done", "refused"};
    json_member_string(j, "was", r->old_serial);
    json_member_string(j, "now", r->serial);
    json_member_string(j, "terminal", r->tid);
    json_member_string(j, "state", states[r->state]);
    json_member_string(j, "reason", r->reason);
    json_member_string(j, "asked_by", r->asked_by);
    json_member_int(j, "asked", r->asked_ms);
    if (r->state != REPLACEMENT_ASKED) {
        json_member_string(j, "decided_by", r->decided_by);
        json_member_int(j, "decided", r->decided_ms);
    }
    if (r->unsent >= 0) {
        json_member_int(j, "unsent", r->unsent);
        json_member_int(j, "told", r->told_ms);
    }
}

static err write_row(void *context, const struct replacement *r)
{
    struct json_out *j = context;
    json_object_begin(j);
    write_members(j, r);
    json_object_end(j);
    return OK;
}

/* The newest of `old`, and the end of the call. */
static err answer(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                  const struct stock_terminal *old, enum stock_verdict verdict,
                  struct http_response *response)
{
    struct replacement r;
    if (verdict != STOCK_OK) {
        stock_refuse(call, verdict, response);
        return OK;
    }
    struct json_out j = json_out_over(&response->body);
    TRY(replacement_find(b->store, old->serial, &r));
    TRY(write_row(&j, &r));
    return api_commit(b, call, tx, response);
}

/* ---- calls ---- */

static err on_ask(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    struct stock_terminal old, spare;
    char reason[ELEMENTS_REASON_MAX + 1];
    struct bytes serial;
    enum stock_verdict verdict = STOCK_SPARE;
    bool there = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &old, &there));
    if (!there) return OK;
    TRY(json_text(call->body, "spare", 64, &serial));
    TRY(json_text_copy(call->body, "reason", reason, sizeof reason));
    TRY(store_begin(b->store, &tx));
    err found = stock_find(b->store, serial, &spare);
    if (found.code != ERR_NOT_FOUND) {
        TRY(found);
        TRY(replacement_ask(&tx, &actor, &old, &spare, reason, &verdict));
    }
    return answer(b, call, &tx, &old, verdict, response);
}

static err decide(struct backoffice *b, const struct api_call *call, bool approve,
                  struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    struct stock_terminal old;
    enum stock_verdict verdict;
    bool there = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &old, &there));
    if (!there) return OK;
    TRY(store_begin(b->store, &tx));
    err done = approve ? replacement_approve(b, &tx, &actor, &old, &verdict)
                       : replacement_refuse(b, &tx, &actor, &old, &verdict);
    if (done.code == ERR_BUSY || done.code == ERR_REFUSED) {
        registrar_refuse(response);
        return OK;
    }
    TRY(done);
    return answer(b, call, &tx, &old, verdict, response);
}

static err on_approve(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    return decide(b, call, true, response);
}

static err on_refuse(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return decide(b, call, false, response);
}

/* Of its terminal number; of a serial number without one there are none. */
static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct stock_terminal terminal;
    bool there = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_array(&j, "replacements");
    if (terminal.tid[0] != '\0') TRY(replacement_history(b->store, terminal.tid, write_row, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

#define KEEPERS (ROLE_AGENT | ROLE_ADMIN)

#define REPLACEMENT_ROUTES(X)                                                                      \
    X(GET, "/stock/terminals/{serial}/replacements", SESSION, ROLES_STAFF, STOCK_READ, 2, 0, NULL, \
      &list_schema, on_list, "Which device served its terminal number, and until when")            \
    X(POST, "/stock/terminals/{serial}/replace", SESSION, KEEPERS, STOCK_WRITE, 5, API_CREATES,    \
      &ask_schema, &one_schema, on_ask, "Ask that a spare takes its place")                        \
    X(POST, "/stock/terminals/{serial}/replace/approve", STEP_UP, ROLE_APPROVER | ROLE_ADMIN,      \
      STOCK_WRITE, 10, 0, NULL, &one_schema, on_approve,                                           \
      "Approve what somebody else has asked: the old device is refused from then on")              \
    X(POST, "/stock/terminals/{serial}/replace/refuse", SESSION, ROLE_APPROVER | ROLE_ADMIN,       \
      STOCK_WRITE, 5, 0, NULL, &one_schema, on_refuse, "Leave it as it is")

static const struct api_route rows[] = {REPLACEMENT_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part replacement_part = {.name = "replacement",
                                                 .schema = &replacement_schema,
                                                 .api_routes = rows,
                                                 .api_route_count = ARRAY_LEN(rows)};
