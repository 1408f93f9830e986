/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backup_seal: what seals a device's backup (lib/wire/backup_bundle.h cuts it into parts).
 *
 * A bundle has a data key of its own, 32 random bytes. It is wrapped by X25519 and
 * XSalsa20-Poly1305 (libsodium crypto_box) from a key pair that is drawn for this bundle and
 * forgotten, to everybody who may open it: the device, the owner, the acquirer's hsm. The pieces
 * are a stream of XChaCha20-Poly1305 (libsodium secretstream): none can be left out, repeated or
 * moved, and the last one says that it is the last. Each is bound to the SHA-256 of the head.
 *
 *   wrapped    "TBB1", SHA-256 of the label, data key; under crypto_box, nonce in front
 *   digest     SHA-256("tongbao backup v1" | every byte before the signature): what is signed
 *
 * The owner's key is forty digits that are shown once: 39 random ones (129 bits) and their Luhn
 * digit. SHA-256("tongbao backup owner v1" | digits) is the secret half of an X25519 pair, of which
 * the device keeps the public one: it can seal for the owner and open nothing of his.
 *
 * Structs that hold a key or a stream are secrets: keep them in guarded memory, or CLEANUP.
 */

#include "lib/base/writer.h"
#include "lib/crypto/agreement.h"

enum {
    BACKUP_KEY_BYTES = 32,
    BACKUP_STREAM_HEADER = 24,
    BACKUP_OVERHEAD = 17, /* of a piece */
    BACKUP_WRAPPED_BYTES = TRANSPORT_OVERHEAD + 4 + CRYPTO_SHA256_BYTES + BACKUP_KEY_BYTES,
    BACKUP_CODE_DIGITS = 40,
    BACKUP_RECIPIENT_BYTES = 8,
};

struct backup_key {
    uint8_t at[BACKUP_KEY_BYTES];
};
void backup_key_wipe(struct backup_key *key);

/* `label` says which bundle it is. Appends BACKUP_WRAPPED_BYTES. Errors: CRYPTO (not a usable
 * public key), FULL. */
MUST_USE err backup_key_wrap(const struct crypto *crypto, const struct transport_pair *sender,
                             const uint8_t recipient[TRANSPORT_KEY_BYTES], struct bytes label,
                             const struct backup_key *key, struct writer *w);
/* Errors: SHORT, LENGTH, IDENTITY (altered, for somebody else, of another bundle). */
MUST_USE err backup_key_unwrap(const struct transport_pair *recipient, struct bytes sender,
                               struct bytes label, struct bytes wrapped,
                               struct backup_key *ret_key);

/* "TB1-00004711|12": which bundle a data key is for. */
enum { BACKUP_LABEL_MAX = 32 + 1 + 20, BACKUP_GRANT_LABEL_MAX = BACKUP_LABEL_MAX + 1 + 32 };
void backup_label(struct bytes serial, uint64_t number, struct writer *w);
/* "TB1-00004711|12|NONCE": the same, wrapped anew by the hsm because a vault has asked with this
 * nonce. It opens nothing for who has not asked, nor a second time. */
void backup_grant_label(struct bytes label, struct bytes nonce, struct writer *w);

/* The first bytes of SHA-256 of a public key: tells recipients apart. */
void backup_recipient_name(const uint8_t public_key[TRANSPORT_KEY_BYTES],
                           uint8_t ret_name[BACKUP_RECIPIENT_BYTES]);

/* A stream that is sealed or opened, and the digest of everything so far. */
struct backup_stream {
    uint64_t cipher[8], hash[16]; /* libsodium's states */
    uint8_t head[CRYPTO_SHA256_BYTES];
    uint32_t index; /* of the next piece */
    bool ended;     /* the last piece has gone by */
};
void backup_stream_wipe(struct backup_stream *stream);

/* Both ways. `head` is every byte of it. */
void backup_stream_begin(struct backup_stream *stream, const struct backup_key *key,
                         const uint8_t header[BACKUP_STREAM_HEADER], struct bytes head);
/* Appends plain.len + BACKUP_OVERHEAD bytes. Errors: STATE (after the last), FULL. */
MUST_USE err backup_stream_seal(struct backup_stream *stream, struct bytes plain, bool last,
                                struct writer *w);
/* Appends the plain text. Errors: STATE (after the last), SHORT, MAC (altered or not in its place),
 * FULL. */
MUST_USE err backup_stream_open(struct backup_stream *stream, struct bytes sealed,
                                struct writer *w);
/* Every byte of the bundle after its head and before its signature, in order. */
void backup_stream_hash(struct backup_stream *stream, struct bytes b);
/* Of everything so far; the stream can go on. */
void backup_stream_digest(const struct backup_stream *stream,
                          uint8_t ret_digest[CRYPTO_SHA256_BYTES]);
/* The same of a bundle that lies whole in memory: all of it but its tail. */
void backup_digest(struct bytes before_tail, uint8_t ret_digest[CRYPTO_SHA256_BYTES]);

/* Forty digits and a NUL: secret. */
struct backup_code {
    char digits[BACKUP_CODE_DIGITS + 1];
};
void backup_code_wipe(struct backup_code *code);
void backup_code_draw(const struct random *random, struct backup_code *ret_code);
/* The owner's pair. Errors: LENGTH, DIGIT, FORMAT (mistyped: the last digit does not fit). */
MUST_USE err backup_code_pair(struct bytes digits, struct transport_pair *ret_pair);
