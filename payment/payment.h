/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * payment: the one record that travels.
 *
 * The terminal creates it, every stage fills in more of it, and the journal keeps each of its
 * steps. All texts are NUL-terminated and empty while unknown. What may never be stored (PIN block,
 * card data envelope, payment code, and in the plain profile PAN and track) is not in it: it
 * travels beside it, in `struct payment_sensitive`, for as long as one message is handled.
 */

#include "lib/base/bytes.h"
#include "lib/base/money.h"
#include "payment/chip.h"
#include "payment/instalment.h"
#include "payment/lifecycle.h"

/*
 * The key of a payment from end to end: made by the terminal, unique for as long as the batch
 * number is (a STAN is used once in a batch). A repeat of the key gets the recorded answer.
 */
struct payment_key {
    char tid[9];    /* terminal id, an8 */
    uint32_t batch; /* 1 .. 999999, given by the host at sign-in */
    uint32_t stan;  /* 1 .. 999999, +1 with every message of the terminal, wraps to 1 */
};

enum payment_type {
    PAYMENT_TYPE_NONE,
    /* On disk: added to, never renumbered. What each means is a row of kind.c. */
    PAYMENT_SALE,              /* 消费, by card or by code */
    PAYMENT_VOID,              /* 消费撤销 */
    PAYMENT_REFUND,            /* 退货 */
    PAYMENT_PREAUTH,           /* 预授权 */
    PAYMENT_PREAUTH_ADD,       /* 追加预授权 */
    PAYMENT_PREAUTH_CANCEL,    /* 预授权撤销 */
    PAYMENT_COMPLETION,        /* 预授权完成, asked */
    PAYMENT_COMPLETION_ADVICE, /* 预授权完成, told */
    PAYMENT_COMPLETION_VOID,   /* 预授权完成撤销 */
    PAYMENT_INSTALMENT,        /* 分期消费 */
    PAYMENT_INSTALMENT_VOID,   /* 分期撤销 */
    PAYMENT_BALANCE,           /* 余额查询: moves nothing, has no amount, is in no store */
    PAYMENT_REDEEM,            /* 积分抵扣: points instead of money */
    PAYMENT_REDEEM_VOID,       /* 积分抵扣撤销 */
    PAYMENT_REDEEM_REFUND,     /* 积分退还 */
    PAYMENT_TYPES,
};

/* On disk: added to, never renumbered. */
enum payment_means {
    PAYMENT_MEANS_NONE,
    PAYMENT_CARD,
    PAYMENT_CODE,  /* that the customer's telephone shows (被扫) */
    PAYMENT_SHOWN, /* that the terminal shows and the customer's telephone scans (主扫): shown.h */
    PAYMENT_CASH,  /* between merchant and customer: no message tells it */
    PAYMENT_POINTS, /* of a member, named by his number: whoever keeps his points decides */
};

/* By code, whoever shows it: a wallet's payment, and never a card's. */
static inline bool payment_by_code(enum payment_means means)
{
    return means == PAYMENT_CODE || means == PAYMENT_SHOWN;
}

/* Nothing of a card is read: a number that is shown or typed says who pays. */
static inline bool payment_cardless(enum payment_means means)
{
    return payment_by_code(means) || means == PAYMENT_POINTS;
}

/* How the card data or the code was obtained: digits 1-2 of field 22. */
enum payment_entry {
    PAYMENT_ENTRY_UNKNOWN = 0,
    PAYMENT_ENTRY_MANUAL = 1,
    PAYMENT_ENTRY_SWIPE = 2,
    PAYMENT_ENTRY_CODE = 3,
    PAYMENT_ENTRY_PLATE = 4, /* a code that stands in the shop: no terminal says so */
    PAYMENT_ENTRY_CHIP = 5,
    PAYMENT_ENTRY_CONTACTLESS = 7,
    PAYMENT_ENTRY_FALLBACK = 80, /* the stripe, because the chip could not be read */
};

/* Decides the fee class; from the BIN table at the network, told in its answer. */
enum payment_card_class {
    PAYMENT_CLASS_UNKNOWN,
    PAYMENT_CLASS_DEBIT,
    PAYMENT_CLASS_CREDIT,
    PAYMENT_CLASS_WALLET,
    PAYMENT_CLASS_FOREIGN, /* of an issuer abroad, debit or credit (外卡) */
    PAYMENT_CLASSES,
};

/* Where the acquirer sends it: see the routes of the acquirer. */
enum payment_route {
    PAYMENT_ROUTE_NONE,
    PAYMENT_ROUTE_CARD_NETWORK,
    PAYMENT_ROUTE_WALLET,
    PAYMENT_ROUTES
};

/*
 * Which earlier payment this one is about, as far as it was said: its voucher, its reference, or
 * the authorisation of a hold. The acquirer finds it and fills in its reference and row.
 */
struct payment_original {
    uint32_t batch, stan; /* 0: not said */
    char date[5];         /* MMDD */
    char rrn[13];
    char auth_code[7];
    int64_t row; /* acquirer: of the journal, where it was approved; 0: not found */
};

enum { PAYMENT_NOTICE_MAX = 24 };

struct payment {
    struct payment_key key;
    enum payment_type type;
    enum payment_state state;
    enum payment_means means;
    enum payment_entry entry;
    enum payment_card_class card_class; /* acquirer, from the answer */
    enum payment_route route;           /* acquirer */
    bool pin_entered;
    char mid[16];         /* merchant id, an15 */
    char operator_id[3];  /* two digits */
    char approver_id[3];  /* of the supervisor who has approved it; empty: nobody was asked (S58) */
    int64_t amount_minor; /* 1 .. MONEY_FIELD_MAX: all that is paid */
    int64_t tip_minor;    /* 小费, a part of it; 0: none */
    uint16_t currency;    /* ISO 4217 numeric */
    char pan_masked[20];  /* first six, stars, last four; of a payment code likewise */
    char token[17];       /* 16 hex digits that stand for the PAN; made by the hsm */
    char card_sequence[4];
    char issuer[25];          /* short name of the issuer or the wallet, UTF-8; from field 44 */
    char response_code[3];    /* field 39 of the answer, empty before it */
    char reversal_reason[3];  /* field 39 of the reversal: 98 no answer, A0 bad MAC, 06 other */
    char rrn[13];             /* field 37, given by the acquirer */
    char auth_code[7];        /* field 38 */
    char local_time[7];       /* hhmmss, field 12 of the answer */
    char local_date[5];       /* MMDD, field 13 of the answer */
    char settlement_date[5];  /* MMDD, field 15 */
    int64_t created_ms;       /* by the clock of whoever holds the record */
    uint64_t digest;          /* of what a repeat must have in common: payment_digest() */
    struct payment_chip chip; /* field 55 of the request: what the card says */
    struct payment_chip chip_answer; /* field 55 of the answer: what its issuer says */

    uint32_t fee_plan, agreement; /* acquirer: the merchant's, as it was accepted; 0 elsewhere */
    int64_t signed_ms;            /* of which moment the plan's rules are that he has signed */

    struct payment_original original; /* of what follows another payment (kind.h) */

    struct payment_plan plan; /* of a sale in instalments */

    int64_t given_minor; /* terminal, of cash: what the customer has put down */
    int64_t order;       /* terminal: the order that it is a part of; 0: it is the whole */
    /* Why our host has refused it, in letters and digits (quota.h); field 44 of the answer. */
    char notice[PAYMENT_NOTICE_MAX + 1];
};

/* Views and short texts that live only while one message is handled, and are wiped with it. */
struct payment_sensitive {
    struct bytes pin_block;    /* field 52, encrypted under the PIN key: 8 or 16 bytes */
    struct bytes envelope;     /* field 57, card data encrypted by the vault for the hsm */
    struct bytes payment_code; /* field 59, the digits that the customer's phone showed */
    struct bytes shown_code;   /* field 62 towards a wallet: the text that the customer scans */
    struct bytes ksn;          /* field 47: of profiles with keys for each message */
    struct bytes pan;          /* plain profile only: field 2, digits */
    struct bytes expiry;       /* plain profile only: field 14, YYMM */
    struct bytes track2;       /* plain profile only: field 35 */
};

/* True when both name the same payment. */
bool payment_key_equal(const struct payment_key *a, const struct payment_key *b);

/*
 * What two requests with one key must have in common, as a 64-bit digest (FNV-1a: it finds mistakes
 * and is no protection; the MAC is). Includes type, means, amount, currency, mid, a tip.
 */
uint64_t payment_digest(const struct payment *payment);

/*
 * True when the card has approved by itself: 8A in field 55 is Y1 (the host was not to be asked) or
 * Y3 (it could not be). It stays true when the host has been told.
 */
bool payment_offline(const struct payment *payment);

/*
 * True of what is told and not asked (0220): what a card has approved by itself, and the notice of
 * a completion. There is nothing to take back; it is told until it is acknowledged.
 */
bool payment_told(const struct payment *payment);

/*
 * Does field 55 belong to it: was the card's chip read, in the slot, by a tap, or as a code that
 * the customer's telephone shows of it? A wallet's code has none.
 */
bool payment_chip_due(const struct payment *payment);

/* First six, stars, last four of `digits` (13 to 19, or a payment code of 16 to 24) into `out`. */
MUST_USE err payment_mask(struct bytes digits, char out[static 20]);

/* "10000017/000012/000345", for logs and screens. `out` gets 24 bytes with its NUL. */
void payment_key_text(const struct payment_key *key, char out[static 24]);
