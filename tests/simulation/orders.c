/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must have come of money orders (S68, S69, S109): each once, without a gap, with its record
 * in a whole chain; no payout of more than was there at that moment; and the accounts say what the
 * orders add up to.
 */
#include <stdlib.h>

#include "ledger/account.h"
#include "lib/store/audit.h"
#include "payment/kind.h"
#include "tests/simulation/census.h"

enum { AT_ONCE = 64 };

static err read_all(struct store *journal, struct census_orders *o)
{
    size_t got = AT_ONCE;
    while (got == AT_ONCE) {
        o->row = realloc(o->row, (o->count + AT_ONCE) * sizeof *o->row);
        ENSURE(o->row != NULL);
        TRY(journal_order_read(journal, (int64_t)o->count + 1, INT64_MAX, o->row + o->count,
                               AT_ONCE, &got));
        o->count += got;
    }
    return OK;
}

err orders_read(struct census *c)
{
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err read = read_all(journal, &c->orders);
    store_close(journal);
    return read;
}

void orders_free(struct census *c)
{
    free(c->orders.row);
}

/* ---- never more than was there ---- */

/* What this payment has brought the merchant by now, fees aside: they only make it less. */
static int64_t standing(const struct payment *p, int64_t before_minor)
{
    bool gives = payment_returns(p->type);
    bool moves = payment_side_of(p->type) != 0;
    switch (p->state) {
    case PAYMENT_APPROVED:
        return !moves ? 0 : gives ? -p->amount_minor : p->amount_minor;
    case PAYMENT_PENDING:
        return moves && gives ? -p->amount_minor : 0;
    case PAYMENT_DECLINED:
    case PAYMENT_REVERSED:
        return 0;
    default:
        return before_minor;
    }
}

static void count_order(struct census *c, const struct journal_order *o)
{
    struct census_orders *all = &c->orders;
    int64_t whole_minor = o->amount_minor + o->fee_minor;
    all->sum_minor[o->kind] += o->amount_minor;
    all->fee_minor[o->kind] += o->fee_minor;
    switch (o->kind) {
    case ORDER_PAYOUT:
        if (whole_minor > all->there_minor)
            world_fail(c->w, "order %lld pays out %lld fen, and %lld were there",
                       (long long)o->number, (long long)whole_minor, (long long)all->there_minor);
        c->w->counts.payouts++;
        all->there_minor -= whole_minor;
        return;
    case ORDER_PAYOUT_RETURNED:
        all->there_minor += whole_minor;
        return;
    case ORDER_HOLD:
    case ORDER_DEBIT:
    case ORDER_CHARGEBACK_DEBIT:
        all->there_minor -= o->amount_minor;
        return;
    case ORDER_RELEASE:
    case ORDER_EXPIRE:
    case ORDER_CREDIT:
        all->there_minor += o->amount_minor;
        return;
    case ORDER_CONVERT:
    case ORDER_PAYOUT_CONFIRMED:
    case ORDER_CHARGEBACK:
    case ORDER_NETWORK_SETTLED:
    case ORDER_NETWORK_INSTALMENTS:
    case ORDER_KINDS:
        return;
    }
}

void orders_up_to(struct census *c, int64_t seq)
{
    struct census_orders *o = &c->orders;
    while (o->counted < o->count && o->row[o->counted].after_row < seq)
        count_order(c, &o->row[o->counted++]);
}

void orders_see(struct census *c, const struct payment *p, int64_t *standing_minor)
{
    int64_t before_minor = *standing_minor;
    *standing_minor = standing(p, before_minor);
    c->orders.there_minor += *standing_minor - before_minor;
}

/* ---- each once ---- */

static int by_mark(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_marks(struct census *c)
{
    const struct census_orders *o = &c->orders;
    const char **mark = calloc(o->count + 1, sizeof *mark);
    size_t marks = 0;
    ENSURE(mark != NULL);
    for (size_t i = 0; i < o->count; i++) {
        const struct journal_order *order = &o->row[i];
        if (order->number != (int64_t)i + 1)
            world_fail(c->w, "order %zu is numbered %lld", i + 1, (long long)order->number);
        if (order->kind == ORDER_HOLD) mark[marks++] = order->evidence;
        if (order->kind == ORDER_CREDIT || order->kind == ORDER_DEBIT)
            mark[marks++] = order->reason;
    }
    qsort(mark, marks, sizeof *mark, by_mark);
    for (size_t i = 1; i < marks; i++)
        if (strcmp(mark[i], mark[i - 1]) == 0)
            world_fail(c->w, "'%s' was ordered once and done twice", mark[i]);
    free(mark);
}

static err check_chain(struct census *c)
{
    struct store *journal = NULL;
    struct audit_report report;
    int64_t records = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err done = audit_verify(journal, &report);
    if (!FAILED(done))
        done = store_query_int(
            journal, "SELECT count(DISTINCT subject) FROM audit WHERE subject LIKE 'order %'",
            &records);
    store_close(journal);
    TRY(done);
    if (report.verdict != AUDIT_INTACT)
        world_fail(c->w, "the chain of orders is broken at record %lld", (long long)report.seq);
    if (records != (int64_t)c->orders.count)
        world_fail(c->w, "%zu orders have %lld records", c->orders.count, (long long)records);
    return OK;
}

/* ---- the accounts ---- */

/* What stands on an account of this kind by orders alone, on its normal side. */
static int64_t should_be(const struct census_orders *o, enum account_kind kind)
{
    const int64_t *sum = o->sum_minor, *fee = o->fee_minor;
    switch (kind) {
    case ACCOUNT_MERCHANT_HELD:
        return sum[ORDER_HOLD] - sum[ORDER_RELEASE] - sum[ORDER_EXPIRE] - sum[ORDER_CONVERT] -
               sum[ORDER_CHARGEBACK];
    case ACCOUNT_MERCHANT_TRANSIT:
        return sum[ORDER_PAYOUT] - sum[ORDER_PAYOUT_CONFIRMED] - sum[ORDER_PAYOUT_RETURNED];
    case ACCOUNT_BANK: /* an asset that is less by what was paid */
        return -sum[ORDER_PAYOUT_CONFIRMED];
    case ACCOUNT_PAYOUT_INCOME:
        return fee[ORDER_PAYOUT] - fee[ORDER_PAYOUT_RETURNED];
    case ACCOUNT_ADJUSTMENT:
        return sum[ORDER_CREDIT] - sum[ORDER_DEBIT];
    case ACCOUNT_SUSPENSE: /* likewise: we owe it to whom it belongs */
        return -sum[ORDER_CONVERT];
    default:
        return 0;
    }
}

int64_t orders_moved(const struct census *c)
{
    const struct census_orders *o = &c->orders;
    const int64_t *sum = o->sum_minor;
    return sum[ORDER_CREDIT] + sum[ORDER_RELEASE] + sum[ORDER_EXPIRE] + sum[ORDER_PAYOUT_RETURNED] +
           o->fee_minor[ORDER_PAYOUT_RETURNED] - sum[ORDER_DEBIT] - sum[ORDER_HOLD] -
           sum[ORDER_CHARGEBACK_DEBIT] - sum[ORDER_PAYOUT] - o->fee_minor[ORDER_PAYOUT];
}

err orders_account(void *context, const struct account *a)
{
    struct census *c = context;
    static const enum account_kind kinds[] = {ACCOUNT_MERCHANT_HELD, ACCOUNT_MERCHANT_TRANSIT,
                                              ACCOUNT_BANK,          ACCOUNT_PAYOUT_INCOME,
                                              ACCOUNT_ADJUSTMENT,    ACCOUNT_SUSPENSE};
    int64_t minor = a->debits_posted - a->credits_posted;
    if (account_row(a->kind)->side == ACCOUNT_CREDIT) minor = -minor;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (a->kind == kinds[i] && minor != should_be(&c->orders, a->kind))
            world_fail(c->w, "orders leave %lld fen on account '%s', it says %lld",
                       (long long)should_be(&c->orders, a->kind), account_row(a->kind)->name,
                       (long long)minor);
    return OK;
}

err orders_check(struct census *c)
{
    check_marks(c);
    if (c->orders.counted != c->orders.count)
        world_fail(c->w, "%zu orders count after rows that are not there",
                   c->orders.count - c->orders.counted);
    return check_chain(c);
}
