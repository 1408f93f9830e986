/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the manual by number. */
#include "paper/manual_words.h"

#include "lib/base/err.h"

static const char *const words[MANUAL_WORDS][2] = {
#define X(name, en, zh) {en, zh},
    MANUAL_WORD_LIST(X)
#undef X
};

const char *manual_word(enum manual_word word, unsigned language)
{
    ENSURE(word < MANUAL_WORDS && language < 2);
    return words[word][language];
}
