/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands for the roles that sign online what is published about updates. The key is a sealed
 * blob, as those of wallets are; what it signs must begin as its role's documents do.
 */
#include <assert.h>

#include "hsm/internal.h"
#include "lib/base/hex.h"
#include "lib/crypto/document_key.h"
#include "lib/crypto/wallet_key.h"
#include "lib/wire/hsm_protocol_documents.h"

static_assert(DOCUMENT_SEED_BYTES + SEALED_OVERHEAD <= HSM_DOCUMENT_BLOB_MAX &&
                  HSM_DOCUMENT_BLOB_MAX + HSM_DOCUMENT_TEXT_MAX + 16 <= HSM_FRAME_MAX,
              "keys and commands fit");

static const struct {
    enum wallet_key_use use;
    const char *name;
} roles[HSM_DOCUMENT_ROLES] = {
    [HSM_DOCUMENT_SNAPSHOT] = {WALLET_KEY_SNAPSHOT, "snapshot"},
    [HSM_DOCUMENT_TIMESTAMP] = {WALLET_KEY_TIMESTAMP, "timestamp"},
    [HSM_DOCUMENT_DIRECTOR] = {WALLET_KEY_DIRECTOR, "director"},
};

/* The key of a blob for this role; the caller frees it. */
static enum hsm_status take_key(struct hsm *hsm, uint8_t role, struct bytes blob,
                                struct document_key *ret_key)
{
    CLEANUP(secret_wipe) struct secret seed = {.len = 0};
    static_assert(sizeof seed.at >= DOCUMENT_SEED_BYTES, "a seed is a secret");
    struct writer w = writer_over(seed.at, DOCUMENT_SEED_BYTES);
    err opened = wallet_key_open(&hsm->crypto, &hsm->master.keys, roles[role].use, blob, &w);
    if (FAILED(opened)) return opened.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_KEY_BLOCK;
    seed.len = (uint8_t)w.len;
    err read = document_key_read_seed(writer_view(&w), ret_key);
    if (FAILED(read)) return read.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_KEY_BLOCK;
    return HSM_OK;
}

static enum hsm_status seal_key(struct hsm *hsm, uint8_t role, const struct document_key *key,
                                struct writer *blob)
{
    CLEANUP(secret_wipe) struct secret seed = {.len = DOCUMENT_SEED_BYTES};
    HSM_TRY(hsm_cipher_status(document_key_seed(key, seed.at)));
    return hsm_cipher_status(wallet_key_seal(&hsm->crypto, &hsm->master.keys, roles[role].use,
                                             secret_view(&seed), blob));
}

enum hsm_status hsm_do_document_key(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                    struct writer *response)
{
    struct hsm_document_key m;
    uint8_t blob[HSM_DOCUMENT_BLOB_MAX], hex[2 * HSM_DOCUMENT_PUBLIC_BYTES],
        raw[HSM_DOCUMENT_PUBLIC_BYTES];
    CLEANUP(document_key_free) struct document_key key = {0};
    struct writer w = writer_over(blob, sizeof blob), public = writer_over(hex, sizeof hex);
    size_t len = 0;
    if (FAILED(hsm_read_document_key(r, &m)) || hsm_document_start(m.role) == NULL)
        return HSM_BAD_REQUEST;
    HSM_TRY(hsm_cipher_status(document_key_generate(DOCUMENT_ED25519, &key)));
    HSM_TRY(seal_key(hsm, m.role, &key, &w));
    HSM_TRY(hsm_cipher_status(document_key_write_public(&key, &public)));
    HSM_TRY(hsm_cipher_status(hex_decode(writer_view(&public), raw, sizeof raw, &len)));
    if (hsm->audit != NULL)
        HSM_TRY(hsm_cipher_status(hsm_audit_write(hsm->audit, "key_made",
                                                  "document %s ed25519 public %.8s",
                                                  roles[m.role].name, (const char *)hex)));
    const struct hsm_document_key_answer answer = {writer_view(&w), bytes_of(raw, len)};
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_document_key_answer(response, &answer);
    log_event(hsm->log, LOG_INFO, "document_key_made", LOG_TEXT("role", roles[m.role].name));
    return HSM_OK;
}

enum hsm_status hsm_do_document_sign(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                     struct writer *response)
{
    struct hsm_document_sign m;
    uint8_t signature[DOCUMENT_SIGNATURE_MAX];
    size_t len = 0;
    CLEANUP(document_key_free) struct document_key key = {0};
    if (FAILED(hsm_read_document_sign(r, &m)) || hsm_document_start(m.role) == NULL)
        return HSM_BAD_REQUEST;
    struct bytes start = bytes_text(hsm_document_start(m.role));
    HSM_TRY(take_key(hsm, m.role, m.key, &key));
    if (m.text.len < start.len || memcmp(m.text.at, start.at, start.len) != 0)
        return HSM_WRONG_USAGE;
    HSM_TRY(hsm_cipher_status(document_key_sign(&key, m.text, signature, &len)));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, bytes_of(signature, len));
    return HSM_OK;
}
