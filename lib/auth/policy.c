/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules in the order in which they are told: what it is made of, how long it is, which classes
 * it has, then what makes it easy to guess. All of them are always looked at, so that a person who
 * mends the first is not met by the second.
 */
#include "lib/auth/policy.h"

#include <assert.h>
#include <sodium.h>

#include "lib/auth/guess.h"
#include "lib/auth/policy_numbers.h"
#include "lib/auth/policy_published.h"

enum { POLICY_PIECES_MIN = 5 };

static_assert(POLICY_VERDICTS <= 32, "policy_result.broken has a bit for each verdict");

struct candidate {
    const struct policy *policy;
    const struct policy_person *person;
    const struct blocklist *blocklist;
    struct password_text text;
    bool digits; /* nothing but ASCII digits, at least one */
};

static void candidate_wipe(struct candidate *c)
{
    sodium_memzero(c, sizeof *c);
}

static void break_rule(struct policy_result *result, bool broken, enum policy_verdict verdict)
{
    if (!broken) return;
    if (result->broken == 0) result->first = verdict;
    result->broken |= UINT32_C(1) << verdict;
}

/* Digits 1 to 6 are what the six keys of the smallest keypads have on them. */
static bool can_be_typed(const struct policy *policy, struct bytes text)
{
    if (policy->keyboard == POLICY_KEYS_TEXT) return true;
    uint8_t first = policy->digit_keys == 10 ? '0' : '1';
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < first || text.at[i] >= first + policy->digit_keys) return false;
    return true;
}

static void check_length(const struct candidate *c, struct policy_result *result)
{
    size_t points = c->text.points;
    break_rule(result, points < c->policy->min, POLICY_TOO_SHORT);
    break_rule(result, points > c->policy->max, POLICY_TOO_LONG);
    break_rule(result, c->digits && points < c->policy->digits_only_min && points >= c->policy->min,
               POLICY_DIGITS_SHORT);
}

static unsigned class_of(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return POLICY_DIGIT;
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) return POLICY_LETTER;
    /* Every script's letters count as letters: a sign is asked for from a keyboard that has them.
     */
    return byte >= 0x80 ? POLICY_LETTER : POLICY_SPECIAL;
}

static void check_classes(const struct candidate *c, struct policy_result *result)
{
    unsigned there = 0;
    for (size_t i = 0; i < c->text.len; i++) there |= class_of(c->text.at[i]);
    unsigned missing = c->policy->classes & ~there;
    break_rule(result, (missing & POLICY_LETTER) != 0, POLICY_NO_LETTER);
    break_rule(result, (missing & POLICY_DIGIT) != 0, POLICY_NO_DIGIT);
    break_rule(result, (missing & POLICY_SPECIAL) != 0, POLICY_NO_SPECIAL);
}

static bool touches_own_number(const struct candidate *c, struct bytes digits)
{
    for (size_t i = 0; i < c->person->numbers; i++)
        if (number_is_part_of(digits, c->person->number[i])) return true;
    return number_is_phone(digits);
}

static void check_number(const struct candidate *c, struct policy_result *result)
{
    struct bytes digits = password_text_view(&c->text);
    break_rule(result, number_repeats(digits), POLICY_REPEATS);
    break_rule(result, number_is_run(digits), POLICY_RUN);
    break_rule(result, number_is_walk(digits), POLICY_WALK);
    break_rule(result, number_is_date(digits) || number_is_of_day(digits, c->person->today),
               POLICY_DATE);
    break_rule(result, policy_is_published(digits), POLICY_PUBLISHED);
    break_rule(result, touches_own_number(c, digits), POLICY_OWN_NUMBER);
    break_rule(result, blocklist_has(c->blocklist, digits), POLICY_COMMON);
}

/*
 * Four pieces that are known to whoever guesses give some 2^50 texts at the most, and mostly far
 * fewer; and the pieces of a sentence of five words are still easier to keep in mind than eight
 * characters of no meaning.
 */
static void check_text(const struct candidate *c, struct policy_result *result)
{
    struct bytes text = password_text_view(&c->text);
    struct guess g;
    guess_make(text, c->person, c->blocklist, &g);
    break_rule(result, policy_is_published(text), POLICY_PUBLISHED);
    break_rule(result, g.numbers, POLICY_OWN_NUMBER);
    break_rule(result, g.names, POLICY_OWN_NAME);
    break_rule(result, g.pieces < POLICY_PIECES_MIN && g.chief != POLICY_OK, g.chief);
}

static void check_guessable(const struct candidate *c, struct policy_result *result)
{
    if (c->digits) check_number(c, result);
    else if (c->text.len > 0) check_text(c, result);
}

struct policy_result policy_check(const struct policy *policy, const struct policy_person *person,
                                  const struct blocklist *blocklist, struct bytes candidate)
{
    ENSURE(policy->min >= 4 && policy->min <= policy->max && policy->max <= PASSWORD_TEXT_POINTS);
    ENSURE(person->names <= POLICY_NAMES_MAX && person->numbers <= POLICY_NUMBERS_MAX);
    CLEANUP(candidate_wipe)
    struct candidate c = {.policy = policy, .person = person, .blocklist = blocklist};
    struct policy_result result = {.first = POLICY_OK};
    enum policy_verdict normal = password_normalise(candidate, &c.text);
    break_rule(&result, normal != POLICY_OK, normal);
    if (normal != POLICY_OK) return result;
    c.digits = bytes_all_digits(password_text_view(&c.text));
    break_rule(&result, !can_be_typed(policy, password_text_view(&c.text)), POLICY_NOT_DIGITS);
    check_length(&c, &result);
    check_classes(&c, &result);
    check_guessable(&c, &result);
    return result;
}
