/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * memory: which wallet a payment went to, for as long as there is room. It makes things quicker
 * and is never needed: a payment that nobody remembers is looked for at every provider, and counts
 * as one that may still be on its way for as long as any that was forgotten might be.
 */

#include "payment/payment.h"
#include "wallets/account.h"
#include "wallets/limits.h"

/* Who has it; a provider, or the link that codes without a driver are handed on to. */
enum { MEMORY_OTHER = WALLET_PROVIDERS };

struct remembered {
    struct payment payment; /* an empty rrn: a free place */
    unsigned holder;        /* enum wallet_provider, or MEMORY_OTHER */
    int64_t sent_ms;        /* monotonic: when the last word about it came or was given up */
    bool under_way;         /* a request for it has not come back yet */
    bool waiting;           /* the acquirer was told 09 */
    bool barred;            /* the acquirer wants it no more: what comes late is not done */
    char refused[3];        /* what the acquirer was told for good; empty: it was not refused */
};

struct memory {
    int64_t forgotten_ms; /* monotonic: nothing that is not here was heard of after this */
    struct remembered place[GATEWAY_MEMORY_MAX];
};

/* A fresh place for this RRN, where the oldest of a few is forgotten; one that is under way never:
 * NULL when all of them are. */
struct remembered *memory_keep(struct memory *memory, const char *rrn, int64_t now_ms);

/* NULL when it is forgotten, or was never here. */
struct remembered *memory_find(struct memory *memory, const char *rrn);
