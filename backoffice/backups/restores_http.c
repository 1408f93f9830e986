/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup that is opened for another device, below /api/v1 (S124): what devices have asked, and
 * the two people of the desk who say yes. For people alone: no key of a program may.
 */
#include "backoffice/accounts/choice.h"
#include "backoffice/api/api.h"
#include "backoffice/backups/restores.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/parts.h"
#include "lib/base/reader.h"

#define DESK (ROLE_AGENT | ROLE_APPROVER)

static const char *const states[] = {"waits", "granted", "done", "refused", "over", NULL};

/* ---- shapes ---- */

static const struct api_field restore_fields[] = {
    {"id", API_INT, .min = 1, .max = INT64_MAX, .text = "Its number"},
    {"terminal", API_TEXT, .max = DESK_TID_LEN, .text = "The terminal number"},
    {"merchant", API_TEXT, .max = 15, .text = "Whose it is"},
    {"device", API_TEXT, .max = BACKUPS_SERIAL_MAX,
     .text = "The serial number of the device that asks"},
    {"was", API_TEXT, .max = BACKUPS_SERIAL_MAX,
     .text = "The serial number of the device that has made the backup"},
    {"number", API_INT, .min = 1, .max = INT64_MAX, .text = "Which of its backups"},
    {"made", API_TIME, .text = "When it was made"},
    {"payments", API_INT, .max = UINT32_MAX, .text = "How many payments are in it"},
    {"state", API_WORD, .words = states, .text = "How far it has come"},
    {"asked", API_TIME, .text = "When the device has asked"},
    {"first_by", API_TEXT, .optional = true, .max = RESTORE_WHO_MAX, .text = "Who said yes first"},
    {"first", API_TIME, .optional = true, .text = "When"},
    {"first_note", API_TEXT, .optional = true, .max = RESTORE_NOTE_MAX, .text = "Why"},
    {"decided_by", API_TEXT, .optional = true, .max = RESTORE_WHO_MAX,
     .text = "Who has decided it"},
    {"decided", API_TIME, .optional = true, .text = "When"},
    {"decided_note", API_TEXT, .optional = true, .max = RESTORE_NOTE_MAX, .text = "Why"},
    {"may", API_BOOL, .text = "Whether who asks may say yes now"},
    {"why", API_TEXT, .optional = true, .max = 32, .text = "Why not: decided, same_person"},
    {"why_text", API_TEXT, .optional = true, .max = 400, .text = "The same in a sentence"},
};
API_SCHEMA(restore_schema, "Restore", restore_fields);

static const struct api_field list_fields[] = {
    {"now", API_INT, .max = INT64_MAX, .text = "What a page of the desk waits after"},
    {"restores", API_LIST, .of = &restore_schema, .text = "Those that wait, then the newest"},
};
API_SCHEMA(list_schema, "Restores", list_fields);

static const struct api_field note_fields[] = {
    {"note", API_TEXT, .min = 1, .max = RESTORE_NOTE_MAX,
     .text = "How it is known who has asked, or why not"},
};
API_SCHEMA(note_schema, "RestoreNote", note_fields);

/* ---- writing ---- */

static void write_person(struct json_out *j, const char *const names[3], const char *who,
                         const char *note, int64_t at_ms)
{
    if (who[0] == '\0') return;
    json_member_string(j, names[0], who);
    json_member_int(j, names[1], at_ms);
    json_member_string(j, names[2], note);
}

static void write_restore(struct json_out *j, const struct restore *r, const struct api_call *call)
{
    static const char *const first[] = {"first_by", "first", "first_note"};
    static const char *const second[] = {"decided_by", "decided", "decided_note"};
    enum restore_verdict may = restore_may(r, call->caller->subject);
    bool decides = (call->caller->roles & DESK) != 0;
    bool yes = decides && (may == RESTORE_OK || may == RESTORE_NEEDS_SECOND);
    json_object_begin(j);
    json_member_int(j, "id", r->id);
    json_member_string(j, "terminal", r->tid);
    json_member_string(j, "merchant", r->mid);
    json_member_string(j, "device", r->serial);
    json_member_string(j, "was", r->old_serial);
    json_member_int(j, "number", r->number);
    json_member_int(j, "made", r->made_ms);
    json_member_int(j, "payments", r->payments);
    json_member_string(j, "state", states[r->state - 1]);
    json_member_int(j, "asked", r->asked_ms);
    write_person(j, first, r->first, r->first_note, r->first_ms);
    write_person(j, second, r->second, r->second_note, r->second_ms);
    json_member_bool(j, "may", yes);
    if (!yes && decides) {
        json_member_string(j, "why", restore_verdict_word(may));
        json_member_string(j, "why_text", restore_verdict_text(may, choice_english(call->request)));
    }
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    const struct api_call *call;
};

static err write_row(void *context, const struct restore *r)
{
    const struct listing *l = context;
    write_restore(l->j, r, l->call);
    return OK;
}

/* ---- calls ---- */

/* False, and the answer is written: these are the acquirer's alone. */
static bool own(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    return desk_is_there(b, response) && api_acquirers(call, response);
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {&j, call};
    if (!own(b, call, response)) return OK;
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_array(&j, "restores");
    TRY(restores_list(b->store, write_row, &listing));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* *ret_there false: the answer is written. */
static err find(struct backoffice *b, const struct api_call *call, struct http_response *response,
                struct restore *r, bool *ret_there)
{
    struct bytes text = bytes_text(call->value[0]);
    struct reader digits = reader_over(text);
    *ret_there = false;
    if (!own(b, call, response)) return OK;
    bool number = text.len > 0 && text.len <= 15 && bytes_all_digits(text);
    int64_t id = number ? (int64_t)read_digits(&digits, text.len) : 0;
    err found = restore_find(b->store, id, r);
    *ret_there = !FAILED(found);
    if (found.code != ERR_NOT_FOUND) return found;
    api_missing(response);
    return OK;
}

static void refuse(const struct api_call *call, enum restore_verdict verdict,
                   struct http_response *response)
{
    bool away = verdict == RESTORE_HSM_AWAY;
    if (away) http_response_header(response, "Retry-After", "5");
    api_refuse(response, away ? 503 : 409, restore_verdict_word(verdict),
               restore_verdict_text(verdict, choice_english(call->request)));
}

static err answer(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                  const struct restore *r, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    write_restore(&j, r, call);
    TRY(api_commit(b, call, tx, response));
    if (r->state != RESTORE_WAITS) restore_tell(b->desk, r);
    else desk_changed(b->desk, DESK_TICKETS);
    return OK;
}

static err on_approve(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct restore r;
    char note[RESTORE_NOTE_MAX + 1];
    enum restore_verdict verdict;
    bool there = false;
    TRY(find(b, call, response, &r, &there));
    if (!there) return OK;
    TRY(json_text_copy(call->body, "note", note, sizeof note));
    TRY(restore_open(b->desk, call->caller->subject, &r, &verdict));
    if (verdict != RESTORE_OK && verdict != RESTORE_NEEDS_SECOND) {
        refuse(call, verdict, response);
        return OK;
    }
    TRY(store_begin(b->store, &tx));
    TRY(restore_approved(b->desk, &tx, call->caller->subject, note, &r));
    return answer(b, call, &tx, &r, response);
}

static err on_refuse(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct restore r;
    char note[RESTORE_NOTE_MAX + 1];
    enum restore_verdict verdict;
    bool there = false;
    TRY(find(b, call, response, &r, &there));
    if (!there) return OK;
    TRY(json_text_copy(call->body, "note", note, sizeof note));
    TRY(store_begin(b->store, &tx));
    TRY(restore_refuse(b->desk, &tx, call->caller->subject, note, &r, &verdict));
    if (verdict == RESTORE_OK) return answer(b, call, &tx, &r, response);
    refuse(call, verdict, response);
    return OK;
}

/* clang-format off */
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/restores", SESSION, DESK | ROLE_AUDITOR, NONE, 2, 0, NULL, &list_schema, on_list,
                  "Devices that have asked for the key of a backup")
    API_ROUTE_ROW(POST, "/restores/{id}/approve", STEP_UP, DESK, NONE, 10, 0, &note_schema, &restore_schema, on_approve,
                  "Let a device have the key of a backup; the second of two people decides it")
    API_ROUTE_ROW(POST, "/restores/{id}/refuse", SESSION, DESK, NONE, 5, 0, &note_schema, &restore_schema, on_refuse,
                  "Let it not have the key")
};
/* clang-format on */

const struct backoffice_part restores_part = {.name = "restores",
                                              .schema = &restores_schema,
                                              .api_routes = rows,
                                              .api_route_count = ARRAY_LEN(rows)};
