/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application as the desk of reviewers draws it (S133, S134): every word in both languages, each
 * step with why it may not be taken by who asks, and documents in pieces. The page decides nothing.
 */
#include <stdio.h>

#include "backoffice/accounts/session.h"
#include "backoffice/applications/applications_api.h"
#include "backoffice/applications/documents.h"
#include "backoffice/applications/recommend.h"
#include "backoffice/uploads/uploads_http.h"

enum {
    VALUE_MAX = 600,
};

/* ---- tables of fields ---- */

static const struct api_field words_fields[] = {
    {"name", API_TEXT, .max = 24, .text = "For programs"},
    {"text_zh", API_TEXT, .max = 300, .text = "For people"},
    {"text_en", API_TEXT, .max = 300, .text = "The same in English"},
};
API_SCHEMA(words_schema, "DeskWords", words_fields);

static const struct api_field fact_fields[] = {
    {"name", API_TEXT, .max = 24, .text = "A field of the form"},
    {"text_zh", API_TEXT, .max = 120, .text = "What it asks"},
    {"text_en", API_TEXT, .max = 120, .text = "The same in English"},
    {"value_zh", API_TEXT, .max = VALUE_MAX, .text = "What was filled in; numbers masked"},
    {"value_en", API_TEXT, .max = VALUE_MAX, .text = "The same for who reads English"},
};
API_SCHEMA(fact_schema, "DeskFact", fact_fields);

static const struct api_field paper_fields[] = {
    {"name", API_TEXT, .max = 24, .text = "Its kind"},
    {"text_zh", API_TEXT, .max = 120, .text = "What it shows"},
    {"text_en", API_TEXT, .max = 120, .text = "The same in English"},
    {"type", API_TEXT, .max = 24, .text = "image/jpeg, image/png or application/pdf"},
    {"bytes", API_INT, .max = UPLOAD_BYTES_MAX, .text = "How long it is"},
    {"at", API_TIME, .text = "When it came"},
};
API_SCHEMA(paper_schema, "DeskDocument", paper_fields);

static const struct api_field check_fields[] = {
    {"name", API_TEXT, .max = 24, .text = "What was asked about"},
    {"text_zh", API_TEXT, .max = 120, .text = "For people"},
    {"text_en", API_TEXT, .max = 120, .text = "The same in English"},
    {"state", API_TEXT, .max = 16, .text = "waits, asked, right, wrong or unknown"},
    {"state_zh", API_TEXT, .max = 120, .text = "The answer"},
    {"state_en", API_TEXT, .max = 120, .text = "The same in English"},
    {"at", API_TIME, .text = "Since when"},
};
API_SCHEMA(check_schema, "DeskCheck", check_fields);

static const struct api_field step_fields[] = {
    {"name", API_TEXT, .max = 16, .text = "note, recheck, approve, reject, return or decide"},
    {"may", API_BOOL, .text = "Whether who asks may take it now"},
    {"why_zh", API_TEXT, .optional = true, .max = 300, .text = "Why not, and what to do"},
    {"why_en", API_TEXT, .optional = true, .max = 300, .text = "The same in English"},
};
API_SCHEMA(step_schema, "DeskStep", step_fields);

static const struct api_field reason_fields[] = {
    {"name", API_TEXT, .max = 16, .text = "What to send"},
    {"mends", API_BOOL, .text = "Whether the applicant can mend it"},
    {"text_zh", API_TEXT, .max = 300, .text = "As the applicant reads it"},
    {"text_en", API_TEXT, .max = 300, .text = "The same in English"},
};
API_SCHEMA(reason_schema, "DeskReason", reason_fields);

static const struct api_field terminal_fields[] = {
    {"name", API_TEXT, .max = 16, .text = "A kind of the catalogue"},
    {"text_zh", API_TEXT, .max = 60, .text = "Its name"},
    {"text_en", API_TEXT, .max = 60, .text = "Its name in English"},
    {"meets", API_LIST, .max = 8, .of = &words_schema, .text = "Needs that it meets"},
    {"lacks", API_LIST, .max = 8, .of = &words_schema, .text = "Needs that it does not meet"},
};
API_SCHEMA(terminal_schema, "DeskTerminal", terminal_fields);

static const struct api_field desk_fields[] = {
    {"application", API_OBJECT, .of = &application_row, .text = "How far it is"},
    {"next_zh", API_TEXT, .max = 120, .text = "What comes next, as the applicant reads it"},
    {"next_en", API_TEXT, .max = 120, .text = "The same in English"},
    {"late", API_BOOL, .text = "Somebody should have looked by now"},
    {"first", API_TEXT, .optional = true, .max = 64, .text = "Who had the first look"},
    {"first_zh", API_TEXT, .optional = true, .max = 120, .text = "With what result"},
    {"first_en", API_TEXT, .optional = true, .max = 120, .text = "The same in English"},
    {"steps", API_LIST, .max = 8, .of = &step_schema, .text = "What may be done now, and by whom"},
    {"facts", API_LIST, .max = 24, .of = &fact_schema, .text = "What was filled in"},
    {"documents", API_LIST, .max = 8, .of = &paper_schema, .text = "Photos and papers"},
    {"checks", API_LIST, .max = 4, .of = &check_schema, .text = "What others were asked"},
    {"findings", API_LIST, .max = 16, .of = &words_schema, .text = "Every rule that failed"},
    {"rules", API_INT, .max = 100000, .text = "The version that decided; 0: not sent yet"},
    {"reasons", API_LIST, .max = 16, .of = &reason_schema, .text = "What may be chosen"},
    {"recommended", API_OBJECT, .optional = true, .of = &terminal_schema, .text = "What suits"},
    {"alternative", API_OBJECT, .optional = true, .of = &terminal_schema, .text = "Would do too"},
};
API_SCHEMA(desk_schema, "ApplicationDesk", desk_fields);

/* ---- writing ---- */

/* A name and its text, of an object that stays open. */
static void begin_words(struct json_out *j, const char *name, const char *zh, const char *en)
{
    json_object_begin(j);
    json_member_string(j, "name", name);
    json_member_string(j, "text_zh", zh);
    json_member_string(j, "text_en", en);
}

static void words(struct json_out *j, const char *name, const char *zh, const char *en)
{
    begin_words(j, name, zh, en);
    json_object_end(j);
}

/* "counter print" as two texts. */
static void write_needs_text(unsigned needs, bool english, struct writer *w)
{
    const char *gap = "";
    for (unsigned bit = 1; bit <= NEEDS_ALL; bit <<= 1) {
        if (!(needs & bit)) continue;
        write_format(w, "%s%s", gap, need_text(bit, english));
        gap = english ? "; " : "；";
    }
}

static void value(struct json_out *j, const struct apply_form *form, enum apply_field f,
                  bool english)
{
    char text[VALUE_MAX];
    struct writer w = writer_over(text, sizeof text);
    if (f == APPLY_TYPE) write_format(&w, "%s", apply_type_text(apply_type(form), english));
    else if (f == APPLY_NEEDS) write_needs_text(apply_needs(form), english, &w);
    else write_format(&w, "%s", form->text[f]);
    json_member_text(j, english ? "value_en" : "value_zh", writer_view(&w));
}

static void write_facts(struct json_out *j, const struct apply_form *form)
{
    json_member_array(j, "facts");
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++) {
        const struct apply_field_row *row = apply_field_row(f);
        if (form->text[f][0] == '\0') continue;
        begin_words(j, row->word, row->zh, row->en);
        value(j, form, f, false);
        value(j, form, f, true);
        json_object_end(j);
    }
    json_array_end(j);
}

static err write_documents(struct json_out *j, struct store *store, int64_t id)
{
    struct upload d[UPLOADS_MAX];
    size_t count = 0;
    TRY(uploads_of(store, UPLOAD_OF_APPLICATION, id, d, &count));
    json_member_array(j, "documents");
    for (size_t i = 0; i < count; i++) {
        begin_words(j, document_word((enum document_kind)d[i].kind),
                    document_text(d[i].kind, false), document_text(d[i].kind, true));
        json_member_string(j, "type", picture_type_text(d[i].picture.type));
        json_member_int(j, "bytes", d[i].bytes);
        json_member_int(j, "at", d[i].at_ms);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err write_checks(struct json_out *j, struct store *store, int64_t id)
{
    struct check_row row[CHECK_KINDS];
    size_t count = 0;
    TRY(checks_of(store, id, row, &count));
    json_member_array(j, "checks");
    for (size_t i = 0; i < count; i++) {
        begin_words(j, check_kind_word(row[i].kind), check_kind_text(row[i].kind, false),
                    check_kind_text(row[i].kind, true));
        json_member_string(j, "state", check_state_word(row[i].state));
        json_member_string(j, "state_zh", check_state_text(row[i].state, false));
        json_member_string(j, "state_en", check_state_text(row[i].state, true));
        json_member_int(j, "at", row[i].at_ms);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static void write_findings(struct json_out *j, const struct eligibility_decision *d)
{
    json_member_int(j, "rules", d->version);
    json_member_array(j, "findings");
    for (enum eligibility_rule r = ELIGIBILITY_TYPE; r < ELIGIBILITY_RULES; r++)
        if (d->findings & 1u << r)
            words(j, eligibility_rule_word(r), eligibility_rule_text(r, false),
                  eligibility_rule_text(r, true));
    json_array_end(j);
}

static void write_reasons(struct json_out *j)
{
    json_member_array(j, "reasons");
    for (enum application_reason r = REASON_PHOTO; r < APPLICATION_REASONS; r++) {
        begin_words(j, application_reason_word(r), application_reason_text(r, false),
                    application_reason_text(r, true));
        json_member_bool(j, "mends", application_reason_mends(r));
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_needs(struct json_out *j, const char *name, unsigned needs)
{
    json_member_array(j, name);
    for (unsigned bit = 1; bit <= NEEDS_ALL; bit <<= 1)
        if (needs & bit) words(j, need_word(bit), need_text(bit, false), need_text(bit, true));
    json_array_end(j);
}

static void write_terminal(struct json_out *j, const char *name, enum terminal_kind kind,
                           unsigned needs)
{
    const struct terminal_kind_row *row = terminal_kind_row(kind);
    json_member_object(j, name);
    json_member_string(j, "name", row->word);
    json_member_string(j, "text_zh", row->zh);
    json_member_string(j, "text_en", row->en);
    write_needs(j, "meets", needs & row->can);
    write_needs(j, "lacks", needs & ~row->can);
    json_object_end(j);
}

static err write_steps(struct json_out *j, const struct applications *as,
                       const struct application *a, const struct reviewer *r)
{
    json_member_array(j, "steps");
    for (enum review_step step = REVIEW_NOTE; step < REVIEW_STEPS; step++) {
        enum application_verdict verdict;
        TRY(review_may(as, a, r, step, &verdict));
        json_object_begin(j);
        json_member_string(j, "name", review_step_word(step));
        json_member_bool(j, "may", verdict == APPLY_VERDICT_OK);
        if (verdict != APPLY_VERDICT_OK) {
            json_member_string(j, "why_zh", application_verdict_text(verdict, false));
            json_member_string(j, "why_en", application_verdict_text(verdict, true));
        }
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

/* ---- handlers ---- */

static err write_first(struct json_out *j, struct store *store, const struct application *a)
{
    struct account first;
    if (a->first_by == 0) return OK;
    err found = account_find(store, a->first_by, &first);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    enum application_event event =
        a->first_opinion == OPINION_APPROVE ? LIFE_PROPOSE_APPROVE : LIFE_PROPOSE_REJECT;
    json_member_string(j, "first", first.login);
    json_member_string(j, "first_zh", application_event_text(event, false));
    json_member_string(j, "first_en", application_event_text(event, true));
    return OK;
}

static err on_desk(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct application a;
    struct account account;
    struct apply_form form;
    bool found = false;
    struct json_out j = json_out_over(&response->body);
    TRY(applications_load(b, call, &a, response, &found));
    if (!found) return OK;
    TRY(account_find(b->store, call->caller->number, &account));
    const struct reviewer r = {account.id, call->caller->roles, call->caller->subject,
                               account.phone};
    TRY(application_form(b->store, a.id, &form));
    unsigned needs = apply_needs(&form);
    json_object_begin(&j);
    json_member_object(&j, "application");
    applications_write_row(&j, &a, form.text[APPLY_SHOP]);
    json_object_end(&j);
    json_member_string(&j, "next_zh", application_state_next(a.state, false));
    json_member_string(&j, "next_en", application_state_next(a.state, true));
    json_member_bool(&j, "late", a.due_ms != 0 && a.due_ms < call->now_ms);
    TRY(write_first(&j, b->store, &a));
    TRY(write_steps(&j, b->applications, &a, &r));
    write_facts(&j, &form);
    TRY(write_documents(&j, b->store, a.id));
    TRY(write_checks(&j, b->store, a.id));
    write_findings(&j, &a.decision);
    write_reasons(&j);
    if (needs != 0) {
        struct recommendation suits = recommend(needs);
        write_terminal(&j, "recommended", suits.best, needs);
        write_terminal(&j, "alternative", suits.other, needs);
    }
    json_object_end(&j);
    return OK;
}

static err on_document(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    struct application a;
    struct upload d;
    enum document_kind kind = document_of(bytes_text(call->value[1]));
    bool found = false;
    TRY(applications_load(b, call, &a, response, &found));
    if (!found) return OK;
    err there = upload_find(b->store, UPLOAD_OF_APPLICATION, a.id, kind, &d);
    if (there.code == ERR_NOT_FOUND || b->uploads->directory == NULL) {
        api_missing(response);
        return OK;
    }
    TRY(there);
    TRY(document_viewed(b->applications, &a, kind, call->caller->number, call->caller->subject));
    return upload_answer(b, call, &d, response);
}

/* clang-format off */
const struct api_route desk_rows[DESK_ROWS] = {
    API_ROUTE_ROW(GET, "/applications/{number}/desk", SESSION, ROLES_STAFF, NONE, 2, 0, NULL, &desk_schema, on_desk,
                  "An application as reviewers see it, and what who asks may do")
    API_SEARCH_ROW(GET, "/applications/{number}/documents/{kind}", SESSION, ROLE_AGENT | ROLE_APPROVER, NONE, 4, 0, NULL,
                   &upload_piece, on_document, "A document, in pieces", &upload_from)
};
/* clang-format on */
