/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the acquirer holds at most, and why. Everything here is taken once, in acquirer_open(); what
 * goes beyond a limit is refused with a response code or closed, never dropped in silence.
 */

#include <assert.h>

#include "lib/iso8583/message.h"
#include "lib/wire/hsm_protocol.h"

enum {
    /* Defaults of struct acquirer_limits. */
    ACQUIRER_TERMINALS = 16384, /* 1.3 kB each, touched only when a terminal shows up */
    ACQUIRER_SESSIONS = 8192,   /* open connections; the listener closes what is more */
    ACQUIRER_TASKS = 8192, /* messages under way at one time: 30 s at 270/s with a dead network */
    ACQUIRER_RECENT =
        1 << 22, /* payments remembered for repeats: 48 bytes each, touched when used */
    ACQUIRER_REVERSALS = 65536, /* reversals that the network has not acknowledged */

    /* One message in the making: the longest is a 0200 to the network with envelope and PIN. */
    ACQUIRER_MESSAGE_MAX = 1024,
    /* Repeats of a request that is under way: each gets the answer. More replace the oldest. */
    ACQUIRER_WAITERS = 4,
    /* A terminal has one request under way, a foreign gateway some; more than this is a flood. */
    ACQUIRER_SESSION_UNDER_WAY = 64,
    /* Undecodable messages on one connection before it is closed. */
    ACQUIRER_SESSION_MALFORMED = 8,
    /* Frames held until the commit. When it is full, the group is committed early. */
    ACQUIRER_HELD_BYTES = 4 << 20,
    /* Commands the hsm has not answered: a power of two. Full means that the hsm is stuck: 96. */
    ACQUIRER_CALLS = 32768,
    /* Reversals sent to a network at one time: after an outage they must not crowd out payments. */
    ACQUIRER_REVERSALS_AT_ONCE = 256,
    /* Journal rows looked at for a payment that is no longer remembered: 0.3 s at the very most. */
    ACQUIRER_RECALL_ROWS = 100000,
    /* RRN numbers reserved by one write; a crash skips what is left of them. */
    ACQUIRER_RRN_BLOCK = 65536,

    /* Times, in milliseconds. */
    ACQUIRER_NETWORK_MS = 30000,       /* an issuer answers within 30 s or is reversed */
    ACQUIRER_WALLET_MS = 45000,        /* a customer who types a password gets 45 s */
    ACQUIRER_WALLET_QUERY_MS = 3000,   /* and the wallet is asked this often */
    ACQUIRER_SHOWN_MS = 120000,        /* a shown code: to find the telephone and scan it */
    ACQUIRER_SHOWN_GRACE_MS = 6000,    /* who scans in the last second is still heard of */
    ACQUIRER_HSM_MS = 5000,            /* no answer of the hsm: it is taken for lost */
    ACQUIRER_REVERSAL_FIRST_MS = 1000, /* wait after the first unanswered reversal, then doubled */
    ACQUIRER_REVERSAL_MOST_MS = 60000,
    ACQUIRER_REVERSAL_ANSWER_MS = 10000,
    /* A terminal waits so long, from its request on, to hear how a refund by code has ended: a
     * wallet says so within a minute, and one that is down must not keep a shop from selling. */
    ACQUIRER_STAYS_MS = 120000,
    ACQUIRER_ECHO_MS = 20000,    /* a silent route is asked whether it is there */
    ACQUIRER_ZONE_MS = 10000,    /* how often a network is told of new keys until it has them */
    ACQUIRER_REGISTRY_MS = 1000, /* how often the registry is looked at for changes */
    ACQUIRER_TICK_MS = 100,

    /* Three bad MACs running: the keys differ, the terminal must sign in. Protocol notes 1.7. */
    ACQUIRER_BAD_MACS = 3,
    /* A terminal that comes back after its network failed replaces its own old connection once or
     * twice; two devices with one identity do it again and again. */
    ACQUIRER_REPLACEMENTS = 3,
    ACQUIRER_REPLACEMENTS_MS = 60000,

    /* Audit lines a minute and cause; what is above is counted, and the count is written. */
    ACQUIRER_AUDIT_A_MINUTE = 20,
    ACQUIRER_AUDIT_QUEUE = 64,
};

static_assert((ACQUIRER_CALLS & (ACQUIRER_CALLS - 1)) == 0, "call ids are masked");
static_assert(ACQUIRER_WALLET_MS > ACQUIRER_NETWORK_MS, "a query must have time to be answered");
static_assert(ACQUIRER_SHOWN_GRACE_MS >= 2 * ACQUIRER_WALLET_QUERY_MS, "one query may be lost");
static_assert(ACQUIRER_HELD_BYTES > 64 * (HSM_FRAME_MAX + 64), "a batch fits");
static_assert((int)ACQUIRER_MESSAGE_MAX <= (int)ISO8583_FRAME_MAX, "what we build can be decoded");
