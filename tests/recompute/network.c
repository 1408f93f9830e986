/* SPDX-License-Identifier: Apache-2.0 */
/* What networks do in these months: they dispute what was sold, and pay for their days. */
#include <stdio.h>
#include <stdlib.h>

#include "journal/dispute.h"
#include "ledger/figures.h"
#include "tests/recompute/month.h"

/* A dispute about something sold lately, of all of it or of a part: what was paid out is owed. */
void month_open_dispute(struct month *m, struct shop *s)
{
    size_t count = s->sales < RECENT ? s->sales : RECENT;
    char network_case[24];
    if (count == 0) return;
    const struct payment *p = &s->sold[month_below(m, (uint32_t)count)].payment;
    snprintf(network_case, sizeof network_case, "CB-%lld", (long long)++m->disputes);
    struct acquirer_request request = {.reference = bytes_text(p->rrn),
                                       .evidence = bytes_text(network_case),
                                       .reason = BYTES("fraud"),
                                       .way = month_below(m, 2) == 0 ? DISPUTE_RETRIEVAL
                                                                     : DISPUTE_CHARGEBACK};
    if (month_below(m, 2) == 0)
        request.amount_minor = 1 + month_below(m, (uint32_t)p->amount_minor);
    if (!month_command(m, ACQUIRER_DISPUTE_OPEN, &request)) month_must(ERR(DENIED), "dispute");
    s->dispute = m->answer.number;
    s->disputed = p->route;
}

/* Given in, or answered and then won or lost. */
void month_end_dispute(struct month *m, struct shop *s)
{
    struct acquirer_request request = {
        .original = s->dispute,
        .reason = BYTES("slip.png"),
        .reference = BYTES("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        .way = (uint8_t)(DISPUTE_WON + (int)month_below(m, 3))};
    bool answered = request.way != DISPUTE_ACCEPTED;
    if (answered && (!month_command(m, ACQUIRER_DISPUTE_EVIDENCE, &request) ||
                     !month_command(m, ACQUIRER_DISPUTE_ANSWER, &request)))
        month_must(ERR(DENIED), "answer");
    if (!month_command(m, ACQUIRER_DISPUTE_DECIDE, &request)) month_must(ERR(DENIED), "decision");
    m->charged_back_minor[s->disputed] += m->answer.amount_minor;
    s->dispute = 0;
}

/* ---- networks ---- */

/* What a business day has changed on an account of a network, settlements aside: these were booked
 * on that day, too. */
static int64_t change(struct store *ledger, enum account_kind kind, enum payment_route network,
                      int32_t day, int64_t booked_minor)
{
    const char *owner = network == PAYMENT_ROUTE_WALLET ? "wallet" : "card-network";
    int64_t before = 0, after = 0;
    month_must(ledger_balance_on(ledger, kind, owner, CURRENCY_CNY, day - 1, &before), "ledger");
    month_must(ledger_balance_on(ledger, kind, owner, CURRENCY_CNY, day, &after), "ledger");
    return after - before + booked_minor;
}

static void reconciled(struct month *m, const struct acquirer_settled *d)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct acquirer_reconciled done = {
        .actor = d->actor, .digest = d->digest, .network = d->network, .day = d->day};
    acquirer_write_reconciled(&w, 1, &done);
    if (!month_tell(m, &w)) month_must(ERR(DENIED), "reconciled");
}

/* Its file has what we have; one day in ten it pays some fen more or less than it says. */
static void network_pays(struct month *m, struct store *ledger, enum payment_route network,
                         int32_t day)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct booked *b = &m->booked[network];
    struct acquirer_settled d = {
        .actor = BYTES("month"),
        .digest = BYTES("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        .network = (uint8_t)network,
        .day = day};
    d.gross_minor = change(ledger, ACCOUNT_NETWORK_RECEIVABLE, network, day,
                           b->receivable_minor + m->charged_back_minor[network]);
    d.issuer_minor = change(ledger, ACCOUNT_ISSUER_FEE, network, day, b->issuer_minor);
    d.network_minor = change(ledger, ACCOUNT_NETWORK_FEE, network, day, b->network_minor);
    d.instalment_minor = change(ledger, ACCOUNT_INSTALMENT_FEE, network, day, b->instalment_minor);
    int64_t fees_minor = d.issuer_minor + d.network_minor + d.instalment_minor;
    d.file_net_minor = d.net_minor = d.gross_minor - fees_minor;
    d.net_minor -= m->charged_back_minor[network]; /* it pays so much less */
    if (month_below(m, 10) == 0) d.net_minor += (int64_t)month_below(m, 101) - 50;
    d.turnover_minor = llabs(d.gross_minor) + llabs(d.issuer_minor) + llabs(d.network_minor) +
                       llabs(d.instalment_minor);
    m->charged_back_minor[network] = 0;
    *b = (struct booked){0};
    if (d.turnover_minor == 0) return;
    reconciled(m, &d);
    acquirer_write_settled(&w, 1, &d);
    if (!month_tell(m, &w)) month_must(ERR(DENIED), "settled");
    m->orders += 1 + (d.instalment_minor != 0);
    m->settled++;
    *b = (struct booked){d.net_minor + fees_minor, d.issuer_minor, d.network_minor,
                         d.instalment_minor};
}

void month_networks_pay(struct month *m, int32_t day)
{
    CLEANUP(store_close_at) struct store *ledger = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    month_must(store_open(m->ledger, &options, NULL, &ledger), "ledger");
    for (enum payment_route r = PAYMENT_ROUTE_CARD_NETWORK; r < PAYMENT_ROUTES; r++)
        network_pays(m, ledger, r, day);
    month_fold(m);
}
