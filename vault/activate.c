/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device says and takes that has only its factory's key (S139): the words that its host
 * believes, signed here because the key is nowhere else, and afterwards what `--provision` takes
 * from a file. The first passwords that are made with it are wiped at once: nobody shall have to
 * carry them, and the first of each operator comes by a code to the registered contact.
 */
#include "lib/auth/factory.h"
#include "lib/crypto/identity.h"
#include "lib/wire/vault_protocol_activation.h"
#include "vault/device_file.h"
#include "vault/state.h"

/* The device is its factory's, and nobody's yet. */
static bool is_bare(const struct vault *v, enum vault_status *status)
{
    if (!v->device.initialised) *status = VAULT_NOT_READY;
    else if (v->device.provisioned) *status = VAULT_NOT_ALLOWED;
    return *status == VAULT_OK;
}

static err sign(const struct identity_key *key, struct vault *v,
                const struct vault_activation_ask *ask,
                uint8_t ret_signature[IDENTITY_SIGNATURE_MAX], size_t *ret_len)
{
    uint8_t text[FACTORY_TEXT_MAX], digest[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(text, sizeof text);
    const struct factory_words words = {.serial = bytes_text(v->device.serial),
                                        .model = bytes_text(v->device.model),
                                        .way = ask->way,
                                        .code = ask->code,
                                        .step = ask->step,
                                        .transport = v->secrets->transport.public_key};
    TRY(factory_write(&words, &w));
    crypto_sha256(writer_view(&w), digest);
    return identity_sign(key, digest, ret_signature, ret_len);
}

/* A line feed in a word would make it another sentence. */
static bool is_word(struct bytes text, size_t max)
{
    if (text.len > max) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e) return false;
    return true;
}

err vault_run_activation_ask(struct vault *v, struct reader *request, struct writer *answer,
                             enum vault_status *status)
{
    CLEANUP(identity_key_free) struct identity_key key = {0};
    struct vault_activation_ask ask;
    uint8_t pem[IDENTITY_PEM_MAX], signature[IDENTITY_SIGNATURE_MAX];
    struct writer csr = writer_over(pem, sizeof pem);
    size_t len = 0;
    if (FAILED(vault_read_activation_ask(request, &ask)) || !is_word(ask.way, 8) ||
        !is_word(ask.code, FACTORY_CODE_MAX) || !is_word(ask.step, 8))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!is_bare(v, status)) return OK;
    TRY(identity_key_read(bytes_of(v->secrets->identity, v->secrets->identity_len), &key));
    TRY(identity_request(&key, bytes_text(v->device.serial), &csr));
    TRY(sign(&key, v, &ask, signature, &len));
    const struct vault_activation_words words = {.request = writer_view(&csr),
                                                 .transport =
                                                     BYTES_OF(v->secrets->transport.public_key),
                                                 .signature = bytes_of(signature, len)};
    vault_write_activation_words(answer, &words);
    return OK;
}

struct made {
    struct vault_initial initial[VAULT_INITIALS];
};

static void made_wipe(struct made *made)
{
    vault_initials_wipe(made->initial);
}

err vault_run_activate(struct vault *v, struct reader *request, struct writer *answer,
                       enum vault_status *status)
{
    CLEANUP(device_provision_free) struct device_provision_text text = {0};
    CLEANUP(made_wipe) struct made made = {0};
    struct vault_fault fault = {""};
    struct bytes json;
    (void)answer;
    if (FAILED(vault_read_bytes(request, &json))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!is_bare(v, status)) return OK;
    bool malformed = FAILED(device_provision_parse(json, &text));
    err done = malformed ? ERR(FORMAT) : vault_provision(v, &text.fields, &fault, made.initial);
    if (!FAILED(done)) return OK;
    if (v->config.log != NULL)
        log_event(v->config.log, LOG_ERROR, "not_activated", LOG_ERR(done),
                  LOG_TEXT("why", fault.text));
    /* Named: what its host has given is wrong, or another device's. Otherwise it is our store. */
    bool named = malformed || fault.text[0] != '\0';
    return named ? vault_refuse(status, VAULT_NOT_ALLOWED) : done;
}
