/* SPDX-License-Identifier: Apache-2.0 */
/* What a list is narrowed by, as it stands in the address. */
#include "backoffice/api/api.h"

#include <stdio.h>

/* Up to 18 digits. */
static bool read_number(const char *text, int64_t *ret_number)
{
    size_t digits = strspn(text, "0123456789");
    *ret_number = 0;
    if (digits == 0 || digits > 18 || text[digits] != '\0') return false;
    for (size_t i = 0; i < digits; i++) *ret_number = *ret_number * 10 + (text[i] - '0');
    return true;
}

static bool is_word(const struct api_field *field, const char *text)
{
    for (const char *const *word = field->words; *word != NULL; word++)
        if (strcmp(*word, text) == 0) return true;
    return false;
}

static bool fits(const struct api_field *field, const char *text)
{
    int64_t number = 0, length = (int64_t)strlen(text);
    switch (field->type) {
    case API_TEXT:
        return length >= field->min && length <= field->max && json_utf8_valid(bytes_text(text));
    case API_INT:
        return read_number(text, &number) && number >= field->min && number <= field->max;
    case API_WORD:
        return is_word(field, text);
    default:
        ENSURE(field->type == API_BOOL);
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    }
}

bool api_query_read(struct api_call *call, struct http_response *response)
{
    const struct backoffice_reader *reader = &call->request->reader;
    const struct api_schema *query = call->route->query;
    char text[API_WHERE_MAX + 80];
    if (query == NULL) return true;
    ENSURE(query->count <= API_QUERY_MAX);
    for (size_t i = 0; i < query->count; i++) {
        char *value = call->query[i];
        err e = reader->query(reader->context, query->field[i].name, value, API_PARAM_MAX + 1);
        if (e.code == ERR_NOT_FOUND) value[0] = '\0';
        if (e.code == ERR_NOT_FOUND || (!FAILED(e) && fits(&query->field[i], value))) continue;
        snprintf(text, sizeof text, "The field %s is not what this list is narrowed by",
                 query->field[i].name);
        http_response_error(response, 400, "field", text);
        return false;
    }
    return true;
}

const char *api_query(const struct api_call *call, const char *name)
{
    const struct api_schema *query = call->route->query;
    ENSURE(query != NULL);
    for (size_t i = 0; i < query->count; i++)
        if (strcmp(query->field[i].name, name) == 0) return call->query[i];
    ENSURE(!"a field of the row");
    return "";
}

int64_t api_query_int(const struct api_call *call, const char *name)
{
    int64_t number = 0;
    (void)read_number(api_query(call, name), &number);
    return number;
}

bool api_query_true(const struct api_call *call, const char *name)
{
    return strcmp(api_query(call, name), "true") == 0;
}
