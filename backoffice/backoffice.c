/* SPDX-License-Identifier: Apache-2.0 */
/* Opens and closes the back office, and hands what comes to the gate and to the parts. */
#include "backoffice/backoffice.h"
#include "backoffice/api/api.h"
#include "backoffice/applications/apply_http.h"
#include "backoffice/upkeep/service.h"

#include <stdio.h>
#include <stdlib.h>

#include "backoffice/core.h"
#include "backoffice/desk/desk_internal.h"
#include "loyalty/loyalty.h"

static err open_store(struct backoffice *b, struct backoffice_fault *fault)
{
    struct store_fault why = {""};
    const struct store_options options = {.mode = b->config.mode, .busy_ms = 1000};
    err e = store_open(b->config.store_path, &options, &why, &b->store);
    if (FAILED(e)) {
        snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
        return e;
    }
    e = store_migrate(b->store, &audit_schema);
    for (size_t i = 0; !FAILED(e) && i < backoffice_part_count; i++)
        if (backoffice_parts[i]->schema != NULL)
            e = store_migrate(b->store, backoffice_parts[i]->schema);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", store_error_text(b->store));
    TRY(e);
    if (b->config.checkpoint_pages == 0) return OK;
    return store_checkpointer_start(b->store, b->config.checkpoint_pages, &b->checkpointer);
}

static err open_registry(struct backoffice *b, struct backoffice_fault *fault)
{
    struct store_fault why = {""};
    if (b->config.registry_path == NULL) return OK;
    enum store_mode mode = b->config.mode == STORE_MEMORY ? STORE_MEMORY : STORE_READ_ONLY;
    err e = registry_open(b->config.registry_path, mode, &why, &b->registry);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return e;
}

static err open_loyalty(struct backoffice *b, struct backoffice_fault *fault)
{
    struct store_fault why = {""};
    const struct store_options options = {.mode = b->config.mode, .busy_ms = 1000};
    if (b->config.loyalty_path == NULL) return OK;
    err e = loyalty_open(b->config.loyalty_path, &options, &why, &b->loyalty);
    if (FAILED(e)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    TRY(e);
    if (b->config.checkpoint_pages == 0) return OK;
    return store_checkpointer_start(b->loyalty, b->config.checkpoint_pages,
                                    &b->loyalty_checkpointer);
}

static err check_origin(struct backoffice *b, struct backoffice_fault *fault)
{
    const char *origin = b->config.origin;
    b->https = strncmp(origin, "https://", 8) == 0;
    bool http = strncmp(origin, "http://", 7) == 0;
    const char *host = origin + (b->https ? 8 : 7);
    if ((b->https || http) && *host != '\0' && strpbrk(host, "/?#@ ") == NULL) return OK;
    snprintf(fault->text, sizeof fault->text,
             "the origin is https://NAME or http://NAME:PORT, and nothing behind it");
    return ERR(CONFIG);
}

static err open_all(struct backoffice *b, struct backoffice_fault *fault)
{
    TRY(check_origin(b, fault));
    TRY(open_store(b, fault));
    TRY(open_registry(b, fault));
    TRY(open_loyalty(b, fault));
    for (size_t i = 0; i < backoffice_part_count; i++)
        if (backoffice_parts[i]->open != NULL) TRY(backoffice_parts[i]->open(b));
    return OK;
}

err backoffice_open(const struct backoffice_config *config, const struct backoffice_ports *ports,
                    struct backoffice_fault *fault, struct backoffice **ret_backoffice)
{
    ENSURE(config->origin != NULL && config->store_path != NULL && ports->answer != NULL);
    ENSURE(ports->hash != NULL && ports->keyed.make != NULL);
    struct backoffice *b = calloc(1, sizeof *b);
    if (b == NULL) return ERR(NO_MEMORY);
    b->config = *config;
    b->ports = *ports;
    err e = open_all(b, fault);
    if (FAILED(e)) {
        backoffice_close(b);
        return e;
    }
    *ret_backoffice = b;
    return OK;
}

void backoffice_close(struct backoffice *b)
{
    if (b == NULL) return;
    for (size_t i = backoffice_part_count; i-- > 0;)
        if (backoffice_parts[i]->close != NULL) backoffice_parts[i]->close(b);
    if (b->store != NULL) store_group_drop(b->store); /* nobody has been told of it */
    registry_close(b->registry);
    store_checkpointer_stop(b->loyalty_checkpointer);
    store_close(b->loyalty);
    blocklist_file_close(b->blocklist);
    store_checkpointer_stop(b->checkpointer);
    store_close(b->store);
    explicit_bzero(b->later, sizeof b->later);
    free(b);
}

struct outbox *backoffice_outbox(struct backoffice *b)
{
    return b->outbox;
}

const char *backoffice_error_text(const struct backoffice *b)
{
    const char *text = b->store == NULL ? "" : store_error_text(b->store);
    if (text[0] == '\0' && b->registry != NULL) text = registry_error_text(b->registry);
    if (text[0] == '\0' && b->loyalty != NULL) text = store_error_text(b->loyalty);
    return text;
}

/* What devices have said in this iteration stands in the store: others may look at it. */
static err settle(struct backoffice *b)
{
    return b->desk == NULL ? OK : desk_settle(b->desk);
}

static err answer(struct backoffice *b, const struct backoffice_request *request,
                  struct http_response *response)
{
    bool api = strncmp(request->path, "/api/v1/", 8) == 0;
    bool form = strncmp(request->path, "/apply", 6) == 0;
    bool status = strcmp(request->path, "/status") == 0;
    TRY(settle(b));
    if (status) return service_page(b, response);
    if (api) return api_request(b, request, response);
    return form ? apply_request(b, request, response) : gate_request(b, request, response);
}

err backoffice_on_request(struct backoffice *b, const struct backoffice_request *request,
                          struct http_response *response)
{
    err e = answer(b, request, response);
    if (FAILED(e)) http_response_error(response, 503, "store", "the store has failed");
    return e;
}

err backoffice_on_refused(struct backoffice *b, const struct backoffice_request *request,
                          unsigned status, struct http_response *response)
{
    if (strcmp(request->path, "/apply") != 0 && strncmp(request->path, "/apply/", 7) != 0)
        return OK;
    TRY(settle(b));
    return apply_refused(b, request, status, response);
}

err backoffice_flush(struct backoffice *b)
{
    if (b->desk != NULL) TRY(desk_flush(b->desk));
    for (size_t i = 0; i < backoffice_part_count; i++)
        if (backoffice_parts[i]->flush != NULL) TRY(backoffice_parts[i]->flush(b));
    return OK;
}

bool backoffice_busy(const struct backoffice *b)
{
    return b->desk != NULL && desk_busy(b->desk);
}

err backoffice_tick(struct backoffice *b)
{
    int64_t now_ms = backoffice_now_ms(b);
    for (size_t i = 0; i < backoffice_part_count; i++) {
        if (backoffice_parts[i]->tick == NULL) continue;
        TRY(settle(b)); /* what it looks at stands in the store */
        TRY(backoffice_parts[i]->tick(b, now_ms));
    }
    return OK;
}

/* ---- answers ---- */

struct http_response backoffice_later(struct backoffice *b)
{
    return (struct http_response){.status = 200,
                                  .content_type = "application/json",
                                  .body = writer_over(b->later, sizeof b->later)};
}

void backoffice_answer(struct backoffice *b, uint64_t ticket, const struct http_response *response)
{
    ENSURE(response->body.at == b->later);
    b->ports.answer(b->ports.context, ticket, response);
    explicit_bzero(b->later, response->body.len);
}

void backoffice_malformed(struct http_response *response, err why)
{
    http_response_error(response, 400, err_name(why), err_text(why));
}

void backoffice_unavailable(struct http_response *response, err why)
{
    http_response_error(response, 503, "unavailable",
                        "a part of the host does not answer; try again");
    (void)why;
}

void backoffice_not_found(struct http_response *response)
{
    http_response_error(response, 404, "not_found", "there is nothing here");
}
