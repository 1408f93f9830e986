/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hsm's commands for other people's keys and for a card's issuer: PINs from any suite to any,
 * DUKPT, verification values, key blocks of a partner. The rules of hsm_protocol.h hold; numbers
 * and suites stand there.
 */

#include "lib/wire/hsm_protocol.h"

/*
 * One side of a PIN or message: which suite it speaks and with which key. A suite with DUKPT has
 * the base derivation key here and the serial number of the transaction; any other a working key
 * (the terminal's or the zone's) and no serial number.
 */
struct hsm_side {
    uint8_t suite;
    struct bytes key, ksn;
};

/* TRANSLATE_PIN: the answer is the new block, as by hsm_write_bytes. */
struct hsm_translate_pin {
    struct hsm_side from, to;
    struct bytes pan, block;
};

enum hsm_pin_method { HSM_PIN_BY_PVV = 1, HSM_PIN_BY_IBM3624 = 2 };

/* VERIFY_PIN: HSM_OK or HSM_BAD_VALUE; no body. Its caller limits tries: the hsm keeps no state. */
struct hsm_verify_pin {
    struct hsm_side from;
    uint8_t method;
    uint8_t key_index;         /* PVV: 0 to 9 */
    uint8_t first, count, pad; /* IBM 3624: which digits of the number, and what fills them up */
    struct bytes pan, block, verification_key;
    struct bytes reference; /* the PVV, or the offset */
    struct bytes table;     /* IBM 3624: 16 digits; empty otherwise */
};

/* CMAC with a MAC key of a terminal or a zone, by the key's cipher. `mac` empty: it is made, and is
 * the answer; otherwise it is checked, HSM_OK or HSM_BAD_MAC. */
struct hsm_cmac {
    struct bytes key, data, mac;
};

/* DUKPT_DERIVE: the key of one transaction as a key block, with its check value, for the commands
 * that take a terminal's key. `purpose` is that of lib/crypto/dukpt.h. */
struct hsm_dukpt_derive {
    struct hsm_side from;
    uint8_t purpose;
};

struct hsm_block_answer {
    struct bytes block, kcv;
};

/* DUKPT_MAC: `mac` empty: the MAC of an answer is made. Otherwise that of a request is checked; at
 * least four bytes, the first of the whole. */
struct hsm_dukpt_mac {
    struct hsm_side from;
    struct bytes data, mac;
};

/* DUKPT_CARD: track 2 under the request data key (CBC, zero IV, zeros at the end) comes out as the
 * card part of ACCEPT's answer: the host never sees it in clear. */
struct hsm_dukpt_card {
    struct hsm_side from;
    struct bytes data, token_key, zone_data_key, zone_aad;
};

/* INITIAL_KEY: a device's initial key, sealed to the device as MAKE_KEY seals; a key answer. */
struct hsm_initial_key {
    struct hsm_side from; /* suite, base key, the serial number with any counter */
    struct bytes label, recipient;
};

/*
 * ACCEPT_SERIAL: an ACCEPT whose suite has a key for each transaction. `mac_key`, and `pin_key` and
 * `data_key` when there is something for them, are the base key, all three the same block.
 */
struct hsm_accept_serial {
    struct bytes ksn;
    struct hsm_accept accept;
};

/* INITIAL_BLOCK: a block answer, the block under the device's own master key (a key block of ours,
 * AES-128): TR-31 version D, B1, with the serial number in the optional block IK or KS. */
struct hsm_initial_block {
    struct hsm_side from; /* as of INITIAL_KEY */
    struct bytes master;
};

/* CVV_CHECK: HSM_OK or HSM_BAD_VALUE. */
struct hsm_cvv_check {
    struct bytes key, pan, expiry, service, cvv;
};

/* BLOCK_IMPORT: a partner's TR-31 block, under the zone master key that a ceremony made, becomes
 * one of ours; PIN, MAC and data keys become the zone's. A block answer. */
struct hsm_block_import {
    struct bytes zone_master, block;
};

/* What HSM_AUDIT says: how many entries, and the hash of the last. */
struct hsm_audit_answer {
    uint64_t entries;
    struct bytes hash; /* 32 bytes */
};

void hsm_write_translate_pin(struct writer *w, const struct hsm_translate_pin *m);
void hsm_write_verify_pin(struct writer *w, const struct hsm_verify_pin *m);
void hsm_write_cmac(struct writer *w, const struct hsm_cmac *m);
void hsm_write_dukpt_derive(struct writer *w, const struct hsm_dukpt_derive *m);
void hsm_write_block_answer(struct writer *w, const struct hsm_block_answer *m);
void hsm_write_dukpt_mac(struct writer *w, const struct hsm_dukpt_mac *m);
void hsm_write_dukpt_card(struct writer *w, const struct hsm_dukpt_card *m);
void hsm_write_initial_key(struct writer *w, const struct hsm_initial_key *m);
void hsm_write_accept_serial(struct writer *w, const struct hsm_accept_serial *m);
void hsm_write_initial_block(struct writer *w, const struct hsm_initial_block *m);
void hsm_write_cvv_check(struct writer *w, const struct hsm_cvv_check *m);
void hsm_write_block_import(struct writer *w, const struct hsm_block_import *m);
void hsm_write_audit_answer(struct writer *w, const struct hsm_audit_answer *m);

MUST_USE err hsm_read_translate_pin(struct reader *r, struct hsm_translate_pin *out);
MUST_USE err hsm_read_verify_pin(struct reader *r, struct hsm_verify_pin *out);
MUST_USE err hsm_read_cmac(struct reader *r, struct hsm_cmac *out);
MUST_USE err hsm_read_dukpt_derive(struct reader *r, struct hsm_dukpt_derive *out);
MUST_USE err hsm_read_block_answer(struct reader *r, struct hsm_block_answer *out);
MUST_USE err hsm_read_dukpt_mac(struct reader *r, struct hsm_dukpt_mac *out);
MUST_USE err hsm_read_dukpt_card(struct reader *r, struct hsm_dukpt_card *out);
MUST_USE err hsm_read_initial_key(struct reader *r, struct hsm_initial_key *out);
MUST_USE err hsm_read_accept_serial(struct reader *r, struct hsm_accept_serial *out);
MUST_USE err hsm_read_initial_block(struct reader *r, struct hsm_initial_block *out);
MUST_USE err hsm_read_cvv_check(struct reader *r, struct hsm_cvv_check *out);
MUST_USE err hsm_read_block_import(struct reader *r, struct hsm_block_import *out);
MUST_USE err hsm_read_audit_answer(struct reader *r, struct hsm_audit_answer *out);
