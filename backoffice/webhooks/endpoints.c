/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints: whose they are, what they want, and their secrets, which are sealed. */
#include <assert.h>
#include <stdio.h>

#include "backoffice/events/events.h"
#include "backoffice/webhooks/webhooks.h"
#include "lib/auth/small_seal.h"
#include "lib/auth/token.h"

enum { SEALED_MAX = WEBHOOK_SECRET_BYTES + SMALL_SEAL_OVERHEAD, LABEL_MAX = 48 };

/* ---- secrets ---- */

/* A key of this endpoint, made by the hsm. REFUSED: it is away. */
static err seal_key(struct backoffice *b, int64_t id, uint8_t ret_key[PASSWORD_KEYED_BYTES])
{
    char whose[LABEL_MAX];
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    static_assert((int)PASSWORD_KEYED_BYTES == (int)SMALL_SEAL_KEY_BYTES, "a key of the hsm seals");
    snprintf(whose, sizeof whose, "webhook %lld", (long long)id);
    token_digest("seal of webhook", bytes_text(whose), digest);
    const struct password_keyed *port = &b->ports.keyed;
    err made = port->make(port->context, bytes_text(whose), digest, ret_key);
    return FAILED(made) ? ERR(REFUSED) : OK;
}

/* The seed of one of its pairs for "v1a", which the hsm makes anew each time: it lies nowhere. The
 * first pair has no number: it is older than the counting. */
static err sign_seed(struct backoffice *b, int64_t id, int64_t pair,
                     uint8_t ret_seed[WEBHOOK_SEED_BYTES])
{
    char whose[LABEL_MAX];
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    static_assert((int)PASSWORD_KEYED_BYTES == (int)WEBHOOK_SEED_BYTES, "a key of the hsm signs");
    ENSURE(pair >= 0);
    if (pair == 0) snprintf(whose, sizeof whose, "webhook %lld", (long long)id);
    if (pair > 0)
        snprintf(whose, sizeof whose, "webhook %lld pair %lld", (long long)id, (long long)pair);
    token_digest("signature of webhook", bytes_text(whose), digest);
    const struct password_keyed *port = &b->ports.keyed;
    err made = port->make(port->context, bytes_text(whose), digest, ret_seed);
    return FAILED(made) ? ERR(REFUSED) : OK;
}

err webhook_public(struct backoffice *b, int64_t id, int64_t pair,
                   char ret_text[WEBHOOK_PUBLIC_TEXT + 1])
{
    uint8_t seed[WEBHOOK_SEED_BYTES];
    TRY(sign_seed(b, id, pair, seed));
    webhook_public_text(seed, ret_text);
    explicit_bzero(seed, sizeof seed);
    return OK;
}

static err set_secret(struct backoffice *b, struct store_tx *tx, int64_t id,
                      char ret_text[WEBHOOK_SECRET_TEXT + 1])
{
    uint8_t key[PASSWORD_KEYED_BYTES], secret[WEBHOOK_SECRET_BYTES], sealed[SEALED_MAX];
    char label[LABEL_MAX];
    struct store_statement *update;
    struct writer w = writer_over(sealed, sizeof sealed);
    TRY(seal_key(b, id, key));
    webhook_secret_make(&b->config.random, secret);
    webhook_secret_text(secret, ret_text);
    snprintf(label, sizeof label, "webhook.secret.%lld", (long long)id);
    small_seal(&b->config.random, key, bytes_text(label), BYTES_OF(secret), &w);
    explicit_bzero(key, sizeof key);
    explicit_bzero(secret, sizeof secret);
    ENSURE(w.fault == ERR_OK);
    TRY(store_statement(tx->store, "UPDATE webhook SET secret = ? WHERE id = ?", &update));
    store_bind_blob(update, writer_view(&w));
    store_bind_int(update, id);
    return store_run(update);
}

err webhook_change_secret(struct backoffice *b, struct store_tx *tx, int64_t id, int64_t now_ms,
                          char ret_secret[WEBHOOK_SECRET_TEXT + 1])
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE webhook SET old_secret = secret, old_until_ms = ? WHERE id = ?",
                        &update));
    store_bind_int(update, now_ms + WEBHOOK_OLD_SECRET_MS);
    store_bind_int(update, id);
    TRY(store_run(update));
    return set_secret(b, tx, id, ret_secret);
}

err webhook_change_pair(struct backoffice *b, struct store_tx *tx, const struct webhook *webhook,
                        int64_t now_ms)
{
    uint8_t seed[WEBHOOK_SEED_BYTES];
    struct store_statement *update;
    if (webhook->old_pair_until_ms > now_ms) return ERR(STATE);
    TRY(sign_seed(b, webhook->id, webhook->pair + 1, seed)); /* it can be made */
    explicit_bzero(seed, sizeof seed);
    TRY(store_statement(
        tx->store, "UPDATE webhook SET pair = ?, old_pair_until_ms = ? WHERE id = ?", &update));
    store_bind_int(update, webhook->pair + 1);
    store_bind_int(update, now_ms + WEBHOOK_OLD_PAIR_MS);
    store_bind_int(update, webhook->id);
    return store_run(update);
}

struct secrets {
    uint8_t sealed[2][SEALED_MAX];
    size_t count;
    int64_t pair;
    bool pair_before; /* signs too */
};

static err read_secrets(struct store *store, int64_t id, int64_t now_ms, struct secrets *ret)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT pair, old_pair_until_ms, secret, old_until_ms, old_secret"
                        " FROM webhook WHERE id = ?",
                        &query));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    ret->pair = store_read_int(query);
    ret->pair_before = store_read_int(query) > now_ms;
    store_read_blob_into(query, ret->sealed[0], SEALED_MAX);
    ret->count = store_read_int(query) > now_ms ? 2 : 1;
    if (ret->count == 2) store_read_blob_into(query, ret->sealed[1], SEALED_MAX);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err webhook_signatures(struct backoffice *b, int64_t id, const char *message, int64_t at_ms,
                       struct bytes body, struct writer *w)
{
    uint8_t key[PASSWORD_KEYED_BYTES], secret[WEBHOOK_SECRET_BYTES];
    char label[LABEL_MAX];
    struct secrets secrets = {.count = 0};
    TRY(read_secrets(b->store, id, at_ms, &secrets));
    TRY(seal_key(b, id, key));
    snprintf(label, sizeof label, "webhook.secret.%lld", (long long)id);
    err e = OK;
    for (size_t i = 0; i < secrets.count && !FAILED(e); i++) {
        e = small_open(key, bytes_text(label), BYTES_OF(secrets.sealed[i]), secret, sizeof secret);
        if (!FAILED(e)) webhook_sign(BYTES_OF(secret), message, at_ms / 1000, body, w);
    }
    for (int64_t pair = secrets.pair;
         pair >= secrets.pair - (secrets.pair_before ? 1 : 0) && !FAILED(e); pair--) {
        e = sign_seed(b, id, pair, key);
        if (!FAILED(e)) webhook_sign_public(key, message, at_ms / 1000, body, w);
    }
    explicit_bzero(key, sizeof key);
    explicit_bzero(secret, sizeof secret);
    return e;
}

/* ---- rows ---- */

static err count_of(struct store *store, const char *mid, int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT count(*) FROM webhook WHERE mid = ?", &query));
    store_bind_text(query, bytes_text(mid));
    TRY(store_step(query, &row));
    *ret_count = row ? store_read_int(query) : 0;
    store_reset(query);
    return OK;
}

err webhook_make(struct backoffice *b, struct store_tx *tx, const struct webhook *webhook,
                 char ret_secret[WEBHOOK_SECRET_TEXT + 1], int64_t *ret_id)
{
    struct store_statement *insert;
    int64_t count, last;
    TRY(count_of(tx->store, webhook->mid, &count));
    if (count >= WEBHOOKS_EACH) return ERR(FULL);
    TRY(events_last(tx->store, &last)); /* it hears of what happens from now on */
    TRY(store_statement(tx->store,
                        "INSERT INTO webhook VALUES(NULL, ?, ?, ?, ?, 1, '', 0, x'', NULL, 0, ?, ?,"
                        " ?, 0, 0)",
                        &insert));
    store_bind_text(insert, bytes_text(webhook->mid));
    store_bind_int(insert, webhook->outlet);
    store_bind_text(insert, bytes_text(webhook->url));
    store_bind_text(insert, bytes_text(webhook->kinds));
    store_bind_int(insert, webhook->made_ms);
    store_bind_text(insert, bytes_text(webhook->by));
    store_bind_int(insert, last);
    TRY(store_run(insert));
    *ret_id = store_last_id(tx->store);
    return set_secret(b, tx, *ret_id, ret_secret);
}

#define COLUMNS                                                                    \
    "id, mid, outlet, url, kinds, state, why, failing_ms, old_until_ms, made_ms, " \
    "made_by, position, pair, old_pair_until_ms"

static err read_webhook(struct store_statement *query, struct webhook *w)
{
    *w = (struct webhook){.id = store_read_int(query)};
    store_read_text_into(query, w->mid, sizeof w->mid);
    w->outlet = (uint32_t)store_read_int(query);
    store_read_text_into(query, w->url, sizeof w->url);
    store_read_text_into(query, w->kinds, sizeof w->kinds);
    w->state = (enum webhook_state)store_read_int(query);
    store_read_text_into(query, w->why, sizeof w->why);
    w->failing_ms = store_read_int(query);
    w->old_until_ms = store_read_int(query);
    w->made_ms = store_read_int(query);
    store_read_text_into(query, w->by, sizeof w->by);
    w->position = store_read_int(query);
    w->pair = store_read_int(query);
    w->old_pair_until_ms = store_read_int(query);
    return store_read_finish(query);
}

err webhook_find(struct store *store, const struct webhook_owner *owner, int64_t id,
                 struct webhook *ret_webhook)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM webhook WHERE id = ?1 AND mid = ?2"
                        " AND (?3 = 0 OR outlet = ?3)",
                        &query));
    store_bind_int(query, id);
    store_bind_text(query, bytes_text(owner->mid));
    store_bind_int(query, owner->outlet);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_webhook(query, ret_webhook);
    store_reset(query);
    return read;
}

err webhooks_each(struct store *store, const struct webhook_owner *owner, int64_t after,
                  size_t limit, webhook_each each, void *context)
{
    struct store_statement *query;
    struct webhook webhook;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM webhook WHERE mid = ?1 AND id > ?2"
                        " AND (?3 = 0 OR outlet = ?3) ORDER BY id LIMIT ?4",
                        &query));
    store_bind_text(query, bytes_text(owner->mid));
    store_bind_int(query, after);
    store_bind_int(query, owner->outlet);
    store_bind_int(query, (int64_t)limit);
    err e = store_step(query, &row);
    while (!FAILED(e) && row) {
        e = read_webhook(query, &webhook);
        if (!FAILED(e)) e = each(context, &webhook);
        if (!FAILED(e)) e = store_step(query, &row);
    }
    store_reset(query);
    return e;
}

err webhook_set_kinds(struct store_tx *tx, int64_t id, const char *kinds)
{
    struct store_statement *update;
    TRY(store_statement(tx->store, "UPDATE webhook SET kinds = ? WHERE id = ?", &update));
    store_bind_text(update, bytes_text(kinds));
    store_bind_int(update, id);
    return store_run(update);
}

err webhook_set_state(struct store_tx *tx, int64_t id, enum webhook_state state, const char *why)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE webhook SET state = ?1, why = ?2,"
                        " failing_ms = CASE ?1 WHEN 1 THEN 0 ELSE failing_ms END WHERE id = ?3",
                        &update));
    store_bind_int(update, state);
    store_bind_text(update, bytes_text(why));
    store_bind_int(update, id);
    return store_run(update);
}

err webhook_drop(struct store_tx *tx, int64_t id)
{
    struct store_statement *drop;
    TRY(store_statement(tx->store, "DELETE FROM webhook_delivery WHERE webhook = ?", &drop));
    store_bind_int(drop, id);
    TRY(store_run(drop));
    TRY(store_statement(tx->store, "DELETE FROM webhook WHERE id = ?", &drop));
    store_bind_int(drop, id);
    return store_run(drop);
}

bool webhook_wants(const struct webhook *webhook, const char *kind)
{
    size_t len = strlen(kind);
    if (strncmp(kind, "webhook.", 8) == 0) return false;
    if (strcmp(webhook->kinds, "*") == 0) return true;
    for (const char *at = webhook->kinds; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (word == len && strncmp(at, kind, len) == 0) return true;
        at += word + (at[word] == ' ');
    }
    return false;
}
