/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the vault says of itself, and its name towards the host: certificates, and signatures by the
 * key that never leaves it. The key object exists only while it signs; at all other times it is
 * PEM in guarded memory.
 */
#include "lib/crypto/identity.h"
#include "vault/state.h"

static err check_value(struct vault *v, bool there, const struct key *key,
                       uint8_t kcv[KEY_CHECK_BYTES], struct bytes *ret_kcv)
{
    if (!there) return OK;
    TRY(key_check_value(&v->crypto, key, kcv));
    *ret_kcv = bytes_of(kcv, KEY_CHECK_BYTES);
    return OK;
}

static void say_offline(const struct emv_limits *limits, struct vault_status_answer *out)
{
    if (limits->offline_days == 0) return;
    out->offline_count = limits->offline_count;
    out->offline_each_minor = (uint64_t)limits->offline_each_minor;
    out->offline_total_minor = (uint64_t)limits->offline_total_minor;
    out->offline_days = limits->offline_days;
}

err vault_run_status(struct vault *v, struct reader *request, struct writer *answer,
                     enum vault_status *status)
{
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    const struct vault_device *device = &v->device;
    const struct vault_secrets *k = v->secrets;
    struct vault_status_answer said = {
        .provisioned = device->provisioned,
        .working_keys = k->has_working,
        .tampered = device->tampered,
        .self_test = !v->self_check.failed, /* at start: a vault that failed it is not there */
        .serial = bytes_text(device->serial),
        .model = bytes_text(device->model),
        .tid = bytes_text(device->tid),
        .mid = bytes_text(device->mid),
        .merchant_name = bytes_text(device->merchant_zh),
        .first_login_ms = (uint64_t)device->first_login_ms,
        .certificate_expiry_ms = (uint64_t)device->certificate_expiry_ms,
        .policy_version = v->has_document ? v->document.version : 0,
        .rollback = device->rollback,
        .suite = bytes_text(device->initialised ? device->suite->name : ""),
    };
    if (v->parameters != NULL) {
        said.parameters_number = v->parameters->parsed.number;
        said.parameters_digest = BYTES_OF(v->parameters->digest);
        say_offline(&v->parameters->parsed.limits, &said);
    }
    uint8_t kcv[4][KEY_CHECK_BYTES];
    TRY(check_value(v, k->has_master, &k->master, kcv[0], &said.kcv_master));
    bool delivered = k->has_working && device->suite->serial == NULL;
    TRY(check_value(v, delivered, &k->working.pin, kcv[1], &said.kcv_pin));
    TRY(check_value(v, delivered, &k->working.mac, kcv[2], &said.kcv_mac));
    TRY(check_value(v, delivered && k->working.has_data, &k->working.data, kcv[3], &said.kcv_data));
    vault_write_status_answer(answer, &said);
    return OK;
}

err vault_run_certificates(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT certificate, authority FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return ERR(CORRUPT);
    struct bytes own = store_read_text(s), authority = store_read_text(s);
    vault_write_pair(answer, own, authority);
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

/* The device's own signature over what `content` holds. */
static err sign(struct vault *v, struct bytes content, struct writer *answer)
{
    CLEANUP(identity_key_free) struct identity_key key = {0};
    uint8_t digest[CRYPTO_SHA256_BYTES], signature[IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    crypto_sha256(content, digest);
    TRY(identity_key_read(bytes_of(v->secrets->identity, v->secrets->identity_len), &key));
    TRY(identity_sign(&key, digest, signature, &len));
    vault_write_bytes(answer, bytes_of(signature, len));
    return OK;
}

/*
 * A client's CertificateVerify (RFC 8446, 4.4.3). All but the transcript hash is written here, and
 * all of it is hashed here: whatever the terminal program sends, what comes back is a TLS handshake
 * and nothing else.
 */
err vault_run_tls_verify(struct vault *v, struct reader *request, struct writer *answer,
                         enum vault_status *status)
{
    static const char purpose[] = "TLS 1.3, client CertificateVerify"; /* with its NUL */
    enum { SPACES = 64, SHA256 = 32, SHA384 = 48 };
    struct bytes hash;
    if (FAILED(vault_read_bytes(request, &hash)) || (hash.len != SHA256 && hash.len != SHA384))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    uint8_t block[SPACES + sizeof purpose + SHA384];
    struct writer w = writer_over(block, sizeof block);
    for (int i = 0; i < SPACES; i++) write_bytes(&w, BYTES(" "));
    write_bytes(&w, bytes_of(purpose, sizeof purpose));
    write_bytes(&w, hash);
    ENSURE(w.fault == ERR_OK);
    return sign(v, writer_view(&w), answer);
}

/* What is signed is hashed here with its purpose, so that no receipt is ever a TLS handshake, and
 * no handshake a receipt. */
err vault_run_receipt_sign(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    static const char purpose[] = "tongbao receipt v1";
    enum { BODY_MAX = 512 };
    struct bytes body;
    if (FAILED(vault_read_bytes(request, &body)) || body.len == 0 || body.len > BODY_MAX)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    uint8_t block[sizeof purpose + BODY_MAX];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, bytes_of(purpose, sizeof purpose - 1));
    write_bytes(&w, body);
    ENSURE(w.fault == ERR_OK);
    return sign(v, writer_view(&w), answer);
}
