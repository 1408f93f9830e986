/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * book: what the networks have done, by retrieval reference number: a request is answered once and
 * a repeat gets the same answer; a reversal that comes before its request leaves a mark, so that
 * the request is refused when it comes.
 *
 * In memory for speed, and in a store (when there is one) so that a network that was killed still
 * knows whom it charged. Nothing is answered before book_flush() has committed it.
 * The simulators keep a store, unlike the table of layers in the first design: a network that
 * forgets its charges at every kill cannot be reconciled with, and that is what crash tests do.
 */

#include "lib/store/store.h"
#include "payment/payment.h"

enum entry_state {
    ENTRY_NONE,
    ENTRY_DECLINED,
    ENTRY_CHARGED,
    ENTRY_REVERSED, /* charged once and taken back, or marked before it came */
    ENTRY_ASKED,    /* wallet: waiting for the customer */
};

enum entry_end { ENTRY_OPEN, ENTRY_VOIDED, ENTRY_CAPTURED, ENTRY_LAPSED /* a hold of long ago */ };

struct entry {
    char rrn[13];
    uint8_t state;   /* enum entry_state */
    uint8_t route;   /* enum payment_route */
    uint8_t class;   /* enum payment_card_class */
    uint8_t account; /* index among cards, or among phones */
    char response_code[3];
    char auth_code[7];
    int64_t amount_minor;
    int64_t due_ms;       /* ASKED: when the customer will have paid; 0: never. A hold: its end */
    uint8_t type;         /* enum payment_type; NONE in books of before: a sale */
    uint8_t ended;        /* enum entry_end: of an original */
    char original[13];    /* the reference of what it follows, or empty */
    int64_t given_minor;  /* of an original: what has gone back of it */
    int64_t raised_minor; /* of a hold: what was added */
    int64_t before_minor; /* of a refund: what had gone back of its original before it */
    int64_t instalment_minor; /* the issuer's fee for instalments that the merchant bears */
    int32_t day; /* business day on which it was charged (payment/clearing.h); 0: not */
    char plate[9], merchant[16]; /* that a phone has scanned, or empty */
};

/* What a charged entry brings the merchant; nothing when it is a hold. */
int64_t entry_taken(const struct entry *e);

struct book;

/* `capacity` entries at most, a power of two; `store` may be NULL. Loads what the store has. */
MUST_USE err book_open(size_t capacity, struct store *store, struct book **ret_book);
void book_close(struct book *book);

/* NULL when there is none. Valid until the next book_put(). */
const struct entry *book_find(const struct book *book, struct bytes rrn);

/* Adds or replaces. Errors: FULL, and those of the store. */
MUST_USE err book_put(struct book *book, const struct entry *entry);

/* The highest transaction counter that a chip of this card has been seen with; 0: none. */
enum {
    BOOK_CARDS = 16,
    BOOK_SEQUENCES = 100,
    BOOK_TAKEN = 1 << 15 /* by advices, a power of two */
};
uint16_t book_counter(const struct book *book, uint8_t account, unsigned sequence);
/* Errors: those of the store. */
MUST_USE err book_count(struct book *book, uint8_t account, unsigned sequence, uint16_t counter);

/*
 * Takes a counter that a card has approved by itself with: each is good for one advice, in whatever
 * order they come. False: it has been taken before. Errors: FULL, and those of the store.
 */
MUST_USE err book_take(struct book *book, uint8_t account, unsigned sequence, uint16_t counter,
                       bool *ret_new);

/* Zone keys as they came (key_change.c), beside what was done under them: each set under its
 * number. Without a store nothing is kept. Errors: those of the store. */
MUST_USE err book_put_keys(struct book *book, int64_t number, struct bytes told, int64_t until_ms);
MUST_USE err book_keys_until(struct book *book, int64_t number, int64_t until_ms);
MUST_USE err book_drop_keys(struct book *book, int64_t below);
/* The two of the highest numbers, the highest last. */
typedef err (*book_each_keys)(void *context, int64_t number, struct bytes told, int64_t until_ms);
MUST_USE err book_keys(struct book *book, book_each_keys each, void *context);

/* Commits what was put since the last time. */
MUST_USE err book_flush(struct book *book);

/* Calls `each` with every entry. */
void book_each(const struct book *book, void (*each)(void *context, const struct entry *entry),
               void *context);
