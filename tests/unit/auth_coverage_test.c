/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules see of passwords that no list has (S22, CR-07). Each family below is a way in
 * which people make passwords; its members are drawn here, and nothing in the build writes them
 * out. The shares are printed and stand in docs/policies.md, those that are low as well: a family
 * that no rule can know, such as a number of a messenger's account, is taken, and the tries are
 * what protects it.
 */
#include "lib/auth/blocklist.h"
#include "lib/auth/policy.h"
#include "lib/base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { DRAWN = 1000, TEXT_MAX = 96 };

static const struct policy_person nobody = {.names = 0};

static const char *const surnames[] = {"wang", "li",   "zhang", "liu",
                                       "chen", "yang", "zhao",  "huang"};
static const char *const given[] = {"wei",   "fang", "na",  "xiuying", "min",  "jing",
                                    "qiang", "lei",  "jun", "yang",    "yong", "yan",
                                    "jie",   "juan", "tao", "ming"};
static const char *const slang[] = {"520", "1314", "5201314", "1314520", "7758521", "888", "666"};
static const char *const words[] = {"sunshine", "football", "flower",
                                    "welcome",  "summer",   "coffee"};
static const char *const phrases[] = {"gongxifacai", "wanshiruyi", "yiluping",
                                      "woxihuanni",  "nihaoma",    "shengrikuaile"};
static const char *const walks[] = {"qwerty", "asdfgh", "zxcvbn", "qazwsx", "1qaz2wsx"};
static const char *const signs[] = {"!", ".", "@", "#", "_"};
static const char *const provinces[] = {"jing", "hu", "yue", "zhe", "su", "lu", "京", "沪", "粤"};

struct draw {
    struct random_seeded source;
};

static uint32_t below(struct draw *d, uint32_t limit)
{
    return (uint32_t)(random_seeded_next(&d->source) % limit);
}

#define ONE_OF(draw, list) ((list)[below((draw), ARRAY_LEN(list))])

static void name_and_year(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%s%s%u", ONE_OF(d, surnames), ONE_OF(d, given), 1955 + below(d, 55));
}

static void full_name_and_slang(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%s%s%s%s", ONE_OF(d, surnames), ONE_OF(d, given), ONE_OF(d, given),
             ONE_OF(d, slang));
}

static void initials_and_birthday(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%c%c%u%02u%02u", 'a' + below(d, 26), 'a' + below(d, 26),
             1955 + below(d, 55), 1 + below(d, 12), 1 + below(d, 28));
}

static void phrase_and_slang(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%s%s", ONE_OF(d, phrases), ONE_OF(d, slang));
}

static void word_year_and_sign(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%s%u%s", ONE_OF(d, words), 1955 + below(d, 75), ONE_OF(d, signs));
}

static void word_twice(struct draw *d, char *text)
{
    const char *word = ONE_OF(d, words);
    snprintf(text, TEXT_MAX, "%s%s", word, word);
}

static void signs_for_letters(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%s%s", ONE_OF(d, words), ONE_OF(d, slang));
    for (char *c = text; *c != '\0'; c++)
        *c = (char)(*c == 'o' ? '0' : *c == 'e' ? '3' : *c == 's' ? '$' : *c);
}

static void walk_and_date(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%s%u%02u%02u", ONE_OF(d, walks), 1955 + below(d, 75),
             1 + below(d, 12), 1 + below(d, 28));
}

static void phone_and_letters(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%c%c1%u%09u", 'a' + below(d, 26), 'a' + below(d, 26), 3 + below(d, 7),
             below(d, 1000000000));
}

static void plate(struct draw *d, char *text)
{
    static const char letters[] = "abcdefghjklmnpqrstuvwxyz";
    const char *province = ONE_OF(d, provinces);
    char office = letters[below(d, 24)], letter = letters[below(d, 24)];
    if (below(d, 2) == 0) snprintf(text, TEXT_MAX, "%s%c%05u", province, office, below(d, 100000));
    else snprintf(text, TEXT_MAX, "%s%cd%c%04u", province, office, letter, below(d, 10000));
}

static void plate_and_word(struct draw *d, char *text)
{
    char other[TEXT_MAX / 2];
    plate(d, other);
    snprintf(text, TEXT_MAX, "%s%s", ONE_OF(d, words), other);
}

static void identity_number(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%06u%u%02u%02u%04u", 110101 + below(d, 540000), 1955 + below(d, 50),
             1 + below(d, 12), 1 + below(d, 28), below(d, 10000));
}

static void name_and_four_digits(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "%s%s%04u", ONE_OF(d, surnames), ONE_OF(d, given), below(d, 10000));
}

static void messenger_number(struct draw *d, char *text)
{
    snprintf(text, TEXT_MAX, "qq%09u", 100000000 + below(d, 900000000));
}

/* What nobody has made: 14 letters and digits of their own. These must be taken. */
static void drawn_at_random(struct draw *d, char *text)
{
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (size_t i = 0; i < 14; i++) text[i] = all[below(d, sizeof all - 1)];
    text[14] = '\0';
}

/* In thousandths; what was seen, less a little for another draw. */
static const struct {
    const char *name;
    void (*draw)(struct draw *draw, char *text);
    unsigned least, most;
} families[] = {
    {"name and year", name_and_year, 1000, 1000},
    {"name of three and slang", full_name_and_slang, 970, 1000},
    {"initials and birthday", initials_and_birthday, 1000, 1000},
    {"phrase in pinyin and slang", phrase_and_slang, 990, 1000},
    {"word, year, sign", word_year_and_sign, 1000, 1000},
    {"word twice", word_twice, 1000, 1000},
    {"signs for letters, slang", signs_for_letters, 990, 1000},
    {"walk and date", walk_and_date, 1000, 1000},
    {"telephone number and letters", phone_and_letters, 1000, 1000},
    {"number plate", plate, 1000, 1000},
    {"word and number plate", plate_and_word, 1000, 1000},
    {"identity number", identity_number, 1000, 1000},
    {"name and four digits", name_and_four_digits, 200, 400},
    {"messenger number", messenger_number, 5, 80},
    {"drawn at random", drawn_at_random, 0, 2},
};

static unsigned refused_of(size_t family)
{
    struct policy policy;
    struct draw d;
    char text[TEXT_MAX];
    unsigned refused = 0;
    const struct policy_choice choice = {.profile = POLICY_PASSPHRASE,
                                         .rules = POLICY_RULES_NIST,
                                         .role = POLICY_OWNER,
                                         .second_factor = true};
    assert_true(policy_make(choice, &policy));
    policy.min = policy.digits_only_min = 8; /* the rules alone, not the length */
    random_seed(&d.source, family + 1);
    for (unsigned i = 0; i < DRAWN; i++) {
        families[family].draw(&d, text);
        refused +=
            policy_check(&policy, &nobody, blocklist_builtin(), bytes_text(text)).broken != 0;
    }
    return refused;
}

static void test_families(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        unsigned refused = refused_of(i) * 1000 / DRAWN;
        printf("%-30s %3u.%u %% refused\n", families[i].name, refused / 10, refused % 10);
        if (refused < families[i].least || refused > families[i].most)
            fail_msg("%s: %u of 1000", families[i].name, refused);
    }
}

/* The commonest of Chinese sites as papers print them; none is in the project's lists as such. */
static void test_published_chinese(void **state)
{
    (void)state;
    static const char *const printed[] = {
        "123456",    "a123456",    "123456789", "111111",    "5201314",    "123123",    "aa123456",
        "000000",    "1314520",    "123321",    "666666",    "1234567",    "12345678",  "7758521",
        "dearbook",  "11111111",   "00000000",  "123123123", "1234567890", "88888888",  "111111111",
        "147258369", "987654321",  "aaaaaaaa",  "66666666",  "a123456789", "11223344",  "1qaz2wsx",
        "xiazhili",  "789456123",  "888888",    "654321",    "121212",     "112233",    "7758258",
        "woaini",    "woaini1314", "woaini520", "qq123456",  "zxcvbnm",    "asd123",    "asdasd",
        "qwe123",    "1q2w3e4r",   "123qwe",    "abc123",    "wang123",    "5211314",   "147258",
        "qazwsx",    "1qazxsw2",   "q1w2e3r4",  "asd123456", "123456abc",  "110110110", "3.1415926",
        "zhang123",  "110120119",  "woaiwojia", "iloveyou"};
    struct policy policy;
    const struct policy_choice choice = {
        .profile = POLICY_PASSPHRASE, .rules = POLICY_RULES_NIST, .role = POLICY_CASHIER};
    assert_true(policy_make(choice, &policy));
    policy.min = policy.digits_only_min = 4;
    unsigned taken = 0;
    for (size_t i = 0; i < ARRAY_LEN(printed); i++)
        if (policy_check(&policy, &nobody, blocklist_builtin(), bytes_text(printed[i])).broken ==
            0) {
            printf("%s is taken\n", printed[i]);
            taken++;
        }
    assert_int_equal(taken, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_published_chinese),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
