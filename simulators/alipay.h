/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * alipay: a method call on its way through gateway.do: what alipay.c, which checks and signs, gives
 * to alipay_trade.c, which trades. Nobody else includes it.
 *
 * An answer is one JSON object; exactly one of the functions below begins it, what belongs to the
 * method is then added to `j`, and the gateway closes and signs it.
 */

#include "simulators/providers_core.h"

struct alipay_call {
    struct providers *p;
    const struct json_t *biz; /* biz_content */
    struct bytes notify_url;
    bool hidden;         /* content encryption: the answer, as the request was */
    bool certified;      /* certificate mode: the answer names its certificate */
    int64_t wrong_minor; /* what amounts are wrong by, when that is to go wrong */
    struct json_out j;
    struct provider_answer *answer; /* for how it is given; its body is the gateway's */
};

/* Code 10000, or 10003 when the customer has yet to pay. */
void alipay_success(struct alipay_call *c);
void alipay_waiting(struct alipay_call *c);
/* Code 40004 with the reason's name, "ACQ.TRADE_NOT_EXIST". */
void alipay_failure(struct alipay_call *c, const char *sub_code);

struct alipay_method {
    const char *name; /* "alipay.trade.pay" */
    err (*run)(struct alipay_call *c);
};

/* NULL when there is none. */
const struct alipay_method *alipay_method_named(struct bytes name);

/* "TRADE_SUCCESS" ... at this time. */
const char *alipay_trade_status(const struct trade *trade, int64_t now_ms);
/* "2088..." and what a receipt may show of the account. */
enum { ALIPAY_BUYER_MAX = 32 };
void alipay_buyer(const struct trade *trade, char id[ALIPAY_BUYER_MAX],
                  char logon[ALIPAY_BUYER_MAX]);
