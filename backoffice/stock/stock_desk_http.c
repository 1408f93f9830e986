/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stock as the people of the acquirer work with it: a list with counts and a search, one
 * terminal with its life, its parcel and every step with why it may not be taken, and which
 * applications wait for a terminal. States, events and reasons come in both languages.
 */
#include "backoffice/stock/stock_desk.h"

#include <stdio.h>

#include "backoffice/applications/recommend.h"
#include "backoffice/applications/regions.h"
#include "backoffice/parts.h"
#include "backoffice/stock/joint.h"
#include "backoffice/stock/shipment_rows.h"
#include "backoffice/stock/stock_http.h"
#include "registry/contact.h"
#include "registry/numbers.h"

/* ---- tables of fields ---- */

static const struct api_field row_fields[] = {
    {"terminal", API_OBJECT, .of = &stock_terminal_schema, .text = "As it is"},
    {"shop", API_TEXT, .optional = true, .max = REGISTRY_NAME_MAX, .text = "For whom, by name"},
};
API_SCHEMA(row_schema, "StockDeskRow", row_fields);

static const struct api_field count_fields[] = {
    {"name", API_TEXT, .max = 16, .text = "A state"},
    {"text_zh", API_TEXT, .max = 60, .text = "Its name"},
    {"text_en", API_TEXT, .max = 60, .text = "Its name in English"},
    {"count", API_INT, .max = INT32_MAX, .text = "How many are in it"},
};
API_SCHEMA(count_schema, "StockCount", count_fields);

static const struct api_field step_fields[] = {
    {"name", API_TEXT, .max = 16, .text = "What could be done"},
    {"may", API_BOOL, .text = "Whether who asks may do it now"},
    {"why", API_TEXT, .optional = true, .max = 24, .text = "Why not; state: it is not its turn"},
    {"why_zh", API_TEXT, .optional = true, .max = 300, .text = "Why not, and what to do"},
    {"why_en", API_TEXT, .optional = true, .max = 300, .text = "The same in English"},
};
API_SCHEMA(step_schema, "StockStep", step_fields);

static const struct api_field list_fields[] = {
    {"terminals", API_LIST, .max = API_PAGE_MAX, .of = &row_schema, .text = "By serial numbers"},
    {"states", API_LIST, .max = STOCK_STATES, .of = &count_schema, .text = "Of the whole stock"},
    {"steps", API_LIST, .max = 2, .of = &step_schema, .text = "take_in and model"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "StockDeskList", list_fields);

static const struct api_field query_fields[] = {
    {"state", API_TEXT, .optional = true, .max = 16, .text = "Only those in this state"},
    {"search", API_TEXT, .optional = true, .max = 40,
     .text = "A part of a serial number, or the number of an application, merchant or terminal"},
};
API_SCHEMA(query_schema, "StockDeskQuery", query_fields);

static const struct api_field event_fields[] = {
    {"at", API_TIME, .text = "When"},
    {"text_zh", API_TEXT, .max = 60, .text = "What happened"},
    {"text_en", API_TEXT, .max = 60, .text = "The same in English"},
    {"by", API_TEXT, .optional = true, .max = STOCK_ACTOR_MAX, .text = "Who did it"},
    {"note", API_TEXT, .optional = true, .max = STOCK_NOTE_MAX, .text = "With what"},
};
API_SCHEMA(event_schema, "StockDeskEvent", event_fields);

static const struct api_field parcel_fields[] = {
    {"label", API_TEXT, .optional = true, .max = COURIER_LABEL_MAX, .text = "The courier's number"},
    {"text_zh", API_TEXT, .max = 60, .text = "How far it is"},
    {"text_en", API_TEXT, .max = 60, .text = "The same in English"},
    {"events", API_LIST, .max = COURIER_EVENTS_MAX, .of = &event_schema, .text = "In their order"},
};
API_SCHEMA(parcel_schema, "StockParcel", parcel_fields);

static const struct api_field swap_fields[] = {
    {"was", API_TEXT, .max = SERIAL_MAX, .text = "The one that served"},
    {"now", API_TEXT, .max = SERIAL_MAX, .text = "The one that takes over"},
    {"text_zh", API_TEXT, .max = 60, .text = "How far it is"},
    {"text_en", API_TEXT, .max = 60, .text = "The same in English"},
    {"reason", API_TEXT, .max = ELEMENTS_REASON_MAX, .text = "Why"},
    {"asked_by", API_TEXT, .max = STOCK_ACTOR_MAX, .text = "Who asked for it"},
    {"at", API_TIME, .text = "When it was asked for, or decided"},
};
API_SCHEMA(swap_schema, "StockSwap", swap_fields);

static const struct api_field place_fields[] = {
    {"address", API_TEXT, .max = ELEMENTS_ADDRESS_BYTES, .text = "Where it stands, or goes"},
    {"phone", API_TEXT, .max = 160, .text = "Who receives it, masked"},
};
API_SCHEMA(place_schema, "StockPlace", place_fields);

static const struct api_field desk_fields[] = {
    {"terminal", API_OBJECT, .of = &stock_terminal_schema, .text = "As it is"},
    {"shop", API_TEXT, .optional = true, .max = REGISTRY_NAME_MAX, .text = "For whom, by name"},
    {"place", API_OBJECT, .optional = true, .of = &place_schema, .text = "Where it goes"},
    {"steps", API_LIST, .max = STOCK_STEPS, .of = &step_schema, .text = "What may be done now"},
    {"parcel", API_OBJECT, .optional = true, .of = &parcel_schema, .text = "At the courier"},
    {"swaps", API_LIST, .max = 64, .of = &swap_schema, .text = "Who served its number, in turn"},
    {"history", API_LIST, .of = &event_schema, .text = "Its life, oldest first"},
};
API_SCHEMA(desk_schema, "StockDesk", desk_fields);

static const struct api_field waiting_fields[] = {
    {"application", API_TEXT, .max = 10, .text = "Its number"},
    {"shop", API_TEXT, .max = APPLY_TEXT_MAX, .text = "Its shop"},
    {"kind_zh", API_TEXT, .optional = true, .max = 60, .text = "The kind of terminal that suits"},
    {"kind_en", API_TEXT, .optional = true, .max = 60, .text = "The same in English"},
    {"merchant", API_TEXT, .optional = true, .max = 15,
     .text = "Its merchant number; without one it is registered first"},
    {"region", API_TEXT, .max = 4, .text = "Four digits, from the form"},
    {"category", API_TEXT, .max = 4, .text = "Four digits, from the form"},
    {"city_zh", API_TEXT, .max = 60, .text = "The town of the region"},
    {"city_en", API_TEXT, .max = 60, .text = "The same in English"},
    {"owner", API_TEXT, .max = APPLY_TEXT_MAX, .text = "Who is responsible"},
    {"phone", API_TEXT, .max = CONTACT_MASK_MAX, .text = "His mobile telephone, masked"},
};
API_SCHEMA(waiting_schema, "StockWaiting", waiting_fields);

static const struct api_field waitings_fields[] = {
    {"applications", API_LIST, .max = API_PAGE_MAX, .of = &waiting_schema,
     .text = "Agreed, and without a terminal"},
    {"steps", API_LIST, .max = 1, .of = &step_schema, .text = "register: a merchant's number"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(waitings_schema, "StockWaitings", waitings_fields);

/* ---- writing ---- */

static void texts(struct json_out *j, const char *zh, const char *en)
{
    json_member_string(j, "text_zh", zh);
    json_member_string(j, "text_en", en);
}

static err write_shop(struct backoffice *b, struct json_out *j, const struct stock_terminal *t)
{
    struct registry_merchant m;
    if (b->registry == NULL || t->mid[0] == '\0') return OK;
    err found = registry_find_merchant(b->registry, bytes_text(t->mid), &m);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    json_member_string(j, "shop", m.name_zh[0] != '\0' ? m.name_zh : m.name_en);
    return OK;
}

static void write_terminal(struct json_out *j, const struct stock_terminal *t)
{
    json_member_object(j, "terminal");
    stock_write(j, t);
    json_object_end(j);
}

static void write_step(struct json_out *j, const char *name, enum stock_verdict verdict)
{
    json_object_begin(j);
    json_member_string(j, "name", name);
    json_member_bool(j, "may", verdict == STOCK_OK);
    if (verdict != STOCK_OK) {
        json_member_string(j, "why", stock_verdict_word(verdict));
        json_member_string(j, "why_zh", stock_verdict_text(verdict, false));
        json_member_string(j, "why_en", stock_verdict_text(verdict, true));
    }
    json_object_end(j);
}

/* What depends on the role alone. */
static void write_by_role(struct json_out *j, const struct api_call *call, const char *name,
                          unsigned roles)
{
    write_step(j, name, (call->caller->roles & roles) != 0 ? STOCK_OK : STOCK_ROLE);
}

static err write_counts(struct backoffice *b, struct json_out *j)
{
    int64_t counts[STOCK_STATES];
    TRY(stock_counts(b->store, counts));
    json_member_array(j, "states");
    for (enum stock_state s = STOCK_IN_STOCK; s < STOCK_STATES; s++) {
        json_object_begin(j);
        json_member_string(j, "name", stock_state_word(s));
        texts(j, stock_state_text(s, false), stock_state_text(s, true));
        json_member_int(j, "count", counts[s]);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

/* ---- the list ---- */

struct listing {
    struct backoffice *b;
    struct json_out *j;
    size_t count;
    char last[SERIAL_MAX + 1];
};

static err write_row(void *context, const struct stock_terminal *t)
{
    struct listing *l = context;
    json_object_begin(l->j);
    write_terminal(l->j, t);
    TRY(write_shop(l->b, l->j, t));
    json_object_end(l->j);
    l->count++;
    memcpy(l->last, t->serial, sizeof l->last);
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.b = b, .j = &j};
    const char *state = api_query(call, "state");
    if (!api_acquirers(call, response)) return OK;
    const struct stock_query query = {.mid = "",
                                      .state = stock_state_named(bytes_text(state)),
                                      .search = api_query(call, "search"),
                                      .after = call->after,
                                      .limit = call->limit};
    if (state[0] != '\0' && query.state == 0) {
        api_missing(response);
        return OK;
    }
    json_object_begin(&j);
    json_member_array(&j, "terminals");
    TRY(stock_list(b->store, &query, write_row, &listing));
    json_array_end(&j);
    TRY(write_counts(b, &j));
    json_member_array(&j, "steps");
    write_by_role(&j, call, "take_in", STOCK_KEEPERS);
    write_by_role(&j, call, "model", ROLE_ADMIN);
    json_array_end(&j);
    api_next(&j, listing.count == call->limit ? listing.last : "");
    json_object_end(&j);
    return OK;
}

/* ---- one ---- */

static err write_place(struct backoffice *b, struct json_out *j, const struct stock_terminal *t)
{
    struct elements e;
    char phone[CONTACT_MASK_MAX];
    err found = elements_find(b->store, t->serial, &e);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    contact_mask_phone(e.phone, phone);
    json_member_object(j, "place");
    json_member_string(j, "address", e.address);
    json_member_string(j, "phone", phone);
    json_object_end(j);
    return OK;
}

static err write_steps(struct backoffice *b, const struct api_call *call, struct json_out *j,
                       const struct stock_terminal *t)
{
    const struct stock_keeper keeper = {call->caller->roles, call->caller->subject};
    struct replacement r;
    err found = replacement_find(b->store, t->serial, &r);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    const struct replacement *open = !FAILED(found) && r.state == REPLACEMENT_ASKED ? &r : NULL;
    json_member_array(j, "steps");
    for (enum stock_desk_step step = 0; step < STOCK_STEPS; step++) {
        enum stock_verdict verdict;
        TRY(stock_may(b->store, &keeper, t, open, step, &verdict));
        write_step(j, stock_step_word(step), verdict);
    }
    json_array_end(j);
    return OK;
}

static err write_happening(void *context, const struct courier_happening *h)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "at", h->at_s * 1000);
    texts(j, courier_event_text(h->event, false), courier_event_text(h->event, true));
    json_object_end(j);
    return OK;
}

/* Of this assignment: one before it was for another shop. */
static err write_parcel(struct backoffice *b, struct json_out *j, const struct stock_terminal *t)
{
    static const char *const zh[] = {"", "正在下单", "运输中", "已结束",
                                     "快递公司拒收，请另行安排"};
    static const char *const en[] = {"", "being ordered", "on its way", "over",
                                     "the courier does not take it: send it another way"};
    struct shipment s;
    err found = shipment_find(b->store, t->serial, &s);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (s.assignment != t->assignment) return OK;
    json_member_object(j, "parcel");
    if (s.label[0] != '\0') json_member_string(j, "label", s.label);
    texts(j, zh[s.state], en[s.state]);
    json_member_array(j, "events");
    TRY(shipment_events(b->store, &s, write_happening, j));
    json_array_end(j);
    json_object_end(j);
    return OK;
}

static err write_swap(void *context, const struct replacement *r)
{
    static const char *const zh[] = {"", "等待另一人审批", "已更换", "未同意"};
    static const char *const en[] = {"", "waits for somebody else to approve", "replaced",
                                     "refused"};
    struct json_out *j = context;
    json_object_begin(j);
    json_member_string(j, "was", r->old_serial);
    json_member_string(j, "now", r->serial);
    texts(j, zh[r->state], en[r->state]);
    json_member_string(j, "reason", r->reason);
    json_member_string(j, "asked_by", r->asked_by);
    json_member_int(j, "at", r->state == REPLACEMENT_ASKED ? r->asked_ms : r->decided_ms);
    json_object_end(j);
    return OK;
}

static err write_event(void *context, const struct stock_row *row)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "at", row->at_ms);
    texts(j, stock_event_text(row->event, false), stock_event_text(row->event, true));
    json_member_string(j, "by", row->actor);
    json_member_string(j, "note", row->note);
    json_object_end(j);
    return OK;
}

static err on_desk(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct stock_terminal t;
    bool there = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &t, &there));
    if (!there) return OK;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    write_terminal(&j, &t);
    TRY(write_shop(b, &j, &t));
    TRY(write_place(b, &j, &t));
    TRY(write_steps(b, call, &j, &t));
    TRY(write_parcel(b, &j, &t));
    json_member_array(&j, "swaps");
    if (t.tid[0] != '\0') TRY(replacement_history(b->store, t.tid, write_swap, &j));
    json_array_end(&j);
    json_member_array(&j, "history");
    TRY(stock_history(b->store, t.serial, write_event, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- applications that wait ---- */

struct waiting {
    struct backoffice *b;
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err write_merchant(struct backoffice *b, struct json_out *j, const char *number)
{
    char reference[REGISTRY_REFERENCE_MAX + 1], mid[16];
    if (b->registry == NULL) return OK;
    snprintf(reference, sizeof reference, "application %s", number);
    err given = registry_number_given(b->registry, bytes_text(reference), mid);
    if (given.code == ERR_NOT_FOUND) return OK;
    TRY(given);
    json_member_string(j, "merchant", mid);
    return OK;
}

/* What its form says of it, so that nobody types it again. */
static void write_form(struct json_out *j, const struct apply_form *form)
{
    char region[5], phone[CONTACT_MASK_MAX];
    unsigned needs = apply_needs(form);
    const struct region *city = region_of(form->text[APPLY_REGION]);
    snprintf(region, sizeof region, "%.4s", form->text[APPLY_REGION]);
    json_member_string(j, "shop", form->text[APPLY_SHOP]);
    if (needs != 0) {
        const struct terminal_kind_row *kind = terminal_kind_row(recommend(needs).best);
        json_member_string(j, "kind_zh", kind->zh);
        json_member_string(j, "kind_en", kind->en);
    }
    json_member_string(j, "region", region);
    json_member_string(j, "category", form->text[APPLY_TRADE]);
    json_member_string(j, "city_zh", city == NULL ? "" : city->zh);
    json_member_string(j, "city_en", city == NULL ? "" : city->en);
    json_member_string(j, "owner", form->text[APPLY_OWNER]);
    contact_mask_phone(form->text[APPLY_PHONE], phone);
    json_member_string(j, "phone", phone);
}

static err write_waiting(void *context, const struct application *a)
{
    struct waiting *w = context;
    struct apply_form form;
    TRY(application_form(w->b->store, a->id, &form));
    json_object_begin(w->j);
    json_member_string(w->j, "application", a->number);
    TRY(write_merchant(w->b, w->j, a->number));
    write_form(w->j, &form);
    json_object_end(w->j);
    w->count++;
    w->last = a->id;
    return OK;
}

static err on_waiting(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct waiting waiting = {.b = b, .j = &j};
    struct application_query query = {APPLICATION_AGREED, "", 0, call->limit};
    char last[24] = "";
    if (!api_acquirers(call, response)) return OK;
    for (const char *at = call->after; *at >= '0' && *at <= '9'; at++)
        if (query.after < INT64_MAX / 100) query.after = query.after * 10 + (*at - '0');
    json_object_begin(&j);
    json_member_array(&j, "applications");
    TRY(application_list(b->store, &query, write_waiting, &waiting));
    json_array_end(&j);
    json_member_array(&j, "steps");
    write_by_role(&j, call, "register", ROLE_APPROVER | ROLE_ADMIN);
    json_array_end(&j);
    if (waiting.count == call->limit) snprintf(last, sizeof last, "%lld", (long long)waiting.last);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
}

/* For people alone: what may be done depends on who asks. */
#define STOCK_DESK_ROUTES(X, Y)                                                                    \
    Y(GET, "/stock/desk", SESSION, ROLES_STAFF, NONE, 2, API_PAGED, NULL, &list_schema, on_list,   \
      "The stock by state and by what is searched for", &query_schema)                             \
    X(GET, "/stock/waiting", SESSION, STOCK_KEEPERS, NONE, 2, API_PAGED, NULL, &waitings_schema,   \
      on_waiting, "Applications that wait for a terminal")                                         \
    X(GET, "/stock/terminals/{serial}/desk", SESSION, ROLES_STAFF, NONE, 2, 0, NULL, &desk_schema, \
      on_desk, "A terminal as the desk sees it, and what who asks may do")

static const struct api_route rows[] = {STOCK_DESK_ROUTES(API_ROUTE_ROW, API_SEARCH_ROW)};

const struct backoffice_part stock_desk_part = {
    .name = "stock_desk", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
