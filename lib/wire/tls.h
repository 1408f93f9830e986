/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tls: who may talk to whom. TLS 1.3 only, AES-GCM, ECDSA certificates of one private CA. A server
 * demands a client certificate of that CA, unless it says that it takes strangers; a client accepts
 * only a server certificate of that CA that carries the expected name. Public CAs are never
 * consulted.
 *
 * A key is given as PEM or stays elsewhere: with a signer only the certificate is here, and each
 * handshake asks the signer for one ECDSA signature (the terminal's key never leaves its vault).
 *
 * In TLS 1.3 a client is done before the server has looked at its certificate. So that "open" means
 * the same on both sides, a client here waits for the server's first session ticket, which comes
 * after that look; a server that gives none is not one of ours.
 *
 * Sessions are resumed: the server keeps them itself (half the cost of tickets that carry the
 * certificate), the client keeps the last one it was given. Early data is never used: it can be
 * replayed.
 */

#include <stdint.h>

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

struct tls; /* one side's configuration; many connections share it */

/* PEM by path or as bytes; exactly one is given. */
struct tls_pem {
    const char *path;
    struct bytes pem;
};

#define TLS_PEM_FILE(file) ((struct tls_pem){.path = (file)})

/*
 * Makes a client's CertificateVerify (RFC 8446, 4.4.3) with the key of the certificate: signs the
 * SHA-256 of 64 spaces, "TLS 1.3, client CertificateVerify", a zero byte and the transcript hash of
 * 32 or 48 bytes, so that nothing but a handshake is ever signed for one. A DER ECDSA-Sig-Value, at
 * most 72 bytes.
 */
struct tls_signer {
    err (*sign)(void *context, struct bytes transcript_hash, struct writer *der_signature);
    void *context;
};

struct tls_options {
    struct tls_pem ca;          /* one or more CA certificates */
    struct tls_pem certificate; /* own certificate first, then intermediates */
    struct tls_pem key;         /* a file must not be readable by group or others */
    struct tls_signer signer;   /* instead of key, when sign is not NULL */
    unsigned sessions_max;      /* server: sessions kept for resumption; 0 means 4096 */
    bool strangers; /* server: who has no certificate is let in, with "" for a name; what he may say
                     * is the caller's to limit. Client: it comes without one. */
};

enum { TLS_NAME_MAX = 64, TLS_TEXT_MAX = 200, TLS_PRINT_BYTES = 32 };

/* Why it failed, as a sentence for the person who configured it. */
struct tls_fault {
    char text[TLS_TEXT_MAX];
};

/* Errors: CONFIG (file missing, no PEM, key does not fit), DENIED (key file open to others). */
MUST_USE err tls_server_create(const struct tls_options *options, struct tls_fault *fault,
                               struct tls **ret_tls);

/* `server_name`: the DNS name (or IP address) that the server's certificate must carry. */
MUST_USE err tls_client_create(const struct tls_options *options, const char *server_name,
                               struct tls_fault *fault, struct tls **ret_tls);

void tls_destroy(struct tls *tls); /* NULL is allowed; after all its streams */

/* Handshakes done so far, and how many of them resumed a session. */
struct tls_counts {
    uint64_t handshakes, resumed, failed;
};
struct tls_counts tls_counts(const struct tls *tls);

/* When the first certificate of a PEM file ends, UTC. Errors: CONFIG (no file, no certificate). */
MUST_USE err tls_certificate_end(const char *path, int64_t *ret_end_ms);
