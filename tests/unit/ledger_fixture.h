/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A ledger in memory, entries for it, and random lives of payments: what its two test programs
 * share.
 */

#include "ledger/fold.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "tests/unit/scratch.h"

static struct store_anchor *anchor;
static struct ledger *ledger;

static inline void reopen(void)
{
    ledger_close(ledger);
    ledger = NULL;
    struct store_fault fault = {""};
    err e = ledger_open("fold-test", STORE_MEMORY, &fault, &ledger);
    if (FAILED(e)) print_error("%s\n", fault.text);
    assert_ok(e);
}

static inline int make_ledger(void **state)
{
    (void)state;
    if (FAILED(store_anchor_open("fold-test", &anchor))) return -1;
    return FAILED(ledger_open("fold-test", STORE_MEMORY, NULL, &ledger));
}

static inline int drop_ledger(void **state)
{
    (void)state;
    ledger_close(ledger);
    ledger = NULL;
    store_anchor_close(anchor);
    return 0;
}

static inline struct ledger_entry entry(int64_t seq, enum ledger_kind kind, uint32_t stan,
                                        int64_t amount_minor)
{
    struct ledger_entry e = {.seq = seq,
                             .at_ms = 1700000000000 + seq,
                             .kind = kind,
                             .merchant = "898310153110001",
                             .network = LEDGER_CARD_NETWORK,
                             .amount_minor = amount_minor,
                             .currency = 156,
                             .class = FEE_CREDIT,
                             .plan = FEE_PLAN_STANDARD};
    ledger_key(e.key, "10000017", 12, stan);
    return e;
}

static inline err fold_one(struct ledger_entry e)
{
    return ledger_fold(ledger, &e, 1);
}

static inline struct ledger_trial trial(void)
{
    struct ledger_trial trial = {0};
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced);
    assert_true(trial.transfers_agree);
    return trial;
}

static inline void said(const char *text)
{
    if (strstr(ledger_error_text(ledger), text) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", ledger_error_text(ledger), text);
}

/* ---- random lives -----------------------------------------------------------------------------
 */

enum { PAYMENTS = 400, ENTRIES = 3000, MERCHANTS = 3 };

struct life {
    enum { LIFE_NEW, LIFE_HELD, LIFE_POSTED, LIFE_UNDONE } state;
    int64_t amount_minor, instalment_minor;
    uint32_t merchant;
    enum ledger_network network;
    enum fee_class class;
};

struct lives {
    struct life life[PAYMENTS];
    struct ledger_entry entry[ENTRIES];
};

static inline struct ledger_entry next_entry(struct lives *lives, int64_t seq,
                                             const struct random *random)
{
    uint32_t stan = random_below(random, PAYMENTS);
    struct life *life = &lives->life[stan];
    enum ledger_kind kind = LEDGER_NOTHING;
    if (life->state == LIFE_NEW) {
        *life = (struct life){LIFE_HELD,
                              1 + random_below(random, 500000),
                              0,
                              random_below(random, MERCHANTS),
                              random_below(random, 2) == 0 ? LEDGER_WALLET : LEDGER_CARD_NETWORK,
                              (enum fee_class)random_below(random, FEE_CLASSES)};
        /* One in four is paid back in instalments, and the merchant bears their fee. */
        if (random_below(random, 4) == 0)
            life->instalment_minor = random_below(
                random, (uint32_t)(life->amount_minor < 30000 ? life->amount_minor : 30000));
        kind = LEDGER_HOLD;
    } else if (life->state == LIFE_HELD && random_below(random, 3) > 0) {
        life->state = LIFE_POSTED;
        kind = LEDGER_POST;
    } else if (random_below(random, 3) == 0) {
        life->state = LIFE_UNDONE; /* also of what is undone already: told again, late */
        kind = LEDGER_UNDO;
    }
    struct ledger_entry e = entry(seq, kind, stan + 1, life->amount_minor);
    e.merchant[14] = (char)('1' + life->merchant);
    e.network = life->network;
    e.class = life->class;
    e.instalment_minor = life->instalment_minor;
    return e;
}

#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, make_ledger, drop_ledger)
