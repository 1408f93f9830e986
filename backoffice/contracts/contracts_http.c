/* SPDX-License-Identifier: Apache-2.0 */
/* Contracts below /api/v1: how one stands, what is still in the way of its end, and the steps. */
#include "backoffice/contracts/contracts_http.h"
#include "backoffice/accounts/choice.h"
#include "backoffice/api/api.h"
#include "backoffice/contracts/wind.h"
#include "backoffice/desk/desk.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/tree_http.h"
#include "backoffice/parts.h"
#include "backoffice/registrar.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)

static const char *const states[] = {"in_force", "asked", "ending", "ended", NULL};

static const struct api_field obstacle_fields[] = {
    {"name", API_TEXT, .text = "unsent, terminals, owed, owed_unknown"},
    {"text_zh", API_TEXT, .text = "What to do, in Chinese"},
    {"text_en", API_TEXT, .text = "What to do"},
};
API_SCHEMA(obstacle_schema, "ContractObstacle", obstacle_fields);

static const char *const stocks[] = {"assigned", "packed",   "shipped", "delivered",
                                     "active",   "returned", NULL};
static const char *const presences[] = {"new", "online", "away", "offline", NULL};
static const char *const wipes[] = {"queued",   "delivered", "acknowledged",
                                    "verified", "refused",   NULL};
static const char *const parcels[] = {"wanted", "under_way", "over", "refused", NULL};

static const struct api_field device_fields[] = {
    {"terminal", API_TEXT, .optional = true, .max = 8, .text = "Its terminal number"},
    {"serial", API_TEXT, .max = SERIAL_MAX, .text = "Its serial number"},
    {"stock", API_WORD, .optional = true, .words = stocks, .text = "How far it is, by the stock"},
    {"presence", API_WORD, .optional = true, .words = presences,
     .text = "Is it there? Whoever is not gets the order when it comes back"},
    {"heard", API_TIME, .optional = true, .text = "When it was heard of last"},
    {"unsent", API_INT, .text = "Payments that the host has not, by its last word"},
    {"wipe", API_WORD, .optional = true, .words = wipes,
     .text = "The order to settle, send and erase its keys: never more than is known"},
    {"wipe_at", API_TIME, .optional = true, .text = "Since when that is so"},
    {"parcel", API_WORD, .optional = true, .words = parcels,
     .text = "The parcel in which it comes back"},
    {"label", API_TEXT, .optional = true, .max = COURIER_LABEL_MAX, .text = "Its courier's number"},
    {"may_send", API_BOOL, .text = "A label may be asked for now"},
};
API_SCHEMA(device_schema, "ContractDevice", device_fields);

static const struct api_field contract_fields[] = {
    {"merchant", API_TEXT, .text = "Whose it is"},
    {"merchant_zh", API_TEXT, .max = REGISTRY_NAME_MAX, .text = "Its name"},
    {"merchant_en", API_TEXT, .max = REGISTRY_NAME_MAX, .text = "Its name in ASCII"},
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
    {"devices", API_LIST, .max = WIND_DEVICES_MAX, .of = &device_schema,
     .text = "Terminals that are out, and those that came back since the end was agreed to"},
    {"send_to", API_TEXT, .optional = true, .max = COURIER_ADDRESS_MAX,
     .text = "Where they are sent back to"},
    {"may_ask", API_BOOL, .text = "May who asks this ask for the end now"},
    {"may_withdraw", API_BOOL, .text = "May he take that back"},
    {"may_decide", API_BOOL, .text = "May he agree to it or refuse it"},
    {"may_close", API_BOOL, .text = "May he end it now"},
};
API_SCHEMA(contract_answer, "Contract", contract_fields);

static const struct api_field ends_fields[] = {
    {"ends", API_LIST, .max = API_PAGE_MAX, .of = &contract_answer, .text = "The newest first"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(ends_schema, "ContractEnds", ends_fields);

static const struct api_field return_fields[] = {
    {"serial", API_TEXT, .min = 1, .max = 64, .text = "The terminal that is to be fetched"},
};
API_SCHEMA(return_schema, "ContractReturn", return_fields);

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

static void write_rest(struct json_out *j, const struct contract_rest *rest)
{
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
}

static err write_device(void *context, const struct wind_device *d)
{
    struct json_out *j = context;
    json_object_begin(j);
    if (d->tid[0] != '\0') json_member_string(j, "terminal", d->tid);
    json_member_string(j, "serial", d->serial);
    if (d->stock != 0) json_member_string(j, "stock", stock_state_word(d->stock));
    if (d->presence != 0) json_member_string(j, "presence", fleet_presence_word(d->presence));
    if (d->heard_ms != 0) json_member_int(j, "heard", d->heard_ms);
    json_member_int(j, "unsent", d->unsent);
    if (d->wipe != 0) {
        json_member_string(j, "wipe", command_state_text(d->wipe));
        json_member_int(j, "wipe_at", d->wipe_ms);
    }
    if (d->parcel != 0) json_member_string(j, "parcel", parcels[d->parcel - 1]);
    if (d->label[0] != '\0') json_member_string(j, "label", d->label);
    json_member_bool(j, "may_send", d->may_send);
    json_object_end(j);
    return OK;
}

#define ASKS (ROLE_OWNER | ROLE_AGENT | ROLE_APPROVER)

/* What the rows below and the steps refuse otherwise: a page shows it and decides nothing. */
static void write_may(struct json_out *j, const struct api_call *call, const struct contract *c,
                      const struct contract_rest *rest)
{
    const unsigned roles = call->caller->roles;
    bool other = !bytes_equal(api_actor(call).name, bytes_text(c->asked_by));
    bool closes = (roles & (ROLE_APPROVER | ROLE_ADMIN)) != 0;
    json_member_bool(j, "may_ask", (roles & ASKS) != 0 && c->state == CONTRACT_IN_FORCE);
    json_member_bool(j, "may_withdraw", (roles & ASKS) != 0 && c->state == CONTRACT_ASKED);
    json_member_bool(j, "may_decide",
                     (roles & ROLE_APPROVER) != 0 && c->state == CONTRACT_ASKED && other);
    json_member_bool(j, "may_close", closes && c->state == CONTRACT_ENDING && rest->obstacles == 0);
}

static err write_contract(struct backoffice *b, const struct api_call *call, struct json_out *j,
                          const struct contract *c)
{
    struct contract_rest rest;
    struct registry_merchant m;
    TRY(registry_find_merchant(b->registry, bytes_text(c->mid), &m));
    TRY(contract_rest(b, c->mid, call->now_ms, &rest));
    json_object_begin(j);
    json_member_string(j, "merchant", c->mid);
    json_member_string(j, "merchant_zh", m.name_zh);
    json_member_string(j, "merchant_en", m.name_en);
    json_member_string(j, "state", contract_state_word(c->state));
    write_times(j, c);
    write_rest(j, &rest);
    json_member_array(j, "devices");
    TRY(wind_devices(b, c, call->now_ms, write_device, j));
    json_array_end(j);
    if (b->config.returns_address != NULL)
        json_member_string(j, "send_to", b->config.returns_address);
    write_may(j, call, c, &rest);
    json_object_end(j);
    return OK;
}

static err answer(struct backoffice *b, const struct api_call *call, const char *mid,
                  struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct contract c;
    TRY(contract_find(b->store, mid, &c));
    return write_contract(b, call, &j, &c);
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

err contract_number(const char *digits, int64_t *ret_number)
{
    int64_t number = 0;
    if (strspn(digits, "0123456789") != strlen(digits) || strlen(digits) > 15) return ERR(FORMAT);
    for (; *digits != '\0'; digits++) number = number * 10 + (*digits - '0');
    *ret_number = number;
    return OK;
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
    bool winds = verdict == CONTRACT_OK && agrees;
    if (winds) TRY(wind_order(b, call->value[0], call->caller->subject, call->now_ms));
    TRY(end(b, call, &tx, verdict, response));
    return winds ? wind_tell(b, call->value[0], call->now_ms) : OK;
}

/* A label to send a terminal back with; how far it is stands in the answer. */
static err on_return(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct stock_terminal terminal;
    struct contract c;
    struct bytes serial;
    enum contract_verdict verdict = CONTRACT_OK;
    enum stock_verdict taken = STOCK_OK;
    bool may = false;
    TRY(contract_of_path(b, call, response, &may));
    if (!may) return OK;
    TRY(json_text(call->body, "serial", 64, &serial));
    err found = stock_find(b->store, serial, &terminal);
    if (found.code == ERR_NOT_FOUND ||
        (!FAILED(found) && strcmp(terminal.mid, call->value[0]) != 0)) {
        api_missing(response);
        return OK;
    }
    TRY(found);
    TRY(contract_find(b->store, call->value[0], &c));
    TRY(store_begin(b->store, &tx));
    if (c.state != CONTRACT_ENDING) verdict = CONTRACT_NOT_AGREED;
    else TRY(shipment_return(b, &tx, &terminal, call->now_ms, &taken));
    if (taken == STOCK_OK) return end(b, call, &tx, verdict, response);
    api_refuse(response, 409, taken == STOCK_PARCEL ? "no_courier" : stock_verdict_word(taken),
               stock_verdict_text(taken, choice_english(call->request)));
    return OK;
}

struct listing {
    struct backoffice *b;
    const struct api_call *call;
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err list_one(void *context, const struct contract *c)
{
    struct listing *l = context;
    l->count++;
    l->last = c->id;
    return write_contract(l->b, l->call, l->j, c);
}

/* The acquirer's: ends of all merchants. */
static err on_ends(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing l = {.b = b, .call = call, .j = &j};
    char last[24] = "";
    if (!desk_is_there(b, response)) return OK;
    json_object_begin(&j);
    json_member_array(&j, "ends");
    TRY(contract_list(b->store, tree_number(call->after), call->limit, list_one, &l));
    json_array_end(&j);
    if (l.count == call->limit) snprintf(last, sizeof last, "%lld", (long long)l.last);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
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
#define CONTRACT_ROUTES(X)                                                                         \
    X(GET, "/ends", SESSION, ROLES_STAFF, NONE, 10, API_PAGED, NULL, &ends_schema, on_ends,        \
      "Ends of contracts that are under way, and what holds each up")                            \
    X(GET, "/contracts/{merchant}", SESSION, ROLES_STAFF | ROLE_OWNER, NONE, 5, 0, NULL,           \
      &contract_answer, on_contract, "How a merchant's contract stands, and what is in the way of its end") \
    X(POST, "/contracts/{merchant}/end", STEP_UP, ASKS, NONE, 5, 0, &ask_schema,                   \
      &contract_answer, on_ask, "Ask that it ends")                                            \
    X(POST, "/contracts/{merchant}/end/withdraw", SESSION, ASKS, NONE, 5, 0, NULL,                 \
      &contract_answer, on_withdraw, "Take that back, before somebody has decided")            \
    X(POST, "/contracts/{merchant}/end/decision", STEP_UP, ROLE_APPROVER, NONE, 5, 0,              \
      &decision_schema, &contract_answer, on_decide, "Agree to it or not; not by who asked")   \
    X(POST, "/contracts/{merchant}/end/returns", SESSION, ASKS, NONE, 5, 0, &return_schema,        \
      &contract_answer, on_return, "Ask for a label to send a terminal back with")             \
    X(POST, "/contracts/{merchant}/end/close", STEP_UP, ROLE_APPROVER | ROLE_ADMIN, NONE, 10, 0, NULL, \
      &contract_answer, on_close, "End it, when nothing is in the way: the merchant is closed for good")
/* clang-format on */

static const struct api_route rows[] = {CONTRACT_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part contract_part = {.name = "contract",
                                              .schema = &contracts_schema,
                                              .tick = contract_erase_due,
                                              .api_routes = rows,
                                              .api_route_count = ARRAY_LEN(rows)};
