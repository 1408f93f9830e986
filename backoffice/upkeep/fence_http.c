/* SPDX-License-Identifier: Apache-2.0 */
/* Places as calls: where terminals are registered to stand, who is away, and letting it trade. */
#include <stdio.h>

#include "backoffice/alerts/alerts.h"
#include "backoffice/api/api.h"
#include "backoffice/parts.h"
#include "backoffice/registrar.h"
#include "backoffice/upkeep/fence.h"

static const char *const policies[] = {"warn", "refuse", NULL};

static const struct api_field place_fields[] = {
    {"merchant", API_TEXT, .min = 15, .max = 15, .text = "Whose outlet it is"},
    {"outlet", API_INT, .min = 1, .max = 9999, .text = "The outlet"},
    {"terminal", API_TEXT, .optional = true, .min = 8, .max = 8,
     .text = "One terminal of it; left out: all that have no place of their own"},
    {"latitude_e6", API_INT, .min = -90000000, .max = 90000000,
     .text = "Millionths of a degree, WGS 84"},
    {"longitude_e6", API_INT, .min = -180000000, .max = 180000000,
     .text = "Millionths of a degree, WGS 84"},
    {"radius_m", API_INT, .min = FENCE_RADIUS_MIN, .max = FENCE_RADIUS_MAX,
     .text = "How far from it a terminal may be"},
    {"policy", API_WORD, .words = policies,
     .text = "Outside of it: `warn` tells, `refuse` suspends the terminal"},
};
API_SCHEMA(place_schema, "RegisteredPlace", place_fields);

static const struct api_field moved_fields[] = {
    {"terminal", API_TEXT, .text = "Its number"},
    {"merchant", API_TEXT, .text = "Whose it is"},
    {"outlet", API_INT, .text = "Where it should be"},
    {"since", API_TIME, .text = "When it was first seen elsewhere"},
    {"metres", API_INT, .text = "How far outside it is"},
    {"latitude_e6", API_INT, .min = -90000000, .text = "Where it was seen last"},
    {"longitude_e6", API_INT, .min = -180000000, .text = "Where it was seen last"},
    {"refused", API_BOOL, .text = "Whether it was suspended for it"},
};
API_SCHEMA(moved_schema, "MovedTerminal", moved_fields);

static const struct api_field list_fields[] = {
    {"terminals", API_LIST, .of = &moved_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "MovedTerminals", list_fields);

static void write_moved(struct json_out *j, const struct fence_moved *m)
{
    json_object_begin(j);
    json_member_string(j, "terminal", m->tid);
    json_member_string(j, "merchant", m->mid);
    json_member_int(j, "outlet", m->outlet);
    json_member_int(j, "since", m->since_ms);
    json_member_int(j, "metres", m->metres);
    json_member_int(j, "latitude_e6", m->latitude_e6);
    json_member_int(j, "longitude_e6", m->longitude_e6);
    json_member_bool(j, "refused", m->refused);
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    size_t count;
    char last[9];
};

static err write_row(void *context, const struct fence_moved *m)
{
    struct listing *l = context;
    write_moved(l->j, m);
    l->count++;
    memcpy(l->last, m->tid, sizeof l->last);
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    json_object_begin(&j);
    json_member_array(&j, "terminals");
    TRY(fence_moved_list(b->store, call->caller->mid, call->caller->outlet, call->after,
                         call->limit, write_row, &listing));
    json_array_end(&j);
    api_next(&j, listing.count == call->limit ? listing.last : "");
    json_object_end(&j);
    return OK;
}

static err read_place(const struct json_t *body, struct fence *f)
{
    int64_t outlet = 0;
    struct bytes policy;
    *f = (struct fence){.policy = FENCE_WARN};
    TRY(json_text_copy(body, "merchant", f->mid, sizeof f->mid));
    TRY(json_int(body, "outlet", 1, 9999, &outlet));
    if (json_has(body, "terminal")) TRY(json_text_copy(body, "terminal", f->tid, sizeof f->tid));
    TRY(json_int(body, "latitude_e6", -90000000, 90000000, &f->latitude_e6));
    TRY(json_int(body, "longitude_e6", -180000000, 180000000, &f->longitude_e6));
    TRY(json_int(body, "radius_m", FENCE_RADIUS_MIN, FENCE_RADIUS_MAX, &f->radius_m));
    TRY(json_text(body, "policy", 16, &policy));
    f->outlet = (uint32_t)outlet;
    if (bytes_equal(policy, BYTES("refuse"))) f->policy = FENCE_REFUSE;
    return OK;
}

static err on_set(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct fence f;
    struct registry_merchant merchant;
    char subject[40];
    TRY(read_place(call->body, &f));
    err found = b->registry == NULL
                    ? ERR(NOT_FOUND)
                    : registry_find_merchant(b->registry, bytes_text(f.mid), &merchant);
    if (found.code == ERR_NOT_FOUND) {
        api_refuse(response, 422, "merchant", "there is no such merchant");
        return OK;
    }
    TRY(found);
    snprintf(subject, sizeof subject, "%s %u %s", f.mid, f.outlet, f.tid);
    TRY(store_begin(b->store, &tx));
    TRY(fence_put(&tx, &f));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("place_registered"), bytes_text(subject),
                                                BYTES("")}));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "merchant", f.mid);
    json_member_int(&j, "outlet", f.outlet);
    if (f.tid[0] != '\0') json_member_string(&j, "terminal", f.tid);
    json_member_int(&j, "latitude_e6", f.latitude_e6);
    json_member_int(&j, "longitude_e6", f.longitude_e6);
    json_member_int(&j, "radius_m", f.radius_m);
    json_member_string(&j, "policy", policies[f.policy - 1]);
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

/* In the registry first; cut between the two it is released again. */
static err open_again(struct backoffice *b, const struct api_call *call,
                      const struct fence_moved *m, struct http_response *response, bool *ret_done)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    const struct registry_actor actor = api_actor(call);
    *ret_done = true;
    if (!m->refused) return OK;
    *ret_done = !FAILED(registrar_open(b, &registry));
    if (!*ret_done) {
        registrar_refuse(response);
        return OK;
    }
    err set = registry_set_terminal_status(registry, &actor, bytes_text(m->tid), REGISTRY_ACTIVE);
    return set.code == ERR_STATE ? OK : set;
}

static err on_release(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct fence_moved m;
    char object[24];
    bool done = false;
    err found = fence_moved_find(b->store, call->value[0], &m);
    if (found.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    TRY(found);
    TRY(open_again(b, call, &m, response, &done));
    if (!done) return OK;
    m.refused = m.refuse = false;
    snprintf(object, sizeof object, "devices/%s", m.tid);
    TRY(store_begin(b->store, &tx));
    TRY(fence_moved_drop(&tx, m.tid));
    TRY(alert_end(&tx, "device.moved", m.mid, object, call->now_ms));
    TRY(alert_end(&tx, "device.stopped", m.mid, object, call->now_ms));
    TRY(audit_append(&tx,
                     &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                           BYTES("moved"), bytes_text(m.tid), BYTES("released")}));
    struct json_out j = json_out_over(&response->body);
    write_moved(&j, &m);
    return api_commit(b, call, &tx, response);
}

#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)

#define FENCE_ROUTES(X)                                                                           \
    X(GET, "/upkeep/moved", SESSION, SEES, DEVICES_READ, 1, API_PAGED, NULL, &list_schema,        \
      on_list, "Terminals that are away from their registered place")                             \
    X(POST, "/upkeep/places", SESSION, ROLE_APPROVER | ROLE_ADMIN, NONE, 5, 0, &place_schema,     \
      &place_schema, on_set, "Register where terminals stand")                                    \
    X(POST, "/upkeep/moved/{tid}/release", SESSION, ROLE_APPROVER | ROLE_ADMIN, NONE, 5, 0, NULL, \
      &moved_schema, on_release, "Let a terminal trade that was moved: register its place first")

static const struct api_route fence_rows[] = {FENCE_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part fence_part = {
    .name = "fence",
    .schema = &fence_schema,
    .api_routes = fence_rows,
    .api_route_count = ARRAY_LEN(fence_rows),
    .tick = fence_tick,
};
