/* SPDX-License-Identifier: Apache-2.0 */
/* The public form: who asks, which page, what was sent. What is saved is answered by a redirection,
 * so that a page loaded again sends nothing twice. */
#include "backoffice/applications/apply_http.h"

#include <stdio.h>

#include "backoffice/api/rates.h"
#include "backoffice/applications/application_internal.h"
#include "backoffice/applications/apply_form.h"
#include "backoffice/applications/codes.h"
#include "backoffice/stock/joint.h"
#include "lib/wire/multipart.h"

enum { COST_READ = 1, COST_WRITE = 5, COOKIE_DAYS = 30, NEEDS_TEXT_MAX = 200 };

/* What was sent, by the names of its parts: views of the body. */
struct sent {
    struct bytes text[APPLY_FIELDS], file[DOCUMENT_KINDS];
    uint32_t there; /* of 1 << enum apply_field */
    struct bytes act, code, number, note, digest;
    char needs[NEEDS_TEXT_MAX + 1]; /* several choices, put together */
};

struct visit {
    struct backoffice *b;
    const struct applications *as;
    const struct backoffice_request *request;
    struct http_response *response;
    struct page page;
    struct application a; /* id 0: none */
    struct sent sent;
};

static const char *cookie_name(const struct backoffice *b)
{
    return b->https ? "__Host-apply" : "apply";
}

/* ---- answers ---- */

static void set_cookie(struct visit *v, const char *name, const char *value, int64_t seconds)
{
    char text[200];
    snprintf(text, sizeof text, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", name,
             value, (long long)seconds, v->b->https ? "; Secure" : "");
    http_response_header(v->response, "Set-Cookie", text);
}

static err go(struct visit *v, const char *path)
{
    v->response->status = 303;
    http_response_header(v->response, "Location", path);
    return OK;
}

static void refused(struct visit *v, enum application_verdict verdict)
{
    v->page.verdict = verdict;
    v->response->status = verdict == APPLY_VERDICT_AWAY        ? 503
                          : verdict == APPLY_VERDICT_TOO_LARGE ? 413
                                                               : 422;
}

/* ---- what was sent ---- */

static void take_need(struct sent *s, struct bytes word)
{
    size_t used = strlen(s->needs);
    if (used + word.len + 2 > sizeof s->needs) return;
    snprintf(s->needs + used, sizeof s->needs - used, "%s%.*s", used > 0 ? " " : "", (int)word.len,
             (const char *)word.at);
}

static void take_part(struct sent *s, const struct multipart_part *part)
{
    const struct {
        const char *name;
        struct bytes *to;
    } others[] = {{"act", &s->act},
                  {"code", &s->code},
                  {"number", &s->number},
                  {"note", &s->note},
                  {"digest", &s->digest}};
    enum apply_field field = apply_field_of(part->name);
    enum document_kind kind = document_of(part->name);
    if (part->file) {
        if (kind != 0) s->file[kind] = part->content;
        return;
    }
    if (field == APPLY_NEEDS) take_need(s, part->content);
    else if (field != 0) s->text[field] = part->content;
    if (field != 0) s->there |= 1u << field;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (bytes_equal(part->name, bytes_text(others[i].name))) *others[i].to = part->content;
}

static bool read_sent(struct visit *v)
{
    struct multipart form;
    struct multipart_part part;
    const struct backoffice_reader *r = &v->request->reader;
    const char *type = r->header(r->context, "Content-Type");
    if (type == NULL || FAILED(multipart_open(bytes_text(type), v->request->body, &form)))
        return false;
    while (multipart_next(&form, &part)) take_part(&v->sent, &part);
    v->sent.text[APPLY_NEEDS] = bytes_text(v->sent.needs);
    return !FAILED(multipart_finish(&form));
}

static bool acts(const struct visit *v, const char *act)
{
    return bytes_equal(v->sent.act, bytes_text(act));
}

/* ---- the start ---- */

static err draw_start(struct visit *v)
{
    apply_draw_start(&v->page, v->a.id != 0);
    return OK;
}

static err on_begin(struct visit *v)
{
    const struct application_actor applicant = application_actor_applicant();
    CLEANUP(token_wipe) struct token secret;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    token_make(&v->b->config.random, APPLICATION_SECRET_LABEL, &secret);
    TRY(store_begin(v->b->store, &tx));
    TRY(application_begin(v->as, &tx, &applicant, v->page.english, "", &secret, &v->a));
    TRY(store_commit(&tx));
    set_cookie(v, cookie_name(v->b), secret.text, COOKIE_DAYS * 86400);
    return go(v, "/apply/step/1");
}

/* ---- fields ---- */

static err draw_step(struct visit *v)
{
    struct apply_form form;
    TRY(application_form(v->b->store, v->a.id, &form));
    apply_draw_step(&v->page, &form, 0);
    return OK;
}

/* The page once more with what was typed, and what is wrong with it. A secret is typed anew. */
static err draw_again(struct visit *v, uint32_t bad)
{
    struct apply_form form;
    TRY(application_form(v->b->store, v->a.id, &form));
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++) {
        bool typed = v->sent.there & 1u << f && !apply_field_row(f)->secret;
        if (typed && FAILED(bytes_to_text(v->sent.text[f], form.text[f], sizeof form.text[f])))
            form.text[f][0] = '\0';
    }
    apply_draw_step(&v->page, &form, bad);
    return OK;
}

static size_t typed_of(const struct visit *v, struct apply_typed typed[APPLY_FIELDS])
{
    size_t count = 0;
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++) {
        bool several = f == APPLY_NEEDS; /* none chosen: the browser sends nothing */
        if (apply_field_row(f)->step != v->page.step) continue;
        if (v->sent.there & 1u << f || several)
            typed[count++] = (struct apply_typed){f, v->sent.text[f]};
    }
    return count;
}

/* Where name, trade and place stand together: what the name lacks is said before it is kept. */
static err check_name(const struct visit *v, uint32_t *bad, enum application_verdict *ret)
{
    struct apply_form form;
    TRY(application_form(v->b->store, v->a.id, &form));
    if (apply_name_lacks(&form) == 0) return OK;
    *bad |= 1u << APPLY_SHOP;
    *ret = APPLY_VERDICT_SHOP_NAME;
    return OK;
}

static err on_step(struct visit *v)
{
    const struct application_actor applicant = application_actor_applicant();
    CLEANUP(application_entry_wipe) struct application_entry entry = {.set = 0};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct apply_typed typed[APPLY_FIELDS];
    enum application_verdict verdict;
    size_t count = typed_of(v, typed);
    err entered = application_enter(v->as, v->a.id, typed, count, &entry);
    if (FAILED(entered)) {
        refused(v, APPLY_VERDICT_AWAY);
        return draw_again(v, 0);
    }
    TRY(store_begin(v->b->store, &tx));
    TRY(application_save(v->as, &tx, &v->a, &applicant, &entry, &verdict));
    bool shop = verdict == APPLY_VERDICT_OK && v->page.step == STEP_SHOP;
    if (shop) TRY(check_name(v, &entry.bad, &verdict));
    if (verdict != APPLY_VERDICT_OK) {
        refused(v, verdict);
        return draw_again(v, entry.bad);
    }
    TRY(store_commit(&tx));
    return go(v, page_step_path(v->page.step + 1));
}

/* ---- documents ---- */

static err draw_documents(struct visit *v)
{
    struct upload d[UPLOADS_MAX];
    struct apply_form form;
    size_t count = 0;
    uint32_t missing = 0;
    TRY(application_form(v->b->store, v->a.id, &form));
    TRY(uploads_of(v->b->store, UPLOAD_OF_APPLICATION, v->a.id, d, &count));
    TRY(documents_missing(v->as, v->a.id, &form, &missing));
    apply_draw_documents(&v->page, d, count, missing);
    return OK;
}

/* A disk that is full or gone is said, and ends nothing. */
static err on_documents(struct visit *v)
{
    const struct application_actor applicant = application_actor_applicant();
    for (enum document_kind k = DOCUMENT_IDENTITY_FRONT; k < DOCUMENT_KINDS; k++) {
        enum application_verdict verdict;
        if (v->sent.file[k].len == 0) continue;
        err e = document_take(v->as, v->a.id, &applicant, k, v->sent.file[k], &verdict);
        bool disk = e.code == ERR_DENIED || e.code == ERR_NOT_FOUND || e.code == ERR_IO;
        if (FAILED(e) && !disk) return e;
        if (disk) verdict = APPLY_VERDICT_AWAY;
        if (verdict == APPLY_VERDICT_OK) continue;
        refused(v, verdict);
        return draw_documents(v);
    }
    return go(v, page_step_path(STEP_DOCUMENTS));
}

/* ---- codes ---- */

static err send_code(struct visit *v, enum code_purpose purpose, enum application_verdict *ret)
{
    struct application_code code;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    *ret = APPLY_VERDICT_AWAY;
    if (FAILED(application_code_make(v->as, v->a.id, purpose, &code))) return OK;
    TRY(store_begin(v->b->store, &tx));
    TRY(application_code_send(v->as, &tx, &v->a, &code, ret));
    explicit_bzero(&code, sizeof code);
    return store_commit(&tx);
}

static err draw_phone(struct visit *v, bool sent)
{
    struct apply_form form;
    TRY(application_form(v->b->store, v->a.id, &form));
    apply_draw_phone(&v->page, &form, v->a.phone_ms != 0, sent);
    return OK;
}

static err draw_phone_page(struct visit *v)
{
    return draw_phone(v, false);
}

static err verify_phone(struct visit *v, enum application_verdict *ret)
{
    const struct application_actor applicant = application_actor_applicant();
    uint8_t said[TOKEN_HASH_BYTES];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    *ret = APPLY_VERDICT_AWAY;
    if (FAILED(application_code_hash(v->as, v->a.id, CODE_PHONE, v->sent.code, said))) return OK;
    TRY(store_begin(v->b->store, &tx));
    TRY(application_code_take(v->as, &tx, v->a.id, CODE_PHONE, said, ret));
    if (*ret == APPLY_VERDICT_OK)
        TRY(application_move(v->as, &tx, &v->a, LIFE_PHONE, &applicant, NULL, ret));
    return store_commit(&tx);
}

static err on_phone(struct visit *v)
{
    enum application_verdict verdict;
    if (acts(v, "code")) {
        TRY(send_code(v, CODE_PHONE, &verdict));
        if (verdict != APPLY_VERDICT_OK) refused(v, verdict);
        return draw_phone(v, verdict == APPLY_VERDICT_OK);
    }
    TRY(verify_phone(v, &verdict));
    if (verdict == APPLY_VERDICT_OK) return go(v, page_step_path(STEP_SEND));
    refused(v, verdict);
    return draw_phone(v, verdict == APPLY_VERDICT_CODE);
}

/* ---- sending ---- */

static err draw_send(struct visit *v)
{
    struct apply_form form;
    uint32_t papers = 0;
    TRY(application_form(v->b->store, v->a.id, &form));
    TRY(documents_missing(v->as, v->a.id, &form, &papers));
    apply_draw_send(&v->page, &v->a, &form, apply_missing(&form), papers);
    return OK;
}

static err on_send(struct visit *v)
{
    const struct application_actor applicant = application_actor_applicant();
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum application_verdict verdict;
    uint32_t missing = 0;
    TRY(store_begin(v->b->store, &tx));
    TRY(application_send(v->as, &tx, &v->a, &applicant, &verdict, &missing));
    TRY(store_commit(&tx)); /* what the rules have found is kept too */
    bool over = verdict == APPLY_VERDICT_OK || verdict == APPLY_VERDICT_REFUSED;
    if (over) return go(v, "/apply/status");
    refused(v, verdict);
    return draw_send(v);
}

/* ---- status ---- */

static err draw_status(struct visit *v)
{
    return apply_draw_status(&v->page, v->b->store, &v->a);
}

static err on_status(struct visit *v)
{
    const struct application_actor applicant = application_actor_applicant();
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum application_verdict verdict = APPLY_VERDICT_FORM;
    TRY(store_begin(v->b->store, &tx));
    if (acts(v, "withdraw"))
        TRY(application_move(v->as, &tx, &v->a, LIFE_WITHDRAW, &applicant, NULL, &verdict));
    else if (acts(v, "received"))
        TRY(joint_received(v->b, &tx, &v->a, backoffice_now_ms(v->b), &verdict));
    else if (acts(v, "appeal") && v->sent.note.len <= APPLICATION_NOTE_MAX &&
             json_utf8_valid(v->sent.note))
        TRY(application_appeal(v->as, &tx, &v->a, &applicant, v->sent.note, &verdict));
    if (verdict == APPLY_VERDICT_OK) {
        TRY(store_commit(&tx));
        return go(v, "/apply/status");
    }
    refused(v, verdict);
    return draw_status(v);
}

/* ---- agreement ---- */

static err draw_agreement(struct visit *v, bool sent)
{
    struct agreement g;
    char text[AGREEMENT_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text - 1);
    err found = agreement_find(v->b->store, v->a.id, &g);
    if (found.code == ERR_NOT_FOUND) TRY(agreement_now(v->as, &v->a, &g));
    else TRY(found);
    TRY(agreement_write(v->as, &v->a, &g, v->page.english, &w));
    text[w.len] = '\0';
    apply_draw_agreement(&v->page, &v->a, text, g.digest, sent);
    return OK;
}

static err draw_agreement_page(struct visit *v)
{
    return draw_agreement(v, false);
}

static err on_agreement(struct visit *v)
{
    uint8_t said[TOKEN_HASH_BYTES], digest[TOKEN_HASH_BYTES];
    enum application_verdict verdict = APPLY_VERDICT_AWAY;
    if (acts(v, "code")) {
        TRY(send_code(v, CODE_SIGN, &verdict));
        if (verdict != APPLY_VERDICT_OK) refused(v, verdict);
        return draw_agreement(v, verdict == APPLY_VERDICT_OK);
    }
    agreement_read_digest(v->sent.digest, digest);
    if (!FAILED(application_code_hash(v->as, v->a.id, CODE_SIGN, v->sent.code, said))) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(store_begin(v->b->store, &tx));
        TRY(agreement_sign(v->as, &tx, &v->a, said, digest, &verdict));
        TRY(store_commit(&tx));
    }
    if (verdict == APPLY_VERDICT_OK) return go(v, "/apply/status");
    refused(v, verdict);
    return draw_agreement(v, verdict == APPLY_VERDICT_CODE);
}

/* ---- coming back ---- */

static err draw_return(struct visit *v)
{
    apply_draw_return(&v->page, v->a.number, false);
    return OK;
}

/* Answered the same whether there is such an application with this telephone, or not. */
static err ask_return(struct visit *v)
{
    struct apply_form form;
    char phone[APPLY_TEXT_MAX + 1] = "", number[APPLICATION_NUMBER_MAX + 1] = "";
    enum application_verdict verdict;
    err found = application_find_number(v->b->store, v->sent.number, &v->a);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    bool typed = !FAILED(apply_normalise(APPLY_PHONE, v->sent.text[APPLY_PHONE], phone));
    if (!FAILED(found)) {
        TRY(application_form(v->b->store, v->a.id, &form));
        bool right = typed && phone[0] != '\0' && strcmp(phone, form.text[APPLY_PHONE]) == 0;
        if (right) TRY(send_code(v, CODE_RETURN, &verdict));
    }
    if (FAILED(bytes_to_text(v->sent.number, number, sizeof number))) number[0] = '\0';
    apply_draw_return(&v->page, number, true);
    return OK;
}

static err enter_again(struct visit *v, enum application_verdict *ret)
{
    uint8_t said[TOKEN_HASH_BYTES];
    CLEANUP(token_wipe) struct token secret;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    *ret = APPLY_VERDICT_CODE;
    err found = application_find_number(v->b->store, v->sent.number, &v->a);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    *ret = APPLY_VERDICT_AWAY;
    if (FAILED(application_code_hash(v->as, v->a.id, CODE_RETURN, v->sent.code, said))) return OK;
    token_make(&v->b->config.random, APPLICATION_SECRET_LABEL, &secret);
    TRY(store_begin(v->b->store, &tx));
    TRY(application_code_take(v->as, &tx, v->a.id, CODE_RETURN, said, ret));
    if (*ret == APPLY_VERDICT_OK) TRY(application_set_secret(&tx, v->a.id, &secret));
    TRY(store_commit(&tx));
    if (*ret == APPLY_VERDICT_OK)
        set_cookie(v, cookie_name(v->b), secret.text, COOKIE_DAYS * 86400);
    else *ret = APPLY_VERDICT_CODE; /* whether there is one to be wrong about is not said */
    return OK;
}

static err on_return(struct visit *v)
{
    enum application_verdict verdict;
    char number[APPLICATION_NUMBER_MAX + 1] = "";
    if (acts(v, "code")) return ask_return(v);
    TRY(enter_again(v, &verdict));
    if (verdict == APPLY_VERDICT_OK) return go(v, "/apply/status");
    refused(v, verdict);
    if (FAILED(bytes_to_text(v->sent.number, number, sizeof number))) number[0] = '\0';
    apply_draw_return(&v->page, number, true);
    return OK;
}

/* ---- which page ---- */

static const struct public_page {
    const char *path;
    enum apply_step step;
    bool whose; /* there must be an application */
    size_t body_max;
    err (*draw)(struct visit *v);
    err (*take)(struct visit *v);
} pages[] = {
    /* clang-format off */
    {"/apply",           0,              false, APPLY_FIELDS_BODY_MAX, draw_start,          on_begin},
    {"/apply/step/1",    STEP_BUSINESS,  true,  APPLY_FIELDS_BODY_MAX, draw_step,           on_step},
    {"/apply/step/2",    STEP_SHOP,      true,  APPLY_FIELDS_BODY_MAX, draw_step,           on_step},
    {"/apply/step/3",    STEP_OWNER,     true,  APPLY_FIELDS_BODY_MAX, draw_step,           on_step},
    {"/apply/step/4",    STEP_ACCOUNT,   true,  APPLY_FIELDS_BODY_MAX, draw_step,           on_step},
    {"/apply/documents", STEP_DOCUMENTS, true,  APPLY_FILES_BODY_MAX,  draw_documents,      on_documents},
    {"/apply/phone",     STEP_PHONE,     true,  APPLY_FIELDS_BODY_MAX, draw_phone_page,     on_phone},
    {"/apply/send",      STEP_SEND,      true,  APPLY_FIELDS_BODY_MAX, draw_send,           on_send},
    {"/apply/status",    0,              true,  APPLY_FIELDS_BODY_MAX, draw_status,         on_status},
    {"/apply/agreement", 0,              true,  APPLY_FIELDS_BODY_MAX, draw_agreement_page, on_agreement},
    {"/apply/return",    0,              false, APPLY_FIELDS_BODY_MAX, draw_return,         on_return},
    /* clang-format on */
};

static const struct public_page *find_page(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        if (strcmp(pages[i].path, path) == 0) return &pages[i];
    return NULL;
}

/* What the visitor reads: what he has just chosen, what he chose before, what his browser says. */
static bool reads_english(struct visit *v)
{
    const struct backoffice_reader *r = &v->request->reader;
    char lang[4] = "";
    if (!FAILED(r->query(r->context, "lang", lang, sizeof lang))) {
        bool english = strcmp(lang, "en") == 0;
        set_cookie(v, "apply_lang", english ? "en" : "zh", COOKIE_DAYS * 86400);
        return english;
    }
    const char *chosen = r->cookie(r->context, "apply_lang");
    const char *accepts = r->header(r->context, "Accept-Language");
    if (chosen != NULL) return strcmp(chosen, "en") == 0;
    return accepts != NULL && strncasecmp(accepts, "en", 2) == 0;
}

/* Nothing is drawn of what is not the visitor's; a secret that has ended is none. */
static err find_own(struct visit *v)
{
    const struct backoffice_reader *r = &v->request->reader;
    const char *secret = r->cookie(r->context, cookie_name(v->b));
    if (secret == NULL) return OK;
    err found = application_find_secret(v->b->store, bytes_text(secret), &v->a);
    if (found.code == ERR_NOT_FOUND || found.code == ERR_FORMAT) return OK;
    return found;
}

static void refuse_page(struct visit *v, unsigned status)
{
    v->page.step = 0;
    v->response->status = status;
    page_refusal(&v->page, status);
}

static bool afford(struct visit *v, bool writes)
{
    char who[80];
    snprintf(who, sizeof who, "address %s", v->request->address);
    if (rates_spend(v->b->rates, who, writes ? COST_WRITE : COST_READ, backoffice_now_ms(v->b)) ==
        0)
        return true;
    refuse_page(v, 429);
    return false;
}

/* A draft that was sent meanwhile is not filled in any more: its status says what it is. */
static bool is_over(const struct visit *v, const struct public_page *p)
{
    return p->step != 0 && application_next(v->a.state, LIFE_SAVE) == APPLICATION_NONE;
}

static err serve(struct visit *v, const struct public_page *p, bool writes)
{
    TRY(find_own(v));
    if (p->whose && v->a.id == 0) return go(v, "/apply");
    if (is_over(v, p)) return go(v, "/apply/status");
    if (!writes) return p->draw(v);
    if (v->request->body.len <= p->body_max && read_sent(v)) return p->take(v);
    refused(v, v->request->body.len > p->body_max ? APPLY_VERDICT_TOO_LARGE : APPLY_VERDICT_FORM);
    return p->draw(v);
}

static struct visit visit_of(struct backoffice *b, const struct backoffice_request *request,
                             struct http_response *response)
{
    struct visit v = {.b = b,
                      .as = b->applications,
                      .request = request,
                      .response = response,
                      .page = {.w = &response->body}};
    response->content_type = "text/html; charset=utf-8";
    v.page.english = reads_english(&v);
    return v;
}

err apply_request(struct backoffice *b, const struct backoffice_request *request,
                  struct http_response *response)
{
    struct visit v = visit_of(b, request, response);
    bool writes = strcmp(request->method, "POST") == 0;
    const struct public_page *p = find_page(request->path);
    if (!afford(&v, writes)) return OK;
    if (strcmp(request->path, "/apply/style.css") == 0 && !writes) {
        response->content_type = "text/css; charset=utf-8";
        write_bytes(&response->body, bytes_text(apply_style));
        return OK;
    }
    if (p == NULL) {
        refuse_page(&v, 404);
        return OK;
    }
    v.page.step = p->step;
    return serve(&v, p, writes);
}

/* Too large a file is said where it was chosen. */
err apply_refused(struct backoffice *b, const struct backoffice_request *request, unsigned status,
                  struct http_response *response)
{
    struct visit v = visit_of(b, request, response);
    const struct public_page *p = find_page(request->path);
    if (!afford(&v, false)) return OK;
    if (status == 413 && p != NULL) {
        TRY(find_own(&v));
        bool his = p->whose && v.a.id != 0 && !is_over(&v, p);
        v.page.step = p->step;
        refused(&v, APPLY_VERDICT_TOO_LARGE);
        if (his) return p->draw(&v);
        v.page.verdict = APPLY_VERDICT_OK;
    }
    refuse_page(&v, status);
    return OK;
}
