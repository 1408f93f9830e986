/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A dialect: how one network spells ISO 8583. It is a table; there is no code per dialect, and
 * every property of a field is a column of its own, so that a new dialect is a new table.
 */

#include "lib/iso8583/message.h"

/* What a value consists of. */
enum iso8583_kind {
    ISO8583_ABSENT, /* the dialect does not have this field */
    ISO8583_DIGITS, /* n */
    ISO8583_TRACK,  /* z */
    ISO8583_TEXT,   /* an, ans */
    ISO8583_BINARY, /* b */
};

/* How it stands on the wire. */
enum iso8583_coding {
    ISO8583_PLAIN,     /* one byte an element: text, raw binary, ASCII digits */
    ISO8583_BCD,       /* two elements a byte; an odd count has a zero nibble behind it */
    ISO8583_BCD_RIGHT, /* the same with the zero nibble before it */
    ISO8583_HEX,       /* binary as two upper-case hexadecimal characters a byte */
};

/* What the length in front of a variable field counts. */
enum iso8583_counts {
    ISO8583_ELEMENTS, /* digits, characters or bytes of the value */
    ISO8583_OCTETS,   /* bytes on the wire, which differs where the coding is not plain */
};

/* What may be printed of it. */
enum iso8583_shown {
    ISO8583_OPEN,   /* all */
    ISO8583_CARD,   /* a card number or track: first six and last four of the card number */
    ISO8583_SECRET, /* a PIN block: its first byte and its size */
    ISO8583_MIXED,  /* free content in which a card number may stand: those are masked */
};

struct iso8583_layout {
    uint8_t kind;   /* enum iso8583_kind */
    uint8_t coding; /* enum iso8583_coding */
    uint8_t prefix; /* digits of the length in front: 0 (fixed), 2 (LL) or 3 (LLL) */
    uint8_t counts; /* enum iso8583_counts */
    uint16_t max;   /* elements; the exact number when the field is fixed */
    uint8_t shown;  /* enum iso8583_shown */
    const char *name;
};

struct iso8583_dialect {
    const char *name;
    uint8_t mti;    /* ISO8583_BCD or ISO8583_PLAIN (four ASCII digits) */
    uint8_t bitmap; /* ISO8583_PLAIN (eight bytes) or ISO8583_HEX (sixteen characters) */
    uint8_t prefix; /* ISO8583_BCD (one byte for LL, two for LLL) or ISO8583_PLAIN (ASCII digits) */
    struct iso8583_layout field[ISO8583_FIELD_LAST + 1];
};

/* Between a Tongbao terminal and its acquirer: card data only as an envelope in field 57. */
extern const struct iso8583_dialect iso8583_dialect_tongbao;

/* The plain profile of UnionPay-style terminals: packed decimal, card data in fields 2, 14, 35, 36.
 */
extern const struct iso8583_dialect iso8583_dialect_cup;

/*
 * ISO 8583:1987 in ASCII, towards the card network. Private use: 57 card data envelope, 59 customer
 * payment code, 125 PIN block under AES (16 bytes; field 52 has the 8 of the standard).
 */
extern const struct iso8583_dialect iso8583_dialect_ascii87;

/* Looks a dialect up by the names that people type: "bcd", "ascii", "tongbao". NULL when unknown.
 */
const struct iso8583_dialect *iso8583_dialect_named(const char *name);
