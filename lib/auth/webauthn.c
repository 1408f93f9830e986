/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passkeys: Web Authentication level 2, sections 7.1 (registering) and 7.2 (verifying), in the
 * order of their steps as far as attestation "none" and one algorithm leave them. The signature is
 * checked by OpenSSL; the keys are public, so there is nothing to keep secret here.
 */
#include "lib/auth/openssl.h" /* first */

#include "lib/auth/webauthn.h"

#include <sodium.h>

#include "lib/auth/cbor.h"
#include "lib/base/writer.h"

enum {
    FLAG_PRESENT = 0x01,
    FLAG_VERIFIED = 0x04,
    FLAG_KEY = 0x40,
    FLAG_EXTENSIONS = 0x80,
    AAGUID_BYTES = 16,
    COORDINATE = 32,
    COSE_KEY_TYPE = 1,
    COSE_ALGORITHM = 3,
    COSE_CURVE = -1,
    COSE_X = -2,
    COSE_Y = -3,
    COSE_EC2 = 2,
    COSE_ES256 = -7,
    COSE_P256 = 1,
};

struct bytes webauthn_rp_id(struct bytes origin)
{
    struct bytes host = origin;
    for (size_t i = 0; i + 2 < origin.len; i++)
        if (memcmp(origin.at + i, "://", 3) == 0) {
            host = bytes_of(origin.at + i + 3, origin.len - i - 3);
            break;
        }
    const uint8_t *colon = host.len == 0 ? NULL : memchr(host.at, ':', host.len);
    if (colon != NULL) host.len = (size_t)(colon - host.at);
    return host;
}

/* ---- client data: section 5.8.1.2, the limited verification algorithm ---- */

static err check_client_data(const struct webauthn_site *site, const char *type,
                             const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES],
                             struct bytes client_data)
{
    char text[64], expected[WEBAUTHN_CLIENT_DATA_MAX];
    struct bytes start;
    struct writer w = writer_over(expected, sizeof expected);
    sodium_bin2base64(text, sizeof text, challenge, WEBAUTHN_CHALLENGE_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    write_format(&w,
                 "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%.*s\",\"crossOrigin\":false",
                 type, text, (int)site->origin.len, (const char *)site->origin.at);
    TRY(writer_finish(&w, &start));
    if (client_data.len > WEBAUTHN_CLIENT_DATA_MAX) return ERR(LENGTH);
    if (client_data.len <= start.len) return ERR(IDENTITY);
    if (sodium_memcmp(client_data.at, start.at, start.len) != 0) return ERR(IDENTITY);
    uint8_t next = client_data.at[start.len], last = client_data.at[client_data.len - 1];
    return (next == '}' || next == ',') && last == '}' ? OK : ERR(FORMAT);
}

/* ---- authenticator data: section 6.1 ---- */

struct authenticator {
    uint8_t flags;
    uint32_t counter;
    struct bytes credential;
    uint8_t public_key[WEBAUTHN_KEY_BYTES];
};

/* A COSE key, RFC 9053: EC2, ES256, P-256, with its members in the canonical order. */
static void read_key(struct reader *r, struct authenticator *a)
{
    if (cbor_read_map(r) != 5) reader_fail(r, ERR_UNSUPPORTED);
    cbor_expect_int(r, COSE_KEY_TYPE);
    if (cbor_read_int(r) != COSE_EC2) reader_fail(r, ERR_UNSUPPORTED);
    cbor_expect_int(r, COSE_ALGORITHM);
    if (cbor_read_int(r) != COSE_ES256) reader_fail(r, ERR_UNSUPPORTED);
    cbor_expect_int(r, COSE_CURVE);
    if (cbor_read_int(r) != COSE_P256) reader_fail(r, ERR_UNSUPPORTED);
    struct writer w = writer_over(a->public_key, sizeof a->public_key);
    write_be(&w, 4, 1);
    cbor_expect_int(r, COSE_X);
    write_bytes(&w, cbor_read_bytes(r, COORDINATE));
    cbor_expect_int(r, COSE_Y);
    write_bytes(&w, cbor_read_bytes(r, COORDINATE));
    if (w.len != WEBAUTHN_KEY_BYTES) reader_fail(r, ERR_FORMAT);
}

static err read_authenticator(const struct webauthn_site *site, struct bytes data,
                              struct authenticator *out)
{
    uint8_t rp_hash[crypto_hash_sha256_BYTES];
    struct authenticator a = {0};
    struct reader r = reader_over(data);
    crypto_hash_sha256(rp_hash, site->rp_id.at, site->rp_id.len);
    struct bytes said = read_bytes(&r, sizeof rp_hash);
    a.flags = (uint8_t)read_be(&r, 1);
    a.counter = (uint32_t)read_be(&r, 4);
    if (r.fault == ERR_OK && !bytes_equal(said, BYTES_OF(rp_hash))) return ERR(IDENTITY);
    if ((a.flags & FLAG_KEY) != 0) {
        (void)read_bytes(&r, AAGUID_BYTES);
        a.credential = read_prefixed(&r, 2, WEBAUTHN_CREDENTIAL_MAX);
        read_key(&r, &a);
    }
    if ((a.flags & FLAG_EXTENSIONS) != 0) {
        if (r.left.len == 0 || r.left.at[0] >> 5 != 5) reader_fail(&r, ERR_FORMAT); /* a map */
        cbor_skip(&r);
    }
    TRY(reader_finish(&r));
    uint8_t needed = site->unverified ? FLAG_PRESENT : FLAG_PRESENT | FLAG_VERIFIED;
    if ((a.flags & needed) != needed) return ERR(DENIED);
    *out = a;
    return OK;
}

/* ---- keys and signatures ---- */

/* OpenSSL's form of a point; NULL when it is not on the curve. */
static EVP_PKEY *public_key(const uint8_t point[WEBAUTHN_KEY_BYTES])
{
    EVP_PKEY *key = NULL;
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group - 1),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point,
                                          WEBAUTHN_KEY_BYTES),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static bool signature_right(EVP_PKEY *key, struct bytes authenticator_data,
                            struct bytes client_data, struct bytes signature)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    crypto_hash_sha256(hash, client_data.at, client_data.len);
    bool right =
        context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerifyUpdate(context, authenticator_data.at, authenticator_data.len) == 1 &&
        EVP_DigestVerifyUpdate(context, hash, sizeof hash) == 1 &&
        EVP_DigestVerifyFinal(context, signature.at, signature.len) == 1;
    EVP_MD_CTX_free(context);
    return right;
}

/* ---- the two ceremonies ---- */

static err read_attestation(struct bytes object, struct bytes *ret_authenticator_data)
{
    if (object.len > WEBAUTHN_OBJECT_MAX) return ERR(LENGTH);
    struct reader r = reader_over(object);
    if (cbor_read_map(&r) != 3) reader_fail(&r, ERR_FORMAT);
    cbor_expect_text(&r, "fmt");
    struct bytes format = cbor_read_text(&r, 32);
    if (r.fault == ERR_OK && !bytes_equal(format, BYTES("none"))) reader_fail(&r, ERR_UNSUPPORTED);
    cbor_expect_text(&r, "attStmt");
    if (cbor_read_map(&r) != 0) reader_fail(&r, ERR_UNSUPPORTED);
    cbor_expect_text(&r, "authData");
    struct bytes data = cbor_read_bytes(&r, WEBAUTHN_OBJECT_MAX);
    TRY(reader_finish(&r));
    *ret_authenticator_data = data;
    return OK;
}

err webauthn_register(const struct webauthn_site *site,
                      const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES], struct bytes client_data,
                      struct bytes attestation_object, struct webauthn_key *ret_key)
{
    struct bytes data;
    struct authenticator a;
    TRY(check_client_data(site, "webauthn.create", challenge, client_data));
    TRY(read_attestation(attestation_object, &data));
    TRY(read_authenticator(site, data, &a));
    if ((a.flags & FLAG_KEY) == 0 || a.credential.len == 0) return ERR(FORMAT);
    EVP_PKEY *key = public_key(a.public_key);
    if (key == NULL) return ERR(KEY);
    EVP_PKEY_free(key);

    struct webauthn_key made = {.credential_len = a.credential.len, .counter = a.counter};
    memcpy(made.credential, a.credential.at, a.credential.len);
    memcpy(made.public_key, a.public_key, sizeof made.public_key);
    *ret_key = made;
    return OK;
}

err webauthn_verify(const struct webauthn_site *site,
                    const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES],
                    const struct webauthn_key *key, const struct webauthn_assertion *assertion,
                    uint32_t *ret_counter)
{
    struct authenticator a;
    if (assertion->authenticator_data.len > WEBAUTHN_OBJECT_MAX) return ERR(LENGTH);
    TRY(check_client_data(site, "webauthn.get", challenge, assertion->client_data));
    TRY(read_authenticator(site, assertion->authenticator_data, &a));
    EVP_PKEY *public = public_key(key->public_key);
    if (public == NULL) return ERR(KEY);
    bool right = signature_right(public, assertion->authenticator_data, assertion->client_data,
                                 assertion->signature);
    EVP_PKEY_free(public);
    if (!right) return ERR(MAC);
    if ((a.counter != 0 || key->counter != 0) && a.counter <= key->counter) return ERR(CONFLICT);
    *ret_counter = a.counter;
    return OK;
}
