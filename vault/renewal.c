/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another certificate for the key that this device has. The request is signed by that key: whoever
 * reads it sees that the device itself asks, also when the certificate has ended long ago. What
 * comes back must be for this key and number, by the authority that the device was given, and end
 * later: nobody puts back an older one.
 */
#include <stdio.h>

#include "lib/crypto/identity.h"
#include "vault/state.h"

static err write_request(struct vault *v, struct writer *w)
{
    CLEANUP(identity_key_free) struct identity_key key = {0};
    TRY(identity_key_read(bytes_of(v->secrets->identity, v->secrets->identity_len), &key));
    return identity_request(&key, bytes_text(v->device.tid), w);
}

err vault_run_renew_ask(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    uint8_t block[IDENTITY_PEM_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct store_statement *s;
    bool found = false;
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(write_request(v, &w));
    TRY(store_statement(v->store, "SELECT certificate FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return ERR(CORRUPT);
    vault_write_pair(answer, store_read_text(s), writer_view(&w));
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

/* A certificate by our own authority for a client, at the time that it says itself: our clock may
 * be what is wrong. */
static err is_by_authority(struct vault *v, struct bytes certificate, int64_t end_ms, bool *ret_is)
{
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT authority FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return ERR(CORRUPT);
    *ret_is =
        !FAILED(identity_verify(store_read_text(s), certificate, IDENTITY_CLIENT, end_ms - 1000));
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

static err check(struct vault *v, struct bytes certificate, int64_t *ret_end_ms,
                 enum vault_status *status)
{
    uint8_t block[IDENTITY_PEM_MAX], print[CRYPTO_SHA256_BYTES], own[CRYPTO_SHA256_BYTES];
    char name[IDENTITY_NAME_MAX + 1], own_name[IDENTITY_NAME_MAX + 1];
    struct writer w = writer_over(block, sizeof block);
    bool is = false;
    TRY(write_request(v, &w));
    TRY(identity_describe(writer_view(&w), own_name, own));
    *status = VAULT_BAD_REQUEST;
    if (FAILED(identity_describe(certificate, name, print)) ||
        FAILED(identity_expiry(certificate, ret_end_ms)))
        return OK;
    if (strcmp(name, own_name) != 0 || !bytes_equal(BYTES_OF(print), BYTES_OF(own))) return OK;
    TRY(is_by_authority(v, certificate, *ret_end_ms, &is));
    if (!is) return OK;
    *status = *ret_end_ms > v->device.certificate_expiry_ms ? VAULT_OK : VAULT_NOT_ALLOWED;
    return OK;
}

static err put(struct vault *v, struct bytes certificate, int64_t end_ms)
{
    struct store_statement *s;
    char until[32];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct civil end = civil_from_ms(end_ms);
    snprintf(until, sizeof until, "until %04d-%02d-%02d", end.year, end.month, end.day);
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET certificate = ?, certificate_expiry_ms = ?",
                        &s));
    store_bind_text(s, certificate);
    store_bind_int(s, end_ms);
    TRY(store_run(s));
    TRY(vault_audit(v, &tx, NULL, "certificate_renewed", v->device.tid, until));
    TRY(store_commit(&tx));
    v->device.certificate_expiry_ms = end_ms;
    return OK;
}

err vault_run_renew_take(struct vault *v, struct reader *request, struct writer *answer,
                         enum vault_status *status)
{
    struct bytes certificate;
    int64_t end_ms = 0;
    enum vault_status verdict = VAULT_BAD_REQUEST;
    (void)answer;
    if (FAILED(vault_read_bytes(request, &certificate)) || FAILED(reader_finish(request)) ||
        certificate.len > IDENTITY_PEM_MAX)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(check(v, certificate, &end_ms, &verdict));
    if (verdict != VAULT_OK) {
        TRY(vault_audit_note(v, NULL, "certificate_refused", v->device.tid, ""));
        return vault_refuse(status, verdict);
    }
    return put(v, certificate, end_ms);
}
