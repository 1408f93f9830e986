/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the commands' files share. */

#include "hsm/cache.h"
#include "hsm/hsm.h"
#include "lib/base/reader.h"
#include "lib/crypto/dukpt.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/crypto/rsa_signature.h"
#include "lib/wire/hsm_protocol_cards.h"

/* An RSA key that was read, by the SHA-256 of what it was read from. */
struct hsm_wallet_handle {
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct rsa_key key; /* OpenSSL's, in its heap, wiped when it is freed */
};

struct hsm {
    struct crypto crypto;
    struct hsm_master master;
    const struct log *log;
    struct hsm_audit *audit; /* may be NULL */
    bool development;
    uint64_t commands, refusals;
    int64_t refused_minute; /* of key blocks; and how many of them, for the audit log */
    unsigned refused;
    struct hsm_wallet_handle handle[HSM_WALLET_HANDLES];
    unsigned next_handle;
    struct hsm_cache cache;
};

/* What a suite means in algorithms. */
struct hsm_suite_row {
    enum key_algorithm master, pin, mac, data;
    enum mac_algorithm mac_algorithm;
    enum pin_format pin_format;
    bool has_data; /* card data in envelopes; otherwise clear, as in the plain profile */
    size_t
        ksn_len; /* DUKPT: bytes of a key serial number; the master is the base key. 0: sign-in */
};

/* NULL for a number that is no suite. */
const struct hsm_suite_row *hsm_suite_row(uint8_t suite);

/*
 * Commands: read their body from `r`; on HSM_OK they have appended header and body of the answer,
 * otherwise nothing.
 */
typedef enum hsm_status hsm_do(struct hsm *hsm, struct reader *r, struct hsm_header header,
                               struct writer *response);
hsm_do hsm_do_make_key, hsm_do_import_key, hsm_do_sign_in, hsm_do_accept, hsm_do_mac_make,
    hsm_do_mac_check, hsm_do_recovery, hsm_do_pepper, hsm_do_anchor, hsm_do_command_mac,
    hsm_do_translate_pin, hsm_do_verify_pin, hsm_do_cvv_check, hsm_do_cmac, hsm_do_dukpt_derive,
    hsm_do_dukpt_mac, hsm_do_dukpt_card, hsm_do_initial_key, hsm_do_block_import,
    hsm_do_accept_serial, hsm_do_initial_block, hsm_do_wallet_key, hsm_do_wallet_sign,
    hsm_do_wallet_check, hsm_do_wallet_open, hsm_do_wallet_hide, hsm_do_wallet_show,
    hsm_do_document_key, hsm_do_document_sign, hsm_do_authority_seal, hsm_do_renew, hsm_do_restore,
    hsm_do_zone_keys;

/* The key of a block, if it is for this use. BAD_KEY_BLOCK or WRONG_USAGE otherwise. */
enum hsm_status hsm_take_key(struct hsm *hsm, struct bytes block, enum key_usage usage,
                             enum key_algorithm algorithm, const struct key **ret_key);

/* The key of a block, whatever it is for: the caller looks. */
enum hsm_status hsm_take_any_key(struct hsm *hsm, struct bytes block, const struct key **ret_key);

/* The base key of a side with DUKPT, and its suite. BAD_REQUEST for any other side. */
enum hsm_status hsm_dukpt_base(struct hsm *hsm, const struct hsm_side *side,
                               const struct hsm_suite_row **ret_suite, const struct key **ret_base);

/* One transaction's key of a side with DUKPT. Secret. */
enum hsm_status hsm_dukpt_key(struct hsm *hsm, const struct hsm_side *side,
                              enum dukpt_purpose purpose, struct key *ret_key);

/*
 * A terminal's key for one purpose, whatever its suite: the working key that the block is or, of a
 * suite with a key for each transaction, that transaction's, worked out into `room`, which the
 * caller wipes. BAD_REQUEST when a serial number is there and should not be, or the other way.
 */
enum hsm_status hsm_terminal_key(struct hsm *hsm, const struct hsm_side *side,
                                 enum dukpt_purpose purpose, struct key *room,
                                 const struct key **ret_key);

/* keys.c: a key as a block and, where there is a recipient, sealed to him; the whole answer. */
enum hsm_status hsm_answer_key(struct hsm *hsm, struct hsm_header header,
                               const struct hsm_make_key *m, const struct key *key,
                               struct writer *response);

/* accept.c: the card part of ACCEPT's answer from clear card data, and nothing of MAC or PIN. */
enum hsm_status hsm_answer_clear_card(struct hsm *hsm, struct hsm_header header,
                                      const struct hsm_accept *m, struct writer *response);

/* Writes into the audit log, if there is one, before a key leaves. FAILED when it cannot. */
enum hsm_status hsm_audit_key(struct hsm *hsm, const char *event, const struct key *key);

/* wallets.c: frees the keys that were read. */
void hsm_wallets_close(struct hsm *hsm);

/* Stops at the first status that is not HSM_OK, as TRY does for err. */
#define HSM_TRY(call)                          \
    do {                                       \
        enum hsm_status status_ = (call);      \
        if (status_ != HSM_OK) return status_; \
    } while (0)

/* An err of lib/crypto that only a failing cipher, never the request, can cause. */
static inline enum hsm_status hsm_cipher_status(err e)
{
    return FAILED(e) ? HSM_FAILED : HSM_OK;
}
