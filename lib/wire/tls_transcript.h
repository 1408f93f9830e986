/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tls_transcript: what a client's signature of a TLS 1.3 handshake is made over (RFC 8446, 4.4.3),
 * followed from the messages as they come and go. OpenSSL hands a key nothing but the digest of it,
 * and whoever keeps the key shall not sign digests that somebody gives him: he gets the transcript
 * hash, and makes the rest himself. Used by tls_signer.c alone.
 */

#include "lib/wire/openssl.h"

#include "lib/base/bytes.h"

enum {
    TLS_TRANSCRIPT_MAX = 48, /* SHA-384; or SHA-256, 32: which one, the cipher says */
    TLS_TRANSCRIPTS = 4,     /* handshakes of one configuration that are under way at once */
};

struct tls_transcript {
    const SSL *ssl;      /* NULL: free. Compared, never followed */
    bool retried;        /* a HelloRetryRequest has come */
    EVP_MD_CTX *hash[2]; /* SHA-256, SHA-384 */
};

struct tls_transcripts {
    struct tls_transcript of[TLS_TRANSCRIPTS];
    size_t next; /* to be given up when all are taken */
};

/* A handshake message has been written or read. */
void tls_transcript_take(struct tls_transcripts *all, const SSL *ssl, bool written,
                         struct bytes message);

/*
 * The transcript hash whose CertificateVerify of a client has this SHA-256. False: it is that of
 * none of the handshakes under way, so it is not to be signed.
 */
bool tls_transcript_find(const struct tls_transcripts *all, struct bytes digest,
                         uint8_t hash[static TLS_TRANSCRIPT_MAX], size_t *ret_len);

void tls_transcripts_free(struct tls_transcripts *all);
