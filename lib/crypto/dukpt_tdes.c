/* SPDX-License-Identifier: Apache-2.0 */
/* ANSI X9.24-1:2009, annex A, as the walk down a binary tree that it is. */
#include "lib/crypto/dukpt_tdes.h"

#include "lib/crypto/cipher.h"

enum { HALF = 8, WHOLE = 16, COUNTER_MASK = 0x1fffff };

/* A register's worth of key. Secret. */
struct node {
    uint8_t at[WHOLE];
};

static void node_wipe(struct node *node)
{
    secret_wipe_bytes(node, sizeof *node);
}

uint32_t dukpt_tdes_counter(const uint8_t ksn[DUKPT_TDES_KSN_BYTES])
{
    return (uint32_t)(ksn[7] & 0x1f) << 16 | (uint32_t)ksn[8] << 8 | ksn[9];
}

static void set_counter(uint8_t ksn[DUKPT_TDES_KSN_BYTES], uint32_t counter)
{
    ENSURE(counter <= COUNTER_MASK);
    ksn[7] = (uint8_t)((ksn[7] & 0xe0) | counter >> 16);
    ksn[8] = (uint8_t)(counter >> 8);
    ksn[9] = (uint8_t)counter;
}

static void xor_mask(uint8_t *at, const uint8_t mask[HALF])
{
    for (size_t i = 0; i < HALF; i++) {
        at[i] ^= mask[i];
        at[HALF + i] ^= mask[i];
    }
}

/* E(key, in) of one block, where `value` is 8 bytes (DES) or 16 (TDES). */
static err encrypt_block(struct crypto *crypto, struct bytes value, const uint8_t *in, uint8_t *out)
{
    CLEANUP(key_wipe) struct key key = {0};
    enum key_algorithm algorithm = value.len == HALF ? KEY_DES : KEY_TDES;
    TRY(key_make(algorithm, KEY_USAGE_BASE_DERIVATION, value, &key));
    return cipher_ecb_encrypt(crypto, &key, bytes_of(in, HALF), out);
}

static const uint8_t half_variant[HALF] = {0xc0, 0xc0, 0xc0, 0xc0, 0, 0, 0, 0};

err dukpt_tdes_initial(struct crypto *crypto, const struct key *base,
                       const uint8_t ksn[DUKPT_TDES_KSN_BYTES], struct key *ret_initial)
{
    if (base->usage != KEY_USAGE_BASE_DERIVATION || base->algorithm != KEY_TDES) return ERR(KEY);
    uint8_t id[DUKPT_TDES_KSN_BYTES];
    memcpy(id, ksn, sizeof id);
    set_counter(id, 0);
    CLEANUP(node_wipe) struct node initial, variant;
    memcpy(variant.at, base->value.at, WHOLE);
    xor_mask(variant.at, half_variant);
    TRY(encrypt_block(crypto, secret_view(&base->value), id, initial.at));
    TRY(encrypt_block(crypto, bytes_of(variant.at, WHOLE), id, initial.at + HALF));
    return key_make(KEY_TDES, KEY_USAGE_INITIAL, bytes_of(initial.at, WHOLE), ret_initial);
}

/* One half of the key generation: E(left, data xor right) xor right (A.2). */
static err generate_half(struct crypto *crypto, const uint8_t key[WHOLE], const uint8_t data[HALF],
                         uint8_t out[HALF])
{
    uint8_t block[HALF];
    for (size_t i = 0; i < HALF; i++) block[i] = data[i] ^ key[HALF + i];
    TRY(encrypt_block(crypto, bytes_of(key, HALF), block, block));
    for (size_t i = 0; i < HALF; i++) out[i] = block[i] ^ key[HALF + i];
    secret_wipe_bytes(block, sizeof block);
    return OK;
}

/*
 * Non-reversible key generation (A.2): the key of `counter` from that of the counter without its
 * lowest one. `ksn` lends the bits above the counter.
 */
static err child(struct crypto *crypto, const uint8_t parent[WHOLE],
                 const uint8_t ksn[DUKPT_TDES_KSN_BYTES], uint32_t counter, uint8_t out[WHOLE])
{
    uint8_t number[DUKPT_TDES_KSN_BYTES];
    memcpy(number, ksn, sizeof number);
    set_counter(number, counter);
    CLEANUP(node_wipe) struct node variant, made;
    memcpy(variant.at, parent, WHOLE);
    xor_mask(variant.at, half_variant);
    TRY(generate_half(crypto, parent, number + 2, made.at + HALF));
    TRY(generate_half(crypto, variant.at, number + 2, made.at));
    memcpy(out, made.at, WHOLE);
    return OK;
}

/* Key variants by purpose (A.4.1); data keys are encrypted under themselves as well. */
static const struct {
    uint8_t mask[HALF];
    bool one_way;
    bool there;
} variant_row[DUKPT_PURPOSES] = {
    [DUKPT_PIN] = {{0, 0, 0, 0, 0, 0, 0, 0xff}, false, true},
    [DUKPT_MAC_REQUEST] = {{0, 0, 0, 0, 0, 0, 0xff, 0}, false, true},
    [DUKPT_MAC_RESPONSE] = {{0, 0, 0, 0, 0xff, 0, 0, 0}, false, true},
    [DUKPT_DATA_REQUEST] = {{0, 0, 0, 0, 0, 0xff, 0, 0}, true, true},
    [DUKPT_DATA_RESPONSE] = {{0, 0, 0, 0xff, 0, 0, 0, 0}, true, true},
};

static err variant_key(struct crypto *crypto, const uint8_t transaction[WHOLE],
                       enum dukpt_purpose purpose, struct key *ret_key)
{
    CLEANUP(node_wipe) struct node variant, out;
    memcpy(variant.at, transaction, WHOLE);
    xor_mask(variant.at, variant_row[purpose].mask);
    out = variant;
    if (variant_row[purpose].one_way) {
        struct bytes value = bytes_of(variant.at, WHOLE);
        TRY(encrypt_block(crypto, value, variant.at, out.at));
        TRY(encrypt_block(crypto, value, variant.at + HALF, out.at + HALF));
    }
    return key_make(KEY_TDES, dukpt_purpose_usage(purpose), bytes_of(out.at, WHOLE), ret_key);
}

err dukpt_tdes_derive(struct crypto *crypto, const struct key *base,
                      const uint8_t ksn[DUKPT_TDES_KSN_BYTES], enum dukpt_purpose purpose,
                      struct key *ret_key)
{
    ENSURE(purpose < DUKPT_PURPOSES);
    uint32_t counter = dukpt_tdes_counter(ksn), reached = 0;
    if (!variant_row[purpose].there) return ERR(UNSUPPORTED);
    if (!dukpt_counter_used(counter, DUKPT_TDES_COUNTER_BITS, DUKPT_TDES_ONES_MAX))
        return ERR(RANGE);
    CLEANUP(key_wipe) struct key initial = {0};
    TRY(dukpt_tdes_initial(crypto, base, ksn, &initial));
    CLEANUP(node_wipe) struct node node;
    memcpy(node.at, initial.value.at, WHOLE);
    for (uint32_t bit = 1u << (DUKPT_TDES_COUNTER_BITS - 1); bit != 0; bit >>= 1) {
        if ((counter & bit) == 0) continue;
        reached |= bit;
        TRY(child(crypto, node.at, ksn, reached, node.at));
    }
    return variant_key(crypto, node.at, purpose, ret_key);
}

void dukpt_tdes_wipe(struct dukpt_tdes_device *device)
{
    secret_wipe_bytes(device, sizeof *device);
}

void dukpt_tdes_transaction_wipe(struct dukpt_tdes_transaction *transaction)
{
    secret_wipe_bytes(transaction, sizeof *transaction);
}

/* The keys of the counters that are `counter` and one lower bit each, below bit `end`. */
static err fill_registers(struct crypto *crypto, const uint8_t key[WHOLE], uint32_t counter,
                          unsigned end, struct dukpt_tdes_device *device)
{
    if (__builtin_popcount(counter) >= DUKPT_TDES_ONES_MAX) return OK; /* none of them is used */
    for (unsigned i = 0; i < end; i++)
        TRY(child(crypto, key, device->ksn, counter | 1u << i, device->future[i]));
    return OK;
}

err dukpt_tdes_load(struct crypto *crypto, const struct key *initial,
                    const uint8_t ksn[DUKPT_TDES_KSN_BYTES], struct dukpt_tdes_device *ret_device)
{
    if (initial->usage != KEY_USAGE_INITIAL || initial->algorithm != KEY_TDES) return ERR(KEY);
    CLEANUP(dukpt_tdes_wipe) struct dukpt_tdes_device device = {0};
    memcpy(device.ksn, ksn, sizeof device.ksn);
    set_counter(device.ksn, 0);
    TRY(fill_registers(crypto, initial->value.at, 0, DUKPT_TDES_COUNTER_BITS, &device));
    *ret_device = device;
    return OK;
}

static err transaction_keys(struct crypto *crypto, const uint8_t key[WHOLE],
                            struct dukpt_tdes_transaction *out)
{
    TRY(variant_key(crypto, key, DUKPT_PIN, &out->pin));
    TRY(variant_key(crypto, key, DUKPT_MAC_REQUEST, &out->mac_request));
    TRY(variant_key(crypto, key, DUKPT_MAC_RESPONSE, &out->mac_response));
    TRY(variant_key(crypto, key, DUKPT_DATA_REQUEST, &out->data_request));
    return variant_key(crypto, key, DUKPT_DATA_RESPONSE, &out->data_response);
}

err dukpt_tdes_next(struct crypto *crypto, struct dukpt_tdes_device *device,
                    struct dukpt_tdes_transaction *ret_transaction)
{
    static const uint8_t empty[WHOLE];
    uint32_t counter = dukpt_next_counter(dukpt_tdes_counter(device->ksn), DUKPT_TDES_COUNTER_BITS,
                                          DUKPT_TDES_ONES_MAX);
    if (counter == 0) return ERR(FULL);
    unsigned at = (unsigned)__builtin_ctz(counter);

    CLEANUP(dukpt_tdes_wipe) struct dukpt_tdes_device moved = *device;
    CLEANUP(dukpt_tdes_transaction_wipe) struct dukpt_tdes_transaction made = {0};
    CLEANUP(node_wipe) struct node key;
    memcpy(key.at, moved.future[at], WHOLE);
    if (secret_equal(bytes_of(key.at, WHOLE), BYTES_OF(empty))) return ERR(KEY);
    set_counter(moved.ksn, counter);
    TRY(fill_registers(crypto, key.at, counter, at, &moved));
    secret_wipe_bytes(moved.future[at], WHOLE);
    TRY(transaction_keys(crypto, key.at, &made));
    memcpy(made.ksn, moved.ksn, sizeof made.ksn);
    *device = moved;
    *ret_transaction = made;
    return OK;
}
