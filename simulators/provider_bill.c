/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day's bill: what was paid and what was given back, in China time, each with the wallet's fee. A
 * line of names, a line for each, and a last line with the sums:
 *
 *   time,kind,out_trade_no,trade_no,out_refund_no,refund_no,amount,fee
 *   2026-11-29 08:15:00,trade,10000017000001000007,2026112922001...,,,128.00,0.77
 *   2026-11-29
 * 09:00:00,refund,10000017000001000007,2026112922001...,R1,2026112922001...,-28.00,-0.17
 *   total,2,,,,,100.00,0.60
 *
 * Amounts and fees of refunds are below zero. A fee is that of the trade's amount, and what goes
 * back of it the share of what was refunded, each rounded to the even fen.
 */
#include "lib/base/money.h"
#include "simulators/providers_core.h"

enum { DAY_MS = 24 * 3600 * 1000 };

struct bill {
    struct writer *w;
    int64_t lines, amount_minor, fee_minor;
};

static err line(struct bill *b, int64_t at_ms, const char *kind, const struct trade *t,
                const struct refund *r, int64_t amount_minor)
{
    int64_t plain = amount_minor < 0 ? -amount_minor : amount_minor;
    int64_t fee = money_rate_half_even(plain, PROVIDER_FEE_PPM);
    if (amount_minor < 0) fee = -fee;
    provider_time_plain(b->w, at_ms);
    write_format(b->w, ",%s,%s,%s,%s,%s,", kind, t->out_no, t->number,
                 r != NULL ? r->refund_no : "", r != NULL ? r->number : "");
    money_write(b->w, amount_minor);
    write_bytes(b->w, BYTES(","));
    money_write(b->w, fee);
    write_bytes(b->w, BYTES("\r\n"));
    b->lines++;
    b->amount_minor += amount_minor;
    b->fee_minor += fee;
    return (err){b->w->fault};
}

static err each_trade(void *context, const struct trade *t)
{
    return line(context, t->paid_ms, "trade", t, NULL, t->amount_minor);
}

static err each_refund(void *context, const struct trade *t, const struct refund *r)
{
    return line(context, r->done_ms, "refund", t, r, -r->amount_minor);
}

/* "2026-11-29", its first moment in China. */
static err read_date(struct bytes date, int64_t *ret_ms)
{
    if (!provider_has_form(date, "dddd-dd-dd")) return ERR(FORMAT);
    return provider_civil((struct civil){.year = provider_number_at(date, 0, 4),
                                         .month = provider_number_at(date, 5, 2),
                                         .day = provider_number_at(date, 8, 2)},
                          ret_ms);
}

err providers_bill(struct providers *p, enum provider provider, struct bytes date, struct writer *w)
{
    struct bill bill = {.w = w};
    int64_t from_ms;
    TRY(read_date(date, &from_ms));
    write_bytes(w, BYTES("time,kind,out_trade_no,trade_no,out_refund_no,refund_no,amount,fee\r\n"));
    const struct provider_day day = {&bill, each_trade, each_refund};
    TRY(provider_book_day(p->config.store, provider, from_ms, from_ms + DAY_MS, &day));
    write_format(w, "total,%lld,,,,,", (long long)bill.lines);
    money_write(w, bill.amount_minor);
    write_bytes(w, BYTES(","));
    money_write(w, bill.fee_minor);
    write_bytes(w, BYTES("\r\n"));
    return (err){w->fault};
}
