/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * agreement: secrets between two parties that hold key pairs.
 *
 * transport_*  brings a terminal's master key from the hsm to one vault: X25519 and
 * XSalsa20-Poly1305 (libsodium crypto_box), sealed to the vault's public key and authenticated by
 * the hsm's, so that a vault takes keys from its own hsm and from nobody else.
 *
 * panel_*      carries touches and card reads between the page that draws the terminal and the
 * vault, past the terminal program: ECDH on P-256, HKDF-SHA-256 (no salt, info "tongbao panel v1"),
 * AES-256-GCM. WebCrypto has all three.
 *
 *     sealed message   8 bytes counter, big-endian, then ciphertext, then 16 bytes tag
 *     nonce            4 bytes direction (1 panel to vault, 2 vault to panel), 8 bytes counter
 *
 * Each side counts its own messages from 1; a receiver takes only a counter above the last that it
 * took, so a message is never taken twice and a lost one stops nothing.
 */

#include "lib/base/writer.h"
#include "lib/crypto/cipher.h"

enum {
    TRANSPORT_KEY_BYTES = 32,
    TRANSPORT_OVERHEAD = 24 + 16, /* nonce and authenticator */
    TRANSPORT_PLAIN_MAX = 4096,
    PANEL_PUBLIC_BYTES = 65, /* 04, X, Y */
    PANEL_OVERHEAD = 8 + CIPHER_TAG_BYTES,
    PANEL_PLAIN_MAX = 65536 /* a QR picture does not come this way; a screen does */
};

/* Declare it CLEANUP(transport_pair_wipe), or keep it in guarded memory. */
struct transport_pair {
    uint8_t public_key[TRANSPORT_KEY_BYTES];
    uint8_t secret_key[TRANSPORT_KEY_BYTES];
};

void transport_generate(const struct crypto *crypto, struct transport_pair *ret_pair);
/* The pair of a stored secret half. */
void transport_from_secret(const uint8_t secret_key[TRANSPORT_KEY_BYTES],
                           struct transport_pair *ret_pair);
void transport_pair_wipe(struct transport_pair *pair);

/* Appends plain.len + TRANSPORT_OVERHEAD bytes. Errors: LENGTH, FULL, CRYPTO (not a usable key). */
MUST_USE err transport_seal(const struct crypto *crypto, const struct transport_pair *sender,
                            const uint8_t recipient[TRANSPORT_KEY_BYTES], struct bytes plain,
                            struct writer *w);

/*
 * Appends the plaintext, which is secret.
 * Errors: SHORT, LENGTH, IDENTITY (altered, for somebody else, or not from this sender), FULL.
 */
MUST_USE err transport_open(const struct transport_pair *recipient,
                            const uint8_t sender[TRANSPORT_KEY_BYTES], struct bytes sealed,
                            struct writer *w);

/*
 * A key on its way, bound to what it is and to who it is for:
 *   4 bytes "TBK1", usage 1 (enum key_usage), algorithm 1 (enum key_algorithm), label length 1,
 * label, key value Seals it for `recipient`, or opens it and takes it only when usage and label are
 * the expected ones. Errors: as transport_seal and transport_open; KEY (another usage), IDENTITY
 * (another label).
 */
enum { TRANSPORT_LABEL_MAX = 32 };

MUST_USE err transport_seal_key(const struct crypto *crypto, const struct transport_pair *sender,
                                const uint8_t recipient[TRANSPORT_KEY_BYTES], const struct key *key,
                                struct bytes label, struct writer *w);
MUST_USE err transport_open_key(const struct transport_pair *recipient,
                                const uint8_t sender[TRANSPORT_KEY_BYTES], struct bytes sealed,
                                enum key_usage usage, struct bytes label, struct key *ret_key);

enum panel_side { PANEL_SIDE_PANEL = 1, PANEL_SIDE_VAULT = 2 };

/* An ephemeral P-256 key pair: one for each channel. Declare it CLEANUP(panel_pair_wipe). */
struct panel_pair {
    uint8_t public_key[PANEL_PUBLIC_BYTES];
    uint8_t secret_key[32];
};

MUST_USE err panel_pair_generate(const struct crypto *crypto, struct panel_pair *ret_pair);
void panel_pair_wipe(struct panel_pair *pair);

struct panel_channel {
    struct key key;
    enum panel_side side;
    uint64_t sent;  /* counter of the last message sealed here */
    uint64_t taken; /* counter of the last message opened here */
};

/*
 * Agrees with the other side's public key.
 * Errors: LENGTH (not 65 bytes), FORMAT (not a point of the curve, uncompressed), CRYPTO.
 */
MUST_USE err panel_channel_open(const struct panel_pair *own, struct bytes peer_public,
                                enum panel_side side, struct panel_channel *ret_channel);
void panel_channel_wipe(struct panel_channel *channel);

/* Appends plain.len + PANEL_OVERHEAD bytes. Errors: LENGTH, FULL, CRYPTO. */
MUST_USE err panel_seal(struct crypto *crypto, struct panel_channel *channel, struct bytes plain,
                        struct writer *w);

/*
 * Appends the plaintext. Errors: SHORT, LENGTH, CONFLICT (a counter that was taken already),
 * MAC (altered or not of this channel), FULL.
 */
MUST_USE err panel_open(struct crypto *crypto, struct panel_channel *channel, struct bytes sealed,
                        struct writer *w);
