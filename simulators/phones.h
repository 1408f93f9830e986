/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * phones: what the virtual phones share between the wallet on the ISO 8583 link and the wallets'
 * HTTP interfaces: the payment codes that they show, and the money in them. A phone is one person:
 * he has one balance, and may have the wallet of each kind.
 */

#include "lib/base/random.h"
#include "lib/qr/payment_code.h"
#include "simulators/cards.h"

enum {
    PHONES_MAX = 16,
    PHONES_CODES_MAX = 4096,
    PHONES_CODE_LIFE_MS = 60000, /* a payment code is used once, within a minute */
    PHONES_ASKS_MS = 4000,       /* what a person needs to type a password */
    PHONES_SLOW_MS = 12000,
};

struct phone_code {
    char digits[PAYMENT_CODE_MAX + 1]; /* empty: a free place */
    int64_t until_ms;
    uint8_t phone;
    bool used;
};

struct phones {
    struct clock clock;
    struct random random;
    bool generous;                   /* balances never run out */
    int64_t spent_minor[PHONES_MAX]; /* by index among virtual_phones() */
    struct phone_code code[PHONES_CODES_MAX];
    size_t next_code;
};

/*
 * A fresh payment code of this phone for a wallet, 18 digits (19 for UnionPay). UNKNOWN: of the
 * wallet that the phone shows by itself. The oldest code is forgotten when the table is full.
 */
void phones_code(struct phones *phones, uint8_t phone, enum payment_code_wallet wallet,
                 char out[static PAYMENT_CODE_MAX + 1]);

/* Uses a code up. False: nobody's, used before, or too old. */
bool phones_take(struct phones *phones, struct bytes digits, uint8_t *ret_phone);

/* Takes money when it is there, and says whether it was. */
bool phones_pay(struct phones *phones, uint8_t phone, int64_t amount_minor);
void phones_give_back(struct phones *phones, uint8_t phone, int64_t amount_minor);
