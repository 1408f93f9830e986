/* SPDX-License-Identifier: Apache-2.0 */
/* Files in, files out: the vault's own key, its requests to the acquirer, and the acquirer's
 * answer. */
#include "vault/device_file.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/crypto/identity.h"
#include "lib/crypto/keyblock.h"
#include "lib/wire/vault_protocol.h"

static err complain(struct vault_fault *fault, err e, const char *file, const char *more)
{
    if (FAILED(e))
        snprintf(fault->text, sizeof fault->text, "%.160s: %s%s", file, err_text(e), more);
    return e;
}

/*
 * What stands in the place of an erased key: as many bytes, so that one write within one sector
 * replaces the other, whole or not at all.
 */
static const char erased_form[] = "tongbao key erased: tampering %02u";
static_assert(sizeof erased_form - 3 == VAULT_DEVICE_KEY_BYTES, "as long as a key");

static void write_erased(uint8_t kind, char out[static sizeof erased_form])
{
    int len = snprintf(out, sizeof erased_form, erased_form, kind % 100u);
    ENSURE(len == VAULT_DEVICE_KEY_BYTES);
}

uint8_t device_key_erased(const uint8_t key[VAULT_DEVICE_KEY_BYTES])
{
    char form[sizeof erased_form];
    for (uint8_t kind = 1; kind < VAULT_TAMPERS; kind++) {
        write_erased(kind, form);
        if (memcmp(key, form, VAULT_DEVICE_KEY_BYTES) == 0) return kind;
    }
    return VAULT_TAMPER_NONE;
}

err device_key_file_open(const char *directory, struct device_key_file *file)
{
    return file_path(directory, "device.key", file->path, sizeof file->path);
}

err device_key_erase(void *context, uint8_t kind)
{
    const struct device_key_file *file = context;
    char form[sizeof erased_form];
    write_erased(kind, form);
    return file_overwrite(file->path, bytes_of(form, VAULT_DEVICE_KEY_BYTES));
}

err device_key_read(const char *directory, uint8_t ret_key[VAULT_DEVICE_KEY_BYTES],
                    struct vault_fault *fault)
{
    char path[FILE_PATH_MAX];
    size_t len = 0;
    TRY(complain(fault, file_path(directory, "device.key", path, sizeof path), directory, ""));
    err read = file_read(path, FILE_PRIVATE, ret_key, VAULT_DEVICE_KEY_BYTES, &len);
    if (read.code == ERR_NOT_FOUND)
        return complain(fault, read, path,
                        "; run --initialise, or restore the file that belongs to vault.db");
    if (read.code == ERR_DENIED)
        return complain(fault, read, path, "; it must be ours alone: chmod 600");
    if (!FAILED(read) && len != VAULT_DEVICE_KEY_BYTES) read = ERR(FORMAT);
    if (!FAILED(read) && device_key_erased(ret_key) != VAULT_TAMPER_NONE)
        return complain(fault, ERR(STATE), path,
                        "; it was erased because the device was tampered with: begin a new state "
                        "directory, after the device has been looked at");
    return complain(fault, read, path, "; it is no device key");
}

err device_key_make(const char *directory, const struct random *random,
                    uint8_t ret_key[VAULT_DEVICE_KEY_BYTES], struct vault_fault *fault)
{
    char path[FILE_PATH_MAX];
    err read = device_key_read(directory, ret_key, fault);
    if (read.code != ERR_NOT_FOUND) return read;
    TRY(complain(fault, file_path(directory, "device.key", path, sizeof path), directory, ""));
    CLEANUP(secret_wipe) struct secret made = {.len = VAULT_DEVICE_KEY_BYTES};
    random_fill(random, made.at, made.len);
    TRY(complain(fault, file_write(path, FILE_PRIVATE, secret_view(&made)), path, ""));
    memcpy(ret_key, made.at, VAULT_DEVICE_KEY_BYTES);
    return OK;
}

static err counter_read(void *context, uint8_t block[VAULT_COUNTER_MAX], size_t *ret_len)
{
    const struct device_counter *counter = context;
    return file_read(counter->path, FILE_PRIVATE, block, VAULT_COUNTER_MAX, ret_len);
}

static err counter_write(void *context, struct bytes content)
{
    const struct device_counter *counter = context;
    return file_write(counter->path, FILE_PRIVATE, content);
}

err device_counter_open(const char *directory, struct device_counter *counter,
                        struct vault_counter *ret_driver)
{
    TRY(file_path(directory, "device.counter", counter->path, sizeof counter->path));
    *ret_driver = (struct vault_counter){counter_read, counter_write, counter};
    return OK;
}

static err write_beside(const char *directory, const char *name, struct bytes content,
                        struct vault_fault *fault)
{
    char path[FILE_PATH_MAX];
    TRY(complain(fault, file_path(directory, name, path, sizeof path), directory, ""));
    return complain(fault, file_write(path, FILE_PUBLIC, content), path, "");
}

/* What the maker reports of the device with its serial number. */
static err write_print(const char *directory, struct bytes request, struct vault_fault *fault)
{
    char name[IDENTITY_NAME_MAX + 1], hex[2 * CRYPTO_SHA256_BYTES];
    uint8_t print[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(hex, sizeof hex);
    TRY(complain(fault, identity_describe(request, name, print), "device.csr", ""));
    write_hex(&w, BYTES_OF(print));
    return write_beside(directory, "device.print", writer_view(&w), fault);
}

err device_initialise(struct vault *vault, const char *directory, struct bytes serial,
                      struct bytes model, struct vault_fault *fault)
{
    uint8_t request[IDENTITY_PEM_MAX], public_key[TRANSPORT_KEY_BYTES];
    uint8_t hex[2 * TRANSPORT_KEY_BYTES];
    struct writer w = writer_over(request, sizeof request), h = writer_over(hex, sizeof hex);
    err made = vault_initialise(vault, serial, model, &w, public_key);
    if (made.code == ERR_EXISTS)
        return complain(fault, made, directory,
                        ": this device is initialised; another device has another directory");
    TRY(complain(fault, made, "initialise",
                 "; serial and model are letters, digits, '-' and '.', 32 and 16 at most"));
    write_hex(&h, BYTES_OF(public_key));
    TRY(write_beside(directory, "device.csr", writer_view(&w), fault));
    TRY(write_beside(directory, "device.public", writer_view(&h), fault));
    return write_print(directory, writer_view(&w), fault);
}

void device_provision_free(struct device_provision_text *text)
{
    json_free(&text->document);
}

static err read_hex(const struct json_t *object, const char *name, uint8_t *out, size_t max,
                    struct bytes *ret_value)
{
    struct bytes text;
    size_t len = 0;
    TRY(json_text(object, name, 2 * max, &text));
    TRY(hex_decode(text, out, max, &len));
    *ret_value = bytes_of(out, len);
    return OK;
}

/* Files of before there were suites have none. */
static err text_if_there(const struct json_t *object, const char *name, struct bytes *ret_value)
{
    err read = json_text(object, name, KEYBLOCK_MAX, ret_value);
    return read.code == ERR_MISSING ? OK : read;
}

err device_provision_parse(struct bytes text, struct device_provision_text *file)
{
    static const char *const members[] = {
        "tid",         "mid",          "merchant_zh",  "merchant_en",
        "certificate", "authority",    "hsm_public",   "master_key",
        "kcv",         "recovery_key", "recovery_kcv", "policy_signer",
        "policy",      "suite",        "initial_key",  NULL};
    struct vault_provision *p = &file->fields;
    TRY(json_parse(text, DEVICE_PROVISION_MAX, &file->document));
    const struct json_t *root = file->document.root;
    TRY(json_only(root, members));
    TRY(json_text(root, "tid", VAULT_TID_LEN, &p->tid));
    TRY(json_text(root, "mid", VAULT_MID_LEN, &p->mid));
    TRY(json_text(root, "merchant_zh", VAULT_MERCHANT_MAX, &p->merchant_zh));
    TRY(json_text(root, "merchant_en", VAULT_MERCHANT_MAX, &p->merchant_en));
    TRY(json_text(root, "certificate", IDENTITY_PEM_MAX, &p->certificate));
    TRY(json_text(root, "authority", IDENTITY_PEM_MAX, &p->authority));
    TRY(read_hex(root, "hsm_public", file->hsm_public, sizeof file->hsm_public, &p->hsm_public));
    TRY(read_hex(root, "master_key", file->master_key, sizeof file->master_key, &p->master_key));
    TRY(read_hex(root, "kcv", file->kcv, sizeof file->kcv, &p->kcv));
    TRY(read_hex(root, "recovery_key", file->recovery_key, sizeof file->recovery_key,
                 &p->recovery_key));
    TRY(read_hex(root, "recovery_kcv", file->recovery_kcv, sizeof file->recovery_kcv,
                 &p->recovery_kcv));
    TRY(json_text(root, "policy", POLICY_DOCUMENT_MAX, &p->policy));
    TRY(text_if_there(root, "suite", &p->suite));
    TRY(text_if_there(root, "initial_key", &p->initial_block));
    return read_hex(root, "policy_signer", file->policy_signer, sizeof file->policy_signer,
                    &p->policy_signer);
}

static const char *role_name(uint8_t role)
{
    switch (role) {
    case VAULT_ROLE_SUPERVISOR:
        return "supervisor";
    case VAULT_ROLE_ADMINISTRATOR:
        return "administrator";
    default:
        return "cashier";
    }
}

err device_secrets_write(struct bytes tid, const struct vault_initial initials[VAULT_INITIALS],
                         struct writer *w)
{
    struct json_out j = json_out_over(w);
    struct bytes written;
    json_object_begin(&j);
    json_member_text(&j, "tid", tid);
    json_member_array(&j, "passwords");
    for (size_t i = 0; i < VAULT_INITIALS; i++) {
        char id[4];
        snprintf(id, sizeof id, "%02u", initials[i].operator_id % 100u);
        json_object_begin(&j);
        json_member_string(&j, "operator", id);
        json_member_string(&j, "role", role_name(initials[i].role));
        json_member_string(&j, "password", initials[i].password);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    return writer_finish(w, &written);
}

static err tell(int fd, struct bytes text)
{
    while (text.len > 0) {
        ssize_t done = write(fd, text.at, text.len);
        if (done <= 0) return ERR(IO);
        text.at += done;
        text.len -= (size_t)done;
    }
    return OK;
}

struct told {
    struct vault_initial initials[VAULT_INITIALS];
    uint8_t text[512];
};

static void told_wipe(struct told *told)
{
    secret_wipe_bytes(told, sizeof *told);
}

err device_provision(struct vault *vault, const char *path, int secrets_fd,
                     struct vault_fault *fault)
{
    uint8_t block[DEVICE_PROVISION_MAX]; /* public, but for a key that only this device opens */
    CLEANUP(device_provision_free) struct device_provision_text file = {0};
    CLEANUP(told_wipe) struct told told = {0};
    size_t len = 0;
    TRY(complain(fault, file_read(path, FILE_PUBLIC, block, sizeof block, &len), path, ""));
    TRY(complain(fault, device_provision_parse(bytes_of(block, len), &file), path,
                 "; it is not what `tongbao admin provision` writes"));
    TRY(vault_provision(vault, &file.fields, fault, told.initials));
    struct writer w = writer_over(told.text, sizeof told.text);
    TRY(device_secrets_write(file.fields.tid, told.initials, &w));
    write_bytes(&w, BYTES("\n"));
    return complain(fault, tell(secrets_fd, writer_view(&w)), "secrets descriptor",
                    ": nobody knows the initial passwords now; remove the state directory and "
                    "begin again");
}
