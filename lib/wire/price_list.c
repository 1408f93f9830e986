/* SPDX-License-Identifier: Apache-2.0 */
/* One spelling of a price list, and its digest. */
#include "lib/wire/price_list.h"

#include "lib/wire/backup_source.h"
#include "lib/wire/json.h"

static const char head[] = "tongbao prices 1\n";

_Static_assert(sizeof head + PRICE_GOODS_MAX * (PRICE_CODE_MAX + 9 + PRICE_BARCODE_MAX +
                                                PRICE_CATEGORY_MAX + 2 * PRICE_NAME_MAX + 6) <=
                   PRICE_LIST_MAX,
               "every line at its longest");

/* ---- what a good may be ---- */

static bool code_fits(const char *code)
{
    static const char may[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return code[0] != '\0' && strspn(code, may) == strlen(code);
}

/* Printable, no blank at its ends, and no wider than a slip: Chinese takes two columns. */
static bool text_fits(const char *text, size_t columns)
{
    struct bytes all = bytes_text(text);
    size_t wide = 0;
    if (!json_utf8_valid(all)) return false;
    for (size_t i = 0; i < all.len; i++) {
        uint8_t c = all.at[i];
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && all.at[i + 1] < 0xa0)) return false;
        if ((c & 0xc0) != 0x80) wide += c < 0x80 ? 1 : 2;
    }
    return wide <= columns && (all.len == 0 || (all.at[0] != ' ' && all.at[all.len - 1] != ' '));
}

const char *price_good_fault(const struct price_good *good)
{
    if (!code_fits(good->code)) return "code";
    if (good->name[0] == '\0' || !text_fits(good->name, PRICE_NAME_COLUMNS)) return "name";
    if (!text_fits(good->name_en, PRICE_NAME_COLUMNS)) return "name_en";
    if (!text_fits(good->category, PRICE_CATEGORY_MAX)) return "category";
    if (good->barcode[0] != '\0' && !bytes_all_digits(bytes_text(good->barcode))) return "barcode";
    if (good->price_minor < 1 || good->price_minor > PRICE_MINOR_MAX) return "price";
    return NULL;
}

/* ---- writing ---- */

void price_list_begin(struct writer *w)
{
    write_bytes(w, bytes_text(head));
}

void price_list_add(struct writer *w, const struct price_good *good)
{
    ENSURE(price_good_fault(good) == NULL);
    write_format(w, "%s\t%lld\t%s\t%s\t%s\t%s\n", good->code, (long long)good->price_minor,
                 good->barcode, good->category, good->name, good->name_en);
}

/* ---- reading ---- */

/* What stands before `mark`, which is passed over. */
static bool read_until(struct reader *r, uint8_t mark, struct bytes *ret)
{
    size_t len = 0;
    while (len < r->left.len && r->left.at[len] != mark) len++;
    *ret = read_bytes(r, len);
    return read_bytes(r, 1).len == 1;
}

static bool read_text(struct reader *r, uint8_t mark, char *to, size_t size)
{
    struct bytes text;
    return read_until(r, mark, &text) && !FAILED(bytes_to_text(text, to, size)) &&
           strlen(to) == text.len; /* no NUL in it */
}

static bool read_price(struct reader *r, int64_t *ret)
{
    struct bytes digits;
    int64_t price = 0;
    if (!read_until(r, '\t', &digits) || digits.len == 0 || digits.len > 9) return false;
    if (!bytes_all_digits(digits) || digits.at[0] == '0') return false;
    for (size_t i = 0; i < digits.len; i++) price = price * 10 + (digits.at[i] - '0');
    *ret = price;
    return true;
}

err price_list_open(struct bytes document, struct price_reader *ret_reader)
{
    struct price_reader reader = {.r = reader_over(document)};
    if (document.len > PRICE_LIST_MAX ||
        !bytes_equal(read_bytes(&reader.r, sizeof head - 1), bytes_text(head)))
        return ERR(FORMAT);
    *ret_reader = reader;
    return OK;
}

err price_list_next(struct price_reader *reader, struct price_good *out, bool *ret_more)
{
    struct reader *r = &reader->r;
    struct price_good g = {.price_minor = 0};
    *ret_more = r->left.len > 0;
    if (!*ret_more) return OK;
    if (reader->count == PRICE_GOODS_MAX) return ERR(FORMAT);
    if (!read_text(r, '\t', g.code, sizeof g.code) || !read_price(r, &g.price_minor) ||
        !read_text(r, '\t', g.barcode, sizeof g.barcode) ||
        !read_text(r, '\t', g.category, sizeof g.category) ||
        !read_text(r, '\t', g.name, sizeof g.name) ||
        !read_text(r, '\n', g.name_en, sizeof g.name_en) || price_good_fault(&g) != NULL)
        return ERR(FORMAT);
    reader->count++;
    *out = g;
    return OK;
}

/* ---- the digest ---- */

static err read_bytes_at(void *context, uint64_t offset, void *block, size_t max, size_t *ret_len)
{
    const struct bytes *all = context;
    size_t at = offset < all->len ? (size_t)offset : all->len, left = all->len - at;
    *ret_len = left < max ? left : max;
    if (*ret_len > 0) memcpy(block, all->at + at, *ret_len);
    return OK;
}

err price_list_digest(struct bytes document, uint8_t ret_digest[PRICE_DIGEST])
{
    _Static_assert((int)PRICE_DIGEST == (int)BACKUP_DIGEST_BYTES, "SHA-256");
    const struct backup_source source = {read_bytes_at, &document};
    uint64_t len = 0;
    TRY(backup_source_digest(&source, ret_digest, &len));
    ENSURE(len == document.len);
    return OK;
}
