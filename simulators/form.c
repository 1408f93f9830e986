/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters read strictly, signed sorted, and written escaped. */
#include "simulators/form.h"

#include <stdlib.h>

#include "lib/wire/json.h"

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Appends `text` in clear to the form's block. */
static err unescape(struct form *form, struct bytes text, struct bytes *ret_clear)
{
    if (text.len > FORM_BYTES_MAX - form->used) return ERR(FULL);
    uint8_t *out = form->block + form->used;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c == '%') {
            if (text.len - i < 3) return ERR(FORMAT);
            int high = hex_value(text.at[i + 1]), low = hex_value(text.at[i + 2]);
            if (high < 0 || low < 0) return ERR(FORMAT);
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c == '\0') return ERR(FORMAT);
        out[len++] = c;
    }
    *ret_clear = bytes_of(out, len);
    if (!json_utf8_valid(*ret_clear)) return ERR(FORMAT);
    form->used += len;
    return OK;
}

static const struct form_parameter *find(const struct form *form, struct bytes name)
{
    for (size_t i = 0; i < form->count; i++)
        if (bytes_equal(form->parameter[i].name, name)) return &form->parameter[i];
    return NULL;
}

static err append(struct form *form, struct bytes name, struct bytes value)
{
    if (name.len == 0) return ERR(FORMAT);
    if (name.len > FORM_NAME_MAX) return ERR(LENGTH);
    if (find(form, name) != NULL) return ERR(EXISTS);
    if (form->count == FORM_PARAMETERS_MAX) return ERR(FULL);
    form->parameter[form->count++] = (struct form_parameter){name, value};
    return OK;
}

static err add_one(struct form *form, struct bytes pair)
{
    struct bytes name, value = {0};
    const uint8_t *equals = pair.len > 0 ? memchr(pair.at, '=', pair.len) : NULL;
    size_t len = equals != NULL ? (size_t)(equals - pair.at) : pair.len;
    TRY(unescape(form, bytes_of(pair.at, len), &name));
    if (equals != NULL) TRY(unescape(form, bytes_of(equals + 1, pair.len - len - 1), &value));
    return append(form, name, value);
}

err form_add(struct form *form, struct bytes text)
{
    while (text.len > 0) {
        const uint8_t *and = memchr(text.at, '&', text.len);
        size_t len = and != NULL ? (size_t)(and-text.at) : text.len;
        TRY(add_one(form, bytes_of(text.at, len)));
        if (and == NULL) return OK;
        text = bytes_of(and+1, text.len - len - 1);
        if (text.len == 0) return ERR(FORMAT); /* nothing behind the last '&' */
    }
    return OK;
}

struct bytes form_get(const struct form *form, const char *name)
{
    const struct form_parameter *found = find(form, bytes_text(name));
    return found != NULL ? found->value : (struct bytes){0};
}

err form_set(struct form *form, const char *name, struct bytes value)
{
    if (value.len > FORM_BYTES_MAX - form->used) return ERR(FULL);
    uint8_t *copy = form->block + form->used;
    if (value.len > 0) memcpy(copy, value.at, value.len);
    TRY(append(form, bytes_text(name), bytes_of(copy, value.len)));
    form->used += value.len;
    return OK;
}

static int by_name(const void *a, const void *b)
{
    struct bytes x = (*(const struct form_parameter *const *)a)->name;
    struct bytes y = (*(const struct form_parameter *const *)b)->name;
    size_t shorter = x.len < y.len ? x.len : y.len;
    int order = memcmp(x.at, y.at, shorter);
    return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

static bool is_without(struct bytes name, const char *const *without)
{
    for (; *without != NULL; without++)
        if (bytes_equal(name, bytes_text(*without))) return true;
    return false;
}

void form_signed_text(const struct form *form, const char *const *without, struct writer *w)
{
    const struct form_parameter *sorted[FORM_PARAMETERS_MAX];
    for (size_t i = 0; i < form->count; i++) sorted[i] = &form->parameter[i];
    qsort(sorted, form->count, sizeof sorted[0], by_name);
    bool first = true;
    for (size_t i = 0; i < form->count; i++) {
        if (sorted[i]->value.len == 0 || is_without(sorted[i]->name, without)) continue;
        if (!first) write_bytes(w, BYTES("&"));
        first = false;
        write_bytes(w, sorted[i]->name);
        write_bytes(w, BYTES("="));
        write_bytes(w, sorted[i]->value);
    }
}

static bool is_plain(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == '*';
}

static void write_escaped(struct writer *w, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (is_plain(c)) write_bytes(w, bytes_of(&text.at[i], 1));
        else if (c == ' ') write_bytes(w, BYTES("+"));
        else write_format(w, "%%%02X", c);
    }
}

void form_write(const struct form *form, struct writer *w)
{
    for (size_t i = 0; i < form->count; i++) {
        if (i > 0) write_bytes(w, BYTES("&"));
        write_escaped(w, form->parameter[i].name);
        write_bytes(w, BYTES("="));
        write_escaped(w, form->parameter[i].value);
    }
}
