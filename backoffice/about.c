/* SPDX-License-Identifier: Apache-2.0 */
/* What a page may know before anybody has logged in: which realm, and that the program answers. */
#include "backoffice/parts.h"

static err on_about(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "realm", call->realm == REALM_STAFF ? "staff" : "console");
    json_member_string(&j, "origin", b->config.origin);
    json_member_int(&j, "now", call->now_ms);
    json_object_end(&j);
    return OK;
}

#define ABOUT_ROUTES(X) X(GET, "/about", PUBLIC, ROLES_ALL, 0, on_about)

static const struct route rows[] = {ABOUT_ROUTES(ROUTE_ROW)};

/* The tables of accounts are the registry's; nothing but the parts behind this one uses them. */
const struct backoffice_part accounts_part = {.name = "accounts", .schema = &accounts_schema};

const struct backoffice_part about_part = {
    .name = "about", .routes = rows, .route_count = ARRAY_LEN(rows)};
