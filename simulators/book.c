/* SPDX-License-Identifier: Apache-2.0 */
/* What the networks have done: an open-addressed table with a store behind it. */
#include "simulators/book.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "lib/store/migrate.h"

struct book {
    struct entry *entry;
    size_t capacity, used;
    uint16_t counter[BOOK_CARDS][BOOK_SEQUENCES];
    size_t taken_count;
    uint32_t taken[BOOK_TAKEN]; /* open addressing: taken_key(), 0 is free */
    struct store *store;
    struct store_tx tx;
    bool open; /* a transaction has begun and not been committed */
};

static const char *const migration[] = {
    "CREATE TABLE entry(rrn TEXT PRIMARY KEY, state INTEGER NOT NULL, route INTEGER NOT NULL,"
    " class INTEGER NOT NULL, account INTEGER NOT NULL, response_code TEXT NOT NULL,"
    " auth_code TEXT NOT NULL, amount_minor INTEGER NOT NULL, due_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;",
    "CREATE TABLE chip(account INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    " counter INTEGER NOT NULL, PRIMARY KEY(account, sequence)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE taken(key INTEGER PRIMARY KEY) STRICT;",
    "ALTER TABLE entry ADD COLUMN type INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE entry ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE entry ADD COLUMN original TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE entry ADD COLUMN given_minor INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE entry ADD COLUMN raised_minor INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE entry ADD COLUMN day INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE entry ADD COLUMN plate TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE entry ADD COLUMN merchant TEXT NOT NULL DEFAULT '';",
    "ALTER TABLE entry ADD COLUMN before_minor INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE entry ADD COLUMN instalment_minor INTEGER NOT NULL DEFAULT 0;",
    /* Zone keys, sealed as they came; until_ms: when the set before is over, 0: not used yet. */
    "CREATE TABLE zone_keys(number INTEGER PRIMARY KEY, told BLOB NOT NULL,"
    " until_ms INTEGER NOT NULL) STRICT;"};

static const struct store_schema schema = {"networks", migration, ARRAY_LEN(migration)};

static size_t slot_of(const struct book *book, struct bytes rrn)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < rrn.len; i++) hash = (hash ^ rrn.at[i]) * UINT64_C(0x100000001b3);
    size_t slot = (size_t)(hash ^ hash >> 32) & (book->capacity - 1);
    while (book->entry[slot].state != ENTRY_NONE &&
           memcmp(book->entry[slot].rrn, rrn.at, sizeof book->entry[slot].rrn - 1) != 0)
        slot = (slot + 1) & (book->capacity - 1);
    return slot;
}

static err place(struct book *book, const struct entry *entry)
{
    size_t slot = slot_of(book, bytes_text(entry->rrn));
    if (book->entry[slot].state == ENTRY_NONE) {
        if (book->used >= book->capacity - book->capacity / 8) return ERR(FULL);
        book->used++;
    }
    book->entry[slot] = *entry;
    return OK;
}

static err load_counters(struct book *book)
{
    struct store_statement *s;
    TRY(store_statement(book->store, "SELECT account, sequence, counter FROM chip", &s));
    for (;;) {
        bool row;
        TRY(store_step(s, &row));
        if (!row) return OK;
        int64_t account = store_read_int(s), sequence = store_read_int(s);
        int64_t counter = store_read_int(s);
        TRY(store_read_finish(s));
        if (account < 0 || account >= BOOK_CARDS || sequence < 0 || sequence >= BOOK_SEQUENCES)
            return ERR(CORRUPT);
        book->counter[account][sequence] = (uint16_t)counter;
    }
}

static uint32_t taken_key(uint8_t account, unsigned sequence, uint16_t counter)
{
    return UINT32_C(1) << 31 | (uint32_t)account << 23 | sequence << 16 | counter;
}

/* Its place, or the free one where it belongs. */
static size_t taken_slot(const struct book *book, uint32_t key)
{
    size_t slot = (key * UINT32_C(2654435761)) >> 16 & (BOOK_TAKEN - 1);
    while (book->taken[slot] != 0 && book->taken[slot] != key) slot = (slot + 1) & (BOOK_TAKEN - 1);
    return slot;
}

static err put_taken(struct book *book, uint32_t key)
{
    if (book->taken_count >= BOOK_TAKEN - BOOK_TAKEN / 8) return ERR(FULL);
    book->taken[taken_slot(book, key)] = key;
    book->taken_count++;
    return OK;
}

static err load_taken(struct book *book)
{
    struct store_statement *s;
    TRY(store_statement(book->store, "SELECT key FROM taken", &s));
    for (;;) {
        bool row;
        TRY(store_step(s, &row));
        if (!row) return OK;
        int64_t key = store_read_int(s);
        TRY(store_read_finish(s));
        if (key <= 0 || key > UINT32_MAX) return ERR(CORRUPT);
        TRY(put_taken(book, (uint32_t)key));
    }
}

static err load(struct book *book)
{
    TRY(store_migrate(book->store, &schema));
    TRY(load_counters(book));
    TRY(load_taken(book));
    struct store_statement *s;
    TRY(store_statement(book->store,
                        "SELECT rrn, state, route, class, account, response_code, auth_code,"
                        " amount_minor, due_ms, type, ended, original, given_minor, raised_minor,"
                        " day, plate, merchant, before_minor, instalment_minor FROM entry",
                        &s));
    for (;;) {
        bool row;
        TRY(store_step(s, &row));
        if (!row) return OK;
        struct entry e = {0};
        store_read_text_into(s, e.rrn, sizeof e.rrn);
        e.state = (uint8_t)store_read_int(s);
        e.route = (uint8_t)store_read_int(s);
        e.class = (uint8_t)store_read_int(s);
        e.account = (uint8_t)store_read_int(s);
        store_read_text_into(s, e.response_code, sizeof e.response_code);
        store_read_text_into(s, e.auth_code, sizeof e.auth_code);
        e.amount_minor = store_read_int(s);
        e.due_ms = store_read_int(s);
        e.type = (uint8_t)store_read_int(s);
        e.ended = (uint8_t)store_read_int(s);
        store_read_text_into(s, e.original, sizeof e.original);
        e.given_minor = store_read_int(s);
        e.raised_minor = store_read_int(s);
        e.day = (int32_t)store_read_int(s);
        store_read_text_into(s, e.plate, sizeof e.plate);
        store_read_text_into(s, e.merchant, sizeof e.merchant);
        e.before_minor = store_read_int(s);
        e.instalment_minor = store_read_int(s);
        TRY(store_read_finish(s));
        TRY(place(book, &e));
    }
}

err book_open(size_t capacity, struct store *store, struct book **ret_book)
{
    ENSURE(capacity > 0 && (capacity & (capacity - 1)) == 0);
    struct book *book = calloc(1, sizeof *book);
    if (book == NULL) return ERR(NO_MEMORY);
    /* Mapped, not allocated: pages that no payment ever touches cost nothing. */
    void *table = mmap(NULL, capacity * sizeof *book->entry, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (table == MAP_FAILED) {
        free(book);
        return ERR(NO_MEMORY);
    }
    *book = (struct book){.entry = table, .capacity = capacity, .store = store};
    err loaded = store != NULL ? load(book) : OK;
    if (FAILED(loaded)) {
        book_close(book);
        return loaded;
    }
    *ret_book = book;
    return OK;
}

void book_close(struct book *book)
{
    if (book == NULL) return;
    if (book->open) store_rollback(&book->tx);
    munmap(book->entry, book->capacity * sizeof *book->entry);
    free(book);
}

const struct entry *book_find(const struct book *book, struct bytes rrn)
{
    ENSURE(rrn.len == sizeof book->entry->rrn - 1);
    const struct entry *entry = &book->entry[slot_of(book, rrn)];
    return entry->state == ENTRY_NONE ? NULL : entry;
}

static err begin(struct book *book)
{
    if (book->open) return OK;
    TRY(store_begin(book->store, &book->tx));
    book->open = true;
    return OK;
}

uint16_t book_counter(const struct book *book, uint8_t account, unsigned sequence)
{
    ENSURE(account < BOOK_CARDS && sequence < BOOK_SEQUENCES);
    return book->counter[account][sequence];
}

err book_count(struct book *book, uint8_t account, unsigned sequence, uint16_t counter)
{
    ENSURE(account < BOOK_CARDS && sequence < BOOK_SEQUENCES);
    if (book->store != NULL) {
        struct store_statement *s;
        TRY(begin(book));
        TRY(store_statement(book->store, "INSERT OR REPLACE INTO chip VALUES(?, ?, ?)", &s));
        store_bind_int(s, account);
        store_bind_int(s, sequence);
        store_bind_int(s, counter);
        TRY(store_run(s));
    }
    book->counter[account][sequence] = counter;
    return OK;
}

err book_take(struct book *book, uint8_t account, unsigned sequence, uint16_t counter,
              bool *ret_new)
{
    ENSURE(account < BOOK_CARDS && sequence < BOOK_SEQUENCES);
    uint32_t key = taken_key(account, sequence, counter);
    bool known = book->taken[taken_slot(book, key)] == key;
    if (!known && book->store != NULL) {
        struct store_statement *s;
        TRY(begin(book));
        TRY(store_statement(book->store, "INSERT INTO taken VALUES(?)", &s));
        store_bind_int(s, key);
        TRY(store_run(s));
    }
    if (!known) TRY(put_taken(book, key));
    *ret_new = !known;
    return OK;
}

static err store_entry(struct book *book, const struct entry *e)
{
    TRY(begin(book));
    struct store_statement *s;
    TRY(store_statement(book->store,
                        "INSERT OR REPLACE INTO entry(rrn, state, route, class, account,"
                        " response_code, auth_code, amount_minor, due_ms, type, ended, original,"
                        " given_minor, raised_minor, day, plate, merchant, before_minor,"
                        " instalment_minor)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(e->rrn));
    store_bind_int(s, e->state);
    store_bind_int(s, e->route);
    store_bind_int(s, e->class);
    store_bind_int(s, e->account);
    store_bind_text(s, bytes_text(e->response_code));
    store_bind_text(s, bytes_text(e->auth_code));
    store_bind_int(s, e->amount_minor);
    store_bind_int(s, e->due_ms);
    store_bind_int(s, e->type);
    store_bind_int(s, e->ended);
    store_bind_text(s, bytes_text(e->original));
    store_bind_int(s, e->given_minor);
    store_bind_int(s, e->raised_minor);
    store_bind_int(s, e->day);
    store_bind_text(s, bytes_text(e->plate));
    store_bind_text(s, bytes_text(e->merchant));
    store_bind_int(s, e->before_minor);
    store_bind_int(s, e->instalment_minor);
    return store_run(s);
}

err book_put(struct book *book, const struct entry *entry)
{
    ENSURE(strlen(entry->rrn) == 12 && entry->state != ENTRY_NONE);
    if (book->store != NULL) TRY(store_entry(book, entry));
    return place(book, entry);
}

err book_put_keys(struct book *book, int64_t number, struct bytes told, int64_t until_ms)
{
    struct store_statement *s;
    if (book->store == NULL) return OK;
    TRY(begin(book));
    TRY(store_statement(book->store, "INSERT OR REPLACE INTO zone_keys VALUES(?, ?, ?)", &s));
    store_bind_int(s, number);
    store_bind_blob(s, told);
    store_bind_int(s, until_ms);
    return store_run(s);
}

err book_keys_until(struct book *book, int64_t number, int64_t until_ms)
{
    struct store_statement *s;
    if (book->store == NULL) return OK;
    TRY(begin(book));
    TRY(store_statement(book->store, "UPDATE zone_keys SET until_ms = ? WHERE number = ?", &s));
    store_bind_int(s, until_ms);
    store_bind_int(s, number);
    return store_run(s);
}

err book_drop_keys(struct book *book, int64_t below)
{
    struct store_statement *s;
    if (book->store == NULL) return OK;
    TRY(begin(book));
    TRY(store_statement(book->store, "DELETE FROM zone_keys WHERE number < ?", &s));
    store_bind_int(s, below);
    return store_run(s);
}

err book_keys(struct book *book, book_each_keys each, void *context)
{
    struct store_statement *s;
    err e = OK;
    bool row = false;
    if (book->store == NULL) return OK;
    TRY(store_statement(book->store,
                        "SELECT number, told, until_ms FROM (SELECT * FROM zone_keys"
                        " ORDER BY number DESC LIMIT 2) ORDER BY number",
                        &s));
    e = store_step(s, &row);
    while (!FAILED(e) && row) {
        int64_t number = store_read_int(s);
        struct bytes told = store_read_blob(s);
        int64_t until_ms = store_read_int(s);
        e = store_read_finish(s);
        if (!FAILED(e)) e = each(context, number, told, until_ms);
        if (!FAILED(e)) e = store_step(s, &row);
    }
    store_reset(s);
    return e;
}

err book_flush(struct book *book)
{
    if (!book->open) return OK;
    TRY(store_commit(&book->tx));
    book->open = false;
    return OK;
}

void book_each(const struct book *book, void (*each)(void *context, const struct entry *entry),
               void *context)
{
    for (size_t i = 0; i < book->capacity; i++)
        if (book->entry[i].state != ENTRY_NONE) each(context, &book->entry[i]);
}
