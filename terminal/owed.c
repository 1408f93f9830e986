/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is owed on paper: that a completion which was taken has come to nothing (S98), and what an
 * order came to that was paid in parts (S84). Owed is committed with what it is about, BEGUN before
 * the printer hears of it, and nothing is owed any more when the printer has said that it is out.
 * So one that waits for paper outlives a power cut: it is named on the main screen and printed from
 * there, and none comes out twice by itself.
 */
#include "terminal/owed.h"

#include "terminal/orders.h"
#include "terminal/queue.h"

/* ---- the slips ---- */

static err refusal_slip(struct terminal *t, const struct payment *payment, bool reprint,
                        struct receipt *out)
{
    struct receipt_context context = {.merchant_name = shop_name_at(t, payment->created_ms),
                                      .declined = true,
                                      .reprint = reprint,
                                      .local_ms = queue_local_ms(payment),
                                      .columns = t->config.paper_columns};
    return receipt_make(payment, &context, out);
}

err owed_order_slip(struct terminal *t, int64_t order, bool reprint, struct receipt *out)
{
    struct basket basket;
    struct order paid;
    struct records_row rows[ORDER_PARTS];
    const struct payment *parts[ORDER_PARTS];
    size_t count = 0;
    TRY(orders_get(&t->records, order, &paid));
    struct receipt_order slip = {
        .merchant_name = shop_name_at(t, paid.ended_ms),
        .mid = t->facts.mid,
        .tid = t->facts.tid,
        .operator_id = paid.operator_id,
        .number = order,
        .total_minor = paid.total_minor,
        .tip_minor = paid.tip_minor,
        .basket = &basket,
        .local_ms = paid.ended_ms + CLOCK_CHINA_OFFSET_MS,
        .columns = t->config.paper_columns,
        .reprint = reprint,
    };
    TRY(orders_basket(&t->records, &paid, &basket));
    TRY(orders_parts(&t->records, order, rows, &count));
    for (size_t i = 0; i < count; i++) parts[i] = &rows[i].payment;
    err e = receipt_order(&slip, parts, count, out);
    if (e.code == ERR_FULL) { /* more than a slip holds: who paid how is what it is for */
        slip.basket = NULL;
        e = receipt_order(&slip, parts, count, out);
    }
    if (!FAILED(e)) return OK;
    /* It stands; a slip that cannot be laid out is said, not hidden. */
    log_event(t->config.log, LOG_ERROR, "order_slip_not_made", LOG_INT("order", order), LOG_ERR(e));
    out->count = 0;
    return OK;
}

/* ---- to the printer ---- */

static err over(struct terminal *t, int64_t number)
{
    t->records.printing = 0;
    return records_owe(&t->records, number, RECORDS_NOTHING);
}

/* Begun is committed before the printer hears of it: it does not come out twice by itself. */
static err hand_over(struct terminal *t, int64_t number, bool reprint)
{
    struct receipt slip = {0}; /* a screen may have a view of ours */
    struct payment p;
    err made = OK;
    ENSURE(t->records.printing == 0);
    t->records.printing = number;
    TRY(records_owe(&t->records, number, RECORDS_BEGUN));
    if (number < 0) {
        TRY(owed_order_slip(t, -number, reprint, &slip));
    } else {
        TRY(records_get(&t->records, number, &p));
        made = refusal_slip(t, &p, reprint, &slip);
        t->last = p; /* whoever noticed it has gone on: the main screen says so */
    }
    if (FAILED(made))
        log_event(t->config.log, LOG_ERROR, "receipt_not_made", LOG_INT("stan", p.key.stan),
                  LOG_ERR(made));
    bool out = !FAILED(made) && slip.count > 0 && t->ports.receipt != NULL;
    struct terminal_receipt receipt = {
        number, reprint, number < 0 ? RECEIPT_CARDHOLDER_COPY : RECEIPT_MERCHANT_COPY, &slip};
    if (out) t->ports.receipt(t->ports.context, &receipt);
    return out && t->config.printer_tells ? OK : over(t, number);
}

err owed_print(struct terminal *t)
{
    while (t->records.printing == 0) {
        struct records_slip slip;
        TRY(records_owed(&t->records, &slip));
        if (slip.number == 0) return OK;
        TRY(hand_over(t, slip.number, false));
    }
    return OK;
}

err owed_printed(struct terminal *t, int64_t number)
{
    if (number == 0 || number != t->records.printing) return OK;
    TRY(over(t, number));
    return owed_print(t);
}

err owed_unsure(struct terminal *t, int64_t number)
{
    if (number == t->records.printing) t->records.printing = 0;
    TRY(records_owe(&t->records, number, RECORDS_BEGUN));
    return owed_print(t);
}

/* ---- in doubt ---- */

void owed_say(struct terminal *t)
{
    const struct records_slip *doubted = &t->records.doubted;
    if (doubted->number == 0) return;
    bool order = doubted->number < 0;
    SAY(t, SCREEN_WARNING, order ? TEXT_MAIN_UNSURE_ORDER : TEXT_MAIN_UNSURE_REFUSAL,
        padded_text(doubted->said, 6).text, amount_text(doubted->minor).text);
    screen_choice(t, "refusal", order ? TEXT_ENTRY_ORDER_SLIP : TEXT_ENTRY_REFUSAL, SCREEN_PRIMARY,
                  "print", t->records.printing == 0);
}

err owed_print_doubted(struct terminal *t)
{
    const struct records_slip slip = t->records.doubted;
    if (slip.number == 0 || t->records.printing != 0) return OK;
    TRY(hand_over(t, slip.number, true));
    return audit(t, "reprint", padded_text(slip.said, 6).text,
                 slip.number < 0 ? "order" : "not paid");
}
