/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * recommend: which terminal suits, with the reasons, and another one that would do (S134).
 *
 * A catalogue of kinds of terminals, each with what it can; needs that a kind lacks shut it out,
 * what it has and nobody needs makes it dearer than it must be. Of those that have everything the
 * one with the least that is not needed is recommended; when none has everything, the one that
 * lacks least, and what it lacks is said.
 */

#include "backoffice/applications/eligibility.h"

/* Kinds, not models: a model of the stock names its kind. Stored: added at the end. */
enum terminal_kind {
    KIND_SPEAKER = 1,  /* a code to scan and a box that speaks; no cards */
    KIND_HANDHELD = 2, /* with battery, cards and codes, slips on a screen */
    KIND_SMART = 3,    /* handheld with a printer */
    KIND_COUNTER = 4,  /* at a counter, printer, wired */
    KIND_TILL = 5,     /* two screens, printer, driven by a till or a till itself */
    TERMINAL_KINDS = 6,
};

struct terminal_kind_row {
    const char *word, *zh, *en;
    unsigned can;        /* a set of enum applicant_need */
    int64_t price_minor; /* when it is not free */
};

const struct terminal_kind_row *terminal_kind_row(enum terminal_kind kind);

struct recommendation {
    enum terminal_kind best, other; /* never the same */
    unsigned met, missing;          /* needs that `best` meets, and that it does not */
    unsigned other_missing;
};

/* `needs`: at least one (ENSURE). */
struct recommendation recommend(unsigned needs);

/* Why, as a sentence for the applicant: "prints slips, and is used on the way". Words of one need.
 */
const char *need_word(unsigned need);
const char *need_text(unsigned need, bool english);
