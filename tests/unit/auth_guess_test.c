/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is made of a person's and a shop's data is refused (S23, CR-09): fifty merchants, two
 * hundred guesses each; and what is easy to guess without knowing anybody, by its pieces (S22).
 */
#include "lib/auth/guess.h"
#include "lib/auth/own_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct policy_person nobody = {.names = 0};

static struct policy policy_of(enum policy_profile profile)
{
    struct policy policy;
    struct policy_choice choice = {
        .profile = profile, .rules = POLICY_RULES_NIST, .role = POLICY_CASHIER};
    assert_true(policy_make(choice, &policy));
    policy.min = policy.digits_only_min = 6; /* lengths do not help a guess here */
    return policy;
}

/* S22: pieces and the kind that covers most. */
static void test_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t pieces;
        enum policy_verdict chief;
    } rows[] = {
        {"password", 1, POLICY_COMMON},
        {"P@$$w0rd", 1, POLICY_COMMON},
        {"zhangwei1990", 2, POLICY_COMMON},
        {"iloveyou1314520", 1, POLICY_COMMON},
        {"woaizhongguo", 1, POLICY_COMMON},
        {"aaaaaaaaaaaa", 1, POLICY_REPEATS},
        {"abcdefghijkl", 1, POLICY_RUN},
        {"qwertyuiop[]", 1, POLICY_WALK},
        {"iloveyouiloveyouiloveyou", 2, POLICY_REPEATS},
        {"xkqzxkqzxkqz", 5, POLICY_REPEATS},
        {"19900101", 1, POLICY_DATE},
        {"jingA12345", 1, POLICY_OWN_NUMBER},
        {"\xe4\xba\xac"
         "A\xc2\xb7"
         "12345",
         1, POLICY_OWN_NUMBER}, /* 京A·12345 */
        {"yueb8f7d2", 1, POLICY_OWN_NUMBER},
        {"huadf1234", 1, POLICY_OWN_NUMBER}, /* with a battery */
        {"hua12345d", 1, POLICY_OWN_NUMBER},
        {"jingb-19x72", 1, POLICY_OWN_NUMBER},
        {"jingio12345", 3, POLICY_COMMON}, /* I and O are on none: no plate */
        {"correct horse battery", 5, POLICY_COMMON},
        {"\xe5\xbc\xa0\xe4\xbc\x9f", 2, POLICY_OK},
        {"", 0, POLICY_OK},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct guess g;
        guess_make(bytes_text(rows[i].text), &nobody, blocklist_builtin(), &g);
        if (g.pieces != rows[i].pieces || g.chief != rows[i].chief)
            fail_msg("%s: %zu pieces, %s", rows[i].text, g.pieces, policy_verdict_word(g.chief));
        size_t at = 0;
        for (size_t k = 0; k < g.pieces; k++) {
            assert_int_equal(g.piece[k].from, at);
            at += g.piece[k].len;
        }
        assert_int_equal(at, strlen(rows[i].text));
    }
}

/* N3: what is long and of nobody is taken, with no rule about what it must be made of. */
static void test_good_ones_are_taken(void **state)
{
    (void)state;
    static const char *const good[] = {
        "correct horse battery staple",
        "purple monkey dishwasher lamp",
        "Xk7#mQ2pLw9z",
        "seven grey cats sing badly",
        "mlpqxkvbnrtw",
        "Vj3-kRt8-Zq5w",
        "\xe6\x98\x8e\xe5\xa4\xa9\xe8\xa6\x81\xe5\x8e\xbb\xe7\x88\xac\xe5\xb1\xb1", /* Chinese */
        "48 wet stones, no moss"};
    struct policy policy = policy_of(POLICY_PASSPHRASE);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct policy_result result =
            policy_check(&policy, &nobody, blocklist_builtin(), bytes_text(good[i]));
        if (result.broken != 0) fail_msg("%s: %s", good[i], policy_verdict_word(result.first));
    }
}

/* Names written, in pinyin, turned round, in part, as initials. */
static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        size_t len;
        bool strong;
    } rows[] = {
        {"\xe5\xbc\xa0\xe4\xbc\x9f", "zhangwei90", 8, true}, /* 张伟 */
        {"\xe5\xbc\xa0\xe4\xbc\x9f", "weizhang", 8, true},
        {"\xe5\xbc\xa0\xe4\xbc\x9f", "zhang90", 5, false},
        {"\xe5\xbc\xa0\xe4\xbc\x9f", "\xe5\xbc\xa0\xe4\xbc\x9f", 6, true},
        {"\xe5\xbc\xa0\xe4\xbc\x9f", "\xe5\xbc\xa0wei", 6, true},
        {"\xe5\xbc\xa0\xe4\xbc\x9f", "chang", 0, false},
        {"\xe5\x90\x95\xe6\x9b\xbe", "luzeng", 6, true}, /* 吕曾: umlaut, two readings */
        {"\xe5\x90\x95\xe6\x9b\xbe", "lvceng", 6, true},
        {"Zhang Wei", "zhangwei", 8, true},
        {"Zhang Wei", "weizhang", 8, true},
        {"Joe's Noodle Bar", "noodlebar", 9, true},
        {"Joe's Noodle Bar", "noodle", 6, true},
        {"Joe's Noodle Bar", "barrel", 3, false},
        {"", "zhangwei", 0, false},
        {"\xff\xfe", "zhangwei", 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct own_name name;
        own_name_make(bytes_text(rows[i].name), &name);
        struct own_name_match match = own_name_at(&name, bytes_text(rows[i].text));
        if (match.len != rows[i].len || match.strong != rows[i].strong)
            fail_msg("%s in %s: %zu %d", rows[i].name, rows[i].text, match.len, match.strong);
    }
    struct own_name name;
    own_name_make(BYTES("\xe5\xbc\xa0\xe4\xbc\x9f"), &name);
    assert_true(own_name_is_initials(&name, BYTES("zw")));
    assert_true(own_name_is_initials(&name, BYTES("wz")));
    assert_false(own_name_is_initials(&name, BYTES("zz")));
    assert_false(own_name_is_initials(&name, BYTES("z")));
}

struct merchant {
    char owner[32], owner_pinyin[64], surname[16], given[24], initials[8];
    char shop[64], shop_pinyin[64], phone[16], identity[24], licence[24], serial[24];
    char tid[12], mid[20];
    char year[8], month[4], day[4];
};

static const struct {
    const char *written, *pinyin;
} surnames[] = {{"\xe7\x8e\x8b", "wang"}, {"\xe6\x9d\x8e", "li"},    {"\xe5\xbc\xa0", "zhang"},
                {"\xe5\x88\x98", "liu"},  {"\xe9\x99\x88", "chen"},  {"\xe6\x9d\xa8", "yang"},
                {"\xe8\xb5\xb5", "zhao"}, {"\xe9\xbb\x84", "huang"}, {"\xe5\x91\xa8", "zhou"},
                {"\xe5\x90\xb4", "wu"}},
  givens[] = {{"\xe4\xbc\x9f", "wei"},   {"\xe8\x8a\xb3", "fang"}, {"\xe5\xa8\x9c", "na"},
              {"\xe6\x95\x8f", "min"},   {"\xe9\x9d\x99", "jing"}, {"\xe4\xb8\xbd", "li"},
              {"\xe5\xbc\xba", "qiang"}, {"\xe7\xa3\x8a", "lei"},  {"\xe5\x86\x9b", "jun"},
              {"\xe6\xb4\x8b", "yang"}},
  trades[] = {{"\xe5\x8c\x85\xe5\xad\x90\xe9\x93\xba", "baozipu"}, /* 包子铺 */
              {"\xe9\xa4\x90\xe9\xa6\x86", "canguan"},             /* 餐馆 */
              {"\xe8\xb6\x85\xe5\xb8\x82", "chaoshi"},             /* 超市 */
              {"\xe8\x8a\xb1\xe5\xba\x97", "huadian"},             /* 花店 */
              {"\xe8\x8c\xb6\xe5\xba\x84", "chazhuang"}};          /* 茶庄 */

static struct merchant merchant(unsigned n)
{
    struct merchant m;
    unsigned family = n % 10, first = n * 7 % 10, second = n * 3 % 10, trade = n % 5;
    unsigned year = 1965 + n % 35, month = 1 + n % 12, day = 1 + n * 5 % 28;
    bool two = n % 2 == 0;
    snprintf(m.owner, sizeof m.owner, "%s%s%s", surnames[family].written, givens[first].written,
             two ? givens[second].written : "");
    snprintf(m.surname, sizeof m.surname, "%s", surnames[family].pinyin);
    snprintf(m.given, sizeof m.given, "%s%s", givens[first].pinyin,
             two ? givens[second].pinyin : "");
    snprintf(m.owner_pinyin, sizeof m.owner_pinyin, "%s%s", m.surname, m.given);
    snprintf(m.initials, sizeof m.initials, "%c%c%c", m.surname[0], m.given[0],
             two ? givens[second].pinyin[0] : '\0');
    snprintf(m.shop, sizeof m.shop, "%s\xe8\xae\xb0%s", surnames[family].written,
             trades[trade].written);
    snprintf(m.shop_pinyin, sizeof m.shop_pinyin, "%sji%s", m.surname, trades[trade].pinyin);
    snprintf(m.phone, sizeof m.phone, "13%u%04u%04u", n % 10, 7351 + n * 131, 2694 + n * 97);
    snprintf(m.year, sizeof m.year, "%04u", year);
    snprintf(m.month, sizeof m.month, "%02u", month);
    snprintf(m.day, sizeof m.day, "%02u", day);
    snprintf(m.identity, sizeof m.identity, "4401%02u%s%s%s%04u", 3 + n, m.year, m.month, m.day,
             2715 + n * 61);
    snprintf(m.licence, sizeof m.licence, "92440101MA5%04uX%02u", 8163 + n * 17, n);
    snprintf(m.serial, sizeof m.serial, "TB1-%04u-%04u-05", 4820 + n, 7731 + n * 3);
    snprintf(m.tid, sizeof m.tid, "1000%04u", 6017 + n * 29);
    snprintf(m.mid, sizeof m.mid, "89829005812%04u", 3905 + n * 41);
    return m;
}

static struct policy_person person_of(const struct merchant *m)
{
    return (struct policy_person){
        .name = {bytes_text(m->owner), bytes_text(m->shop)},
        .names = 2,
        .number = {bytes_text(m->phone), bytes_text(m->identity), bytes_text(m->licence),
                   bytes_text(m->serial), bytes_text(m->tid), bytes_text(m->mid)},
        .numbers = 6,
        .today = {.year = 2031, .month = 4, .day = 9},
    };
}

struct guesses {
    char text[400][80];
    size_t count;
};

static void put(struct guesses *g, const char *a, const char *b, const char *c)
{
    assert_true(g->count < ARRAY_LEN(g->text));
    snprintf(g->text[g->count++], sizeof g->text[0], "%s%s%s", a, b, c);
}

/* What people add to a word. */
static const char *const tails[] = {"1",    "12",  "123", "1234", "123456", "520",    "1314",
                                    "888",  "666", "!",   "@123", "#1",     "2030",   "1990",
                                    "8888", "01",  ".",   "_1",   "000000", "5201314"};

static void words_with_tails(struct guesses *g, const struct merchant *m)
{
    const char *const words[] = {m->owner_pinyin, m->shop_pinyin, m->owner, m->given};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        for (size_t j = 0; j < ARRAY_LEN(tails); j++) put(g, words[i], tails[j], "");
    for (size_t j = 0; j < ARRAY_LEN(tails); j++) {
        put(g, tails[j], m->owner_pinyin, "");
        put(g, tails[j], m->shop_pinyin, "");
        put(g, m->given, m->surname, tails[j]);
        put(g, m->surname, "_", m->given);
    }
}

static void numbers_of(struct guesses *g, const struct merchant *m)
{
    const char *const phone = m->phone, *const identity = m->identity;
    put(g, phone, "", "");
    put(g, phone + 1, "", "");
    put(g, phone + 3, "", "");
    put(g, phone + 5, "", "");
    put(g, phone + 7, phone + 7, "");
    put(g, phone + 7, "88", "");
    put(g, "66", phone + 7, "");
    put(g, identity + 6, "", "");
    put(g, identity + 10, "", "");
    put(g, identity + 12, "", "");
    put(g, identity, "", "");
    put(g, m->mid, "", "");
    put(g, m->mid + 7, "", "");
    put(g, m->mid + 9, "", "");
    put(g, m->tid, "", "");
    put(g, m->tid + 2, "", "");
    put(g, m->year, m->month, m->day);
    put(g, m->day, m->month, m->year);
    put(g, m->month, m->day, m->year);
    put(g, m->year + 2, m->month, m->day);
    put(g, "20310409", "", "");
    put(g, "04092031", "", "");
    put(g, "310409", "", "");
}

static void words_with_numbers(struct guesses *g, const struct merchant *m)
{
    const char *const words[] = {m->surname, m->initials, m->owner_pinyin};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const char *word = words[i];
        put(g, word, m->phone, "");
        put(g, word, m->phone + 3, "");
        put(g, word, m->phone + 7, m->phone + 7);
        put(g, m->phone + 7, word, m->phone + 7);
        put(g, word, "@", m->phone + 5);
        put(g, word, m->year, m->month);
        put(g, word, m->year, m->day);
        put(g, word, m->identity + 12, "");
        put(g, word, m->tid, "");
        put(g, m->year, word, m->day);
        put(g, word, "5201314", "");
        put(g, "woaini", word, "");
        put(g, word, "123456", "");
        put(g, word, "888888", "");
        put(g, word, "@", m->year);
        put(g, "pos", word, m->year);
        put(g, m->mid + 9, word, "");
    }
}

static void upper(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'a' && *text <= 'z') *text = (char)(*text - 'a' + 'A');
}

/* CR-09: all of them refused, whatever the profile would otherwise allow. */
static void test_derived_from_a_merchant(void **state)
{
    (void)state;
    struct policy text = policy_of(POLICY_PASSPHRASE), digits = policy_of(POLICY_NUMERIC_ANY);
    for (unsigned n = 0; n < 50; n++) {
        static struct guesses g;
        struct merchant m = merchant(n);
        struct policy_person person = person_of(&m);
        g.count = 0;
        words_with_tails(&g, &m);
        numbers_of(&g, &m);
        words_with_numbers(&g, &m);
        assert_true(g.count >= 200);
        for (size_t i = 0; i < g.count; i++) {
            if (i % 4 == 3) upper(g.text[i]);
            struct bytes guess = bytes_text(g.text[i]);
            struct policy_result got = policy_check(&text, &person, blocklist_builtin(), guess);
            if (got.broken == 0) fail_msg("%s (%s) is accepted", g.text[i], m.owner_pinyin);
            got = policy_check(&digits, &person, blocklist_builtin(), guess);
            if (got.broken == 0) fail_msg("%s (%s) is accepted", g.text[i], m.phone);
        }
    }
}

/* The same words are fine for somebody else: what is refused is the person's own. */
static void test_others_names_are_no_rule(void **state)
{
    (void)state;
    const struct policy_person person = {.name = {BYTES("\xe6\xac\xa7\xe9\x98\xb3\xe9\x9d\x99")},
                                         .names = 1}; /* 欧阳静 */
    struct policy policy = policy_of(POLICY_PASSPHRASE);
    struct bytes text = BYTES("ouyangjing likes #7 noodles");
    assert_int_equal(policy_check(&policy, &nobody, blocklist_builtin(), text).broken, 0);
    struct policy_result own = policy_check(&policy, &person, blocklist_builtin(), text);
    assert_int_equal(own.first, POLICY_OWN_NAME);
}

/* The syllables that are in the code and those of the table are the same. */
static void test_syllables(void **state)
{
    (void)state;
    static const struct {
        const char *character;
        const char *reading[3];
    } rows[] = {
        {"\xe5\xbc\xa0", {"zhang"}},          {"\xe6\x9b\xbe", {"ceng", "zeng"}},
        {"\xe5\x8d\x95", {"dan", "shan"}},    {"\xe5\xa5\xb3", {"nv"}},
        {"\xe9\x95\xbf", {"chang", "zhang"}}, {"\xe9\xbe\x98", {NULL}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bytes reading[PINYIN_READINGS_MAX];
        size_t count = pinyin_readings(bytes_text(rows[i].character), reading);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(k < count, rows[i].reading[k] != NULL);
            if (k >= count) break;
            assert_true(bytes_equal(reading[k], bytes_text(rows[i].reading[k])));
            assert_true(pinyin_is_syllable(reading[k]));
        }
    }
    assert_false(pinyin_is_syllable(BYTES("zhuangg")));
    assert_false(pinyin_is_syllable(BYTES("v")));
    assert_false(pinyin_is_syllable(BYTES("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_good_ones_are_taken),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_derived_from_a_merchant),
        cmocka_unit_test(test_others_names_are_no_rule),
        cmocka_unit_test(test_syllables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
