/* SPDX-License-Identifier: Apache-2.0 */
/* A form's parts, from one boundary to the next. */
#include "lib/wire/multipart.h"

#include <strings.h>

static bool is_boundary_char(uint8_t c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || (c != '\0' && strchr("'()+_,-./:=?", c) != NULL);
}

/* Cuts `text` off the front, whatever the case of its letters. */
static bool take(struct bytes *left, const char *text)
{
    size_t len = strlen(text);
    if (left->len < len || strncasecmp((const char *)left->at, text, len) != 0) return false;
    *left = bytes_of(left->at + len, left->len - len);
    return true;
}

err multipart_open(struct bytes type, struct bytes body, struct multipart *ret)
{
    struct multipart form = {.left = body};
    if (!take(&type, "multipart/form-data; boundary=")) return ERR(FORMAT);
    if (type.len >= 2 && type.at[0] == '"' && type.at[type.len - 1] == '"')
        type = bytes_of(type.at + 1, type.len - 2);
    if (type.len < 1 || type.len > MULTIPART_BOUNDARY_MAX) return ERR(FORMAT);
    for (size_t i = 0; i < type.len; i++)
        if (!is_boundary_char(type.at[i])) return ERR(FORMAT);
    memcpy(form.delimiter, "\r\n--", 4);
    memcpy(form.delimiter + 4, type.at, type.len);
    form.delimiter_len = 4 + type.len;
    /* The first boundary has no line before it. */
    if (body.len < form.delimiter_len - 2 ||
        memcmp(body.at, form.delimiter + 2, form.delimiter_len - 2) != 0)
        return ERR(FORMAT);
    form.left = bytes_of(body.at + form.delimiter_len - 2, body.len - form.delimiter_len + 2);
    *ret = form;
    return OK;
}

/* A quoted text; browsers write a quotation mark within it as %22. */
static bool take_quoted(struct bytes *left, struct bytes *ret)
{
    if (!take(left, "\"")) return false;
    const uint8_t *end = memchr(left->at, '"', left->len);
    if (end == NULL) return false;
    *ret = bytes_of(left->at, (size_t)(end - left->at));
    *left = bytes_of(end + 1, left->len - ret->len - 1);
    return true;
}

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return name.len > 0 && name.len <= MULTIPART_NAME_MAX;
}

/* One line of a part's headers. */
static bool read_header(struct bytes line, struct multipart_part *part)
{
    struct bytes file;
    if (take(&line, "Content-Type: ")) return true; /* what somebody says that it is */
    if (!take(&line, "Content-Disposition: form-data; name=") || part->name.len > 0) return false;
    if (!take_quoted(&line, &part->name) || !is_name(part->name)) return false;
    if (line.len == 0) return true;
    part->file = true;
    return take(&line, "; filename=") && take_quoted(&line, &file) && line.len == 0;
}

/* The part's headers up to the empty line. */
static enum err_code read_headers(struct bytes *left, struct multipart_part *part)
{
    size_t used = 0;
    for (;;) {
        const uint8_t *end = memmem(left->at, left->len, "\r\n", 2);
        if (end == NULL) return ERR_SHORT;
        struct bytes line = bytes_of(left->at, (size_t)(end - left->at));
        *left = bytes_of(end + 2, left->len - line.len - 2);
        if (line.len == 0) return part->name.len > 0 ? ERR_OK : ERR_FORMAT;
        used += line.len;
        if (used > MULTIPART_HEADERS_MAX) return ERR_LENGTH;
        if (!read_header(line, part)) return ERR_FORMAT;
    }
}

static bool fail(struct multipart *form, enum err_code fault)
{
    form->fault = fault;
    return false;
}

bool multipart_next(struct multipart *form, struct multipart_part *ret)
{
    struct multipart_part part = {.file = false};
    if (form->fault != ERR_OK || form->ended) return false;
    if (take(&form->left, "--")) {
        (void)take(&form->left, "\r\n");
        form->ended = true;
        return form->left.len == 0 ? false : fail(form, ERR_TRAILING);
    }
    if (!take(&form->left, "\r\n")) return fail(form, ERR_FORMAT);
    if (form->parts++ == MULTIPART_PARTS_MAX) return fail(form, ERR_LENGTH);
    enum err_code read = read_headers(&form->left, &part);
    if (read != ERR_OK) return fail(form, read);
    const uint8_t *end =
        memmem(form->left.at, form->left.len, form->delimiter, form->delimiter_len);
    if (end == NULL) return fail(form, ERR_SHORT);
    part.content = bytes_of(form->left.at, (size_t)(end - form->left.at));
    size_t used = part.content.len + form->delimiter_len;
    form->left = bytes_of(form->left.at + used, form->left.len - used);
    *ret = part;
    return true;
}

err multipart_finish(const struct multipart *form)
{
    if (form->fault != ERR_OK) return (err){form->fault};
    return form->ended ? OK : ERR(SHORT);
}
