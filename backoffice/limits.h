/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the back office holds at most, and why. */

enum {
    /* The published document of the interface, which has outgrown 256 KiB; eight hundred rows of
     * figures, or a list of a few hundred tickets with their texts, are less. */
    BACKOFFICE_RESPONSE_MAX = 384 * 1024,
    /* The longest body any route may ask for: a passkey's attestation with a long key. */
    BACKOFFICE_BODY_MAX = 8192,
    BACKOFFICE_TICK_MS = 1000,
    /* Open connections: a page holds six at most, and a flood shall not shut people out. */
    BACKOFFICE_CONNECTIONS = 512,

    /* Photos on their way at a time, 5 MB each: the rest is told to come again. */
    BACKOFFICE_UPLOADS = 16,

    /* Connected at a time. A process has 20,000 descriptors at most; a line costs 60 kB. */
    BACKOFFICE_TERMINALS = 12288,

    /* ---- sessions (HS-10 to HS-13) ---- */
    BACKOFFICE_SESSIONS = 5,      /* of one account at a time; the one used longest ago gives way */
    BACKOFFICE_HALF_SESSIONS = 3, /* likewise, log-ins that are not finished */
    BACKOFFICE_DEVICES = 8,       /* of one account */
    SESSION_IDLE_MS = 15 * 60 * 1000,
    SESSION_STAFF_MS = 12 * 3600 * 1000,
    SESSION_CONSOLE_MS = 24 * 3600 * 1000,
    SESSION_HALF_MS = 10 * 60 * 1000, /* to find the phone with the app */
    SESSION_STEP_UP_MS = 5 * 60 * 1000,
    SESSION_TOUCH_MS =
        30 * 1000, /* a session's use is written this often: it may end so much early */
    SESSION_ENROL_MS = 24 * 3600 * 1000, /* after the set-up link: to set up a second factor */

    SWEEP_MS = 60 * 1000, /* what has ended is taken out this often; it is void at once */

    /* ---- guessing (CR-20, CR-22) ---- */
    TRIES_IN_WINDOW = 10,
    TRIES_IN_ALL = 100, /* NIST SP 800-63B-4 3.2.2 allows no more in succession */
    TRIES_WINDOW_MS = 30 * 60 * 1000,
    TRIES_NAME_MS = 24 * 3600 * 1000, /* names that nobody has are forgotten after a day */

    /* A hash takes 40 ms and 19 MiB. So many may wait that the last is served within 1.3 s by two
     * threads; more are told to come back (429) before anything is hashed. */
    HASH_WAITING = 32,     /* of each class: known devices and sessions, strangers */
    HASH_WAITING_EACH = 2, /* of one account, or of one stranger's address */
    HASH_THREADS = 2,      /* unless said: one for each core of a small machine */
    HASH_THREADS_MAX = 16,
    HASH_OLD_PASSWORDS = 4, /* compared with a new one; the policy asks for four */

    SMS_SEGMENT_FEN = 5,      /* what an SMS costs about */
    SMS_CEILING_FEN = 100000, /* of all SMS of a day: 1,000 yuan, and then somebody must look */

    CHALLENGE_MS = 5 * 60 * 1000, /* to find the key or the phone */
    CHALLENGES_USED = 4096,       /* answered ones that are remembered until they expire */
    RESET_WAITING = 64,           /* requests for a link that are not looked at yet */
    RESET_LINKS_IN_HOUR = 3,      /* of one account (CR-13) */
};

#define TRIES_FORGET_MS (30 * 24 * INT64_C(3600000)) /* nobody has guessed for so long */
#define DEVICE_MS \
    (180 * 24 * INT64_C(3600000)) /* a device that was not used for so long is strange */
