/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * provider_book: what the two wallets behind HTTP interfaces have on record: trades by the
 * merchant's number, refunds by the merchant's number, and notices that have not been heard yet.
 *
 * All of it is in a store, and in nothing else: a wallet that was killed still knows whom it
 * charged. The caller holds the transaction: what is read and put between store_begin() and
 * store_commit() happens whole or not at all, and nothing is answered before the commit.
 */

#include "lib/store/store.h"
#include "simulators/phones.h"

/* On disk: appended, never renumbered. */
enum provider { PROVIDER_ALIPAY = 1, PROVIDER_WECHAT = 2, PROVIDERS };

/* On disk: appended, never renumbered. */
enum trade_state {
    TRADE_WAITING = 1, /* for the customer: to scan, to type, or to show another code */
    TRADE_PAID,
    TRADE_CLOSED,     /* never paid, and cannot be any more */
    TRADE_REVOKED,    /* the merchant took it back before it was paid */
    TRADE_TAKEN_BACK, /* the merchant took it back after it was paid: the money went back */
    TRADE_FAILED,     /* the customer has typed, and had no money */
};

/* On disk: appended, never renumbered. */
enum refund_state { REFUND_UNDER_WAY = 1, REFUND_DONE };

enum {
    TRADE_OUT_NO_MAX = 64,
    TRADE_NUMBER_MAX = 32,
    TRADE_TOKEN_MAX = 32,
    TRADE_SUBJECT_MAX = 768, /* 256 characters of UTF-8 */
    TRADE_ATTACH_MAX = 384,  /* 128 characters */
    TRADE_URL_MAX = 255,
    TRADE_STORE_MAX = 32,
    NOTICE_ID_MAX = 36,
};

struct trade {
    enum provider provider;
    enum trade_state state;
    bool shown;   /* the customer scans a code of ours; false: his code was scanned */
    bool touched; /* shown: a phone has scanned it. Before that the wallet knows no trade */
    int phone;    /* index among virtual_phones(), or -1: nobody yet */
    int64_t amount_minor, refunded_minor;
    int64_t created_ms, paid_ms, ended_ms; /* 0: not yet */
    int64_t due_ms;                        /* WAITING: when the customer has typed; 0: never */
    int64_t expires_ms;                    /* WAITING: closed then; 0: never */
    char out_no[TRADE_OUT_NO_MAX + 1];
    char number[TRADE_NUMBER_MAX + 1]; /* the wallet's own */
    char code[PAYMENT_CODE_MAX + 1];   /* the customer's that was scanned last, or empty */
    char token[TRADE_TOKEN_MAX + 1];   /* in the code that is shown, or empty */
    char subject[TRADE_SUBJECT_MAX + 1];
    char attach[TRADE_ATTACH_MAX + 1];
    char store[TRADE_STORE_MAX + 1];
    char notify_url[TRADE_URL_MAX + 1]; /* empty: nobody wants to be told */
};

struct refund {
    enum provider provider;
    enum refund_state state;
    int64_t amount_minor, created_ms, done_ms;
    int64_t due_ms; /* UNDER_WAY: when it is done */
    char out_no[TRADE_OUT_NO_MAX + 1];
    char refund_no[TRADE_OUT_NO_MAX + 1]; /* the merchant's */
    char number[TRADE_NUMBER_MAX + 1];    /* the wallet's own */
    char reason[TRADE_SUBJECT_MAX + 1];
    char notify_url[TRADE_URL_MAX + 1];
};

/* That a trade was paid, or (refund_no is not empty) that a refund of it was made. */
struct notice {
    enum provider provider;
    char id[NOTICE_ID_MAX + 1];
    char out_no[TRADE_OUT_NO_MAX + 1];
    char refund_no[TRADE_OUT_NO_MAX + 1];
    int64_t attempt; /* how often it was sent */
    int64_t due_ms;
};

/* Brings the schema up (a read-only store is only looked at), and counts what the phones, when they
 * are given, have spent here. Errors: those of the store. */
MUST_USE err provider_book_open(struct store *store, struct phones *phones);

/* Errors of all: NOT_FOUND, and those of the store. */
MUST_USE err trade_find(struct store *store, enum provider provider, struct bytes out_no,
                        struct trade *ret);
MUST_USE err trade_find_number(struct store *store, enum provider provider, struct bytes number,
                               struct trade *ret);
MUST_USE err trade_find_token(struct store *store, enum provider provider, struct bytes token,
                              struct trade *ret);
/* One whose customer has typed, or whose time has come. */
MUST_USE err trade_find_due(struct store *store, int64_t now_ms, struct trade *ret);
/* Adds or replaces. */
MUST_USE err trade_put(struct store *store, const struct trade *trade);

MUST_USE err refund_find(struct store *store, enum provider provider, struct bytes refund_no,
                         struct refund *ret);
/* Alipay's numbers of refunds are unique within a trade. */
MUST_USE err refund_find_of(struct store *store, enum provider provider, struct bytes out_no,
                            struct bytes refund_no, struct refund *ret);
MUST_USE err refund_find_due(struct store *store, int64_t now_ms, struct refund *ret);
MUST_USE err refund_put(struct store *store, const struct refund *refund);

MUST_USE err notice_put(struct store *store, const struct notice *notice);
MUST_USE err notice_drop(struct store *store, struct bytes id);
MUST_USE err notice_find_due(struct store *store, int64_t now_ms, struct notice *ret);

/* Whether a notice of this trade or of a refund of it has not been heard yet. */
MUST_USE err notice_open(struct store *store, enum provider provider, struct bytes out_no,
                         bool *ret_open);

/* Where a merchant is told of payments at his plates; put again, the new one counts. */
MUST_USE err provider_payee_put(struct store *store, enum provider provider, struct bytes merchant,
                                struct bytes url);
MUST_USE err provider_payee_find(struct store *store, enum provider provider, struct bytes merchant,
                                 char out[static TRADE_URL_MAX + 1]);

/* What was paid and not given back. */
MUST_USE err provider_book_total(struct store *store, enum provider provider, int64_t *ret_minor,
                                 int64_t *ret_count);

/* What had gone back of a trade before this refund of it. */
MUST_USE err refund_before(struct store *store, const struct refund *refund, int64_t *ret_minor);

/* When something is due next; INT64_MAX when nothing is. */
MUST_USE err provider_book_next(struct store *store, int64_t *ret_ms);

/* Every trade paid, and every refund made, in [from_ms, to_ms), by time; an error of `each` ends it
 * and is returned. `each_refund` is given the refund's trade too. */
struct provider_day {
    void *context;
    err (*each_trade)(void *context, const struct trade *trade);
    err (*each_refund)(void *context, const struct trade *trade, const struct refund *refund);
};
MUST_USE err provider_book_day(struct store *store, enum provider provider, int64_t from_ms,
                               int64_t to_ms, const struct provider_day *day);
