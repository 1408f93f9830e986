/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the host's programs say to the hsm, and what it answers.
 *
 * Transport: a Unix socket, frames with a 4-byte length. Any number of commands may be under way;
 * answers carry the id of their command and come in the same order. Commands are fixed and
 * versioned: a new need is a new command.
 *
 *   request   version(1) command(1) id(4) body
 *   answer    version(1) command(1) id(4) status(1) body, the body only when the status is OK
 *
 * All byte strings are views into the frame (read) or into the caller's memory (write). A key
 * block is TR-31 text under the hsm's master key: the host's programs store keys in no other form.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    HSM_PROTOCOL_VERSION = 1,
    HSM_FRAME_MAX = 4096, /* the longest command: ACCEPT with five key blocks and a full message */
    HSM_KEY_BLOCK_MAX = 192,
    HSM_MAC_MAX = 16,
    HSM_DELIVERY_MAX = 64,
    HSM_TID_LEN = 8,
    HSM_CHALLENGE_MAX = 16,
    HSM_PROOF_BYTES = 16,
    HSM_PEPPER_DATA_MAX = 64, /* a digest of the password, never the password itself */
    HSM_PEPPER_BYTES = 32,
};

enum hsm_command {
    HSM_STATUS = 1,
    HSM_MAKE_KEY = 2,   /* a new random key: its block, and a copy sealed for its other holder */
    HSM_IMPORT_KEY = 3, /* a known clear key; only in development, for test terminals */
    HSM_SIGN_IN = 4,    /* working keys for one terminal, under its master key */
    HSM_ACCEPT = 5,     /* everything a financial request needs, in one command */
    HSM_MAC_MAKE = 6,
    HSM_MAC_CHECK = 7,
    HSM_RECOVERY = 8, /* the proof that lets a vault give somebody a new password */
    HSM_PEPPER = 9,   /* the keyed step of a console password's hash */
    HSM_ANCHOR = 10,  /* what host and vault tell one another of spent tries */
    /* Bodies of these are in hsm_protocol_cards.h. */
    HSM_TRANSLATE_PIN = 11, /* a PIN block from any suite to any */
    HSM_VERIFY_PIN = 12,    /* an issuer's: by PVV or IBM 3624 */
    HSM_CMAC = 13,
    HSM_DUKPT_DERIVE = 14, /* one transaction's key, as a key block */
    HSM_DUKPT_MAC = 15,
    HSM_DUKPT_CARD = 16,    /* card data from under a transaction's key */
    HSM_INITIAL_KEY = 17,   /* a device's DUKPT key, sealed to the device */
    HSM_CVV_CHECK = 18,     /* an issuer's */
    HSM_BLOCK_IMPORT = 19,  /* a partner's key block becomes one of ours */
    HSM_AUDIT = 20,         /* where the chain of the audit log stands */
    HSM_ACCEPT_SERIAL = 21, /* ACCEPT of a message with keys of its own: its serial number first */
    HSM_INITIAL_BLOCK = 22, /* a device's DUKPT key as a key block under its master key */
    /* Bodies of these are in hsm_protocol_wallets.h. */
    HSM_WALLET_KEY = 23, /* a key for a wallet's interface, made or taken */
    HSM_WALLET_SIGN = 24,
    HSM_WALLET_CHECK = 25, /* what a provider has signed */
    HSM_WALLET_OPEN = 26,  /* what a provider has sealed */
    HSM_WALLET_HIDE = 27,  /* content for a provider, and what it says with it */
    HSM_WALLET_SHOW = 28,
    /* Bodies of these are in hsm_protocol_documents.h. */
    HSM_DOCUMENT_KEY = 29, /* a key of one of the roles that sign online what is published */
    HSM_DOCUMENT_SIGN = 30,
    /* of hsm_protocol_renewal.h */
    HSM_AUTHORITY_SEAL = 31, /* the key that certifies devices, so that it may renew them */
    HSM_RENEW = 32,          /* a device's certificate, for the key that it has */
    HSM_COMMAND_MAC = 33,    /* what is wanted of a device, for its vault */
    HSM_RESTORE = 34,        /* a backup's key, for another device: hsm_protocol_restore.h */
    HSM_ZONE_KEYS = 35,      /* new keys for a zone: hsm_protocol_zone.h */
};

enum hsm_status {
    HSM_OK = 0,
    HSM_BAD_REQUEST = 1,   /* not a well-formed command of this version */
    HSM_BAD_KEY_BLOCK = 2, /* altered, under another master key, or malformed */
    HSM_WRONG_USAGE = 3,   /* the key is for another use than the command's */
    HSM_BAD_MAC = 4,
    HSM_BAD_PIN_BLOCK = 5,
    HSM_BAD_ENVELOPE = 6,
    HSM_NOT_ALLOWED = 7, /* needs --development, or another mode */
    HSM_FAILED = 8,
    HSM_BAD_VALUE = 9, /* a PIN or a card verification value that is not the card's */
    HSM_STATUSES
};

/* Which algorithms a terminal works with: rows of the table in hsm/suite.c. Field layouts of the
 * plain profiles are protocols 1.6, 1.7. */
enum hsm_suite {
    HSM_SUITE_TONGBAO = 1, /* AES-128 keys, CMAC cut to 8 bytes, ISO 9564 format 4, GCM envelope */
    HSM_SUITE_CUP = 2,     /* double-length TDES keys, ECB MAC as 8 hex characters, format 0 */
    HSM_SUITE_CUP_SINGLE = 3,  /* single-length PIN and MAC keys (60.3 = 001) */
    HSM_SUITE_CUP_DOUBLE = 4,  /* as CUP, and the MAC key is double-length too */
    HSM_SUITE_SM4 = 5,         /* SM4 keys, SM4 ECB MAC, format 0 and eight zero bytes */
    HSM_SUITE_SM4_LONG = 6,    /* the same, format 0 stretched to sixteen bytes */
    HSM_SUITE_DUKPT_TDES = 7,  /* X9.24-1: format 0, X9.19, CBC envelope */
    HSM_SUITE_DUKPT_AES = 8,   /* X9.24-3, AES-128: format 4, CMAC cut to 8 bytes, GCM envelope */
    HSM_SUITE_TONGBAO_SM4 = 9, /* as TONGBAO, with SM4: long format, CMAC of SM4, SM4-GCM */
};

enum hsm_key_usage {
    HSM_KEY_TERMINAL_MASTER = 1,
    HSM_KEY_TERMINAL_PIN = 2,
    HSM_KEY_TERMINAL_MAC = 3,
    HSM_KEY_TERMINAL_DATA = 4,
    HSM_KEY_ZONE_PIN = 5,  /* shared with a network: AES-128, format 4 */
    HSM_KEY_ZONE_MAC = 6,  /* AES-128 CMAC cut to 8 bytes */
    HSM_KEY_ZONE_DATA = 7, /* envelope on the network's link */
    HSM_KEY_TOKEN = 8,
    HSM_KEY_RECOVERY = 9,         /* one terminal's: HMAC-SHA-256, shared with its vault */
    HSM_KEY_PEPPER = 10,          /* of the console's passwords: never leaves */
    HSM_KEY_BASE_DERIVATION = 11, /* DUKPT: by the suite TDES or AES-128; never leaves */
    HSM_KEY_CVV = 12,             /* an issuer's three: TDES, never leave */
    HSM_KEY_PVV = 13,
    HSM_KEY_IBM3624 = 14,
};

struct hsm_header {
    uint8_t command;
    uint32_t id;
};

struct hsm_make_key {
    uint8_t usage;      /* enum hsm_key_usage */
    uint8_t suite;      /* enum hsm_suite: decides the algorithm of a terminal master key */
    struct bytes label; /* who it is for, at most 32 characters: bound into the sealed copy */
    /*
     * Public key of the other holder: X25519 (32 bytes); or, for a terminal master key, RSA in PEM
     * (lib/crypto/rsa_scheme.h), and the sealed copy is the bare value under OAEP with the label.
     * Empty: no copy.
     */
    struct bytes recipient;
    struct bytes clear; /* IMPORT_KEY only: the key itself */
};

struct hsm_key_answer {
    struct bytes block;
    struct bytes kcv;        /* 4 bytes */
    struct bytes hsm_public; /* X25519 public key (32) that authenticates a copy sealed so */
    struct bytes sealed;     /* empty when there was no recipient */
};

/* Of a suite with a key for each transaction: the base key; nothing is delivered, and the three
 * blocks of the answer are that same block. */
struct hsm_sign_in {
    uint8_t suite;
    struct bytes master_block;
};

struct hsm_sign_in_answer {
    struct bytes delivery; /* field 62 of the 0810: each key under the master key, with its KCV */
    struct bytes pin_block, mac_block, data_block; /* the same keys as TR-31 blocks for the host */
};

/*
 * Verifies the MAC; only then, and only what is present, opens the card data (envelope, or clear in
 * the plain profile), makes the token, seals the card data again for the zone, and translates the
 * PIN block. Formats follow from the suite. The envelope's associated data is `aad` on the
 * terminal's side and `zone_aad` on the network's.
 */
struct hsm_accept {
    uint8_t suite;
    struct bytes mac_key, mac_data, mac;
    struct bytes pin_key, pin_block;                    /* both empty: no PIN */
    struct bytes data_key, envelope, aad;               /* all empty: no envelope */
    struct bytes clear_pan, clear_expiry, clear_track2; /* plain profile */
    struct bytes token_key, zone_pin_key, zone_data_key, zone_aad;
};

struct hsm_accept_answer {
    struct bytes pan_masked;     /* empty when the request carried no card */
    struct bytes token;          /* 16 hex digits */
    struct bytes bin;            /* the first 8 digits of the PAN */
    struct bytes zone_pin_block; /* 16 bytes, empty without a PIN */
    struct bytes zone_envelope;  /* empty without card data */
};

/* `suite` chooses the MAC algorithm; zone keys always use that of HSM_SUITE_TONGBAO. */
struct hsm_mac {
    uint8_t suite;
    struct bytes key, data;
    struct bytes mac; /* MAC_CHECK only */
};

/* lib/crypto/recovery.h says what is made of this. */
struct hsm_recovery {
    uint8_t operator_id, way;
    struct bytes key, tid, challenge;
};

struct hsm_recovery_answer {
    struct bytes mac;  /* HSM_PROOF_BYTES: the grant */
    struct bytes code; /* ASCII digits to be typed; empty for the way SERVICE */
};

struct hsm_pepper {
    struct bytes key;
    struct bytes context; /* whose password, at most 64 bytes */
    struct bytes data;    /* at most HSM_PEPPER_DATA_MAX */
};

/* The host's word is made here, a vault's is checked: each direction has its own MAC. */
enum hsm_anchor_direction { HSM_ANCHOR_FROM_VAULT = 1, HSM_ANCHOR_FROM_HOST = 2 };

struct hsm_anchor {
    uint8_t direction;
    uint64_t epoch;
    struct bytes key, tid;
    struct bytes mac; /* FROM_VAULT: to be checked; FROM_HOST: empty */
};

/* lib/crypto/recovery.h: what the host commands of a device. The answer is its MAC (16). */
struct hsm_command_mac {
    uint64_t number;
    struct bytes key, tid, serial, kind, nonce, text;
};

struct hsm_status_answer {
    bool development;
    struct bytes master_kcv; /* 4 bytes */
    struct bytes hsm_public; /* 32 bytes */
    uint64_t commands;       /* executed since it started */
};

void hsm_write_header(struct writer *w, uint8_t command, uint32_t id);
void hsm_write_answer(struct writer *w, struct hsm_header header, enum hsm_status status);
void hsm_write_make_key(struct writer *w, const struct hsm_make_key *m);
void hsm_write_key_answer(struct writer *w, const struct hsm_key_answer *m);
void hsm_write_sign_in(struct writer *w, const struct hsm_sign_in *m);
void hsm_write_sign_in_answer(struct writer *w, const struct hsm_sign_in_answer *m);
void hsm_write_accept(struct writer *w, const struct hsm_accept *m);
void hsm_write_accept_answer(struct writer *w, const struct hsm_accept_answer *m);
void hsm_write_mac(struct writer *w, const struct hsm_mac *m);
void hsm_write_recovery(struct writer *w, const struct hsm_recovery *m);
void hsm_write_recovery_answer(struct writer *w, const struct hsm_recovery_answer *m);
void hsm_write_pepper(struct writer *w, const struct hsm_pepper *m);
void hsm_write_command_mac(struct writer *w, const struct hsm_command_mac *m);
void hsm_write_anchor(struct writer *w, const struct hsm_anchor *m);
void hsm_write_status_answer(struct writer *w, const struct hsm_status_answer *m);

/*
 * Readers take a reader that stands at the part they read; the last one ends with reader_finish().
 * Errors of the err functions: those of the reader, UNSUPPORTED (another version).
 */
MUST_USE err hsm_read_header(struct reader *r, struct hsm_header *out);
MUST_USE err hsm_read_answer(struct reader *r, struct hsm_header *out, enum hsm_status *ret_status);
MUST_USE err hsm_read_make_key(struct reader *r, struct hsm_make_key *out);
MUST_USE err hsm_read_key_answer(struct reader *r, struct hsm_key_answer *out);
MUST_USE err hsm_read_sign_in(struct reader *r, struct hsm_sign_in *out);
MUST_USE err hsm_read_sign_in_answer(struct reader *r, struct hsm_sign_in_answer *out);
MUST_USE err hsm_read_accept(struct reader *r, struct hsm_accept *out);
MUST_USE err hsm_read_accept_answer(struct reader *r, struct hsm_accept_answer *out);
MUST_USE err hsm_read_mac(struct reader *r, struct hsm_mac *out);
MUST_USE err hsm_read_recovery(struct reader *r, struct hsm_recovery *out);
MUST_USE err hsm_read_recovery_answer(struct reader *r, struct hsm_recovery_answer *out);
MUST_USE err hsm_read_pepper(struct reader *r, struct hsm_pepper *out);
MUST_USE err hsm_read_command_mac(struct reader *r, struct hsm_command_mac *out);
MUST_USE err hsm_read_anchor(struct reader *r, struct hsm_anchor *out);
MUST_USE err hsm_read_status_answer(struct reader *r, struct hsm_status_answer *out);

/* One byte string: the body of the answers to MAC_MAKE, to PEPPER (32 bytes) and to ANCHOR (16
 * bytes FROM_HOST, none FROM_VAULT). */
void hsm_write_bytes(struct writer *w, struct bytes b);
MUST_USE err hsm_read_bytes(struct reader *r, struct bytes *out);

/* "bad MAC": for logs. Never NULL. */
const char *hsm_status_text(enum hsm_status status);
