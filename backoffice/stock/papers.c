/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up what stands on a label or a manual, and hands the drawing on to who has asked. */
#include "backoffice/stock/papers.h"

#include <assert.h>
#include <stdio.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/parts.h"
#include "backoffice/stock/shipment.h"
#include "backoffice/stock/stock_http.h"
#include "registry/contact.h"

#define ROOM(member) (sizeof((struct paper *)0)->member - 1)
static_assert(ROOM(serial) == SERIAL_MAX && ROOM(model) == STOCK_MODEL_MAX &&
                  ROOM(name_zh) >= REGISTRY_NAME_MAX && ROOM(phone) >= CONTACT_MASK_MAX &&
                  ROOM(address) == ELEMENTS_ADDRESS_BYTES && ROOM(courier) == COURIER_LABEL_MAX,
              "what is kept goes onto paper");

/* ---- what stands on it ---- */

static err read_shop(struct backoffice *b, const struct stock_terminal *t, struct paper *p)
{
    struct registry_merchant m;
    if (b->registry == NULL || t->mid[0] == '\0') return OK;
    err found = registry_find_merchant(b->registry, bytes_text(t->mid), &m);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    memcpy(p->name_zh, m.name_zh, sizeof m.name_zh);
    memcpy(p->name_en, m.name_en, sizeof m.name_en);
    return OK;
}

static err read_place(struct backoffice *b, const struct stock_terminal *t, struct paper *p)
{
    struct elements e;
    err found = elements_find(b->store, t->serial, &e);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    memcpy(p->address, e.address, sizeof e.address);
    contact_mask_phone(e.phone, p->phone);
    return OK;
}

/* One of an assignment before was for another shop. */
static err read_parcel(struct backoffice *b, const struct stock_terminal *t, struct paper *p)
{
    struct shipment s;
    err found = shipment_find(b->store, t->serial, &s);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (s.assignment == t->assignment) memcpy(p->courier, s.label, sizeof s.label);
    return OK;
}

static err fill(struct backoffice *b, const struct stock_terminal *t, struct paper *p)
{
    *p = (struct paper){""};
    memcpy(p->serial, t->serial, sizeof t->serial);
    memcpy(p->model, t->model, sizeof t->model);
    memcpy(p->terminal, t->tid, sizeof t->tid);
    snprintf(p->link, sizeof p->link, "%.80s/apply/status", b->config.origin);
    TRY(read_shop(b, t, p));
    TRY(read_place(b, t, p));
    return read_parcel(b, t, p);
}

/* ---- drawing ---- */

static const char *name_of(enum paper_kind kind)
{
    return kind == PAPER_LABEL ? "label" : "manual";
}

static void refuse(struct http_response *response, bool english, err why)
{
    bool model = why.code == ERR_UNSUPPORTED;
    const char *text = english ? "It could not be drawn just now: try again in a moment."
                               : "暂时无法生成，请稍后再试。";
    if (model)
        text = english ? "There is no manual of this model: ask the maker."
                       : "没有该型号的说明书，请联系厂家。";
    http_response_error(response, model ? 409 : 503, model ? "model" : "paper", text);
}

void papers_on_drawn(struct backoffice *b, const struct paper_job *job, err drawn, struct bytes pdf)
{
    char name[SERIAL_MAX + 40];
    struct http_response response = backoffice_later(b);
    if (FAILED(drawn)) {
        log_event(b->config.log, LOG_WARN, "paper_failed", LOG_TEXT("serial", job->serial),
                  LOG_ERR(drawn));
        refuse(&response, job->english, drawn);
    } else {
        snprintf(name, sizeof name, "inline; filename=\"%s-%s.pdf\"", name_of(job->kind),
                 job->serial);
        response.content_type = "application/pdf";
        http_response_header(&response, "Content-Disposition", name);
        write_bytes(&response.body, pdf);
    }
    backoffice_answer(b, job->ticket, &response);
}

/* Persist, then act: who has asked is written down before there is a paper. */
static err note(struct backoffice *b, const struct api_call *call, enum paper_kind kind,
                const char *serial)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("paper_printed"), bytes_text(serial),
                                                bytes_text(name_of(kind))}));
    return store_commit(&tx);
}

static err print(struct backoffice *b, const struct api_call *call, enum paper_kind kind,
                 struct http_response *response)
{
    uint8_t block[PAPER_REQUEST_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct paper_job job = {call->request->ticket, kind, choice_english(call->request), ""};
    struct stock_terminal terminal;
    struct paper paper;
    struct bytes request;
    bool there = false;
    if (!api_acquirers(call, response)) return OK;
    TRY(stock_of_path(b, call, response, &terminal, &there));
    if (!there) return OK;
    TRY(fill(b, &terminal, &paper));
    paper_write(&w, &paper);
    TRY(writer_finish(&w, &request));
    TRY(note(b, call, kind, terminal.serial));
    memcpy(job.serial, terminal.serial, sizeof job.serial);
    const struct paper_ports *ports = b->ports.paper;
    err begun = ports == NULL ? ERR(REFUSED) : ports->draw(ports->context, &job, request);
    if (FAILED(begun)) refuse(response, job.english, begun);
    else response->later = true;
    return OK;
}

static err on_label(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    return print(b, call, PAPER_LABEL, response);
}

static err on_manual(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return print(b, call, PAPER_MANUAL, response);
}

#define KEEPERS (ROLE_AGENT | ROLE_ADMIN)

/* A process each: that is what they cost. */
#define PAPER_ROUTES(X)                                                                          \
    X(GET, "/stock/terminals/{serial}/label", SESSION, KEEPERS, STOCK_WRITE, 10, API_PDF, NULL,  \
      NULL, on_label, "The label of its box, with the shop's address")                           \
    X(GET, "/stock/terminals/{serial}/manual", SESSION, KEEPERS, STOCK_WRITE, 20, API_PDF, NULL, \
      NULL, on_manual, "The shop's manual of it, without passwords")

static const struct api_route rows[] = {PAPER_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part papers_part = {
    .name = "papers", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
