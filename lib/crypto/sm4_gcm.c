/* SPDX-License-Identifier: Apache-2.0 */
/* GCM as SP 800-38D describes it, one bit at a time: an envelope has five blocks. */
#include "lib/crypto/sm4_gcm.h"

enum { STREAM_BLOCKS = 16, COUNTED_BYTES = 4 };

/* An element of GF(2^128); bit 127 of the polynomial's order stands leftmost in `high`. Secret. */
struct element {
    uint64_t high, low;
};

struct hash {
    struct element key, sum;
};

static void hash_wipe(struct hash *hash)
{
    secret_wipe_bytes(hash, sizeof *hash);
}

/* Key stream, while it is laid over a text. */
struct stream {
    uint8_t at[STREAM_BLOCKS * SM4_BLOCK_BYTES];
};

static void stream_wipe(struct stream *stream)
{
    secret_wipe_bytes(stream, sizeof *stream);
}

static uint64_t load(const uint8_t at[8])
{
    uint64_t word = 0;
    for (size_t i = 0; i < 8; i++) word = word << 8 | at[i];
    return word;
}

static void store(uint64_t word, uint8_t at[8])
{
    for (size_t i = 0; i < 8; i++) at[i] = (uint8_t)(word >> (56 - 8 * i));
}

/* a * b (SP 800-38D, 6.3): each bit of both becomes a mask, never a branch or an address. */
static struct element multiply(struct element a, struct element b)
{
    static const uint64_t reduction = UINT64_C(0xe1) << 56;
    struct element product = {0, 0};
    for (unsigned i = 0; i < 128; i++) {
        uint64_t word = i < 64 ? a.high : a.low; /* by the position, which is no secret */
        uint64_t taken = 0 - (word >> (63 - i % 64) & 1), carried = 0 - (b.low & 1);
        product.high ^= b.high & taken;
        product.low ^= b.low & taken;
        b.low = b.low >> 1 | b.high << 63;
        b.high = b.high >> 1 ^ (reduction & carried);
    }
    return product;
}

static void hash_block(struct hash *hash, const uint8_t block[SM4_BLOCK_BYTES])
{
    hash->sum.high ^= load(block);
    hash->sum.low ^= load(block + 8);
    hash->sum = multiply(hash->sum, hash->key);
}

/* `data` filled up with zeros to whole blocks. */
static void hash_padded(struct hash *hash, struct bytes data)
{
    for (size_t at = 0; at < data.len; at += SM4_BLOCK_BYTES) {
        uint8_t block[SM4_BLOCK_BYTES] = {0};
        size_t left = data.len - at;
        memcpy(block, data.at + at, left < sizeof block ? left : sizeof block);
        hash_block(hash, block);
    }
}

static void hash_lengths(struct hash *hash, size_t first, size_t second)
{
    uint8_t block[SM4_BLOCK_BYTES];
    store((uint64_t)first * 8, block);
    store((uint64_t)second * 8, block + 8);
    hash_block(hash, block);
}

static void count_on(uint8_t counter[SM4_BLOCK_BYTES])
{
    for (size_t i = 0; i < COUNTED_BYTES; i++)
        if (++counter[SM4_BLOCK_BYTES - 1 - i] != 0) return;
}

err sm4_ctr(struct crypto *crypto, const struct key *key, const uint8_t counter[SM4_BLOCK_BYTES],
            struct bytes in, uint8_t *out)
{
    CLEANUP(stream_wipe) struct stream stream;
    uint8_t next[SM4_BLOCK_BYTES];
    memcpy(next, counter, sizeof next);
    for (size_t at = 0; at < in.len; at += sizeof stream.at) {
        size_t left = in.len - at, len = left < sizeof stream.at ? left : sizeof stream.at;
        size_t blocks = (len + SM4_BLOCK_BYTES - 1) / SM4_BLOCK_BYTES;
        for (size_t i = 0; i < blocks; i++) {
            memcpy(stream.at + i * SM4_BLOCK_BYTES, next, sizeof next);
            count_on(next);
        }
        TRY(cipher_ecb_encrypt(crypto, key, bytes_of(stream.at, blocks * SM4_BLOCK_BYTES),
                               stream.at));
        for (size_t i = 0; i < len; i++) out[at + i] = in.at[at + i] ^ stream.at[i];
    }
    return OK;
}

/* The hash's key, and the first counter from the nonce (7.1, steps 1 and 2). */
static err begin(struct crypto *crypto, const struct key *key, struct bytes nonce,
                 struct hash *ret_hash, uint8_t ret_counter[SM4_BLOCK_BYTES])
{
    if (key->algorithm != KEY_SM4) return ERR(KEY);
    if (nonce.len == 0) return ERR(LENGTH); /* it would give the hash's key away */
    CLEANUP(hash_wipe) struct hash hash = {0};
    uint8_t block[SM4_BLOCK_BYTES] = {0};
    TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(block), block));
    hash.key = (struct element){load(block), load(block + 8)};
    secret_wipe_bytes(block, sizeof block);
    *ret_hash = hash;
    if (nonce.len == CIPHER_NONCE_BYTES) {
        memset(ret_counter, 0, SM4_BLOCK_BYTES);
        memcpy(ret_counter, nonce.at, nonce.len);
        ret_counter[SM4_BLOCK_BYTES - 1] = 1;
        return OK;
    }
    hash_padded(&hash, nonce);
    hash_lengths(&hash, 0, nonce.len);
    store(hash.sum.high, ret_counter);
    store(hash.sum.low, ret_counter + 8);
    return OK;
}

/* The tag over ciphertext and associated data (7.1, steps 5 and 6). */
static err tag_of(struct crypto *crypto, const struct key *key, struct hash *hash,
                  const uint8_t first[SM4_BLOCK_BYTES], struct bytes associated,
                  struct bytes ciphertext, uint8_t ret_tag[CIPHER_TAG_BYTES])
{
    uint8_t sum[SM4_BLOCK_BYTES];
    hash_padded(hash, associated);
    hash_padded(hash, ciphertext);
    hash_lengths(hash, associated.len, ciphertext.len);
    store(hash->sum.high, sum);
    store(hash->sum.low, sum + 8);
    return sm4_ctr(crypto, key, first, BYTES_OF(sum), ret_tag);
}

err sm4_gcm_seal(struct crypto *crypto, const struct key *key, struct bytes nonce,
                 struct bytes associated, struct bytes plain, uint8_t *out)
{
    CLEANUP(hash_wipe) struct hash hash = {0};
    uint8_t first[SM4_BLOCK_BYTES], counter[SM4_BLOCK_BYTES];
    TRY(begin(crypto, key, nonce, &hash, first));
    memcpy(counter, first, sizeof counter);
    count_on(counter);
    TRY(sm4_ctr(crypto, key, counter, plain, out));
    return tag_of(crypto, key, &hash, first, associated, bytes_of(out, plain.len), out + plain.len);
}

err sm4_gcm_open(struct crypto *crypto, const struct key *key, struct bytes nonce,
                 struct bytes associated, struct bytes sealed, uint8_t *out)
{
    if (sealed.len < CIPHER_TAG_BYTES) return ERR(SHORT);
    CLEANUP(hash_wipe) struct hash hash = {0};
    struct bytes text = bytes_of(sealed.at, sealed.len - CIPHER_TAG_BYTES);
    uint8_t first[SM4_BLOCK_BYTES], counter[SM4_BLOCK_BYTES], tag[CIPHER_TAG_BYTES];
    TRY(begin(crypto, key, nonce, &hash, first));
    TRY(tag_of(crypto, key, &hash, first, associated, text, tag));
    if (!secret_equal(BYTES_OF(tag), bytes_of(sealed.at + text.len, sizeof tag))) {
        secret_wipe_bytes(out, text.len);
        return ERR(MAC);
    }
    memcpy(counter, first, sizeof counter);
    count_on(counter);
    return sm4_ctr(crypto, key, counter, text, out);
}
