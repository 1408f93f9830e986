/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealed secrets: each a row, sealed under the device key with a label that names its row, so
 * that two rows cannot be exchanged and a row cannot be taken from another device.
 */
#include <stdio.h>

#include "vault/state.h"

enum {
    SECRET_BYTES_MAX = sizeof(union vault_registers),
    KEY_PREFIX = 2 /* algorithm, usage */
};
static_assert((int)SECRET_BYTES_MAX >= (int)VAULT_IDENTITY_PEM_MAX,
              "the longest are the registers");

struct sealed_secret vault_device_secret(const struct vault *v)
{
    return (struct sealed_secret){SEALED_BY_KEY, BYTES_OF(v->secrets->device_key)};
}

struct label {
    char text[48];
};

static struct label label_of(const char *name)
{
    struct label label;
    int len = snprintf(label.text, sizeof label.text, "vault.db secret %s", name);
    ENSURE(len > 0 && (size_t)len < sizeof label.text);
    return label;
}

err vault_secret_put(struct vault *v, const char *name, struct bytes value)
{
    ENSURE(value.len <= SECRET_BYTES_MAX);
    ENSURE(store_in_tx(v->store));
    uint8_t sealed[SECRET_BYTES_MAX + SEALED_OVERHEAD];
    struct writer w = writer_over(sealed, sizeof sealed);
    struct label label = label_of(name);
    struct sealed_secret key = vault_device_secret(v);
    TRY(sealed_write(&v->crypto, &key, bytes_text(label.text), value, &w));
    struct store_statement *s;
    TRY(store_statement(v->store,
                        "INSERT INTO secret(name, sealed) VALUES(?, ?) "
                        "ON CONFLICT(name) DO UPDATE SET sealed = excluded.sealed",
                        &s));
    store_bind_text(s, bytes_text(name));
    store_bind_blob(s, writer_view(&w));
    return store_run(s);
}

static err read_sealed(struct vault *v, const char *name, struct writer *w)
{
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT sealed FROM secret WHERE name = ?", &s));
    store_bind_text(s, bytes_text(name));
    TRY(store_step(s, &found));
    if (!found) return ERR(NOT_FOUND);
    write_bytes(w, store_read_blob(s));
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

err vault_secret_get(struct vault *v, const char *name, uint8_t *out, size_t max, size_t *ret_len)
{
    uint8_t sealed[SECRET_BYTES_MAX + SEALED_OVERHEAD];
    struct writer w = writer_over(sealed, sizeof sealed), plain = writer_over(out, max);
    struct bytes row, value;
    TRY(read_sealed(v, name, &w));
    if (FAILED(writer_finish(&w, &row))) return ERR(CORRUPT);
    struct label label = label_of(name);
    struct sealed_secret key = vault_device_secret(v);
    err opened = sealed_read(&v->crypto, &key, bytes_text(label.text), row, &plain);
    if (opened.code == ERR_MAC) return ERR(KEY);
    TRY(opened);
    TRY(writer_finish(&plain, &value));
    *ret_len = value.len;
    return OK;
}

err vault_key_put(struct vault *v, const char *name, const struct key *key)
{
    CLEANUP(secret_wipe) struct secret plain = {0};
    ENSURE(key->value.len == key_size(key->algorithm));
    ENSURE(KEY_PREFIX + key->value.len <= SECRET_MAX);
    plain.at[0] = (uint8_t)key->algorithm;
    plain.at[1] = (uint8_t)key->usage;
    memcpy(plain.at + KEY_PREFIX, key->value.at, key->value.len);
    plain.len = (uint8_t)(KEY_PREFIX + key->value.len);
    return vault_secret_put(v, name, secret_view(&plain));
}

err vault_key_get(struct vault *v, const char *name, enum key_usage usage, struct key *ret_key)
{
    CLEANUP(secret_wipe) struct secret plain = {0};
    size_t len = 0;
    TRY(vault_secret_get(v, name, plain.at, sizeof plain.at, &len));
    if (len < KEY_PREFIX || plain.at[0] >= KEY_ALGORITHMS || plain.at[1] != usage)
        return ERR(CORRUPT);
    return key_make((enum key_algorithm)plain.at[0], usage,
                    bytes_of(plain.at + KEY_PREFIX, len - KEY_PREFIX), ret_key);
}

err vault_working_keys_erase(struct vault *v)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "DELETE FROM secret WHERE name LIKE 'work.%'", &s));
    return store_run(s);
}

err vault_working_keys_put(struct vault *v, const struct working_keys *keys)
{
    TRY(vault_working_keys_erase(v));
    TRY(vault_key_put(v, VAULT_SECRET_WORK_PIN, &keys->pin));
    TRY(vault_key_put(v, VAULT_SECRET_WORK_MAC, &keys->mac));
    return keys->has_data ? vault_key_put(v, VAULT_SECRET_WORK_DATA, &keys->data) : OK;
}

/* NOT_FOUND is an answer here: *ret_there. */
static err there(err got, bool *ret_there)
{
    *ret_there = !FAILED(got);
    return got.code == ERR_NOT_FOUND ? OK : got;
}

static err load_working_keys(struct vault *v)
{
    struct vault_secrets *k = v->secrets;
    bool pin, mac;
    TRY(there(vault_key_get(v, VAULT_SECRET_WORK_PIN, KEY_USAGE_PIN, &k->working.pin), &pin));
    TRY(there(vault_key_get(v, VAULT_SECRET_WORK_MAC, KEY_USAGE_MAC, &k->working.mac), &mac));
    TRY(there(vault_key_get(v, VAULT_SECRET_WORK_DATA, KEY_USAGE_DATA, &k->working.data),
              &k->working.has_data));
    if (pin != mac) return ERR(CORRUPT);
    k->has_working = pin;
    if (pin) vault_keys_take_working(v);
    return OK;
}

/* Of a suite with keys for each message: none is in use until the next message asks for one. */
static err load_registers(struct vault *v)
{
    struct vault_secrets *k = v->secrets;
    const struct vault_serial *serial = v->device.suite->serial;
    size_t len = 0;
    TRY(vault_secret_get(v, VAULT_SECRET_REGISTERS, (uint8_t *)&k->registers, serial->registers,
                         &len));
    if (len != serial->registers) return ERR(CORRUPT);
    k->has_working = true;
    return OK;
}

err vault_load(struct vault *v)
{
    struct vault_secrets *k = v->secrets;
    size_t len = 0;
    k->has_master = k->has_working = k->has_recovery = false;
    working_keys_wipe(&k->working);
    secret_wipe_bytes(&k->in_use, sizeof k->in_use);
    secret_wipe_bytes(&k->registers, sizeof k->registers);
    TRY(vault_device_read(v, &v->device));
    /* Noticed, and the store has not taken it yet. */
    if (v->tampering.kind != VAULT_TAMPER_NONE) v->device.tampered = v->tampering.kind;
    TRY(vault_policy_read(v));
    TRY(vault_parameters_read(v));
    if (!v->device.initialised || v->device.tampered != VAULT_TAMPER_NONE) return OK;
    TRY(vault_secret_get(v, VAULT_SECRET_PEPPER, k->pepper, sizeof k->pepper, &len));
    if (len != sizeof k->pepper) return ERR(CORRUPT);
    TRY(vault_secret_get(v, VAULT_SECRET_TRANSPORT, k->transport.secret_key,
                         sizeof k->transport.secret_key, &len));
    if (len != sizeof k->transport.secret_key) return ERR(CORRUPT);
    transport_from_secret(k->transport.secret_key, &k->transport);
    TRY(vault_secret_get(v, VAULT_SECRET_IDENTITY, k->identity, sizeof k->identity,
                         &k->identity_len));
    if (!v->device.provisioned) return OK;
    TRY(vault_key_get(v, VAULT_SECRET_MASTER, KEY_USAGE_TERMINAL_MASTER, &k->master));
    k->has_master = true;
    TRY(there(vault_key_get(v, VAULT_SECRET_RECOVERY, KEY_USAGE_RECOVERY, &k->recovery),
              &k->has_recovery));
    return v->device.suite->serial != NULL ? load_registers(v) : load_working_keys(v);
}
