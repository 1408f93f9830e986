/* SPDX-License-Identifier: Apache-2.0 */
/* Contracts below /api/v1: how one stands, what is still in the way of its end, and the steps. */
#include "backoffice/contracts/contracts_http.h"
#include "backoffice/accounts/choice.h"
#include "backoffice/api/api.h"
#include "backoffice/contracts/contract.h"
#include "backoffice/desk/desk.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/parts.h"
#include "backoffice/registrar.h"

#define DAY_MS INT64_C(86400000)

static const char *const states[] = {"in_force", "asked", "ending", "ended", NULL};

static const struct api_field obstacle_fields[] = {
    {"name", API_TEXT, .text = "unsent, terminals, owed, owed_unknown"},
    {"text_zh", API_TEXT, .text = "What to do, in Chinese"},
    {"text_en", API_TEXT, .text = "What to do"},
};
API_SCHEMA(obstacle_schema, "ContractObstacle", obstacle_fields);

static const struct api_field contract_fields[] = {
    {"merchant", API_TEXT, .text = "Whose it is"},
    {"state", API_WORD, .words = states, .text = "How far its end is"},
    {"reason", API_TEXT, .optional = true, .text = "Why it is to end"},
    {"asked_by", API_TEXT, .optional = true, .text = "Who asked"},
    {"asked", API_TIME, .optional = true, .text = "When"},
    {"decided_by", API_TEXT, .optional = true, .text = "Who agreed"},
    {"decided", API_TIME, .optional = true, .text = "When"},
    {"ended", API_TIME, .optional = true, .text = "When it ended"},
    {"kept_until", API_TIME, .optional = true, .text = "Its files are kept so long at least"},
    {"terminals", API_INT, .text = "Terminals that are still out"},
    {"unsent", API_INT, .text = "Terminals with payments that the host has not"},
    {"payable", API_MONEY, .min = INT64_MIN, .optional = true,
     .text = "Owed to the merchant; below zero: owed by him"},
    {"held", API_MONEY, .optional = true, .text = "Held back"},
    {"in_transit", API_MONEY, .optional = true, .text = "Paid out and not yet confirmed"},
    {"in_the_way", API_LIST, .max = 8, .of = &obstacle_schema,
     .text = "What has to be done before it can end"},
};
API_SCHEMA(contract_answer, "Contract", contract_fields);

static const struct api_field ask_fields[] = {
    {"reason", API_TEXT, .min = 1, .max = CONTRACT_REASON_MAX, .text = "Why it is to end"},
};
API_SCHEMA(ask_schema, "ContractEnd", ask_fields);

static const struct api_field decision_fields[] = {
    {"agrees", API_BOOL, .text = "With the end"},
};
API_SCHEMA(decision_schema, "ContractDecision", decision_fields);

/* ---- answers ---- */

static void write_times(struct json_out *j, const struct contract *c)
{
    if (c->state == CONTRACT_IN_FORCE) return;
    json_member_string(j, "reason", c->reason);
    json_member_string(j, "asked_by", c->asked_by);
    json_member_int(j, "asked", c->asked_ms);
    if (c->decided_ms != 0) {
        json_member_string(j, "decided_by", c->decided_by);
        json_member_int(j, "decided", c->decided_ms);
    }
    if (c->ended_ms == 0) return;
    json_member_int(j, "ended", c->ended_ms);
    json_member_int(j, "kept_until", c->ended_ms + CONTRACT_KEPT_DAYS * DAY_MS);
}

static void write_contract(struct json_out *j, const struct contract *c,
                           const struct contract_rest *rest)
{
    json_object_begin(j);
    json_member_string(j, "merchant", c->mid);
    json_member_string(j, "state", contract_state_word(c->state));
    write_times(j, c);
    json_member_int(j, "terminals", rest->terminals);
    json_member_int(j, "unsent", rest->unsent);
    if (rest->owed_known) {
        json_member_int(j, "payable", rest->payable_minor);
        json_member_int(j, "held", rest->held_minor);
        json_member_int(j, "in_transit", rest->transit_minor);
    }
    json_member_array(j, "in_the_way");
    for (unsigned i = 0; i < CONTRACT_OBSTACLES; i++) {
        if (!(rest->obstacles & 1u << i)) continue;
        json_object_begin(j);
        json_member_string(j, "name", contract_obstacle_word(i));
        json_member_string(j, "text_zh", contract_obstacle_text(i, false));
        json_member_string(j, "text_en", contract_obstacle_text(i, true));
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static err answer(struct backoffice *b, const struct api_call *call, const char *mid,
                  struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct contract c;
    struct contract_rest rest;
    TRY(contract_find(b->store, mid, &c));
    TRY(contract_rest(b, mid, call->now_ms, &rest));
    write_contract(&j, &c, &rest);
    return OK;
}

static err end(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
               enum contract_verdict verdict, struct http_response *response)
{
    if (verdict != CONTRACT_OK) {
        bool english = choice_english(call->request);
        api_refuse(response, 409, contract_verdict_word(verdict),
                   contract_verdict_text(verdict, english));
        return OK;
    }
    TRY(answer(b, call, call->value[0], response));
    return api_commit(b, call, tx, response);
}

/* ---- calls ---- */

err contract_of_path(struct backoffice *b, const struct api_call *call,
                     struct http_response *response, bool *ret_may)
{
    const char *mid = call->value[0];
    struct registry_merchant merchant;
    *ret_may = false;
    if (!desk_is_there(b, response)) return OK;
    err found = api_may_see(call->caller, mid, 0)
                    ? registry_find_merchant(b->registry, bytes_text(mid), &merchant)
                    : ERR(NOT_FOUND);
    if (found.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    *ret_may = !FAILED(found);
    return found;
}

static err on_contract(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    bool may = false;
    TRY(contract_of_path(b, call, response, &may));
    return may ? answer(b, call, call->value[0], response) : OK;
}

static err on_ask(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    char reason[CONTRACT_REASON_BYTES + 1];
    enum contract_verdict verdict;
    bool may = false;
    TRY(contract_of_path(b, call, response, &may));
    if (!may) return OK;
    TRY(json_text_copy(call->body, "reason", reason, sizeof reason));
    TRY(store_begin(b->store, &tx));
    TRY(contract_ask(&tx, &actor, call->value[0], reason, &verdict));
    return end(b, call, &tx, verdict, response);
}

static err on_withdraw(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    enum contract_verdict verdict;
    bool may = false;
    TRY(contract_of_path(b, call, response, &may));
    if (!may) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(contract_withdraw(&tx, &actor, call->value[0], &verdict));
    return end(b, call, &tx, verdict, response);
}

static err on_decide(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    enum contract_verdict verdict;
    bool may = false, agrees = false;
    TRY(contract_of_path(b, call, response, &may));
    if (!may) return OK;
    TRY(json_bool(call->body, "agrees", &agrees));
    TRY(store_begin(b->store, &tx));
    TRY(contract_decide(&tx, &actor, call->value[0], agrees, &verdict));
    return end(b, call, &tx, verdict, response);
}

/* May it be closed now? The registry is closed first, which may be done again; then it is written
 * down here. */
static err on_close(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    enum contract_verdict verdict = CONTRACT_OK;
    struct contract c;
    struct contract_rest rest;
    bool may = false;
    TRY(contract_of_path(b, call, response, &may));
    if (!may) return OK;
    TRY(contract_find(b->store, call->value[0], &c));
    TRY(contract_rest(b, call->value[0], call->now_ms, &rest));
    if (c.state == CONTRACT_ENDED) verdict = CONTRACT_OVER;
    else if (c.state != CONTRACT_ENDING) verdict = CONTRACT_NOT_AGREED;
    else if (rest.obstacles != 0) verdict = CONTRACT_IN_THE_WAY;
    if (verdict != CONTRACT_OK) return end(b, call, &tx, verdict, response);
    err closed = contract_close_registry(b, &actor, call->value[0]);
    if (closed.code == ERR_BUSY) {
        registrar_refuse(response);
        return OK;
    }
    TRY(closed);
    TRY(store_begin(b->store, &tx));
    TRY(contract_end(&tx, &actor, call->value[0], &verdict));
    return end(b, call, &tx, verdict, response);
}

/* clang-format off */
#define ASKS (ROLE_OWNER | ROLE_AGENT | ROLE_APPROVER)
#define CONTRACT_ROUTES(X)                                                                         \
    X(GET, "/contracts/{merchant}", SESSION, ROLES_STAFF | ROLE_OWNER, NONE, 5, 0, NULL,           \
      &contract_answer, on_contract, "How a merchant's contract stands, and what is in the way of its end") \
    X(POST, "/contracts/{merchant}/end", STEP_UP, ASKS, NONE, 5, 0, &ask_schema,                   \
      &contract_answer, on_ask, "Ask that it ends")                                            \
    X(POST, "/contracts/{merchant}/end/withdraw", SESSION, ASKS, NONE, 5, 0, NULL,                 \
      &contract_answer, on_withdraw, "Take that back, before somebody has decided")            \
    X(POST, "/contracts/{merchant}/end/decision", STEP_UP, ROLE_APPROVER, NONE, 5, 0,              \
      &decision_schema, &contract_answer, on_decide, "Agree to it or not; not by who asked")   \
    X(POST, "/contracts/{merchant}/end/close", STEP_UP, ROLE_APPROVER | ROLE_ADMIN, NONE, 10, 0, NULL, \
      &contract_answer, on_close, "End it, when nothing is in the way: the merchant is closed for good")
/* clang-format on */

static const struct api_route rows[] = {CONTRACT_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part contract_part = {.name = "contract",
                                              .schema = &contracts_schema,
                                              .tick = contract_erase_due,
                                              .api_routes = rows,
                                              .api_route_count = ARRAY_LEN(rows)};
