/* SPDX-License-Identifier: Apache-2.0 */
/* The document: paths, then every table of fields that they refer to, each once. */
#include "backoffice/api/openapi.h"

#include <stdio.h>

enum { SCHEMAS_MAX = 256 };

/* The tables that were met, in the order in which they were met. */
struct met {
    const struct api_schema *schema[SCHEMAS_MAX];
    size_t count;
};

static void meet(struct met *met, const struct api_schema *schema)
{
    if (schema == NULL) return;
    for (size_t i = 0; i < met->count; i++)
        if (met->schema[i] == schema) return;
    ENSURE(met->count < SCHEMAS_MAX);
    met->schema[met->count++] = schema;
    for (size_t i = 0; i < schema->count; i++) meet(met, schema->field[i].of);
}

static void write_answer(struct json_out *j, const char *status, const char *text,
                         const char *schema)
{
    char path[128];
    json_member_object(j, status);
    json_member_string(j, "description", text);
    json_member_object(j, "content");
    json_member_object(j, "application/json");
    json_member_object(j, "schema");
    snprintf(path, sizeof path, "#/components/schemas/%s", schema);
    json_member_string(j, "$ref", path);
    for (int i = 0; i < 4; i++) json_object_end(j);
}

/* A file: there is nothing to say of its inside. */
static void write_file(struct json_out *j, bool csv)
{
    json_member_object(j, "200");
    json_member_string(
        j, "description",
        csv ? "Done: UTF-8 behind a byte order mark; the first piece begins with the "
              "names of the columns, in the language of X-Language"
            : "Done: a PDF");
    if (csv) {
        json_member_object(j, "headers");
        json_member_object(j, API_NEXT_HEADER);
        json_member_string(
            j, "description",
            "What to send as `after` for the next piece; not there: this is the last");
        json_member_object(j, "schema");
        json_member_string(j, "type", "string");
        for (int i = 0; i < 3; i++) json_object_end(j);
    }
    json_member_object(j, "content");
    json_member_object(j, csv ? "text/csv" : "application/pdf");
    for (int i = 0; i < 3; i++) json_object_end(j);
}

static void write_parameter(struct json_out *j, const char *name, const char *in, bool required,
                            const char *text, int64_t max)
{
    json_object_begin(j);
    json_member_string(j, "name", name);
    json_member_string(j, "in", in);
    json_member_bool(j, "required", required);
    json_member_string(j, "description", text);
    json_member_object(j, "schema");
    json_member_string(j, "type", strcmp(name, "limit") == 0 ? "integer" : "string");
    json_member_int(j, strcmp(name, "limit") == 0 ? "maximum" : "maxLength", max);
    json_object_end(j);
    json_object_end(j);
}

/* As its field says; what is not asked for narrows nothing. */
static void write_query(struct json_out *j, const struct api_field *field)
{
    json_object_begin(j);
    json_member_string(j, "name", field->name);
    json_member_string(j, "in", "query");
    json_member_bool(j, "required", false);
    json_member_string(j, "description", field->text);
    api_field_write(j, "schema", field);
    json_object_end(j);
}

static void write_parameters(struct json_out *j, const struct api_route *row)
{
    json_member_array(j, "parameters");
    for (const char *at = strchr(row->path, '{'); at != NULL; at = strchr(at, '{')) {
        char name[API_PARAM_MAX + 1];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "}"), at + 1);
        write_parameter(j, name, "path", true, "Which one", API_PARAM_MAX);
        at += strcspn(at, "}");
    }
    if (row->flags & API_PAGED) {
        bool csv = (row->flags & API_CSV) != 0;
        write_parameter(j, "after", "query", false,
                        csv ? API_NEXT_HEADER " of the piece before" : "`next` of the page before",
                        API_CURSOR_MAX);
        write_parameter(j, "limit", "query", false, csv ? "Rows of a piece" : "Rows of a page",
                        csv ? API_CSV_MAX : API_PAGE_MAX);
    }
    for (size_t i = 0; row->query != NULL && i < row->query->count; i++)
        write_query(j, &row->query->field[i]);
    if (strcmp(row->method, "GET") != 0)
        write_parameter(j, "Idempotency-Key", "header", false,
                        "The same call under the same key is made once, for a day", API_KEY_MAX);
    json_array_end(j);
}

/* "getDevicesTidCommands": unique, since path and method are. */
static void write_operation_id(struct json_out *j, const struct api_route *row)
{
    char id[96];
    struct writer w = writer_over(id, sizeof id);
    bool upper = true;
    for (const char *at = row->method; *at != '\0'; at++) write_be(&w, (uint8_t)(*at | 0x20), 1);
    for (const char *at = row->path; *at != '\0'; at++) {
        bool small = *at >= 'a' && *at <= 'z', letter = small || (*at >= '0' && *at <= '9');
        if (letter) write_be(&w, (uint8_t)(upper && small ? *at - 'a' + 'A' : *at), 1);
        upper = !letter;
    }
    json_member_text(j, "operationId", writer_view(&w));
}

static void write_security(struct json_out *j, const struct api_route *row)
{
    json_member_array(j, "security");
    if (row->class != ROUTE_PUBLIC) {
        if (row->scope != API_SCOPE_NONE) {
            json_object_begin(j);
            json_member_array(j, "key");
            json_element_text(j, bytes_text(api_scope_word(row->scope)));
            json_array_end(j);
            json_object_end(j);
        }
        json_object_begin(j);
        json_member_array(j, "session");
        json_array_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}

/* What the gate may refuse, for which rows, and with which words: gate.c, fields.c, repeats.c. */
enum refused { REFUSED_ALWAYS, REFUSED_CALLER, REFUSED_OBJECT, REFUSED_BODY, REFUSED_CHANGE };

static const struct {
    const char *status, *name;
    enum refused when;
    const char *text;
} refusals[] = {
    {"400", "Malformed", REFUSED_ALWAYS,
     "`field`, `body`, `page` or `idempotency_key`: what was sent is not as said"},
    {"401", "Unknown", REFUSED_CALLER,
     "`unauthorized` or `step`: the key or the session is none, or not any more"},
    {"403", "Forbidden", REFUSED_CALLER,
     "`scope`, `role`: not for this caller; `step_up`: show a factor first; `csrf`, `site`: not "
     "from a page of ours"},
    {"404", "Missing", REFUSED_OBJECT, "`not_found`: it is not there, or somebody else's"},
    {"413", "TooLarge", REFUSED_BODY, "`too_large`: the body is larger than allowed"},
    {"422", "Differs", REFUSED_CHANGE,
     "`idempotency_key`: it was used for another call; or a word of the call's"},
    {"429", "TooMany", REFUSED_ALWAYS,
     "`too_many`: come again after as many seconds as Retry-After says"},
    {"4XX", "Refused", REFUSED_ALWAYS,
     "`error` is a word that a program can act on, `message` a sentence"},
};

static bool may_refuse(const struct api_route *row, enum refused when)
{
    switch (when) {
    case REFUSED_CALLER:
        return row->class != ROUTE_PUBLIC;
    case REFUSED_OBJECT:
        return strchr(row->path, '{') != NULL;
    case REFUSED_BODY:
        return row->body != NULL || (row->flags & API_FILE) != 0;
    case REFUSED_CHANGE:
        return strcmp(row->method, "GET") != 0;
    case REFUSED_ALWAYS:
        break;
    }
    return true;
}

static void write_refusals(struct json_out *j, const struct api_route *row)
{
    char path[64];
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        if (!may_refuse(row, refusals[i].when)) continue;
        snprintf(path, sizeof path, "#/components/responses/%s", refusals[i].name);
        json_member_object(j, refusals[i].status);
        json_member_string(j, "$ref", path);
        json_object_end(j);
    }
}

static void write_responses(struct json_out *j)
{
    json_member_object(j, "responses");
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        write_answer(j, refusals[i].name, refusals[i].text, "Error");
    json_object_end(j);
}

/* What OpenAPI has no word for: what people may call it, and what it costs (rates.h). */
static void write_policy(struct json_out *j, const struct api_route *row)
{
    size_t len = strcspn(row->path + 1, "/");
    json_member_array(j, "tags");
    json_element_text(j, bytes_of(row->path + 1, len));
    json_array_end(j);
    json_member_array(j, "x-roles");
    for (unsigned bit = 1; bit != 0 && bit <= ROLES_ALL; bit <<= 1)
        if (row->class != ROUTE_PUBLIC && (row->roles & bit) != 0 && account_role_word(bit) != NULL)
            json_element_text(j, bytes_text(account_role_word(bit)));
    json_array_end(j);
    if (row->class == ROUTE_STEP_UP) json_member_bool(j, "x-step-up", true);
    json_member_int(j, "x-cost", row->cost);
}

/* A file as it is: JSON Schema says nothing about it. */
static void write_file_body(struct json_out *j)
{
    static const char *const types[] = {"image/jpeg", "image/png", "application/pdf"};
    json_member_object(j, "requestBody");
    json_member_bool(j, "required", true);
    json_member_object(j, "content");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        json_member_object(j, types[i]);
        json_object_end(j);
    }
    json_object_end(j);
    json_object_end(j);
}

static void write_row(struct json_out *j, const struct api_route *row, struct met *met)
{
    char method[8] = "", path[128];
    for (size_t i = 0; row->method[i] != '\0'; i++) method[i] = (char)(row->method[i] | 0x20);
    json_member_object(j, method);
    write_operation_id(j, row);
    json_member_string(j, "summary", row->summary);
    write_policy(j, row);
    write_parameters(j, row);
    write_security(j, row);
    if (row->flags & API_FILE) write_file_body(j);
    if (row->body != NULL) {
        snprintf(path, sizeof path, "#/components/schemas/%s", row->body->name);
        json_member_object(j, "requestBody");
        json_member_bool(j, "required", true);
        json_member_object(j, "content");
        json_member_object(j, "application/json");
        json_member_object(j, "schema");
        json_member_string(j, "$ref", path);
        for (int i = 0; i < 4; i++) json_object_end(j);
        meet(met, row->body);
    }
    json_member_object(j, "responses");
    if (row->flags & (API_PDF | API_CSV)) write_file(j, (row->flags & API_CSV) != 0);
    else write_answer(j, row->flags & API_CREATES ? "201" : "200", "Done", row->answer->name);
    write_refusals(j, row);
    json_object_end(j);
    json_object_end(j);
    meet(met, row->answer);
}

/* Methods of one path stand together, wherever their rows are. */
static void write_paths(struct json_out *j, struct met *met)
{
    const struct api_route *row, *other;
    json_member_object(j, "paths");
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        bool before = false;
        for (size_t k = 0; k < i && !before; k++)
            before = strcmp(api_route_at(k)->path, row->path) == 0;
        if (before) continue;
        json_member_object(j, row->path);
        for (size_t k = i; (other = api_route_at(k)) != NULL; k++)
            if (strcmp(other->path, row->path) == 0) write_row(j, other, met);
        json_object_end(j);
    }
    json_object_end(j);
}

static void write_security_schemes(struct json_out *j)
{
    json_member_object(j, "securitySchemes");
    json_member_object(j, "key");
    json_member_string(j, "type", "http");
    json_member_string(j, "scheme", "bearer");
    json_member_string(j, "description", "A key of a program, with scopes");
    json_object_end(j);
    json_member_object(j, "session");
    json_member_string(j, "type", "apiKey");
    json_member_string(j, "in", "cookie");
    json_member_string(j, "name", "__Host-tongbao-console");
    json_member_string(j, "description",
                       "A person who has logged in, at the staff's or the owners' console");
    json_object_end(j);
    json_object_end(j);
}

static const struct api_field error_fields[] = {
    {"error", API_TEXT, .max = 64, .text = "A word that a program can act on"},
    {"message", API_TEXT, .max = 400, .text = "What happened and what to do, for a person"},
};
API_SCHEMA(error_schema, "Error", error_fields);

void openapi_write(struct writer *w)
{
    struct json_out j = json_out_over(w);
    struct met met = {.count = 0};
    meet(&met, &error_schema);
    json_object_begin(&j);
    json_member_string(&j, "openapi", "3.1.0");
    json_member_object(&j, "info");
    json_member_string(&j, "title", "Tongbao");
    json_member_string(&j, "version", "1");
    json_member_string(&j, "description",
                       "The interface of a Tongbao back office. Amounts are in fen, moments in "
                       "milliseconds since 1970 (UTC).");
    json_object_end(&j);
    json_member_array(&j, "servers");
    json_object_begin(&j);
    json_member_string(&j, "url", "/api/v1");
    json_object_end(&j);
    json_array_end(&j);
    write_paths(&j, &met);
    json_member_object(&j, "components");
    json_member_object(&j, "schemas");
    for (size_t i = 0; i < met.count; i++) api_schema_write(&j, met.schema[i]);
    json_object_end(&j);
    write_responses(&j);
    write_security_schemes(&j);
    json_object_end(&j);
    json_object_end(&j);
}

static err on_document(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    (void)b;
    (void)call;
    openapi_write(&response->body);
    return OK;
}

static const struct api_field document_fields[] = {
    {"openapi", API_TEXT, .text = "The version of OpenAPI"},
};
API_SCHEMA(document_schema, "Document", document_fields);

#define OPENAPI_ROUTES(X)                                                               \
    X(GET, "/openapi.json", PUBLIC, 0, NONE, 5, 0, NULL, &document_schema, on_document, \
      "This document")

static const struct api_route openapi_rows[] = {OPENAPI_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part openapi_part = {
    .name = "openapi", .api_routes = openapi_rows, .api_route_count = ARRAY_LEN(openapi_rows)};
