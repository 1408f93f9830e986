/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the vault share: the vault itself, and the calls between them. */

#include <assert.h>

#include "lib/auth/attempts.h"
#include "lib/auth/policy_document.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/crypto/sealed.h"
#include "lib/store/audit.h"
#include "lib/wire/vault_protocol.h"
#include "vault/vault.h"

/* One entry of digits on the keypad. */
struct vault_entry {
    bool done; /* confirmed with ok: ready to be used once */
    uint8_t len;
    uint8_t digit[VAULT_PASSWORD_ENTRY_MAX];
};

enum {
    VAULT_ENTRIES = VAULT_ENTRY_APPROVER + 1,
    VAULT_LAYOUT_KEYS = 12,
    VAULT_IDENTITY_PEM_MAX = 512
};

/* Everything that must not be seen, in one block of guarded memory. */
struct vault_secrets {
    uint8_t device_key[VAULT_DEVICE_KEY_BYTES];
    uint8_t pepper[PASSWORD_PEPPER_BYTES];
    struct transport_pair transport;
    uint8_t identity[VAULT_IDENTITY_PEM_MAX]; /* PKCS#8 PEM of the TLS key */
    size_t identity_len;
    bool has_master, has_working, has_recovery;
    struct key master;
    struct key recovery; /* devices of before there was recovery have none */
    struct working_keys working;
    bool panel_open;
    struct panel_channel panel;
    uint8_t layout[VAULT_LAYOUT_KEYS];
    struct vault_entry entry[VAULT_ENTRIES]; /* by enum vault_entry_purpose */
    struct card_data card;                   /* pan empty: none */
};

/* The one row of `device`, but the certificates, which are read when asked for. */
struct vault_device {
    bool initialised, provisioned, tampered;
    char serial[VAULT_SERIAL_MAX + 1];
    char model[VAULT_MODEL_MAX + 1];
    char tid[VAULT_TID_LEN + 1];
    char mid[VAULT_MID_LEN + 1];
    char merchant_zh[VAULT_MERCHANT_MAX + 1];
    int64_t first_login_ms;
    int64_t certificate_expiry_ms;
    bool has_signer; /* devices of before there were policy documents have none */
    uint8_t policy_signer[POLICY_SIGNER_BYTES];
    uint64_t epoch; /* spent tries, ever: see epoch.c */
    bool rollback;
};

/* Who is logged in, as far as the vault needs to know. */
struct vault_session {
    bool logged_in;
    bool must_change; /* the password was a one-time one: nothing else until it is changed */
    bool may_change;  /* the current password was shown to be known, at `login_us` */
    uint8_t operator_id, role;
    int64_t login_us;
};

struct vault {
    struct vault_config config;
    struct store *store;
    struct store_checkpointer *checkpointer;
    struct crypto crypto;
    struct attempts_limits limits;
    struct vault_secrets *secrets;
    struct vault_device device;
    struct vault_session session;
    bool
        has_document; /* a signed policy is in force; otherwise the one compiled in for the model */
    struct policy_document document;
    uint8_t entry_open; /* purpose of the entry under way; 0: none */
    uint8_t entry_min, entry_max;
    bool card_armed;
    uint8_t body[VAULT_FRAME_MAX - 3];
};

/* A command: reads its body, writes the answer's. A refusal is *status; an err is the world's. */
typedef err (*vault_command)(struct vault *v, struct reader *request, struct writer *answer,
                             enum vault_status *status);

/* ---- keeper.c: the sealed secrets in the store ---- */

#define VAULT_SECRET_PEPPER    "pepper"
#define VAULT_SECRET_TRANSPORT "transport"
#define VAULT_SECRET_IDENTITY  "identity"
#define VAULT_SECRET_MASTER    "master"
#define VAULT_SECRET_RECOVERY  "recovery"
#define VAULT_SECRET_WORK_PIN  "work.pin"
#define VAULT_SECRET_WORK_MAC  "work.mac"
#define VAULT_SECRET_WORK_DATA "work.data"

/* In the caller's transaction; replaces what was there. */
MUST_USE err vault_secret_put(struct vault *v, const char *name, struct bytes value);
MUST_USE err vault_key_put(struct vault *v, const char *name, const struct key *key);
/* NOT_FOUND; KEY when it does not open under this device key. */
MUST_USE err vault_secret_get(struct vault *v, const char *name, uint8_t *out, size_t max,
                              size_t *ret_len);
MUST_USE err vault_key_get(struct vault *v, const char *name, enum key_usage usage,
                           struct key *ret_key);
MUST_USE err vault_working_keys_put(struct vault *v, const struct working_keys *keys);
MUST_USE err vault_working_keys_erase(struct vault *v);

/* Everything from the store into memory: at start, and after a store was opened again. */
MUST_USE err vault_load(struct vault *v);

/* ---- records.c: device row, operators, audit ---- */

extern const struct store_schema vault_schema;

struct vault_operator_row {
    uint8_t id, role;
    bool one_time;
    char record[PASSWORD_RECORD_MAX]; /* empty: no password yet */
    struct attempts attempts;
    int64_t last_login_ms;
};

MUST_USE err vault_device_read(struct vault *v, struct vault_device *ret_device);
MUST_USE err vault_device_first_login(struct vault *v, int64_t at_ms);
/* NOT_FOUND when there is no such operator. */
MUST_USE err vault_operator_read(struct vault *v, uint8_t id, struct vault_operator_row *ret_row);
MUST_USE err vault_operator_add(struct vault *v, uint8_t id, uint8_t role);
MUST_USE err vault_operator_attempts(struct vault *v, uint8_t id, struct attempts attempts);
MUST_USE err vault_operator_login(struct vault *v, uint8_t id, int64_t at_ms);
/* A new password: also gives the tries back. */
MUST_USE err vault_operator_record(struct vault *v, uint8_t id, const char *record, bool one_time);
/* "operator 01": whose password it is, for the hash, and whose act, for the audit log. */
struct vault_operator_name {
    char text[16];
};
struct vault_operator_name vault_operator_name(uint8_t id);
/* In the caller's transaction. `actor` as "operator 01", or NULL for the vault itself. */
MUST_USE err vault_audit(struct vault *v, struct store_tx *tx, const char *actor, const char *event,
                         const char *subject, const char *detail);
/* The same in a transaction of its own. */
MUST_USE err vault_audit_note(struct vault *v, const char *actor, const char *event,
                              const char *subject, const char *detail);

/* ---- one file each for the commands ---- */

/* panel.c */
err vault_run_panel_open(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_entry_begin(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_entry_key(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* Wipes one entry; purpose 0 wipes all and ends the one under way. */
void vault_entry_wipe(struct vault *v, uint8_t purpose);
/* The digits of a finished entry, or an empty view; valid until it is wiped. */
struct bytes vault_entry_digits(const struct vault *v, uint8_t purpose);

/* login.c */
err vault_run_login(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_operators(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* password.c */
err vault_run_password_set(struct vault *, struct reader *, struct writer *, enum vault_status *);
bool vault_may_change(const struct vault *v);
struct policy_person vault_policy_person(const struct vault *v);

/* policy.c */
err vault_run_policy_load(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_policy_show(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* The policy of a role of this device, never above VAULT_TRIES_MAX tries. */
struct policy vault_policy_of(const struct vault *v, uint8_t role);
/* From the store, at start and after it was opened again. CORRUPT: what is stored does not verify.
 */
MUST_USE err vault_policy_read(struct vault *v);
/* Opens a document that is at least of `version_least`; nothing is stored. */
MUST_USE err vault_policy_open(const uint8_t signer[POLICY_SIGNER_BYTES], struct bytes model,
                               struct bytes signed_text, uint32_t version_least,
                               struct policy_document *ret_document,
                               struct policy_fault *ret_fault);
/* In the caller's transaction. */
MUST_USE err vault_policy_put(struct vault *v, struct bytes signed_text);

/* keys.c */
err vault_run_keys_load(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_pin_block(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_mac_make(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_mac_check(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* card.c */
err vault_run_card_arm(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_card_poll(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_card_envelope(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_card_forget(struct vault *, struct reader *, struct writer *, enum vault_status *);
bool vault_has_card(const struct vault *v);
void vault_card_wipe(struct vault *v);

/* status.c */
err vault_run_status(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_certificates(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_tls_sign(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* self_test.c: CRYPTO, and `fault` names what failed. */
MUST_USE err vault_self_test(struct crypto *crypto, const struct random *random,
                             struct vault_fault *fault);

static inline bool vault_language_known(uint8_t language)
{
    return language == VAULT_CHINESE || language == VAULT_ENGLISH;
}

static inline err vault_refuse(enum vault_status *ret_status, enum vault_status status)
{
    *ret_status = status;
    return OK;
}
