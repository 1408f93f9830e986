/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of an application: their table, and one spelling for what people type. */
#include "backoffice/applications/form.h"

#include <stdio.h>

#include "backoffice/applications/recommend.h"
#include "backoffice/applications/regions.h"
#include "backoffice/applications/trades.h"
#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "lib/wire/json.h"

static const struct apply_field_row fields[APPLY_FIELDS] = {
#define X(number, name, word, kind, min, max, step, secret, zh, en, rule_zh, rule_en) \
    [number] = {word, kind, min, max, step, secret, zh, en, rule_zh, rule_en},
    APPLY_FIELD_LIST(X)
#undef X
};

const struct apply_field_row *apply_field_row(enum apply_field field)
{
    ENSURE(field > 0 && field < APPLY_FIELDS);
    return &fields[field];
}

enum apply_field apply_field_of(struct bytes word)
{
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++)
        if (bytes_equal(word, bytes_text(fields[f].word))) return f;
    return 0;
}

/* ---- one spelling ---- */

enum { TYPED_MAX = 512 };

/* Full-width digits, letters and signs as their ASCII (U+FF01 to U+FF5E are ASCII's 0x21 to 0x7E),
 * an ideographic space as a space, everything else as it is. Says how many bytes it took. */
static char as_ascii(struct bytes left, size_t *ret_taken)
{
    const uint8_t *c = left.at;
    bool three = left.len > 2 && (c[0] == 0xEF || c[0] == 0xE3);
    unsigned point = three ? (c[0] & 15u) << 12 | (c[1] & 63u) << 6 | (c[2] & 63u) : 0;
    bool wide = point >= 0xFF01 && point <= 0xFF5E;
    *ret_taken = wide || point == 0x3000 ? 3 : 1;
    if (point == 0x3000) return ' ';
    return wide ? (char)(point - 0xFF01 + 0x21) : (char)c[0];
}

/* UTF-8 without blanks at its ends and without controls. */
static err plain(struct bytes typed, char out[static TYPED_MAX + 1])
{
    size_t len = 0, taken = 0;
    if (typed.len > TYPED_MAX) return ERR(LENGTH);
    if (!json_utf8_valid(typed)) return ERR(FORMAT);
    for (size_t i = 0; i < typed.len; i += taken) {
        char c = as_ascii(bytes_of(typed.at + i, typed.len - i), &taken);
        if ((c >= 0 && c < 0x20) || c == 0x7F) return ERR(FORMAT);
        if (c != ' ' || len > 0) out[len++] = c;
    }
    while (len > 0 && out[len - 1] == ' ') len--;
    out[len] = '\0';
    return OK;
}

/* Without spaces, hyphens and commas, letters as capitals. */
static void squeeze(char *text)
{
    size_t len = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == ' ' || *c == '-' || *c == ',') continue;
        text[len++] = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
    text[len] = '\0';
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        if (((uint8_t)*text & 0xC0) != 0x80) count++;
    return count;
}

static bool is_date(struct bytes digits)
{
    struct reader r = reader_over(digits);
    struct civil day = {.year = (int)read_digits(&r, 4)};
    day.month = (int)read_digits(&r, 2);
    day.day = (int)read_digits(&r, 2);
    if (FAILED(reader_finish(&r)) || day.year < 1901 || day.month < 1 || day.month > 12 ||
        day.day < 1 || day.day > 31)
        return false;
    /* civil_to_ms() is exact from 1970 on; a day of 1901 to 1969 is one of 80 years later
     * (the same leap years). */
    if (day.year < 1970) day.year += 80;
    struct civil back = civil_from_ms(civil_to_ms(day));
    return back.month == day.month && back.day == day.day;
}

/* GB 11643, ISO/IEC 7064 MOD 11-2. */
static err check_identity(const char *text)
{
    static const unsigned weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    if (strlen(text) != APPLY_IDENTITY_CHARS) return ERR(LENGTH);
    if (!bytes_all_digits(bytes_of(text, 17)) || !is_date(bytes_of(text + 6, 8)))
        return ERR(FORMAT);
    for (size_t i = 0; i < 17; i++) sum += (unsigned)(text[i] - '0') * weight[i];
    return text[17] == "10X98765432"[sum % 11] ? OK : ERR(FORMAT);
}

/* GB 32100: MOD 31-3 over an alphabet without I, O, S, V, Z. */
static err check_credit(const char *text)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    size_t sum = 0, weight = 1;
    if (strlen(text) != APPLY_IDENTITY_CHARS) return ERR(LENGTH);
    for (size_t i = 0; i < 17; i++) {
        const char *at = strchr(alphabet, text[i]);
        if (at == NULL) return ERR(FORMAT);
        sum += (size_t)(at - alphabet) * weight;
        weight = weight * 3 % 31;
    }
    return text[17] == alphabet[(31 - sum % 31) % 31] ? OK : ERR(FORMAT);
}

static err check_digits(const char *text, size_t min, size_t max)
{
    size_t len = strlen(text);
    if (len < min || len > max) return ERR(LENGTH);
    return bytes_all_digits(bytes_text(text)) ? OK : ERR(FORMAT);
}

static err normalise_until(char *text)
{
    char kept[16];
    if (strcmp(text, "长期") == 0 || strcmp(text, "long-term") == 0) {
        snprintf(text, TYPED_MAX, "long-term");
        return OK;
    }
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return ERR(FORMAT);
    snprintf(kept, sizeof kept, "%.4s%.2s%.2s", text, text + 5, text + 8);
    return is_date(bytes_text(kept)) ? OK : ERR(FORMAT);
}

static err normalise_money(char *text)
{
    int64_t minor = 0;
    struct writer w = writer_over(text, TYPED_MAX);
    if (strchr(text, '-') != NULL) return ERR(FORMAT); /* less than nothing, and no hyphen */
    squeeze(text);
    TRY(money_parse(bytes_text(text), &minor));
    money_write(&w, minor);
    text[w.len] = '\0';
    return OK;
}

/* The needs in their own order, each once. */
static err normalise_needs(char *text)
{
    unsigned needs = 0;
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, " ");
        unsigned need = 0;
        for (unsigned bit = 1; bit <= NEEDS_ALL; bit <<= 1)
            if (bytes_equal(bytes_of(at, len), bytes_text(need_word(bit)))) need = bit;
        if (need == 0) return ERR(FORMAT);
        needs |= need;
        at += len;
        at += strspn(at, " ");
    }
    struct writer w = writer_over(text, TYPED_MAX);
    for (unsigned bit = 1; bit <= NEEDS_ALL; bit <<= 1)
        if (needs & bit) write_format(&w, "%s%s", w.len > 0 ? " " : "", need_word(bit));
    text[w.len] = '\0';
    return OK;
}

static enum applicant_type type_of(const char *text)
{
    for (enum applicant_type t = APPLICANT_INDIVIDUAL; t < APPLICANT_TYPES; t++)
        if (strcmp(text, applicant_type_word(t)) == 0) return t;
    return 0;
}

static err check_text(const char *text, size_t min, size_t max)
{
    size_t len = characters(text);
    return len < min || len > max ? ERR(LENGTH) : OK;
}

static err check_listed(enum apply_kind kind, char *text)
{
    squeeze(text);
    bool listed = kind == APPLY_IS_TRADE ? trade_of(text) != NULL : region_of(text) != NULL;
    return listed ? OK : ERR(FORMAT);
}

static err check(const struct apply_field_row *row, char *text)
{
    switch (row->kind) {
    case APPLY_IS_TEXT:
        return check_text(text, row->min, row->max);
    case APPLY_IS_TYPE:
        return type_of(text) != 0 ? OK : ERR(FORMAT);
    case APPLY_IS_NEEDS:
        return normalise_needs(text);
    case APPLY_IS_MONEY:
        return normalise_money(text);
    case APPLY_IS_UNTIL:
        return normalise_until(text);
    case APPLY_IS_IDENTITY:
        squeeze(text);
        return check_identity(text);
    case APPLY_IS_CREDIT:
        squeeze(text);
        return check_credit(text);
    case APPLY_IS_PHONE:
        squeeze(text);
        TRY(check_digits(text, 11, 11));
        return text[0] == '1' && text[1] >= '3' ? OK : ERR(FORMAT);
    case APPLY_IS_DIGITS:
        squeeze(text);
        return check_digits(text, row->min, row->max);
    case APPLY_IS_TRADE:
    case APPLY_IS_REGION:
        return check_listed(row->kind, text);
    }
    ENSURE(!"a kind of the list");
    return OK;
}

err apply_normalise(enum apply_field field, struct bytes typed, char out[static APPLY_TEXT_MAX + 1])
{
    const struct apply_field_row *row = apply_field_row(field);
    char text[TYPED_MAX + 1];
    err e = plain(typed, text);
    if (!FAILED(e) && text[0] != '\0') e = check(row, text);
    if (!FAILED(e)) e = bytes_to_text(bytes_text(text), out, APPLY_TEXT_MAX + 1);
    explicit_bzero(text, sizeof text);
    return e;
}

void apply_mask(enum apply_field field, const char *text, char out[static APPLY_TEXT_MAX + 1])
{
    size_t len = strlen(text);
    if (!apply_field_row(field)->secret || len == 0) snprintf(out, APPLY_TEXT_MAX + 1, "%s", text);
    else if (field == APPLY_IDENTITY && len == APPLY_IDENTITY_CHARS)
        snprintf(out, APPLY_TEXT_MAX + 1, "%.3s***********%s", text, text + 14);
    else snprintf(out, APPLY_TEXT_MAX + 1, "****%s", len > 8 ? text + len - 4 : "");
}

int32_t apply_born(const char *identity)
{
    struct reader r = reader_over(bytes_of(identity + 6, 8));
    ENSURE(strlen(identity) == APPLY_IDENTITY_CHARS);
    return (int32_t)read_digits(&r, 8);
}

/* ---- what is asked ---- */

bool apply_is_asked(const struct apply_form *form, enum apply_field field)
{
    enum applicant_type type = apply_type(form);
    bool licence = field == APPLY_LICENCE || field == APPLY_LICENCE_ENDS;
    return !licence || (type != APPLICANT_MICRO && type != APPLICANT_PERSON);
}

uint32_t apply_missing(const struct apply_form *form)
{
    uint32_t missing = 0;
    for (enum apply_field f = APPLY_TYPE; f < APPLY_FIELDS; f++)
        if (form->text[f][0] == '\0' && apply_is_asked(form, f)) missing |= 1u << f;
    return missing;
}

bool apply_name_fits(const struct apply_form *form)
{
    return apply_type(form) != APPLICANT_MICRO || strstr(form->text[APPLY_SHOP], "公司") == NULL;
}

/* The first two characters of a name that begins with a place: 海淀 of 海淀区开源茶馆. */
static bool begins_with_place(const char *name, const char *address)
{
    char place[16];
    size_t len = 0, count = 0;
    while (name[len] != '\0') {
        if (((uint8_t)name[len] & 0xC0) != 0x80 && ++count == 3) break;
        len++;
    }
    if (count < 2 || len >= sizeof place) return false;
    memcpy(place, name, len);
    place[len] = '\0';
    return strstr(address, place) != NULL;
}

unsigned apply_name_lacks(const struct apply_form *form)
{
    const char *name = form->text[APPLY_SHOP], *address = form->text[APPLY_ADDRESS];
    const struct region *city = region_of(form->text[APPLY_REGION]);
    const struct trade *trade = trade_of(form->text[APPLY_TRADE]);
    if (name[0] == '\0' || city == NULL || trade == NULL) return 0;
    bool placed = strstr(name, city->zh) != NULL ||
                  strstr(name, region_province(city)->zh) != NULL ||
                  begins_with_place(name, address);
    return (placed ? 0u : NAME_LACKS_REGION) |
           (trade_is_named(trade, name) ? 0u : NAME_LACKS_TRADE) |
           (characters(name) < APPLY_NAME_MIN ? NAME_LACKS_LENGTH : 0u);
}

enum applicant_type apply_type(const struct apply_form *form)
{
    return type_of(form->text[APPLY_TYPE]);
}

const char *apply_type_text(enum applicant_type type, bool english)
{
    static const char *const zh[APPLICANT_TYPES] = {"", "个体工商户", "小微商户（无营业执照）",
                                                    "企业", "个人（不经营）"};
    static const char *const en[APPLICANT_TYPES] = {"", "Individual business",
                                                    "Micro-merchant, without a licence", "Company",
                                                    "A person who does not trade"};
    return english ? en[type] : zh[type];
}

unsigned apply_needs(const struct apply_form *form)
{
    unsigned needs = 0;
    for (const char *at = form->text[APPLY_NEEDS]; *at != '\0';) {
        size_t len = strcspn(at, " ");
        for (unsigned bit = 1; bit <= NEEDS_ALL; bit <<= 1)
            if (bytes_equal(bytes_of(at, len), bytes_text(need_word(bit)))) needs |= bit;
        at += len;
        at += strspn(at, " ");
    }
    return needs;
}

int64_t apply_turnover(const struct apply_form *form)
{
    int64_t minor = -1;
    if (form->text[APPLY_TURNOVER][0] == '\0') return -1;
    return FAILED(money_parse(bytes_text(form->text[APPLY_TURNOVER]), &minor)) ? -1 : minor;
}

int32_t apply_until(const struct apply_form *form, enum apply_field field)
{
    const char *text = form->text[field];
    char digits[16];
    ENSURE(apply_field_row(field)->kind == APPLY_IS_UNTIL);
    if (text[0] == '\0') return ELIGIBILITY_NONE;
    if (strcmp(text, "long-term") == 0) return ELIGIBILITY_LONG_TERM;
    snprintf(digits, sizeof digits, "%.4s%.2s%.2s", text, text + 5, text + 8);
    struct reader r = reader_over(bytes_text(digits));
    return (int32_t)read_digits(&r, 8);
}
