/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * secure: the terminal's end of its vault. One function a command; what goes wrong is a status, and
 * a vault that cannot be reached is VAULT_FAILED: the person at the counter can do the same about
 * both.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "lib/wire/vault_protocol_chip.h"
#include "lib/wire/vault_protocol_command.h"

struct terminal;

/* What the vault said of itself last; empty texts before it was asked. */
struct secure_facts {
    bool reached, provisioned, working_keys, self_test;
    uint8_t tampered; /* enum vault_tamper */
    char serial[33], model[33], tid[9], mid[16], merchant[128];
    char kcv_master[9], kcv_pin[9], kcv_mac[9], kcv_data[9]; /* hex, empty without the key */
    int64_t first_login_ms, certificate_expiry_ms;
    uint32_t policy_version;
    uint32_t parameters_number; /* of chip cards; 0: none */
    uint8_t parameters_digest[VAULT_DIGEST_BYTES];
    bool rollback;
    /* Limits of what cards approve by themselves; days 0: nothing. */
    uint32_t offline_count;
    int64_t offline_each_minor, offline_total_minor;
    uint8_t offline_days;
};

/* Asks for the facts and keeps them in t->facts. */
enum vault_status secure_status(struct terminal *t);

enum vault_status secure_panel(struct terminal *t, struct bytes page_key, struct writer *answer);
/* `operator_number`: whose password it is; 0 for a PIN. */
enum vault_status secure_entry_begin(struct terminal *t, uint8_t purpose, uint8_t keypad,
                                     uint8_t operator_number);

/* Here and below: views in an answer live until the next command. */
enum vault_status secure_entry_key(struct terminal *t, struct bytes sealed,
                                   struct vault_entry_answer *out);
enum vault_status secure_login(struct terminal *t, uint8_t operator_number,
                               struct vault_login_answer *out);
enum vault_status secure_password_set(struct terminal *t, uint8_t operator_number,
                                      struct vault_password_answer *out);

/* The people of this device, at most VAULT_OPERATORS_MAX. */
enum vault_status secure_operators(struct terminal *t, struct vault_operator *list, size_t max,
                                   size_t *ret_count);
enum vault_status secure_operator_set(struct terminal *t, const struct vault_operator_set *in,
                                      struct vault_operator_set_answer *out);
enum vault_status secure_approve(struct terminal *t, const struct vault_approve *in,
                                 struct vault_login_answer *out);
enum vault_status secure_policy_load(struct terminal *t, struct bytes document,
                                     struct vault_policy_loaded *out);
/* A part of signed parameters of chip cards; the last one is answered by a verdict. */
enum vault_status secure_parameters_load(struct terminal *t, const struct vault_parameters_part *in,
                                         struct vault_parameters_loaded *out);
enum vault_status secure_policy_show(struct terminal *t, uint8_t role,
                                     struct vault_policy_shown *out);
enum vault_status secure_recovery_begin(struct terminal *t, const struct vault_recovery_ask *in,
                                        struct vault_recovery_begun *out);
enum vault_status secure_recovery_finish(struct terminal *t, const struct vault_recovery_proof *in,
                                         struct vault_recovery_ended *out);
enum vault_status secure_duress_set(struct terminal *t, uint8_t operator_number,
                                    enum vault_duress_action action,
                                    struct vault_password_answer *out);
enum vault_status secure_pair_begin(struct terminal *t, uint8_t token[VAULT_GRANT_BYTES]);
enum vault_status secure_pair_finish(struct terminal *t, const struct vault_pair_finish *in,
                                     struct vault_pair_answer *out);
enum vault_status secure_pair_list(struct terminal *t, struct vault_pair list[VAULT_PAIRS_MAX],
                                   size_t *ret_count);
enum vault_status secure_pair_remove(struct terminal *t, uint8_t id, uint8_t *ret_verdict);
enum vault_status secure_approval_finish(struct terminal *t, const struct vault_approval *in,
                                         struct vault_login_answer *out);
/* Of a device that is not activated: views that live until the next command, and what came. */
struct vault_activation_ask;
struct vault_activation_words;
enum vault_status secure_activation_ask(struct terminal *t, const struct vault_activation_ask *in,
                                        struct vault_activation_words *out);
enum vault_status secure_activate(struct terminal *t, struct bytes document);
enum vault_status secure_logout(struct terminal *t);
enum vault_status secure_command_check(struct terminal *t, const struct vault_command_ask *in,
                                       struct vault_command_said *out);
/* A document of parameters, as the hsm has proved it: kind "parameters". */
enum vault_status secure_parameters_check(struct terminal *t, const struct vault_command_ask *in,
                                          struct vault_command_said *out);
/* Every key is erased, when the host wanted it so. */
enum vault_status secure_wipe(struct terminal *t);
/* Views that live until the next command. */
/* Views of the answer: the certificate that it has, and a request for another. */
enum vault_status secure_renew_ask(struct terminal *t, struct bytes *ret_certificate,
                                   struct bytes *ret_request);
enum vault_status secure_renew_take(struct terminal *t, struct bytes certificate);
enum vault_status secure_last_words(struct terminal *t, struct bytes *ret_certificate,
                                    struct bytes *ret_words);
/* A receipt, signed by the terminal's own key; at most 72 bytes of DER. */
enum vault_status secure_receipt_sign(struct terminal *t, struct bytes body,
                                      uint8_t ret_signature[static 72], size_t *ret_len);
/* The terminal's certificate and its authority's, PEM: views that live until the next command. */
enum vault_status secure_certificate(struct terminal *t, struct bytes *ret_pem,
                                     struct bytes *ret_authority);
enum vault_status secure_password_keep(struct terminal *t, uint8_t operator_number);
/* *ret_verdict: enum vault_reissue_verdict. */
enum vault_status secure_reissue(struct terminal *t, const struct vault_reissue *in,
                                 uint8_t *ret_verdict);
enum vault_status secure_anchor(struct terminal *t, const struct vault_anchor_ask *in,
                                struct vault_anchor *out);

enum vault_status secure_keys_load(struct terminal *t, struct bytes delivery);
/* For this amount, with or without a host (enum vault_host); what the vault shows of it goes to the
 * screens of this payment. */
enum vault_status secure_card_arm(struct terminal *t, int64_t amount_minor, uint8_t host);

/* `out` loses its views; the masked number goes to `pan_masked` and `card_sequence`. */
/* Of a card that was typed, as secure_card_poll() of one that was read. */
enum vault_status secure_card_manual(struct terminal *t, struct vault_card *out,
                                     char pan_masked[20], char card_sequence[4]);
/* The text of a code that a telephone shows for a card: into work.card, and when it may pay,
 * number, sequence and field 55 into work.payment. */
enum vault_status secure_card_code(struct terminal *t, struct bytes text);
enum vault_status secure_card_poll(struct terminal *t, struct vault_card *out, char pan_masked[20],
                                   char card_sequence[4]);

/* How far the chip card is, and an answer to what it wants. Both leave what the vault says in
 * t->work.chip, and number and sequence in the payment. */
enum vault_status secure_chip_poll(struct terminal *t);
enum vault_status secure_chip_answer(struct terminal *t, const struct vault_chip_answer *in);

/* Both append to `w`, at most what an ISO 8583 field takes. */
enum vault_status secure_envelope(struct terminal *t, const struct vault_envelope *in,
                                  struct writer *w);
/* Sealed card data of what the card has approved alone, and an envelope of it, later. */
enum vault_status secure_card_hold(struct terminal *t, const struct vault_envelope *in,
                                   struct writer *w);
enum vault_status secure_held_envelope(struct terminal *t, const struct vault_held *in,
                                       struct writer *w);
enum vault_status secure_pin_block(struct terminal *t, struct writer *w);

/* The keys of the next message, of a new payment or of what follows one, and their serial number of
 * `len` bytes. */
enum vault_status secure_keys_next(struct terminal *t, bool fresh, uint8_t *ret_ksn, size_t len);
enum vault_status secure_mac_make(struct terminal *t, struct bytes data, uint8_t mac[8]);
enum vault_status secure_mac_check(struct terminal *t, struct bytes data, struct bytes mac);

/* Wipes card and entries in the vault. */
void secure_forget(struct terminal *t);
