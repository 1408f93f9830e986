/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of devices below /api/v1 (S118): an owner's have his own devices, the acquirer's have any.
 * Which devices are in one is asked of the fleet: GET /devices?group=7.
 */
#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/tree_http.h"
#include "backoffice/parts.h"

/* ---- shapes ---- */

static const struct api_field group_fields[] = {
    {"group", API_INT, .min = 1, .max = INT64_MAX, .text = "Its number"},
    {"merchant", API_TEXT, .optional = true, .max = 15,
     .text = "Whose it is; null: the acquirer's"},
    {"name", API_TEXT, .max = REGION_NAME_MAX, .text = "What it is called"},
    {"devices", API_INT, .max = GROUP_DEVICES_MAX, .text = "How many are in it"},
};
API_SCHEMA(group_schema, "Group", group_fields);

static const struct api_field groups_fields[] = {
    {"groups", API_LIST, .of = &group_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(groups_list_schema, "Groups", groups_fields);

static const struct api_field new_fields[] = {
    {"name", API_TEXT, .min = 1, .max = REGION_NAME_MAX, .text = "What it is called"},
    {"merchant", API_TEXT, .optional = true, .min = 15, .max = 15,
     .text = "Whose it is: of the acquirer's callers; without it the acquirer's own"},
};
API_SCHEMA(new_schema, "NewGroup", new_fields);

static const struct api_field name_fields[] = {
    {"name", API_TEXT, .min = 1, .max = REGION_NAME_MAX, .text = "What it is called from now on"},
};
API_SCHEMA(name_schema, "GroupName", name_fields);

static const struct api_field devices_fields[] = {
    {"devices", API_TEXTS, .min = 1, .max = GROUP_DEVICES_AT_ONCE,
     .text = "Their numbers: all of them, or none when one is not there"},
};
API_SCHEMA(devices_schema, "GroupDevices", devices_fields);

static const struct api_field done_fields[] = {
    {"done", API_BOOL, .text = "True"},
};
API_SCHEMA(done_schema, "GroupRemoved", done_fields);

static const struct api_field query_fields[] = {
    {"merchant", API_TEXT, .min = 15, .max = 15, .text = "Of this merchant"},
};
API_SCHEMA(query_schema, "GroupQuery", query_fields);

/* ---- writing ---- */

static void write_group(struct json_out *j, const struct device_group *g)
{
    json_object_begin(j);
    json_member_int(j, "group", g->id);
    if (g->mid[0] != '\0') json_member_string(j, "merchant", g->mid);
    json_member_string(j, "name", g->name);
    json_member_int(j, "devices", g->devices);
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err write_row(void *context, const struct device_group *g)
{
    struct listing *l = context;
    write_group(l->j, g);
    l->count++;
    l->last = g->id;
    return OK;
}

/* ---- calls ---- */

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    const struct api_caller *caller = call->caller;
    const char *asked = api_query(call, "merchant");
    const char *mid = asked[0] != '\0' ? asked : caller->mid;
    if (!desk_is_there(b, response)) return OK;
    json_object_begin(&j);
    json_member_array(&j, "groups");
    if (tree_sees(caller, mid))
        TRY(groups_each(b->store, mid, mid[0] == '\0', tree_number(call->after), call->limit,
                        write_row, &listing));
    json_array_end(&j);
    tree_next(&j, call, listing.count, listing.last);
    json_object_end(&j);
    return OK;
}

/* The group of the path; its number is 0 when it is not the caller's, and that is answered. */
static err group_of_path(struct backoffice *b, const struct api_call *call,
                         struct http_response *response, struct device_group *g)
{
    *g = (struct device_group){.id = 0};
    if (!desk_is_there(b, response)) return OK;
    err found = group_find(b->store, tree_number(call->value[0]), g);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (!FAILED(found) && tree_sees(call->caller, g->mid)) return OK;
    g->id = 0;
    api_missing(response);
    return OK;
}

/* Commits with the group as it now is. */
static err answer(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                  int64_t id, const char *event, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct device_group g;
    TRY(group_find(b->store, id, &g));
    write_group(&j, &g);
    return tree_changed(b, call, tx, id, event, g.name, response);
}

static err on_make(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct device_group g = {.id = 0};
    enum tree_verdict verdict = TREE_MISSING;
    bool good = false;
    int64_t id = 0;
    if (!desk_is_there(b, response)) return OK;
    TRY(tree_owner(b, call, true, g.mid, &good));
    TRY(json_text_copy(call->body, "name", g.name, sizeof g.name));
    TRY(store_begin(b->store, &tx));
    if (good) TRY(group_add(&tx, &g, &id, &verdict));
    if (verdict == TREE_OK) return answer(b, call, &tx, id, "group_made", response);
    tree_refuse(verdict, response);
    return OK;
}

static err on_one(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct device_group g;
    TRY(group_of_path(b, call, response, &g));
    if (g.id != 0) write_group(&j, &g);
    return OK;
}

static err on_rename(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum tree_verdict verdict = TREE_OK;
    struct device_group g;
    struct bytes name;
    TRY(group_of_path(b, call, response, &g));
    if (g.id == 0) return OK;
    TRY(json_text(call->body, "name", REGION_NAME_MAX, &name));
    TRY(store_begin(b->store, &tx));
    TRY(group_rename(&tx, g.id, name, &verdict));
    if (verdict == TREE_OK) return answer(b, call, &tx, g.id, "group_renamed", response);
    tree_refuse(verdict, response);
    return OK;
}

static err on_remove(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    enum tree_verdict verdict = TREE_OK;
    struct device_group g;
    TRY(group_of_path(b, call, response, &g));
    if (g.id == 0) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(group_remove(b->desk, &tx, g.id, &verdict));
    ENSURE(verdict == TREE_OK);
    TRY(desk_audit(b->desk, &tx, call->caller->subject, "group_removed", call->value[0], g.name));
    json_object_begin(&j);
    json_member_bool(&j, "done", true);
    json_object_end(&j);
    return tree_committed(b, call, &tx, response);
}

/* Number `at` of the body, when it is a device that the caller may see and that the group may have;
 * NULL otherwise. */
static const struct fleet_device *device_at(struct backoffice *b, const struct api_call *call,
                                            const struct device_group *g, struct json_t *list,
                                            size_t at)
{
    struct bytes number;
    char tid[9];
    if (FAILED(json_value_text(json_at(list, at), 8, &number)) ||
        FAILED(bytes_to_text(number, tid, sizeof tid)))
        return NULL;
    const struct fleet_device *d = fleet_find(b->desk->fleet, tid);
    bool fits = d != NULL && api_may_see(call->caller, d->mid, d->outlet) &&
                (g->mid[0] == '\0' || strcmp(g->mid, d->mid) == 0);
    return fits ? d : NULL;
}

/* All of them or none. */
static err move_all(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                    const struct device_group *g, bool in, enum tree_verdict *ret_verdict)
{
    struct json_t *list;
    size_t count;
    TRY(json_list(call->body, "devices", GROUP_DEVICES_AT_ONCE, &list, &count));
    *ret_verdict = TREE_OK;
    for (size_t i = 0; i < count && *ret_verdict == TREE_OK; i++) {
        const struct fleet_device *d = device_at(b, call, g, list, i);
        if (d == NULL) *ret_verdict = TREE_MISSING;
        else if (in) TRY(group_put_in(b->desk, tx, g->id, d->tid, ret_verdict));
        else TRY(group_take_out(b->desk, tx, g->id, d->tid));
    }
    return OK;
}

static err change(struct backoffice *b, const struct api_call *call, bool in,
                  struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum tree_verdict verdict = TREE_OK;
    struct device_group g;
    TRY(group_of_path(b, call, response, &g));
    if (g.id == 0) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(move_all(b, call, &tx, &g, in, &verdict));
    if (verdict == TREE_OK)
        return answer(b, call, &tx, g.id, in ? "group_put_in" : "group_taken_out", response);
    tree_refuse(verdict, response);
    return OK;
}

static err on_put_in(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return change(b, call, true, response);
}

static err on_take_out(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    return change(b, call, false, response);
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
#define ORDERS (ROLE_OWNER | ROLE_AGENT | ROLE_ADMIN)
static const struct api_route rows[] = {
    API_SEARCH_ROW(GET, "/groups", SESSION, SEES, DEVICES_READ, 1, API_PAGED, NULL, &groups_list_schema, on_list,
                   "Groups of devices", &query_schema)
    API_ROUTE_ROW(POST, "/groups", SESSION, ORDERS, DEVICES_WRITE, 2, API_CREATES, &new_schema, &group_schema, on_make,
                  "Make a group")
    API_ROUTE_ROW(GET, "/groups/{group}", SESSION, SEES, DEVICES_READ, 1, 0, NULL, &group_schema, on_one,
                  "One group")
    API_ROUTE_ROW(POST, "/groups/{group}/rename", SESSION, ORDERS, DEVICES_WRITE, 2, 0, &name_schema, &group_schema, on_rename,
                  "Give a group another name")
    API_ROUTE_ROW(DELETE, "/groups/{group}", SESSION, ORDERS, DEVICES_WRITE, 2, 0, NULL, &done_schema, on_remove,
                  "Remove a group; its devices stay where they are")
    API_ROUTE_ROW(POST, "/groups/{group}/devices", SESSION, ORDERS, DEVICES_WRITE, 5, 0, &devices_schema, &group_schema, on_put_in,
                  "Put devices into a group")
    API_ROUTE_ROW(POST, "/groups/{group}/devices/remove", SESSION, ORDERS, DEVICES_WRITE, 5, 0, &devices_schema, &group_schema, on_take_out,
                  "Take devices out of a group")
};
/* clang-format on */

const struct backoffice_part groups_part = {
    .name = "groups", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
