/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing of short secrets, over libsodium. */
#include "lib/auth/small_seal.h"

#include <assert.h>
#include <sodium.h>

enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };

static_assert(SMALL_SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
static_assert(SMALL_SEAL_OVERHEAD == NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES, "overhead");

void small_seal(const struct random *random, const uint8_t key[SMALL_SEAL_KEY_BYTES],
                struct bytes label, struct bytes plain, struct writer *w)
{
    ENSURE(plain.len <= SMALL_SEAL_PLAIN_MAX);
    uint8_t *space = write_space(w, plain.len + SMALL_SEAL_OVERHEAD);
    if (space == NULL) return;
    random_fill(random, space, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(space + NONCE, NULL, plain.at, plain.len, label.at,
                                               label.len, NULL, space, key);
}

err small_open(const uint8_t key[SMALL_SEAL_KEY_BYTES], struct bytes label, struct bytes sealed,
               void *out, size_t size)
{
    uint8_t plain[SMALL_SEAL_PLAIN_MAX];
    if (size > sizeof plain || sealed.len != size + SMALL_SEAL_OVERHEAD) return ERR(MAC);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed.at + NONCE,
                                                   sealed.len - NONCE, label.at, label.len,
                                                   sealed.at, key) != 0)
        return ERR(MAC);
    memcpy(out, plain, size);
    sodium_memzero(plain, sizeof plain);
    return OK;
}
