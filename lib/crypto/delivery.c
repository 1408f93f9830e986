/* SPDX-License-Identifier: Apache-2.0 */
/* Working keys in and out of field 62. */
#include "lib/crypto/delivery.h"

#include "lib/base/reader.h"
#include "lib/crypto/cipher.h"

enum { DOUBLE_BYTES = 16, SINGLE_BYTES = 8 };

void working_keys_wipe(struct working_keys *keys)
{
    secret_wipe_bytes(keys, sizeof *keys);
}

/* The long and the short working key that a master key of this cipher carries. */
static err family(const struct key *master, enum key_algorithm *ret_long,
                  enum key_algorithm *ret_short)
{
    if (master->usage != KEY_USAGE_TERMINAL_MASTER && master->usage != KEY_USAGE_ZONE_MASTER)
        return ERR(KEY);
    switch (master->algorithm) {
    case KEY_TDES:
        *ret_long = KEY_TDES, *ret_short = KEY_DES;
        return OK;
    case KEY_AES128:
    case KEY_SM4:
        *ret_long = *ret_short = master->algorithm;
        return OK;
    default:
        return ERR(KEY);
    }
}

static err check_fit(const struct key *master, enum key_algorithm pin, enum key_algorithm mac,
                     bool with_data)
{
    enum key_algorithm large, small;
    TRY(family(master, &large, &small));
    bool both_small = pin == small && mac == small;
    bool fits = (pin == large && (mac == large || mac == small)) || (both_small && !with_data);
    return fits ? OK : ERR(KEY);
}

/* The zone's keys differ in usage only. */
static enum key_usage usage_for(const struct key *master, enum key_usage terminal,
                                enum key_usage zone)
{
    return master->usage == KEY_USAGE_ZONE_MASTER ? zone : terminal;
}

err delivery_generate(struct crypto *crypto, const struct key *terminal_master,
                      enum key_algorithm pin, enum key_algorithm mac, bool with_data,
                      struct working_keys *ret_keys)
{
    const struct key *master = terminal_master;
    TRY(check_fit(master, pin, mac, with_data));
    working_keys_wipe(ret_keys);
    key_generate(crypto, pin, usage_for(master, KEY_USAGE_PIN, KEY_USAGE_ZONE_PIN), &ret_keys->pin);
    key_generate(crypto, mac, usage_for(master, KEY_USAGE_MAC, KEY_USAGE_ZONE_MAC), &ret_keys->mac);
    ret_keys->has_data = with_data;
    if (with_data)
        key_generate(crypto, master->algorithm,
                     usage_for(master, KEY_USAGE_DATA, KEY_USAGE_ZONE_DATA), &ret_keys->data);
    return OK;
}

/* One key, in a slot of `slot` bytes (a shorter one is followed by zeros), and its check value. */
static err write_key(struct crypto *crypto, const struct key *master, const struct key *key,
                     size_t slot, struct writer *w)
{
    uint8_t under[DOUBLE_BYTES] = {0}, kcv[KEY_CHECK_BYTES];
    ENSURE(key->value.len <= slot && slot <= sizeof under);
    TRY(cipher_ecb_encrypt(crypto, master, secret_view(&key->value), under));
    TRY(key_check_value(crypto, key, kcv));
    write_bytes(w, bytes_of(under, slot));
    write_bytes(w, BYTES_OF(kcv));
    return (err){w->fault};
}

err delivery_wrap(struct crypto *crypto, const struct key *terminal_master,
                  const struct working_keys *keys, struct writer *w)
{
    const struct key *master = terminal_master;
    TRY(check_fit(master, keys->pin.algorithm, keys->mac.algorithm, keys->has_data));
    size_t slot = keys->pin.value.len == SINGLE_BYTES ? SINGLE_BYTES : DOUBLE_BYTES;
    TRY(write_key(crypto, master, &keys->pin, slot, w));
    TRY(write_key(crypto, master, &keys->mac, slot, w));
    if (keys->has_data) TRY(write_key(crypto, master, &keys->data, slot, w));
    return OK;
}

static err read_key(struct crypto *crypto, const struct key *master, enum key_algorithm algorithm,
                    enum key_usage usage, struct bytes slot, struct bytes kcv, struct key *ret_key)
{
    CLEANUP(secret_wipe) struct secret value = {.len = (uint8_t)key_size(algorithm)};
    TRY(cipher_ecb_decrypt(crypto, master, bytes_of(slot.at, value.len), value.at));
    TRY(key_make(algorithm, usage, secret_view(&value), ret_key));
    return key_check(crypto, ret_key, kcv);
}

/* A MAC key of eight bytes stands in a slot of sixteen with zeros behind it (in clear). */
static bool single_length(struct bytes slot)
{
    static const uint8_t zeros[SINGLE_BYTES];
    return slot.len == DOUBLE_BYTES &&
           bytes_equal(bytes_of(slot.at + SINGLE_BYTES, SINGLE_BYTES), BYTES_OF(zeros));
}

err delivery_unwrap(struct crypto *crypto, const struct key *terminal_master,
                    struct bytes delivered, struct working_keys *ret_keys)
{
    const struct key *master = terminal_master;
    if (delivered.len != DELIVERY_SINGLE && delivered.len != DELIVERY_DOUBLE &&
        delivered.len != DELIVERY_WITH_DATA)
        return ERR(LENGTH);
    enum key_algorithm large, small;
    TRY(family(master, &large, &small));
    bool singles = delivered.len == DELIVERY_SINGLE;
    if (singles && small != KEY_DES) return ERR(KEY);
    size_t slot = singles ? SINGLE_BYTES : DOUBLE_BYTES;

    struct reader r = reader_over(delivered);
    struct bytes pin = read_bytes(&r, slot), pin_kcv = read_bytes(&r, KEY_CHECK_BYTES);
    struct bytes mac = read_bytes(&r, slot), mac_kcv = read_bytes(&r, KEY_CHECK_BYTES);
    CLEANUP(working_keys_wipe)
    struct working_keys keys = {.has_data = delivered.len == DELIVERY_WITH_DATA};
    enum key_algorithm mac_algorithm = singles || single_length(mac) ? small : large;
    TRY(read_key(crypto, master, singles ? small : large,
                 usage_for(master, KEY_USAGE_PIN, KEY_USAGE_ZONE_PIN), pin, pin_kcv, &keys.pin));
    TRY(read_key(crypto, master, mac_algorithm,
                 usage_for(master, KEY_USAGE_MAC, KEY_USAGE_ZONE_MAC), mac, mac_kcv, &keys.mac));
    if (keys.has_data) {
        struct bytes data = read_bytes(&r, slot), kcv = read_bytes(&r, KEY_CHECK_BYTES);
        TRY(read_key(crypto, master, large, usage_for(master, KEY_USAGE_DATA, KEY_USAGE_ZONE_DATA),
                     data, kcv, &keys.data));
    }
    TRY(reader_finish(&r));
    *ret_keys = keys;
    return OK;
}
