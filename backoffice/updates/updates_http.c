/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Updates below /api/v1 (S119, S177): what is published, roll-outs, and how far each device is.
 * They are the acquirer's own business: what a merchant asks for here is not there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/session.h"
#include "backoffice/api/api.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/parts.h"
#include "backoffice/updates/updates.h"

static const char *const rollout_words[] = {"running", "stopped", "aborted", NULL};
static const char *const update_words[] = {"assigned",  "told",        "downloaded", "started",
                                           "confirmed", "rolled_back", "unknown",    NULL};

/* ---- what is answered ---- */

static const struct api_field file_fields[] = {
    {"name", API_TEXT, .max = TUF_AUTHOR_PATH, .text = "What terminals ask for"},
    {"length", API_INT, .text = "Bytes", .max = INT64_MAX},
    {"image", API_INT, .optional = true, .text = "Its version, when it is an image",
     .max = INT64_MAX},
    {"model", API_TEXT, .optional = true, .max = ROLLOUT_MODEL, .text = "Which model it is for"},
};
API_SCHEMA(file_schema, "UpdateFile", file_fields);

static const struct api_field files_fields[] = {
    {"files", API_LIST, .of = &file_schema, .text = "By their names"},
};
API_SCHEMA(files_schema, "UpdateFiles", files_fields);

static const struct api_field counts_fields[] = {
    {"assigned", API_INT, .text = "Chosen, not told yet", .max = INT64_MAX},
    {"told", API_INT, .text = "Told, nothing heard yet", .max = INT64_MAX},
    {"downloaded", API_INT, .text = "It waits there to be started", .max = INT64_MAX},
    {"started", API_INT, .text = "It runs, and is not healthy yet", .max = INT64_MAX},
    {"confirmed", API_INT, .text = "It runs and is healthy", .max = INT64_MAX},
    {"rolled_back", API_INT, .text = "The one before runs again", .max = INT64_MAX},
    {"unknown", API_INT, .text = "Told, and not heard of in time", .max = INT64_MAX},
};
API_SCHEMA(counts_schema, "RolloutCounts", counts_fields);

static const struct api_field rollout_fields[] = {
    {"id", API_INT, .min = 1, .text = "Its number", .max = INT64_MAX},
    {"name", API_TEXT, .max = TUF_AUTHOR_PATH, .text = "The file"},
    {"model", API_TEXT, .max = ROLLOUT_MODEL, .text = "Of the devices"},
    {"image", API_INT, .text = "The version", .max = INT64_MAX},
    {"stage", API_INT, .text = "Per cent of the devices: 1, 10 or 100", .max = 100},
    {"state", API_WORD, .words = rollout_words, .text = "stopped: by itself, or by somebody"},
    {"hours", API_TEXT, .max = ROLLOUT_HOURS, .text = "Of the shop's day; empty: at any time"},
    {"fail_percent", API_INT, .max = 100, .text = "More failures stop it"},
    {"unknown_hours", API_INT, .max = 8760, .text = "Not heard of for so long is a failure"},
    {"stage_hours", API_INT, .max = 8760, .text = "A stage lasts at least so long"},
    {"made", API_TIME, .text = "When it was begun"},
    {"since", API_TIME, .text = "When this stage was begun"},
    {"by", API_TEXT, .text = "Who began it"},
    {"stopped_zh", API_TEXT, .optional = true, .text = "Of one that has stopped: why, in Chinese"},
    {"stopped_en", API_TEXT, .optional = true, .text = "Of one that has stopped: why, in English"},
    {"devices", API_OBJECT, .of = &counts_schema, .text = "How far they are"},
};
API_SCHEMA(rollout_schema, "Rollout", rollout_fields);

static const struct api_field list_fields[] = {
    {"rollouts", API_LIST, .of = &rollout_schema, .text = "The newest first"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "Rollouts", list_fields);

static const struct api_field make_fields[] = {
    {"name", API_TEXT, .min = 1, .max = TUF_AUTHOR_PATH - 1, .text = "A published image"},
    {"hours", API_TEXT, .optional = true, .max = ROLLOUT_HOURS - 1, .text = "As 02:00-05:00"},
    {"fail_percent", API_INT, .optional = true, .max = 100, .text = "More failures stop it"},
    {"unknown_hours", API_INT, .optional = true, .min = 1, .max = 8760,
     .text = "Not heard of for so long is a failure"},
    {"stage_hours", API_INT, .optional = true, .max = 8760,
     .text = "A stage lasts at least so long"},
};
API_SCHEMA(make_schema, "NewRollout", make_fields);

static const struct api_field device_fields[] = {
    {"tid", API_TEXT, .min = 8, .max = 8, .text = "Its number"},
    {"rollout", API_INT, .text = "Which it belongs to; 0: none", .max = INT64_MAX},
    {"wanted", API_INT, .text = "The version it is to have", .max = INT64_MAX},
    {"state", API_WORD, .optional = true, .words = update_words, .text = "How far it is"},
    {"image", API_INT, .text = "The version that it says runs; 0: it has said nothing",
     .max = INT64_MAX},
    {"waiting", API_INT, .text = "The version that waits there; 0: none", .max = INT64_MAX},
    {"refused", API_INT, .text = "The newest that failed there; 0: none", .max = INT64_MAX},
    {"why", API_TEXT, .max = DEVICE_TEXT_MAX, .text = "Why it has not taken the last one"},
    {"changed", API_TIME, .text = "When that changed"},
};
API_SCHEMA(device_schema, "UpdateDevice", device_fields);

static const struct api_field devices_fields[] = {
    {"devices", API_LIST, .of = &device_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(devices_schema, "UpdateDevices", devices_fields);

static const struct api_field query_fields[] = {
    {"rollout", API_INT, .min = 1, .max = INT64_MAX, .text = "Of this roll-out"},
    {"state", API_WORD, .words = update_words, .text = "In this state"},
};
API_SCHEMA(query_schema, "UpdateQuery", query_fields);

/* False, and answered: it is not his, or there is no desk. */
static bool may(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    return desk_is_there(b, response) && api_acquirers(call, response);
}

/* ---- reading ---- */

/* Who has stopped it, and what was seen. */
static void write_stop(struct json_out *j, const struct rollout *r)
{
    char zh[320], en[320];
    int64_t told, failed = rollout_failed(r, &told);
    bool by_itself = strcmp(r->turned_by, "desk") == 0;
    snprintf(zh, sizeof zh,
             "%s%.80s停止：已通知的 %lld 台里有 %lld 台失败，超过 %lld%% 会自动停止。",
             by_itself ? "" : "由 ", by_itself ? "自动" : r->turned_by, (long long)told,
             (long long)failed, (long long)r->fail_percent);
    snprintf(en, sizeof en,
             "Stopped by %.80s: %lld of %lld terminals that were told have failed; it stops by "
             "itself above %lld %%.",
             by_itself ? "itself" : r->turned_by, (long long)failed, (long long)told,
             (long long)r->fail_percent);
    json_member_string(j, "stopped_zh", zh);
    json_member_string(j, "stopped_en", en);
}

static void write_rollout(struct json_out *j, const struct rollout *r)
{
    json_member_int(j, "id", r->id);
    json_member_string(j, "name", r->name);
    json_member_string(j, "model", r->model);
    json_member_int(j, "image", r->image);
    json_member_int(j, "stage", r->stage);
    json_member_string(j, "state", rollout_state_word(r->state));
    json_member_string(j, "hours", r->hours);
    json_member_int(j, "fail_percent", r->fail_percent);
    json_member_int(j, "unknown_hours", r->unknown_hours);
    json_member_int(j, "stage_hours", r->stage_hours);
    json_member_int(j, "made", r->made_ms);
    json_member_int(j, "since", r->stage_ms);
    json_member_string(j, "by", r->actor);
    if (r->state == ROLLOUT_STOPPED) write_stop(j, r);
    json_member_object(j, "devices");
    for (enum update_state at = UPDATE_ASSIGNED; at < UPDATE_STATES; at++)
        json_member_int(j, update_state_word(at), r->count[at]);
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    size_t count;
    char last[24];
};

static err write_row(void *context, const struct rollout *r)
{
    struct listing *l = context;
    json_object_begin(l->j);
    write_rollout(l->j, r);
    json_object_end(l->j);
    l->count++;
    snprintf(l->last, sizeof l->last, "%lld", (long long)r->id);
    return OK;
}

static err on_rollouts(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    if (!may(b, call, response)) return OK;
    size_t limit = call->limit < ROLLOUT_LISTED_MAX ? call->limit : ROLLOUT_LISTED_MAX;
    json_object_begin(&j);
    json_member_array(&j, "rollouts");
    TRY(rollout_list(b->desk, strtoll(call->after, NULL, 10), limit, write_row, &listing));
    json_array_end(&j);
    api_next(&j, listing.count == limit ? listing.last : "");
    json_object_end(&j);
    return OK;
}

static void write_one(struct http_response *response, const struct rollout *r)
{
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    write_rollout(&j, r);
    json_object_end(&j);
}

static err on_rollout(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct rollout r;
    if (!may(b, call, response)) return OK;
    err e = rollout_find(b->desk, strtoll(call->value[0], NULL, 10), &r);
    if (e.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    TRY(e);
    write_one(response, &r);
    return OK;
}

static err on_files(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    if (!may(b, call, response)) return OK;
    struct tuf_author_targets *targets = calloc(1, sizeof *targets);
    if (targets == NULL) return ERR(NO_MEMORY);
    if (FAILED(updates_published(b->desk->config.updates, targets))) targets->count = 0;
    json_object_begin(&j);
    json_member_array(&j, "files");
    for (size_t i = 0; i < targets->count; i++) {
        const struct tuf_author_file *file = &targets->file[i];
        int64_t image = 0;
        char model[ROLLOUT_MODEL];
        json_object_begin(&j);
        json_member_string(&j, "name", file->path);
        json_member_int(&j, "length", file->length);
        if (updates_image_of(file, &image, model)) {
            json_member_int(&j, "image", image);
            json_member_string(&j, "model", model);
        }
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    free(targets);
    return OK;
}

static err write_device(void *context, const struct update_device *d)
{
    struct listing *l = context;
    json_object_begin(l->j);
    json_member_string(l->j, "tid", d->tid);
    json_member_int(l->j, "rollout", d->rollout);
    json_member_int(l->j, "wanted", d->wanted);
    if (d->state != UPDATE_NONE) json_member_string(l->j, "state", update_state_word(d->state));
    json_member_int(l->j, "image", d->image);
    json_member_int(l->j, "waiting", d->waiting);
    json_member_int(l->j, "refused", d->refused);
    json_member_string(l->j, "why", d->why);
    json_member_int(l->j, "changed", d->changed_ms);
    json_object_end(l->j);
    l->count++;
    snprintf(l->last, sizeof l->last, "%s", d->tid);
    return OK;
}

static err on_devices(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    enum update_state state = UPDATE_NONE;
    if (!may(b, call, response)) return OK;
    for (enum update_state at = UPDATE_ASSIGNED; at < UPDATE_STATES; at++)
        if (strcmp(api_query(call, "state"), update_state_word(at)) == 0) state = at;
    json_object_begin(&j);
    json_member_array(&j, "devices");
    TRY(updates_list(b->desk, call->after, api_query_int(call, "rollout"), state, call->limit,
                     write_device, &listing));
    json_array_end(&j);
    api_next(&j, listing.count == call->limit ? listing.last : "");
    json_object_end(&j);
    return OK;
}

/* ---- changing ---- */

/* True: it may go on; otherwise it is answered. */
static bool accepted(enum rollout_verdict verdict, struct http_response *response)
{
    switch (verdict) {
    case ROLLOUT_OK:
        return true;
    case ROLLOUT_NO_FILE:
        api_refuse(response, 422, "no_file", "no image of this name is published");
        return false;
    case ROLLOUT_OLDER:
        api_refuse(response, 409, "older", "this model has a roll-out of this version or a newer");
        return false;
    case ROLLOUT_BAD_HOURS:
        api_refuse(response, 422, "hours", "hours are as 02:00-05:00, or nothing");
        return false;
    case ROLLOUT_NOT_NOW:
        api_refuse(response, 409, "state", "the roll-out is not in a state for this");
        return false;
    case ROLLOUT_MISSING:
        break;
    }
    api_missing(response);
    return false;
}

static int64_t number_of(const struct json_t *body, const char *name, int64_t usual)
{
    int64_t number = usual;
    if (json_has(body, name) && FAILED(json_int(body, name, 0, 8760, &number))) number = usual;
    return number;
}

static err answer(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                  int64_t id, struct http_response *response)
{
    struct rollout r;
    TRY(rollout_find(b->desk, id, &r));
    write_one(response, &r);
    return api_commit(b, call, tx, response);
}

static err on_make(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum rollout_verdict verdict = ROLLOUT_OK;
    int64_t id = 0;
    if (!may(b, call, response)) return OK;
    struct rollout wish = {
        .fail_percent = number_of(call->body, "fail_percent", ROLLOUT_FAIL_PERCENT),
        .unknown_hours = number_of(call->body, "unknown_hours", ROLLOUT_UNKNOWN_HOURS),
        .stage_hours = number_of(call->body, "stage_hours", ROLLOUT_STAGE_HOURS)};
    TRY(json_text_copy(call->body, "name", wish.name, sizeof wish.name));
    if (json_has(call->body, "hours"))
        TRY(json_text_copy(call->body, "hours", wish.hours, sizeof wish.hours));
    TRY(store_begin(b->store, &tx));
    TRY(rollout_make(b->desk, &tx, &wish, call->caller->subject, &id, &verdict));
    return accepted(verdict, response) ? answer(b, call, &tx, id, response) : OK;
}

static err turn(struct backoffice *b, const struct api_call *call, enum rollout_state state,
                struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum rollout_verdict verdict = ROLLOUT_OK;
    int64_t id = strtoll(call->value[0], NULL, 10);
    if (!may(b, call, response)) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(rollout_turn(b->desk, &tx, id, state, call->caller->subject, &verdict));
    return accepted(verdict, response) ? answer(b, call, &tx, id, response) : OK;
}

static err on_stop(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    return turn(b, call, ROLLOUT_STOPPED, response);
}

static err on_resume(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return turn(b, call, ROLLOUT_RUNNING, response);
}

static err on_abort(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    return turn(b, call, ROLLOUT_ABORTED, response);
}

/* clang-format off */
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/updates/files", SESSION, ROLES_STAFF, UPDATES_READ, 2, 0, NULL, &files_schema, on_files,
                  "What is published for terminals")
    API_ROUTE_ROW(GET, "/updates/rollouts", SESSION, ROLES_STAFF, UPDATES_READ, 2, API_PAGED, NULL, &list_schema, on_rollouts,
                  "Roll-outs and how far they are")
    API_ROUTE_ROW(GET, "/updates/rollouts/{id}", SESSION, ROLES_STAFF, UPDATES_READ, 1, 0, NULL, &rollout_schema, on_rollout,
                  "One roll-out")
    API_SEARCH_ROW(GET, "/updates/devices", SESSION, ROLES_STAFF, UPDATES_READ, 2, API_PAGED, NULL, &devices_schema, on_devices,
                  "How far each device is", &query_schema)
    API_ROUTE_ROW(POST, "/updates/rollouts", STEP_UP, ROLE_ADMIN, UPDATES_WRITE, 5, API_CREATES, &make_schema, &rollout_schema, on_make,
                  "Begins a roll-out with 1 % of the devices")
    API_ROUTE_ROW(POST, "/updates/rollouts/{id}/stop", SESSION, ROLE_ADMIN | ROLE_AGENT, UPDATES_WRITE, 5, 0, NULL, &rollout_schema, on_stop,
                  "Stops it: nobody else is told")
    API_ROUTE_ROW(POST, "/updates/rollouts/{id}/resume", STEP_UP, ROLE_ADMIN, UPDATES_WRITE, 5, 0, NULL, &rollout_schema, on_resume,
                  "Goes on with one that has stopped")
    API_ROUTE_ROW(POST, "/updates/rollouts/{id}/abort", SESSION, ROLE_ADMIN, UPDATES_WRITE, 5, 0, NULL, &rollout_schema, on_abort,
                  "Ends it: who was not told yet is not told any more")
};
/* clang-format on */

const struct backoffice_part updates_part = {
    .name = "updates", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
