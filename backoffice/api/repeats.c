/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are kept under the callers' keys. */
#include "backoffice/api/repeats.h"

#include "lib/auth/token.h"

bool repeat_key_allowed(const char *key)
{
    size_t len = strlen(key);
    if (len == 0 || len > API_KEY_MAX) return false;
    for (size_t i = 0; i < len; i++)
        if (key[i] < 0x21 || key[i] > 0x7e) return false;
    return true;
}

/* What the call is: method, path and body. */
static void digest_of(const struct api_call *call, uint8_t ret_digest[TOKEN_HASH_BYTES])
{
    uint8_t part[3][TOKEN_HASH_BYTES];
    token_digest("method", bytes_text(call->request->method), part[0]);
    token_digest("path", bytes_text(call->request->path), part[1]);
    token_digest("body", call->request->body, part[2]);
    token_digest("call", bytes_of(part, sizeof part), ret_digest);
}

err repeat_find(struct backoffice *b, const struct api_call *call, struct http_response *response,
                enum repeat *ret_repeat)
{
    struct store_statement *query;
    uint8_t digest[TOKEN_HASH_BYTES], was[TOKEN_HASH_BYTES];
    bool row = false;
    *ret_repeat = REPEAT_NEW;
    TRY(store_statement(b->store,
                        "SELECT digest, status, body FROM api_repeat WHERE caller = ?1"
                        " AND key = ?2 AND at_ms > ?3",
                        &query));
    store_bind_text(query, bytes_text(call->caller->subject));
    store_bind_text(query, bytes_text(call->idempotency_key));
    store_bind_int(query, call->now_ms - REPEAT_MS);
    TRY(store_step(query, &row));
    if (!row) return OK;
    store_read_blob_into(query, was, sizeof was);
    int64_t status = store_read_int(query);
    struct bytes body = store_read_blob(query);
    digest_of(call, digest);
    if (token_same(was, digest)) {
        response->status = (unsigned)status;
        write_bytes(&response->body, body);
        http_response_header(response, "Idempotent-Replayed", "true");
        *ret_repeat = REPEAT_ANSWERED;
    } else {
        api_refuse(response, 422, "idempotency_key", "this key was used for another call");
        *ret_repeat = REPEAT_DIFFERS;
    }
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err repeat_keep(struct store_tx *tx, const struct api_call *call,
                const struct http_response *response)
{
    static const char shown[] =
        "{\"error\":\"shown_once\",\"message\":\"this was done, and its secret is not shown again\"}";
    bool secret = (call->route->flags & API_SECRET) != 0;
    struct store_statement *insert;
    uint8_t digest[TOKEN_HASH_BYTES];
    digest_of(call, digest);
    /* One that is a day old may still lie there, and is none any more. */
    TRY(store_statement(tx->store, "INSERT OR REPLACE INTO api_repeat VALUES(?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(call->caller->subject));
    store_bind_text(insert, bytes_text(call->idempotency_key));
    store_bind_blob(insert, BYTES_OF(digest));
    store_bind_int(insert, secret ? 409 : response->status);
    store_bind_blob(insert, secret ? bytes_text(shown) : writer_view(&response->body));
    store_bind_int(insert, call->now_ms);
    return store_run(insert);
}

err repeats_sweep(struct store *store, int64_t now_ms)
{
    struct store_statement *sweep;
    TRY(store_statement(store,
                        "DELETE FROM api_repeat WHERE (caller, key) IN (SELECT caller, key FROM"
                        " api_repeat WHERE at_ms <= ? LIMIT 200)",
                        &sweep));
    store_bind_int(sweep, now_ms - REPEAT_MS);
    return store_run(sweep);
}
