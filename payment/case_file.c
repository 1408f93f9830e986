/* SPDX-License-Identifier: Apache-2.0 */
/* Files of disputed payments: read whole or not at all. */
#include "payment/case_file.h"

enum { WORDS = 6, AMOUNT_DIGITS = 12 };

struct line {
    size_t words;
    struct bytes word[WORDS];
};

/* One line with its end; false when it has none, more words than any, or empty ones. */
static bool take_line(struct reader *r, struct line *out)
{
    const uint8_t *end = r->left.len > 0 ? memchr(r->left.at, '\n', r->left.len) : NULL;
    *out = (struct line){0};
    if (end == NULL) return false;
    struct reader words = reader_over(read_bytes(r, (size_t)(end - r->left.at)));
    (void)read_bytes(r, 1);
    while (out->words < WORDS) {
        struct bytes rest = words.left;
        const uint8_t *space = rest.len > 0 ? memchr(rest.at, ' ', rest.len) : NULL;
        out->word[out->words] =
            read_bytes(&words, space == NULL ? rest.len : (size_t)(space - rest.at));
        if (out->word[out->words++].len == 0) return false;
        if (space == NULL) return true;
        (void)read_bytes(&words, 1);
    }
    return false;
}

static bool is(const struct line *line, size_t place, const char *word)
{
    return place < line->words && bytes_equal(line->word[place], bytes_text(word));
}

static err wrong(struct clearing_fault *fault, uint32_t line, enum err_code code, const char *why)
{
    *fault = (struct clearing_fault){line, why};
    return (err){code};
}

static bool number(struct bytes digits, int64_t *ret)
{
    int64_t value = 0;
    if (!bytes_all_digits(digits) || digits.len > AMOUNT_DIGITS) return false;
    for (size_t i = 0; i < digits.len; i++) value = value * 10 + (digits.at[i] - '0');
    *ret = value;
    return true;
}

/* Letters, digits, '-' and '_': what stands in lists and file names. */
static bool plain(struct bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    return word.len > 0;
}

/* A plain word that fits. */
static bool take_word(struct bytes word, char *to, size_t size)
{
    return plain(word) && !FAILED(bytes_to_text(word, to, size));
}

/* NULL, or what is wrong with it. */
static const char *read_row(const struct line *line, struct case_row *out)
{
    struct case_row row = {.chargeback = is(line, 1, "chargeback")};
    if (line->words != WORDS) return "a case has six words";
    if (!take_word(line->word[0], row.network_case, sizeof row.network_case))
        return "a case has a number of at most 32 letters and digits";
    if (!row.chargeback && !is(line, 1, "retrieval"))
        return "a case is a retrieval or a chargeback";
    if (line->word[2].len != 12 || !take_word(line->word[2], row.rrn, sizeof row.rrn))
        return "a reference has twelve characters";
    if (!take_word(line->word[3], row.reason, sizeof row.reason))
        return "a reason is a word of at most 24 letters";
    if (!number(line->word[4], &row.amount_minor) || row.amount_minor == 0)
        return "an amount is a number of fen, from 1 to twelve digits";
    if (FAILED(clearing_day_parse(line->word[5], &row.deadline)))
        return "a deadline is a day such as 2026-03-16";
    *out = row;
    return NULL;
}

static err read_end(const struct reader *r, const struct line *line, size_t before, uint32_t at,
                    size_t count, clearing_digest digest, struct clearing_fault *fault)
{
    uint8_t bytes[CLEARING_DIGEST_BYTES];
    char hex[2 * CLEARING_DIGEST_BYTES];
    struct writer w = writer_over(hex, sizeof hex);
    int64_t said = 0;
    if (line->words != 3 || !number(line->word[1], &said) || (size_t)said != count)
        return wrong(fault, at, ERR_CORRUPT, "its end does not agree with its rows");
    digest(bytes_of(r->start, before), bytes);
    write_hex(&w, BYTES_OF(bytes));
    if (!bytes_equal(line->word[2], writer_view(&w)))
        return wrong(fault, at, ERR_CORRUPT, "its digest is not that of its bytes");
    if (r->left.len > 0)
        return wrong(fault, at + 1, ERR_CORRUPT, "something stands behind its end");
    return OK;
}

static bool twice(const struct case_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].network_case, rows[count].network_case) == 0) return true;
    return false;
}

static err read_head(struct reader *r, enum payment_route network, struct clearing_fault *fault)
{
    struct line line;
    if (!take_line(r, &line)) return wrong(fault, 0, ERR_CORRUPT, "it is empty or cut short");
    if (line.words != 3 || !is(&line, 0, "cases") || !is(&line, 1, "1"))
        return wrong(fault, 1, ERR_FORMAT, "it does not begin as a file of cases");
    if (!is(&line, 2, clearing_network_name(network)))
        return wrong(fault, 1, ERR_CONFLICT, "it is of another network");
    return OK;
}

err case_file_parse(struct bytes file, enum payment_route network, clearing_digest digest,
                    struct case_row *rows, size_t max, size_t *ret_count,
                    struct clearing_fault *fault)
{
    struct reader r = reader_over(file);
    struct line line;
    size_t count = 0;
    TRY(read_head(&r, network, fault));
    for (uint32_t at = 2;; at++) {
        size_t before = reader_offset(&r);
        if (r.left.len == 0) return wrong(fault, 0, ERR_CORRUPT, "it is cut short: it has no end");
        if (!take_line(&r, &line))
            return wrong(fault, at, ERR_CORRUPT, "a line is cut short, or has no such words");
        if (is(&line, 0, "end")) {
            TRY(read_end(&r, &line, before, at, count, digest, fault));
            break;
        }
        if (count == max) return wrong(fault, at, ERR_RANGE, "it has more cases than we can hold");
        const char *why = read_row(&line, &rows[count]);
        if (why != NULL) return wrong(fault, at, ERR_FORMAT, why);
        if (twice(rows, count++)) return wrong(fault, at, ERR_EXISTS, "its case is there twice");
    }
    *ret_count = count;
    return OK;
}
