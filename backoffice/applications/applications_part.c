/* SPDX-License-Identifier: Apache-2.0 */
/* Applications as a part of the back office: tables, and what comes to its time. */
#include <stdlib.h>

#include "backoffice/applications/agreement.h"
#include "backoffice/applications/applications_api.h"
#include "backoffice/applications/documents.h"
#include "backoffice/parts.h"

static err open_applications(struct backoffice *b)
{
    struct applications *a = calloc(1, sizeof *a);
    if (a == NULL) return ERR(NO_MEMORY);
    a->store = b->store;
    a->clock = b->config.clock;
    a->random = b->config.random;
    a->keyed = b->ports.keyed;
    a->outbox = b->outbox;
    if (b->ports.checks != NULL) a->checks = *b->ports.checks;
    a->uploads = b->uploads;
    b->applications = a;
    return OK;
}

static void close_applications(struct backoffice *b)
{
    free(b->applications);
    b->applications = NULL;
}

static err tick(struct backoffice *b, int64_t now_ms)
{
    struct applications *a = b->applications;
    TRY(checks_run(a));
    if (now_ms - a->swept_ms < SWEEP_MS && now_ms >= a->swept_ms) return OK;
    a->swept_ms = now_ms;
    return application_sweep(a);
}

const struct backoffice_part applications_part = {.name = "applications",
                                                  .schema = &application_schema,
                                                  .api_routes = application_rows,
                                                  .api_route_count = APPLICATION_ROWS,
                                                  .open = open_applications,
                                                  .close = close_applications,
                                                  .tick = tick};

const struct backoffice_part checks_part = {.name = "checks", .schema = &checks_schema};

const struct backoffice_part review_part = {.name = "review",
                                            .schema = &agreement_schema,
                                            .api_routes = review_rows,
                                            .api_route_count = REVIEW_ROWS};

const struct backoffice_part documents_part = {
    .name = "documents", .api_routes = desk_rows, .api_route_count = DESK_ROWS};
