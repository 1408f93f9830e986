/* SPDX-License-Identifier: Apache-2.0 */
/* Clearing files: written line by line, and read whole or not at all. */
#include "payment/clearing.h"

#include "lib/base/clock.h"
#include "payment/kind.h"

#define DAY_MS     INT64_C(86400000)
#define CUT_OFF_MS (INT64_C(3600000)) /* before midnight */

enum { WORDS_MAX = 11, DIGITS_MAX = 18, ROW_MIN = 30 /* bytes of the shortest row there is */ };

static const char *const networks[PAYMENT_ROUTES] = {"?", "card_network", "wallet"};

static const char *const types[PAYMENT_TYPES] = {
    [PAYMENT_SALE] = "sale",
    [PAYMENT_VOID] = "void",
    [PAYMENT_REFUND] = "refund",
    [PAYMENT_COMPLETION] = "completion",
    [PAYMENT_COMPLETION_ADVICE] = "completion_advice",
    [PAYMENT_COMPLETION_VOID] = "completion_void",
    [PAYMENT_INSTALMENT] = "instalment",
    [PAYMENT_INSTALMENT_VOID] = "instalment_void",
};

static const char *const classes[PAYMENT_CLASSES] = {
    [PAYMENT_CLASS_UNKNOWN] = "unknown", [PAYMENT_CLASS_DEBIT] = "debit",
    [PAYMENT_CLASS_CREDIT] = "credit",   [PAYMENT_CLASS_WALLET] = "wallet",
    [PAYMENT_CLASS_FOREIGN] = "foreign",
};

const char *clearing_network_name(enum payment_route network)
{
    ENSURE(network < PAYMENT_ROUTES);
    return networks[network];
}

/* ---- days ---- */

int32_t clearing_day(int64_t at_ms)
{
    return (int32_t)((at_ms + CLOCK_CHINA_OFFSET_MS + CUT_OFF_MS) / DAY_MS);
}

void clearing_day_mmdd(int32_t day, char out[static 5])
{
    struct civil c = civil_from_ms(day * DAY_MS);
    struct writer w = writer_over(out, 4);
    write_decimal(&w, (uint64_t)c.month, 2);
    write_decimal(&w, (uint64_t)c.day, 2);
    ENSURE(w.fault == ERR_OK && w.len == 4);
    out[4] = '\0';
}

void clearing_day_text(int32_t day, char out[static 11])
{
    struct civil c = civil_from_ms(day * DAY_MS);
    struct writer w = writer_over(out, 10);
    write_decimal(&w, (uint64_t)c.year, 4);
    write_bytes(&w, BYTES("-"));
    write_decimal(&w, (uint64_t)c.month, 2);
    write_bytes(&w, BYTES("-"));
    write_decimal(&w, (uint64_t)c.day, 2);
    ENSURE(w.fault == ERR_OK && w.len == 10);
    out[10] = '\0';
}

err clearing_day_parse(struct bytes text, int32_t *ret_day)
{
    struct reader r = reader_over(text);
    char again[11];
    struct civil c = {.year = (int)read_digits(&r, 4)};
    struct bytes dash = read_bytes(&r, 1);
    c.month = (int)read_digits(&r, 2);
    struct bytes other = read_bytes(&r, 1);
    c.day = (int)read_digits(&r, 2);
    TRY(reader_finish(&r));
    bool form = bytes_equal(dash, BYTES("-")) && bytes_equal(other, BYTES("-"));
    if (!form || c.year < 1970 || c.month < 1 || c.month > 12 || c.day < 1) return ERR(FORMAT);
    int32_t day = (int32_t)(civil_to_ms(c) / DAY_MS);
    clearing_day_text(day, again);
    if (!bytes_equal(text, bytes_text(again))) return ERR(FORMAT); /* 31 April */
    *ret_day = day;
    return OK;
}

/* ---- sums ---- */

err clearing_add(struct clearing_sums *sums, const struct clearing_row *row)
{
    struct clearing_sums s = *sums;
    bool gives = payment_type_row(row->type)->direction == PAYMENT_GIVES;
    s.rows++;
    if (row->stands) {
        int64_t *count = gives ? &s.given_count : &s.taken_count;
        int64_t *minor = gives ? &s.given_minor : &s.taken_minor;
        ++*count;
        TRY(money_add(*minor, row->amount_minor, minor));
        int64_t *fee = gives ? &s.fee_back_minor : &s.fee_minor;
        int64_t *instalment = gives ? &s.instalment_back_minor : &s.instalment_minor;
        TRY(money_add(*fee, row->fee_minor, fee));
        TRY(money_add(*instalment, row->instalment_minor, instalment));
    }
    *sums = s;
    return OK;
}

/* ---- writing ---- */

void clearing_write_head(struct writer *w, const struct clearing_head *head)
{
    char day[11];
    clearing_day_text(head->day, day);
    write_format(w, "clearing 2 %s %s %03u\n", clearing_network_name(head->network), day,
                 head->currency);
}

void clearing_write_row(struct writer *w, const struct clearing_row *row)
{
    ENSURE(row->type < PAYMENT_TYPES && types[row->type] != NULL && classes[row->class] != NULL);
    write_format(w, "%c %s %s %s %lld %lld %lld\n", row->stands ? 'C' : 'R', row->rrn,
                 types[row->type], classes[row->class], (long long)row->amount_minor,
                 (long long)row->fee_minor, (long long)row->instalment_minor);
}

void clearing_write_end(struct writer *w, const struct clearing_sums *s, clearing_digest digest)
{
    uint8_t bytes[CLEARING_DIGEST_BYTES];
    digest(writer_view(w), bytes);
    write_format(w, "end %lld %lld %lld %lld %lld ", (long long)s->rows, (long long)s->taken_count,
                 (long long)s->taken_minor, (long long)s->given_count, (long long)s->given_minor);
    write_format(w, "%lld %lld %lld %lld ", (long long)s->fee_minor, (long long)s->fee_back_minor,
                 (long long)s->instalment_minor, (long long)s->instalment_back_minor);
    write_hex(w, BYTES_OF(bytes));
    write_bytes(w, BYTES("\n"));
}

/* ---- reading ---- */

struct line {
    size_t words;
    struct bytes word[WORDS_MAX];
};

/* One line with its end; false when there is none, or it has empty words or more than any has. */
static bool take_line(struct reader *r, struct line *out)
{
    const uint8_t *end = r->left.len > 0 ? memchr(r->left.at, '\n', r->left.len) : NULL;
    *out = (struct line){0};
    if (end == NULL) return false;
    struct reader words = reader_over(read_bytes(r, (size_t)(end - r->left.at)));
    (void)read_bytes(r, 1);
    while (out->words < WORDS_MAX) {
        struct bytes rest = words.left;
        const uint8_t *space = rest.len > 0 ? memchr(rest.at, ' ', rest.len) : NULL;
        struct bytes word =
            read_bytes(&words, space == NULL ? rest.len : (size_t)(space - rest.at));
        if (word.len == 0) return false;
        out->word[out->words++] = word;
        if (space == NULL) return true;
        (void)read_bytes(&words, 1);
    }
    return false;
}

static bool is(const struct line *line, size_t place, const char *word)
{
    return place < line->words && bytes_equal(line->word[place], bytes_text(word));
}

/* A number has one spelling: no sign, no zeros before it. */
static bool number(struct bytes digits, int64_t *ret)
{
    int64_t value = 0;
    if (!bytes_all_digits(digits) || digits.len > DIGITS_MAX) return false;
    if (digits.len > 1 && digits.at[0] == '0') return false;
    for (size_t i = 0; i < digits.len; i++) value = value * 10 + (digits.at[i] - '0');
    *ret = value;
    return true;
}

/* The place of a word in a list with holes. */
static bool among(const char *const *names, size_t count, struct bytes word, unsigned *ret)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && bytes_equal(word, bytes_text(names[i]))) {
            *ret = (unsigned)i;
            return true;
        }
    return false;
}

static err wrong(struct clearing_fault *fault, uint32_t line, enum err_code code, const char *why)
{
    *fault = (struct clearing_fault){line, why};
    return (err){code};
}

static err read_head(const struct line *line, const struct clearing_head *wanted, int *ret_version,
                     struct clearing_fault *fault)
{
    unsigned network = 0;
    int32_t day = 0;
    int64_t currency = 0;
    if (line->words != 5 || !is(line, 0, "clearing"))
        return wrong(fault, 1, ERR_FORMAT, "it does not begin as a clearing file");
    *ret_version = is(line, 1, "1") ? 1 : 2;
    if (!is(line, 1, "1") && !is(line, 1, "2"))
        return wrong(fault, 1, ERR_UNSUPPORTED, "it is of another version");
    if (!among(networks, PAYMENT_ROUTES, line->word[2], &network) ||
        FAILED(clearing_day_parse(line->word[3], &day)) || !number(line->word[4], &currency))
        return wrong(fault, 1, ERR_FORMAT, "its first line makes no sense");
    if (network != wanted->network)
        return wrong(fault, 1, ERR_CONFLICT, "it is of another network");
    if (day != wanted->day) return wrong(fault, 1, ERR_CONFLICT, "it is of another day");
    if (currency != wanted->currency)
        return wrong(fault, 1, ERR_CONFLICT, "it is of another currency");
    return OK;
}

static const char *read_money(const struct line *line, struct clearing_row *row)
{
    if (!number(line->word[4], &row->amount_minor) || row->amount_minor == 0 ||
        row->amount_minor > MONEY_FIELD_MAX)
        return "an amount is a number of fen, from 1 to twelve digits";
    if (!number(line->word[5], &row->fee_minor) || row->fee_minor > row->amount_minor)
        return "a fee is a number of fen, and no more than the amount";
    if (line->words == 7 && (!number(line->word[6], &row->instalment_minor) ||
                             row->instalment_minor > row->amount_minor))
        return "a fee for instalments is a number of fen, and no more than the amount";
    return NULL;
}

/* Digits and capitals: what has a NUL in it would be shorter in every text. */
static bool is_reference(struct bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.at[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z')) return false;
    }
    return word.len == 12;
}

/* NULL, or what is wrong with it. */
static const char *read_row(const struct line *line, int version, struct clearing_row *out)
{
    unsigned type = 0, class = 0;
    struct clearing_row row = {.stands = is(line, 0, "C")};
    if (line->words != (version == 1 ? 6u : 7u) || (!row.stands && !is(line, 0, "R")))
        return version == 1 ? "a row has C or R and five words behind it"
                            : "a row has C or R and six words behind it";
    if (!is_reference(line->word[1]) ||
        FAILED(bytes_to_text(line->word[1], row.rrn, sizeof row.rrn)))
        return "a reference has twelve digits or capital letters";
    if (!among(types, PAYMENT_TYPES, line->word[2], &type))
        return "there is no such kind of payment";
    if (!among(classes, PAYMENT_CLASSES, line->word[3], &class))
        return "there is no such kind of card";
    row.type = (enum payment_type)type;
    row.class = (enum payment_card_class) class;
    const char *why = read_money(line, &row);
    if (why == NULL) *out = row;
    return why;
}

static bool sums_agree(const struct line *line, const struct clearing_sums *s)
{
    const bool first = s->version == 1; /* which has one sum of fees */
    const int64_t counted[] = {s->rows,
                               s->taken_count,
                               s->taken_minor,
                               s->given_count,
                               s->given_minor,
                               first ? s->fee_minor + s->fee_back_minor : s->fee_minor,
                               s->fee_back_minor,
                               s->instalment_minor,
                               s->instalment_back_minor};
    for (size_t i = 0; i < (first ? 6u : ARRAY_LEN(counted)); i++) {
        int64_t said = 0;
        if (!number(line->word[i + 1], &said) || said != counted[i]) return false;
    }
    return true;
}

static bool digest_agrees(struct bytes before, struct bytes said, clearing_digest digest)
{
    uint8_t bytes[CLEARING_DIGEST_BYTES];
    char hex[2 * CLEARING_DIGEST_BYTES];
    struct writer w = writer_over(hex, sizeof hex);
    digest(before, bytes);
    write_hex(&w, BYTES_OF(bytes));
    return bytes_equal(said, writer_view(&w));
}

static err read_end(struct reader *r, const struct line *line, size_t before, uint32_t at,
                    const struct clearing_sums *sums, clearing_digest digest,
                    struct clearing_fault *fault)
{
    const size_t words = sums->version == 1 ? 8 : WORDS_MAX;
    if (line->words != words) return wrong(fault, at, ERR_CORRUPT, "its end is not whole");
    if (!sums_agree(line, sums))
        return wrong(fault, at, ERR_CORRUPT, "its end does not agree with its rows");
    if (!digest_agrees(bytes_of(r->start, before), line->word[words - 1], digest))
        return wrong(fault, at, ERR_CORRUPT, "its digest is not that of its bytes");
    if (r->left.len > 0)
        return wrong(fault, at + 1, ERR_CORRUPT, "something stands behind its end");
    return OK;
}

/* One more row, in its place behind the others. */
static err take_row(const struct line *line, uint32_t at, struct clearing_row *rows, size_t count,
                    struct clearing_sums *sums, struct clearing_fault *fault)
{
    const char *why = read_row(line, sums->version, &rows[count]);
    if (why != NULL) return wrong(fault, at, ERR_FORMAT, why);
    int order = count == 0 ? 1 : strcmp(rows[count].rrn, rows[count - 1].rrn);
    if (order == 0) return wrong(fault, at, ERR_EXISTS, "its reference is there twice");
    if (order < 0) return wrong(fault, at, ERR_FORMAT, "rows are not in order");
    if (FAILED(clearing_add(sums, &rows[count])))
        return wrong(fault, at, ERR_RANGE, "its sums are too large");
    return OK;
}

err clearing_parse(struct bytes file, const struct clearing_head *wanted, clearing_digest digest,
                   struct clearing_row *rows, size_t max, size_t *ret_count,
                   struct clearing_sums *ret_sums, struct clearing_fault *fault)
{
    struct reader r = reader_over(file);
    struct clearing_sums sums = {0};
    struct line line;
    size_t count = 0;
    if (!take_line(&r, &line)) return wrong(fault, 0, ERR_CORRUPT, "it is empty or cut short");
    TRY(read_head(&line, wanted, &sums.version, fault));
    for (uint32_t at = 2;; at++) {
        size_t before = reader_offset(&r);
        if (r.left.len == 0 || memchr(r.left.at, '\n', r.left.len) == NULL)
            return wrong(fault, 0, ERR_CORRUPT, "it is cut short: it has no end");
        if (!take_line(&r, &line))
            return wrong(fault, at, ERR_FORMAT, "a line has words with one space between them");
        if (is(&line, 0, "end")) {
            TRY(read_end(&r, &line, before, at, &sums, digest, fault));
            break;
        }
        if (count == max) return wrong(fault, at, ERR_RANGE, "it has more rows than we can hold");
        TRY(take_row(&line, at, rows, count++, &sums, fault));
    }
    *ret_count = count;
    *ret_sums = sums;
    return OK;
}

void clearing_file_digest(struct bytes file, char out[static 2 * CLEARING_DIGEST_BYTES + 1])
{
    enum { HEX = 2 * CLEARING_DIGEST_BYTES };
    ENSURE(file.len > HEX + 1); /* it was parsed */
    memcpy(out, file.at + file.len - 1 - HEX, HEX);
    out[HEX] = '\0';
}

size_t clearing_rows_max(struct bytes file)
{
    return file.len / ROW_MIN + 1;
}
