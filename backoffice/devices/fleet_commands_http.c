/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wanted of devices, below /api/v1 (S115-S117, S121): of one, and of all that a search
 * finds. Who may want what is a table; a person shows a factor for what takes a device away from
 * whoever has it, and only the owner opens one again. The kinds of the table are all there are:
 * none of them reads a secret.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/session.h"
#include "backoffice/api/api.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/device_of_path.h"
#include "backoffice/devices/device_parts.h"
#include "backoffice/devices/devices.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/devices/fleet_may.h"
#include "backoffice/devices/fleet_orders.h"
#include "backoffice/devices/tree_http.h"
#include "backoffice/parts.h"

enum { RESULT_MAX = 64 * 1024 };

/* ---- who may want what ---- */

#define CALLS (ROLE_OWNER | ROLE_MANAGER | ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN)
#define HOLDS (ROLE_OWNER | ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN)

/* False, and the answer is written, when the caller may not want this. */
static bool allowed(const struct api_call *call, enum device_command kind,
                    struct http_response *response)
{
    enum fleet_may answer = fleet_may(call->caller, kind);
    if (answer == FLEET_MAY) return true;
    if (answer == FLEET_MAY_FACTOR)
        http_response_error(response, 403, "step_up", "show a passkey or a code once more");
    else http_response_error(response, 403, "role", "this command is not for your role");
    return false;
}

/* ---- shapes ---- */

static const char *const kind_words[] = {"message",  "lock", "unlock",    "ring", "restart", "logs",
                                         "snapshot", "wipe", "passwords", "lost", NULL};
static const char *const state_words[] = {"queued",   "delivered", "acknowledged",
                                          "verified", "refused",   NULL};
static const char *const bulk_words[] = {"message", "lock", "ring", "restart", "passwords", NULL};

static const struct api_field wanted_fields[] = {
    {"kind", API_WORD, .words = kind_words, .text = "What is wanted"},
    {"text", API_TEXT, .optional = true, .max = DEVICE_TEXT_MAX - 1,
     .text = "For the screen; of passwords: the operator's two digits, or nothing for all"},
    {"serial", API_TEXT, .optional = true, .max = REGISTRY_SERIAL_MAX,
     .text = "Of a wipe that a person wants: the device's serial number, as it is read off it"},
};
API_SCHEMA(wanted_schema, "NewCommand", wanted_fields);

static const struct api_field command_fields[] = {
    {"number", API_INT, .min = 1, .text = "Its number, higher than any before", .max = INT64_MAX},
    {"kind", API_WORD, .words = kind_words, .text = "What is wanted"},
    {"text", API_TEXT, .max = DEVICE_TEXT_MAX - 1, .text = "With which text"},
    {"by", API_TEXT, .text = "Who wants it"},
    {"state", API_WORD, .words = state_words,
     .text = "Never more than is known: verified is what the device says that is so"},
    {"asked", API_TIME, .text = "When it was wanted"},
    {"delivered", API_TIME, .optional = true, .text = "When it went into a connection"},
    {"acknowledged", API_TIME, .optional = true, .text = "When the device had it in its store"},
    {"verified", API_TIME, .optional = true, .text = "When it was so, or was refused"},
    {"reason", API_TEXT, .optional = true, .max = DEVICE_REASON_MAX,
     .text = "Of a refusal: old (a number that is not above the last), forged"},
};
API_SCHEMA(command_schema, "Command", command_fields);

static const struct api_field commands_fields[] = {
    {"commands", API_LIST, .of = &command_schema, .text = "The newest twenty, the newest first"},
    {"may", API_LIST, .of = &fleet_may_schema,
     .text = "What the caller may want of it, and why not"},
};
API_SCHEMA(commands_schema, "Commands", commands_fields);

static const struct api_field result_fields[] = {
    {"kind", API_WORD, .words = kind_words, .text = "logs or snapshot"},
    {"whole", API_BOOL, .text = "False: some of it has not come yet"},
    {"text", API_TEXT, .text = "What the device has collected; long numbers are hidden"},
};
API_SCHEMA(result_schema, "CommandResult", result_fields);

static const struct api_field bulk_fields[] = {
    {"kind", API_WORD, .words = bulk_words, .text = "What is wanted of all of them"},
    {"text", API_TEXT, .optional = true, .max = DEVICE_TEXT_MAX - 1, .text = "For the screen"},
    {"merchant", API_TEXT, .optional = true, .min = 15, .max = 15, .text = "Of this merchant"},
    {"outlet", API_INT, .optional = true, .min = 1, .max = 9999, .text = "In this outlet"},
    {"model", API_TEXT, .optional = true, .min = 1, .max = REGISTRY_MODEL_MAX,
     .text = "Of this model"},
    {"group", API_INT, .optional = true, .min = 1, .max = INT64_MAX, .text = "In this group"},
    {"region", API_INT, .optional = true, .min = 1, .max = INT64_MAX,
     .text = "In an outlet of this region"},
};
API_SCHEMA(bulk_schema, "NewFleetCommand", bulk_fields);

static const struct api_field begun_fields[] = {
    {"devices", API_INT, .text = "How many it is for", .max = INT64_MAX},
};
API_SCHEMA(begun_schema, "FleetCommand", begun_fields);

static const struct api_field progress_fields[] = {
    {"number", API_INT, .min = 1, .text = "Its number", .max = INT64_MAX},
    {"kind", API_WORD, .words = bulk_words, .text = "What is wanted"},
    {"text", API_TEXT, .max = DEVICE_TEXT_MAX - 1, .text = "With which text"},
    {"by", API_TEXT, .text = "Who wants it"},
    {"asked", API_TIME, .text = "When it came to the last of the devices"},
    {"queued", API_INT, .text = "Devices that were not told yet", .max = INT64_MAX},
    {"delivered", API_INT, .text = "That were told", .max = INT64_MAX},
    {"acknowledged", API_INT, .text = "That have it in their store", .max = INT64_MAX},
    {"verified", API_INT, .text = "That say that it is so", .max = INT64_MAX},
    {"refused", API_INT, .text = "That have not taken it", .max = INT64_MAX},
};
API_SCHEMA(progress_schema, "FleetCommandProgress", progress_fields);

static const struct api_field many_fields[] = {
    {"commands", API_LIST, .of = &progress_schema, .text = "The newest five, the newest first"},
    {"may", API_LIST, .of = &fleet_may_schema, .text = "What the caller may want of many"},
};
API_SCHEMA(many_schema, "FleetCommands", many_fields);

static err write_order(void *context, const struct device_order *o)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "number", o->id);
    json_member_string(j, "kind", device_command_name(o->kind));
    json_member_string(j, "text", o->text);
    json_member_string(j, "by", o->actor);
    json_member_string(j, "state", command_state_text(o->state));
    json_member_int(j, "asked", o->asked_ms);
    if (o->delivered_ms != 0) json_member_int(j, "delivered", o->delivered_ms);
    if (o->acknowledged_ms != 0) json_member_int(j, "acknowledged", o->acknowledged_ms);
    if (o->verified_ms != 0) json_member_int(j, "verified", o->verified_ms);
    if (o->reason[0] != '\0') json_member_string(j, "reason", o->reason);
    json_object_end(j);
    return OK;
}

/* ---- one device ---- */

struct counting {
    struct json_out *j;
    size_t open; /* of the newest, which are more than may be open */
};

static err count_order(void *context, const struct device_order *o)
{
    struct counting *counting = context;
    counting->open += o->state < COMMAND_VERIFIED;
    return write_order(counting->j, o);
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    const struct fleet_device *d = device_of_path(b, call, response);
    struct json_out j = json_out_over(&response->body);
    if (d == NULL) return OK;
    json_object_begin(&j);
    json_member_array(&j, "commands");
    struct counting counting = {.j = &j};
    TRY(command_list(b->desk, d->tid, count_order, &counting));
    json_array_end(&j);
    json_member_array(&j, "may");
    for (enum device_command kind = DEVICE_NO_COMMAND + 1; kind < DEVICE_COMMANDS; kind++)
        fleet_may_write(&j, call->caller, kind, counting.open >= COMMANDS_OPEN_MAX);
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err read_wanted(const struct api_call *call, enum device_command *ret_kind,
                       char text[DEVICE_TEXT_MAX])
{
    struct bytes kind;
    text[0] = '\0';
    TRY(json_text(call->body, "kind", 16, &kind));
    *ret_kind = device_command_named(kind);
    ENSURE(*ret_kind != DEVICE_NO_COMMAND); /* a word of the table of fields */
    if (json_has(call->body, "text"))
        TRY(json_text_copy(call->body, "text", text, DEVICE_TEXT_MAX));
    return OK;
}

static err refuse_text(struct http_response *response)
{
    api_refuse(response, 422, "bad_text", "a command of this kind takes no such text");
    return OK;
}

/* A wipe cannot be taken back: a person reads the number off the device that he means. Programs
 * name what they mean by its number already. False, and answered, when it is another. */
static bool second_look(const struct api_call *call, enum device_command kind,
                        const struct fleet_device *d, struct http_response *response)
{
    struct bytes said = {0};
    if (kind != DEVICE_WIPE || call->caller->roles == 0) return true;
    bool there = json_has(call->body, "serial") &&
                 !FAILED(json_text(call->body, "serial", REGISTRY_SERIAL_MAX, &said));
    if (there && bytes_equal(said, bytes_text(d->serial))) return true;
    api_refuse(response, 422, "serial", "this is not the serial number of the device");
    return false;
}

static bool judged(enum command_verdict verdict, struct http_response *response)
{
    if (verdict == COMMAND_BAD_TEXT) (void)refuse_text(response);
    if (verdict == COMMAND_TOO_MANY)
        api_refuse(response, 409, "too_many", "as many commands as may be wait for this device");
    return verdict == COMMAND_OK;
}

static err on_want(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    enum device_command kind = DEVICE_NO_COMMAND;
    enum command_verdict verdict;
    char text[DEVICE_TEXT_MAX], tid[9];
    struct device_order order = {.state = COMMAND_QUEUED, .asked_ms = call->now_ms};
    const struct fleet_device *d = device_of_path(b, call, response);
    if (d == NULL) return OK;
    TRY(read_wanted(call, &kind, text));
    memcpy(tid, d->tid, sizeof tid);
    if (!allowed(call, kind, response) || !second_look(call, kind, d, response)) return OK;
    TRY(command_judge(b->desk, tid, kind, bytes_text(text), &verdict));
    if (!judged(verdict, response)) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(command_add(b->desk, tid, kind, bytes_text(text), call->caller->subject, 0, &order.id));
    TRY(desk_audit(b->desk, &tx, call->caller->subject, "device_command", tid,
                   device_command_name(kind)));
    order.kind = kind;
    memcpy(order.text, text, sizeof order.text);
    snprintf(order.actor, sizeof order.actor, "%s", call->caller->subject);
    TRY(write_order(&j, &order));
    TRY(api_commit(b, call, &tx, response));
    desk_changed(b->desk, DESK_DEVICES);
    return command_deliver(b->desk, tid);
}

static err on_result(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    static uint8_t block[RESULT_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&response->body);
    struct device_order order;
    bool whole = false;
    const struct fleet_device *d = device_of_path(b, call, response);
    if (d == NULL) return OK;
    err found = command_find(b->desk, d->tid, strtoll(call->value[1], NULL, 10), &order);
    if (!FAILED(found) && order.kind != DEVICE_LOGS && order.kind != DEVICE_SNAPSHOT)
        found = ERR(NOT_FOUND);
    if (found.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    TRY(found);
    TRY(part_read(b->desk, d->tid, order.id, &w, &whole));
    bool readable = json_utf8_valid(writer_view(&w)); /* a cut in the middle of a character */
    json_object_begin(&j);
    json_member_string(&j, "kind", device_command_name(order.kind));
    json_member_bool(&j, "whole", whole && readable);
    json_member_text(&j, "text", readable ? writer_view(&w) : BYTES(""));
    json_object_end(&j);
    return OK;
}

/* ---- many ---- */

/* For which devices; *ret_none when they are somebody else's, who has none. */
static err read_order(const struct api_call *call, struct fleet_order *o, bool *ret_none)
{
    const struct api_caller *caller = call->caller;
    const struct json_t *body = call->body;
    int64_t outlet = 0;
    if (json_has(body, "merchant")) TRY(json_text_copy(body, "merchant", o->mid, sizeof o->mid));
    if (json_has(body, "outlet")) TRY(json_int(body, "outlet", 1, 9999, &outlet));
    if (json_has(body, "model")) TRY(json_text_copy(body, "model", o->model, sizeof o->model));
    bool merchant = caller->mid[0] == '\0' || o->mid[0] == '\0' || !strcmp(o->mid, caller->mid);
    bool place = caller->outlet == 0 || outlet == 0 || outlet == caller->outlet;
    if (caller->mid[0] != '\0') snprintf(o->mid, sizeof o->mid, "%s", caller->mid);
    o->outlet = caller->outlet != 0 ? caller->outlet : (uint32_t)outlet;
    snprintf(o->actor, sizeof o->actor, "%s", caller->subject);
    *ret_none = !merchant || !place;
    return OK;
}

/* A group or a region must be the caller's; a region says whose its outlets are. */
static err narrow(struct backoffice *b, const struct api_call *call, struct fleet_order *o,
                  bool *ret_none)
{
    struct tree_outlets outlets;
    struct fleet_query query = {.outlet = o->outlet};
    const struct json_t *body = call->body;
    if (json_has(body, "group")) TRY(json_int(body, "group", 1, INT64_MAX, &o->group));
    if (json_has(body, "region")) TRY(json_int(body, "region", 1, INT64_MAX, &o->region));
    memcpy(query.mid, o->mid, sizeof query.mid);
    TRY(tree_narrow(b, call->caller, o->group, o->region, &query, &outlets, ret_none));
    memcpy(o->mid, query.mid, sizeof o->mid);
    return OK;
}

static err on_want_many(struct backoffice *b, const struct api_call *call,
                        struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    struct fleet_order order = {.asked_ms = call->now_ms};
    int64_t devices = 0;
    bool none = false;
    if (!desk_is_there(b, response)) return OK;
    TRY(read_wanted(call, &order.kind, order.text));
    if (!allowed(call, order.kind, response)) return OK;
    if (!command_text_is_good(order.kind, bytes_text(order.text))) return refuse_text(response);
    TRY(read_order(call, &order, &none));
    if (!none) TRY(narrow(b, call, &order, &none));
    TRY(store_begin(b->store, &tx));
    if (!none) TRY(fleet_order_begin(b->desk, &tx, &order, &devices));
    json_object_begin(&j);
    json_member_int(&j, "devices", devices);
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

static err write_progress(void *context, const struct fleet_progress *p)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "number", p->id);
    json_member_string(j, "kind", device_command_name(p->kind));
    json_member_string(j, "text", p->text);
    json_member_string(j, "by", p->actor);
    json_member_int(j, "asked", p->asked_ms);
    for (enum command_state at = COMMAND_QUEUED; at < COMMAND_STATES; at++)
        json_member_int(j, command_state_text(at), p->count[at]);
    json_object_end(j);
    return OK;
}

/* The acquirer's: one may be for the devices of several merchants. */
static err on_many(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    if (!desk_is_there(b, response)) return OK;
    if (call->caller->mid[0] != '\0') {
        api_missing(response);
        return OK;
    }
    json_object_begin(&j);
    json_member_array(&j, "commands");
    TRY(fleet_orders_list(b->desk, write_progress, &j));
    json_array_end(&j);
    json_member_array(&j, "may");
    for (const char *const *word = bulk_words; *word != NULL; word++)
        fleet_may_write(&j, call->caller, device_command_named(bytes_text(*word)), false);
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/devices/{tid}/commands", SESSION, SEES, DEVICES_READ, 1, 0, NULL, &commands_schema, on_list,
                  "What was wanted of a device, and how far it is")
    API_ROUTE_ROW(POST, "/devices/{tid}/commands", SESSION, CALLS, DEVICES_WRITE, 5, API_CREATES, &wanted_schema, &command_schema, on_want,
                  "Want something of a device")
    API_ROUTE_ROW(GET, "/devices/{tid}/commands/{number}/result", SESSION, SEES, DEVICES_READ, 5, 0, NULL, &result_schema, on_result,
                  "What a device has collected for a command")
    API_ROUTE_ROW(GET, "/fleet/commands", SESSION, ROLES_STAFF, DEVICES_READ, 5, 0, NULL, &many_schema, on_many,
                  "What was wanted of many devices, and how far it is")
    API_ROUTE_ROW(POST, "/fleet/commands", SESSION, HOLDS, DEVICES_WRITE, 20, API_CREATES, &bulk_schema, &begun_schema, on_want_many,
                  "Want something of many devices")
};
/* clang-format on */

const struct backoffice_part fleet_commands_part = {
    .name = "fleet_commands", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
