/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * offline: payments that a chip card approves by itself while the host cannot be reached (S89).
 *
 * What may wait for its delivery is limited by the signed parameters: each, how many, together, and
 * for how many days since the host was heard. Beyond any of them there is no payment without the
 * host, and the screen says which limit it is. offline.c decides; advice.c delivers.
 */

#include "payment/payment.h"

struct terminal;
struct procedure;

enum offline_refusal {
    OFFLINE_OK,
    OFFLINE_NOT_SET, /* no parameters for it */
    OFFLINE_CLOCK,   /* our clock has gone back: it cannot count days */
    OFFLINE_SIGN_IN, /* no batch to count it in, or none that has room */
    OFFLINE_DAYS,
    OFFLINE_COUNT,
    OFFLINE_EACH,
    OFFLINE_TOTAL,
};

/* Whether a card may approve this amount by itself, or which limit speaks against it. */
enum offline_refusal offline_refusal(const struct terminal *t, int64_t amount_minor);

/* The host is away, and chip cards may pay without it: nobody has to sign in first. */
bool offline_instead(const struct terminal *t);

/* What the vault is told of the host for a payment of this amount: enum vault_host. */
uint8_t offline_host(const struct terminal *t, int64_t amount_minor);

/* Can the chip card of the payment under way be asked to decide without the host, now? */
bool offline_may_decide(const struct terminal *t);

/* The card decides. DONE: it has approved. BACK: it has not, and the notice says why. */
err offline_decide(struct terminal *t, struct procedure *p);

/* On the screen, why the payment under way, or any, cannot do without the host; nothing when it
 * can.
 */
void offline_say_why(struct terminal *t);

/* ---- delivery (advice.c) ---- */

struct advice {
    bool under_way;
    int64_t number; /* of the payment that is being told, or was last */
    struct payment payment;
    unsigned failures; /* since the last that was heard */
    int64_t next_us;   /* not before */
    char said[3];      /* the code by which the host has refused it for now, or empty */
    bool again;        /* since the sign-in: what the host has refused is told once more */
    int64_t again_to;  /* up to which payment that has been done */
};

/* Sends the next undelivered advice when it can and may be sent now. */
MUST_USE err advice_drive(struct terminal *t);

/* The advice that was sent has ended as t->host says. */
MUST_USE err advice_ended(struct terminal *t);

/* The terminal has signed in: what the host would not take may be told once more. */
void advice_again(struct terminal *t);

/* Next time advice_drive() has something to do, or INT64_MAX. */
int64_t advice_next_us(const struct terminal *t);

/* Delivers all of them before something else. BACK: given up. */
err advice_first(struct terminal *t, struct procedure *p);
