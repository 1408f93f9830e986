/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A merchant gets his number: by his application, whose trade, place, telephone and plan are his,
 * or by a contract on paper, of which everything is typed. A micro-merchant comes into his class of
 * limits, under his person's mark: they are the person's and not the shop's (S144).
 */
#include <assert.h>
#include <stdio.h>

#include "backoffice/applications/agreement.h"
#include "backoffice/applications/regions.h"
#include "backoffice/parts.h"
#include "backoffice/registrar.h"
#include "backoffice/stock/joint.h"
#include "backoffice/stock/stock_http.h"
#include "registry/contact.h"
#include "registry/limits.h"
#include "registry/numbers.h"
#include "registry/place.h"

static const struct api_field merchant_fields[] = {
    {"application", API_TEXT, .min = 1, .max = STOCK_APPLICATION_MAX,
     .text = "For which application: the same one gets the same number"},
    {"acquirer", API_TEXT, .min = 3, .max = 3, .text = "Acquirer code, three digits"},
    {"region", API_TEXT, .optional = true, .min = 4, .max = 4,
     .text = "Region code, four digits; of an application its own"},
    {"category", API_TEXT, .optional = true, .min = 4, .max = 4,
     .text = "Merchant category code, four digits; of an application its own"},
    {"name_zh", API_TEXT, .optional = true, .min = 1, .max = REGISTRY_NAME_MAX,
     .text = "Its name; the application's unless said"},
    {"name_en", API_TEXT, .min = 1, .max = REGISTRY_NAME_MAX, .text = "Its name in ASCII"},
    {"city", API_TEXT, .optional = true, .min = 1, .max = REGISTRY_CITY_MAX,
     .text = "Its town in ASCII; the application's unless said"},
    {"contact_zh", API_TEXT, .optional = true, .min = 1, .max = REGISTRY_NAME_MAX,
     .text = "The owner; the application's unless said"},
    {"contact_pinyin", API_TEXT, .min = 1, .max = REGISTRY_NAME_MAX,
     .text = "The owner in small letters: wang xiaoming"},
    {"phone", API_TEXT, .optional = true, .min = 7, .max = CONTACT_PHONE_MAX - 1,
     .text = "The owner's mobile telephone; of an application its own"},
};
API_SCHEMA(merchant_schema, "NewMerchant", merchant_fields);

static const struct api_field number_fields[] = {
    {"merchant", API_TEXT, .max = 15, .text = "Its number"},
};
API_SCHEMA(number_schema, "MerchantNumber", number_fields);

/* ---- a merchant's number ---- */

/* What of the body and the application makes a merchant. */
struct new_merchant {
    struct registry_numbering n;
    struct registry_merchant m;
    struct registry_place p;
    struct registry_contact c;
    char person[REGISTRY_PERSON_MAX + 1]; /* of a micro-merchant */
};

static err read_member(const struct json_t *body, const char *name, char *out, size_t size)
{
    return json_has(body, name) ? json_text_copy(body, name, out, size) : OK;
}

static err read_merchant(const struct json_t *body, struct new_merchant *w)
{
    TRY(json_text_copy(body, "acquirer", w->n.acquirer, sizeof w->n.acquirer));
    TRY(read_member(body, "region", w->n.region, sizeof w->n.region));
    TRY(read_member(body, "category", w->n.category, sizeof w->n.category));
    TRY(read_member(body, "name_zh", w->m.name_zh, sizeof w->m.name_zh));
    TRY(json_text_copy(body, "name_en", w->m.name_en, sizeof w->m.name_en));
    TRY(read_member(body, "city", w->p.city, sizeof w->p.city));
    TRY(read_member(body, "contact_zh", w->c.name_zh, sizeof w->c.name_zh));
    TRY(json_text_copy(body, "contact_pinyin", w->c.pinyin, sizeof w->c.pinyin));
    return read_member(body, "phone", w->c.phone, sizeof w->c.phone);
}

/* Of these what was approved holds: false when something else was typed. */
static bool take(char *typed, size_t size, struct bytes approved)
{
    if (typed[0] != '\0' && !bytes_equal(bytes_text(typed), approved)) return false;
    return !FAILED(bytes_to_text(approved, typed, size));
}

/* Cut where a character begins: a long name is the registry's to refuse or to take. */
static void unless_typed(char *typed, size_t size, const char *approved)
{
    struct bytes text = bytes_text(approved);
    if (typed[0] != '\0') return;
    if (text.len >= size) text.len = size - 1;
    while (text.len > 0 && !json_utf8_valid(text)) text.len--;
    ENSURE(!FAILED(bytes_to_text(text, typed, size)));
}

/* Place and trade are in the number of the merchant for ever, and the telephone gets his codes:
 * what was looked at and agreed, and not what somebody types beside it. The region is the first
 * four digits of GB/T 2260, of a city. */
static err take_form(struct store *store, int64_t application, struct new_merchant *w,
                     enum stock_verdict *ret_verdict)
{
    struct apply_form form;
    TRY(application_form(store, application, &form));
    const struct region *city = region_of(form.text[APPLY_REGION]);
    if (city == NULL) return ERR(CORRUPT); /* nothing is sent without one */
    char region[12];                       /* regions.h has four digits of it */
    snprintf(region, sizeof region, "%04u", city->code);
    bool same = take(w->n.region, sizeof w->n.region, bytes_of(region, 4)) &&
                take(w->n.category, sizeof w->n.category, bytes_text(form.text[APPLY_TRADE])) &&
                take(w->c.phone, sizeof w->c.phone, bytes_text(form.text[APPLY_PHONE]));
    unless_typed(w->m.name_zh, sizeof w->m.name_zh, form.text[APPLY_SHOP]);
    unless_typed(w->c.name_zh, sizeof w->c.name_zh, form.text[APPLY_OWNER]);
    unless_typed(w->p.city, sizeof w->p.city, city->en);
    if (!same) *ret_verdict = STOCK_DIFFERS;
    if (apply_type(&form) != APPLICANT_MICRO) return OK;
    static_assert(sizeof w->person == 2 * TOKEN_HASH_BYTES + 1, "a mark in hexadecimal");
    return application_person(store, application, w->person);
}

/* A class that somebody has chosen since stays. */
static err limit_micro(struct registry *registry, const struct registry_actor *actor,
                       const struct new_merchant *w)
{
    char risk[REGISTRY_RISK_MAX + 1];
    if (w->person[0] == '\0') return OK;
    TRY(registry_find_risk(registry, bytes_text(w->m.mid), risk));
    if (risk[0] == '\0')
        TRY(registry_set_risk(registry, actor, bytes_text(w->m.mid), BYTES("micro")));
    return registry_set_person(registry, actor, bytes_text(w->m.mid), bytes_text(w->person));
}

/* Some writes; the first one names the number, the others may be made again. */
static err register_merchant(struct registry *registry, const struct registry_actor *actor,
                             struct bytes application, struct new_merchant *w)
{
    char reference[REGISTRY_REFERENCE_MAX + 1];
    snprintf(reference, sizeof reference, "application %.*s", (int)application.len,
             (const char *)application.at);
    TRY(registry_number_merchant(registry, actor, &w->n, bytes_text(reference), &w->m));
    memcpy(w->p.mid, w->m.mid, sizeof w->p.mid);
    memcpy(w->c.mid, w->m.mid, sizeof w->c.mid);
    TRY(limit_micro(registry, actor, w)); /* before anything can be assigned and take a payment */
    TRY(registry_set_place(registry, actor, &w->p));
    return registry_set_contact(registry, actor, &w->c);
}

/* 503 when another program writes, 422 for what the registry does not take; an err is the store's.
 */
static err refused_by_registry(struct registry *registry, err why, struct http_response *response)
{
    bool form = why.code == ERR_FORMAT || why.code == ERR_RANGE || why.code == ERR_EXISTS ||
                why.code == ERR_NOT_FOUND || why.code == ERR_STATE;
    if (why.code == ERR_BUSY) registrar_refuse(response);
    else if (form) api_refuse(response, 422, "registry", registry_error_text(registry));
    else return why;
    return OK;
}

/* The plan that was signed, when everything that it charges now stands in what was signed. */
static err signed_plan(struct backoffice *b, int64_t application, struct registry_merchant *m,
                       enum stock_verdict *ret_verdict)
{
    struct agreement g;
    err found = agreement_find(b->store, application, &g);
    *ret_verdict = STOCK_UNSIGNED_FEE;
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (!agreement_covers_plan(&g, g.plan, backoffice_now_ms(b))) return OK;
    m->fee_plan = g.plan;
    m->signed_ms = g.signed_ms;
    *ret_verdict = STOCK_OK;
    return OK;
}

static bool is_whole(const struct new_merchant *w)
{
    const char *const texts[] = {w->n.region, w->n.category, w->m.name_zh,
                                 w->p.city,   w->c.name_zh,  w->c.phone};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i][0] == '\0') return false;
    return true;
}

/* An application that is kept here has its number when it is agreed, and not before; a contract on
 * paper says everything itself. */
static err may_number(struct backoffice *b, struct bytes number, struct new_merchant *w,
                      enum stock_verdict *ret_verdict)
{
    struct application a;
    *ret_verdict = is_whole(w) ? STOCK_OK : STOCK_PAPER;
    if (!joint_is_number(number)) return OK;
    err found = application_find_number(b->store, number, &a);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    bool live = !FAILED(found) && a.state >= APPLICATION_AGREED && !application_is_ended(a.state);
    *ret_verdict = FAILED(found) ? STOCK_APPLICATION : STOCK_NOT_AGREED;
    if (live) TRY(signed_plan(b, a.id, &w->m, ret_verdict));
    return *ret_verdict == STOCK_OK ? take_form(b->store, a.id, w, ret_verdict) : OK;
}

static err on_merchant(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct registry_actor actor = api_actor(call);
    struct new_merchant w = {.m = {.fee_plan = 1, .status = REGISTRY_ACTIVE},
                             .p = {.country = "CN"},
                             .c = {.number = 1}};
    struct bytes application;
    enum stock_verdict verdict;
    if (!api_acquirers(call, response)) return OK;
    TRY(json_text(call->body, "application", STOCK_APPLICATION_MAX, &application));
    TRY(read_merchant(call->body, &w));
    TRY(may_number(b, application, &w, &verdict));
    if (verdict != STOCK_OK) {
        stock_refuse(call, verdict, response);
        return OK;
    }
    memcpy(w.p.category, w.n.category, sizeof w.p.category);
    err done = registrar_open(b, &registry);
    if (FAILED(done)) {
        registrar_refuse(response);
        return OK;
    }
    done = register_merchant(registry, &actor, application, &w);
    if (FAILED(done)) return refused_by_registry(registry, done, response);
    TRY(store_begin(b->store, &tx));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "merchant", w.m.mid);
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

#define MERCHANT_ROUTES(X)                                                               \
    X(POST, "/stock/merchants", STEP_UP, ROLE_APPROVER | ROLE_ADMIN, MERCHANTS_WRITE, 5, \
      API_CREATES, &merchant_schema, &number_schema, on_merchant,                        \
      "Register a merchant whose application was agreed, under the next number")

static const struct api_route rows[] = {MERCHANT_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part merchant_part = {
    .name = "merchant", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
