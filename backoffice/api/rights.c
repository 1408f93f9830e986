/* SPDX-License-Identifier: Apache-2.0 */
/* Who may call which row, and the list of it. */
#include "backoffice/api/rights.h"

#include <stdio.h>

#include "backoffice/accounts/session.h"
#include "backoffice/parts.h"

enum { CALL_MAX = 160 };

enum api_right api_right_of(const struct api_caller *caller, const struct api_route *route)
{
    if (route->class == ROUTE_PUBLIC) return API_RIGHT;
    if (caller->roles == 0)
        return (caller->scopes & route->scope) != 0 ? API_RIGHT : API_RIGHT_NONE;
    if ((caller->roles & route->roles) == 0) return API_RIGHT_NONE;
    return route->class == ROUTE_STEP_UP && !caller->stepped_up ? API_RIGHT_FACTOR : API_RIGHT;
}

static const struct api_field right_fields[] = {
    {"call", API_TEXT, .max = CALL_MAX, .text = "Method and path of a row"},
    {"factor", API_BOOL, .text = "A factor has to be shown first"},
};
API_SCHEMA(right_schema, "Right", right_fields);

static const struct api_field rights_fields[] = {
    {"rights", API_LIST, .of = &right_schema, .text = "What may be called; nothing else may"},
    {"why_not_zh", API_TEXT, .text = "Why anything else may not, in Chinese"},
    {"why_not_en", API_TEXT, .text = "The same in English"},
};
API_SCHEMA(rights_schema, "Rights", rights_fields);

static err on_rights(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    const struct api_route *row;
    char text[CALL_MAX + 1];
    (void)b;
    json_object_begin(&j);
    json_member_array(&j, "rights");
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        enum api_right right = api_right_of(call->caller, row);
        if (right == API_RIGHT_NONE) continue;
        snprintf(text, sizeof text, "%s %s", row->method, row->path);
        json_object_begin(&j);
        json_member_string(&j, "call", text);
        json_member_bool(&j, "factor", right == API_RIGHT_FACTOR);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_member_string(&j, "why_not_zh", "您的角色不能做。");
    json_member_string(&j, "why_not_en", "Your role may not do this.");
    json_object_end(&j);
    return OK;
}

/* clang-format off */
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/rights", SESSION, ROLES_STAFF | ROLES_CONSOLE, NONE, 1, 0, NULL, &rights_schema, on_rights,
                  "What the caller may call")
};
/* clang-format on */

const struct backoffice_part rights_part = {
    .name = "rights", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
