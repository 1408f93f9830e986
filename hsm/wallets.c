/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands for the interfaces of wallets: the key is a sealed blob instead of a key block, because
 * an RSA key is longer than one; what is said of key blocks holds for it otherwise.
 */
#include <assert.h>

#include "hsm/internal.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/rsa_signature.h"
#include "lib/crypto/wallet_content.h"
#include "lib/crypto/wallet_key.h"
#include "lib/wire/hsm_protocol_wallets.h"

enum { OPEN_KEY_BYTES = 32, SHORT_KEY_BYTES = 16, LABEL_MAX = 32, MADE_BITS = 2048 };

static_assert((int)HSM_WALLET_DIGEST_BYTES == (int)RSA_KEY_DIGEST_BYTES &&
                  (int)HSM_WALLET_NONCE_BYTES == (int)CIPHER_NONCE_BYTES &&
                  (int)HSM_WALLET_SIGNATURE_MAX == (int)RSA_KEY_SIGNATURE_MAX &&
                  (int)HSM_WALLET_SIGNS == (int)WALLET_KEY_SIGN &&
                  (int)HSM_WALLET_OPENS == (int)WALLET_KEY_OPEN &&
                  (int)HSM_WALLET_HIDES == (int)WALLET_KEY_CONTENT,
              "the protocol's numbers are those of lib/crypto");
static_assert(OPEN_KEY_BYTES + SEALED_OVERHEAD + HSM_WALLET_SEALED_MAX + 128 <= HSM_FRAME_MAX &&
                  HSM_WALLET_BLOB_MAX + HSM_WALLET_PUBLIC_MAX + 32 <= HSM_FRAME_MAX,
              "commands and answers fit into a frame");

/* A key while it is in use. */
struct clear {
    uint8_t at[RSA_KEY_TEXT_MAX];
    struct writer w;
};

static void clear_wipe(struct clear *clear)
{
    secret_wipe_bytes(clear, sizeof *clear);
}

static enum hsm_status take_blob(struct hsm *hsm, struct bytes blob, enum wallet_key_use use,
                                 struct clear *clear)
{
    clear->w = writer_over(clear->at, sizeof clear->at);
    err opened = wallet_key_open(&hsm->crypto, &hsm->master.keys, use, blob, &clear->w);
    if (!FAILED(opened)) return HSM_OK;
    return opened.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_KEY_BLOCK;
}

static err make_signing(struct bytes clear, struct rsa_key *ret_key)
{
    return clear.len == 0 ? rsa_key_generate(MADE_BITS, ret_key)
                          : rsa_key_read_private(clear, ret_key);
}

/* The key as it will be sealed, and what may be told of it. */
static enum hsm_status make(const struct hsm_wallet_key *m, struct writer *clear,
                            struct writer *public)
{
    if (m->use != HSM_WALLET_SIGNS) {
        bool fits = m->clear.len == OPEN_KEY_BYTES ||
                    (m->use == HSM_WALLET_HIDES && m->clear.len == SHORT_KEY_BYTES);
        if (!fits) return HSM_BAD_REQUEST;
        write_bytes(clear, m->clear);
        return HSM_OK;
    }
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    err made = make_signing(m->clear, &key);
    if (!FAILED(made)) made = rsa_key_write_private(&key, clear);
    if (!FAILED(made)) made = rsa_key_write_public(&key, public);
    if (!FAILED(made) && clear->len + SEALED_OVERHEAD <= HSM_WALLET_BLOB_MAX) return HSM_OK;
    return made.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_REQUEST;
}

static bool well_formed(const struct hsm_wallet_key *m)
{
    if (m->use < HSM_WALLET_SIGNS || m->use > HSM_WALLET_HIDES) return false;
    if (m->label.len > LABEL_MAX) return false;
    for (size_t i = 0; i < m->label.len; i++)
        if (m->label.at[i] < 0x20 || m->label.at[i] > 0x7e) return false;
    return true;
}

/* The public part names a key that signs; of the others, nothing may be told. */
static enum hsm_status audit(struct hsm *hsm, const struct hsm_wallet_key *m, struct bytes public)
{
    if (hsm->audit == NULL) return HSM_OK;
    const char *event = m->clear.len > 0 ? "key_imported" : "key_made";
    if (m->use == HSM_WALLET_OPENS)
        return hsm_cipher_status(hsm_audit_write(hsm->audit, event, "wallet opens aes-256"));
    if (m->use == HSM_WALLET_HIDES)
        return hsm_cipher_status(hsm_audit_write(hsm->audit, event, "wallet hides aes-%u",
                                                 (unsigned)(8 * m->clear.len)));
    uint8_t digest[CRYPTO_SHA256_BYTES];
    crypto_sha256(public, digest);
    return hsm_cipher_status(hsm_audit_write(hsm->audit, event,
                                             "wallet signs rsa-2048 public %02x%02x%02x%02x",
                                             digest[0], digest[1], digest[2], digest[3]));
}

enum hsm_status hsm_do_wallet_key(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                  struct writer *response)
{
    struct hsm_wallet_key m;
    CLEANUP(clear_wipe) struct clear clear;
    uint8_t public[HSM_WALLET_PUBLIC_MAX], blob[HSM_WALLET_BLOB_MAX];
    if (FAILED(hsm_read_wallet_key(r, &m)) || !well_formed(&m)) return HSM_BAD_REQUEST;
    clear.w = writer_over(clear.at, sizeof clear.at);
    struct writer public_w = writer_over(public, sizeof public);
    struct writer blob_w = writer_over(blob, sizeof blob);
    HSM_TRY(make(&m, &clear.w, &public_w));
    HSM_TRY(hsm_cipher_status(wallet_key_seal(&hsm->crypto, &hsm->master.keys,
                                              (enum wallet_key_use)m.use, writer_view(&clear.w),
                                              &blob_w)));
    HSM_TRY(audit(hsm, &m, writer_view(&public_w)));
    const struct hsm_wallet_key_answer answer = {writer_view(&blob_w), writer_view(&public_w)};
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_wallet_key_answer(response, &answer);
    log_event(hsm->log, LOG_INFO, "wallet_key_made", LOG_INT("use", m.use),
              LOG_BYTES("label", m.label), LOG_INT("imported", m.clear.len > 0));
    return HSM_OK;
}

/*
 * A key that was read before, by the digest of the blob or text that it came from. Reading one
 * looks at its numbers for longer than signing takes, and a gateway has a few keys only.
 */
static struct rsa_key *find_handle(struct hsm *hsm, const uint8_t digest[CRYPTO_SHA256_BYTES])
{
    for (size_t i = 0; i < HSM_WALLET_HANDLES; i++) {
        struct hsm_wallet_handle *h = &hsm->handle[i];
        if (h->key.pkey != NULL && memcmp(h->digest, digest, sizeof h->digest) == 0) return &h->key;
    }
    return NULL;
}

static struct rsa_key *keep_handle(struct hsm *hsm, const uint8_t digest[CRYPTO_SHA256_BYTES],
                                   struct rsa_key key)
{
    struct hsm_wallet_handle *h = &hsm->handle[hsm->next_handle];
    hsm->next_handle = (hsm->next_handle + 1) % HSM_WALLET_HANDLES;
    rsa_key_free(&h->key);
    memcpy(h->digest, digest, sizeof h->digest);
    h->key = key;
    return &h->key;
}

void hsm_wallets_close(struct hsm *hsm)
{
    for (size_t i = 0; i < HSM_WALLET_HANDLES; i++) rsa_key_free(&hsm->handle[i].key);
}

static enum hsm_status read_status(err read)
{
    if (!FAILED(read)) return HSM_OK;
    return read.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_REQUEST;
}

static enum hsm_status take_signing(struct hsm *hsm, struct bytes blob,
                                    const struct rsa_key **ret_key)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct rsa_key key;
    crypto_sha256(blob, digest);
    *ret_key = find_handle(hsm, digest);
    if (*ret_key != NULL) return (*ret_key)->secret ? HSM_OK : HSM_BAD_KEY_BLOCK;
    CLEANUP(clear_wipe) struct clear clear;
    HSM_TRY(take_blob(hsm, blob, WALLET_KEY_SIGN, &clear));
    HSM_TRY(read_status(rsa_key_read_private(writer_view(&clear.w), &key)));
    *ret_key = keep_handle(hsm, digest, key);
    return HSM_OK;
}

enum hsm_status hsm_do_wallet_sign(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                   struct writer *response)
{
    struct hsm_wallet_sign m;
    const struct rsa_key *key;
    uint8_t signature[RSA_KEY_SIGNATURE_MAX];
    size_t len = 0;
    if (FAILED(hsm_read_wallet_sign(r, &m)) || m.digest.len != HSM_WALLET_DIGEST_BYTES)
        return HSM_BAD_REQUEST;
    HSM_TRY(take_signing(hsm, m.key, &key));
    HSM_TRY(hsm_cipher_status(rsa_key_sign_digest(key, m.digest.at, signature, &len)));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, bytes_of(signature, len));
    return HSM_OK;
}

static enum hsm_status take_public(struct hsm *hsm, struct bytes pem,
                                   const struct rsa_key **ret_key)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct rsa_key key;
    crypto_sha256(pem, digest);
    *ret_key = find_handle(hsm, digest);
    if (*ret_key != NULL) return (*ret_key)->secret ? HSM_BAD_REQUEST : HSM_OK;
    HSM_TRY(read_status(rsa_key_read_public(pem, &key)));
    *ret_key = keep_handle(hsm, digest, key);
    return HSM_OK;
}

enum hsm_status hsm_do_wallet_check(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                    struct writer *response)
{
    struct hsm_wallet_check m;
    const struct rsa_key *key;
    if (FAILED(hsm_read_wallet_check(r, &m)) || m.digest.len != HSM_WALLET_DIGEST_BYTES)
        return HSM_BAD_REQUEST;
    HSM_TRY(take_public(hsm, m.pem, &key));
    err good = rsa_key_check_digest(key, m.digest.at, m.signature);
    if (good.code == ERR_IDENTITY) return HSM_BAD_VALUE;
    HSM_TRY(hsm_cipher_status(good));
    hsm_write_answer(response, header, HSM_OK);
    return HSM_OK;
}

enum hsm_status hsm_do_wallet_open(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                   struct writer *response)
{
    struct hsm_wallet_open m;
    CLEANUP(clear_wipe) struct clear clear;
    CLEANUP(key_wipe) struct key key = {0};
    uint8_t text[HSM_WALLET_SEALED_MAX];
    if (FAILED(hsm_read_wallet_open(r, &m)) || m.nonce.len != CIPHER_NONCE_BYTES ||
        m.sealed.len < CIPHER_TAG_BYTES || m.sealed.len > sizeof text)
        return HSM_BAD_REQUEST;
    HSM_TRY(take_blob(hsm, m.key, WALLET_KEY_OPEN, &clear));
    if (FAILED(key_make(KEY_AES256, KEY_USAGE_DATA, writer_view(&clear.w), &key)))
        return HSM_BAD_KEY_BLOCK;
    err opened = cipher_gcm_open(&hsm->crypto, &key, m.nonce.at, m.associated, m.sealed, text);
    if (opened.code == ERR_MAC) return HSM_BAD_ENVELOPE;
    HSM_TRY(hsm_cipher_status(opened));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, bytes_of(text, m.sealed.len - CIPHER_TAG_BYTES));
    return HSM_OK;
}

/* Both ways. */
static enum hsm_status content(struct hsm *hsm, struct reader *r, struct hsm_header header,
                               struct writer *response, bool hides)
{
    struct hsm_wallet_content m;
    CLEANUP(clear_wipe) struct clear clear;
    CLEANUP(key_wipe) struct key key = {0};
    uint8_t text[HSM_WALLET_SEALED_MAX + WALLET_CONTENT_BLOCK];
    size_t len = 0;
    if (FAILED(hsm_read_wallet_content(r, &m)) || m.text.len > HSM_WALLET_SEALED_MAX)
        return HSM_BAD_REQUEST;
    HSM_TRY(take_blob(hsm, m.key, WALLET_KEY_CONTENT, &clear));
    enum key_algorithm algorithm = clear.w.len == SHORT_KEY_BYTES ? KEY_AES128 : KEY_AES256;
    if (FAILED(key_make(algorithm, KEY_USAGE_DATA, writer_view(&clear.w), &key)))
        return HSM_BAD_KEY_BLOCK;
    err done = hides ? wallet_content_seal(&hsm->crypto, &key, m.text, text, &len)
                     : wallet_content_open(&hsm->crypto, &key, m.text, text, &len);
    if (done.code == ERR_FORMAT || len > HSM_WALLET_SEALED_MAX) return HSM_BAD_ENVELOPE;
    HSM_TRY(hsm_cipher_status(done));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, bytes_of(text, len));
    explicit_bzero(text, sizeof text); /* a payment code */
    return HSM_OK;
}

enum hsm_status hsm_do_wallet_hide(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                   struct writer *response)
{
    return content(hsm, r, header, response, true);
}

enum hsm_status hsm_do_wallet_show(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                   struct writer *response)
{
    return content(hsm, r, header, response, false);
}
