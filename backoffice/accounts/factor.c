/* SPDX-License-Identifier: Apache-2.0 */
/* Second factors: codes of an app, recovery codes, passkeys. */
#include "backoffice/accounts/factor.h"

#include <assert.h>
#include <stdio.h>

#include "lib/auth/small_seal.h"
#include "lib/base/base64.h"

enum { LABEL_MAX = 48 };

/* A key of this account for one use, made by the hsm; false when it is away. */
static bool keyed(struct backoffice *b, int64_t account, const char *use,
                  uint8_t ret_key[PASSWORD_KEYED_BYTES])
{
    char whose[LABEL_MAX];
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    snprintf(whose, sizeof whose, "account %lld", (long long)account);
    token_digest(use, bytes_text(whose), digest);
    const struct password_keyed *port = &b->ports.keyed;
    return !FAILED(port->make(port->context, bytes_text(whose), digest, ret_key));
}

/* ---- codes of an app ---- */

static void seal_label(int64_t account, bool pending, char out[LABEL_MAX])
{
    snprintf(out, LABEL_MAX, "account.totp.%lld%s", (long long)account, pending ? ".pending" : "");
}

bool factor_seal(struct backoffice *b, int64_t account, bool pending,
                 const uint8_t secret[TOTP_SECRET_BYTES], struct writer *w)
{
    char label[LABEL_MAX];
    uint8_t key[PASSWORD_KEYED_BYTES];
    static_assert((int)PASSWORD_KEYED_BYTES == (int)SMALL_SEAL_KEY_BYTES, "a key of the hsm seals");
    if (!keyed(b, account, "seal of totp", key)) return false;
    seal_label(account, pending, label);
    small_seal(&b->config.random, key, bytes_text(label), bytes_of(secret, TOTP_SECRET_BYTES), w);
    explicit_bzero(key, sizeof key);
    return true;
}

err factor_open(struct backoffice *b, int64_t account, bool pending, struct bytes sealed,
                uint8_t ret_secret[TOTP_SECRET_BYTES])
{
    char label[LABEL_MAX];
    uint8_t key[PASSWORD_KEYED_BYTES];
    if (!keyed(b, account, "seal of totp", key)) return ERR(REFUSED);
    seal_label(account, pending, label);
    err opened = small_open(key, bytes_text(label), sealed, ret_secret, TOTP_SECRET_BYTES);
    explicit_bzero(key, sizeof key);
    return opened;
}

err factor_totp(struct backoffice *b, struct store_tx *tx, int64_t account, struct bytes code,
                int64_t now_ms, enum factor_verdict *ret)
{
    uint8_t sealed[TOTP_SEALED_MAX], secret[TOTP_SECRET_BYTES];
    size_t len = 0;
    bool right = false, won = false;
    int64_t step = 0;
    struct account who;
    *ret = FACTOR_WRONG;
    TRY(account_find(b->store, account, &who));
    TRY(credential_totp(b->store, account, sealed, &len));
    if (len == 0) return OK;
    err opened = factor_open(b, account, false, bytes_of(sealed, len), secret);
    if (opened.code == ERR_REFUSED) {
        *ret = FACTOR_AWAY;
        return OK;
    }
    TRY(opened);
    TRY(totp_check(BYTES_OF(secret), code, now_ms, who.totp_step, &right, &step));
    explicit_bzero(secret, sizeof secret);
    if (!right) return OK;
    TRY(credential_take_totp(tx, account, step, &won));
    if (won) *ret = FACTOR_RIGHT;
    return OK;
}

/* ---- recovery codes ---- */

err factor_recovery(struct backoffice *b, struct store_tx *tx, const struct registry_actor *actor,
                    int64_t account, struct bytes code, enum factor_verdict *ret)
{
    uint8_t key[PASSWORD_KEYED_BYTES], hash[RECOVERY_CODE_HASH_BYTES];
    bool won = false;
    static_assert((int)PASSWORD_KEYED_BYTES == (int)RECOVERY_CODE_KEY_BYTES,
                  "a key of the hsm hashes");
    *ret = FACTOR_AWAY;
    if (!keyed(b, account, "recovery codes", key)) return OK;
    *ret = FACTOR_WRONG;
    err hashed = recovery_code_hash(key, code, hash);
    explicit_bzero(key, sizeof key);
    if (FAILED(hashed)) return OK;
    TRY(recovery_code_take(tx, actor, account, hash, &won));
    if (won) *ret = FACTOR_RIGHT;
    return OK;
}

err factor_codes(struct backoffice *b, struct store_tx *tx, const struct registry_actor *actor,
                 int64_t account, struct writer *w, bool *ret_away)
{
    uint8_t key[PASSWORD_KEYED_BYTES];
    uint8_t hashes[RECOVERY_CODES][RECOVERY_CODE_HASH_BYTES];
    char code[RECOVERY_CODE_TEXT + 1];
    struct json_out j = json_out_over(w);
    *ret_away = !keyed(b, account, "recovery codes", key);
    if (*ret_away) return OK;
    json_array_begin(&j);
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        recovery_code_make(&b->config.random, code);
        json_element_text(&j, bytes_text(code));
        err hashed = recovery_code_hash(key, bytes_text(code), hashes[i]);
        ENSURE(!FAILED(hashed)); /* we made it */
    }
    json_array_end(&j);
    ENSURE(w->fault == ERR_OK); /* ten of them fit */
    explicit_bzero(key, sizeof key);
    explicit_bzero(code, sizeof code);
    return recovery_codes_set(tx, actor, account, hashes);
}

/* ---- passkeys ---- */

struct webauthn_site factor_site(const struct backoffice *b)
{
    struct bytes origin = bytes_text(b->config.origin);
    return (struct webauthn_site){.rp_id = webauthn_rp_id(origin), .origin = origin};
}

void passkey_write_request(struct backoffice *b, const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES],
                           struct writer *w)
{
    char text[64];
    struct writer t = writer_over(text, sizeof text);
    struct json_out j = json_out_over(w);
    base64_write(&t, bytes_of(challenge, WEBAUTHN_CHALLENGE_BYTES));
    json_object_begin(&j);
    json_member_text(&j, "challenge", writer_view(&t));
    json_member_text(&j, "rp_id", factor_site(b).rp_id);
    json_object_end(&j);
}

err factor_base64(const struct json_t *object, const char *name, uint8_t *out, size_t max,
                  size_t *ret_len)
{
    struct bytes text;
    TRY(json_text(object, name, BACKOFFICE_BODY_MAX, &text));
    return base64_decode(text, out, max, ret_len);
}

err factor_parse(struct bytes body, struct factor_assertion *ret)
{
    static const char *const names[] = {"challenge",          "credential", "client_data",
                                        "authenticator_data", "signature",  NULL};
    CLEANUP(json_free) struct json_document d = {0};
    struct factor_assertion a = {0};
    size_t len = 0;
    TRY(json_parse(body, BACKOFFICE_BODY_MAX, &d));
    TRY(json_only(d.root, names));
    TRY(factor_base64(d.root, "challenge", a.challenge, sizeof a.challenge, &len));
    if (len != sizeof a.challenge) return ERR(LENGTH);
    TRY(factor_base64(d.root, "credential", a.credential, sizeof a.credential, &a.credential_len));
    TRY(factor_base64(d.root, "client_data", a.client_data, sizeof a.client_data,
                      &a.client_data_len));
    TRY(factor_base64(d.root, "authenticator_data", a.authenticator_data,
                      sizeof a.authenticator_data, &a.authenticator_data_len));
    TRY(factor_base64(d.root, "signature", a.signature, sizeof a.signature, &a.signature_len));
    *ret = a;
    return OK;
}

err factor_passkey(struct backoffice *b, struct store_tx *tx, const struct challenge *what,
                   const struct factor_assertion *a, int64_t account, int64_t now_ms,
                   enum factor_verdict *ret, int64_t *ret_account)
{
    struct passkey passkey;
    const struct webauthn_site site = factor_site(b);
    const struct webauthn_assertion shown = {
        bytes_of(a->client_data, a->client_data_len),
        bytes_of(a->authenticator_data, a->authenticator_data_len),
        bytes_of(a->signature, a->signature_len)};
    uint32_t counter = 0;
    *ret = FACTOR_WRONG;
    if (!challenge_good(b, what, now_ms, a->challenge)) return OK;
    err found = passkey_find(b->store, bytes_of(a->credential, a->credential_len), &passkey);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (account != 0 && passkey.account != account) return OK;
    err verified = webauthn_verify(&site, a->challenge, &passkey.key, &shown, &counter);
    if (verified.code == ERR_CONFLICT) {
        TRY(audit_append(tx,
                         &(struct audit_entry){now_ms, BYTES("backoffice"), BYTES("passkey_copied"),
                                               bytes_text(passkey.label), BYTES("")}));
        return store_commit(tx);
    }
    if (FAILED(verified)) return OK;
    err spent = challenge_spend(b, now_ms, a->challenge);
    if (FAILED(spent)) return OK;
    TRY(passkey_used(tx, passkey.id, counter, now_ms));
    *ret = FACTOR_RIGHT;
    *ret_account = passkey.account;
    return OK;
}
