/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * device_file: what a vault keeps in its state directory beside vault.db.
 *
 *   device.key        32 random bytes, mode 0600: all that is sealed in vault.db opens by it; or,
 *                     after tampering, as many that say so
 *   device.counter    how many tries were ever spent, sealed: an old vault.db is found out by it
 *   device.csr        certificate request, for the acquirer's authority
 *   device.public     the key to which the hsm seals, 64 hex digits
 *   device.print      SHA-256 of the public half of its identity: the maker reports it
 *   provision.json    what the acquirer hands over
 *
 * provision.json: tid, mid, merchant_zh, merchant_en; certificate and authority in PEM; hsm_public,
 * master_key, kcv, recovery_key, recovery_kcv, policy_signer in hex; policy, a signed document or
 * empty.
 */

#include "lib/base/file.h"
#include "lib/wire/json.h"
#include "vault/vault.h"

enum { DEVICE_PROVISION_MAX = 24 * 1024 /* two certificates of 4 KiB, escaped, and some air */ };

/*
 * Reads device.key. Errors: NOT_FOUND, DENIED (others may read it), FORMAT (not 32 bytes), IO,
 * STATE (it was erased: `ret_key` is what device_key_erased() understands).
 */
MUST_USE err device_key_read(const char *directory, uint8_t ret_key[VAULT_DEVICE_KEY_BYTES],
                             struct vault_fault *fault);

/* Makes device.key when there is none, and reads it. */
MUST_USE err device_key_make(const char *directory, const struct random *random,
                             uint8_t ret_key[VAULT_DEVICE_KEY_BYTES], struct vault_fault *fault);

/* What was noticed when this key was erased (enum vault_tamper); NONE: it is a key. */
uint8_t device_key_erased(const uint8_t key[VAULT_DEVICE_KEY_BYTES]);

/* The erase() of struct vault_tamper_port; `path` is device.key. */
struct device_key_file {
    char path[FILE_PATH_MAX];
};
/* Errors: CONFIG (the path is too long). */
MUST_USE err device_key_file_open(const char *directory, struct device_key_file *file);
err device_key_erase(void *file, uint8_t kind);

/* The counter of a vault as a file, replaced whole and synced at each write. */
struct device_counter {
    char path[FILE_PATH_MAX];
};

/* Errors: CONFIG (the path is too long). The driver is good as long as `counter`. */
MUST_USE err device_counter_open(const char *directory, struct device_counter *counter,
                                 struct vault_counter *ret_driver);

/* vault_initialise(), and device.csr, device.public and device.print. */
MUST_USE err device_initialise(struct vault *vault, const char *directory, struct bytes serial,
                               struct bytes model, struct vault_fault *fault);

/* The parts of provision.json; views live as long as the document, the rest in here. */
struct device_provision_text {
    struct json_document document;
    uint8_t hsm_public[TRANSPORT_KEY_BYTES], master_key[256], kcv[KEY_CHECK_BYTES];
    uint8_t recovery_key[256], recovery_kcv[KEY_CHECK_BYTES], policy_signer[POLICY_SIGNER_BYTES];
    struct vault_provision fields;
};

MUST_USE err device_provision_parse(struct bytes text, struct device_provision_text *out);
void device_provision_free(struct device_provision_text *text); /* for CLEANUP */

/*
 * Reads provision.json at `path`, gives it to vault_provision(), and writes the initial passwords
 * to `secrets_fd`, once and nowhere else:
 *   {"tid":"10000017","passwords":[{"operator":"00","role":"supervisor","password":"..."}, ...]}
 * When that descriptor cannot be written the device must be made anew: nobody knows its passwords.
 */
MUST_USE err device_provision(struct vault *vault, const char *path, int secrets_fd,
                              struct vault_fault *fault);

/* The JSON text that device_provision() writes. Secret. Errors: FULL. */
MUST_USE err device_secrets_write(struct bytes tid,
                                  const struct vault_initial initials[VAULT_INITIALS],
                                  struct writer *w);
