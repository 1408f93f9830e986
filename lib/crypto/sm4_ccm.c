/* SPDX-License-Identifier: Apache-2.0 */
/* CCM as SP 800-38C describes it: a CBC-MAC over lengths, associated data and text, in annex A's
 * layout, and counter mode over both. */
#include "lib/crypto/sm4_ccm.h"

#include "lib/crypto/sm4_gcm.h"

/* The running CBC-MAC, and the block that is being filled. Secret. */
struct cbc_mac {
    uint8_t sum[SM4_BLOCK_BYTES], block[SM4_BLOCK_BYTES];
    size_t filled;
};

static void cbc_mac_wipe(struct cbc_mac *mac)
{
    secret_wipe_bytes(mac, sizeof *mac);
}

static err absorb(struct crypto *crypto, const struct key *key, struct cbc_mac *mac,
                  struct bytes data)
{
    for (size_t i = 0; i < data.len; i++) {
        mac->block[mac->filled++] = data.at[i];
        if (mac->filled < SM4_BLOCK_BYTES) continue;
        TRY(cipher_cbc_encrypt(crypto, key, mac->sum, BYTES_OF(mac->block), mac->sum));
        mac->filled = 0;
    }
    return OK;
}

/* Zeros up to the end of the block. */
static err fill_up(struct crypto *crypto, const struct key *key, struct cbc_mac *mac)
{
    static const uint8_t zeros[SM4_BLOCK_BYTES];
    if (mac->filled == 0) return OK;
    return absorb(crypto, key, mac, bytes_of(zeros, SM4_BLOCK_BYTES - mac->filled));
}

/* How long the associated data is, as A.2.2 writes it. */
static size_t lay_length(size_t len, uint8_t out[6])
{
    size_t wide = len < 0xff00 ? 2 : 6;
    if (wide == 6) {
        out[0] = 0xff;
        out[1] = 0xfe;
    }
    for (size_t i = 0; i < (wide == 6 ? 4u : 2u); i++) out[wide - 1 - i] = (uint8_t)(len >> 8 * i);
    return wide;
}

static err mac_of(struct crypto *crypto, const struct key *key, struct bytes nonce, size_t tag_len,
                  struct bytes associated, struct bytes plain, uint8_t ret_mac[SM4_BLOCK_BYTES])
{
    CLEANUP(cbc_mac_wipe) struct cbc_mac mac = {0};
    uint8_t first[SM4_BLOCK_BYTES] = {0}, prefix[6];
    size_t counted = SM4_BLOCK_BYTES - 1 - nonce.len;
    first[0] = (uint8_t)((associated.len > 0 ? 0x40 : 0) | (tag_len - 2) / 2 << 3 | (counted - 1));
    memcpy(first + 1, nonce.at, nonce.len);
    for (size_t i = 0; i < counted && i < sizeof plain.len; i++)
        first[SM4_BLOCK_BYTES - 1 - i] = (uint8_t)(plain.len >> 8 * i);
    TRY(absorb(crypto, key, &mac, BYTES_OF(first)));
    if (associated.len > 0) {
        TRY(absorb(crypto, key, &mac, bytes_of(prefix, lay_length(associated.len, prefix))));
        TRY(absorb(crypto, key, &mac, associated));
        TRY(fill_up(crypto, key, &mac));
    }
    TRY(absorb(crypto, key, &mac, plain));
    TRY(fill_up(crypto, key, &mac));
    memcpy(ret_mac, mac.sum, SM4_BLOCK_BYTES);
    return OK;
}

/* The counter with this number (A.3); the tag has number 0, the text begins with 1. */
static void lay_counter(struct bytes nonce, uint8_t number, uint8_t counter[SM4_BLOCK_BYTES])
{
    memset(counter, 0, SM4_BLOCK_BYTES);
    counter[0] = (uint8_t)(SM4_BLOCK_BYTES - 2 - nonce.len);
    memcpy(counter + 1, nonce.at, nonce.len);
    counter[SM4_BLOCK_BYTES - 1] = number;
}

static err check(const struct key *key, struct bytes nonce, size_t tag_len, size_t associated,
                 size_t text)
{
    if (key->algorithm != KEY_SM4) return ERR(KEY);
    if (nonce.len < SM4_CCM_NONCE_MIN || nonce.len > SM4_CCM_NONCE_MAX) return ERR(LENGTH);
    if (tag_len < SM4_CCM_TAG_MIN || tag_len > CIPHER_TAG_BYTES || tag_len % 2 != 0)
        return ERR(LENGTH);
    size_t counted = SM4_BLOCK_BYTES - 1 - nonce.len;
    if (counted < sizeof text && text >> 8 * counted != 0) return ERR(LENGTH);
    return associated > UINT32_MAX || text > UINT32_MAX ? ERR(LENGTH) : OK;
}

/* The tag as it travels, from the MAC of the plain text. */
static err cover(struct crypto *crypto, const struct key *key, struct bytes nonce,
                 const uint8_t mac[SM4_BLOCK_BYTES], size_t tag_len, uint8_t *ret_tag)
{
    uint8_t counter[SM4_BLOCK_BYTES];
    lay_counter(nonce, 0, counter);
    return sm4_ctr(crypto, key, counter, bytes_of(mac, tag_len), ret_tag);
}

err sm4_ccm_seal(struct crypto *crypto, const struct key *key, struct bytes nonce, size_t tag_len,
                 struct bytes associated, struct bytes plain, uint8_t *out)
{
    TRY(check(key, nonce, tag_len, associated.len, plain.len));
    uint8_t mac[SM4_BLOCK_BYTES], counter[SM4_BLOCK_BYTES];
    TRY(mac_of(crypto, key, nonce, tag_len, associated, plain, mac));
    lay_counter(nonce, 1, counter);
    TRY(sm4_ctr(crypto, key, counter, plain, out));
    return cover(crypto, key, nonce, mac, tag_len, out + plain.len);
}

err sm4_ccm_open(struct crypto *crypto, const struct key *key, struct bytes nonce, size_t tag_len,
                 struct bytes associated, struct bytes sealed, uint8_t *out)
{
    if (sealed.len < tag_len) return ERR(SHORT);
    size_t len = sealed.len - tag_len;
    TRY(check(key, nonce, tag_len, associated.len, len));
    uint8_t mac[SM4_BLOCK_BYTES], tag[CIPHER_TAG_BYTES], counter[SM4_BLOCK_BYTES];
    lay_counter(nonce, 1, counter);
    TRY(sm4_ctr(crypto, key, counter, bytes_of(sealed.at, len), out));
    err made = mac_of(crypto, key, nonce, tag_len, associated, bytes_of(out, len), mac);
    if (!FAILED(made)) made = cover(crypto, key, nonce, mac, tag_len, tag);
    if (!FAILED(made) && !secret_equal(bytes_of(tag, tag_len), bytes_of(sealed.at + len, tag_len)))
        made = ERR(MAC);
    if (FAILED(made)) secret_wipe_bytes(out, len); /* nobody sees unauthenticated text */
    return made;
}
