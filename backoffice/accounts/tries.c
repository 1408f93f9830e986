/* SPDX-License-Identifier: Apache-2.0 */
/* Budgets of tries, a row each. */
#include "backoffice/accounts/tries.h"

static struct tries_key key_of(const char *label, int64_t number, bool known)
{
    struct tries_key key = {.known = known};
    uint8_t block[8];
    struct writer w = writer_over(block, sizeof block);
    write_be(&w, (uint64_t)number, sizeof block);
    token_digest(label, writer_view(&w), key.at);
    return key;
}

struct tries_key tries_of_account(int64_t account)
{
    return key_of("tries account", account, true);
}

struct tries_key tries_of_inside(int64_t account)
{
    return key_of("tries inside", account, true);
}

struct tries_key tries_of_device(int64_t device)
{
    return key_of("tries device", device, true);
}

struct tries_key tries_of_name(enum realm realm, struct bytes name)
{
    struct tries_key key = {.known = false};
    token_digest(realm == REALM_STAFF ? "tries staff name" : "tries console name", name, key.at);
    return key;
}

struct spent {
    int64_t window_ms, used, total;
};

static err read_spent(struct store *store, const struct tries_key *key, struct spent *out)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT window_ms, used, total FROM tries WHERE key = ?", &query));
    store_bind_blob(query, BYTES_OF(key->at));
    TRY(store_step(query, &row));
    *out = (struct spent){0};
    if (!row) return OK;
    *out = (struct spent){store_read_int(query), store_read_int(query), store_read_int(query)};
    store_reset(query);
    return OK;
}

err tries_spend(struct store_tx *tx, const struct tries_key *key, int64_t now_ms, bool *ret_go,
                bool *ret_last)
{
    struct spent s;
    struct store_statement *put;
    TRY(read_spent(tx->store, key, &s));
    if (now_ms - s.window_ms >= TRIES_FORGET_MS) s.total = 0;
    /* A clock that was set back begins the window anew: it locks nobody out, and gives ten. */
    if (now_ms - s.window_ms >= TRIES_WINDOW_MS || now_ms < s.window_ms) {
        s.window_ms = now_ms;
        s.used = 0;
    }
    bool go = s.used < TRIES_IN_WINDOW && s.total < TRIES_IN_ALL;
    if (go) { /* the window is quiet time: no half hour has more than ten in it */
        s.window_ms = now_ms;
        s.used++;
        s.total++;
    }
    TRY(store_statement(
        tx->store,
        "INSERT INTO tries(key, known, window_ms, used, total) VALUES(?, ?, ?, ?, ?)"
        " ON CONFLICT(key) DO UPDATE SET window_ms = excluded.window_ms,"
        " used = excluded.used, total = excluded.total",
        &put));
    store_bind_blob(put, BYTES_OF(key->at));
    store_bind_int(put, key->known);
    store_bind_int(put, s.window_ms);
    store_bind_int(put, s.used);
    store_bind_int(put, s.total);
    TRY(store_run(put));
    *ret_go = go;
    *ret_last = go && (s.used == TRIES_IN_WINDOW || s.total == TRIES_IN_ALL);
    return OK;
}

err tries_give_back(struct store_tx *tx, const struct tries_key *key)
{
    struct store_statement *drop;
    TRY(store_statement(tx->store, "DELETE FROM tries WHERE key = ?", &drop));
    store_bind_blob(drop, BYTES_OF(key->at));
    return store_run(drop);
}

err tries_sweep(struct backoffice *b, int64_t now_ms)
{
    struct store_statement *drop;
    TRY(store_statement(b->store, "DELETE FROM tries WHERE known = 0 AND window_ms < ?", &drop));
    store_bind_int(drop, now_ms - TRIES_NAME_MS);
    return store_run(drop);
}
