/* SPDX-License-Identifier: Apache-2.0 */
/* A keyed hash of eight bytes, and the file of its key. */
#include "lib/auth/pseudonym.h"

#include <assert.h>
#include <sodium.h>

#include "lib/base/file.h"

static_assert(PSEUDONYM_KEY_BYTES == crypto_shorthash_siphash24_KEYBYTES, "its key");

uint64_t pseudonym_of(const uint8_t key[static PSEUDONYM_KEY_BYTES], struct bytes text)
{
    uint8_t hash[crypto_shorthash_siphash24_BYTES];
    uint64_t number = 0;
    crypto_shorthash_siphash24(hash, text.at, text.len, key);
    for (size_t i = 0; i < sizeof hash; i++) number = number << 8 | hash[i];
    return number;
}

err pseudonym_key_load(const char *path, const struct random *random,
                       uint8_t ret_key[static PSEUDONYM_KEY_BYTES])
{
    uint8_t key[PSEUDONYM_KEY_BYTES];
    size_t len = 0;
    err found = file_read(path, FILE_PRIVATE, key, sizeof key, &len);
    if (found.code == ERR_LENGTH) return ERR(FORMAT);
    if (found.code == ERR_NOT_FOUND && random != NULL) {
        random_fill(random, key, sizeof key);
        len = sizeof key;
        found = file_write(path, FILE_PRIVATE, bytes_of(key, sizeof key));
    }
    if (!FAILED(found) && len != sizeof key) found = ERR(FORMAT);
    if (!FAILED(found)) memcpy(ret_key, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return found;
}
