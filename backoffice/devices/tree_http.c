/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The organisation tree below /api/v1 (S125): regions of a merchant, and which outlet is where. An
 * owner orders his own, the acquirer anybody's.
 */
#include "backoffice/devices/tree_http.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/parameters/parameters.h"
#include "backoffice/parts.h"
#include "registry/outlets.h"

/* ---- what is shared ---- */

int64_t tree_number(const char *text)
{
    int64_t number = 0;
    size_t len = strlen(text);
    if (len == 0 || len > 18 || text[0] == '0' || strspn(text, "0123456789") != len) return 0;
    for (size_t i = 0; i < len; i++) number = number * 10 + (text[i] - '0');
    return number;
}

bool tree_sees(const struct api_caller *caller, const char *mid)
{
    return caller->outlet == 0 && (caller->mid[0] == '\0' || strcmp(caller->mid, mid) == 0);
}

err tree_owner(struct backoffice *b, const struct api_call *call, bool may_be_ours,
               char ret_mid[16], bool *ret_good)
{
    struct registry_merchant merchant;
    snprintf(ret_mid, 16, "%s", call->caller->mid);
    if (json_has(call->body, "merchant")) TRY(json_text_copy(call->body, "merchant", ret_mid, 16));
    *ret_good = false;
    if (!tree_sees(call->caller, ret_mid)) return OK;
    *ret_good = ret_mid[0] == '\0' && may_be_ours;
    if (ret_mid[0] == '\0') return OK;
    err found = registry_find_merchant(b->registry, bytes_text(ret_mid), &merchant);
    *ret_good = !FAILED(found);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

void tree_refuse(enum tree_verdict verdict, struct http_response *response)
{
    static const struct {
        unsigned status;
        const char *code, *message;
    } rows[] = {
        [TREE_OK] = {200, "", ""},
        [TREE_MISSING] = {404, "", ""},
        [TREE_BAD_NAME] = {422, "bad_name",
                           "a name has 1 to 40 bytes, no control characters, no blank at its ends"},
        [TREE_TAKEN] = {409, "taken", "another one beside it has this name: choose another"},
        [TREE_TOO_MANY] = {409, "too_many", "there are as many as there may be"},
        [TREE_TOO_DEEP] = {409, "too_deep", "regions stand at most six within one another"},
        [TREE_CIRCLE] = {409, "circle", "a region cannot be put into itself"},
        [TREE_NOT_EMPTY] = {409, "not_empty", "there are regions in it: move or remove them first"},
    };
    if (verdict == TREE_MISSING) api_missing(response);
    else api_refuse(response, rows[verdict].status, rows[verdict].code, rows[verdict].message);
}

/* The region, when the caller may see it. */
static err find_region(struct backoffice *b, const struct api_caller *caller, int64_t id,
                       struct tree_region *r, bool *ret_found)
{
    err found = region_find(b->store, id, r);
    *ret_found = !FAILED(found) && tree_sees(caller, r->mid);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

static err narrow_to_group(struct backoffice *b, const struct api_caller *caller, int64_t group,
                           struct fleet_query *query, bool *ret_none)
{
    struct device_group g;
    err found = group_find(b->store, group, &g);
    if (FAILED(found) || !tree_sees(caller, g.mid)) {
        *ret_none = true;
        return found.code == ERR_NOT_FOUND ? OK : found;
    }
    return group_set(b->desk, group, &query->set);
}

err tree_narrow(struct backoffice *b, const struct api_caller *caller, int64_t group,
                int64_t region, struct fleet_query *query, struct tree_outlets *outlets,
                bool *ret_none)
{
    struct tree_region r;
    bool found = true;
    *ret_none = false;
    if (group != 0) TRY(narrow_to_group(b, caller, group, query, ret_none));
    if (region == 0) return OK;
    TRY(find_region(b, caller, region, &r, &found));
    if (!found || (query->mid[0] != '\0' && strcmp(query->mid, r.mid) != 0)) {
        *ret_none = true;
        return OK;
    }
    memcpy(query->mid, r.mid, sizeof query->mid);
    query->outlets = outlets;
    return region_outlets(b->store, region, outlets);
}

/* ---- shapes ---- */

static const struct api_field region_fields[] = {
    {"region", API_INT, .min = 1, .max = INT64_MAX, .text = "Its number"},
    {"merchant", API_TEXT, .max = 15, .text = "Whose it is"},
    {"parent", API_INT, .optional = true, .min = 1, .max = INT64_MAX,
     .text = "The region that it is in; null: directly beneath the merchant"},
    {"name", API_TEXT, .max = REGION_NAME_MAX, .text = "What it is called"},
    {"outlets", API_INT, .max = OUTLETS_BITS, .text = "Outlets that are directly in it"},
};
API_SCHEMA(region_schema, "Region", region_fields);

static const struct api_field regions_fields[] = {
    {"regions", API_LIST, .of = &region_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(regions_schema, "Regions", regions_fields);

static const struct api_field new_fields[] = {
    {"name", API_TEXT, .min = 1, .max = REGION_NAME_MAX, .text = "What it is called"},
    {"parent", API_INT, .optional = true, .min = 1, .max = INT64_MAX,
     .text = "The region that it is in"},
    {"merchant", API_TEXT, .optional = true, .min = 15, .max = 15,
     .text = "Whose it is: of the acquirer's callers"},
};
API_SCHEMA(new_schema, "NewRegion", new_fields);

static const struct api_field name_fields[] = {
    {"name", API_TEXT, .min = 1, .max = REGION_NAME_MAX, .text = "What it is called from now on"},
};
API_SCHEMA(name_schema, "RegionName", name_fields);

static const struct api_field move_fields[] = {
    {"parent", API_INT, .optional = true, .min = 1, .max = INT64_MAX,
     .text = "The region that it is in from now on; null: directly beneath the merchant"},
};
API_SCHEMA(move_schema, "RegionMove", move_fields);

static const struct api_field done_fields[] = {
    {"done", API_BOOL, .text = "True"},
};
API_SCHEMA(done_schema, "RegionRemoved", done_fields);

static const struct api_field outlet_fields[] = {
    {"merchant", API_TEXT, .max = 15, .text = "Whose it is"},
    {"outlet", API_INT, .min = 1, .max = 9999, .text = "Its number within the merchant"},
    {"name", API_TEXT, .max = REGISTRY_NAME_MAX, .text = "What it is called"},
    {"region", API_INT, .optional = true, .min = 1, .max = INT64_MAX,
     .text = "The region that it is in; null: directly beneath the merchant"},
};
API_SCHEMA(outlet_schema, "Outlet", outlet_fields);

static const struct api_field outlets_fields[] = {
    {"outlets", API_LIST, .of = &outlet_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(outlets_schema, "Outlets", outlets_fields);

static const struct api_field place_fields[] = {
    {"outlet", API_INT, .min = 1, .max = 9999, .text = "Which one"},
    {"region", API_INT, .optional = true, .min = 1, .max = INT64_MAX,
     .text = "Where it is from now on; null: directly beneath the merchant"},
    {"merchant", API_TEXT, .optional = true, .min = 15, .max = 15,
     .text = "Whose it is: of the acquirer's callers"},
};
API_SCHEMA(place_schema, "OutletPlace", place_fields);

static const struct api_field query_fields[] = {
    {"merchant", API_TEXT, .min = 15, .max = 15, .text = "Of this merchant"},
};
API_SCHEMA(query_schema, "TreeQuery", query_fields);

/* ---- regions ---- */

err tree_committed(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                   struct http_response *response)
{
    TRY(api_commit(b, call, tx, response));
    parameters_changed(b->desk);
    return OK;
}

err tree_changed(struct backoffice *b, const struct api_call *call, struct store_tx *tx, int64_t id,
                 const char *event, const char *name, struct http_response *response)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)id);
    TRY(desk_audit(b->desk, tx, call->caller->subject, event, number, name));
    return tree_committed(b, call, tx, response);
}

static void write_region(struct json_out *j, const struct tree_region *r)
{
    json_object_begin(j);
    json_member_int(j, "region", r->id);
    json_member_string(j, "merchant", r->mid);
    if (r->parent != 0) json_member_int(j, "parent", r->parent);
    json_member_string(j, "name", r->name);
    json_member_int(j, "outlets", r->outlets);
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err write_row(void *context, const struct tree_region *r)
{
    struct listing *l = context;
    write_region(l->j, r);
    l->count++;
    l->last = r->id;
    return OK;
}

void tree_next(struct json_out *j, const struct api_call *call, size_t count, int64_t last)
{
    char after[24] = "";
    if (count == call->limit) snprintf(after, sizeof after, "%lld", (long long)last);
    api_next(j, after);
}

/* Which merchant a list is of; false: of none that is the caller's. "": of all. */
static bool read_merchant(const struct api_call *call, char mid[16])
{
    const char *asked = api_query(call, "merchant");
    snprintf(mid, 16, "%s", asked[0] != '\0' ? asked : call->caller->mid);
    return asked[0] == '\0' || call->caller->mid[0] == '\0' ||
           strcmp(asked, call->caller->mid) == 0;
}

static err on_regions(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    char mid[16];
    if (!desk_is_there(b, response)) return OK;
    bool own = read_merchant(call, mid) && call->caller->outlet == 0;
    json_object_begin(&j);
    json_member_array(&j, "regions");
    if (own)
        TRY(regions_each(b->store, mid, tree_number(call->after), call->limit, write_row,
                         &listing));
    json_array_end(&j);
    tree_next(&j, call, listing.count, listing.last);
    json_object_end(&j);
    return OK;
}

/* Commits with the region as it now is. */
static err answer(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                  int64_t id, const char *event, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct tree_region r;
    TRY(region_find(b->store, id, &r));
    write_region(&j, &r);
    return tree_changed(b, call, tx, id, event, r.name, response);
}

static err on_make(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct tree_region r = {.id = 0};
    enum tree_verdict verdict = TREE_MISSING;
    bool good = false;
    int64_t id = 0;
    if (!desk_is_there(b, response)) return OK;
    TRY(tree_owner(b, call, false, r.mid, &good));
    TRY(json_text_copy(call->body, "name", r.name, sizeof r.name));
    if (json_has(call->body, "parent"))
        TRY(json_int(call->body, "parent", 1, INT64_MAX, &r.parent));
    TRY(store_begin(b->store, &tx));
    if (good) TRY(region_add(&tx, &r, &id, &verdict));
    if (verdict == TREE_OK) return answer(b, call, &tx, id, "region_made", response);
    tree_refuse(verdict, response);
    return OK;
}

/* The region of the path, when it is the caller's. 0: it is not, and that is answered. */
static err region_of_path(struct backoffice *b, const struct api_call *call,
                          struct http_response *response, int64_t *ret_id)
{
    struct tree_region r;
    bool found = false;
    *ret_id = 0;
    if (!desk_is_there(b, response)) return OK;
    TRY(find_region(b, call->caller, tree_number(call->value[0]), &r, &found));
    if (found) *ret_id = r.id;
    else api_missing(response);
    return OK;
}

static err on_region(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct tree_region r;
    int64_t id = 0;
    TRY(region_of_path(b, call, response, &id));
    if (id == 0) return OK;
    TRY(region_find(b->store, id, &r));
    write_region(&j, &r);
    return OK;
}

static err on_rename(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum tree_verdict verdict = TREE_OK;
    struct bytes name;
    int64_t id = 0;
    TRY(region_of_path(b, call, response, &id));
    if (id == 0) return OK;
    TRY(json_text(call->body, "name", REGION_NAME_MAX, &name));
    TRY(store_begin(b->store, &tx));
    TRY(region_rename(&tx, id, name, &verdict));
    if (verdict == TREE_OK) return answer(b, call, &tx, id, "region_renamed", response);
    tree_refuse(verdict, response);
    return OK;
}

static err on_move(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum tree_verdict verdict = TREE_OK;
    int64_t id = 0, parent = 0;
    TRY(region_of_path(b, call, response, &id));
    if (id == 0) return OK;
    if (json_has(call->body, "parent")) TRY(json_int(call->body, "parent", 1, INT64_MAX, &parent));
    TRY(store_begin(b->store, &tx));
    TRY(region_move(&tx, id, parent, &verdict));
    if (verdict == TREE_OK) return answer(b, call, &tx, id, "region_moved", response);
    tree_refuse(verdict, response);
    return OK;
}

static err on_remove(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    enum tree_verdict verdict = TREE_OK;
    int64_t id = 0;
    TRY(region_of_path(b, call, response, &id));
    if (id == 0) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(region_remove(&tx, id, &verdict));
    if (verdict != TREE_OK) {
        tree_refuse(verdict, response);
        return OK;
    }
    TRY(desk_audit(b->desk, &tx, call->caller->subject, "region_removed", call->value[0], ""));
    json_object_begin(&j);
    json_member_bool(&j, "done", true);
    json_object_end(&j);
    return tree_committed(b, call, &tx, response);
}

/* ---- outlets ---- */

static err write_outlet(struct backoffice *b, struct json_out *j, const struct registry_outlet *o)
{
    int64_t region = 0;
    TRY(tree_outlet_region(b->store, o->mid, o->number, &region));
    json_object_begin(j);
    json_member_string(j, "merchant", o->mid);
    json_member_int(j, "outlet", o->number);
    json_member_string(j, "name", o->name);
    if (region != 0) json_member_int(j, "region", region);
    json_object_end(j);
    return OK;
}

/* The acquirer's callers name a merchant: there is no page of all outlets of all. */
static err on_outlets(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    static struct registry_outlet rows[API_PAGE_MAX];
    uint32_t only = call->caller->outlet;
    size_t count = 0;
    char mid[16];
    if (!desk_is_there(b, response)) return OK;
    bool own = read_merchant(call, mid) && mid[0] != '\0';
    uint32_t after = only != 0 ? only - 1 : (uint32_t)tree_number(call->after);
    if (own)
        TRY(registry_outlets(b->registry, bytes_text(mid), after, rows, only != 0 ? 1 : call->limit,
                             &count));
    if (only != 0 && count > 0 && rows[0].number != only) count = 0;
    json_object_begin(&j);
    json_member_array(&j, "outlets");
    for (size_t i = 0; i < count; i++) TRY(write_outlet(b, &j, &rows[i]));
    json_array_end(&j);
    tree_next(&j, call, only != 0 ? 0 : count, count > 0 ? rows[count - 1].number : 0);
    json_object_end(&j);
    return OK;
}

static err on_place(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    enum tree_verdict verdict = TREE_MISSING;
    struct registry_outlet outlet;
    int64_t number = 0, region = 0;
    char mid[16], detail[48];
    bool good = false;
    size_t count = 0;
    if (!desk_is_there(b, response)) return OK;
    TRY(tree_owner(b, call, false, mid, &good));
    TRY(json_int(call->body, "outlet", 1, 9999, &number));
    if (json_has(call->body, "region")) TRY(json_int(call->body, "region", 1, INT64_MAX, &region));
    if (good)
        TRY(registry_outlets(b->registry, bytes_text(mid), (uint32_t)number - 1, &outlet, 1,
                             &count));
    TRY(store_begin(b->store, &tx));
    if (count == 1 && outlet.number == (uint32_t)number)
        TRY(region_place(&tx, mid, outlet.number, region, &verdict));
    if (verdict != TREE_OK) {
        tree_refuse(verdict, response);
        return OK;
    }
    snprintf(detail, sizeof detail, "%lld: %lld", (long long)number, (long long)region);
    TRY(desk_audit(b->desk, &tx, call->caller->subject, "outlet_placed", mid, detail));
    TRY(write_outlet(b, &j, &outlet));
    return tree_committed(b, call, &tx, response);
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
#define ORDERS (ROLE_OWNER | ROLE_AGENT | ROLE_ADMIN)
static const struct api_route rows[] = {
    API_SEARCH_ROW(GET, "/regions", SESSION, SEES, DEVICES_READ, 1, API_PAGED, NULL, &regions_schema, on_regions,
                   "Regions that outlets are in", &query_schema)
    API_ROUTE_ROW(POST, "/regions", SESSION, ORDERS, DEVICES_WRITE, 2, API_CREATES, &new_schema, &region_schema, on_make,
                  "Make a region")
    API_ROUTE_ROW(GET, "/regions/{region}", SESSION, SEES, DEVICES_READ, 1, 0, NULL, &region_schema, on_region,
                  "One region")
    API_ROUTE_ROW(POST, "/regions/{region}/rename", SESSION, ORDERS, DEVICES_WRITE, 2, 0, &name_schema, &region_schema, on_rename,
                  "Give a region another name")
    API_ROUTE_ROW(POST, "/regions/{region}/move", SESSION, ORDERS, DEVICES_WRITE, 2, 0, &move_schema, &region_schema, on_move,
                  "Put a region into another one, with all that is in it")
    API_ROUTE_ROW(DELETE, "/regions/{region}", SESSION, ORDERS, DEVICES_WRITE, 2, 0, NULL, &done_schema, on_remove,
                  "Remove a region; its outlets go to what was above it")
    API_SEARCH_ROW(GET, "/outlets", SESSION, SEES, DEVICES_READ, 1, API_PAGED, NULL, &outlets_schema, on_outlets,
                   "Outlets of a merchant and their regions", &query_schema)
    API_ROUTE_ROW(POST, "/outlets", SESSION, ORDERS, DEVICES_WRITE, 2, 0, &place_schema, &outlet_schema, on_place,
                  "Put an outlet into a region, or out of it")
};
/* clang-format on */

const struct backoffice_part tree_part = {
    .name = "tree", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
