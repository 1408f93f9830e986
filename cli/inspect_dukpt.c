/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect dukpt`: a key serial number taken apart, and the way from the initial key to the
 * key of its transaction. With a test base key on a descriptor, the check value of each key on the
 * way's end; values only with --show-key.
 */
#include "cli/inspect.h"

#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"

enum { TEST_KEY_MAX = 32 };

/* What the two forms differ in. */
struct form {
    const char *name;
    size_t ksn_len;
    unsigned bits, ones_max;
    bool aes;
};

static const struct form forms[] = {
    {"DUKPT with TDES (ANSI X9.24-1)", DUKPT_TDES_KSN_BYTES, DUKPT_TDES_COUNTER_BITS,
     DUKPT_TDES_ONES_MAX, false},
    {"DUKPT with AES (ANSI X9.24-3)", DUKPT_AES_KSN_BYTES, DUKPT_AES_COUNTER_BITS,
     DUKPT_AES_ONES_MAX, true},
};

static void member_counter(struct json_out *j, const char *name, uint32_t counter)
{
    const uint8_t bytes[4] = {(uint8_t)(counter >> 24), (uint8_t)(counter >> 16),
                              (uint8_t)(counter >> 8), (uint8_t)counter};
    json_member_hex(j, name, BYTES_OF(bytes));
}

/* The counters whose keys are worked out on the way: each adds its next one from the top. */
static void member_path(struct json_out *j, uint32_t counter)
{
    json_member_array(j, "path");
    uint32_t reached = 0;
    for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
        if ((counter & bit) == 0) continue;
        reached |= bit;
        json_object_begin(j);
        member_counter(j, "counter", reached);
        json_object_end(j);
    }
    json_array_end(j);
}

static void member_ksn(struct json_out *j, const struct form *form, const uint8_t *ksn)
{
    uint8_t device[DUKPT_AES_KSN_BYTES];
    memcpy(device, ksn, form->ksn_len);
    json_member_hex(j, "ksn", bytes_of(ksn, form->ksn_len));
    if (form->aes) {
        json_member_hex(j, "base_key_id", bytes_of(ksn, 4));
        json_member_hex(j, "device_id", bytes_of(ksn + 4, 4));
        json_member_hex(j, "initial_key_id", bytes_of(ksn, DUKPT_AES_ID_BYTES));
        return;
    }
    device[7] &= 0xe0;
    device[8] = device[9] = 0;
    json_member_hex(j, "initial_ksn", bytes_of(device, form->ksn_len));
}

static err base_of(const struct form *form, struct bytes value, struct key *ret_key)
{
    if (!form->aes && value.len != 16) return ERR(KEY);
    enum key_algorithm algorithm = !form->aes        ? KEY_TDES
                                   : value.len == 16 ? KEY_AES128
                                   : value.len == 24 ? KEY_AES192
                                                     : KEY_AES256;
    return key_make(algorithm, KEY_USAGE_BASE_DERIVATION, value, ret_key);
}

static err member_derived(const struct inspect_options *o, struct crypto *crypto,
                          const struct form *form, const struct key *base, const uint8_t *ksn,
                          struct json_out *j)
{
    CLEANUP(key_wipe) struct key key = {0};
    TRY(form->aes ? dukpt_aes_initial(crypto, base, ksn, &key)
                  : dukpt_tdes_initial(crypto, base, ksn, &key));
    json_member_object(j, "initial_key");
    TRY(inspect_member_key(o, crypto, &key, j));
    json_object_end(j);
    json_member_array(j, "keys");
    for (unsigned p = 0; p < DUKPT_PURPOSES; p++) {
        enum dukpt_purpose purpose = (enum dukpt_purpose)p;
        err e = form->aes ? dukpt_aes_derive(crypto, base, ksn, purpose, base->algorithm, &key)
                          : dukpt_tdes_derive(crypto, base, ksn, purpose, &key);
        if (e.code == ERR_UNSUPPORTED) continue;
        TRY(e);
        json_object_begin(j);
        json_member_string(j, "purpose", dukpt_purpose_text(purpose));
        TRY(inspect_member_key(o, crypto, &key, j));
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err member_keys(const struct inspect_options *o, const struct form *form, const uint8_t *ksn,
                       struct json_out *j)
{
    uint8_t value[TEST_KEY_MAX];
    size_t len = 0;
    struct crypto crypto = {0};
    CLEANUP(key_wipe) struct key base = {0};
    TRY(inspect_read_key(o, value, &len));
    err e = base_of(form, bytes_of(value, len), &base);
    secret_wipe_bytes(value, sizeof value);
    if (!FAILED(e)) e = crypto_open(random_system(), &crypto);
    if (!FAILED(e)) e = member_derived(o, &crypto, form, &base, ksn, j);
    crypto_close(&crypto);
    return e;
}

static int refuse(const struct inspect_options *o, err e)
{
    return inspect_refuse(o, "keys cannot be worked out: %s; %s", err_text(e),
                          e.code == ERR_RANGE ? "no device sends this counter"
                                              : "--key-fd takes the base derivation key in "
                                                "hexadecimal: 16 bytes for TDES, 16, 24 or 32 for "
                                                "AES");
}

int inspect_dukpt(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    uint8_t ksn[DUKPT_AES_KSN_BYTES];
    size_t len = 0;
    const struct form *form = NULL;
    err e = inspect_unhex(input, ksn, sizeof ksn, &len);
    for (size_t i = 0; i < ARRAY_LEN(forms) && !FAILED(e); i++)
        if (forms[i].ksn_len == len) form = &forms[i];
    if (form == NULL)
        return inspect_refuse(o, "a key serial number is 20 hexadecimal characters (TDES) or 24 "
                                 "(AES)");
    uint32_t counter = form->aes ? dukpt_aes_counter(ksn) : dukpt_tdes_counter(ksn);
    uint32_t next = dukpt_next_counter(counter, form->bits, form->ones_max);
    json_object_begin(j);
    json_member_string(j, "form", form->name);
    member_ksn(j, form, ksn);
    member_counter(j, "counter", counter);
    json_member_int(j, "ones", __builtin_popcount(counter));
    json_member_bool(j, "used", dukpt_counter_used(counter, form->bits, form->ones_max));
    if (next != 0) member_counter(j, "next", next);
    else json_member_null(j, "next");
    member_path(j, counter);
    if (o->key_fd >= 0) e = member_keys(o, form, ksn, j);
    if (FAILED(e)) return refuse(o, e);
    json_object_end(j);
    return INSPECT_DONE;
}
