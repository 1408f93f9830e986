/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * wechatpay: WeChat Pay, version 3 of its interface. Protocol notes 4.5.
 *
 *   request   signed: METHOD \n path and query \n seconds \n nonce \n body \n, in the header
 *             Authorization: WECHATPAY2-SHA256-RSA2048 ...
 *   answer    signed: seconds \n nonce \n body \n, in the headers Wechatpay-Timestamp, -Nonce,
 *             -Signature and -Serial, which names the key; within five minutes of our clock
 *   notice    signed like an answer; what it is about is sealed with AES-256-GCM
 *
 * An answer whose signature cannot be checked says nothing, errors included. wallet_wechatpay of
 * driver.h is the driver; here is what notices need beside it.
 */

#include "wallets/driver.h"

enum { WECHATPAY_SKEW_MS = 300000 };

/* The sealed part is views of `room`. Errors: FORMAT, MISSING, LENGTH, FULL, KEY (signed with a key
 * that we do not have; ret_check->serial names it), RANGE (of another moment). */
MUST_USE err wechatpay_read_notice(const struct wallet_account *account,
                                   const struct wallet_held *held, int64_t now_ms,
                                   const struct wallet_raw *raw, struct writer *scratch,
                                   struct writer *room, struct wallet_sealed *ret_sealed,
                                   struct wallet_reading *ret_check);

/* What was sealed. Errors: FORMAT, MISSING, LENGTH, IDENTITY (of another merchant). */
MUST_USE err wechatpay_open_notice(const struct wallet_account *account, struct bytes text,
                                   struct wallet_notice *ret_notice);
