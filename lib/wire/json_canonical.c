/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON (OLPC): one value has one text, so that a signature over it means the value. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "lib/wire/json.h"

static void write_text(const char *at, size_t len, struct writer *w)
{
    write_bytes(w, BYTES("\""));
    for (size_t i = 0; i < len; i++) {
        if (at[i] == '"' || at[i] == '\\') write_bytes(w, BYTES("\\"));
        write_bytes(w, bytes_of(at + i, 1));
    }
    write_bytes(w, BYTES("\""));
}

/* The order of bytes, which for UTF-8 is the order of code points. */
static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static err write_value(const json_t *value, struct writer *w);

static err write_object(const json_t *object, struct writer *w)
{
    size_t count = json_object_size(object), at = 0;
    const char **names = count == 0 ? NULL : calloc(count, sizeof *names);
    if (names == NULL && count > 0) return ERR(NO_MEMORY);
    void *cursor = NULL;
    json_t *member = NULL;
    const char *name = NULL;
    while (json_next(object, &cursor, &name, &member)) names[at++] = name;
    if (count > 0) qsort(names, count, sizeof *names, by_bytes);
    err e = OK;
    write_bytes(w, BYTES("{"));
    for (size_t i = 0; i < count && !FAILED(e); i++) {
        if (i > 0) write_bytes(w, BYTES(","));
        write_text(names[i], strlen(names[i]), w);
        write_bytes(w, BYTES(":"));
        e = write_value(json_object_get(object, names[i]), w);
    }
    write_bytes(w, BYTES("}"));
    free(names);
    return e;
}

static err write_array(const json_t *array, struct writer *w)
{
    write_bytes(w, BYTES("["));
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0) write_bytes(w, BYTES(","));
        TRY(write_value(json_array_get(array, i), w));
    }
    write_bytes(w, BYTES("]"));
    return OK;
}

/* As deep as json_parse() lets a document be. */
static err write_value(const json_t *value, struct writer *w)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return write_object(value, w);
    case JSON_ARRAY:
        return write_array(value, w);
    case JSON_STRING:
        write_text(json_string_value(value), json_string_length(value), w);
        return OK;
    case JSON_INTEGER:
        write_format(w, "%" PRId64, (int64_t)json_integer_value(value));
        return OK;
    case JSON_TRUE:
        write_bytes(w, BYTES("true"));
        return OK;
    case JSON_FALSE:
        write_bytes(w, BYTES("false"));
        return OK;
    case JSON_NULL:
        write_bytes(w, BYTES("null"));
        return OK;
    case JSON_REAL:
        break;
    }
    return ERR(FORMAT);
}

err json_canonical_write(const struct json_t *value, struct writer *w)
{
    TRY(write_value(value, w));
    return (err){w->fault};
}
