/* SPDX-License-Identifier: Apache-2.0 */
/* An application as the interface shows it: tables of fields, and what is written by them. */
#include <stdio.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/applications/applications_api.h"
#include "backoffice/applications/recommend.h"
#include "registry/contact.h"

enum { NUMBER = APPLICATION_NUMBER_MAX };

#define FIELD(word, words_text)                                          \
    {                                                                    \
        word, API_TEXT, .optional = true, .max = 240, .text = words_text \
    }

static const struct api_field value_fields[] = {
#define X(number, name, word, kind, min, max, step, secret, zh, en, ...) FIELD(word, en),
    APPLY_FIELD_LIST(X)
#undef X
};
const struct api_schema application_values = {"ApplicationValues", value_fields,
                                              ARRAY_LEN(value_fields)};

static const struct api_field finding_fields[] = {
    {"rule", API_TEXT, .max = 24, .text = "A row of the decision table"},
    {"text_zh", API_TEXT, .max = 300, .text = "What happened and what to do"},
    {"text_en", API_TEXT, .max = 300, .text = "The same in English"},
};
API_SCHEMA(finding_schema, "ApplicationFinding", finding_fields);

static const struct api_field check_fields[] = {
    {"kind", API_TEXT, .max = 16, .text = "identity (three elements) or account (four)"},
    {"state", API_TEXT, .max = 16, .text = "waits, asked, right, wrong or unknown"},
    {"at", API_TIME, .text = "Since when"},
};
API_SCHEMA(check_schema, "ApplicationCheck", check_fields);

static const struct api_field terminal_fields[] = {
    {"kind", API_TEXT, .max = 16, .text = "A kind of the catalogue"},
    {"text_zh", API_TEXT, .max = 60, .text = "Its name"},
    {"text_en", API_TEXT, .max = 60, .text = "Its name in English"},
    {"meets", API_TEXTS, .max = 8, .text = "Needs that it meets"},
    {"lacks", API_TEXTS, .max = 8, .text = "Needs that it does not meet"},
};
API_SCHEMA(terminal_schema, "ApplicationTerminal", terminal_fields);

static const struct api_field application_fields[] = {
    {"number", API_TEXT, .max = NUMBER, .text = "SQ and eight digits"},
    {"state", API_TEXT, .max = 16, .text = "How far it is"},
    {"state_zh", API_TEXT, .max = 60, .text = "The same as a text"},
    {"state_en", API_TEXT, .max = 60, .text = "The same in English"},
    {"shop", API_TEXT, .max = APPLY_TEXT_MAX, .text = "The name of the shop"},
    {"begun", API_TIME, .text = "When it was begun"},
    {"changed", API_TIME, .text = "When it last changed"},
    {"sent", API_TIME, .optional = true, .text = "When it was sent"},
    {"due", API_TIME, .optional = true, .text = "Until when somebody should have looked"},
    {"late", API_BOOL, .optional = true, .text = "In the queue: that time is over"},
    {"ends", API_TIME, .optional = true, .text = "When it ends by itself"},
    {"erased", API_TIME, .optional = true, .text = "When its files were erased"},
    {"product", API_TEXT, .max = 8, .text = "free, or other: what is offered above the limits"},
    {"phone_verified", API_BOOL, .text = "The telephone was verified by a code"},
    {"opinion", API_TEXT, .optional = true, .max = 8, .text = "Of the first look"},
    {"reason", API_TEXT, .optional = true, .max = 16, .text = "Why it was sent back or rejected"},
    {"agent", API_TEXT, .optional = true, .max = 15, .text = "The merchant that entered it"},
};
const struct api_schema application_row = {"ApplicationRow", application_fields,
                                           ARRAY_LEN(application_fields)};

static const struct api_field whole_fields[] = {
    {"application", API_OBJECT, .of = &application_row, .text = "How far it is"},
    {"fields", API_OBJECT, .of = &application_values, .text = "What was filled in; numbers masked"},
    {"missing", API_TEXTS, .max = 20, .text = "Fields that are not filled in yet"},
    {"rules", API_INT, .max = 100000, .text = "The version that decided; 0: not sent yet"},
    {"outcome", API_TEXT, .optional = true, .max = 16, .text = "What the rules say"},
    {"findings", API_LIST, .max = 16, .of = &finding_schema, .text = "Every rule that failed"},
    {"checks", API_LIST, .max = 4, .of = &check_schema, .text = "What others were asked"},
    {"recommended", API_OBJECT, .optional = true, .of = &terminal_schema,
     .text = "The terminal that suits"},
    {"alternative", API_OBJECT, .optional = true, .of = &terminal_schema,
     .text = "Another that would do"},
};
const struct api_schema application_whole = {"Application", whole_fields, ARRAY_LEN(whole_fields)};

/* ---- writing ---- */

static void optional_time(struct json_out *j, const char *name, int64_t at_ms)
{
    if (at_ms != 0) json_member_int(j, name, at_ms);
}

void applications_write_row(struct json_out *j, const struct application *a, const char *shop)
{
    json_member_string(j, "number", a->number);
    json_member_string(j, "state", application_state_word(a->state));
    json_member_string(j, "state_zh", application_state_text(a->state, false));
    json_member_string(j, "state_en", application_state_text(a->state, true));
    json_member_string(j, "shop", shop);
    json_member_int(j, "begun", a->begun_ms);
    json_member_int(j, "changed", a->changed_ms);
    optional_time(j, "sent", a->sent_ms);
    optional_time(j, "due", a->due_ms);
    optional_time(j, "ends", a->ends_ms);
    optional_time(j, "erased", a->erased_ms);
    json_member_string(j, "product", a->product == PRODUCT_OTHER ? "other" : "free");
    json_member_bool(j, "phone_verified", a->phone_ms != 0);
    if (a->first_opinion != OPINION_NONE)
        json_member_string(j, "opinion",
                           a->first_opinion == OPINION_APPROVE ? "approve" : "reject");
    if (a->reason != REASON_NONE)
        json_member_string(j, "reason", application_reason_word(a->reason));
    if (a->agent[0] != '\0') json_member_string(j, "agent", a->agent);
}

static void write_needs(struct json_out *j, const char *name, unsigned needs)
{
    json_member_array(j, name);
    for (unsigned bit = 1; bit <= NEEDS_ALL; bit <<= 1)
        if (needs & bit) json_element_text(j, bytes_text(need_word(bit)));
    json_array_end(j);
}

static void write_terminal(struct json_out *j, const char *name, enum terminal_kind kind,
                           unsigned needs)
{
    const struct terminal_kind_row *row = terminal_kind_row(kind);
    json_member_object(j, name);
    json_member_string(j, "kind", row->word);
    json_member_string(j, "text_zh", row->zh);
    json_member_string(j, "text_en", row->en);
    write_needs(j, "meets", needs & row->can);
    write_needs(j, "lacks", needs & ~row->can);
    json_object_end(j);
}

/* A key sees a telephone as little as an account number. */
static void write_values(struct json_out *j, const struct apply_form *form, bool person)
{
    json_member_object(j, "fields");
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++) {
        char masked[CONTACT_MASK_MAX];
        const char *text = form->text[f];
        if (text[0] == '\0') continue;
        if (f == APPLY_PHONE && !person) {
            contact_mask_phone(text, masked);
            text = masked;
        }
        json_member_string(j, apply_field_row(f)->word, text);
    }
    json_object_end(j);
}

static void write_missing(struct json_out *j, const struct apply_form *form)
{
    uint32_t missing = apply_missing(form);
    json_member_array(j, "missing");
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++)
        if (missing & 1u << f) json_element_text(j, bytes_text(apply_field_row(f)->word));
    json_array_end(j);
}

static void write_decision(struct json_out *j, const struct eligibility_decision *d)
{
    json_member_int(j, "rules", d->version);
    if (d->version != 0) json_member_string(j, "outcome", eligibility_outcome_word(d->outcome));
    json_member_array(j, "findings");
    for (enum eligibility_rule r = ELIGIBILITY_TYPE; r < ELIGIBILITY_RULES; r++) {
        if (!(d->findings & 1u << r)) continue;
        json_object_begin(j);
        json_member_string(j, "rule", eligibility_rule_word(r));
        json_member_string(j, "text_zh", eligibility_rule_text(r, false));
        json_member_string(j, "text_en", eligibility_rule_text(r, true));
        json_object_end(j);
    }
    json_array_end(j);
}

static err write_checks(struct json_out *j, struct store *store, int64_t id)
{
    struct check_row row[CHECK_KINDS];
    size_t count = 0;
    TRY(checks_of(store, id, row, &count));
    json_member_array(j, "checks");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        json_member_string(j, "kind", check_kind_word(row[i].kind));
        json_member_string(j, "state", check_state_word(row[i].state));
        json_member_int(j, "at", row[i].at_ms);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

err applications_write_whole(struct backoffice *b, const struct api_call *call,
                             const struct application *a, struct http_response *response)
{
    struct apply_form form;
    struct json_out j = json_out_over(&response->body);
    TRY(application_form(b->store, a->id, &form));
    unsigned needs = apply_needs(&form);
    json_object_begin(&j);
    json_member_object(&j, "application");
    applications_write_row(&j, a, form.text[APPLY_SHOP]);
    json_object_end(&j);
    write_values(&j, &form, call->caller->roles != 0);
    write_missing(&j, &form);
    write_decision(&j, &a->decision);
    TRY(write_checks(&j, b->store, a->id));
    if (needs != 0) {
        struct recommendation r = recommend(needs);
        write_terminal(&j, "recommended", r.best, needs);
        write_terminal(&j, "alternative", r.other, needs);
    }
    json_object_end(&j);
    return OK;
}

void applications_refuse(const struct api_call *call, struct http_response *response,
                         enum application_verdict verdict, uint32_t fields)
{
    char text[600];
    const struct backoffice_reader *reader = &call->request->reader;
    bool says = reader->header(reader->context, "X-Language") != NULL;
    bool english = choice_english(call->request);
    int used =
        snprintf(text, sizeof text, "%s%s%s",
                 says && !english ? "" : application_verdict_text(verdict, true), says ? "" : " ",
                 says && english ? "" : application_verdict_text(verdict, false));
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++)
        if (fields & 1u << f && used < 300)
            used += snprintf(text + used, sizeof text - (size_t)used, " [%s]",
                             apply_field_row(f)->word);
    api_refuse(response, verdict == APPLY_VERDICT_FIELD ? 422 : 409,
               application_verdict_word(verdict), text);
}

err applications_end(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                     const struct application *a, enum application_verdict verdict,
                     struct http_response *response)
{
    if (verdict != APPLY_VERDICT_OK) {
        applications_refuse(call, response, verdict, 0);
        return OK;
    }
    TRY(applications_write_whole(b, call, a, response));
    return api_commit(b, call, tx, response);
}
