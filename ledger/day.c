/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was posted on each account on each business day. Added up in memory within a batch, so that
 * an account costs one row of the table a batch and not one a transfer. And which transfers are of
 * which day: a range of their numbers, which grow with time as long as clocks do.
 */
#include "ledger/internal.h"
#include "ledger/workday.h"

err ledger_day_write(struct ledger *ledger, struct book *book)
{
    struct store_statement *upsert;
    if (book->day_debits == 0 && book->day_credits == 0) return OK;
    TRY(store_statement(ledger->store,
                        "INSERT INTO account_day(account, day, debits, credits) VALUES(?, ?, ?, ?)"
                        " ON CONFLICT(account, day) DO UPDATE SET"
                        " debits = debits + excluded.debits, credits = credits + excluded.credits",
                        &upsert));
    store_bind_int(upsert, book->account.id);
    store_bind_int(upsert, book->day);
    store_bind_int(upsert, book->day_debits);
    store_bind_int(upsert, book->day_credits);
    TRY(store_run(upsert));
    book->day_debits = book->day_credits = 0;
    return OK;
}

/* The book with this day open. */
static err turn(struct ledger *ledger, uint32_t place, int32_t day)
{
    struct book *book = &ledger->book[place];
    ENSURE(book->dirty);
    if (book->day != day) TRY(ledger_day_write(ledger, book));
    book->day = day;
    return OK;
}

err ledger_day(struct ledger *ledger, int64_t at_ms, uint32_t debit, uint32_t credit,
               int64_t amount_minor)
{
    int32_t day = workday_of(at_ms > 0 ? at_ms : 0);
    TRY(turn(ledger, debit, day));
    TRY(turn(ledger, credit, day));
    /* Neither sum is above what the account has in all, which fits. */
    ledger->book[debit].day_debits += amount_minor;
    ledger->book[credit].day_credits += amount_minor;
    return OK;
}

err ledger_day_range(struct ledger *ledger)
{
    struct store_statement *upsert;
    if (ledger->range.last == 0) return OK;
    TRY(store_statement(ledger->store,
                        "INSERT INTO day_range(day, first, last) VALUES(?, ?, ?)"
                        " ON CONFLICT(day) DO UPDATE SET last = excluded.last",
                        &upsert));
    store_bind_int(upsert, ledger->range.day);
    store_bind_int(upsert, ledger->range.first);
    store_bind_int(upsert, ledger->range.last);
    ledger->range.last = 0;
    return store_run(upsert);
}

err ledger_day_note(struct ledger *ledger, int64_t at_ms, int64_t id)
{
    int32_t day = workday_of(at_ms > 0 ? at_ms : 0);
    if (ledger->range.last != 0 && ledger->range.day != day) TRY(ledger_day_range(ledger));
    if (ledger->range.last == 0) ledger->range.first = id;
    ledger->range.day = day;
    ledger->range.last = id;
    return OK;
}
