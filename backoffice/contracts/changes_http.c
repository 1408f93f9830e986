/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of contracts below /api/v1: what holds, what is asked for, and who decides about it. */
#include "backoffice/accounts/choice.h"
#include "backoffice/api/api.h"
#include "backoffice/applications/agreement.h"
#include "backoffice/contracts/change.h"
#include "backoffice/contracts/contracts_http.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/parameters/parameters.h"
#include "backoffice/parts.h"
#include "backoffice/registrar.h"
#include "backoffice/uploads/uploads_http.h"
#include "ledger/fee.h"
#include "registry/agreement.h"

#include <stdio.h>

enum { FEE_TEXT_MAX = 200 };

static const char *const kinds[] = {"name", "contact", "address", "fees", NULL};
static const char *const states[] = {"waits", "taken", "refused", "withdrawn", "expired", NULL};

static const struct api_field fee_fields[] = {
    {"text_zh", API_TEXT, .text = "What is charged, in Chinese"},
    {"text_en", API_TEXT, .text = "What is charged"},
    {"rule", API_INT, .text = "By which rule; 0: nothing is charged"},
    {"waits_zh", API_TEXT, .optional = true, .text = "The rule of now, which is not signed"},
    {"waits_en", API_TEXT, .optional = true, .text = "The same in English"},
    {"waits", API_INT, .optional = true, .text = "Its version"},
};
API_SCHEMA(fee_schema, "ContractFee", fee_fields);

static const struct api_field change_fields[] = {
    {"id", API_INT, .text = "Its number"},
    {"merchant", API_TEXT, .max = 15, .text = "Whose contract"},
    {"merchant_zh", API_TEXT, .max = REGISTRY_NAME_MAX, .text = "Its name"},
    {"merchant_en", API_TEXT, .max = REGISTRY_NAME_MAX, .text = "Its name in ASCII"},
    {"kind", API_WORD, .words = kinds, .text = "What is to become something else"},
    {"state", API_WORD, .words = states, .text = "How far it is"},
    {"name_zh", API_TEXT, .optional = true, .text = "The name, of name and contact"},
    {"name_en", API_TEXT, .optional = true, .text = "The name in ASCII"},
    {"pinyin", API_TEXT, .optional = true, .text = "The contact in small letters"},
    {"phone", API_TEXT, .optional = true, .text = "His mobile telephone, masked"},
    {"mail", API_TEXT, .optional = true, .text = "His mail address, masked"},
    {"address", API_TEXT, .optional = true, .text = "Where the terminals stand"},
    {"plan", API_INT, .optional = true, .text = "The plan of fees that is offered"},
    {"rules", API_TEXT, .optional = true, .text = "Its rules now: sent back with a signature"},
    {"offered", API_LIST, .optional = true, .max = FEE_CLASSES, .of = &fee_schema,
     .text = "What these rules charge: to be read before it is signed"},
    {"reason", API_TEXT, .text = "Why it was asked for"},
    {"papers", API_TEXT, .optional = true,
     .text = "What was looked at, or which rules were signed"},
    {"uploads", API_LIST, .max = UPLOADS_MAX, .of = &paper_slot,
     .text = "Papers that are taken for it (/papers), and those that are there"},
    {"by_staff", API_BOOL, .text = "Asked by the acquirer's staff, not by the owner"},
    {"asked_by", API_TEXT, .text = "Who asked"},
    {"asked", API_TIME, .text = "When"},
    {"decided_by", API_TEXT, .optional = true, .text = "Who decided"},
    {"decided", API_TIME, .optional = true, .text = "When"},
    {"may_decide", API_BOOL, .text = "By who asks this now"},
    {"may_withdraw", API_BOOL, .text = "By who asks this now"},
};
API_SCHEMA(change_schema, "ContractChange", change_fields);

static const struct api_field standing_fields[] = {
    {"merchant", API_TEXT, .max = 15, .text = "Whose contract"},
    {"name_zh", API_TEXT, .text = "Its name"},
    {"name_en", API_TEXT, .text = "Its name in ASCII"},
    {"contact", API_TEXT, .optional = true, .text = "The owner's name, masked"},
    {"phone", API_TEXT, .optional = true, .text = "His telephone, masked"},
    {"agreement", API_INT, .text = "Version of the agreement about fees"},
    {"plan", API_INT, .text = "Its plan"},
    {"fees", API_LIST, .max = FEE_CLASSES, .of = &fee_schema, .text = "What is charged now"},
    {"changes", API_LIST, .max = API_PAGE_MAX, .of = &change_schema, .text = "The newest first"},
};
API_SCHEMA(standing_schema, "ContractStanding", standing_fields);

static const struct api_field queue_fields[] = {
    {"changes", API_LIST, .max = API_PAGE_MAX, .of = &change_schema, .text = "Those that wait"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(queue_schema, "ContractChanges", queue_fields);

static const struct api_field ask_fields[] = {
    {"kind", API_WORD, .words = kinds, .text = "What is to become something else"},
    {"reason", API_TEXT, .min = 1, .max = CONTRACT_REASON_MAX, .text = "Why"},
    {"name_zh", API_TEXT, .optional = true, .max = REGISTRY_NAME_MAX,
     .text = "Of name: the shop's; of contact: the owner's"},
    {"name_en", API_TEXT, .optional = true, .max = REGISTRY_NAME_MAX, .text = "In ASCII, of name"},
    {"pinyin", API_TEXT, .optional = true, .max = REGISTRY_NAME_MAX,
     .text = "Of contact: small letters"},
    {"phone", API_TEXT, .optional = true, .max = CONTACT_PHONE_MAX - 1, .text = "Of contact"},
    {"mail", API_TEXT, .optional = true, .max = CONTACT_MAIL_MAX, .text = "Of contact, or none"},
    {"address", API_TEXT, .optional = true, .max = CHANGE_TEXT_MAX,
     .text = "Of address: 6 to 30 characters, down to the house number"},
    {"plan", API_INT, .optional = true, .min = 1, .max = 9999, .text = "Of fees"},
};
API_SCHEMA(ask_schema, "NewContractChange", ask_fields);

static const struct api_field decision_fields[] = {
    {"agrees", API_BOOL, .text = "With it"},
    {"papers", API_TEXT, .optional = true, .max = CONTRACT_REASON_MAX,
     .text = "Which papers were looked at; of fees the rules that were read"},
};
API_SCHEMA(decision_schema, "ContractChangeDecision", decision_fields);

/* ---- answers ---- */

struct list {
    struct backoffice *b;
    const struct api_call *call;
    struct json_out *j;
    size_t count;
    int64_t last;
};

static bool is_staff(const struct api_call *call)
{
    return call->caller->mid[0] == '\0';
}

static void write_rule(struct json_out *j, const char *name, const struct fee_rule *rule,
                       bool english)
{
    char text[FEE_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text - 1);
    if (rule == NULL) write_format(&w, english ? "nothing" : "不收费");
    else agreement_write_fee(&w, rule, english);
    ENSURE(w.fault == ERR_OK);
    text[w.len] = '\0';
    json_member_string(j, name, text);
}

/* What is signed is what is read: every rate of the offer, and not its numbers alone. */
static void write_offer(struct json_out *j, uint32_t plan, int64_t now_ms)
{
    json_member_array(j, "offered");
    for (enum fee_class class = FEE_DEBIT; class < FEE_CLASSES; class ++) {
        const struct fee_rule *rule = fee_rule_for(plan, class, now_ms);
        json_object_begin(j);
        write_rule(j, "text_zh", rule, false);
        write_rule(j, "text_en", rule, true);
        json_member_int(j, "rule", rule->version);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_text(struct json_out *j, const char *name, const char *text)
{
    if (text[0] != '\0') json_member_string(j, name, text);
}

static void write_values(struct json_out *j, const struct change *c, int64_t now_ms)
{
    const struct change_values *v = &c->values;
    char mask[CONTACT_MASK_MAX], rules[CHANGE_RULES_MAX];
    write_text(j, "name_zh", v->name_zh);
    write_text(j, "name_en", v->name_en);
    write_text(j, "pinyin", v->pinyin);
    contact_mask_phone(v->phone, mask);
    write_text(j, "phone", mask);
    contact_mask_mail(v->mail, mask);
    write_text(j, "mail", mask);
    write_text(j, "address", v->address);
    if (c->kind != CHANGE_FEES) return;
    json_member_int(j, "plan", v->plan);
    change_rules(v->plan, now_ms, rules);
    json_member_string(j, "rules", rules);
    write_offer(j, v->plan, now_ms);
}

static err write_change(void *context, const struct change *c)
{
    struct list *l = context;
    struct json_out *j = l->j;
    const struct registry_actor actor = api_actor(l->call);
    const struct change_actor by = {&actor, is_staff(l->call)};
    struct registry_merchant m;
    enum change_verdict verdict;
    TRY(registry_find_merchant(l->b->registry, bytes_text(c->mid), &m));
    TRY(change_may_decide(l->b, &by, c, false, "", &verdict));
    bool right = (l->call->caller->roles & (by.staff ? ROLE_APPROVER : ROLE_OWNER)) != 0;
    json_object_begin(j);
    json_member_int(j, "id", c->id);
    json_member_string(j, "merchant", c->mid);
    json_member_string(j, "merchant_zh", m.name_zh);
    json_member_string(j, "merchant_en", m.name_en);
    json_member_string(j, "kind", change_kind_word(c->kind));
    json_member_string(j, "state", change_state_word(c->state));
    write_values(j, c, l->call->now_ms);
    json_member_string(j, "reason", c->reason);
    write_text(j, "papers", c->papers);
    TRY(papers_write(l->b, j, UPLOAD_OF_CHANGE, c->id, change_papers(c->kind)));
    json_member_bool(j, "by_staff", c->by_staff);
    json_member_string(j, "asked_by", c->asked_by);
    json_member_int(j, "asked", c->asked_ms);
    if (c->decided_ms != 0) {
        json_member_string(j, "decided_by", c->decided_by);
        json_member_int(j, "decided", c->decided_ms);
    }
    json_member_bool(j, "may_decide", right && verdict == CHANGE_VERDICT_OK);
    json_member_bool(j, "may_withdraw", c->state == CHANGE_WAITS && c->by_staff == by.staff);
    json_object_end(j);
    l->count++;
    l->last = c->id;
    return OK;
}

static void write_fees(struct json_out *j, const struct registry_agreement *g, int64_t now_ms)
{
    json_member_array(j, "fees");
    for (enum fee_class class = FEE_DEBIT; class < FEE_CLASSES; class ++) {
        const struct fee_standing fee = fee_standing_of(g->fee_plan, class, now_ms, g->signed_ms);
        json_object_begin(j);
        write_rule(j, "text_zh", fee.agreed, false);
        write_rule(j, "text_en", fee.agreed, true);
        json_member_int(j, "rule", fee.agreed == NULL ? 0 : fee.agreed->version);
        if (fee.now != fee.agreed) {
            write_rule(j, "waits_zh", fee.now, false);
            write_rule(j, "waits_en", fee.now, true);
            json_member_int(j, "waits", fee.now->version);
        }
        json_object_end(j);
    }
    json_array_end(j);
}

static err write_contact(struct backoffice *b, struct json_out *j, const char *mid)
{
    struct registry_contact contacts[CONTACTS_MAX];
    char mask[CONTACT_MASK_MAX];
    size_t count = 0;
    TRY(registry_contacts(b->registry, bytes_text(mid), contacts, &count));
    if (count == 0) return OK;
    contact_mask_name(contacts[0].name_zh, mask);
    write_text(j, "contact", mask);
    contact_mask_phone(contacts[0].phone, mask);
    write_text(j, "phone", mask);
    return OK;
}

static err answer(struct backoffice *b, const struct api_call *call, const char *mid,
                  struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct list list = {.b = b, .call = call, .j = &j};
    struct registry_merchant m;
    struct registry_agreement g;
    TRY(registry_find_merchant(b->registry, bytes_text(mid), &m));
    TRY(registry_find_agreement(b->registry, mid, call->now_ms, &g));
    json_object_begin(&j);
    json_member_string(&j, "merchant", mid);
    json_member_string(&j, "name_zh", m.name_zh);
    json_member_string(&j, "name_en", m.name_en);
    TRY(write_contact(b, &j, mid));
    json_member_int(&j, "agreement", g.version);
    json_member_int(&j, "plan", g.fee_plan);
    write_fees(&j, &g, call->now_ms);
    json_member_array(&j, "changes");
    TRY(change_list(b->store, mid, false, 0, API_PAGE, write_change, &list));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err end(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
               enum change_verdict verdict, struct http_response *response)
{
    if (verdict != CHANGE_VERDICT_OK) {
        bool english = choice_english(call->request);
        unsigned status = verdict == CHANGE_VERDICT_BAD_VALUE ? 422 : 409;
        api_refuse(response, status, change_verdict_word(verdict),
                   change_verdict_text(verdict, english));
        return OK;
    }
    TRY(answer(b, call, call->value[0], response));
    return api_commit(b, call, tx, response);
}

/* ---- calls ---- */

static err on_standing(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    bool may = false;
    TRY(contract_of_path(b, call, response, &may));
    return may ? answer(b, call, call->value[0], response) : OK;
}

static err on_queue(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct list list = {.b = b, .call = call, .j = &j};
    char last[24] = "";
    int64_t before = 0;
    if (!desk_is_there(b, response)) return OK;
    for (const char *at = call->after; *at >= '0' && *at <= '9'; at++)
        if (before < INT64_MAX / 100) before = before * 10 + (*at - '0');
    json_object_begin(&j);
    json_member_array(&j, "changes");
    TRY(change_list(b->store, "", true, before, call->limit, write_change, &list));
    json_array_end(&j);
    if (list.count == call->limit) snprintf(last, sizeof last, "%lld", (long long)list.last);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
}

static err read_member(const struct json_t *body, const char *name, char *out, size_t size)
{
    return json_has(body, name) ? json_text_copy(body, name, out, size) : OK;
}

/* Of a kind nothing but its own is taken: what stands beside it is no part of the request. */
static err read_asked(const struct json_t *body, struct change *c)
{
    struct change_values *v = &c->values;
    struct bytes word;
    int64_t plan = 0;
    TRY(json_text(body, "kind", 16, &word));
    c->kind = change_kind_of(word);
    TRY(json_text_copy(body, "reason", c->reason, sizeof c->reason));
    if (c->kind == CHANGE_NAME || c->kind == CHANGE_CONTACT)
        TRY(read_member(body, "name_zh", v->name_zh, sizeof v->name_zh));
    if (c->kind == CHANGE_NAME) TRY(read_member(body, "name_en", v->name_en, sizeof v->name_en));
    if (c->kind == CHANGE_CONTACT) {
        TRY(read_member(body, "pinyin", v->pinyin, sizeof v->pinyin));
        TRY(read_member(body, "phone", v->phone, sizeof v->phone));
        TRY(read_member(body, "mail", v->mail, sizeof v->mail));
    }
    if (c->kind == CHANGE_ADDRESS) TRY(read_member(body, "address", v->address, sizeof v->address));
    if (c->kind == CHANGE_FEES && json_has(body, "plan"))
        TRY(json_int(body, "plan", 1, 9999, &plan));
    v->plan = (uint32_t)plan;
    return OK;
}

static err on_ask(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    const struct change_actor by = {&actor, is_staff(call)};
    struct change c = {.id = 0};
    enum change_verdict verdict;
    bool may = false;
    TRY(contract_of_path(b, call, response, &may));
    if (!may) return OK;
    TRY(read_asked(call->body, &c));
    memcpy(c.mid, call->value[0], sizeof c.mid);
    TRY(store_begin(b->store, &tx));
    TRY(change_ask(b, &tx, &by, &c, &c.id, &verdict));
    return end(b, call, &tx, verdict, response);
}

/* Of this merchant; NOT_FOUND for what is another's, too. */
static err find_change(struct backoffice *b, const struct api_call *call, struct change *ret)
{
    int64_t id = 0;
    if (FAILED(contract_number(call->value[1], &id))) return ERR(NOT_FOUND);
    TRY(change_find(b->store, id, ret));
    return strcmp(ret->mid, call->value[0]) == 0 ? OK : ERR(NOT_FOUND);
}

/* The same, and the answer is written when there is none. */
static err find_of_path(struct backoffice *b, const struct api_call *call,
                        struct http_response *response, struct change *ret, bool *ret_there)
{
    bool may = false;
    *ret_there = false;
    TRY(contract_of_path(b, call, response, &may));
    if (!may) return OK;
    err found = find_change(b, call, ret);
    if (found.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    *ret_there = !FAILED(found);
    return found;
}

static err on_withdraw(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    const struct change_actor by = {&actor, is_staff(call)};
    struct change c;
    enum change_verdict verdict;
    bool there = false;
    TRY(find_of_path(b, call, response, &c, &there));
    if (!there) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(change_withdraw(&tx, &by, c.id, &verdict));
    return end(b, call, &tx, verdict, response);
}

/* 503 when another program writes or the hsm is away, 422 for what the registry does not take. */
static err refused(err why, struct http_response *response)
{
    bool form = why.code == ERR_FORMAT || why.code == ERR_RANGE || why.code == ERR_STATE;
    if (why.code == ERR_BUSY) registrar_refuse(response);
    else if (why.code == ERR_REFUSED || why.code == ERR_TIMEOUT)
        backoffice_unavailable(response, why);
    else if (form)
        api_refuse(response, 422, change_verdict_word(CHANGE_VERDICT_BAD_VALUE),
                   change_verdict_text(CHANGE_VERDICT_BAD_VALUE, true));
    else return why;
    return OK;
}

/* The rules that were read must be those of now; other ones are another offer. */
static bool read_what_holds(const struct change *c, int64_t now_ms, bool agrees, const char *papers)
{
    char rules[CHANGE_RULES_MAX];
    if (c->kind != CHANGE_FEES || !agrees) return true;
    change_rules(c->values.plan, now_ms, rules);
    return strcmp(rules, papers) == 0;
}

/* The registry is written first, which may be done again; then it is written down here. */
static err on_decide(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    const struct change_actor by = {&actor, is_staff(call)};
    char papers[CHANGE_PAPERS_BYTES + 1] = "";
    struct change c;
    enum change_verdict verdict;
    bool there = false, agrees = false;
    TRY(find_of_path(b, call, response, &c, &there));
    if (!there) return OK;
    TRY(json_bool(call->body, "agrees", &agrees));
    TRY(read_member(call->body, "papers", papers, sizeof papers));
    TRY(change_may_decide(b, &by, &c, agrees, papers, &verdict));
    if (verdict == CHANGE_VERDICT_OK && !read_what_holds(&c, call->now_ms, agrees, papers))
        verdict = CHANGE_VERDICT_CHANGED;
    if (verdict != CHANGE_VERDICT_OK) return end(b, call, &tx, verdict, response);
    err done = agrees ? change_apply_registry(b, &actor, &c) : OK;
    if (FAILED(done)) return refused(done, response);
    TRY(store_begin(b->store, &tx));
    done = change_decide(b, &tx, &by, &c, agrees, papers);
    if (FAILED(done)) return refused(done, response);
    TRY(end(b, call, &tx, CHANGE_VERDICT_OK, response));
    /* A name is what its terminals print from now on. */
    if (agrees && c.kind == CHANGE_NAME && b->desk != NULL) parameters_changed(b->desk);
    return OK;
}

/* clang-format off */
#define ASKS (ROLE_OWNER | ROLE_AGENT | ROLE_APPROVER)
#define CHANGE_ROUTES(X)                                                                            \
    X(GET, "/changes", SESSION, ROLES_STAFF, NONE, 2, API_PAGED, NULL, &queue_schema, on_queue,     \
      "Changes of contracts that wait for a decision")                                              \
    X(GET, "/contracts/{merchant}/changes", SESSION, ROLES_STAFF | ROLE_OWNER, NONE, 5, 0, NULL,    \
      &standing_schema, on_standing, "What a contract says now, its fees, and what was asked to change") \
    X(POST, "/contracts/{merchant}/changes", STEP_UP, ASKS, NONE, 5, 0, &ask_schema,                \
      &standing_schema, on_ask, "Ask that something of it becomes something else; fees are offered by the staff") \
    X(POST, "/contracts/{merchant}/changes/{id}/withdraw", SESSION, ASKS, NONE, 5, 0, NULL,         \
      &standing_schema, on_withdraw, "Take that back, before somebody has decided")                 \
    X(POST, "/contracts/{merchant}/changes/{id}/decision", STEP_UP, ROLE_APPROVER | ROLE_OWNER, NONE, 10, 0, \
      &decision_schema, &standing_schema, on_decide, "Agree to it or not; not by who asked; fees are signed by the owner")
/* clang-format on */

static const struct api_route rows[] = {CHANGE_ROUTES(API_ROUTE_ROW)};

static err tick(struct backoffice *b, int64_t now_ms)
{
    return change_sweep(b->store, now_ms);
}

const struct backoffice_part change_part = {.name = "change",
                                            .schema = &changes_schema,
                                            .api_routes = rows,
                                            .api_route_count = ARRAY_LEN(rows),
                                            .tick = tick};
