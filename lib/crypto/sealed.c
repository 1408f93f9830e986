/* SPDX-License-Identifier: Apache-2.0 */
/* A header, a key from it, and GCM over the rest. */
#include "lib/crypto/sealed.h"

#include <sodium.h>

#include "lib/base/reader.h"
#include "lib/crypto/cipher.h"

/*
 * 64 MiB and three passes: what RFC 9106 recommends where memory is scarce, and small enough for
 * the machine in a shop. A file may ask for more, up to the maximum, so that later versions can.
 */
enum {
    PASSES = 3,
    MEMORY_KIB = 64 * 1024,
    PASSES_MAX = 16,
    MEMORY_KIB_MAX = 1024 * 1024,
    SALT_BYTES = crypto_pwhash_SALTBYTES
};

static const char magic[] = "TBSEAL1\n";

struct header {
    uint8_t kind;
    struct bytes salt;
    uint32_t passes, memory_kib;
    struct bytes nonce;
};

static err derive(const struct sealed_secret *secret, const struct header *header,
                  struct key *ret_key)
{
    if (secret->kind == SEALED_BY_KEY)
        return key_make(KEY_AES256, KEY_USAGE_MASTER, secret->value, ret_key);
    if (secret->value.len < SEALED_PASSPHRASE_MIN || secret->value.len > SEALED_PASSPHRASE_MAX)
        return ERR(LENGTH);
    CLEANUP(secret_wipe) struct secret derived = {.len = SEALED_KEY_BYTES};
    if (crypto_pwhash(derived.at, derived.len, (const char *)secret->value.at, secret->value.len,
                      header->salt.at, header->passes, (size_t)header->memory_kib * 1024,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ERR(NO_MEMORY);
    return key_make(KEY_AES256, KEY_USAGE_MASTER, secret_view(&derived), ret_key);
}

/* Header and label together are what the tag covers besides the text. */
enum { LABEL_MAX = 64 };

static struct bytes associate(struct bytes header, struct bytes label,
                              uint8_t out[SEALED_HEADER_BYTES + LABEL_MAX])
{
    ENSURE(header.len == SEALED_HEADER_BYTES && label.len > 0 && label.len <= LABEL_MAX);
    memcpy(out, header.at, header.len);
    memcpy(out + header.len, label.at, label.len);
    return bytes_of(out, header.len + label.len);
}

err sealed_write(struct crypto *crypto, const struct sealed_secret *secret, struct bytes label,
                 struct bytes plain, struct writer *w)
{
    if (plain.len > SEALED_PLAIN_MAX) return ERR(LENGTH);
    bool passphrase = secret->kind == SEALED_BY_PASSPHRASE;
    uint8_t salt[SALT_BYTES] = {0}, nonce[CIPHER_NONCE_BYTES];
    if (passphrase) random_fill(&crypto->random, salt, sizeof salt);
    random_fill(&crypto->random, nonce, sizeof nonce);
    struct header header = {(uint8_t)secret->kind, BYTES_OF(salt), passphrase ? PASSES : 0,
                            passphrase ? MEMORY_KIB : 0, BYTES_OF(nonce)};

    struct writer trial = *w;
    write_bytes(&trial, bytes_text(magic));
    write_be(&trial, header.kind, 1);
    write_bytes(&trial, header.salt);
    write_be(&trial, header.passes, 4);
    write_be(&trial, header.memory_kib, 4);
    write_bytes(&trial, header.nonce);
    uint8_t *out = write_space(&trial, plain.len + CIPHER_TAG_BYTES);
    if (out == NULL) return (err){trial.fault};

    CLEANUP(key_wipe) struct key key = {0};
    uint8_t associated[SEALED_HEADER_BYTES + LABEL_MAX];
    TRY(derive(secret, &header, &key));
    TRY(cipher_gcm_seal(crypto, &key, nonce,
                        associate(bytes_of(w->at + w->len, SEALED_HEADER_BYTES), label, associated),
                        plain, out));
    *w = trial;
    return OK;
}

err sealed_read(struct crypto *crypto, const struct sealed_secret *secret, struct bytes label,
                struct bytes sealed, struct writer *w)
{
    if (sealed.len > SEALED_PLAIN_MAX + SEALED_OVERHEAD) return ERR(LENGTH);
    struct reader r = reader_over(sealed);
    struct bytes start = read_bytes(&r, sizeof magic - 1);
    struct header header = {.kind = (uint8_t)read_be(&r, 1)};
    header.salt = read_bytes(&r, SALT_BYTES);
    header.passes = (uint32_t)read_be(&r, 4);
    header.memory_kib = (uint32_t)read_be(&r, 4);
    header.nonce = read_bytes(&r, CIPHER_NONCE_BYTES);
    struct bytes text = read_rest(&r);
    TRY(reader_finish(&r));
    if (text.len < CIPHER_TAG_BYTES) return ERR(SHORT);
    if (!bytes_equal(start, bytes_text(magic))) return ERR(FORMAT);
    if (header.kind != secret->kind) return ERR(KEY);
    if (header.passes > PASSES_MAX || header.memory_kib > MEMORY_KIB_MAX) return ERR(FORMAT);
    if (header.kind == SEALED_BY_PASSPHRASE && (header.passes == 0 || header.memory_kib < 8))
        return ERR(FORMAT);

    struct writer trial = *w;
    uint8_t *out = write_space(&trial, text.len - CIPHER_TAG_BYTES);
    if (out == NULL) return (err){trial.fault};
    CLEANUP(key_wipe) struct key key = {0};
    uint8_t associated[SEALED_HEADER_BYTES + LABEL_MAX];
    TRY(derive(secret, &header, &key));
    TRY(cipher_gcm_open(crypto, &key, header.nonce.at,
                        associate(bytes_of(sealed.at, SEALED_HEADER_BYTES), label, associated),
                        text, out));
    *w = trial;
    return OK;
}
