/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a network has paid for a day (S66, S111): a money order, once, after its file was held
 * against the journal. What has arrived, and the fees as they were agreed, come off what the
 * network owes; whatever differs stays there until a person has seen to it, and is a work item. No
 * difference is written off by itself.
 */
#include "acquirer/control.h"
#include "journal/close.h"
#include "journal/reconcile.h"
#include "lib/wire/acquirer_work.h"

static int64_t size_of(int64_t minor)
{
    return minor < 0 ? -minor : minor;
}

/* No part of a day is more than all that its file counts. */
static bool sensible(const struct acquirer_settled *d)
{
    int64_t fees_minor =
        size_of(d->issuer_minor) + size_of(d->network_minor) + size_of(d->instalment_minor);
    return d->network > PAYMENT_ROUTE_NONE && d->network < PAYMENT_ROUTES && d->day > 0 &&
           d->turnover_minor > 0 && size_of(d->gross_minor) <= d->turnover_minor &&
           fees_minor <= d->turnover_minor;
}

/* The day is reconciled by this very file. */
static err judge_file(struct acquirer *a, struct control *c, const struct acquirer_settled *d)
{
    struct journal_reconciled done;
    err found = journal_reconciled_find(a->store, (enum payment_route)d->network, d->day, &done);
    if (found.code == ERR_NOT_FOUND) {
        control_say(c, ACQUIRER_NOT_RECONCILED, "hold its file against the journal first");
        return OK;
    }
    TRY(found);
    if (!bytes_equal(bytes_text(done.digest), d->digest))
        control_say(c, ACQUIRER_RECONCILED_BEFORE, "by another file, %.16s", done.digest);
    return OK;
}

static err judge_settled(struct acquirer *a, struct control *c, const struct acquirer_settled *d)
{
    struct journal_order before;
    err found = journal_order_settled(a->store, ORDER_NETWORK_SETTLED,
                                      (enum payment_route)d->network, d->day, &before);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    c->number = before.number;
    control_say(c, ACQUIRER_OVER, "settled by order %lld", (long long)before.number);
    return OK;
}

/* It has paid another sum than its file says: somebody has to ask. */
static err note_difference(struct acquirer *a, const struct acquirer_settled *d, int64_t at_ms)
{
    const struct journal_item item = {.at_ms = at_ms,
                                      .kind = JOURNAL_ITEM_NETWORK_PAID,
                                      .network = (enum payment_route)d->network,
                                      .day = d->day,
                                      .host_minor = d->file_net_minor,
                                      .network_minor = d->net_minor};
    return d->net_minor == d->file_net_minor ? OK : record_item(a, &item);
}

static err settle(struct acquirer *a, struct control *c, const struct acquirer_settled *d,
                  struct journal_order *order)
{
    order->kind = ORDER_NETWORK_SETTLED;
    order->amount_minor = d->turnover_minor;
    order->settled = (struct order_settled){.gross_minor = d->gross_minor,
                                            .net_minor = d->net_minor,
                                            .issuer_minor = d->issuer_minor,
                                            .network_minor = d->network_minor};
    TRY(control_order(a, order));
    c->number = order->number;
    c->amount_minor = order->amount_minor;
    if (d->instalment_minor != 0) {
        struct journal_order kept = *order;
        kept.kind = ORDER_NETWORK_INSTALMENTS;
        kept.amount_minor = size_of(d->instalment_minor);
        kept.settled = (struct order_settled){.instalment_minor = d->instalment_minor};
        TRY(control_order(a, &kept));
    }
    return note_difference(a, d, order->at_ms);
}

err network_settled(struct acquirer *a, struct reader *r, struct control *c)
{
    struct acquirer_settled d;
    err read = acquirer_read_settled(r, &d);
    if (FAILED(read) || !sensible(&d)) {
        control_say(c, ACQUIRER_BAD_REQUEST, "a settled day makes no sense");
        return OK;
    }
    struct journal_order order = {.at_ms = host_now_ms(a),
                                  .currency = CURRENCY_CNY,
                                  .day = d.day,
                                  .network = (enum payment_route)d.network};
    if (!control_line(c, "actor", d.actor, order.actor, sizeof order.actor)) return OK;
    if (!control_line(c, "digest", d.digest, order.reference, sizeof order.reference)) return OK;
    TRY(bytes_to_text(bytes_text(clearing_network_name(order.network)), order.mid,
                      sizeof order.mid));
    TRY(judge_file(a, c, &d));
    if (c->status == ACQUIRER_OK) TRY(judge_settled(a, c, &d));
    if (c->status != ACQUIRER_OK) return OK;
    return settle(a, c, &d, &order);
}
