/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What tests of payments that follow others have in common: a host with two terminals, an approved
 * original, what follows it, how it ends, and the books afterwards.
 */

#include "ledger/fold.h"
#include "payment/kind.h"
#include "tests/unit/acquirer_peers.h"

#define RIG_SECOND "10000041"

static struct rig rig;

static inline int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    rig_add_terminal(&rig, RIG_SECOND, REGISTRY_TONGBAO);
    rig_restart(&rig);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

/* An approved payment of this type, as its terminal has it then. */
static inline struct payment approved(struct rig_terminal *t, enum payment_type type,
                                      int64_t amount_minor)
{
    struct payment p = rig_payment(t, PAYMENT_CARD, amount_minor);
    struct iso8583_message m;
    p.type = type;
    rig_again(&rig, t, &p);
    rig_issuer(&rig, "00");
    rig_answer_to(&rig, t, &m);
    assert_ok(payment_apply_response(&m, (uint16_t)(payment_kind_of(&p)->mti + 0x10), &p));
    assert_string_equal(p.response_code, "00");
    rig_took(&rig.to_terminal);
    return p;
}

static inline struct payment following(struct rig_terminal *t, enum payment_type type,
                                       const struct payment *original, int64_t amount_minor)
{
    struct payment p = rig_payment(t, original->means, amount_minor);
    p.type = type;
    p.original =
        (struct payment_original){.batch = original->key.batch, .stan = original->key.stan};
    memcpy(p.original.rrn, original->rrn, sizeof original->rrn);
    memcpy(p.original.auth_code, original->auth_code, sizeof original->auth_code);
    memcpy(p.original.date, original->local_date, sizeof original->local_date);
    return p;
}

/* Sent, and answered with this code: by the network when it got so far. */
static inline void ends(struct rig_terminal *t, const struct payment *p, const char *code)
{
    rig_again(&rig, t, p);
    if (rig.to_route.count > 0) rig_issuer(&rig, code);
    rig_expect(&rig, t, (uint16_t)(payment_kind_of(p)->mti + 0x10), code);
}

/* Refused by the host: no network was asked. */
static inline void refused(struct rig_terminal *t, const struct payment *p, const char *code)
{
    rig_again(&rig, t, p);
    assert_int_equal(rig.to_route.count, 0);
    rig_expect(&rig, t, (uint16_t)(payment_kind_of(p)->mti + 0x10), code);
    rig_expect_state(p, PAYMENT_DECLINED, 1);
}

/* What the ledger owes the merchant, and the fees. */
struct sums {
    int64_t payable, income, receivable;
};

static inline err add_account(void *context, const struct account *account)
{
    struct sums *s = context;
    int64_t net = account->credits_posted - account->debits_posted;
    if (account->kind == ACCOUNT_MERCHANT_PAYABLE) s->payable += net;
    if (account->kind == ACCOUNT_FEE_INCOME) s->income += net;
    if (account->kind == ACCOUNT_NETWORK_RECEIVABLE) s->receivable -= net;
    return OK;
}

static inline struct sums books(void)
{
    struct sums sums = {0};
    struct ledger *ledger = NULL;
    struct ledger_trial trial;
    size_t rows = 1;
    while (rows > 0) assert_ok(acquirer_fold(rig.a, 1024, &rows));
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced && trial.transfers_agree);
    assert_ok(ledger_accounts(ledger, add_account, &sums));
    ledger_close(ledger);
    return sums;
}
