/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What tls.c and tls_session.c share. */

#include "lib/wire/openssl.h"

#include "lib/wire/tls.h"
#include "lib/wire/tls_signer.h"

struct tls {
    SSL_CTX *context;
    bool server;
    char server_name[TLS_NAME_MAX * 4]; /* client: the name the server must carry */
    bool name_is_address;
    SSL_SESSION *last; /* client: what to resume */
    struct tls_signer_key signer;
    struct tls_counts counts;
};

/* notAfter of a certificate, UTC; 0 when it makes no sense. */
int64_t tls_end_ms(const X509 *certificate);
