/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fewest pieces by dynamic programming: the pieces up to each place are known when the places
 * after it are looked at. A piece is looked for in lower case, and a word also with signs put back
 * to the letters that they stand for (p@ssw0rd).
 */
#include "lib/auth/guess.h"

#include <sodium.h>

#include "lib/auth/own_name.h"
#include "lib/auth/policy_numbers.h"

enum { PIECE_MAX = 32, WORD_MIN = 4 };

struct cutter {
    const struct policy_person *person;
    const struct blocklist *blocklist;
    size_t len;
    uint8_t lower[PASSWORD_TEXT_BYTES];
    uint8_t plain[PASSWORD_TEXT_BYTES]; /* lower, with signs put back to letters */
    uint16_t pieces[PASSWORD_TEXT_BYTES + 1];
    uint16_t from[PASSWORD_TEXT_BYTES + 1];
    uint8_t kind[PASSWORD_TEXT_BYTES + 1];
    struct own_name name[POLICY_NAMES_MAX];
};

static void cutter_wipe(struct cutter *c)
{
    sodium_memzero(c, sizeof *c);
}

static bool is_letter(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static uint8_t letter_meant(uint8_t c)
{
    static const char signs[][2] = {{'0', 'o'}, {'1', 'i'}, {'!', 'i'}, {'3', 'e'}, {'4', 'a'},
                                    {'@', 'a'}, {'5', 's'}, {'$', 's'}, {'7', 't'}, {'+', 't'}};
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (c == (uint8_t)signs[i][0]) return (uint8_t)signs[i][1];
    return c;
}

static bool all_letters(struct bytes b)
{
    size_t i = 0;
    while (i < b.len && is_letter(b.at[i])) i++;
    return i == b.len;
}

/* Each step the same: 0 for aaaa, 1 for abcd and 4567, -1 for both backwards. */
static bool steps_by(struct bytes b, int step)
{
    if (b.len < 3 || (!is_letter(b.at[0]) && !is_digit(b.at[0]) && step != 0)) return false;
    for (size_t i = 1; i < b.len; i++)
        if (b.at[i] - b.at[i - 1] != step) return false;
    return true;
}

struct key {
    int row, column; /* row -1: not a key */
};

static struct key key_of(uint8_t c)
{
    static const char *const rows[] = {"1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"};
    for (int row = 0; row < (int)ARRAY_LEN(rows); row++) {
        const char *found = strchr(rows[row], c);
        if (c != '\0' && found != NULL) return (struct key){row, (int)(found - rows[row])};
    }
    return (struct key){-1, 0};
}

/* Neighbours in a row or in a column; the columns of a keyboard lean to the left. */
static bool is_walk(struct bytes b)
{
    if (b.len < 4) return false;
    for (size_t i = 1; i < b.len; i++) {
        struct key a = key_of(b.at[i - 1]), z = key_of(b.at[i]);
        if (a.row < 0 || z.row < 0) return false;
        int down = z.row - a.row, across = z.column - a.column;
        if (down * down + across * across != 1) return false;
    }
    return true;
}

static enum policy_verdict number_kind(const struct cutter *c, struct bytes digits)
{
    if (digits.len < 4) return POLICY_OK;
    if (number_is_date(digits) && (digits.len == 4 || digits.len == 6 || digits.len == 8))
        return POLICY_DATE;
    if (number_is_of_day(digits, c->person->today)) return POLICY_DATE;
    if (number_is_phone(digits)) return POLICY_OWN_NUMBER;
    for (size_t i = 0; i < c->person->numbers; i++)
        if (number_shared(digits, c->person->number[i]) == digits.len) return POLICY_OWN_NUMBER;
    return POLICY_OK;
}

/* One or two syllables: a word or a given name in pinyin. */
static bool is_pinyin(struct bytes letters)
{
    if (letters.len > 2 * PINYIN_SYLLABLE_MAX || !all_letters(letters)) return false;
    if (letters.len >= 2 && pinyin_is_syllable(letters)) return true;
    for (size_t cut = 1; cut < letters.len; cut++)
        if (pinyin_is_syllable(bytes_of(letters.at, cut)) &&
            pinyin_is_syllable(bytes_of(letters.at + cut, letters.len - cut)))
            return true;
    return false;
}

static bool is_initials(const struct cutter *c, struct bytes letters)
{
    for (size_t i = 0; i < c->person->names; i++)
        if (own_name_is_initials(&c->name[i], letters)) return true;
    return false;
}

static bool is_word(const struct cutter *c, size_t from, size_t len)
{
    return len >= WORD_MIN && (blocklist_has(c->blocklist, bytes_of(c->lower + from, len)) ||
                               blocklist_has(c->blocklist, bytes_of(c->plain + from, len)));
}

/* OK: no piece. */
static enum policy_verdict piece_kind(const struct cutter *c, size_t from, size_t len)
{
    struct bytes lower = bytes_of(c->lower + from, len);
    if (steps_by(lower, 0)) return POLICY_REPEATS;
    if (steps_by(lower, 1) || steps_by(lower, -1)) return POLICY_RUN;
    if (bytes_all_digits(lower)) {
        enum policy_verdict kind = number_kind(c, lower);
        if (kind != POLICY_OK) return kind;
    }
    if (is_walk(lower)) return POLICY_WALK;
    if (number_is_plate(lower)) return POLICY_OWN_NUMBER;
    if (is_initials(c, lower)) return POLICY_OWN_NAME;
    return is_word(c, from, len) || is_pinyin(lower) ? POLICY_COMMON : POLICY_OK;
}

static void offer(struct cutter *c, size_t from, size_t len, enum policy_verdict kind)
{
    ENSURE(from + len <= c->len);
    unsigned pieces = c->pieces[from] + 1u;
    if (pieces >= c->pieces[from + len]) return;
    c->pieces[from + len] = (uint16_t)pieces;
    c->from[from + len] = (uint16_t)from;
    c->kind[from + len] = (uint8_t)kind;
}

/* What stands before `at` may go on again and again: each length of it that does is one piece. */
static void offer_repetitions(struct cutter *c, size_t at)
{
    for (size_t period = 2; period <= at; period++) {
        size_t len = 0;
        while (at + len < c->len && c->lower[at + len] == c->lower[at + len - period]) len++;
        for (size_t whole = period; whole <= len; whole += period)
            offer(c, at, whole, POLICY_REPEATS);
    }
}

static void offer_names(struct cutter *c, size_t at)
{
    struct bytes rest = bytes_of(c->lower + at, c->len - at);
    for (size_t i = 0; i < c->person->names; i++) {
        struct own_name_match match = own_name_at(&c->name[i], rest);
        if (match.len >= 2) offer(c, at, match.len, POLICY_OWN_NAME);
    }
}

/* However long it is, the whole may be what somebody used before. */
static void offer_whole(struct cutter *c)
{
    if (is_word(c, 0, c->len)) offer(c, 0, c->len, POLICY_COMMON);
}

static bool begins_character(uint8_t byte)
{
    return (byte & 0xC0) != 0x80;
}

static void cut(struct cutter *c)
{
    for (size_t i = 1; i <= c->len; i++) c->pieces[i] = UINT16_MAX;
    if (c->len > PIECE_MAX) offer_whole(c);
    for (size_t at = 0; at < c->len; at++) {
        if (!begins_character(c->lower[at])) continue;
        size_t one = 1;
        while (at + one < c->len && !begins_character(c->lower[at + one])) one++;
        offer(c, at, one, POLICY_OK);
        offer_names(c, at);
        offer_repetitions(c, at);
        for (size_t len = 2; len <= PIECE_MAX && at + len <= c->len; len++) {
            if (at + len < c->len && !begins_character(c->lower[at + len])) continue;
            enum policy_verdict kind = piece_kind(c, at, len);
            if (kind != POLICY_OK) offer(c, at, len, kind);
        }
    }
}

static void collect(const struct cutter *c, struct guess *g)
{
    size_t covered[POLICY_VERDICTS] = {0};
    g->pieces = c->pieces[c->len];
    ENSURE(g->pieces <= GUESS_PIECES_MAX);
    for (size_t end = c->len, i = g->pieces; end > 0; end = c->from[end]) {
        struct guess_piece *piece = &g->piece[--i];
        *piece = (struct guess_piece){c->from[end], (uint16_t)(end - c->from[end]), c->kind[end]};
        if (piece->kind != POLICY_OK) covered[piece->kind] += piece->len;
        if (covered[piece->kind] > covered[g->chief]) g->chief = piece->kind;
    }
}

/* Without signs and spaces: "zhang_wei" is a name as well. */
static void find_own(const struct cutter *c, struct guess *g)
{
    uint8_t only[PASSWORD_TEXT_BYTES], digits[PASSWORD_TEXT_BYTES];
    size_t len = 0, count = 0;
    for (size_t i = 0; i < c->len; i++) {
        uint8_t byte = c->lower[i];
        if (is_letter(byte) || is_digit(byte) || byte >= 0x80) only[len++] = byte;
        if (is_digit(byte)) digits[count++] = byte;
    }
    for (size_t at = 0; at < len; at++)
        for (size_t i = 0; i < c->person->names && begins_character(only[at]); i++)
            g->names |= own_name_at(&c->name[i], bytes_of(only + at, len - at)).strong;
    for (size_t i = 0; i < c->person->numbers; i++)
        g->numbers |= number_shared(bytes_of(digits, count), c->person->number[i]) >= 6;
    sodium_memzero(only, sizeof only);
    sodium_memzero(digits, sizeof digits);
}

void guess_make(struct bytes text, const struct policy_person *person,
                const struct blocklist *blocklist, struct guess *ret_guess)
{
    ENSURE(text.len <= PASSWORD_TEXT_BYTES && person->names <= POLICY_NAMES_MAX);
    CLEANUP(cutter_wipe)
    struct cutter c = {.person = person, .blocklist = blocklist, .len = text.len};
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.at[i];
        c.lower[i] = (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
        c.plain[i] = letter_meant(c.lower[i]);
    }
    for (size_t i = 0; i < person->names; i++) own_name_make(person->name[i], &c.name[i]);
    *ret_guess = (struct guess){.chief = POLICY_OK};
    cut(&c);
    collect(&c, ret_guess);
    find_own(&c, ret_guess);
}
