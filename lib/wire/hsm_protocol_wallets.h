/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hsm's commands for the interfaces of wallets: a key that signs what we ask, the check of what
 * they answer, and the opening of what they tell. The rules of hsm_protocol.h hold; numbers stand
 * there. A key is a blob of lib/crypto/wallet_key.h, bound to its use: longer than a key block, and
 * kept by whoever sends it along, as key blocks are.
 *
 * Signatures are RSASSA-PKCS1-v1_5 with SHA-256, ours with keys of 2048 bits. What is signed comes
 * as its digest: an answer of a provider may be longer than a frame.
 */

#include "lib/wire/hsm_protocol.h"

enum {
    HSM_WALLET_BLOB_MAX = 1792, /* a key of 2048 bits; no longer one signs here */
    HSM_WALLET_PEM_MAX = 4000,  /* of a key that is imported, or a certificate; less than a frame */
    HSM_WALLET_PUBLIC_MAX = 512,
    HSM_WALLET_SIGNATURE_MAX = 512, /* of a provider whose key has 4096 bits; ours has 256 */
    HSM_WALLET_DIGEST_BYTES = 32,
    HSM_WALLET_NONCE_BYTES = 12,
    HSM_WALLET_SEALED_MAX = 3600, /* what is opened at once, beside its key in a frame */
};

enum hsm_wallet_use { HSM_WALLET_SIGNS = 1, HSM_WALLET_OPENS = 2, HSM_WALLET_HIDES = 3 };

/*
 * WALLET_KEY: `clear` empty: a new key that signs. Otherwise the key itself: a private key in PEM
 * or bare base64, the 32 bytes that a provider seals with, or the 16 or 32 that hide content.
 * Outside development too: the others are chosen in the provider's console, and the first may have
 * been made by its tool.
 */
struct hsm_wallet_key {
    uint8_t use;
    struct bytes label; /* whose it is, at most 32 characters: for the log */
    struct bytes clear;
};

struct hsm_wallet_key_answer {
    struct bytes blob;
    struct bytes public_pem; /* of a key that signs: for the provider; otherwise empty */
};

/* WALLET_SIGN: the answer is the signature, as by hsm_write_bytes. */
struct hsm_wallet_sign {
    struct bytes key, digest;
};

/* WALLET_CHECK: HSM_OK or HSM_BAD_VALUE; no body. `pem` is a public key, in PEM or bare base64, or
 * a certificate, of which only the key is looked at: whoever configures it settles whose it is. */
struct hsm_wallet_check {
    struct bytes pem, digest, signature;
};

/* WALLET_OPEN: AES-256-GCM, tag at the end. The answer is the text, as by hsm_write_bytes;
 * HSM_BAD_ENVELOPE when it does not open. */
struct hsm_wallet_open {
    struct bytes key, nonce, associated, sealed;
};

/* WALLET_HIDE, WALLET_SHOW: wallet_content.h of lib/crypto, of at most HSM_WALLET_SEALED_MAX bytes
 * of ciphertext. The answer is the other text, as by hsm_write_bytes; HSM_BAD_ENVELOPE when it does
 * not show. Nothing is authenticated: what is shown was signed, and that was checked before. */
struct hsm_wallet_content {
    struct bytes key, text;
};

/* What WALLET_SIGN and WALLET_CHECK take instead of a text: its SHA-256. */
void hsm_wallet_digest(struct bytes text, uint8_t ret_digest[HSM_WALLET_DIGEST_BYTES]);

void hsm_write_wallet_key(struct writer *w, const struct hsm_wallet_key *m);
void hsm_write_wallet_key_answer(struct writer *w, const struct hsm_wallet_key_answer *m);
void hsm_write_wallet_sign(struct writer *w, const struct hsm_wallet_sign *m);
void hsm_write_wallet_check(struct writer *w, const struct hsm_wallet_check *m);
void hsm_write_wallet_open(struct writer *w, const struct hsm_wallet_open *m);
void hsm_write_wallet_content(struct writer *w, const struct hsm_wallet_content *m);

MUST_USE err hsm_read_wallet_key(struct reader *r, struct hsm_wallet_key *out);
MUST_USE err hsm_read_wallet_key_answer(struct reader *r, struct hsm_wallet_key_answer *out);
MUST_USE err hsm_read_wallet_sign(struct reader *r, struct hsm_wallet_sign *out);
MUST_USE err hsm_read_wallet_check(struct reader *r, struct hsm_wallet_check *out);
MUST_USE err hsm_read_wallet_open(struct reader *r, struct hsm_wallet_open *out);
MUST_USE err hsm_read_wallet_content(struct reader *r, struct hsm_wallet_content *out);
