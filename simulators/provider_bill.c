/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day's bill: what was paid and what was given back, in China time, each with the wallet's fee. A
 * line of names, a line for each, and a last line with the sums:
 *
 *   time,kind,out_trade_no,trade_no,out_refund_no,refund_no,amount,fee
 *   2026-11-29 08:15:00,trade,10000017000001000007,2026112922001...,,,128.00,0.26
 *   2026-11-29
 * 09:00:00,refund,10000017000001000007,2026112922001...,R1,2026112922001...,-28.00,0.00
 *   total,2,,,,,100.00,0.26
 *
 * Amounts of refunds are below zero. The fee of what is paid is that of the clearing file of the
 * same day; what goes back of it with a refund stands there, and not here.
 */
#include "lib/base/money.h"
#include "simulators/clearing.h"
#include "simulators/providers_core.h"

enum { DAY_MS = 24 * 3600 * 1000 };

struct bill {
    struct writer *w;
    int64_t lines, amount_minor, fee_minor;
};

static err line(struct bill *b, int64_t at_ms, const char *kind, const struct trade *t,
                const struct refund *r, int64_t amount_minor)
{
    enum payment_type type = r != NULL ? PAYMENT_REFUND : PAYMENT_SALE;
    int64_t fee = clearing_fee(PAYMENT_CLASS_WALLET, type, t->amount_minor);
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
    err read = provider_book_day(p->config.store, provider, from_ms, from_ms + DAY_MS, &day);
    if (w->fault != ERR_OK) return ERR(LENGTH);
    TRY(read);
    write_format(w, "total,%lld,,,,,", (long long)bill.lines);
    money_write(w, bill.amount_minor);
    write_bytes(w, BYTES(","));
    money_write(w, bill.fee_minor);
    write_bytes(w, BYTES("\r\n"));
    return w->fault == ERR_OK ? OK : ERR(LENGTH);
}

void providers_reached_at(struct providers *p, enum provider provider, const char *base)
{
    err fits = bytes_to_text(bytes_text(base), p->bill[provider].base, PROVIDER_BASE_MAX + 1);
    ENSURE(!FAILED(fits));
}

err provider_bill_address(struct providers *p, enum provider provider, struct bytes date,
                          const char *path, char out[PROVIDER_BILL_URL_MAX + 1],
                          uint8_t ret_sha1[RSA_SHA1_BYTES])
{
    struct writer bill = writer_over(p->scratch, sizeof p->scratch);
    struct writer w = writer_over(out, PROVIDER_BILL_URL_MAX);
    int64_t from_ms;
    TRY(read_date(date, &from_ms));
    if (from_ms > provider_now(p)) return ERR(NOT_FOUND);
    TRY(providers_bill(p, provider, date, &bill));
    struct bytes text = writer_view(&bill);
    TRY(rsa_sha1(&text, 1, ret_sha1));
    provider_letters(p, p->bill[provider].ticket, PROVIDER_TICKET);
    TRY(bytes_to_text(date, p->bill[provider].date, sizeof p->bill[provider].date));
    p->bill[provider].until_ms = provider_now(p) + PROVIDER_TICKET_MS;
    write_format(&w, "%s%s?token=%s", p->bill[provider].base, path, p->bill[provider].ticket);
    out[w.len] = '\0';
    return (err){w.fault};
}

err provider_bill_fetch(struct providers *p, enum provider provider, struct bytes ticket,
                        struct writer *w)
{
    bool good = ticket.len == PROVIDER_TICKET &&
                bytes_equal(ticket, bytes_text(p->bill[provider].ticket)) &&
                p->bill[provider].until_ms >= provider_now(p);
    if (!good) return ERR(NOT_FOUND);
    return providers_bill(p, provider, bytes_text(p->bill[provider].date), w);
}
