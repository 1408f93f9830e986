/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 640 rows about lengths and characters (S11, S21, CR-01), for every profile, rule set and role,
 * made by tests/vectors/make-policy-lengths, which has its own normal form and its own numbers.
 */
#include "lib/auth/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { COLUMNS = 7 };

/* The verdicts that are about length and characters: what is easy to guess is not asked here. */
static const enum policy_verdict asked[] = {POLICY_NOT_TEXT,  POLICY_CONTROL,  POLICY_NOT_DIGITS,
                                            POLICY_TOO_SHORT, POLICY_TOO_LONG, POLICY_DIGITS_SHORT,
                                            POLICY_NO_LETTER, POLICY_NO_DIGIT, POLICY_NO_SPECIAL};

static size_t from_hex(const char *hex, uint8_t *out, size_t max)
{
    size_t len = 0;
    if (strcmp(hex, "-") == 0) return 0;
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        char pair[3] = {hex[0], hex[1], '\0'};
        assert_true(len < max);
        out[len++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return len;
}

static uint32_t bits_of(const char *words)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        const char *word = policy_verdict_word(asked[i]), *found = strstr(words, word);
        size_t len = strlen(word);
        if (found == NULL) continue;
        assert_true(found[len] == ',' || found[len] == '\0');
        bits |= UINT32_C(1) << asked[i];
    }
    return bits;
}

static void check_row(char *const column[COLUMNS], unsigned row)
{
    static const struct policy_person nobody = {.names = 0};
    struct policy_choice choice = {.second_factor = strcmp(column[3], "yes") == 0};
    struct policy policy;
    assert_true(policy_profile_of(bytes_text(column[0]), &choice.profile));
    assert_true(policy_rules_of(bytes_text(column[1]), &choice.rules));
    assert_true(policy_role_of(bytes_text(column[2]), &choice.role));
    assert_true(policy_make(choice, &policy));

    uint8_t typed[1024], normal[1024];
    struct bytes candidate = bytes_of(typed, from_hex(column[4], typed, sizeof typed));
    uint32_t mask = 0, expected = bits_of(column[6]);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) mask |= UINT32_C(1) << asked[i];
    struct policy_result result = policy_check(&policy, &nobody, blocklist_builtin(), candidate);
    if ((result.broken & mask) != expected)
        fail_msg("row %u: %x, not %x (%s)", row, result.broken & mask, expected, column[6]);
    if (expected != 0) assert_true((expected >> result.first & 1) != 0);

    struct password_text text;
    if (password_normalise(candidate, &text) != POLICY_OK) return;
    struct bytes wanted = bytes_of(normal, from_hex(column[5], normal, sizeof normal));
    if (!bytes_equal(password_text_view(&text), wanted)) fail_msg("row %u: another form", row);
}

static void test_vectors(void **state)
{
    (void)state;
    static char line[8192];
    FILE *f = fopen("tests/vectors/policy_lengths.tsv", "r");
    unsigned rows = 0;
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        char *column[COLUMNS] = {line};
        if (line[0] == '#') continue;
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 1; i < COLUMNS; i++) {
            char *tab = strchr(column[i - 1], '\t');
            assert_non_null(tab);
            *tab = '\0';
            column[i] = tab + 1;
        }
        check_row(column, ++rows);
    }
    fclose(f);
    assert_int_equal(rows, 640);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
