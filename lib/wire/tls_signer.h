/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* tls_signer: an OpenSSL key whose private half is a function. Used by tls.c alone. */

#include "lib/wire/tls.h"
#include "lib/wire/tls_transcript.h"

struct evp_pkey_st;
struct ec_key_method_st;

struct tls_signer_key {
    struct tls_signer signer;
    struct tls_transcripts transcripts;
    struct ec_key_method_st *method;
    struct evp_pkey_st *key;
};

/*
 * Makes a key with the public half of `public_key` (EC) that signs with `signer`. `out` owns it and
 * must stay where it is until tls_signer_free(). Errors: CONFIG (not an EC key), NO_MEMORY.
 */
MUST_USE err tls_signer_open(struct evp_pkey_st *public_key, const struct tls_signer *signer,
                             struct tls_signer_key *out);

/* Follows the handshakes of this configuration of a client, so that each may be signed. */
void tls_signer_follow(SSL_CTX *context, struct tls_signer_key *signer_key);

/* After everything that uses the key. A zeroed one is fine. */
void tls_signer_free(struct tls_signer_key *signer_key);
