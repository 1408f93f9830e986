/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of terminal.db as sections of a backup: see backup_rows.h. */
#include "terminal/backup_rows.h"

#include "terminal/records_row.h"

/*
 * The state: what this shop has chosen always; batch and STAN only where this device has none yet:
 * one that has signed in is where its host says. It was not signed in with these keys.
 */
#define STATE_INSERT                                                                    \
    "UPDATE state SET language = ?1, shuffled = ?2, batch = iif(batch = 0, ?3, batch)," \
    " stan = iif(batch = 0, ?4, stan), batch_used = iif(batch = 0, ?5, batch_used),"    \
    " seen_ms = max(seen_ms, ?6), locked_by = '' WHERE id = 1"

#define PAYMENT_INSERT                                                                       \
    "INSERT INTO payment(number, " RECORDS_COLUMNS ", held, owed, restored) VALUES(?, ?, ?," \
    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"            \
    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

/* clang-format off */
const struct backup_table backup_tables[] = {
    {BACKUP_STATE, "iiiiii", "SELECT count(*) FROM state",
     "SELECT language, shuffled, batch, stan, batch_used, seen_ms FROM state", STATE_INSERT},
    {BACKUP_PARAMETER, "ti", "SELECT count(*) FROM parameter",
     "SELECT name, value FROM parameter ORDER BY name",
     "INSERT OR REPLACE INTO parameter(name, value) VALUES(?, ?)"},
    {BACKUP_GOOD, "iti", "SELECT count(*) FROM good",
     "SELECT number, name, price_minor FROM good ORDER BY number",
     "INSERT OR REPLACE INTO good(number, name, price_minor) VALUES(?, ?, ?)"},
    {BACKUP_ORDER, "iiiitii", "SELECT count(*) FROM orders",
     "SELECT number, state, total_minor, tip_minor, operator_id, begun_ms, ended_ms FROM orders ORDER BY number",
     "INSERT INTO orders(number, state, total_minor, tip_minor, operator_id, begun_ms, ended_ms) VALUES(?, ?, ?, ?, ?, ?, ?)"},
    {BACKUP_PAYMENT, "iii" "tt" "iiiiii" "ii" "ttttttttttt" "i" "b" "t" "ii" "ttt" "iiiiii" "b" "ii",
     "SELECT count(*) FROM payment",
     "SELECT number, " RECORDS_COLUMNS ", held, owed, restored FROM payment ORDER BY number", PAYMENT_INSERT},
    {BACKUP_BASKET, "iitii", "SELECT count(*) FROM basket",
     "SELECT payment, position, name, price_minor, quantity FROM basket ORDER BY payment, position",
     "INSERT INTO basket(payment, position, name, price_minor, quantity) VALUES(?, ?, ?, ?, ?)"},
    {BACKUP_SIGNATURE, "ib", "SELECT count(*) FROM signature",
     "SELECT payment, strokes FROM signature ORDER BY payment",
     "INSERT INTO signature(payment, strokes) VALUES(?, ?)"},
    {BACKUP_SHIFT, "ittiiiiiiiii", "SELECT count(*) FROM shift",
     "SELECT number, operator_id, closer_id, above, upto, from_ms, to_ms, count, minor, float_minor, cash_minor, counted_minor FROM shift ORDER BY number",
     "INSERT INTO shift(number, operator_id, closer_id, above, upto, from_ms, to_ms, count, minor, float_minor, cash_minor, counted_minor)"
     " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    {BACKUP_FLOAT, "ti", "SELECT count(*) FROM cash_float",
     "SELECT operator_id, minor FROM cash_float ORDER BY operator_id",
     "INSERT OR REPLACE INTO cash_float(operator_id, minor) VALUES(?, ?)"},
    {BACKUP_SETTLEMENT, "iiiiiiiiiitii", "SELECT count(*) FROM settlement",
     "SELECT number, batch, stage, flag, debits, debit_minor, credits, credit_minor, uploaded_to, uploaded, operator_id, begun_ms, closed_ms FROM settlement ORDER BY number",
     "INSERT INTO settlement(number, batch, stage, flag, debits, debit_minor, credits, credit_minor, uploaded_to, uploaded, operator_id, begun_ms, closed_ms)"
     " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    {BACKUP_SHOWN, "ti", "SELECT count(*) FROM shown",
     "SELECT what, at_ms FROM shown ORDER BY what",
     "INSERT OR REPLACE INTO shown(what, at_ms) VALUES(?, ?)"},
    {BACKUP_OWED, "ii", "SELECT count(*) FROM order_slip",
     "SELECT number, owed FROM order_slip ORDER BY number",
     "INSERT OR REPLACE INTO order_slip(number, owed) VALUES(?, ?)"},
    {BACKUP_SHOP, "it", "SELECT count(*) FROM shop_name",
     "SELECT since_ms, name FROM shop_name ORDER BY since_ms",
     "INSERT OR IGNORE INTO shop_name(since_ms, name) VALUES(?, ?)"},
};
/* clang-format on */

const size_t backup_table_count = ARRAY_LEN(backup_tables);

const struct backup_table *backup_table_of(uint8_t kind)
{
    for (size_t i = 0; i < backup_table_count; i++)
        if (backup_tables[i].kind == kind) return &backup_tables[i];
    return NULL;
}

/* ---- writing ---- */

static void write_number(struct writer *w, int64_t value)
{
    uint64_t zigzag = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
    size_t width = 0;
    while (width < 8 && zigzag >> (8 * width) != 0) width++;
    write_be(w, width, 1);
    write_be(w, zigzag, width);
}

err backup_row_write(const struct backup_table *table, struct store_statement *select,
                     struct writer *w)
{
    uint8_t block[BACKUP_ROW_MAX];
    struct writer row = writer_over(block, sizeof block);
    for (const char *type = table->types; *type != '\0'; type++) {
        if (*type == 'i') write_number(&row, store_read_int(select));
        else
            write_prefixed(&row, 2,
                           *type == 't' ? store_read_text(select) : store_read_blob(select));
    }
    TRY(store_read_finish(select));
    TRY((err){row.fault});
    write_prefixed(w, 2, writer_view(&row));
    return (err){w->fault};
}

/* ---- reading ---- */

/* One number has one spelling. */
static int64_t read_number(struct reader *r)
{
    size_t width = (size_t)read_be(r, 1);
    if (width > 8) {
        reader_fail(r, ERR_FORMAT);
        return 0;
    }
    uint64_t zigzag = read_be(r, width);
    if (width > 0 && zigzag >> (8 * (width - 1)) == 0) reader_fail(r, ERR_FORMAT);
    return (int64_t)(zigzag >> 1) ^ -(int64_t)(zigzag & 1);
}

err backup_row_read(const struct backup_table *table, size_t columns, struct reader *piece,
                    struct backup_row *out)
{
    struct bytes whole = read_prefixed(piece, 2, BACKUP_ROW_MAX);
    if (piece->fault != ERR_OK) return (err){piece->fault};
    struct reader r = reader_over(whole);
    struct backup_row row = {.columns = columns};
    ENSURE(columns <= strlen(table->types) && columns <= BACKUP_COLUMNS_MAX);
    for (size_t i = 0; i < columns; i++) {
        if (table->types[i] == 'i') row.number[i] = read_number(&r);
        else row.text[i] = read_prefixed(&r, 2, BACKUP_ROW_MAX);
    }
    TRY(reader_finish(&r));
    *out = row;
    return OK;
}

/* Beyond the columns that were there then, nothing and zero: the defaults of the tables. */
err backup_row_insert(const struct backup_table *table, const struct backup_row *row,
                      struct store *store)
{
    struct store_statement *s;
    TRY(store_statement(store, table->insert, &s));
    for (size_t i = 0; table->types[i] != '\0'; i++) {
        bool there = i < row->columns;
        struct bytes bytes = there ? row->text[i] : (struct bytes){0};
        if (table->types[i] == 'i') store_bind_int(s, there ? row->number[i] : 0);
        else if (table->types[i] == 't') store_bind_text(s, bytes);
        else store_bind_blob(s, bytes);
    }
    return store_run(s);
}
