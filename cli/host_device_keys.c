/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of devices beside those that every one gets: a renewed master key, base keys, and the first
 * key of a device that has one for each message. */
#include "cli/host_device_keys.h"

#include <stdio.h>

#include "lib/base/file.h"
#include "lib/crypto/crypto.h"
#include "lib/wire/hsm_protocol_renewal.h"
#include "registry/delivery.h"

/* What the registry says of a terminal whose master key is renewed. */
static err find_device(struct registry *registry, const char *tid,
                       struct registry_terminal *ret_terminal,
                       uint8_t ret_public[REGISTRY_TRANSPORT_BYTES], struct process_fault *fault)
{
    err found = registry_find_terminal(registry, bytes_text(tid), ret_terminal);
    if (FAILED(found)) return host_keys_refused(registry, found, fault);
    if (registry_suite(ret_terminal->suite)->base != 0) {
        snprintf(fault->text, sizeof fault->text,
                 "%.8s has a key for each message and takes no new master key: when its keys are "
                 "to be others, provision it with a new state directory",
                 tid);
        return ERR(UNSUPPORTED);
    }
    found = registry_find_transport(registry, bytes_text(tid), ret_public);
    if (found.code != ERR_NOT_FOUND)
        return FAILED(found) ? host_keys_refused(registry, found, fault) : OK;
    snprintf(
        fault->text, sizeof fault->text,
        "the transport key of %.8s is not known: a foreign terminal, or one from before master "
        "keys could be renewed; provision it anew",
        tid);
    return found;
}

static err renew(struct registry *registry, const struct host_place *place, const char *tid,
                 struct registry_delivery *delivery, struct process_fault *fault)
{
    struct registry_terminal terminal;
    struct host_made_key made;
    struct hsm_client hsm;
    uint8_t public_key[REGISTRY_TRANSPORT_BYTES];
    TRY(find_device(registry, tid, &terminal, public_key, fault));
    const struct hsm_make_key ask = {.usage = HSM_KEY_TERMINAL_MASTER,
                                     .suite = (uint8_t)terminal.suite,
                                     .label = bytes_text(terminal.tid),
                                     .recipient = BYTES_OF(public_key)};
    TRY(hsm_client_open(&hsm, place->hsm, fault));
    err done =
        host_make_terminal_key(&hsm, HSM_MAKE_KEY, &ask, delivery->master_block, &made, fault);
    hsm_client_close(&hsm);
    TRY(done);
    if (made.sealed_len > sizeof delivery->sealed) return ERR(LENGTH);
    memcpy(delivery->sealed, made.sealed, made.sealed_len);
    delivery->sealed_len = made.sealed_len;
    memcpy(delivery->kcv, made.kcv, sizeof delivery->kcv);
    return OK;
}

err host_keys_renew(const struct host_place *place, const char *tid, uint8_t ret_kcv[4],
                    struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    struct registry_delivery delivery = {.sealed_len = 0};
    TRY(host_keys_registry(place->admin, STORE_OPEN, &registry, fault));
    err done = renew(registry, place, tid, &delivery, fault);
    if (!FAILED(done)) {
        done = registry_deliver_master(registry, &who, bytes_text(tid), &delivery);
        if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    }
    registry_close(registry);
    if (!FAILED(done)) memcpy(ret_kcv, delivery.kcv, sizeof delivery.kcv);
    return done;
}

/* The base key of a suite, and the first bytes of its digest: whose keys a serial number names. */
static err find_base(struct registry *registry, const struct registry_suite_row *suite,
                     char block[REGISTRY_KEY_BLOCK_MAX + 1], uint8_t ret_id[CRYPTO_SHA256_BYTES],
                     struct process_fault *fault)
{
    err found = registry_find_host_key(registry, suite->base, block);
    if (found.code == ERR_NOT_FOUND)
        snprintf(fault->text, sizeof fault->text,
                 "this host has no base key for %s: make one with tongbao admin base-key --suite "
                 "%s, or take that of a ceremony",
                 suite->name, suite->name);
    else if (FAILED(found)) return host_keys_refused(registry, found, fault);
    TRY(found);
    crypto_sha256(bytes_text(block), ret_id);
    return OK;
}

/* A serial number of its own, and the key that belongs to it, wrapped for this device alone. */
err host_make_initial(const struct host_place *place, struct hsm_client *hsm,
                      struct registry_terminal *row, char ret_block[HSM_KEY_BLOCK_MAX + 1],
                      struct process_fault *fault)
{
    const struct registry_suite_row *suite = registry_suite(row->suite);
    char base[REGISTRY_KEY_BLOCK_MAX + 1];
    uint8_t id[CRYPTO_SHA256_BYTES];
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    struct hsm_block_answer answer;
    if (suite->base == 0) return OK;
    TRY(host_keys_registry(place->admin, STORE_OPEN, &registry, fault));
    err done = find_base(registry, suite, base, id, fault);
    if (!FAILED(done)) {
        done = registry_new_ksn(registry, &who, suite->suite, BYTES_OF(id), row->ksn);
        if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    }
    registry_close(registry);
    TRY(done);
    row->ksn_len = suite->ksn_len;
    const struct hsm_initial_block ask = {
        {(uint8_t)suite->suite, bytes_text(base), bytes_of(row->ksn, row->ksn_len)},
        bytes_text(row->master_block)};
    TRY(hsm_client_initial_block(hsm, &ask, &answer, fault));
    return bytes_to_text(answer.block, ret_block, HSM_KEY_BLOCK_MAX + 1);
}

static err make_base(struct hsm_client *hsm, const struct registry_suite_row *suite,
                     char ret_block[REGISTRY_KEY_BLOCK_MAX + 1], struct process_fault *fault)
{
    struct hsm_key_answer made;
    const struct hsm_make_key ask = {.usage = HSM_KEY_BASE_DERIVATION,
                                     .suite = (uint8_t)suite->suite,
                                     .label = bytes_text(suite->name)};
    TRY(hsm_client_make_key(hsm, HSM_MAKE_KEY, &ask, &made, fault));
    return bytes_to_text(made.block, ret_block, REGISTRY_KEY_BLOCK_MAX + 1);
}

/* What a ceremony has written, with or without a line feed; the hsm says whether it is one. */
static err read_base(struct hsm_client *hsm, const struct registry_suite_row *suite,
                     const char *file, char ret_block[REGISTRY_KEY_BLOCK_MAX + 1],
                     struct process_fault *fault)
{
    size_t len = 0;
    err read = file_read(file, FILE_PUBLIC, ret_block, REGISTRY_KEY_BLOCK_MAX, &len);
    if (FAILED(read)) snprintf(fault->text, sizeof fault->text, "%.150s: %s", file, err_text(read));
    TRY(read);
    while (len > 0 && (ret_block[len - 1] == '\n' || ret_block[len - 1] == '\r')) len--;
    ret_block[len] = '\0';
    return hsm_client_check_base(hsm, (uint8_t)suite->suite, bytes_text(ret_block), fault);
}

err host_keys_base(const struct host_place *place, const char *suite_name, const char *block_file,
                   struct process_fault *fault)
{
    const struct registry_suite_row *suite = registry_suite_named(bytes_text(suite_name));
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    struct hsm_client hsm;
    char block[REGISTRY_KEY_BLOCK_MAX + 1] = {0};
    if (suite == NULL || suite->base == 0) {
        snprintf(fault->text, sizeof fault->text,
                 "--suite: dukpt-aes or dukpt-tdes; '%.20s' has no base key", suite_name);
        return ERR(UNSUPPORTED);
    }
    TRY(hsm_client_open(&hsm, place->hsm, fault));
    err asked = block_file != NULL ? read_base(&hsm, suite, block_file, block, fault)
                                   : make_base(&hsm, suite, block, fault);
    hsm_client_close(&hsm);
    TRY(asked);
    TRY(host_keys_registry(place->admin, STORE_OPEN, &registry, fault));
    err done = registry_add_host_key(registry, &who, suite->base, bytes_text(block));
    if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    return done;
}

static err seal(const struct host_place *place, struct bytes pem, struct process_fault *fault)
{
    struct hsm_client hsm;
    struct bytes blob;
    char path[FILE_PATH_MAX];
    TRY(file_path(place->admin, "ca.sealed", path, sizeof path));
    TRY(hsm_client_open(&hsm, place->hsm, fault));
    err done = hsm_client_authority_seal(&hsm, pem, &blob, fault);
    if (!FAILED(done)) {
        done = file_write(path, FILE_PRIVATE, blob);
        if (FAILED(done))
            snprintf(fault->text, sizeof fault->text, "%.180s: %s", path, err_text(done));
    }
    hsm_client_close(&hsm);
    return done;
}

err host_keys_seal_authority(const struct host_place *place, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    uint8_t block[HSM_AUTHORITY_PEM_MAX];
    size_t len = 0;
    TRY(file_path(place->admin, "ca.key", path, sizeof path));
    err done = file_read(path, FILE_PRIVATE, block, sizeof block, &len);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.180s: %s", path, err_text(done));
    else done = seal(place, bytes_of(block, len), fault);
    explicit_bzero(block, sizeof block);
    return done;
}
