/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * webauthn: passkeys (W3C Web Authentication level 2), as far as one relying party needs them: keys
 * on P-256 (ES256), attestation "none", which is what browsers give unless asked for more.
 *
 * Everything that comes from a browser is read strictly. The client data is compared with the one
 * serialisation that section 5.8.1.1 prescribes and not parsed as JSON, so that nothing in it can
 * be read in two ways. CBOR is the canonical form of CTAP2, of the few shapes that occur.
 *
 * The caller makes the challenge, remembers for whom and until when, and forgets it when it is
 * used.
 */

#include "lib/base/bytes.h"

enum {
    WEBAUTHN_CHALLENGE_BYTES = 32,
    WEBAUTHN_CREDENTIAL_MAX = 255, /* 1023 by the standard; no authenticator comes near */
    WEBAUTHN_KEY_BYTES = 65,       /* 04, X, Y */
    WEBAUTHN_CLIENT_DATA_MAX = 1024,
    WEBAUTHN_OBJECT_MAX = 2048,
    WEBAUTHN_RP_ID_MAX = 128,
};

/* Whose passkeys: the host name, and the address that pages come from. Views. */
struct webauthn_site {
    struct bytes rp_id;  /* "pay.example" */
    struct bytes origin; /* "https://pay.example" */
    bool unverified; /* the person's presence is enough: for a key beside a password, never alone */
};

struct webauthn_key {
    uint8_t credential[WEBAUTHN_CREDENTIAL_MAX];
    size_t credential_len;
    uint8_t public_key[WEBAUTHN_KEY_BYTES];
    uint32_t counter; /* 0: the authenticator does not count */
};

/* "pay.example" of "https://pay.example" or of "http://localhost:8080": what passkeys are bound to.
 */
struct bytes webauthn_rp_id(struct bytes origin);

/*
 * A new passkey. Errors: LENGTH, FORMAT (not what a browser sends),
 * IDENTITY (another challenge, origin or relying party), DENIED (the person was not there, or not
 * verified), UNSUPPORTED (another algorithm or an attestation that was not asked for), KEY (no
 * point of the curve).
 */
MUST_USE err webauthn_register(const struct webauthn_site *site,
                               const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES],
                               struct bytes client_data, struct bytes attestation_object,
                               struct webauthn_key *ret_key);

struct webauthn_assertion {
    struct bytes client_data, authenticator_data, signature;
};

/*
 * Somebody shows that they hold the key, verified by their device. `key` has the stored counter;
 * *ret_counter is to be stored. Errors: as above; MAC (wrong signature), CONFLICT (the counter did
 * not grow: there may be a copy of the key), CRYPTO.
 */
MUST_USE err webauthn_verify(const struct webauthn_site *site,
                             const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES],
                             const struct webauthn_key *key,
                             const struct webauthn_assertion *assertion, uint32_t *ret_counter);
