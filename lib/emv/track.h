/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Magnetic tracks as the text that readers deliver (ISO/IEC 7811-2, 7813, 4909).
 *
 *   track 1   %B PAN ^ NAME ^ YYMM service discretionary ?
 *   track 2   ; PAN = YYMM service discretionary ?
 *   track 3   ; 99 PAN = ... ?
 *
 * with an optional LRC character behind '?', which is checked when it is there. A field separator
 * in place of expiry or service code says that it is absent. All views point into the text.
 *
 * The Luhn digit is not checked here: some issuers' cards do not have it, so pan_luhn() is for
 * the caller to ask.
 */

#include "lib/emv/pan.h"

enum {
    TRACK_COUNT = 3,
    TRACK_1_MAX = 76, /* characters between the sentinels */
    TRACK_2_MAX = 37,
    TRACK_3_MAX = 104,
    TRACK_SWIPE_MAX = 240, /* three tracks with sentinels, LRCs, CR and LF */
};

struct track {
    unsigned number;   /* 1, 2, 3 */
    struct bytes data; /* between the sentinels */
    struct bytes pan;
    struct bytes name;          /* track 1 only */
    struct bytes expiry;        /* YYMM, or empty */
    struct bytes service_code;  /* three digits, or empty */
    struct bytes discretionary; /* track 3: everything behind the PAN */
};

/* What a parse stopped at. Never the text: it is card data. */
struct track_fault {
    unsigned track; /* 1, 2, 3 */
    size_t offset;
};

/*
 * Reads one track, with its sentinels or without. Errors, with `fault` filled: SHORT, LENGTH,
 * DIGIT (a PAN, expiry or service code that is not digits), FORMAT (sentinels, separators, month),
 * UNSUPPORTED (a track 1 of another format than B, a track 3 of another than 99), MAC (LRC).
 */
MUST_USE err track_parse(struct bytes text, unsigned number, struct track *out,
                         struct track_fault *fault);

/* One swipe: what a keyboard-wedge reader types. A track is present when its `number` is not 0. */
struct track_swipe {
    struct track track[TRACK_COUNT];
    bool unreadable[TRACK_COUNT]; /* the reader said so: "%E?" */
};

/*
 * Reads the line of a swipe: tracks in order, CR and LF at the end. '%' begins track 1, ';' track 2
 * and, when it has been, track 3; '+' begins track 3 too. Errors: as above, and CONFLICT (the
 * tracks have different card numbers or expiries), MISSING (no readable track at all).
 */
MUST_USE err track_swipe_parse(struct bytes line, struct track_swipe *out,
                               struct track_fault *fault);

/*
 * Track 2 equivalent data (57: packed digits, D for the separator, F behind an odd one) as the text
 * of a track 2 without its sentinels. Errors: FORMAT (another nibble), LENGTH.
 */
MUST_USE err track_of_packed(struct bytes packed, char out[static TRACK_2_MAX + 1]);

/* What the issuer asks for by the service code (ISO/IEC 7813, 4.2.5 and table). */
struct track_service {
    bool international; /* 1, 2 */
    bool national;      /* 5, 6 */
    bool private_use;   /* 7 */
    bool test;          /* 9 */
    bool chip;          /* 2, 6: a terminal with a chip reader must use the chip */
    bool online;        /* second digit 2 or 4: the issuer decides */
    bool pin_required;  /* third digit 0, 3, 5 */
    bool pin_prompt;    /* third digit 6, 7: when there is a PIN pad */
    bool cash_only;     /* third digit 4 */
    bool goods_only;    /* third digit 2, 5, 7: goods and services, no cash */
};

/* Errors: FORMAT (not three digits), RANGE (a digit that the standard leaves undefined). */
MUST_USE err track_service_code(struct bytes code, struct track_service *out);
