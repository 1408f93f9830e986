/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * strength: how hard is it to guess, and what is the one thing that would make it harder (S28)? The
 * lower of two estimates: libzxcvbn's, which knows English, and that of the pieces of guess.h,
 * which know Chinese habits and this person. Never a reason for a refusal: policy_check() has
 * those, and what it refuses is weak here, so that a bar is never green over a refusal.
 *
 * Only the first hundred characters are looked at: libzxcvbn's time grows with the square, and what
 * comes after them makes nothing weaker.
 */

#include "lib/auth/policy.h"

/* name, word, English, Chinese. The numbers are on a wire: rows are added at the end. */
#define STRENGTH_ADVICE_LIST(X)                                                                  \
    X(FINE, "fine", "Nothing to improve.", "无需改进。")                                         \
    X(MEND, "mend", "See what is refused.", "请先按提示修改。")                                  \
    X(MORE_DIGITS, "more_digits", "Two more digits make it a hundred times harder.",             \
      "再加两位数字，难度提高一百倍。")                                                          \
    X(ANOTHER_WORD, "another_word", "Add one more word that has nothing to do with the others.", \
      "再加一个不相关的词。")                                                                    \
    X(MIX, "mix", "Put a sign or a capital in the middle, not at the ends.",                     \
      "在中间加一个符号或大写字母，不要放在两头。")

enum strength_advice {
#define X(name, word, en, zh) STRENGTH_##name,
    STRENGTH_ADVICE_LIST(X)
#undef X
        STRENGTH_ADVICES
};

struct strength {
    uint8_t score;               /* 0 guessed at once ... 4 very hard; what is refused has 0 or 1 */
    uint16_t guesses_tenths;     /* ten times the decimal logarithm of the guesses it takes */
    enum strength_advice advice; /* MEND: the text of `refused` says what to do */
    enum policy_verdict refused; /* OK, or the first rule that is broken */
};

/* Calls libzxcvbn, which allocates, but puts no character of the password on the heap. */
struct strength strength_of(const struct policy *policy, const struct policy_person *person,
                            const struct blocklist *blocklist, struct bytes candidate);

/* The one improvement, a sentence. Never NULL. */
const char *strength_text(struct strength strength, enum policy_language language);
const char *strength_word(enum strength_advice advice);
