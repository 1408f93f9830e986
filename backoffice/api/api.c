/* SPDX-License-Identifier: Apache-2.0 */
/* What rows and handlers share: all rows as one table, scopes, answers, and the commit. */
#include "backoffice/api/api.h"

#include <stdio.h>

#include "backoffice/api/keys.h"
#include "backoffice/api/rates.h"
#include "backoffice/api/repeats.h"
#include "backoffice/parts.h"

static const struct {
    const char *word, *text;
} scopes[API_SCOPES] = {
#define X(name, word, text) {word, text},
    API_SCOPE_LIST(X)
#undef X
};

unsigned api_scope_of(struct bytes word)
{
    for (unsigned i = 0; i < API_SCOPES; i++)
        if (bytes_equal(word, bytes_text(scopes[i].word))) return 1u << i;
    return 0;
}

static unsigned number_of(unsigned scope)
{
    ENSURE(scope != 0 && scope >> API_SCOPES == 0);
    return (unsigned)__builtin_ctz(scope);
}

const char *api_scope_word(unsigned scope)
{
    return scopes[number_of(scope)].word;
}

const char *api_scope_text(unsigned scope)
{
    return scopes[number_of(scope)].text;
}

const struct api_route *api_route_at(size_t index)
{
    for (size_t i = 0; i < backoffice_part_count; i++) {
        const struct backoffice_part *part = backoffice_parts[i];
        if (index < part->api_route_count) return &part->api_routes[index];
        index -= part->api_route_count;
    }
    return NULL;
}

bool api_may_see(const struct api_caller *caller, const char *mid, uint32_t outlet)
{
    if (caller->mid[0] == '\0') return true;
    if (strcmp(caller->mid, mid) != 0) return false;
    return caller->outlet == 0 || caller->outlet == outlet;
}

struct registry_actor api_actor(const struct api_call *call)
{
    return (struct registry_actor){bytes_text(call->caller->subject), call->now_ms};
}

void api_missing(struct http_response *response)
{
    http_response_error(response, 404, "not_found", "there is no such thing");
}

bool api_acquirers(const struct api_call *call, struct http_response *response)
{
    if (call->caller->mid[0] == '\0') return true;
    api_missing(response);
    return false;
}

void api_refuse(struct http_response *response, unsigned status, const char *code,
                const char *message)
{
    ENSURE(status >= 400 && status < 500);
    http_response_error(response, status, code, message);
}

void api_next(struct json_out *j, const char *last)
{
    if (last[0] == '\0') json_member_null(j, "next");
    else json_member_string(j, "next", last);
}

err api_commit(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
               struct http_response *response)
{
    ENSURE(response->status < 400 && !*call->committed);
    if (call->route->flags & API_CREATES) response->status = 201;
    if (call->idempotency_key != NULL) TRY(repeat_keep(tx, call, response));
    *call->committed = true;
    (void)b;
    return store_commit(tx);
}

/* ---- the part ---- */

static const char *const migration[] = {
    "CREATE TABLE api_key(id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE,"
    " name TEXT NOT NULL, scopes INTEGER NOT NULL, mid TEXT NOT NULL, outlet INTEGER NOT NULL,"
    " made_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL,"
    " revoked_ms INTEGER NOT NULL, made_by TEXT NOT NULL) STRICT;"
    "CREATE INDEX api_key_mid ON api_key(mid, id);"
    "CREATE TABLE api_repeat(caller TEXT NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL,"
    " status INTEGER NOT NULL, body BLOB NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(caller, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX api_repeat_at ON api_repeat(at_ms);",
};

static const struct store_schema schema = {"api", migration, ARRAY_LEN(migration)};

static err open_api(struct backoffice *b)
{
    return rates_open(&b->config.random, &b->rates);
}

static void close_api(struct backoffice *b)
{
    rates_close(b->rates);
    b->rates = NULL;
}

static err tick(struct backoffice *b, int64_t now_ms)
{
    return repeats_sweep(b->store, now_ms);
}

const struct backoffice_part api_part = {
    .name = "api",
    .schema = &schema,
    .api_routes = api_key_rows,
    .api_route_count = API_KEY_ROWS,
    .open = open_api,
    .close = close_api,
    .tick = tick,
};
