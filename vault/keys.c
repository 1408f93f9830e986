/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working keys, and what is done with them: PIN blocks, message authentication. Which algorithm and
 * which format follow from the key, which follows from the terminal master key: nothing in a
 * request chooses them.
 */
#include <stdio.h>

#include "vault/state.h"

/* Why a delivery is not taken, for the audit log. */
static const char *refusal_of(err opened)
{
    switch (opened.code) {
    case ERR_KCV:
        return "check value does not match";
    case ERR_EXISTS:
        return "a master key that was replaced before";
    case ERR_IDENTITY:
        return "master key is not sealed by our hsm for this device and number";
    case ERR_KEY:
        return "a key of another use or cipher, or from an hsm that is not known";
    default:
        return "delivery is malformed";
    }
}

/* Protocol facts 1.6: a delivery that does not check leaves the terminal without working keys. */
static err drop_working_keys(struct vault *v, err opened)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    working_keys_wipe(&v->secrets->working);
    v->secrets->has_working = false;
    TRY(store_begin(v->store, &tx));
    TRY(vault_working_keys_erase(v));
    TRY(vault_audit(v, &tx, NULL, "keys_refused", v->device.tid, refusal_of(opened)));
    return store_commit(&tx);
}

/* In the caller's transaction: the new one, and that the old one is none any more. */
static err put_master(struct vault *v, struct store_tx *tx, const struct key *master)
{
    uint8_t kcv[KEY_CHECK_BYTES];
    char detail[16];
    TRY(key_check_value(&v->crypto, master, kcv));
    snprintf(detail, sizeof detail, "kcv %02X%02X%02X%02X", kcv[0], kcv[1], kcv[2], kcv[3]);
    TRY(vault_replaced_put(v, &v->secrets->master));
    TRY(vault_key_put(v, VAULT_SECRET_MASTER, master));
    return vault_audit(v, tx, NULL, "master_renewed", v->device.tid, detail);
}

/* One transaction: the old master key, or the new one with the working keys that came under it. */
static err take_keys(struct vault *v, const struct key *master, const struct working_keys *keys)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    bool renewed =
        !secret_equal(secret_view(&master->value), secret_view(&v->secrets->master.value));
    TRY(store_begin(v->store, &tx));
    if (renewed) TRY(put_master(v, &tx, master));
    TRY(vault_working_keys_put(v, keys));
    TRY(vault_audit(v, &tx, NULL, "keys_loaded", v->device.tid, ""));
    TRY(store_commit(&tx));
    if (renewed) v->secrets->master = *master;
    v->secrets->working = *keys;
    v->secrets->has_working = true;
    return OK;
}

/*
 * The master key of a delivery: the one that is here or, behind the working keys, a new one that
 * our own hsm has sealed for this device and this number (S120).
 */
static err master_of(struct vault *v, struct bytes sealed, struct key *ret_master)
{
    if (sealed.len == 0) {
        *ret_master = v->secrets->master;
        return OK;
    }
    CLEANUP(key_wipe) struct key master = {0};
    if (!v->device.has_hsm) return ERR(KEY);
    TRY(transport_open_key(&v->secrets->transport, v->device.hsm_public, sealed,
                           KEY_USAGE_TERMINAL_MASTER, bytes_text(v->device.tid), &master));
    if (master.algorithm != v->secrets->master.algorithm) return ERR(KEY);
    *ret_master = master;
    return OK;
}

/* Opens all of it before anything is taken: the working keys' check values prove the master key. */
static err open_delivery(struct vault *v, struct bytes delivery, struct key *ret_master,
                         struct working_keys *ret_keys)
{
    size_t keys = delivery.len < DELIVERY_WITH_DATA ? delivery.len : DELIVERY_WITH_DATA;
    TRY(master_of(v, bytes_of(delivery.at + keys, delivery.len - keys), ret_master));
    return delivery_unwrap(&v->crypto, ret_master, bytes_of(delivery.at, keys), ret_keys);
}

err vault_run_keys_load(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    (void)answer;
    struct bytes delivery;
    if (FAILED(vault_read_bytes(request, &delivery)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    CLEANUP(working_keys_wipe) struct working_keys keys = {0};
    CLEANUP(key_wipe) struct key master = {0};
    ENSURE(v->secrets->has_master);
    bool replaced = false;
    err opened = open_delivery(v, delivery, &master, &keys);
    if (opened.code == ERR_CRYPTO) return opened;
    if (!FAILED(opened)) TRY(vault_replaced_has(v, &master, &replaced));
    if (replaced) opened = ERR(EXISTS);
    if (!FAILED(opened)) return take_keys(v, &master, &keys);
    TRY(drop_working_keys(v, opened));
    return vault_refuse(status, opened.code == ERR_EXISTS ? VAULT_OLD_KEY : VAULT_BAD_KEYS);
}

static enum pin_format pin_format_of(const struct key *key)
{
    switch (key->algorithm) {
    case KEY_DES:
    case KEY_TDES:
    case KEY_TDES3:
        return PIN_ISO0;
    case KEY_SM4:
        return PIN_SM4_SHORT;
    default:
        return PIN_ISO4;
    }
}

err vault_run_pin_block(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!vault_has_card(v)) return vault_refuse(status, VAULT_NO_CARD);
    struct bytes digits = vault_entry_text(v, VAULT_ENTRY_PIN);
    if (digits.len == 0) return vault_refuse(status, VAULT_NO_ENTRY);
    CLEANUP(pin_wipe) struct pin pin = {0};
    struct pin_block block = {0};
    const struct key *key = &v->secrets->working.pin;
    err made = pin_from_digits(digits, &pin);
    vault_entry_wipe(v, VAULT_ENTRY_PIN);
    TRY(made);
    TRY(pin_block_encrypt(&v->crypto, key, pin_format_of(key), &pin,
                          bytes_text(v->secrets->card.pan), &block));
    vault_write_bytes(answer, bytes_of(block.at, block.len));
    return OK;
}

static enum mac_algorithm mac_of(const struct key *key)
{
    switch (key->algorithm) {
    case KEY_DES:
    case KEY_TDES:
    case KEY_TDES3:
        return MAC_CUP_ECB;
    case KEY_SM4:
        return MAC_SM4_ECB;
    default:
        return MAC_AES_CMAC_8;
    }
}

err vault_run_mac_make(struct vault *v, struct reader *request, struct writer *answer,
                       enum vault_status *status)
{
    struct bytes data;
    uint8_t mac[MAC_MAX];
    if (FAILED(vault_read_bytes(request, &data))) return vault_refuse(status, VAULT_BAD_REQUEST);
    const struct key *key = &v->secrets->working.mac;
    TRY(mac_generate(&v->crypto, mac_of(key), key, data, mac));
    vault_write_bytes(answer, bytes_of(mac, mac_length(mac_of(key))));
    return OK;
}

err vault_run_mac_check(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    (void)answer;
    struct bytes data, mac;
    if (FAILED(vault_read_pair(request, &data, &mac)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    const struct key *key = &v->secrets->working.mac;
    err verified = mac_verify(&v->crypto, mac_of(key), key, data, mac);
    if (verified.code != ERR_MAC) return verified;
    TRY(vault_audit_note(v, NULL, "mac_wrong", v->device.tid, ""));
    return vault_refuse(status, VAULT_BAD_MAC);
}
