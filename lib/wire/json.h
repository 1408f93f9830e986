/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json: strict reading (over jansson) and direct writing.
 *
 * Reading refuses duplicate members, more than JSON_DEPTH_MAX levels, anything after the value,
 * bad UTF-8 and NUL characters. Getters say exactly what they take; a reader of requests ends with
 * json_only(), so that a misspelt member is an error and not a default. Memory of a document is
 * wiped when freed: requests may carry passwords.
 *
 * Writing appends to a struct writer; faults (full, bad UTF-8) are the writer's and are looked at
 * once, in writer_finish().
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

enum { JSON_DEPTH_MAX = 16 };

/* ---- reading ---- */

struct json_t; /* a value; jansson's */

struct json_document {
    struct json_t *root;
};

/* `text` of at most `max` bytes, an object or an array. Errors: LENGTH, FORMAT. */
MUST_USE err json_parse(struct bytes text, size_t max, struct json_document *ret_document);
void json_free(struct json_document *document); /* for CLEANUP; an empty one is fine */

/*
 * Members of an object. Errors: MISSING (no such member; `object` is not an object), FORMAT
 * (another type), LENGTH (text longer than `max` bytes), RANGE. Views live as long as the document.
 */
MUST_USE err json_text(const struct json_t *object, const char *name, size_t max,
                       struct bytes *ret_text);
/* The same into a NUL-terminated array of `size` bytes. */
MUST_USE err json_text_copy(const struct json_t *object, const char *name, char *out, size_t size);
MUST_USE err json_int(const struct json_t *object, const char *name, int64_t min, int64_t max,
                      int64_t *ret_number);
MUST_USE err json_bool(const struct json_t *object, const char *name, bool *ret_flag);
MUST_USE err json_member(const struct json_t *object, const char *name, struct json_t **ret_object);
/* An array of at most `max` elements. */
MUST_USE err json_list(const struct json_t *object, const char *name, size_t max,
                       struct json_t **ret_array, size_t *ret_count);
/* Element of an array, NULL past its end. */
struct json_t *json_at(const struct json_t *array, size_t index);

/* The member is there and not null: for what is optional. */
bool json_has(const struct json_t *object, const char *name);

/* Text or number that is an array's element. */
MUST_USE err json_value_text(const struct json_t *value, size_t max, struct bytes *ret_text);
MUST_USE err json_value_int(const struct json_t *value, int64_t min, int64_t max, int64_t *ret);

/* FIELD when the object has a member that is not among `names` (NULL ends them). */
MUST_USE err json_only(const struct json_t *object, const char *const *names);

/*
 * The members of an object in turn, in the order of the text: begin with *cursor NULL, until false.
 * The name is a view of the document.
 */
bool json_next(const struct json_t *object, void **cursor, const char **ret_name,
               struct json_t **ret_value);

/* ---- writing ---- */

/*
 * Canonical JSON (OLPC), which The Update Framework signs: members sorted by their bytes, no white
 * space, of a text only the quotation mark and the backslash escaped. It is never longer than the
 * text it was read from. FORMAT for a number that is no integer: canonical JSON has none. FULL.
 */
MUST_USE err json_canonical_write(const struct json_t *value, struct writer *w);

struct json_out {
    struct writer *w;
    uint32_t levels; /* a bit per open level: something has been written there */
    unsigned depth;
};

static inline struct json_out json_out_over(struct writer *w)
{
    return (struct json_out){.w = w};
}

/* A value: at the top, or an element of an array. */
void json_object_begin(struct json_out *j);
void json_object_end(struct json_out *j);
void json_array_begin(struct json_out *j);
void json_array_end(struct json_out *j);
void json_element_text(struct json_out *j, struct bytes text);
void json_element_int(struct json_out *j, int64_t number);

/* Members of the open object; names are the program's own. */
void json_member_text(struct json_out *j, const char *name, struct bytes text);
void json_member_int(struct json_out *j, const char *name, int64_t number);
void json_member_bool(struct json_out *j, const char *name, bool flag);
void json_member_null(struct json_out *j, const char *name);
void json_member_hex(struct json_out *j, const char *name, struct bytes b); /* upper-case */
void json_member_object(struct json_out *j, const char *name); /* until json_object_end */
void json_member_array(struct json_out *j, const char *name);  /* until json_array_end */
/* `json` must be one JSON value. */
void json_member_raw(struct json_out *j, const char *name, struct bytes json);

/* NUL-terminated text as a member. */
static inline void json_member_string(struct json_out *j, const char *name, const char *text)
{
    json_member_text(j, name, bytes_text(text));
}

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool json_utf8_valid(struct bytes text);
