/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of wallets' interfaces at rest: one derived key, and a label for each use. */
#include "lib/crypto/wallet_key.h"

#include "lib/crypto/keyed_mac.h"

enum { BLOCK_BYTES = 16 };

static const char purpose[] = "tongbao wallet keys v1";

static struct bytes label_of(enum wallet_key_use use)
{
    static const char *const labels[WALLET_KEY_USES] = {
        [WALLET_KEY_SIGN] = "tongbao wallet key: signs",
        [WALLET_KEY_OPEN] = "tongbao wallet key: opens",
        [WALLET_KEY_CONTENT] = "tongbao wallet key: content",
        [WALLET_KEY_SNAPSHOT] = "tongbao document key: snapshot",
        [WALLET_KEY_TIMESTAMP] = "tongbao document key: timestamp",
        [WALLET_KEY_DIRECTOR] = "tongbao document key: director",
        [WALLET_KEY_AUTHORITY] = "tongbao authority key: renews",
    };
    ENSURE(use < WALLET_KEY_USES && labels[use] != NULL);
    return bytes_text(labels[use]);
}

/* Secret. */
static err derive(struct crypto *crypto, const struct keyblock_keys *keys,
                  struct secret *ret_derived)
{
    ENSURE(keys->authentication.algorithm == KEY_AES256);
    ret_derived->len = SEALED_KEY_BYTES;
    for (size_t at = 0; at < SEALED_KEY_BYTES; at += BLOCK_BYTES) {
        uint8_t input[1 + sizeof purpose - 1] = {(uint8_t)(at / BLOCK_BYTES + 1)};
        memcpy(input + 1, purpose, sizeof purpose - 1);
        TRY(keyed_mac(crypto, CRYPTO_CMAC_AES256, secret_view(&keys->authentication.value),
                      BYTES_OF(input), ret_derived->at + at));
    }
    return OK;
}

err wallet_key_seal(struct crypto *crypto, const struct keyblock_keys *keys,
                    enum wallet_key_use use, struct bytes text, struct writer *w)
{
    CLEANUP(secret_wipe) struct secret derived = {0};
    TRY(derive(crypto, keys, &derived));
    const struct sealed_secret under = {SEALED_BY_KEY, secret_view(&derived)};
    return sealed_write(crypto, &under, label_of(use), text, w);
}

err wallet_key_open(struct crypto *crypto, const struct keyblock_keys *keys,
                    enum wallet_key_use use, struct bytes blob, struct writer *w)
{
    CLEANUP(secret_wipe) struct secret derived = {0};
    TRY(derive(crypto, keys, &derived));
    const struct sealed_secret under = {SEALED_BY_KEY, secret_view(&derived)};
    err opened = sealed_read(crypto, &under, label_of(use), blob, w);
    return opened.code == ERR_MAC ? ERR(KEY) : opened;
}
