/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The review below /api/v1 (S133, S136): notes of calls, checks, the first look and the second.
 * For people of the acquirer alone: no key decides who gets a terminal.
 */
#include "backoffice/accounts/session.h"
#include "backoffice/applications/applications_api.h"

static const char *const opinions[] = {"approve", "reject", NULL};

static const struct api_field note_fields[] = {
    {"text", API_TEXT, .min = 1, .max = APPLICATION_NOTE_MAX, .text = "What was said and seen"},
};
API_SCHEMA(note_schema, "ApplicationNote", note_fields);

static const struct api_field proposal_fields[] = {
    {"opinion", API_WORD, .words = opinions, .text = "What should be done"},
    {"reason", API_TEXT, .optional = true, .max = 16, .text = "Of a rejection"},
};
API_SCHEMA(proposal_schema, "ApplicationProposal", proposal_fields);

static const struct api_field decision_fields[] = {
    {"agrees", API_BOOL, .text = "With the first look"},
    {"text", API_TEXT, .optional = true, .max = APPLICATION_NOTE_MAX, .text = "Why"},
};
API_SCHEMA(decision_schema, "ApplicationDecision", decision_fields);

static const struct api_field return_fields[] = {
    {"reason", API_TEXT, .min = 1, .max = 16, .text = "What can be mended"},
    {"text", API_TEXT, .optional = true, .max = APPLICATION_NOTE_MAX, .text = "For the applicant"},
};
API_SCHEMA(return_schema, "ApplicationReturn", return_fields);

static const struct api_field identity_fields[] = {
    {"identity", API_TEXT, .min = 18, .max = 18, .text = "An identity number; it is not kept"},
    {"listed", API_BOOL, .optional = true, .text = "On the list of risks, or off it"},
};
API_SCHEMA(identity_schema, "ApplicationIdentity", identity_fields);

static const struct api_field done_fields[] = {{"done", API_BOOL, .text = "True"}};
API_SCHEMA(done_schema, "ApplicationDone", done_fields);

/* Who looks, and what at; false, and the answer is written, when there is no such application. */
struct look {
    struct account account;
    struct reviewer reviewer;
    struct application a;
};

static err begin(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                 struct look *l, struct http_response *response, bool *ret_found)
{
    TRY(store_begin(b->store, tx));
    TRY(applications_load(b, call, &l->a, response, ret_found));
    if (!*ret_found) return OK;
    TRY(account_find(b->store, call->caller->number, &l->account));
    l->reviewer = (struct reviewer){.account = l->account.id,
                                    .roles = call->caller->roles,
                                    .subject = call->caller->subject,
                                    .phone = l->account.phone};
    return OK;
}

static struct bytes text_of(const struct api_call *call)
{
    struct bytes text = {0};
    if (json_has(call->body, "text"))
        if (FAILED(json_text(call->body, "text", APPLICATION_NOTE_MAX, &text))) text.len = 0;
    return text;
}

static enum application_reason reason_of(const struct api_call *call)
{
    struct bytes word = {0};
    if (!json_has(call->body, "reason")) return REASON_NONE;
    if (FAILED(json_text(call->body, "reason", 16, &word))) return REASON_NONE;
    return application_reason_of(word);
}

static err on_note(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct look l;
    bool found = false;
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(begin(b, call, &tx, &l, response, &found));
    if (!found) return OK;
    TRY(review_note(b->applications, &tx, &l.a, &l.reviewer, text_of(call), &verdict));
    return applications_end(b, call, &tx, &l.a, verdict, response);
}

static err on_recheck(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct look l;
    bool found = false;
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(begin(b, call, &tx, &l, response, &found));
    if (!found) return OK;
    TRY(review_recheck(b->applications, &tx, &l.a, &l.reviewer, &verdict));
    return applications_end(b, call, &tx, &l.a, verdict, response);
}

static err on_propose(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct look l;
    bool found = false;
    enum application_verdict verdict;
    struct bytes word;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(json_text(call->body, "opinion", 16, &word));
    TRY(begin(b, call, &tx, &l, response, &found));
    if (!found) return OK;
    bool approves = bytes_equal(word, BYTES("approve"));
    TRY(review_propose(b->applications, &tx, &l.a, &l.reviewer,
                       approves ? OPINION_APPROVE : OPINION_REJECT, reason_of(call), &verdict));
    return applications_end(b, call, &tx, &l.a, verdict, response);
}

static err on_decide(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct look l;
    bool found = false, agrees = false;
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(json_bool(call->body, "agrees", &agrees));
    TRY(begin(b, call, &tx, &l, response, &found));
    if (!found) return OK;
    TRY(review_decide(b->applications, &tx, &l.a, &l.reviewer, agrees, text_of(call), &verdict));
    return applications_end(b, call, &tx, &l.a, verdict, response);
}

static err on_return(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct look l;
    bool found = false;
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(begin(b, call, &tx, &l, response, &found));
    if (!found) return OK;
    TRY(review_send_back(b->applications, &tx, &l.a, &l.reviewer, reason_of(call), text_of(call),
                         &verdict));
    return applications_end(b, call, &tx, &l.a, verdict, response);
}

/* ---- identities: a mark is made, the number is forgotten ---- */

/* False, and the answer is written, when it is none, or when the hsm is away. */
static bool read_mark(struct backoffice *b, const struct api_call *call,
                      uint8_t mark[TOKEN_HASH_BYTES], struct http_response *response)
{
    char identity[APPLY_TEXT_MAX + 1];
    struct bytes typed = {0};
    err e = json_text(call->body, "identity", 18, &typed);
    if (!FAILED(e)) e = apply_normalise(APPLY_IDENTITY, typed, identity);
    if (FAILED(e)) {
        applications_refuse(call, response, APPLY_VERDICT_FIELD, 1u << APPLY_IDENTITY);
        return false;
    }
    e = application_mark(b->applications, identity, mark);
    explicit_bzero(identity, sizeof identity);
    if (FAILED(e)) backoffice_unavailable(response, e);
    return !FAILED(e);
}

static err end_identity(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                        const char *event, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    TRY(audit_append(tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                               bytes_text(event), bytes_text(call->value[0]),
                                               BYTES("")}));
    json_object_begin(&j);
    json_member_bool(&j, "done", true);
    json_object_end(&j);
    return api_commit(b, call, tx, response);
}

static err on_list_person(struct backoffice *b, const struct api_call *call,
                          struct http_response *response)
{
    uint8_t mark[TOKEN_HASH_BYTES];
    bool listed = true;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    if (json_has(call->body, "listed")) TRY(json_bool(call->body, "listed", &listed));
    if (!read_mark(b, call, mark, response)) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(application_list_person(&tx, mark, listed, call->now_ms));
    return end_identity(b, call, &tx, listed ? "applicant_listed" : "applicant_unlisted", response);
}

static err on_reviewer(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    uint8_t mark[TOKEN_HASH_BYTES];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    if (!read_mark(b, call, mark, response)) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(review_set_mark(&tx, call->caller->number, mark));
    return end_identity(b, call, &tx, "reviewer_identity", response);
}

#define LOOKS (ROLE_AGENT | ROLE_APPROVER)

/* clang-format off */
#define REVIEW_ROUTES(X)                                                                           \
    X(POST, "/applications/{number}/notes", SESSION, LOOKS, NONE, 2, 0, &note_schema,              \
      &application_whole, on_note, "Write down a call")                                            \
    X(POST, "/applications/{number}/checks", SESSION, LOOKS, NONE, 5, 0, NULL,                     \
      &application_whole, on_recheck, "Ask about identity and account again")                      \
    X(POST, "/applications/{number}/proposal", SESSION, LOOKS, NONE, 2, 0, &proposal_schema,       \
      &application_whole, on_propose, "The first look: approve or reject")                         \
    X(POST, "/applications/{number}/decision", STEP_UP, ROLE_APPROVER, NONE, 2, 0,                 \
      &decision_schema, &application_whole, on_decide, "The second look, by another person")       \
    X(POST, "/applications/{number}/return", SESSION, LOOKS, NONE, 2, 0, &return_schema,           \
      &application_whole, on_return, "Send it back to be corrected")                               \
    X(POST, "/applicants/listed", STEP_UP, ROLE_ADMIN, NONE, 5, 0, &identity_schema, &done_schema, \
      on_list_person, "Put an identity on the list of risks, or take it off")                      \
    X(POST, "/applicants/mine", STEP_UP, LOOKS, NONE, 5, 0, &identity_schema, &done_schema,        \
      on_reviewer, "Say which identity is one's own: nobody reviews himself")
/* clang-format on */

const struct api_route review_rows[REVIEW_ROWS] = {REVIEW_ROUTES(API_ROUTE_ROW)};
