/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is due to a merchant, and whether it may be paid now (S109).
 *
 * T+1 pays what stood on the merchant's account when a business day ended, and no more than stands
 * there now: what was held, refunded or corrected since then is not paid out. D+0 pays what stands
 * there now, for whom it was agreed, by the rule that the agreement names. Neither pays what is
 * undecided, nor more than what is left after the reversals and refunds that the ledger has not
 * folded yet, which are looked up in the journal.
 *
 * A payout goes to the account that two members of staff have approved (registry/payout.h), and not
 * before a change of it has rested: who takes a shop over must not find its money on the way.
 */
#include <assert.h>
#include <stdio.h>

#include "acquirer/control.h"
#include "journal/journal.h"
#include "ledger/figures.h"
#include "ledger/terms.h"
#include "ledger/workday.h"
#include "registry/agreement.h"
#include "registry/payout.h"
#include "registry/registry.h"

static_assert((int)TERMS_NEXT_DAY == (int)ORDER_NEXT_DAY && (int)TERMS_WAYS == (int)ORDER_WAYS &&
                  (int)TERMS_SAME_DAY == (int)ORDER_SAME_DAY,
              "one numbering of ways");

enum {
    REST_MS = 72 * 3600 * 1000, /* of a changed account; as long as after a recovery */
    BEHIND_MOST = 8,            /* blocks of unfolded rows looked at: a second of full load */
};

/* ---- when ---- */

/* The day by China's calendar, not the business day. */
static int32_t date_of(int64_t at_ms)
{
    return (int32_t)((at_ms + CLOCK_CHINA_OFFSET_MS) / 86400000);
}

static void not_due(struct control *c, int32_t day)
{
    char text[WORKDAY_TEXT_MAX];
    workday_text(day, text);
    control_say(c, ACQUIRER_NOT_DUE, "on %s", text);
}

static err judge_next_day(struct control *c)
{
    int32_t due = 0;
    bool announced =
        true; /* of the next year it may not be yet: ledger/workday.h says what holds */
    err known = workday_next_expected(c->order.day, &due, &announced);
    if (known.code == ERR_NOT_FOUND) {
        char text[WORKDAY_TEXT_MAX];
        workday_text(c->order.day, text);
        control_say(c, ACQUIRER_NO_CALENDAR, "working days after %s", text);
        return OK;
    }
    TRY(known);
    if (c->order.at_ms < workday_end_ms(c->order.day) || date_of(c->order.at_ms) < due)
        not_due(c, due);
    return OK;
}

/* Being paid on the next working day costs what it cost when he signed. */
static const struct terms_rule *next_day_rule(int64_t at_ms, int64_t signed_ms)
{
    return terms_rule_for(TERMS_NEXT_DAY, at_ms < signed_ms ? at_ms : signed_ms);
}

/* The rule by which it is paid; NULL when that is refused. D+0 is a right of the agreement that
 * holds now, which the order names. */
static const struct terms_rule *judge_terms(struct acquirer *a, struct control *c)
{
    struct registry_agreement agreement;
    err found = registry_find_agreement(a->registry, c->order.mid, c->order.at_ms, &agreement);
    if (FAILED(found)) {
        control_unreadable(c, "registry", found);
        return NULL;
    }
    if (c->order.way != ORDER_SAME_DAY) return next_day_rule(c->order.at_ms, agreement.signed_ms);
    const struct terms_rule *rule = terms_rule_of(agreement.same_day_rule);
    if (rule == NULL || rule->way != TERMS_SAME_DAY) {
        control_say(c, ACQUIRER_NO_SAME_DAY, "agreement version %lld",
                    (long long)agreement.version);
        return NULL;
    }
    struct writer w = writer_over(c->order.reference, sizeof c->order.reference - 1);
    write_format(&w, "agreement %lld", (long long)agreement.version);
    c->order.reference[w.len] = '\0';
    return rule;
}

static void judge_same_day(struct control *c, const struct terms_rule *rule)
{
    if (workday_of(c->order.at_ms) != c->order.day)
        control_say(c, ACQUIRER_NOT_DUE, "only on the day itself");
    else if (!terms_open(rule, c->order.at_ms))
        control_say(c, ACQUIRER_NOT_DUE, "from %02d:00 to %02d:00", rule->from_hour, rule->to_hour);
}

/* ---- to whom ---- */

static err judge_account(struct acquirer *a, struct control *c)
{
    struct payout_account account;
    if (a->config.payout_path == NULL) {
        control_say(c, ACQUIRER_NO_ACCOUNT, "the acquirer was started without --payout-accounts");
        return OK;
    }
    if (a->accounts == NULL) {
        bool memory = a->config.mode == STORE_MEMORY;
        const struct store_options options = {.mode = memory ? STORE_MEMORY : STORE_READ_ONLY,
                                              .busy_ms = 200};
        struct store_fault fault = {""};
        err opened = store_open(a->config.payout_path, &options, &fault, &a->accounts);
        if (FAILED(opened)) {
            /* Another program's file: that it cannot be read stops no payments. */
            control_say(c, ACQUIRER_NO_ACCOUNT, "%.150s", fault.text);
            return OK;
        }
    }
    err found = payout_find(a->accounts, c->order.mid, c->order.at_ms, &account);
    if (FAILED(found)) {
        bool none = found.code == ERR_NOT_FOUND;
        control_say(c, ACQUIRER_NO_ACCOUNT, "%.150s",
                    none ? "none has been approved" : store_error_text(a->accounts));
        return OK;
    }
    int64_t rests_ms = account.since_ms + REST_MS;
    if (account.version > 1 && c->order.at_ms < rests_ms) {
        struct civil until = civil_from_ms(rests_ms + CLOCK_CHINA_OFFSET_MS);
        control_say(c, ACQUIRER_COOLING, "until %04d-%02d-%02d %02d:%02d", until.year, until.month,
                    until.day, until.hour, until.minute);
    }
    c->order.account = account.version;
    return OK;
}

/* ---- how much ---- */

/* May this row, not yet folded, lower what is owed to the merchant? */
static bool may_lower(const struct journal_row *row)
{
    bool gives = payment_type_row(row->payment.type)->direction == PAYMENT_GIVES;
    return gives ? row->event == PAYMENT_SUBMIT : row->payment.state == PAYMENT_REVERSED;
}

/* What rows after `seq` may take from the merchant; BEHIND when there are too many, or when some
 * are of before `end_ms`. */
static err unfolded(struct acquirer *a, struct control *c, int64_t seq, int64_t end_ms,
                    int64_t *ret_minor)
{
    int64_t minor = 0;
    for (int block = 0; block < BEHIND_MOST; block++) {
        size_t count = 0;
        TRY(journal_read_money(a->store, seq + 1, a->row, HOST_ROWS, &count));
        for (size_t i = 0; i < count; i++) {
            const struct payment *p = &a->row[i].payment;
            if (a->row[i].at_ms < end_ms) control_say(c, ACQUIRER_BEHIND, "rows of that day");
            bool his = strcmp(p->mid, c->order.mid) == 0 && p->currency == c->order.currency;
            if (his && may_lower(&a->row[i])) TRY(money_add(minor, p->amount_minor, &minor));
        }
        seq += (int64_t)count;
        if (count < HOST_ROWS) {
            *ret_minor = minor;
            return OK;
        }
    }
    control_say(c, ACQUIRER_BEHIND, "journal row %lld", (long long)seq);
    return OK;
}

static err open_books(struct acquirer *a)
{
    if (a->books != NULL) return OK;
    const struct store_options options = {
        .mode = a->config.mode == STORE_MEMORY ? STORE_MEMORY : STORE_READ_ONLY, .busy_ms = 2000};
    return store_open(a->config.ledger_path, &options, NULL, &a->books);
}

/* What the ledger says, of one moment. */
static err read_books(struct acquirer *a, const struct control *c, struct ledger_figures *figures,
                      int64_t *ret_then_minor, struct ledger_position *at)
{
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    TRY(store_begin(a->books, &snapshot));
    TRY(ledger_position_of(a->books, at));
    TRY(ledger_figures(a->books, c->order.mid, c->order.currency, figures));
    return ledger_balance_on(a->books, ACCOUNT_MERCHANT_PAYABLE, c->order.mid, c->order.currency,
                             c->order.day, ret_then_minor);
}

static err judge_amount(struct acquirer *a, struct control *c, const struct terms_rule *rule)
{
    struct ledger_figures figures = {0};
    struct ledger_position at = {0};
    int64_t then_minor = 0, going_minor = 0, last_order = 0;
    bool next_day = c->order.way == ORDER_NEXT_DAY;
    err read = open_books(a);
    if (!FAILED(read)) read = read_books(a, c, &figures, &then_minor, &at);
    if (FAILED(read)) {
        store_close(a->books);
        a->books = NULL; /* opened again when it is asked for next */
        control_unreadable(c, "ledger", read);
        return OK;
    }
    TRY(journal_order_last_of(a->store, c->order.mid, &last_order));
    if (last_order > at.order) {
        control_say(c, ACQUIRER_BEHIND, "order %lld", (long long)last_order);
        return OK;
    }
    TRY(unfolded(a, c, at.seq, next_day ? workday_end_ms(c->order.day) : 0, &going_minor));
    if (c->status != ACQUIRER_OK) return OK;
    int64_t due_minor = figures.payable_minor - figures.going_minor - going_minor;
    if (next_day && then_minor < due_minor) due_minor = then_minor;
    if (due_minor > MONEY_FIELD_MAX) due_minor = MONEY_FIELD_MAX;
    if (due_minor <= 0 || FAILED(terms_fee(rule, due_minor, &c->order.fee_minor))) {
        control_say(c, ACQUIRER_NOTHING, "%lld fen", (long long)due_minor);
        return OK;
    }
    c->order.amount_minor = due_minor - c->order.fee_minor;
    c->order.rule = rule->version;
    return OK;
}

/* ---- all of it ---- */

static err judge_paid(struct acquirer *a, struct control *c)
{
    struct journal_order paid;
    int32_t last = 0;
    err found = journal_order_payout(a->store, c->order.mid, c->order.currency, c->order.day,
                                     c->order.way, &paid);
    if (!FAILED(found)) {
        control_say(c, ACQUIRER_PAID, "%s", "");
        c->number = paid.number;
        c->amount_minor = paid.amount_minor;
        c->fee_minor = paid.fee_minor;
        return OK;
    }
    if (found.code != ERR_NOT_FOUND) return found;
    TRY(journal_order_last_day(a->store, c->order.mid, c->order.currency, &last));
    if (last > c->order.day) control_say(c, ACQUIRER_LATER, "%s", "");
    return OK;
}

static void judge_active(struct acquirer *a, struct control *c)
{
    struct registry_merchant merchant;
    err found = registry_find_merchant(a->registry, c->request->mid, &merchant);
    if (found.code == ERR_NOT_FOUND) control_say(c, ACQUIRER_UNKNOWN, "merchant");
    else if (FAILED(found)) control_unreadable(c, "registry", found);
    else if (merchant.status != REGISTRY_ACTIVE) control_say(c, ACQUIRER_INACTIVE, "%s", "");
}

err payout_judge(struct acquirer *a, struct control *c)
{
    const struct terms_rule *rule = NULL;
    judge_active(a, c);
    if (c->status == ACQUIRER_OK) TRY(judge_paid(a, c));
    if (c->status == ACQUIRER_OK) rule = judge_terms(a, c);
    if (c->status == ACQUIRER_OK && c->order.way == ORDER_NEXT_DAY) TRY(judge_next_day(c));
    if (c->status == ACQUIRER_OK && c->order.way == ORDER_SAME_DAY) judge_same_day(c, rule);
    if (c->status == ACQUIRER_OK) TRY(judge_account(a, c));
    if (c->status == ACQUIRER_OK) TRY(judge_amount(a, c, rule));
    return OK;
}
