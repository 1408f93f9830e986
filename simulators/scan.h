/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scan: a person holds a virtual phone over a code that a terminal shows. Who can pay such codes
 * says so with scans_add(); each is asked in turn whether the code is its own.
 *
 *   EMVCo codes            the wallet on the ISO 8583 link; a plate that is scanned with Alipay or
 *                          WeChat Pay (scan.wallet) is paid there
 *   https://qr.alipay...   the Alipay interface's simulator
 *   weixin://wxpay/...     the WeChat Pay interface's simulator
 */

#include "lib/qr/payment_code.h"
#include "simulators/cards.h"

enum {
    SCAN_TEXT_MAX = 512, /* an EMVCo code has at most that many characters */
    SCAN_PAYEE_MAX = 75, /* 25 characters of UTF-8 */
    SCAN_REFERENCE_MAX = 64,
    SCAN_READERS_MAX = 4,
};

/* What the person does. */
struct scan {
    uint8_t phone;                   /* index among virtual_phones() */
    struct bytes text;               /* what the camera has read */
    int64_t amount_minor;            /* that he types for a code without one; 0: he has not */
    enum payment_code_wallet wallet; /* with which he scans a plate; UNKNOWN: whose code it is */
};

enum scan_outcome {
    SCAN_PAID,
    SCAN_ASKED,  /* he is typing his password */
    SCAN_AMOUNT, /* the code has no amount: ask again with one */
    SCAN_REFUSED,
};

/* What his phone then shows. */
struct scan_result {
    enum scan_outcome outcome;
    int64_t amount_minor;
    char payee[SCAN_PAYEE_MAX + 1];
    char reference[SCAN_REFERENCE_MAX + 1]; /* of the payment, when there is one */
    struct text2 reason;                    /* why he cannot pay: REFUSED */
};

/* Errors: NOT_FOUND (another's code, nothing has been done), and those of the store. */
typedef err scan_function(void *context, const struct scan *scan, struct scan_result *ret_result);

struct scans {
    struct {
        scan_function *read;
        void *context;
    } reader[SCAN_READERS_MAX];
    size_t count;
};

void scans_add(struct scans *scans, scan_function *read, void *context);

/* A code that nobody can pay is REFUSED. Errors: those of the store. */
MUST_USE err scans_ask(const struct scans *scans, const struct scan *scan,
                       struct scan_result *ret_result);

/* "paid", "asked", "amount", "refused". */
const char *scan_outcome_name(enum scan_outcome outcome);
