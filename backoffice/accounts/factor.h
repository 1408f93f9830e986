/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * factor: second factors of an account: is this the code, is this the key? A right one is taken in
 * the caller's transaction, so that it is never right again. The secret of an app's codes is sealed
 * under a key that the hsm makes for this account; without the hsm nobody is let in, and nobody is
 * locked out either.
 */

#include "backoffice/accounts/challenge.h"
#include "backoffice/accounts/session.h"
#include "lib/auth/totp.h"

enum factor_verdict {
    FACTOR_RIGHT,
    FACTOR_WRONG,
    FACTOR_AWAY, /* the hsm does not answer: nothing was decided */
};

MUST_USE err factor_totp(struct backoffice *backoffice, struct store_tx *tx, int64_t account,
                         struct bytes code, int64_t now_ms, enum factor_verdict *ret);
MUST_USE err factor_recovery(struct backoffice *backoffice, struct store_tx *tx,
                             const struct registry_actor *actor, int64_t account, struct bytes code,
                             enum factor_verdict *ret);

/* A passkey's answer, as it stands in a request: {"challenge","credential","client_data",
 * "authenticator_data","signature"}, all base64. */
struct factor_assertion {
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES];
    uint8_t credential[WEBAUTHN_CREDENTIAL_MAX], client_data[WEBAUTHN_CLIENT_DATA_MAX],
        authenticator_data[512], signature[128];
    size_t credential_len, client_data_len, authenticator_data_len, signature_len;
};
MUST_USE err factor_parse(struct bytes body, struct factor_assertion *ret_assertion);

/* `account` 0: anybody's key; *ret_account is whose it is when it is right. */
MUST_USE err factor_passkey(struct backoffice *backoffice, struct store_tx *tx,
                            const struct challenge *what, const struct factor_assertion *assertion,
                            int64_t account, int64_t now_ms, enum factor_verdict *ret,
                            int64_t *ret_account);

/* Ten new recovery codes instead of all others, as a JSON array. */
MUST_USE err factor_codes(struct backoffice *backoffice, struct store_tx *tx,
                          const struct registry_actor *actor, int64_t account, struct writer *w,
                          bool *ret_away);

/* Seals the secret of an app for the account, or, `pending`, for the page that must confirm it. */
bool factor_seal(struct backoffice *backoffice, int64_t account, bool pending,
                 const uint8_t secret[TOTP_SECRET_BYTES], struct writer *w);
/* MAC when it is not one of ours; REFUSED when the hsm is away. */
MUST_USE err factor_open(struct backoffice *backoffice, int64_t account, bool pending,
                         struct bytes sealed, uint8_t ret_secret[TOTP_SECRET_BYTES]);

/* {"challenge","rp_id"}: what a page asks a passkey for. */
void passkey_write_request(struct backoffice *backoffice,
                           const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES], struct writer *w);

/* The site that passkeys are bound to. */
struct webauthn_site factor_site(const struct backoffice *backoffice);

/* A member that is base64, into an array. */
MUST_USE err factor_base64(const struct json_t *object, const char *name, uint8_t *out, size_t max,
                           size_t *ret_len);
