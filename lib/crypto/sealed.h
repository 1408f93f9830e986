/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sealed: a small secret at rest, under a passphrase (Argon2id) or under 32 random bytes that are
 * kept elsewhere. AES-256-GCM; `label` says what the secret is for and must be the same on opening,
 * so that one program's sealed file is no other's.
 *
 *   8   "TBSEAL1" and a line feed
 *   1   01 random key, 02 passphrase
 *   16  salt          (02; zeros for 01)
 *   4   passes        (02; zero for 01)
 *   4   memory, KiB   (02; zero for 01)
 *   12  nonce, random
 *   n   ciphertext, then 16 bytes tag; everything above is authenticated with it
 */

#include "lib/base/writer.h"
#include "lib/crypto/crypto.h"

enum {
    SEALED_KEY_BYTES = 32,
    SEALED_HEADER_BYTES = 8 + 1 + 16 + 4 + 4 + 12,
    SEALED_OVERHEAD = SEALED_HEADER_BYTES + 16,
    SEALED_PLAIN_MAX = 16384,
    SEALED_PASSPHRASE_MIN = 12,
    SEALED_PASSPHRASE_MAX = 1024
};

enum sealed_kind { SEALED_BY_KEY = 1, SEALED_BY_PASSPHRASE = 2 };

/* What it is sealed under: exactly SEALED_KEY_BYTES, or a passphrase. A view. */
struct sealed_secret {
    enum sealed_kind kind;
    struct bytes value;
};

/*
 * Appends plain.len + SEALED_OVERHEAD bytes. A passphrase takes 64 MiB and about 0.2 s.
 * Errors: LENGTH (secret or text), NO_MEMORY (for Argon2id), FULL, CRYPTO.
 */
MUST_USE err sealed_write(struct crypto *crypto, const struct sealed_secret *secret,
                          struct bytes label, struct bytes plain, struct writer *w);

/*
 * Appends the text, which is secret.
 * Errors: SHORT, LENGTH, FORMAT (not a sealed file), KEY (sealed the other way), MAC (wrong secret,
 * wrong label or altered), NO_MEMORY, FULL, CRYPTO.
 */
MUST_USE err sealed_read(struct crypto *crypto, const struct sealed_secret *secret,
                         struct bytes label, struct bytes sealed, struct writer *w);
