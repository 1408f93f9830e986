/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict reading. jansson was taken for what it refuses (duplicate members, overlong integers, bad
 * UTF-8); its own depth limit of 2048 is too far away, so a scan before it counts the levels.
 */
#include "lib/wire/json.h"

#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

/* Requests may carry passwords; freed memory is read by nobody we know. */
static void free_wiped(void *block)
{
    if (block == NULL) return;
    explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

static void install_wiping(void)
{
    json_set_alloc_funcs(malloc, free_wiped);
}

/* The index after the string that begins at `i` with its quotation mark. */
static size_t skip_string(struct bytes text, size_t i)
{
    for (i++; i < text.len && text.at[i] != '"'; i++)
        if (text.at[i] == '\\') i++;
    return i + 1;
}

/* Brackets outside strings. Whether they match is jansson's business. */
static bool too_deep(struct bytes text)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.len;) {
        uint8_t c = text.at[i];
        if (c == '"') {
            i = skip_string(text, i);
            continue;
        }
        if ((c == '{' || c == '[') && ++depth > JSON_DEPTH_MAX) return true;
        if ((c == '}' || c == ']') && depth > 0) depth--;
        i++;
    }
    return false;
}

err json_parse(struct bytes text, size_t max, struct json_document *ret_document)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, install_wiping);
    if (text.len > max) return ERR(LENGTH);
    if (text.len == 0 || too_deep(text)) return ERR(FORMAT);
    json_t *root = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL) return ERR(FORMAT);
    ret_document->root = root;
    return OK;
}

void json_free(struct json_document *document)
{
    json_decref(document->root);
    document->root = NULL;
}

static err find(const struct json_t *object, const char *name, json_t **ret_value)
{
    if (!json_is_object(object)) return ERR(MISSING);
    json_t *value = json_object_get(object, name);
    if (value == NULL) return ERR(MISSING);
    *ret_value = value;
    return OK;
}

bool json_has(const struct json_t *object, const char *name)
{
    json_t *value = NULL;
    return !FAILED(find(object, name, &value)) && !json_is_null(value);
}

err json_value_text(const struct json_t *value, size_t max, struct bytes *ret_text)
{
    if (!json_is_string(value)) return ERR(FORMAT);
    size_t len = json_string_length(value);
    if (len > max) return ERR(LENGTH);
    *ret_text = bytes_of(json_string_value(value), len);
    return OK;
}

err json_value_int(const struct json_t *value, int64_t min, int64_t max, int64_t *ret)
{
    if (!json_is_integer(value)) return ERR(FORMAT);
    int64_t number = json_integer_value(value);
    if (number < min || number > max) return ERR(RANGE);
    *ret = number;
    return OK;
}

err json_text(const struct json_t *object, const char *name, size_t max, struct bytes *ret_text)
{
    json_t *value = NULL;
    TRY(find(object, name, &value));
    return json_value_text(value, max, ret_text);
}

err json_text_copy(const struct json_t *object, const char *name, char *out, size_t size)
{
    ENSURE(size > 0);
    struct bytes text = {0};
    TRY(json_text(object, name, size - 1, &text));
    return bytes_to_text(text, out, size);
}

err json_int(const struct json_t *object, const char *name, int64_t min, int64_t max,
             int64_t *ret_number)
{
    json_t *value = NULL;
    TRY(find(object, name, &value));
    return json_value_int(value, min, max, ret_number);
}

err json_bool(const struct json_t *object, const char *name, bool *ret_flag)
{
    json_t *value = NULL;
    TRY(find(object, name, &value));
    if (!json_is_boolean(value)) return ERR(FORMAT);
    *ret_flag = json_is_true(value);
    return OK;
}

err json_member(const struct json_t *object, const char *name, struct json_t **ret_object)
{
    json_t *value = NULL;
    TRY(find(object, name, &value));
    if (!json_is_object(value)) return ERR(FORMAT);
    *ret_object = value;
    return OK;
}

err json_list(const struct json_t *object, const char *name, size_t max, struct json_t **ret_array,
              size_t *ret_count)
{
    json_t *value = NULL;
    TRY(find(object, name, &value));
    if (!json_is_array(value)) return ERR(FORMAT);
    if (json_array_size(value) > max) return ERR(LENGTH);
    *ret_array = value;
    *ret_count = json_array_size(value);
    return OK;
}

struct json_t *json_at(const struct json_t *array, size_t index)
{
    return json_array_get(array, index);
}

static bool is_listed(const char *key, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(key, *names) == 0) return true;
    return false;
}

err json_only(const struct json_t *object, const char *const *names)
{
    if (!json_is_object(object)) return ERR(MISSING);
    json_t *members = (json_t *)(uintptr_t)object; /* jansson iterates without const */
    for (void *at = json_object_iter(members); at != NULL; at = json_object_iter_next(members, at))
        if (!is_listed(json_object_iter_key(at), names)) return ERR(FIELD);
    return OK;
}

bool json_next(const struct json_t *object, void **cursor, const char **ret_name,
               struct json_t **ret_value)
{
    if (!json_is_object(object)) return false;
    json_t *members = (json_t *)(uintptr_t)object; /* jansson iterates without const */
    *cursor = *cursor == NULL ? json_object_iter(members) : json_object_iter_next(members, *cursor);
    if (*cursor == NULL) return false;
    *ret_name = json_object_iter_key(*cursor);
    *ret_value = json_object_iter_value(*cursor);
    return true;
}
