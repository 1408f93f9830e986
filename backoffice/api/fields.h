/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fields: what a JSON object has, as a table. The gate refuses a body that does not keep to its
 * table: an unknown member is an error and not a default (HS-03). The published document is written
 * from the same tables, and the tests hold every answer against them, so the three cannot differ.
 */

#include "lib/wire/json.h"

enum api_type {
    API_TEXT,  /* min and max: characters in bytes of UTF-8 */
    API_INT,   /* min and max */
    API_MONEY, /* fen; min and max */
    API_TIME,  /* ms since 1970, UTC */
    API_BOOL,
    API_WORD,   /* one of `words` */
    API_OBJECT, /* `of` */
    API_TEXTS,  /* an array of texts; max: elements */
    API_LIST,   /* an array of `of`; max: elements */
    API_TYPES
};

struct api_schema;

struct api_field {
    const char *name;
    enum api_type type;
    bool optional; /* may be left out, or null */
    int64_t min, max;
    const char *const *words;    /* NULL ends them */
    const struct api_schema *of; /* of its members */
    const char *text;            /* what it is: stands in the published document */
};

struct api_schema {
    const char *name; /* "Device": its name in the published document */
    const struct api_field *field;
    size_t count;
};

#define API_SCHEMA(variable, title, fields) \
    static const struct api_schema variable = {title, fields, ARRAY_LEN(fields)}

enum { API_WHERE_MAX = 96 };

/* Where and why an object does not keep to its table. */
struct api_fault {
    char where[API_WHERE_MAX]; /* "device.outlet" */
    const char *why;           /* "is missing", "is not a number of this range" ... */
};

/* Errors: FIELD (see `ret_fault`). */
MUST_USE err api_check(const struct api_schema *schema, const struct json_t *object,
                       struct api_fault *ret_fault);

/* Member `schema.name` of "schemas": JSON Schema 2020-12, as OpenAPI 3.1 wants it. */
void api_schema_write(struct json_out *j, const struct api_schema *schema);
/* The type of one field alone, as member `name`. */
void api_field_write(struct json_out *j, const char *name, const struct api_field *field);
