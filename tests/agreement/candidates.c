/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of password is a function that writes one; a table says how often it is drawn. */
#include "tests/agreement/candidates.h"

#include "lib/base/writer.h"

uint32_t candidates_below(struct candidates *c, uint32_t below)
{
    struct random random = random_from_seed(&c->source);
    return random_below(&random, below);
}

static void write_digits(struct candidates *c, struct writer *w, size_t count)
{
    for (size_t i = 0; i < count; i++) write_be(w, '0' + candidates_below(c, 10), 1);
}

/* About those that the policy asks for, and now and then far from them. */
static size_t length(struct candidates *c)
{
    if (candidates_below(c, 20) == 0) return 1 + candidates_below(c, 40);
    size_t least = c->policy->min - 1u, most = c->policy->max + 1u;
    if (most > least + 10) most = least + 10;
    return least + candidates_below(c, (uint32_t)(most - least + 1));
}

static void any_digits(struct candidates *c, struct writer *w)
{
    write_digits(c, w, length(c));
}

/* 1 to 6 only: what the smallest keypads have. */
static void few_keys(struct candidates *c, struct writer *w)
{
    for (size_t i = length(c); i > 0; i--) write_be(w, '1' + candidates_below(c, 6), 1);
}

static void repeats(struct candidates *c, struct writer *w)
{
    size_t group = 1 + candidates_below(c, 4), len = length(c);
    uint8_t digit[4];
    for (size_t i = 0; i < group; i++) digit[i] = (uint8_t)('0' + candidates_below(c, 10));
    for (size_t i = 0; i < len; i++) write_be(w, digit[i % group], 1);
}

static void runs(struct candidates *c, struct writer *w)
{
    uint32_t at = candidates_below(c, 10), step = 1 + candidates_below(c, 9);
    for (size_t i = length(c); i > 0; i--, at += step) write_be(w, '0' + at % 10, 1);
}

static void dates(struct candidates *c, struct writer *w)
{
    unsigned year = 1950 + candidates_below(c, 90), month = 1 + candidates_below(c, 12);
    unsigned day = 1 + candidates_below(c, 31);
    switch (candidates_below(c, 6)) {
    case 0:
        write_format(w, "%04u%02u%02u", year, month, day);
        break;
    case 1:
        write_format(w, "%02u%02u%02u", year % 100, month, day);
        break;
    case 2:
        write_format(w, "%02u%02u%04u", day, month, year);
        break;
    case 3:
        write_format(w, "%02u%02u%04u", month, day, year);
        break;
    case 4:
        write_format(w, "%04u%02u%02u%u", year, month, day, candidates_below(c, 1000));
        break;
    default:
        write_format(w, "%u.%u.%u", year, month, day);
    }
}

static void today(struct candidates *c, struct writer *w)
{
    const struct civil *day = &c->person->today;
    write_format(w, candidates_below(c, 2) == 0 ? "%04d%02d%02d" : "%04d%02d%02d1", day->year,
                 day->month, day->day);
}

static const char *pick(struct candidates *c, const char *const *list, size_t count)
{
    return list[candidates_below(c, (uint32_t)count)];
}

/* What makers have printed, and what is guessed first. */
static void published(struct candidates *c, struct writer *w)
{
    static const char *const list[] = {
        "0000",     "00000000",   "123456",     "12345678",  "888888",   "166816",   "5201314",
        "1314520",  "a123456",    "password",   "P@ssw0rd1", "admin123", "woaini",   "woaini1314",
        "qwertyui", "1qaz2wsx",   "Z66831",     "147258369", "iloveyou", "zhangwei", "taobao123",
        "lakala",   "unionpay01", "1234567890", "asdfghjkl", "aa123456", "qq123456", "dragon2024"};
    write_bytes(w, bytes_text(pick(c, list, ARRAY_LEN(list))));
    if (candidates_below(c, 3) == 0) write_digits(c, w, 1 + candidates_below(c, 4));
}

/* A part of a number of the person, alone, backwards or with digits around it. */
static void own_number(struct candidates *c, struct writer *w)
{
    struct bytes number = c->person->number[candidates_below(c, (uint32_t)c->person->numbers)];
    size_t len = 4 + candidates_below(c, 9);
    if (len > number.len) len = number.len;
    size_t from = candidates_below(c, (uint32_t)(number.len - len + 1));
    bool backwards = candidates_below(c, 4) == 0;
    for (size_t i = 0; i < len; i++)
        write_be(w, number.at[backwards ? from + len - 1 - i : from + i], 1);
    if (candidates_below(c, 3) == 0) write_digits(c, w, 1 + candidates_below(c, 5));
}

static void own_name(struct candidates *c, struct writer *w)
{
    struct bytes name = c->person->name[candidates_below(c, (uint32_t)c->person->names)];
    bool lower = candidates_below(c, 2) == 0;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.at[i];
        if (byte == ' ' && candidates_below(c, 2) == 0) continue;
        write_be(w, lower && byte >= 'A' && byte <= 'Z' ? byte + 32u : byte, 1);
    }
    if (candidates_below(c, 2) == 0) write_digits(c, w, 1 + candidates_below(c, 6));
}

static void words(struct candidates *c, struct writer *w)
{
    static const char *const list[] = {"lamp", "river", "copper", "Noodle", "tea",   "梧桐",
                                       "茶馆", "早晨",  "window", "zebra",  "Kiwi",  "orbit",
                                       "map",  "雨伞",  "violin", "salt",   "ember", "ταξί"};
    static const char *const between[] = {"", " ", "-", "#", "7", "_", "!", "  "};
    for (size_t i = 1 + candidates_below(c, 5); i > 0; i--) {
        write_bytes(w, bytes_text(pick(c, list, ARRAY_LEN(list))));
        write_bytes(w, bytes_text(pick(c, between, ARRAY_LEN(between))));
    }
}

static void mixed(struct candidates *c, struct writer *w)
{
    static const char signs[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789#%&!?-+";
    for (size_t i = length(c); i > 0; i--)
        write_be(w, (uint8_t)signs[candidates_below(c, sizeof signs - 1)], 1);
}

/* One and the same thing in another form of Unicode; what NFKC makes one. */
static void other_forms(struct candidates *c, struct writer *w)
{
    static const char *const forms[] = {"１", "２", "９", "Ａ", "ｂ", "é",  "é",
                                        "ﬁ",  "①",  "Ⅳ",  "½",  "가", "각", "ｶﾞ"};
    for (size_t i = length(c); i > 0; i--) {
        if (candidates_below(c, 3) == 0) write_digits(c, w, 1);
        else write_bytes(w, bytes_text(pick(c, forms, ARRAY_LEN(forms))));
    }
}

/* Each syllable typed as the two or three letters that NFKC makes one of. */
static void many_letters(struct candidates *c, struct writer *w)
{
    for (size_t i = 20 + candidates_below(c, 40); i > 0; i--) {
        write_format(w, "\xe1\x84%c", (char)(0x80 + candidates_below(c, 19)));
        write_format(w, "\xe1\x85%c", (char)(0xa1 + candidates_below(c, 21)));
        if (candidates_below(c, 4) != 0)
            write_format(w, "\xe1\x86%c", (char)(0xa8 + candidates_below(c, 24)));
    }
}

/* Emoji, joined and modified; marks without end. */
static void odd_text(struct candidates *c, struct writer *w)
{
    static const char *const odd[] = {
        "😀",        "👩‍💻",  "🇨🇳",           "❤️", "\xcc\x81", "\xe2\x80\xae",
        "\xc2\xa0", "\xef\xbb\xbf", "\xe2\x80\x8b", "a",      "b",        "8"};
    for (size_t i = length(c); i > 0; i--) write_bytes(w, bytes_text(pick(c, odd, ARRAY_LEN(odd))));
}

static void no_text(struct candidates *c, struct writer *w)
{
    for (size_t i = length(c); i > 0; i--) write_be(w, candidates_below(c, 256), 1);
}

static void controls(struct candidates *c, struct writer *w)
{
    mixed(c, w);
    write_be(w, candidates_below(c, 2) == 0 ? 0 : candidates_below(c, 32), 1);
    if (candidates_below(c, 2) == 0) write_digits(c, w, 3);
}

static void very_long(struct candidates *c, struct writer *w)
{
    static const size_t lengths[] = {63, 64, 65, 127, 128, 129, 511, 512, 513};
    size_t len = lengths[candidates_below(c, ARRAY_LEN(lengths))];
    bool digits = candidates_below(c, 2) == 0;
    for (size_t i = 0; i < len; i++)
        write_be(w, (digits ? '0' : 'a') + candidates_below(c, digits ? 10 : 26), 1);
}

/* The one before with one byte changed, added or left out. */
static void varied(struct candidates *c, struct writer *w)
{
    size_t at = candidates_below(c, (uint32_t)c->last_len);
    write_bytes(w, bytes_of(c->last, at));
    uint32_t how = candidates_below(c, 3);
    if (how != 0) write_digits(c, w, 1);
    size_t from = how == 2 ? at : at + 1;
    write_bytes(w, bytes_of(c->last + from, c->last_len - from));
}

/* The first are numbers. */
static const struct {
    void (*write)(struct candidates *c, struct writer *w);
    uint32_t often;
} kinds[] = {
    {any_digits, 26}, {few_keys, 8},   {repeats, 5},     {runs, 5},         {dates, 7},
    {today, 2},       {own_number, 8}, {varied, 20},     {published, 12},   {own_name, 5},
    {words, 9},       {mixed, 12},     {other_forms, 3}, {many_letters, 2}, {odd_text, 2},
    {no_text, 1},     {controls, 1},   {very_long, 2},
};
enum { NUMBERS = 9 /* kinds that are, as far as they can be */ };

static size_t draw_kind(struct candidates *c)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) sum += kinds[i].often;
    uint32_t at = candidates_below(c, sum);
    size_t kind = 0;
    for (; at >= kinds[kind].often; kind++) at -= kinds[kind].often;
    return kinds[kind].write == varied && c->last_len == 0 ? 0 : kind;
}

static void draw(struct candidates *c, struct writer *w)
{
    bool digits = c->policy->keyboard == POLICY_KEYS_DIGITS && candidates_below(c, 8) != 0;
    size_t kind = draw_kind(c);
    while (digits && kind >= NUMBERS) kind = draw_kind(c);
    kinds[kind].write(c, w);
}

struct bytes candidates_next(struct candidates *c)
{
    uint8_t block[CANDIDATE_MAX];
    struct writer w = writer_over(block, sizeof block - 1);
    draw(c, &w);
    if (w.len == 0) write_be(&w, '7', 1);
    memcpy(c->last, block, w.len);
    c->last_len = w.len;
    return bytes_of(c->last, c->last_len);
}
