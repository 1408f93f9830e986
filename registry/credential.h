/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * credential: what an account logs in with: password record, passkeys, sealed TOTP secret, hashed
 * recovery codes, and the links that set one up. Nothing here is a secret in the clear. See
 * account.h for where it is kept, transactions and errors.
 */

#include "lib/auth/recovery_code.h"
#include "lib/auth/token.h"
#include "lib/auth/webauthn.h"
#include "registry/account.h"

enum {
    PASSKEYS_MAX = 8, /* of one account */
    PASSKEY_LABEL_MAX = 40,
    RECOVERY_CODES = 10,
    TOTP_SEALED_MAX = 96,
    OLD_PASSWORDS_MAX = 24, /* PCI and the like ask for 4 to 24 */
};

/* ---- password ---- */

/* The one before is kept among the old ones. `record` empty: none any more. */
MUST_USE err credential_set_password(struct store_tx *tx, const struct registry_actor *actor,
                                     int64_t account, struct bytes record, bool must_change);
/* The same password under a higher cost: nobody has to hear of it. */
MUST_USE err credential_rehash(struct store_tx *tx, int64_t account, struct bytes record);
/* The newest first, without the present one. */
MUST_USE err credential_old_passwords(struct store *store, int64_t account, size_t most,
                                      char ret_records[][PASSWORD_RECORD_MAX], size_t *ret_count);
/* Until then the second factor may be set up with the password alone. */
MUST_USE err credential_allow_enrolment(struct store_tx *tx, int64_t account, int64_t until_ms);

/*
 * Everything that lets the account in but its password is gone: for a person who has lost all of it
 * and has shown in another way who they are.
 */
MUST_USE err credential_clear_factors(struct store_tx *tx, const struct registry_actor *actor,
                                      int64_t account);

/* ---- TOTP ---- */

/* `sealed` empty: none any more. The used step begins anew. */
MUST_USE err credential_set_totp(struct store_tx *tx, const struct registry_actor *actor,
                                 int64_t account, struct bytes sealed);
MUST_USE err credential_totp(struct store *store, int64_t account,
                             uint8_t ret_sealed[TOTP_SEALED_MAX], size_t *ret_len);
/* Takes the step, unless it, or a later one, was taken before: *ret_won is then false. */
MUST_USE err credential_take_totp(struct store_tx *tx, int64_t account, int64_t step,
                                  bool *ret_won);

/* ---- passkeys ---- */

struct passkey {
    int64_t id, account;
    struct webauthn_key key;
    char label[PASSKEY_LABEL_MAX + 1];
    int64_t added_ms, used_ms; /* used 0: never */
};

/* FULL (PASSKEYS_MAX), EXISTS (the credential is somebody's already). */
MUST_USE err passkey_add(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
                         const struct webauthn_key *key, struct bytes label, int64_t *ret_id);
MUST_USE err passkey_find(struct store *store, struct bytes credential,
                          struct passkey *ret_passkey);
MUST_USE err passkeys_of(struct store *store, int64_t account,
                         struct passkey ret_passkeys[PASSKEYS_MAX], size_t *ret_count);
MUST_USE err passkey_used(struct store_tx *tx, int64_t id, uint32_t counter, int64_t now_ms);
/* NOT_FOUND also when it is another account's. */
MUST_USE err passkey_remove(struct store_tx *tx, const struct registry_actor *actor,
                            int64_t account, int64_t id);

/* ---- recovery codes ---- */

/* Replaces all that there were. */
MUST_USE err recovery_codes_set(struct store_tx *tx, const struct registry_actor *actor,
                                int64_t account,
                                uint8_t hashes[RECOVERY_CODES][RECOVERY_CODE_HASH_BYTES]);
/* *ret_won is false when there is no such code, or it was used. */
MUST_USE err recovery_code_take(struct store_tx *tx, const struct registry_actor *actor,
                                int64_t account, const uint8_t hash[RECOVERY_CODE_HASH_BYTES],
                                bool *ret_won);

/* ---- links ---- */

enum link_kind {
    LINK_SETUP = 1, /* the first password and second factor of a new account */
    LINK_RESET = 2, /* another password; the second factor is still asked for */
};

enum { LINK_SETUP_MS = 72 * 3600 * 1000, LINK_RESET_MS = 30 * 60 * 1000 };

/* The label of a link's token (token.h). */
const char *link_label(enum link_kind kind);

/* Makes older links of this kind of the account void. */
MUST_USE err link_add(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
                      enum link_kind kind, const uint8_t hash[TOKEN_HASH_BYTES],
                      int64_t expires_ms);
/* Whose link it is, while it is good. NOT_FOUND: unknown, used, replaced or expired. */
MUST_USE err link_find(struct store *store, enum link_kind kind,
                       const uint8_t hash[TOKEN_HASH_BYTES], int64_t now_ms, int64_t *ret_account);
/* Of any number of takers exactly one wins, and only while it is good. */
MUST_USE err link_take(struct store_tx *tx, const struct registry_actor *actor, enum link_kind kind,
                       const uint8_t hash[TOKEN_HASH_BYTES], bool *ret_won, int64_t *ret_account);
/* Makes every link of the account void that was not used. */
MUST_USE err links_revoke(struct store_tx *tx, const struct registry_actor *actor, int64_t account);
/* Links made for the account within the last hour: a limit on mails. */
MUST_USE err links_in_hour(struct store *store, int64_t account, enum link_kind kind,
                           int64_t now_ms, int64_t *ret_count);
