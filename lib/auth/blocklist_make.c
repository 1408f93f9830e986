/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the blocklist's filter as C, at build time: the same input gives the same bytes.
 *
 *   blocklist_make OUTPUT WORDS-DIRECTORY RANKED LIST...
 *
 * A LIST is any text with words in it, one a line or between quotes and commas: a dictionary of
 * Debian's, or the lists of zxcvbn as they stand in their packages. RANKED has one password a line,
 * the commonest first, and fills what is left of a megabyte. To them come the lists of
 * lib/auth/words and what is made of them. What a rule knows (dates, runs, keypad walks, names) is
 * not written out here: policy_guess.c and policy_numbers.c see it in every password.
 *
 * A build tool: it takes memory as it needs and ends on the first fault.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/auth/blocklist_build.h"

enum { WORD_MAX = 64, LONG = 12, ENTRIES_MAX = 445000 };

static _Noreturn void give_up(const char *what, const char *name)
{
    fprintf(stderr, "blocklist_make: %s: %s\n", name, what);
    exit(1);
}

static void *take(size_t count, size_t size)
{
    void *block = calloc(count, size);
    if (block == NULL) give_up("no memory", "filter");
    return block;
}

static void add(struct blocklist_words *words, const char *word, size_t len)
{
    if (FAILED(blocklist_words_add(words, bytes_of(word, len)))) give_up("no memory", "words");
}

static void add_joined(struct blocklist_words *h, const char *a, const char *b, const char *c)
{
    char word[3 * WORD_MAX];
    int len = snprintf(word, sizeof word, "%s%s%s", a, b, c);
    add(h, word, (size_t)len);
}

/* --- lists --- */

struct list {
    char *text;
    const char **word;
    size_t len;
};

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) give_up("cannot be opened", path);
    size_t len = 0, max = 1 << 20;
    char *text = take(1, max + 1);
    for (size_t got; (got = fread(text + len, 1, max - len, f)) > 0;) {
        len += got;
        if (len < max) continue;
        max *= 2;
        text = realloc(text, max + 1);
        if (text == NULL) give_up("no memory", path);
    }
    fclose(f);
    text[len] = '\0';
    return text;
}

/* Words of the project's own lists: one a line. */
static struct list read_list(const char *directory, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    struct list list = {.text = read_text(path)};
    list.word = take(strlen(list.text) + 1, sizeof *list.word);
    for (char *line = list.text, *end; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        if (end == NULL) give_up("has no line feed at its end", path);
        *end = '\0';
        if (*line != '#' && *line != '\0') list.word[list.len++] = line;
    }
    return list;
}

static void list_free(struct list *list)
{
    free(list->text);
    free(list->word);
}

/* Others' lists: whatever stands between what cannot be part of a word there. */
static void add_text(struct blocklist_words *h, const char *path)
{
    static const char between[] = " \t\r\n,\"()[]{}";
    char *text = read_text(path);
    size_t before = h->len;
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, between);
        bool possessive = len > 2 && at[len - 2] == '\'';
        if (!possessive) add(h, at, len);
        at += len;
        if (*at != '\0') at++;
    }
    if (h->len - before < 1000) give_up("has fewer than a thousand words", path);
    free(text);
}

/* --- what people make of them --- */

static const char *const counts[] = {
    "1",         "12",         "123",    "1234",    "12345",  "123456",    "1234567", "12345678",
    "123456789", "123321",     "321",    "4321",    "654321", "147258",    "258369",  "159357",
    "112233",    "123123",     "111",    "1111",    "11111",  "111111",    "000",     "0000",
    "000000",    "666",        "6666",   "666666",  "888",    "8888",      "888888",  "999",
    "9999",      "999999",     "01",     "001",     "007",    "00",        "11",      "22",
    "33",        "66",         "88",     "99",      "100",    "520",       "521",     "1314",
    "1314520",   "5201314",    "520520", "789",     "456",    "987654321", "789456",  "456789",
    "123456a",   "123456789a", "@123",   "@123456", "123!",   "123.",      "!@#",     "#123",
    "_123",      "!",          "."};

static void add_with_counts(struct blocklist_words *h, const struct list *list)
{
    char year[8];
    for (size_t i = 0; i < list->len; i++) {
        for (size_t j = 0; j < ARRAY_LEN(counts); j++) {
            add_joined(h, list->word[i], counts[j], "");
            add_joined(h, counts[j], list->word[i], "");
        }
        for (unsigned y = 1950; y < 2040; y++) {
            snprintf(year, sizeof year, "%u", y);
            add_joined(h, list->word[i], year, "");
            add_joined(h, year, list->word[i], "");
        }
    }
}

/* Numbers that are words, in twos and threes; what is as long as a password is. */
static void add_sentences(struct blocklist_words *h, const struct list *numbers)
{
    for (size_t a = 0; a < numbers->len; a++) {
        add(h, numbers->word[a], strlen(numbers->word[a]));
        for (size_t b = 0; b < numbers->len; b++)
            add_joined(h, numbers->word[a], numbers->word[b], "");
    }
    enum { FAVOURITES = 10 };
    for (size_t a = 0; a < FAVOURITES; a++)
        for (size_t b = 0; b < FAVOURITES; b++)
            for (size_t c = 0; c < FAVOURITES; c++)
                add_joined(h, numbers->word[a], numbers->word[b], numbers->word[c]);
}

/* Columns and rows of a keyboard, woven into each other: 1qaz2wsx, 1q2w3e4r, zaq12wsx. */
static void add_weaves(struct blocklist_words *h)
{
    static const char *const rows[] = {"1234567890", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./"};
    char columns[64], up[64], woven[64], shifted[64];
    size_t n = 0, m = 0, k = 0;
    for (size_t i = 0; i < 10; i++) {
        for (size_t row = 0; row < 4; row++) columns[n++] = rows[row][i];
        for (size_t row = 4; row-- > 0;) up[m++] = rows[row][i];
        woven[k] = rows[0][i], shifted[k++] = rows[1][i];
        woven[k] = rows[1][i], shifted[k++] = rows[0][i];
        for (size_t len = 1; len <= n; len++) {
            add(h, columns, len);
            add(h, up, len);
        }
        for (size_t from = 0; from < k; from += 2)
            for (size_t len = 4; from + len <= k; len++) {
                add(h, woven + from, len);
                add(h, shifted + from, len);
            }
        for (size_t from = 0; from + 8 <= n; from += 4)
            for (size_t other = 0; other + 4 <= n; other += 4) {
                char pair[9];
                memcpy(pair, columns + from, 4);
                memcpy(pair + 4, up + other, 4);
                add(h, pair, 8);
                memcpy(pair, up + from, 4);
                memcpy(pair + 4, columns + other, 4);
                add(h, pair, 8);
            }
    }
}

/* --- the filter --- */

static void write_filter(const struct blocklist *b, const uint16_t *fingerprint, const char *path)
{
    FILE *f = fopen(path, "w");
    if (f == NULL) give_up("cannot be written", path);
    fprintf(f, "/* Made by blocklist_make. */\n#include \"lib/auth/blocklist_filter.h\"\n"
               "extern const struct blocklist blocklist_made;\n"
               "static const uint16_t fingerprint[] = {");
    for (uint32_t i = 0; i < b->fingerprints; i++)
        fprintf(f, "%s0x%x,", i % 16 == 0 ? "\n" : "", fingerprint[i]);
    fprintf(f,
            "\n};\nconst struct blocklist blocklist_made = {.seed = UINT64_C(%llu), .segment = %u, "
            ".starts = %u, .fingerprint = fingerprint, .fingerprints = %u, .entries = %u};\n",
            (unsigned long long)b->seed, b->segment, b->starts, b->fingerprints, b->entries);
    if (fclose(f) != 0) give_up("cannot be written", path);
}

static void collect(struct blocklist_words *h, const char *words, char **lists)
{
    CLEANUP(list_free) struct list defaults = read_list(words, "defaults.txt");
    CLEANUP(list_free) struct list numbers = read_list(words, "numbers.txt");
    CLEANUP(list_free) struct list phrases = read_list(words, "phrases.txt");
    CLEANUP(list_free) struct list heads = read_list(words, "heads.txt");
    for (; *lists != NULL; lists++) add_text(h, *lists);
    for (size_t i = 0; i < defaults.len; i++) add(h, defaults.word[i], strlen(defaults.word[i]));
    for (size_t i = 0; i < phrases.len; i++) {
        add(h, phrases.word[i], strlen(phrases.word[i]));
        for (size_t j = 0; j < numbers.len; j++)
            add_joined(h, phrases.word[i], numbers.word[j], "");
    }
    for (size_t i = 0; i < heads.len; i++)
        for (size_t j = 0; j < numbers.len; j++) {
            add_joined(h, heads.word[i], numbers.word[j], "");
            add_joined(h, numbers.word[j], heads.word[i], "");
        }
    add_with_counts(h, &phrases);
    add_with_counts(h, &heads);
    add_sentences(h, &numbers);
    add_weaves(h);
}

/*
 * Short numbers: further down the list stand nearly all there are of four digits, and to be among
 * them says nothing.
 */
static bool says_nothing(struct bytes word, size_t rank)
{
    enum { FOUR_OR_FIVE = 10000, SIX_OR_SEVEN = 50000 };
    size_t i = 0;
    while (i < word.len && word.at[i] >= '0' && word.at[i] <= '9') i++;
    if (i < word.len || i >= 8) return false;
    return rank >= (i < 6 ? FOUR_OR_FIVE : SIX_OR_SEVEN);
}

/*
 * A list in the order of how common its passwords are, one a line: those that are as long as a
 * console asks for, however rare, since few lists have any; then the commonest, until the filter
 * has what a megabyte holds.
 */
static void add_ranked(struct blocklist_words *h, const char *path)
{
    char *text = read_text(path);
    for (int common = 0; common < 2; common++) {
        size_t rank = 0;
        for (const char *at = text; *at != '\0' && h->len < ENTRIES_MAX; rank++) {
            struct bytes word = bytes_of(at, strcspn(at, "\r\n"));
            bool wanted =
                common ? word.len < LONG && !blocklist_words_has(h, word) : word.len >= LONG;
            if (wanted && !says_nothing(word, rank)) add(h, at, word.len);
            at += word.len;
            at += strspn(at, "\r\n");
        }
        blocklist_words_sort(h);
    }
    free(text);
}

int main(int argc, char **argv)
{
    if (argc < 5) give_up("OUTPUT WORDS-DIRECTORY RANKED LIST... are wanted", "usage");
    struct blocklist_words h = {0};
    struct blocklist b;
    uint16_t *fingerprint;
    collect(&h, argv[2], argv + 4);
    blocklist_words_sort(&h);
    add_ranked(&h, argv[3]);
    if (FAILED(blocklist_build(&h, &b, &fingerprint))) give_up("no seed serves", "filter");
    write_filter(&b, fingerprint, argv[1]);
    free(fingerprint);
    blocklist_words_free(&h);
    return 0;
}
