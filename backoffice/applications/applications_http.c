/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications below /api/v1 (S133, S134, S143): who enters them for others, with a key or a
 * session, and who reviews them. Identity and account numbers go in and never out; who enters sees
 * what he has entered, the acquirer's staff sees all. Nobody is told a password here, nor is asked
 * for one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/applications/application_internal.h"
#include "backoffice/applications/applications_api.h"
#include "backoffice/applications/codes.h"

/* ---- what is asked and answered ---- */

static const struct api_field list_fields[] = {
    {"applications", API_LIST, .of = &application_row, .text = "In order", .max = API_PAGE_MAX},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`", .max = 24},
};
API_SCHEMA(list_schema, "Applications", list_fields);

static const struct api_field line_fields[] = {
    {"number", API_INT, .max = INT64_MAX, .text = "Counts from 1"},
    {"at", API_TIME, .text = "When"},
    {"actor", API_TEXT, .max = APPLICATION_ACTOR_MAX, .text = "Who"},
    {"event", API_TEXT, .max = 24, .text = "What"},
    {"state", API_TEXT, .max = 16, .text = "The state after it"},
    {"text_zh", API_TEXT, .max = 120, .text = "As the applicant reads it"},
    {"text_en", API_TEXT, .max = 120, .text = "The same in English"},
    {"reason", API_TEXT, .optional = true, .max = 16, .text = "Why"},
    {"rules", API_INT, .optional = true, .max = 100000, .text = "Of a decision: the version"},
    {"outcome", API_TEXT, .optional = true, .max = 16, .text = "Of a decision"},
    {"digest", API_TEXT, .optional = true, .max = 64,
     .text = "Of a decision's inputs, or a text's"},
    {"note", API_TEXT, .optional = true, .max = APPLICATION_NOTE_MAX, .text = "What was written"},
};
API_SCHEMA(line_schema, "ApplicationEvent", line_fields);

static const struct api_field timeline_fields[] = {
    {"events", API_LIST, .of = &line_schema, .text = "The oldest first", .max = 100000},
};
API_SCHEMA(timeline_schema, "ApplicationTimeline", timeline_fields);

static const struct api_field english_fields[] = {
    {"english", API_BOOL, .optional = true, .text = "The applicant reads English"},
};
API_SCHEMA(english_schema, "NewApplication", english_fields);

static const struct api_field code_fields[] = {
    {"code", API_TEXT, .min = 6, .max = 6, .text = "The digits of the SMS"},
};
API_SCHEMA(code_schema, "ApplicationCode", code_fields);

/* 404 for somebody else's as for none. False, and the answer is written, when there is none. */
err applications_load(struct backoffice *b, const struct api_call *call, struct application *ret,
                      struct http_response *response, bool *ret_found)
{
    err found = application_find_number(b->store, bytes_text(call->value[0]), ret);
    *ret_found = !FAILED(found) && api_may_see(call->caller, ret->agent, 0) &&
                 (call->caller->mid[0] == '\0' || ret->agent[0] != '\0');
    if (found.code == ERR_NOT_FOUND || (!FAILED(found) && !*ret_found)) api_missing(response);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

/* ---- reading ---- */

struct listing {
    struct backoffice *b;
    struct json_out *j;
    size_t count;
    int64_t last;
    int64_t now_ms; /* of the queue; 0: a list */
};

static err write_row(void *context, const struct application *a)
{
    struct listing *l = context;
    char shop[APPLY_TEXT_MAX + 1];
    TRY(application_shop(l->b->store, a->id, shop));
    json_object_begin(l->j);
    applications_write_row(l->j, a, shop);
    if (l->now_ms != 0 && a->due_ms != 0) json_member_bool(l->j, "late", a->due_ms < l->now_ms);
    json_object_end(l->j);
    l->count++;
    l->last = a->id;
    return OK;
}

static err on_queue(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.b = b, .j = &j, .now_ms = call->now_ms};
    json_object_begin(&j);
    json_member_array(&j, "applications");
    TRY(application_queue(b->store, API_PAGE_MAX, write_row, &listing));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.b = b, .j = &j};
    char last[24] = "";
    const struct application_query query = {
        .agent = call->caller->mid, .after = strtoll(call->after, NULL, 10), .most = call->limit};
    json_object_begin(&j);
    json_member_array(&j, "applications");
    /* They are of the merchant as a whole: who is bound to one outlet sees none, here as there. */
    if (api_may_see(call->caller, call->caller->mid, 0))
        TRY(application_list(b->store, &query, write_row, &listing));
    json_array_end(&j);
    if (listing.count == call->limit) snprintf(last, sizeof last, "%lld", (long long)listing.last);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
}

static err on_one(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct application a;
    bool found = false;
    TRY(applications_load(b, call, &a, response, &found));
    return found ? applications_write_whole(b, call, &a, response) : OK;
}

static err write_line(void *context, const struct application_line *l)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "number", l->number);
    json_member_int(j, "at", l->at_ms);
    json_member_string(j, "actor", l->actor);
    json_member_string(j, "event", application_event_word(l->event));
    json_member_string(j, "state", application_state_word(l->to));
    json_member_string(j, "text_zh", application_event_text(l->event, false));
    json_member_string(j, "text_en", application_event_text(l->event, true));
    if (l->reason != REASON_NONE)
        json_member_string(j, "reason", application_reason_word(l->reason));
    if (l->decision.version != 0) {
        json_member_int(j, "rules", l->decision.version);
        json_member_string(j, "outcome", eligibility_outcome_word(l->decision.outcome));
    }
    if (l->has_digest) json_member_hex(j, "digest", BYTES_OF(l->digest));
    if (l->note[0] != '\0') json_member_string(j, "note", l->note);
    json_object_end(j);
    return OK;
}

static err on_timeline(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    struct application a;
    bool found = false;
    struct json_out j = json_out_over(&response->body);
    TRY(applications_load(b, call, &a, response, &found));
    if (!found) return OK;
    json_object_begin(&j);
    json_member_array(&j, "events");
    TRY(application_timeline(b->store, a.id, write_line, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- entering ---- */

static struct application_actor actor_of(const struct api_call *call)
{
    const struct api_caller *c = call->caller;
    return application_actor_named(c->subject, WHO_APPLICANT, c->roles != 0 ? c->number : 0);
}

static size_t read_fields(const struct json_t *body, struct apply_typed typed[APPLY_FIELDS])
{
    size_t count = 0;
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++) {
        struct bytes text;
        if (!json_has(body, apply_field_row(f)->word)) continue;
        if (FAILED(json_text(body, apply_field_row(f)->word, 240, &text))) continue;
        typed[count++] = (struct apply_typed){f, text};
    }
    return count;
}

/* The hsm is asked before the transaction. False, and the answer is written, when it is away. */
static bool enter(struct backoffice *b, int64_t id, const struct api_call *call,
                  struct application_entry *entry, struct http_response *response)
{
    struct apply_typed typed[APPLY_FIELDS];
    size_t count = read_fields(call->body, typed);
    err e = application_enter(b->applications, id, typed, count, entry);
    if (FAILED(e)) backoffice_unavailable(response, e);
    return !FAILED(e);
}

/* Begun with nothing in it first: a seal is bound to its number. */
static err on_make(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct application a;
    bool english = false;
    CLEANUP(token_wipe) struct token secret;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct application_actor actor = actor_of(call);
    if (json_has(call->body, "english")) TRY(json_bool(call->body, "english", &english));
    token_make(&b->config.random, APPLICATION_SECRET_LABEL, &secret);
    TRY(store_begin(b->store, &tx));
    TRY(application_begin(b->applications, &tx, &actor, english, call->caller->mid, &secret, &a));
    TRY(applications_write_whole(b, call, &a, response));
    return api_commit(b, call, &tx, response);
}

static err on_save(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct application a;
    bool found = false;
    enum application_verdict verdict;
    CLEANUP(application_entry_wipe) struct application_entry entry = {.set = 0};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct application_actor actor = actor_of(call);
    TRY(applications_load(b, call, &a, response, &found));
    if (!found || !enter(b, a.id, call, &entry, response)) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(application_save(b->applications, &tx, &a, &actor, &entry, &verdict));
    if (verdict != APPLY_VERDICT_OK) {
        applications_refuse(call, response, verdict, entry.bad);
        return OK;
    }
    TRY(applications_write_whole(b, call, &a, response));
    return api_commit(b, call, &tx, response);
}

static err on_code(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct application a;
    struct application_code code;
    bool found = false;
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(applications_load(b, call, &a, response, &found));
    if (!found) return OK;
    err made = application_code_make(b->applications, a.id, CODE_PHONE, &code);
    if (FAILED(made)) {
        backoffice_unavailable(response, made);
        return OK;
    }
    TRY(store_begin(b->store, &tx));
    TRY(application_code_send(b->applications, &tx, &a, &code, &verdict));
    explicit_bzero(&code, sizeof code);
    if (verdict != APPLY_VERDICT_OK) {
        applications_refuse(call, response, verdict, 0);
        return store_commit(&tx); /* the outbox has written down that it refused */
    }
    TRY(applications_write_whole(b, call, &a, response));
    return api_commit(b, call, &tx, response);
}

static err on_phone(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct application a;
    struct bytes text;
    uint8_t said[TOKEN_HASH_BYTES];
    bool found = false;
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct application_actor actor = actor_of(call);
    TRY(applications_load(b, call, &a, response, &found));
    if (!found) return OK;
    TRY(json_text(call->body, "code", 6, &text));
    err hashed = application_code_hash(b->applications, a.id, CODE_PHONE, text, said);
    if (FAILED(hashed)) {
        backoffice_unavailable(response, hashed);
        return OK;
    }
    TRY(store_begin(b->store, &tx));
    TRY(application_code_take(b->applications, &tx, a.id, CODE_PHONE, said, &verdict));
    if (verdict == APPLY_VERDICT_OK)
        TRY(application_move(b->applications, &tx, &a, LIFE_PHONE, &actor, NULL, &verdict));
    if (verdict != APPLY_VERDICT_OK) {
        applications_refuse(call, response, verdict, 0);
        return store_commit(&tx); /* the try is spent */
    }
    TRY(applications_write_whole(b, call, &a, response));
    return api_commit(b, call, &tx, response);
}

/* What a rule finds is an answer and not an error: it is kept. */
static bool is_kept(enum application_verdict verdict)
{
    return verdict == APPLY_VERDICT_OK || verdict == APPLY_VERDICT_HELD ||
           verdict == APPLY_VERDICT_OFFERED || verdict == APPLY_VERDICT_REFUSED;
}

static err on_send(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct application a;
    bool found = false;
    uint32_t missing = 0;
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct application_actor actor = actor_of(call);
    TRY(applications_load(b, call, &a, response, &found));
    if (!found) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(application_send(b->applications, &tx, &a, &actor, &verdict, &missing));
    if (!is_kept(verdict)) {
        applications_refuse(call, response, verdict, missing);
        return OK;
    }
    TRY(applications_write_whole(b, call, &a, response));
    return api_commit(b, call, &tx, response);
}

static err on_withdraw(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    struct application a;
    bool found = false;
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct application_actor actor = actor_of(call);
    TRY(applications_load(b, call, &a, response, &found));
    if (!found) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(application_move(b->applications, &tx, &a, LIFE_WITHDRAW, &actor, NULL, &verdict));
    return applications_end(b, call, &tx, &a, verdict, response);
}

/* clang-format off */
#define APPLICATION_ROUTES(X)                                                                      \
    X(GET, "/applications", SESSION, ROLES_STAFF | ROLE_OWNER, APPLICATIONS_READ, 2, API_PAGED,    \
      NULL, &list_schema, on_list, "Applications, by their numbers")                               \
    X(GET, "/applications/queue", SESSION, ROLES_STAFF, NONE, 2, 0, NULL, &list_schema, on_queue,  \
      "What waits for somebody, the most urgent first")                                            \
    X(POST, "/applications", SESSION, ROLE_AGENT | ROLE_OWNER, APPLICATIONS_WRITE, 5, API_CREATES, \
      &english_schema, &application_whole, on_make, "Begin an application for somebody")                \
    X(GET, "/applications/{number}", SESSION, ROLES_STAFF | ROLE_OWNER, APPLICATIONS_READ, 1, 0,   \
      NULL, &application_whole, on_one, "An application, numbers masked")                               \
    X(PUT, "/applications/{number}", SESSION, ROLE_AGENT | ROLE_OWNER, APPLICATIONS_WRITE, 2, 0,   \
      &application_values, &application_whole, on_save, "Fill fields in: all that are sent, or none")         \
    X(GET, "/applications/{number}/timeline", SESSION, ROLES_STAFF | ROLE_OWNER,                   \
      APPLICATIONS_READ, 1, 0, NULL, &timeline_schema, on_timeline, "All that was done about it")  \
    X(POST, "/applications/{number}/code", SESSION, ROLE_AGENT | ROLE_OWNER, APPLICATIONS_WRITE,   \
      10, 0, NULL, &application_whole, on_code, "Send a code to the applicant's telephone")             \
    X(POST, "/applications/{number}/phone", SESSION, ROLE_AGENT | ROLE_OWNER, APPLICATIONS_WRITE,  \
      5, 0, &code_schema, &application_whole, on_phone, "Verify the telephone with the code")           \
    X(POST, "/applications/{number}/send", SESSION, ROLE_AGENT | ROLE_OWNER, APPLICATIONS_WRITE,   \
      5, 0, NULL, &application_whole, on_send, "Send it: the rules are asked")                          \
    X(POST, "/applications/{number}/withdraw", SESSION, ROLE_AGENT | ROLE_OWNER,                   \
      APPLICATIONS_WRITE, 2, 0, NULL, &application_whole, on_withdraw, "Withdraw it")
/* clang-format on */

const struct api_route application_rows[APPLICATION_ROWS] = {APPLICATION_ROUTES(API_ROUTE_ROW)};
