/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The password policies of terminals, for administrators of staff (S20): in plain words, edited,
 * held against the floor and the authorities before anybody signs, approved by a second one.
 */
#include "backoffice/accounts/choice.h"
#include "backoffice/accounts/policy_drafts.h"
#include "backoffice/accounts/session.h"
#include "backoffice/parts.h"
#include "lib/auth/policy_lint.h"

enum { BODY_MAX = 512, WORDS_MAX = 4096 };

/* ---- what is there ---- */

static void write_words(struct json_out *j, const char *name, const struct policy *policy,
                        enum policy_language language)
{
    char block[WORDS_MAX];
    struct writer w = writer_over(block, sizeof block);
    policy_describe(policy, language, &w);
    json_member_array(j, name);
    struct bytes left = writer_view(&w);
    while (left.len > 0) {
        const uint8_t *end = memchr(left.at, '\n', left.len);
        size_t len = end == NULL ? left.len : (size_t)(end - left.at);
        json_element_text(j, bytes_of(left.at, len));
        size_t cut = end == NULL ? len : len + 1;
        left = bytes_of(left.at + cut, left.len - cut);
    }
    json_array_end(j);
}

struct listing {
    struct json_out j;
    struct backoffice *b;
    int64_t account;
    enum policy_language language;
};

/* Whoever approves reads what it would be, and what it is. */
static err list_draft(void *context, const struct policy_draft *d)
{
    struct listing *l = context;
    struct json_out *j = &l->j;
    struct policy_document now;
    enum policy_role role;
    bool found = false;
    TRY(policy_now(l->b, bytes_text(d->document.model), &found, &now));
    if (!found || !policy_role_of(bytes_text(d->role), &role)) return ERR(CORRUPT);
    json_object_begin(j);
    json_member_int(j, "id", d->id);
    json_member_string(j, "model", d->document.model);
    json_member_int(j, "version", d->document.version);
    json_member_string(j, "role", d->role);
    json_member_string(j, "state", d->state == POLICY_DRAFT_APPROVED ? "approved" : "proposed");
    json_member_string(j, "author", d->author_name);
    json_member_string(j, "approver", d->approver_name);
    json_member_int(j, "at", d->at_ms);
    json_member_bool(j, "own", d->author == l->account);
    write_words(j, "words", policy_document_role(&d->document, role), l->language);
    write_words(j, "now", policy_document_role(&now, role), l->language);
    json_object_end(j);
    return OK;
}

static err list_models(struct backoffice *b, struct json_out *j, enum policy_language language)
{
    for (size_t i = 0; policy_builtin_text(i) != NULL; i++) {
        struct policy_document builtin, now;
        struct policy_fault fault;
        bool found = false;
        TRY(policy_document_parse(bytes_text(policy_builtin_text(i)), &builtin, &fault));
        TRY(policy_now(b, bytes_text(builtin.model), &found, &now));
        if (!found) continue;
        json_object_begin(j);
        json_member_string(j, "model", now.model);
        json_member_int(j, "version", now.version);
        json_member_string(j, "name", now.name[language]);
        json_member_string(j, "kind", policy_kind_text(now.kind, language));
        json_object_end(j);
    }
    return OK;
}

static enum policy_language language_of(const struct call *call)
{
    return choice_english(call->request) ? POLICY_EN : POLICY_ZH;
}

static err on_list(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct listing l = {json_out_over(&response->body), b, call->caller->account.id,
                        language_of(call)};
    json_object_begin(&l.j);
    json_member_array(&l.j, "models");
    TRY(list_models(b, &l.j, language_of(call)));
    json_array_end(&l.j);
    json_member_array(&l.j, "drafts");
    TRY(policy_drafts_waiting(b, list_draft, &l));
    json_array_end(&l.j);
    json_object_end(&l.j);
    return OK;
}

/* ---- one role ---- */

static void write_lint(struct json_out *j, const struct policy *policy,
                       enum policy_language language)
{
    json_member_array(j, "lint");
    for (size_t rule = 0; policy_lint_rule(rule).id != NULL; rule++) {
        struct policy_lint_rule row = policy_lint_rule(rule);
        json_object_begin(j);
        json_member_string(j, "id", row.id);
        json_member_string(j, "text", language == POLICY_ZH ? row.text_zh : row.text);
        json_member_string(j, "result", policy_lint_word(policy_lint(rule, policy)));
        json_object_end(j);
    }
    json_array_end(j);
}

static const char *const way_words[] = {"supervisor", "sms", "mail", "service", "offline"};

static void write_role(struct json_out *j, const struct policy_document *d,
                       const struct policy *policy, enum policy_language language)
{
    json_object_begin(j);
    json_member_string(j, "model", d->model);
    json_member_int(j, "version", d->version);
    json_member_string(j, "role", policy_role_word(policy->role));
    json_member_bool(j, "letters", d->keyboard == POLICY_KEYS_TEXT);
    json_member_string(j, "profile", policy_profile_word(policy->profile));
    json_member_string(j, "rules", policy_rules_word(policy->rules));
    json_member_int(j, "min", policy->min);
    json_member_int(j, "max", policy->max);
    json_member_int(j, "lock", policy->auto_lock_s);
    json_member_array(j, "ways");
    for (size_t i = 0; i < ARRAY_LEN(way_words); i++)
        if ((policy->recovery >> i & 1) != 0) json_element_text(j, bytes_text(way_words[i]));
    json_array_end(j);
    write_words(j, "words", policy, language);
    write_lint(j, policy, language);
    json_object_end(j);
}

/* "TB-1/cashier" */
static bool cut_rest(struct bytes rest, struct bytes *ret_model, enum policy_role *ret_role)
{
    const uint8_t *slash = rest.len == 0 ? NULL : memchr(rest.at, '/', rest.len);
    if (slash == NULL) return false;
    *ret_model = bytes_of(rest.at, (size_t)(slash - rest.at));
    return policy_role_of(bytes_of(slash + 1, rest.len - ret_model->len - 1), ret_role);
}

static err on_role(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct bytes model;
    enum policy_role role;
    struct policy_document now;
    bool found = false;
    if (cut_rest(call->rest, &model, &role)) TRY(policy_now(b, model, &found, &now));
    const struct policy *policy = found ? policy_document_role(&now, role) : NULL;
    if (policy == NULL) {
        backoffice_not_found(response);
        return OK;
    }
    struct json_out j = json_out_over(&response->body);
    write_role(&j, &now, policy, language_of(call));
    return OK;
}

/* ---- an edit ---- */

static err parse_ways(const struct json_t *root, uint8_t *ret_ways)
{
    struct json_t *list;
    size_t count = 0;
    uint8_t ways = 0;
    TRY(json_list(root, "ways", ARRAY_LEN(way_words), &list, &count));
    for (size_t i = 0; i < count; i++) {
        struct bytes word;
        size_t at = 0;
        TRY(json_value_text(json_at(list, i), 16, &word));
        while (at < ARRAY_LEN(way_words) && !bytes_equal(word, bytes_text(way_words[at]))) at++;
        if (at == ARRAY_LEN(way_words)) return ERR(FORMAT);
        ways |= (uint8_t)(1u << at);
    }
    *ret_ways = ways;
    return OK;
}

static err parse_words(const struct json_t *root, struct policy_edit *edit)
{
    struct bytes role, profile, rules;
    TRY(json_text(root, "role", 16, &role));
    TRY(json_text(root, "profile", 24, &profile));
    TRY(json_text(root, "rules", 16, &rules));
    bool known = policy_role_of(role, &edit->role) && policy_profile_of(profile, &edit->profile) &&
                 policy_rules_of(rules, &edit->rules);
    return known ? OK : ERR(FORMAT);
}

/* The model is copied: it outlives the document. */
static err parse_edit(struct bytes body, char model[POLICY_MODEL_MAX + 1], struct policy_edit *edit)
{
    static const char *const names[] = {"model", "role", "profile", "rules", "min",
                                        "max",   "lock", "ways",    NULL};
    CLEANUP(json_free) struct json_document d = {0};
    int64_t min = 0, max = 0, lock = 0;
    TRY(json_parse(body, BODY_MAX, &d));
    TRY(json_only(d.root, names));
    TRY(json_text_copy(d.root, "model", model, POLICY_MODEL_MAX + 1));
    TRY(parse_words(d.root, edit));
    TRY(json_int(d.root, "min", 0, UINT8_MAX, &min));
    TRY(json_int(d.root, "max", 0, UINT8_MAX, &max));
    TRY(json_int(d.root, "lock", 0, UINT16_MAX, &lock));
    TRY(parse_ways(d.root, &edit->ways));
    edit->min = (uint8_t)min;
    edit->max = (uint8_t)max;
    edit->lock_s = (uint16_t)lock;
    return OK;
}

/* A weakening is refused by the name of what it breaks, here as it would be by the vault. */
static void refuse(struct policy_fault fault, struct http_response *response)
{
    response->status = 422;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "error", "policy");
    json_member_string(&j, "message", policy_fault_text(fault.kind));
    json_member_string(&j, "fault", policy_fault_word(fault.kind));
    json_member_string(&j, "key", policy_fault_key(fault));
    json_object_end(&j);
}

/* The document as edited; not *ret_good when the answer is written. */
static err edit_of(struct backoffice *b, const struct call *call, struct policy_edit *edit,
                   struct policy_document *ret_document, bool *ret_good,
                   struct http_response *response)
{
    char model[POLICY_MODEL_MAX + 1];
    struct policy_document now;
    struct policy_fault fault;
    bool found = false;
    *ret_good = false;
    err e = parse_edit(call->request->body, model, edit);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    TRY(policy_now(b, bytes_text(model), &found, &now));
    if (!found || policy_document_role(&now, edit->role) == NULL) {
        backoffice_not_found(response);
        return OK;
    }
    *ret_good = !FAILED(policy_edited(&now, edit, ret_document, &fault));
    if (!*ret_good) refuse(fault, response);
    return OK;
}

static err on_check(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct policy_edit edit = {0};
    struct policy_document document;
    bool good = false;
    TRY(edit_of(b, call, &edit, &document, &good, response));
    if (!good) return OK;
    struct json_out j = json_out_over(&response->body);
    write_role(&j, &document, policy_document_role(&document, edit.role), language_of(call));
    return OK;
}

static err on_propose(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct policy_edit edit = {0};
    struct policy_document document;
    bool good = false;
    int64_t id = 0;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    TRY(edit_of(b, call, &edit, &document, &good, response));
    if (!good) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    err e = policy_draft_propose(&tx, &actor, call->caller->account.id, &document, edit.role, &id);
    if (e.code == ERR_EXISTS) {
        http_response_error(response, 409, "waiting",
                            "a change of this model waits; decide on it first");
        return OK;
    }
    TRY(e);
    TRY(store_commit(&tx));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "id", id);
    json_member_int(&j, "version", document.version);
    json_object_end(&j);
    return OK;
}

/* ---- decisions ---- */

static err parse_id(struct bytes body, int64_t *ret_id)
{
    static const char *const names[] = {"id", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    TRY(json_parse(body, BODY_MAX, &d));
    TRY(json_only(d.root, names));
    return json_int(d.root, "id", 1, INT64_MAX, ret_id);
}

static err decide(struct backoffice *b, const struct call *call, enum policy_draft_state state,
                  struct http_response *response)
{
    int64_t id = 0;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    err e = parse_id(call->request->body, &id);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    e = policy_draft_decide(&tx, &actor, call->caller->account.id, id, state);
    if (e.code == ERR_NOT_FOUND) backoffice_not_found(response);
    else if (e.code == ERR_DENIED)
        http_response_error(response, 409, "own", "somebody else must approve what you proposed");
    else {
        TRY(e);
        TRY(store_commit(&tx));
        response->status = 204;
    }
    return OK;
}

static err on_approve(struct backoffice *b, const struct call *call, struct http_response *response)
{
    return decide(b, call, POLICY_DRAFT_APPROVED, response);
}

static err on_drop(struct backoffice *b, const struct call *call, struct http_response *response)
{
    return decide(b, call, POLICY_DRAFT_DROPPED, response);
}

#define POLICY_ROUTES(X)                                                    \
    X(GET, "/policies", SESSION, ROLE_ADMIN, 0, on_list)                    \
    X(GET, "/policies/", SESSION, ROLE_ADMIN, 0, on_role)                   \
    X(POST, "/policies/check", SESSION, ROLE_ADMIN, BODY_MAX, on_check)     \
    X(POST, "/policies/propose", STEP_UP, ROLE_ADMIN, BODY_MAX, on_propose) \
    X(POST, "/policies/approve", STEP_UP, ROLE_ADMIN, 64, on_approve)       \
    X(POST, "/policies/drop", STEP_UP, ROLE_ADMIN, 64, on_drop)

static const struct route rows[] = {POLICY_ROUTES(ROUTE_ROW)};

const struct backoffice_part policy_part = {.name = "policy",
                                            .schema = &policy_drafts_schema,
                                            .routes = rows,
                                            .route_count = ARRAY_LEN(rows)};
