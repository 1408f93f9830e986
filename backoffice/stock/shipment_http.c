/* SPDX-License-Identifier: Apache-2.0 */
/* Where a parcel is: for the acquirer's own, and for the merchant whose terminal is in it. */
#include "backoffice/accounts/choice.h"
#include "backoffice/parts.h"
#include "backoffice/stock/shipment_rows.h"
#include "backoffice/stock/stock_http.h"

static const char *const state_words[] = {
    "", [SHIPMENT_WANTED] = "wanted", [SHIPMENT_UNDER_WAY] = "under_way", [SHIPMENT_OVER] = "over",
    [SHIPMENT_REFUSED] = "refused"};

static const struct api_field event_fields[] = {
    {"number", API_INT, .min = 1, .max = INT32_MAX, .text = "The courier's own"},
    {"event", API_TEXT, .max = 16,
     .text = "collected, moving, out, failed, lost, delivered, "
             "comes_back"},
    {"text", API_TEXT, .max = 64, .text = "The same in the language of the page"},
    {"at", API_TIME, .text = "When, as the courier says"},
};
API_SCHEMA(event_schema, "ShipmentEvent", event_fields);

static const struct api_field shipment_fields[] = {
    {"serial", API_TEXT, .max = SERIAL_MAX, .text = "What is in it"},
    {"state", API_TEXT, .max = 16, .text = "wanted, under_way, over, refused"},
    {"label", API_TEXT, .max = COURIER_LABEL_MAX, .optional = true, .text = "The courier's number"},
    {"moved", API_TIME, .text = "When something was last heard of it"},
    {"events", API_LIST, .max = COURIER_EVENTS_MAX, .of = &event_schema, .text = "In their order"},
};
API_SCHEMA(shipment_api_schema, "Shipment", shipment_fields);

struct listing {
    struct json_out *j;
    bool english;
};

static err write_event(void *context, const struct courier_happening *h)
{
    struct listing *l = context;
    json_object_begin(l->j);
    json_member_int(l->j, "number", h->number);
    json_member_string(l->j, "event", courier_event_word(h->event));
    json_member_string(l->j, "text", courier_event_text(h->event, l->english));
    json_member_int(l->j, "at", h->at_s * 1000);
    json_object_end(l->j);
    return OK;
}

static err on_shipment(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    struct stock_terminal terminal;
    struct shipment s;
    bool there = false;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    err found = shipment_find(b->store, terminal.serial, &s);
    /* One of an assignment before was for another shop. */
    if (found.code == ERR_NOT_FOUND || (!FAILED(found) && s.assignment != terminal.assignment)) {
        api_missing(response);
        return OK;
    }
    TRY(found);
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {&j, choice_english(call->request)};
    json_object_begin(&j);
    json_member_string(&j, "serial", s.serial);
    json_member_string(&j, "state", state_words[s.state]);
    if (s.label[0] != '\0') json_member_string(&j, "label", s.label);
    json_member_int(&j, "moved", s.moved_ms);
    json_member_array(&j, "events");
    TRY(shipment_events(b->store, &s, write_event, &listing));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

#define SHIPMENT_ROUTES(X)                                                                     \
    X(GET, "/stock/terminals/{serial}/shipment", SESSION, ROLES_STAFF, STOCK_READ, 1, 0, NULL, \
      &shipment_api_schema, on_shipment, "Where its parcel is")

static const struct api_route rows[] = {SHIPMENT_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part shipment_part = {.name = "shipment",
                                              .schema = &shipment_schema,
                                              .api_routes = rows,
                                              .api_route_count = ARRAY_LEN(rows),
                                              .tick = shipment_tick};
