/* SPDX-License-Identifier: Apache-2.0 */
/* Content encryption of one wallet: padding (RFC 5652 6.3) around CBC. */
#include "lib/crypto/wallet_content.h"

static const uint8_t zeros[WALLET_CONTENT_BLOCK];

static bool is_aes(const struct key *key)
{
    return key->algorithm == KEY_AES128 || key->algorithm == KEY_AES256;
}

err wallet_content_seal(struct crypto *crypto, const struct key *key, struct bytes text,
                        uint8_t *out, size_t *ret_len)
{
    size_t pad = WALLET_CONTENT_BLOCK - text.len % WALLET_CONTENT_BLOCK;
    if (!is_aes(key)) return ERR(KEY);
    if (text.len > 0) memmove(out, text.at, text.len);
    memset(out + text.len, (int)pad, pad);
    TRY(cipher_cbc_encrypt(crypto, key, zeros, bytes_of(out, text.len + pad), out));
    *ret_len = text.len + pad;
    return OK;
}

err wallet_content_open(struct crypto *crypto, const struct key *key, struct bytes sealed,
                        uint8_t *out, size_t *ret_len)
{
    if (!is_aes(key)) return ERR(KEY);
    if (sealed.len == 0 || sealed.len % WALLET_CONTENT_BLOCK != 0) return ERR(FORMAT);
    TRY(cipher_cbc_decrypt(crypto, key, zeros, sealed, out));
    uint8_t pad = out[sealed.len - 1];
    if (pad == 0 || pad > WALLET_CONTENT_BLOCK) return ERR(FORMAT);
    for (size_t i = sealed.len - pad; i < sealed.len; i++)
        if (out[i] != pad) return ERR(FORMAT);
    *ret_len = sealed.len - pad;
    return OK;
}
