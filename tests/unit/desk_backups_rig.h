/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A device of desk_rig.h with a key of its own, and bundles that it has signed: cut as the vault
 * cuts them, sealed by nobody, which is all the same to who cannot open them.
 */

#include "backoffice/backups/backups.h"
#include "backoffice/desk/desk_internal.h"
#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/crypto/backup_seal.h"
#include "lib/crypto/identity.h"
#include "lib/wire/backup_bundle.h"
#include "tests/unit/desk_rig.h"

enum { BUNDLE_MAX = 64 * 1024 };

struct signer {
    struct identity_key key;
    char certificate[IDENTITY_PEM_MAX];
    size_t certificate_len;
    char fingerprint[2 * CRYPTO_SHA256_BYTES + 1];
};

struct bundle {
    uint8_t at[BUNDLE_MAX];
    size_t len;
    uint8_t digest[CRYPTO_SHA256_BYTES];
};

static inline void signer_make(struct signer *d, const char *tid)
{
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(d->certificate, sizeof d->certificate - 1);
    struct writer hex = writer_over(d->fingerprint, sizeof d->fingerprint - 1);
    assert_ok(identity_key_generate(&d->key));
    assert_ok(identity_make_authority(&d->key, bytes_text(tid), rig.now_ms - RIG_DAY_MS,
                                      rig.now_ms + RIG_DAY_MS, &w));
    d->certificate_len = w.len;
    assert_ok(identity_describe(writer_view(&w), name, print));
    write_hex(&hex, BYTES_OF(print));
    d->fingerprint[hex.len] = '\0';
}

static inline void signer_serves(const struct signer *d)
{
    assert_ok(registry_set_terminal_keys(rig.registry, &rig_admin, BYTES(RIG_TID),
                                         bytes_text(d->fingerprint), BYTES("D0016D0AB00E0000"),
                                         BYTES("")));
}

/* As `number` of the device with this serial number, made now. */
static inline void bundle_make(struct bundle *b, const struct signer *d, const char *tid,
                               const char *serial, uint64_t number, uint32_t pieces)
{
    uint8_t sealed[2000], digest[CRYPTO_SHA256_BYTES], signature[IDENTITY_SIGNATURE_MAX];
    static const uint8_t zero[BACKUP_PUBLIC_BYTES];
    struct writer w = writer_over(b->at, sizeof b->at);
    size_t len = 0;
    const struct backup_head head = {.number = number,
                                     .made_ms = rig.now_ms,
                                     .serial = bytes_text(serial),
                                     .model = BYTES("TB-1"),
                                     .tid = bytes_text(tid),
                                     .mid = BYTES(RIG_MID),
                                     .program = BYTES("0.1.0"),
                                     .wraps = 1,
                                     .wrap = {{BACKUP_FOR_ACQUIRER, BYTES("for hsm!"),
                                               BYTES("a key that is wrapped for the hsm")}},
                                     .sections = 1,
                                     .section = {{BACKUP_PAYMENT, 38, 12}},
                                     .sender = BYTES_OF(zero),
                                     .stream = bytes_of(zero, BACKUP_STREAM_BYTES),
                                     .certificate = bytes_of(d->certificate, d->certificate_len)};
    backup_write_head(&w, &head);
    for (uint32_t i = 0; i < pieces; i++) {
        memset(sealed, (int)(i + number), sizeof sealed);
        backup_write_piece(&w, i, BYTES_OF(sealed));
    }
    backup_digest(writer_view(&w), digest);
    assert_ok(identity_sign(&d->key, digest, signature, &len));
    backup_write_tail(&w, bytes_of(signature, len));
    assert_int_equal(w.fault, ERR_OK);
    b->len = w.len;
    crypto_sha256(writer_view(&w), b->digest);
}

/* ---- over the channel ---- */

static inline void bundle_offer(uint32_t session, const struct bundle *b)
{
    char text[256], digest[65];
    struct writer hex = writer_over(digest, 64);
    write_hex(&hex, BYTES_OF(b->digest));
    digest[64] = '\0';
    snprintf(text, sizeof text, "{\"id\":9,\"ask\":\"backup\",\"digest\":\"%s\",\"size\":%zu}",
             digest, b->len);
    rig.frames = 0;
    rig_say(session, text);
}

static inline void bundle_piece(uint32_t session, const struct bundle *b, size_t part)
{
    static char text[DEVICE_FRAME_MAX];
    uint8_t base64[8000];
    struct writer w = writer_over(base64, sizeof base64);
    struct device_message m = {.ask = DEVICE_BACKUP_PART, .id = 9, .part = (int64_t)part};
    struct writer out = writer_over(text, sizeof text - 1);
    size_t at = (part - 1) * DEVICE_PART_MAX, left = b->len - at;
    base64_write(&w, bytes_of(b->at + at, left < DEVICE_PART_MAX ? left : DEVICE_PART_MAX));
    memcpy(m.digest, b->digest, sizeof m.digest);
    m.policy = writer_view(&w);
    device_write_ask(&out, &m);
    text[out.len] = '\0';
    rig.frames = 0;
    rig_say(session, text);
}

/* All of it; the last answer is the newest frame. */
static inline void bundle_send(uint32_t session, const struct bundle *b)
{
    size_t pieces = (b->len + DEVICE_PART_MAX - 1) / DEVICE_PART_MAX;
    bundle_offer(session, b);
    for (size_t part = 1; part <= pieces; part++) bundle_piece(session, b, part);
}
