/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * secure: the terminal's end of its vault. One function a command; what goes wrong is a status, and
 * a vault that cannot be reached is VAULT_FAILED: the person at the counter can do the same about
 * both.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "lib/wire/vault_protocol.h"

struct terminal;

/* What the vault said of itself last; empty texts before it was asked. */
struct secure_facts {
    bool reached, provisioned, working_keys, tampered, self_test;
    char serial[33], model[33], tid[9], mid[16], merchant[128];
    char kcv_master[9], kcv_pin[9], kcv_mac[9], kcv_data[9]; /* hex, empty without the key */
    int64_t first_login_ms, certificate_expiry_ms;
};

/* Asks for the facts and keeps them in t->facts. */
enum vault_status secure_status(struct terminal *t);

enum vault_status secure_panel(struct terminal *t, struct bytes page_key, struct writer *answer);
enum vault_status secure_entry_begin(struct terminal *t, uint8_t purpose, bool shuffled);
enum vault_status secure_entry_key(struct terminal *t, struct bytes sealed,
                                   struct vault_entry_answer *out);
enum vault_status secure_login(struct terminal *t, uint8_t operator_number,
                               struct vault_login_answer *out);
enum vault_status secure_password_set(struct terminal *t, uint8_t operator_number,
                                      enum vault_password_verdict *out);
enum vault_status secure_keys_load(struct terminal *t, struct bytes delivery);
enum vault_status secure_card_arm(struct terminal *t);

/* `out` loses its views; the masked number goes to `pan_masked` and `card_sequence`. */
enum vault_status secure_card_poll(struct terminal *t, struct vault_card *out, char pan_masked[20],
                                   char card_sequence[4]);

/* Both append to `w`, at most what an ISO 8583 field takes. */
enum vault_status secure_envelope(struct terminal *t, const struct vault_envelope *in,
                                  struct writer *w);
enum vault_status secure_pin_block(struct terminal *t, struct writer *w);

enum vault_status secure_mac_make(struct terminal *t, struct bytes data, uint8_t mac[8]);
enum vault_status secure_mac_check(struct terminal *t, struct bytes data, struct bytes mac);

/* Wipes card and entries in the vault. */
void secure_forget(struct terminal *t);
