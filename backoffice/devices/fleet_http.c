/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet below /api/v1 (S112-S114, S177): which devices there are, how each is, and how many are
 * in which state. A merchant finds its own, a manager those of his outlet with masked serials; the
 * acquirer finds all.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/session.h"
#include "backoffice/api/api.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/device_of_path.h"
#include "backoffice/devices/device_past.h"
#include "backoffice/devices/device_places.h"
#include "backoffice/devices/devices.h"
#include "backoffice/devices/fleet_asked.h"
#include "backoffice/devices/fleet_troubles.h"
#include "backoffice/devices/tree_http.h"
#include "backoffice/parts.h"

/* ---- what is answered ---- */

static const char *const paper_words[] = {"ok", "low", "out", "fault", NULL};
static const char *const link_words[] = {"unknown", "ethernet", "wifi", "mobile", NULL};

static const struct api_field state_fields[] = {
    {"told", API_TIME, .text = "When the device told it"},
    {"battery", API_INT, .max = 100, .text = "Per cent"},
    {"paper", API_WORD, .words = paper_words, .text = "How it prints"},
    {"hold", API_WORD, .words = fleet_hold_words, .text = "Whether it is locked, or lost"},
    {"link", API_WORD, .words = link_words, .text = "The network that it is on"},
    {"signed_in", API_BOOL, .text = "It has working keys and takes payments"},
    {"operator", API_TEXT, .max = 2, .text = "Who is logged in; empty: nobody"},
    {"unsent", API_INT, .text = "Payments that the host has not acknowledged", .max = 1000000},
    {"last_payment", API_TIME, .optional = true, .text = "When its last payment was made"},
    {"parameters", API_INT, .text = "The version of its parameters", .max = INT64_MAX},
};
API_SCHEMA(state_schema, "DeviceState", state_fields);

static const struct api_field place_fields[] = {
    {"from", API_TIME, .text = "Since when"},
    {"until", API_TIME, .text = "Until when, as far as is known"},
    {"link", API_WORD, .words = link_words, .text = "The network that it was on"},
    {"network", API_TEXT, .max = 32, .text = "Its name"},
    {"address", API_TEXT, .max = PLACE_ADDRESS_MAX, .text = "The address that it came from"},
    {"latitude_e6", API_INT, .optional = true, .text = "Millionths of a degree", .min = -90000000,
     .max = 90000000},
    {"longitude_e6", API_INT, .optional = true, .text = "Millionths of a degree", .min = -180000000,
     .max = 180000000},
    {"accuracy_m", API_INT, .optional = true, .text = "How exact that is", .max = 100000},
};
API_SCHEMA(place_schema, "DevicePlace", place_fields);

static const struct api_field in_group_fields[] = {
    {"group", API_INT, .min = 1, .max = INT64_MAX, .text = "Its number"},
    {"name", API_TEXT, .max = REGION_NAME_MAX, .text = "What it is called"},
};
API_SCHEMA(in_group_schema, "DeviceGroup", in_group_fields);

static const struct api_field trouble_fields[] = {
    {"code", API_TEXT, .max = 16, .text = "Which"},
    {"grave", API_BOOL, .text = "It takes no payment, or somebody must look after it now"},
    {"text_zh", API_TEXT, .text = "What it is and what to do, in Chinese"},
    {"text_en", API_TEXT, .text = "The same in English"},
};
API_SCHEMA(trouble_schema, "DeviceTrouble", trouble_fields);

static const struct api_field device_fields[] = {
    {"tid", API_TEXT, .min = 8, .max = 8, .text = "Its number"},
    {"serial", API_TEXT, .max = REGISTRY_SERIAL_MAX,
     .text = "Of the hardware; masked for people of the acquirer and of one outlet"},
    {"model", API_TEXT, .max = REGISTRY_MODEL_MAX, .text = "Of the hardware"},
    {"merchant", API_TEXT, .max = 15, .text = "Whose it is"},
    {"merchant_zh", API_TEXT, .max = REGISTRY_NAME_MAX, .text = "The merchant's Chinese name"},
    {"merchant_en", API_TEXT, .max = REGISTRY_NAME_MAX, .text = "The merchant's English name"},
    {"outlet", API_INT, .max = 9999, .text = "In which outlet it stands"},
    {"status", API_WORD, .words = fleet_status_words, .text = "Whether it may trade"},
    {"presence", API_WORD, .words = fleet_presence_words,
     .text = "online: heard of within 15 minutes and connected; away: not connected any more"},
    {"heard", API_TIME, .optional = true, .text = "The last sign of life"},
    {"version", API_TEXT, .max = DEVICE_VERSION_MAX, .text = "Of its software"},
    {"state", API_OBJECT, .optional = true, .of = &state_schema,
     .text = "What it has told last; null: nothing yet"},
    {"troubles", API_LIST, .of = &trouble_schema, .text = "What is wrong, the gravest first"},
    {"places", API_LIST, .optional = true, .of = &place_schema,
     .text = "Where it was, the newest first: in the answer about one device"},
    {"groups", API_LIST, .optional = true, .of = &in_group_schema,
     .text = "Which groups it is in: in the answer about one device"},
    {"registered", API_OBJECT, .optional = true, .of = &device_registered_schema,
     .text = "Where it has to stand: in the answer about one device; null: anywhere"},
    {"first_login", API_TIME, .optional = true,
     .text = "When somebody was in first: in the answer about one device"},
    {"happened", API_LIST, .optional = true, .of = &device_happened_schema,
     .text = "What has happened there lately: in the answer about one device"},
    {"served", API_LIST, .optional = true, .of = &device_served_schema,
     .text = "Hardware that served under this number: in the answer about one device"},
};
API_SCHEMA(device_schema, "Device", device_fields);

static const struct api_field list_fields[] = {
    {"devices", API_LIST, .of = &device_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "Devices", list_fields);

static const struct api_field counts_fields[] = {
    {"all", API_INT, .text = "Devices", .max = INT64_MAX},
    {"new", API_INT, .text = "That were never connected", .max = INT64_MAX},
    {"online", API_INT, .text = "Connected and alive", .max = INT64_MAX},
    {"away", API_INT, .text = "Not connected, for less than 15 minutes", .max = INT64_MAX},
    {"offline", API_INT, .text = "Not heard of for longer", .max = INT64_MAX},
    {"locked", API_INT, .text = "Locked, or lost", .max = INT64_MAX},
    {"unsent", API_INT, .text = "With payments that are not acknowledged", .max = INT64_MAX},
    {"trouble", API_INT, .text = "Without paper or battery, or with a broken printer",
     .max = INT64_MAX},
};
API_SCHEMA(counts_schema, "FleetCounts", counts_fields);

/* ---- writing ---- */

static void write_state(struct json_out *j, const struct fleet_state *s)
{
    if (s->told_ms == 0) return;
    json_member_object(j, "state");
    json_member_int(j, "told", s->told_ms);
    json_member_int(j, "battery", s->battery);
    json_member_string(j, "paper", device_paper_name(s->paper));
    json_member_string(j, "hold", device_hold_name(s->hold));
    json_member_string(j, "link", device_link_name(s->link));
    json_member_bool(j, "signed_in", s->signed_in);
    json_member_string(j, "operator", s->operator_id);
    json_member_int(j, "unsent", s->unsent);
    if (s->last_payment_ms != 0) json_member_int(j, "last_payment", s->last_payment_ms);
    json_member_int(j, "parameters", s->parameters);
    json_object_end(j);
}

struct listing {
    struct backoffice *b;
    const struct api_call *call;
    struct json_out *j;
    size_t count;
    char last[9];
};

static void write_troubles(const struct listing *l, const struct fleet_device *d)
{
    enum fleet_trouble trouble[FLEET_TROUBLES];
    size_t count = fleet_troubles(d, l->call->now_ms, trouble);
    json_member_array(l->j, "troubles");
    for (size_t i = 0; i < count; i++) {
        const struct fleet_trouble_words *words = &fleet_trouble_words[trouble[i]];
        json_object_begin(l->j);
        json_member_string(l->j, "code", words->code);
        json_member_bool(l->j, "grave", words->grave);
        json_member_string(l->j, "text_zh", words->zh);
        json_member_string(l->j, "text_en", words->en);
        json_object_end(l->j);
    }
    json_array_end(l->j);
}

static void write_head(const struct listing *l, const struct fleet_device *d)
{
    const char *zh, *en;
    char serial[CONTACT_MASK_MAX];
    fleet_asked_serial(l->call->caller, d->serial, serial);
    fleet_merchant(l->b->desk->fleet, d->mid, &zh, &en);
    json_member_string(l->j, "tid", d->tid);
    json_member_string(l->j, "serial", serial);
    json_member_string(l->j, "model", d->model);
    json_member_string(l->j, "merchant", d->mid);
    json_member_string(l->j, "merchant_zh", zh);
    json_member_string(l->j, "merchant_en", en);
    json_member_int(l->j, "outlet", d->outlet);
    json_member_string(l->j, "status", fleet_status_words[d->status - 1]);
    json_member_string(l->j, "presence", fleet_presence_word(fleet_presence(d, l->call->now_ms)));
    if (d->heard_ms != 0) json_member_int(l->j, "heard", d->heard_ms);
    json_member_string(l->j, "version", d->state.version);
    write_state(l->j, &d->state);
    write_troubles(l, d);
}

static err write_device(void *context, const struct fleet_device *d)
{
    struct listing *l = context;
    json_object_begin(l->j);
    write_head(l, d);
    json_object_end(l->j);
    l->count++;
    memcpy(l->last, d->tid, sizeof l->last);
    return OK;
}

static err write_place(void *context, const struct device_stay *s)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "from", s->from_ms);
    json_member_int(j, "until", s->until_ms);
    json_member_string(j, "link", device_link_name(s->link));
    json_member_string(j, "network", s->network);
    json_member_string(j, "address", s->address);
    if (s->positioned) {
        json_member_int(j, "latitude_e6", s->latitude_e6);
        json_member_int(j, "longitude_e6", s->longitude_e6);
        json_member_int(j, "accuracy_m", s->accuracy_m);
    }
    json_object_end(j);
    return OK;
}

/* ---- asking ---- */

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.b = b, .call = call, .j = &j};
    struct fleet_query query;
    struct tree_outlets outlets;
    if (!desk_is_there(b, response)) return OK;
    bool none;
    TRY(fleet_asked(b, call, &query, &outlets, &none));
    json_object_begin(&j);
    json_member_array(&j, "devices");
    if (!none) TRY(fleet_search(b->desk->fleet, &query, call->now_ms, write_device, &listing));
    json_array_end(&j);
    api_next(&j, listing.count == call->limit ? listing.last : "");
    json_object_end(&j);
    return OK;
}

static err on_counts(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct fleet_counts counts = {0};
    struct fleet_query query;
    struct tree_outlets outlets;
    if (!desk_is_there(b, response)) return OK;
    bool none;
    TRY(fleet_asked(b, call, &query, &outlets, &none));
    if (!none) counts = fleet_counts_of(b->desk->fleet, &query, call->now_ms);
    json_object_begin(&j);
    json_member_int(&j, "all", counts.all);
    for (enum fleet_presence at = FLEET_NEW; at < FLEET_PRESENCES; at++)
        json_member_int(&j, fleet_presence_word(at), counts.presence[at]);
    json_member_int(&j, "locked", counts.locked);
    json_member_int(&j, "unsent", counts.unsent);
    json_member_int(&j, "trouble", counts.trouble);
    json_object_end(&j);
    return OK;
}

/* Those that the caller may see. */
static err write_groups(const struct listing *l, const char *tid)
{
    struct device_group groups[GROUPS_OF_A_DEVICE];
    size_t count = 0;
    TRY(groups_of(l->b->store, tid, groups, &count));
    json_member_array(l->j, "groups");
    for (size_t i = 0; i < count; i++) {
        if (!tree_sees(l->call->caller, groups[i].mid)) continue;
        json_object_begin(l->j);
        json_member_int(l->j, "group", groups[i].id);
        json_member_string(l->j, "name", groups[i].name);
        json_object_end(l->j);
    }
    json_array_end(l->j);
    return OK;
}

static err on_one(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.b = b, .call = call, .j = &j};
    const struct fleet_device *d = device_of_path(b, call, response);
    if (d == NULL) return OK;
    json_object_begin(&j);
    write_head(&listing, d);
    json_member_array(&j, "places");
    TRY(place_list(b->desk, d->tid, write_place, &j));
    json_array_end(&j);
    TRY(write_groups(&listing, d->tid));
    TRY(device_past_write(b, call->caller, d, &j));
    json_object_end(&j);
    return OK;
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
static const struct api_route rows[] = {
    API_SEARCH_ROW(GET, "/devices", SESSION, SEES, DEVICES_READ, 2, API_PAGED, NULL, &list_schema, on_list,
                   "Devices and how they are", &fleet_asked_schema)
    API_SEARCH_ROW(GET, "/fleet", SESSION, SEES, DEVICES_READ, 2, 0, NULL, &counts_schema, on_counts,
                   "How many devices are in which state", &fleet_asked_schema)
    API_ROUTE_ROW(GET, "/devices/{tid}", SESSION, SEES, DEVICES_READ, 1, 0, NULL, &device_schema, on_one,
                  "One device, and where it was")
};
/* clang-format on */

const struct backoffice_part fleet_part = {
    .name = "fleet", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
