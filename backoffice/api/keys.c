/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of programs: made once, found by their hash. */
#include "backoffice/api/keys.h"

#include <stdio.h>

static const char label[] = "api-key", prefix[] = "tbk_";

/* Six characters: 36 bits, so that a typing error is found and nothing is proved. */
static void checksum(struct bytes token, char ret_text[7])
{
    token_digest_text("api-key-checksum", token, ret_text, 6);
}

static err hash_of(struct bytes text, uint8_t ret_hash[TOKEN_HASH_BYTES])
{
    char sum[7];
    size_t head = sizeof prefix - 1;
    if (text.len != KEY_TEXT || memcmp(text.at, prefix, head) != 0) return ERR(FORMAT);
    struct bytes token = bytes_of(text.at + head, TOKEN_TEXT);
    checksum(token, sum);
    if (text.at[head + TOKEN_TEXT] != '_' || memcmp(text.at + head + TOKEN_TEXT + 1, sum, 6) != 0)
        return ERR(FORMAT);
    return token_hash(label, token, ret_hash);
}

static err count_of(struct store *store, const char *mid, int64_t now_ms, int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT count(*) FROM api_key WHERE mid = ?1 AND revoked_ms = 0"
                        " AND ends_ms > ?2",
                        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_int(query, now_ms);
    TRY(store_step(query, &row));
    *ret_count = row ? store_read_int(query) : 0;
    store_reset(query);
    return OK;
}

err key_make(struct backoffice *b, struct store_tx *tx, const struct api_key *key,
             char ret_text[KEY_TEXT + 1], int64_t *ret_id)
{
    CLEANUP(token_wipe) struct token token;
    struct store_statement *insert;
    char sum[7];
    int64_t count;
    TRY(count_of(tx->store, key->mid, key->made_ms, &count));
    if (count >= KEYS_EACH) return ERR(FULL);
    token_make(&b->config.random, label, &token);
    checksum(bytes_text(token.text), sum);
    TRY(store_statement(tx->store, "INSERT INTO api_key VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)",
                        &insert));
    store_bind_blob(insert, BYTES_OF(token.hash));
    store_bind_text(insert, bytes_text(key->name));
    store_bind_int(insert, key->scopes);
    store_bind_text(insert, bytes_text(key->mid));
    store_bind_int(insert, key->outlet);
    store_bind_int(insert, key->made_ms);
    store_bind_int(insert, key->ends_ms);
    store_bind_text(insert, bytes_text(key->by));
    TRY(store_run(insert));
    *ret_id = store_last_id(tx->store);
    snprintf(ret_text, KEY_TEXT + 1, "%s%s_%s", prefix, token.text, sum);
    return OK;
}

static err read_key(struct store_statement *query, struct api_key *key)
{
    *key = (struct api_key){.id = store_read_int(query)};
    store_read_text_into(query, key->name, sizeof key->name);
    key->scopes = (unsigned)store_read_int(query);
    store_read_text_into(query, key->mid, sizeof key->mid);
    key->outlet = (uint32_t)store_read_int(query);
    key->made_ms = store_read_int(query);
    key->ends_ms = store_read_int(query);
    key->used_ms = store_read_int(query);
    key->revoked_ms = store_read_int(query);
    store_read_text_into(query, key->by, sizeof key->by);
    return store_read_finish(query);
}

err key_find(struct backoffice *b, struct bytes text, int64_t now_ms, struct api_key *ret_key)
{
    uint8_t hash[TOKEN_HASH_BYTES];
    struct store_statement *query;
    bool row = false;
    TRY(hash_of(text, hash));
    TRY(store_statement(b->store,
                        "SELECT id, name, scopes, mid, outlet, made_ms, ends_ms, used_ms,"
                        " revoked_ms, made_by FROM api_key WHERE hash = ?",
                        &query));
    store_bind_blob(query, BYTES_OF(hash));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_key(query, ret_key);
    store_reset(query);
    TRY(read);
    return ret_key->revoked_ms != 0 || ret_key->ends_ms <= now_ms ? ERR(NOT_FOUND) : OK;
}

err key_touch(struct backoffice *b, const struct api_key *key, int64_t now_ms)
{
    struct store_statement *touch;
    if (now_ms < key->used_ms + KEY_USED_MS) return OK;
    TRY(store_statement(b->store, "UPDATE api_key SET used_ms = ? WHERE id = ?", &touch));
    store_bind_int(touch, now_ms);
    store_bind_int(touch, key->id);
    return store_run(touch);
}

err key_revoke(struct store_tx *tx, const char *mid, int64_t id, int64_t now_ms)
{
    struct store_statement *revoke;
    TRY(store_statement(tx->store,
                        "UPDATE api_key SET revoked_ms = ?1 WHERE id = ?2 AND mid = ?3"
                        " AND revoked_ms = 0",
                        &revoke));
    store_bind_int(revoke, now_ms);
    store_bind_int(revoke, id);
    store_bind_text(revoke, bytes_text(mid));
    TRY(store_run(revoke));
    return store_changes(tx->store) == 0 ? ERR(NOT_FOUND) : OK;
}

err keys_each(struct backoffice *b, const char *mid, uint32_t outlet, int64_t after, size_t limit,
              key_each each, void *context)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(b->store,
                        "SELECT id, name, scopes, mid, outlet, made_ms, ends_ms, used_ms,"
                        " revoked_ms, made_by FROM api_key WHERE mid = ?1 AND id > ?2"
                        " AND (?3 = 0 OR outlet = ?3) ORDER BY id LIMIT ?4",
                        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_int(query, after);
    store_bind_int(query, outlet);
    store_bind_int(query, (int64_t)limit);
    err e = store_step(query, &row);
    while (!FAILED(e) && row) {
        struct api_key key;
        e = read_key(query, &key);
        if (!FAILED(e)) e = each(context, &key);
        if (!FAILED(e)) e = store_step(query, &row);
    }
    store_reset(query);
    return e;
}
