/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * wechat: a call of WeChat Pay's APIv3: what wechat.c, which checks and signs, gives to
 * wechat_trade.c and wechat_refund.c. Nobody else includes it.
 *
 * Where the interface's pages differ from each other: a reversal is answered 200 with the order's
 * numbers, as the page of code payments says; one that comes within fifteen seconds of an order
 * that is still undecided is a system error, to be tried again.
 */

#include "simulators/providers_core.h"

enum { WECHAT_SOON_MS = 15000, WECHAT_TEXT_MAX = 512 };

struct wechat_call {
    struct providers *p;
    const struct provider_request *request;
    struct bytes id;          /* the part of the path that names something */
    const struct json_t *biz; /* the body; NULL when there is none */
    int64_t wrong_minor;      /* what amounts are wrong by, when that is to go wrong */
    bool other_key;           /* what is sealed is under another key */
    struct json_out j;
    struct provider_answer *answer;
    bool plain; /* the answer is no JSON, and not signed */
};

/* "PARAM_ERROR" and the like, with the status and the words that belong to it. */
void wechat_failure(struct wechat_call *c, const char *code);

/* The transaction as queries, answers and notices have it. */
void wechat_write_trade(struct json_out *j, const struct providers *p, const struct trade *t,
                        int64_t wrong_minor);
void wechat_write_refund(struct json_out *j, const struct trade *t, const struct refund *r,
                         int64_t wrong_minor);
void wechat_write_refund_notice(struct json_out *j, const struct providers *p,
                                const struct trade *t, const struct refund *r, int64_t wrong_minor);

/*
 * {"algorithm":...,"nonce":...,"associated_data":...,"ciphertext":...} as members of the open
 * object: AES-256-GCM under the APIv3 key, or another one. Errors: LENGTH, CRYPTO.
 */
MUST_USE err wechat_write_sealed(struct json_out *j, struct providers *p, const char *associated,
                                 struct bytes plain, bool other);

/* A merchant's number: 6 to 32 digits, letters and _-|*. */
bool wechat_is_number(struct bytes text);
/* "mchid" of a body is ours; refused otherwise. */
bool wechat_mchid_right(struct wechat_call *c);
/* "mchid" of the query is ours; refused otherwise. */
bool wechat_query_mchid_right(struct wechat_call *c);

err wechat_codepay(struct wechat_call *c);
err wechat_native(struct wechat_call *c);
err wechat_query(struct wechat_call *c);
err wechat_query_id(struct wechat_call *c);
err wechat_close(struct wechat_call *c);
err wechat_reverse(struct wechat_call *c);
err wechat_refund(struct wechat_call *c);
err wechat_refund_query(struct wechat_call *c);
err wechat_certificates(struct wechat_call *c);
err wechat_bill(struct wechat_call *c);
/* The bill itself: not JSON, and not signed. */
err wechat_bill_file(struct wechat_call *c);
