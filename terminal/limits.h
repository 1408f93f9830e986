/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How much of everything a terminal can hold, each number with its reason. */

enum {
    TERMINAL_DEPTH = 24,        /* procedures waiting for one another; the deepest path has 20 */
    TERMINAL_BATCH_MAX = 9000,  /* payments of a batch; beyond it the operator signs in anew */
    TERMINAL_LIST_ROWS = 6,     /* payments on one page of a list: what 640 pixels show */
    TERMINAL_AMOUNT_DIGITS = 9, /* up to 9,999,999.99: what one counter takes at once */
    TERMINAL_ANSWER_MS = 60000, /* how long to wait for the host's answer (protocol notes 1.2) */
    TERMINAL_SHOWN_GRACE_MS = 20000, /* behind a shown code's life: the host knows how it ended */
    TERMINAL_CONNECT_MS =
        15000,              /* how long a payment waits for the connection before it gives up */
    TERMINAL_IDLE_S = 60,   /* an untouched screen goes back to the main screen */
    TERMINAL_RESULT_S = 30, /* a finished payment makes room for the next one sooner */
    TERMINAL_CHIP_POLL_MS = 100, /* while a chip card is at work; a notice of the vault is sooner */
    TERMINAL_CARD_POLL_MS = 200, /* how often the vault is asked whether a card was swiped */
    TERMINAL_WATCH_MS = 2000,    /* who stands at an opened device sees at once that it is over */
    TERMINAL_KEEP_ALIVE_MS = 60000, /* an echo when nothing else has been said for so long */
    TERMINAL_RETRY_FIRST_MS = 1000, /* reconnecting and reversing again: 1, 2, 4 ... */
    TERMINAL_RETRY_MAX_MS = 30000,  /* ... and at most 30 seconds apart */
    TERMINAL_LOCK_S = 300,          /* until the vault has told the policy's time to the lock */
    TERMINAL_APPROVAL_S = 90,       /* for a person to find a telephone and say yes on it */
    TERMINAL_PAIRING_S = 300,       /* for a person to scan a code and read six digits */
    TERMINAL_RESEND_S = 60,         /* before another code may be asked for */
    TERMINAL_RING_S = 60,           /* how long the screen says that the device is looked for */
    TERMINAL_BAD_MACS = 3,          /* in a row: the keys do not fit, sign in again (notes 1.7) */
};

/* Announcements with numbers from here on are rings; payments never come so far. */
#define TERMINAL_RING_SPEECH INT64_C(1000000000000)

/* And those of the guide (guide.h): from here on by the clock, so that no restart repeats one. */
#define TERMINAL_GUIDE_SPEECH INT64_C(10000000000000)

/* Of customer service, as it is printed in the manual; 400 numbers cost the caller a local call. */
#define TERMINAL_SUPPORT "400-000-0000"
