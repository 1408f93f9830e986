/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of what plates have taken, a row for each plate and day, and for each customer of it. */
#include "journal/plate.h"

static const char *const migration[] = {
    "CREATE TABLE plate_day(plate TEXT NOT NULL, day INTEGER NOT NULL, asked INTEGER NOT NULL,"
    " count INTEGER NOT NULL, minor INTEGER NOT NULL, PRIMARY KEY(day, plate),"
    " CHECK(count >= 0 AND minor >= 0 AND asked >= count)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE plate_customer(customer TEXT NOT NULL, day INTEGER NOT NULL,"
    " class INTEGER NOT NULL, plate TEXT NOT NULL, minor INTEGER NOT NULL,"
    " PRIMARY KEY(customer, day, class, plate), CHECK(minor >= 0)) STRICT, WITHOUT ROWID;",
};

const struct store_schema journal_plate_schema = {"plates", migration, ARRAY_LEN(migration)};

err journal_plate_day(struct store *store, const char *plate, uint32_t day,
                      struct journal_plate_day *out)
{
    struct store_statement *query;
    struct journal_plate_day read = {.day = day};
    bool row = false;
    TRY(bytes_to_text(bytes_text(plate), read.plate, sizeof read.plate));
    TRY(store_statement(
        store, "SELECT count, minor, asked FROM plate_day WHERE day = ? AND plate = ?", &query));
    store_bind_int(query, day);
    store_bind_text(query, bytes_text(plate));
    TRY(store_step(query, &row));
    if (row) {
        read.count = store_read_int(query);
        read.minor = store_read_int(query);
        read.asked = store_read_int(query);
        err finished = store_read_finish(query);
        store_reset(query);
        TRY(finished);
    }
    *out = read;
    return OK;
}

err journal_plate_number(struct store *store, const char *plate, uint32_t day, uint32_t *ret_number)
{
    struct journal_plate_day today;
    TRY(journal_plate_day(store, plate, day, &today));
    if (today.asked >= 999999) return ERR(FULL);
    *ret_number = (uint32_t)today.asked + 1;
    return OK;
}

err journal_plate_take_number(struct store *store, const char *plate, uint32_t day)
{
    struct store_statement *put;
    TRY(store_statement(store,
                        "INSERT INTO plate_day VALUES(?, ?, 1, 0, 0) ON CONFLICT(day, plate)"
                        " DO UPDATE SET asked = asked + 1",
                        &put));
    store_bind_text(put, bytes_text(plate));
    store_bind_int(put, day);
    return store_run(put);
}

err journal_plate_add(struct store *store, const char *plate, uint32_t day, const char *customer,
                      int class, int64_t minor, int count)
{
    struct store_statement *put;
    TRY(store_statement(store,
                        "UPDATE plate_day SET count = count + ?, minor = minor + ?"
                        " WHERE day = ? AND plate = ?",
                        &put));
    store_bind_int(put, count);
    store_bind_int(put, minor);
    store_bind_int(put, day);
    store_bind_text(put, bytes_text(plate));
    TRY(store_run(put));
    TRY(store_statement(store,
                        minor < 0 ? "UPDATE plate_customer SET minor = minor + ?5 WHERE"
                                    " customer = ?1 AND day = ?2 AND class = ?3 AND plate = ?4"
                                  : "INSERT INTO plate_customer VALUES(?1, ?2, ?3, ?4, ?5)"
                                    " ON CONFLICT DO UPDATE SET minor = minor + excluded.minor",
                        &put));
    store_bind_text(put, bytes_text(customer));
    store_bind_int(put, day);
    store_bind_int(put, class);
    store_bind_text(put, bytes_text(plate));
    store_bind_int(put, minor);
    return store_run(put);
}

err journal_plate_customer(struct store *store, const char *customer, int class, uint32_t day,
                           int64_t *ret_minor)
{
    struct store_statement *query;
    int64_t sum = 0;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT coalesce(sum(minor), 0) FROM plate_customer"
                        " WHERE customer = ? AND day = ? AND class = ?",
                        &query));
    store_bind_text(query, bytes_text(customer));
    store_bind_int(query, day);
    store_bind_int(query, class);
    TRY(store_step(query, &row));
    if (row) sum = store_read_int(query);
    err finished = row ? store_read_finish(query) : OK;
    if (row) store_reset(query);
    TRY(finished);
    *ret_minor = sum;
    return OK;
}

err journal_plate_days(struct store *store, uint32_t from, const char *after_plate,
                       struct journal_plate_day *rows, size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    err read = OK;
    TRY(store_statement(store,
                        "SELECT plate, day, count, minor, asked FROM plate_day"
                        " WHERE (day, plate) > (?, ?) ORDER BY day, plate LIMIT ?",
                        &query));
    store_bind_int(query, from);
    store_bind_text(query, bytes_text(after_plate));
    store_bind_int(query, (int64_t)max);
    for (bool row = false; !FAILED(read); count++) {
        read = store_step(query, &row);
        if (FAILED(read) || !row) break;
        ENSURE(count < max);
        store_read_text_into(query, rows[count].plate, sizeof rows[count].plate);
        rows[count].day = (uint32_t)store_read_int(query);
        rows[count].count = store_read_int(query);
        rows[count].minor = store_read_int(query);
        rows[count].asked = store_read_int(query);
        read = store_read_finish(query);
    }
    store_reset(query);
    TRY(read);
    *ret_count = count;
    return OK;
}
