/* SPDX-License-Identifier: Apache-2.0 */
/* Objects against their tables, and the tables as JSON Schema. */
#include "backoffice/api/fields.h"

#include <stdio.h>
#include <string.h>

/* What a text may have at most where its row says nothing. */
enum { TEXT_MAX = 400, LIST_MAX = 1000 };

static err refuse(struct api_fault *fault, const char *name, const char *why)
{
    size_t used = strlen(fault->where);
    snprintf(fault->where + used, sizeof fault->where - used, "%s%s", used > 0 ? "." : "", name);
    fault->why = why;
    return ERR(FIELD);
}

static int64_t most(const struct api_field *field, int64_t unless_said)
{
    return field->max > 0 ? field->max : unless_said;
}

static err check_text(const struct api_field *field, const struct json_t *object,
                      struct api_fault *fault)
{
    struct bytes text;
    err e = json_text(object, field->name, (size_t)most(field, TEXT_MAX), &text);
    if (e.code == ERR_LENGTH) return refuse(fault, field->name, "is too long");
    if (FAILED(e)) return refuse(fault, field->name, "is not a text");
    if ((int64_t)text.len < field->min) return refuse(fault, field->name, "is too short");
    return OK;
}

static err check_word(const struct api_field *field, const struct json_t *object,
                      struct api_fault *fault)
{
    struct bytes text;
    if (FAILED(json_text(object, field->name, TEXT_MAX, &text)))
        return refuse(fault, field->name, "is not a text");
    for (const char *const *word = field->words; *word != NULL; word++)
        if (bytes_equal(text, bytes_text(*word))) return OK;
    return refuse(fault, field->name, "is none of the words that it may be");
}

static err check_int(const struct api_field *field, const struct json_t *object,
                     struct api_fault *fault)
{
    int64_t number, max = field->max;
    if (field->type == API_TIME || (field->min == 0 && max == 0)) max = INT64_MAX;
    err e = json_int(object, field->name, field->min, max, &number);
    if (e.code == ERR_RANGE) return refuse(fault, field->name, "is out of its range");
    if (FAILED(e)) return refuse(fault, field->name, "is not a whole number");
    return OK;
}

static err check_members(const struct api_schema *schema, const struct json_t *object,
                         struct api_fault *fault, unsigned depth);

static err check_list(const struct api_field *field, const struct json_t *object,
                      struct api_fault *fault, unsigned depth)
{
    struct json_t *list;
    size_t count;
    err e = json_list(object, field->name, (size_t)most(field, LIST_MAX), &list, &count);
    if (e.code == ERR_LENGTH) return refuse(fault, field->name, "has too many elements");
    if (FAILED(e)) return refuse(fault, field->name, "is not a list");
    if ((int64_t)count < field->min) return refuse(fault, field->name, "has too few elements");
    for (size_t i = 0; i < count; i++) {
        const struct json_t *element = json_at(list, i);
        struct bytes text;
        if (field->type == API_TEXTS && FAILED(json_value_text(element, TEXT_MAX, &text)))
            return refuse(fault, field->name, "has an element that is not a text");
        if (field->type == API_TEXTS) continue;
        size_t used = strlen(fault->where);
        snprintf(fault->where + used, sizeof fault->where - used, "%s%s[%zu]", used > 0 ? "." : "",
                 field->name, i);
        TRY(check_members(field->of, element, fault, depth + 1));
        fault->where[used] = '\0';
    }
    return OK;
}

static err check_object(const struct api_field *field, const struct json_t *object,
                        struct api_fault *fault, unsigned depth)
{
    struct json_t *member;
    if (FAILED(json_member(object, field->name, &member)))
        return refuse(fault, field->name, "is not an object");
    size_t used = strlen(fault->where);
    snprintf(fault->where + used, sizeof fault->where - used, "%s%s", used > 0 ? "." : "",
             field->name);
    TRY(check_members(field->of, member, fault, depth + 1));
    fault->where[used] = '\0';
    return OK;
}

static err check_field(const struct api_field *field, const struct json_t *object,
                       struct api_fault *fault, unsigned depth)
{
    bool flag;
    if (!json_has(object, field->name))
        return field->optional ? OK : refuse(fault, field->name, "is missing");
    switch (field->type) {
    case API_TEXT:
        return check_text(field, object, fault);
    case API_WORD:
        return check_word(field, object, fault);
    case API_INT:
    case API_MONEY:
    case API_TIME:
        return check_int(field, object, fault);
    case API_BOOL:
        return FAILED(json_bool(object, field->name, &flag))
                   ? refuse(fault, field->name, "is not true or false")
                   : OK;
    case API_OBJECT:
        return check_object(field, object, fault, depth);
    case API_TEXTS:
    case API_LIST:
        return check_list(field, object, fault, depth);
    case API_TYPES:
        break;
    }
    ENSURE(!"a type of the table");
    return ERR(FIELD);
}

static err check_members(const struct api_schema *schema, const struct json_t *object,
                         struct api_fault *fault, unsigned depth)
{
    enum { FIELDS_MAX = 64 };
    const char *names[FIELDS_MAX + 1] = {NULL};
    ENSURE(schema->count <= FIELDS_MAX && depth < JSON_DEPTH_MAX);
    for (size_t i = 0; i < schema->count; i++) {
        names[i] = schema->field[i].name;
        TRY(check_field(&schema->field[i], object, fault, depth));
    }
    if (!FAILED(json_only(object, names))) return OK;
    return refuse(fault, schema->name, "has a member that is not known");
}

err api_check(const struct api_schema *schema, const struct json_t *object,
              struct api_fault *ret_fault)
{
    *ret_fault = (struct api_fault){""};
    return check_members(schema, object, ret_fault, 0);
}

/* ---- as JSON Schema ---- */

static void write_reference(struct json_out *j, const struct api_schema *of)
{
    char path[128];
    snprintf(path, sizeof path, "#/components/schemas/%s", of->name);
    json_member_string(j, "$ref", path);
}

static void write_limits(struct json_out *j, const struct api_field *field, const char *min,
                         const char *max)
{
    if (field->min != 0) json_member_int(j, min, field->min);
    if (field->max != 0) json_member_int(j, max, field->max);
}

static void write_words(struct json_out *j, const char *const *words)
{
    json_member_array(j, "enum");
    for (const char *const *word = words; *word != NULL; word++)
        json_element_text(j, bytes_text(*word));
    json_array_end(j);
}

/* Of an array of objects, or of texts (NULL). */
static void write_items(struct json_out *j, const struct api_schema *of)
{
    json_member_object(j, "items");
    if (of == NULL) json_member_string(j, "type", "string");
    else write_reference(j, of);
    json_object_end(j);
}

static void write_type(struct json_out *j, const struct api_field *field)
{
    static const char *const type[API_TYPES] = {
        [API_TEXT] = "string",  [API_INT] = "integer",  [API_MONEY] = "integer",
        [API_TIME] = "integer", [API_BOOL] = "boolean", [API_WORD] = "string",
        [API_TEXTS] = "array",  [API_LIST] = "array"};
    if (field->type == API_OBJECT) {
        write_reference(j, field->of);
        return;
    }
    json_member_string(j, "type", type[field->type]);
    if (field->type == API_TEXT) write_limits(j, field, "minLength", "maxLength");
    else if (field->type == API_TEXTS || field->type == API_LIST)
        write_limits(j, field, "minItems", "maxItems");
    else if (type[field->type][0] == 'i') write_limits(j, field, "minimum", "maximum");
    if (field->type == API_TIME || field->type == API_MONEY)
        json_member_string(j, "format", "int64");
    if (field->type == API_WORD) write_words(j, field->words);
    if (field->type == API_TEXTS || field->type == API_LIST) write_items(j, field->of);
}

void api_field_write(struct json_out *j, const char *name, const struct api_field *field)
{
    json_member_object(j, name);
    write_type(j, field);
    json_object_end(j);
}

void api_schema_write(struct json_out *j, const struct api_schema *schema)
{
    json_member_object(j, schema->name);
    json_member_string(j, "type", "object");
    json_member_bool(j, "additionalProperties", false);
    json_member_object(j, "properties");
    for (size_t i = 0; i < schema->count; i++) {
        const struct api_field *field = &schema->field[i];
        json_member_object(j, field->name);
        write_type(j, field);
        json_member_string(j, "description", field->text);
        json_object_end(j);
    }
    json_object_end(j);
    json_member_array(j, "required");
    for (size_t i = 0; i < schema->count; i++)
        if (!schema->field[i].optional) json_element_text(j, bytes_text(schema->field[i].name));
    json_array_end(j);
    json_object_end(j);
}
