/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each rule set satisfies and violates (D2): the whole matrix against a golden one, which is
 * changed on purpose only (S21); and what the lint says about classes and lengths against what the
 * engine does (CR-03). To make the golden text anew: tongbao policy lint >
 * tests/vectors/policy_lint.txt
 */
#include "lib/auth/policy_lint.h"
#include "lib/base/file.h"
#include "lib/base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct policy_person nobody = {.names = 0};

static void test_golden_matrix(void **state)
{
    (void)state;
    static char made[64 * 1024], golden[64 * 1024];
    struct writer w = writer_over(made, sizeof made);
    size_t len = 0;
    for (enum policy_rules rules = 0; rules < POLICY_RULE_SETS; rules++) {
        if (rules > 0) write_format(&w, "\n");
        policy_lint_write(rules, &w);
    }
    assert_int_equal(w.fault, ERR_OK);
    assert_int_equal(
        file_read("tests/vectors/policy_lint.txt", FILE_PUBLIC, golden, sizeof golden, &len).code,
        ERR_OK);
    assert_int_equal(len, w.len);
    assert_memory_equal(golden, made, len);
}

static size_t rule_named(const char *id)
{
    for (size_t i = 0; policy_lint_rule(i).id != NULL; i++)
        if (strcmp(policy_lint_rule(i).id, id) == 0) return i;
    fail_msg("no rule %s", id);
    return 0;
}

/* S20: every rule is said in Chinese as well, in words of its own where the English has them. */
static void test_every_rule_in_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; policy_lint_rule(i).id != NULL; i++) {
        struct policy_lint_rule a = policy_lint_rule(i);
        assert_non_null(a.text);
        assert_non_null(a.text_zh);
        bool chinese = false;
        for (const char *c = a.text_zh; *c != '\0'; c++) chinese |= (unsigned char)*c >= 0xE4;
        assert_true(chinese);
        for (size_t k = 0; k < i; k++) {
            struct policy_lint_rule b = policy_lint_rule(k);
            assert_int_equal(strcmp(a.text, b.text) == 0, strcmp(a.text_zh, b.text_zh) == 0);
        }
    }
}

/* D3: what the default is for, said as what it violates: nothing of NIST that is a SHALL. */
static void test_default_violates_no_shall(void **state)
{
    (void)state;
    static const char *const shall[] = {"NIST N1", "NIST N4",  "NIST N5",    "NIST N7",
                                        "NIST N8", "NIST N11", "ASVS 6.2.1", "ASVS 6.2.10"};
    struct policy_lint_column column[POLICY_LINT_COLUMNS_MAX];
    size_t columns = policy_lint_columns(POLICY_RULES_DEFAULT, column);
    assert_true(columns >= 8);
    for (size_t i = 0; i < ARRAY_LEN(shall); i++)
        for (size_t k = 0; k < columns; k++)
            assert_int_not_equal(policy_lint(rule_named(shall[i]), &column[k].policy),
                                 POLICY_VIOLATED);
}

/* Random texts over an alphabet in which every class turns up and goes missing. */
static struct bytes draw(const struct random *random, uint8_t text[40])
{
    static const char alphabet[] = "abcXYZ0123#% \xe5\xba\x97"; /* its last bytes: one character */
    size_t len = random_below(random, 24), at = 0;
    size_t span = 1 + random_below(random, 14);
    for (size_t i = 0; i < len; i++) {
        size_t n = random_below(random, (uint32_t)span);
        if (n == 13) {
            memcpy(text + at, alphabet + 13, 3);
            at += 3;
            if (at > 36) break;
        } else {
            text[at++] = (uint8_t)alphabet[n];
        }
        if (at > 36) break;
    }
    return bytes_of(text, at);
}

static bool has_class(struct bytes text, unsigned class)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool digit = c >= '0' && c <= '9';
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (c >= 0x80) letter = true;
        if (class == POLICY_DIGIT ? digit : class == POLICY_LETTER ? letter : !digit && !letter)
            return true;
    }
    return false;
}

/* CR-03: a class is asked for where the policy says so, and nowhere else; the lint knows it. */
static void test_lint_and_engine_agree(void **state)
{
    (void)state;
    const uint32_t class_verdicts =
        1u << POLICY_NO_LETTER | 1u << POLICY_NO_DIGIT | 1u << POLICY_NO_SPECIAL;
    size_t no_classes = rule_named("ASVS 6.2.5"), complexity = rule_named("GB 8.1.4.1 a");
    struct random_seeded source;
    random_seed(&source, 3);
    struct random random = random_from_seed(&source);
    unsigned refused = 0;
    for (enum policy_rules rules = 0; rules < POLICY_RULE_SETS; rules++) {
        struct policy_lint_column column[POLICY_LINT_COLUMNS_MAX];
        size_t columns = policy_lint_columns(rules, column);
        for (unsigned n = 0; n < 20000; n++) {
            const struct policy *policy = &column[n % columns].policy;
            uint8_t block[40];
            struct bytes text = draw(&random, block);
            uint32_t broken =
                policy_check(policy, &nobody, blocklist_builtin(), text).broken & class_verdicts;
            if (policy_lint(no_classes, policy) == POLICY_SATISFIED) assert_int_equal(broken, 0);
            if (policy_lint(complexity, policy) == POLICY_SATISFIED) {
                uint32_t expected = (has_class(text, POLICY_LETTER) ? 0 : 1u << POLICY_NO_LETTER) |
                                    (has_class(text, POLICY_DIGIT) ? 0 : 1u << POLICY_NO_DIGIT) |
                                    (has_class(text, POLICY_SPECIAL) ? 0 : 1u << POLICY_NO_SPECIAL);
                assert_int_equal(broken, expected);
                refused += expected != 0;
            }
        }
    }
    assert_true(refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_matrix),
        cmocka_unit_test(test_every_rule_in_both_languages),
        cmocka_unit_test(test_default_violates_no_shall),
        cmocka_unit_test(test_lint_and_engine_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
