/* SPDX-License-Identifier: Apache-2.0 */
/* Money orders to ledger entries by a table, and journal and orders read as one sequence. */
#include <stdlib.h>

#include "acquirer/fold.h"

/* What an order moves: its amount between two accounts, and its fee between two others. */
static const struct {
    enum account_kind debit, credit, fee_debit, fee_credit;
} moves[ORDER_KINDS] = {
    [ORDER_HOLD] = {ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_HELD},
    [ORDER_RELEASE] = {ACCOUNT_MERCHANT_HELD, ACCOUNT_MERCHANT_PAYABLE},
    [ORDER_EXPIRE] = {ACCOUNT_MERCHANT_HELD, ACCOUNT_MERCHANT_PAYABLE},
    [ORDER_CONVERT] = {ACCOUNT_MERCHANT_HELD, ACCOUNT_SUSPENSE},
    [ORDER_PAYOUT] = {ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_MERCHANT_TRANSIT, ACCOUNT_MERCHANT_PAYABLE,
                      ACCOUNT_PAYOUT_INCOME},
    [ORDER_PAYOUT_CONFIRMED] = {ACCOUNT_MERCHANT_TRANSIT, ACCOUNT_BANK},
    [ORDER_PAYOUT_RETURNED] = {ACCOUNT_MERCHANT_TRANSIT, ACCOUNT_MERCHANT_PAYABLE,
                               ACCOUNT_PAYOUT_INCOME, ACCOUNT_MERCHANT_PAYABLE},
    [ORDER_CREDIT] = {ACCOUNT_ADJUSTMENT, ACCOUNT_MERCHANT_PAYABLE},
    [ORDER_DEBIT] = {ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_ADJUSTMENT},
    [ORDER_CHARGEBACK] = {ACCOUNT_MERCHANT_HELD, ACCOUNT_NETWORK_RECEIVABLE},
    [ORDER_CHARGEBACK_DEBIT] = {ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_NETWORK_RECEIVABLE},
    [ORDER_NETWORK_SETTLED] = {ACCOUNT_NONE},
    [ORDER_NETWORK_INSTALMENTS] = {ACCOUNT_NONE},
};

/*
 * A network pays what it owes in money, and in what it keeps of the fees: each is taken off what it
 * owes. What is below zero goes the other way round. What it should have paid and has not stays.
 */
static void settle(const struct journal_order *order, struct ledger_entry *out)
{
    const struct order_settled *s = &order->settled;
    bool first = order->kind == ORDER_NETWORK_SETTLED;
    const struct {
        enum account_kind debit;
        int64_t minor;
    } parts[LEDGER_MOVES_MAX] = {
        {first ? ACCOUNT_BANK : ACCOUNT_INSTALMENT_FEE, first ? s->net_minor : s->instalment_minor},
        {ACCOUNT_ISSUER_FEE, first ? s->issuer_minor : 0},
        {ACCOUNT_NETWORK_FEE, first ? s->network_minor : 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct ledger_move to_us = {parts[i].debit, ACCOUNT_NETWORK_RECEIVABLE, parts[i].minor, 0};
        struct ledger_move from_us = {to_us.credit, to_us.debit, -parts[i].minor, 0};
        if (parts[i].minor != 0) out->move[i] = parts[i].minor > 0 ? to_us : from_us;
    }
}

void fold_order(const struct journal_order *order, struct ledger_entry *out)
{
    bool network = order->kind == ORDER_NETWORK_SETTLED || order->kind == ORDER_NETWORK_INSTALMENTS;
    ENSURE(order->kind > 0 && order->kind < ORDER_KINDS &&
           network == (moves[order->kind].debit == ACCOUNT_NONE));
    *out = (struct ledger_entry){.seq = order->after_row,
                                 .order = order->number,
                                 .at_ms = order->at_ms,
                                 .kind = LEDGER_ORDER,
                                 .network = LEDGER_CARD_NETWORK,
                                 .currency = order->currency};
    memcpy(out->merchant, order->mid, sizeof out->merchant);
    /* No terminal's name begins with a NUL, so this is no payment's key. */
    for (unsigned i = 0; i < 8; i++)
        out->key[LEDGER_KEY_LEN - 1 - i] = (uint8_t)((uint64_t)order->number >> (8 * i));
    if (order->network == PAYMENT_ROUTE_WALLET) out->network = LEDGER_WALLET;
    if (network) {
        settle(order, out);
        return;
    }
    out->move[0] = (struct ledger_move){moves[order->kind].debit, moves[order->kind].credit,
                                        order->amount_minor, 0};
    if (order->fee_minor == 0 || moves[order->kind].fee_debit == ACCOUNT_NONE) return;
    out->move[1] = (struct ledger_move){moves[order->kind].fee_debit, moves[order->kind].fee_credit,
                                        order->fee_minor, order->rule};
}

/* ---- one sequence -----------------------------------------------------------------------------
 */

enum { READER_ROWS = 1000, READER_ORDERS = 100 };

struct fold_reader {
    struct store *journal;
    struct journal_row row[READER_ROWS];
    struct journal_order order[READER_ORDERS];
};

struct fold_reader *fold_reader_new(struct store *journal)
{
    struct fold_reader *reader = calloc(1, sizeof *reader);
    if (reader != NULL) reader->journal = journal;
    return reader;
}

void fold_reader_free(struct fold_reader *reader)
{
    free(reader);
}

/*
 * Rows first, then the orders up to the last of these: an order that was appended meanwhile stands
 * after a row that was read, or is left for the next time. Orders that did not fit may stand before
 * the next row, so the rows then end with the last order.
 */
err fold_read(void *context, struct ledger_position after, struct ledger_entry *entries, size_t max,
              size_t *ret_count)
{
    struct fold_reader *reader = context;
    size_t rows = 0, orders = 0, row = 0, order = 0, count = 0;
    TRY(journal_read_money(reader->journal, after.seq + 1, reader->row,
                           max < READER_ROWS ? max : READER_ROWS, &rows));
    TRY(journal_order_read(reader->journal, after.order + 1, after.seq + (int64_t)rows,
                           reader->order, READER_ORDERS, &orders));
    while (count < max) {
        int64_t seq = after.seq + (int64_t)row;
        if (order < orders && reader->order[order].after_row <= seq)
            fold_order(&reader->order[order++], &entries[count++]);
        else if (row < rows && (order < orders || orders < READER_ORDERS))
            fold_entry(&reader->row[row++], &entries[count++]);
        else break;
    }
    *ret_count = count;
    return OK;
}
