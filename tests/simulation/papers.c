/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a terminal has printed must stay true (S56, S107): whoever has a slip has paid what it says,
 * and a closed shift (Z) is the sum of its payments, whatever has become of them since.
 */
#include <stdlib.h>

#include "payment/kind.h"
#include "tests/simulation/census.h"

/* It takes back what an earlier slip has said. */
static bool takes_back(const struct receipt *receipt)
{
    return receipt->count > 0 && strstr(receipt->line[0].text, "NOT PAID") != NULL;
}

/* "... RMB   -12.00": the amount that a slip is about. */
static bool read_amount(const struct receipt *receipt, int64_t *ret_minor)
{
    for (size_t i = 0; i < receipt->count; i++) {
        const char *text = receipt->line[i].text, *at = strrchr(text, ' ');
        if (receipt->line[i].style != RECEIPT_STRONG || strstr(text, "RMB") == NULL || at == NULL)
            continue;
        bool gives = at[1] == '-';
        if (FAILED(money_parse(bytes_text(at + 1 + gives), ret_minor))) return false;
        if (gives) *ret_minor = -*ret_minor;
        return true;
    }
    return false;
}

static int64_t *slip_of(struct papers *papers, int64_t number)
{
    ENSURE(number > 0);
    size_t wanted = (size_t)number + 1;
    if (wanted > papers->max) {
        size_t max = papers->max == 0 ? 256 : papers->max;
        while (max < wanted) max *= 2;
        papers->slip_minor = realloc(papers->slip_minor, max * sizeof *papers->slip_minor);
        ENSURE(papers->slip_minor != NULL);
        memset(papers->slip_minor + papers->max, 0,
               (max - papers->max) * sizeof *papers->slip_minor);
        papers->max = max;
    }
    return &papers->slip_minor[number];
}

void papers_take(struct side_terminal *t, const struct terminal_receipt *printed)
{
    int64_t minor = 0;
    bool back = takes_back(printed->receipt);
    if (printed->number <= 0 || (printed->reprint && !back)) return;
    if (!read_amount(printed->receipt, &minor)) {
        world_fail(t->world, "terminal %u prints a slip without an amount", t->index);
        return;
    }
    int64_t *slip = slip_of(&t->papers, printed->number);
    if (*slip != 0 && *slip != minor)
        world_fail(t->world, "terminal %u prints two slips of payment %lld that differ", t->index,
                   (long long)printed->number);
    t->world->counts.slips += *slip == 0;
    *slip = back ? 0 : minor;
}

void papers_check_slip(struct side_terminal *t, int64_t number, const struct payment *p)
{
    int64_t said = *slip_of(&t->papers, number);
    bool gives = payment_returns(p->type);
    int64_t minor = gives ? -p->amount_minor : p->amount_minor;
    if (said == 0 || (p->state == PAYMENT_APPROVED && said == minor)) return;
    world_fail(t->world, "terminal %u: a slip says %lld fen, payment %lld is %s with %lld",
               t->index, (long long)said, (long long)number, payment_state_name(p->state),
               (long long)minor);
}

/* Of the payments in a closed shift, as they are now: cash and all that terminals take and give. */
static const char shifts_now[] =
    "SELECT shift.number, shift.count, shift.minor,"
    " (SELECT count(*) FROM payment AS p WHERE p.operator_id = shift.operator_id"
    "  AND p.number > shift.above AND p.number <= shift.upto AND p.state = 3"
    "  AND p.type NOT IN (4, 5, 6, 13, 14, 15)),"
    " (SELECT coalesce(sum(CASE WHEN p.type IN (2, 3, 9, 11) THEN -p.amount_minor"
    "  ELSE p.amount_minor END), 0) FROM payment AS p WHERE p.operator_id = shift.operator_id"
    "  AND p.number > shift.above AND p.number <= shift.upto AND p.state = 3"
    "  AND p.type NOT IN (4, 5, 6, 13, 14, 15))"
    /* Not where a payment was spoilt before a settlement: what was counted then was spoilt, too. */
    " FROM shift WHERE NOT EXISTS(SELECT 1 FROM spoilt"
    "  WHERE spoilt.number > shift.above AND spoilt.number <= shift.upto) ORDER BY shift.number";
_Static_assert(PAYMENT_VOID == 2 && PAYMENT_REFUND == 3 && PAYMENT_COMPLETION_VOID == 9 &&
                   PAYMENT_INSTALMENT_VOID == 11 && PAYMENT_PREAUTH == 4 &&
                   PAYMENT_PREAUTH_CANCEL == 6 && PAYMENT_APPROVED == 3,
               "the numbers above");

err papers_check_shifts(struct side_terminal *t)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(t->store, shifts_now, &s));
    TRY(store_step(s, &row));
    while (row) {
        int64_t number = store_read_int(s), count = store_read_int(s), minor = store_read_int(s);
        int64_t now = store_read_int(s), now_minor = store_read_int(s);
        TRY(store_read_finish(s));
        t->world->counts.shifts++;
        if (count != now || minor != now_minor)
            world_fail(t->world,
                       "terminal %u: Z %lld says %lld payments of %lld fen, there are %lld of %lld",
                       t->index, (long long)number, (long long)count, (long long)minor,
                       (long long)now, (long long)now_minor);
        TRY(store_step(s, &row));
    }
    return OK;
}

/* Slips of before are looked at by replaced_check.c, under the keys of their payments. */
void papers_forget(struct side_terminal *t)
{
    if (t->papers.max > 0)
        memset(t->papers.slip_minor, 0, t->papers.max * sizeof *t->papers.slip_minor);
}

void papers_free(struct side_terminal *t)
{
    free(t->papers.slip_minor);
    t->papers = (struct papers){NULL, 0};
}
