/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of terminals below /api/v1 (S118, S125): the table, the sets of levels and their
 * versions, and what one device is to have and has. An owner sets what is his; what is the
 * acquirer's risk he does not change, and it stays when he sets the rest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/session.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/device_of_path.h"
#include "backoffice/devices/tree_http.h"
#include "backoffice/parameters/subject.h"
#include "backoffice/parameters/words.h"
#include "backoffice/parts.h"

/* ---- shapes ---- */

static const char *const type_words[] = {"number", "text", NULL};
static const char *const unit_words[] = {"text", "switch",  "count",  "seconds",
                                         "fen",  "percent", "minute", NULL};
static const char *const state_words[] = {"running", "stopped", NULL};
static const char *const level_words[] = {"models",  "merchants", "regions", "groups",
                                          "outlets", "terminals", NULL};
static const char *const progress_words[] = {"none",     "waiting", "taken",
                                             "in_force", "refused", NULL};

static const struct api_field row_fields[] = {
    {"name", API_TEXT, .max = DEVICE_PARAMETER_NAME_MAX, .text = "Its name"},
    {"type", API_WORD, .words = type_words, .text = "What a value is"},
    {"least", API_INT, .min = INT64_MIN, .max = INT64_MAX, .text = "The least number"},
    {"most", API_INT, .min = INT64_MIN, .max = INT64_MAX,
     .text = "The greatest number; of a text: bytes of UTF-8"},
    {"delivered", API_INT, .min = INT64_MIN, .max = INT64_MAX,
     .text = "What holds when nobody has set it"},
    {"acquirer", API_BOOL, .text = "Only the acquirer sets it"},
    {"unit", API_WORD, .words = unit_words,
     .text = "What it counts; switch: 0 off, 1 on; minute: of the day, -1 never"},
    {"title_zh", API_TEXT, .text = "What it is called, in Chinese"},
    {"title_en", API_TEXT, .text = "What it is called, in English"},
    {"does_zh", API_TEXT, .text = "What it does at the terminal, in Chinese"},
    {"does_en", API_TEXT, .text = "What it does at the terminal, in English"},
};
API_SCHEMA(row_schema, "Parameter", row_fields);

static const struct api_field table_fields[] = {
    {"parameters", API_LIST, .of = &row_schema, .text = "All there are"},
};
API_SCHEMA(table_schema, "Parameters", table_fields);

#define FIELD_NUMBER API_INT
#define FIELD_TEXT   API_TEXT
static const struct api_field value_fields[] = {
#define FIELDS_ANY(...)      __VA_ARGS__
#define FIELDS_ACQUIRER(...) __VA_ARGS__
#define FIELDS_CONTRACT(...)
#define X(name, type, unit, least, most_, delivered, setter, zh, en, does_zh, does_en)      \
    FIELDS_##setter({#name, FIELD_##type, .optional = true, .min = (least), .max = (most_), \
                     .text = does_en}, )
    DEVICE_PARAMETER_LIST(X)
#undef X
};
API_SCHEMA(values_schema, "ParameterValues", value_fields);

static const struct api_field set_fields[] = {
    {"level", API_WORD, .words = level_words, .text = "Of which level it is"},
    {"subject", API_TEXT, .max = PARAMETERS_SUBJECT_MAX, .text = "Of what of it"},
    {"subject_zh", API_TEXT, .text = "What that is called, in Chinese"},
    {"subject_en", API_TEXT, .text = "What that is called, in English"},
    {"version", API_INT, .max = INT64_MAX, .text = "Its number; 0: nothing was ever set"},
    {"values", API_OBJECT, .of = &values_schema, .text = "What is set"},
    {"says", API_LIST, .of = &parameters_words_schema, .text = "The same as people say it"},
    {"at", API_TIME, .optional = true, .text = "When it was set"},
    {"by", API_TEXT, .optional = true, .text = "Who has set it"},
    {"reason", API_TEXT, .optional = true, .max = PARAMETERS_REASON_MAX, .text = "Why"},
    {"stage", API_INT, .optional = true, .min = 1, .max = 100,
     .text = "Per cent of the devices that it is for now"},
    {"state", API_WORD, .optional = true, .words = state_words,
     .text = "stopped: too many have refused it, or a person has stopped it"},
    {"waiting", API_INT, .max = INT64_MAX, .text = "Devices that have not said that they have it"},
    {"taken", API_INT, .max = INT64_MAX, .text = "Devices that have it in their store"},
    {"in_force", API_INT, .max = INT64_MAX, .text = "Devices where it is in force"},
    {"refused", API_INT, .max = INT64_MAX, .text = "Devices that have refused it"},
    {"stopped_zh", API_TEXT, .optional = true, .text = "Of one that has stopped: why, in Chinese"},
    {"stopped_en", API_TEXT, .optional = true, .text = "Of one that has stopped: why, in English"},
    {"changes", API_LIST, .of = &parameters_words_schema,
     .text = "What it changes against the version before, in words"},
};
API_SCHEMA(set_schema, "ParameterSet", set_fields);

static const struct api_field versions_fields[] = {
    {"versions", API_LIST, .of = &set_schema, .text = "The newest first"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(versions_schema, "ParameterVersions", versions_fields);

static const struct api_field sets_fields[] = {
    {"sets", API_LIST, .of = &set_schema, .text = "The newest version of each, the latest first"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(sets_schema, "ParameterSets", sets_fields);

static const struct api_field new_fields[] = {
    {"values", API_OBJECT, .of = &values_schema,
     .text = "The whole set of this level: what is not in it is not set here any more"},
    {"reason", API_TEXT, .min = 1, .max = PARAMETERS_REASON_MAX, .text = "Why"},
    {"first", API_INT, .optional = true, .min = 1, .max = 100,
     .text = "Per cent of the devices that have it first; the others follow a day later"},
};
API_SCHEMA(new_schema, "NewParameterSet", new_fields);

static const struct api_field back_fields[] = {
    {"reason", API_TEXT, .min = 1, .max = PARAMETERS_REASON_MAX, .text = "Why"},
};
API_SCHEMA(back_schema, "ParameterRollBack", back_fields);

static const struct api_field effective_fields[] = {
    {"name", API_TEXT, .max = DEVICE_PARAMETER_NAME_MAX, .text = "Its name"},
    {"number", API_INT, .optional = true, .min = INT64_MIN, .max = INT64_MAX, .text = "Its value"},
    {"text", API_TEXT, .optional = true, .max = DEVICE_PARAMETER_TEXT_MAX, .text = "Its value"},
    {"title_zh", API_TEXT, .text = "What it is called, in Chinese"},
    {"title_en", API_TEXT, .text = "What it is called, in English"},
    {"says_zh", API_TEXT, .text = "Its value as people say it, in Chinese"},
    {"says_en", API_TEXT, .text = "Its value as people say it, in English"},
    {"level", API_WORD, .optional = true, .words = level_words,
     .text =
         "Where it was set; null: nowhere: as delivered, set at the device, or of the contract"},
    {"subject", API_TEXT, .optional = true, .max = PARAMETERS_SUBJECT_MAX,
     .text = "Of what; null: what the caller does not see"},
    {"version", API_INT, .optional = true, .min = 1, .max = INT64_MAX, .text = "In which version"},
};
API_SCHEMA(effective_schema, "ParameterValue", effective_fields);

static const struct api_field device_fields[] = {
    {"number", API_INT, .max = INT64_MAX, .text = "Of what it was given; 0: nothing yet"},
    {"progress", API_WORD, .words = progress_words, .text = "What the device says of that"},
    {"current", API_BOOL, .text = "That is what it is to have now; false: it is yet to be given"},
    {"why", API_TEXT, .optional = true, .max = DEVICE_REASON_MAX, .text = "Of a refusal"},
    {"changed", API_TIME, .optional = true, .text = "When that was heard"},
    {"parameters", API_LIST, .of = &effective_schema, .text = "What it is to have"},
};
API_SCHEMA(device_schema, "DeviceParameters", device_fields);

/* ---- the table ---- */

static err on_table(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    (void)b, (void)call;
    json_object_begin(&j);
    json_member_array(&j, "parameters");
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        const struct device_parameter_row *row = device_parameter_row(i);
        if (row->setter == DEVICE_PARAMETER_CONTRACT) continue; /* nobody sets it */
        json_object_begin(&j);
        json_member_string(&j, "name", row->name);
        json_member_string(&j, "type", type_words[row->type]);
        json_member_int(&j, "least", row->least);
        json_member_int(&j, "most", row->most);
        json_member_int(&j, "delivered", row->delivered);
        json_member_bool(&j, "acquirer", row->setter == DEVICE_PARAMETER_ACQUIRER);
        json_member_string(&j, "unit", unit_words[row->unit]);
        json_member_string(&j, "title_zh", row->zh);
        json_member_string(&j, "title_en", row->en);
        json_member_string(&j, "does_zh", row->does_zh);
        json_member_string(&j, "does_en", row->does_en);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- sets ---- */

static void write_values(struct json_out *j, const struct device_parameters *set)
{
    json_member_object(j, "values");
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        const struct device_parameter_value *value = &set->value[i];
        const struct device_parameter_row *row = device_parameter_row(i);
        if (!value->set) continue;
        if (row->type == DEVICE_PARAMETER_TEXT) json_member_string(j, row->name, value->text);
        else json_member_int(j, row->name, value->number);
    }
    json_object_end(j);
}

/* Who has stopped it, and what was seen. */
static void write_stop(struct json_out *j, const struct parameters_version *v)
{
    char zh[PARAMETERS_REASON_MAX * 2], en[PARAMETERS_REASON_MAX * 2];
    long long refused = v->count[PARAMETERS_REFUSED];
    long long answered = refused + v->count[PARAMETERS_TAKEN] + v->count[PARAMETERS_IN_FORCE];
    bool by_itself = strcmp(v->turned_by, "desk") == 0;
    snprintf(zh, sizeof zh, "%s%.80s停止：答复的 %lld 台终端里有 %lld 台拒绝。",
             by_itself ? "" : "由 ", by_itself ? "自动" : v->turned_by, answered, refused);
    snprintf(en, sizeof en, "Stopped by %.80s: %lld of %lld terminals that answered refused it.",
             by_itself ? "itself" : v->turned_by, refused, answered);
    json_member_string(j, "stopped_zh", zh);
    json_member_string(j, "stopped_en", en);
}

static void write_history(struct json_out *j, const struct parameters_version *v)
{
    json_member_int(j, "at", v->at_ms);
    json_member_string(j, "by", v->actor);
    json_member_string(j, "reason", v->reason);
    json_member_int(j, "stage", v->stage);
    json_member_string(j, "state", parameters_state_word(v->state));
    if (v->state == PARAMETERS_STOPPED) write_stop(j, v);
}

static err write_changes_of(struct backoffice *b, struct json_out *j,
                            const struct parameters_version *v)
{
    struct parameters_version before = {.id = 0};
    json_member_array(j, "changes");
    if (v->version > 1)
        TRY(parameters_find(b->desk, v->level, v->subject, v->version - 1, &before));
    parameters_write_changes(j, &before.set, &v->set);
    json_array_end(j);
    return OK;
}

/* As it is called for whoever may see it: the callers have asked. */
static err write_set(struct backoffice *b, const struct api_call *call, struct json_out *j,
                     const struct parameters_version *v)
{
    struct subject_name name = {.zh = ""};
    bool good = false;
    TRY(subject_look(b, call->caller, v->level, v->subject, &name, &good));
    json_object_begin(j);
    json_member_string(j, "level", parameters_level_word(v->level));
    json_member_string(j, "subject", v->subject);
    json_member_string(j, "subject_zh", name.zh);
    json_member_string(j, "subject_en", name.en);
    json_member_int(j, "version", v->version);
    write_values(j, &v->set);
    json_member_array(j, "says");
    parameters_write_values(j, &v->set);
    json_array_end(j);
    if (v->version > 0) write_history(j, v);
    for (enum parameters_progress at = PARAMETERS_WAITING; at < PARAMETERS_PROGRESSES; at++)
        json_member_int(j, parameters_progress_word(at), v->count[at]);
    TRY(write_changes_of(b, j, v));
    json_object_end(j);
    return OK;
}

/* The newest; version 0 when nothing was ever set. */
static err newest(struct backoffice *b, enum parameters_level level, const char *subject,
                  struct parameters_version *v)
{
    err found = parameters_find(b->desk, level, subject, 0, v);
    if (found.code != ERR_NOT_FOUND) return found;
    *v = (struct parameters_version){.level = level};
    memcpy(v->subject, subject, sizeof v->subject);
    return OK;
}

static err on_set(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct parameters_version v;
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX];
    bool good = false;
    TRY(subject_of_path(b, call, response, &level, subject, &good));
    if (!good) return OK;
    TRY(newest(b, level, subject, &v));
    return write_set(b, call, &j, &v);
}

struct listing {
    struct backoffice *b;
    const struct api_call *call;
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err write_row(void *context, const struct parameters_version *v)
{
    struct listing *l = context;
    l->count++;
    l->last = v->version;
    return write_set(l->b, l->call, l->j, v);
}

/* What is set anywhere that the caller sees: a merchant's may look past many that are not his, so
 * there is an end to what one call looks at. */
static err on_sets(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    int64_t id = tree_number(call->after);
    size_t looked = 0, count = 0;
    char next[24] = "";
    if (!desk_is_there(b, response)) return OK;
    json_object_begin(&j);
    json_member_array(&j, "sets");
    for (; looked < PARAMETERS_LOOKED_AT && count < call->limit; looked++) {
        struct parameters_version v;
        struct subject_name name;
        bool good = false;
        TRY(parameters_newest(b->desk, id, &id, &v));
        if (id == 0) break;
        TRY(subject_look(b, call->caller, v.level, v.subject, &name, &good));
        if (good) TRY(write_set(b, call, &j, &v));
        count += good ? 1 : 0;
    }
    json_array_end(&j);
    if (id != 0) snprintf(next, sizeof next, "%lld", (long long)id);
    api_next(&j, next);
    json_object_end(&j);
    return OK;
}

static err on_versions(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.b = b, .call = call, .j = &j};
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX], next[24] = "";
    bool good = false;
    TRY(subject_of_path(b, call, response, &level, subject, &good));
    if (!good) return OK;
    json_object_begin(&j);
    json_member_array(&j, "versions");
    TRY(parameters_versions(b->desk, level, subject, tree_number(call->after), write_row,
                            &listing));
    json_array_end(&j);
    if (listing.count == PARAMETERS_VERSIONS_LISTED && listing.last > 1)
        snprintf(next, sizeof next, "%lld", (long long)listing.last);
    api_next(&j, next);
    json_object_end(&j);
    return OK;
}

/* ---- setting ---- */

/* What the body says, within what its table allows; false: a text is not fit to be shown. */
static err read_values(const struct json_t *body, struct device_parameters *out, bool *ret_good)
{
    struct json_t *values;
    *out = (struct device_parameters){0};
    *ret_good = true;
    TRY(json_member(body, "values", &values));
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS && *ret_good; i++) {
        const struct device_parameter_row *row = device_parameter_row(i);
        struct device_parameter_value *value = &out->value[i];
        value->set = row->setter != DEVICE_PARAMETER_CONTRACT && json_has(values, row->name);
        if (!value->set) continue;
        if (row->type == DEVICE_PARAMETER_TEXT)
            TRY(json_text_copy(values, row->name, value->text, sizeof value->text));
        else TRY(json_int(values, row->name, row->least, row->most, &value->number));
        *ret_good = device_parameter_fits(i, value);
    }
    return OK;
}

/* A merchant's caller leaves what is the acquirer's as it is: what he does not say stays. False:
 * he says otherwise. */
static bool keep_acquirers(const struct api_caller *caller, const struct device_parameters *before,
                           struct device_parameters *wish)
{
    if (caller->mid[0] == '\0') return true;
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        if (device_parameter_row(i)->setter != DEVICE_PARAMETER_ACQUIRER) continue;
        if (wish->value[i].set && !parameters_same(&wish->value[i], &before->value[i]))
            return false;
        wish->value[i] = before->value[i];
    }
    return true;
}

/* `wish` becomes the newest version; the answer is written. */
static err put(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
               struct parameters_version *wish, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct parameters_version made;
    int64_t version = 0;
    TRY(json_text_copy(call->body, "reason", wish->reason, sizeof wish->reason));
    TRY(parameters_put(b->desk, tx, wish, call->caller->subject, &version));
    TRY(parameters_find(b->desk, wish->level, wish->subject, version, &made));
    TRY(write_set(b, call, &j, &made));
    TRY(api_commit(b, call, tx, response));
    parameters_changed(b->desk);
    return OK;
}

static void refuse_acquirers(struct http_response *response)
{
    http_response_error(response, 403, "role", "one of these is the acquirer's to set");
}

static err on_put(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct parameters_version v;
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX];
    struct device_parameters wish;
    bool good = false, fit = false;
    int64_t first = 100;
    TRY(subject_of_path(b, call, response, &level, subject, &good));
    if (!good) return OK;
    TRY(read_values(call->body, &wish, &fit));
    if (!fit) {
        api_refuse(response, 422, "bad_text",
                   "a text has no control characters and no blank at its ends");
        return OK;
    }
    if (json_has(call->body, "first")) TRY(json_int(call->body, "first", 1, 100, &first));
    TRY(newest(b, level, subject, &v));
    if (!keep_acquirers(call->caller, &v.set, &wish)) {
        refuse_acquirers(response);
        return OK;
    }
    v.set = wish;
    v.stage = first;
    TRY(store_begin(b->store, &tx));
    return put(b, call, &tx, &v, response);
}

static err on_back(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct parameters_version now, before;
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX];
    bool good = false;
    int64_t version = tree_number(call->value[2]);
    TRY(subject_of_path(b, call, response, &level, subject, &good));
    if (!good) return OK;
    TRY(newest(b, level, subject, &now));
    err found =
        version == 0 ? ERR(NOT_FOUND) : parameters_find(b->desk, level, subject, version, &before);
    if (found.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    TRY(found);
    if (call->caller->mid[0] != '\0') /* what is not his stays as it is now */
        for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++)
            if (device_parameter_row(i)->setter == DEVICE_PARAMETER_ACQUIRER)
                before.set.value[i] = now.set.value[i];
    before.stage = 100; /* whoever goes back does not wait */
    TRY(store_begin(b->store, &tx));
    return put(b, call, &tx, &before, response);
}

static err turn(struct backoffice *b, const struct api_call *call, enum parameters_state state,
                struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    struct parameters_version v;
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX];
    bool good = false, done = false;
    TRY(subject_of_path(b, call, response, &level, subject, &good));
    if (!good) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(parameters_turn(b->desk, &tx, level, subject, state, call->caller->subject, &done));
    if (!done) {
        api_refuse(response, 409, "not_now", "the newest version is not in a state for this");
        return OK;
    }
    TRY(newest(b, level, subject, &v));
    TRY(write_set(b, call, &j, &v));
    return api_commit(b, call, &tx, response);
}

static err on_stop(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    return turn(b, call, PARAMETERS_STOPPED, response);
}

static err on_resume(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return turn(b, call, PARAMETERS_RUNNING, response);
}

/* ---- one device ---- */

/* Numbers of regions and groups are shown to who may see them. */
static err write_source(struct backoffice *b, const struct api_caller *caller, struct json_out *j,
                        const struct parameters_source *from)
{
    struct device_group g;
    bool seen = caller->outlet == 0;
    if (from->level == PARAMETERS_GROUP && seen) {
        err found = group_find(b->store, tree_number(from->subject), &g);
        if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
        seen = !FAILED(found) && tree_sees(caller, g.mid);
    }
    if (from->level != PARAMETERS_GROUP && from->level != PARAMETERS_REGION) seen = true;
    json_member_string(j, "level", parameters_level_word(from->level));
    if (seen) json_member_string(j, "subject", from->subject);
    json_member_int(j, "version", from->version);
    return OK;
}

/* What is not set holds as delivered, or as somebody has set it at the device. */
static void write_said(struct json_out *j, enum device_parameter which,
                       const struct device_parameter_value *value)
{
    struct device_parameter_value shown = *value;
    if (!shown.set) shown.number = device_parameter_row(which)->delivered;
    shown.set = true;
    parameters_write_said(j, which, "says_zh", "says_en", &shown);
}

static err write_effective(struct backoffice *b, const struct api_caller *caller,
                           struct json_out *j, const struct parameters_effective *e)
{
    json_member_array(j, "parameters");
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        const struct device_parameter_row *row = device_parameter_row(i);
        const struct device_parameter_value *value = &e->set.value[i];
        json_object_begin(j);
        json_member_string(j, "name", row->name);
        if (row->type == DEVICE_PARAMETER_TEXT) json_member_string(j, "text", value->text);
        else json_member_int(j, "number", value->set ? value->number : row->delivered);
        if (e->from[i].level != 0) TRY(write_source(b, caller, j, &e->from[i]));
        json_member_string(j, "title_zh", row->zh);
        json_member_string(j, "title_en", row->en);
        write_said(j, i, value);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err on_device(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct parameters_effective wanted;
    struct parameters_given given;
    const struct fleet_device *d = device_of_path(b, call, response);
    if (d == NULL) return OK;
    TRY(parameters_effective_of(b->desk, d, &wanted));
    TRY(parameters_given_of(b->desk, d->tid, &wanted, &given));
    json_object_begin(&j);
    json_member_int(&j, "number", given.number);
    json_member_string(&j, "progress", parameters_progress_word(given.progress));
    json_member_bool(&j, "current", given.current);
    if (given.why[0] != '\0') json_member_string(&j, "why", given.why);
    if (given.changed_ms != 0) json_member_int(&j, "changed", given.changed_ms);
    TRY(write_effective(b, call->caller, &j, &wanted));
    json_object_end(&j);
    return OK;
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
#define SETS (ROLE_OWNER | ROLE_ADMIN)
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/parameters", SESSION, SEES, DEVICES_READ, 1, 0, NULL, &table_schema, on_table,
                  "What can be set at terminals")
    API_ROUTE_ROW(GET, "/parameter-sets", SESSION, SEES, DEVICES_READ, 5, API_PAGED, NULL, &sets_schema, on_sets,
                  "What is set, at every level")
    API_ROUTE_ROW(GET, "/parameters/{level}/{subject}", SESSION, SEES, DEVICES_READ, 1, 0, NULL, &set_schema, on_set,
                  "What is set at a level")
    API_ROUTE_ROW(GET, "/parameters/{level}/{subject}/versions", SESSION, SEES, DEVICES_READ, 2, API_PAGED, NULL, &versions_schema, on_versions,
                  "The versions of a level")
    API_ROUTE_ROW(GET, "/devices/{tid}/parameters", SESSION, SEES, DEVICES_READ, 2, 0, NULL, &device_schema, on_device,
                  "What a device is to have, from where, and what it says that it has")
    API_ROUTE_ROW(POST, "/parameters/{level}/{subject}", STEP_UP, SETS, DEVICES_WRITE, 10, API_CREATES, &new_schema, &set_schema, on_put,
                  "Set a level: a new version")
    API_ROUTE_ROW(POST, "/parameters/{level}/{subject}/versions/{version}/back", STEP_UP, SETS, DEVICES_WRITE, 10, API_CREATES, &back_schema, &set_schema, on_back,
                  "Roll back: an older version is made the newest")
    API_ROUTE_ROW(POST, "/parameters/{level}/{subject}/stop", SESSION, SETS, DEVICES_WRITE, 5, 0, NULL, &set_schema, on_stop,
                  "Stop the newest version: nobody else is given it")
    API_ROUTE_ROW(POST, "/parameters/{level}/{subject}/resume", STEP_UP, SETS, DEVICES_WRITE, 5, 0, NULL, &set_schema, on_resume,
                  "Go on with one that has stopped")
};
/* clang-format on */

static err flush(struct backoffice *b)
{
    return b->desk == NULL ? OK : parameters_step(b->desk);
}

const struct backoffice_part parameters_part = {
    .name = "parameters", .api_routes = rows, .api_route_count = ARRAY_LEN(rows), .flush = flush};
