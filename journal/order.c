/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of money orders, described once like the journal's: the list of columns makes the
 * statements and the loops that bind and read. What the table refuses stands in its schema.
 */
#include "journal/order.h"

#include <assert.h>

/* column, member of struct journal_order; in the order of the table, after number and after_row. */
#define COLUMN_LIST(NUMBER, TEXT)      \
    NUMBER(at_ms, at_ms)               \
    NUMBER(kind, kind)                 \
    TEXT(mid, mid)                     \
    NUMBER(currency, currency)         \
    NUMBER(amount_minor, amount_minor) \
    NUMBER(fee_minor, fee_minor)       \
    NUMBER(rule, rule)                 \
    NUMBER(original, original)         \
    NUMBER(day, day)                   \
    NUMBER(way, way)                   \
    NUMBER(account, account)           \
    NUMBER(deadline_ms, deadline_ms)   \
    TEXT(actor, actor)                 \
    TEXT(reason, reason)               \
    TEXT(evidence, evidence)           \
    TEXT(appeal, appeal)               \
    TEXT(reference, reference)

/* What was added later, behind the others. */
#define ADDED_LIST(NUMBER)                       \
    NUMBER(network, network)                     \
    NUMBER(gross_minor, settled.gross_minor)     \
    NUMBER(net_minor, settled.net_minor)         \
    NUMBER(issuer_minor, settled.issuer_minor)   \
    NUMBER(network_minor, settled.network_minor) \
    NUMBER(instalment_minor, settled.instalment_minor)

#define ADD_NUMBER(column, member) \
    "ALTER TABLE money_order ADD COLUMN " #column " INTEGER NOT NULL DEFAULT 0;"
#define DDL_NUMBER(column, member) ", " #column " INTEGER NOT NULL"
#define DDL_TEXT(column, member)   ", " #column " TEXT NOT NULL"
#define NAME(column, member)       ", " #column
#define MARK(column, member)       ", ?"

/* clang-format off */
static const char *const migration[] = {
    /* kind: 1 hold 2 release 3 expire 4 convert 5 payout 6 confirmed 7 returned */
    "CREATE TABLE money_order(number INTEGER PRIMARY KEY, after_row INTEGER NOT NULL"
    COLUMN_LIST(DDL_NUMBER, DDL_TEXT) ","
    " CHECK(kind > 0 AND mid <> '' AND actor <> '' AND currency > 0),"
    " CHECK(amount_minor > 0 AND fee_minor >= 0),"
    " CHECK((rule <> 0) OR (fee_minor = 0)),"
    " CHECK(kind <> 1 OR (reason <> '' AND evidence <> '' AND appeal <> '' AND deadline_ms > at_ms)),"
    " CHECK(kind <> 5 OR (day > 0 AND way > 0 AND account > 0)),"
    " CHECK(kind NOT IN (8, 9) OR reason <> '')) STRICT;"
    "CREATE UNIQUE INDEX money_order_end ON money_order(original) WHERE kind IN (2, 3, 4, 6, 7);"
    "CREATE UNIQUE INDEX money_order_payout ON money_order(mid, currency, day, way)"
    " WHERE kind = 5;"
    "CREATE INDEX money_order_deadline ON money_order(deadline_ms) WHERE kind = 1;"
    "CREATE INDEX money_order_merchant ON money_order(mid);"
    "CREATE TRIGGER money_order_no_update BEFORE UPDATE ON money_order"
    " BEGIN SELECT RAISE(ABORT, 'orders are never changed'); END;"
    "CREATE TRIGGER money_order_no_delete BEFORE DELETE ON money_order"
    " BEGIN SELECT RAISE(ABORT, 'orders are never deleted'); END;"
    /* INSERT OR REPLACE would take a row away without asking the trigger of deletion. */
    "CREATE TRIGGER money_order_next BEFORE INSERT ON money_order"
    " WHEN NEW.number <> (SELECT ifnull(max(number), 0) + 1 FROM money_order)"
    " BEGIN SELECT RAISE(ABORT, 'orders follow one another'); END;"
    "CREATE TRIGGER money_order_after BEFORE INSERT ON money_order"
    " WHEN NEW.after_row <> (SELECT ifnull(max(seq), 0) FROM journal)"
    " BEGIN SELECT RAISE(ABORT, 'an order counts after the last journal row'); END;"
    "CREATE TRIGGER money_order_ends_hold BEFORE INSERT ON money_order"
    " WHEN NEW.kind IN (2, 3, 4) AND NOT EXISTS(SELECT 1 FROM money_order WHERE number = NEW.original"
    " AND kind = 1 AND mid = NEW.mid AND currency = NEW.currency"
    " AND amount_minor = NEW.amount_minor)"
    " BEGIN SELECT RAISE(ABORT, 'there is no such hold'); END;"
    "CREATE TRIGGER money_order_ends_payout BEFORE INSERT ON money_order"
    " WHEN NEW.kind IN (6, 7) AND NOT EXISTS(SELECT 1 FROM money_order WHERE number = NEW.original"
    " AND kind = 5 AND mid = NEW.mid AND currency = NEW.currency"
    " AND amount_minor = NEW.amount_minor AND fee_minor = NEW.fee_minor)"
    " BEGIN SELECT RAISE(ABORT, 'there is no such payout'); END;",

    /* kind: 10 settled by a network 11 instalments of it */
    ADDED_LIST(ADD_NUMBER)
    "CREATE UNIQUE INDEX money_order_settled ON money_order(kind, network, day, currency)"
    " WHERE kind IN (10, 11);"
    "CREATE TRIGGER money_order_of_network BEFORE INSERT ON money_order"
    " WHEN NEW.kind IN (10, 11) AND NOT (NEW.network IN (1, 2) AND NEW.day > 0"
    " AND length(NEW.reference) = 64)"
    " BEGIN SELECT RAISE(ABORT, 'it does not say which day of which network by which file'); END;"
    "CREATE TRIGGER money_order_of_none BEFORE INSERT ON money_order"
    " WHEN NEW.kind NOT IN (10, 11) AND NEW.network <> 0"
    " BEGIN SELECT RAISE(ABORT, 'it is no network that is settled with'); END;",

    /* kind: 12 a chargeback ends its hold 13 one that holds nothing */
    "DROP INDEX money_order_end;"
    "CREATE UNIQUE INDEX money_order_end ON money_order(original)"
    " WHERE kind IN (2, 3, 4, 6, 7, 12);"
    "DROP TRIGGER money_order_ends_hold;"
    "CREATE TRIGGER money_order_ends_hold BEFORE INSERT ON money_order"
    " WHEN NEW.kind IN (2, 3, 4, 12) AND NOT EXISTS(SELECT 1 FROM money_order"
    " WHERE number = NEW.original AND kind = 1 AND mid = NEW.mid AND currency = NEW.currency"
    " AND amount_minor = NEW.amount_minor)"
    " BEGIN SELECT RAISE(ABORT, 'there is no such hold'); END;"
    "DROP TRIGGER money_order_of_none;"
    "CREATE TRIGGER money_order_of_none BEFORE INSERT ON money_order"
    " WHEN (NEW.kind IN (10, 11, 12, 13)) <> (NEW.network IN (1, 2))"
    " BEGIN SELECT RAISE(ABORT, 'only what is settled with a network names one'); END;",

    /* Holds whose deadline counts still: what is over is not looked at again every ten seconds. */
    "CREATE TABLE hold_due(hold INTEGER PRIMARY KEY, deadline_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX hold_due_deadline ON hold_due(deadline_ms);"
    "INSERT INTO hold_due SELECT number, deadline_ms FROM money_order WHERE kind = 1 AND NOT EXISTS("
    "SELECT 1 FROM money_order e WHERE e.original = money_order.number"
    " AND e.kind IN (2, 3, 4, 12));"
    "CREATE TRIGGER hold_due_from AFTER INSERT ON money_order WHEN NEW.kind = 1"
    " BEGIN INSERT INTO hold_due VALUES(NEW.number, NEW.deadline_ms); END;"
    "CREATE TRIGGER hold_due_until AFTER INSERT ON money_order WHEN NEW.kind IN (2, 3, 4, 12)"
    " BEGIN DELETE FROM hold_due WHERE hold = NEW.original; END;"
    "DROP INDEX money_order_deadline;",
};
/* clang-format on */

static_assert(ORDER_HOLD == 1 && ORDER_RELEASE == 2 && ORDER_EXPIRE == 3 && ORDER_CONVERT == 4,
              "what the table names by number");
static_assert(ORDER_PAYOUT == 5 && ORDER_PAYOUT_CONFIRMED == 6 && ORDER_PAYOUT_RETURNED == 7,
              "what the table names by number");
static_assert(ORDER_CREDIT == 8 && ORDER_DEBIT == 9, "what the table names by number");
static_assert(ORDER_NETWORK_SETTLED == 10 && ORDER_NETWORK_INSTALMENTS == 11,
              "what the table names by number");
static_assert(ORDER_CHARGEBACK == 12 && ORDER_CHARGEBACK_DEBIT == 13,
              "what the table names by number");

const struct store_schema journal_order_schema = {"orders", migration, ARRAY_LEN(migration)};

#define SELECT \
    "SELECT number, after_row" COLUMN_LIST(NAME, NAME) ADDED_LIST(NAME) " FROM money_order "

static const char *const kinds[ORDER_KINDS] = {
    "?",
    "hold",
    "release",
    "expire",
    "convert",
    "payout",
    "confirmed",
    "returned",
    "credit",
    "debit",
    "network_settled",
    "network_instalments",
    "chargeback",
    "chargeback_debit",
};

const char *order_kind_name(enum order_kind kind)
{
    return kind < ORDER_KINDS ? kinds[kind] : "?";
}

const char *order_way_name(enum order_way way)
{
    static const char *const ways[ORDER_WAYS] = {"?", "t1", "d0"};
    return way < ORDER_WAYS ? ways[way] : "?";
}

/* clang-format off */
static const struct order_reason reasons[] = {
    {"risk",       "交易异常，待核实",       "trade that does not look like this shop's"},
    {"dispute",    "持卡人对交易有争议",     "a cardholder disputes a payment"},
    {"documents",  "商户资料缺失或过期",     "papers of the merchant are missing or out of date"},
    {"account",    "结算账户变更待核实",     "the payout account is being changed"},
    {"device",     "终端移机或疑似被改装",   "a terminal was moved, or seems tampered with"},
    {"difference", "对账差错待处理",         "terminal, host and network differ"},
    {"court",      "司法机关冻结",           "frozen by a court or the police"},
};
/* clang-format on */

const struct order_reason *order_reasons(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(reasons);
    return reasons;
}

const struct order_reason *order_reason_of(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (strcmp(reasons[i].code, code) == 0) return &reasons[i];
    return NULL;
}

/* ---- appending ---- */

err journal_order_append(struct store_tx *tx, struct journal_order *order)
{
    ENSURE(tx->store != NULL && order->kind > 0 && order->kind < ORDER_KINDS);
    ENSURE(order->amount_minor > 0 && order->amount_minor <= MONEY_FIELD_MAX);
    ENSURE(order->fee_minor >= 0 && order->fee_minor <= order->amount_minor);
    ENSURE(order->kind != ORDER_HOLD || order_reason_of(order->reason) != NULL);
    struct store_statement *insert;
    int64_t last = 0, row = 0;
    TRY(store_query_int(tx->store, "SELECT max(number) FROM money_order", &last));
    TRY(store_query_int(tx->store, "SELECT max(seq) FROM journal", &row));
    TRY(store_statement(tx->store,
                        "INSERT INTO money_order VALUES(?, ?" COLUMN_LIST(MARK, MARK)
                            ADDED_LIST(MARK) ")",
                        &insert));
    store_bind_int(insert, last + 1);
    store_bind_int(insert, row);
#define BIND_NUMBER(column, member) store_bind_int(insert, (int64_t)order->member);
#define BIND_TEXT(column, member)   store_bind_text(insert, bytes_text(order->member));
    COLUMN_LIST(BIND_NUMBER, BIND_TEXT)
    ADDED_LIST(BIND_NUMBER)
    TRY(store_run(insert));
    order->number = last + 1;
    order->after_row = row;
    return OK;
}

/* ---- reading ---- */

/* A number that does not fit its member would come back as another one: then false. */
#define READ_NUMBER(column, member)                        \
    {                                                      \
        int64_t number = store_read_int(s);                \
        order->member = (__typeof__(order->member))number; \
        exact = exact && (int64_t)order->member == number; \
    }
#define READ_TEXT(column, member) store_read_text_into(s, order->member, sizeof order->member);

static err read_row(struct store *store, struct store_statement *s, struct journal_order *out)
{
    struct journal_order row = {.number = store_read_int(s)}, *order = &row;
    bool exact = true;
    row.after_row = store_read_int(s);
    COLUMN_LIST(READ_NUMBER, READ_TEXT)
    ADDED_LIST(READ_NUMBER)
    TRY(store_read_finish(s));
    if (!exact || row.kind <= 0 || row.kind >= ORDER_KINDS || row.way >= ORDER_WAYS ||
        row.network >= PAYMENT_ROUTES || row.amount_minor <= 0 ||
        row.amount_minor > MONEY_FIELD_MAX || row.after_row < 0)
        return store_refuse(store, ERR(CORRUPT), "a money order makes no sense", NULL);
    *out = row;
    return OK;
}

/* The rows of `s`, which is bound. */
static err read_rows(struct store *store, struct store_statement *s, struct journal_order *rows,
                     size_t max, size_t *ret_count)
{
    size_t count = 0;
    for (;;) {
        bool there = false;
        TRY(store_step(s, &there));
        if (!there) break;
        ENSURE(count < max);
        err failure = read_row(store, s, &rows[count]);
        if (FAILED(failure)) {
            store_reset(s);
            return failure;
        }
        count++;
    }
    *ret_count = count;
    return OK;
}

static err read_one(struct store *store, struct store_statement *s, struct journal_order *out)
{
    struct journal_order found;
    size_t count = 0;
    TRY(read_rows(store, s, &found, 1, &count));
    if (count == 0) return ERR(NOT_FOUND);
    *out = found;
    return OK;
}

err journal_order_find(struct store *store, int64_t number, struct journal_order *out)
{
    struct store_statement *s;
    TRY(store_statement(store, SELECT "WHERE number = ?", &s));
    store_bind_int(s, number);
    return read_one(store, s, out);
}

err journal_order_end(struct store *store, int64_t number, struct journal_order *out)
{
    struct store_statement *s;
    TRY(store_statement(store, SELECT "WHERE original = ? AND kind IN (2, 3, 4, 6, 7, 12)", &s));
    store_bind_int(s, number);
    return read_one(store, s, out);
}

err journal_order_payout(struct store *store, const char *mid, uint16_t currency, int32_t day,
                         enum order_way way, struct journal_order *out)
{
    struct store_statement *s;
    TRY(store_statement(
        store, SELECT "WHERE mid = ? AND currency = ? AND day = ? AND way = ? AND kind = 5", &s));
    store_bind_text(s, bytes_text(mid));
    store_bind_int(s, currency);
    store_bind_int(s, day);
    store_bind_int(s, way);
    return read_one(store, s, out);
}

err journal_order_settled(struct store *store, enum order_kind kind, enum payment_route network,
                          int32_t day, struct journal_order *out)
{
    struct store_statement *s;
    TRY(store_statement(store, SELECT "WHERE kind = ? AND network = ? AND day = ?", &s));
    store_bind_int(s, kind);
    store_bind_int(s, network);
    store_bind_int(s, day);
    return read_one(store, s, out);
}

/* The first column of a bound query without rows for "none", as a number; 0 for NULL. */
static err read_number(struct store_statement *s, int64_t *ret_number)
{
    bool there = false;
    int64_t number = 0;
    TRY(store_step(s, &there));
    if (there) number = store_read_int(s);
    err read = there ? store_read_finish(s) : OK;
    store_reset(s);
    TRY(read);
    *ret_number = number;
    return OK;
}

err journal_order_last_day(struct store *store, const char *mid, uint16_t currency,
                           int32_t *ret_day)
{
    struct store_statement *s;
    int64_t day = 0;
    TRY(store_statement(store,
                        "SELECT ifnull(max(day), 0) FROM money_order"
                        " WHERE mid = ? AND currency = ? AND kind = 5",
                        &s));
    store_bind_text(s, bytes_text(mid));
    store_bind_int(s, currency);
    TRY(read_number(s, &day));
    if (day < 0 || day > INT32_MAX) return ERR(CORRUPT);
    *ret_day = (int32_t)day;
    return OK;
}

err journal_order_last_of(struct store *store, const char *mid, int64_t *ret_number)
{
    struct store_statement *s;
    TRY(store_statement(store, "SELECT ifnull(max(number), 0) FROM money_order WHERE mid = ?", &s));
    store_bind_text(s, bytes_text(mid));
    return read_number(s, ret_number);
}

err journal_order_read(struct store *store, int64_t from, int64_t up_to_row,
                       struct journal_order *rows, size_t max, size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        SELECT "WHERE number >= ? AND after_row <= ? ORDER BY number LIMIT ?", &s));
    store_bind_int(s, from);
    store_bind_int(s, up_to_row);
    store_bind_int(s, (int64_t)max);
    TRY(read_rows(store, s, rows, max, ret_count));
    for (size_t i = 0; i < *ret_count; i++)
        if (rows[i].number != from + (int64_t)i)
            return store_refuse(store, ERR(CORRUPT), "a money order is missing", NULL);
    return OK;
}

err journal_order_list(struct store *store, enum order_kind kind, const char *mid, bool open,
                       int64_t from, struct journal_order *rows, size_t max, size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        SELECT "WHERE number >= ? AND kind = ? AND (? = '' OR mid = ?)"
                               " AND (? = 0 OR NOT EXISTS(SELECT 1 FROM money_order e"
                               " WHERE e.original = money_order.number"
                               " AND e.kind IN (2, 3, 4, 6, 7, 12))) ORDER BY number LIMIT ?",
                        &s));
    store_bind_int(s, from);
    store_bind_int(s, kind);
    store_bind_text(s, bytes_text(mid != NULL ? mid : ""));
    store_bind_text(s, bytes_text(mid != NULL ? mid : ""));
    store_bind_int(s, open);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, rows, max, ret_count);
}

err journal_order_open_at(struct store *store, enum order_kind kind, const char *mid, int64_t from,
                          int64_t up_to, struct journal_order *rows, size_t max, size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        SELECT "WHERE mid = ?1 AND kind = ?2 AND number BETWEEN ?3 AND ?4"
                               " AND NOT EXISTS(SELECT 1 FROM money_order e"
                               " WHERE e.original = money_order.number AND e.number <= ?4"
                               " AND e.kind IN (2, 3, 4, 6, 7, 12)) ORDER BY number LIMIT ?5",
                        &s));
    store_bind_text(s, bytes_text(mid));
    store_bind_int(s, kind);
    store_bind_int(s, from);
    store_bind_int(s, up_to);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, rows, max, ret_count);
}

err journal_order_overdue(struct store *store, int64_t at_ms, struct journal_order *rows,
                          size_t max, size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        SELECT "WHERE number IN (SELECT hold FROM hold_due WHERE deadline_ms <= ?1"
                               " ORDER BY deadline_ms LIMIT ?2) ORDER BY number",
                        &s));
    store_bind_int(s, at_ms);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, rows, max, ret_count);
}
