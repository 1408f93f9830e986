/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The text of a receipt (签购单): lines of 32 columns (58 mm paper) or 48 (80 mm), Chinese and
 * English, a Chinese character taking two columns. Blocks and fields as JR/T 0001 chapter 8 asks
 * for them. What draws it (ESC/POS, PNG, the screen) adds nothing. A PAN is first six and last
 * four, always.
 */

#include "payment/basket.h"
#include "payment/settlement.h"

enum {
    RECEIPT_COLUMNS = 32,      /* 58 mm: 384 dots, 12 each */
    RECEIPT_COLUMNS_WIDE = 48, /* 80 mm: 576 dots */
    RECEIPT_LINES = 96,       /* a report of every kind, two lines each; a slip and a full basket */
    RECEIPT_LINE_BYTES = 100, /* 48 columns of UTF-8 and a NUL, with room */
};

enum receipt_style { RECEIPT_NORMAL, RECEIPT_CENTRE, RECEIPT_STRONG, RECEIPT_RULE };

struct receipt_line {
    enum receipt_style style; /* STRONG is printed bold (the amount); RULE is a line across */
    char text[RECEIPT_LINE_BYTES];
};

enum { RECEIPT_STROKES_MAX = 2048 /* a signature, as terminal/device/strokes.h packs it */ };

struct receipt {
    unsigned columns; /* RECEIPT_COLUMNS or RECEIPT_COLUMNS_WIDE */
    size_t count;
    struct receipt_line line[RECEIPT_LINES];
    size_t strokes_len; /* of a signature; 0: none */
    size_t strokes_at;  /* it stands in front of this line */
    uint8_t strokes[RECEIPT_STROKES_MAX];
};

enum receipt_copy { RECEIPT_MERCHANT_COPY, RECEIPT_CARDHOLDER_COPY };

struct receipt_context {
    const char *merchant_name; /* UTF-8, at most 40 columns: wrapped */
    enum receipt_copy copy;
    bool reprint;     /* marked 重打印 DUPLICATE */
    bool restored;    /* made from what the host told after a restore, not from this device's own */
    bool training;    /* nothing of it is real: marked 演示 TRAINING */
    bool declined;    /* a slip that says why there was no payment, not a proof of payment */
    int64_t local_ms; /* local time of the payment, for the year; see lib/base/clock.h */
    unsigned columns; /* of the paper; 0: RECEIPT_COLUMNS. In the other sheets likewise */
    const struct basket *basket; /* what was bought; NULL: only the amount is known */
    struct bytes strokes;        /* of the cardholder, signed on the screen; empty: he did not */
    const char *footer;          /* of the shop, the last lines; NULL or empty: none */
    bool signature_free;         /* so small a tap that nobody signs */
};

/* Errors: FULL (a field too long for its line is a bug of the caller's data, not cut). */
MUST_USE err receipt_make(const struct payment *payment, const struct receipt_context *context,
                          struct receipt *out);

/* What one operator has taken, for his sheet (S56). */
enum { RECEIPT_KINDS = 32 /* every kind by every means; by class of card there may be more */ };

struct receipt_kind {
    enum payment_type type;
    enum payment_means means;
    enum payment_card_class card_class; /* of a settlement; UNKNOWN in a report */
    int64_t count, minor;               /* approved */
};

enum receipt_report_kind { RECEIPT_REPORT_SIGN_IN, RECEIPT_REPORT_X, RECEIPT_REPORT_Z };

struct receipt_report {
    enum receipt_report_kind kind_of; /* since the sign-in; of a shift: read (X), closed (Z) */
    int64_t number;                   /* of a Z */
    bool reprint;
    const char *merchant_name, *mid, *tid, *operator_id;
    uint32_t batch;
    int64_t from_local_ms, to_local_ms;
    size_t kinds;
    struct receipt_kind kind[RECEIPT_KINDS];
    int64_t tip_minor;                /* of what was taken, without what was voided */
    int64_t declined, reversed, open; /* counts of what brought nothing, or not yet */
    int64_t disputed, disputed_minor; /* within the total: what the host would not take */
    unsigned columns;
    bool cash;                       /* of a shift: there is cash to account for */
    int64_t float_minor, cash_minor; /* in the drawer at its beginning; what came in */
    int64_t counted_minor;           /* of a Z: at its end; -1: not counted */
};

/* FULL as above, or when the total is more than an amount can say. */
MUST_USE err receipt_report(const struct receipt_report *report, struct receipt *out);

/* 订单结清单: a total that was paid in parts, each a payment of its own (S84). */
struct receipt_order {
    const char *merchant_name, *mid, *tid, *operator_id;
    int64_t number, total_minor;
    int64_t tip_minor;           /* of the total */
    const struct basket *basket; /* what was bought; NULL: nobody has said */
    int64_t local_ms;            /* when it was paid */
    unsigned columns;
    bool reprint;
    bool training; /* as of a slip: nothing of it is real */
};
MUST_USE err receipt_order(const struct receipt_order *order, const struct payment *const *parts,
                           size_t count, struct receipt *out);

/* 结算总计单: what a batch adds up to, and whether the host has the same (S104). */
struct receipt_settlement {
    const char *merchant_name, *mid, *tid;
    const char *operator_id; /* empty: it began by itself */
    uint32_t batch;
    int64_t local_ms; /* when it was closed */
    bool reprint;
    bool training; /* as of a slip: nothing of it is real */
    enum payment_settle_flag flag;
    struct payment_totals totals;
    size_t kinds;
    struct receipt_kind kind[RECEIPT_KINDS]; /* by kind, means and class of card */
    unsigned columns;
};
MUST_USE err receipt_settlement(const struct receipt_settlement *settlement, struct receipt *out);

/* 结算明细单: at most RECEIPT_DETAILS payments of it on one sheet. */
enum { RECEIPT_DETAILS = 16 };
MUST_USE err receipt_details(const struct receipt_settlement *settlement,
                             const struct payment *const *payments, size_t count,
                             struct receipt *out);

/* Columns that UTF-8 `text` takes: 2 for wide characters (CJK, full-width), else 1. */
size_t receipt_columns(const char *text);
