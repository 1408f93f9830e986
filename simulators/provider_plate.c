/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plates that a phone pays with a wallet over HTTP (静态码, S79): the customer scans the code that
 * stands in a shop, types an amount, and is charged at once; the merchant hears of it by a notice,
 * with the plate's text as his own data (passback_params, attach) and a number of the form that
 * docs/dialect.md wants. Where a merchant is told is deposited before (provider_payee_put).
 *
 * Numbers end in eight digits above the milliseconds of a day, which the wallet on the ISO 8583
 * link has: Alipay's from 90000000 on, WeChat Pay's from 95000000 on.
 */
#include "lib/qr/order_code.h"
#include "payment/shown.h"
#include "simulators/providers_core.h"

enum { TAILS = 5000000, ALIPAY_TAIL = 90000000, WECHAT_TAIL = 95000000, EXPIRES_MS = 600000 };

static bool provider_of(enum payment_code_wallet wallet, enum provider *ret_provider)
{
    *ret_provider = wallet == PAYMENT_CODE_ALIPAY ? PROVIDER_ALIPAY : PROVIDER_WECHAT;
    return wallet == PAYMENT_CODE_ALIPAY || wallet == PAYMENT_CODE_WECHAT;
}

/* One that was never used. */
static err new_reference(struct providers *p, struct trade *t)
{
    char reference[13];
    struct trade known;
    uint32_t first = t->provider == PROVIDER_ALIPAY ? ALIPAY_TAIL : WECHAT_TAIL;
    for (;;) {
        payment_wallet_reference_write(
            provider_now(p), first + (uint32_t)random_below(&p->config.random, TAILS), reference);
        err found = trade_find(p->config.store, t->provider, bytes_text(reference), &known);
        if (found.code == ERR_NOT_FOUND) break;
        TRY(found);
    }
    return bytes_to_text(bytes_text(reference), t->out_no, sizeof t->out_no);
}

static err pay(struct providers *p, struct trade *t, const struct scan *scan,
               struct scan_result *result)
{
    static const struct text2 none = {"余额不足", "insufficient funds"};
    enum payer_outcome outcome;
    TRY(provider_pay(p, t, scan->phone, &outcome));
    if (outcome == PAYER_HAS_NONE) {
        t->state = TRADE_FAILED;
        t->ended_ms = provider_now(p);
        result->reason = none;
        return trade_put(p->config.store, t);
    }
    /* The customer sees the end when the merchant has heard of it. */
    result->outcome = SCAN_ASKED;
    return bytes_to_text(bytes_text(t->out_no), result->reference, sizeof result->reference);
}

static err begin(struct providers *p, enum provider provider, const struct order_code *code,
                 const struct scan *scan, struct scan_result *result)
{
    static const struct text2 stranger = {"该商户未开通此钱包",
                                          "this shop does not take this wallet"};
    struct trade t = provider_trade(p, provider);
    err found =
        provider_payee_find(p->config.store, provider, bytes_text(code->merchant), t.notify_url);
    if (found.code == ERR_NOT_FOUND) {
        result->reason = stranger;
        return OK;
    }
    TRY(found);
    TRY(new_reference(p, &t));
    t.shown = t.touched = true;
    t.amount_minor = scan->amount_minor;
    t.expires_ms = t.created_ms + EXPIRES_MS;
    TRY(bytes_to_text(scan->text, t.attach, sizeof t.attach));
    TRY(bytes_to_text(bytes_text(code->name), t.subject, sizeof t.subject));
    TRY(bytes_to_text(bytes_text(code->reference), t.store, sizeof t.store));
    return pay(p, &t, scan, result);
}

err provider_plate_scan(struct providers *p, const struct scan *scan,
                        struct scan_result *ret_result)
{
    enum provider provider;
    struct order_code code;
    if (!provider_of(scan->wallet, &provider)) return ERR(NOT_FOUND);
    if (FAILED(order_code_parse(scan->text, &code)) || !code.plate) return ERR(NOT_FOUND);
    struct scan_result result = {.outcome = SCAN_REFUSED, .amount_minor = scan->amount_minor};
    TRY(bytes_to_text(bytes_text(code.name), result.payee, sizeof result.payee));
    if (scan->amount_minor == 0) {
        result.outcome = SCAN_AMOUNT;
        *ret_result = result;
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(p->config.store, &tx));
    TRY(begin(p, provider, &code, scan, &result));
    TRY(store_commit(&tx));
    *ret_result = result;
    return OK;
}

/* How the customer's phone shows it: his money is back, the merchant has heard, or not yet. */
static err outcome_of(struct providers *p, const struct trade *t, enum scan_outcome *ret_outcome)
{
    bool open = false;
    bool back =
        t->state == TRADE_PAID ? t->refunded_minor == t->amount_minor : t->state != TRADE_WAITING;
    if (!back) TRY(notice_open(p->config.store, t->provider, bytes_text(t->out_no), &open));
    *ret_outcome = back ? SCAN_REFUSED : open || t->state == TRADE_WAITING ? SCAN_ASKED : SCAN_PAID;
    return OK;
}

err providers_scanned(struct providers *p, struct bytes reference, enum scan_outcome *ret_outcome)
{
    struct trade t;
    for (enum provider i = PROVIDER_ALIPAY; i < PROVIDERS; i++) {
        err found = trade_find(p->config.store, i, reference, &t);
        if (found.code == ERR_NOT_FOUND) continue;
        TRY(found);
        return outcome_of(p, &t, ret_outcome);
    }
    return ERR(NOT_FOUND);
}

err providers_payee(struct providers *p, enum provider provider, struct bytes merchant,
                    struct bytes url)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(p->config.store, &tx));
    TRY(provider_payee_put(p->config.store, provider, merchant, url));
    return store_commit(&tx);
}
