/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one sentence that a device can still say when its keys are gone (lib/auth/last_words.h): it
 * is signed while there is a key, at provisioning or at the first start of a vault that knows this,
 * and given out only after tampering.
 */
#include "lib/auth/last_words.h"
#include "lib/crypto/identity.h"
#include "vault/state.h"

static err sign(struct vault *v, struct bytes tid, uint8_t ret_signature[IDENTITY_SIGNATURE_MAX],
                size_t *ret_len)
{
    CLEANUP(identity_key_free) struct identity_key key = {0};
    uint8_t text[LAST_WORDS_TEXT_MAX], digest[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(text, sizeof text);
    TRY(last_words_write(tid, bytes_text(v->device.serial), &w));
    crypto_sha256(writer_view(&w), digest);
    TRY(identity_key_read(bytes_of(v->secrets->identity, v->secrets->identity_len), &key));
    return identity_sign(&key, digest, ret_signature, ret_len);
}

err vault_last_words_put(struct vault *v, struct bytes tid)
{
    uint8_t signature[IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    struct store_statement *s;
    ENSURE(store_in_tx(v->store));
    TRY(sign(v, tid, signature, &len));
    TRY(store_statement(v->store, "UPDATE device SET last_words = ?", &s));
    store_bind_blob(s, bytes_of(signature, len));
    return store_run(s);
}

err vault_last_words_keep(struct vault *v)
{
    int64_t without = 0;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    if (!v->device.provisioned || v->device.tampered != VAULT_TAMPER_NONE) return OK;
    TRY(store_query_int(v->store, "SELECT count(*) FROM device WHERE last_words = x''", &without));
    if (without == 0) return OK;
    TRY(store_begin(v->store, &tx));
    TRY(vault_last_words_put(v, bytes_text(v->device.tid)));
    return store_commit(&tx);
}

err vault_run_last_words(struct vault *v, struct reader *request, struct writer *answer,
                         enum vault_status *status)
{
    struct store_statement *s;
    bool found = false;
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (v->device.tampered == VAULT_TAMPER_NONE) return vault_refuse(status, VAULT_NOT_ALLOWED);
    TRY(store_statement(v->store, "SELECT certificate, last_words FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return ERR(CORRUPT);
    struct bytes certificate = store_read_text(s), words = store_read_blob(s);
    if (words.len == 0) *status = VAULT_NOT_READY; /* tampered with before it knew any */
    else vault_write_pair(answer, certificate, words);
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}
