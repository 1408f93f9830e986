/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Payment codes: the digits that a customer's phone shows. Which wallet one belongs to is told by
 * its first two digits and its length together; a code lives for about a minute and is used once.
 */

#include "lib/base/bytes.h"

enum payment_code_wallet {
    PAYMENT_CODE_UNKNOWN, /* no wallet's code: tell the customer to open the payment page */
    PAYMENT_CODE_ALIPAY,
    PAYMENT_CODE_WECHAT,
    PAYMENT_CODE_UNIONPAY,
    PAYMENT_CODE_WALLETS,
};

enum { PAYMENT_CODE_MAX = 24 };

/* The wallet of exactly these digits; UNKNOWN for anything else, including other characters. */
enum payment_code_wallet payment_code_wallet(struct bytes code);

/*
 * Is it the code of a card in a telephone (EMVCo, consumer-presented mode, 4.1): base64 whose first
 * bytes are the object 85 with the value CPV01? Such a code is no wallet's, and card data is in it.
 */
bool payment_code_of_card(struct bytes text);

/* "alipay", "wechat", "unionpay", "unknown". */
const char *payment_code_wallet_name(enum payment_code_wallet wallet);
