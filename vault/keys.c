/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of messages, and what is done with them: PIN blocks, message authentication. They come
 * at a sign-in, or are worked out for each message (KEYS_NEXT); which, and which algorithm and
 * format, follows from the suite that the device was provisioned for: nothing in a request chooses
 * them.
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

static void vault_registers_wipe(union vault_registers *registers)
{
    secret_wipe_bytes(registers, sizeof *registers);
}

static void vault_keys_wipe(struct vault_keys *keys)
{
    secret_wipe_bytes(keys, sizeof *keys);
}

/* Protocol facts 1.6: a delivery that does not check leaves the terminal without working keys. */
static err drop_working_keys(struct vault *v, err opened)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    working_keys_wipe(&v->secrets->working);
    secret_wipe_bytes(&v->secrets->in_use, sizeof v->secrets->in_use);
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
    vault_keys_take_working(v);
    return OK;
}

void vault_keys_take_working(struct vault *v)
{
    const struct working_keys *keys = &v->secrets->working;
    v->secrets->in_use = (struct vault_keys){
        .pin = keys->pin, .mac_make = keys->mac, .mac_check = keys->mac, .data = keys->data};
}

void vault_key_spend(struct vault *v, struct key *key)
{
    if (v->device.suite->serial != NULL) key_wipe(key);
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
    /* Whose keys do not come from the host is told so by an empty delivery. */
    if (v->device.suite->serial != NULL)
        return delivery.len == 0 ? OK : vault_refuse(status, VAULT_BAD_KEYS);
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

/*
 * The registers move on, on disk first: a cut at any moment may pass a number over, and never gives
 * one twice (CC-13).
 */
static err keep_registers(struct vault *v, const union vault_registers *moved)
{
    const struct vault_serial *serial = v->device.suite->serial;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_secret_put(v, VAULT_SECRET_REGISTERS,
                         bytes_of((const uint8_t *)moved, serial->registers)));
    TRY(store_commit(&tx));
    v->secrets->registers = *moved;
    return OK;
}

err vault_run_keys_next(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    const struct vault_serial *serial = v->device.suite->serial;
    uint64_t fresh = read_be(request, 1);
    if (FAILED(reader_finish(request)) || fresh > 1) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (serial == NULL) {
        vault_write_bytes(answer, (struct bytes){0});
        return OK;
    }
    CLEANUP(vault_keys_wipe) struct vault_keys keys = {0};
    CLEANUP(vault_registers_wipe) union vault_registers moved = v->secrets->registers;
    secret_wipe_bytes(&v->secrets->in_use, sizeof v->secrets->in_use);
    err next = serial->next(&v->crypto, &moved, &keys);
    bool spent = next.code == ERR_FULL ||
                 (!FAILED(next) && fresh && serial->counter(&moved) >= serial->reserve);
    if (spent) {
        TRY(vault_audit_note(v, NULL, "keys_spent", v->device.tid, ""));
        return vault_refuse(status, VAULT_KEYS_SPENT);
    }
    TRY(next);
    TRY(keep_registers(v, &moved));
    v->secrets->in_use = keys;
    vault_write_bytes(answer, bytes_of(keys.ksn, serial->ksn_len));
    return OK;
}

err vault_run_pin_block(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!vault_has_card(v)) return vault_refuse(status, VAULT_NO_CARD);
    struct bytes digits = vault_entry_text(v, VAULT_ENTRY_PIN);
    if (digits.len == 0) return vault_refuse(status, VAULT_NO_ENTRY);
    struct key *key = &v->secrets->in_use.pin;
    if (key->value.len == 0) return vault_refuse(status, VAULT_NOT_READY);
    CLEANUP(pin_wipe) struct pin pin = {0};
    struct pin_block block = {0};
    err made = pin_from_digits(digits, &pin);
    vault_entry_wipe(v, VAULT_ENTRY_PIN);
    TRY(made);
    TRY(pin_block_encrypt(&v->crypto, key, v->device.suite->pin_format, &pin,
                          bytes_text(v->secrets->card.pan), &block));
    vault_key_spend(v, key);
    vault_write_bytes(answer, bytes_of(block.at, block.len));
    return OK;
}

err vault_run_mac_make(struct vault *v, struct reader *request, struct writer *answer,
                       enum vault_status *status)
{
    struct bytes data;
    uint8_t mac[MAC_MAX];
    if (FAILED(vault_read_bytes(request, &data))) return vault_refuse(status, VAULT_BAD_REQUEST);
    struct key *key = &v->secrets->in_use.mac_make;
    enum mac_algorithm algorithm = v->device.suite->mac;
    if (key->value.len == 0) return vault_refuse(status, VAULT_NOT_READY);
    TRY(mac_generate(&v->crypto, algorithm, key, data, mac));
    vault_key_spend(v, key);
    vault_write_bytes(answer, bytes_of(mac, mac_length(algorithm)));
    return OK;
}

err vault_run_mac_check(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    (void)answer;
    struct bytes data, mac;
    if (FAILED(vault_read_pair(request, &data, &mac)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    const struct key *key = &v->secrets->in_use.mac_check;
    if (key->value.len == 0) return vault_refuse(status, VAULT_NOT_READY);
    err verified = mac_verify(&v->crypto, v->device.suite->mac, key, data, mac);
    if (verified.code != ERR_MAC) return verified;
    TRY(vault_audit_note(v, NULL, "mac_wrong", v->device.tid, ""));
    return vault_refuse(status, VAULT_BAD_MAC);
}
