/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * identity: EC P-256 key pairs and X.509 certificates: a private certificate authority, the
 * certificates that it issues to servers and terminals, and signatures for TLS 1.3.
 *
 * Everything goes in and out as PEM, so no OpenSSL object leaves this file but the key inside
 * `struct identity_key`. Private keys are PKCS#8 PEM in clear: the caller seals them.
 * Not for the hot path, and not under a seeded source of randomness: OpenSSL draws its own.
 */

#include "lib/base/writer.h"
#include "lib/crypto/crypto.h"

struct evp_pkey_st;

/* Owns an OpenSSL key. Declare it CLEANUP(identity_key_free). */
struct identity_key {
    struct evp_pkey_st *pkey;
};

enum {
    IDENTITY_PEM_MAX = 4096,    /* one key, certificate or request */
    IDENTITY_NAME_MAX = 64,     /* X.520 upper bound of a common name */
    IDENTITY_DIGEST_BYTES = 32, /* SHA-256 */
    IDENTITY_SIGNATURE_MAX = 80 /* DER ECDSA-Sig-Value on P-256: at most 72 */
};

enum identity_role {
    IDENTITY_SERVER, /* extended key usage server authentication, with host names */
    IDENTITY_CLIENT  /* client authentication: a terminal, a service */
};

/* What an issued certificate says. */
struct identity_subject {
    struct bytes common_name; /* 1..64 bytes of UTF-8 without control characters */
    enum identity_role role;
    const char *const *dns_names; /* NULL-terminated or NULL; for servers */
    const char *const *addresses; /* textual IP addresses, the same */
    int64_t not_before_ms;        /* milliseconds since 1970 UTC; whole seconds are kept */
    int64_t not_after_ms;
};

MUST_USE err identity_key_generate(struct identity_key *ret_key);
void identity_key_free(struct identity_key *key);

/* PKCS#8 PEM. The writer's block then holds a secret. Errors: FULL, CRYPTO. */
MUST_USE err identity_key_write(const struct identity_key *key, struct writer *w);
/* Errors: FORMAT (no PEM key), KEY (not EC P-256). */
MUST_USE err identity_key_read(struct bytes pem, struct identity_key *ret_key);

/*
 * Appends a self-signed certificate authority as PEM: CA, path length 0, may sign certificates
 * only. Errors: LENGTH or FORMAT (the name), FULL, CRYPTO.
 */
MUST_USE err identity_make_authority(const struct identity_key *key, struct bytes common_name,
                                     int64_t not_before_ms, int64_t not_after_ms, struct writer *w);

/*
 * Appends a certificate for `subject`, signed by the authority, with a random 128-bit serial.
 * `public_pem` is what it is made out to: a certificate request whose own signature is checked here
 * (its subject and wishes are ignored: the authority decides), or a public or private key in PEM.
 * Errors: FORMAT, IDENTITY (the request is not signed by its key), KEY (not EC P-256, or the
 * authority's key and certificate do not belong together), LENGTH, FULL, CRYPTO.
 */
MUST_USE err identity_issue(const struct identity_key *authority_key, struct bytes authority_pem,
                            struct bytes public_pem, const struct identity_subject *subject,
                            struct writer *w);

/* Appends a certificate request (PKCS#10, PEM) for this key and name. */
MUST_USE err identity_request(const struct identity_key *key, struct bytes common_name,
                              struct writer *w);

/* Common name and public key fingerprint (SHA-256 of the SubjectPublicKeyInfo) of a certificate or
 * a request. Errors: FORMAT, IDENTITY (a request that its key has not signed), LENGTH. */
MUST_USE err identity_describe(struct bytes pem, char ret_name[IDENTITY_NAME_MAX + 1],
                               uint8_t ret_fingerprint[CRYPTO_SHA256_BYTES]);

/* The same of a certificate request alone: its signature shows that who made it has the key. */
MUST_USE err identity_describe_request(struct bytes pem, char ret_name[IDENTITY_NAME_MAX + 1],
                                       uint8_t ret_fingerprint[CRYPTO_SHA256_BYTES]);

/* When a certificate ends, in milliseconds since 1970 UTC. Errors: FORMAT. */
MUST_USE err identity_expiry(struct bytes certificate_pem, int64_t *ret_not_after_ms);

/*
 * Checks `certificate_pem` against the authority, role and time.
 * Errors: FORMAT, IDENTITY (not issued by it, expired, not yet valid, or of another role).
 */
MUST_USE err identity_verify(struct bytes authority_pem, struct bytes certificate_pem,
                             enum identity_role role, int64_t now_ms);

/*
 * ECDSA over a SHA-256 digest, DER, as TLS 1.3 ecdsa_secp256r1_sha256 carries it.
 * Writes at most IDENTITY_SIGNATURE_MAX bytes.
 */
MUST_USE err identity_sign(const struct identity_key *key,
                           const uint8_t digest[IDENTITY_DIGEST_BYTES],
                           uint8_t ret_signature[IDENTITY_SIGNATURE_MAX], size_t *ret_len);

/* OK, or IDENTITY. `pem` is a certificate, a public key or a private key. Errors: FORMAT, KEY (not
 * EC P-256). */
MUST_USE err identity_check(struct bytes pem, const uint8_t digest[IDENTITY_DIGEST_BYTES],
                            struct bytes signature);
