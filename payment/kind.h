/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * kind: every kind of payment as a row, for both ends.
 *
 * struct payment_kind says how it is told in messages (type of message, fields 3, 25 and 60.1, by
 * means); struct payment_type_row what it does to money and to an earlier payment, its original.
 * Protocol facts 1.5; market facts, chapter 3. The tests check both tables whole.
 */

#include "payment/payment.h"

/* How a request names its original: fields 37, 38 and 61 (protocol facts 1.5). */
enum payment_link {
    PAYMENT_LINK_NONE,
    PAYMENT_LINK_VOUCHER,       /* 61: batch, STAN; 37 and 38 when they are known */
    PAYMENT_LINK_REFERENCE,     /* 37; 61: batch, STAN (zeros when unknown), MMDD */
    PAYMENT_LINK_AUTHORISATION, /* 38; 61: twelve zeros, MMDD */
};

/* What it does with the customer's money when it is approved. */
enum payment_direction {
    PAYMENT_TAKES,  /* the merchant gets it */
    PAYMENT_GIVES,  /* the customer gets it back */
    PAYMENT_HOLDS,  /* at the issuer only, or gives such a hold free again: no ledger knows of it */
    PAYMENT_LEAVES, /* nothing */
    /* Points, which are the shop's own promise and no money: in no ledger, settlement, statement.
     */
    PAYMENT_SPENDS,
    PAYMENT_RESTORES,
    PAYMENT_DIRECTIONS,
};

struct payment_type_row {
    const char *zh, *en; /* on a slip */
    enum payment_direction direction;
    enum payment_link link;
    unsigned originals; /* what may be its original: bits 1 << enum payment_type */
    bool whole;         /* for no other amount than the original's */
    bool same_batch;    /* only while the original's batch is open, at its terminal */
    uint16_t days;      /* how long after the original; 0: for ever */
    uint16_t per_cent;  /* of the original, at most; 0: what is left of it */
};

/* ENSURE on NONE. */
const struct payment_type_row *payment_type_row(enum payment_type type);

struct payment_kind {
    enum payment_type type;
    enum payment_means means;
    uint16_t mti;           /* of the request, on both legs; its response is 0x10 more */
    const char *processing; /* field 3 at the terminal's leg */
    const char *condition;  /* field 25, on both legs */
    const char *trade;      /* field 60.1 at the terminal's leg */
    const char *network;    /* field 3 at the network's leg */
};

/* The row of a payment; ENSURE: there is one. */
/* Is there such a kind, by such means, and does it move money? */
bool payment_kind_moves(enum payment_type type, enum payment_means means);

const struct payment_kind *payment_kind_of(const struct payment *payment);

/* By fields 3, 25 and 60.1 of a terminal; NULL. */
const struct payment_kind *payment_kind_by_terminal(struct bytes processing, struct bytes condition,
                                                    struct bytes trade);

/* By message type and fields 3 and 25 towards a network; NULL. */
const struct payment_kind *payment_kind_by_network(uint16_t mti, struct bytes processing,
                                                   struct bytes condition);

/* Is this the type of a request that some payment has? */
bool payment_kind_mti(uint16_t mti);

/* For tests and docs: the whole table. */
const struct payment_kind *payment_kinds(size_t *ret_count);

/* What takes the whole of it back while its batch is open: a kind, or NONE. */
enum payment_type payment_void_of(enum payment_type type);

/* What gives a part of it back, or all: a kind, or NONE. */
enum payment_type payment_refund_of(enum payment_type type);

/* Does it give money or points back? */
static inline bool payment_returns(enum payment_type type)
{
    enum payment_direction direction = payment_type_row(type)->direction;
    return direction == PAYMENT_GIVES || direction == PAYMENT_RESTORES;
}

/* Does it move or hold money? What does not has no amount, and nobody stores or reverses it. */
static inline bool payment_moves(enum payment_type type)
{
    return payment_type_row(type)->direction != PAYMENT_LEAVES;
}

/* Does it give back what was paid by a code? No wallet can take that back once it is made. */
static inline bool payment_stays(const struct payment *payment)
{
    return payment_by_code(payment->means) &&
           payment_type_row(payment->type)->direction == PAYMENT_GIVES;
}

/* At a terminal: its reversal was answered 12, so its host may have it as done. */
static inline bool payment_kept(const struct payment *payment)
{
    return payment->state == PAYMENT_REVERSED && payment->response_code[0] == '1' &&
           payment->response_code[1] == '2';
}

/* Has it an original? */
static inline bool payment_linked(enum payment_type type)
{
    return payment_type_row(type)->link != PAYMENT_LINK_NONE;
}
