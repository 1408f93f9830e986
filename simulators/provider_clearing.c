/* SPDX-License-Identifier: Apache-2.0 */
/* Trades and refunds of the wallets as rows of a clearing file. */
#include "simulators/provider_clearing.h"

#include "simulators/clearing.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

struct rows {
    struct store *store;
    struct clearing_row *row; /* NULL: counted only */
    size_t count, max;
};

static bool is_reference(const char *number)
{
    struct clearing_row row;
    struct bytes digits = bytes_text(number);
    return digits.len == sizeof row.rrn - 1 && bytes_all_digits(digits);
}

static err add(struct rows *rows, const char *number, enum payment_type type, int64_t amount_minor,
               int64_t fee_minor, bool stands)
{
    size_t place = rows->count++;
    if (rows->row == NULL) return OK;
    if (place >= rows->max) return ERR(RANGE);
    struct clearing_row *row = &rows->row[place];
    *row = (struct clearing_row){
        .stands = stands,
        .type = type,
        .class = PAYMENT_CLASS_WALLET,
        .amount_minor = amount_minor,
        .fee_minor = fee_minor,
    };
    memcpy(row->rrn, number, sizeof row->rrn);
    return OK;
}

/* Whether the whole of a trade went back under its own number. */
static err gone(struct rows *rows, const struct trade *t, bool *ret_gone)
{
    struct refund r;
    struct bytes number = bytes_text(t->out_no);
    *ret_gone = t->state == TRADE_TAKEN_BACK;
    if (*ret_gone) return OK;
    err found = refund_find_of(rows->store, t->provider, number, number, &r);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    *ret_gone = r.amount_minor == t->amount_minor;
    return OK;
}

static err each_trade(void *context, const struct trade *t)
{
    struct rows *rows = context;
    bool taken_back;
    if (!is_reference(t->out_no)) return OK;
    TRY(gone(rows, t, &taken_back));
    int64_t fee_minor = clearing_fee(PAYMENT_CLASS_WALLET, PAYMENT_SALE, t->amount_minor);
    return add(rows, t->out_no, PAYMENT_SALE, t->amount_minor, fee_minor, !taken_back);
}

static err each_refund(void *context, const struct trade *t, const struct refund *r)
{
    struct rows *rows = context;
    if (!is_reference(r->refund_no) || strcmp(r->refund_no, t->out_no) == 0) return OK;
    bool voids = strcmp(r->reason, "void") == 0;
    struct clearing_part part = {t->amount_minor, 0, r->amount_minor};
    TRY(refund_before(rows->store, r, &part.before_minor));
    return add(rows, r->refund_no, voids ? PAYMENT_VOID : PAYMENT_REFUND, r->amount_minor,
               clearing_fee_back(PAYMENT_CLASS_WALLET, &part), true);
}

/* The first moment of a business day: clearing_day() steps there. */
static int64_t begin_of(int32_t day)
{
    int64_t ms = day * DAY_MS - CLOCK_CHINA_OFFSET_MS;
    while (clearing_day(ms) >= day) ms -= 3600 * 1000;
    while (clearing_day(ms) < day) ms += 3600 * 1000;
    return ms;
}

err provider_clearing_rows(struct store *store, int32_t day, struct clearing_row *row, size_t max,
                           size_t *ret_count)
{
    struct rows rows = {.store = store, .row = row, .max = max};
    const struct provider_day each = {&rows, each_trade, each_refund};
    int64_t from_ms = begin_of(day);
    for (enum provider p = PROVIDER_ALIPAY; p < PROVIDERS; p++)
        TRY(provider_book_day(store, p, from_ms, from_ms + DAY_MS, &each));
    *ret_count = rows.count;
    return OK;
}
