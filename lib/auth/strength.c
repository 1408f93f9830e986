/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guesses as decimal logarithms, in tenths. A piece costs what it costs to run through its kind;
 * pieces in an order that is not known cost their factorial more, as in zxcvbn (Wheeler, USENIX
 * Security 2016).
 */
#include "lib/auth/strength.h"

#include <math.h>
#include <sodium.h>
#include <zxcvbn.h>

#include "lib/auth/guess.h"

enum { LOOKED_AT = 100, STACK_SCRUBBED = 64 * 1024 };

/* Through how many are all of a kind, in tenths of a decimal logarithm. */
static unsigned kind_tenths(const struct guess_piece *piece, bool plate)
{
    switch (piece->kind) {
    case POLICY_REPEATS:
    case POLICY_OWN_NAME:
        return 10;
    case POLICY_OWN_NUMBER: /* a plate may be anybody's of the town: its places are run through */
        return plate ? 50 : 10;
    case POLICY_RUN:
        return 18;
    case POLICY_WALK:
        return 25;
    case POLICY_DATE:
        return piece->len <= 4 ? 23 : 42; /* days of a year or years; days of a century */
    default:
        return 32; /* the commonest words and syllables, which people choose first */
    }
}

static unsigned character_tenths(uint8_t c)
{
    if (c >= '0' && c <= '9') return 10;
    if (c >= 'a' && c <= 'z') return 14;
    if (c >= 'A' && c <= 'Z') return 17;
    return c >= 0x80 ? 30 : 15;
}

/* Capitals at other places than the first double it a few times. */
static unsigned case_tenths(struct bytes piece)
{
    for (size_t i = 1; i < piece.len; i++)
        if (piece.at[i] >= 'A' && piece.at[i] <= 'Z') return 8;
    return piece.len > 0 && piece.at[0] >= 'A' && piece.at[0] <= 'Z' ? 3 : 0;
}

static unsigned pieces_tenths(struct bytes text, const struct guess *g)
{
    double tenths = 10 * lgamma((double)g->pieces + 1) / log(10);
    size_t single = 0;
    for (size_t i = 0; i < g->pieces; i++) {
        const struct guess_piece *piece = &g->piece[i];
        struct bytes at = bytes_of(text.at + piece->from, piece->len);
        single += piece->kind == POLICY_OK;
        tenths += piece->kind == POLICY_OK
                      ? character_tenths(at.at[0])
                      : kind_tenths(piece, !bytes_all_digits(at)) + case_tenths(at);
    }
    /* Characters of their own come in the order in which they are: no factorial for them. */
    if (single == g->pieces) tenths -= 10 * lgamma((double)g->pieces + 1) / log(10);
    return tenths > UINT16_MAX ? UINT16_MAX : (unsigned)tenths;
}

/* What the library has left on the stack below us. */
static __attribute__((noinline)) void scrub_stack(void)
{
    uint8_t used[STACK_SCRUBBED];
    sodium_memzero(used, sizeof used);
}

static unsigned zxcvbn_tenths(struct bytes text)
{
    char copy[LOOKED_AT + 1] = {0};
    size_t len = text.len < LOOKED_AT ? text.len : LOOKED_AT;
    if (len > 0) memcpy(copy, text.at, len);
    double bits = ZxcvbnMatch(copy, NULL, NULL);
    sodium_memzero(copy, sizeof copy);
    scrub_stack();
    double tenths = bits * 10 * log10(2);
    return tenths < 0 ? 0 : tenths > UINT16_MAX ? UINT16_MAX : (unsigned)tenths;
}

/*
 * Guesses that each score begins at. A number is tried on the device, ten times at the most, so it
 * takes fewer digits; a text is tried by machines that stole a file.
 */
static uint8_t score_of(const struct policy *policy, unsigned tenths)
{
    static const unsigned number[] = {30, 50, 75, 95}, text[] = {30, 60, 80, 100};
    const unsigned *from = policy->keyboard == POLICY_KEYS_DIGITS ? number : text;
    uint8_t score = 0;
    while (score < 4 && tenths >= from[score]) score++;
    return score;
}

static enum strength_advice advice_for(const struct policy *policy, const struct guess *g,
                                       uint8_t score)
{
    if (score == 4) return STRENGTH_FINE;
    if (policy->keyboard == POLICY_KEYS_DIGITS)
        return policy->min == policy->max ? STRENGTH_FINE : STRENGTH_MORE_DIGITS;
    return g->chief == POLICY_COMMON ? STRENGTH_ANOTHER_WORD : STRENGTH_MIX;
}

static bool has_begun(const struct password_text *text, size_t at)
{
    return at < text->len && (text->at[at] & 0xC0) == 0x80;
}

struct strength strength_of(const struct policy *policy, const struct policy_person *person,
                            const struct blocklist *blocklist, struct bytes candidate)
{
    CLEANUP(password_text_wipe) struct password_text text = {.len = 0};
    struct policy_result result = policy_check(policy, person, blocklist, candidate);
    struct strength strength = {.advice = STRENGTH_MEND, .refused = result.first};
    if (password_normalise(candidate, &text) != POLICY_OK) return strength;
    size_t len = text.len < LOOKED_AT ? text.len : LOOKED_AT;
    while (len > 0 && has_begun(&text, len)) len--;
    struct bytes looked_at = bytes_of(text.at, len);
    struct guess g;
    guess_make(looked_at, person, blocklist, &g);
    unsigned tenths = pieces_tenths(looked_at, &g);
    /* Of numbers libzxcvbn sees years and runs of two everywhere; ours are the keypad's rules. */
    if (policy->keyboard == POLICY_KEYS_TEXT) {
        unsigned others = zxcvbn_tenths(looked_at);
        if (others < tenths) tenths = others;
    }
    strength.guesses_tenths = (uint16_t)tenths;
    strength.score = score_of(policy, strength.guesses_tenths);
    if (result.broken != 0) strength.score = strength.score < 1 ? 0 : 1;
    else strength.advice = advice_for(policy, &g, strength.score);
    return strength;
}

static const struct {
    const char *word, *text[2];
} advices[STRENGTH_ADVICES] = {
#define X(name, word, en, zh) {word, {en, zh}},
    STRENGTH_ADVICE_LIST(X)
#undef X
};

const char *strength_text(struct strength strength, enum policy_language language)
{
    ENSURE(strength.advice < STRENGTH_ADVICES);
    ENSURE(language == POLICY_EN || language == POLICY_ZH);
    return strength.advice == STRENGTH_MEND ? policy_verdict_text(strength.refused, language)
                                            : advices[strength.advice].text[language];
}

const char *strength_word(enum strength_advice advice)
{
    ENSURE(advice < STRENGTH_ADVICES);
    return advices[advice].word;
}
