/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks as a part of the back office: tables, and work by the clock. */
#include "backoffice/parts.h"
#include "backoffice/webhooks/webhooks.h"
#include "backoffice/webhooks/webhooks_http.h"

/* webhook.state: 1 active 2 paused. webhook_delivery.state: 1 waiting 2 sending 3 delivered 4 dead;
 * event: 0 for a message that was asked for to try the endpoint. */
/* clang-format off */
static const char *const migration[] = {
    "CREATE TABLE webhook(id INTEGER PRIMARY KEY AUTOINCREMENT, mid TEXT NOT NULL,"
    " outlet INTEGER NOT NULL, url TEXT NOT NULL, kinds TEXT NOT NULL,"
    " state INTEGER NOT NULL CHECK(state IN (1, 2)), why TEXT NOT NULL,"
    " failing_ms INTEGER NOT NULL, secret BLOB NOT NULL, old_secret BLOB,"
    " old_until_ms INTEGER NOT NULL, made_ms INTEGER NOT NULL, made_by TEXT NOT NULL,"
    " position INTEGER NOT NULL) STRICT;"
    "CREATE INDEX webhook_mid ON webhook(mid, id);"
    "CREATE TABLE webhook_delivery(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " webhook INTEGER NOT NULL REFERENCES webhook(id), event INTEGER NOT NULL, kind TEXT NOT NULL,"
    " object TEXT NOT NULL, body TEXT NOT NULL, state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 4),"
    " attempts INTEGER NOT NULL, made_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL, status INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;"
    "CREATE INDEX webhook_delivery_due ON webhook_delivery(state, next_ms, id);"
    "CREATE INDEX webhook_delivery_order ON webhook_delivery(webhook, object, state, id);"
    "CREATE INDEX webhook_delivery_list ON webhook_delivery(webhook, state, id);",
    /* Which pair of Ed25519 signs, counted from 0; the one before until old_pair_until_ms. */
    "ALTER TABLE webhook ADD COLUMN pair INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE webhook ADD COLUMN old_pair_until_ms INTEGER NOT NULL DEFAULT 0;",
};
/* clang-format on */

const struct store_schema webhook_schema = {"webhook", migration, ARRAY_LEN(migration)};

/* What was under way when the program ended is sent again. */
static err open(struct backoffice *b)
{
    return store_exec(b->store, "UPDATE webhook_delivery SET state = 1 WHERE state = 2");
}

static err flush(struct backoffice *b)
{
    return webhooks_run(b, backoffice_now_ms(b));
}

static err sweep(struct store *store, enum delivery_state state, int64_t before_ms)
{
    struct store_statement *sweep;
    TRY(store_statement(store,
                        "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery"
                        " WHERE state = ? AND next_ms < ? LIMIT 200)",
                        &sweep));
    store_bind_int(sweep, state);
    store_bind_int(sweep, before_ms);
    return store_run(sweep);
}

static err tick(struct backoffice *b, int64_t now_ms)
{
    b->webhooks.wake = true; /* what waits for its time */
    TRY(sweep(b->store, DELIVERY_DONE, now_ms - WEBHOOK_DONE_MS));
    return sweep(b->store, DELIVERY_DEAD, now_ms - WEBHOOK_DEAD_MS);
}

const struct backoffice_part webhooks_part = {
    .name = "webhooks",
    .schema = &webhook_schema,
    .api_routes = webhook_rows,
    .api_route_count = WEBHOOK_ROWS,
    .open = open,
    .flush = flush,
    .tick = tick,
};
