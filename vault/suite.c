/* SPDX-License-Identifier: Apache-2.0 */
/* The table of suites, and the first key of those that have a key for each message. */
#include "vault/suite.h"

#include "lib/base/hex.h"

static err load_aes(struct crypto *crypto, const struct key *initial, const uint8_t *ksn,
                    union vault_registers *ret_registers)
{
    return dukpt_aes_load(crypto, initial, ksn, &ret_registers->aes);
}

static err load_tdes(struct crypto *crypto, const struct key *initial, const uint8_t *ksn,
                     union vault_registers *ret_registers)
{
    return dukpt_tdes_load(crypto, initial, ksn, &ret_registers->tdes);
}

static err next_aes(struct crypto *crypto, union vault_registers *registers,
                    struct vault_keys *ret_keys)
{
    CLEANUP(dukpt_aes_transaction_wipe) struct dukpt_aes_transaction made = {0};
    TRY(dukpt_aes_next(crypto, &registers->aes, KEY_AES128, &made));
    *ret_keys =
        (struct vault_keys){made.pin, made.mac_request, made.mac_response, made.data_request, {0}};
    memcpy(ret_keys->ksn, made.ksn, sizeof made.ksn);
    return OK;
}

static err next_tdes(struct crypto *crypto, union vault_registers *registers,
                     struct vault_keys *ret_keys)
{
    CLEANUP(dukpt_tdes_transaction_wipe) struct dukpt_tdes_transaction made = {0};
    TRY(dukpt_tdes_next(crypto, &registers->tdes, &made));
    *ret_keys =
        (struct vault_keys){made.pin, made.mac_request, made.mac_response, made.data_request, {0}};
    memcpy(ret_keys->ksn, made.ksn, sizeof made.ksn);
    return OK;
}

static uint32_t counter_aes(const union vault_registers *registers)
{
    return dukpt_aes_counter(registers->aes.ksn);
}

static uint32_t counter_tdes(const union vault_registers *registers)
{
    return dukpt_tdes_counter(registers->tdes.ksn);
}

static const struct vault_serial serial_aes = {
    .algorithm = KEY_AES128,
    .letter = 'A',
    .optional = "IK",
    .ksn_len = DUKPT_AES_KSN_BYTES,
    .id_len = DUKPT_AES_ID_BYTES,
    .registers = sizeof(struct dukpt_aes_device),
    .reserve = 0xfffc0000, /* 172 numbers: fourteen ones, and at most two of eighteen bits */
    .counter = counter_aes,
    .load = load_aes,
    .next = next_aes,
};

static const struct vault_serial serial_tdes = {
    .algorithm = KEY_TDES,
    .letter = 'T',
    .optional = "KS",
    .ksn_len = DUKPT_TDES_KSN_BYTES,
    .id_len = DUKPT_TDES_KSN_BYTES,
    .registers = sizeof(struct dukpt_tdes_device),
    .reserve = 0x1fe000, /* 92 numbers: eight ones, and at most two of thirteen bits */
    .counter = counter_tdes,
    .load = load_tdes,
    .next = next_tdes,
};

/* clang-format off */
static const struct vault_suite suites[] = {
    {"tongbao",    KEY_AES128, PIN_ISO4,     MAC_AES_CMAC_8, NULL},
    {"cup",        KEY_TDES,   PIN_ISO0,     MAC_CUP_ECB,    NULL},
    {"sm4",        KEY_SM4,    PIN_SM4_LONG, MAC_SM4_CMAC_8, NULL},
    {"dukpt-aes",  KEY_AES128, PIN_ISO4,     MAC_AES_CMAC_8, &serial_aes},
    {"dukpt-tdes", KEY_AES128, PIN_ISO0,     MAC_X9_19,      &serial_tdes},
};
/* clang-format on */

const struct vault_suite *vault_suite_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        if (bytes_equal(name, bytes_text(suites[i].name))) return &suites[i];
    return NULL;
}

/* The serial number in an optional block of the header, counter 0. */
static err serial_of(const struct keyblock_header *header, const struct vault_serial *serial,
                     uint8_t ret_ksn[VAULT_KSN_MAX])
{
    struct reader r = reader_over(header->optional);
    for (unsigned i = 0; i < header->optional_count; i++) {
        struct keyblock_optional found = keyblock_read_optional(&r);
        size_t len = 0;
        if (r.fault != ERR_OK) return (err){r.fault};
        if (memcmp(found.id, serial->optional, 2) != 0) continue;
        if (found.data.len != 2 * serial->id_len) return ERR(FORMAT);
        memset(ret_ksn, 0, VAULT_KSN_MAX);
        return hex_decode(found.data, ret_ksn, serial->id_len, &len);
    }
    return ERR(FORMAT);
}

err vault_suite_load(struct crypto *crypto, const struct vault_suite *suite,
                     const struct key *master, struct bytes block,
                     union vault_registers *ret_registers)
{
    const struct vault_serial *serial = suite->serial;
    CLEANUP(secret_wipe) struct secret value = {0};
    CLEANUP(key_wipe) struct key initial = {0};
    struct keyblock_header header;
    uint8_t ksn[VAULT_KSN_MAX];
    size_t len = 0;
    ENSURE(serial != NULL);
    TRY(keyblock_open(crypto, master, block, &header, value.at, sizeof value.at, &len));
    if (header.version != 'D' || memcmp(header.usage, "B1", 2) != 0 || header.mode != 'X' ||
        header.algorithm != serial->letter)
        return ERR(KEY);
    TRY(serial_of(&header, serial, ksn));
    TRY(key_make(serial->algorithm, KEY_USAGE_INITIAL, bytes_of(value.at, len), &initial));
    return serial->load(crypto, &initial, ksn, ret_registers);
}
