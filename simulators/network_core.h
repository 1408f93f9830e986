/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What network.c, issuer.c and wallet.c share and nobody else sees. */

#include "lib/base/arena.h"
#include "payment/message.h"
#include "simulators/network.h"

/* One message that has been understood. */
struct question {
    enum payment_route route;
    bool has_balance; /* of an inquiry that was answered */
    int64_t balance_minor;
    enum payment_network_kind kind;
    struct payment payment; /* the decision is written into it: response code, auth code, class */
    struct payment_sensitive sensitive;
};

struct decision {
    err store;        /* of the store: the network must be closed */
    bool silent;      /* decided, maybe charged, and never said */
    int64_t delay_ms; /* before the answer leaves */
};

struct answer {
    int64_t due_ms;
    enum payment_route route;
    uint16_t len;
    uint8_t message[NETWORK_MESSAGE_MAX];
};

/* A plate that a customer has paid, as far as the acquirer knows of it. */
enum promise_state {
    PROMISE_NONE,
    PROMISE_ASKED,
    PROMISE_UNDOING,
    PROMISE_PAID,
    PROMISE_REFUSED, /* he has his money back */
};

struct promise {
    enum promise_state state;
    uint8_t phone;
    unsigned asks;
    int64_t due_ms; /* when it is asked again; of one that has ended, when it would have been */
    struct payment payment;
    char text[PAYMENT_SHOWN_MAX + 1], why[PAYMENT_SHOWN_MAX + 1];
    char code[3];
};

enum { PROMISES_MAX = 32 };

/* Zone keys of the line of cards. */
struct zone_side {
    bool there;
    int64_t number; /* as the acquirer counts them; 0: those of the start */
    struct key pin, mac, data;
};

struct network {
    struct network_config config;
    struct network_ports ports;
    struct book *book;
    /* key_change.c: the newest set, and the one before it until `old_until_ms`, which is counted
     * from the first message under the newest (0: there was none yet). `speaking`: of which of the
     * two the message is that is being answered. */
    struct zone_side side[2], wallet_side;
    unsigned newest, speaking;
    int64_t old_until_ms, overlap_ms;
    int64_t card_spent[16]; /* by account; of phones it is in `phones` */
    struct phones phones;
    uint16_t code_counter[CARD_PHONES_MAX]; /* of the codes that were shown last */
    int64_t lapse_ms; /* when the next hold lapses, or before; INT64_MAX: none is open */
    struct promise promise[PROMISES_MAX];
    bool promises_wait; /* for a place: of what was charged before a restart */
    unsigned promises;
    size_t waiting, waited; /* answers, now and at the most */
    uint8_t decoded[ISO8583_ARENA_MAX];
    uint8_t scratch[PAYMENT_MESSAGE_ARENA];
    struct answer answer[NETWORK_ANSWERS_MAX]; /* last: most of it is never touched */
};

/* Both fill response code, auth code, class and issuer of the payment, and state and account of
 * the entry. */
struct decision issuer_decide(struct network *n, struct question *q, struct entry *e);
/* A card has approved by itself: charged whatever the balance, for its issuer has allowed it to;
 * refused when the card, its cryptogram or its list says so. */
struct decision issuer_advised(struct network *n, struct question *q, struct entry *e);
/* The chip's share of an answer: field 55, made anew for a repeat. Errors: CRYPTO. */
MUST_USE err issuer_reply(struct network *n, struct question *q);
struct decision wallet_decide(struct network *n, struct question *q, struct entry *e);
/* loyalty.c: a member pays with points */
struct decision loyalty_decide(struct network *n, struct question *q, struct entry *e);
/* plate.c: codes that stand in shops */
struct order_code;
MUST_USE err plate_scan(struct network *n, const struct scan *scan, const struct order_code *code,
                        struct scan_result *result);
MUST_USE err plate_heard(struct network *n, const struct iso8583_message *m);
/* After a restart: takes back what was being asked. */
void plate_resume(struct network *n);
void plate_tick(struct network *n);
int64_t plate_next_ms(const struct network *n);
/* Encodes, seals and queues one message. A queue that is full drops it, as a network would. */
void network_queue(struct network *n, enum payment_route route, const struct iso8583_message *m,
                   int64_t delay_ms);
/* key_change.c: zone keys. */
MUST_USE err key_change_open(struct network *n);
/* The set that the message being answered is under; of wallets the one that there is. */
const struct zone_side *key_change_side(const struct network *n, enum payment_route route);
/* The set before is over when its time is. Errors: those of the store. */
MUST_USE err key_change_expire(struct network *n);
/* A message whose MAC was right has come: the first under the newest set begins the overlap. */
MUST_USE err key_change_used(struct network *n, enum payment_route route);
/* Under which set is it? Errors: MAC, and those of mac_verify(). */
MUST_USE err key_change_check(struct network *n, enum payment_route route, struct bytes covered,
                              struct bytes mac);
/* 0800 with 70 = 161: field 39 of its answer, and who is speaking when that is sealed. */
MUST_USE err key_change_asked(struct network *n, enum payment_route route,
                              const struct iso8583_message *in, const char **ret_code);
/* order.c: what a terminal is going to show. */
struct decision wallet_order(struct network *n, struct question *q, struct entry *e);

/* What an entry's account has spent. */
static inline int64_t *network_spent(struct network *n, const struct entry *e)
{
    bool wallet = e->route == PAYMENT_ROUTE_WALLET;
    ENSURE(e->account < (wallet ? ARRAY_LEN(n->phones.spent_minor) : ARRAY_LEN(n->card_spent)));
    return wallet ? &n->phones.spent_minor[e->account] : &n->card_spent[e->account];
}

/* Issuer or wallet of an entry into the payment. */
void network_name(struct payment *p, const struct entry *e);
void network_auth_code(struct network *n, char out[static 7]);

/* followers.c: a payment that follows another, whose account is e's. */
struct decision follower_decide(struct network *n, struct payment *p, struct entry *e);
/* A charged one is reversed. Errors: those of the store. */
MUST_USE err follower_undo(struct network *n, const struct entry *e);
/* A hold begins: when it will lapse (S100). */
void follower_hold(struct network *n, struct entry *e);
/* Gives free what holds that nobody has completed for 30 days have kept. Errors: the store's. */
MUST_USE err follower_lapse(struct network *n);
/* What a charged entry takes from its account; less than nothing when it gives back. */
int64_t follower_effect(const struct network *n, const struct entry *e);
/* One that has just been charged belongs to this business day. */
void network_stamp(const struct network *n, struct entry *e);

/* The customer has finished typing: charges. */
void wallet_paid(struct network *n, struct entry *e);

/* Takes the amount from an account when it is there, and writes the outcome into payment and entry.
 */
void network_charge(struct network *n, struct payment *p, struct entry *e, int64_t balance_minor);
