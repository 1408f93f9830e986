/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys have signed: each signature is checked with the key that it names, and a key counts
 * once, whatever it is called. */
#include <stdlib.h>

#include "lib/base/hex.h"
#include "lib/crypto/document_key.h"
#include "lib/tuf/metadata.h"

/* Section 4.2; "ecdsa-sha2-nistp256" as a type of key is an older spelling that is still signed. */
static const struct {
    const char *keytype, *scheme;
    enum document_scheme is;
} kinds[] = {
    {"ed25519", "ed25519", DOCUMENT_ED25519},
    {"ecdsa", "ecdsa-sha2-nistp256", DOCUMENT_ECDSA_P256},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", DOCUMENT_ECDSA_P256},
    {"rsa", "rsassa-pss-sha256", DOCUMENT_RSA_PSS},
};

static bool find_scheme(const struct json_t *key, enum document_scheme *ret_scheme)
{
    struct bytes type, scheme;
    if (FAILED(json_text(key, "keytype", 64, &type)) ||
        FAILED(json_text(key, "scheme", 64, &scheme)))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (bytes_equal(type, bytes_text(kinds[i].keytype)) &&
            bytes_equal(scheme, bytes_text(kinds[i].scheme))) {
            *ret_scheme = kinds[i].is;
            return true;
        }
    return false;
}

static bool read_key(const struct json_t *keys, const char *keyid, struct document_key *ret_key)
{
    struct json_t *key = NULL, *value = NULL;
    enum document_scheme scheme;
    struct bytes text;
    return !FAILED(json_member(keys, keyid, &key)) && find_scheme(key, &scheme) &&
           !FAILED(json_member(key, "keyval", &value)) &&
           !FAILED(json_text(value, "public", TUF_KEY_BYTES, &text)) &&
           !FAILED(document_key_read_public(scheme, text, ret_key));
}

static bool may_sign(const struct tuf_role *role, struct bytes keyid)
{
    for (size_t i = 0; i < role->keyid_count; i++) {
        struct bytes name;
        if (!FAILED(json_value_text(json_at(role->keyids, i), TUF_KEYID_BYTES, &name)) &&
            bytes_equal(name, keyid))
            return true;
    }
    return false;
}

/* Fingerprints of the keys that have signed. */
struct signers {
    uint8_t digest[TUF_SIGNATURES_MAX][CRYPTO_SHA256_BYTES];
    size_t count;
};

static void add(struct signers *signers, const uint8_t digest[CRYPTO_SHA256_BYTES])
{
    for (size_t i = 0; i < signers->count; i++)
        if (memcmp(signers->digest[i], digest, CRYPTO_SHA256_BYTES) == 0) return;
    memcpy(signers->digest[signers->count++], digest, CRYPTO_SHA256_BYTES);
}

static void check_one(const struct json_t *signature, const struct tuf_role *role,
                      struct bytes text, struct signers *signers)
{
    char keyid[TUF_KEYID_BYTES + 1];
    uint8_t raw[TUF_SIGNATURE_BYTES / 2], digest[CRYPTO_SHA256_BYTES];
    size_t len = 0;
    struct bytes hex;
    CLEANUP(document_key_free) struct document_key key = {0};
    if (FAILED(json_text_copy(signature, "keyid", keyid, sizeof keyid)) ||
        FAILED(json_text(signature, "sig", TUF_SIGNATURE_BYTES, &hex)) ||
        FAILED(hex_decode(hex, raw, sizeof raw, &len)) || len == 0)
        return;
    if (!may_sign(role, bytes_text(keyid)) || !read_key(role->keys, keyid, &key)) return;
    if (FAILED(document_key_check(&key, text, bytes_of(raw, len)))) return;
    if (!FAILED(document_key_fingerprint(&key, digest))) add(signers, digest);
}

enum tuf_verdict tuf_metadata_signed(const struct tuf_metadata *metadata,
                                     const struct tuf_role *role)
{
    struct json_t *list = NULL;
    size_t count = 0;
    struct signers signers = {.count = 0};
    struct bytes text;
    ENSURE(!FAILED(
        json_list(metadata->document.root, "signatures", TUF_SIGNATURES_MAX, &list, &count)));
    uint8_t *block = malloc(metadata->len); /* the canonical form is never longer */
    if (block == NULL) return TUF_RESOURCES;
    struct writer w = writer_over(block, metadata->len);
    bool written =
        !FAILED(json_canonical_write(metadata->body, &w)) && !FAILED(writer_finish(&w, &text));
    for (size_t i = 0; written && i < count; i++) check_one(json_at(list, i), role, text, &signers);
    free(block);
    if (!written) return TUF_MALFORMED;
    return signers.count >= (size_t)role->threshold ? TUF_ACCEPTED : TUF_UNSIGNED;
}
