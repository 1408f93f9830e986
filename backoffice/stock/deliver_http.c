/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the shelf to the shop, and back: a terminal is assigned to a merchant, packed, shipped, and
 * whatever else may happen to it.
 */
#include <stdio.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/contracts/contract.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/devices.h"
#include "backoffice/parts.h"
#include "backoffice/registrar.h"
#include "backoffice/stock/replacement.h"
#include "backoffice/stock/shipment.h"
#include "backoffice/stock/stock_http.h"
#include "registry/numbers.h"

/* ---- tables of fields ---- */

static const struct api_field assign_fields[] = {
    {"application", API_TEXT, .min = 10, .max = 10,
     .text = "Its number: it must be agreed; merchant, five elements and address are its own"},
};
API_SCHEMA(assign_schema, "StockAssignment", assign_fields);

static const struct api_field contract_fields[] = {
    {"application", API_TEXT, .min = 1, .max = STOCK_APPLICATION_MAX,
     .text = "Reference of the contract on paper"},
    {"merchant", API_TEXT, .min = 15, .max = 15, .text = "For whom"},
    {"subject", API_TEXT, .min = 1, .max = 64, .text = "Social credit code or identity number"},
    {"account", API_TEXT, .min = 1, .max = 64, .text = "Settlement account"},
    {"address", API_TEXT, .min = 1, .max = ELEMENTS_ADDRESS_BYTES, .text = "Where it will stand"},
    {"phone", API_TEXT, .min = 1, .max = 32, .text = "Who receives it"},
    {"english", API_BOOL, .optional = true, .text = "Is written to in English"},
};
API_SCHEMA(contract_schema, "StockContract", contract_fields);

static const struct api_field scan_fields[] = {
    {"scanned", API_TEXT, .min = 1, .max = 64, .text = "What the scanner has read off the device"},
};
API_SCHEMA(scan_schema, "StockScan", scan_fields);

static const struct api_field reason_fields[] = {
    {"reason", API_TEXT, .min = 1, .max = ELEMENTS_REASON_MAX, .text = "Why"},
};
API_SCHEMA(reason_schema, "StockReason", reason_fields);

static const struct api_field sent_fields[] = {
    {"sent", API_BOOL, .text = "False: the message was not taken; ask once more later"},
};
API_SCHEMA(sent_schema, "StockCode", sent_fields);

/* ---- assigning ---- */

static err is_merchant(struct backoffice *b, const char *mid, bool *ret_is)
{
    struct registry_merchant merchant;
    bool ending = false;
    *ret_is = false;
    if (b->registry == NULL) return OK;
    TRY(contract_is_ending(b->store, mid, &ending));
    if (ending) return OK;
    err found = registry_find_merchant(b->registry, bytes_text(mid), &merchant);
    if (found.code == ERR_NOT_FOUND) return OK;
    *ret_is = !FAILED(found) && merchant.status == REGISTRY_ACTIVE;
    return found;
}

/* The number in registry.db is taken for this assignment: asked for again it is the same. */
static err number_it(struct backoffice *b, const struct registry_actor *actor, struct store_tx *tx,
                     struct stock_terminal *terminal)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    char reference[REGISTRY_REFERENCE_MAX + 1], tid[9];
    snprintf(reference, sizeof reference, "stock %lld", (long long)terminal->assignment);
    TRY(registrar_open(b, &registry));
    TRY(registry_number_terminal(registry, actor, bytes_text(reference), tid));
    return stock_number(tx, terminal, tid);
}

static err read_form(const struct json_t *body, struct elements_form *form)
{
    TRY(json_text(body, "subject", 64, &form->subject));
    TRY(json_text(body, "account", 64, &form->account));
    TRY(json_text(body, "address", ELEMENTS_ADDRESS_BYTES, &form->address));
    TRY(json_text(body, "phone", 32, &form->phone));
    return json_has(body, "english") ? json_bool(body, "english", &form->english) : OK;
}

static void refuse_element(const struct api_call *call, const char *which,
                           struct http_response *response)
{
    char text[200];
    bool english = choice_english(call->request);
    static const struct {
        const char *name, *zh, *en;
    } rows[] = {
        {"subject", "统一社会信用代码或身份证号不正确，请核对证件（18位，含校验位）。",
         "This is no social credit code and no identity number: compare the document."},
        {"account", "结算账号应为8到32位数字。", "The account must have 8 to 32 digits."},
        {"address", "布放地址应为6到30个字。", "The address must have 6 to 30 characters."},
        {"phone", "收件人手机号不正确。", "This is no telephone number."},
    };
    text[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, which) == 0)
            snprintf(text, sizeof text, "%s", english ? rows[i].en : rows[i].zh);
    api_refuse(response, 422, which, text);
}

/* For whom, from an application or from paper. */
struct assignment {
    const char *mid, *number;
    const struct elements_form *form;
};

/* In one transaction; the terminal number is the last to be asked for. */
static err assign(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                  const struct assignment *to, struct stock_terminal *terminal,
                  enum stock_verdict *ret_verdict)
{
    const struct registry_actor actor = api_actor(call);
    const enum stock_state was = terminal->state;
    bool is = false;
    TRY(is_merchant(b, to->mid, &is));
    *ret_verdict = STOCK_MERCHANT;
    if (!is) return OK;
    TRY(stock_assign(tx, &actor, to->mid, to->number, terminal, ret_verdict));
    if (*ret_verdict != STOCK_OK) return OK;
    TRY(joint_follow(b, tx, &actor, STOCK_DOES_ASSIGN, was, to->number, terminal->serial,
                     ret_verdict));
    if (*ret_verdict != STOCK_OK) return OK;
    TRY(elements_prepare(b, tx, terminal->serial, to->mid, to->form, call->now_ms));
    return number_it(b, &actor, tx, terminal);
}

static err assign_and_answer(struct backoffice *b, const struct api_call *call,
                             const struct assignment *to, struct stock_terminal *terminal,
                             struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum stock_verdict verdict;
    const char *wrong = elements_wrong(to->form);
    if (wrong != NULL) {
        refuse_element(call, wrong, response);
        return OK;
    }
    TRY(store_begin(b->store, &tx));
    err done = assign(b, call, &tx, to, terminal, &verdict);
    if (done.code == ERR_BUSY || done.code == ERR_REFUSED) {
        registrar_refuse(response);
        return OK;
    }
    TRY(done);
    return stock_answer(b, call, &tx, terminal, verdict, response);
}

static err on_assign(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(joint_wipe) struct joint_parcel parcel = {.id = 0};
    struct stock_terminal terminal;
    struct bytes number;
    enum stock_verdict verdict;
    bool there = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    TRY(json_text(call->body, "application", STOCK_APPLICATION_MAX, &number));
    err opened = joint_open(b, number, &parcel, &verdict);
    if (opened.code == ERR_REFUSED || opened.code == ERR_TIMEOUT) {
        registrar_refuse(response);
        return OK;
    }
    TRY(opened);
    if (verdict == STOCK_OK && stock_next(terminal.state, STOCK_DOES_ASSIGN) == 0)
        verdict = STOCK_STATE;
    if (verdict != STOCK_OK) {
        stock_refuse(call, verdict, response);
        return OK;
    }
    const struct assignment to = {parcel.mid, parcel.number, &parcel.form};
    return assign_and_answer(b, call, &to, &terminal, response);
}

/* What was agreed on paper, before applications were kept here: an administrator types it in. */
static err on_contract(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    char mid[16], number[STOCK_APPLICATION_MAX + 1];
    struct stock_terminal terminal;
    struct elements_form form = {{0}};
    bool there = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    TRY(read_form(call->body, &form));
    TRY(json_text_copy(call->body, "merchant", mid, sizeof mid));
    TRY(json_text_copy(call->body, "application", number, sizeof number));
    if (joint_is_number(bytes_text(number))) {
        stock_refuse(call, STOCK_NOT_PAPER, response);
        return OK;
    }
    const struct assignment to = {mid, number, &form};
    return assign_and_answer(b, call, &to, &terminal, response);
}

/* ---- steps ---- */

static err reason_of(const struct api_call *call, char reason[ELEMENTS_REASON_MAX + 1])
{
    reason[0] = '\0';
    if (call->body == NULL) return OK;
    return json_text_copy(call->body, "reason", reason, ELEMENTS_REASON_MAX + 1);
}

/* A step, and `more` of it in the same transaction. */
static err step(struct backoffice *b, const struct api_call *call, enum stock_happening event,
                err (*more)(struct backoffice *b, struct store_tx *tx,
                            const struct stock_terminal *terminal, const char *reason,
                            int64_t now_ms),
                struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    struct stock_terminal terminal;
    char reason[ELEMENTS_REASON_MAX + 1];
    enum stock_verdict verdict;
    bool there = false, serves = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    TRY(reason_of(call, reason));
    TRY(store_begin(b->store, &tx));
    bool gives_up =
        event == STOCK_DOES_UNASSIGN || event == STOCK_DOES_RETURN || event == STOCK_DOES_SCRAP;
    if (gives_up) TRY(replacement_serves(b->store, &terminal, &serves));
    if (serves) {
        stock_refuse(call, STOCK_SERVES, response);
        return OK;
    }
    enum stock_state was = terminal.state;
    char number[STOCK_APPLICATION_MAX + 1];
    memcpy(number, terminal.application, sizeof number);
    TRY(stock_step(&tx, &actor, event, reason, &terminal, &verdict));
    if (verdict == STOCK_OK)
        TRY(joint_follow(b, &tx, &actor, event, was, number, terminal.serial, &verdict));
    err done =
        verdict == STOCK_OK && more != NULL ? more(b, &tx, &terminal, reason, call->now_ms) : OK;
    if (done.code == ERR_REFUSED || done.code == ERR_BUSY) {
        registrar_refuse(response);
        return OK;
    }
    TRY(done);
    return stock_answer(b, call, &tx, &terminal, verdict, response);
}

static err end_binding(struct backoffice *b, struct store_tx *tx,
                       const struct stock_terminal *terminal, const char *reason, int64_t now_ms)
{
    (void)b;
    return elements_end(tx, terminal->serial, reason[0] == '\0' ? "unassigned" : reason, now_ms);
}

/* What came back opens nothing any more: its code is dead, and its number is closed for good. */
static err end_all(struct backoffice *b, struct store_tx *tx, const struct stock_terminal *terminal,
                   const char *reason, int64_t now_ms)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    const struct registry_actor actor = {BYTES("stock"), now_ms};
    struct registry_terminal known;
    TRY(activation_kill(tx, terminal->serial));
    TRY(elements_end(tx, terminal->serial, reason, now_ms));
    if (b->registry == NULL || terminal->tid[0] == '\0') return OK;
    err found = registry_find_terminal(b->registry, bytes_text(terminal->tid), &known);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (known.status == REGISTRY_CLOSED) return OK;
    TRY(registrar_open(b, &registry));
    return registry_set_terminal_status(registry, &actor, bytes_text(terminal->tid),
                                        REGISTRY_CLOSED);
}

static err send_first(struct backoffice *b, struct store_tx *tx,
                      const struct stock_terminal *terminal, const char *reason, int64_t now_ms)
{
    struct elements elements;
    bool sent = false;
    (void)reason;
    TRY(elements_find(b->store, terminal->serial, &elements));
    TRY(shipment_begin(b, tx, terminal, now_ms));
    return activation_send(b, tx, terminal, &elements, now_ms, &sent);
}

/* Its own shop may begin with it once more: what was known of it as a device is over, as when
 * another one takes its place, and the shop gets another code. */
static err release(struct backoffice *b, struct store_tx *tx, const struct stock_terminal *terminal,
                   const char *reason, int64_t now_ms)
{
    struct elements elements;
    bool sent = false;
    (void)reason;
    TRY(elements_find(b->store, terminal->serial, &elements));
    if (b->desk != NULL) TRY(devices_replaced(b->desk, tx, terminal->tid));
    return activation_send(b, tx, terminal, &elements, now_ms, &sent);
}

static err on_unassign(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    return step(b, call, STOCK_DOES_UNASSIGN, end_binding, response);
}

static err on_unpack(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return step(b, call, STOCK_DOES_UNPACK, NULL, response);
}

static err on_ship(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    return step(b, call, STOCK_DOES_SHIP, send_first, response);
}

static err on_delivered(struct backoffice *b, const struct api_call *call,
                        struct http_response *response)
{
    return step(b, call, STOCK_DOES_DELIVER, NULL, response);
}

static err on_return(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return step(b, call, STOCK_DOES_RETURN, end_all, response);
}

static err on_restock(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    return step(b, call, STOCK_DOES_RESTOCK, NULL, response);
}

static err on_scrap(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    return step(b, call, STOCK_DOES_SCRAP, end_all, response);
}

static err on_release(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    return step(b, call, STOCK_DOES_RELEASE, release, response);
}

static err on_pack(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    struct stock_terminal terminal;
    struct bytes scanned;
    enum stock_verdict verdict;
    bool there = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    TRY(json_text(call->body, "scanned", 64, &scanned));
    TRY(store_begin(b->store, &tx));
    TRY(stock_pack(&tx, &actor, scanned, &terminal, &verdict));
    return stock_answer(b, call, &tx, &terminal, verdict, response);
}

/* Another code by SMS: the one before is dead. */
static err on_code(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct stock_terminal terminal;
    struct elements elements;
    bool there = false, sent = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    if (stock_next(terminal.state, STOCK_DOES_ACTIVATE) == 0) {
        stock_refuse(call, STOCK_STATE, response);
        return OK;
    }
    TRY(elements_find(b->store, terminal.serial, &elements));
    TRY(store_begin(b->store, &tx));
    err done = activation_send(b, &tx, &terminal, &elements, call->now_ms, &sent);
    if (done.code == ERR_REFUSED) {
        registrar_refuse(response);
        return OK;
    }
    TRY(done);
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("activation_code_sent"),
                                                bytes_text(terminal.serial), BYTES("")}));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_bool(&j, "sent", sent);
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

#define KEEPERS (ROLE_AGENT | ROLE_ADMIN)

#define DELIVER_ROUTES(X)                                                                         \
    X(POST, "/stock/terminals/{serial}/assign", SESSION, KEEPERS, STOCK_WRITE, 5, 0,              \
      &assign_schema, &stock_terminal_schema, on_assign, "Assign it to an agreed application")    \
    X(POST, "/stock/terminals/{serial}/assign_contract", SESSION, ROLE_ADMIN, CONTRACTS_WRITE, 5, \
      0, &contract_schema, &stock_terminal_schema, on_contract,                                   \
      "Assign it by a contract on paper")                                                         \
    X(POST, "/stock/terminals/{serial}/unassign", SESSION, KEEPERS, STOCK_WRITE, 2, 0, NULL,      \
      &stock_terminal_schema, on_unassign, "It is for nobody any more")                           \
    X(POST, "/stock/terminals/{serial}/pack", SESSION, KEEPERS, STOCK_WRITE, 2, 0, &scan_schema,  \
      &stock_terminal_schema, on_pack, "Pack the device that was scanned")                        \
    X(POST, "/stock/terminals/{serial}/unpack", SESSION, KEEPERS, STOCK_WRITE, 2, 0, NULL,        \
      &stock_terminal_schema, on_unpack, "Open the parcel again")                                 \
    X(POST, "/stock/terminals/{serial}/ship", SESSION, KEEPERS, STOCK_WRITE, 2, 0, NULL,          \
      &stock_terminal_schema, on_ship, "Hand it to the courier; its code goes out")               \
    X(POST, "/stock/terminals/{serial}/deliver", SESSION, KEEPERS, STOCK_WRITE, 2, 0, NULL,       \
      &stock_terminal_schema, on_delivered, "It has arrived")                                     \
    X(POST, "/stock/terminals/{serial}/return", SESSION, KEEPERS, STOCK_WRITE, 2, 0,              \
      &reason_schema, &stock_terminal_schema, on_return, "It has come back")                      \
    X(POST, "/stock/terminals/{serial}/restock", SESSION, KEEPERS, STOCK_WRITE, 2, 0, NULL,       \
      &stock_terminal_schema, on_restock, "Back into stock: it was never active")                 \
    X(POST, "/stock/terminals/{serial}/scrap", STEP_UP, ROLE_ADMIN, STOCK_WRITE, 2, 0,            \
      &reason_schema, &stock_terminal_schema, on_scrap, "It is no terminal any more")             \
    X(POST, "/stock/terminals/{serial}/release", STEP_UP, ROLE_APPROVER | ROLE_ADMIN, NONE, 5, 0, \
      &reason_schema, &stock_terminal_schema, on_release,                                         \
      "Its own shop may activate it once more; a code goes out")                                  \
    X(POST, "/stock/terminals/{serial}/code", SESSION, KEEPERS, STOCK_WRITE, 5, 0, NULL,          \
      &sent_schema, on_code, "Send another activation code; the one before is dead")

static const struct api_route rows[] = {DELIVER_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part deliver_part = {.name = "deliver",
                                             .schema = &elements_schema,
                                             .api_routes = rows,
                                             .api_route_count = ARRAY_LEN(rows)};
const struct backoffice_part activation_part = {.name = "activation", .schema = &activation_schema};
