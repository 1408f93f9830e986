/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A screen as data: what stands on it and which keys it takes. The procedures fill it, whoever
 * shows it (the browser page on the device, a test) only draws it and says which key was touched.
 *
 * Fixed size, no memory of its own. Texts are UTF-8, NUL-terminated and already in the language of
 * the terminal; a text that does not fit is a bug of the catalogue (texts.h), found by its test.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"
#include "payment/receipt.h"

enum {
    SCREEN_LINES = 16,
    SCREEN_CHOICES = 16,
    SCREEN_ZONES = 7,
    SCREEN_SPEECH = 640, /* the words of the longest instruction, and of an amount */
    SCREEN_TEXT = 240,
    SCREEN_TITLE = 64,
    SCREEN_LAYOUT_MAX = 64,  /* sealed keypad layout: 12 bytes, counter and tag make 36 */
    SCREEN_SEALED_MAX = 288, /* a line of advice or a one-time password, sealed for the page */
    SCREEN_QR_MAX = 1400,    /* an e-receipt of 650 bytes in base64, with its address */
    SCREEN_HELP = 480,
    SCREEN_JSON_MAX = 57344, /* a receipt of 96 lines and every other member, escaped */
};

enum language { LANGUAGE_ZH, LANGUAGE_EN, LANGUAGES };

enum screen_network { SCREEN_OFFLINE, SCREEN_CONNECTING, SCREEN_ONLINE };

enum screen_paper { SCREEN_PAPER_OK, SCREEN_PAPER_LOW, SCREEN_PAPER_OUT };

/* S6: the status bar, on every screen. */
struct screen_status {
    enum screen_network network;
    char time[6];        /* "12:30", local */
    char operator_id[3]; /* empty when nobody is logged in */
    bool signed_in;
    unsigned unsent;  /* reversals and advices that the host has not acknowledged yet */
    unsigned battery; /* per cent */
    enum screen_paper paper;
    bool locked;
    const char *link;            /* "ethernet", "wifi", "mobile", "unknown"; a literal */
    bool trusted;                /* a network that a recovery may go over */
    char training[SCREEN_TITLE]; /* nothing of this is real, in both languages; empty: it is */
    char merchant[128];
};

enum screen_line_style {
    SCREEN_NORMAL,
    SCREEN_BIG,
    SCREEN_HINT,
    SCREEN_WARNING,
    SCREEN_ERROR,
    SCREEN_SUCCESS,
    SCREEN_AMOUNT,
};

struct screen_line {
    const char *id; /* of the text in the catalogue; a literal */
    enum screen_line_style style;
    char text[SCREEN_TEXT]; /* "label<TAB>value" is drawn in two columns */
};

/* CHIP: one of several small ones in a row. */
enum screen_choice_style {
    SCREEN_TILE,
    SCREEN_PRIMARY,
    SCREEN_PLAIN,
    SCREEN_DANGER,
    SCREEN_LIST,
    SCREEN_CHIP
};

struct screen_choice {
    char key[24];
    char text[SCREEN_TEXT / 2]; /* of a list row: what follows a line feed is drawn smaller */
    enum screen_choice_style style;
    const char *icon; /* NULL for none; a literal */
    bool enabled;
};

/* TEXT and LINES are written on the page and sent whole (terminal_on_text). */
enum screen_field_kind {
    SCREEN_FIELD_NONE,
    SCREEN_FIELD_AMOUNT,
    SCREEN_FIELD_DIGITS,
    SCREEN_FIELD_TEXT,
    SCREEN_FIELD_LINES
};

struct screen_field {
    enum screen_field_kind kind;
    char label[SCREEN_TITLE];
    char value[64];
    unsigned max; /* characters; bytes of what is sent whole */
};

enum screen_keypad { SCREEN_KEYPAD_NONE, SCREEN_KEYPAD_AMOUNT, SCREEN_KEYPAD_DIGITS };

/* A secure entry: the page opens `layout`, draws it, and sends sealed positions. */
struct screen_entry {
    uint8_t purpose; /* enum vault_entry_purpose; 0: no entry on this screen */
    uint8_t layout[SCREEN_LAYOUT_MAX];
    size_t layout_len; /* 0 until the page has opened its channel */
    bool text;         /* letters too: the page shows a keyboard */
    bool shade;        /* others look on: drawn dim, and no key shows that it was touched */
    bool too_long;     /* what was typed or pasted last did not fit; nothing of it was taken */
    size_t strength_len;
    uint8_t
        strength[SCREEN_SEALED_MAX]; /* of a new password: score and advice, sealed for the page */
    unsigned count, min, max;
    char label[SCREEN_TITLE];
};

/* What the vault says to the page alone. */
struct screen_sealed {
    size_t len; /* 0: nothing */
    uint8_t at[SCREEN_SEALED_MAX];
};

/* Something that only the page can read: the vault's one-time password for another operator. */
struct screen_secret {
    size_t len; /* 0: none on this screen */
    uint8_t sealed[SCREEN_SEALED_MAX];
    char label[SCREEN_TITLE];
};

/*
 * A screen for who does not see it (guide.h). KEYS: nothing but zones; STROKES: between them room
 * for digits by strokes; LARGE: the ordinary screen with large keys.
 */
enum screen_guide {
    SCREEN_GUIDE_NONE,
    SCREEN_GUIDE_KEYS,
    SCREEN_GUIDE_STROKES,
    SCREEN_GUIDE_LARGE
};

enum screen_place {
    SCREEN_TOP_LEFT,
    SCREEN_TOP,
    SCREEN_TOP_RIGHT,
    SCREEN_MIDDLE,
    SCREEN_LOWER,
    SCREEN_BOTTOM_LEFT,
    SCREEN_BOTTOM_RIGHT,
};

/* A key that says its name when it is touched once, and is pressed when it is touched twice. */
struct screen_zone {
    enum screen_place place;
    const char *key; /* "ok", "clear", "choice:..."; a literal */
    char text[SCREEN_TITLE];
    uint8_t clip; /* enum speaker_clip: its name, spoken */
};

enum screen_key { SCREEN_KEY_CANCEL = 1, SCREEN_KEY_OK = 2 };

struct screen {
    uint32_t serial; /* of this screen; a key for another serial is ignored */
    const char *id;  /* "sale.amount"; a literal */
    enum language language;
    char model[32];
    struct screen_status status;
    char title[SCREEN_TITLE];
    const char *title_id;
    size_t line_count, choice_count;
    struct screen_line line[SCREEN_LINES];
    struct screen_choice choice[SCREEN_CHOICES];
    struct screen_field field;
    enum screen_keypad keypad;
    struct screen_entry entry;
    struct screen_secret secret;
    struct screen_sealed shown;    /* amount and merchant of a card payment, by the vault (DV-15) */
    char qr[SCREEN_QR_MAX];        /* to be drawn as a code; empty: none */
    char help[SCREEN_HELP];        /* open over the screen; empty: closed */
    bool scan, card;               /* the scanner is on; the card reader is armed */
    bool sign;                     /* there is room to sign in */
    char wait[SCREEN_TEXT];        /* what is being waited for; empty when nothing is */
    unsigned wait_seconds;         /* how long at most from now */
    const struct receipt *receipt; /* view of the terminal's, until the next screen; may be NULL */
    int64_t receipt_number;        /* of its payment; 0: a report */
    int64_t speech_number;         /* 0: nothing is said with this screen */
    char speech[SCREEN_SPEECH];
    enum screen_guide guide;
    size_t zone_count;
    struct screen_zone zone[SCREEN_ZONES];
    unsigned countdown; /* seconds from now until the main screen comes back; 0: never */
    unsigned keys;      /* of enum screen_key */
};

/* The screen as the page gets it (one JSON object, see web/terminal/src/screen.ts). */
MUST_USE err screen_write_json(const struct screen *screen, struct writer *w);
