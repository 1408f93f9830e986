/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's tables, and their image in memory: all accounts, all open holds, recent payments.
 *
 * Only transfers grow, by appending. Accounts are updated once a batch, however many transfers
 * touched them; a hold that is opened and decided in one batch never reaches the table of open
 * holds.
 */
#include "ledger/fold.h"

#include <stdlib.h>

#include "ledger/internal.h"
#include "lib/base/writer.h"

/* clang-format off */
static const char *const ledger_migration[] = {
    "CREATE TABLE ledger_state(id INTEGER PRIMARY KEY CHECK(id = 1), seq INTEGER NOT NULL) STRICT;"
    "INSERT INTO ledger_state(id, seq) VALUES(1, 0);"
    "CREATE TABLE account(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, owner TEXT NOT NULL,"
    " currency INTEGER NOT NULL, debits_limited INTEGER NOT NULL,"
    " debits_pending INTEGER NOT NULL CHECK(debits_pending >= 0),"
    " debits_posted INTEGER NOT NULL CHECK(debits_posted >= 0),"
    " credits_pending INTEGER NOT NULL CHECK(credits_pending >= 0),"
    " credits_posted INTEGER NOT NULL CHECK(credits_posted >= 0),"
    " UNIQUE(kind, owner, currency)) STRICT;"
    "CREATE TABLE transfer(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " key BLOB NOT NULL, debit INTEGER NOT NULL, credit INTEGER NOT NULL,"
    " amount_minor INTEGER NOT NULL CHECK(amount_minor > 0), rule INTEGER NOT NULL) STRICT;"
    "CREATE TABLE open_hold(seq INTEGER PRIMARY KEY, key BLOB NOT NULL, debit INTEGER NOT NULL,"
    " credit INTEGER NOT NULL, amount_minor INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never changed'); END;"
    "CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;",
    /* back.c: what has gone back of the payment that was posted with journal row seq. */
    "CREATE TABLE returned(seq INTEGER PRIMARY KEY, amount_minor INTEGER NOT NULL"
    " CHECK(amount_minor >= 0), fee_minor INTEGER NOT NULL CHECK(fee_minor >= 0)) STRICT;",
    /*
     * Shares of fees, money orders and business days: what was folded without them is folded again
     * from the first row, because a ledger has to be what a fold of today makes of the journal.
     */
    "DROP TABLE transfer; DROP TABLE open_hold; DROP TABLE returned; DELETE FROM account;"
    "DROP TABLE ledger_state;"
    "CREATE TABLE ledger_state(id INTEGER PRIMARY KEY CHECK(id = 1), seq INTEGER NOT NULL,"
    " ord INTEGER NOT NULL, sub INTEGER NOT NULL) STRICT;"
    "INSERT INTO ledger_state(id, seq, ord, sub) VALUES(1, 0, 0, 0);"
    "CREATE TABLE transfer(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " key BLOB NOT NULL, debit INTEGER NOT NULL, credit INTEGER NOT NULL,"
    " amount_minor INTEGER NOT NULL CHECK(amount_minor > 0), rule INTEGER NOT NULL,"
    " agreement INTEGER NOT NULL) STRICT;"
    "CREATE TABLE open_hold(seq INTEGER PRIMARY KEY, key BLOB NOT NULL, debit INTEGER NOT NULL,"
    " credit INTEGER NOT NULL, amount_minor INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never changed'); END;"
    "CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;"
    "CREATE TABLE returned(seq INTEGER PRIMARY KEY, amount_minor INTEGER NOT NULL"
    " CHECK(amount_minor >= 0), fee_minor INTEGER NOT NULL CHECK(fee_minor >= 0),"
    " issuer_minor INTEGER NOT NULL CHECK(issuer_minor >= 0),"
    " network_minor INTEGER NOT NULL CHECK(network_minor >= 0)) STRICT;"
    "CREATE TABLE account_day(account INTEGER NOT NULL, day INTEGER NOT NULL,"
    " debits INTEGER NOT NULL CHECK(debits >= 0), credits INTEGER NOT NULL CHECK(credits >= 0),"
    " PRIMARY KEY(account, day)) STRICT, WITHOUT ROWID;",
    /* Which transfers are of which business day: day.c, which reckons it like this. */
    "CREATE TABLE day_range(day INTEGER PRIMARY KEY, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL) STRICT;"
    "INSERT INTO day_range SELECT (max(at_ms, 0) + 32400000) / 86400000, min(id), max(id)"
    " FROM transfer GROUP BY 1;",
    /* Issuers' fees for instalments: merchants who bear them were not charged, so again from the
     * first row. Money orders stay what they are: what was paid out too much leaves the merchant
     * below zero, and his next takings fill it up. */
    "DROP TRIGGER transfer_no_delete; DELETE FROM transfer;"
    "CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;"
    "DELETE FROM open_hold; DELETE FROM returned; DELETE FROM account; DELETE FROM account_day;"
    "DELETE FROM day_range; UPDATE ledger_state SET seq = 0, ord = 0, sub = 0;"
    "ALTER TABLE returned ADD COLUMN instalment_minor INTEGER NOT NULL DEFAULT 0"
    " CHECK(instalment_minor >= 0);",
    /*
     * A payment and the fees that go with it are one row, a booking, because a row costs more than
     * what stands in it; each transfer of it stays to be seen in the view. Folded again from the
     * first row. charge: 1 taken, 2 given back; the merchant is then the credit, or the debit, of
     * the booking, and the other sides of the fees are named. rule and agreement: of the fee, and
     * without one of the booking itself. Kinds of the view: internal.h.
     */
    "DROP TABLE transfer;"
    "DELETE FROM open_hold; DELETE FROM returned; DELETE FROM account; DELETE FROM account_day;"
    "DELETE FROM day_range; UPDATE ledger_state SET seq = 0, ord = 0, sub = 0;"
    "CREATE TABLE booking(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " key BLOB NOT NULL, debit INTEGER NOT NULL, credit INTEGER NOT NULL,"
    " amount_minor INTEGER NOT NULL CHECK(amount_minor > 0), rule INTEGER NOT NULL,"
    " agreement INTEGER NOT NULL, charge INTEGER NOT NULL DEFAULT 0,"
    " fee_minor INTEGER NOT NULL DEFAULT 0 CHECK(fee_minor >= 0),"
    " income INTEGER NOT NULL DEFAULT 0, share_rule INTEGER NOT NULL DEFAULT 0,"
    " cost INTEGER NOT NULL DEFAULT 0,"
    " issuer_minor INTEGER NOT NULL DEFAULT 0 CHECK(issuer_minor >= 0),"
    " issuer INTEGER NOT NULL DEFAULT 0,"
    " network_minor INTEGER NOT NULL DEFAULT 0 CHECK(network_minor >= 0),"
    " network INTEGER NOT NULL DEFAULT 0,"
    " instalment_minor INTEGER NOT NULL DEFAULT 0 CHECK(instalment_minor >= 0),"
    " instalment INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TRIGGER booking_no_update BEFORE UPDATE ON booking"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never changed'); END;"
    "CREATE TRIGGER booking_no_delete BEFORE DELETE ON booking"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;"
    "CREATE VIEW transfer(id, at_ms, kind, key, debit, credit, amount_minor, rule, agreement) AS"
    " SELECT id, at_ms, kind, key, debit, credit, amount_minor, iif(charge = 0, rule, 0),"
    " iif(charge = 0, agreement, 0) FROM booking"
    " UNION ALL SELECT id - kind + 1 + 2 * charge, at_ms, 1 + 2 * charge, key,"
    " iif(charge = 1, credit, income), iif(charge = 1, income, debit), fee_minor, rule, agreement"
    " FROM booking WHERE fee_minor > 0"
    " UNION ALL SELECT id - kind + 6 + charge, at_ms, 6 + charge, key,"
    " iif(charge = 1, cost, issuer), iif(charge = 1, issuer, cost), issuer_minor, share_rule, 0"
    " FROM booking WHERE issuer_minor > 0"
    " UNION ALL SELECT id - kind + 8 + charge, at_ms, 8 + charge, key,"
    " iif(charge = 1, cost, network), iif(charge = 1, network, cost), network_minor, share_rule, 0"
    " FROM booking WHERE network_minor > 0"
    " UNION ALL SELECT id - kind + 13 + charge, at_ms, 13 + charge, key,"
    " iif(charge = 1, credit, instalment), iif(charge = 1, instalment, debit), instalment_minor, 0,"
    " 0 FROM booking WHERE instalment_minor > 0;",
    /*
     * A hold stands in the table of open holds until it is decided, and then beside what has decided
     * it: a payment is one row. One that was disputed has a booking of its own, because what follows
     * is between other accounts. Folded again from the first row.
     */
    "DROP VIEW transfer; DROP TRIGGER booking_no_delete; DELETE FROM booking;"
    "CREATE TRIGGER booking_no_delete BEFORE DELETE ON booking"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;"
    "DELETE FROM open_hold; DELETE FROM returned; DELETE FROM account; DELETE FROM account_day;"
    "DELETE FROM day_range; UPDATE ledger_state SET seq = 0, ord = 0, sub = 0;"
    "ALTER TABLE booking ADD COLUMN hold_seq INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE booking ADD COLUMN hold_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE open_hold ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE open_hold ADD COLUMN shifted INTEGER NOT NULL DEFAULT 0;"
    "CREATE VIEW transfer(id, at_ms, kind, key, debit, credit, amount_minor, rule, agreement) AS"
    " SELECT id, at_ms, kind, key, debit, credit, amount_minor, iif(charge = 0, rule, 0),"
    " iif(charge = 0, agreement, 0) FROM booking"
    " UNION ALL SELECT seq << 28, at_ms, 0, key, debit, credit, amount_minor, 0, 0 FROM open_hold"
    " WHERE shifted = 0"
    " UNION ALL SELECT hold_seq << 28, hold_ms, 0, key, debit, credit, amount_minor, 0, 0"
    " FROM booking WHERE hold_seq > 0"
    " UNION ALL SELECT id - kind + 1 + 2 * charge, at_ms, 1 + 2 * charge, key,"
    " iif(charge = 1, credit, income), iif(charge = 1, income, debit), fee_minor, rule, agreement"
    " FROM booking WHERE fee_minor > 0"
    " UNION ALL SELECT id - kind + 6 + charge, at_ms, 6 + charge, key,"
    " iif(charge = 1, cost, issuer), iif(charge = 1, issuer, cost), issuer_minor, share_rule, 0"
    " FROM booking WHERE issuer_minor > 0"
    " UNION ALL SELECT id - kind + 8 + charge, at_ms, 8 + charge, key,"
    " iif(charge = 1, cost, network), iif(charge = 1, network, cost), network_minor, share_rule, 0"
    " FROM booking WHERE network_minor > 0"
    " UNION ALL SELECT id - kind + 13 + charge, at_ms, 13 + charge, key,"
    " iif(charge = 1, credit, instalment), iif(charge = 1, instalment, debit), instalment_minor, 0,"
    " 0 FROM booking WHERE instalment_minor > 0;",
    /* What we bear of payments that their issuers had refused brought these shares of fees that they
     * never had. Folded again from the first row. */
    "DROP TRIGGER booking_no_delete; DELETE FROM booking;"
    "CREATE TRIGGER booking_no_delete BEFORE DELETE ON booking"
    " BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;"
    "DELETE FROM open_hold; DELETE FROM returned; DELETE FROM account; DELETE FROM account_day;"
    "DELETE FROM day_range; UPDATE ledger_state SET seq = 0, ord = 0, sub = 0;",
};
/* clang-format on */

const struct store_schema ledger_schema = {"ledger", ledger_migration, ARRAY_LEN(ledger_migration)};

enum { BOOK_SLOTS = 1 << 18 };
static_assert(LEDGER_ACCOUNTS_MAX <= BOOK_SLOTS / 2, "half full at most");

void ledger_key(uint8_t key[static LEDGER_KEY_LEN], const char *tid, uint32_t batch, uint32_t stan)
{
    size_t len = strlen(tid);
    ENSURE(len >= 1 && len <= 8);
    memset(key, 0, LEDGER_KEY_LEN);
    memcpy(key, tid, len);
    for (unsigned i = 0; i < 4; i++) {
        key[8 + i] = (uint8_t)(batch >> (24 - 8 * i));
        key[12 + i] = (uint8_t)(stan >> (24 - 8 * i));
    }
}

/* ---- accounts in memory -----------------------------------------------------------------------
 */

static uint32_t book_slot_of(enum account_kind kind, const char *owner, uint16_t currency)
{
    uint64_t mixed = (uint64_t)kind << 16 | currency;
    for (const char *c = owner; *c != '\0'; c++)
        mixed = (mixed ^ (uint8_t)*c) * UINT64_C(0x100000001B3);
    return (uint32_t)((mixed * UINT64_C(0x9E3779B97F4A7C15)) >> 46);
}

static_assert(BOOK_SLOTS == 1 << (64 - 46), "the top bits of the mix are a slot");

static bool is_book(const struct account *account, enum account_kind kind, const char *owner,
                    uint16_t currency)
{
    return account->kind == kind && account->currency == currency &&
           strcmp(account->owner, owner) == 0;
}

err ledger_book(struct ledger *ledger, enum account_kind kind, const char *owner, uint16_t currency,
                uint32_t *ret_place)
{
    size_t len = strlen(owner);
    ENSURE(kind > ACCOUNT_NONE && kind < ACCOUNT_KINDS && currency > 0);
    ENSURE(len <= ACCOUNT_OWNER_MAX &&
           (account_row(kind)->owner != ACCOUNT_OWNER_NONE) == (len > 0));
    uint32_t at = book_slot_of(kind, owner, currency);
    for (; ledger->book_slot[at] != 0; at = (at + 1) % BOOK_SLOTS) {
        uint32_t place = ledger->book_slot[at] - 1;
        if (!is_book(&ledger->book[place].account, kind, owner, currency)) continue;
        *ret_place = place;
        return OK;
    }
    if (ledger->book_count == LEDGER_ACCOUNTS_MAX)
        return store_refuse(ledger->store, ERR(NO_MEMORY), "too many accounts", NULL);

    uint32_t place = ledger->book_count++;
    struct account *account = &ledger->book[place].account;
    ledger->book[place] = (struct book){.stored = false};
    *account = (struct account){.id = place + 1, .kind = kind, .currency = currency};
    memcpy(account->owner, owner, len + 1);
    ledger->book_slot[at] = place + 1;
    *ret_place = place;
    return OK;
}

struct account *ledger_touch(struct ledger *ledger, uint32_t place)
{
    ENSURE(place < ledger->book_count);
    struct book *book = &ledger->book[place];
    if (!book->dirty) ledger->dirty[ledger->dirty_count++] = place;
    book->dirty = true;
    return &book->account;
}

/* ---- from the store ---------------------------------------------------------------------------
 */

static err damaged(struct ledger *ledger, const char *what)
{
    return store_refuse(ledger->store, ERR(CORRUPT), what, "delete the ledger; it is rebuilt");
}

static err load_account(struct ledger *ledger, struct store_statement *row)
{
    struct account account = {.id = store_read_int(row)};
    account.kind = (enum account_kind)store_read_int(row);
    store_read_text_into(row, account.owner, sizeof account.owner);
    account.currency = (uint16_t)store_read_int(row);
    account.debits_limited = store_read_int(row) != 0;
    account.debits_pending = store_read_int(row);
    account.debits_posted = store_read_int(row);
    account.credits_pending = store_read_int(row);
    account.credits_posted = store_read_int(row);
    TRY(store_read_finish(row));
    bool known =
        account.kind > ACCOUNT_NONE && account.kind < ACCOUNT_KINDS && account.currency > 0;
    if (!known || account.id != (int64_t)ledger->book_count + 1 ||
        (account_row(account.kind)->owner != ACCOUNT_OWNER_NONE) != (account.owner[0] != '\0'))
        return damaged(ledger, "an account makes no sense");

    uint32_t place = 0;
    TRY(ledger_book(ledger, account.kind, account.owner, account.currency, &place));
    if (account.id != (int64_t)place + 1) return damaged(ledger, "an account is there twice");
    ledger->book[place] = (struct book){account, .stored = true};
    return OK;
}

static err load_hold(struct ledger *ledger, struct store_statement *row)
{
    struct position *position = NULL;
    uint8_t key[LEDGER_KEY_LEN];
    int64_t seq = store_read_int(row);
    store_read_blob_into(row, key, sizeof key);
    int64_t debit = store_read_int(row), credit = store_read_int(row);
    int64_t amount_minor = store_read_int(row);
    int64_t at_ms = store_read_int(row);
    bool shifted = store_read_int(row) != 0;
    TRY(store_read_finish(row));
    int64_t accounts = ledger->book_count;
    if (debit < 1 || debit > accounts || credit < 1 || credit > accounts || amount_minor <= 0 ||
        positions_find(&ledger->positions, key) != NULL)
        return damaged(ledger, "an open hold makes no sense");
    TRY(positions_add(&ledger->positions, key, &position));
    position->hold_seq = seq;
    position->hold_ms = at_ms;
    position->shifted = shifted;
    position->amount_minor = amount_minor;
    position->debit = (uint32_t)(debit - 1);
    position->credit = (uint32_t)(credit - 1);
    position->stored = true;
    return OK;
}

/* A decided payment from what was booked of it. */
static err load_recent(struct ledger *ledger, struct store_statement *row)
{
    struct position *position = NULL;
    uint8_t key[LEDGER_KEY_LEN];
    enum transfer_kind kind = (enum transfer_kind)store_read_int(row);
    store_read_blob_into(row, key, sizeof key);
    uint32_t debit = (uint32_t)store_read_int(row), credit = (uint32_t)store_read_int(row);
    int64_t amount_minor = store_read_int(row);
    struct position_fee fee;
    ledger_read_fee(row, &fee);
    TRY(store_read_finish(row));
    if (transfer_is_order(kind)) return OK; /* of no payment */

    position = positions_find(&ledger->positions, key);
    if (kind == TRANSFER_POST || kind == TRANSFER_RELEASE) {
        if (position != NULL) return damaged(ledger, "a payment is decided twice");
        TRY(positions_add(&ledger->positions, key, &position));
        position->amount_minor = amount_minor;
        position->fee = fee;
        position->debit = debit - 1;
        position->credit = credit - 1;
        positions_decide(&ledger->positions, position,
                         kind == TRANSFER_POST ? POSITION_POSTED : POSITION_UNDONE);
    }
    if (kind == TRANSFER_REVERSE && position != NULL)
        positions_decide(&ledger->positions, position, POSITION_UNDONE);
    return OK;
}

static err load_rows(struct ledger *ledger, struct store_statement *rows,
                     err (*load)(struct ledger *, struct store_statement *))
{
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err failure = load(ledger, rows);
        if (FAILED(failure)) {
            store_reset(rows);
            return failure;
        }
    }
}

static err load_positions(struct ledger *ledger)
{
    struct store_statement *rows;
    positions_clear(&ledger->positions);
    TRY(store_statement(ledger->store,
                        "SELECT seq, key, debit, credit, amount_minor, at_ms, shifted"
                        " FROM open_hold ORDER BY seq",
                        &rows));
    TRY(load_rows(ledger, rows, load_hold));
    /* Two journal rows a payment; who is further back is found by reading backwards. */
    TRY(store_statement(ledger->store,
                        "SELECT kind, key, debit, credit, amount_minor, " LEDGER_FEE_COLUMNS
                        " FROM booking WHERE id >= ? AND kind <> 0 ORDER BY id",
                        &rows));
    static_assert(TRANSFER_HOLD == 0, "in the text above");
    int64_t from = ledger->at.seq > 2 * LEDGER_RECENT ? ledger->at.seq - 2 * LEDGER_RECENT : 0;
    store_bind_int(rows, transfer_id(from, 0, TRANSFER_HOLD));
    return load_rows(ledger, rows, load_recent);
}

err ledger_load(struct ledger *ledger)
{
    struct store_statement *rows;
    if (ledger->book_count > 0)
        memset(ledger->book_slot, 0, BOOK_SLOTS * sizeof *ledger->book_slot);
    ledger->book_count = ledger->dirty_count = 0;
    ledger->opened_count = 0;
    ledger->range.last = 0;
    TRY(store_query_int(ledger->store, "SELECT seq FROM ledger_state", &ledger->at.seq));
    TRY(store_query_int(ledger->store, "SELECT ord FROM ledger_state", &ledger->at.order));
    TRY(store_query_int(ledger->store, "SELECT sub FROM ledger_state", &ledger->sub));
    TRY(store_statement(ledger->store,
                        "SELECT id, kind, owner, currency, debits_limited, debits_pending,"
                        " debits_posted, credits_pending, credits_posted FROM account ORDER BY id",
                        &rows));
    TRY(load_rows(ledger, rows, load_account));
    if (!store_is_read_only(ledger->store)) TRY(load_positions(ledger));
    ledger->stale = false;
    return OK;
}

/* ---- to the store -----------------------------------------------------------------------------
 */

static err insert_account(struct store *store, const struct account *account)
{
    struct store_statement *insert;
    TRY(store_statement(store,
                        "INSERT INTO account(debits_pending, debits_posted, credits_pending,"
                        " credits_posted, id, kind, owner, currency, debits_limited)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, account->debits_pending);
    store_bind_int(insert, account->debits_posted);
    store_bind_int(insert, account->credits_pending);
    store_bind_int(insert, account->credits_posted);
    store_bind_int(insert, account->id);
    store_bind_int(insert, (int64_t)account->kind);
    store_bind_text(insert, bytes_text(account->owner));
    store_bind_int(insert, account->currency);
    store_bind_int(insert, account->debits_limited);
    return store_run(insert);
}

static err update_account(struct store *store, const struct account *account)
{
    struct store_statement *update;
    TRY(store_statement(store,
                        "UPDATE account SET debits_pending = ?, debits_posted = ?,"
                        " credits_pending = ?, credits_posted = ? WHERE id = ?",
                        &update));
    store_bind_int(update, account->debits_pending);
    store_bind_int(update, account->debits_posted);
    store_bind_int(update, account->credits_pending);
    store_bind_int(update, account->credits_posted);
    store_bind_int(update, account->id);
    return store_run(update);
}

/* New accounts before old ones do not matter, but new ones among themselves come in order of id. */
static err flush_accounts(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->dirty_count; i++) {
        struct book *book = &ledger->book[ledger->dirty[i]];
        err failure = book->stored ? update_account(ledger->store, &book->account)
                                   : insert_account(ledger->store, &book->account);
        TRY(failure);
        book->stored = true;
        book->dirty = false;
        TRY(ledger_day_write(ledger, book));
    }
    ledger->dirty_count = 0;
    return OK;
}

static err flush_holds(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->opened_count; i++) {
        struct position *position = &ledger->positions.pool[ledger->opened[i]];
        if (position->state != POSITION_HELD || position->stored) continue;
        struct store_statement *insert;
        TRY(store_statement(
            ledger->store,
            "INSERT INTO open_hold(seq, key, debit, credit, amount_minor, at_ms, shifted)"
            " VALUES(?, ?, ?, ?, ?, ?, ?)",
            &insert));
        store_bind_int(insert, position->hold_seq);
        store_bind_blob(insert, BYTES_OF(position->key));
        store_bind_int(insert, position->debit + 1);
        store_bind_int(insert, position->credit + 1);
        store_bind_int(insert, position->amount_minor);
        store_bind_int(insert, position->hold_ms);
        store_bind_int(insert, position->shifted);
        TRY(store_run(insert));
        position->stored = true;
    }
    ledger->opened_count = 0;
    return OK;
}

err ledger_flush(struct ledger *ledger)
{
    struct store_statement *update;
    TRY(flush_accounts(ledger));
    TRY(flush_holds(ledger));
    TRY(ledger_day_range(ledger));
    TRY(store_statement(ledger->store,
                        "UPDATE ledger_state SET seq = ?, ord = ?, sub = ? WHERE id = 1", &update));
    store_bind_int(update, ledger->at.seq);
    store_bind_int(update, ledger->at.order);
    store_bind_int(update, ledger->sub);
    return store_run(update);
}

/* ---- open and close ---------------------------------------------------------------------------
 */

static err make_memory(struct ledger *ledger, bool reads_only)
{
    ledger->book = calloc(LEDGER_ACCOUNTS_MAX, sizeof *ledger->book);
    ledger->book_slot = calloc(BOOK_SLOTS, sizeof *ledger->book_slot);
    ledger->dirty = calloc(LEDGER_ACCOUNTS_MAX, sizeof *ledger->dirty);
    if (ledger->book == NULL || ledger->book_slot == NULL || ledger->dirty == NULL)
        return ERR(NO_MEMORY);
    return reads_only ? OK : positions_make(&ledger->positions);
}

static err open_in(struct ledger *ledger, const char *path, enum store_mode mode,
                   struct store_fault *fault)
{
    struct store_options options = {.mode = mode};
    TRY(make_memory(ledger, mode == STORE_READ_ONLY));
    TRY(store_open(path, &options, fault, &ledger->store));
    err failure = store_migrate(ledger->store, &ledger_schema);
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    if (!FAILED(failure)) failure = store_begin(ledger->store, &snapshot);
    if (!FAILED(failure)) failure = ledger_load(ledger);
    if (FAILED(failure) && fault != NULL) *fault = store_fault_of(ledger->store);
    return failure;
}

err ledger_open(const char *path, enum store_mode mode, struct store_fault *fault,
                struct ledger **ret_ledger)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) return ERR(NO_MEMORY);
    err failure = open_in(ledger, path, mode, fault);
    if (FAILED(failure)) {
        ledger_close(ledger);
        return failure;
    }
    *ret_ledger = ledger;
    return OK;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL) return;
    store_close(ledger->store);
    positions_free(&ledger->positions);
    free(ledger->book);
    free(ledger->book_slot);
    free(ledger->dirty);
    free(ledger);
}

const char *ledger_error_text(const struct ledger *ledger)
{
    return store_error_text(ledger->store);
}

struct store *ledger_store(struct ledger *ledger)
{
    return ledger->store;
}

int64_t ledger_seq(const struct ledger *ledger)
{
    return ledger->at.seq;
}

struct ledger_position ledger_reached(const struct ledger *ledger)
{
    return ledger->at;
}
