/* SPDX-License-Identifier: Apache-2.0 */
/* Text to TLV to a signature; everything is checked before the key is read. */
#include "cli/host_parameters.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/host_keys.h"
#include "cli/host_policy.h"
#include "lib/crypto/crypto.h"

static const char first_line[] = "tongbao-parameters 1\n";

static_assert((int)REGISTRY_DIGEST_BYTES == (int)CRYPTO_SHA256_BYTES, "a digest fits");
static_assert((int)REGISTRY_PARAMETERS_MAX >= EMV_PARAMETERS_MAX + 256, "the longest fits");

static const char *why(enum err_code cause)
{
    switch (cause) {
    case ERR_KCV:
        return "the checksum does not match the key";
    case ERR_KEY:
        return "modulus and exponent are no RSA key";
    case ERR_EXISTS:
        return "it stands there twice";
    case ERR_FIELD:
        return "this kind of entry has no such field";
    case ERR_MISSING:
        return "a field or an application is missing";
    case ERR_FULL:
        return "there are more than a terminal holds";
    case ERR_UNSUPPORTED:
        return "only SHA-1 and RSA (01) are known";
    default:
        return err_text((err){cause});
    }
}

static void explain(struct process_fault *fault, const struct emv_parameters_text_fault *at)
{
    const char *name = at->tag == 0 ? NULL : emv_parameters_tag_name(at->tag);
    if (at->tag == 0)
        snprintf(fault->text, sizeof fault->text, "line %u: %s", at->line, why(at->cause));
    else
        snprintf(fault->text, sizeof fault->text, "entry at line %u: %X (%s): %s", at->line,
                 at->tag, name == NULL ? "unknown" : name, why(at->cause));
}

err host_parameters_read(struct bytes text, uint32_t number, struct host_parameters *out,
                         struct process_fault *fault)
{
    struct emv_parameters_text_fault at = {0};
    struct writer w = writer_over(out->document, sizeof out->document);
    err read = emv_parameters_text(text, number, &w, &out->parsed, &at);
    if (FAILED(read)) explain(fault, &at);
    else out->len = w.len;
    return read;
}

static err publish(const char *admin, struct registry *registry, struct host_parameters *parameters,
                   struct registry_parameters *head, struct process_fault *fault)
{
    static uint8_t block[REGISTRY_PARAMETERS_MAX];
    struct registry_actor who = host_keys_actor();
    struct writer w = writer_over(block, sizeof block);
    struct bytes made;
    write_bytes(&w, bytes_of(first_line, sizeof first_line - 1));
    if (head->model[0] != '\0') write_format(&w, "model %s\n", head->model);
    write_bytes(&w, bytes_of(parameters->document, parameters->len));
    TRY(host_policy_sign_written(admin, &w, fault));
    TRY(writer_finish(&w, &made));
    crypto_sha256(made, head->digest);
    head->len = (uint32_t)made.len;
    head->published_ms = who.at_ms;
    err done = registry_publish_parameters(registry, &who, head, made);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text, "%.250s", registry_error_text(registry));
    return done;
}

/* It becomes a line of what is signed: letters, digits and '-' alone, as the registry has them. */
static err take_model(const char *model, char *to, size_t size, struct process_fault *fault)
{
    static const char may[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    if (strspn(model, may) == strlen(model) && !FAILED(bytes_to_text(bytes_text(model), to, size)))
        return OK;
    snprintf(fault->text, sizeof fault->text,
             "a model is at most %d letters, digits and '-', such as TB-1", REGISTRY_MODEL_MAX);
    return ERR(FORMAT);
}

err host_parameters_publish(const char *admin, struct registry *registry, const char *model,
                            struct bytes text, struct registry_parameters *ret_head,
                            struct process_fault *fault)
{
    struct registry_parameters head = {.number = 0};
    TRY(take_model(model == NULL ? "" : model, head.model, sizeof head.model, fault));
    TRY(registry_next_parameters(registry, &head.number));
    struct host_parameters *parameters = calloc(1, sizeof *parameters);
    if (parameters == NULL) return ERR(NO_MEMORY);
    err done = host_parameters_read(text, head.number, parameters, fault);
    if (!FAILED(done)) done = publish(admin, registry, parameters, &head, fault);
    free(parameters);
    if (!FAILED(done)) *ret_head = head;
    return done;
}

err host_parameters_unwrap(struct bytes signed_document, struct bytes *ret_document)
{
    struct bytes text;
    size_t head = sizeof first_line - 1;
    if (!policy_signature_split(signed_document, &text)) return ERR(FORMAT);
    if (text.len < head || memcmp(text.at, first_line, head) != 0) return ERR(FORMAT);
    text = bytes_of(text.at + head, text.len - head);
    if (text.len > 6 && memcmp(text.at, "model ", 6) == 0) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        if (end == NULL) return ERR(FORMAT);
        size_t line = (size_t)(end - text.at) + 1;
        text = bytes_of(text.at + line, text.len - line);
    }
    *ret_document = text;
    return OK;
}

/* Written by tools/embed-texts. */
extern const char *const host_parameters_demo_texts[];

struct bytes host_parameters_demo(void)
{
    return bytes_text(host_parameters_demo_texts[0]);
}
