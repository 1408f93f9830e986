/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Master keys that this device had. A sealed copy of an earlier delivery opens here for ever, so
 * who kept one, and knows that key, could make the device go back to it (S120): each is remembered
 * when it is replaced, in the same transaction, and is not taken again. What is kept is a digest: a
 * key is random and cannot be found from it, and it outlives the device key without being a secret.
 */
#include "vault/state.h"

enum { MARK_MAX = 32 + SECRET_MAX };

/* "tongbao replaced master key", algorithm 1, value: SHA-256. */
static void digest_of(const struct key *master, uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    uint8_t block[MARK_MAX];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, BYTES("tongbao replaced master key"));
    write_be(&w, master->algorithm, 1);
    write_bytes(&w, secret_view(&master->value));
    ENSURE(w.fault == ERR_OK);
    crypto_sha256(writer_view(&w), ret_digest);
    secret_wipe_bytes(block, sizeof block);
}

err vault_replaced_put(struct vault *v, const struct key *master)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct store_statement *s;
    ENSURE(store_in_tx(v->store));
    ENSURE(master->usage == KEY_USAGE_TERMINAL_MASTER);
    digest_of(master, digest);
    TRY(store_statement(v->store,
                        "INSERT INTO master_replaced(digest, at_ms) VALUES(?, ?) "
                        "ON CONFLICT(digest) DO NOTHING",
                        &s));
    store_bind_blob(s, BYTES_OF(digest));
    store_bind_int(s, clock_now_ms(&v->config.clock));
    return store_run(s);
}

err vault_replaced_has(struct vault *v, const struct key *master, bool *ret_has)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct store_statement *s;
    bool found = false;
    digest_of(master, digest);
    TRY(store_statement(v->store, "SELECT 1 FROM master_replaced WHERE digest = ?", &s));
    store_bind_blob(s, BYTES_OF(digest));
    TRY(store_step(s, &found));
    store_reset(s);
    *ret_has = found;
    return OK;
}
