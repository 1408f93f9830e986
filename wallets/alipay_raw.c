/* SPDX-License-Identifier: Apache-2.0 */
/* A scanner of the first level of an object. What is inside a value is json.h's to judge. */
#include "wallets/alipay_raw.h"

#include "lib/base/reader.h"

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct reader *r)
{
    while (r->left.len > 0 && is_space(r->left.at[0])) (void)read_bytes(r, 1);
}

static uint8_t peek(const struct reader *r)
{
    return r->left.len > 0 ? r->left.at[0] : 0;
}

static void expect(struct reader *r, uint8_t c)
{
    if (peek(r) != c) reader_fail(r, ERR_FORMAT);
    else (void)read_bytes(r, 1);
}

/* Between quotes, escapes and all. */
static struct bytes read_string(struct reader *r)
{
    expect(r, '"');
    const uint8_t *start = r->left.at;
    size_t len = 0;
    while (r->fault == ERR_OK) {
        uint64_t c = read_be(r, 1);
        if (c == '"') break;
        len++;
        if (c != '\\') continue;
        (void)read_bytes(r, 1);
        len++;
    }
    return r->fault == ERR_OK ? bytes_of(start, len) : (struct bytes){0};
}

/* An object or array with its brackets, a string without its quotes, or anything else up to a comma
 * or bracket. */
static struct bytes read_value(struct reader *r)
{
    if (peek(r) == '"') return read_string(r);
    struct bytes whole = r->left;
    unsigned depth = 0;
    while (r->fault == ERR_OK) {
        uint8_t c = peek(r);
        if (depth == 0 && (c == ',' || c == '}' || c == ']' || is_space(c))) break;
        if (c == '"') {
            (void)read_string(r);
            continue;
        }
        (void)read_bytes(r, 1);
        if (c == '{' || c == '[') depth++;
        if (c != '}' && c != ']') continue;
        if (--depth == 0) break;
    }
    return bytes_of(whole.at, whole.len - r->left.len);
}

err alipay_raw_member(struct bytes raw, struct bytes name, struct bytes *ret_value)
{
    struct reader r = reader_over(raw);
    struct bytes value = {0};
    bool found = false, more = true;
    skip_space(&r);
    expect(&r, '{');
    while (more && r.fault == ERR_OK) {
        skip_space(&r);
        struct bytes member = read_string(&r);
        skip_space(&r);
        expect(&r, ':');
        skip_space(&r);
        struct bytes one = read_value(&r);
        if (r.fault == ERR_OK && bytes_equal(member, name)) {
            if (found) return ERR(CONFLICT);
            found = true;
            value = one;
        }
        skip_space(&r);
        more = peek(&r) == ',';
        if (more) (void)read_bytes(&r, 1);
    }
    expect(&r, '}');
    skip_space(&r);
    TRY(reader_finish(&r));
    if (!found) return ERR(NOT_FOUND);
    *ret_value = value;
    return OK;
}
