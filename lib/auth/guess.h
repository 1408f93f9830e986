/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * guess: how would somebody who knows people, and this person, make this text? It is cut into the
 * fewest pieces: a common word, a date, a run, a walk over the keyboard, a repetition, a part of
 * the person's names and numbers, syllables of pinyin; a character that is none of these is a piece
 * by itself. So "zhangwei1990" is two pieces, of which a guesser needs to know neither, and
 * "iloveyou1314520" is two; no list could hold all of their like.
 */

#include "lib/auth/policy.h"

enum { GUESS_PIECES_MAX = PASSWORD_TEXT_BYTES };

struct guess_piece {
    uint16_t from, len;       /* bytes of the text */
    enum policy_verdict kind; /* OK: a character of its own */
};

struct guess {
    struct guess_piece piece[GUESS_PIECES_MAX];
    size_t pieces;
    enum policy_verdict chief; /* the kind of most of the bytes that are guessed; OK: none */
    bool names;                /* a name of the person stands in it as such */
    bool numbers;              /* six or more digits of a number of the person */
};

/* `text` is normalised; its case does not matter. Wipes everything but what it returns, which tells
 * lengths and kinds. */
void guess_make(struct bytes text, const struct policy_person *person,
                const struct blocklist *blocklist, struct guess *ret_guess);
