/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* People's commands to a host of acquirer_rig.h, and what its ledger then says. */

#include "journal/order.h"
#include "ledger/fold.h"
#include "lib/wire/acquirer_protocol.h"
#include "tests/unit/acquirer_peers.h"

/* The answer to the last command, with its detail copied. */
struct money_answer {
    enum acquirer_status status;
    struct acquirer_answer said;
    char detail[ACQUIRER_DETAIL_MAX + 1];
};

static inline err money_ask(struct rig *rig, uint8_t command,
                            const struct acquirer_request *request, struct money_answer *ret)
{
    static uint32_t id;
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct acquirer_header header = {command, ++id};
    acquirer_write_request(&w, header, request);
    TRY(acquirer_on_control(rig->a, 5, writer_view(&w)));
    assert_int_equal(rig->to_control.count, 0); /* not before it is on disk */
    TRY(rig_settle_err(rig));
    assert_int_equal(rig->to_control.count, 1);
    const struct rig_item *item = &rig->to_control.item[0];
    assert_int_equal(item->target, 5);
    rig->to_control.count = 0;
    assert_ok(
        acquirer_read_answer(bytes_of(item->at, item->len), &header, &ret->status, &ret->said));
    assert_int_equal(header.id, id);
    assert_ok(bytes_to_text(ret->said.detail, ret->detail, sizeof ret->detail));
    return OK;
}

static inline struct money_answer money(struct rig *rig, uint8_t command,
                                        const struct acquirer_request *request)
{
    struct money_answer answer;
    assert_ok(money_ask(rig, command, request, &answer));
    return answer;
}

static inline struct acquirer_request money_hold(const struct rig *rig, int64_t amount_minor)
{
    return (struct acquirer_request){.actor = BYTES("wang"),
                                     .mid = BYTES(RIG_MID),
                                     .reason = BYTES("risk"),
                                     .evidence = BYTES("slips of the last three days"),
                                     .appeal = BYTES("risk desk, 400-000-0000"),
                                     .amount_minor = amount_minor,
                                     .deadline_ms = rig->now_ms + 86400000};
}

static inline struct acquirer_request money_end(int64_t original)
{
    return (struct acquirer_request){.actor = BYTES("li"),
                                     .reason = BYTES("papers are in order"),
                                     .reference = BYTES("ICBC 7781"),
                                     .original = original};
}

/* Folds everything that is committed. */
static inline void money_fold(struct rig *rig)
{
    size_t rows = 1;
    while (rows > 0) assert_ok(acquirer_fold(rig->a, 7, &rows));
}

static inline err money_take(void *context, const struct account *account)
{
    struct account *wanted = context;
    if (wanted->kind == account->kind && strcmp(wanted->owner, account->owner) == 0)
        *wanted = *account;
    return OK;
}

/* What stands on an account, on its normal side; and that all of it is in balance. */
static inline int64_t money_on(enum account_kind kind)
{
    struct account account = {.kind = kind};
    struct ledger *ledger = NULL;
    struct ledger_trial trial;
    if (account_row(kind)->owner == ACCOUNT_OWNER_MERCHANT)
        memcpy(account.owner, RIG_MID, sizeof RIG_MID);
    if (account_row(kind)->owner == ACCOUNT_OWNER_NETWORK)
        memcpy(account.owner, "card-network", sizeof "card-network");
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced && trial.transfers_agree);
    assert_ok(ledger_accounts(ledger, money_take, &account));
    ledger_close(ledger);
    int64_t balance_minor = account.debits_posted - account.credits_posted;
    return account_row(kind)->side == ACCOUNT_DEBIT ? balance_minor : -balance_minor;
}

/* A sale that its issuer approves. */
static inline void money_sale(struct rig *rig, struct rig_terminal *t, int64_t amount_minor)
{
    rig_sell(rig, t, PAYMENT_CARD, amount_minor);
    rig_issuer(rig, "00");
    rig_took(&rig->to_terminal);
}
