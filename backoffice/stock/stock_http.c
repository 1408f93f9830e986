/* SPDX-License-Identifier: Apache-2.0 */
/* The stock behind the interface: models, lists of the maker, what is where and what it was. */
#include "backoffice/stock/stock_http.h"

#include <stdio.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/applications/recommend.h"

/* ---- tables of fields ---- */

static const struct api_field terminal_fields[] = {
    {"serial", API_TEXT, .max = SERIAL_MAX, .text = "Its serial number"},
    {"model", API_TEXT, .max = STOCK_MODEL_MAX, .text = "Its model"},
    {"kind", API_TEXT, .max = 16, .text = "The kind of terminal that the model is"},
    {"state", API_TEXT, .max = 16, .text = "Where it is in its life"},
    {"state_zh", API_TEXT, .max = 60, .text = "The same for people"},
    {"state_en", API_TEXT, .max = 60, .text = "In English"},
    {"merchant", API_TEXT, .optional = true, .max = 15, .text = "For whom it is, or whose"},
    {"application", API_TEXT, .optional = true, .max = STOCK_APPLICATION_MAX,
     .text = "By which application"},
    {"terminal", API_TEXT, .optional = true, .max = 8, .text = "Its terminal number"},
    {"taken", API_TIME, .text = "When it was taken in"},
    {"changed", API_TIME, .text = "When its state last changed"},
};
const struct api_schema stock_terminal_schema = {"StockTerminal", terminal_fields,
                                                 ARRAY_LEN(terminal_fields)};

static const struct api_field list_fields[] = {
    {"terminals", API_LIST, .of = &stock_terminal_schema, .text = "By their serial numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "StockTerminals", list_fields);

static const struct api_field event_fields[] = {
    {"number", API_INT, .min = 1, .max = INT64_MAX, .text = "Grows"},
    {"at", API_TIME, .text = "When"},
    {"event", API_TEXT, .max = 16, .text = "What happened"},
    {"was", API_TEXT, .optional = true, .max = 16, .text = "The state before"},
    {"became", API_TEXT, .max = 16, .text = "The state after"},
    {"by", API_TEXT, .max = STOCK_ACTOR_MAX, .text = "Who did it"},
    {"note", API_TEXT, .max = STOCK_NOTE_MAX, .text = "With what"},
};
API_SCHEMA(event_schema, "StockEvent", event_fields);

static const struct api_field binding_fields[] = {
    {"acquirer", API_TEXT, .max = 3, .text = "Acquirer code"},
    {"merchant", API_TEXT, .max = 15, .text = "Merchant code"},
    {"subject", API_TEXT, .max = 18,
     .text = "The last four of the social credit code or identity number"},
    {"account", API_TEXT, .max = 8, .text = "The last four of the settlement account"},
    {"address", API_TEXT, .max = ELEMENTS_ADDRESS_BYTES, .text = "Where it stands"},
    {"bound", API_TIME, .optional = true, .text = "Since when it holds"},
    {"ended", API_TIME, .optional = true, .text = "When it ended"},
    {"reason", API_TEXT, .optional = true, .max = ELEMENTS_REASON_MAX, .text = "Why it ended"},
};
API_SCHEMA(binding_schema, "StockBinding", binding_fields);

static const struct api_field history_fields[] = {
    {"terminal", API_OBJECT, .of = &stock_terminal_schema, .text = "As it is"},
    {"history", API_LIST, .of = &event_schema, .text = "Oldest first"},
    {"bindings", API_LIST, .of = &binding_schema, .text = "The five elements, oldest first"},
};
API_SCHEMA(history_schema, "StockHistory", history_fields);

static const char *const kind_words[] = {"speaker", "handheld", "smart", "counter", "till", NULL};

static const struct api_field model_fields[] = {
    {"model", API_TEXT, .min = 1, .max = STOCK_MODEL_MAX, .text = "Its name"},
    {"kind", API_WORD, .words = kind_words, .text = "The kind of terminal that it is"},
    {"form", API_TEXT, .min = 1, .max = SERIAL_MAX,
     .text = "Of its serial numbers: # a digit, @ a capital letter, ? either"},
};
API_SCHEMA(model_schema, "StockModel", model_fields);

static const struct api_field models_fields[] = {
    {"models", API_LIST, .of = &model_schema, .text = "By their names"},
};
API_SCHEMA(models_schema, "StockModels", models_fields);

static const struct api_field take_fields[] = {
    {"list", API_TEXT, .min = 1, .max = STOCK_LIST_MAX,
     .text = "The maker's list: a line serial,model,print and one for each terminal"},
};
API_SCHEMA(take_schema, "StockList", take_fields);

static const struct api_field taken_fields[] = {
    {"count", API_INT, .min = 1, .max = STOCK_LIST_MAX, .text = "How many were taken in"},
};
API_SCHEMA(taken_schema, "StockTaken", taken_fields);

/* ---- shared ---- */

void stock_refuse(const struct api_call *call, enum stock_verdict verdict,
                  struct http_response *response)
{
    bool form = verdict != STOCK_STATE && verdict != STOCK_THERE && verdict != STOCK_USED &&
                verdict != STOCK_MODEL_THERE && verdict != STOCK_NOT_AGREED &&
                verdict != STOCK_NOT_NUMBERED &&
                !(verdict >= STOCK_ASKED && verdict <= STOCK_BEGUN);
    ENSURE(verdict != STOCK_OK);
    api_refuse(response, form ? 422 : 409, stock_verdict_word(verdict),
               stock_verdict_text(verdict, choice_english(call->request)));
}

err stock_of_path(struct backoffice *b, const struct api_call *call, struct http_response *response,
                  struct stock_terminal *ret, bool *ret_there)
{
    char other[SERIAL_MAX + 1];
    struct bytes serial = bytes_text(call->value[0]);
    *ret_there = false;
    err found = stock_find(b->store, serial, ret);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    *ret_there = !FAILED(found) && api_may_see(call->caller, ret->mid, 0);
    if (*ret_there) return OK;
    bool own = FAILED(found) && call->caller->mid[0] == '\0';
    err alike = own ? stock_find_alike(b->store, serial, other) : ERR(NOT_FOUND);
    if (alike.code != ERR_NOT_FOUND) TRY(alike);
    if (!FAILED(alike)) stock_refuse(call, STOCK_ALIKE, response);
    else api_missing(response);
    return OK;
}

void stock_write(struct json_out *j, const struct stock_terminal *t)
{
    const struct terminal_kind_row *kind = terminal_kind_row((enum terminal_kind)t->kind);
    json_member_string(j, "serial", t->serial);
    json_member_string(j, "model", t->model);
    json_member_string(j, "kind", kind->word);
    json_member_string(j, "state", stock_state_word(t->state));
    json_member_string(j, "state_zh", stock_state_text(t->state, false));
    json_member_string(j, "state_en", stock_state_text(t->state, true));
    if (t->mid[0] != '\0') json_member_string(j, "merchant", t->mid);
    if (t->application[0] != '\0') json_member_string(j, "application", t->application);
    if (t->tid[0] != '\0') json_member_string(j, "terminal", t->tid);
    json_member_int(j, "taken", t->taken_ms);
    json_member_int(j, "changed", t->changed_ms);
}

err stock_answer(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                 const struct stock_terminal *terminal, enum stock_verdict verdict,
                 struct http_response *response)
{
    if (verdict != STOCK_OK) {
        stock_refuse(call, verdict, response);
        return OK;
    }
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    stock_write(&j, terminal);
    json_object_end(&j);
    return api_commit(b, call, tx, response);
}

/* ---- models ---- */

static err write_model(void *context, const struct stock_model *model)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_string(j, "model", model->model);
    json_member_string(j, "kind", kind_words[model->kind - KIND_SPEAKER]);
    json_member_string(j, "form", model->form);
    json_object_end(j);
    return OK;
}

static err on_models(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    if (!api_acquirers(call, response)) return OK;
    json_object_begin(&j);
    json_member_array(&j, "models");
    TRY(stock_models(b->store, write_model, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static unsigned kind_named(struct bytes word)
{
    for (unsigned i = 0; kind_words[i] != NULL; i++)
        if (bytes_equal(word, bytes_text(kind_words[i]))) return KIND_SPEAKER + i;
    return 0;
}

static err on_model(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct stock_model model = {.kind = 0};
    struct bytes kind;
    enum stock_verdict verdict;
    if (!api_acquirers(call, response)) return OK;
    TRY(json_text_copy(call->body, "model", model.model, sizeof model.model));
    TRY(json_text_copy(call->body, "form", model.form, sizeof model.form));
    TRY(json_text(call->body, "kind", 16, &kind));
    model.kind = kind_named(kind);
    TRY(store_begin(b->store, &tx));
    TRY(stock_model_add(&tx, &model, call->now_ms, &verdict));
    if (verdict != STOCK_OK) {
        stock_refuse(call, verdict, response);
        return OK;
    }
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("stock_model_added"), bytes_text(model.model),
                                                bytes_text(model.form)}));
    struct json_out j = json_out_over(&response->body);
    TRY(write_model(&j, &model));
    return api_commit(b, call, &tx, response);
}

/* ---- taking in ---- */

/* "line 3: ...", and the one that collides. */
static void refuse_list(const struct api_call *call, const struct stock_taken *taken,
                        struct http_response *response)
{
    char text[320];
    bool english = choice_english(call->request);
    snprintf(text, sizeof text, english ? "Line %u: %s%s%s" : "第%u行：%s%s%s", taken->line,
             stock_verdict_text(taken->verdict, english), taken->other[0] == '\0' ? "" : " ",
             taken->other);
    api_refuse(response, 422, stock_verdict_word(taken->verdict), text);
}

static err on_take(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    struct stock_taken taken;
    struct bytes list;
    if (!api_acquirers(call, response)) return OK;
    TRY(json_text(call->body, "list", STOCK_LIST_MAX, &list));
    TRY(store_begin(b->store, &tx));
    TRY(stock_take_in(&tx, &actor, list, &taken));
    if (taken.verdict != STOCK_OK) {
        refuse_list(call, &taken, response);
        return OK;
    }
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "count", taken.count);
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

/* ---- looking ---- */

struct listing {
    struct json_out *j;
    size_t count;
    char last[SERIAL_MAX + 1];
};

static err write_row(void *context, const struct stock_terminal *terminal)
{
    struct listing *l = context;
    json_object_begin(l->j);
    stock_write(l->j, terminal);
    json_object_end(l->j);
    l->count++;
    memcpy(l->last, terminal->serial, sizeof l->last);
    return OK;
}

static err list(struct backoffice *b, const struct api_call *call, enum stock_state state,
                struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    /* A device on its way is for no outlet yet: who may see one outlet only sees none of them. */
    const struct stock_query query = {.mid = call->caller->outlet != 0 ? "none" : call->caller->mid,
                                      .state = state,
                                      .search = "",
                                      .after = call->after,
                                      .limit = call->limit};
    json_object_begin(&j);
    json_member_array(&j, "terminals");
    TRY(stock_list(b->store, &query, write_row, &listing));
    json_array_end(&j);
    api_next(&j, listing.count == call->limit ? listing.last : "");
    json_object_end(&j);
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    return list(b, call, (enum stock_state)0, response);
}

static err on_state(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    enum stock_state state = stock_state_named(bytes_text(call->value[0]));
    if (state != 0) return list(b, call, state, response);
    api_missing(response);
    return OK;
}

static err write_event(void *context, const struct stock_row *row)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "number", row->number);
    json_member_int(j, "at", row->at_ms);
    json_member_string(j, "event", stock_event_word(row->event));
    if (row->was != 0) json_member_string(j, "was", stock_state_word(row->was));
    json_member_string(j, "became", stock_state_word(row->became));
    json_member_string(j, "by", row->actor);
    json_member_string(j, "note", row->note);
    json_object_end(j);
    return OK;
}

static err write_binding(void *context, const struct elements *e, const char *reason)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_text(j, "acquirer", bytes_of(e->mid, 3));
    json_member_string(j, "merchant", e->mid);
    json_member_string(j, "subject", e->subject_tail);
    json_member_string(j, "account", e->account_tail);
    json_member_string(j, "address", e->address);
    if (e->bound_ms != 0) json_member_int(j, "bound", e->bound_ms);
    if (e->ended_ms != 0) {
        json_member_int(j, "ended", e->ended_ms);
        json_member_string(j, "reason", reason);
    }
    json_object_end(j);
    return OK;
}

static err on_one(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct stock_terminal terminal;
    bool there = false;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_object(&j, "terminal");
    stock_write(&j, &terminal);
    json_object_end(&j);
    json_member_array(&j, "history");
    /* Who had it before is nobody's but the acquirer's. */
    if (call->caller->mid[0] == '\0')
        TRY(stock_history(b->store, terminal.serial, write_event, &j));
    json_array_end(&j);
    json_member_array(&j, "bindings");
    if (call->caller->mid[0] == '\0')
        TRY(elements_history(b->store, terminal.serial, write_binding, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

#define KEEPERS (ROLE_AGENT | ROLE_ADMIN)

#define STOCK_ROUTES(X)                                                                            \
    X(GET, "/stock/models", SESSION, ROLES_STAFF, STOCK_READ, 1, 0, NULL, &models_schema,          \
      on_models, "Models of terminals, and the form of their serial numbers")                      \
    X(POST, "/stock/models", STEP_UP, ROLE_ADMIN, STOCK_WRITE, 2, API_CREATES, &model_schema,      \
      &model_schema, on_model, "Add a model")                                                      \
    X(POST, "/stock/lists", SESSION, KEEPERS, STOCK_WRITE, 10, API_CREATES, &take_schema,          \
      &taken_schema, on_take, "Take in a list of the maker, all of it or nothing")                 \
    X(GET, "/stock/terminals", SESSION, ROLES_STAFF, STOCK_READ, 1, API_PAGED, NULL, &list_schema, \
      on_list, "Terminals in stock and on their way")                                              \
    X(GET, "/stock/states/{state}", SESSION, ROLES_STAFF, STOCK_READ, 1, API_PAGED, NULL,          \
      &list_schema, on_state, "Terminals in one state of their life")                              \
    X(GET, "/stock/terminals/{serial}", SESSION, ROLES_STAFF, STOCK_READ, 1, 0, NULL,              \
      &history_schema, on_one, "A terminal, its history and its bindings")

static const struct api_route rows[] = {STOCK_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part stock_part = {.name = "stock",
                                           .schema = &stock_schema,
                                           .api_routes = rows,
                                           .api_route_count = ARRAY_LEN(rows)};
