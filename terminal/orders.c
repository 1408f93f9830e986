/* SPDX-License-Identifier: Apache-2.0 */
/* Orders in terminal.db: see orders.h. */
#include "terminal/orders.h"

#include "lib/store/audit.h"
#include "lib/store/migrate.h"
#include "payment/follow.h"
#include "terminal/goods.h"
#include "terminal/records_row.h"

static const char *const migration[] = {
    "CREATE TABLE orders(number INTEGER PRIMARY KEY, state INTEGER NOT NULL,"
    " total_minor INTEGER NOT NULL CHECK(total_minor > 0), tip_minor INTEGER NOT NULL,"
    " operator_id TEXT NOT NULL,"
    " begun_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL) STRICT;"
    /* Two at one time are a bug, and are refused. */
    "CREATE UNIQUE INDEX orders_open ON orders((1)) WHERE state < 3;"
    "CREATE TRIGGER orders_ended BEFORE UPDATE ON orders WHEN old.state >= 3"
    " BEGIN SELECT RAISE(ABORT, 'an order that has ended stays as it is'); END;"
    "CREATE INDEX payment_order ON payment(order_number, number) WHERE order_number > 0;",
    /* Slips of paid orders that are owed: enum records_paper. */
    "CREATE TABLE order_slip(number INTEGER PRIMARY KEY,"
    " owed INTEGER NOT NULL CHECK(owed IN (1, 2))) STRICT;",
};

const struct store_schema orders_schema = {"orders", migration, ARRAY_LEN(migration)};

_Static_assert(ORDER_OPEN == 1 && ORDER_GIVING_UP == 2 && ORDER_PAID == 3, "the index says so");

#define OF_ORDER " FROM payment INDEXED BY payment_order WHERE order_number = ? AND " RECORDS_PAID

static err sum(struct records *r, struct order *order)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT coalesce(sum(amount_minor" RECORDS_ORDER_SIGN "), 0)" OF_ORDER
                        " AND order_number > 0",
                        &s));
    store_bind_int(s, order->number);
    TRY(store_step(s, &row));
    ENSURE(row);
    order->paid_minor = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    return e;
}

#define ORDER_COLUMNS "number, state, total_minor, tip_minor, operator_id, begun_ms, ended_ms"

/* The one row of a query for ORDER_COLUMNS. */
static err one(struct records *r, struct store_statement *s, struct order *out)
{
    struct order read;
    bool row;
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    read.number = store_read_int(s);
    int64_t state = store_read_int(s);
    read.state =
        state >= ORDER_OPEN && state <= ORDER_GIVEN_UP ? (enum order_state)state : ORDER_GIVING_UP;
    read.total_minor = store_read_int(s);
    read.tip_minor = store_read_int(s);
    store_read_text_into(s, read.operator_id, sizeof read.operator_id);
    read.begun_ms = store_read_int(s);
    read.ended_ms = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    TRY(sum(r, &read));
    *out = read;
    return OK;
}

err orders_open(struct records *r, struct order *out)
{
    struct store_statement *s;
    TRY(store_statement(
        r->store, "SELECT " ORDER_COLUMNS " FROM orders INDEXED BY orders_open WHERE state < 3",
        &s));
    err found = one(r, s, out);
    if (found.code != ERR_NOT_FOUND) return found;
    *out = (struct order){.state = ORDER_NONE};
    return OK;
}

err orders_get(struct records *r, int64_t number, struct order *out)
{
    struct store_statement *s;
    TRY(store_statement(
        r->store, "SELECT " ORDER_COLUMNS " FROM orders WHERE number = ? AND state >= 3", &s));
    store_bind_int(s, number);
    return one(r, s, out);
}

static err note(struct store_tx *tx, const struct order *order, const char *event,
                const char *actor, int64_t at_ms)
{
    char subject[24], detail[MONEY_TEXT_MAX + 1];
    struct writer number = writer_over(subject, sizeof subject - 1);
    struct writer total = writer_over(detail, sizeof detail - 1);
    write_format(&number, "%lld", (long long)order->number);
    money_write(&total, order->total_minor);
    subject[number.len] = detail[total.len] = '\0';
    struct audit_entry entry = {at_ms, bytes_text(actor), bytes_text(event), bytes_text(subject),
                                bytes_text(detail)};
    return audit_append(tx, &entry);
}

/* Baskets are kept by the numbers of payments; those of orders have the numbers below nothing. */
static int64_t basket_key(const struct order *order)
{
    return -order->number;
}

err orders_basket(struct records *r, const struct order *order, struct basket *out)
{
    return goods_of(r->store, basket_key(order), out);
}

err orders_begin(struct records *r, struct order *order, const struct basket *basket)
{
    struct store_statement *s;
    struct order begun = *order;
    ENSURE(order->number == 0 && order->total_minor > 0);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(store_statement(r->store, "INSERT INTO orders VALUES(NULL, 1, ?, ?, ?, ?, 0)", &s));
    store_bind_int(s, order->total_minor);
    store_bind_int(s, order->tip_minor);
    store_bind_text(s, bytes_text(order->operator_id));
    store_bind_int(s, order->begun_ms);
    TRY(store_run(s));
    begun.number = store_last_id(r->store);
    begun.state = ORDER_OPEN;
    TRY(goods_keep(r->store, basket_key(&begun), basket));
    TRY(note(&tx, &begun, "order_begun", order->operator_id, order->begun_ms));
    TRY(store_commit(&tx));
    *order = begun;
    return OK;
}

err orders_turn(struct records *r, struct order *order, enum order_state state, const char *actor,
                int64_t at_ms)
{
    static const char *const events[] = {
        [ORDER_GIVING_UP] = "order_giving_up",
        [ORDER_PAID] = "order_paid",
        [ORDER_GIVEN_UP] = "order_given_up",
    };
    struct store_statement *s;
    ENSURE(order->number > 0 && state > order->state);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(store_statement(r->store, "UPDATE orders SET state = ?, ended_ms = ? WHERE number = ?",
                        &s));
    store_bind_int(s, state);
    store_bind_int(s, state >= ORDER_PAID ? at_ms : 0);
    store_bind_int(s, order->number);
    TRY(store_run(s));
    ENSURE(store_changes(r->store) == 1);
    TRY(note(&tx, order, events[state], actor, at_ms));
    if (state == ORDER_PAID) TRY(records_row_owe(r, -order->number, RECORDS_OWED));
    TRY(store_commit(&tx));
    order->state = state;
    return OK;
}

/* Approved payments of it with numbers above `above`, oldest first: parts, and what took them back.
 */
static err page(struct records *r, int64_t number, int64_t above, struct records_row *rows,
                size_t max, size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row;
    ENSURE(number > 0);
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS OF_ORDER
                        " AND order_number > 0 AND number > ? ORDER BY number LIMIT ?",
                        &s));
    store_bind_int(s, number);
    store_bind_int(s, above);
    store_bind_int(s, (int64_t)max);
    TRY(store_step(s, &row));
    while (row) {
        ENSURE(count < max);
        rows[count].number = store_read_int(s);
        records_row_read(s, &rows[count].payment);
        count++;
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}

/* Is something of it still paid? */
static err stands(struct records *r, const struct payment *part, bool *ret_stands)
{
    struct payment_trail trail;
    *ret_stands = false;
    if (payment_linked(part->type)) return OK; /* it has taken a part back */
    TRY(records_trail(r, &part->key, &trail));
    *ret_stands = trail.under_way || payment_trail_left(&trail, part) > 0;
    return OK;
}

err orders_parts(struct records *r, int64_t number, struct records_row *rows, size_t *ret_count)
{
    struct records_row some[8];
    size_t read, count = 0;
    int64_t above = 0;
    do {
        TRY(page(r, number, above, some, ARRAY_LEN(some), &read));
        for (size_t i = 0; i < read; i++) {
            bool standing;
            TRY(stands(r, &some[i].payment, &standing));
            if (standing && count < ORDER_PARTS) rows[count++] = some[i];
            above = some[i].number;
        }
    } while (read == ARRAY_LEN(some));
    *ret_count = count;
    return OK;
}
