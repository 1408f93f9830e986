/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of devices are renewed: the same name and the same key get another end. The key of
 * the authority is opened for that one signature. Whether a device may have it is decided by who
 * asks; that it is the device is seen here.
 */
#include <assert.h>

#include "hsm/internal.h"
#include "lib/crypto/identity.h"
#include "lib/crypto/wallet_key.h"
#include "lib/wire/hsm_protocol_renewal.h"

#define DAY_MS INT64_C(86400000)

static_assert(HSM_AUTHORITY_PEM_MAX + SEALED_OVERHEAD <= HSM_AUTHORITY_BLOB_MAX,
              "a key fits into its blob");

/* A private key in PEM, wiped at the end of its scope. */
struct clear {
    uint8_t at[HSM_AUTHORITY_PEM_MAX];
};

static void clear_wipe(struct clear *clear)
{
    secret_wipe_bytes(clear, sizeof *clear);
}

enum hsm_status hsm_do_authority_seal(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                      struct writer *response)
{
    CLEANUP(identity_key_free) struct identity_key key = {NULL};
    struct bytes pem;
    uint8_t blob[HSM_AUTHORITY_BLOB_MAX];
    struct writer w = writer_over(blob, sizeof blob);
    if (FAILED(hsm_read_bytes(r, &pem)) || FAILED(reader_finish(r)) ||
        pem.len > HSM_AUTHORITY_PEM_MAX || FAILED(identity_key_read(pem, &key)))
        return HSM_BAD_REQUEST;
    HSM_TRY(hsm_cipher_status(
        wallet_key_seal(&hsm->crypto, &hsm->master.keys, WALLET_KEY_AUTHORITY, pem, &w)));
    if (hsm->audit != NULL)
        HSM_TRY(hsm_cipher_status(
            hsm_audit_write(hsm->audit, "key_imported", "authority renews ecdsa-p256")));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, writer_view(&w));
    return HSM_OK;
}

/* Name and key are those that the registry means. */
static bool is_meant(const struct hsm_renewal *m, const char *name,
                     const uint8_t print[CRYPTO_SHA256_BYTES])
{
    return bytes_equal(bytes_text(name), m->tid) &&
           bytes_equal(bytes_of(print, CRYPTO_SHA256_BYTES), m->print);
}

/* It was this authority's while it lasted. */
static bool was_issued(const struct hsm_renewal *m, int64_t *ret_end_ms)
{
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    if (FAILED(identity_expiry(m->certificate, ret_end_ms))) return false;
    if (FAILED(identity_verify(m->authority, m->certificate, IDENTITY_CLIENT, *ret_end_ms - 1000)))
        return false;
    return !FAILED(identity_describe(m->certificate, name, print)) && is_meant(m, name, print);
}

static enum hsm_status check(const struct hsm_renewal *m)
{
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    int64_t end_ms = 0;
    bool lasts = m->not_before_ms > 0 && m->not_after_ms > m->not_before_ms &&
                 (m->not_after_ms - m->not_before_ms) / DAY_MS <= HSM_RENEWAL_DAYS_MAX;
    if (!lasts || m->tid.len != HSM_TID_LEN || m->print.len != HSM_PRINT_BYTES)
        return HSM_BAD_REQUEST;
    if (FAILED(identity_describe_request(m->request, name, print))) return HSM_BAD_REQUEST;
    if (!is_meant(m, name, print) || !was_issued(m, &end_ms)) return HSM_BAD_VALUE;
    return m->not_after_ms > end_ms ? HSM_OK : HSM_BAD_VALUE;
}

static enum hsm_status issue(struct hsm *hsm, const struct hsm_renewal *m, struct writer *w)
{
    CLEANUP(identity_key_free) struct identity_key key = {NULL};
    CLEANUP(clear_wipe) struct clear clear;
    struct writer pem = writer_over(clear.at, sizeof clear.at);
    const struct identity_subject subject = {.common_name = m->tid,
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = m->not_before_ms,
                                             .not_after_ms = m->not_after_ms};
    err opened =
        wallet_key_open(&hsm->crypto, &hsm->master.keys, WALLET_KEY_AUTHORITY, m->blob, &pem);
    if (FAILED(opened)) return opened.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_KEY_BLOCK;
    if (FAILED(identity_key_read(writer_view(&pem), &key))) return HSM_BAD_KEY_BLOCK;
    err issued = identity_issue(&key, m->authority, m->request, &subject, w);
    if (issued.code == ERR_KEY) return HSM_BAD_VALUE; /* not the authority of this certificate */
    return hsm_cipher_status(issued);
}

enum hsm_status hsm_do_renew(struct hsm *hsm, struct reader *r, struct hsm_header header,
                             struct writer *response)
{
    struct hsm_renewal m;
    uint8_t block[IDENTITY_PEM_MAX];
    struct writer w = writer_over(block, HSM_FRAME_MAX - 64);
    if (FAILED(hsm_read_renewal(r, &m))) return HSM_BAD_REQUEST;
    HSM_TRY(check(&m));
    HSM_TRY(issue(hsm, &m, &w));
    if (hsm->audit != NULL)
        HSM_TRY(hsm_cipher_status(hsm_audit_write(hsm->audit, "certificate_renewed", "%.*s",
                                                  (int)m.tid.len, (const char *)m.tid.at)));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, writer_view(&w));
    log_event(hsm->log, LOG_INFO, "certificate_renewed", LOG_BYTES("tid", m.tid));
    return HSM_OK;
}
