/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's table, described once: COLUMN_LIST makes the schema, both statements, and the loops
 * that bind and read. A new column is a new migration and a new line at the end of the list.
 */
#include "journal/journal.h"

#include <assert.h>

/* column, member of struct payment; numbers of 8, 4, 2 and 1 bytes, and texts with their NUL. */
#define FIRST_LIST(NUMBER, TEXT)           \
    TEXT(tid, key.tid)                     \
    NUMBER(batch, key.batch)               \
    NUMBER(stan, key.stan)                 \
    NUMBER(type, type)                     \
    NUMBER(state, state)                   \
    NUMBER(means, means)                   \
    NUMBER(entry, entry)                   \
    NUMBER(card_class, card_class)         \
    NUMBER(route, route)                   \
    NUMBER(pin_entered, pin_entered)       \
    TEXT(mid, mid)                         \
    TEXT(operator_id, operator_id)         \
    NUMBER(amount_minor, amount_minor)     \
    NUMBER(currency, currency)             \
    TEXT(pan_masked, pan_masked)           \
    TEXT(token, token)                     \
    TEXT(card_sequence, card_sequence)     \
    TEXT(issuer, issuer)                   \
    TEXT(response_code, response_code)     \
    TEXT(reversal_reason, reversal_reason) \
    TEXT(rrn, rrn)                         \
    TEXT(auth_code, auth_code)             \
    TEXT(local_time, local_time)           \
    TEXT(local_date, local_date)           \
    TEXT(settlement_date, settlement_date) \
    NUMBER(created_ms, created_ms)         \
    NUMBER(digest, digest)

/* Field 55 of request and answer; empty without a chip. */
#define CHIP_LIST(CHIP) CHIP(chip) CHIP(chip_answer)

/* Columns that came later, one migration each. */
#define COLUMN_LIST(NUMBER, TEXT)           \
    FIRST_LIST(NUMBER, TEXT)                \
    TEXT(approver_id, approver_id)          \
    TEXT(original_rrn, original.rrn)        \
    NUMBER(original_row, original.row)      \
    NUMBER(plan_months, plan.months)        \
    NUMBER(plan_merchant, plan.by_merchant) \
    NUMBER(plan_fee_minor, plan.fee_minor)  \
    NUMBER(tip_minor, tip_minor)            \
    TEXT(notice, notice)                    \
    NUMBER(fee_plan, fee_plan)              \
    NUMBER(agreement, agreement)            \
    NUMBER(signed_ms, signed_ms)

/* The columns that the ledger needs, some of the above. */
#define MONEY_LIST(NUMBER, TEXT)            \
    TEXT(tid, key.tid)                      \
    NUMBER(batch, key.batch)                \
    NUMBER(stan, key.stan)                  \
    NUMBER(type, type)                      \
    NUMBER(state, state)                    \
    NUMBER(card_class, card_class)          \
    NUMBER(route, route)                    \
    TEXT(mid, mid)                          \
    NUMBER(amount_minor, amount_minor)      \
    NUMBER(currency, currency)              \
    NUMBER(original_row, original.row)      \
    NUMBER(plan_months, plan.months)        \
    NUMBER(plan_merchant, plan.by_merchant) \
    NUMBER(plan_fee_minor, plan.fee_minor)  \
    NUMBER(fee_plan, fee_plan)              \
    NUMBER(agreement, agreement)            \
    NUMBER(signed_ms, signed_ms)

/* And those that figures need. */
#define DECIDED_LIST(NUMBER, TEXT)     \
    TEXT(tid, key.tid)                 \
    NUMBER(type, type)                 \
    NUMBER(state, state)               \
    NUMBER(means, means)               \
    NUMBER(entry, entry)               \
    NUMBER(card_class, card_class)     \
    TEXT(mid, mid)                     \
    TEXT(operator_id, operator_id)     \
    NUMBER(amount_minor, amount_minor) \
    TEXT(token, token)                 \
    NUMBER(tip_minor, tip_minor)

#define DDL_NUMBER(column, member) ", " #column " INTEGER NOT NULL"
#define DDL_TEXT(column, member)   ", " #column " TEXT NOT NULL"
#define DDL_CHIP(column)           "ALTER TABLE journal ADD COLUMN " #column " BLOB NOT NULL DEFAULT x'';"
#define NAME(column, member)       ", " #column
#define MARK(column, member)       ", ?"
#define CHIP_NAME(column)          ", " #column
#define CHIP_MARK(column)          ", ?"

/* clang-format off */
static const char *const journal_migration[] = {
    "CREATE TABLE journal(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, event INTEGER NOT NULL"
    FIRST_LIST(DDL_NUMBER, DDL_TEXT) ") STRICT;"
    "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;"
    "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;",
    CHIP_LIST(DDL_CHIP),
    "ALTER TABLE journal ADD COLUMN approver_id TEXT NOT NULL DEFAULT '';",
    /* References are given in ascending order, so the first of these indexes grows at its end, like
     * the table; the other two hold the few rows that have an original, and the holds. */
    "ALTER TABLE journal ADD COLUMN original_rrn TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE journal ADD COLUMN original_row INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX journal_rrn ON journal(rrn) WHERE rrn <> '';"
    "CREATE INDEX journal_original ON journal(original_rrn) WHERE original_rrn <> '';"
    "CREATE INDEX journal_hold ON journal(auth_code) WHERE type = 4 AND state = 3;",
    "ALTER TABLE journal ADD COLUMN tip_minor INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE journal ADD COLUMN notice TEXT NOT NULL DEFAULT '';",
    "ALTER TABLE journal ADD COLUMN plan_months INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE journal ADD COLUMN plan_merchant INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE journal ADD COLUMN plan_fee_minor INTEGER NOT NULL DEFAULT 0;",
    /* Rows of before had the fees of the standard plan, by no agreement that was written down. */
    "ALTER TABLE journal ADD COLUMN fee_plan INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE journal ADD COLUMN agreement INTEGER NOT NULL DEFAULT 0;",
    /* Rows of before had the rules that held from the beginning: there were no later ones. */
    "ALTER TABLE journal ADD COLUMN signed_ms INTEGER NOT NULL DEFAULT 0;",
};

static const char insert_row[] =
    "INSERT INTO journal(seq, at_ms, event" COLUMN_LIST(NAME, NAME) CHIP_LIST(CHIP_NAME) ")"
    " VALUES(NULL, ?, ?" COLUMN_LIST(MARK, MARK) CHIP_LIST(CHIP_MARK) ")";

static const char select_rows[] =
    "SELECT seq, at_ms, event" COLUMN_LIST(NAME, NAME) CHIP_LIST(CHIP_NAME)
    " FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?";

static const char select_money[] =
    "SELECT seq, at_ms, event" MONEY_LIST(NAME, NAME)
    " FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?";

static const char select_decided[] =
    "SELECT seq, at_ms, event" DECIDED_LIST(NAME, NAME)
    " FROM journal WHERE seq BETWEEN ? AND ? AND event IN (1, 2, 4, 5) ORDER BY seq LIMIT ?";
/* clang-format on */

const struct store_schema journal_schema = {"journal", journal_migration,
                                            ARRAY_LEN(journal_migration)};

/*
 * The numbers on disk are those of the enums, so these may be added to and never renumbered: a
 * journal of years ago has to be read by the program of tomorrow.
 */
static_assert(PAYMENT_SUBMIT == 0 && PAYMENT_APPROVE == 1 && PAYMENT_DECLINE == 2, "on disk");
static_assert(PAYMENT_TIMEOUT == 3 && PAYMENT_REVERSE == 4 && PAYMENT_REVERSAL_ACK == 5, "on disk");
static_assert(PAYMENT_CAPTURE == 6 && PAYMENT_SETTLE == 7, "on disk");
static_assert(PAYMENT_CREATED == 1 && PAYMENT_PENDING == 2 && PAYMENT_APPROVED == 3, "on disk");
static_assert(PAYMENT_DECLINED == 4 && PAYMENT_REVERSING == 5 && PAYMENT_REVERSED == 6, "on disk");
static_assert(PAYMENT_CAPTURED == 7 && PAYMENT_SETTLED == 8, "on disk");
static_assert(PAYMENT_OFFLINE == 9 && PAYMENT_DISPUTED == 10 && PAYMENT_ADVISE == 8, "on disk");
static_assert(PAYMENT_SALE == 1 && PAYMENT_CARD == 1 && PAYMENT_CODE == 2, "on disk");
static_assert(PAYMENT_SHOWN == 3, "on disk");
static_assert(PAYMENT_VOID == 2 && PAYMENT_REFUND == 3 && PAYMENT_PREAUTH == 4, "on disk");
static_assert(PAYMENT_PREAUTH_ADD == 5 && PAYMENT_PREAUTH_CANCEL == 6, "on disk");
static_assert(PAYMENT_COMPLETION == 7 && PAYMENT_COMPLETION_ADVICE == 8, "on disk");
static_assert(PAYMENT_COMPLETION_VOID == 9 && PAYMENT_INSTALMENT == 10, "on disk");
static_assert(PAYMENT_INSTALMENT_VOID == 11, "on disk");
static_assert(PAYMENT_REDEEM == 13 && PAYMENT_REDEEM_REFUND == 15 && PAYMENT_POINTS == 5,
              "on disk");
static_assert(PAYMENT_CLASS_FOREIGN == 4, "on disk");
static_assert(PAYMENT_CLASS_DEBIT == 1 && PAYMENT_CLASS_CREDIT == 2 && PAYMENT_CLASS_WALLET == 3,
              "on disk");
static_assert(PAYMENT_ROUTE_CARD_NETWORK == 1 && PAYMENT_ROUTE_WALLET == 2, "on disk");

/* A mask shows ten digits at most, so it has a star in it; a PAN has none. */
static bool is_masked(const char *pan)
{
    return pan[0] == '\0' || strchr(pan, '*') != NULL;
}

err journal_append(struct store_tx *tx, const struct payment *payment, enum payment_event event,
                   int64_t at_ms, int64_t *ret_seq)
{
    ENSURE(tx->store != NULL);
    ENSURE(event < PAYMENT_EVENTS && payment->state > PAYMENT_NONE &&
           payment->state < PAYMENT_STATES);
    ENSURE(payment->type > PAYMENT_TYPE_NONE && payment->type < PAYMENT_TYPES);
    ENSURE(payment->amount_minor > 0 && payment->amount_minor <= MONEY_FIELD_MAX);
    ENSURE(payment->currency > 0 && payment->key.stan > 0 && payment->key.tid[0] != '\0');
    ENSURE(is_masked(payment->pan_masked));

    struct store_statement *insert;
    TRY(store_statement(tx->store, insert_row, &insert));
    store_bind_int(insert, at_ms);
    store_bind_int(insert, (int64_t)event);
#define BIND_NUMBER(column, member) store_bind_int(insert, (int64_t)payment->member);
#define BIND_TEXT(column, member)   store_bind_text(insert, bytes_text(payment->member));
#define BIND_CHIP(column)           store_bind_blob(insert, payment_chip_view(&payment->column));
    COLUMN_LIST(BIND_NUMBER, BIND_TEXT)
    CHIP_LIST(BIND_CHIP)
    TRY(store_run(insert));
    *ret_seq = store_last_id(tx->store);
    return OK;
}

/* Is each number one that journal_append() lets through? */
static bool plausible(const struct journal_row *row)
{
    const struct payment *payment = &row->payment;
    return row->event < PAYMENT_EVENTS && payment->state > PAYMENT_NONE &&
           payment->state < PAYMENT_STATES && payment->type > PAYMENT_TYPE_NONE &&
           payment->type < PAYMENT_TYPES && payment->card_class < PAYMENT_CLASSES &&
           payment->route < PAYMENT_ROUTES && payment->amount_minor > 0 &&
           payment->amount_minor <= MONEY_FIELD_MAX && payment->tip_minor >= 0 &&
           payment->tip_minor < payment->amount_minor && is_masked(payment->pan_masked);
}

/* A number that does not fit its member would come back as another one: then false. */
#define READ_NUMBER(column, member)                            \
    {                                                          \
        int64_t number = store_read_int(select);               \
        payment->member = (__typeof__(payment->member))number; \
        exact = exact && (int64_t)payment->member == number;   \
    }
#define READ_TEXT(column, member) \
    store_read_text_into(select, payment->member, sizeof payment->member);

#define READ_CHIP(column) \
    payment->column.len = \
        (uint8_t)store_read_blob_up_to(select, payment->column.at, sizeof payment->column.at);

static bool read_all(struct store_statement *select, struct payment *payment)
{
    bool exact = true;
    COLUMN_LIST(READ_NUMBER, READ_TEXT)
    CHIP_LIST(READ_CHIP)
    return exact;
}

static bool read_money(struct store_statement *select, struct payment *payment)
{
    bool exact = true;
    *payment = (struct payment){.type = PAYMENT_TYPE_NONE};
    MONEY_LIST(READ_NUMBER, READ_TEXT)
    return exact;
}

static bool read_decided(struct store_statement *select, struct payment *payment)
{
    bool exact = true;
    *payment = (struct payment){.type = PAYMENT_TYPE_NONE};
    DECIDED_LIST(READ_NUMBER, READ_TEXT)
    return exact;
}

/* `seq` is the number that it must have; 0: any. */
static err read_row(struct store *store, struct store_statement *select, int64_t seq,
                    bool (*columns)(struct store_statement *, struct payment *),
                    struct journal_row *row)
{
    row->seq = store_read_int(select);
    row->at_ms = store_read_int(select);
    row->event = (enum payment_event)store_read_int(select);
    bool exact = columns(select, &row->payment);
    TRY(store_read_finish(select));
    if (seq != 0 && row->seq != seq)
        return store_refuse(store, ERR(CORRUPT), "a journal row is missing", NULL);
    if (!exact || !plausible(row))
        return store_refuse(store, ERR(CORRUPT), "a journal row makes no sense", NULL);
    return OK;
}

static err read_rows(struct store *store, const char *sql,
                     bool (*columns)(struct store_statement *, struct payment *), int64_t from_seq,
                     struct journal_row *rows, size_t max, size_t *ret_count)
{
    ENSURE(from_seq >= 1 && max > 0 && max <= INT32_MAX);
    struct store_statement *select;
    TRY(store_statement(store, sql, &select));
    store_bind_int(select, from_seq);
    store_bind_int(select, (int64_t)max);
    size_t count = 0;
    for (;;) {
        bool row = false;
        TRY(store_step(select, &row));
        if (!row) break;
        ENSURE(count < max);
        err failure = read_row(store, select, from_seq + (int64_t)count, columns, &rows[count]);
        if (FAILED(failure)) {
            store_reset(select);
            return failure;
        }
        count++;
    }
    *ret_count = count;
    return OK;
}

err journal_read(struct store *store, int64_t from_seq, struct journal_row *rows, size_t max,
                 size_t *ret_count)
{
    return read_rows(store, select_rows, read_all, from_seq, rows, max, ret_count);
}

err journal_read_money(struct store *store, int64_t from_seq, struct journal_row *rows, size_t max,
                       size_t *ret_count)
{
    return read_rows(store, select_money, read_money, from_seq, rows, max, ret_count);
}

err journal_read_decided(struct store *store, int64_t from_seq, int64_t to_seq,
                         struct journal_row *rows, size_t max, size_t *ret_count)
{
    ENSURE(from_seq >= 1 && max > 0 && max <= INT32_MAX);
    struct store_statement *select;
    size_t count = 0;
    TRY(store_statement(store, select_decided, &select));
    store_bind_int(select, from_seq);
    store_bind_int(select, to_seq);
    store_bind_int(select, (int64_t)max);
    for (;;) {
        bool row = false;
        TRY(store_step(select, &row));
        if (!row) break;
        ENSURE(count < max);
        err failure = read_row(store, select, 0, read_decided, &rows[count]);
        if (FAILED(failure)) {
            store_reset(select);
            return failure;
        }
        count++;
    }
    *ret_count = count;
    return OK;
}

err journal_last(struct store *store, int64_t *ret_seq)
{
    return store_query_int(store, "SELECT max(seq) FROM journal", ret_seq);
}
