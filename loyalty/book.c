/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts and transfers of loyalty.db: read two, decide, write two, append one. */
#include "loyalty/book.h"

#include "loyalty/internal.h"

/* clang-format off */
static const char *const book_migration[] = {
    "CREATE TABLE account(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, owner TEXT NOT NULL,"
    " currency INTEGER NOT NULL,"
    " debits_pending INTEGER NOT NULL CHECK(debits_pending >= 0),"
    " debits_posted INTEGER NOT NULL CHECK(debits_posted >= 0),"
    " credits_pending INTEGER NOT NULL CHECK(credits_pending >= 0),"
    " credits_posted INTEGER NOT NULL CHECK(credits_posted >= 0),"
    " UNIQUE(owner, kind, currency)) STRICT;"
    "CREATE TABLE transfer(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, step INTEGER NOT NULL,"
    " key BLOB NOT NULL, debit INTEGER NOT NULL, credit INTEGER NOT NULL,"
    " amount INTEGER NOT NULL CHECK(amount > 0)) STRICT;"
    "CREATE INDEX transfer_debit ON transfer(debit);"
    "CREATE INDEX transfer_credit ON transfer(credit);"
    "CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never changed'); END;"
    "CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;",
};
/* clang-format on */

const struct store_schema loyalty_book_schema = {"loyalty_book", book_migration,
                                                 ARRAY_LEN(book_migration)};

static bool is_limited(enum account_kind kind)
{
    return kind == ACCOUNT_POINTS || kind == ACCOUNT_VALUE_PRINCIPAL ||
           kind == ACCOUNT_VALUE_BONUS || kind == ACCOUNT_CAMPAIGN_BUDGET ||
           kind == ACCOUNT_CAMPAIGN_ESCROW;
}

err loyalty_book_account(struct store *store, enum account_kind kind, const char *owner,
                         uint16_t currency, struct account *ret_account)
{
    struct account account = {
        .kind = kind, .currency = currency, .debits_limited = is_limited(kind)};
    ENSURE(kind >= ACCOUNT_POINTS && kind < ACCOUNT_KINDS && owner[0] != '\0');
    ENSURE(!FAILED(bytes_to_text(bytes_text(owner), account.owner, sizeof account.owner)));
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT id, debits_pending, debits_posted, credits_pending, credits_posted"
                        " FROM account WHERE owner = ? AND kind = ? AND currency = ?",
                        &query));
    store_bind_text(query, bytes_text(owner));
    store_bind_int(query, kind);
    store_bind_int(query, currency);
    bool row = false;
    TRY(store_step(query, &row));
    if (row) {
        account.id = store_read_int(query);
        account.debits_pending = store_read_int(query);
        account.debits_posted = store_read_int(query);
        account.credits_pending = store_read_int(query);
        account.credits_posted = store_read_int(query);
        TRY(loyalty_row_end(query));
    }
    *ret_account = account;
    return OK;
}

static err write_account(struct store *store, struct account *account)
{
    struct store_statement *s;
    if (account->id != 0) {
        TRY(store_statement(store,
                            "UPDATE account SET debits_pending = ?, debits_posted = ?,"
                            " credits_pending = ?, credits_posted = ? WHERE id = ?",
                            &s));
    } else {
        TRY(store_statement(store,
                            "INSERT INTO account(debits_pending, debits_posted, credits_pending,"
                            " credits_posted, kind, owner, currency) VALUES(?, ?, ?, ?, ?, ?, ?)",
                            &s));
    }
    store_bind_int(s, account->debits_pending);
    store_bind_int(s, account->debits_posted);
    store_bind_int(s, account->credits_pending);
    store_bind_int(s, account->credits_posted);
    if (account->id != 0) {
        store_bind_int(s, account->id);
        return store_run(s);
    }
    store_bind_int(s, account->kind);
    store_bind_text(s, bytes_text(account->owner));
    store_bind_int(s, account->currency);
    TRY(store_run(s));
    account->id = store_last_id(store);
    return OK;
}

static enum transfer_verdict apply(enum book_step step, struct account *debit,
                                   struct account *credit, int64_t amount)
{
    switch (step) {
    case BOOK_MOVE:
        return ledger_move(debit, credit, amount);
    case BOOK_HOLD:
        return ledger_hold(debit, credit, amount);
    case BOOK_POST:
        ledger_post(debit, credit, amount);
        return TRANSFER_OK;
    case BOOK_RELEASE:
        ledger_release(debit, credit, amount);
        return TRANSFER_OK;
    case BOOK_STEPS:
        break;
    }
    ENSURE(false);
    return TRANSFER_OK;
}

err loyalty_book(struct store *store, enum book_step step, const struct book_entry *entry,
                 enum transfer_verdict *ret_verdict)
{
    ENSURE(store_in_tx(store) && entry->amount > 0 && entry->key.len > 0);
    struct account debit, credit;
    TRY(loyalty_book_account(store, entry->debit, entry->debit_owner, entry->currency, &debit));
    TRY(loyalty_book_account(store, entry->credit, entry->credit_owner, entry->currency, &credit));
    *ret_verdict = apply(step, &debit, &credit, entry->amount);
    if (*ret_verdict != TRANSFER_OK) return OK;
    TRY(write_account(store, &debit));
    TRY(write_account(store, &credit));
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO transfer(at_ms, step, key, debit, credit, amount)"
                        " VALUES(?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_int(s, entry->at_ms);
    store_bind_int(s, step);
    store_bind_blob(s, entry->key);
    store_bind_int(s, debit.id);
    store_bind_int(s, credit.id);
    store_bind_int(s, entry->amount);
    return store_run(s);
}

err loyalty_book_sure(struct store *store, enum book_step step, const struct book_entry *entry)
{
    enum transfer_verdict verdict = TRANSFER_OK;
    TRY(loyalty_book(store, step, entry, &verdict));
    if (verdict == TRANSFER_OK) return OK;
    return store_refuse(store, ERR(CORRUPT), "accounts and rows differ",
                        transfer_verdict_text(verdict));
}

err loyalty_book_check(struct store *store, struct book_check *ret_check)
{
    struct book_check check = {0};
    TRY(store_query_int(store, "SELECT count(*) FROM account", &check.accounts));
    TRY(store_query_int(store, "SELECT count(*) FROM transfer", &check.transfers));
    TRY(store_query_int(store,
                        "SELECT count(*) FROM (SELECT 1 FROM account GROUP BY currency"
                        " HAVING sum(debits_posted) <> sum(credits_posted)"
                        " OR sum(debits_pending) <> sum(credits_pending))",
                        &check.unbalanced));
    /* Steps: 1 move, 2 hold, 3 post, 4 release. */
    TRY(store_query_int(
        store,
        "SELECT count(*) FROM account AS a LEFT JOIN (SELECT debit AS id,"
        " sum(iif(step IN (1, 3), amount, 0)) AS posted,"
        " sum(CASE step WHEN 1 THEN 0 WHEN 2 THEN amount ELSE -amount END) AS pending"
        " FROM transfer GROUP BY debit) AS d ON d.id = a.id LEFT JOIN (SELECT credit AS id,"
        " sum(iif(step IN (1, 3), amount, 0)) AS posted,"
        " sum(CASE step WHEN 1 THEN 0 WHEN 2 THEN amount ELSE -amount END) AS pending"
        " FROM transfer GROUP BY credit) AS c ON c.id = a.id"
        " WHERE a.debits_posted <> coalesce(d.posted, 0)"
        " OR a.debits_pending <> coalesce(d.pending, 0)"
        " OR a.credits_posted <> coalesce(c.posted, 0)"
        " OR a.credits_pending <> coalesce(c.pending, 0)",
        &check.differing));
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT kind FROM account WHERE debits_posted + debits_pending >"
                        " credits_posted",
                        &query));
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        check.overdrawn += is_limited((enum account_kind)store_read_int(query));
        TRY(store_read_finish(query));
    }
    *ret_check = check;
    return OK;
}
