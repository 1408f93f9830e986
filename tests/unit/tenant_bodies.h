/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bodies that keep to a row's table, with one member that says what the test wants. */

#include "tests/unit/tenant_rig.h"

/* One body being written: `slot` counts down to the member that says `text`. */
struct body {
    struct json_out j;
    int slot;
    const char *text;
    bool placed;
};

static inline void write_members(struct body *body, const struct api_schema *schema);

/* The member of the slot: the id as a text, or as a number where one is wanted. */
static inline bool write_slot(struct body *body, const struct api_field *field)
{
    size_t len = strlen(body->text);
    bool digits = bytes_all_digits(bytes_text(body->text)) && len <= 18;
    if (field->type == API_TEXT && len >= (size_t)field->min && len <= (size_t)field->max) {
        json_member_string(&body->j, field->name, body->text);
        return body->placed = true;
    }
    if (field->type != API_INT || !digits) return false;
    int64_t number = strtoll(body->text, NULL, 10);
    if (number < field->min || number > field->max) return false;
    json_member_int(&body->j, field->name, number);
    return body->placed = true;
}

/* Some value that the table allows. */
static inline void write_any(struct body *body, const struct api_field *field)
{
    static const char filler[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    size_t least = field->min > 0 ? (size_t)field->min : 1;
    struct json_out *j = &body->j;
    switch (field->type) {
    case API_TEXT:
        json_member_text(j, field->name, bytes_of(filler, least < 128 ? least : 128));
        break;
    case API_INT:
    case API_MONEY:
    case API_TIME:
        json_member_int(j, field->name, field->min);
        break;
    case API_BOOL:
        json_member_bool(j, field->name, true);
        break;
    case API_WORD:
        json_member_string(j, field->name, field->words[0]);
        break;
    case API_OBJECT:
        json_member_object(j, field->name);
        write_members(body, field->of);
        json_object_end(j);
        break;
    case API_TEXTS:
        json_member_array(j, field->name);
        for (int64_t i = 0; i < field->min; i++) json_element_text(j, BYTES("keys:read"));
        json_array_end(j);
        break;
    case API_LIST:
        json_member_array(j, field->name);
        json_object_begin(j);
        write_members(body, field->of);
        json_object_end(j);
        json_array_end(j);
        break;
    case API_TYPES:
        break;
    }
}

/* What must be there, and the slot. */
static inline void write_members(struct body *body, const struct api_schema *schema)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct api_field *field = &schema->field[i];
        bool leaf = field->type != API_OBJECT && field->type != API_LIST;
        if (leaf && body->slot-- == 0 && write_slot(body, field)) continue;
        bool inner = !leaf && body->slot >= 0;
        if (!field->optional || inner) write_any(body, field);
    }
}

/* False when the row's body has no such member, or it cannot say this. */
static inline bool body_with(const struct api_route *row, int slot, const char *text, char *out,
                             size_t size)
{
    struct writer w = writer_over(out, size - 1);
    struct body body = {.j = json_out_over(&w), .slot = slot, .text = text};
    if (row->body == NULL) {
        out[0] = '\0';
        return false;
    }
    json_object_begin(&body.j);
    write_members(&body, row->body);
    json_object_end(&body.j);
    assert_int_equal(w.fault, ERR_OK);
    out[w.len] = '\0';
    return body.placed;
}
