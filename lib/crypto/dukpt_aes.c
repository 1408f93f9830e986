/* SPDX-License-Identifier: Apache-2.0 */
/* ANSI X9.24-3:2017, clause 6: one derivation function, used all the way down. */
#include "lib/crypto/dukpt_aes.h"

#include "lib/crypto/cipher.h"

enum { BLOCK = 16, USAGE_DERIVATION = 0x8000, USAGE_INITIAL = 0x8001 };

/* Key usage indicators (6.3.2, table 5). */
static const uint16_t usage_of[DUKPT_PURPOSES] = {
    [DUKPT_PIN] = 0x1000,          [DUKPT_MAC_REQUEST] = 0x2000,   [DUKPT_MAC_RESPONSE] = 0x2001,
    [DUKPT_DATA_REQUEST] = 0x3000, [DUKPT_DATA_RESPONSE] = 0x3001, [DUKPT_KEY_ENCRYPTION] = 0x0002,
};

/* Algorithm indicators (6.3.2, table 4), and the strength that 6.1 compares. */
static const struct {
    uint16_t indicator;
    uint16_t strength_bits; /* 0: not in the standard */
} algorithm_row[KEY_ALGORITHMS] = {
    [KEY_TDES] = {0, 80},    [KEY_TDES3] = {1, 112},  [KEY_AES128] = {2, 128},
    [KEY_AES192] = {3, 192}, [KEY_AES256] = {4, 256}, [KEY_HMAC_SHA256] = {5, 256},
};

static bool is_aes(enum key_algorithm algorithm)
{
    return algorithm == KEY_AES128 || algorithm == KEY_AES192 || algorithm == KEY_AES256;
}

uint32_t dukpt_aes_counter(const uint8_t ksn[DUKPT_AES_KSN_BYTES])
{
    return (uint32_t)ksn[8] << 24 | (uint32_t)ksn[9] << 16 | (uint32_t)ksn[10] << 8 | ksn[11];
}

static void set_counter(uint8_t ksn[DUKPT_AES_KSN_BYTES], uint32_t counter)
{
    for (size_t i = 0; i < 4; i++) ksn[8 + i] = (uint8_t)(counter >> (24 - 8 * i));
}

/*
 * A key of `algorithm` under `from` (6.3.3): as many blocks of derivation data, encrypted, as it
 * takes. `tail` is the last eight bytes of the data: the initial key's id for the initial key,
 * device id and counter for all below it.
 */
static err derive(struct crypto *crypto, const struct key *from, uint16_t usage,
                  enum key_algorithm algorithm, const uint8_t tail[8], enum key_usage as,
                  struct key *ret_key)
{
    size_t len = key_size(algorithm);
    unsigned bits = (unsigned)(8 * len);
    CLEANUP(secret_wipe) struct secret made = {.len = (uint8_t)len};
    for (size_t at = 0; at < len; at += BLOCK) {
        uint8_t data[BLOCK] = {1,
                               (uint8_t)(at / BLOCK + 1),
                               (uint8_t)(usage >> 8),
                               (uint8_t)usage,
                               0,
                               (uint8_t)algorithm_row[algorithm].indicator,
                               (uint8_t)(bits >> 8),
                               (uint8_t)bits};
        memcpy(data + 8, tail, 8);
        TRY(cipher_ecb_encrypt(crypto, from, BYTES_OF(data), made.at + at));
    }
    return key_make(algorithm, as, secret_view(&made), ret_key);
}

err dukpt_aes_initial(struct crypto *crypto, const struct key *base,
                      const uint8_t ksn[DUKPT_AES_KSN_BYTES], struct key *ret_initial)
{
    if (base->usage != KEY_USAGE_BASE_DERIVATION || !is_aes(base->algorithm)) return ERR(KEY);
    return derive(crypto, base, USAGE_INITIAL, base->algorithm, ksn, KEY_USAGE_INITIAL,
                  ret_initial);
}

/* The last eight bytes of derivation data below the initial key. */
static void lay_tail(const uint8_t ksn[DUKPT_AES_KSN_BYTES], uint32_t counter, uint8_t tail[8])
{
    uint8_t number[DUKPT_AES_KSN_BYTES];
    memcpy(number, ksn, sizeof number);
    set_counter(number, counter);
    memcpy(tail, number + 4, 8);
}

/* The derivation key of `counter` from that of the counter without its lowest one. */
static err child(struct crypto *crypto, const struct key *parent,
                 const uint8_t ksn[DUKPT_AES_KSN_BYTES], uint32_t counter, struct key *ret_key)
{
    uint8_t tail[8];
    lay_tail(ksn, counter, tail);
    return derive(crypto, parent, USAGE_DERIVATION, parent->algorithm, tail, KEY_USAGE_INITIAL,
                  ret_key);
}

static err working_key(struct crypto *crypto, const struct key *from,
                       const uint8_t ksn[DUKPT_AES_KSN_BYTES], enum dukpt_purpose purpose,
                       enum key_algorithm algorithm, struct key *ret_key)
{
    ENSURE(algorithm < KEY_ALGORITHMS);
    unsigned strength = algorithm_row[algorithm].strength_bits;
    if (strength == 0 || strength > algorithm_row[from->algorithm].strength_bits) return ERR(KEY);
    uint8_t tail[8];
    lay_tail(ksn, dukpt_aes_counter(ksn), tail);
    return derive(crypto, from, usage_of[purpose], algorithm, tail, dukpt_purpose_usage(purpose),
                  ret_key);
}

/* From the initial key in `node` down to the derivation key of `counter`, in its place. */
static err walk(struct crypto *crypto, const uint8_t ksn[DUKPT_AES_KSN_BYTES], uint32_t counter,
                struct key *node)
{
    uint32_t reached = 0;
    for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
        if ((counter & bit) == 0) continue;
        reached |= bit;
        TRY(child(crypto, node, ksn, reached, node));
    }
    return OK;
}

err dukpt_aes_derive(struct crypto *crypto, const struct key *base,
                     const uint8_t ksn[DUKPT_AES_KSN_BYTES], enum dukpt_purpose purpose,
                     enum key_algorithm algorithm, struct key *ret_key)
{
    ENSURE(purpose < DUKPT_PURPOSES);
    uint32_t counter = dukpt_aes_counter(ksn);
    if (!dukpt_counter_used(counter, DUKPT_AES_COUNTER_BITS, DUKPT_AES_ONES_MAX)) return ERR(RANGE);
    CLEANUP(key_wipe) struct key node = {0};
    TRY(dukpt_aes_initial(crypto, base, ksn, &node));
    TRY(walk(crypto, ksn, counter, &node));
    return working_key(crypto, &node, ksn, purpose, algorithm, ret_key);
}

err dukpt_aes_update_key(struct crypto *crypto, const struct key *initial,
                         const uint8_t ksn[DUKPT_AES_KSN_BYTES], struct key *ret_key)
{
    if (initial->usage != KEY_USAGE_INITIAL || !is_aes(initial->algorithm)) return ERR(KEY);
    uint8_t number[DUKPT_AES_KSN_BYTES];
    memcpy(number, ksn, sizeof number);
    set_counter(number, UINT32_MAX);
    CLEANUP(key_wipe) struct key node = *initial;
    TRY(walk(crypto, number, UINT32_MAX, &node));
    return working_key(crypto, &node, number, DUKPT_KEY_ENCRYPTION, initial->algorithm, ret_key);
}

void dukpt_aes_wipe(struct dukpt_aes_device *device)
{
    secret_wipe_bytes(device, sizeof *device);
}

void dukpt_aes_transaction_wipe(struct dukpt_aes_transaction *transaction)
{
    secret_wipe_bytes(transaction, sizeof *transaction);
}

/* The keys of the counters that are `counter` and one lower bit each, below bit `end`. */
static err fill_registers(struct crypto *crypto, const struct key *key, uint32_t counter,
                          unsigned end, struct dukpt_aes_device *device)
{
    if (__builtin_popcount(counter) >= DUKPT_AES_ONES_MAX) return OK; /* none of them is used */
    CLEANUP(key_wipe) struct key made = {0};
    for (unsigned i = 0; i < end; i++) {
        TRY(child(crypto, key, device->ksn, counter | 1u << i, &made));
        memcpy(device->future[i], made.value.at, made.value.len);
    }
    return OK;
}

err dukpt_aes_load(struct crypto *crypto, const struct key *initial,
                   const uint8_t ksn[DUKPT_AES_KSN_BYTES], struct dukpt_aes_device *ret_device)
{
    if (initial->usage != KEY_USAGE_INITIAL || !is_aes(initial->algorithm)) return ERR(KEY);
    CLEANUP(dukpt_aes_wipe) struct dukpt_aes_device device = {0};
    memcpy(device.ksn, ksn, sizeof device.ksn);
    set_counter(device.ksn, 0);
    device.algorithm = (uint8_t)initial->algorithm;
    TRY(fill_registers(crypto, initial, 0, DUKPT_AES_COUNTER_BITS, &device));
    *ret_device = device;
    return OK;
}

static err transaction_keys(struct crypto *crypto, const struct key *from,
                            const uint8_t ksn[DUKPT_AES_KSN_BYTES], enum key_algorithm algorithm,
                            struct dukpt_aes_transaction *out)
{
    struct key *const keys[] = {&out->pin, &out->mac_request, &out->mac_response,
                                &out->data_request, &out->data_response};
    for (unsigned i = 0; i < ARRAY_LEN(keys); i++)
        TRY(working_key(crypto, from, ksn, (enum dukpt_purpose)i, algorithm, keys[i]));
    return OK;
}

err dukpt_aes_next(struct crypto *crypto, struct dukpt_aes_device *device,
                   enum key_algorithm algorithm, struct dukpt_aes_transaction *ret_transaction)
{
    static const uint8_t empty[DUKPT_AES_KEY_MAX];
    if (device->algorithm >= KEY_ALGORITHMS || !is_aes((enum key_algorithm)device->algorithm))
        return ERR(KEY);
    uint32_t counter = dukpt_next_counter(dukpt_aes_counter(device->ksn), DUKPT_AES_COUNTER_BITS,
                                          DUKPT_AES_ONES_MAX);
    if (counter == 0) return ERR(FULL);
    unsigned at = (unsigned)__builtin_ctz(counter);

    CLEANUP(dukpt_aes_wipe) struct dukpt_aes_device moved = *device;
    CLEANUP(dukpt_aes_transaction_wipe) struct dukpt_aes_transaction made = {0};
    CLEANUP(key_wipe) struct key key = {0};
    enum key_algorithm base = (enum key_algorithm)device->algorithm;
    struct bytes value = bytes_of(moved.future[at], key_size(base));
    if (secret_equal(value, bytes_of(empty, value.len))) return ERR(KEY);
    TRY(key_make(base, KEY_USAGE_INITIAL, value, &key));
    set_counter(moved.ksn, counter);
    TRY(fill_registers(crypto, &key, counter, at, &moved));
    secret_wipe_bytes(moved.future[at], sizeof moved.future[at]);
    TRY(transaction_keys(crypto, &key, moved.ksn, algorithm, &made));
    memcpy(made.ksn, moved.ksn, sizeof made.ksn);
    *device = moved;
    *ret_transaction = made;
    return OK;
}
