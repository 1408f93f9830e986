/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gateway: between the acquirer, which speaks ISO 8583 over its wallet link, and the wallets' own
 * interfaces. Towards the acquirer it is what the simulated wallet is: requests with a payment
 * code, "09" while the customer types a password, queries, refunds and voids, reversals until they
 * are acknowledged, echoes; matched by RRN, every message with a MAC under the zone key.
 *
 * It keeps nothing on disk and needs nothing that it remembers: every number that a provider sees
 * is an RRN, and queries, cancellations and refunds may be repeated there. It holds no key: the
 * hsm makes and checks MACs and signatures.
 *
 * What is undecided is answered 09 or not at all, never guessed. A signature that is wrong, another
 * amount, another number, an answer that cannot be read, silence: nothing is known, ask again.
 *
 * A core without I/O: driven by calls, it speaks through ports. No port may call back into it.
 */

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "wallets/driver.h"

struct gateway;

struct gateway_ports {
    void *context;
    void (*answer)(void *context, struct bytes message); /* to the acquirer */
    /* Bytes of the acquirer's, to the wallet that codes without a driver belong to. */
    void (*hand_on)(void *context, struct bytes message);
    void (*hsm)(void *context, struct bytes command);
    /* FULL: none is free; it is tried again at the next gateway_tick(). Anything else: it never
     * left.
     */
    err (*ask)(void *context, const char *id, const struct wallet_account *account,
               const struct wallet_request *request);
    /* The end of a notice: whether it was the provider's. */
    void (*noticed)(void *context, uint64_t ticket, bool good);
};

struct gateway_config {
    struct clock clock;
    struct random random;                   /* nonces of requests */
    const struct log *log;                  /* may be NULL */
    const struct wallet_accounts *accounts; /* outlive the gateway */
    bool other;                             /* there is a wallet to hand on to */
};

/* Errors: NO_MEMORY. */
MUST_USE err gateway_open(const struct gateway_config *config, const struct gateway_ports *ports,
                          struct gateway **ret_gateway);
void gateway_close(struct gateway *gateway); /* wipes; NULL is allowed */

void gateway_on_message(struct gateway *gateway, struct bytes message);

/* Frames of the hsm in the order of the commands; and whether there is one. */
void gateway_on_hsm(struct gateway *gateway, struct bytes answer);
void gateway_on_hsm_state(struct gateway *gateway, bool up);

/* The end of what ports.ask began. `reason` OK: `raw` is what came back. */
void gateway_on_answer(struct gateway *gateway, const char *id, err reason,
                       const struct wallet_raw *raw);

/*
 * What a provider says without being asked. Once the hsm has found it good, all that it does is to
 * have a payment that the acquirer waits for looked up now and not in three seconds.
 */
void gateway_on_notice(struct gateway *gateway, enum wallet_provider provider,
                       const struct wallet_raw *raw, uint64_t ticket);

/* At the end of every iteration of a loop: sends what has waited for a free transfer, repeats what
 * is due. */
void gateway_tick(struct gateway *gateway);
/* When gateway_tick() has something to do, by the monotonic clock in ms; INT64_MAX: nothing. */
int64_t gateway_next_ms(const struct gateway *gateway);

struct gateway_counts {
    uint64_t questions, answers, handed_on, unanswered; /* towards the acquirer */
    uint64_t requests, silent, unreadable, forged;      /* towards providers */
    uint64_t notices, notices_bad;
};

struct gateway_counts gateway_counts(const struct gateway *gateway);
