/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * network: the card network with its issuers, and the wallet. Both speak ISO 8583:1987 in ASCII
 * with a MAC under the zone key, and answer by retrieval reference number.
 *
 * A core without I/O: bytes go in by network_on_message(), answers come out through the port, after
 * network_flush() has made their effect durable; those that are to come late wait for
 * network_tick(). A message whose MAC does not verify, or that cannot be read, gets no answer: what
 * it claims to be cannot be trusted, and its sender will reverse.
 */

#include "lib/base/log.h"
#include "lib/crypto/agreement.h"
#include "lib/crypto/key.h"
#include "simulators/book.h"
#include "simulators/card_phones.h"
#include "simulators/phones.h"
#include "simulators/scan.h"

struct network_ports {
    void *context;
    void (*answer)(void *context, enum payment_route route, struct bytes message);
};

struct network_config {
    struct clock clock;
    struct random random;
    const struct log *log;     /* may be NULL */
    struct crypto *crypto;     /* outlives the network */
    struct key pin, mac, data; /* the zone keys, of both lines */
    /* Opens new keys for the line of cards (key_change.c); NULL: they stay as they are. It outlives
     * the network; `hsm_public`: whose seal counts. */
    const struct transport_pair *transport;
    uint8_t hsm_public[TRANSPORT_KEY_BYTES];
    struct store *store; /* may be NULL: then a kill forgets everything */
    size_t capacity;     /* payments it can remember, a power of two */
    bool generous;       /* balances never run out: for long simulations and benchmarks */
};

enum {
    NETWORK_SLOW_MS = PHONES_SLOW_MS,
    NETWORK_ASKS_MS = PHONES_ASKS_MS,
    NETWORK_HOLD_DAYS = 30, /* market facts, chapter 3 */
    /* An acquirer that took a completion at the last moment must still be heard. */
    NETWORK_HOLD_GRACE_MS = 3600 * 1000,
    NETWORK_CODE_LIFE_MS = PHONES_CODE_LIFE_MS,
    NETWORK_ANSWERS_MAX = 4096, /* answers under way; more are dropped, as a network would */
    NETWORK_MESSAGE_MAX = 1024,
};

struct network;

MUST_USE err network_open(const struct network_config *config, const struct network_ports *ports,
                          struct network **ret_network);
void network_close(struct network *network);

/* Errors: only those of the store; the network must then be closed. */
MUST_USE err network_on_message(struct network *network, enum payment_route route,
                                struct bytes message);
MUST_USE err network_tick(struct network *network);
MUST_USE err network_flush(struct network *network);

/* When network_tick() has something to do: by clock.now_ms; INT64_MAX when nothing waits. */
int64_t network_next_ms(const struct network *network);

/* A fresh payment code of this phone: 18 digits (19 with prefix 62) into `out`. */
void network_payment_code(struct network *network, const struct virtual_phone *phone,
                          char out[static 20]);

/* What a telephone with a card in it shows now, with a counter that its issuer has not seen.
 * Errors: CRYPTO, FULL. */
MUST_USE err network_card_code(struct network *network, const struct card_phone *phone,
                               struct writer *text);

/* The phones: their other wallets take from the same balance. */
struct phones *network_phones(struct network *network);

/* A scan_function of scan.h over the network: codes of terminals that its wallet has an order of.
 * network_flush() makes a scan durable; the acquirer hears of it when it asks. */
MUST_USE err network_scan(void *context, const struct scan *scan, struct scan_result *ret_result);

/* What became of a plate that a phone has scanned: ASKED while the acquirer is asked, PAID, REFUSED
 * with its code and why. NOT a plate of late: REFUSED with 25. */
enum scan_outcome network_scanned(const struct network *network, const char *reference,
                                  char ret_code[static 3], const char **ret_why);

/* What has been charged and not taken back, in all, and per card and phone; and what of each
 * account is used, holds with it. */
struct network_totals {
    int64_t charged_minor[PAYMENT_ROUTES];
    uint64_t charges[PAYMENT_ROUTES];
    int64_t card_minor[16], phone_minor[16];
    int64_t card_used_minor[16], phone_used_minor[16];
};

void network_totals(const struct network *network, struct network_totals *out);

/* Of the line of cards: the number of the newest set of zone keys, 0 for that of the start; and
 * whether the one before is good, too. */
int64_t network_zone_number(const struct network *network, bool *ret_two);

/* For checks: the book. */
const struct book *network_book(const struct network *network);
